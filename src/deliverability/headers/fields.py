"""The header section of a message as it lies in its octets (RFC 5322 §2.2).

Theory of operation. Nothing is decoded, unfolded or corrected here: a `Field` is a slice of the message with its place,
and everything else (words, addresses, signatures) is read from that slice by others. A section in which every line
begins a field or continues one is cut by one regular expression (`_plainly`); any other, and one past a limit, is read
line by line (`_Reader`). Both are linear, and neither fails.

What real mail does is tolerated and told as a `HeaderDefect` with its offset: line ends that mix CRLF, LF and CR, NUL
and other controls, octets above 127, blanks before the colon, a first line that is a fold, the `From ` line of an mbox
file or the byte order mark of an editor before the first field, lines that are too long.

A line in the middle that can be no field ends the section where it stands: it and what follows is the body. So do
Postfix and Sendmail, which put the missing empty line before it, and Python's and most mail programs' readers; the
fields below it are then shown as text and signed by nobody. (dkimpy refuses such a message.) To read on past it would
find a From that no receiver sees. A bare CR is no line end (RFC 5322 §2.3), unless the section has no other.

Past a limit of `Limits` the rest of the section is not read, and `cut` says which limit it was; nobody may call such a
message authentic.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern

#: The empty line that ends a section.
_EMPTY_LINE = pattern(rb"\n\r?\n")
#: One field of a plain section: all of it, its name (RFC 5322 §2.2), and the blank or CR after the colon.
_PLAIN_FIELD = pattern(rb"(([!-9;-~]+):([ \t\r]?)[^\n]*(?:\n[ \t][^\n]*)*\n)")
#: What lines hold between their ends: deleted, it leaves the line ends and everything odd.
_ORDINARY = bytes([9, *range(32, 127)])
#: One field with its continuation lines, or one line that is none. Linear: no alternatives.
_FIELD = pattern(rb"[^\n]*(?:\n[ \t][^\n]*)*\n?")
_MAC_FIELD = pattern(rb"[^\r]*(?:\r[ \t][^\r]*)*\r?")
_BARE_CR = pattern(rb"\r(?!\n)")
_BARE_LF = pattern(rb"(?<!\r)\n")
_CONTROL = pattern(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HIGH = pattern(rb"[\x80-\xff]")
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
#: RFC 5322 §2.1.1: octets of a line without its CRLF.
MAX_LINE = 998
_BLANK_FOLD = pattern(rb"\n[ \t]+\r?(?=\n)")
#: RFC 5322 §2.2: printable US-ASCII except the colon.
_NOT_A_NAME = pattern(rb"[^!-9;-~]")
_SPACED = frozenset((b": ", b":\t", b":\r", b":\n", b":"))
_MAX_DEFECTS_OF_A_KIND = 20
#: Octets of names that are worth remembering.
_USUAL_NAME = 40
_LF = 10
#: `From : a@b.example` is a field with a blank before its colon, and no line of an mbox file.
_SPACED_FROM = pattern(rb"From[ \t]+:")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class HeaderDefectKind(StrEnum):
    """What can be wrong with the header section itself."""

    BYTE_ORDER_MARK = "byte-order-mark"  # U+FEFF of a text editor before the first field
    MBOX_LINE = "mbox-line"  # "From sender date" of an mbox file before the first field
    LEADING_FOLD = "leading-whitespace"  # the first line begins with a blank
    NO_SEPARATOR = "no-separator"  # a line that is no field ended the section
    NO_BODY = "no-body"  # the message ends within the header section
    BLANK_IN_NAME = "header-name-space"  # blanks before the colon (obsolete, RFC 5322 §4.5)
    EMPTY_NAME = "empty-name"  # the line begins with the colon
    BARE_CR = "bare-cr"
    BARE_LF = "bare-lf"
    CONTROL = "control-character"  # NUL and others
    EIGHT_BIT = "non-ascii-header"
    LONG_LINE = "line-too-long"  # over 998 octets (RFC 5322 §2.1.1)
    BLANK_FOLD = "blank-fold"  # a continuation line of blanks only (obsolete, RFC 5322 §4.2)
    NO_SPACE = "no-space-after-colon"  # legal; marks hand-made mail
    SECTION_CUT = "header-octets"  # Limits.header_octets
    TOO_MANY_FIELDS = "too-many-headers"  # Limits.header_fields
    FIELD_CUT = "header-field-octets"  # Limits.header_field_octets


class HeaderDefect(NamedTuple):
    """One defect and its place: octet offset in the message, line counted from 1."""

    kind: HeaderDefectKind
    offset: int
    line: int
    #: The field it is in, lower case; "" outside a field.
    field: str = ""


class Field(NamedTuple):
    """One header field: `raw` is the slice `[start:end]` of the message, its line end included."""

    #: The name as written, without blanks before the colon.
    name: str
    #: The name in lower case.
    key: str
    raw: bytes
    start: int
    end: int
    #: The line of the message where it begins, counted from 1.
    line: int

    @property
    def body(self) -> bytes:
        """What stands after the colon, folds kept, without the final line end."""
        return self.raw.partition(b":")[2].rstrip(b"\r\n")

    @property
    def value(self) -> bytes:
        """The body unfolded (RFC 5322 §2.2.3) and without blanks around it."""
        body = self.raw.partition(b":")[2].strip(b" \t\r\n")
        if b"\n" in body or b"\r" in body:
            body = body.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b"")
        return body

    @property
    def text(self) -> str:
        """`value` as text: UTF-8 where it is that (RFC 6532), else one character for each octet. Never fails."""
        return text_of(self.value)


@dataclass(frozen=True, slots=True)
class Headers:
    """The header section of a message, field by field, from the top."""

    fields: tuple[Field, ...]
    #: Where the body begins (after the empty line); the length of the message when there is none.
    body_start: int
    defects: tuple[HeaderDefect, ...]
    #: The limit that ended reading; None: the section was read whole.
    cut: HeaderDefectKind | None = None

    def all(self, name: str) -> tuple[Field, ...]:
        """Every field of that name, from the top."""
        key = name.lower()
        return tuple([field for field in self.fields if field.key == key])

    def first(self, name: str) -> Field | None:
        """The uppermost field of that name."""
        key = name.lower()
        for field in self.fields:
            if field.key == key:
                return field
        return None

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return self.first(name) is not None

    def text(self, name: str) -> str:
        """The uppermost field of that name as text, unfolded; "" when there is none."""
        field = self.first(name)
        return "" if field is None else field.text

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


def text_of(octets: bytes) -> str:
    """Octets of a header as text: UTF-8 where they are that (RFC 6532), else one character for each octet."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def parse(raw: bytes, *, limits: Limits = DEFAULT_LIMITS, start: int = 0, end: int | None = None) -> Headers:
    """The header section of a message, or of the MIME part that lies at `raw[start:end]`. Never raises.

    Offsets and lines count from the beginning of `raw[start:]`'s message: offsets in `raw`, lines from 1 at `start`.

    >>> headers = parse(b"From: facturas@empresa.example\\r\\nSubject: Factura 1\\r\\n\\r\\nBuenos dias")
    >>> [(field.name, field.line, field.text) for field in headers.fields]
    [('From', 1, 'facturas@empresa.example'), ('Subject', 2, 'Factura 1')]
    """
    stop = len(raw) if end is None else end
    reader = _Reader(raw, limits, start, stop)
    reader.step_over_prefix()
    return _plainly(reader) or reader.read()


