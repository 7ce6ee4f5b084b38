"""What a notebook gets: values that show themselves in any page, and tables whose columns have one type each."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import deliverability as dv
from deliverability.core import columns
from deliverability.core.columns import Columns, pandas_dtypes
from deliverability.core.names import DomainName
from deliverability.core.questions import DnsQuestion
from deliverability.core.report import Report, as_html
from deliverability.dnsbl.listing import Listing, State
from deliverability.dnsbl.lists import lists
from deliverability.render import html
from tests.support.html_inert import html_inert
from tests.test_examples import DOMAIN, EXAMPLES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def report() -> Report:
    source: Any = dv.OFFLINE
    for zone in sorted((EXAMPLES / "before").glob("*.zone")):
        source = dv.Overlay(dv.ZoneSource.from_file(zone), source)
    return dv.audit_domain(DOMAIN, source=source, now=NOW)


@pytest.fixture(scope="module")
def batch() -> dv.subjects.SubjectBatch:
    return dv.subjects.score_many(
        ["Factura 2026-0042 de Talleres Soler", "¡¡URGENTE!! <b>Pague</b>", "Factura", "factura"]
    )


def test_an_embedded_report_takes_back_what_the_page_says_about_its_elements() -> None:
    """Jupyter floats `dt`, pads lists and stripes tables; each of our rules has to outweigh that."""
    sheet = html.embedded_style_sheet()
    reset, brace, ours = sheet.partition("}")

    assert reset + brace == ".dv.dv.dv :not(svg,svg *){all:revert}"
    assert ours.startswith(".dv.dv.dv.dv{&{--ground:")
    assert ".dv" not in ours[len(".dv.dv.dv.dv") :]
    assert sheet.count("{") == sheet.count("}")


def test_an_embedded_report_follows_the_theme_of_the_page() -> None:
    """The reader of a dark notebook on a light desktop reads a dark report, and the other way round."""
    sheet = html.embedded_style_sheet()
    chosen = sheet.partition("@media screen{")[2]

    assert re.search(
        r"&:is\(\[data-jp-theme-light=true\] \*,[^)]+\)\{--ground:#f4f6f8;[^}]*color-scheme:light\}", chosen
    )
    assert re.search(
        r"&:is\(\[data-jp-theme-light=false\] \*,[^)]+\)\{--ground:#11161c;[^}]*color-scheme:dark\}", chosen
    )


def test_the_page_of_its_own_has_the_plain_style_sheet(report: Report) -> None:
    assert "all:revert" not in report.render("html")
    assert "all:revert" in report.render("html", embed=True)


def test_what_is_shown_without_html_is_one_line(report: Report, batch: dv.subjects.SubjectBatch) -> None:
    """A report printed by the prompt, in a list, in a traceback."""
    tree = report.details["spf_tree"]

    assert re.fullmatch(
        r"<Report on domain talleres-soler\.example: \d+ errors, .* unknown; score \d+ [A-F]>", repr(report)
    )
    assert repr(tree) == "<SpfTree of talleres-soler.example: 11 lookups, 0 void>"
    assert repr(dv.explain("SPF004")) == "<Rule SPF004 too-many-lookups>"
    assert repr(batch) == f"<SubjectBatch of 4: {', '.join(f'{n} {b}' for b, n in batch.counts.items())}; 1 repeated>"
    assert repr(batch.scores[1]).endswith(": '¡¡URGENTE!! <b>Pague</b>'>")
    assert repr(dv.subjects.score("a\u202eb\x1b[2J")).endswith(r": 'a\u202eb\x1b[2J'>")


def test_a_row_counts_what_the_first_lines_of_the_report_count(report: Report) -> None:
    """What the mailbox providers make of the same faults is not counted again."""
    raw = (EXAMPLES / "messages" / "factura-con-diez-errores.eml").read_bytes()
    mail = dv.audit_message(raw, source=dv.OFFLINE, now=NOW)
    for each in (report, mail):
        row, first = each.to_row(), each.render("terminal", quiet=True)
        for column, word in (("errors", "error"), ("warnings", "warning"), ("infos", "note"), ("unknown", "check")):
            assert re.search(rf"(?<!\d){row[column]}\s{word}", first), (column, first)
    assert any(finding.code.startswith("PROV") for finding in mail.findings)


def test_a_report_of_nobody_tells_no_score() -> None:
    nobody = dv.audit_domain("empresa.example", source=dv.OFFLINE, now=NOW)

    assert repr(nobody).endswith("unknown; no score>")
    assert nobody.to_row()["score"] is None


def test_a_batch_of_subjects_shows_itself(batch: dv.subjects.SubjectBatch) -> None:
    shown = batch._repr_html_()

    assert html_inert(shown) == []
    assert "&lt;b&gt;Pague" in shown
    assert "The same subject 2 times" in shown
    many = dv.subjects.score_many(f"Factura {n}" for n in range(130))
    assert as_html(many).count("<tr>") == 101
    assert "30 more; to_rows() has all" in as_html(many)
    assert as_html(dv.subjects.score_many([])).count("<table") == 0


def tables(report: Report, batch: dv.subjects.SubjectBatch) -> list[tuple[list[dict[str, Any]], Columns]]:
    listings = dv.dnsbl.check("192.0.2.25", source=dv.OFFLINE)
    return [
        (report.to_rows("es"), columns.OUTCOMES),
        ([report.to_row()], columns.REPORTS),
        (report.details["spf_tree"].to_rows(), columns.SPF_TERMS),
        (batch.to_rows(), columns.SUBJECTS),
        ([row for score in batch.scores for row in score.to_rows("es")], columns.CONTRIBUTIONS),
        ([listing.to_row("es") for listing in listings], columns.LISTINGS),
    ]


def test_each_value_is_of_the_type_of_its_column(report: Report, batch: dv.subjects.SubjectBatch) -> None:
    """Exactly that type: a subclass of `str` or a whole number among fractions would make a column of mixed objects."""
    for rows, wanted in tables(report, batch):
        assert rows
        for row in rows:
            assert list(row) == list(wanted)
            assert {
                name: type(value)
                for name, value in row.items()
                if value is not None and type(value) is not wanted[name]
            } == {}


def test_pandas_and_polars_make_typed_columns(report: Report, batch: dv.subjects.SubjectBatch) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    kinds = {str: polars.String, int: polars.Int64, float: polars.Float64, bool: polars.Boolean}
    for rows, wanted in tables(report, batch):
        for some in (rows, rows[:1], []):
            frame = pandas.DataFrame(some, columns=list(wanted)).astype(pandas_dtypes(wanted))
            assert {name: str(kind) for name, kind in frame.dtypes.items()} == pandas_dtypes(wanted)
            assert frame.astype(object).where(frame.notna(), None).to_dict("records") == some
            other = polars.DataFrame(some, schema=wanted)
            assert other.schema == {name: kinds[kind] for name, kind in wanted.items()}
            assert other.to_dicts() == some


def test_the_owner_of_a_term_is_the_term_of_the_audited_record(report: Report) -> None:
    tree = report.details["spf_tree"]
    rows = tree.to_rows()
    own = [row["term"] for row in rows if row["depth"] == 0]

    assert {row["owner"] for row in rows} == set(own)
    by_owner = {term: sum(row["counts"] for row in rows if row["owner"] == term) for term in own}
    assert sum(by_owner.values()) == tree.lookups == 11
    assert by_owner["include:_spf.boletines-sol.example"] == 4


def test_a_listing_tells_no_key() -> None:
    """Keyed lists are asked under names that hold the key, and what a notebook prints is kept and passed on."""
    keyed = next(one for one in lists() if one.keyed)
    question = DnsQuestion(DomainName("25.2.0.192.s3cr3tk3y.list.example"), "A")
    listing = Listing(replace(keyed, key="s3cr3tk3y"), "192.0.2.25", State.LISTED, question=question)

    assert repr(listing) == f"<Listing of 192.0.2.25 on {keyed.id}: listed>"
    assert "s3cr3tk3y" not in str(listing.to_row()) + listing._repr_html_()
