"""Each problem and failure has its words, with the same arguments in both languages."""

from __future__ import annotations

import string

import pytest

from deliverability.core.text import Text
from deliverability.sources.table import TableSource
from deliverability.spf import SpfFailureKind, SpfProblemKind, check_host, parse
from deliverability.spf.texts import FAILURES, PROBLEMS, failure_text, problem_text


def _fields(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}


def test_every_kind_has_a_text() -> None:
    assert set(PROBLEMS) == set(SpfProblemKind)
    assert set(FAILURES) == set(SpfFailureKind)


@pytest.mark.parametrize("text", [*PROBLEMS.values(), *FAILURES.values()], ids=lambda text: text.en[:40])
def test_both_languages_take_the_same_arguments(text: Text) -> None:
    assert _fields(text.en) == _fields(text.es) <= {"term", "domain", "name"}
    assert text.en != text.es
    assert not text.en.endswith(".")
    assert not text.es.endswith(".")


def test_texts_are_filled_once() -> None:
    """What stands in the record may hold braces; nothing puts arguments into it a second time."""
    (problem,) = parse("v=spf1 include:{term}{0}%z").problems
    text = problem_text(problem)
    title = Text("Error: {why}", "Error: {why}")
    assert "include:{term}{0}%z" in title.format("en", {"why": text})
    assert "include:{term}{0}%z" in title.format("es", {"why": text})


def test_failures_name_what_was_asked() -> None:
    source = TableSource({"d.example/TXT": ["v=spf1 a:x.example"], "x.example/A": {"fault": "timeout"}})
    result = check_host("192.0.2.1", "d.example", "a@d.example", source=source)
    assert result.problem is not None
    assert "x.example A" in failure_text(result.problem).en
