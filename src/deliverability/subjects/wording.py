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

from deliverability.subjects.lexicon import beginnings, end_of, lexicon, openers, slots_of
from deliverability.subjects.normalize import Folded, fold, tokens_of, words_of
from deliverability.subjects.repair import is_disguised, repair


def most_phrases(pieces: Sequence[str], categories: frozenset[str], least: float) -> int:
    """At most so many different phrases of these categories, of at least this weight, are in the pieces of a text.

    A piece ends between two words and is no longer than `MAX_CHARACTERS`.
    """
    folded = [fold(piece) for piece in pieces]
    text = "".join([one.text for one in folded])
    words = words_of(text)
    known = lexicon()
    once = all(map(str.isascii, pieces))  # without accents one word is one phrase however often it stands there
    if is_disguised(text, words, known):
        words, once = list(_repaired(pieces, folded)), False
    clear = _Clear(categories, least)
    alone = [word for word in (set(words) if once else words) if word in known.phrases and clear.row(word)]
    first = openers()
    several = [
        at for at, (word, next_) in enumerate(pairwise(words)) if word in first and next_ in _seconds(word, clear)
    ]
    return len(alone) + sum([clear.begins(words, at) for at in several])


class _Clear(NamedTuple):
    """Tells the phrases of some categories and at least some weight."""

    categories: frozenset[str]
    least: float

    def row(self, key: str) -> bool:
        """Whether a phrase of the lexicon is one."""
        rows = lexicon().phrases[key]
        return any(category in self.categories and weight >= self.least for _, _, category, weight in rows)

    def template(self, position: int) -> bool:
        """Whether a template of the lexicon is one."""
        _, _, category, weight, _ = lexicon().templates[position]
        return category in self.categories and weight >= self.least

    def begins(self, words: Sequence[str], at: int) -> bool:
        """Whether the words of one of several words follow one another from here."""
        begun, following = beginnings(words[at]), words[at + 1]
        for size, key in begun.phrases.get(following, ()):
            if (size == 2 or " ".join(words[at : at + size]) == key) and self.row(key):
                return True
        templates = lexicon().templates
        likely = begun.templates.get(following, ())
        return any(
            self.template(position) and end_of(slots_of(templates[position][4]), words, at) for position in likely
        )


@functools.cache
def _seconds(word: str, clear: _Clear) -> frozenset[str]:
    """The words that follow a word of `openers` in a phrase of that kind."""
    begun = beginnings(word)
    spelled = [second for second, several in begun.phrases.items() if any(clear.row(key) for _, key in several)]
    formed = [second for second, several in begun.templates.items() if any(map(clear.template, several))]
    return frozenset(spelled).union(formed)


def _repaired(pieces: Sequence[str], folded: Sequence[Folded]) -> Iterator[str]:
    """The words as they were meant."""
    known = lexicon()
    for piece, one in zip(pieces, folded, strict=True):
        words = words_of(one.text)
        if is_disguised(one.text, words, known):
            words = [token.word for token in repair(piece, one, tokens_of(one.text), known)[1]]
        yield from words
