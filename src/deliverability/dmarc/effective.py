"""What the policy comes to for the domain, for a subdomain of it and for a name below it that does not exist.

The last two rows need no question: a subdomain without a record of its own, made up for the purpose, is put into the
walk, and its `_dmarc` name is taken as absent. The names above it are the ones the domain's own walk asked.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from deliverability.core.names import DomainName, child
from deliverability.core.questions import NoName
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState, decide
from deliverability.dmarc.walk import Steps, read_step


class Subject(StrEnum):
    """Whose mail a row is about."""

    DOMAIN = "domain"
    SUBDOMAIN = "subdomain"  # one that exists and has no record of its own
    NONEXISTENT = "nonexistent"  # a name below the domain that DNS does not know


class EffectivePolicy(NamedTuple):
    """One row: the policy under RFC 9989 and under RFC 7489."""

    subject: Subject
    rfc9989: DmarcPolicy
    rfc7489: DmarcPolicy

    @property
    def differs(self) -> bool:
        """Whether receivers of the two kinds act differently on the same failing mail."""
        return acted(self.rfc9989) != acted(self.rfc7489)


def acted(policy: DmarcPolicy) -> str:
    """What a receiver does with failing mail: a policy, with its `pct` share, or "" where DMARC does not apply."""
    if policy.state is PolicyState.TEMPERROR:
        return "temperror"
    if policy.state is not PolicyState.FOUND or policy.policy is None or policy.reading is None:
        return ""
    share = policy.reading.pct if policy.spec == "7489" and policy.policy != "none" else 100
    return policy.policy if share == 100 else f"{policy.policy} pct={share}"


def effective_policies(
    name: DomainName, steps: Steps, own_9989: DmarcPolicy, own_7489: DmarcPolicy
) -> tuple[EffectivePolicy, ...]:
    """The three rows for `name`, from the steps of its walk; nothing more is asked."""
    rows = [EffectivePolicy(Subject.DOMAIN, own_9989, own_7489)]
    below = child("_", name)
    if len(below) > 253:
        return tuple(rows)
    with_child = {**steps, below: read_step(below, NoName())}
    for subject, exists in ((Subject.SUBDOMAIN, True), (Subject.NONEXISTENT, False)):
        new = decide(below, with_child, "9989", exists=exists)
        old = decide(below, with_child, "7489", exists=exists)
        rows.append(EffectivePolicy(subject, new, old))
    return tuple(rows)
