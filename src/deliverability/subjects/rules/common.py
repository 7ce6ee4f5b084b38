"""What the rules about subjects share."""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.finding import Evidence, NotApplicable
from deliverability.core.span import Span
from deliverability.core.text import Text
from deliverability.headers.evidence import PART, field_evidence
from deliverability.headers.writing import encode_words
from deliverability.subjects.facts import SubjectFacts
from deliverability.subjects.model import Contribution

SUBJECT = "Subject"
NO_SUBJECT = NotApplicable(Text(en="There is no subject to look at.", es="No hay ningún asunto que examinar."), SUBJECT)
NOT_A_DOCUMENT = NotApplicable(
    Text(
        en="The subject is not about an invoice or another document.",
        es="El asunto no trata de una factura ni de otro documento.",
    ),
    SUBJECT,
)


def is_there(facts: SubjectFacts) -> bool:
    """Whether there is a subject with something in it."""
    return facts.field is not None and bool(facts.score.subject.strip())


def parts_of(facts: SubjectFacts, features: Iterable[str]) -> tuple[Contribution, ...]:
    """The contributions of these features that stand in the subject."""
    wanted = frozenset(features)
    return tuple(part for part in facts.score.contributions if part.feature in wanted)


def evidence(facts: SubjectFacts, parts: Iterable[Contribution] = ()) -> tuple[Evidence, ...]:
    """The field as evidence: its decoded text, with the places that matter."""
    if facts.field is None:
        return ()
    text = facts.score.subject
    if facts.field.text.strip() == text.strip():
        spans = tuple(sorted({span for part in parts for span in part.spans if span.end <= len(text)}))
        return (field_evidence(facts.field, *spans),)
    spans = tuple(sorted({Span(*span) for part in parts for span in part.spans if span.end <= 500}))
    return (Evidence(SUBJECT, PART, "", text[:500], spans=spans, line=facts.field.line),)


def rewritten(facts: SubjectFacts) -> Fix | None:
    """The first suggestion that needs nothing filled in, as the field should be sent."""
    ready = next((item for item in facts.score.suggestions if not item.placeholders), None)
    return changed(facts, ready.text) if ready else None


def changed(facts: SubjectFacts, text: str) -> Fix | None:
    """This text in place of the subject."""
    clean = " ".join(text.split())
    if facts.field is None or not clean:
        return None
    return Fix(headers=(HeaderChange(SUBJECT, encode_words(clean), 0),))


def quoted(parts: Iterable[Contribution]) -> tuple[str, ...]:
    """What stands in the subject, for the texts."""
    return tuple(dict.fromkeys(f"«{text}»" for part in parts for text in part.matched if text.strip()))[:6]
