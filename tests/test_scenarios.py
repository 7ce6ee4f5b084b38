"""Whole domains as they are met in practice, and everything that an audit says of them: tests/scenarios/*.toml.

    [[scenario]]
    name = "clean Google Workspace"      # unique
    domain = "empresa.example"           # default
    errors = []                          # every code found as an error, sorted, one entry for each finding
    warnings = ["SPF005"]                # the same for warnings
    consequences = []                    # the same for errors and warnings that another finding explains; default none
    must = ["DNS013"]                    # codes that have to be found, whatever their severity
    must_not = ["SPF028"]                # codes that may not be found
    unknown = ["DKIM002"]                # codes with an Unknown outcome
    not_applicable = ["SPF004"]          # codes with a NotApplicable outcome
    actions = [["+ empresa.example TXT v=spf1 …"]]    # every action, in order: what it takes away (-) and puts in (+)
    [scenario.sending]                   # fields of core.facts.Sending
    [scenario.answers]                   # over those of world.toml; {key1} … are its keys

Where a case of tests/cases looks at one rule, a scenario looks at what the rules say together: nothing may be missing
and nothing may be added. NS and SOA of a domain are filled in where a scenario names none.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.changes import Changed
from deliverability.core.names import parse_domain, registrable_domain
from tests.support.cases import sending_of

FOLDER = Path(__file__).parent / "scenarios"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORLD = tomllib.loads((FOLDER / "world.toml").read_text("utf-8"))
FILES = sorted(path for path in FOLDER.glob("*.toml") if path.name != "world.toml")
SCENARIOS = [
    pytest.param(scenario, id=f"{path.stem}-{scenario['name']}")
    for path in FILES
    for scenario in tomllib.loads(path.read_text("utf-8"))["scenario"]
]


def table_of(scenario: dict[str, Any]) -> dict[str, Any]:
    """The scenario's records over those of the providers."""
    name = parse_domain(scenario.get("domain", "empresa.example"))
    zone = registrable_domain(name) or name
    table: dict[str, Any] = {
        f"{zone}/NS": ["ns1.alojamiento.example", "ns2.alojamiento.example"],
        f"{zone}/SOA": ["ns1.alojamiento.example hostmaster.alojamiento.example 2026010101 7200 3600 1209600 3600"],
        **WORLD["answers"],
        **scenario["answers"],
    }
    return {key: _with_keys(value) for key, value in table.items()}


def _with_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_keys(item) for item in value]
    if isinstance(value, str):
        for key, text in WORLD["keys"].items():
            value = value.replace(f"{{{key}}}", text)
    return value


def audit(scenario: dict[str, Any], source: Any) -> dv.Report:
    return dv.audit_domain(
        scenario.get("domain", "empresa.example"),
        source=source,
        now=NOW,
        sending=sending_of(scenario.get("sending", {})),
    )


def _codes(report: dv.Report, severity: dv.Severity) -> list[str]:
    return sorted(f.code for f in report.findings if f.severity is severity and not f.consequence_of)


def _consequences(report: dv.Report) -> list[str]:
    return sorted(f.code for f in report.findings if f.severity is not dv.Severity.INFO and f.consequence_of)


def _shown(report: dv.Report) -> list[list[str]]:
    return [
        [
            line
            for change in action.changes
            for line in (
                *(f"- {change.name} {change.type} {value}" for value in change.remove),
                *(f"+ {change.name} {change.type} {value}" for value in change.add),
            )
        ]
        for action in report.actions
    ]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: dict[str, Any]) -> None:
    report = audit(scenario, dv.TableSource(table_of(scenario)))

    assert _codes(report, dv.Severity.ERROR) == scenario["errors"]
    assert _codes(report, dv.Severity.WARNING) == scenario["warnings"]
    assert _consequences(report) == scenario.get("consequences", [])
    assert set(scenario.get("must", ())) <= report.codes()
    assert not set(scenario.get("must_not", ())) & report.codes()
    assert set(scenario.get("unknown", ())) <= {rule.code for rule, _ in report.unknowns}
    assert set(scenario.get("not_applicable", ())) <= {rule.code for rule, _ in report.not_applicable}
    if "actions" in scenario:
        assert _shown(report) == [[_with_keys(line) for line in action] for action in scenario["actions"]]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_carrying_out_every_action_leaves_what_is_said(scenario: dict[str, Any]) -> None:
    """All records published together make their findings go away and bring no error."""
    source = dv.TableSource(table_of(scenario))
    before = audit(scenario, source)
    changes = [change for action in before.actions for change in action.changes]
    after = audit(scenario, Changed(source, changes))

    solved = {code for action in before.actions for code in action.solves}
    kinds = {(f.code, f.severity) for f in before.findings}
    assert not solved & {f.code for f in after.findings if (f.code, f.severity) in kinds}
    assert not {f.code for f in after.findings if f.severity is dv.Severity.ERROR} - before.codes()
    assert after.score.value is None or before.score.value is None or after.score.value >= before.score.value


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_findings_are_complete(scenario: dict[str, Any]) -> None:
    """Both languages have something to say, with no placeholder left open, and show what it rests on."""
    report = audit(scenario, dv.TableSource(table_of(scenario)))

    for finding in report.findings:
        for lang in ("en", "es"):
            for sentence in (finding.text(lang), finding.why(lang), finding.advice(lang)):
                assert sentence.strip()
                assert "None" not in sentence.split()
                assert "{" not in sentence.replace("%{", "")
                assert "  " not in sentence
        assert finding.evidence or finding.code in WITHOUT_EVIDENCE


#: What rests on the name or on what the user told, not on an answer.
WITHOUT_EVIDENCE = {"DMARC036", "DNS005", "DNS006", "DNS018", "DNS019", "DNS020", "DNS022"}


def test_names_are_unique() -> None:
    names = [param.values[0]["name"] for param in SCENARIOS]

    assert len(set(names)) == len(names) >= 25
