"""The Subject field as it stands in a message: decoded, with what is wrong with its encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.words import WordDefectKind, Words, decode_words
from deliverability.subjects.engines import Field
from deliverability.subjects.model import DefectKind, SubjectDefect
from deliverability.subjects.normalize import MAX_CHARACTERS, Disguise, Folded

_B_WORD = pattern(rb"=\?\S{1,80}\?B\?", re.IGNORECASE)
_Q_WORD = pattern(rb"=\?\S{1,80}\?Q\?", re.IGNORECASE)
_NEEDS = pattern(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]")
_BROKEN = frozenset(
    (
        WordDefectKind.UNKNOWN_CHARSET,
        WordDefectKind.BAD_ENCODING,
        WordDefectKind.BAD_BASE64,
        WordDefectKind.BAD_Q,
        WordDefectKind.UNDECODABLE,
        WordDefectKind.SPLIT_CHARACTER,
        WordDefectKind.BLANK_INSIDE,
        WordDefectKind.UNCLOSED,
        WordDefectKind.RAW_8BIT,
    )
)
_SAID = {
    Disguise.CONTROL: DefectKind.CONTROL,
    Disguise.HIDDEN: DefectKind.HIDDEN,
    Disguise.DIRECTION: DefectKind.DIRECTION,
    Disguise.SURROGATE: DefectKind.SURROGATE,
    Disguise.STACKED: DefectKind.STACKED,
}


class Decoded(NamedTuple):
    """A subject as readers see it, and how its field was written."""

    text: str
    field: Field
    defects: tuple[SubjectDefect, ...]
    #: The encoding is broken, not merely unusual.
    broken: bool


def decode(
    value: bytes, *, count: int = 1, thread: bool = False, recipient: str = "", limits: Limits = DEFAULT_LIMITS
) -> Decoded:
    """The field body of a Subject, unfolded. Any octets give a text and every defect."""
    kept = value[: limits.subject_octets].replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b"")
    words = decode_words(kept)
    text = words.text
    field = Field(
        count,
        base64=_B_WORD.search(kept) is not None,
        quoted=_Q_WORD.search(kept) is not None,
        raw_8bit=_NEEDS.search(kept) is not None,
        thread=thread,
        recipient=recipient,
    )
    found = list(_word_defects(words, text))
    if count > 1:
        found.append(SubjectDefect(DefectKind.SEVERAL, Span(0, len(text))))
    if len(value) > limits.subject_octets:
        found.append(SubjectDefect(DefectKind.CUT, Span(len(text), len(text))))
    return Decoded(text, field, tuple(found), words.has(*_BROKEN))


def _word_defects(words: Words, text: str) -> Iterator[SubjectDefect]:
    """Defects of the encoding; they lie in the field, so that their span is the whole subject."""
    whole = Span(0, len(text))
    if words.has(*_BROKEN):
        yield SubjectDefect(DefectKind.ENCODING, whole)
    if words.has(WordDefectKind.RAW_UTF8, WordDefectKind.RAW_8BIT):
        yield SubjectDefect(DefectKind.RAW_8BIT, whole)
    if words.needless:
        yield SubjectDefect(DefectKind.NEEDLESS, whole)


def text_defects(text: str, folded: Folded) -> Iterator[SubjectDefect]:
    """Defects of a subject as text."""
    if not text.strip():
        yield SubjectDefect(DefectKind.EMPTY, Span(0, len(text)))
    for mark in folded.marks:
        kind = _SAID.get(mark.kind)
        if kind is not None:
            yield SubjectDefect(kind, Span(mark.start, mark.end))
    if len(text) > MAX_CHARACTERS:
        yield SubjectDefect(DefectKind.CUT, Span(MAX_CHARACTERS, len(text)))
