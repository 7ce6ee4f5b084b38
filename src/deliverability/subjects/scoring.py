"""Scoring subjects: one, or many with what many show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.facts import SubjectWords
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import shown
from deliverability.core.report import as_html
from deliverability.subjects.engines import KNOWN_ONLY_AS_TEXT, Field, effects
from deliverability.subjects.header import decode, text_defects
from deliverability.subjects.lexicon import LANGUAGES, NO_WORDS, with_words
from deliverability.subjects.model import Band, Json, SubjectContext, SubjectDefect, SubjectScore, Suggestion
from deliverability.subjects.normalize import key_of
from deliverability.subjects.rewrite import suggest
from deliverability.subjects.score import Reading, band_of, contributions, read, risk_of

NO_DEFECTS: tuple[SubjectDefect, ...] = ()


def score(  # noqa: PLR0913 - what the mail is about is told word by word
    subject: str | bytes,
    *,
    language: str | None = None,
    company: str | None = None,
    customer: str | None = None,
    number: str | None = None,
    period: str | None = None,
    thread: bool = False,
    words: SubjectWords = NO_WORDS,
    suggestions: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> SubjectScore:
    """How risky a subject is, why, what open filters add for it, and better ones. Reads no network and no clock.

    `subject` is text, or the octets of the field body as they stand in a message (RFC 2047 encoded words and all).
    `company`, `customer`, `number` and `period` say what the mail is about. Any text or octets are scored, with their
    defects; only an unknown `language` raises `InvalidConfiguration`. The risk is relative, no delivery probability.
    """
    context = SubjectContext(company or "", customer or "", number or "", period or "", thread)
    field, broken, defects = KNOWN_ONLY_AS_TEXT._replace(thread=thread), False, NO_DEFECTS
    if isinstance(subject, bytes):
        decoded = decode(subject, thread=thread, limits=limits)
        subject, field, defects, broken = decoded.text, decoded.field, decoded.defects, decoded.broken
    return score_field(
        subject, field, defects, broken=broken, language=language, context=context, words=words, suggestions=suggestions
    )


def score_field(
    subject: str,
    field: Field,
    defects: tuple[SubjectDefect, ...],
    *,
    broken: bool = False,
    language: str | None = None,
    context: SubjectContext,
    words: SubjectWords = NO_WORDS,
    suggestions: bool = True,
) -> SubjectScore:
    """The score of a decoded subject whose field is known."""
    given = checked_language(language)
    lexicon = with_words(words)
    reading = read(subject, lexicon, given, context, broken=broken)
    better: tuple[Suggestion, ...] = ()
    if suggestions and field.fields:
        better = suggest(reading, context, lambda text: read(text, lexicon, given, context))
    risk = risk_of(reading.logit)
    return SubjectScore(
        subject=subject,
        risk=risk,
        band=band_of(risk),
        logit=reading.logit,
        contributions=contributions(reading),
        engine_effects=effects(subject, field),
        language=reading.vote.language,
        language_given=bool(given),
        defects=(*defects, *text_defects(subject, reading.folded)),
        identified_by=reading.identity.kinds,
        about_document=reading.document,
        lexicon_version=lexicon.version,
        suggestions=better,
    )


def risk(subject: str, *, language: str | None = None, words: SubjectWords = NO_WORDS) -> float:
    """Only the risk, 0 to 1: the fast way through many subjects.

    >>> risk("Factura 2026-0123") < 0.2 < risk("URGENTE!!! Pague YA su factura")
    True
    """
    return risk_of(reading_of(subject, language, words).logit)


def reading_of(subject: str, language: str | None = None, words: SubjectWords = NO_WORDS) -> Reading:
    """A subject read: its parts before they are told."""
    return read(subject, with_words(words), checked_language(language), SubjectContext())


def checked_language(language: str | None) -> str:
    """The language, or "" for none. Raises `InvalidConfiguration` for one that there is no lexicon for."""
    if language is None or language == "":
        return ""
    if language not in LANGUAGES:
        raise InvalidConfiguration(f"language {shown(language)}: expected one of {', '.join(LANGUAGES)}")
    return language


class Repeated(NamedTuple):
    """A subject that several mails share but for case and accents."""

    subject: str
    times: int


@dataclass(frozen=True, slots=True)
class SubjectBatch:
    """Many subjects scored, and what only many show."""

    scores: tuple[SubjectScore, ...]
    #: Subjects that come up more than once: recipients cannot tell these mails apart.
    repeated: tuple[Repeated, ...]

    @property
    def counts(self) -> dict[Band, int]:
        """How many subjects are in each band."""
        return {band: sum(1 for item in self.scores if item.band is band) for band in Band}

    def __len__(self) -> int:
        return len(self.scores)

    def to_rows(self) -> list[Json]:
        """One flat dictionary for each subject, in their order, with the columns `core.columns.SUBJECTS`."""
        return [score.to_row() for score in self.scores]

    def __repr__(self) -> str:
        told = ", ".join(f"{number} {band.value}" for band, number in self.counts.items())
        return f"<SubjectBatch of {len(self)}: {told}; {len(self.repeated)} repeated>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return as_html(self)


def score_many(
    subjects: Iterable[str | bytes],
    *,
    language: str | None = None,
    company: str | None = None,
    words: SubjectWords = NO_WORDS,
    suggestions: bool = False,
) -> SubjectBatch:
    """The scores of many subjects in their order, and those that repeat. `suggestions` costs as much again for each."""
    scores = tuple(
        [
            score(subject, language=language, company=company, words=words, suggestions=suggestions)
            for subject in subjects
        ]
    )
    return SubjectBatch(scores, repeated(item.subject for item in scores))


def repeated(subjects: Iterable[str]) -> tuple[Repeated, ...]:
    """Subjects that are the same but for case, accents and signs, with how often they come up; the most frequent first."""
    first: dict[str, str] = {}
    counts: dict[str, int] = {}
    for subject in subjects:
        key = key_of(subject)
        first.setdefault(key, subject)
        counts[key] = counts.get(key, 0) + 1
    several = [Repeated(first[key], count) for key, count in counts.items() if count > 1 and key]
    return tuple(sorted(several, key=lambda item: -item.times))
