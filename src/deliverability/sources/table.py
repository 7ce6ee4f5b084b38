"""Answers written down by hand: `{"empresa.example/TXT": ["v=spf1 -all"], …}`.

The form of test cases, of the adversarial sets and of notebooks:

- TXT: a string (cut at 255 octets), a list of character-strings, or `{"b64": …}`; MX: `"10 mx.example."`;
  A, AAAA, CNAME, NS, PTR: the value; SOA, TLSA: zone-file form;
- `{"fault": "servfail"}` in place of the list: the question fails in that way;
- `{"records": [...], "ttl": 60, "authenticated": true}`: what the list alone cannot say;
- `name/TYPE+cd` is the answer when DNSSEC checking is off, `name/TYPE@192.0.2.53` the one of that name server; without
  such a line both give the answer of `name/TYPE`;
- `*.name/TYPE` is a wildcard (RFC 4592); a CNAME is followed;
- a name that holds another type, or lies above one that is listed, is `NoData`; any other name is `NoName`, or
  `Failed(OFFLINE)` when the table is `open` (it then stands for a part of the world).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any, cast

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName, parent, parse_domain, query_name
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    NoName,
    Question,
    RawRecord,
    Record,
    RecordType,
    SoaRecord,
    TlsaRecord,
    split_strings,
)

_TTL = 3600


class TableSource:
    """A source whose answers are a table."""

    def __init__(self, table: Mapping[str, Any], *, open: bool = False) -> None:  # noqa: A002 - reads best at the call
        self._open = open
        self._answers: dict[tuple[str, str], Answer] = {}
        self._names: set[str] = set()
        for key, value in table.items():
            name, _, record_type = key.rpartition("/")
            owner = _owner_name(name)
            if owner is None:
                raise ValueError(f"{key}: not a name that DNS can hold")
            self._answers[owner, record_type] = _read_answer(record_type.partition("@")[0].removesuffix("+cd"), value)
            while owner:
                self._names.add(owner)
                owner = parent(owner)

    def answer(self, question: Question) -> Answer:
        """The answer of the table; aliases are followed up to the limit."""
        return self._follow(question, ())

    def holds(self, question: Question) -> bool:
        """Whether a line says something about that name and type, a wildcard's for the names below it included."""
        owner = self._owner(question.name)
        return owner is not None and self._held(owner, question) is not None

    @property
    def names(self) -> tuple[DomainName, ...]:
        """Every name with a line, sorted."""
        return tuple(sorted({DomainName(owner) for owner, _ in self._answers}))

    def _follow(self, question: DnsQuestion, aliases: tuple[DomainName, ...]) -> Answer:
        name = question.name
        owner = self._owner(name)
        if owner is None:
            if self._open:
                return Failed(FailureKind.OFFLINE, "not in the table")
            return NoName(_TTL, aliases)
        held = self._held(owner, question)
        if held is not None:
            return replace(held, aliases=aliases) if isinstance(held, Found) else held
        alias = self._answers.get((owner, "CNAME"))
        if isinstance(alias, Failed):
            return alias
        if not isinstance(alias, Found):
            return NoData(_TTL, aliases)
        target = cast(DomainName, alias.records[0])
        if len(aliases) >= DEFAULT_LIMITS.cname_chain or target in aliases or target == name:
            return Failed(FailureKind.LOOP, "the aliases do not end")
        return self._follow(question._replace(name=target), (*aliases, target))

    def _held(self, owner: str, question: DnsQuestion) -> Answer | None:
        """What is written down for this owner; a line for the server or for the CD bit goes before the plain one."""
        if question.server is not None:
            held = self._answers.get((owner, f"{question.type}@{question.server}"))
            if held is not None:
                return held
        if question.checking_disabled:
            held = self._answers.get((owner, f"{question.type}+cd"))
            if held is not None:
                return held
        return self._answers.get((owner, question.type))

    def _owner(self, name: DomainName) -> str | None:
        """The listed name that answers for `name`: itself, or the wildcard at the closest encloser (RFC 4592 §3.3.1)."""
        if name in self._names or not name:
            return name
        above = parent(name)
        while above and above not in self._names:
            above = parent(above)
        wildcard = f"*.{above}" if above else "*"
        return wildcard if wildcard in self._names else None


def _owner_name(name: str) -> DomainName | None:
    """A name of the table: as it stands, or in A-labels where somebody wrote it with its accents."""
    if not name:
        return DomainName("")
    return query_name(name) if name.isascii() else parse_domain(name)


def _read_answer(record_type: str, value: Any) -> Answer:
    if isinstance(value, Mapping) and "records" in value:
        plain = _read_answer(record_type, value["records"])
        options = {"ttl": value.get("ttl", _TTL), "authenticated": value.get("authenticated", False)}
        return plain if isinstance(plain, Failed) else replace(plain, **options)
    if isinstance(value, Mapping):
        kind = str(value["fault"])
        if kind == "nxdomain":
            return NoName(_TTL)
        if kind == "nodata":
            return NoData(_TTL)
        return Failed(FailureKind(kind))
    records = tuple(dict.fromkeys(read_record(record_type, item) for item in value))
    return Found(records, _TTL) if records else NoData(_TTL)


def read_record(record_type: str, item: Any) -> Record:
    """One record from the table's form."""
    kind = cast(RecordType, record_type)
    if kind in ("TXT", "SPF"):
        return _read_txt(item)
    if kind in ("A", "AAAA"):
        return ip_address(item)
    if kind == "MX":
        preference, exchange = item.split()
        return MxRecord(int(preference), _name(exchange))
    if kind == "SOA":
        mname, rname, *numbers = item.split()
        serial, refresh, retry, expire, minimum = (int(number) for number in numbers)
        return SoaRecord(_name(mname), _name(rname), serial, refresh, retry, expire, minimum)
    if kind == "TLSA":
        usage, selector, matching_type, data = item.split()
        return TlsaRecord(int(usage), int(selector), int(matching_type), bytes.fromhex(data))
    if kind in ("DS", "DNSKEY"):
        return RawRecord(item)
    return _name(item)


def _read_txt(item: Any) -> tuple[bytes, ...]:
    if isinstance(item, Mapping):
        return split_strings(base64.b64decode(item["b64"]))
    if isinstance(item, str):
        return split_strings(item.encode())
    return tuple(part.encode() if isinstance(part, str) else base64.b64decode(part["b64"]) for part in item)


def _name(text: str) -> DomainName:
    name = query_name(text) if text != "." else DomainName("")
    if name is None:
        raise ValueError(f"{text}: not a name that DNS can hold")
    return name
