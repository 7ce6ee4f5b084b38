"""Messages that are broken or made to hurt: judged in bounded time and memory, without an exception, and the limit told.

Times are seconds of the processor and far above what is measured, so that a slow machine passes and a loop that grows
with the square does not.
"""

from __future__ import annotations

import base64
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

import deliverability as dv
from tests.support.hostile_messages import FAMILIES, HEAD, SIGNATURE, attached, headed, nested_zip, typed
from tests.support.inert import harmful

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "messages"
MIB = 1024 * 1024


def audit(raw: bytes) -> dv.Report:
    """The audit offline, at a moment that does not move."""
    return dv.audit_message(raw, source=dv.OFFLINE, now=NOW, domain=False)


def told(report: dv.Report) -> str:
    """What was found and what could not be told, a line each."""
    found = [f"{finding.code} {finding.text('en')}" for finding in report.findings]
    return "\n".join(found + [f"{rule.code} ? {unknown.because.format('en')}" for rule, unknown in report.unknowns])


def not_told_clean(report: dv.Report, *codes: str) -> None:
    """No such rule says that all is well, or that it has nothing to look at."""
    said = {rule.code for rule, _ in (*report.passed, *report.not_applicable)}
    assert not said & set(codes)


def shown(report: dv.Report) -> None:
    """Rendered as people and as programs read it, and inert in both."""
    assert harmful(report.render("json")) == []
    assert harmful(report.render("terminal", lang="es")) == []


#: For what was not read, the words that say so.
NOT_READ = {
    "header fields": "HDR022 Line 2001: there are more headers than receivers read",
    "different header fields": "HDR022 Line 2001: there are more headers than receivers read",
    "one header field": "HDR022 Line 7: a header is longer than receivers read",
    "folds": "HDR022 Line 7: a header is longer than receivers read",
    "from fields": "HDR001 The header From is there 1995 times",
    "received": "HDR027 ? There are more Received fields than are read",
    "authentication results": "HDR022 Line 2001: there are more headers than receivers read",
    "signatures": "DKIM004 ? The message has more signatures than are verified",
    "arc sets": "ARC001 The ARC chain is broken: the message was too large",
    "addresses": "HDR022 Line 7: a header is longer than receivers read",
    "encoded words": "HDR022 Line 7: a header is longer than receivers read",
    "parameters": "HDR022 Line 7: a header is longer than receivers read",
    "nested parts": "MIME001 The MIME structure is faulty: parts are nested too deep",
    "nested messages": "MIME001 The MIME structure is faulty: parts are nested too deep",
    "parts": "MIME001 The MIME structure is faulty: there are too many parts",
    "unclosed boundary": "MIME001 The MIME structure is faulty: there are too many parts",
    "boundary that never comes": "MIME001 The MIME structure is faulty: the declared boundary does not appear",
    "broken base64": "MIME006 Part 1 (text/plain) is declared as base64 but goes on after its end",
    "broken quoted-printable": "MIME006 Part 1 (text/plain) is declared as quoted-printable but has “=” where no code",
    "zip in zip": "MIME011 a.zip is an archive with another archive in it",
    "overlapping zip": "MIME011 a.zip is an archive that would grow beyond all measure",
    "zip of many": "MIME011 a.zip is an archive with more in it than is looked at (1000 files were)",
    "gzip bomb": "MIME011 a.pdf.gz is an archive with more in it than is looked at",
    "parts of html": "BODY003 ? The text is longer than what is read",
    "links": "BODY007 ? The message has more text or links than are read",
    "html of b'<'": "BODY019 ? A limit was reached while reading",
    "one line": "BODY015 ? The text is longer than what is read",
}


#: A file or a link may lie in parts that were not read: nothing attached, nothing hidden, no text is more than is known.
PARTS_NOT_READ = ("nested parts", "nested messages", "parts")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_message_made_to_hurt_takes_seconds_at_most_and_its_limits_are_told(family: str) -> None:
    build, size = FAMILIES[family]
    raw = build(size)
    began = time.process_time()
    report = audit(raw)

    assert time.process_time() - began < 10
    assert report.checked
    if " of b" not in family:
        shown(report)
    if family in NOT_READ:
        assert NOT_READ[family] in told(report)
    if family in PARTS_NOT_READ:
        assert "BODY001" not in report.codes()
        not_told_clean(report, "BODY003", "BODY007", "BODY010", "MIME009", "MIME011", "MIME013", "MIME017")


def test_the_limits_that_are_told_are_of_families_that_there_are() -> None:
    assert {*NOT_READ, *PARTS_NOT_READ} <= set(FAMILIES)


