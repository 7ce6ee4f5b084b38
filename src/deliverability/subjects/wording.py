"""How many phrases of the lexicon a longer text can hold at most, without reading it as a subject.

Reading is made for a line: it votes on the language, looks every word up and keeps each one's place, some tenths of a
millisecond for a paragraph. A letter hardly ever holds as many phrases as would matter. So the places are counted where
one can begin: a single word that is a phrase, or the first two words of a longer one whose other words follow. Which
language the text is in, and which of two phrases is the longer, can only make them fewer.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from deliverability.subjects.lexicon import Slot, end_of, lexicon
from deliverability.subjects.normalize import fold, words_of
from deliverability.subjects.repair import is_disguised


class _Phrases(NamedTuple):
    """The phrases of some categories and at least some weight."""

    single: frozenset[str]
    #: The first two words of each longer phrase.
    opening: frozenset[tuple[str, str]]
    #: The longer phrases that are spelled in one way, by their first word.
    longer: dict[str, list[list[str]]]
    templates: dict[str, list[Sequence[Slot]]]


def most_phrases(text: str, categories: frozenset[str], least: float) -> int | None:
    """At most so many phrases of these categories, of at least this weight, are in the text; None: words in it are
    disguised, and only `reading_of` tells."""
    folded = fold(text).text
    words = words_of(folded)
    if is_disguised(folded, words, lexicon()):
        return None
    phrases = _phrases(categories, least)
    opening = phrases.opening
    # Without accents one word is one phrase however often it stands there.
    alone = phrases.single.intersection(words) if text.isascii() else [w for w in words if w in phrases.single]
    places = [at for at, pair in enumerate(pairwise(words)) if pair in opening]
    return len(alone) + sum([_begins(words, at, phrases) for at in places])


def _begins(words: Sequence[str], at: int, phrases: _Phrases) -> bool:
    """Whether the words of a longer phrase follow one another from here."""
    first = words[at]
    if any(words[at : at + len(spelled)] == spelled for spelled in phrases.longer.get(first, ())):
        return True
    return any(end_of(slots, words, at) for slots in phrases.templates.get(first, ()))


@functools.lru_cache(maxsize=8)
def _phrases(categories: frozenset[str], least: float) -> _Phrases:
    known = lexicon()
    single, opening = set(), set()
    longer: dict[str, list[list[str]]] = {}
    templates: dict[str, list[Sequence[Slot]]] = {}
    for key, rows in known.phrases.items():
        if not any(row[2] in categories and row[3] >= least for row in rows):
            continue
        words = key.split(" ")
        if len(words) == 1:
            single.add(key)
        else:
            opening.add((words[0], words[1]))
            longer.setdefault(words[0], []).append(words)
    for _, _, category, weight, slots in known.templates:
        if category in categories and weight >= least:
            for first in slots[0]:
                templates.setdefault(first, []).append(slots)
            for begun in _openings(slots):
                if len(begun) == 1:
                    single.add(begun[0])
                else:
                    opening.add((begun[0], begun[1]))
    return _Phrases(frozenset(single), frozenset(opening), longer, templates)


def _openings(slots: Sequence[Slot]) -> Iterator[Sequence[str]]:
    """The first words of a template, two where it has as many."""
    for alternatives in slots[0].values():
        for words in alternatives:
            if len(words) > 1 or len(slots) == 1:
                yield words
            else:
                yield from ((words[0], following) for following in slots[1])
