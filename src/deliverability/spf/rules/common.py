"""What the SPF rules share: the first look at the facts, and sentences that several of them say."""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.finding import Evidence, NotApplicable, Unknown, record_evidence
from deliverability.core.span import Span
from deliverability.core.text import Text
from deliverability.spf.facts import SpfFacts
from deliverability.spf.record import Term
from deliverability.spf.tree_model import Placed, State, TermNode

#: Words listed in one sentence; the rest is in the evidence.
MAX_LISTED = 8

COULD_NOT_ASK = Text(
    "The DNS question for the SPF record has no answer.", "La consulta DNS del registro SPF no tiene respuesta."
)
PART_NOT_ASKED = Text(
    "A part of the SPF tree could not be asked, so this is not certain.",
    "Una parte del árbol SPF no se ha podido consultar, así que no se puede afirmar.",
)
DEPENDS_ON_MESSAGE = Text(
    "A term names a different domain for each message, so this cannot be told beforehand.",
    "Un término apunta a un dominio distinto en cada mensaje, así que no se puede saber de antemano.",
)
NO_RECORD = Text("There is no SPF record to look at.", "No hay registro SPF que examinar.")
SEVERAL_RECORDS = Text(
    "There are several SPF records; they have to become one first (SPF002).",
    "Hay varios registros SPF; primero hay que dejarlos en uno solo (SPF002).",
)
NEVER_SENDS = Text("The domain sends no mail.", "El dominio no envía correo.")
NOTHING_OF_THE_KIND = Text("The record has no term of this kind.", "El registro no tiene ningún término de este tipo.")


def unread(facts: SpfFacts) -> Unknown | NotApplicable | None:
    """Why there is no single record to judge, or None where there is one."""
    root = facts.root
    if root.state in (State.TEMPERROR, State.NOT_READ):
        return Unknown(COULD_NOT_ASK, facts.domain, root.evidence)
    if root.record is not None:
        return None
    return NotApplicable(SEVERAL_RECORDS if len(root.texts) > 1 else NO_RECORD, facts.domain)


def not_exact(facts: SpfFacts) -> Unknown | NotApplicable:
    """Why something cannot be said of the whole tree: a part was not asked, or is another one for each message.

    The second is no lack of an answer: nobody can ask before there is a message (RFC 7208 §7.3).
    """
    failed = failures(facts)
    if failed or any(placed.term.state is State.NOT_READ for placed in facts.tree.reached()):
        return Unknown(PART_NOT_ASKED, facts.domain, failed)
    return NotApplicable(DEPENDS_ON_MESSAGE, facts.domain)


def failures(facts: SpfFacts) -> tuple[Evidence, ...]:
    """What could not be asked in the whole tree."""
    return tuple(asked.as_evidence() for asked in facts.tree.failures)


def seen_at(terms: Iterable[TermNode]) -> tuple[Evidence, ...]:
    """What was asked for these terms, each question once."""
    asked = {item.question: item for term in terms for item in term.asked}
    return tuple(item.as_evidence() for item in asked.values())


def records_of(places: Iterable[Placed]) -> tuple[Evidence, ...]:
    """The records that hold these terms, each once."""
    records = {placed.record.domain: placed.record for placed in places}
    return tuple(item for record in records.values() for item in record.evidence)


def at_terms(facts: SpfFacts, terms: Iterable[Term]) -> Evidence:
    """The audited record, with these terms marked."""
    text = facts.root.texts[0] if facts.root.texts else ""
    return record_evidence(facts.domain, "TXT", text, *(term.span for term in terms))


def at_spans(facts: SpfFacts, spans: Iterable[Span]) -> Evidence:
    """The audited record, with these places marked."""
    text = facts.root.texts[0] if facts.root.texts else ""
    return record_evidence(facts.domain, "TXT", text, *spans)


def listed(words: Iterable[str]) -> tuple[str, ...]:
    """Words for a sentence: each once, the first few, then how many more."""
    every = tuple(dict.fromkeys(words))
    if len(every) <= MAX_LISTED:
        return every
    return (*every[:MAX_LISTED], f"+{len(every) - MAX_LISTED}")


def costs(terms: Iterable[TermNode]) -> tuple[str, ...]:
    """Terms of the audited record with what each costs, the dearest first: `include:_spf.example (4)`."""
    asking = sorted((t for t in terms if t.cost.lookups), key=lambda t: -t.cost.lookups)
    return tuple(f"{t.term.text} ({t.cost.lookups})" for t in asking)
