"""What the DMARC rules share."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix
from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import Evidence, NotApplicable, Outcome, Unknown, evidence_of, record_evidence
from deliverability.core.questions import Failed
from deliverability.core.span import Span
from deliverability.core.text import ArgValue, Text
from deliverability.dmarc.discovery import PolicyState
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.problem import DmarcProblem
from deliverability.dmarc.record import DmarcRecord
from deliverability.dmarc.repair import proposal
from deliverability.dmarc.texts import NOTHING, PROBLEMS
from deliverability.dmarc.walk import WalkStep

#: Findings of one rule about one record; what lies beyond says nothing new.
MOST_FINDINGS = 10
#: Characters of a record that an argument carries; the evidence has all of it.
MOST_CHARACTERS = 200

COULD_NOT_ASK = Text(
    "The DNS gave no answer where the DMARC record would be.",
    "El DNS no respondió donde estaría el registro DMARC.",
)
NO_RECORD = Text("No DMARC record applies to the domain.", "Ningún registro DMARC se aplica al dominio.")
PARKED = Text("The domain never sends mail.", "El dominio no envía correo.")

UNUSABLE = Text(
    "The record has no usable policy, so DMARC is not applied.",
    "El registro no tiene una política utilizable y DMARC no se aplica.",
)


def unsettled(facts: DmarcFacts) -> Outcome | None:
    """The outcome of a rule about the record in force when there is none: unknown, or not applicable."""
    if facts.policy.state is PolicyState.TEMPERROR:
        return Unknown(COULD_NOT_ASK, facts.name, tuple(evidence_of(*asked) for asked in facts.failures))
    if facts.record is None:
        return NotApplicable(NO_RECORD, facts.name)
    return None


def failed_steps(facts: DmarcFacts) -> Iterator[Outcome]:
    """An Unknown for each of the owner's names that gave no answer."""
    for step in facts.own_steps:
        if isinstance(step.answer, Failed):
            yield Unknown(COULD_NOT_ASK, step.name, (seen(step),))


def seen(step: WalkStep) -> Evidence:
    """A step's answer as evidence."""
    return evidence_of(step.question, step.answer)


def place(facts: DmarcFacts, *spans: Span) -> Evidence:
    """The record in force, with the places that matter."""
    holder = facts.holder
    record = facts.record
    if holder is None or record is None:
        return seen(facts.steps[0])
    return record_evidence(holder.question.name, "TXT", record.text, *spans)


def fix_record(facts: DmarcFacts, domain: AuditedDomain) -> Fix | None:
    """The proposed record at the name that holds the one in force."""
    holder = facts.holder
    return None if holder is None else proposal(facts, holder, parked=domain.sends is False)


def subject(facts: DmarcFacts) -> str:
    """The domain whose record it is."""
    return facts.policy.found_at or facts.name


def problem_args(problem: DmarcProblem) -> dict[str, ArgValue]:
    """What the texts say about one defect."""
    return {
        "problem": PROBLEMS.get(problem.kind, Text(problem.kind.value, problem.kind.value)),
        "tag": problem.tag,
        "text": shortened(problem.text),
        "suggestion": shortened(problem.suggestion) or NOTHING,
    }


def shortened(text: str) -> str:
    """At most `MOST_CHARACTERS` of a text from outside."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def used(record: DmarcRecord, *names: str) -> tuple[Span, ...]:
    """The places of these tags in the record."""
    tags = [record.get(name) for name in names]
    return tuple(Span(tag.name_span.start, tag.value_span.end) for tag in tags if tag)
