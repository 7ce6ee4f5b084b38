"""Every message of the adversarial set through every format: nothing in it acts on who reads the report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import deliverability as dv
from tests.adversarial.test_adversarial_auth import _octets
from tests.support.inert import csv_inert, github_inert, harmful, markdown_inert, xml_inert
from tests.support.shared import SHARED, needs_shared

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).resolve().parents[2] / "docs/schema/report-1.json").read_text("utf-8"))
)


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
    document = report.render("json")
    SCHEMA.validate(json.loads(document))

    shown = [document, report.render("html"), report.render("sarif"), report.render("terminal", width=60, verbose=True)]
    assert [harmful(text) for text in shown] == [[], [], [], []]
    assert harmful(report.render("terminal", lang="es", width=120, color=True), color=True) == []
    assert xml_inert(report.render("junit")) == []
    assert csv_inert(report.render("csv")) == []
    assert github_inert(report.render("github")) == []
    assert [bad for bad in markdown_inert(report.render("markdown"), outside="\0") if bad != "@;"] == []