def _spell(name: bytes) -> tuple[str, str]:
    """A field's name as text: as written, and in lower case."""
    text = name.decode("ascii")
    return text, text.lower()


#: All mail has the same few dozen names.
_spelled = functools.lru_cache(maxsize=1024)(_spell)


def _plainly(reader: _Reader) -> Headers | None:
    """The section when every line of it belongs to a field and no limit is near; else None."""
    raw, start, limits = reader.raw, reader.start, reader.limits
    empty = _EMPTY_LINE.search(raw, start, min(reader.end, start + limits.header_octets))
    if empty is None or empty.start() - start >= limits.header_field_octets:
        return None
    section = raw[start : empty.start() + 1]
    rows = _PLAIN_FIELD.findall(section)
    if len(rows) > limits.header_fields:
        return None
    fields: list[Field] = []
    odd: list[int] = []
    at, line, new = start, reader.line, tuple.__new__
    for field, octets, blank in rows:
        if len(field) > MAX_LINE or not blank:
            odd.append(len(fields))
        name, key = _spelled(octets) if len(octets) <= _USUAL_NAME else _spell(octets)
        begin, at = at, at + len(field)
        fields.append(new(Field, (name, key, field, begin, at, line)))
        line += field.count(b"\n")
    if at != empty.start() + 1:
        return None  # some line is no field
    strange = section.translate(None, _ORDINARY)
    reader.fields, reader.at = fields, at
    if odd or _BLANK_FOLD.search(section) or not _only_line_ends(strange):
        return Headers(tuple(fields), empty.end(), reader.octet_defects(odd))
    if strange[0] == _LF:
        reader.note(HeaderDefectKind.BARE_LF, raw.find(b"\n", start), 0)
    return Headers(tuple(fields), empty.end(), tuple(reader.defects))


