"""The word lists of words.toml, compiled when they are first used."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from deliverability.core.data import read_table
from deliverability.core.folding import Words


@functools.cache
def table() -> dict[str, Any]:
    """The whole file."""
    return read_table("deliverability.content.letter", "words.toml")


def phrases(section: str, name: str) -> tuple[str, ...]:
    """One list of the file: folded phrases."""
    return tuple(table()[section][name])


@functools.cache
def words_of(section: str, name: str) -> re.Pattern[str]:
    """One list as a pattern that finds any of its phrases as whole words of folded text.

    A phrase that ends in `*` may go on with letters; a blank stands for one or two blanks or line ends.
    """
    return re.compile(alternation(phrases(section, name)))


class Flat(NamedTuple):
    """Folded text with every run of blanks and line ends as one blank, and its words: what `holds` looks at."""

    text: str
    words: frozenset[str]


def flat(folded: str) -> Flat:
    """Folded text, ready for `holds`."""
    text = " ".join(folded.split())
    return Flat(text, frozenset(_WORDS.of(text)))


def holds(section: str, name: str, text: Flat) -> bool:
    """Whether a text holds a phrase of the list as whole words. Much faster than a pattern on a long text."""
    listed = _plain(section, name)
    likely = {"", *(text.words & listed.keys())}
    return any(_stands(text.text, phrase, grows=grows) for word in likely for phrase, grows in listed.get(word, ()))


@functools.cache
def _plain(section: str, name: str) -> Mapping[str, Sequence[tuple[str, bool]]]:
    """The phrases by a word that has to stand in the text, "" for those that are one word which may go on."""
    listed: dict[str, list[tuple[str, bool]]] = {}
    for phrase in phrases(section, name):
        words, grows = _WORDS.of(phrase), phrase.endswith("*")
        whole = words[:-1] if grows and phrase[-2:-1] in _WORD else words
        listed.setdefault(max(whole, key=len, default=""), []).append((phrase.removesuffix("*"), grows))
    return listed


def _stands(text: str, phrase: str, *, grows: bool) -> bool:
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if not (at and text[at - 1] in _WORD) and (grows or text[end : end + 1] not in _WORD or end >= len(text)):
            return True
        at = text.find(phrase, at + 1)
    return False


_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_WORDS = Words(r"[a-z0-9]")


def alternation(listed: tuple[str, ...]) -> str:
    """The pattern source for `words_of`: longer phrases first."""
    parts = sorted({_source(phrase) for phrase in listed}, key=lambda part: (-len(part), part))
    return rf"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])"


def _source(phrase: str) -> str:
    grows = phrase.endswith("*")
    source = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"[ \n]{1,2}")
    return source + ("[a-z]*" if grows else "")
