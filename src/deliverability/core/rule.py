"""Rules: everything about one check in one place, both languages included."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias, TypeVar

from deliverability.core.changes import Fix
from deliverability.core.finding import (
    Actor,
    Basis,
    Evidence,
    Finding,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
)
from deliverability.core.text import ArgValue, Text

#: A fact is found by its type: `SpfFacts`, `DmarcFacts`, `Sending`, …
Facts: TypeAlias = Mapping[type, object]
Check: TypeAlias = Callable[..., Outcome | Iterable[Outcome]]
C = TypeVar("C", bound=Check)

_OUTCOMES = (NotApplicable, Passed, Finding, Unknown)  # the frequent ones first


class Area(StrEnum):
    """The parts of a score (core/scoring.toml holds their weights)."""

    __hash__ = str.__hash__  # that of Enum is written in Python, and these are keys of every tally

    AUTH = "auth"
    IDENT = "ident"
    REPUTATION = "reputation"
    TRANSPORT = "transport"
    MESSAGE = "message"
    UNSUBSCRIBE = "unsubscribe"
    SUBMISSION = "submission"
    LIST = "list"
    MONITORING = "monitoring"
    INVOICE = "invoice"
    BRAND = "brand"  # protection against forgery: shown, weight 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: its code, what it says in both languages, what it rests on, and the function that decides.

    `label` is the neutral name ("DNS lookups of SPF") for lists of what passed; `title` states the fault with its
    arguments; `why` says what receivers do about it; `fix` says who changes which record or setting, and how.
    """

    code: str
    name: str
    severity: Severity
    basis: Basis
    area: Area
    actor: Actor
    label: Text
    title: Text
    why: Text
    fix: Text
    #: `RFC 7208 §4.6.4`, or the name and date of a provider's document.
    references: tuple[str, ...]
    #: For `Basis.FILTER`: the highest score a public filter gives, in points of about 5 for a tag.
    filter_points: float = 0.0
    #: Codes that, when found, explain this finding: it is then shown with its cause and not scored.
    consequence_of: tuple[str, ...] = ()
    #: The overall score may not be above this while the finding stands.
    cap: int | None = None
    #: Names of the arguments that tell two findings of the same code and subject apart.
    identity: tuple[str, ...] = ()
    #: The release of this package that had the rule first.
    since: str = "0.1.0"
    _checks: list[Check] = field(default_factory=list, repr=False)

    @property
    def family(self) -> str:
        """The letters of its code: SPF of SPF004."""
        return self.code.rstrip("0123456789")

    def __repr__(self) -> str:
        return f"<Rule {self.code} {self.name}>"

    def check(self, function: C) -> C:
        """Bind the function that decides. Its parameters name by type the facts it needs; `X | None` is optional."""
        self._checks.append(function)
        return function

    @property
    def checks(self) -> tuple[Check, ...]:
        """The bound functions: one, or one for each kind of input."""
        return tuple(self._checks)

    def found(
        self,
        subject: str,
        *,
        severity: Severity | None = None,
        evidence: Evidence | Iterable[Evidence] = (),
        fix: Fix | None = None,
        **args: ArgValue,
    ) -> Finding:
        """A finding of this rule; `args` fill the texts, `severity` overrides the rule's own where the context asks."""
        seen = (evidence,) if isinstance(evidence, Evidence) else tuple(evidence)
        return Finding(self, severity or self.severity, subject, args, seen, fix)

    def run(self, facts: Facts) -> list[Outcome]:
        """The outcomes on these facts; empty when a needed fact is not there: then the rule was not reached."""
        outcomes: list[Outcome] = []
        for function in self._checks:
            needs = _needs(function)
            arguments = [facts.get(wanted) for wanted, _ in needs]
            if any(argument is None and not optional for argument, (_, optional) in zip(arguments, needs, strict=True)):
                continue
            result = function(*arguments)
            if isinstance(result, _OUTCOMES):
                outcomes.append(result)
            else:
                outcomes.extend(result)
        return outcomes

    @property
    def needs(self) -> frozenset[type]:
        """The types of the facts that its functions look at, optional ones too."""
        return frozenset(wanted for function in self._checks for wanted, _ in _needs(function))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)


class Checked(NamedTuple):
    """One rule and one of its outcomes."""

    rule: Rule
    outcome: Outcome


#: `Checked`, of a tuple of its fields: one is made for every outcome, and a third of the time is enough for it.
_checked: Callable[[tuple[Rule, Outcome]], Checked] = functools.partial(tuple.__new__, Checked)


class _Reached(NamedTuple):
    """A function of a rule whose facts are there, and the types of its parameters."""

    rule: Rule
    function: Check
    wanted: tuple[type, ...]


class RuleSet:
    """Rules in their order, to be run on one set of facts after another.

    Which rules are reached hangs on the types of the facts alone, and one message has the same as the next: it is
    looked up once for each set of types. Of the rules about a message a third is not reached.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._reached: dict[frozenset[type], tuple[_Reached, ...]] = {}

    def run(self, facts: Facts) -> list[Checked]:
        """Each rule that is reached with each of its outcomes."""
        found: list[Checked] = []
        get = facts.get
        for rule, function, wanted in self._reached_with(facts):
            result = function(*map(get, wanted))
            if isinstance(result, _OUTCOMES):
                found.append(_checked((rule, result)))
            else:
                found.extend([_checked((rule, outcome)) for outcome in result])
        return found

    def _reached_with(self, facts: Facts) -> tuple[_Reached, ...]:
        present = frozenset([kind for kind, value in facts.items() if value is not None])
        reached = self._reached.get(present)
        if reached is None:
            if len(self._reached) >= _MOST_SETS:
                self._reached.clear()
            reached = self._reached[present] = tuple(self._look_up(present))
        return reached

    def _look_up(self, present: frozenset[type]) -> Iterator[_Reached]:
        for rule in self._rules:
            for function in rule.checks:
                needs = _needs(function)
                if all(optional or wanted in present for wanted, optional in needs):
                    yield _Reached(rule, function, tuple([wanted for wanted, _ in needs]))


#: Sets of types that are remembered: ordinary use has a handful.
_MOST_SETS = 64


@functools.cache
def _needs(function: Check) -> tuple[tuple[type, bool], ...]:
    """The types of a check's parameters, and whether each may be absent."""
    annotations, names = function.__annotations__, function.__globals__
    needs: list[tuple[type, bool]] = []
    for parameter, written in annotations.items():
        if parameter == "return":
            continue
        # The usual forms, `Fact` and `Fact | None`, without the evaluation of `get_type_hints`: 300 take it 12 ms.
        name, optional, rest = written.partition(" | None") if isinstance(written, str) else ("", "", "-")
        wanted = names.get(name)
        if rest or not isinstance(wanted, type):
            return tuple(_need(hint) for key, hint in typing.get_type_hints(function).items() if key != "return")
        needs.append((wanted, bool(optional)))
    return tuple(needs)


def _need(hint: Any) -> tuple[type, bool]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        wanted = [part for part in typing.get_args(hint) if part is not type(None)]
        return wanted[0], True
    return hint, False
