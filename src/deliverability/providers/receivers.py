"""What mailbox providers ask of senders (receivers.toml), and a message held against it.

A requirement is met, not met, or not known. It is never guessed: what a message cannot show (complaints, a tenant's own
rules) is not known, and so is what could not be asked.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from deliverability.core.data import read_table
from deliverability.core.facts import AuthenticationSummary, MailClass, Stage
from deliverability.core.finding import Severity
from deliverability.core.report import Judged
from deliverability.core.text import Text


class Check(StrEnum):
    """How a message is held against a requirement."""

    SPF_OR_DKIM = "spf-or-dkim"
    SPF_AND_DKIM = "spf-and-dkim"
    SPF = "spf"
    DKIM = "dkim"
    DMARC_RECORD = "dmarc-record"
    DMARC_ALIGNED = "dmarc-aligned"
    CODES = "codes"
    OUTSIDE = "outside"


class Applies(StrEnum):
    """Whom a requirement concerns."""

    ALL = "all"
    BULK = "bulk"
    MARKETING = "marketing"


class State(StrEnum):
    """A message against a requirement."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand of a provider."""

    key: str
    label: Text
    check: Check
    codes: tuple[str, ...] = ()
    applies: Applies = Applies.ALL
    threshold: str = ""
    #: The reply that a refusal carries; "" where none is documented.
    reply: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A mailbox provider and what it asks."""

    id: str
    name: Text
    rule: str
    bulk_rule: str
    domains: tuple[str, ...]
    #: Messages a day from which the bulk requirements count; None: no number is published.
    volume: int | None
    source: str
    requirements: tuple[Requirement, ...]


class Policies(NamedTuple):
    """The whole table."""

    receivers: tuple[Receiver, ...]
    date: date
    stale_after_days: int


@functools.cache
def policies() -> Policies:
    """The table of receivers. Read-only data of this package: a cache, not state."""
    table = read_table("deliverability.providers", "receivers.toml")
    receivers = tuple(_receiver(entry) for entry in table["receiver"])
    return Policies(receivers, table["policy_date"], table["stale_after_days"])


def _receiver(entry: Mapping[str, Any]) -> Receiver:
    return Receiver(
        id=entry["id"],
        name=Text(entry["name"], entry.get("name_es", entry["name"])),
        rule=entry["rule"],
        bulk_rule=entry.get("bulk_rule", entry["rule"]),
        domains=tuple(entry["domains"]),
        volume=entry.get("volume"),
        source=entry["source"],
        requirements=tuple(_requirement(row) for row in entry["requirement"]),
    )


def _requirement(row: Mapping[str, Any]) -> Requirement:
    return Requirement(
        key=row["key"],
        label=Text(row["en"], row["es"]),
        check=Check(row["check"]),
        codes=tuple(row.get("codes", ())),
        applies=Applies(row.get("applies", "all")),
        threshold=row.get("threshold", ""),
        reply=row.get("reply", ""),
        confidence=row.get("confidence", ""),
    )


class Held(NamedTuple):
    """A requirement and how the message stands to it."""

    requirement: Requirement
    state: State
    #: The codes found that break it, or that could not be told.
    because: tuple[str, ...] = ()


class Checklist(NamedTuple):
    """One provider's requirements for this message."""

    receiver: Receiver
    items: tuple[Held, ...]

    def of(self, state: State) -> tuple[Held, ...]:
        """The items in that state."""
        return tuple([item for item in self.items if item.state is state])


@dataclass(frozen=True, slots=True)
class Checklists:
    """Fact: every provider's checklist for the message."""

    lists: tuple[Checklist, ...]

    def by_rule(self, code: str, *, bulk: bool | None = None) -> tuple[Checklist, ...]:
        """The lists a rule is about; `bulk` keeps only the bulk requirements, or only the others."""
        chosen = []
        for one in self.lists:
            if code not in (one.receiver.rule, one.receiver.bulk_rule):
                continue
            items = one.items
            if bulk is not None:
                items = tuple([i for i in items if (i.requirement.applies is not Applies.ALL) == bulk])
            chosen.append(Checklist(one.receiver, items))
        return tuple(chosen)


class _Codes(NamedTuple):
    """The codes of the rules by what they came to; one code may be in several."""

    #: At warning or above.
    found: frozenset[str]
    unknown: frozenset[str]
    #: Passed or found.
    judged: frozenset[str]


