"""The lists (lists.toml): what each holds, and what its answers mean.

There is no meaning that holds for every list: 127.0.0.1 is a listing at one, a refusal at another and a test entry at a
third. So an answer is read by the table of its list alone, and an answer that the table does not know stays unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address
from typing import Any, NamedTuple

from deliverability.core.data import read_table
from deliverability.core.text import NO_TEXT, Text

#: RFC 5782 §5: the addresses that an IPv4 list has to hold, and must not hold.
TEST_LISTED, TEST_CLEAR = "127.0.0.2", "127.0.0.1"
#: RFC 5782 §5: the names that a list of domains has to hold, and must not hold.
TEST_NAME_LISTED, TEST_NAME_CLEAR = "test", "invalid"


class Holds(StrEnum):
    """What a list is asked about."""

    IP = "ip"
    DOMAIN = "domain"


class ListKind(StrEnum):
    """What being on it says."""

    BLOCK = "block"
    POLICY = "policy"
    ALLOW = "allow"
    AGE = "age"


class CodeState(StrEnum):
    """What one answer code says."""

    LISTED = "listed"
    NEUTRAL = "neutral"  # known to the list, without a judgement
    ALLOWED = "allowed"
    AGE = "age"


class Code(NamedTuple):
    """One answer, or a range of them, and its meaning."""

    first: int
    last: int
    meaning: Text
    state: CodeState = CodeState.LISTED
    #: The rule that it leads to; "" for none.
    rule: str = ""
    #: error, warning or info, where it is not the rule's own.
    severity: str = ""

    def holds(self, answer: IPv4Address, *, mask: bool) -> bool:
        """Whether the answer carries this code; with `mask` the last octet is a set of bits (RFC 5782 §2.3)."""
        number = int(answer)
        if not mask:
            return self.first <= number <= self.last
        return number >> 8 == self.first >> 8 and bool(number & self.first & 0xFF)


@dataclass(frozen=True, slots=True)
class Blocklist:
    """One list."""

    id: str
    name: str
    #: "" for a list that answers only who has a key.
    zone: str
    holds: Holds
    kind: ListKind
    codes: tuple[Code, ...]
    refusals: tuple[Code, ...] = ()
    #: Another zone for IPv6 addresses.
    zone6: str = ""
    #: The zone for who has a key, with `{key}` in it.
    keyed: str = ""
    ipv6: bool = False
    mask: bool = False
    weight: int = 0
    default: bool = False
    #: RFC 5782 §5 test entries; "" where the list has none.
    test_listed: str = ""
    test_clear: str = ""
    delist: str = ""
    usage: Text = NO_TEXT
    verified: date | None = None
    #: The user's key. Never shown, logged or stored: see `DnsQuestion.private`.
    key: str = ""

    def __repr__(self) -> str:
        return f"<Blocklist {self.id}>"

    @property
    def private(self) -> bool:
        """Whether questions to it carry the user's key."""
        return bool(self.key and self.keyed)

    @property
    def usable(self) -> bool:
        """Whether there is a zone to ask: some lists have none without a key."""
        return bool(self.zone or self.private)

    def zone_for(self, *, ipv6: bool = False) -> str:
        """The zone to ask, the user's key included."""
        if self.private:
            return self.keyed.replace("{key}", self.key)
        return self.zone6 if ipv6 and self.zone6 else self.zone

    @property
    def shown_zone(self) -> str:
        """The zone as it may be shown."""
        return self.keyed.replace("{key}", "•••") if self.private else self.zone


class DeadZone(NamedTuple):
    """A zone that is gone."""

    zone: str
    since: str
    #: The id of the list that replaces it; "" for none.
    use: str = ""


class _Data(NamedTuple):
    lists: tuple[Blocklist, ...]
    dead: tuple[DeadZone, ...]


@functools.cache
def _data() -> _Data:
    # Read-only data of this package: a cache, not state.
    table = read_table("deliverability.dnsbl", "lists.toml")
    return _Data(
        tuple(read_list(row) for row in table["list"]),
        tuple(DeadZone(row["zone"], row["since"], row.get("use", "")) for row in table["dead"]),
    )


def lists() -> tuple[Blocklist, ...]:
    """Every list that is known, in the order of the table."""
    return _data().lists


def dead_zone(zone: str) -> DeadZone | None:
    """The entry for a zone that is gone, or lies below one."""
    name = zone.lower().rstrip(".")
    return next((dead for dead in _data().dead if name == dead.zone or name.endswith(f".{dead.zone}")), None)


def read_list(row: Mapping[str, Any]) -> Blocklist:
    """One list from its table: of lists.toml, or of a profile. Raises `ValueError` or `KeyError` for a bad one."""
    holds = Holds(row.get("lists", "ip"))
    names = holds is Holds.DOMAIN
    return Blocklist(
        id=row["id"],
        name=row.get("name", row["id"]),
        zone=row.get("zone", "").lower().strip(". "),
        holds=holds,
        kind=ListKind(row.get("kind", "block")),
        codes=tuple(_code(code) for code in row["code"]),
        refusals=tuple(_code(code) for code in row.get("refusal", ())),
        zone6=row.get("zone6", ""),
        keyed=row.get("keyed", ""),
        ipv6=row.get("ipv6", False),
        mask=row.get("mask", False),
        weight=row.get("weight", 1),
        default=row.get("default", False),
        test_listed=row.get("test_listed", TEST_NAME_LISTED if names else TEST_LISTED),
        test_clear=row.get("test_clear", TEST_NAME_CLEAR if names else TEST_CLEAR),
        delist=row.get("delist", ""),
        usage=Text(**row["usage"]) if "usage" in row else NO_TEXT,
        verified=row.get("verified"),
        key=row.get("key", ""),
    )


def _code(row: Mapping[str, Any]) -> Code:
    first, _, last = str(row["answer"]).partition("-")
    return Code(
        int(IPv4Address(first.strip())),
        int(IPv4Address((last or first).strip())),
        Text(row.get("en", ""), row.get("es", row.get("en", ""))),
        CodeState(row.get("state", "listed")),
        row.get("rule", ""),
        row.get("severity", ""),
    )
