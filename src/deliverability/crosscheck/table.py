"""The known differences between checkers, as data: which of two verdicts is right, and by which section."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from deliverability.core.data import read_table
from deliverability.core.text import Text
from deliverability.crosscheck.rows import Right


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison to look up: what both said and what the other gave as its reason."""

    tool: str
    topic: str
    ours: str
    theirs: str
    problem: str = ""
    record: str = ""
    #: Why our verdict on SPF is what it is: syntax, reference, voids, lookups; "" where it is valid or about a message.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One class of known differences. Empty conditions match everything."""

    id: str
    tools: tuple[str, ...]
    topics: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    #: Our reasons it concerns.
    reasons: tuple[str, ...]
    #: "fewer" or "more": how their number stands to ours.
    relation: str
    problem: re.Pattern[str] | None
    record: re.Pattern[str] | None
    right: Right
    section: str
    why: Text

    def explains(self, case: Case) -> bool:
        """Whether this class covers the case."""
        return (
            (not self.tools or case.tool in self.tools)
            and case.topic in self.topics
            and (not self.ours or case.ours in self.ours)
            and (not self.theirs or case.theirs in self.theirs)
            and (not self.reasons or case.reason in self.reasons)
            and (not self.relation or self.relation == _relation(case))
            and (self.problem is None or self.problem.search(case.problem) is not None)
            and (self.record is None or self.record.search(case.record) is not None)
        )


def _relation(case: Case) -> str:
    if not (case.ours.isascii() and case.ours.isdigit() and case.theirs.isascii() and case.theirs.isdigit()):
        return ""
    ours, theirs = int(case.ours[:6]), int(case.theirs[:6])
    return "fewer" if theirs < ours else "more" if theirs > ours else ""


@functools.cache
def differences() -> tuple[Difference, ...]:
    """The table, in the order in which it is searched."""
    return tuple(_read(entry) for entry in read_table("deliverability.crosscheck", "differences.toml")["difference"])


def _read(entry: dict[str, object]) -> Difference:
    def words(key: str) -> tuple[str, ...]:
        value = entry.get(key, ())
        return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]

    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(str(entry[key]), re.IGNORECASE) if key in entry else None

    return Difference(
        str(entry["id"]),
        words("tools"),
        words("topics"),
        words("ours"),
        words("theirs"),
        words("reasons"),
        str(entry.get("relation", "")),
        pattern("problem"),
        pattern("record"),
        Right(str(entry["right"])),
        str(entry["section"]),
        Text(str(entry["en"]), str(entry["es"])),
    )


def explain(case: Case) -> Difference | None:
    """The first class that covers the case, or None: a difference nobody has looked into."""
    return next((difference for difference in differences() if difference.explains(case)), None)
