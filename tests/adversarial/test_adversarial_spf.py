"""The adversarial set's SPF cases: zones are merged as its README says, bounds are what it asks for."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from deliverability import spf
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.sources.table import TableSource
from tests.support.shared import SHARED, needs_shared

#: Kinds of the set that leave a resolver without an answer, and what it then reports.
_FAULTS = {
    "timeout": "timeout",
    "servfail": "servfail",
    "refused": "refused",
    "notimp": "notimp",
    "formerr": "malformed",
    "lame": "lame",
    "truncate-tcp-refused": "truncated",
    "truncate-partial": "truncated",
    "drip": "timeout",
    "wrongid": "timeout",
    "wrongq": "timeout",
    "garbage-long": "malformed",
    "nxdomain": "nxdomain",
    "nodata": "nodata",
}


def _cases(kind: str) -> list[dict[str, Any]]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    return [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == kind]


def _zone(parts: list[Any], root: Path) -> dict[str, Any]:
    """Parts merged from left to right; null takes a key away."""
    zone: dict[str, Any] = {}
    for part in parts:
        zone.update(json.loads((root / part).read_text("utf-8")) if isinstance(part, str) else part)
    return {key: _answer(value) for key, value in zone.items() if value is not None}


def _answer(value: Any) -> Any:
    if not isinstance(value, dict) or "fault" not in value:
        return value
    fault = value["fault"]
    if fault in _FAULTS:
        return {"fault": _FAULTS[fault]}
    # Faults that a resolver gets over (a retry, TCP, no EDNS) end in the real answer.
    return value["answer"]


class Counting:
    """A table that counts the different questions it is asked."""

    def __init__(self, table: TableSource) -> None:
        self._table = table
        self.asked: set[Question] = set()

    def answer(self, question: Question) -> Answer:
        self.asked.add(question)
        return self._table.answer(question)


@needs_shared("adversarial")
@pytest.mark.parametrize("case", _cases("spf"), ids=lambda case: case["id"])
def test_adversarial_spf(case: dict[str, Any]) -> None:
    assert SHARED is not None
    given, wanted = case["input"], case["expectation"]
    source = Counting(TableSource(_zone(given["zone"], SHARED / "adversarial")))
    mail_from, helo = given.get("mail_from", ""), given.get("helo", "")
    domain = mail_from.rpartition("@")[2] or helo
    began = time.perf_counter()
    result = spf.check_host(given["ip"], domain, mail_from, helo=helo, source=source)
    assert time.perf_counter() - began < wanted.get("max_seconds", 5)
    _compare(result.result, wanted["spf"], case["why"])
    assert len(source.asked) <= wanted.get("max_dns_queries", 130)
    assert len(result.explanation) <= wanted.get("max_explanation_chars", 4096)
    assert result.explanation.isascii()
    assert result.trace


def _compare(seen: str, wanted: Any, why: str) -> None:
    if isinstance(wanted, dict):
        assert seen not in wanted["not"], why
    else:
        assert seen in (wanted if isinstance(wanted, list) else [wanted]), why


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.OFFLINE])
@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 include:x.example -all",
        "v=spf1 a:x.example -all",
        "v=spf1 mx:x.example -all",
        "v=spf1 exists:x.example -all",
        "v=spf1 redirect=x.example",
    ],
)
def test_a_question_that_fails_is_temperror_whatever_the_fault(record: str, kind: FailureKind) -> None:
    faults = {f"x.example/{record_type}": {"fault": kind.value} for record_type in ("TXT", "A", "MX")}
    source = TableSource({"d.example/TXT": [record], **faults})
    result = spf.check_host("192.0.2.1", "d.example", "a@d.example", source=source)
    assert result.result == "temperror"
    assert result.problem is not None
    assert isinstance(result.problem.answer, Failed)
    assert result.problem.answer.kind is kind
