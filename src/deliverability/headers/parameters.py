"""A value with parameters: Content-Type and Content-Disposition (RFC 2045 §5.1), long and foreign ones (RFC 2231).

The body is cut into pieces at the semicolons that are neither quoted nor in comments, in one pass. Where a parameter is
given plainly and in the form of RFC 2231, the latter counts; of two equal ones the first counts, and the second is told,
because programs differ in which one they take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.charsets import decode_octets, decode_unlabelled
from deliverability.headers.words import decode_words

#: Parameters that are read of one field, and pieces of one continued value.
MAX_PARAMETERS = 200

_PIECE = pattern(
    r'(?P<quoted>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<semicolon>;)|(?P<comment>\()|(?P<text>[^";(\\]+)|(?P<other>.)', re.DOTALL
)
_COMMENT_EDGE = pattern(r"[()\\]")
_QUOTED_PAIR = pattern(r"\\(.)", re.DOTALL)
#: RFC 2231 §7: name, number of the piece, mark of the encoding.
_NAME = pattern(r"([^\x00-\x20()<>@,;:\\\"/\[\]?=*]{1,80})(?:\*(0|[1-9][0-9]{0,2}))?(\*)?")
_MAIN = pattern(r"\s*([^\s/(]+)(?:\s*/\s*([^\s(]+))?")
_PERCENT = pattern(rb"%([0-9A-Fa-f]{2})")
#: RFC 2045 §5.1: what an unquoted value may hold.
_TOKEN = pattern(r"[!#-'*+.0-9A-Z^-~-]+")


class ParameterDefectKind(StrEnum):
    """What can be wrong with parameters."""

    NO_VALUE = "no-value"  # nothing before the first semicolon
    BAD_NAME = "bad-name"
    NO_EQUALS = "no-equals"
    DUPLICATE = "duplicate-parameter"
    UNCLOSED_QUOTE = "unclosed-quote"
    UNCLOSED_COMMENT = "unclosed-comment"
    UNQUOTED = "unquoted-value"  # blanks or specials without quotes
    TEXT_AFTER = "text-after-value"
    ENCODED_WORD = "encoded-word"  # RFC 2047 in a parameter, which RFC 2231 forbids
    RAW_8BIT = "raw-8bit"
    UNKNOWN_CHARSET = "unknown-charset"
    BAD_PERCENT = "bad-percent"
    UNDECODABLE = "undecodable"
    GAP = "missing-piece"  # RFC 2231 §3: pieces count from 0 without a gap
    TOO_MANY = "too-many-parameters"


class ParameterDefect(NamedTuple):
    """One defect; `span` counts characters of the field's text."""

    kind: ParameterDefectKind
    span: Span
    #: The parameter, lower case; "" for the field.
    name: str = ""


