"""Parameters, dates, identifiers and lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deliverability.headers.dates import parse_date, read_date
from deliverability.headers.lines import read_lines
from deliverability.headers.message_id import parse_message_id, parse_references
from deliverability.headers.parameters import ParameterDefectKind, parse_parameterized
from deliverability.headers.writing import write_date
from tests.support.growth import takes_less_than


@pytest.mark.parametrize(
    ("value", "main", "parameters", "defects"),
    [
        ("text/html; charset=utf-8", "text/html", {"charset": "utf-8"}, []),
        ('Application/PDF; NAME="factura 114.pdf"', "application/pdf", {"name": "factura 114.pdf"}, []),
        ("text/plain (plain; text); format=flowed", "text/plain", {"format": "flowed"}, []),
        ("attachment; filename*0*=utf-8''a%C3%B1; filename*1=\"o.pdf\"", "attachment", {"filename": "año.pdf"}, []),
        ("attachment; filename*1=b; filename*0=a", "attachment", {"filename": "ab"}, []),
        ("attachment; filename=a.pdf; filename*=iso-8859-1'es'a%F1o.pdf", "attachment", {"filename": "año.pdf"}, []),
        ("attachment; filename*0=a; filename*2=c", "attachment", {"filename": "ac"}, ["missing-piece"]),
        ("attachment; filename*=x-nada''a%F1", "attachment", {"filename": "añ"}, ["unknown-charset"]),
        ("attachment; filename*=utf-8''a%F1", "attachment", {"filename": "a\ufffd"}, ["undecodable"]),
        ("attachment; filename*=utf-8''100%", "attachment", {"filename": "100%"}, ["bad-percent"]),
        ('attachment; filename="=?utf-8?q?a=C3=B1o?="', "attachment", {"filename": "año"}, ["encoded-word"]),
        ("attachment; filename=factura 114.pdf", "attachment", {"filename": "factura 114.pdf"}, ["unquoted-value"]),
        ("attachment; filename=año.pdf", "attachment", {"filename": "año.pdf"}, ["unquoted-value", "raw-8bit"]),
        ('text/html; charset="utf-8', "text/html", {"charset": "utf-8"}, ["unclosed-quote"]),
        (
            'multipart/mixed; boundary="a;b"; boundary=c',
            "multipart/mixed",
            {"boundary": "a;b"},
            ["duplicate-parameter"],
        ),
        ("; charset=utf-8", "", {"charset": "utf-8"}, ["no-value"]),
        ("text/plain; charset", "text/plain", {}, ["no-equals"]),
        ("Text / HTML ; charset=a", "text/html", {"charset": "a"}, []),
        ("text/html charset=utf-8", "text/html", {}, ["text-after-value"]),
        ("(what) text/html", "text/html", {}, []),
        ("text/plain; ch@rset=x", "text/plain", {}, ["bad-name"]),
        ('text/plain; charset="a" b', "text/plain", {"charset": "a"}, ["text-after-value"]),
        ('a; x="\\"q\\""', "a", {"x": '"q"'}, []),
        ("text/plain; charset (which) = utf-8", "text/plain", {"charset": "utf-8"}, []),
        ("text/plain (x; charset=a", "text/plain", {"charset": "a"}, ["unclosed-comment", "text-after-value"]),
        ("attachment; filename*0*=utf-8''a%C3; filename*1*=%B1", "attachment", {"filename": "añ"}, []),
        ("attachment; filename*=a%F1", "attachment", {"filename": "añ"}, []),
        ("attachment; filename*0=a; filename=b", "attachment", {"filename": "a"}, []),
    ],
)
def test_parameters(value: str, main: str, parameters: dict[str, str], defects: list[str]) -> None:
    read = parse_parameterized(value)

    assert (read.value, dict(read.parameters)) == (main, parameters)
    assert [defect.kind.value for defect in read.defects] == defects


def test_octets_beyond_ascii_are_read_and_told() -> None:
    read = parse_parameterized('attachment; filename="año.pdf"'.encode("latin-1"))

    assert read.get("filename") == "año.pdf"
    assert read.has(ParameterDefectKind.RAW_8BIT)
    assert read.get("size", "?") == "?"


@pytest.mark.parametrize("piece", [";", '"', "(", "\\", "a=b;", 'a="', "x*0=", "=", "a*=''%", "()", "é", '";'])
def test_hostile_parameters_cost_linear_time(piece: str) -> None:
    value = "a/b; " + piece * (120_000 // len(piece))

    assert takes_less_than(5, lambda: parse_parameterized(value))


def test_parameters_are_bounded() -> None:
    read = parse_parameterized("a/b; " + "x=y; " * 5000 + "filename*99999999999=1")

    assert "too-many-parameters" in [defect.kind.value for defect in read.defects]
    assert parse_parameterized("a; filename*" + "9" * 5000 + "=x").parameters == {}


TEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 22 Nov 2026 10:00:00 +0100",
        "22 Nov 2026 10:00 +0100",
        "Sun, 22 Nov 2026 10:00:00 +0100 (CET (invierno))",
        "(x) Sun , 22 Nov 2026 10:00:00 +0100",
        "sun, 22 NOV 2026 09:00:00 GMT",
        "Sun, 22 Nov 26 09:00:00 -0000",
        "Sun, 22 Nov 126 09:00:00 UT",
        "Sun, 22 Nov 2026 04:00:00 EST",
    ],
)
def test_dates_that_say_the_same(value: str) -> None:
    assert parse_date(value) == TEN


@pytest.mark.parametrize(
    ("value", "defect"),
    [
        ("", "empty"),
        ("(nothing)", "empty"),
        ("2026-11-22T10:00:00Z", "syntax"),
        ("Sun, 22 Nov 2026", "syntax"),
        ("dom, 22 nov. 2026 10:00:00 +0100", "language"),
        ("Sun, 22 noviembre 2026 10:00:00 +0100", "language"),
        ("Sun, 31 Nov 2026 10:00:00 +0100", "range"),
        ("Sun, 22 Nov 2026 24:00:00 +0100", "range"),
        ("Sun, 22 Nov 99999 10:00:00 +0100", "range"),
        ("Tue, 04 Jun 0102 22:39:51 +1200", "range"),
        ("Mon, 22 Nov 2026 10:00:00 +0100", "weekday"),
        ("Sun, 22 Nov 2026 10:00:00", "no-zone"),
        ("Sun, 22 Nov 2026 10:00:00 +1", "bad-zone"),
        ("Sun, 22 Nov 2026 10:00:00 +9999", "bad-zone"),
        ("Sun, 22 Nov 2026 10:00:00 CET", "unknown-zone"),
        ("Sun, 22 Nov 2026 10:00:00 +0100 CET", "text-after"),
        ("02 Aug 01 3:11:43 AM", "syntax"),
        ("Sun, 22 Nov 2026 10:00:00 +0100 (x", "unclosed-comment"),
    ],
)
def test_dates_that_are_not(value: str, defect: str) -> None:
    assert defect in [kind.value for kind in read_date(value).defects]
    assert parse_date(value) is None


def test_a_date_is_written_as_it_is_read() -> None:
    moment = parse_date("Sun, 1 Mar 2026 00:05:09 -0330")
    assert moment is not None

    assert write_date(moment) == "Sun, 01 Mar 2026 00:05:09 -0330"
    assert moment.utcoffset() == timedelta(hours=-3, minutes=-30)


@pytest.mark.parametrize(
    ("value", "defects"),
    [
        ("<114.a$b@mail.empresa.example>", []),
        ("  <114@empresa.example> ", []),
        ("<114@empresa.example> (added by the server)", ["text-beside"]),
        ("114@empresa.example", ["no-brackets"]),
        ("<114>", ["no-at"]),
        ("<>", ["no-at"]),
        ("<1 14@empresa.example>", ["blank"]),
        ("<a@b@empresa.example>", ["several-at"]),
        ('<"a@b"@empresa.example>', []),
        ("<.114@empresa.example>", ["bad-character"]),
        ("<114@PC>", ["no-fqdn"]),
        ("<114@localhost>", ["local-host"]),
        ("<114@pc.local>", ["local-host"]),
        ("<114@192.0.2.1>", ["address"]),
        ("<114@[192.0.2.1]>", ["address"]),
        ("<1@a.example> <2@a.example>", ["several-ids"]),
        ("", ["empty"]),
    ],
)
def test_message_ids(value: str, defects: list[str]) -> None:
    assert [defect.kind.value for defect in parse_message_id(value).defects] == defects


def test_references() -> None:
    read = parse_references(b"<1@a.example>\t<2@a.example> your mail of today <3@a.example")

    assert [each.text for each in read.ids] == ["1@a.example", "2@a.example"]
    assert [defect.kind.value for defect in read.defects] == ["text-beside"]
    assert len(parse_references(b"<1@a>" * 5000).ids) == 1000


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"a\r\n" * 5, {}),
        (b"a\n" * 5, {}),
        (b"x" * 998 + b"\r\n", {}),
        (b"x" * 998 + b"\n" + b"y" * 998, {}),
        (b"a\r\n" + b"x" * 999 + b"\r\n", {"long_line": 2}),
        (b"x" * 999 + b"\n", {"long_line": 1}),
        (b"b\n" * 700 + b"x" * 1200, {"long_line": 701}),
        (b"a\r\nb\nc\r\n", {"bare_lf": 2}),
        (b"a\r\nb\rc\r\n", {"bare_cr": 2}),
        (b"a\r\nb\0c\r\n", {"nul": 2}),
    ],
)
def test_lines(raw: bytes, found: dict[str, int]) -> None:
    read = read_lines(raw)._asdict()

    assert {name: place.line for name, place in read.items() if place is not None} == found


def test_a_body_with_other_line_ends_than_the_headers() -> None:
    mixed, stored = b"A: 1\r\n\r\nuno\ndos\n", b"A: 1\n\nuno\ndos\n"

    assert read_lines(mixed, 8).bare_lf == (11, 3, 2)
    assert read_lines(stored, 6).bare_lf is None


def test_long_lines_are_found_wherever_the_steps_fall() -> None:
    for length in (998, 999, 1000, 1001):
        for before in range(0, 1010, 101):
            raw = b"a" * before + b"\r\n" + b"x" * length + b"\r\n" + b"b" * 5
            expected = length > 998 or before > 998

            assert (read_lines(raw).long_line is not None) is expected, (length, before)
