"""The command in the formats for build servers: files written, lines named, the job's summary of GitHub."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import junitparser
import pytest

from deliverability.cli import main
from deliverability.cli.places import config_places, in_project, mail_place
from deliverability.core.names import DomainName
from deliverability.core.profile import Profile
from deliverability.render import FORMATS
from deliverability.render.places import Place
from tests.cli.test_command import BAD, GOOD
from tests.cli.test_message_command import MAIL
from tests.support.inert import github_inert, markdown_inert

CONFIG = """
fail_on = "error"
domains = [
    "empresa.example",
]
"""


@pytest.fixture(autouse=True)
def _project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A project with a configuration, two zones and a mail, entered; no build server around."""
    for key in [k for k in os.environ if k.startswith(("DELIVERABILITY_", "GITHUB_", "CI_"))]:
        monkeypatch.delenv(key)
    (tmp_path / "deliverability.toml").write_text(CONFIG)
    (tmp_path / "good.zone").write_text(GOOD)
    (tmp_path / "bad.zone").write_text(BAD)
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "factura.eml").write_bytes(MAIL.encode())
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)


def audit(*arguments: str, zone: str = "bad.zone") -> int:
    return main(["audit", "--offline", "--zone", zone, "--incomplete", "pass", *arguments])


@pytest.mark.parametrize("form", sorted(set(FORMATS)))
def test_every_format_is_written_to_a_file(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("-f", form, "-o", "report.out") == 1

    text = (tmp_path / "report.out").read_text("utf-8")
    assert text.endswith("\n")
    assert "empresa.example" in text
    assert capsys.readouterr().out == ""


def test_sarif_points_at_the_line_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    audit("-f", "sarif")
    result = json.loads(capsys.readouterr().out)["runs"][0]["results"][0]

    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("deliverability.toml", 4)


def test_sarif_and_annotations_point_into_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["message", "mails/factura.eml", "--offline", "--message-only"]
    main([*arguments, "-f", "sarif"])
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    main([*arguments, "-f", "github"])
    lines = capsys.readouterr().out.splitlines()

    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}
    assert uris == {"mails/factura.eml"}
    assert any(r["locations"][0]["physicalLocation"]["region"]["startLine"] > 1 for r in results)
    assert all(line.startswith("::") is False or "file=mails/factura.eml" in line for line in lines)


def test_junit_and_csv_are_read_by_other_programs(tmp_path: Path) -> None:
    assert audit("-f", "junit", "-o", "junit.xml") == 1
    assert audit("-f", "csv", "-o", "report.csv") == 1

    suites = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    with (tmp_path / "report.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert suites.failures == sum(row["outcome"] == "finding" and row["severity"] == "error" for row in rows)
    assert suites.tests == len(rows)


def test_a_green_gate_is_a_green_junit(tmp_path: Path) -> None:
    assert audit("-f", "junit", "-o", "junit.xml", "--fail-on", "never") == 0

    suites = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (suites.failures, suites.errors) == (0, 0)


def test_github_gets_annotations_and_the_summary_of_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert audit("-f", "github", "--lang", "en") == 1

    out = capsys.readouterr().out
    assert github_inert(out) == []
    assert out.startswith("::error file=deliverability.toml,line=4,title=")
    text = summary.read_text("utf-8")
    assert text.startswith("# Before\n## ❌ `empresa.example`")
    assert markdown_inert(text) == []


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"github"}))
def test_no_other_format_touches_the_summary(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    audit("-f", form, "-o", "report.out")

    assert not (tmp_path / "summary.md").exists()


def test_a_summary_that_is_almost_full_gets_what_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("x" * ((1 << 20) - 600))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    audit("-f", "github", "-o", "annotations.txt", "--lang", "en")

    assert summary.stat().st_size <= 1 << 20
    assert "Reports that do not fit here: 1." in summary.read_text("utf-8")


def test_a_summary_that_is_full_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("x" * ((1 << 20) - 10))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    assert audit("-f", "github", "-o", "annotations.txt") == 1
    assert summary.stat().st_size == (1 << 20) - 10


def test_a_summary_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "none" / "summary.md"))

    assert audit("-f", "github") == 2
    err = capsys.readouterr().err
    assert "GITHUB_STEP_SUMMARY" in err
    assert err.count("\n") == 1


def test_paths_are_told_from_the_project_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, outside = tmp_path / "mails" / "factura.eml", tmp_path.parent / "other.eml"

    assert in_project(inside, {}) == "mails/factura.eml"
    assert in_project(outside, {}) == outside.as_posix()
    monkeypatch.chdir(tmp_path / "mails")
    assert in_project(Path("factura.eml"), {}) == "factura.eml"
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        assert in_project(Path("factura.eml"), {variable: str(tmp_path)}) == "mails/factura.eml"


def test_what_has_no_file_has_no_place(tmp_path: Path) -> None:
    profile = Profile(path=tmp_path / "deliverability.toml", lines={DomainName("a.example"): 3})

    assert config_places(Profile(), ["a.example"]) == [None]
    assert config_places(profile, ["a.example", "b.example"]) == [
        Place("deliverability.toml", 3),
        Place("deliverability.toml"),
    ]
    assert mail_place("-") is None
