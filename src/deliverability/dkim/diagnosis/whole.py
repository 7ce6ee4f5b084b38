"""Changes that concern the whole body, and how each is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.core.text import NO_TEXT, Text
from deliverability.dkim.canonical import Canonicalization
from deliverability.dkim.diagnosis.causes import Cause
from deliverability.dkim.diagnosis.search import CRLF

BOM = b"\xef\xbb\xbf"
#: Lengths at which mail servers break long lines: Postfix 998 (990 before), Sendmail 990, Exchange 1000 and 2000.
_LONGEST_KEPT = 5_000
_CSS_RULE = pattern(rb"(?m)^([A-Za-z][\w-]{0,60}(?:[ ,.:>+~][^;{}\r\n]{0,200})?\{)")
_TAGS_OF_CSS = frozenset(
    b"a abbr b blockquote body br button center code div em font footer h1 h2 h3 h4 h5 h6 header hr html i img input "
    b"label li ol p pre small span strong style sub sup table tbody td tfoot th thead tr u ul".split()
)
_PREAMBLES = (
    b"This is a multi-part message in MIME format.\r\n\r\n",
    b"This is a multi-part message in MIME format.\r\n",
    b"This is a multipart message in MIME format.\r\n\r\n",
    b"This is a multipart message in MIME format.\r\n",
    b"This is a message in MIME format.\r\n\r\n",
    b"This is a MIME-encapsulated message\r\n\r\n",
    b"\r\n",
    b"\r\n\r\n",
)

ADDED = Text("added", "añadido")
LOST = Text("lost", "perdido")


class Undone(NamedTuple):
    """A body as it may have been, and what would have happened to it."""

    cause: Cause
    body: bytes
    detail: Text = NO_TEXT


class _Change(NamedTuple):
    cause: Cause
    undo: Callable[[bytes], bytes]
    detail: Text = NO_TEXT
    #: Only matters where white space is signed as it is.
    simple_only: bool = False


def undone(body: bytes, method: Canonicalization) -> Iterator[Undone]:
    """Every way to undo one change of the whole body that makes a difference, the likely ones first."""
    for change in _CHANGES:
        if change.simple_only and method == "relaxed":
            continue
        before = change.undo(body)
        if before != body:
            yield Undone(change.cause, before, _TWICE if _encoded_twice(change, before) else change.detail)


def _encoded_twice(change: _Change, before: bytes) -> bool:
    """What was converted to UTF-8 had been UTF-8 already."""
    return change.detail is _TO_UTF8 and not before.isascii() and is_utf8(before)


def is_utf8(octets: bytes) -> bool:
    """Whether the octets are UTF-8."""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def preambles(body: bytes, first_delimiter: int) -> Iterator[Undone]:
    """The text before the first delimiter taken away, or put in: nobody reads it, and software adds and drops it."""
    if first_delimiter < 0:
        return
    rest = body[first_delimiter:]
    yield from (Undone(Cause.PREAMBLE, text + rest) for text in (b"", *_PREAMBLES) if text + rest != body)


def _line_start(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Lines that begin with `old` begin with `new`."""

    def undo(body: bytes) -> bytes:
        if body.startswith(old):
            body = new + body[len(old) :]
        return body.replace(b"\n" + old, b"\n" + new)

    return undo


def _replace(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new)


def _unwrapped(glue: bytes) -> Callable[[bytes], bytes]:
    """Lines as long as the longest joined with what follows them: `glue` is what the breaking put in."""

    def undo(body: bytes) -> bytes:
        lines = body.split(CRLF)
        longest = max(map(len, lines))
        if not 200 <= longest <= _LONGEST_KEPT:
            return body
        mark, _, indent = glue.partition(CRLF)
        pieces: list[bytes] = []
        carry = False
        for line in lines:
            cut = len(line) == longest and line.endswith(mark)
            kept = line.removesuffix(mark) if cut else line
            pieces.append(kept.removeprefix(indent) if carry else CRLF + kept)
            carry = cut
        return b"".join(pieces)[2:]

    return undo


def _unfilled(body: bytes) -> bytes:
    """Paragraphs on one line again: a line break is taken out where the next word would not have fitted."""
    lines = body.split(CRLF)
    width = max(map(len, lines))
    if not 60 <= width <= 200:
        return body
    pieces: list[bytes] = []
    before = b""
    for line in lines:
        word = line.partition(b" ")[0]
        full = before and word and line[:1] not in (b" ", b">", b"-") and len(before) + 1 + len(word) > width
        pieces.append(((b"" if before.endswith(b" ") else b" ") if full else CRLF) + line)
        before = line
    return b"".join(pieces)[2:]


