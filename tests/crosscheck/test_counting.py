"""Counts of lookups beside those of real tools, term by term: each case was looked up in the tool's own source."""

from __future__ import annotations

import re

import jsonschema
import pytest

from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import DnsQuestion
from deliverability.core.text import Text
from deliverability.crosscheck import CrosscheckResult, CrosscheckRow, Right, counting, crosscheck, process
from deliverability.crosscheck.counting import Tool, term_counts, ways
from deliverability.crosscheck.rows import TermCount
from deliverability.crosscheck.wire import answer_to_json
from deliverability.render.counts import table_of
from deliverability.render.page import Page, text_console
from deliverability.render.second_opinions import print_second_opinions, second_opinions_document
from deliverability.sources.snapshot import Snapshot
from deliverability.sources.table import TableSource
from deliverability.spf.lookup_tree import tree_plan
from tests.cli.test_reputation_command import SCHEMA

WORLD = {
    "empresa.example/A": ["192.0.2.10"],
    "empresa.example/MX": [f"10 m{i}.empresa.example" for i in range(3)],
    **{f"m{i}.empresa.example/A": ["192.0.2.1"] for i in range(3)},
    **{f"h{i}.example/A": ["192.0.2.77"] for i in range(20)},
    "_spf.esp.example/TXT": ["v=spf1 include:_a.esp.example include:_b.esp.example ~all"],
    "_a.esp.example/TXT": ["v=spf1 ip4:192.0.2.128/25 ~all"],
    "_b.esp.example/TXT": ["v=spf1 a:empresa.example mx:empresa.example ~all"],
    "nine.example/TXT": ["v=spf1 " + " ".join(f"a:h{i}.example" for i in range(9)) + " -all"],
    "eleven.example/TXT": ["v=spf1 " + " ".join(f"a:h{i}.example" for i in range(11)) + " -all"],
    "below.example/TXT": ["v=spf1 a:h9.example include:eleven.example a:h8.example -all"],
    "red.example/TXT": ["v=spf1 a mx ~all"],
    "red.example/A": ["192.0.2.9"],
    "red.example/MX": ["10 m1.empresa.example"],
    "plus.example/TXT": ["v=spf1 +all"],
    "loop.example/TXT": ["v=spf1 a:h3.example include:empresa.example"],
    "twice.example/TXT": ["v=spf1 a:none.example a:none.example -all"],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=reject"],
}


def world(spf: str) -> TableSource:
    return TableSource({**WORLD, "empresa.example/TXT": [spf]})


def check(spf: str) -> CrosscheckResult:
    return crosscheck("empresa.example", world(spf))


def counts(result: CrosscheckResult, tool: str, topic: str = "DNS lookups of SPF") -> CrosscheckRow:
    [row] = [row for row in result.rows if row.tool == tool and row.topic.en == topic]
    return row


def different(row: CrosscheckRow) -> list[tuple[str, int, int, Text | None]]:
    return [(t.term, t.ours, t.theirs, t.why) for t in row.terms if t.ours != t.theirs]


@pytest.mark.parametrize(
    ("spf", "lookups"),
    [
        ("v=spf1 mx -all", 1),
        ("v=spf1 ptr -all", 1),
        ("v=spf1 exists:%{i}.x.example -all", 1),
        ("v=spf1 include:_spf.esp.example -all", 5),
        ("v=spf1 include:_spf.esp.example include:_spf.esp.example -all", 10),
        ("v=spf1 include:_b.esp.example include:_spf.esp.example -all", 8),
        ("v=spf1 a redirect=red.example", 4),
        ("v=spf1 a -all include:_spf.esp.example", 1),
        ("v=spf1 include:twice.example -all", 3),
    ],
)
def test_all_three_count_alike_and_the_terms_add_up(spf: str, lookups: int) -> None:
    result = check(spf)
    for tool in ("pyspf", "checkdmarc"):
        row = counts(result, tool)
        assert (row.ours, row.theirs, row.right) == (str(lookups), str(lookups), Right.SAME)
        assert sum(term.ours for term in row.terms) == sum(term.theirs for term in row.terms) == lookups
        assert different(row) == []
        assert not table_of(row, "en").lines, "there is nothing to explain"


def test_a_redirect_beside_all_is_counted_when_the_record_is_read() -> None:
    row = counts(check("v=spf1 a -all redirect=red.example"), "pyspf")

    assert (row.ours, row.theirs, row.right, row.section) == ("1", "2", Right.OURS, "RFC 7208 §6.1")
    assert different(row) == [("redirect=red.example", 0, 1, counting.REDIRECT_BESIDE_ALL.text)]


def test_a_tool_that_stops_at_the_limit() -> None:
    result = check("v=spf1 include:nine.example include:nine.example a:h10.example -all")
    row = counts(result, "pyspf")

    assert (row.ours, row.theirs) == ("21", "11")
    assert len(different(row)) == 10
    assert {why for *_, why in different(row)} == {counting.STOPPED.text}
    assert counts(result, "checkdmarc").agrees, "an include that it has met before is counted again from memory"


def test_a_tool_that_throws_away_what_it_counted_inside_an_include() -> None:
    row = counts(check("v=spf1 include:below.example a:h1.example a:h2.example -all"), "checkdmarc")

    assert (row.ours, row.theirs) == ("17", "3")
    assert {why for *_, why in different(row)} == {counting.LOST.text}
    assert [term.term for term in row.terms if term.theirs] == ["include:below.example", "a:h1.example", "a:h2.example"]
    table = table_of(row, "en")
    assert [(line.ours, line.theirs) for line in table.lines][-1] == (17, 3)
    assert sum(line.ours for line in table.lines[:-1]) == 17
    assert len(table.notes) == 1


