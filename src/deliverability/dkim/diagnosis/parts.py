"""The parts of a body as far as a diagnosis needs them: where each text lies, and where software puts things in.

This is no MIME parser: it splits at the boundaries that the Content-Type fields announce, so that its offsets hold for
the canonical body too, and what it takes for a part is only a place to try. A wrong place proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.dkim.diagnosis.search import CRLF, Cut

MAX_PARTS = 60
MAX_DEPTH = 6
#: Lines at either end of a text at which something may have been put in, and octets of HTML that are looked at.
EDGE_LINES = 60
EDGE_OCTETS = 24 * 1024
MAX_TAGS = 150

_BOUNDARY = pattern(rb"boundary\s{0,10}=\s{0,10}(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", 2)
_CHARSET = pattern(rb"charset\s{0,10}=\s{0,10}\"?([^\s;\"]{1,60})", 2)
_FILENAME = pattern(rb"(?:file)?name\*?\s{0,10}=\s{0,10}(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", 2)
_FOLD = pattern(rb"\r?\n[ \t]+")
_BLOCK = pattern(
    rb"<(?:p|div|hr|br|table|tr|td|span|font|center|a|img|style|blockquote|ul|ol|b|strong|em|i|small|meta|h[1-6]|pre|"
    rb"section|footer|!--)\b",
    2,
)
_BODY_TAG = pattern(rb"<body[^>]{0,2000}>", 2)


class Leaf(NamedTuple):
    """One part without parts of its own; offsets in the body."""

    path: str
    #: Where its header section begins; for a message of one part -1: its fields stand in the message header.
    header: int
    start: int
    end: int
    type: str
    charset: str
    encoding: str
    filename: str


class Structure(NamedTuple):
    """The leaves of a body, and what the boundaries tell."""

    leaves: tuple[Leaf, ...]
    #: The boundary of the message; b"" when it is no multipart.
    boundary: bytes = b""
    #: The first octet after the preamble, at the first delimiter line; -1 when there is none.
    first_delimiter: int = -1
    #: The closing delimiter is there.
    closed: bool = True


def field_values(section: bytes) -> dict[str, bytes]:
    """The fields of a part's header section, unfolded, the first of each name, by lower-case name."""
    found: dict[str, bytes] = {}
    for line in _FOLD.sub(b" ", section).split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().lower().decode("latin-1"), value.strip())
    return found


def boundary_of(content_type: bytes) -> bytes:
    """The boundary parameter of a Content-Type value; b"" without one."""
    found = _BOUNDARY.search(content_type) if content_type[:10].lower() == b"multipart/" else None
    return (found[1] or found[2]) if found else b""


def structure(body: bytes, content_type: bytes, transfer_encoding: bytes) -> Structure:
    """The parts of a body whose message header has these two values."""
    boundary = boundary_of(content_type)
    if not boundary:
        return Structure((_leaf("1", -1, 0, len(body), content_type, transfer_encoding, b""),))
    leaves: list[Leaf] = []
    first, closed = _split(body, 0, len(body), boundary, "", 0, leaves)
    return Structure(tuple(leaves), boundary, first, closed)


def _split(
    body: bytes, start: int, end: int, boundary: bytes, path: str, depth: int, leaves: list[Leaf]
) -> tuple[int, bool]:
    """Add the leaves between the delimiters (RFC 2046 §5.1.1); the first delimiter, and whether the last is there."""
    delimiter = b"--" + boundary
    at = first = _line_that_begins(body, delimiter, start, end)
    number = 0
    while at >= 0 and len(leaves) < MAX_PARTS:
        line_end = body.find(b"\n", at, end)
        if body.startswith(b"--", at + len(delimiter)):
            return first, True
        if line_end < 0:
            break
        following = _line_that_begins(body, delimiter, line_end + 1, end)
        # The line end before a delimiter belongs to the delimiter.
        stop = end if following < 0 else max(line_end + 1, following - 2)
        number += 1
        _part(body, line_end + 1, stop, f"{path}{number}", depth, leaves)
        at = following
    return first, False


def _part(body: bytes, start: int, end: int, path: str, depth: int, leaves: list[Leaf]) -> None:
    empty = body.find(b"\r\n\r\n", max(0, start - 2), end)
    content = end if empty < 0 else min(empty + 4, end)
    fields = field_values(body[start:content])
    content_type = fields.get("content-type", b"text/plain")
    boundary = boundary_of(content_type)
    if boundary and depth < MAX_DEPTH:
        _split(body, content, end, boundary, f"{path}.", depth + 1, leaves)
        return
    encoding, disposition = fields.get("content-transfer-encoding", b""), fields.get("content-disposition", b"")
    leaves.append(_leaf(path, start, content, end, content_type, encoding, disposition))


