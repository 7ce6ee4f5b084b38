"""The MIME tree of a message (RFC 2045, RFC 2046 §5.1).

Theory of operation. The body is gone through once from the top. Only lines that begin with two hyphens can matter, and
`bytes.find` leads from one to the next; each is looked up whole in a table of the boundaries that are open at that
place, so its cost does not depend on how many there are. Nothing recurses: a stack of at most `Limits.mime_depth` open
multiparts stands in for it. The header section of a part ends at its blank line or at a delimiter, whichever is first;
where the next blank line is, is remembered, so that a thousand parts without one do not each look for it to the end of
the message. Together that is linear in the size of the message, whatever its boundaries are.

What readers do differently is decided as most of them do, and noted as a defect that says `ambiguous`:

* The first of two Content-Type fields counts.
* A line is a delimiter if it is the whole delimiter, blanks at its end aside. RFC 2046 §5.1.1 lets a reader take a line
  that only begins with it; such lines are noted.
* The boundary of an enclosing multipart counts before the same boundary declared again within.
* After its close-delimiter a boundary is no longer one, until a later multipart declares it.
* A transfer encoding on a multipart is not undone (RFC 2045 §6.4 forbids it).

An attached message (message/rfc822) is opened and its parts are marked `embedded`. Past `Limits.mime_depth` a part is
not opened, past `Limits.mime_parts` the rest of the message is not read; both are defects and never silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from deliverability.content.declared import IDENTITY, Declared, read_declared
from deliverability.content.part import MimeDefect, MimeDefectKind, MimeTree, Part
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.fields import HeaderDefectKind, Headers, parse

__all__ = ["MimeDefect", "MimeDefectKind", "MimeTree", "Part", "read_tree"]

#: RFC 2046 §5.1.1: bcharsnospace, and a blank that is not the last.
_BOUNDARY = pattern(rb"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_MAX_OF_A_KIND = 20
_DETAIL = 80
#: Blanks after a delimiter that are looked past (RFC 2046 §5.1.1: transport-padding).
_TRAILING_BLANKS = 1000


def read_tree(raw: bytes, headers: Headers | None = None, *, limits: Limits = DEFAULT_LIMITS) -> MimeTree:
    """The parts of the message `raw`, whose header section is `headers`. Never raises; linear in its size."""
    return _Walk(raw, headers or parse(raw, limits=limits), limits).read()


@dataclass(slots=True)
class _Node:
    """A part while it is being read."""

    path: str
    depth: int
    headers: Headers
    declared: Declared
    header_start: int
    start: int
    embedded: bool
    parent: int
    end: int = -1
    children: list[int] = field(default_factory=list)
    preamble_end: int = -1
    epilogue_start: int = -1
    opaque: bool = False


class _Open(NamedTuple):
    """A multipart that is open, or an attached message (boundary None), by its place in the list of nodes."""

    node: int
    boundary: bytes | None


class _Walk:
    """Where reading stands, for one call of `read_tree`."""

    def __init__(self, raw: bytes, headers: Headers, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.headers = headers
        # CR ends lines where the message has no LF at all: files of old Macs.
        self.newline = b"\r" if b"\n" not in raw and b"\r" in raw else b"\n"
        self.marker = self.newline + b"--"
        self.nodes: list[_Node] = []
        self.stack: list[_Open] = []
        self.levels: dict[bytes, int] = {}  # open boundary -> index in stack
        self.closed: dict[bytes, int] = {}  # boundary after its close-delimiter -> node
        self.longest = 0
        self.found: list[tuple[MimeDefectKind, int, int, str]] = []
        self.counts: dict[MimeDefectKind, int] = {}
        self.blanks = [-1, -1]
        self.cut: int | None = None

    def read(self) -> MimeTree:
        at = self.headers.body_start
        if self._enter(self.headers, 0, at, parent=-1):
            at = self._open_part(at, 0)
        while (self.stack or self.closed) and self.cut is None:
            delimiter = self._next_delimiter(at)
            if delimiter is None:
                break
            at = self._delimited(*delimiter)
        self._close_all(len(self.raw))
        return self._tree()

    # --- delimiters

    def _next_delimiter(self, at: int, stop: int | None = None) -> tuple[int, int, bytes, bool] | None:
        """The next line that delimits: where it begins, where the next line does, its boundary, whether it closes."""
        raw, stop = self.raw, len(self.raw) if stop is None else stop
        place = 0 if at == 0 and raw.startswith(b"--") else raw.find(self.marker, max(at - 1, 0), stop) + 1
        while place or at == 0:
            line_end = raw.find(self.newline, place)
            line_end = len(raw) if line_end < 0 else line_end
            if raw.startswith(b"--", place) and line_end - place <= self.longest + _TRAILING_BLANKS:
                known = self._boundary_of(raw[place:line_end], place)
                if known is not None:
                    return place, min(line_end + 1, len(raw)), *known
            at = place = raw.find(self.marker, line_end, stop) + 1
            if not place:
                return None
        return None

    def _boundary_of(self, line: bytes, place: int) -> tuple[bytes, bool] | None:
        text = line.rstrip(b" \t\r")[2:]
        if text in self.levels:
            return text, False
        if text.endswith(b"--") and text[:-2] in self.levels:
            return text[:-2], True
        spent = self.closed.get(text)
        if spent is not None:
            self._defect(MimeDefectKind.AFTER_CLOSE, place, spent, _shown(text))
        elif self.stack:
            innermost = self.stack[-1].boundary
            if innermost and text.startswith(innermost):
                self._defect(MimeDefectKind.BOUNDARY_PREFIX, place, self.stack[-1].node, _shown(text))
        return None

    def _delimited(self, place: int, after: int, boundary: bytes, closes: bool) -> int:
        """Act on a delimiter; returns where to go on."""
        level = self.levels[boundary]
        end = self._before(place)
        for inner in self.stack[level + 1 :]:
            self._leave(inner, end)
        del self.stack[level + 1 :]
        owner = self.stack[level].node
        node = self.nodes[owner]
        if node.children:
            self._end(node.children[-1], end)
        elif node.preamble_end < 0:
            node.preamble_end = end
        if not closes:
            # Two delimiters with nothing between them are one: `CRLF` cannot belong to both (RFC 2046 §5.1.1).
            if self.raw.startswith(b"--", after):
                following = self._next_delimiter(after)
                if following is not None and following[0] == after:
                    return after
            return self._open_part(after, owner)
        node.epilogue_start = after
        self.stack.pop()
        del self.levels[boundary]
        self.closed[boundary] = owner
        if not node.children:
            self._defect(MimeDefectKind.EMPTY_MULTIPART, node.start, owner)
        return after

    def _before(self, place: int) -> int:
        """Where the body ends that a delimiter at `place` ends: the line end before it is the delimiter's own."""
        if self.raw[place - 1 : place] == self.newline:
            place -= 1
            if self.newline == b"\n" and self.raw[place - 1 : place] == b"\r":
                place -= 1
        return max(place, 0)

    # --- parts

    def _open_part(self, at: int, owner: int) -> int:
        """Read the header section of the part that begins at `at`, and of the message in it where it is one.

        Returns where its body begins.
        """
        while True:
            if len(self.nodes) >= self.limits.mime_parts:
                self._defect(MimeDefectKind.TOO_MANY_PARTS, at, owner)
                self.cut = at
                return at
            headers = parse(self.raw, limits=self.limits, start=at, end=self._headers_end(at))
            if headers.cut is not None:
                self._defect(MimeDefectKind.HEADERS_CUT, at, owner, headers.cut.value)
            elif any(defect.kind is HeaderDefectKind.NO_SEPARATOR for defect in headers.defects):
                self._defect(MimeDefectKind.NO_BLANK_LINE, headers.body_start, owner)
            number = len(self.nodes)
            if not self._enter(headers, at, headers.body_start, parent=owner):
                return headers.body_start
            at, owner = headers.body_start, number

    def _headers_end(self, at: int) -> int:
        """Past the blank line after the fields at `at`, or at the delimiter before that."""
        raw = self.raw
        for empty in (self.newline, b"\r\n"):
            if raw.startswith(empty, at):
                return at + len(empty)
        blanks = (self.newline * 2, b"\n\r\n")
        for index, blank in enumerate(blanks):
            if self.blanks[index] < at:
                place = raw.find(blank, at)
                self.blanks[index] = len(raw) if place < 0 else place
        index = 0 if self.blanks[0] <= self.blanks[1] else 1
        stop = min(self.blanks[index] + len(blanks[index]), len(raw))
        delimiter = self._next_delimiter(at, stop)
        return stop if delimiter is None else delimiter[0]

    def _enter(self, headers: Headers, header_start: int, start: int, *, parent: int) -> bool:
        """Make the part, and open it if it holds others; returns whether it is a message that is opened."""
        above = self.nodes[parent] if parent >= 0 else None
        number = len(self.nodes)
        path = f"{above.path}.{len(above.children) + 1}" if above else "1"
        embedded = above is not None and (above.embedded or not _is_multipart(above))
        depth = above.depth + 1 if above else 0
        digest = above is not None and above.declared.content_type == "multipart/digest"
        # RFC 2046 §5.1.5: within a digest the default is a message.
        declared, defects = read_declared(headers, default="message/rfc822" if digest else "text/plain")
        for kind, offset, detail in defects:
            self._defect(kind, offset, number, detail)
        self.nodes.append(_Node(path, depth, headers, declared, header_start, start, embedded, parent))
        if above:
            above.children.append(number)
        if declared.content_type.startswith("multipart/"):
            self._open_multipart(number)
        elif declared.content_type in ("message/rfc822", "message/global"):
            return self._open_message(number)
        return False

    def _open_multipart(self, number: int) -> None:
        node = self.nodes[number]
        if node.declared.encoding not in IDENTITY:
            self._defect(MimeDefectKind.ENCODED_MULTIPART, node.header_start, number, node.declared.encoding)
        boundary = _octets(node.declared.parameters.get("boundary", ""), node.headers)
        if not boundary:
            self._defect(MimeDefectKind.NO_BOUNDARY, node.header_start, number)
            return
        if not _BOUNDARY.fullmatch(boundary):
            self._defect(MimeDefectKind.BOUNDARY_SYNTAX, node.header_start, number, _shown(boundary))
        if boundary in self.levels:
            self._defect(MimeDefectKind.BOUNDARY_REUSED, node.header_start, number, _shown(boundary))
            return
        if not self._may_open(number):
            return
        self.closed.pop(boundary, None)
        self.levels[boundary] = len(self.stack)
        self.stack.append(_Open(number, boundary))
        self.longest = max(self.longest, len(boundary))

    def _open_message(self, number: int) -> bool:
        node = self.nodes[number]
        if node.declared.encoding not in IDENTITY:
            # RFC 2046 §5.2.1: an encoded attached message stays closed.
            self._defect(MimeDefectKind.ENCODED_MESSAGE, node.header_start, number, node.declared.encoding)
            return False
        if not self._may_open(number) or node.start >= len(self.raw):
            return False
        self.stack.append(_Open(number, None))
        return True

    def _may_open(self, number: int) -> bool:
        node = self.nodes[number]
        if node.depth < self.limits.mime_depth:
            return True
        self._defect(MimeDefectKind.TOO_DEEP, node.header_start, number)
        node.opaque = True
        return False

    # --- ends

    def _end(self, number: int, end: int) -> None:
        """Set the end of a part and of everything in it that has none yet."""
        node = self.nodes[number]
        if node.end < 0:
            node.end = max(end, node.start)

    def _leave(self, left: _Open, end: int) -> None:
        """End a multipart without its close-delimiter, or an attached message, which has none."""
        node = self.nodes[left.node]
        if node.children:
            self._end(node.children[-1], end)
        self._end(left.node, end)
        if left.boundary is None:
            return
        del self.levels[left.boundary]
        if self.cut is None:
            kind = MimeDefectKind.UNCLOSED if node.children else MimeDefectKind.BOUNDARY_NOT_FOUND
            self._defect(kind, node.start, left.node, _shown(left.boundary))

    def _close_all(self, end: int) -> None:
        for left in self.stack:
            self._leave(left, end)
        self.stack.clear()

    # --- the result

    def _defect(self, kind: MimeDefectKind, offset: int, number: int, detail: str = "") -> None:
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        if count <= _MAX_OF_A_KIND:
            self.found.append((kind, offset, number, detail))

    def _tree(self) -> MimeTree:
        lines = _Lines(self.raw, self.newline)
        places = [(lines.at(node.header_start), lines.at(node.start)) for node in self.nodes]
        parts: list[Part] = [None] * len(self.nodes)  # type: ignore[list-item]
        # A part stands after the one around it: from the back, the children are there before they are wanted.
        for number in range(len(self.nodes) - 1, -1, -1):
            parts[number] = self._part(number, places[number], parts)
        lines = _Lines(self.raw, self.newline)
        defects = [
            MimeDefect(kind, offset, lines.at(offset), parts[number].path, detail)
            for kind, offset, number, detail in sorted(self.found, key=lambda found: found[1])
        ]
        return MimeTree(parts[0], tuple(parts), tuple(defects), self.cut)

    def _part(self, number: int, lines: tuple[int, int], parts: list[Part]) -> Part:
        node = self.nodes[number]
        if node.end < 0:
            node.end = len(self.raw)
        declared = node.declared
        return Part(
            node.path,
            node.depth,
            _shifted(node.headers, lines[0] - 1) if number else node.headers,
            declared.content_type,
            declared.parameters,
            declared.disposition,
            declared.disposition_parameters,
            declared.encoding,
            node.start,
            node.end,
            node.header_start,
            lines[0],
            lines[1],
            self.raw,
            tuple([parts[child] for child in node.children]),
            node.embedded,
            self.nodes[node.parent].declared.content_type if node.parent >= 0 else "",
            declared.declared,
            Span(node.start, node.preamble_end) if node.preamble_end > node.start else None,
            Span(node.epilogue_start, node.end) if 0 <= node.epilogue_start < node.end else None,
            node.opaque,
            declared.parameter_defects,
            declared.disposition_defects,
        )


