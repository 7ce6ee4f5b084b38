"""Parts that were encoded anew on the way: the same text in another transfer encoding or character set.

A gateway that takes a message apart writes it again in its own way: 8bit becomes quoted-printable where the next server
does not take 8BITMIME (RFC 6152 §3), base64 lines get another length, Latin-1 becomes UTF-8. The text is the same and
the octets are not. To undo it the part is decoded and written in each form it may have had, its header fields too.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.dkim.diagnosis.parts import Leaf
from deliverability.dkim.diagnosis.search import CRLF

#: Octets of a part that is decoded and written again.
MAX_PART = 512 * 1024
_WIDTHS = (76, 72, 64, 60, 0)
_CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "us-ascii")
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-15": "iso-8859-15",
    "us-ascii": "ascii",
    "": "utf-8",
}
_ESCAPES = tuple(b"=%02X" % octet for octet in range(256))
_UNSAFE = pattern(rb"[^\t\r\n -<>-~]|\r(?!\n)|(?<!\r)\n")
_UNSAFE_TABS = pattern(rb"[^\r\n -<>-~]|\r(?!\n)|(?<!\r)\n")
_BLANK_AT_END = pattern(rb"[ \t](?=\r\n|\Z)")
_CAREFUL = pattern(rb"(?m)^(?:\.|F(?=rom ))")
_SOFT = pattern(rb"=[ \t]*\r?\n")
_TRAILING = pattern(rb"(?<![ \t])[ \t]{1,998}\r\n")
_QP = pattern(rb"=([0-9A-Fa-f]{2})")
_ENCODING_LINE = pattern(rb"(?i)(\ncontent-transfer-encoding:[ \t]*)([^\r\n]*)")
_CHARSET_VALUE = pattern(rb"(?i)(charset\s{0,10}=\s{0,10}\"?)([^\s;\"]{1,60})")


class Form(NamedTuple):
    """One way in which a part may have been written."""

    encoding: str
    charset: str
    octets: bytes


def decoded(octets: bytes, encoding: str) -> bytes | None:
    """The content of a part; None when it is not in that encoding. Line ends CRLF."""
    if len(octets) > MAX_PART:
        return None
    if encoding == "base64":
        try:
            return binascii.a2b_base64(octets)
        except binascii.Error:
            return None
    if encoding == "quoted-printable":
        # RFC 2045 §6.7 rules 3 and 5: white space before a line end was added on the way; "=" at the end joins lines.
        bare = _TRAILING.sub(CRLF, octets) if b" \r\n" in octets or b"\t\r\n" in octets else octets
        return _QP.sub(lambda found: bytes([int(found[1], 16)]), _SOFT.sub(b"", bare))
    return octets if encoding in ("", "7bit", "8bit", "binary") else None


def encoded(content: bytes, encoding: str, like: bytes = b"") -> Iterator[bytes]:
    """The content written in an encoding, in each way that software is known to write it; `like` has the length of lines."""
    if encoding == "base64":
        width = len(like.partition(CRLF)[0])
        widths = dict.fromkeys([width, *_WIDTHS] if 0 < width <= 76 else _WIDTHS)
        text = base64.b64encode(content)
        ends = (CRLF,) if like.endswith(CRLF) else (b"", CRLF)
        for columns in widths:
            folded = fold(text, columns)
            yield from (folded + end for end in ends)
    elif encoding == "quoted-printable":
        yield from dict.fromkeys(write_quoted_printable(content, style) for style in STYLES)
    else:
        yield content


def fold(text: bytes, columns: int) -> bytes:
    """Base64 in lines of so many columns; 0: one line."""
    if not columns:
        return text
    return CRLF.join(text[at : at + columns] for at in range(0, len(text), columns))


class QpStyle(NamedTuple):
    """What quoted-printable leaves to the writer (RFC 2045 §6.7)."""

    #: Octets of a line, the "=" of a soft break included.
    width: int
    #: Tabs are encoded wherever they stand.
    tabs: bool
    #: A dot and "From " at the beginning of a line are encoded.
    careful: bool
    #: The last line of a run may be as long as a line with its soft break.
    exact: bool


STYLES = (
    QpStyle(76, False, False, True),
    QpStyle(76, False, False, False),
    QpStyle(76, True, False, True),
    QpStyle(76, False, True, True),
    QpStyle(75, False, False, True),
    QpStyle(73, False, False, True),
    QpStyle(72, False, False, True),
)


def write_quoted_printable(content: bytes, style: QpStyle) -> bytes:
    """The content as quoted-printable, in one style."""
    unsafe = _UNSAFE_TABS if style.tabs else _UNSAFE
    text = unsafe.sub(lambda found: _ESCAPES[found[0][0]], content)
    text = _BLANK_AT_END.sub(lambda found: _ESCAPES[found[0][0]], text)
    if style.careful:
        text = _CAREFUL.sub(lambda found: _ESCAPES[found[0][0]], text)
    return CRLF.join(_soft_lines(line, style) if len(line) >= style.width else line for line in text.split(CRLF))


def _soft_lines(line: bytes, style: QpStyle) -> bytes:
    """One long line with soft breaks; an "=XX" is never cut."""
    rows: list[bytes] = []
    start = 0
    limit = style.width if style.exact else style.width - 1
    while len(line) - start > limit:
        end = start + style.width - 1
        if line[end - 1 : end] == b"=":
            end -= 1
        elif line[end - 2 : end - 1] == b"=":
            end -= 2
        rows.append(line[start:end])
        start = end
    rows.append(line[start:])
    return b"=\r\n".join(rows)


def forms_before(octets: bytes, leaf: Leaf) -> Iterator[Form]:
    """The forms that a text part may have had before it was encoded anew; the one it has is not among them."""
    content = decoded(octets, leaf.encoding)
    if content is None:
        return
    for charset, text in _transcodings(content, leaf.charset):
        eight_bit = not text.isascii()
        targets = ["8bit" if eight_bit else "7bit", "quoted-printable", "base64"]
        if text is not content:
            targets.insert(0, leaf.encoding or "7bit")
        for encoding in dict.fromkeys(targets):
            for written in encoded(text, encoding, octets):
                if written != octets:
                    yield Form(encoding, charset, written)


def _transcodings(content: bytes, charset: str) -> Iterator[tuple[str, bytes]]:
    """The content as it is, then in the other character sets."""
    yield charset, content
    codec = _CODECS.get(charset)
    if codec is None:
        return
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        return
    for other in _CHARSETS:
        if other == charset or (content.isascii() and charset):
            continue
        try:
            yield other, text.encode(_CODECS[other])
        except UnicodeEncodeError:
            continue


def headers_before(section: bytes, form: Form, leaf: Leaf) -> Iterator[bytes]:
    """A part's header section with its encoding and character set as they may have been spelled."""
    sections = [section]
    if form.encoding != leaf.encoding:
        values = (form.encoding.encode("ascii"), form.encoding.upper().encode("ascii"))
        sections = [_ENCODING_LINE.sub(_put(value), b"\n" + section)[1:] for value in values]
        if form.encoding == "7bit":
            sections.append(_without_encoding(section))
    for spelled in sections:
        if form.charset == leaf.charset:
            yield spelled
            continue
        for charset in (form.charset.encode("ascii"), form.charset.upper().encode("ascii")):
            yield _CHARSET_VALUE.sub(_put(charset), spelled)


def _put(value: bytes) -> Callable[..., bytes]:
    return lambda found: found[1] + value


def _without_encoding(section: bytes) -> bytes:
    lines = section.split(CRLF)
    return CRLF.join(line for line in lines if not line.lower().startswith(b"content-transfer-encoding"))


def refolded(octets: bytes, columns: int) -> bytes:
    """A base64 part with lines of another length."""
    text = octets.replace(CRLF, b"")
    return fold(text, columns) + (CRLF if octets.endswith(CRLF) else b"")