def _leaf(
    path: str, header: int, start: int, end: int, content_type: bytes, encoding: bytes, disposition: bytes
) -> Leaf:
    kind = content_type.partition(b";")[0].strip().lower().decode("latin-1") or "text/plain"
    charset = _CHARSET.search(content_type)
    name = _FILENAME.search(disposition) or _FILENAME.search(content_type)
    return Leaf(
        path,
        header,
        start,
        end,
        kind,
        charset[1].lower().decode("latin-1") if charset else "",
        encoding.strip().lower().decode("latin-1"),
        (name[1] or name[2]).decode("latin-1") if name else "",
    )


def _line_that_begins(body: bytes, text: bytes, start: int, end: int) -> int:
    """The first line from `start` on, itself the start of a line, that begins with `text`; -1 without one."""
    if body.startswith(text, start, end):
        return start
    at = body.find(b"\n" + text, max(0, start - 1), end)
    return at + 1 if at >= 0 else -1


# --- where something may have been put in ---------------------------------------------------------------------------


def cuts_at_end(body: bytes, leaf: Leaf) -> list[Cut]:
    """The runs that may have been appended to a text, the short ones first."""
    lines = _last_lines(body, leaf)
    cuts = [Cut(start, stop) for start in lines for stop in (leaf.end, leaf.end + 2) if start < stop]
    if leaf.type == "text/html":
        low = max(leaf.start, leaf.end - EDGE_OCTETS)
        window = body[low : leaf.end].lower()
        closing = [low + at for tag in (b"</body", b"</html", b"</div>") if (at := window.rfind(tag)) >= 0]
        starts = [found.start() for found in _BLOCK.finditer(body, low, leaf.end)][-MAX_TAGS:][::-1]
        stops = dict.fromkeys((*closing, leaf.end, leaf.end + 2))
        inner = [_tidy(body, start, stop) for start in starts + lines for stop in stops if start < stop]
        cuts = inner + cuts
    return [cut for cut in dict.fromkeys(cuts) if leaf.start <= cut.start < cut.end < len(body)]


def cuts_at_start(body: bytes, leaf: Leaf) -> list[Cut]:
    """The runs that may have been put before a text, the short ones first."""
    high = min(leaf.end, leaf.start + EDGE_OCTETS)
    lines = _first_lines(body, leaf)
    cuts = [Cut(leaf.start, stop) for stop in lines]
    if leaf.type == "text/html":
        opened = _BODY_TAG.search(body, leaf.start, high)
        begins = {leaf.start} | ({opened.end()} if opened else set())
        begins |= {line for line in lines[:2] if opened is None or line <= opened.end() + 2}
        stops = [found.start() for found in _BLOCK.finditer(body, leaf.start, high)][:MAX_TAGS] + lines
        stops += [found.end() for found in _CLOSED.finditer(body, leaf.start, high)][:MAX_TAGS]
        cuts += [_tidy(body, begin, stop) for stop in sorted(set(stops)) for begin in sorted(begins) if begin < stop]
    return [cut for cut in dict.fromkeys(cuts) if leaf.start <= cut.start < cut.end < len(body)]


_CLOSED = pattern(rb"</(?:p|div|table|span|font|center|blockquote|strong|b)>|<(?:hr|br)[^>]{0,200}>|-->", 2)


def _tidy(body: bytes, start: int, end: int) -> Cut:
    """The run without the blank that relaxed canonicalization would take away where its ends meet."""
    if start and body[start - 1 : start] == b" ":
        if body[end : end + 2] == CRLF:
            start -= 1
        elif body[end : end + 1] == b" ":
            end += 1
    return Cut(start, end)


def _last_lines(body: bytes, leaf: Leaf) -> list[int]:
    """Where the last lines of a part begin, the last first."""
    return list(_lines_from_below(body, leaf))


def _lines_from_below(body: bytes, leaf: Leaf) -> Iterator[int]:
    at = leaf.end - 2 if body.endswith(CRLF, leaf.start, leaf.end) else leaf.end
    for _ in range(EDGE_LINES):
        at = body.rfind(CRLF, leaf.start, at)
        if at < 0:
            yield leaf.start
            return
        yield at + 2


def _first_lines(body: bytes, leaf: Leaf) -> list[int]:
    """Where the lines after the first begin, at the top of a part."""
    starts: list[int] = []
    at = body.find(CRLF, leaf.start, leaf.end)
    while at >= 0 and len(starts) < EDGE_LINES:
        starts.append(at + 2)
        at = body.find(CRLF, at + 2, leaf.end)
    return starts


# --- whether two runs say the same ----------------------------------------------------------------------------------

_MARKUP = pattern(rb"<[^<>]{0,2000}>|&#?[a-z0-9]{1,10};|=[0-9A-F]{2}|=\r\n", 2)
_LETTERS = bytes(octet for octet in range(256) if not chr(octet).isalpha() or octet > 127)


def letters(text: bytes) -> bytes:
    """The ASCII letters of a text, markup and encoded characters left out, in lower case: what two forms of it share."""
    return _MARKUP.sub(b"", text).translate(None, _LETTERS).lower()
