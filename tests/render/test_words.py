"""The renderers' own words: both languages, the same placeholders, and one for everything that can come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from deliverability.cli import words as command_words
from deliverability.core.finding import Actor, Basis, Severity
from deliverability.core.questions import FailureKind
from deliverability.core.rule import Area
from deliverability.core.text import Text
from deliverability.dmarc.effective import Subject
from deliverability.registry import RULES
from deliverability.render import (
    dmarc_table,
    github,
    junit,
    markdown,
    markdown_table,
    pictures,
    sarif,
    spf_result,
    words,
)
from deliverability.render.checked import family_of
from deliverability.spf.result import SpfFailureKind
from deliverability.spf.tree_model import State

MODULES = (words, dmarc_table, github, junit, markdown, markdown_table, pictures, sarif, spf_result)


def texts(module: ModuleType) -> Iterator[tuple[str, Text]]:
    for name, value in vars(module).items():
        if isinstance(value, Text):
            yield name, value
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(inner, Text):
                    yield f"{name}[{key}]", inner


ALL = [pytest.param(text, id=f"{m.__name__}.{name}") for m in MODULES for name, text in texts(m)]


@pytest.mark.parametrize("text", ALL)
def test_both_languages_with_the_same_placeholders(text: Text) -> None:
    assert text.en
    assert text.es
    assert set(re.findall(r"{\w+}", text.en)) == set(re.findall(r"{\w+}", text.es))


def test_the_help_has_both_languages() -> None:
    tables = {"ARGPARSE_ES", "PLACES_ES", "SAME_PLACES"}
    pairs = {name: value for name, value in vars(command_words).items() if name.isupper() and name not in tables}

    assert len(pairs) > 40
    for name, pair in pairs.items():
        assert len(pair) == 2, name
        assert set(re.findall(r"{\w+}", pair[0])) == set(re.findall(r"{\w+}", pair[1])), name


def test_nothing_that_can_come_is_without_a_word() -> None:
    assert set(words.FAILURES) == {kind.value for kind in FailureKind}
    assert set(words.SEVERITIES) == set(words.COUNT_ONE) == set(words.COUNT_MANY) == set(Severity)
    assert set(words.ACTORS) == set(Actor)
    assert set(words.BASES) == set(Basis)
    assert set(words.AREAS) == set(Area)
    assert {family_of(rule) for rule in RULES} <= set(words.FAMILIES)
    assert set(pictures.STATES) == set(State) - {State.FOUND}
    assert set(spf_result._PROBLEMS) == set(SpfFailureKind)
    assert set(spf_result.MEANINGS) == {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}
    assert set(dmarc_table.SUBJECTS) == set(Subject)
