"""A proposed record really makes its finding go away, and changes nothing that nobody asked for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.changes import Changed
from deliverability.core.finding import Finding, Severity
from deliverability.core.names import parse_domain
from deliverability.core.plan import KnownSource, solve
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.core.report import Report
from deliverability.sources.table import TableSource
from deliverability.spf import parse, tree
from deliverability.spf.record import Qualifier
from deliverability.spf.repair import (
    corrected,
    fewer_lookups,
    merged,
    one_of_each_modifier,
    repeated_terms,
    senders_before_all,
    with_all,
    with_senders,
    without,
)
from tests.support.cases import NOW, sending_of

FILES = sorted(Path(__file__).parents[1].glob("cases/SPF*.toml"))
CASES = [
    pytest.param(case, id=f"{path.stem}-{case['name']}")
    for path in FILES
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
]


class _Recorded:
    """Answers from below; once `closed`, a question that was not asked before is one nobody can answer."""

    def __init__(self, below: KnownSource) -> None:
        self._below = below
        self._kept: dict[Question, Answer] = {}
        self.closed = False

    def answer(self, question: Question) -> Answer:
        if question not in self._kept:
            if self.closed:
                return Failed(FailureKind.OFFLINE)
            self._kept[question] = self._below.answer(question)
        return self._kept[question]


def _audit(case: dict[str, Any], source: KnownSource) -> Report:
    name = parse_domain(case.get("domain", "empresa.example"))
    return solve(audit_domain_plan(name, now=NOW, sending=sending_of(case.get("sending", {}))), source)


def _spf(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.code.startswith("SPF")]


@pytest.mark.parametrize("case", CASES)
def test_each_fix_makes_its_finding_go_away(case: dict[str, Any]) -> None:
    source = _Recorded(TableSource(case.get("answers", {})))
    before = _audit(case, source)
    source.closed = True
    for finding in _spf(before):
        if finding.fix is None:
            continue
        after = _audit(case, Changed(source, finding.fix.changes))

        assert finding.fingerprint not in {f.fingerprint for f in after.findings}, finding.code
        errors = {f.code for f in _spf(after) if f.severity is Severity.ERROR}
        assert errors <= {f.code for f in _spf(before) if f.severity is Severity.ERROR}, finding.code


def test_enough_fixes_are_tried() -> None:
    fixed = {
        finding.code
        for case in (param.values[0] for param in CASES)
        for finding in _spf(_audit(case, TableSource(case["answers"])))  # type: ignore[index,call-overload]
        if finding.fix
    }

    assert len(fixed) >= 24


def test_merging_keeps_every_sender_once_and_the_strictest_all() -> None:
    records = ["v=spf1 a ip4:9.9.9.9 ?all", "v=spf1 +a mx -all exp=e.example.net"]

    assert merged(records) == "v=spf1 a ip4:9.9.9.9 mx -all exp=e.example.net"


def test_merging_a_redirect_keeps_its_senders() -> None:
    assert merged(["v=spf1 a", "v=spf1 redirect=b.example.net"]) == "v=spf1 a include:b.example.net ~all"


def test_merging_does_not_guess_at_a_broken_record() -> None:
    assert merged(["v=spf1 a -all", "v=spf1 ip4:999.1.1.1 -all"]) is None


def test_a_correction_keeps_all_other_words() -> None:
    record = parse("v=spf1 a:web.example.net/24 inclde:_spf.example.net foo=bar ~all")

    assert corrected(record) == "v=spf1 a:web.example.net/24 include:_spf.example.net foo=bar ~all"


def test_all_goes_to_the_end_but_not_beside_a_redirect() -> None:
    assert with_all(parse("v=spf1 a"), Qualifier.SOFTFAIL) == "v=spf1 a ~all"
    assert with_all(parse("v=spf1 a ?all exp=e.example.net"), Qualifier.SOFTFAIL) == "v=spf1 a ~all exp=e.example.net"
    assert with_all(parse("v=spf1 a redirect=b.example.net"), Qualifier.SOFTFAIL) is None


def test_senders_stand_before_all_or_redirect() -> None:
    new = ["ip4:9.9.9.9"]

    assert with_senders(parse("v=spf1 a -all exp=e.example.net"), new) == "v=spf1 a ip4:9.9.9.9 -all exp=e.example.net"
    assert with_senders(parse("v=spf1 a redirect=b.example.net"), new) == "v=spf1 a ip4:9.9.9.9 redirect=b.example.net"
    assert with_senders(parse("v=spf1 a IP4:9.9.9.9 -all"), new) is None


def test_the_last_sender_is_never_taken_out() -> None:
    record = parse("v=spf1 ptr -all")

    assert without(record, record.directives[:1]) is None


def test_terms_after_all_move_before_it_and_repeats_do_not() -> None:
    record = parse("v=spf1 a -all mx a ~all redirect=b.example.net")

    assert senders_before_all(record) == "v=spf1 a mx -all"


def test_two_different_redirects_are_not_chosen_between() -> None:
    assert one_of_each_modifier(parse("v=spf1 redirect=a.example.net redirect=b.example.net")) is None
    assert one_of_each_modifier(parse("v=spf1 a -all exp=x.example exp=y.example")) == "v=spf1 a -all exp=x.example"


def test_a_repeat_is_found_by_what_it_matches() -> None:
    record = parse("v=spf1 +ip4:9.9.9.9/32 A -ip4:9.9.9.9 a mx ?all")

    assert [term.text for term in repeated_terms(record)] == ["-ip4:9.9.9.9", "a"]


def _eleven(extra: str, more: dict[str, Any]) -> TableSource:
    includes = " ".join(f"include:i{k}.example.net" for k in range(10))
    table: dict[str, Any] = {f"i{k}.example.net/TXT": [f"v=spf1 ip4:9.9.{k}.0/24 -all"] for k in range(10)}
    return TableSource({"empresa.example/TXT": [f"v=spf1 {includes} {extra} -all"], **table, **more})


def test_an_include_that_may_send_is_never_dropped_to_save_lookups() -> None:
    source = _eleven("include:x.example.net", {"x.example.net/TXT": ["v=spf1 ip4:8.8.8.0/24 -all"]})

    assert fewer_lookups(tree("empresa.example", source=source)) is None


def test_an_include_that_others_cover_may_go() -> None:
    source = _eleven("include:x.example.net", {"x.example.net/TXT": ["v=spf1 ip4:9.9.3.16/28 -all"]})
    record = fewer_lookups(tree("empresa.example", source=source))

    assert record is not None
    assert "x.example.net" not in record


def test_an_include_with_a_macro_is_not_taken_for_covered() -> None:
    source = _eleven(
        "include:x.example.net", {"x.example.net/TXT": ["v=spf1 ip4:9.9.3.16/28 exists:%{i}.x.example -all"]}
    )

    assert fewer_lookups(tree("empresa.example", source=source)) is None


def test_a_host_written_out_keeps_both_families_its_sign_and_prefixes() -> None:
    more = {"w.example.net/A": ["8.8.8.8"], "w.example.net/AAAA": ["2606:4700::1"]}
    record = fewer_lookups(tree("empresa.example", source=_eleven("?a:w.example.net/28//64", more)))

    assert record is not None
    assert record.endswith("?ip4:8.8.8.8/28 ?ip6:2606:4700::1/64 -all")


def test_a_host_that_could_not_be_asked_is_left_alone() -> None:
    more = {"w.example.net/A": ["8.8.8.8"], "w.example.net/AAAA": {"fault": "timeout"}}

    assert fewer_lookups(tree("empresa.example", source=_eleven("a:w.example.net", more))) is None


def test_a_record_behind_an_alias_is_not_ours_to_change() -> None:
    table = {
        "empresa.example/CNAME": ["parked.example.net"],
        "parked.example.net/TXT": ["v=spf1 ip4:9.9.9.9 ?all"],
    }
    case = {"answers": table}

    found = [f for f in _spf(_audit(case, TableSource(table))) if f.code == "SPF011"]

    assert found
    assert found[0].fix is None


def test_a_long_record_is_published_in_strings_of_255_octets() -> None:
    words = " ".join(f"ip4:9.9.{k}.0/24" for k in range(40))
    table = {"empresa.example/TXT": [f"v=spf1 {words} ?all"]}
    finding = next(f for f in _spf(_audit({}, TableSource(table))) if f.code == "SPF011")

    assert finding.fix is not None
    strings = finding.fix.changes[0].strings[0]
    assert [len(part) for part in strings[:-1]] == [255] * (len(strings) - 1)
    assert b"".join(strings).decode() == f"v=spf1 {words} ~all"
