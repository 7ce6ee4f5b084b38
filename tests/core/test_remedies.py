"""Fixes are tried before they are shown: on a small audit of two rules over one TXT record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deliverability.audits.remedies import with_actions, without_fixes
from deliverability.core.changes import Fix, RecordChange, record_value
from deliverability.core.finding import Actor, Basis, Outcome, Passed, Severity
from deliverability.core.names import DomainName
from deliverability.core.plan import KnownSource
from deliverability.core.questions import DnsQuestion, Found
from deliverability.core.report import Report, judge, score_of
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.sources.table import TableSource

NAME = DomainName("empresa.example")
WORD = Text("x", "x")


def make(code: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(
        code, code.lower(), severity, Basis.STANDARD, Area.AUTH, Actor.DNS, WORD, WORD, WORD, WORD, ("RFC 7208 §4",)
    )


NO_A, NO_B, HAS_C = make("SPF901"), make("SPF902", Severity.WARNING), make("SPF903")


def text_of(source: KnownSource) -> str:
    answer = source.answer(DnsQuestion(NAME, "TXT"))
    return record_value(answer.records[0]) if isinstance(answer, Found) else ""


def append(text: str, letter: str) -> Fix:
    return Fix((RecordChange(NAME, "TXT", add=(text + letter,), remove=(text,)),))


@NO_A.check
def no_a(text: str) -> Outcome:
    return Passed() if "a" in text else NO_A.found(NAME, fix=append(text, "a"))


@NO_B.check
def no_b(text: str) -> Outcome:
    letter = "c" if "w" in text else "b"  # under "w" the proposal is one that does not help
    return Passed() if "b" in text else NO_B.found(NAME, fix=append(text, letter))


@HAS_C.check
def has_c(text: str) -> Outcome:
    return HAS_C.found(NAME) if "c" in text else Passed()


def audit(source: KnownSource) -> Report:
    checked = judge((NO_A, NO_B, HAS_C), {str: text_of(source)})
    return Report(NAME, "domain", datetime(2026, 11, 22, tzinfo=UTC), checked, score_of(checked), "test")


def remedied(text: str) -> Report:
    source = TableSource({"empresa.example/TXT": [text]})
    return with_actions(audit(source), source, audit)


def test_two_findings_on_one_record_give_one_record_to_publish() -> None:
    report = remedied("x")

    assert [action.changes for action in report.actions] == [(RecordChange(NAME, "TXT", add=("xab",), remove=("x",)),)]
    assert report.actions[0].solves == ("SPF901", "SPF902")
    assert report.actions[0].score_after == 100


def test_a_fix_that_does_not_help_is_not_shown() -> None:
    report = remedied("w")

    fixes = {finding.code: finding.fix for finding in report.findings}
    assert fixes["SPF901"] is not None
    assert fixes["SPF902"] is None
    assert [action.solves for action in report.actions] == [("SPF901",)]


def test_a_clean_audit_has_nothing_to_do() -> None:
    assert remedied("ab").actions == ()


def test_untried_fixes_are_not_shown_either() -> None:
    report = without_fixes(audit(TableSource({"empresa.example/TXT": ["x"]})))

    assert [finding.fix for finding in report.findings] == [None, None]
    assert len(report.findings) == 2


@pytest.mark.parametrize("text", ["x", "w", "ab", ""])
def test_the_findings_themselves_do_not_change(text: str) -> None:
    source = TableSource({"empresa.example/TXT": [text]})

    assert remedied(text).codes() == audit(source).codes()
    assert remedied(text).score == audit(source).score


EACH = make("SPF904")


@EACH.check
def each(text: bytes) -> list[Outcome]:
    """One finding for "y" and one for "z"; only the first has a record to propose."""
    word = text.decode()
    found: list[Outcome] = (
        [EACH.found("y", fix=Fix((RecordChange(NAME, "TXT", add=(word.replace("y", ""),), remove=(word,)),)))]
        if "y" in word
        else []
    )
    return [*found, *([EACH.found("z")] if "z" in word else [])]


def test_of_two_findings_with_one_code_only_the_mended_one_is_solved() -> None:
    def again(source: KnownSource) -> Report:
        checked = judge((EACH,), {bytes: text_of(source).encode()})
        return Report(NAME, "domain", datetime(2026, 11, 22, tzinfo=UTC), checked, score_of(checked), "test")

    source = TableSource({"empresa.example/TXT": ["xyz"]})
    report = with_actions(again(source), source, again)

    assert [action.solves for action in report.actions] == [("SPF904",)]
    assert [(f.subject, report.actions[0].mends(f)) for f in report.findings] == [("y", True), ("z", False)]
    text = report.render("terminal", lang="en")
    assert "2. ✗ SPF904" in text, "the other one is still told"