def test_a_hundred_megabytes_are_read_to_the_limit_and_told() -> None:
    """50 MiB are read; a signature over a body that was not read whole is neither valid nor broken."""
    block = b"Adjuntamos la factura del mes pasado.\r\n"
    raw = SIGNATURE % 1 + headed(b"", block * (100 * MIB // len(block)))
    report = audit(raw)

    assert "MIME008 The message is 100 MB as sent" in told(report)
    assert any("first 50 MB" in evidence.note.format("en") for f in report.findings for evidence in f.evidence)
    assert "DKIM004 ? The message is past a limit of this audit" in told(report)
    not_told_clean(report, "BODY007", "BODY015", "BODY019", "MIME009")
    shown(report)


def _peak(raw: bytes) -> int:
    """Octets that an audit takes beside the message itself."""
    tracemalloc.start()
    try:
        audit(raw)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("family", "size", "most"),
    [
        ("header fields", 100_000, 64),
        ("folds", 300_000, 64),
        ("parts", 20_000, 64),
        ("To of b','", 120_000, 64),
        ("zip bomb", 64, 64),
        ("gzip bomb", 64, 64),
        ("pdf bomb", 20, 64),
        ("xml entities", 30, 64),
        ("html tags b'<p>'", 400_000, 128),
        ("hidden rules", 10_000, 128),
    ],
)
def test_a_message_made_to_hurt_takes_little_memory(family: str, size: int, most: int) -> None:
    """In MiB beside the message. 15,000 encoded words once took another library 1.5 GB."""
    audit(HEAD)  # what is loaded once is not this message's
    assert _peak(FAMILIES[family][0](size)) < most * MIB


def test_a_large_message_takes_twice_its_size_at_most() -> None:
    audit(HEAD)
    raw = attached("f.bin", "application/octet-stream", bytes(range(256)) * (24 * MIB // 256))

    assert len(raw) > 32 * MIB
    assert _peak(raw) <= 2 * len(raw)


@pytest.mark.parametrize("name", ["factura.eml", "factura-con-diez-errores.eml"])
def test_a_message_cut_anywhere_is_judged(name: str) -> None:
    raw = (EXAMPLES / name).read_bytes()
    step = max(97, len(raw) // 4000 * 97)
    for end in range(0, len(raw), step):
        assert audit(raw[:end]).checked, end


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"\xff" * 100_000,
        bytes(range(256)) * 1000,
        base64.b64encode(bytes(100_000)),
        b"\x89PNG\r\n\x1a\n" + bytes(10_000),
        b"%PDF-1.7\n" + b"a" * 1000,
        b"PK\x03\x04" + bytes(1000),
        b"From: \xed\xa0\x80@b.example\r\nSubject: \xed\xb0\x80\r\n\r\n\xed\xa0\x80\xed\xb0\x80",
        b"Subject: =?utf-8?q?=ED=A0=80=ED=B0=80?= =?utf-16?b?2AA=?=\r\nTo: =?utf-7?q?+2AA-?= <a@b.example>\r\n\r\nx",
        typed(b'text/plain; name="\xed\xa0\x80"', b"x"),
        typed(b"text/plain; name*=utf-8''%ED%A0%80; charset=utf-16", b"\xd8\x00\xd8\x00"),
        typed(
            b"text/html; charset=utf-8", b"&#xD800;&#55296;&#x110000;&#99999999999999999999;<a href='&#xDFFF;'>x</a>"
        ),
        typed(b"multipart/mixed; boundary=" + b"b" * 5000, b"--" + b"b" * 5000 + b"\r\n\r\nx"),
        typed(b'multipart/mixed; boundary=""', b"--\r\n\r\nx\r\n----\r\n"),
        typed(b"multipart/mixed; boundary=b; boundary=c", b"--b\r\n\r\nx\r\n--c\r\n\r\ny\r\n--c--\r\n--b--"),
        typed(b"text/plain", b"x", b"Content-Transfer-Encoding: base64, base64", b"Content-Type: text/html"),
        headed(b"\0: \0\r\n: x\r\n :\r\n\x0b\r\n"),
        attached("\u202efdp.exe", "application/pdf", b"MZ" + bytes(100)),
        attached("a/../../../etc/passwd\0.pdf", "application/pdf", b""),
        attached("a.zip", "application/zip", nested_zip(2)[:-30]),
    ],
    ids=range(23),
)
def test_what_is_hardly_a_message_is_judged_and_shown(raw: bytes) -> None:
    report = audit(raw)

    assert report.findings
    shown(report)
