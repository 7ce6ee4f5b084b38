"""Whole domains as they are met in practice, audited again with answers missing: what nobody answered is no news."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.comparison import Kind, compare_reports
from deliverability.core.facts import Receiving
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.core.report import Report
from tests.support.cases import sending_of
from tests.test_message_scenarios import SCENARIOS as MAILS
from tests.test_message_scenarios import built
from tests.test_scenarios import NOW, SCENARIOS, table_of

#: Of the questions of a scenario, each this many-th fails alone; which ones, differs from scenario to scenario.
STEP = 5


class WithoutAnswers:
    """A source whose answers to some questions are lost."""

    def __init__(self, source: dv.TableSource, lost: frozenset[Question]) -> None:
        self._source, self._lost = source, lost

    def answer(self, question: Question) -> Answer:
        if question in self._lost:
            return Failed(FailureKind.TIMEOUT, "lost")
        return self._source.answer(question)


def audited(scenario: dict[str, Any], lost: frozenset[Question] = frozenset()) -> Report:
    return dv.audit_domain(
        scenario.get("domain", "empresa.example"),
        source=WithoutAnswers(dv.TableSource(table_of(scenario)), lost),
        sending=sending_of(scenario.get("sending", {})),
        now=NOW,
        try_fixes=False,
    )


def losses(questions: list[Question], start: int) -> Iterator[frozenset[Question]]:
    """All of them, all of each type, and some alone."""
    yield frozenset(questions)
    for kind in sorted({question.type for question in questions}):
        yield frozenset(question for question in questions if question.type == kind)
    yield from (frozenset([question]) for question in questions[start % STEP :: STEP])


@pytest.mark.parametrize(("number", "scenario"), [(n, param.values[0]) for n, param in enumerate(SCENARIOS)])
def test_no_lost_answer_makes_a_finding_new_or_fixed(number: int, scenario: dict[str, Any]) -> None:
    before = audited(scenario)

    for lost in losses(list(before.answers), number):
        told = compare_reports(before, audited(scenario, lost)).of(Kind.NEW, Kind.FIXED)
        assert not told, (sorted(map(str, lost))[:3], [(e.code, e.subject, e.kind, e.was, e.now) for e in told])


RECEIVING = Receiving(boundary_hosts=("mx.cliente.example",), authserv_ids=("mx.cliente.example",))


@pytest.mark.parametrize(("number", "scenario"), [(n, param.values[0]) for n, param in enumerate(MAILS)])
def test_no_lost_answer_makes_a_finding_about_a_mail_new_or_fixed(number: int, scenario: dict[str, Any]) -> None:
    raw, answers = built(scenario)
    profile = dv.Profile(sending=sending_of(scenario.get("sending", {})))

    def read(lost: frozenset[Question] = frozenset()) -> Report:
        source = WithoutAnswers(dv.TableSource(answers), lost)
        options: dict[str, Any] = {"name": scenario.get("file", ""), "receiving": RECEIVING, "profile": profile}
        return dv.audit_message(raw, source=source, now=NOW, try_fixes=False, **options)

    before = read()
    for lost in losses(list(before.answers), number):
        told = compare_reports(before, read(lost)).of(Kind.NEW, Kind.FIXED)
        assert not told, (sorted(map(str, lost))[:3], [(e.code, e.subject, e.kind, e.was, e.now) for e in told])
