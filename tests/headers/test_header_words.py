"""Encoded words: what a reader sees, and what is wrong with them."""

from __future__ import annotations

import pytest

from deliverability.headers.charsets import codec_of, decode_octets
from deliverability.headers.words import decode_words
from deliverability.headers.writing import encode_words
from tests.support.growth import takes_less_than


@pytest.mark.parametrize(
    ("value", "text", "defects"),
    [
        (b"Factura 114", "Factura 114", []),
        (b"=?UTF-8?Q?Facturaci=C3=B3n_de_a=C3=B1o?=", "Facturación de año", []),
        (b"=?utf-8?b?w7E=?=", "ñ", []),
        (b"=?ISO-8859-1*es?Q?a=F1o?=", "año", []),
        (b"=?ISO-8859-1?Q?10_=80?=", "10 €", []),
        (b"a =?utf-8?q?=C3=B1?= b", "a ñ b", []),
        (b"=?utf-8?q?=C3=B1?= =?utf-8?q?=C3=B1?=", "ññ", []),
        (b"=?utf-8?q?=C3=B1?=\t=?iso-8859-1?q?=F1?=", "ññ", []),
        (b"=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=", "日本", []),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=B1?=", "ñ", ["split-character"]),
        (b"=?utf-8?q?=C3=B1?==?utf-8?q?=C3=B1?=", "ññ", ["adjacent-text"]),
        (b"x=?utf-8?q?=C3=B1?=", "xñ", ["adjacent-text"]),
        (b"=?utf-8?q?=C3=B1?=x", "ñx", ["adjacent-text"]),
        (b"=?utf-8?q?=C3=B1 o?=", "ñ o", ["blank-in-word"]),
        (b"=?utf-8?q?=C3=B1??=", "ñ?", ["bad-q"]),
        (b"=?utf-8?q?=ZZ=C3=B1?=", "=ZZñ", ["bad-q"]),
        (b"=?utf-8?b?w7E*?=", "ñ", ["bad-base64"]),
        (b"=?utf-8?b?w7E?=", "ñ", ["bad-base64"]),
        (b"=?x-nada?q?a=F1?=", "añ", ["unknown-charset"]),
        (b"=?utf-8?x?a?=", "a", ["unknown-encoding"]),
        (b"=?utf-8?q?=C3=B1", "=?utf-8?q?=C3=B1", ["unclosed-word"]),
        (b"=?utf-8?q?uno =?utf-8?q?=C3=B1?=", "=?utf-8?q?uno ñ", ["unclosed-word"]),
        (b"=?us-ascii?q?=F1?=", "ñ", ["undecodable"]),
        (b"=?utf-8?q?=0D=0AX:?=", "\r\nX:", ["control-character"]),
        (b"=?utf-8?q?=E2=80=AEx?=", "\u202ex", ["direction-control"]),
        ("Muñoz".encode(), "Muñoz", ["raw-utf8"]),
        ("Muñoz".encode("latin-1"), "Muñoz", ["raw-8bit"]),
        (b"=?utf-8?q?=C3=B1?= " + "ñ".encode("latin-1"), "ñ ñ", ["raw-8bit"]),
        (b"(=?utf-8?q?=C3=B1?=)", "(ñ)", []),
    ],
)
def test_decoding(value: bytes, text: str, defects: list[str]) -> None:
    words = decode_words(value)

    assert words.text == text
    assert [defect.kind.value for defect in words.defects] == defects


def test_a_long_word_is_told_with_its_place() -> None:
    words = decode_words(b"x =?utf-8?q?" + b"=C3=B1" * 15 + b"?=")

    assert [(defect.kind.value, tuple(defect.span)) for defect in words.defects] == [
        ("encoded-word-too-long", (2, 2 + 10 + 90 + 2))
    ]


@pytest.mark.parametrize(
    ("value", "needless"),
    [(b"=?utf-8?q?a?=", True), (b"=?utf-8?q?=C3=B1?=", False), (b"a", False), (b"=?utf-8?q?=3D=3F?=", False)],
)
def test_needless(value: bytes, needless: bool) -> None:
    assert decode_words(value).needless is needless


def test_text_holds_no_half_characters() -> None:
    assert decode_words(b"=?utf-7?Q?+2AA-?=").text.encode("utf-8")
    assert decode_words("a\ud800").text == "a\ufffd"


@pytest.mark.parametrize(
    "name", ["punycode", "unicode_escape", "idna", "rot13", "base64", "undefined", "mbcs", "", "a" * 99, "ut\0f"]
)
def test_encodings_that_are_no_charsets_of_mail_are_unknown(name: str) -> None:
    assert codec_of(name) is None
    assert decode_octets(b"a\xf1", name) == ("añ", False, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "Facturación nº 114 – año 2026, Muñoz e Hijos, Sociedad Limitada Unipersonal",
        "日本語" * 20,
        "=?utf-8?q?x?=",
        " ñ ",
        "ñ" * 99,
    ],
)
def test_what_we_write_reads_back_without_a_defect(text: str) -> None:
    words = decode_words(encode_words(text))

    assert words.text == text
    assert words.defects == ()


@pytest.mark.parametrize(
    "value",
    [
        b"=?utf-8?q?" * 20_000,
        b"=?utf-8?q?a?= " * 15_000,
        b"=?a?q?" + b"?=" * 100_000,
        b"=?" * 100_000,
        b"=?a?b?" + b"A" * 200_000 + b"?=",
        b"".join(b"=?x%d?q?a?= " % n for n in range(15_000)),
    ],
)
def test_hostile_words_cost_linear_time(value: bytes) -> None:
    assert takes_less_than(5, lambda: decode_words(value))
