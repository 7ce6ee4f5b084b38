"""Lines of the whole message, body included: how long they are and how they end (RFC 5322 §2.1.1, §2.3)."""

from __future__ import annotations

from typing import NamedTuple

from deliverability.core.patterns import pattern

#: RFC 5322 §2.1.1: octets of a line without its CRLF.
MAX_LINE = 998

_CR, _CRLF = 13, b"\r\n"
_BARE_CR = pattern(rb"\r(?!\n)")
_CRLF_OR_LF = pattern(rb"\r?\n")


class Place(NamedTuple):
    """The first of its kind: offset in the message, line counted from 1, and how many there are."""

    offset: int
    line: int
    times: int = 1


class Lines(NamedTuple):
    """What is wrong with the lines of a body; None: nothing of that kind."""

    long_line: Place | None = None
    bare_cr: Place | None = None
    bare_lf: Place | None = None
    nul: Place | None = None


def read_lines(raw: bytes, start: int = 0) -> Lines:
    """The lines of `raw[start:]`. Where no line of `raw` ends with CRLF it was stored that way, which is no fault of the mail."""
    crlf = raw.count(b"\r\n", start)
    returns, feeds = raw.count(b"\r", start), raw.count(b"\n", start)
    nul = raw.find(b"\0", start)
    return Lines(
        _first_long(raw, start),
        _place(raw, _at(_BARE_CR.search(raw, start)), returns - crlf) if returns > crlf else None,
        _place(raw, _bare_lf(raw, start), feeds - crlf)
        if feeds > crlf and (crlf or raw.find(_CRLF, 0, start) >= 0)
        else None,
        _place(raw, nul, raw.count(b"\0", nul)) if nul >= 0 else None,
    )


def _at(found: object) -> int:
    start = getattr(found, "start", None)
    return start() if start else 0


def _bare_lf(raw: bytes, start: int) -> int:
    """The first LF without CR. There is one, so the search ends."""
    return next((m.start() for m in _CRLF_OR_LF.finditer(raw, start) if m.end() - m.start() == 1), start)


def _first_long(raw: bytes, start: int) -> Place | None:
    """The first line over the limit: steps from line end to line end that are as far apart as a line may be long."""
    at, end = start, len(raw)
    while end - at > MAX_LINE:
        last = raw.rfind(b"\n", at, at + MAX_LINE + 1)
        if last >= 0:
            at = last + 1
        elif raw.startswith(_CRLF, at + MAX_LINE) or (end == at + MAX_LINE + 1 and raw[end - 1] == _CR):
            at += MAX_LINE + len(_CRLF)  # 998 octets and their CRLF, perhaps cut by the end of what was read
        else:
            return _place(raw, at, 1)
    return None


def _place(raw: bytes, offset: int, times: int) -> Place:
    return Place(offset, raw.count(b"\n", 0, offset) + 1, times)
