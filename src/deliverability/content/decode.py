"""Bodies without their transfer encoding, and texts in Unicode (RFC 2045 §6, RFC 2046 §4.1.2)."""

from __future__ import annotations

import base64
import binascii
import quopri
from typing import NamedTuple


class Decoded(NamedTuple):
    """A body without its transfer encoding."""

    octets: bytes
    defects: tuple[object, ...] = ()
    cut: bool = False


class DecodedText(NamedTuple):
    """A body as text."""

    text: str
    charset: str = ""


def decode_octets(raw: bytes, start: int, end: int, encoding: str, limit: int | None = None) -> Decoded:
    body = raw[start:end]
    try:
        if encoding == "base64":
            body = base64.b64decode(body + b"===")
        elif encoding == "quoted-printable":
            body = quopri.decodestring(body)
    except binascii.Error:
        pass
    return Decoded(body[:limit] if limit else body)


def decode_text(decoded: Decoded, charset: str, *, is_html: bool = False) -> DecodedText:
    try:
        return DecodedText(decoded.octets.decode(charset or "utf-8", "replace"), charset)
    except LookupError:
        return DecodedText(decoded.octets.decode("latin-1"), charset)
