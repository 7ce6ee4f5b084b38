"""dkimpy as the second opinion on a message: on the audit's answers and clock, with every difference explained."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from deliverability.core.questions import DnsQuestion, Found
from deliverability.crosscheck import CrosscheckResult, CrosscheckRow, Right, crosscheck_message, message
from deliverability.crosscheck.table import differences
from deliverability.sources.table import TableSource
from tests.support.signing import key_record, published, seal, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MESSAGE = b"From: facturas@empresa.example\r\nSubject: Factura\r\n\r\nAdjuntamos la factura.\r\n"
KEY = "s1._domainkey.empresa.example/TXT"
PUBLISHED = published(domain="empresa.example")


def run(raw: bytes, answers: dict[str, Any] | None = None) -> CrosscheckResult:
    return crosscheck_message(raw, TableSource(PUBLISHED if answers is None else answers), now=NOW)


def signed(**arguments: Any) -> bytes:
    return sign(MESSAGE, **{"domain": "empresa.example", **arguments})


def only(result: CrosscheckResult) -> CrosscheckRow:
    (row,) = result.rows
    return row


def test_a_sound_message_is_sound_for_both() -> None:
    raw = seal(sign(signed(), domain="b.example", key="ed25519"), domain="lista.example")
    answers = PUBLISHED | published(domain="b.example", key="ed25519") | published(domain="lista.example")
    result = run(raw, answers)

    assert (result.domain, result.differences) == ("empresa.example", ())
    assert [(row.topic.en, row.ours, row.theirs) for row in result.rows] == [
        ("DKIM signature", "pass", "pass"),
        ("DKIM signature", "pass", "pass"),
        ("ARC chain", "pass", "pass"),
    ]
    assert [row.subject for row in result.rows] == [
        "s1._domainkey.b.example",
        "s1._domainkey.empresa.example",
        "ARC",
    ]
    assert result.tools[0].version.startswith("1.")


def test_each_signature_is_judged_though_dkimpy_looks_at_one_by_itself() -> None:
    raw = sign(signed(), domain="b.example", tags={"bh": "A" * 43 + "="})
    result = run(raw, PUBLISHED | published(domain="b.example"))

    assert [(row.ours, row.theirs) for row in result.rows] == [("fail", "fail"), ("pass", "pass")]


def test_a_message_without_signature_has_no_rows() -> None:
    assert run(MESSAGE).rows == ()


@pytest.mark.parametrize(
    ("raw", "answers", "id_"),
    [
        (signed(), {KEY: [key_record(tags="h=sha1")]}, "dkim-key-hash"),
        (signed(tags={"i": "@a.empresa.example"}), {KEY: [key_record(tags="t=s")]}, "dkim-key-strict"),
        (signed(), {KEY: [key_record().removeprefix("v=DKIM1; ") + "; v=DKIM1"]}, "dkim-key-record"),
        (signed(headers=["subject"]), None, "dkim-from-not-signed"),
        (signed(tags={"l": 9_000}), None, "dkim-length-beyond-body"),
        (signed(tags={"d": "empresa.example."}), None, "dkim-domain-name"),
        (signed(tags={"t": int(NOW.timestamp()) + 3_600}), None, "dkim-times"),
        (signed(tags={"a": "RSA-SHA256"}), None, "dkim-algorithm-case"),
        (signed() + b" ", None, "dkim-last-line"),
        (b"X-Old : x\r\n" + signed(), None, "dkim-header-syntax"),
        (signed(), {KEY: [key_record("rsa1024"), key_record()]}, "dkim-several-keys"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_differences_are_explained(raw: bytes, answers: dict[str, Any] | None, id_: str) -> None:
    row = only(run(raw, answers))
    known = next(entry for entry in differences() if entry.id == id_)

    assert row.ours != row.theirs
    assert (row.why, row.section, row.right) == (known.why, known.section, known.right)


@pytest.mark.parametrize(
    ("answer", "ours"),
    [({"fault": "servfail"}, "temperror"), ({"fault": "nxdomain"}, "fail"), (["v=DKIM1; p="], "fail")],
)
def test_keys_that_are_not_there(answer: Any, ours: str) -> None:
    row = only(run(signed(), {KEY: answer}))

    assert (row.ours, row.theirs, row.right) == (ours, ours, Right.SAME)


def test_recorded_answers_that_lack_the_key() -> None:
    """What the audit did not ask is no verdict of the other tool."""
    row = only(crosscheck_message(signed(), {}, now=NOW))

    assert row.right in (Right.SAME, Right.NO_ANSWER)
    assert row.theirs == "temperror"


def test_recorded_answers_as_a_mapping() -> None:
    question = DnsQuestion("s1._domainkey.empresa.example", "TXT")  # type: ignore[arg-type]
    answers = {question: Found(((key_record().encode(),),))}

    assert only(crosscheck_message(signed(), answers, now=NOW)).agrees


def test_a_crash_is_no_verdict() -> None:
    """dkimpy hands an RSA signature to an Ed25519 key and falls over."""
    row = only(run(signed(), {KEY: [key_record("ed25519")]}))

    assert (row.ours, row.theirs, row.right) == ("fail", "", Right.NO_ANSWER)
    assert "ValueError" in row.theirs_says


def test_a_message_that_is_too_large_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "MESSAGE_OCTETS", 10)
    result = run(signed())

    assert only(result).right is Right.NO_ANSWER
    assert "large" in result.tools[0].failure
