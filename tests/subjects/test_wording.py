"""The quick count of phrases in a text is never below what reading it finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.subjects.lexicon import lexicon
from deliverability.subjects.scoring import reading_of
from deliverability.subjects.wording import most_phrases

CATEGORIES = frozenset(("urgency", "free_offer", "money", "click_cta", "phish_account"))
LEAST = 0.8
PHRASES = sorted(lexicon().phrases)[::7]
JOINTS = st.sampled_from((" ", "\n", ", ", "  ", " - ", " x "))


def found_by_reading(text: str) -> set[str]:
    reading = reading_of(text)
    found = set()
    for hit in reading.hits:
        if hit.phrase.category in CATEGORIES and hit.phrase.weight >= LEAST and len(hit.words) == 1:
            first, last = hit.words[0]
            span = reading.folded.span(reading.tokens[first].start, reading.tokens[last - 1].end)
            found.add(text[span.start : span.end].lower())
    return found


@given(st.lists(st.tuples(st.sampled_from(PHRASES), JOINTS), max_size=25))
def test_never_fewer_than_reading_finds(parts: list[tuple[str, str]]) -> None:
    text = "".join(phrase + joint for phrase, joint in parts)[:900]
    assert most_phrases([text], CATEGORIES, LEAST) >= len(found_by_reading(text))


@given(st.text(alphabet="free gratis urgente clic aquí wín @$1 \n", max_size=120))
def test_nor_in_disguise(text: str) -> None:
    assert most_phrases([text], CATEGORIES, LEAST) >= len(found_by_reading(text))


@given(st.lists(st.tuples(st.sampled_from(PHRASES), JOINTS), max_size=25))
def test_nor_in_several_pieces(parts: list[tuple[str, str]]) -> None:
    pieces = [phrase + joint for phrase, joint in parts]
    found = set().union(*map(found_by_reading, pieces))

    assert most_phrases(pieces, CATEGORIES, LEAST) >= len(found)


def test_a_word_said_again_is_one_phrase() -> None:
    assert most_phrases(["free free free"], CATEGORIES, LEAST) == 1


@pytest.mark.parametrize("text", ["f r e e money for you", "fr33 money for you", "gr@tis para usted"])
def test_disguised_words_are_counted_as_they_were_meant(text: str) -> None:
    assert most_phrases([text], CATEGORIES, LEAST) >= 1


def test_ordinary_text_is_told_without_reading() -> None:
    assert most_phrases(["Adjuntamos la factura del mes.\nUn saludo, Ana"], CATEGORIES, LEAST) == 0
