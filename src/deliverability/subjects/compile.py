"""Builds data/lexicon.json from the tables that people edit, and tells what is wrong with them. Not used at run time."""

from __future__ import annotations

import csv
import hashlib
import json
import pkgutil
import re
from collections.abc import Iterable, Iterator
from typing import Any

from deliverability.subjects.lexicon import LANGUAGES, slots_of
from deliverability.subjects.normalize import fold, key_of, tokens_of

_SLOT = re.compile(r"\{([^{}]*)\}|([^{}]+)")


def rows_of(name: str) -> Iterator[list[str]]:
    """The rows of a table of this package, without its heading and its comments."""
    octets = pkgutil.get_data(__package__, f"data/{name}")
    if octets is None:
        raise FileNotFoundError(name)
    lines = [line for line in octets.decode("utf-8").splitlines() if line and line[0] != "#"]
    rows = csv.reader(lines)
    next(rows)
    return rows


class _Builder:
    """Collects the tables of all languages."""

    def __init__(self) -> None:
        self.phrases: dict[str, list[list[Any]]] = {}
        self.longest: dict[str, int] = {}
        self.templates: list[list[Any]] = []
        self.starts: dict[str, list[int]] = {}
        self.votes: dict[str, int] = {}

    def enter(self, text: str, category: str, weight: float, bit: int) -> None:
        """One row."""
        if "{" in text:
            self._template(text, category, weight, bit)
            return
        key = key_of(text)
        written = "" if text == key else text
        rows = self.phrases.setdefault(key, [])
        same = [row for row in rows if row[2] == category and row[3] == weight]
        if same:
            same[0][1] |= bit
        else:
            rows.append([written, bit, category, weight])
        words = key.split(" ")
        self.longest[words[0]] = max(self.longest.get(words[0], 0), len(words))
        self._vote(words, bit)

    def _vote(self, words: Iterable[str], bit: int) -> None:
        for word in words:
            if len(word) > 2 and not word.isdigit():
                self.votes[word] = self.votes.get(word, 0) | bit

    def _template(self, text: str, category: str, weight: float, bit: int) -> None:
        slots = []
        for group, literal in _SLOT.findall(fold(text).text):
            slot: dict[str, list[list[str]]] = {}
            for choice in (group or literal).split("|"):
                words = [token.word for token in tokens_of(choice)]
                if words and words not in slot.setdefault(words[0], []):
                    slot[words[0]] = sorted([*slot[words[0]], words], key=len, reverse=True)
                    self._vote(words, bit)
            if slot:
                slots.append(slot)
        for word in slots[0]:
            self.starts.setdefault(word, []).append(len(self.templates))
        self.templates.append([text, bit, category, weight, _written(slots)])


def _written(slots: list[dict[str, list[list[str]]]]) -> str:
    """The slots of a template as `lexicon.slots_of` reads them."""
    written = "\t".join(
        "|".join(" ".join(words) for alternatives in slot.values() for words in alternatives) for slot in slots
    )
    if list(slots_of(written)) != slots:
        raise ValueError(f"a word of {written!r} parts words")
    return written


def build() -> str:
    """The contents of data/lexicon.json."""
    builder = _Builder()
    for position, language in enumerate(LANGUAGES):
        for text, category, weight, *_ in rows_of(f"{language}.csv"):
            builder.enter(text, category, float(weight), 1 << position)
    # A language's own small words say more than words of its lexicon: where they are known, they alone decide.
    common: dict[str, int] = {}
    for language, words in rows_of("common.csv"):
        bit = 1 << LANGUAGES.index(language)
        for word in words.split():
            for token in tokens_of(fold(word).text):
                common[token.word] = common.get(token.word, 0) | bit
    classes, stems = _classes()
    pairs: dict[str, list[list[Any]]] = {}
    for first, second, category, pair_weight, *_ in rows_of("pairs.csv"):
        pairs.setdefault(first, []).append([second, category, float(pair_weight)])
    whole = {
        "phrases": builder.phrases,
        "longest": builder.longest,
        "templates": builder.templates,
        "starts": builder.starts,
        "classes": classes,
        "stems": stems,
        "votes": builder.votes | common,
        "pairs": pairs,
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    version = hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
    return '{"version":"' + version + '",' + text[1:] + "\n"


def _classes() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    whole: dict[str, list[str]] = {}
    stems: dict[str, list[str]] = {}
    for name, words in rows_of("classes.csv"):
        for written in words.split():
            word = fold(written).text
            table, key = (stems, word[:-1]) if word.endswith("*") else (whole, word)
            if name not in table.setdefault(key, []):
                table[key].append(name)
    return whole, stems


def conflicts(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """What is wrong with rows (language, phrase, category): doubles, two categories for one phrase, no word at all."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    wrong = []
    for language, text, category in rows:
        key = text if "{" in text else key_of(text)
        if not key_of(text):
            wrong.append(f"{language}: {text!r} has no word")
        before = seen.get((language, key))
        if before is not None:
            kind = "twice" if before[1] == category else f"as {before[1]} and as {category}"
            wrong.append(f"{language}: {text!r} ({before[0]!r}) {kind}")
        seen[language, key] = (text, category)
    return wrong
