"""The MIME rules where a message was not read whole, and what their findings say."""

from __future__ import annotations

import base64
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deliverability.audits.message import audit_message_plan
from deliverability.core.facts import RawMessage
from deliverability.core.finding import Unknown
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import solve
from deliverability.core.report import Report
from deliverability.core.text import LANGS
from deliverability.sources.table import TableSource
from tests.support.cases import run_case

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CASES = [
    pytest.param(case, id=f"{path.stem}-{case['name']}")
    for path in sorted(Path(__file__).parents[1].glob("cases/MIME*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
    if case.get("must") and "append_times" not in case
]


def audit(raw: bytes, *, read: int | None = None, limits: Limits = DEFAULT_LIMITS) -> Report:
    message = RawMessage(raw[:read], len(raw))
    return solve(audit_message_plan(message, now=NOW, limits=limits, domain=False), TableSource({}))


def unknown(report: Report) -> set[str]:
    return {rule.code for rule, outcome in report.checked if isinstance(outcome, Unknown)}


def with_pdf(octets: bytes) -> bytes:
    return (
        b"From: a@empresa.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nFactura\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=factura.pdf\r\n\r\n%s\r\n--b--\r\n"
    ) % base64.encodebytes(octets).replace(b"\n", b"\r\n")


def test_a_message_that_was_not_read_whole_is_not_called_unclosed_or_truncated() -> None:
    raw = with_pdf(b"%PDF-1.7\n" + b"%" * 5000 + b"\n%%EOF")
    whole, cut = audit(raw), audit(raw, read=len(raw) - 2001)

    assert not {"MIME001", "MIME006", "MIME008", "MIME018"} & whole.codes()
    assert "MIME008" in cut.codes()
    assert not {"MIME001", "MIME006", "MIME018"} & cut.codes()
    assert "MIME018" in unknown(cut)


def test_a_pdf_that_is_too_large_to_look_through_is_unknown() -> None:
    raw = with_pdf(b"%PDF-1.7\n" + b"1 0 obj << >>\n" * 5000 + b"\n%%EOF")

    assert "MIME017" in unknown(audit(raw, limits=replace(DEFAULT_LIMITS, archive_octets=1000)))
    assert "MIME017" not in unknown(audit(raw))


def test_a_text_that_is_too_long_is_unknown() -> None:
    raw = b"From: a@empresa.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + b"Factura\r\n" * 1000

    assert "MIME005" in unknown(audit(raw, limits=replace(DEFAULT_LIMITS, text_octets=1000)))
    assert "MIME005" not in unknown(audit(raw))


@pytest.mark.parametrize(("name", "limit"), [("mime_parts", 3), ("mime_depth", 0)], ids=["parts", "depth"])
def test_a_limit_that_was_reached_is_told(name: str, limit: int) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 9 + b"--b--\r\n"
    report = audit(raw, limits=replace(DEFAULT_LIMITS, **{name: limit}))

    assert any(f.code == "MIME001" and f.args["kind"] == name.replace("_", "-") for f in report.findings)


@pytest.mark.parametrize("case", CASES)
def test_findings_are_whole_sentences_in_both_languages(case: dict[str, Any]) -> None:
    report = run_case(case)
    for finding in report.findings:
        if finding.code not in case["must"]:
            continue
        assert finding.evidence
        assert all(evidence.line for evidence in finding.evidence if evidence.type == "part" and evidence.text)
        for lang in LANGS:
            texts = (finding.text(lang), finding.why(lang), finding.advice(lang))
            assert not any("{" in text or "}" in text for text in texts)
        assert finding.text("en") != finding.text("es")
