"""The adversarial messages: read, judged and shown in bounded time, and every attack in them is told."""

from __future__ import annotations

import importlib.util
import json
import time
from types import ModuleType
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.finding import Finding
from deliverability.core.report import Report
from deliverability.headers.fields import HeaderDefectKind, Headers, parse
from deliverability.render.json import render_reports as render_json
from deliverability.render.terminal import render_reports as render_terminal
from tests.support.inert import harmful
from tests.support.shared import SHARED, needs_shared

#: What the set calls a fault that reading tells by itself.
_DEFECTS = {
    HeaderDefectKind.BARE_CR: "bare-cr",
    HeaderDefectKind.BARE_LF: "bare-lf",
    HeaderDefectKind.CONTROL: "control-character",
    HeaderDefectKind.EIGHT_BIT: "non-ascii-header",
    HeaderDefectKind.BLANK_IN_NAME: "header-name-space",
    HeaderDefectKind.LEADING_FOLD: "leading-whitespace",
    HeaderDefectKind.NO_SEPARATOR: "header-malformed",
    HeaderDefectKind.EMPTY_NAME: "header-malformed",
    HeaderDefectKind.LONG_LINE: "line-too-long",
    HeaderDefectKind.SECTION_CUT: "too-many-headers",
    HeaderDefectKind.TOO_MANY_FIELDS: "too-many-headers",
    HeaderDefectKind.FIELD_CUT: "too-many-headers",
}
#: And what a rule tells.
_RULES = {
    "HDR001": "header-duplicate",
    "HDR002": "from-missing",
    "HDR006": "non-ascii-header",
    "HDR009": "date-invalid",
    "HDR023": "header-malformed",
    "HDR033": "homograph",
}
_KINDS = {
    "control-character": "control-character",
    "direction-control": "bidi-control",
    "body-long-line": "line-too-long",
    "body-bare-cr": "bare-cr",
    "body-bare-lf": "bare-lf",
    "body-nul": "control-character",
}


def _loader() -> ModuleType:
    assert SHARED is not None
    spec = importlib.util.spec_from_file_location("adversarial_cases", SHARED / "adversarial" / "cases.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cases() -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == "message-lint"]
    return [pytest.param(case, id=case["id"]) for case in cases]


def slugs(headers: Headers, report: Report) -> set[str]:
    """The set's words for what was found."""
    found = {_DEFECTS[defect.kind] for defect in headers.defects if defect.kind in _DEFECTS}
    for finding in report.findings:
        found |= _slugs_of(finding)
    return found


def _slugs_of(finding: Finding) -> set[str]:
    found = {_RULES[finding.code]} if finding.code in _RULES else set()
    if finding.code == "HDR001" and finding.subject.lower() == "from":
        found.add("from-duplicate")
    if finding.code == "HDR022":
        found |= {slug for kind, slug in _KINDS.items() if finding.args["kind"] == kind}
    if finding.code.startswith("UNS"):
        found.add("list-unsubscribe-invalid")
    return found


def observe(raw: bytes) -> set[str]:
    """Audit the message offline, show it in every way, and tell what was found."""
    report = dv.audit_message(raw, source=dv.OFFLINE)
    for lang in ("en", "es"):
        assert harmful(render_terminal([report], lang=lang)) == []
    document = render_json([report])
    assert harmful(document) == []
    assert json.loads(document)
    return slugs(parse(raw), report)


@needs_shared("adversarial", "cases.json")
def test_the_set_has_messages() -> None:
    assert _cases()


@needs_shared("adversarial", "cases.json")
@pytest.mark.parametrize("case", _cases())
def test_adversarial_message(case: dict[str, Any]) -> None:
    assert SHARED is not None
    raw = _loader().expand(case["input"]["message"], SHARED / "adversarial")
    start = time.perf_counter()
    found = observe(raw)

    assert time.perf_counter() - start < case["expectation"].get("max_seconds", 5)
    assert set(case["expectation"].get("must_flag", ())) <= found


HEAD = b"From: a@good.example\r\nTo: b@rcpt.example\r\nDate: Tue, 7 Oct 2025 10:00:00 +0000\r\nMessage-ID: <1@good.example>\r\n"


@pytest.mark.parametrize(
    ("raw", "slug"),
    [
        (b"From: x@evil.example\r\n" + HEAD + b"\r\nx", "from-duplicate"),
        (b"Subject: a\r\nSubject: b\r\n" + HEAD + b"\r\nx", "header-duplicate"),
        (HEAD.replace(b"From: a@good.example\r\n", b"") + b"\r\nx", "from-missing"),
        (HEAD.replace(b"From: ", b"From : ") + b"\r\nx", "header-name-space"),
        (b" X: 1\r\n" + HEAD + b"\r\nx", "leading-whitespace"),
        (HEAD + b"Subject: a\rFrom: x@evil.example\r\n\r\nx", "bare-cr"),
        (HEAD + b"Subject: a\nX: 1\r\n\r\nx", "bare-lf"),
        (HEAD + b"Subject: a\0b\r\n\r\nx", "control-character"),
        (HEAD + b"Subject: =?utf-8?q?a=1B[2J?=\r\n\r\nx", "control-character"),
        (HEAD + b"Subject: a\xf1o\r\n\r\nx", "non-ascii-header"),
        (HEAD + b"Subject: =?utf-8?q?=E2=80=AEgpj.exe?=\r\n\r\nx", "bidi-control"),
        ("Subject: \u202egpj.exe\r\n".encode() + HEAD + b"\r\nx", "bidi-control"),
        ("From: a@gооd.example\r\n".encode() + HEAD.partition(b"\r\n")[2] + b"\r\nx", "homograph"),
        (
            HEAD.replace(b"From: a@good", b"From: a@xn--gd-fmca") + b"\r\nx",
            "homograph",
        ),
        (HEAD + b"Subject: " + b"x" * 1200 + b"\r\n\r\nx", "line-too-long"),
        (HEAD + b"\r\n" + b"x" * 1200, "line-too-long"),
        (HEAD + b"X: 1\r\n" * 100_000 + b"\r\nx", "too-many-headers"),
        (b"X: " + b"1" * 1_000_000 + b"\r\n" + HEAD + b"\r\nx", "too-many-headers"),
        (HEAD + b"not a header\r\n\r\nx", "header-malformed"),
        (HEAD.replace(b"7 Oct", b"77 Oct") + b"\r\nx", "date-invalid"),
    ],
)
def test_each_attack_on_headers_is_told(raw: bytes, slug: str) -> None:
    assert slug in observe(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\0" * 2000,
        bytes(range(256)) * 40,
        b"From",
        b"From:",
        b"From: <",
        b"Subject: =?",
        b":" * 9000,
        b"\xff\xfe" * 5000,
        HEAD,
    ],
)
def test_what_is_hardly_a_message_is_judged_all_the_same(raw: bytes) -> None:
    words = {*_DEFECTS.values(), *_RULES.values(), *_KINDS.values(), "from-duplicate", "list-unsubscribe-invalid"}

    assert observe(raw) <= words
