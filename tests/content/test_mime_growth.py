"""Time grows with the size of a message, whatever its boundaries, encodings and attachments are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from deliverability.content.facts import read_message
from deliverability.content.mime import read_tree
from deliverability.core.facts import RawMessage
from deliverability.core.limits import DEFAULT_LIMITS
from tests.support.growth import grows_at_most, takes_less_than

#: Limits that let nearly everything through: what is measured is the reading. A path is as long as a part is deep.
OPEN = replace(DEFAULT_LIMITS, mime_depth=500, mime_parts=1_000_000)


def mixed(body: bytes) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body


STRUCTURES: dict[str, Callable[[int], bytes]] = {
    "parts": lambda n: mixed(b"--b\r\n\r\nx\r\n" * n),
    "delimiters": lambda n: mixed(b"--b\r\n" * n),
    "delimiters of nobody": lambda n: mixed(b"--c\r\n" * n),
    "delimiters that go on": lambda n: mixed(b"--bb\r\n" * n),
    "delimiters after the end": lambda n: mixed(b"--b--\r\n" * n),
    "nested multiparts": lambda n: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(n // 8)
    ),
    "nested messages": lambda n: b"Content-Type: message/rfc822\r\n\r\n" * (n // 8),
    "boundaries that begin alike": lambda n: b"".join(
        b"Content-Type: multipart/mixed; boundary=" + b"b" * i + b"\r\n\r\n--" + b"b" * i + b"\r\n"
        for i in range(1, int(n**0.5))
    ),
    "siblings that are never closed": lambda n: mixed(
        b"".join(b"--b\r\nContent-Type: multipart/mixed; boundary=c%d\r\n\r\n--c%d\r\n" % (i, i) for i in range(n // 8))
    ),
    "parts without a blank line": lambda n: mixed(b"--b\r\nX: y\r\n" * n),
    "parts that begin with text": lambda n: mixed(b"--b\r\ntext\r\n" * n),
    "one long line of hyphens": lambda n: mixed(b"-" * (8 * n)),
    "one long delimiter": lambda n: mixed(b"--b" + b" " * (8 * n)),
    "blank lines": lambda n: mixed(b"\r\n" * (4 * n)),
    "carriage returns": lambda n: b"Content-Type: multipart/mixed; boundary=b\r\r" + b"--b\r\rx\r" * n,
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_message_four_times_as_long_does_not_take_sixteen_times_as_long(name: str) -> None:
    build = STRUCTURES[name]
    short, long = build(4_000), build(16_000)

    assert grows_at_most(8, lambda: read_tree(short, limits=OPEN), lambda: read_tree(long, limits=OPEN))


def body(content_type: bytes, encoding: bytes, octets: bytes) -> bytes:
    fields = b"Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\nContent-Disposition: attachment; filename=a\r\n\r\n"
    return fields % (content_type, encoding) + octets


BODIES: dict[str, Callable[[int], bytes]] = {
    "base64 of padding": lambda n: body(b"application/pdf", b"base64", b"=" * n),
    "base64 of nothing": lambda n: body(b"application/pdf", b"base64", b"\r\n" * n),
    "base64 of other characters": lambda n: body(b"application/pdf", b"base64", b"\xff" * n),
    "soft line breaks": lambda n: body(b"application/pdf", b"quoted-printable", b"=\r\n" * n),
    "equal signs": lambda n: body(b"application/pdf", b"quoted-printable", b"=" * n),
    "equal signs and blanks": lambda n: body(b"application/pdf", b"quoted-printable", b"= " * n),
    "uuencode": lambda n: body(b"application/pdf", b"x-uuencode", b"begin 644 a\n" + b"#\n" * n),
    "streams of a PDF": lambda n: body(
        b"application/pdf", b"binary", b"%PDF-1.7" + b"obj stream\nendstream" * (n // 20)
    ),
    "streams that do not end": lambda n: body(b"application/pdf", b"binary", b"%PDF-1.7" + b" stream\n" * (n // 8)),
    "files of a PDF": lambda n: body(b"application/pdf", b"binary", b"%PDF-1.7 /EmbeddedFile" + b"/F (" * (n // 4)),
    "names of a PDF": lambda n: body(b"application/pdf", b"binary", b"%PDF-1.7" + b"#4a/#4aS" * (n // 8)),
    "members of a ZIP": lambda n: body(b"application/zip", b"binary", b"PK\x03\x04" * (n // 4)),
    "blocks of a RAR": lambda n: body(
        b"application/vnd.rar", b"binary", b"Rar!\x1a\x07\x00" + b"\0\0\x75\0\0\x07\0" * (n // 7)
    ),
    "blocks of a RAR 5": lambda n: body(
        b"application/vnd.rar", b"binary", b"Rar!\x1a\x07\x01\x00" + b"\0\0\0\0\x01\x03\0" * (n // 7)
    ),
    "mojibake": lambda n: b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Ã³".encode() * (n // 4),
    "references": lambda n: b"Content-Type: text/html; charset=utf-8\r\n\r\n" + b"cid:a" * (n // 5),
    "pages that do nothing": lambda n: body(b"text/html", b"binary", b"<html>" + b"on" * n + b" src = " * (n // 7)),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_four_times_as_long_does_not_take_sixteen_times_as_long(name: str) -> None:
    build = BODIES[name]
    short, long = build(150_000), build(600_000)

    def read(raw: bytes) -> object:
        return read_message({RawMessage: RawMessage(raw, len(raw))}, DEFAULT_LIMITS)

    assert grows_at_most(8, lambda: read(short), lambda: read(long))
    assert takes_less_than(5, lambda: read(long))


def test_a_hundred_thousand_delimiters_and_five_thousand_levels_take_seconds_at_most() -> None:
    delimiters = mixed(b"--b\r\n\r\nx\r\n" * 100_000)
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(5000))

    assert takes_less_than(5, lambda: read_tree(delimiters))
    assert takes_less_than(5, lambda: read_tree(levels))
