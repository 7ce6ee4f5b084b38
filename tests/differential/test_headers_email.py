"""Against the standard library's email package, where that is right: fields, words, addresses, dates, parameters."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta, timezone
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.headers.addresses import parse_addresses
from deliverability.headers.dates import parse_date
from deliverability.headers.fields import parse
from deliverability.headers.parameters import parse_parameterized
from deliverability.headers.words import decode_words
from tests.support.shared import SHARED, needs_shared

PARSER = BytesHeaderParser(policy=email.policy.compat32)


def _messages() -> list[Path]:
    return sorted((SHARED / "conformance" / "mime-cpython").glob("*.txt")) if SHARED else []


def _flat(text: str) -> str:
    return text.replace("\r\n", "").replace("\n", "").strip(" \t")


@needs_shared("conformance", "mime-cpython")
@pytest.mark.parametrize("path", _messages(), ids=lambda path: path.stem)
def test_fields_of_the_suite(path: Path) -> None:
    raw = path.read_bytes()
    ours = [(field.name, field.text) for field in parse(raw)]
    theirs = [(name, _flat(str(value))) for name, value in PARSER.parsebytes(raw).items()]
    if not raw.isascii():
        return  # they put U+FFFD where we read the octets
    assert ours == theirs


NAMES = st.sampled_from(["From", "X-A", "Subject", "To"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
FOLDED = st.lists(VALUES, min_size=1, max_size=4).map("\r\n ".join)


@given(st.lists(st.tuples(NAMES, FOLDED), min_size=1, max_size=8))
def test_fields_that_are_well_formed(rows: list[tuple[str, str]]) -> None:
    raw = "".join(f"{name}: {value}\r\n" for name, value in rows).encode() + b"\r\nbody"

    ours = [(field.name, field.text) for field in parse(raw)]
    assert ours == [(name, _flat(str(value))) for name, value in PARSER.parsebytes(raw).items()]


def _theirs(value: str) -> str:
    parts = []
    for octets, charset in decode_header(value):
        parts.append(octets if isinstance(octets, str) else octets.decode(charset or "ascii"))
    return "".join(parts)


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?Facturaci=C3=B3n?=",
        "=?utf-8?q?Facturaci=C3=B3n?= =?utf-8?q?_de_a=C3=B1os?=",
        "=?utf-8?b?RmFjdHVyYWNpw7Nu?=\t=?iso-8859-1?q?a=F1o?=",
        "=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=",
        "=?koi8-r?B?8NLJ18XU?=",
        "=?gb2312?B?xOO6ww==?=",
        "=?windows-1252?Q?=80_10?=",
        "a =?utf-8?q?=C3=B1?= b",
    ],
)
def test_encoded_words(value: str) -> None:
    assert decode_words(value.encode()).text == _theirs(value)


@pytest.mark.parametrize(
    "value",
    [
        "a@b.example",
        "Ana <a@b.example>",
        '"Empresa, S.L." <a@b.example>, Luis <l@c.example>',
        '"x@evil.example" <a@good.example>',
        "a@b.example (Ana)",
        '"a b"@c.example',
        'Ana "la de" Lugo <a@b.example>',
        "a.b+c@mi-empresa.example, d@e.example",
    ],
)
def test_addresses(value: str) -> None:
    ours = [(box.display_name, box.address) for box in parse_addresses(value).mailboxes]

    assert ours == getaddresses([value])


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.integers(0, 200_000_000_000), ZONES)
def test_dates(seconds: int, zone: timezone) -> None:
    text = email.utils.format_datetime(datetime.fromtimestamp(seconds, zone))

    assert parse_date(text) == parsedate_to_datetime(text)


@pytest.mark.parametrize(
    "value",
    [
        "text/plain; charset=utf-8; format=flowed",
        'application/pdf; name="factura 114.pdf"',
        "attachment; filename*=utf-8''a%C3%B1o.pdf",
        "attachment; filename*0*=utf-8''a%C3%B1; filename*1*=o.pdf",
        'attachment; filename*0="uno "; filename*1="dos"',
    ],
)
def test_parameters(value: str) -> None:
    message = Message()
    message["Content-Type"] = value
    read = parse_parameterized(value)
    theirs = message.get_params()
    assert theirs is not None

    assert read.value == theirs[0][0]
    assert dict(read.parameters) == {name: collapse_rfc2231_value(text) for name, text in theirs[1:]}
