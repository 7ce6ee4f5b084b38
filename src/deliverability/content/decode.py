"""Bodies without their transfer encoding, and texts in Unicode (RFC 2045 §6, RFC 2046 §4.1.2).

Broken encodings are read as far as they go: characters that are no base64 are passed over, an escape of
quoted-printable that is none stays as it stands, and each kind of it is a defect with the place of the first. What is
decoded is bounded by the caller and handled in pieces, so that a large attachment is in memory once besides the message.
"""

from __future__ import annotations

import binascii
import io
import re
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.mojibake import find_mojibake
from deliverability.core.patterns import pattern
from deliverability.headers.charsets import codec_of
from deliverability.headers.charsets import decode_octets as read_charset

_CHUNK = 1 << 20
_BLANKS = b" \t\r\n"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = pattern(rb"[^A-Za-z0-9+/= \t\r\n]")
_NOT_IN_ALPHABET = bytes(sorted(set(range(256)) - set(_ALPHABET)))
_HIGH = pattern(rb"[\x80-\xff]")
_BAD_ESCAPE = pattern(rb"=(?![0-9A-Fa-f]{2}|[ \t]{0,80}(?:\r?\n|\r|$))")
_BLANK_SOFT_BREAK = pattern(rb"=[ \t]{0,80}(?:\r\n|\r|\n)")
_LINE = pattern(rb"[^\r\n]+")
#: Octets of uuencode that are read: it is gone through line by line, and nobody sends it any more.
_UUENCODE = 4 * 1024 * 1024
_SHOWN = 20


class DecodeDefectKind(StrEnum):
    """What can be wrong with a transfer encoding."""

    BASE64_CHARACTER = "base64-character"  # outside the alphabet (RFC 2045 §6.8: to be ignored)
    BASE64_PADDING = "base64-padding"
    BASE64_TRUNCATED = "base64-truncated"  # one character is left over: the text was cut
    BASE64_AFTER_END = "base64-after-end"  # more text after the padding
    QUOTED_PRINTABLE_ESCAPE = "quoted-printable-escape"  # "=" not before two hexadecimal digits (RFC 2045 §6.7)
    QUOTED_PRINTABLE_8BIT = "quoted-printable-8bit"
    EIGHT_BIT = "8bit-in-7bit"  # octets above 127 although 7bit is declared (RFC 2045 §2.7)
    NUL = "nul"
    UNKNOWN_ENCODING = "unknown-encoding"
    UUENCODE = "uuencode"  # a line that is no uuencode


class DecodeDefect(NamedTuple):
    """One defect; `offset` counts octets of the message."""

    kind: DecodeDefectKind
    offset: int
    #: What stands there.
    detail: str = ""


class Decoded(NamedTuple):
    """A body without its transfer encoding."""

    octets: bytes
    defects: tuple[DecodeDefect, ...] = ()
    #: Whether there is more than was decoded: the limit was reached.
    cut: bool = False

    def has(self, *kinds: DecodeDefectKind) -> bool:
        """Whether there is a defect of one of these kinds."""
        return any(defect.kind in kinds for defect in self.defects)


class TextDefectKind(StrEnum):
    """What can be wrong with the charset of a text."""

    UNKNOWN_CHARSET = "unknown-charset"
    UNDECLARED = "undeclared-charset"  # octets above 127 without a charset (RFC 2046 §4.1.2: US-ASCII)
    UNDECODABLE = "undecodable"  # octets that are not in the declared charset
    MOJIBAKE = "mojibake"  # UTF-8 that was read as Windows-1252 and encoded again
    REPLACED = "replacement-characters"  # U+FFFD as sent: the sender's program had lost the letters already


class TextDefect(NamedTuple):
    """One defect; `excerpt` is what a reader sees there."""

    kind: TextDefectKind
    excerpt: str = ""


class DecodedText(NamedTuple):
    """A body as text: Unicode without lone surrogates."""

    text: str
    #: The charset it was read in: as declared, else from the HTML, else "".
    charset: str = ""
    defects: tuple[TextDefect, ...] = ()
    #: Whether the limit was reached before the end.
    cut: bool = False

    def defect(self, kind: TextDefectKind) -> TextDefect | None:
        """The defect of that kind."""
        return next((defect for defect in self.defects if defect.kind is kind), None)


