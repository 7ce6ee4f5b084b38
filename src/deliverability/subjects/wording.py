"""How many phrases of the lexicon a longer text can hold at most, without reading it as a subject.

Reading is made for a line: it votes on the language, looks every word up and keeps each one's place, some tenths of a
millisecond for a paragraph. A letter hardly ever holds as many phrases as would matter. So the places are counted where
one can begin: a single word that is a phrase, or the first two words of a longer one whose other words follow. Which
language the text is in, and which of two phrases is the longer, can only make them fewer.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from itertools import pairwise

from deliverability.core.rows import NamedTuple
from deliverability.subjects.lexicon import Slot, end_of, lexicon, slots_of
from deliverability.subjects.normalize import fold, words_of
from deliverability.subjects.repair import is_disguised


class _Phrases(NamedTuple):
    """The phrases of some categories and at least some weight."""

    single: frozenset[str]
    #: First word of each longer phrase -> its second words.
    following: Mapping[str, set[str]]
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
    following = phrases.following.get
    # Without accents one word is one phrase however often it stands there.
    alone = phrases.single.intersection(words) if text.isascii() else [w for w in words if w in phrases.single]
    places = [at for at, (first, second) in enumerate(pairwise(words)) if second in following(first, _NOTHING)]
    return len(alone) + sum([_begins(words, at, phrases) for at in places])


def _begins(words: Sequence[str], at: int, phrases: _Phrases) -> bool:
    """Whether the words of a longer phrase follow one another from here."""
    first = words[at]
    if any(words[at : at + len(spelled)] == spelled for spelled in phrases.longer.get(first, ())):
        return True
    return any(end_of(slots, words, at) for slots in phrases.templates.get(first, ()))


_NOTHING: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=8)
def _phrases(categories: frozenset[str], least: float) -> _Phrases:
    known = lexicon()
    single: set[str] = set()
    following: dict[str, set[str]] = {}
    longer: dict[str, list[list[str]]] = {}
    templates: dict[str, list[Sequence[Slot]]] = {}
    for key, rows in known.phrases.items():
        if not any(row[2] in categories and row[3] >= least for row in rows):
            continue
        words = key.split(" ")
        if len(words) == 1:
            single.add(key)
        else:
            following.setdefault(words[0], set()).add(words[1])
            longer.setdefault(words[0], []).append(words)
    for _, _, category, weight, written in known.templates:
        if category not in categories or weight < least:
            continue
        slots = slots_of(written)
        for first, alternatives in slots[0].items():
            templates.setdefault(first, []).append(slots)
            seconds = following.setdefault(first, set())
            for spelled in alternatives:
                if len(spelled) > 1:
                    seconds.add(spelled[1])
                elif len(slots) > 1:
                    seconds.update(slots[1])
                else:
                    single.add(first)
    return _Phrases(frozenset(single), following, longer, templates)
