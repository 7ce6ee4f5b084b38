"""What `check_host` found: the result, why, and every step that led there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion
from deliverability.spf.program import Program
from deliverability.spf.terms import Directive, SpfProblem, Term


class SpfFailureKind(StrEnum):
    """Why there is no pass, fail, softfail or neutral."""

    MALFORMED_DOMAIN = "malformed-domain"  # none: no domain name, or a single label (RFC 7208 §4.3)
    NO_RECORD = "no-record"  # none (RFC 7208 §4.3, §4.5)
    DNS_FAILURE = "dns-failure"  # temperror (RFC 7208 §4.4, §5)
    SEVERAL_RECORDS = "several-records"  # permerror (RFC 7208 §4.5)
    SYNTAX = "syntax"  # permerror (RFC 7208 §4.6)
    TOO_MANY_LOOKUPS = "too-many-lookups"  # permerror (RFC 7208 §4.6.4)
    TOO_MANY_VOIDS = "too-many-voids"  # permerror (RFC 7208 §4.6.4)
    TOO_MANY_MX = "too-many-mx"  # permerror (RFC 7208 §4.6.4)
    INCLUDE_WITHOUT_RECORD = "include-without-record"  # permerror (RFC 7208 §5.2)
    REDIRECT_WITHOUT_RECORD = "redirect-without-record"  # permerror (RFC 7208 §6.1)
    TOO_MANY_QUESTIONS = "too-many-questions"  # permerror: this library's own limit
    TOO_DEEP = "too-deep"  # permerror: this library's own limit


_NONE = (SpfFailureKind.MALFORMED_DOMAIN, SpfFailureKind.NO_RECORD)


class SpfFailure(NamedTuple):
    """What ended the evaluation early, and where."""

    kind: SpfFailureKind
    #: The domain whose record was evaluated or looked for.
    domain: str
    #: The term that failed, as it stands in that record; "" where the record itself did.
    term: str = ""
    question: DnsQuestion | None = None
    answer: Answer | None = None
    #: For `syntax`: the fatal problems of the record.
    problems: tuple[SpfProblem, ...] = ()

    @property
    def result(self) -> str:
        """The result it causes: none, temperror or permerror."""
        if self.kind in _NONE:
            return "none"
        return "temperror" if self.kind is SpfFailureKind.DNS_FAILURE else "permerror"


Asked: TypeAlias = tuple[DnsQuestion, Answer]


#: One step as evaluation notes it down, a plain tuple because most are never read: depth, domain, record, index of the
#: term (-1: the record itself, -2: its end), what was asked, the outcome, lookups and voids so far.
Event: TypeAlias = "tuple[int, DomainName, Program | None, int, tuple[Asked, ...], str, int, int]"


class TraceStep(NamedTuple):
    """One step of an evaluation."""

    #: The domain whose record is evaluated.
    domain: DomainName
    #: How many include and redirect lead here.
    depth: int
    #: None: the record was looked for, or came to its end without a match.
    term: Term | None
    #: What was asked for this step, and what came back.
    asked: tuple[Asked, ...]
    #: `match` or `no match`. For an include the result of what it names, "" where the evaluation ended inside; for a
    #: redirect `followed`; for a record `found`, the result it caused, or `neutral` at its end (RFC 7208 §4.7).
    outcome: str
    #: DNS-querying terms (RFC 7208 §4.6.4) and void ones up to here.
    lookups: int
    voids: int


@dataclass(frozen=True, slots=True)
class SpfResult:
    """The outcome of `check_host`.

    `result` is one of none, neutral, pass, fail, softfail, temperror, permerror (RFC 8601 §2.7.2).
    """

    result: str
    #: The domain that was checked, as given.
    domain: str
    #: Terms that caused DNS queries, at most ten are allowed (RFC 7208 §4.6.4).
    lookups: int = 0
    #: Those of them for which the DNS had nothing, at most two are allowed.
    voids: int = 0
    #: On fail: what the domain says about it (RFC 7208 §6.2). Outside text: escape it before showing it.
    explanation: str = ""
    #: Why the result is none, temperror or permerror.
    problem: SpfFailure | None = None
    events: tuple[Event, ...] | list[Event] = field(default=(), repr=False, compare=False)
    #: Which of `events` decided; -1: none did.
    decided_at: int = field(default=-1, repr=False, compare=False)

    @property
    def directive(self) -> Directive | None:
        """The directive that matched, of the record at `decided_by`; None where the default or a problem decided."""
        if self.decided_at < 0:
            return None
        program, index = self.events[self.decided_at][2:4]
        term = program.record.terms[index] if program is not None and index >= 0 else None
        return term if isinstance(term, Directive) else None

    @property
    def decided_by(self) -> DomainName | None:
        """The domain whose record holds `directive`: the one checked, or where its `redirect` leads."""
        return self.events[self.decided_at][1] if self.decided_at >= 0 else None

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """Every step in the order of evaluation; an include stands before the steps it led to."""
        return tuple(_trace(self.events))


def _trace(events: tuple[Event, ...] | list[Event]) -> Iterator[TraceStep]:
    reached: dict[int, int] = {}  # how far the record at each depth has been told
    before = (0, 0)
    for event in events:
        depth, domain, program, index, asked, outcome, lookups, voids = event
        if program is None or index == -1:
            reached[depth] = 0
            yield TraceStep(domain, depth, None, asked, outcome, lookups, voids)
            before = (lookups, voids)
            continue
        terms = program.record.terms
        term = terms[index] if index >= 0 else None
        upto = index if isinstance(term, Directive) else len(terms)
        for passed in terms[reached.get(depth, 0) : upto]:
            # Networks that did not match are not noted down while evaluating: they cost nothing and there are many.
            if isinstance(passed, Directive) and passed.network is not None:
                yield TraceStep(domain, depth, passed, (), "no match", *before)
        reached[depth] = upto + 1
        yield TraceStep(domain, depth, term, asked, outcome, lookups, voids)
        before = (lookups, voids)
