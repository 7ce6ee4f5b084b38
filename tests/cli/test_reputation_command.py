"""`--reputation` from outside: three commands, one kind of file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deliverability.cli import main

SAMPLES = Path(__file__).parents[1] / "feedback" / "samples"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/report-1.json").read_text("utf-8"))
STATUS, MAIL_LOG, STATS = (
    str(SAMPLES / name) for name in ("snds-status.csv", "mail.log", "postmaster-compliance.json")
)


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("LANG", "C.UTF-8")


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    read = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(SCHEMA).validate(read)
    return read


def codes(report: Any) -> set[str]:
    return {finding["code"] for finding in report["findings"]}


def test_in_the_audit_of_a_domain(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(
        ["audit", "empresa.example", "--offline", "-f", "json", "--reputation", STATS, "--reputation", MAIL_LOG]
    )
    report = document(capsys)

    assert code == 1
    assert {"BNC004", "BNC005"} <= codes(report)
    assert [file["name"] for file in report["details"]["reputation"]] == ["postmaster-compliance.json", "mail.log"]


def test_in_the_audit_of_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"From: <facturas@empresa.example>\r\nSubject: Factura\r\n\r\nHola\r\n")
    main(["message", str(mail), "--offline", "-f", "json", "--ip", "192.0.2.10", "--reputation", STATUS])

    assert "BL018" in codes(document(capsys))


def test_a_target_gets_what_is_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--offline", "-f", "json", "--reputation", STATUS]
    assert main(["blocklist", "192.0.2.10", *arguments]) == 1
    report = document(capsys)
    assert main(["blocklist", "192.0.2.200", *arguments]) == 3
    other = document(capsys)

    assert codes(report) == {"BL018"}
    assert len(report["details"]["reputation"][0]["blocks"]) == 1
    assert codes(other) == set()


@pytest.mark.parametrize(("lang", "says"), [("en", "WHAT THE RECEIVERS REPORT"), ("es", "QUÉ INFORMAN LOS RECEPTORES")])
def test_the_table(lang: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(SAMPLES / "snds-data.csv")
    main(["blocklist", "192.0.2.11", "--offline", "--lang", lang, "--reputation", data, "--reputation", STATUS])
    out = capsys.readouterr().out

    assert says in out
    assert "192.0.2.11" in out
    assert "RED" in out
    assert "192.0.2.64" not in out


@pytest.mark.parametrize("command", [["audit", "empresa.example"], ["blocklist", "192.0.2.10"]])
def test_a_file_that_is_none_of_it(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "factura.pdf"
    path.write_bytes(b"%PDF-1.7")
    for given in (path, tmp_path / "none.csv"):
        assert main([*command, "--offline", "--reputation", str(given)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert given.name in captured.err
        assert captured.err.count("\n") == 1
