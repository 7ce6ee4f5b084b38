"""Better subjects: what the mail is, its number, its company; and the given subject without what hurts it.

Theory of operation. Two ways. A template of the subject's language is filled from what the sender told, else from what
the subject holds, else with a placeholder that only the sender can fill. And the subject itself with the least edits:
without shouting, signs, pictograms, disguise, hurry. Every candidate is scored like any subject; one is offered only
when it is in the low band, riskless beside the given one, and sets off no more rules of any filter.

Nothing is made to look like what it is not. What is not about a document is not turned into an invoice unless the
sender says that it is one; a reminder stays a reminder, and «vencida» stays «vencida». A subject that is offered here
is left alone when it comes back.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.core.text import Text
from deliverability.subjects import form
from deliverability.subjects.engines import effects
from deliverability.subjects.model import Band, SubjectContext, Suggestion
from deliverability.subjects.score import Reading, band_of, points_of, risk_of

#: Characters that phones show.
SHORT = 60
#: What a placeholder is scored as.
_SAMPLE = {"number": "2026-0042", "company": "Ferrer e Hijos", "customer": "Talleres Ruiz", "period": "2026-11"}
#: Categories whose single words may go without changing what is said.
_DROPPED = frozenset(("urgency", "hype", "click_cta"))
_HOLES = pattern(r"\[[^\[\]]{2,14}\]")
_BLANKS = pattern(r"\s+")
_TRIM = " \t-–—:|,;.!¡?¿*~=_#>·"
_MOST = 3

_ADDED = Text("adds {what}", "añade {what}")
_REMOVED = Text("removes {what}", "quita {what}")
_REORDERED = Text("says first what it is", "dice primero qué es")
_CALMER = Text("ordinary capitals and signs", "mayúsculas y signos corrientes")
_NAMES: Mapping[str, Text] = {
    "number": Text("the number", "el número"),
    "company": Text("the company", "la empresa"),
    "customer": Text("the customer", "el cliente"),
    "period": Text("the month", "el mes"),
}


class Parts(NamedTuple):
    """What a template is filled with; "" where nobody knows."""

    number: str
    company: str
    customer: str
    period: str


@functools.cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    return read_table(__package__ or "", "data/templates.toml")


def suggest(reading: Reading, context: SubjectContext, read_again: Callable[[str], Reading]) -> tuple[Suggestion, ...]:
    """At most three better subjects, the best first; none for a subject that is good, or that cannot honestly be one."""
    if _is_good(reading):
        return ()
    own_points = sum(e.points for e in effects(reading.subject) if e.points > 0)
    found: dict[str, Suggestion] = {}
    for text, holes, sample in _candidates(reading, context):
        if text == reading.subject or text in found:
            continue
        again = read_again(sample)
        risk = risk_of(again.logit)
        points = round(sum(e.points for e in effects(sample) if e.points > 0), 3)
        low = band_of(risk) is Band.LOW and again.logit <= reading.logit and points <= own_points
        if low and (holes or _is_good(again)):
            changes = tuple(_changes(reading, text, holes))
            found[text] = Suggestion(text, risk, band_of(risk), changes, points, holes)
    ordered = sorted(found.values(), key=lambda s: (len(s.text) > SHORT, len(s.placeholders)))
    return tuple(ordered[:_MOST])


def _is_good(reading: Reading) -> bool:
    """Low, without effects on filters, and it says which document it is (or is about none)."""
    if _HOLES.search(reading.subject):
        return risk_of(reading.logit) < 0.5
    if band_of(risk_of(reading.logit)) is not Band.LOW or effects(reading.subject):
        return False
    if any(
        points_of(part) >= 200 and part.feature not in ("unidentified", "you")
        for part in reading.parts
        if part.phrase is None
    ):
        return False
    identity = reading.identity
    named = identity.has_name and (identity.number or identity.period or identity.date)
    return bool(named) or not reading.document


def _candidates(reading: Reading, context: SubjectContext) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Text, its placeholders, and the text to be scored: with samples in their place."""
    plain = _least_edits(reading)
    if plain:
        yield plain, (), plain
    if reading.document or context.number or context.period:
        yield from _filled(reading, context)


def _filled(reading: Reading, context: SubjectContext) -> Iterator[tuple[str, tuple[str, ...], str]]:
    words = _templates()[reading.vote.language or "es"]
    parts = _parts(reading, context)
    for kind in _kinds(reading, parts):
        template = words[kind]
        status = next((words[s] for s in ("overdue", "unpaid", "pending") if s in _classes(reading)), "")
        known = {"status": status, **{name: getattr(parts, name) for name in Parts._fields}}
        wanted = [name for name in Parts._fields if "{" + name + "}" in template]
        holes = tuple(words[name][1:-1] for name in wanted if not known[name])
        text = template.format(**{name: known[name] or words.get(name, "") for name in known})
        sample = template.format(**{name: known[name] or _SAMPLE.get(name, "") for name in known})
        if words is _templates()["ca"]:
            text = re.sub(r"\bmes de (?=[aeiouàèéíòóú])", "mes d'", text)
        yield text, holes, sample


def _classes(reading: Reading) -> frozenset[str]:
    return frozenset(kind for kinds in reading.classes for kind in kinds)


