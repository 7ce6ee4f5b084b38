"""Baselines: written, read, and what they take out of the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverability.core.baseline import Baseline
from deliverability.core.errors import UnreadableFile
from tests.support.demo_report import DOMAIN, HOSTILE, demo_report


def test_a_baseline_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    baseline = Baseline.of([demo_report()])
    baseline.save(path)

    assert Baseline.load(path) == baseline
    assert {k.code for k in baseline.known} == {"SPF004", "DKIM012", "DNS013", "DMARC007"}


def test_the_file_is_sorted_and_has_no_dates(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    Baseline.of([demo_report()]).save(first)
    known = Baseline.of([demo_report()]).known
    Baseline(tuple(reversed(known))).save(second)

    assert first.read_bytes() == second.read_bytes()
    assert "2026" not in first.read_text()
    assert first.read_text().isascii()


@pytest.mark.parametrize("hostile", HOSTILE[:8])
def test_hostile_subjects_survive_the_file(tmp_path: Path, hostile: str) -> None:
    path = tmp_path / "b"
    report = demo_report(hostile)
    Baseline.of([report]).save(path)

    assert Baseline.load(path).apply(report).findings == ()


def test_only_what_is_new_counts() -> None:
    report = demo_report()
    known = Baseline(tuple(k for k in Baseline.of([report]).known if k.code != "SPF004"))

    applied = known.apply(report)
    assert [f.code for f in applied.findings] == ["SPF004"]
    assert applied.exit_code() == 1
    assert Baseline.of([report]).apply(report).exit_code() == 3, "what could not be told is not made good by a baseline"
    assert applied.score == report.score
    assert applied.actions == tuple(action for action in report.actions if "SPF004" in action.solves)
    assert Baseline.of([report]).apply(report).actions == ()


def test_a_baseline_of_another_domain_takes_nothing_out() -> None:
    known = tuple(Baseline.of([demo_report()]).known)
    other = Baseline(tuple(type(k)("other.example", k.code, k.subject, k.fingerprint) for k in known))

    assert len(other.apply(demo_report()).findings) == len(demo_report().findings)
    assert other.fingerprints(DOMAIN) == frozenset()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']
)
def test_what_is_no_baseline_is_an_error_of_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)

    with pytest.raises(UnreadableFile) as caught:
        Baseline.load(path)
    assert "baseline.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        Baseline.load(tmp_path / "none")
    with pytest.raises(UnreadableFile, match="cannot be written"):
        Baseline().save(tmp_path / "no" / "folder")
