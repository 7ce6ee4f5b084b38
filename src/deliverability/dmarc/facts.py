"""What the domain audit learned about DMARC: the facts that the rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from deliverability.core.names import DomainName, is_subdomain
from deliverability.core.questions import Answer, DnsQuestion, Failed
from deliverability.dmarc.destinations import Destination
from deliverability.dmarc.discovery import DmarcPolicy
from deliverability.dmarc.effective import EffectivePolicy
from deliverability.dmarc.record import DmarcRecord, looks_like_dmarc
from deliverability.dmarc.walk import WalkStep, organizational_by_list


class MisplacedRecord(NamedTuple):
    """A DMARC record at a name where nobody looks."""

    question: DnsQuestion
    answer: Answer
    text: str


@dataclass(frozen=True, slots=True)
class DmarcFacts:
    """DMARC of the audited domain."""

    name: DomainName
    #: What RFC 9989 receivers do, and what RFC 7489 receivers do.
    policy: DmarcPolicy
    policy_7489: DmarcPolicy
    #: Every name of the tree walk with what its `_dmarc` name holds, from the domain to the top; nothing left out.
    steps: tuple[WalkStep, ...]
    #: The policy for the domain, a subdomain and a name that does not exist.
    effective: tuple[EffectivePolicy, ...]
    destinations: tuple[Destination, ...] = ()
    #: Asked only when no record was found.
    misplaced: tuple[MisplacedRecord, ...] = ()
    probes: tuple[tuple[DnsQuestion, Answer], ...] = ()
    #: A made-up name beside `_dmarc` gives the same TXT: it is a wildcard's.
    wildcard: bool = False
    #: The question for the existence of the domain, where the policy hangs on it and it failed.
    existence: tuple[DnsQuestion, Answer] | None = None
    #: A domain of the organization that has an MX, where reports could go; None when there is none, or nobody knows.
    mail_domain: DomainName | None = None

    @property
    def record(self) -> DmarcRecord | None:
        """The record in force, usable or not."""
        return self.policy.record

    @property
    def registrable(self) -> DomainName:
        """The domain one label below the public suffix; names at or below it are the owner's to change."""
        return organizational_by_list(self.name)

    @property
    def own_steps(self) -> tuple[WalkStep, ...]:
        """The steps at names that the owner can change."""
        return tuple(step for step in self.steps if is_subdomain(step.name, self.registrable))

    @property
    def holder(self) -> WalkStep | None:
        """The step whose record is in force."""
        return next((step for step in self.steps if step.name == self.policy.found_at), None)

    @property
    def failures(self) -> tuple[tuple[DnsQuestion, Answer], ...]:
        """The questions whose failure leaves the policy unknown."""
        failed = [(step.question, step.answer) for step in self.policy.walk if isinstance(step.answer, Failed)]
        return (*failed, *((self.existence,) if self.existence else ()))


def ignored_records(step: WalkStep) -> tuple[str, ...]:
    """The texts at a name that were meant to be DMARC records and are ignored by everybody."""
    return tuple(text for text in step.foreign if looks_like_dmarc(text))


def foreign_texts(step: WalkStep) -> tuple[str, ...]:
    """The texts at a name that have nothing to do with DMARC."""
    return tuple(text for text in step.foreign if not looks_like_dmarc(text))