def _is_multipart(node: _Node) -> bool:
    return node.declared.content_type.startswith("multipart/")


def _octets(text: str, headers: Headers) -> bytes:
    """A boundary as the octets it stands as in its field: beyond ASCII that may be UTF-8 or one octet a character."""
    octets = text.encode("utf-8", "replace")
    if not text.isascii():
        declared = headers.first("content-type")
        single = text.encode("latin-1", "replace")
        if declared is not None and octets not in declared.raw and single in declared.raw:
            octets = single
    return octets.rstrip(b" \t\r\n")


def _shown(octets: bytes) -> str:
    return octets[:_DETAIL].decode("latin-1")


def _shifted(headers: Headers, lines: int) -> Headers:
    """The same fields and defects with their lines counted from the beginning of the message."""
    return Headers(
        tuple([field._replace(line=field.line + lines) for field in headers.fields]),
        headers.body_start,
        tuple([defect._replace(line=defect.line + lines) for defect in headers.defects]),
        headers.cut,
    )


class _Lines:
    """Line numbers of offsets that only grow, each octet counted once."""

    __slots__ = ("line", "newline", "offset", "raw")

    def __init__(self, raw: bytes, newline: bytes) -> None:
        self.raw = raw
        self.newline = newline
        self.offset = 0
        self.line = 1

    def at(self, offset: int) -> int:
        if offset > self.offset:
            self.line += self.raw.count(self.newline, self.offset, offset)
            self.offset = offset
        return self.line
