"""The renderers on what real audits give: hostile records through every format, and the details against the schema."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import deliverability as dv
from deliverability.core.questions import split_strings
from deliverability.core.text import LANGS, Text
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, ToolRun
from deliverability.render import pictures, render
from deliverability.render.terminal import svg
from tests.support.demo_report import HOSTILE, demo_report
from tests.support.inert import SGR, harmful

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schema/report-1.json").read_text("utf-8")))
DOMAIN = "empresa.example"


def audit(records: dict[str, list[bytes]], **sending: Any) -> dv.Report:
    """An audit of records given as octets."""
    table: dict[str, Any] = {
        "empresa.example/MX": ["10 mail.empresa.example."],
        "mail.empresa.example/A": ["192.0.2.1"],
    }
    source = dv.TableSource(table)
    for key, values in records.items():
        name, _, kind = key.rpartition("/")
        source._answers[name, kind] = dv_found(values)
        source._names.add(name)
    return dv.audit_domain(DOMAIN, source=source, now=NOW, sending=dv.Sending(selectors=("s1",), **sending))


def dv_found(values: list[bytes]) -> Any:
    from deliverability.core.questions import Found  # noqa: PLC0415

    return Found(tuple(split_strings(value) for value in values), 300)


def check_all(report: dv.Report) -> None:
    """Every format is inert, fits, and follows its schema."""
    text = report.render("json", answers=True)
    SCHEMA.validate(json.loads(text))
    assert harmful(text) == []
    for lang in LANGS:
        for width, color in ((60, False), (120, True)):
            shown = report.render("terminal", lang=lang, width=width, color=color, verbose=True)
            assert harmful(shown, color=color) == []
            too_wide = [
                line for line in SGR.sub("", shown).splitlines() if cell_len(line) > width and " IN " not in line
            ]
            assert too_wide == []


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_records_are_inert_in_every_format(hostile: str) -> None:
    octets = hostile.encode("utf-8", "replace")
    report = audit(
        {
            "empresa.example/TXT": [b"v=spf1 include:" + octets + b" exists:%{i}." + octets + b" -all", octets],
            "_dmarc.empresa.example/TXT": [
                b"v=DMARC1; p=" + octets + b"; rua=mailto:" + octets + b"@x.example; p=none"
            ],
            "s1._domainkey.empresa.example/TXT": [b"v=DKIM1; k=" + octets + b"; p=" + octets],
        }
    )

    assert report.findings
    check_all(report)


@settings(max_examples=25, deadline=None)
@given(spf=st.binary(max_size=120), dmarc=st.binary(max_size=120), dkim=st.binary(max_size=120))
def test_any_octets_are_inert_in_every_format(spf: bytes, dmarc: bytes, dkim: bytes) -> None:
    check_all(
        audit(
            {
                "empresa.example/TXT": [b"v=spf1 " + spf],
                "_dmarc.empresa.example/TXT": [b"v=DMARC1; p=none; " + dmarc],
                "s1._domainkey.empresa.example/TXT": [dkim],
            }
        )
    )


def example(which: str) -> dv.Report:
    folder = ROOT / "examples" / which
    source = dv.ZoneSource.from_file(*sorted(folder.glob("*.zone")))
    profile = dv.Profile.load(folder / "deliverability.toml")
    return dv.audit_domain(profile.domains[0], source=source, profile=profile, now=NOW)


@pytest.mark.parametrize("which", ["before", "after"])
def test_the_example_follows_the_schema_with_all_its_details(which: str) -> None:
    report = example(which)
    check_all(report)

    details = json.loads(report.render("json"))["details"]
    assert details["spf_tree"]["lookups"] == (11 if which == "before" else 4)
    assert [row["subject"] for row in details["dmarc"]["effective"]] == ["domain", "subdomain", "nonexistent"]


def test_the_tree_and_the_policy_table_are_drawn() -> None:
    text = example("before").render("terminal", width=100)

    assert "11 of 10 DNS lookups" in text
    assert "├ include:_spf.boletines-sol.example  (4)" in text
    assert "names that do not exist" in text


@pytest.mark.parametrize("hostile", HOSTILE[:6])
def test_second_opinions_are_inert_and_follow_the_schema(hostile: str) -> None:
    topic, why = Text("SPF result", "Resultado SPF"), Text("Terms, not queries.", "Términos, no consultas.")
    rows = tuple(
        CrosscheckRow("pyspf", topic, hostile, "pass", hostile, right, why, "RFC 7208 §4.6.4", hostile)
        for right in Right
    )
    result = CrosscheckResult(DOMAIN, rows, (ToolRun("pyspf", "2.0.14"), ToolRun("checkdmarc", "6.0.4", hostile)))
    report = demo_report()
    details = {**report.details, "crosscheck": result}

    check_all(dv.Report(**{**{f: getattr(report, f) for f in report.__dataclass_fields__}, "details": details}))


@pytest.mark.parametrize("lang", LANGS)
def test_the_picture_is_well_formed_and_loads_nothing(lang: Any) -> None:
    picture = svg([demo_report("<script>&\x1b[0m\u202e")], lang=lang, lines=30)

    import xml.etree.ElementTree as ET  # noqa: PLC0415 - our own picture

    ET.fromstring(picture)
    assert "<script>" not in picture
    assert "url(http" not in picture
    assert "@font-face" not in picture
    assert harmful(picture) == []
    assert render(demo_report(), "terminal").count("\n") > 30


def test_a_huge_tree_is_drawn_in_time_and_cut_with_a_word() -> None:
    records = {
        "empresa.example/TXT": [b"v=spf1 " + b" ".join(b"include:s%d.example" % n for n in range(60)) + b" -all"]
    }
    records |= {f"s{n}.example/TXT": [b"v=spf1 " + b"a " * 1500 + b"-all"] for n in range(60)}
    report = audit(records)

    start = time.process_time()
    text = report.render("terminal", lang="en")
    document = json.loads(report.render("json"))["details"]["spf_tree"]
    assert time.process_time() - start < 10
    assert "more (-v shows all)" in text
    assert text.count("\n") < 600
    assert document["rows_omitted"] > 500
    assert len(document["rows"]) == 2000


def test_the_branches_of_the_tree() -> None:
    rows = [(row, 0) for row in example("before").details["spf_tree"].rows()]
    drawn = pictures.branches_of(rows)

    assert drawn[-1] == "└ "
    assert drawn[0] == "├ "
    assert all(len(branch) == 2 * (row.depth + 1) for branch, (row, _) in zip(drawn, rows, strict=True))
