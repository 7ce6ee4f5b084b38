"""`deliverability explain`: one rule, a family or all, for readers and for programs."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from deliverability.cli import main
from deliverability.cli.parser import EXPLAIN_FORMATS
from deliverability.core.finding import Severity
from deliverability.registry import RULES
from deliverability.render.rules import COLUMNS, FORMATS
from tests.support.inert import harmful

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("LANG", "C.UTF-8")


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


def test_the_formats_of_the_parser_are_those_of_the_renderer() -> None:
    assert EXPLAIN_FORMATS == FORMATS


@pytest.mark.parametrize("lang", ["en", "es"])
def test_all_rules_as_a_list_of_eighty_columns(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = explain(capsys, "--all", "--lang", lang)
    lines = out.splitlines()
    assert out == explain(capsys, "--lang", lang), "no code is the same as --all"
    assert all(len(line) <= 80 for line in lines)
    for rule in RULES:
        [at] = [n for n, line in enumerate(lines) if f" {rule.code} " in line]
        assert rule.name in "".join(lines[at : at + 2])
        assert " ".join(rule.label.format("es" if lang == "es" else "en").split()[:2]) in lines[at]
    assert not harmful(out)


def test_all_rules_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    documents = json.loads(explain(capsys, "--all", "-f", "json"))
    assert [document["code"] for document in documents] == [rule.code for rule in RULES]
    for document in documents:
        assert document["family"] == document["code"].rstrip("0123456789")
        assert document["since"]
        assert document["references"]
        for lang in ("en", "es"):
            assert document["title"][lang]
            assert (ROOT / document["pages"][lang]).exists()


def test_all_rules_as_csv_hold_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    out = explain(capsys, "--all", "-f", "csv")
    assert out == explain(capsys, "--all", "-f", "csv", "--lang", "es")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert tuple(rows[0]) == COLUMNS
    assert [row["code"] for row in rows] == [rule.code for rule in RULES]
    assert {row["severity"] for row in rows} == {severity.value for severity in Severity}
    spf = next(row for row in rows if row["code"] == "SPF004")
    assert "{lookups}" in spf["title_en"]
    assert spf["label_es"] == "Consultas DNS del SPF"


def test_all_rules_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    out = explain(capsys, "--all", "-f", "markdown", "--lang", "es")
    assert "## SPF: quién puede enviar" in out
    rows = [line for line in out.splitlines() if line.startswith("| ") and not line.startswith(("| Código", "| ---"))]
    assert len(rows) == len(RULES)
    assert all(line.count("|") == 5 for line in rows)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_one_rule_says_all_that_is_known(form: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = explain(capsys, "SPF010", "-f", form, "--lang", lang)
    assert "spf-passes-everybody" in out
    assert "RFC 7208" in out
    assert f"docs/{'es/' if lang == 'es' else ''}reference/rules/SPF010.md" in out
    assert "0.1.0" in out
    assert "{" not in out


def test_code_in_a_rule_stays_code_in_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    out = explain(capsys, "SPF004", "-f", "markdown")
    assert "instead of `a` and `mx`" in out
    assert "\\`" not in out
    assert "‹domain›" in out


def test_what_a_rule_follows_from(capsys: pytest.CaptureFixture[str]) -> None:
    rule = next(rule for rule in RULES if rule.consequence_of)
    assert rule.consequence_of[0] in explain(capsys, rule.code)


def test_a_family_in_full_and_verbose_all(capsys: pytest.CaptureFixture[str]) -> None:
    family = explain(capsys, "arc")
    assert family.count("\n  References ") == sum(rule.family == "ARC" for rule in RULES)
    assert explain(capsys, "--all", "-v").count("\n  References ") == len(RULES)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("SPF4", "did you mean SPF004?"),
        ("spf-04", "did you mean SPF004?"),
        ("SFP", "did you mean SPF"),
        ("too-many-lokups", "did you mean too-many-lookups"),
    ],
)
def test_a_word_nearby(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", word]) == 2
    assert hint in capsys.readouterr().err
    assert main(["explain", "--all", word]) == 2
