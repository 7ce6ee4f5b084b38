"""The result of a cross-check: one row for each thing two tools both have an opinion on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deliverability.core.text import Text


class Right(StrEnum):
    """Who is right, where two tools differ."""

    SAME = "same"  # they do not differ
    OURS = "ours"
    THEIRS = "theirs"
    EITHER = "either"  # the standard leaves it open, or each answers another question
    UNKNOWN = "unknown"  # a difference that the table does not know: please report it
    NO_ANSWER = "no-answer"  # the other tool crashed, ran out of its limits, or asked what the audit did not


@dataclass(frozen=True, slots=True)
class TermCount:
    """One SPF term and how often each of the two counts it. `domain` and `term` are outside text."""

    #: 0 in the record of the domain itself, 1 in one that it includes, …
    depth: int
    #: The domain whose record holds the term.
    domain: str
    term: str
    ours: int
    theirs: int
    #: Why they differ; None where they do not.
    why: Text | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to count the lookups of a record, and what comes of it."""

    count: int
    what: Text


@dataclass(frozen=True, slots=True)
class CrosscheckRow:
    """One comparison. `ours` and `theirs` are words or numbers to show as they are; `theirs_says` is outside text."""

    tool: str
    topic: Text
    #: What was judged: a domain, or an address with it.
    subject: str
    ours: str
    theirs: str
    right: Right
    why: Text
    #: `RFC 7208 §4.6.4`, or "" where the tools agree.
    section: str = ""
    theirs_says: str = ""
    #: Of a count: each term that either of the two counts, in the order of evaluation.
    terms: tuple[TermCount, ...] = ()

    @property
    def agrees(self) -> bool:
        """Both say the same."""
        return self.right is Right.SAME


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A tool that was asked: its version, and why it gave no answer where it gave none."""

    tool: str
    version: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class CrosscheckResult:
    """Every comparison, in a fixed order."""

    domain: str
    rows: tuple[CrosscheckRow, ...]
    tools: tuple[ToolRun, ...]
    #: Of the SPF record: the usual ways to count its lookups, ours first.
    ways: tuple[Way, ...] = ()

    @property
    def differences(self) -> tuple[CrosscheckRow, ...]:
        """The rows where the tools differ or one of them has no answer."""
        return tuple(row for row in self.rows if not row.agrees)