def test_a_match_and_a_circle() -> None:
    row = counts(check("v=spf1 include:plus.example a:h1.example -all"), "pyspf")
    assert different(row) == [("a:h1.example", 1, 0, counting.MATCHED.text)]

    row = counts(check("v=spf1 include:loop.example a:h1.example -all"), "pyspf")
    assert (row.theirs, row.right) == ("11", Right.EITHER)
    assert {why for *_, why in different(row)} == {counting.CIRCLE.text, counting.STOPPED.text}


@pytest.mark.parametrize(
    ("spf", "ours", "theirs", "why"),
    [
        ("v=spf1 ptr:none.example -all", 0, 1, counting.PTR_VOID.text),
        ("v=spf1 exists:none.example -all", 1, 0, counting.EXISTS_VOID.text),
        ("v=spf1 a:%{d}.none.example -all", 1, 0, counting.MACRO_VOID.text),
        ("v=spf1 a:n1.example a:n2.example a:n3.example a:n4.example -all", 4, 3, counting.STOPPED.text),
    ],
)
def test_void_lookups(spf: str, ours: int, theirs: int, why: Text) -> None:
    row = counts(check(spf), "checkdmarc", "Void lookups of SPF")

    assert (row.ours, row.theirs) == (str(ours), str(theirs))
    assert [reason for *_, reason in different(row)] == [why]


def test_a_void_name_twice_is_two_void_lookups_for_both() -> None:
    row = counts(check("v=spf1 include:twice.example -all"), "checkdmarc", "Void lookups of SPF")
    assert (row.ours, row.theirs) == ("2", "2")


def test_usual_ways_to_count() -> None:
    tree = solve(
        tree_plan("empresa.example"), world("v=spf1 mx a:h1.example include:_b.esp.example a:h1.example -all a")
    )
    assert [way.count for way in ways(tree)] == [6, 7, 12, 4, 7, 4]
    assert ways(tree)[0].what == counting.BY_THE_STANDARD
    assert check("v=spf1 -all").ways == (), "nothing is counted, so there is nothing to tell"


def test_a_tool_whose_counting_is_not_seen_has_no_terms() -> None:
    tree = solve(tree_plan("empresa.example"), world("v=spf1 mx -all"))
    assert term_counts(tree, [], Tool(adds_up=True, failed=False)) == ()
    strange = [{"kind": "lookups", "path": ["empresa.example"], "term": "new:thing", "count": 3, "sum": False}]
    rows = term_counts(tree, strange, Tool(adds_up=False, failed=False))
    assert [(row.term, row.ours, row.theirs) for row in rows] == [("mx", 1, 0), ("new:thing", 0, 3)]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_it_is_told_within_eighty_columns(lang: str) -> None:
    result = check("v=spf1 include:below.example a:h1.example a:h2.example -all redirect=red.example")
    page = Page(text_console(80, color=False), lang)  # type: ignore[arg-type]
    print_second_opinions(page, result)
    text = page.result()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert re.search(r"^ +17 +3  (in all|en total)$", text, re.MULTILINE)
    assert re.search(r"^ +17 (each include|cada include)", text, re.MULTILINE)


def test_the_document_has_the_published_form() -> None:
    document = second_opinions_document(check("v=spf1 a -all redirect=red.example"))
    schema = {**SCHEMA["$defs"]["details"]["properties"]["crosscheck"], "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(document)
    assert any(row["terms"] for row in document["rows"])
    assert document["ways"][0]["count"] == 1


def test_hostile_terms_do_not_reach_a_terminal() -> None:
    row = CrosscheckRow(
        "pyspf",
        Text("x", "x"),
        "e.example",
        "1",
        "0",
        Right.OURS,
        Text("", ""),
        terms=(TermCount(0, "e.example", "a:\x1b[31m\u202e", 1, 0, counting.STOPPED.text),),
    )
    assert all(line.text.isprintable() for line in table_of(row, "en").lines)


def test_receivers_that_find_policies_by_the_public_suffix_list() -> None:
    source = TableSource(
        {
            **WORLD,
            "empresa.example/TXT": ["v=spf1 -all"],
            "_dmarc.ventas.empresa.example/TXT": ["v=DMARC1; p=none; psd=n"],
            "_dmarc.avisos.ventas.empresa.example/TXT": [],
            "avisos.ventas.empresa.example/A": ["192.0.2.1"],
            "avisos.ventas.empresa.example/TXT": ["v=spf1 -all"],
        }
    )
    result = crosscheck("avisos.ventas.empresa.example", source, tools=("checkdmarc",))
    rows = {row.topic.en: row for row in result.rows if row.tool == "RFC 7489"}
    organization, policy = rows["Organizational domain"], rows["DMARC policy"]
    assert (organization.ours, organization.theirs) == ("ventas.empresa.example", "empresa.example")
    assert (policy.ours, policy.theirs, policy.right) == ("none", "reject", Right.EITHER)


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ({"a.example/TXT": ["x"]}, {"status": "nodata", "aliases": []}),
        ({"a.example/CNAME": "b.example", "b.example/TXT": ["x"]}, {"status": "found", "aliases": []}),
        ({}, {"status": "noname", "aliases": []}),
    ],
)
def test_an_alias_that_the_audit_saw_is_an_answer(known: dict[str, object], answer: dict[str, object]) -> None:
    recorded = Snapshot.recording(TableSource(known))
    recorded.answer(DnsQuestion(DomainName("a.example"), "TXT"))

    said = answer_to_json(process._answer(recorded.snapshot, "a.example", "CNAME"))
    assert {key: said[key] for key in answer} == answer
    assert process._answer(recorded.snapshot, "c.example", "CNAME") == recorded.snapshot.answer(
        DnsQuestion(DomainName("c.example"), "CNAME")
    ), "what nobody asked stays unknown"
