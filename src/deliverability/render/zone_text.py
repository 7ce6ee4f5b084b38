"""Records as people paste them: zone-file lines, name/type/value for web panels, or a diff.

Zone-file text is plain ASCII whatever the record holds: octets outside it are written `\\DDD` (RFC 1035 §5.1).
"""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.changes import PROPOSED_TTL, RecordChange
from deliverability.core.names import DomainName, is_subdomain
from deliverability.core.questions import RecordType, split_strings
from deliverability.render.safe import safe

SYNTAXES = ("bind", "table", "diff")


def record_line(name: DomainName, record_type: RecordType, value: str, *, ttl: int | None = None) -> str:
    """One record as one logical zone-file line; TXT is cut into character-strings of at most 255 octets."""
    lifetime = f"{ttl} " if ttl is not None else ""
    return f"{name}. {lifetime}IN {record_type} {record_data(record_type, value)}"


def record_data(record_type: RecordType, value: str) -> str:
    """The data of a record in zone-file form."""
    if record_type in ("TXT", "SPF"):
        return " ".join(quoted(string) for string in split_strings(value.encode("latin-1", "replace")))
    if record_type in ("CNAME", "NS", "PTR"):
        return _absolute(value)
    if record_type == "MX":
        preference, _, exchange = value.partition(" ")
        return safe(f"{preference} {_absolute(exchange)}")
    return safe(value)


def quoted(string: bytes) -> str:
    """A character-string in quotes."""
    return '"' + "".join(_octet(octet) for octet in string) + '"'


def _octet(octet: int) -> str:
    if octet in b'"\\':
        return "\\" + chr(octet)
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"


def _absolute(name: str) -> str:
    return safe(name if name.endswith(".") else name + ".")


def added_lines(change: RecordChange) -> list[str]:
    """The records to publish."""
    return [record_line(change.name, change.type, value, ttl=PROPOSED_TTL) for value in change.add]


def removed_lines(change: RecordChange) -> list[str]:
    """The records to take away."""
    return [record_line(change.name, change.type, value) for value in change.remove]


def host_part(name: DomainName, domain: str) -> str:
    """The name as web panels want it: relative to the domain, `@` for the domain itself."""
    if name == domain:
        return "@"
    return name.removesuffix("." + domain) if is_subdomain(name, domain) else f"{name}."


def diff(changes: Iterable[RecordChange]) -> str:
    """Changes as lines with `-` and `+`."""
    lines: list[str] = []
    for change in changes:
        lines.extend("- " + line for line in removed_lines(change))
        lines.extend("+ " + line for line in added_lines(change))
    return "".join(line + "\n" for line in lines)
