"""The example company: its mistakes are found, its mended zone is clean, and nothing has to be asked of anybody."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import deliverability as dv
from deliverability.core.finding import Severity
from deliverability.core.report import Report

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
DOMAIN = "talleres-soler.example"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _arguments(state: str) -> list[str]:
    folder = EXAMPLES / state
    zones = sorted(folder.glob("*.zone"))
    assert len(zones) == 5
    return [
        "audit",
        "--offline",
        "--config",
        str(folder / "deliverability.toml"),
        *(part for zone in zones for part in ("--zone", str(zone))),
    ]


def _run(state: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deliverability", *_arguments(state), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _audit(state: str) -> Report:
    zones = [dv.ZoneSource.from_file(path) for path in sorted((EXAMPLES / state).glob("*.zone"))]
    source = zones[0]
    for zone in zones[1:]:
        source = dv.Overlay(zone, source)
    return dv.audit_domain(
        DOMAIN, source=source, profile=dv.Profile.load(EXAMPLES / state / "deliverability.toml"), now=NOW
    )


def test_the_mistakes_are_found() -> None:
    done = _run("before")

    assert done.returncode == 1, done.stderr
    for code in (
        "SPF004",
        "SPF014",
        "SPF024",
        "DKIM008",
        "DKIM010",
        "DKIM030",
        "DMARC007",
        "DMARC010",
        "MX005",
        "DNS003",
        "DNS005",
    ):
        assert code in done.stdout, code


def test_the_mended_zone_is_clean() -> None:
    done = _run("after")

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_mended_zone_leaves_nothing_untold() -> None:
    report = _audit("after")

    assert not report.unknowns
    assert not [finding.code for finding in report.findings if finding.severity is not Severity.INFO]
    assert report.score.value == 100


@pytest.mark.parametrize("state", ["before", "after"])
def test_the_same_zones_give_the_same_report(state: str) -> None:
    assert _audit(state) == _audit(state)
    assert _audit(state).render("json") == _audit(state).render("json")


def test_each_proposal_leaves_the_domain_better() -> None:
    actions = _audit("before").actions

    assert actions
    scores = [action.score_after for action in actions if action.score_after is not None]
    assert scores == sorted(scores)
    assert not [code for action in actions for code in action.introduces]


def test_it_speaks_spanish_too() -> None:
    done = _run("before", "--lang", "es")

    assert "consultas DNS" in done.stdout
    assert "receivers" not in done.stdout
