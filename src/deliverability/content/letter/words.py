"""The word lists of words.toml, compiled when they are first used."""

from __future__ import annotations

import functools
import re
from typing import Any

from deliverability.core.data import read_table


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


def flat(folded: str) -> str:
    """Folded text with every run of blanks and line ends as one blank: what `holds` looks at."""
    return " ".join(folded.split())


def holds(section: str, name: str, text: str) -> bool:
    """Whether flat text holds a phrase of the list as whole words. Much faster than a pattern on a long text."""
    return any(_stands(text, phrase, grows=grows) for phrase, grows in _plain(section, name))


@functools.cache
def _plain(section: str, name: str) -> tuple[tuple[str, bool], ...]:
    return tuple((phrase.removesuffix("*"), phrase.endswith("*")) for phrase in phrases(section, name))


def _stands(text: str, phrase: str, *, grows: bool) -> bool:
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if not (at and text[at - 1] in _WORD) and (grows or text[end : end + 1] not in _WORD or end >= len(text)):
            return True
        at = text.find(phrase, at + 1)
    return False


_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def alternation(listed: tuple[str, ...]) -> str:
    """The pattern source for `words_of`: longer phrases first."""
    parts = sorted({_source(phrase) for phrase in listed}, key=lambda part: (-len(part), part))
    return rf"(?<![a-z0-9])(?:{'|'.join(parts)})(?![a-z0-9])"


def _source(phrase: str) -> str:
    grows = phrase.endswith("*")
    source = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"[ \n]{1,2}")
    return source + ("[a-z]*" if grows else "")
