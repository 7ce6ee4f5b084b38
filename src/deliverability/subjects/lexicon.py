"""The words: phrases by language and category, classes of words, and the user's own; read when first needed.

data/<language>.csv holds phrases with a weight on one scale (2 strong, 1 clear, 0.5 a hint; below 0 it speaks for the
mail). `{tu|su} cuenta {bloqueada|suspendida}` is a template: one of each. data/classes.csv holds words that count only
together, data/pairs.csv which of them. `make lexicon` builds data/lexicon.json from these tables; only that is read at
run time. Looking up is by words: the longest phrase that begins at a word wins, so the size of the lexicon costs
nothing.
"""

from __future__ import annotations

import functools
import json
import pkgutil
from bisect import bisect
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from deliverability.core.facts import SubjectWords
from deliverability.subjects.normalize import key_of

LANGUAGES = ("es", "ca", "gl", "eu", "pt", "fr", "it", "de", "en")
ALL_LANGUAGES = (1 << len(LANGUAGES)) - 1
#: The category of words that the user adds.
OWN_CATEGORY = "own-word"
NO_WORDS = SubjectWords()


class Phrase(NamedTuple):
    """One row of the lexicon."""

    text: str
    #: Bits of `LANGUAGES`.
    languages: int
    category: str
    weight: float
    #: `lexicon`, or `profile` for the user's own.
    source: str = "lexicon"


#: One slot of a template: first word -> the alternatives that begin with it, longest first.
Slot = Mapping[str, Sequence[Sequence[str]]]


@functools.cache
def slots_of(written: str) -> tuple[Slot, ...]:
    """The slots of a template: parted by tabs, their alternatives by `|`, the words of these by blanks.

    Of a thousand templates a subject needs none or two, so each is taken apart when it is first needed.
    """
    slots: list[dict[str, list[list[str]]]] = []
    for choices in written.split("\t"):
        slot: dict[str, list[list[str]]] = {}
        for choice in choices.split("|"):
            words = choice.split(" ")
            slot.setdefault(words[0], []).append(words)
        slots.append(slot)
    return tuple(slots)


def end_of(slots: Sequence[Slot], words: Sequence[str], at: int, slot: int = 0) -> int:
    """The index after the last word of a template when it begins at `at`; 0 when it is not there."""
    if slot == len(slots):
        return at
    if at >= len(words):
        return 0
    for alternative in slots[slot].get(words[at], ()):
        size = len(alternative)
        if size == 1 or words[at : at + size] == alternative:
            end = end_of(slots, words, at + size, slot + 1)
            if end:
                return end
    return 0


class Pair(NamedTuple):
    """Two classes of words that mean something together, in any order."""

    first: str
    second: str
    category: str
    weight: float


class Lexicon(NamedTuple):
    """What subjects are looked up in."""

    version: str
    #: Folded words joined by blanks -> the rows that are spelled so: text ("" where it is the key), languages, category, weight.
    phrases: Mapping[str, Sequence[tuple[str, int, str, float]]]
    #: First word -> words of the longest phrase that begins with it.
    longest: Mapping[str, int]
    #: Text, languages, category, weight, and what `slots_of` takes apart.
    templates: Sequence[tuple[str, int, str, float, str]]
    #: First word -> positions in `templates` of those that may begin with it.
    starts: Mapping[str, Sequence[int]]
    #: Single words -> their classes.
    classes: Mapping[str, Sequence[str]]
    #: The same for words that end in any way.
    stems: Mapping[str, Sequence[str]]
    #: Word -> the languages it is a word of, as bits.
    votes: Mapping[str, int]
    #: First class -> second class, category, weight.
    pairs: Mapping[str, Sequence[tuple[str, str, float]]]
    #: Folded phrases of the user's own -> what they add.
    own: Mapping[str, tuple[str, float]] = {}
    #: Folded phrases that the user does not want counted.
    muted: frozenset[str] = frozenset()


@functools.cache
def lexicon() -> Lexicon:
    """The lexicon that comes with the package."""
    octets = pkgutil.get_data(__package__, "data/lexicon.json")
    if octets is None:
        raise FileNotFoundError("data/lexicon.json")
    return Lexicon(**json.loads(octets))


class Beginnings(NamedTuple):
    """What of the lexicon begins with one word, by the word that follows it there."""

    #: The phrases of several words, longest first: how many, and the key in `Lexicon.phrases`.
    phrases: Mapping[str, Sequence[tuple[int, str]]]
    #: Positions in `Lexicon.templates`.
    templates: Mapping[str, Sequence[int]]


@functools.cache
def beginnings(word: str) -> Beginnings:
    """What begins with a word that the lexicon has: nobody asks for another, so the cache is as large as the lexicon."""
    known = lexicon()
    phrases: dict[str, list[tuple[int, str]]] = {}
    spelled = _sorted_phrases()
    for at in range(bisect(spelled, f"{word} "), len(spelled)):
        words = spelled[at].split(" ")
        if words[0] != word:
            break
        phrases.setdefault(words[1], []).append((len(words), spelled[at]))
    for several in phrases.values():
        several.sort(reverse=True)
    templates: dict[str, list[int]] = {}
    for position in known.starts.get(word, ()):
        slots = slots_of(known.templates[position][4])
        seconds = {s for one in slots[0][word] for s in ((one[1],) if len(one) > 1 else slots[1])}
        for second in seconds:
            templates.setdefault(second, []).append(position)
    return Beginnings(phrases, templates)


@functools.cache
def openers() -> frozenset[str]:
    """The words that a phrase of several begins with."""
    known = lexicon()
    return frozenset([word for word, longest in known.longest.items() if longest > 1]).union(known.starts)


@functools.cache
def _sorted_phrases() -> Sequence[str]:
    return sorted([key for key in lexicon().phrases if " " in key])


@functools.lru_cache(maxsize=16)
def with_words(words: SubjectWords) -> Lexicon:
    """The lexicon with the user's own phrases added, and those marked that they do not want counted."""
    base = lexicon()
    if words == NO_WORDS:
        return base
    longest, own = dict(base.longest), {}
    for text, weight in words.add:
        key = key_of(text)
        if key:
            own[key] = (text, weight)
            first = key.partition(" ")[0]
            longest[first] = max(longest.get(first, 0), 1 + key.count(" "))
    muted = frozenset(key for text in words.mute if (key := key_of(text)))
    return base._replace(longest=longest, own=own, muted=muted)
