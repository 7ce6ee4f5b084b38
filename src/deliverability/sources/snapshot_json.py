"""One recorded answer as JSON, and back. Reading is strict: what was not written by `write_entry` is refused."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, cast

from deliverability.core.names import DomainName, escape_controls, query_name, shown
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    NoName,
    RawRecord,
    Record,
    RecordType,
    SoaRecord,
    TlsaRecord,
)
from deliverability.sources.messages import TYPE_CODES

_PLAIN = re.compile(rb"[\x20-\x7e]*")
_ABSENT: dict[str, type[NoData | NoName]] = {"nodata": NoData, "noname": NoName}
_QUESTION_KEYS = {"name", "type", "cd", "server"}
_FOUND_KEYS = {"status", "ttl", "records", "aliases", "authenticated"}
_MAX_TTL = 2**32 - 1


class Unreadable(Exception):  # noqa: N818 - the caller makes it an `UnreadableFile` with the place
    """An entry that is not one; the message says why."""


def write_entry(question: DnsQuestion, answer: Answer) -> dict[str, Any]:
    """A question and its answer; fields with their default are left out."""
    entry: dict[str, Any] = {"name": question.name, "type": question.type}
    if question.checking_disabled:
        entry["cd"] = True
    if question.server is not None:
        entry["server"] = str(question.server)
    if isinstance(answer, Failed):
        return entry | {"status": "failed", "kind": answer.kind.value, "detail": answer.detail}
    status = {Found: "found", NoData: "nodata", NoName: "noname"}[type(answer)]
    entry |= {"status": status, "ttl": answer.ttl}
    if isinstance(answer, Found):
        entry["records"] = [_write_record(question.type, record) for record in answer.records]
    if answer.aliases:
        entry["aliases"] = list(answer.aliases)
    if answer.authenticated:
        entry["authenticated"] = True
    return entry


def read_entry(entry: Any) -> tuple[DnsQuestion, Answer]:
    """What `write_entry` wrote. Raises `Unreadable`."""
    if not isinstance(entry, dict):
        raise Unreadable("not an object")
    question = _read_question(entry)
    try:
        return question, _read_answer(question, entry)
    except Unreadable as error:
        raise Unreadable(f"{shown(str(question))}: {error}") from None


def _read_question(entry: Mapping[str, Any]) -> DnsQuestion:
    record_type = _text(entry, "type")
    if record_type not in TYPE_CODES:
        raise Unreadable(f"{shown(record_type)} is no record type that is asked")
    server = entry.get("server")
    checking_disabled = _flag(entry, "cd")
    address = None if server is None else _address(server)
    return DnsQuestion(_name(entry.get("name")), cast(RecordType, record_type), checking_disabled, address)


def _read_answer(question: DnsQuestion, entry: Mapping[str, Any]) -> Answer:
    status = _text(entry, "status")
    keys = set(entry) - _QUESTION_KEYS
    if status == "failed":
        if keys != {"status", "kind", "detail"}:
            raise Unreadable("a failure has exactly kind and detail")
        kind = _text(entry, "kind")
        if kind not in set(FailureKind):
            raise Unreadable(f"{shown(kind)} is no kind of failure")
        return Failed(FailureKind(kind), _text(entry, "detail"))
    unknown = keys - (_FOUND_KEYS if status == "found" else _FOUND_KEYS - {"records"})
    if unknown:
        raise Unreadable(f"{shown(min(unknown))} does not belong here")
    ttl = _number(entry.get("ttl"), _MAX_TTL)
    aliases = tuple(_name(alias) for alias in _list(entry.get("aliases", [])))
    authenticated = _flag(entry, "authenticated")
    if status in _ABSENT:
        return _ABSENT[status](ttl, aliases, authenticated)
    if status != "found":
        raise Unreadable(f"{shown(status)} is no kind of answer")
    records = tuple(_read_record(question.type, record) for record in _list(entry.get("records")))
    if not records:
        raise Unreadable("found, but without records")
    return Found(records, ttl, aliases, authenticated)


def _write_record(record_type: RecordType, record: Record) -> Any:
    if record_type in ("TXT", "SPF"):
        return [_write_octets(cast(bytes, part)) for part in cast(tuple[Any, ...], record)]
    if isinstance(record, TlsaRecord):
        return [record.usage, record.selector, record.matching_type, record.data.hex()]
    if isinstance(record, RawRecord):
        return record.text
    if isinstance(record, tuple):
        return list(record)
    return str(record)


def _write_octets(octets: bytes) -> Any:
    return octets.decode("ascii") if _PLAIN.fullmatch(octets) else {"b64": base64.b64encode(octets).decode("ascii")}


def _read_record(record_type: RecordType, value: Any) -> Record:
    return _READERS[record_type](value)


def _read_strings(value: Any) -> tuple[bytes, ...]:
    return tuple(_read_octets(part) for part in _list(value))


def _read_octets(part: Any) -> bytes:
    if isinstance(part, str):
        octets = part.encode("ascii", "replace")
        if not part.isascii() or not _PLAIN.fullmatch(octets):
            raise Unreadable("a character-string is plain text or b64")
    elif isinstance(part, dict) and set(part) == {"b64"} and isinstance(part["b64"], str):
        try:
            octets = base64.b64decode(part["b64"], validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("a character-string has broken base64") from None
    else:
        raise Unreadable("a character-string is plain text or b64")
    if len(octets) > 255:
        raise Unreadable("a character-string has more than 255 octets")
    return octets


def _read_mx(value: Any) -> MxRecord:
    preference, exchange = _list(value, 2)
    return MxRecord(_number(preference, 65535), _name(exchange))


def _read_soa(value: Any) -> SoaRecord:
    mname, rname, *numbers = _list(value, 7)
    serial, refresh, retry, expire, minimum = (_number(number, 2**32 - 1) for number in numbers)
    return SoaRecord(_name(mname), _name(rname), serial, refresh, retry, expire, minimum)


def _read_tlsa(value: Any) -> TlsaRecord:
    usage, selector, matching_type, data = _list(value, 4)
    if not isinstance(data, str) or not re.fullmatch(r"(?:[0-9a-f]{2})*", data):
        raise Unreadable("TLSA data is hexadecimal")
    return TlsaRecord(_number(usage, 255), _number(selector, 255), _number(matching_type, 255), bytes.fromhex(data))


def _read_raw(value: Any) -> RawRecord:
    if not isinstance(value, str):
        raise Unreadable("a DS or DNSKEY record is a text")
    return RawRecord(value)


def _address(value: Any) -> IPv4Address | IPv6Address:
    try:
        return ip_address(value if isinstance(value, str) else "")
    except ValueError:
        raise Unreadable(f"{shown(str(value))} is no address") from None


def _name(value: Any) -> DomainName:
    name = query_name(value) if isinstance(value, str) and value else None
    if value == "":
        return DomainName("")
    if name is None or name != value:
        raise Unreadable(f"{shown(str(value))} is no domain name")
    return name


_READERS: dict[RecordType, Callable[[Any], Record]] = {
    "A": _address,
    "AAAA": _address,
    "CNAME": _name,
    "DNSKEY": _read_raw,
    "DS": _read_raw,
    "MX": _read_mx,
    "NS": _name,
    "PTR": _name,
    "SOA": _read_soa,
    "SPF": _read_strings,
    "TLSA": _read_tlsa,
    "TXT": _read_strings,
}


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str):
        raise Unreadable(f"{key} is missing or no text")
    return escape_controls(value)


def _flag(entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise Unreadable(f"{key} is true or false")
    return value


def _number(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Unreadable(f"{shown(str(value))} is no number from 0 to {most}")
    return value


def _list(value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Unreadable("a list is missing" if length is None else f"a list of {length} is missing")
    return value
