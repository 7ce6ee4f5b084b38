"""Transfer encodings and charsets, broken ones above all."""

from __future__ import annotations

import base64
import quopri

import pytest

from deliverability.content.decode import (
    Decoded,
    DecodeDefectKind,
    TextDefectKind,
    decode_octets,
    decode_text,
)

K = DecodeDefectKind
T = TextDefectKind


def decode(body: bytes, encoding: str, limit: int | None = None) -> Decoded:
    raw = b"head\r\n\r\n" + body + b"\r\n--b"
    return decode_octets(raw, 8, 8 + len(body), encoding, limit)


@pytest.mark.parametrize(
    ("body", "octets", "kinds"),
    [
        (b"aG9sYQ==", b"hola", []),
        (b"aG9s\r\nYQ==\r\n", b"hola", []),
        (b"aG9sYQ", b"hola", [K.BASE64_PADDING]),
        (b"aG9sY", b"hol", [K.BASE64_TRUNCATED]),
        (b"aG9s!!!YQ==", b"hola", [K.BASE64_CHARACTER]),
        (b"aG9sYQ==aG9s", b"hola", [K.BASE64_AFTER_END]),
        (b"aG9sYQ==\r\n--\r\npie de lista", b"hola", [K.BASE64_AFTER_END]),
        (b"", b"", []),
        (b"====", b"", []),
        (b"\xff\xfe", b"", [K.BASE64_CHARACTER]),
    ],
)
def test_base64(body: bytes, octets: bytes, kinds: list[DecodeDefectKind]) -> None:
    found = decode(body, "base64")

    assert found.octets == octets
    assert [defect.kind for defect in found.defects] == kinds


def test_places_of_defects_count_octets_of_the_message() -> None:
    assert decode(b"aG9s!!!YQ==", "base64").defects[0].offset == 8 + 4
    assert decode(b"hola =XY", "quoted-printable").defects[0].offset == 8 + 5
    assert decode(b"a\xf1o", "7bit").defects[0].offset == 8 + 1


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000, 1 << 20, (1 << 20) + 1, 3_000_001])
def test_base64_of_every_size_comes_back(size: int) -> None:
    octets = bytes(range(256)) * (size // 256 + 1)
    octets = octets[:size]

    assert decode(base64.encodebytes(octets), "base64").octets == octets
    assert decode(base64.encodebytes(octets).replace(b"\n", b"\r\n"), "base64").octets == octets


@pytest.mark.parametrize(
    ("body", "octets", "kinds"),
    [
        (b"facturaci=C3=B3n", "facturación".encode(), []),
        (b"facturaci=c3=b3n", "facturación".encode(), []),
        (b"una l=\r\ninea", b"una linea", []),
        (b"una l= \t\r\ninea", b"una linea", []),
        (b"una l=\ninea", b"una linea", []),
        (b"una l=\rinea", b"una linea", []),
        (b"total = 5", b"total = 5", [K.QUOTED_PRINTABLE_ESCAPE]),
        (b"fin=", b"fin", []),
        (b"a\xf1o", b"a\xf1o", [K.QUOTED_PRINTABLE_8BIT]),
    ],
)
def test_quoted_printable(body: bytes, octets: bytes, kinds: list[DecodeDefectKind]) -> None:
    found = decode(body, "quoted-printable")

    assert found.octets == octets
    assert [defect.kind for defect in found.defects] == kinds


def test_quoted_printable_in_pieces_is_what_it_is_in_one() -> None:
    text = ("áéíóú " * 11 + "\r\n").encode() * 40_000
    body = quopri.encodestring(text)

    assert decode(body, "quoted-printable").octets == text
    unbroken = b"=C3=A1" * 400_000
    assert decode(unbroken, "quoted-printable").octets == "á".encode() * 400_000


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit", "x-uuencode"])
def test_no_more_than_the_limit(encoding: str) -> None:
    body = b"begin 644 a\n" + b"$86)C9\n" * 10_000
    found = decode(body, encoding, 100)

    assert len(found.octets) <= 100
    assert found.cut
    assert not decode(b"", encoding, 100).cut


def test_uuencode() -> None:
    found = decode(b"begin 644 hola.txt\n$:&]L80``\n`\nend\n", "x-uuencode")

    assert found.octets == b"hola"
    assert not found.defects


@pytest.mark.parametrize(
    ("octets", "charset", "html", "text", "kinds"),
    [
        ("año €".encode(), "utf-8", False, "año €", []),
        ("año".encode("latin-1"), "iso-8859-1", False, "año", []),
        ("año €".encode("cp1252"), "iso-8859-1", False, "año €", []),
        ("año".encode(), "", False, "año", [T.UNDECLARED]),
        ("año".encode(), "us-ascii", False, "año", [T.UNDECLARED]),
        ("año".encode("latin-1"), "", False, "año", [T.UNDECLARED]),
        ("año".encode("latin-1"), "utf-8", False, "a\ufffdo", [T.UNDECODABLE]),
        (b"hola", "", False, "hola", []),
        (b"hola", "castellano", False, "hola", [T.UNKNOWN_CHARSET]),
        (b"hola", "../../etc/passwd", False, "hola", [T.UNKNOWN_CHARSET]),
        (b"hola", "unicode_escape", False, "hola", [T.UNKNOWN_CHARSET]),
        ("facturaciÃ³n 100 â‚¬".encode(), "utf-8", False, "facturaciÃ³n 100 â‚¬", [T.MOJIBAKE]),
        ("São Paulo, SÃO, Ângela, ÃO".encode(), "utf-8", False, "São Paulo, SÃO, Ângela, ÃO", []),
        ("a\ufffdo".encode(), "utf-8", False, "a\ufffdo", [T.REPLACED]),
        ("\ufeffhola".encode(), "utf-8", False, "hola", []),
        ("hola ñ".encode("utf-16"), "utf-16", False, "hola ñ", []),
        ("hola".encode("utf-16-le"), "utf-16le", False, "hola", []),
        (b"+2AA-", "utf-7", False, None, None),
        (b"\xff\xd8" * 9, "utf-16", False, None, None),
        (b'<meta charset="utf-8"><p>a\xc3\xb1o', "", True, '<meta charset="utf-8"><p>año', []),
        (b"<p>a\xc3\xb1o", "", True, "<p>año", [T.UNDECLARED]),
    ],
)
def test_charsets(octets: bytes, charset: str, html: bool, text: str | None, kinds: list[T] | None) -> None:
    found = decode_text(Decoded(octets), charset, is_html=html)

    if text is not None:
        assert found.text == text
        assert [defect.kind for defect in found.defects] == kinds
    assert found.text.encode("utf-8")  # no lone surrogates
    for defect in found.defects:
        assert len(defect.excerpt) <= 80


def test_a_text_that_is_cut_is_not_called_undecodable() -> None:
    body = "línea con ñ\n".encode() * 100

    for limit in range(200, 230):
        found = decode_text(decode(body, "8bit", limit), "utf-8")
        assert not found.defects
        assert found.cut
