"""The texts of bounces and of mail logs: which receiver refused or delayed mail, and why, by feedback/refusals.toml."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.patterns import pattern
from deliverability.core.text import Text
from deliverability.feedback.facts import Refusal
from deliverability.feedback.values import read_address

#: A reply of RFC 5321 §4.2 or an enhanced status code of RFC 3463 §2 that tells of a failure.
_REPLY = pattern(r"(?<![\w.])(?:[45][0-9]{2}[ -]|(?:#?[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![\w.])))")
_BOTH = pattern(r"(?<![\w.])[45][0-9]{2}[ -]+#?[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![\w.])")
_RANGE = pattern(r"([45]\.[0-9]{1,3})\.([0-9]{1,3})-([0-9]{1,3})")
_STATUS = pattern(r"([45]\.[0-9]{1,3})\.([0-9]{1,3})")
_IN_BRACKETS = pattern(r"[\[(]([0-9A-Fa-f:.]{3,45})[\])]")
#: Octets of one reply that are looked at; RFC 5321 §4.5.3.1.5 allows lines of 512.
_LONGEST = 4_000


class _Entry(NamedTuple):
    receiver: str
    rule: str
    meaning: Text
    page: str
    near: tuple[str, ...]


class _Table(NamedTuple):
    words: dict[str, list[_Entry]]
    #: By the first two numbers of an enhanced status code: the bounds of the third, and the entry.
    ranges: dict[str, list[tuple[int, int, _Entry]]]
    #: Finds every word of the table, and every enhanced status code.
    search: re.Pattern[str]


@functools.cache
def _table() -> _Table:
    words: dict[str, list[_Entry]] = {}
    ranges: dict[str, list[tuple[int, int, _Entry]]] = {}
    for row in read_table("deliverability.feedback", "refusals.toml")["refusal"]:
        entry = _Entry(row["receiver"], row["rule"], Text(row["en"], row["es"]), row["page"], tuple(row["near"]))
        for code in row["code"]:
            span = _RANGE.fullmatch(code)
            if span:
                ranges.setdefault(span[1], []).append((int(span[2]), int(span[3]), entry))
            else:
                words.setdefault(code.upper(), []).append(entry)
    named = "|".join(sorted(re.escape(word) for word in words if not word[0].isdigit()))
    search = re.compile(
        rf"(?:(?<![A-Za-z0-9_])(?:{named})|(?<![\w.])[45]\.[0-9]{{1,3}}\.[0-9]{{1,3}})(?!\w|\.[0-9])", re.IGNORECASE
    )
    return _Table(words, ranges, search)


def is_bounce(line: str) -> bool:
    """Whether a line is surely a reply: a code and an enhanced code together, `550 5.1.1`."""
    return _BOTH.search(line[:_LONGEST]) is not None


def is_reply(line: str) -> bool:
    """Whether a line tells of mail that a server did not take."""
    return _REPLY.search(line[:_LONGEST]) is not None


def read_line(line: str, number: int) -> Refusal | None:
    """The refusal that a line tells of; None where it is none, or none that is known."""
    line = line[:_LONGEST]
    table = _table()
    low = ""
    for match in table.search.finditer(line):
        code = match[0]
        for entry in _entries(table, code):
            low = low or line.lower()
            if (not entry.near or any(word in low for word in entry.near)) and is_reply(line):
                address = next((a for m in _IN_BRACKETS.finditer(line) if (a := read_address(m[1]))), None)
                said = " ".join(line.split())
                return Refusal(entry.receiver, entry.rule, code, entry.meaning, entry.page, said, address, number)
    return None


def _entries(table: _Table, code: str) -> Iterator[_Entry]:
    yield from table.words.get(code.upper(), ())
    status = _STATUS.fullmatch(code)
    for low, high, entry in table.ranges.get(status[1], ()) if status else ():
        if status and low <= int(status[2]) <= high:
            yield entry
