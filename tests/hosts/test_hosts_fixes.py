"""A fix that is proposed makes its finding go away: every one that the cases bring forth is tried."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.changes import Changed
from deliverability.core.facts import Sending
from deliverability.core.finding import Finding, Severity
from deliverability.core.names import parse_domain
from deliverability.core.plan import KnownSource, solve
from deliverability.core.report import Report
from deliverability.sources.table import TableSource
from tests.support.cases import NOW, sending_of

FOLDER = Path(__file__).parent.parent / "cases"
FILES = sorted([*FOLDER.glob("MX*.toml"), *FOLDER.glob("DNS*.toml")])
TOPIC = ("MX", "DNS")


def audit(case: dict[str, Any], source: KnownSource) -> Report:
    domain, sending = parse_domain(case.get("domain", "empresa.example")), sending_of(case.get("sending", {}))
    return solve(audit_domain_plan(domain, now=NOW, sending=sending or Sending()), source)


def _fixes() -> list[Any]:
    params = []
    for path in FILES:
        for case in tomllib.loads(path.read_text("utf-8"))["case"]:
            source = TableSource(case.get("answers", {}))
            params += [
                pytest.param(case, finding, id=f"{finding.code}-{case['name']}-{finding.subject}")
                for finding in audit(case, source).findings
                if finding.fix is not None and finding.code.startswith(TOPIC)
            ]
    return params


@pytest.mark.parametrize(("case", "finding"), _fixes())
def test_a_fix_removes_its_finding_and_brings_no_new_one(case: dict[str, Any], finding: Finding) -> None:
    assert finding.fix is not None
    source = TableSource(case.get("answers", {}))
    before = audit(case, source)
    after = audit(case, Changed(source, finding.fix.changes))

    assert finding.fingerprint not in {f.fingerprint for f in after.findings}
    new = {f.code for f in after.findings if f.severity is not Severity.INFO} - before.codes()
    assert not {code for code in new if code.startswith(TOPIC)}


def test_most_rules_that_concern_records_propose_some() -> None:
    codes = {param.values[1].code for param in _fixes()}

    assert {
        "MX002",
        "MX004",
        "MX005",
        "MX006",
        "MX007",
        "DNS001",
        "DNS002",
        "DNS003",
        "DNS004",
        "DNS007",
        "DNS009",
        "DNS014",
    } <= codes


def test_a_record_is_not_given_up_for_one_bad_address_of_its_host() -> None:
    """The record goes only where its host has no public address at all and another host takes the mail."""
    answers = {
        "empresa.example/MX": ["10 mx.otra.example", "20 mx2.otra.example"],
        "mx2.otra.example/A": ["192.0.2.1"],
    }
    both, only = (
        {**answers, "mx.otra.example/A": addresses} for addresses in (["10.0.0.1", "192.0.2.2"], ["10.0.0.1"])
    )

    assert [f.fix for f in audit({}, TableSource(both)).findings if f.code == "MX007"] == [None]
    (fix,) = [f.fix for f in audit({}, TableSource(only)).findings if f.code == "MX007"]
    assert fix is not None
    assert fix.changes[0].remove == ("10 mx.otra.example",)
