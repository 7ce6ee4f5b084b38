"""The fast ways through a text that is nearly all ASCII give what the usual ways give."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.content.classify import _without_accents
from deliverability.content.letter.passages import _FOLDING
from deliverability.core.folding import Words, signs_beyond_ascii, translated

TEXTS = st.text(st.one_of(st.sampled_from("aB_ 1%\n\táñÑ€¿º’ ß·日İ"), st.characters()), max_size=80)
TABLES = (_FOLDING, _without_accents())
ONES = (r"\w", r"[^\W_]|[%$€£#]", r"[^\W\d_]")


@given(TEXTS, st.sampled_from(TABLES))
def test_translated_as_str_translate_does(text: str, table: dict[int, str]) -> None:
    assert translated(text, table) == text.translate(table)


@given(TEXTS, st.sampled_from(ONES))
def test_words_are_those_of_the_pattern(text: str, one: str) -> None:
    assert Words(one).of(text) == re.findall(f"(?:{one})+", text)


def test_many_different_characters_take_the_usual_way() -> None:
    text = "".join(map(chr, range(0x100, 0x400))) * 2

    assert Words(r"\w").of(text) == re.findall(r"\w+", text)
    assert translated(text, _FOLDING) == text.translate(_FOLDING)


def test_signs_beyond_ascii() -> None:
    assert signs_beyond_ascii("año 2026, 3 €") == {"ñ", "€"}
    assert signs_beyond_ascii("plain") == set()


@pytest.mark.parametrize("table", TABLES)
def test_tables_that_are_translated_with_leave_alone_what_they_make(table: dict[int, str]) -> None:
    assert min(table) > 127
    assert [made for made in table.values() if made.translate(table) != made] == []
