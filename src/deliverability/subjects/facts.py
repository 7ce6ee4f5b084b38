"""The subject of a message, scored once for all rules."""

from __future__ import annotations

from typing import NamedTuple

from deliverability.core.facts import Receiving, SubjectWords
from deliverability.core.limits import Limits
from deliverability.core.rule import Facts
from deliverability.headers.fields import Field, Headers
from deliverability.subjects.engines import Field as Written
from deliverability.subjects.header import decode
from deliverability.subjects.lexicon import NO_WORDS
from deliverability.subjects.model import SubjectContext, SubjectScore
from deliverability.subjects.scoring import score_field


class SubjectFacts(NamedTuple):
    """The uppermost Subject field and what is said of it."""

    score: SubjectScore
    #: None: the message has none.
    field: Field | None
    #: The mail answers another.
    thread: bool


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing."""
    headers, receiving = facts[Headers], facts.get(Receiving)
    words = facts.get(SubjectWords)
    assert isinstance(headers, Headers)  # noqa: S101 - read before
    company = receiving.company if isinstance(receiving, Receiving) else ""
    fields = headers.all("subject")
    thread = headers.has("In-Reply-To") or headers.has("References")
    if not fields:
        score = score_field(
            "", Written(0, thread=thread), (), context=SubjectContext(company=company), suggestions=False
        )
        return {SubjectFacts: SubjectFacts(score, None, thread)}
    decoded = decode(fields[0].value, count=len(fields), thread=thread, limits=limits)
    # Blanks at the end of the field are cut off by `value`; a filter sees them.
    blank = b" " if fields[0].body[-1:] in (b" ", b"\t") and decoded.text else b""
    score = score_field(
        decoded.text + blank.decode("ascii"),
        decoded.field,
        decoded.defects,
        broken=decoded.broken,
        context=SubjectContext(company=company, thread=thread),
        words=words if isinstance(words, SubjectWords) else NO_WORDS,
    )
    return {SubjectFacts: SubjectFacts(score, fields[0], thread)}