def decode_octets(raw: bytes, start: int, end: int, encoding: str, limit: int | None = None) -> Decoded:
    """`raw[start:end]` without its transfer encoding, at most `limit` octets of it. Never raises."""
    if encoding == "base64":
        return _base64(raw, start, end, limit)
    if encoding == "quoted-printable":
        return _quoted_printable(raw, start, end, limit)
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return _uuencode(raw, start, end, limit)
    stop = end if limit is None else min(end, start + limit)
    octets = raw[start:stop]
    defects: list[DecodeDefect] = []
    if encoding not in ("7bit", "8bit", "binary"):
        defects.append(DecodeDefect(DecodeDefectKind.UNKNOWN_ENCODING, start, encoding[:_SHOWN]))
    elif encoding == "7bit" and not octets.isascii():
        _first(_HIGH, octets, start, DecodeDefectKind.EIGHT_BIT, defects)
    if encoding != "binary" and b"\0" in octets:
        defects.append(DecodeDefect(DecodeDefectKind.NUL, start + octets.index(b"\0")))
    return Decoded(octets, tuple(defects), stop < end)


def _first(
    wanted: re.Pattern[bytes], octets: bytes, start: int, kind: DecodeDefectKind, defects: list[DecodeDefect]
) -> None:
    found = wanted.search(octets)
    if found and all(defect.kind is not kind for defect in defects):
        seen = octets[found.start() : found.start() + _SHOWN].decode("latin-1")
        defects.append(DecodeDefect(kind, start + found.start(), seen))


