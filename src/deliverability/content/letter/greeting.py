"""Whom a letter greets."""

from __future__ import annotations

import functools
import re

from deliverability.content.letter.passages import fold
from deliverability.content.letter.words import phrases
from deliverability.core.patterns import pattern

#: Lines of a letter among which its salutation is looked for, and characters of one.
_LINES = 15
_LINE = 120


@functools.cache
def _opening() -> re.Pattern[str]:
    listed = sorted(phrases("greeting", "opening"), key=lambda phrase: -len(phrase))
    return re.compile(rf"[ *_¡]*(?:{'|'.join(map(re.escape, listed))})(?![a-z@/])(?P<rest>[^\n]*)")


#: What ends a salutation. The full stop of a title ("Sra. Ruiz") does not.
_END = pattern(
    r"[:!]|, |(?<!\bsr)(?<!\bsra)(?<!\bdr)(?<!\bdra)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\blic)(?<!\bing)(?<!\bprof)(?<!\bd)(?<!\bdª)\.(?:\s|$)",
    re.IGNORECASE,
)


def addressee(text: str) -> str:
    """The name in the salutation ("Estimada Sra. Ruiz:" gives "Sra. Ruiz"); "" where it names nobody."""
    lines = [line for line in text.split("\n", 60)[:60] if line.strip()][:_LINES]
    for line in lines:
        line = line.strip()[:_LINE]  # noqa: PLW2901
        found = _opening().match(fold(line))
        if found is None:
            continue
        rest = _END.split(line[found.start("rest") :].strip(" ,*_"))[0].strip(" ,:*_")
        words = [word for word in re.split(r"[\s,]+", rest.removeprefix("(a)")) if word]
        named = [word for word in words if fold(word).strip(".,:()") not in _nobody()]
        if named and named[0][:1].isupper():
            return " ".join(words[:8])
    return ""


@functools.cache
def _nobody() -> frozenset[str]:
    return frozenset((*phrases("greeting", "nobody"), *phrases("greeting", "opening")))
