"""The result of a cross-check: one row for each thing two tools both have an opinion on."""

from __future__ import annotations

from enum import StrEnum

from deliverability.core.text import Text
from deliverability.core.values import frozen


class Right(StrEnum):
    """Who is right, where two tools differ."""

    SAME = "same"  # they do not differ
    OURS = "ours"
    THEIRS = "theirs"
    EITHER = "either"  # the standard leaves it open, or each answers another question
    UNKNOWN = "unknown"  # a difference that the table does not know: please report it
    NO_ANSWER = "no-answer"  # the other tool crashed, ran out of its limits, or asked what the audit did not


@frozen
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

    @property
    def agrees(self) -> bool:
        """Both say the same."""
        return self.right is Right.SAME


@frozen
class ToolRun:
    """A tool that was asked: its version, and why it gave no answer where it gave none."""

    tool: str
    version: str
    failure: str = ""


@frozen
class CrosscheckResult:
    """Every comparison, in a fixed order."""

    domain: str
    rows: tuple[CrosscheckRow, ...]
    tools: tuple[ToolRun, ...]

    @property
    def differences(self) -> tuple[CrosscheckRow, ...]:
        """The rows where the tools differ or one of them has no answer."""
        return tuple(row for row in self.rows if not row.agrees)
