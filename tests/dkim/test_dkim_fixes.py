"""A fix that is proposed makes its finding go away, and brings no other with it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.changes import Changed, merge
from deliverability.core.finding import Finding
from deliverability.core.names import parse_domain
from deliverability.core.plan import KnownSource, solve
from deliverability.core.report import Report
from deliverability.sources.table import TableSource
from tests.support.cases import sending_of

FILES = sorted(Path(__file__).parents[1].glob("cases/DKIM*.toml"))
CASES = [
    pytest.param(case, id=f"{path.stem}-{case['name']}")
    for path in FILES
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def audit(case: dict[str, Any], source: KnownSource) -> Report:
    plan = audit_domain_plan(
        parse_domain(case.get("domain", "empresa.example")), now=NOW, sending=sending_of(case.get("sending", {}))
    )
    return solve(plan, source)


def dkim_findings(report: Report) -> dict[tuple[str, str], Finding]:
    return {(f.code, f.subject): f for f in report.findings if f.code.startswith("DKIM")}


@pytest.mark.parametrize("case", CASES)
def test_each_fix_alone_removes_its_finding(case: dict[str, Any]) -> None:
    source = TableSource(case.get("answers", {}))
    before = dkim_findings(audit(case, source))
    for key, finding in before.items():
        if finding.fix is not None:
            after = dkim_findings(audit(case, Changed(source, finding.fix.changes)))

            assert key not in after
            assert not {k for k, f in after.items() if f.severity == "error"} - set(before)


@pytest.mark.parametrize("case", CASES)
def test_all_fixes_together_remove_their_findings(case: dict[str, Any]) -> None:
    source = TableSource(case.get("answers", {}))
    before = dkim_findings(audit(case, source))
    fixed = {key: f.fix for key, f in before.items() if f.fix is not None}
    changes = merge(change for fix in fixed.values() for change in fix.changes)
    after = dkim_findings(audit(case, Changed(source, changes)))

    assert not set(fixed) & set(after)


def test_the_cases_hold_many_fixes() -> None:
    reports = [audit(case.values[0], TableSource(case.values[0].get("answers", {}))) for case in CASES]  # type: ignore[union-attr, arg-type]
    codes = {f.code for report in reports for f in report.findings if f.fix and f.code.startswith("DKIM")}

    assert codes == {"DKIM006", "DKIM008", "DKIM014", "DKIM025", "DKIM026", "DKIM029", "DKIM030", "DKIM031"}
