"""Rules: everything about one check in one place, both languages included."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

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

_OUTCOMES = (Passed, Finding, NotApplicable, Unknown)


class Area(StrEnum):
    """The parts of a score (core/scoring.toml holds their weights)."""

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


@dataclass(frozen=True, slots=True, eq=False)
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
    _checks: list[Check] = field(default_factory=list, repr=False)

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
            arguments = _arguments(function, facts)
            if arguments is None:
                continue
            result = function(*arguments)
            if isinstance(result, _OUTCOMES):
                outcomes.append(result)
            else:
                outcomes.extend(result)
        return outcomes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)


def _arguments(function: Check, facts: Facts) -> list[object] | None:
    arguments: list[object] = []
    for wanted, optional in _needs(function):
        value = facts.get(wanted)
        if value is None and not optional:
            return None
        arguments.append(value)
    return arguments


@functools.cache
def _needs(function: Check) -> tuple[tuple[type, bool], ...]:
    """The types of a check's parameters, and whether each may be absent."""
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    return tuple(_need(hint) for hint in hints.values())


def _need(hint: Any) -> tuple[type, bool]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        wanted = [part for part in typing.get_args(hint) if part is not type(None)]
        return wanted[0], True
    return hint, False
