"""The header section cut into fields: places, what is tolerated, and where it ends."""

from __future__ import annotations

import pytest

from deliverability.core.limits import Limits
from deliverability.headers.fields import HeaderDefectKind, Headers, parse

CRLF = b"From: a@empresa.example\r\nSubject: uno\r\n dos\r\n\r\ncuerpo\r\n"


def kinds(headers: Headers) -> list[str]:
    return [defect.kind.value for defect in headers.defects]


def test_a_plain_section() -> None:
    headers = parse(CRLF)

    assert [(field.name, field.key, field.line) for field in headers] == [
        ("From", "from", 1),
        ("Subject", "subject", 2),
    ]
    assert headers.fields[1].raw == b"Subject: uno\r\n dos\r\n"
    assert headers.fields[1].value == b"uno dos"
    assert CRLF[headers.fields[1].start : headers.fields[1].end] == headers.fields[1].raw
    assert CRLF[headers.body_start :] == b"cuerpo\r\n"
    assert headers.defects == ()


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"A: 1\n\n  indented", b"  indented"),
        (b"A: 1\r\n\r\n\tindented", b"\tindented"),
        (b"\n body", b" body"),
        (b"A: 1\r\rbody", b"body"),
        (b"A: 1\n\r\nbody", b"body"),
        (b"A : 1\n\n body", b" body"),
        (b"A: 1\r\n\n\r\nbody", b"\r\nbody"),
    ],
)
def test_a_body_that_begins_indented_is_no_fold_of_the_empty_line(raw: bytes, body: bytes) -> None:
    assert raw[parse(raw).body_start :] == body


@pytest.mark.parametrize(
    ("raw", "names", "defects"),
    [
        (b"From a@b Sun Nov 22 10:00:00 2026\r\nA: 1\r\n\r\n", ["A"], ["mbox-line"]),
        (b"\xef\xbb\xbfA: 1\r\n\r\n", ["A"], ["byte-order-mark"]),
        (b"From : a@b\r\nA: 1\r\n\r\n", ["From", "A"], ["header-name-space"]),
        (b"A: 1\r\nnot a field\r\nB: 2\r\n\r\n", ["A"], ["no-separator"]),
        (b"A: 1\r\n: x\r\nB: 2\r\n\r\n", ["A"], ["empty-name"]),
        (b" A: 1\r\nB: 2\r\n\r\n", ["A", "B"], ["leading-whitespace"]),
        (b"A: 1\r\nB:2\r\n\r\n", ["A", "B"], ["no-space-after-colon"]),
        (b"A:\r\nB: 2\r\n\r\n", ["A", "B"], []),
        (b"A: 1\r\n \r\n 2\r\n\r\n", ["A"], ["blank-fold"]),
        (b"A: 1\r\nB: 2\n\r\n", ["A", "B"], ["bare-lf"]),
        (b"A: 1\rX: 2\r\nB: 2\r\n\r\n", ["A", "B"], ["bare-cr"]),
        (b"A: 1\x002\r\n\r\n", ["A"], ["control-character"]),
        (b"A: \xf1\r\n\r\n", ["A"], ["non-ascii-header"]),
        (b"A: 1\r\nB: 2", ["A", "B"], ["no-body"]),
        (b"A: " + b"x" * 996 + b"\r\n\r\n", ["A"], ["line-too-long"]),
        (b"A: " + b"x" * 995 + b"\r\n\r\n", ["A"], []),
        (b"", [], ["no-body"]),
    ],
)
def test_what_is_tolerated_is_told(raw: bytes, names: list[str], defects: list[str]) -> None:
    headers = parse(raw)

    assert [field.name for field in headers] == names
    assert kinds(headers) == defects


def test_an_empty_field_does_not_swallow_the_next_line() -> None:
    headers = parse(b"X-Mailer:\nSubject: s\n\n")

    assert [(field.key, field.value) for field in headers] == [("x-mailer", b""), ("subject", b"s")]


def test_lf_alone_is_told_once_with_its_place() -> None:
    headers = parse(b"A: 1\nB: 2\n\nbody")

    assert [(d.kind, d.offset, d.line, d.field) for d in headers.defects] == [(HeaderDefectKind.BARE_LF, 4, 1, "a")]


@pytest.mark.parametrize(
    ("raw", "limits", "cut", "count"),
    [
        (b"A: 1\r\n" * 30 + b"\r\nbody", Limits(header_fields=20), "too-many-headers", 20),
        (b"A: 1\r\nB: " + b"x" * 99 + b"\r\n\r\nbody", Limits(header_field_octets=50), "header-field-octets", 1),
        (b"A: 1\r\n" * 30 + b"\r\nbody", Limits(header_octets=60), "header-octets", 10),
    ],
)
def test_a_limit_is_named_and_the_body_still_found(raw: bytes, limits: Limits, cut: str, count: int) -> None:
    headers = parse(raw, limits=limits)

    assert headers.cut == cut
    assert cut in kinds(headers)
    assert len(headers) == count
    assert raw[headers.body_start :] == b"body"


def test_a_part_inside_a_message_has_offsets_of_the_message() -> None:
    raw = b"preamble\r\nContent-Type: text/plain\r\n\r\nhola\r\n--b"
    headers = parse(raw, start=10, end=len(raw) - 3)

    assert headers.fields[0].start == 10
    assert headers.fields[0].line == 1
    assert raw[headers.body_start :].startswith(b"hola")