def _kinds(reading: Reading, parts: Parts) -> Sequence[str]:
    """Which templates say what the mail is: a reminder stays one, so do receipts, quotations and credit notes."""
    classes = _classes(reading)
    if "overdue" in classes or "unpaid" in classes or "pending" in classes:
        return ("status",)
    if "reminder-noun" in classes:
        return ("reminder",)
    for name in ("receipt", "quote", "credit"):
        if f"{name}-noun" in classes:
            return (name,)
    if parts.period and not parts.number:
        return ("month", "invoice")
    return ("invoice", "month") if parts.period or parts.customer or not parts.number else ("invoice",)


def _parts(reading: Reading, context: SubjectContext) -> Parts:
    """What the sender told, else what the subject holds."""
    identity = reading.identity
    name = _slice(reading, identity.name)
    for_customer = bool(name) and _is_for(reading, identity.name)
    number = context.number or _slice(reading, identity.number)
    period = context.period or _slice(reading, identity.period)
    period = period.lower() if period.isupper() and len(period) > 2 else period
    if not number and period and not period.isalpha():
        number, period = period, ""
    company = context.company or ("" if for_customer else name)
    return Parts(number, company, context.customer or (name if for_customer else ""), period)


def _slice(reading: Reading, span: Span | None) -> str:
    if span is None:
        return ""
    text = _BLANKS.sub(" ", reading.subject[span.start : span.end]).strip()
    return text if text.isprintable() else ""


_FOR = frozenset(("para", "per", "pour", "for", "für", "fur", "an", "to"))


def _is_for(reading: Reading, span: Span | None) -> bool:
    """Whether the word before a name says that it is the customer's."""
    before = [
        t.word for t in reading.tokens if span is not None and reading.folded.span(t.start, t.end).end <= span.start
    ]
    return any(word in _FOR for word in before[-2:])


def _least_edits(reading: Reading) -> str:
    """The subject without disguise, shouting, hurry and signs; "" when nothing sensible is left."""
    dropped = [
        part.spans[0]
        for part in reading.parts
        if part.phrase is not None and part.feature in _DROPPED and len(part.spans) == 1 and points_of(part) > 0
    ]
    dropped += [
        span
        for part in reading.parts
        if part.feature
        in (
            "emoji",
            "exclamation",
            "exclamations",
            "questions",
            "question-exclamation",
            "odd-signs",
            "currency-signs",
            "badge",
            "fake-reply",
            "dots",
        )
        for span in part.spans
    ]
    text = reading.subject
    if any(part.feature in _REPAIRED for part in reading.parts):
        text, dropped = _repaired(reading, dropped), []
    for span in sorted(set(dropped), reverse=True):
        text = text[: span.start] + " " + text[span.end :]
    text = form._EMOJI.sub(" ", text)
    text = "".join(c for c in text if c.isprintable() and c not in "!¡") if not text.isascii() or "!" in text else text
    text = _BLANKS.sub(" ", text).strip(_TRIM + " ")
    if any(part.feature in ("all-capitals", "capitals") for part in reading.parts):
        text = _sentence_case(text)
    return text if any(map(str.isalpha, text)) and len(text) > 3 else ""


_REPAIRED = frozenset(
    (
        "styled-letters",
        "foreign-letters",
        "hidden-characters",
        "spaced-letters",
        "leet",
        "stacked-marks",
        "direction-controls",
    )
)


def _repaired(reading: Reading, dropped: Sequence[Span]) -> str:
    """The words as they were meant, where they were disguised."""
    out = []
    gone = set(dropped)
    for token in reading.tokens:
        span = reading.folded.span(token.start, token.end)
        if any(span.start >= d.start and span.end <= d.end for d in gone):
            continue
        written = reading.subject[span.start : span.end]
        disguised = any(mark.start < span.end and span.start < mark.end for mark in reading.folded.marks)
        out.append(token.word if disguised else written)
    text = " ".join(out)
    return text[:1].upper() + text[1:]


def _sentence_case(text: str) -> str:
    """Small letters but for the first, acronyms, and words that mix letters and digits."""
    words = []
    for word in text.split(" "):
        bare = word.strip(_TRIM + "()[]")
        shouted = len(bare) > 1 and bare.isupper() and bare.isalpha() and not form.is_acronym(bare)
        words.append(word.lower() if shouted else word)
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _changes(reading: Reading, text: str, holes: Sequence[str]) -> Iterator[Text]:
    """What differs from the given subject, in words."""
    lower = text.lower()
    removed = []
    for part in reading.parts:
        if part.phrase is None or points_of(part) <= 0 or part.muted:
            continue
        written = " ".join(reading.subject[span.start : span.end] for span in part.spans)
        if not any(word.strip(_TRIM).lower() in lower for word in written.split()):
            removed.append(written)
    if removed:
        words = tuple(dict.fromkeys(f"«{word}»" for word in removed))[:4]
        yield _with_list(_REMOVED, words, words)
    if any(
        part.feature in ("all-capitals", "capitals", "exclamation", "ends-in-question", "emoji")
        for part in reading.parts
    ):
        yield _CALMER
    templates = _templates()[reading.vote.language or "es"]
    added = [name for name in Parts._fields if templates[name][1:-1] in holes]
    if added:
        en, es = (tuple(_NAMES[name].format(lang) for name in added) for lang in ("en", "es"))
        yield _with_list(_ADDED, en, es)
    if not removed and not added:
        yield _REORDERED


def _with_list(text: Text, en: Sequence[str], es: Sequence[str]) -> Text:
    """The text with an enumeration in each language."""

    def listed(items: Sequence[str], joined: str) -> str:
        return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {joined} {items[-1]}"

    return Text(text.format("en", {"what": listed(en, "and")}), text.format("es", {"what": listed(es, "y")}))
