"""Places in a record: what a defect or a term points at."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Half-open range `[start, end)`: octets of a record given as bytes, characters of one given as text."""

    start: int
    end: int


def record_text(record: str | bytes) -> str:
    """The record as text in which every octet is one character, so that spans count octets.

    DNS text is octets (RFC 1035 §3.3.14). Decoding as Latin-1 never fails and keeps positions;
    parsers report what is outside US-ASCII as a defect.
    """
    return record.decode("latin-1") if isinstance(record, bytes) else record