def _base64(raw: bytes, start: int, end: int, limit: int | None) -> Decoded:
    """RFC 2045 §6.8. Piece by piece; what follows the padding is not read."""
    out = io.BytesIO()
    defects: list[DecodeDefect] = []
    carry, at, ended = b"", start, False
    while at < end and not ended and (limit is None or out.tell() < limit):
        # A little of a large body is not decoded by the megabyte.
        size = _CHUNK if limit is None else min(_CHUNK, (limit - out.tell()) * 3 // 2 + 1024)
        place, piece = at, raw[at : min(at + size, end)]
        at += len(piece)
        padding = piece.find(b"=")
        if padding >= 0:
            ended = True
            _padding_defects(raw, place + padding, end, defects)
            piece = piece[:padding]
            at = end
        if piece.translate(None, _ALPHABET + _BLANKS):
            _first(_NOT_BASE64, piece, place, DecodeDefectKind.BASE64_CHARACTER, defects)
        clean = carry + piece.translate(None, _NOT_IN_ALPHABET)
        whole = len(clean) & ~3
        out.write(binascii.a2b_base64(clean[:whole]))
        carry = clean[whole:]
    if at >= end:
        if len(carry) == 1:
            defects.append(DecodeDefect(DecodeDefectKind.BASE64_TRUNCATED, end))
        elif carry:
            out.write(binascii.a2b_base64(carry + b"=" * (4 - len(carry))))
            if not ended:
                defects.append(DecodeDefect(DecodeDefectKind.BASE64_PADDING, end))
    cut = at < end or (limit is not None and out.tell() > limit)
    if limit is not None:
        out.truncate(min(limit, out.tell()))
    return Decoded(out.getvalue(), tuple(defects), cut)


def _padding_defects(raw: bytes, place: int, end: int, defects: list[DecodeDefect]) -> None:
    """What comes after the first `=`: one more at most, then blanks."""
    rest = raw[place : min(place + _CHUNK, end)].lstrip(b"=" + _BLANKS)
    if rest and len(rest.translate(None, _NOT_IN_ALPHABET)) > 0:
        offset = min(place + _CHUNK, end) - len(rest)
        defects.append(DecodeDefect(DecodeDefectKind.BASE64_AFTER_END, offset, rest[:_SHOWN].decode("latin-1")))


def _quoted_printable(raw: bytes, start: int, end: int, limit: int | None) -> Decoded:
    """RFC 2045 §6.7. Piece by piece, each ending with a line."""
    out = io.BytesIO()
    defects: list[DecodeDefect] = []
    at = start
    while at < end and (limit is None or out.tell() <= limit):
        # An octet takes three characters at most, soft line breaks aside.
        stop = min(at + (_CHUNK if limit is None else min(_CHUNK, 4 * limit + 1024)), end)
        line_end = raw.rfind(b"\n", at, stop) + 1 if stop < end else 0
        if not line_end and stop < end and (escape := raw.find(b"=", stop - 2, stop)) > at:
            stop = escape  # an escape is not cut in two
        piece = raw[at : line_end or stop]
        if b"=" in piece:
            _first(_BAD_ESCAPE, piece, at, DecodeDefectKind.QUOTED_PRINTABLE_ESCAPE, defects)
        if not piece.isascii():
            _first(_HIGH, piece, at, DecodeDefectKind.QUOTED_PRINTABLE_8BIT, defects)
        at += len(piece)
        if b"=" in piece:
            # Blanks after the "=" are padding of the transport (RFC 2045 §6.7, rule 3); a lone CR ends a line, too.
            if b"= " in piece or b"=\t" in piece or piece.count(b"=\r") != piece.count(b"=\r\n"):
                piece = _BLANK_SOFT_BREAK.sub(b"=\n", piece)
            piece = binascii.a2b_qp(piece)
        out.write(piece)
    cut = at < end or (limit is not None and out.tell() > limit)
    if limit is not None:
        out.truncate(min(limit, out.tell()))
    return Decoded(out.getvalue(), tuple(defects), cut)


def _uuencode(raw: bytes, start: int, end: int, limit: int | None) -> Decoded:
    """The form of uuencode(1): `begin 644 name`, lines of at most 45 octets, `end`."""
    stop = min(end, start + (_UUENCODE if limit is None else min(_UUENCODE, 2 * limit + 1024)))
    out = io.BytesIO()
    defects: list[DecodeDefect] = []
    begun = False
    for line in _LINE.finditer(raw, start, stop):
        text = line[0][:128]
        if not begun:
            begun = text.startswith(b"begin ")
        elif text == b"end":
            break
        else:
            try:
                out.write(binascii.a2b_uu(text))
            except binascii.Error:
                if not defects:
                    seen = text[:_SHOWN].decode("latin-1")
                    defects.append(DecodeDefect(DecodeDefectKind.UUENCODE, line.start(), seen))
    cut = stop < end or (limit is not None and out.tell() > limit)
    if limit is not None:
        out.truncate(min(limit, out.tell()))
    return Decoded(out.getvalue(), tuple(defects), cut)


# --- charsets

_META = pattern(rb"<meta\b[^>]{0,400}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
#: Octets of the HTML within which its charset is looked for.
_META_WITHIN = 4096
_C1 = pattern("[\x80-\x9f]")
_BEYOND = pattern("[^\x00-\x7f]")
_LATIN = pattern("[\x00-\xff]*")
_NEAR = 20


def decode_text(decoded: Decoded, charset: str, *, is_html: bool = False) -> DecodedText:
    """Octets of a text part in their charset. Never raises; lone surrogates become U+FFFD."""
    octets = decoded.octets
    if decoded.cut and (end := octets.rfind(b"\n")) > 0:
        octets = octets[: end + 1]
    defects: list[TextDefect] = []
    used = charset
    if not charset and is_html and (found := _META.search(octets[:_META_WITHIN])):
        used = found[1].decode("ascii").lower()
    codec = codec_of(used) if used else None
    if octets.startswith(b"\xef\xbb\xbf") and codec in (None, "utf_8", "ascii"):
        octets, codec = octets[3:], "utf_8"
    plain = octets.isascii() and codec not in ("utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_7", "hz")
    read = read_charset(octets, used)
    if used and codec is None:
        defects.append(TextDefect(TextDefectKind.UNKNOWN_CHARSET, used[:_SHOWN]))
    elif not plain and (not used or codec == "ascii"):
        defects.append(TextDefect(TextDefectKind.UNDECLARED, _first_beyond_ascii(read.text)))
    elif not read.clean and not decoded.cut:
        defects.append(TextDefect(TextDefectKind.UNDECODABLE, _around(read.text, read.text.find("\ufffd"))))
    text = read.text.removeprefix("\ufeff")
    if not text.isascii() and codec not in (None, "ascii"):
        garbled = find_mojibake(text)
        if garbled >= 0:
            defects.append(TextDefect(TextDefectKind.MOJIBAKE, _around(text, garbled)))
        if read.clean and "\ufffd" in text:
            defects.append(TextDefect(TextDefectKind.REPLACED, _around(text, text.find("\ufffd"))))
    return DecodedText(text, used, tuple(defects), decoded.cut)


def _first_beyond_ascii(text: str) -> str:
    found = _BEYOND.search(text)
    seen = _around(text, found.start() if found else 0)
    # What has no charset is mostly Windows-1252, and most programs show it so.
    return seen.encode("latin-1").decode("cp1252", "replace") if _C1.search(seen) and _LATIN.fullmatch(seen) else seen


def _around(text: str, place: int) -> str:
    return " ".join(text[max(place - _NEAR, 0) : max(place, 0) + _NEAR].split())