def _transcoded(source: str, target: str) -> Callable[[bytes], bytes]:
    def undo(body: bytes) -> bytes:
        if body.isascii():
            return body
        try:
            return body.decode(source).encode(target)
        except UnicodeError:
            return body

    return undo


def _css_dots(body: bytes) -> bytes:
    """Lines that look like a CSS rule without the dot of its class get it back."""
    if b"<style" not in body and b"<STYLE" not in body:
        return body
    return _CSS_RULE.sub(
        lambda rule: rule[0] if rule[1].split(b" ")[0].rstrip(b"{,.:>").lower() in _TAGS_OF_CSS else b"." + rule[0],
        body,
    )


_STRIPPED = pattern(rb"(?<=[a-z\"' ])([BC])([ -?])(?=[a-z .,;:<\r])")


def _accents(body: bytes) -> bytes:
    """UTF-8 whose eighth bit was taken away: what is left of "ó" is "C3"."""
    return (
        _STRIPPED.sub(lambda found: bytes([found[1][0] | 0x80, found[2][0] | 0x80]), body) if body.isascii() else body
    )


def _stripped(body: bytes) -> bytes:
    return body.lstrip(CRLF)


_TWICE = Text("UTF-8 read as Latin-1 and encoded again", "UTF-8 leído como Latin-1 y vuelto a codificar")
_TO_UTF8 = Text("from Latin-1 to UTF-8", "de Latin-1 a UTF-8")
_TO_LATIN = Text("from UTF-8 to Latin-1", "de UTF-8 a Latin-1")

_CHANGES = (
    _Change(Cause.FROM_QUOTED, _line_start(b">From ", b"From "), ADDED),
    _Change(Cause.FROM_QUOTED, _line_start(b"From ", b">From "), LOST),
    _Change(Cause.DOT_STUFFING, _line_start(b"..", b"."), ADDED),
    _Change(Cause.DOT_STUFFING, _line_start(b".", b".."), LOST),
    _Change(Cause.DOT_STUFFING, _css_dots, LOST),
    _Change(Cause.LEADING_BLANK_LINES, _stripped, ADDED),
    _Change(Cause.LEADING_BLANK_LINES, lambda body: CRLF + body, LOST),
    _Change(Cause.LEADING_BLANK_LINES, lambda body: CRLF + CRLF + body, LOST),
    _Change(Cause.LINE_ENDS, _replace(b"\r\r\n", CRLF), Text("CR CR LF", "CR CR LF")),
    _Change(Cause.LINE_ENDS, _replace(CRLF + CRLF, CRLF), Text("doubled", "duplicados")),
    _Change(Cause.LINE_ENDS, _replace(CRLF, b"\r\r\n"), Text("CR CR LF", "CR CR LF")),
    _Change(Cause.BYTE_ORDER_MARK, lambda body: body.removeprefix(BOM), ADDED),
    _Change(Cause.BYTE_ORDER_MARK, lambda body: BOM + body, LOST),
    _Change(Cause.LINES_WRAPPED, _unwrapped(b"\r\n ")),
    _Change(Cause.LINES_WRAPPED, _unwrapped(b"\r\n")),
    _Change(Cause.LINES_WRAPPED, _unwrapped(b"!\r\n ")),
    _Change(Cause.LINES_WRAPPED, _unwrapped(b"!\r\n")),
    _Change(Cause.LINES_WRAPPED, _unfilled),
    _Change(Cause.CHARSET_CONVERTED, _transcoded("utf-8", "cp1252"), _TO_UTF8),
    _Change(Cause.CHARSET_CONVERTED, _transcoded("utf-8", "latin-1"), _TO_UTF8),
    _Change(Cause.CHARSET_CONVERTED, _transcoded("cp1252", "utf-8"), _TO_LATIN),
    _Change(Cause.CHARSET_CONVERTED, _transcoded("latin-1", "utf-8"), _TO_LATIN),
    _Change(Cause.HIGH_BIT_STRIPPED, _accents),
    _Change(Cause.WHITE_SPACE, _replace(b"\xc2\xa0", b" "), Text("no-break spaces", "espacios de no separación")),
    _Change(Cause.WHITE_SPACE, _replace(b"\r\n--\r\n", b"\r\n-- \r\n"), Text("“-- ”", "«-- »"), simple_only=True),
    _Change(Cause.TABS, _replace(b" " * 8, b"\t"), simple_only=True),
    _Change(Cause.TABS, _replace(b" " * 4, b"\t"), simple_only=True),
    _Change(Cause.TABS, _replace(b"\t", b" " * 8), simple_only=True),
    _Change(Cause.TABS, _replace(b"\t", b" " * 4), simple_only=True),
    _Change(Cause.TABS, _replace(b"\t", b" "), simple_only=True),
)