class Context(NamedTuple):
    """What the requirements are held against."""

    authentication: AuthenticationSummary
    outcomes: Judged
    mail_class: MailClass = MailClass.UNKNOWN
    #: Messages a day; None: nobody said.
    daily_volume: int | None = None
    stage: Stage = Stage.RECEIVED


def checklists(context: Context, first: Iterable[str] = ()) -> Checklists:
    """Every provider's checklist; those of `first` (domains of the recipients) at the top."""
    wanted = {domain.lower() for domain in first}
    receivers = sorted(policies().receivers, key=lambda receiver: not wanted & set(receiver.domains))
    found = context.outcomes.found
    codes = _Codes(
        frozenset([code for code, several in found.items() if any(f.severity is not Severity.INFO for f in several)]),
        context.outcomes.unknown,
        context.outcomes.passed.union(found),
    )
    return Checklists(
        tuple(
            [Checklist(one, tuple([_held(row, one, context, codes) for row in one.requirements])) for one in receivers]
        )
    )


def _held(requirement: Requirement, receiver: Receiver, context: Context, codes: _Codes) -> Held:
    if requirement.applies is Applies.MARKETING and context.mail_class is not MailClass.MARKETING:
        # Transactional mail is exempt from unsubscribe headers (Google FAQ 14229414; Yahoo FAQ).
        state = State.NOT_APPLICABLE if context.mail_class is MailClass.TRANSACTIONAL else State.UNKNOWN
        return Held(requirement, state)
    if requirement.applies is Applies.BULK and _is_below(receiver, context):
        return Held(requirement, State.NOT_APPLICABLE)
    if requirement.check is Check.CODES:
        return _by_codes(requirement, codes)
    if requirement.check is Check.OUTSIDE:
        return _by_reports(requirement, receiver, context)
    if context.stage is Stage.SUBMITTED:  # what authenticates it comes later
        return Held(requirement, State.UNKNOWN)
    return _by_authentication(requirement, context.authentication)


def _is_below(receiver: Receiver, context: Context) -> bool:
    return receiver.volume is not None and context.daily_volume is not None and context.daily_volume < receiver.volume


def _by_codes(requirement: Requirement, codes: _Codes) -> Held:
    """Not met by a finding at warning or above; met when each code was judged or does not concern the message."""
    wanted = requirement.codes
    if not codes.found.isdisjoint(wanted):
        return Held(requirement, State.NOT_MET, tuple([code for code in wanted if code in codes.found]))
    if not codes.unknown.isdisjoint(wanted):
        return Held(requirement, State.UNKNOWN, tuple([code for code in wanted if code in codes.unknown]))
    return Held(requirement, State.UNKNOWN if codes.judged.isdisjoint(wanted) else State.MET)


def _by_reports(requirement: Requirement, receiver: Receiver, context: Context) -> Held:
    """Not met where the receiver's own reports, given by the user, say so; no message shows that it is met."""
    for code in requirement.codes:
        if any(found.args.get("receiver") == receiver.name.en for found in context.outcomes.found.get(code, ())):
            return Held(requirement, State.NOT_MET, (code,))
    return Held(requirement, State.UNKNOWN)


def _by_authentication(requirement: Requirement, seen: AuthenticationSummary) -> Held:
    spf = _passes(seen.spf)
    dkim = _passes(seen.dkim)
    match requirement.check:
        case Check.SPF:
            verdict = spf
        case Check.DKIM:
            verdict = dkim
        case Check.SPF_OR_DKIM:
            verdict = True if spf or dkim else _all_known(spf, dkim)
        case Check.SPF_AND_DKIM:
            verdict = False if False in (spf, dkim) else (True if spf and dkim else None)
        case Check.DMARC_RECORD:
            verdict = None if seen.dmarc == "temperror" else seen.dmarc not in (None, "none", "permerror")
        case Check.DMARC_ALIGNED:
            verdict = None if seen.dmarc == "temperror" else seen.dmarc == "pass"
            if seen.dmarc == "fail" and spf is None:  # SPF might have passed, and been aligned
                verdict = None
        case _:
            verdict = None
    state = State.UNKNOWN if verdict is None else State.MET if verdict else State.NOT_MET
    return Held(requirement, state)


def _passes(result: str | None) -> bool | None:
    return None if result in (None, "temperror") else result == "pass"


def _all_known(spf: bool | None, dkim: bool | None) -> bool | None:
    return None if spf is None or dkim is None else False
