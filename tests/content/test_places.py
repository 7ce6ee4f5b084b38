"""Where a finding in the text of a mail stands: on its own line, or said to be where the text begins."""

from __future__ import annotations

import base64
import quopri

import pytest

import deliverability as dv
from deliverability.content.rules.parts import BEGINS
from deliverability.core.finding import Evidence

TEXT = "Hola:\r\n\r\nAdjuntamos la factura de {{cliente}}.\r\n\r\nUn saludo\r\n"
HTML = "<html><body>\r\n<p>Hola:</p>\r\n<p>La factura de <b>{{cliente}}</b></p>\r\n</body></html>\r\n"


def _mail(kind: str, encoding: str, body: bytes) -> bytes:
    head = (
        "From: facturas@empresa.example\r\nTo: cliente@receptor.example\r\nSubject: Factura 7\r\n"
        "Date: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <7@empresa.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n--b--\r\n"


def _seen(raw: bytes, code: str) -> Evidence:
    report = dv.audit_message(raw, source=dv.OFFLINE, domain=False)
    return next(finding.evidence[0] for finding in report.findings if finding.code == code)


def _line(raw: bytes, words: bytes) -> int:
    return next(number for number, line in enumerate(raw.split(b"\n"), 1) if words in line)


def _base64(text: str) -> bytes:
    return base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")


def _quoted(text: str) -> bytes:
    return quopri.encodestring(text.replace("\r\n", "\n").encode()).replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("kind", "encoding", "body"),
    [
        ("text/plain", "8bit", TEXT.encode()),
        ("text/plain", "quoted-printable", _quoted(TEXT)),
        ("text/html", "8bit", HTML.encode()),
        ("text/html", "quoted-printable", _quoted(HTML)),
    ],
)
def test_a_placeholder_is_told_on_its_own_line(kind: str, encoding: str, body: bytes) -> None:
    raw = _mail(kind, encoding, body)
    seen = _seen(raw, "BODY015")

    assert (seen.line, seen.note) == (_line(raw, b"cliente}}"), dv.core.text.NO_TEXT)


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "begins"),
    [
        ("text/plain", "base64", _base64(TEXT), _base64(TEXT)[:8]),
        ("text/html", "base64", _base64(HTML), _base64(HTML)[:8]),
        # The line ends stand encoded, so the lines of the mail are not those of the text.
        ("text/plain", "quoted-printable", TEXT.replace("\r\n", "=0A").encode(), b"Hola:"),
        # Twice in the source, once of it in a comment: which of them is seen is not known.
        ("text/html", "8bit", b"<p>Hola</p>\r\n<!-- {{cliente}} -->\r\n<p>{{cliente}}</p>\r\n", b"<p>Hola"),
    ],
)
def test_where_lines_are_lost_it_is_the_line_where_the_text_begins(
    kind: str, encoding: str, body: bytes, begins: bytes
) -> None:
    raw = _mail(kind, encoding, body)
    seen = _seen(raw, "BODY015")

    assert (seen.line, seen.note) == (_line(raw, begins), BEGINS)


def test_a_link_in_base64_has_the_line_where_its_text_begins() -> None:
    html = '<p>Hola</p>\r\n<p><a href="https://otra.example/pago">https://www.banco.example/pago</a></p>\r\n'
    raw = _mail("text/html", "base64", _base64(html))
    seen = _seen(raw, "BODY004")

    assert (seen.line, seen.note) == (_line(raw, _base64(html)[:8]), BEGINS)


def test_a_sentence_is_told_on_its_line() -> None:
    text = "Hola:\r\n\r\nLe mando un saludo.\r\n\r\nAdjuntamos la factura número 7 de noviembre.\r\n\r\nUn saludo\r\n"
    raw = _mail("text/plain", "8bit", text.encode())
    seen = _seen(raw, "BODY016")

    assert (seen.line, seen.note) == (_line(raw, b"Adjuntamos"), dv.core.text.NO_TEXT)
