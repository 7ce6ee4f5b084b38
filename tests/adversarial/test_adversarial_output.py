"""Every message of the adversarial set through every format in both languages: nothing in it acts on who reads the report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import deliverability as dv
from tests.adversarial.test_adversarial_auth import _octets
from tests.support.every_format import faults_of
from tests.support.shared import SHARED, needs_shared


def _cases() -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = json.loads(path.read_text("utf-8"))
    return [
        pytest.param(c, id=c["id"]) for c in cases if c["kind"] in ("auth", "message-lint") and "message" in c["input"]
    ]


@needs_shared("adversarial", "cases.json")
@pytest.mark.parametrize("case", _cases())
def test_nothing_of_it_acts(case: dict[str, Any]) -> None:
    assert SHARED is not None
    raw = _octets(case["input"]["message"], SHARED / "adversarial")
    report = dv.audit_message(raw, source=dv.OFFLINE, now=datetime(2026, 11, 22, 12, tzinfo=UTC), domain=False)

    assert faults_of(report) == {}