def _only_line_ends(octets: bytes) -> bool:
    """Whether these are nothing but CRLF, or nothing but LF."""
    return octets == b"\r\n" * (len(octets) // 2) or octets == b"\n" * len(octets)


class _Reader:
    """Where reading stands, for one call of `parse`."""

    __slots__ = ("at", "cut", "defects", "end", "fields", "limits", "line", "mac", "raw", "start")

    def __init__(self, raw: bytes, limits: Limits, start: int, end: int) -> None:
        self.raw = raw
        self.limits = limits
        self.start = self.at = start
        self.end = end
        self.line = 1
        self.fields: list[Field] = []
        self.defects: list[HeaderDefect] = []
        self.mac = False
        self.cut: HeaderDefectKind | None = None

    def step_over_prefix(self) -> None:
        """What editors and mbox files put before the first field."""
        if self.raw.startswith(_BYTE_ORDER_MARK, self.start, self.end):
            self.note(HeaderDefectKind.BYTE_ORDER_MARK, self.start)
            self.start = self.at = self.start + len(_BYTE_ORDER_MARK)
        if self.raw.startswith((b"From ", b">From "), self.start, self.end) and not _SPACED_FROM.match(
            self.raw, self.start
        ):
            self.note(HeaderDefectKind.MBOX_LINE, self.start)
            line_end = self.raw.find(b"\n", self.start, self.end)
            self.start = self.at = self.end if line_end < 0 else line_end + 1
            self.line += 1

    def read(self) -> Headers:
        body_start = self._fields()
        defects = self.octet_defects(range(len(self.fields)))
        return Headers(tuple(self.fields), body_start, defects, self.cut)

    def _fields(self) -> int:
        """Read the fields; returns where the body begins."""
        stop = min(self.end, self.start + self.limits.header_octets)
        self.mac = self._is_mac(stop)
        match = (_MAC_FIELD if self.mac else _FIELD).match
        raw, fields = self.raw, self.fields
        while self.at < stop:
            if (empty := self._empty_line(stop)) > 0:
                return self.at + empty
            found = match(raw, self.at, stop)
            field = found.group() if found else b""
            name, colon, _ = field.partition(b":")
            if not colon or not name or _NOT_A_NAME.search(name):
                name = self._odd_name(name if colon else b"", field)
                if not name:
                    return self.at
            if len(fields) >= self.limits.header_fields:
                return self._stop_at(HeaderDefectKind.TOO_MANY_FIELDS)
            if len(field) > self.limits.header_field_octets:
                return self._stop_at(HeaderDefectKind.FIELD_CUT)
            end = self.at + len(field)
            spelled = name.decode("latin-1")
            fields.append(Field(spelled, spelled.lower(), field, self.at, end, self.line))
            self.line += field.count(b"\n") or field.count(b"\r")
            self.at = end
        if stop < self.end:
            return self._stop_at(HeaderDefectKind.SECTION_CUT)
        self.note(HeaderDefectKind.NO_BODY, self.at)
        return self.end

    def _empty_line(self, stop: int) -> int:
        """The octets of the empty line that is here, 0 for another: looked for first, since the body may begin indented."""
        if self.mac:
            return int(self.raw.startswith(b"\r", self.at, stop))
        if self.raw.startswith(b"\n", self.at, stop):
            return 1
        return 2 if self.raw.startswith(b"\r\n", self.at, stop) else 0

    def _is_mac(self, stop: int) -> bool:
        """Lines end with CR alone: there is no LF in the section at all."""
        return self.raw.find(b"\n", self.start, stop) < 0 and self.raw.find(b"\r", self.start, stop) >= 0

    def _odd_name(self, name: bytes, field: bytes) -> bytes:
        """The name of a field that is not spelled as RFC 5322 §2.2 wants; b"" when the line can be no field."""
        stripped = name.rstrip(b" \t")
        if self.at == self.start and field[:1] in (b" ", b"\t"):
            self.note(HeaderDefectKind.LEADING_FOLD, self.at)
            stripped = stripped.lstrip(b" \t\r\n")
        if stripped and not _NOT_A_NAME.search(stripped):
            if len(stripped) < len(name.lstrip(b" \t\r\n")):
                self.note(HeaderDefectKind.BLANK_IN_NAME, self.at)
            return stripped
        self.note(HeaderDefectKind.EMPTY_NAME if field[:1] == b":" else HeaderDefectKind.NO_SEPARATOR, self.at)
        return b""

    def _stop_at(self, limit: HeaderDefectKind) -> int:
        self.cut = limit
        self.note(limit, self.at)
        return self._body_after(self.at)

    def _body_after(self, at: int) -> int:
        """Where the body begins when the rest of the section is not read."""
        places = [(self.raw.find(mark, at, self.end), len(mark)) for mark in (b"\n\r\n", b"\n\n")]
        found = [place + length for place, length in places if place >= 0]
        return min(found, default=self.end)

    def octet_defects(self, odd: Iterable[int]) -> tuple[HeaderDefect, ...]:
        """All defects, those of octets looked for in the whole section at once. `odd`: fields to look at one by one."""
        section = self.raw[self.start : self.at]
        crlf = section.count(b"\r\n")
        if crlf != section.count(b"\n"):
            self._places(HeaderDefectKind.BARE_LF, _BARE_LF, section, whole=crlf == 0)
        if crlf != section.count(b"\r"):
            self._places(HeaderDefectKind.BARE_CR, _BARE_CR, section)
        if not section.isascii():
            self._places(HeaderDefectKind.EIGHT_BIT, _HIGH, section)
        if len(section.translate(None, _CONTROLS)) != len(section):
            self._places(HeaderDefectKind.CONTROL, _CONTROL, section)
        self._places(HeaderDefectKind.BLANK_FOLD, _BLANK_FOLD, section)
        for owner in odd:
            field = self.fields[owner]
            after = field.raw[len(field.name) : len(field.name) + 2]
            if after[:1] == b":" and after not in _SPACED:
                self.note(HeaderDefectKind.NO_SPACE, field.start + len(field.name), owner)
            if len(field.raw) > MAX_LINE:
                self._long_line(field, owner)
        return tuple(sorted(self.defects, key=lambda defect: defect.offset)) if self.defects else ()

    def _long_line(self, field: Field, owner: int) -> None:
        at = field.start
        for line in field.raw.split(b"\n"):
            if len(line.removesuffix(b"\r")) > MAX_LINE:
                self.note(HeaderDefectKind.LONG_LINE, at, owner)
                return
            at += len(line) + 1

    def _places(
        self, kind: HeaderDefectKind, wanted: re.Pattern[bytes], section: bytes, *, whole: bool = False
    ) -> None:
        """One defect for each field that has such an octet, at its first; `whole`: one for the section."""
        seen: set[int] = set()
        for found in wanted.finditer(section):
            offset = self.start + found.start()
            owner = self._field_at(offset)
            if owner in seen:
                continue
            seen.add(owner)
            self.note(kind, offset, owner)
            if whole or len(seen) >= _MAX_DEFECTS_OF_A_KIND:
                return

    def _field_at(self, offset: int) -> int:
        """The index of the field that holds the offset; -1 outside of all."""
        low, high = 0, len(self.fields)
        while low < high:
            middle = (low + high) // 2
            if self.fields[middle].end <= offset:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.fields) and self.fields[low].start <= offset else -1

    def note(self, kind: HeaderDefectKind, offset: int, owner: int = -1) -> None:
        """Add a defect; `owner` is the index of the field it is in."""
        if owner < 0:
            self.defects.append(HeaderDefect(kind, offset, self.line))
            return
        field = self.fields[owner]
        line = field.line + self.raw.count(b"\n", field.start, offset)
        self.defects.append(HeaderDefect(kind, offset, line, field.key))
