"""Which of the nine languages a subject is written in, by a vote of its words and letters."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from unicodedata import ucd_3_2_0 as frozen

from deliverability.subjects.lexicon import ALL_LANGUAGES, LANGUAGES

#: Letters that only some languages have.
_LETTERS: Mapping[str, tuple[str, ...]] = {
    "ñ": ("es", "gl"),
    "¿": ("es",),
    "¡": ("es",),
    "ã": ("pt",),
    "õ": ("pt",),
    "ß": ("de",),
    "ä": ("de",),
    "ö": ("de",),
    "ü": ("de",),
    "è": ("fr", "it", "ca"),
    "ê": ("fr", "pt"),
    "ù": ("fr", "it"),
    "ò": ("it", "ca"),
    "à": ("fr", "it", "ca"),
    "ç": ("fr", "ca", "pt"),
    "œ": ("fr",),
}
_BITS = {language: 1 << position for position, language in enumerate(LANGUAGES)}


@functools.lru_cache(maxsize=1024)
def _positions(mask: int) -> tuple[int, ...]:
    return tuple(position for position in range(len(LANGUAGES)) if mask >> position & 1)


class Vote(NamedTuple):
    """The language, and those that are as likely for looking words up."""

    language: str
    likely: int


def vote(words: Sequence[str], subject: str, votes: Mapping[str, int]) -> Vote:
    """The language of folded words; "" when nothing tells. Ties go to the order of `LANGUAGES`."""
    # A dozen different masks at most: count the masks first, spread them over languages once.
    masks = Counter(map(votes.get, words))
    points = [0.0] * len(LANGUAGES)
    for mask, count in masks.items():
        if mask is None:
            continue
        positions = _positions(mask)
        share = count / len(positions)
        for position in positions:
            points[position] += share
    if not subject.isascii():
        _vote_of_letters(subject, points)
    if points[0]:  # what Galician shares with Spanish is Spanish until a word of its own says otherwise
        points[0] += 0.6
    best = max(points)
    if best <= 0:
        return Vote("", ALL_LANGUAGES)
    likely = 0
    for position, own in enumerate(points):
        if own >= 0.75 * best:
            likely |= 1 << position
    return Vote(LANGUAGES[points.index(best)], likely)


def _vote_of_letters(subject: str, points: list[float]) -> None:
    # Sorted, so that rounding is the same in every process.
    for letter in sorted(set(frozen.normalize("NFC", subject).lower()) & _LETTERS.keys()):
        for language in _LETTERS[letter]:
            points[LANGUAGES.index(language)] += 1.0 / len(_LETTERS[letter])


def only(language: str) -> Vote:
    """A language that was given."""
    return Vote(language, _BITS[language])
