"""Whatever octets come as a message: no exception, the same report twice, and line ends of a file change no verdict."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import deliverability as dv
from deliverability.core.finding import Finding
from tests.support.hostile_everywhere import hostile_mail
from tests.support.inert import harmful
from tests.support.shared import SHARED

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schema/report-1.json").read_text("utf-8")))
#: Pieces that mean something to one reader or another.
TOKENS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x1b[31m", b": ", b";", b",", b"<", b">",
    b"(", b")", b'"', b"\\", b"=", b"@", b"=?utf-8?q?", b"?=", b"=?utf-8?b?", b"--", b"--b--", b"From: ", b"Subject: ",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n\r\n", b"DKIM-Signature: v=1; ",
    b"Content-Transfer-Encoding: base64\r\n", b"Authentication-Results: a; dkim=pass", b"Received: from a by b; ", b"charset=utf-16",
    b"<a href=", b"<style>", b"<!--", b"&#xD800;", b"{{", b"ES91 2100", b"1.234,56", b"PK\x03\x04", b"%PDF-", b"http://", b"xn--",
)  # fmt: skip


@functools.cache
def mails() -> Sequence[bytes]:
    """Real and made mails: those of the examples, and of CPython's tests of its email package."""
    found = [path.read_bytes() for path in sorted((ROOT / "examples" / "messages").glob("*.eml"))]
    folder = SHARED / "conformance" / "mime-cpython" if SHARED else None
    if folder is not None and folder.is_dir():
        found += [path.read_bytes() for path in sorted(folder.rglob("msg_*.txt"))]
    return [*found, hostile_mail("x y"), hostile_mail("ñ\r\n\u202e")]


def audit(raw: bytes) -> dv.Report:
    return dv.audit_message(raw, source=dv.OFFLINE, now=NOW, domain=False)


def check(raw: bytes) -> None:
    """Judged, shown and told twice alike."""
    report = audit(raw)
    document = report.render("json")
    assert harmful(document) == []
    SCHEMA.validate(json.loads(document))
    assert audit(raw).render("json") == document
    assert harmful(report.render("terminal", lang="es", verbose=True)) == []


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real mail with pieces taken out, put in, repeated or moved."""
    raw = draw(st.sampled_from(mails()))[:20_000]
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        end = min(len(raw), at + draw(st.integers(0, 60)))
        piece = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=8)))
        move = draw(st.integers(0, 3))
        if move == 0:
            raw = raw[:at] + piece + raw[at:]
        elif move == 1:
            raw = raw[:at] + piece + raw[end:]
        elif move == 2:
            raw = raw[:at] + raw[at:end] * draw(st.integers(2, 20)) + raw[end:]
        else:
            raw = raw[:at] + raw[end:] + raw[at:end]
    return raw


SOME = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SOME
@given(st.binary(max_size=2000))
def test_any_octets(raw: bytes) -> None:
    check(raw)


@SOME
@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=6)), max_size=60).map(b"".join))
def test_any_run_of_pieces_that_mean_something(raw: bytes) -> None:
    check(raw)


@SOME
@given(mutated())
def test_any_mail_that_was_changed(raw: bytes) -> None:
    check(raw)


def verdicts(report: dv.Report) -> set[tuple[str, str]]:
    """Each rule's severities, but for the rule about line ends."""
    found = {(f.code, f.severity.value) for f in report.findings if f.code != "HDR022"}
    told = {(rule.code, type(outcome).__name__) for rule, outcome in report.checked if not isinstance(outcome, Finding)}
    return found | {(code, word) for code, word in told if code != "HDR022"}


def _lines_end_alike(raw: bytes) -> bool:
    """Neither mixed nor signed: the body of a signature would be another."""
    lf = raw.replace(b"\r\n", b"\n")
    return b"\r" not in lf and b"DKIM-Signature" not in raw and raw.count(b"\r\n") in (0, raw.count(b"\n"))


@pytest.mark.parametrize("number", [number for number, raw in enumerate(mails()) if _lines_end_alike(raw)])
def test_a_mail_stored_with_the_line_ends_of_another_system_is_judged_the_same(number: int) -> None:
    """A file on disk has LF where the network had CRLF."""
    lf = mails()[number].replace(b"\r\n", b"\n")

    assert verdicts(audit(lf)) == verdicts(audit(lf.replace(b"\n", b"\r\n")))
