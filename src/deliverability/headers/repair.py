"""Header lines as they should be sent: put into a message, so that a proposal can be tried before it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.changes import HeaderChange
from deliverability.headers.fields import Field, parse

#: RFC 5322 §2.1.1: lines SHOULD be no longer than this.
_LINE = 78


def apply_header_changes(raw: bytes, changes: Iterable[HeaderChange]) -> bytes:
    """The message with its header lines replaced, dropped or added (at the top). Occurrences count in `raw`."""
    headers = parse(raw)
    # The new lines end as the others do, so that nothing else changes.
    with_lf = bool(headers.fields) and not headers.fields[0].raw.endswith(b"\r\n")
    places: dict[str, list[Field]] = {}
    for field in headers.fields:
        places.setdefault(field.key, []).append(field)
    top = headers.fields[0].start if headers.fields else 0
    edits: list[tuple[int, int, bytes]] = []
    for change in changes:
        line = b"" if change.drop else header_line(change.name, change.value)
        line = line.replace(b"\r\n", b"\n") if with_lf else line
        fields = places.get(change.name.lower(), [])
        if change.occurrence is None:
            edits.append((top, top, line))
        elif change.occurrence < len(fields):
            field = fields[change.occurrence]
            edits.append((field.start, field.end, line))
    pieces, at = [], 0
    for start, end, line in sorted(edits, key=lambda edit: edit[:2]):
        if start >= at:  # two changes of one field: the first counts
            pieces += [raw[at:start], line]
            at = end
    return b"".join([*pieces, raw[at:]])


def header_line(name: str, value: str) -> bytes:
    """One field with its line end, folded where a word ends (RFC 5322 §2.2.3); beyond ASCII as UTF-8."""
    clean = value.replace("\r", " ").replace("\n", " ")
    words = clean.split(" ")
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > _LINE and word.strip():
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n"
