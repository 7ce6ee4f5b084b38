"""Outcomes as CSV: every row is there, every cell comes back, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deliverability as dv
from deliverability.core.text import LANGS, Lang
from deliverability.render import render
from deliverability.render.csv import COLUMNS, cell
from tests.support.demo_report import DOMAIN, HOSTILE, demo_report
from tests.support.inert import LIVELY, csv_inert, harmful

ROOT = Path(__file__).resolve().parents[2]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), strict=True))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("hostile", [*HOSTILE, *LIVELY], ids=range(len(HOSTILE) + len(LIVELY)))
def test_outside_text_is_inert(hostile: str, lang: Lang) -> None:
    text = render(demo_report(hostile), "csv", lang=lang)

    assert csv_inert(text) == []
    assert len(rows(text)) == 10


def test_the_check_sees_what_it_looks_for() -> None:
    assert csv_inert('"a","=1"\n')
    assert csv_inert('"a",b\n')
    assert csv_inert('"a","  @x"\n')
    assert csv_inert('"a","\'=1"\n') == []


@given(st.text(max_size=80))
def test_any_value_is_a_cell_that_no_spreadsheet_runs(value: str) -> None:
    shown = cell(value)

    assert harmful(shown) == []
    assert "\n" not in shown
    assert shown.lstrip(" \"'")[:1] not in ("=", "+", "-", "@", "\uff1d") or shown.startswith("'")


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@a", " =1", "\uff1d1", '"=1', "'=1"])
def test_the_beginnings_of_formulas(value: str) -> None:
    assert cell(value).startswith("'")
    assert cell("\t" + value) == "\\x09" + value  # a tab is shown, so the formula is none


@pytest.mark.parametrize("value", ["v=spf1 -all", "a-b", "4 de 10", "ñ", "", None])
def test_what_is_no_formula_stays(value: str | None) -> None:
    assert cell(value) == (value or "")


def test_one_row_an_outcome_with_the_columns_of_the_rows() -> None:
    report = demo_report()
    read = rows(render(report, "csv", lang="es"))

    wanted = report.to_rows("es")
    assert [row["code"] for row in read[: len(wanted)]] == [row["code"] for row in wanted]
    assert set(wanted[0]) | {"name", "kind", "rule_page"} == set(COLUMNS)
    for got, row in zip(read, wanted, strict=False):
        assert {key: got[key] for key in row} == {key: cell(value) for key, value in row.items()}


def test_what_was_set_aside_is_told_with_its_reason() -> None:
    last = rows(render(demo_report(), "csv"))[-1]

    assert (last["outcome"], last["code"], last["because"]) == ("ignored", "DNS013", "known, include:mail.example")


def test_several_reports_share_the_header_and_width_changes_nothing() -> None:
    reports = [demo_report(), replace(demo_report(), subject="otra.example")]
    text = render(reports, "csv", width=40)

    assert text.count('"audited"') == 1
    assert {row["audited"] for row in rows(text)} == {DOMAIN, "otra.example"}
    assert text == render(reports, "csv", width=200, color=True, verbose=True)


def test_mails_are_told_apart_by_their_names() -> None:
    raw = (ROOT / "examples/messages/factura.eml").read_bytes()
    reports = [dv.audit_message(raw, name=name, source=dv.OFFLINE, domain=False) for name in ("a.eml", "=b.eml")]

    read = rows(render(reports, "csv"))
    assert {(row["name"], row["kind"]) for row in read} == {("a.eml", "message"), ("'=b.eml", "message")}
