"""Proposed changes to DNS, and the world as it would look after them.

A fix that is shown is a fix that was tried: the audit is run again on `Changed(answers, changes)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName
from deliverability.core.plan import KnownSource
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    Question,
    Record,
    RecordType,
    join_strings,
    split_strings,
)

#: The TTL proposed records carry, seconds.
PROPOSED_TTL = 3600


@dataclass(frozen=True, slots=True)
class RecordChange:
    """At `name`, for `type`: take the values `remove` away and put the values `add` in.

    Values are presentation text: TXT joined and unquoted (one octet a character), MX `10 mx.example`,
    CNAME and PTR a name, A and AAAA an address.
    """

    name: DomainName
    type: RecordType
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def strings(self) -> tuple[tuple[bytes, ...], ...]:
        """For TXT: each added value cut into character-strings of at most 255 octets, as it must be published."""
        return tuple(split_strings(value.encode("latin-1", "replace")) for value in self.add)


@dataclass(frozen=True, slots=True)
class HeaderChange:
    """One header field of a message as it should be sent: `value` unfolded, without the line end.

    `occurrence` is the field of that name that it replaces, counted from 0 at the top; None: it is added.
    """

    name: str
    value: str
    occurrence: int | None = None
    #: Take the field away instead; `value` is then "".
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """What to change so that a finding goes away: DNS records ready to paste, or header fields as they should be sent."""

    changes: tuple[RecordChange, ...] = ()
    headers: tuple[HeaderChange, ...] = ()


def record_value(record: Record) -> str:
    """A record as the presentation text that `RecordChange` uses."""
    if isinstance(record, MxRecord):
        return f"{record.preference} {record.exchange or '.'}"
    if isinstance(record, tuple) and all(isinstance(part, bytes) for part in record):
        return join_strings(record).decode("latin-1")  # type: ignore[arg-type]
    if isinstance(record, tuple):
        return " ".join(part.hex() if isinstance(part, bytes) else str(part) for part in record)
    return str(record)


def _to_record(record_type: RecordType, value: str) -> Record:
    if record_type in ("TXT", "SPF"):
        return split_strings(value.encode("latin-1", "replace"))
    if record_type == "MX":
        preference, _, exchange = value.partition(" ")
        return MxRecord(int(preference), DomainName(exchange.removesuffix(".")))
    if record_type in ("A", "AAAA"):
        return ip_address(value)
    return DomainName(value.removesuffix("."))


def merge(changes: Iterable[RecordChange]) -> tuple[RecordChange, ...]:
    """Changes made one after another as one set: at most one change for each name and type, nothing added and removed again."""
    merged: dict[tuple[str, str], RecordChange] = {}
    for change in changes:
        key = (change.name, change.type)
        before = merged.get(key)
        if before is not None:
            kept = tuple(value for value in before.add if value not in change.remove)
            removed = tuple(value for value in change.remove if value not in before.add)
            change = RecordChange(  # noqa: PLW2901
                # Two findings may propose the same: each value once.
                change.name,
                change.type,
                tuple(dict.fromkeys(kept + change.add)),
                tuple(dict.fromkeys(before.remove + removed)),
            )
        merged[key] = change
    return tuple(change for change in merged.values() if change.add or change.remove)


class Changed:
    """A known source as it would answer once `changes` are published."""

    def __init__(self, below: KnownSource, changes: Iterable[RecordChange]) -> None:
        self._below = below
        self._changes = {(change.name, change.type): change for change in merge(changes)}
        self._unaliased = {c.name for c in self._changes.values() if c.type == "CNAME" and not c.add}
        self._names = {c.name for c in self._changes.values() if c.add}

    def answer(self, question: Question) -> Answer:
        """The answer of the source below with this question's change applied."""
        return self._answer(question, 0)

    def _answer(self, question: DnsQuestion, depth: int) -> Answer:
        alias = self._changes.get((question.name, "CNAME"))
        if alias is not None and alias.add and question.type != "CNAME":
            return self._aliased(question, DomainName(alias.add[0].removesuffix(".").lower()), depth)
        below = self._below.answer(question)
        change = self._changes.get((question.name, question.type))
        if question.name in self._unaliased and not isinstance(below, Failed) and below.aliases:
            below = NoData(PROPOSED_TTL)
        if change is None:
            return NoData(PROPOSED_TTL) if self._now_exists(question, below) else below
        return _apply(question, below, change)

    def _aliased(self, question: DnsQuestion, target: DomainName, depth: int) -> Answer:
        """The answer by way of a proposed CNAME."""
        if depth >= DEFAULT_LIMITS.cname_chain:
            return Failed(FailureKind.LOOP, "the aliases do not end")
        found = self._answer(question._replace(name=target), depth + 1)
        return found if isinstance(found, Failed) else replace(found, aliases=(target, *found.aliases))

    def _now_exists(self, question: Question, below: Answer) -> bool:
        return question.name in self._names and not isinstance(below, (Found, NoData, Failed))


def _apply(question: DnsQuestion, below: Answer, change: RecordChange) -> Answer:
    if isinstance(below, Failed) and not change.add:
        return below
    kept = tuple(r for r in below.records if record_value(r) not in change.remove) if isinstance(below, Found) else ()
    records = kept + tuple(_to_record(question.type, value) for value in change.add)
    return Found(records, PROPOSED_TTL) if records else NoData(PROPOSED_TTL)
