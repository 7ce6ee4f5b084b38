"""What is said of a subject: frozen values that go to JSON as they are.

Points are thousandths of a logit, whole numbers, so that they add up exactly: `logit == sum(points)`, the base included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from deliverability.core.report import as_html
from deliverability.core.span import Span
from deliverability.core.text import Lang, Text, to_json


class Band(StrEnum):
    """How risky the words and the form are, beside other subjects; no probability of delivery."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


#: Risk from which a subject is in the band.
MEDIUM_FROM = 0.2
HIGH_FROM = 0.5
#: Characters that mail programs show, and from which rspamd scores (LONG_SUBJ).
MAX_SHOWN = 70
MAX_UNSCORED = 200


class DefectKind(StrEnum):
    """What is wrong with a subject as text; none of it keeps it from being scored."""

    EMPTY = "empty"
    MISSING = "missing"
    SEVERAL = "several-fields"
    CUT = "cut"  # longer than is looked at
    CONTROL = "control-character"
    HIDDEN = "hidden-character"  # zero width, soft hyphen, tags
    DIRECTION = "direction-control"  # characters that turn the writing direction
    SURROGATE = "lone-surrogate"
    STACKED = "stacked-marks"  # more than two marks on one letter
    ENCODING = "encoding"  # an encoded word that is broken (RFC 2047), or octets that no charset explains
    RAW_8BIT = "raw-8bit"  # beyond ASCII without encoded words
    NEEDLESS = "needless-encoding"  # plain ASCII in encoded words


class SubjectDefect(NamedTuple):
    """One defect; `span` counts characters of the subject."""

    kind: DefectKind
    span: Span


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one word or form adds to the risk, or takes from it."""

    #: The category of words, or the name of the form: `urgency`, `all-caps`, `identified`.
    feature: str
    #: Thousandths of a logit. 0: seen and not counted (set aside by the profile, or enough of its kind already).
    points: int
    #: Places in the subject as given, in characters.
    spans: tuple[Span, ...]
    #: What stands there.
    matched: tuple[str, ...]
    #: The phrase of the lexicon it was recognised as; "" for forms.
    phrase: str
    reason: Text
    #: What to do about it; empty where nothing has to be done.
    hint: Text
    #: `lexicon`, `form`, `context`, or `profile` for words of the user's own.
    source: str


@dataclass(frozen=True, slots=True)
class EngineEffect:
    """What one rule of a spam filter adds for this subject: measured on that version, not estimated."""

    engine: str
    version: str
    rule: str
    points: float
    #: Under which condition, where the subject alone does not decide.
    condition: Text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A better subject: its own risk, and what was changed."""

    text: str
    risk: float
    band: Band
    #: What differs from the subject as given.
    changes: tuple[Text, ...]
    #: Points that filters would still add to it.
    engine_points: float
    #: Names of what has to be filled in by the sender, such as "número"; empty when it is ready to be sent.
    placeholders: tuple[str, ...] = ()


class SubjectContext(NamedTuple):
    """What the sender says the mail is about; all of it is optional."""

    company: str = ""
    customer: str = ""
    number: str = ""
    period: str = ""
    #: The mail answers another (it has In-Reply-To or References).
    thread: bool = False


NO_CONTEXT = SubjectContext()

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """How a subject looks to people and to learned filters, why, and what open filters do with it."""

    subject: str
    #: 0 to 1, four decimals: relative to other subjects. Words alone rarely decide over a mail.
    risk: float
    band: Band
    #: The sum of all points, thousandths of a logit.
    logit: int
    contributions: tuple[Contribution, ...]
    engine_effects: tuple[EngineEffect, ...]
    #: Two letters; "" when nothing tells.
    language: str
    #: Whether the language was given rather than recognised.
    language_given: bool
    defects: tuple[SubjectDefect, ...]
    #: What of number, period, company and customer the subject holds.
    identified_by: tuple[str, ...]
    #: A word for a document was recognised: invoice, receipt, reminder of one.
    about_document: bool
    lexicon_version: str
    suggestions: tuple[Suggestion, ...] = field(default=())

    def __repr__(self) -> str:
        return f"<SubjectScore {self.risk} ({self.band.value}): {self.subject!r}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return as_html(self)

    def to_row(self) -> Json:
        """The subject as one flat dictionary, with the columns `core.columns.SUBJECTS`, ready for a data frame."""
        return {
            "subject": self.subject,
            "risk": self.risk,
            "band": self.band.value,
            "language": self.language or None,
            "features": " ".join(dict.fromkeys(c.feature for c in self.contributions if c.points > 0)) or None,
            "spamassassin": float(sum(e.points for e in self.engine_effects if e.engine == "SpamAssassin")),
            "rspamd": float(sum(e.points for e in self.engine_effects if e.engine == "rspamd")),
            "suggestion": self.suggestions[0].text if self.suggestions else None,
        }

    def to_rows(self, lang: Lang = "en") -> list[Json]:
        """One flat dictionary for each word or form that weighs, with the columns `core.columns.CONTRIBUTIONS`."""
        return [
            {
                "subject": self.subject,
                "feature": item.feature,
                "points": item.points,
                "matched": "; ".join(item.matched) or None,
                "reason": item.reason.format(lang),
                "source": item.source,
            }
            for item in self.contributions
        ]

    def to_dict(self) -> Json:
        """The score as plain data, the same on every Python; `docs/reference/command.md` describes the keys."""
        return {
            "band": self.band.value,
            "contributions": [_contribution(item) for item in self.contributions],
            "defects": [{"kind": d.kind.value, "span": list(d.span)} for d in self.defects],
            "engine_effects": [_effect(item) for item in self.engine_effects],
            "identified_by": list(self.identified_by),
            "language": self.language or None,
            "language_given": self.language_given,
            "lexicon_version": self.lexicon_version,
            "logit": self.logit,
            "risk": self.risk,
            "subject": self.subject,
            "suggestions": [_suggestion(item) for item in self.suggestions],
        }


def _contribution(item: Contribution) -> Json:
    return {
        "feature": item.feature,
        "hint": to_json(item.hint) if item.hint else None,
        "matched": list(item.matched),
        "phrase": item.phrase or None,
        "points": item.points,
        "reason": to_json(item.reason),
        "source": item.source,
        "spans": [list(span) for span in item.spans],
    }


def _effect(item: EngineEffect) -> Json:
    return {
        "condition": to_json(item.condition) if item.condition else None,
        "engine": item.engine,
        "points": item.points,
        "rule": item.rule,
        "version": item.version,
    }


def _suggestion(item: Suggestion) -> Json:
    return {
        "band": item.band.value,
        "changes": [to_json(change) for change in item.changes],
        "engine_points": item.engine_points,
        "placeholders": list(item.placeholders),
        "risk": item.risk,
        "text": item.text,
    }
