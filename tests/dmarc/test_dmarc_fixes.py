"""A fix that is proposed makes its finding go away, alone and together with the others."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.changes import Changed, RecordChange
from deliverability.core.names import DomainName, parse_domain
from deliverability.core.plan import solve
from deliverability.core.report import Report
from deliverability.dmarc import discover
from deliverability.dmarc.record import strictness
from deliverability.sources.table import TableSource
from tests.support.cases import NOW, sending_of

CASES = sorted((Path(__file__).parents[1] / "cases").glob("DMARC*.toml"))


def _firing() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}-{case['name']}")
        for path in CASES
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
        if path.stem in case.get("must", ())
    ]


def audit(case: dict[str, Any], changes: tuple[RecordChange, ...] = ()) -> Report:
    plan = audit_domain_plan(
        parse_domain(case.get("domain", "empresa.example")), now=NOW, sending=sending_of(case.get("sending", {}))
    )
    return solve(plan, Changed(TableSource(case.get("answers", {})), changes))


@pytest.mark.parametrize(("code", "case"), _firing())
def test_each_fix_removes_its_finding(code: str, case: dict[str, Any]) -> None:
    for finding in audit(case).findings:
        if not finding.code.startswith("DMARC") or finding.fix is None:
            continue
        after = audit(case, finding.fix.changes)

        assert (finding.code, finding.subject) not in {(f.code, f.subject) for f in after.findings}


def test_the_cases_hold_many_fixes() -> None:
    fixed = {
        finding.code
        for param in _firing()
        for finding in audit(param.values[1]).findings
        if finding.code.startswith("DMARC") and finding.fix
    }

    assert len(fixed) >= 15, sorted(fixed)


@pytest.mark.parametrize(("code", "case"), _firing())
def test_all_fixes_can_be_made_together(code: str, case: dict[str, Any]) -> None:
    with_fix = [f for f in audit(case).findings if f.code.startswith("DMARC") and f.fix]
    changes = tuple(change for f in with_fix if f.fix for change in f.fix.changes)
    after = audit(case, changes)

    assert not {(f.code, f.subject) for f in with_fix} & {(f.code, f.subject) for f in after.findings}
    assert "DMARC002" not in after.codes()


@pytest.mark.parametrize(("code", "case"), _firing())
def test_no_fix_weakens_what_is_in_force(code: str, case: dict[str, Any]) -> None:
    name = case.get("domain", "empresa.example")
    table = TableSource(case.get("answers", {}))
    before = discover(name, source=table).policy or "none"
    for finding in audit(case).findings:
        if not finding.code.startswith("DMARC") or finding.fix is None:
            continue
        after = discover(name, source=Changed(table, finding.fix.changes)).policy or "none"

        allowed = "pct=0" in str(case["answers"])  # t=y says what pct=0 said
        assert allowed or strictness(after) >= strictness(before)


def test_an_alias_is_deleted_before_a_record_takes_its_place() -> None:
    """Nothing may stand beside a CNAME (RFC 1034 §3.6.2)."""
    answers = {
        "empresa.example/MX": ["10 mx.empresa.example."],
        "_dmarc.empresa.example/CNAME": ["dmarc.ionos.es"],
        "dmarc.ionos.es/TXT": ["v=DMARC1; p=none;"],
    }
    fixes = [f.fix for f in audit({"answers": answers}).findings if f.code.startswith("DMARC") and f.fix]

    assert fixes
    for fix in fixes:
        assert RecordChange(DomainName("_dmarc.empresa.example"), "CNAME", remove=("dmarc.ionos.es",)) in fix.changes