@dataclass(frozen=True, slots=True)
class Parameterized:
    """A value and its parameters."""

    #: The main value in lower case without blanks and comments: `text/html`, `attachment`.
    value: str
    #: By name in lower case: the value as a reader sees it.
    parameters: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[ParameterDefect, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The parameter of that name (lower case)."""
        return self.parameters.get(name, default)

    def has(self, *kinds: ParameterDefectKind) -> bool:
        """Whether there is a defect of one of these kinds."""
        return any(defect.kind in kinds for defect in self.defects)


class _Raw(NamedTuple):
    """One parameter as it stands."""

    value: str
    encoded: bool
    span: Span


# Most fields hold one token and token parameters, quoted or not.
_PLAIN = pattern(
    r"[ \t]*([A-Za-z0-9!#$&^_.+/-]+)[ \t]*(?:;[ \t]*([A-Za-z0-9_-]+)=(?:\"([^\"\\=]*)\"|([A-Za-z0-9!#$&^_.+{}|~'-]+))[ \t]*)?;?[ \t]*"
)


def parse_parameterized(value: bytes | str) -> Parameterized:
    """The value and parameters of an unfolded field body. Never raises."""
    if isinstance(value, bytes):
        if not value.isascii():
            return _Reader(decode_unlabelled(value)).read()
        value = value.decode("ascii")
    plain = _PLAIN.fullmatch(value)
    if plain is not None:
        main, name, quoted, token = plain.groups()
        if name is None:
            return Parameterized(main.lower())
        if quoted is None or quoted.isprintable():
            return Parameterized(main.lower(), {name.lower(): quoted if quoted is not None else token})
    return _Reader(value).read()


class _Reader:
    """Where reading stands, for one call of `parse_parameterized`."""

    __slots__ = ("defects", "names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.defects: list[ParameterDefect] = []
        #: name -> number of the piece (-1: a value in one piece) -> what stands there
        self.names: dict[str, dict[int, _Raw]] = {}

    def read(self) -> Parameterized:
        pieces = self._pieces()
        main = self._main_value("".join(pieces[0][0]), pieces[0][1])
        for parts, span in pieces[1:]:
            if "".join(parts).strip():
                self._parameter(parts, span)
        if not self.text.isascii():
            self._note(ParameterDefectKind.RAW_8BIT, 0, len(self.text))
        parameters = {name: self._value(name, found) for name, found in self.names.items()}
        return Parameterized(main, parameters, tuple(self.defects))

    def _main_value(self, text: str, span: Span) -> str:
        """What stands before the first semicolon: one token, or `type/subtype` with blanks around the slash taken out."""
        found = _MAIN.match(text)
        if found is None:
            self._note(ParameterDefectKind.NO_VALUE, 0, 0)
            return ""
        if text[found.end() :].strip():
            self._note(ParameterDefectKind.TEXT_AFTER, *span)
        kind, subtype = found.groups()
        return (f"{kind}/{subtype}" if subtype else str(kind)).lower()

    def _pieces(self) -> list[tuple[list[str], Span]]:
        """The parts between semicolons, comments left out; a quoted string is one part of its piece."""
        text, at, start = self.text, 0, 0
        pieces: list[tuple[list[str], Span]] = []
        parts: list[str] = []
        comments = True
        while at < len(text):
            found = _PIECE.match(text, at)
            assert found is not None  # noqa: S101 - the last alternative takes any character
            kind, end = found.lastgroup, found.end()
            if kind == "semicolon":
                pieces.append((parts, Span(start, at)))
                parts, start = [], end
                if len(pieces) > MAX_PARAMETERS:
                    self._note(ParameterDefectKind.TOO_MANY, at, len(text))
                    return pieces
            elif kind == "comment" and comments and (closing := _comment_end(text, at)) > 0:
                end = closing
                parts.append(" ")
            elif found[0] == '"':
                # It never closes: the rest is its value, as mail programs take it.
                self._note(ParameterDefectKind.UNCLOSED_QUOTE, at, end)
                rest, _, _ = text[end:].partition(";")
                parts.append('"' + rest.replace("\\", "").replace('"', "") + '"')
                end += len(rest)
                text = text[:end] + text[end:].replace('"', " ")
            else:
                if kind == "comment" and comments:
                    comments = False
                    self._note(ParameterDefectKind.UNCLOSED_COMMENT, at, end)
                parts.append(found[0])
            at = end
        pieces.append((parts, Span(start, len(text))))
        return pieces

    def _parameter(self, parts: list[str], span: Span) -> None:
        """One `name=value`."""
        head, equals, first = parts[0].partition("=")
        index = 1
        while not equals and index < len(parts) and not parts[index].startswith('"'):
            more, equals, first = parts[index].partition("=")
            head += more
            index += 1
        if not equals:
            self._note(ParameterDefectKind.NO_EQUALS, *span)
            return
        named = _NAME.fullmatch(head.strip())
        if named is None:
            self._note(ParameterDefectKind.BAD_NAME, *span)
            return
        name = named[1].lower()
        value = self._plain_value([first, *parts[index:]], span, name)
        number = int(named[2]) if named[2] is not None else -1
        encoded = named[3] is not None
        pieces = self.names.setdefault(name, {})
        # A value in one piece has two forms that may stand side by side: name= and name*=.
        slot = -2 if number == -1 and encoded else number
        if slot in pieces:
            self._note(ParameterDefectKind.DUPLICATE, *span, name)
            return
        pieces[slot] = _Raw(value, encoded, span)

    def _plain_value(self, parts: list[str], span: Span, name: str) -> str:
        """The value as written, quotes taken off."""
        joined = "".join(parts).strip()
        quoted = [part for part in parts if part.startswith('"') and len(part) > 1]
        if quoted and parts[0].strip() == "":
            if len(joined) > len(quoted[0]):
                self._note(ParameterDefectKind.TEXT_AFTER, *span, name)
            inner = quoted[0][1:-1]
            return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner
        if not _TOKEN.fullmatch(joined):
            self._note(ParameterDefectKind.UNQUOTED, *span, name)
        return joined

    def _value(self, name: str, pieces: dict[int, _Raw]) -> str:
        """RFC 2231 §3 and §4: the pieces put together and decoded."""
        whole = pieces.get(-2) or (None if 0 in pieces else pieces.get(-1))
        if whole is not None:
            return self._extended(name, [whole]) if whole.encoded else self._words(name, whole)
        numbered = [pieces[number] for number in range(len(pieces)) if number in pieces]
        run = 0
        while run in pieces:
            run += 1
        if run < sum(1 for number in pieces if number >= 0):
            self._note(ParameterDefectKind.GAP, *next(iter(pieces.values())).span, name)
            numbered = [pieces[number] for number in sorted(pieces) if number >= 0]
        return (
            self._extended(name, numbered)
            if any(raw.encoded for raw in numbered)
            else "".join(raw.value for raw in numbered)
        )

    def _extended(self, name: str, pieces: list[_Raw]) -> str:
        charset, octets = "", []
        for index, raw in enumerate(pieces):
            value = raw.value
            if index == 0 and raw.encoded and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            encoded = value.encode("utf-8", "surrogatepass")
            octets.append(self._percent(encoded, raw, name) if raw.encoded else encoded)
        if not charset:
            return decode_unlabelled(b"".join(octets))
        decoded = decode_octets(b"".join(octets), charset)
        if not decoded.known:
            self._note(ParameterDefectKind.UNKNOWN_CHARSET, *pieces[0].span, name)
        elif not decoded.clean:
            self._note(ParameterDefectKind.UNDECODABLE, *pieces[0].span, name)
        return decoded.text

    def _percent(self, octets: bytes, raw: _Raw, name: str) -> bytes:
        decoded, count = _PERCENT.subn(lambda pair: bytes((int(pair[1], 16),)), octets)
        if count < octets.count(b"%"):
            self._note(ParameterDefectKind.BAD_PERCENT, *raw.span, name)
        return decoded

    def _words(self, name: str, raw: _Raw) -> str:
        if "=?" not in raw.value:
            return raw.value
        words = decode_words(raw.value)
        if words.encoded:
            # RFC 2047 §5: an encoded word must not be in a parameter; mail programs decode it all the same.
            self._note(ParameterDefectKind.ENCODED_WORD, *raw.span, name)
        return words.text

    def _note(self, kind: ParameterDefectKind, start: int, end: int, name: str = "") -> None:
        if len(self.defects) < MAX_PARAMETERS:
            self.defects.append(ParameterDefect(kind, Span(start, end), name))


def _comment_end(text: str, start: int) -> int:
    """The end of the comment that opens at `start`, inner ones included (RFC 5322 §3.2.2); 0: it never closes."""
    depth, at = 0, start
    while found := _COMMENT_EDGE.search(text, at):
        at = found.end() + (found[0] == "\\")
        if found[0] != "\\":
            depth += 1 if found[0] == "(" else -1
            if depth == 0:
                return at
    return 0
