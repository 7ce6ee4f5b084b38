"""The words: phrases by language and category, classes of words, and the user's own; read when first needed.

data/<language>.csv holds phrases with a weight on one scale (2 strong, 1 clear, 0.5 a hint; below 0 it speaks for the
mail), data/classes.csv words that count only together, data/pairs.csv which of them. Each row names its source. Looking
up is by words: the longest phrase that begins at a word wins, so the size of the lexicon costs nothing at run time.
"""

from __future__ import annotations

import csv
import functools
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from deliverability.core.facts import SubjectWords
from deliverability.subjects.normalize import key_of

LANGUAGES = ("es", "ca", "gl", "eu", "pt", "fr", "it", "de", "en")
ALL_LANGUAGES = (1 << len(LANGUAGES)) - 1
#: Words that a user's own phrase adds when the profile gives no number.
OWN_WEIGHT = 1.0
OWN_CATEGORY = "own-word"
NO_WORDS = SubjectWords()


class Phrase(NamedTuple):
    """One row of the lexicon."""

    text: str
    #: Bits of `LANGUAGES`.
    languages: int
    category: str
    weight: float
    #: More than one word: then it counts in every language.
    several: bool
    #: `lexicon`, or `profile` for the user's own.
    source: str = "lexicon"
    muted: bool = False


class Lexicon(NamedTuple):
    """What subjects are looked up in."""

    #: Folded words joined by blanks -> the phrases that are spelled so.
    phrases: Mapping[str, tuple[Phrase, ...]]
    #: First word -> words of the longest phrase that begins with it.
    longest: Mapping[str, int]
    #: Single words -> their classes.
    classes: Mapping[str, tuple[str, ...]]
    #: The same for words that end in any way.
    stems: Mapping[str, tuple[str, ...]]
    #: Word -> the languages it is a word of, as bits.
    votes: Mapping[str, int]
    pairs: tuple[Pair, ...]


class Pair(NamedTuple):
    """Two classes of words that mean something together, in any order."""

    first: str
    second: str
    category: str
    weight: float


def rows_of(name: str) -> Iterator[list[str]]:
    """The rows of a table of this package, without its heading and its comments."""
    octets = pkgutil.get_data(__package__, f"data/{name}")
    if octets is None:
        raise FileNotFoundError(name)
    lines = [line for line in octets.decode("utf-8").splitlines() if line and line[0] != "#"]
    rows = csv.reader(lines)
    next(rows)
    return rows


@functools.cache
def lexicon() -> Lexicon:
    """The lexicon that comes with the package."""
    phrases: dict[str, tuple[Phrase, ...]] = {}
    longest: dict[str, int] = {}
    votes: dict[str, int] = {}
    for position, language in enumerate(LANGUAGES):
        bit = 1 << position
        for text, category, weight, *_ in rows_of(f"{language}.csv"):
            key = text if text.isalpha() and text.isascii() else key_of(text)
            _enter(phrases, longest, key, Phrase(text, bit, category, float(weight), " " in key))
            for word in key.split():
                if len(word) > 2:
                    votes[word] = votes.get(word, 0) | bit
    # A language's own small words say more than words of its lexicon: they alone decide where they are known.
    common: dict[str, int] = {}
    for language, words in rows_of("common.csv"):
        bit = 1 << LANGUAGES.index(language)
        for word in words.split():
            common[word] = common.get(word, 0) | bit
    classes, stems = _classes()
    pairs = tuple(Pair(first, second, category, float(weight)) for first, second, category, weight, *_ in rows_of("pairs.csv"))
    return Lexicon(phrases, longest, classes, stems, votes | common, pairs)


def _enter(phrases: dict[str, tuple[Phrase, ...]], longest: dict[str, int], key: str, phrase: Phrase) -> None:
    before = phrases.get(key)
    if before is None:
        phrases[key] = (phrase,)
    else:
        same = [p for p in before if p.category == phrase.category and p.weight == phrase.weight]
        rest = tuple(p for p in before if p not in same)
        languages = phrase.languages
        for other in same:
            languages |= other.languages
        phrases[key] = (*rest, phrase._replace(languages=languages))
    first, _, more = key.partition(" ")
    words = 1 + more.count(" ") + bool(more)
    if words > longest.get(first, 0):
        longest[first] = words


def _classes() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    whole: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    for name, _, words in rows_of("classes.csv"):
        for word in words.split():
            table, key = (stems, word[:-1]) if word.endswith("*") else (whole, word)
            table[key] = tuple(dict.fromkeys((*table.get(key, ()), name)))
    return whole, stems


@functools.lru_cache(maxsize=16)
def with_words(words: SubjectWords) -> Lexicon:
    """The lexicon with the user's own phrases added and those set aside that they do not want counted."""
    base = lexicon()
    if words == NO_WORDS:
        return base
    phrases, longest = dict(base.phrases), dict(base.longest)
    for text, weight in words.add:
        key = key_of(text)
        if key:
            own = Phrase(text, ALL_LANGUAGES, OWN_CATEGORY, weight, True, "profile")
            phrases.pop(key, None)
            _enter(phrases, longest, key, own)
    for text in words.mute:
        key = key_of(text)
        if key in phrases:
            phrases[key] = tuple(phrase._replace(muted=True) for phrase in phrases[key])
        elif key:
            _enter(phrases, longest, key, Phrase(text, ALL_LANGUAGES, OWN_CATEGORY, 0.0, True, "profile", muted=True))
    return base._replace(phrases=phrases, longest=longest)


def conflicts(entries: Iterable[tuple[str, str, str, float]]) -> list[str]:
    """What is wrong with rows (language, phrase, category, weight): doubles, two categories for one phrase, empty keys."""
    seen: dict[tuple[str, str], tuple[str, str, float]] = {}
    wrong = []
    for language, text, category, weight in entries:
        key = key_of(text)
        if not key:
            wrong.append(f"{language}: {text!r} has no word")
            continue
        before = seen.get((language, key))
        if before is not None:
            kind = "twice" if before[1] == category else f"as {before[1]} and {category}"
            wrong.append(f"{language}: {text!r} ({before[0]!r}) {kind}")
        seen[language, key] = (text, category, weight)
    return wrong
