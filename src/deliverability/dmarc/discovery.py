"""Which DMARC policy applies to a domain, and what its organizational domain is.

Theory of operation. RFC 9989 finds both by the same DNS Tree Walk (§4.10): ask `_dmarc.<name>`, take the left-most
label off, ask again, up to the top-level domain, never more than eight times. All the names are known from the start,
so the plan asks them in one round and the walk is then made over the answers, in order, by functions that ask nothing:

- `walk` goes up until a record says `psd=y` or `psd=n`, or the names end. A name whose answer failed makes every
  conclusion that needs it unknown; a failure beyond the place where the walk stops is not looked at.
- `organizational_domain` picks from the records of the walk (§4.10.2).
- `decide` picks the record that applies (§4.10.1: the author domain's, else the organizational domain's, else the
  public suffix's), and which of its policies: `p` for the domain itself, `sp` below it, `np` below it when the
  author domain does not exist. Whether it exists is asked only where `sp` and `np` differ.

What could not be asked never counts as absent: a failed `_dmarc.facturas.empresa.example` gives temperror, whatever
`_dmarc.empresa.example` says, since the answer that did not come may have been a stricter policy, or a weaker one.

RFC 7489 (§6.6.3) asks two names only and takes the organizational domain from the Public Suffix List. Receivers of
both kinds exist, so both are offered: `spec="9989"` and `spec="7489"`. They differ in more than the walk: several
records at the author domain end the search in RFC 7489, and are passed over in RFC 9989.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deliverability.core.errors import InvalidDomainName
from deliverability.core.names import DomainName, shown
from deliverability.core.plan import Plan, Source, ask, foresee
from deliverability.core.questions import Answer, Failed, NoName
from deliverability.core.run import run
from deliverability.dmarc.record import AppliesAs, DmarcRecord, Policy, Reading, Spec
from deliverability.dmarc.walk import (
    Steps,
    WalkStep,
    as_domain,
    ask_policies,
    names_for,
    organizational_by_list,
    step_at,
)


class PolicyState(StrEnum):
    """What policy discovery came to."""

    FOUND = "found"
    ABSENT = "absent"  # no record applies: DMARC does not apply to the domain's mail
    TEMPERROR = "temperror"  # a name that had to be asked gave no answer
    PERMERROR = "permerror"  # a record was found that cannot be processed (RFC 9989 §4.10.1)


@dataclass(frozen=True, slots=True)
class DmarcPolicy:
    """The DMARC policy of a domain, and how it was found."""

    name: DomainName
    spec: Spec
    state: PolicyState
    #: The domain whose mail counts as the same organization's; None when a failed question leaves it unknown.
    organizational_domain: DomainName | None
    #: What receivers are asked to do with failing mail: after `sp`, `np`, and test mode. None unless found.
    policy: Policy | None = None
    #: The domain whose `_dmarc` name holds the record.
    found_at: DomainName | None = None
    #: Which of the record's policies applies.
    applies_as: AppliesAs | None = None
    record: DmarcRecord | None = None
    reading: Reading | None = None
    #: Each name that was looked at, in order, with its answer.
    walk: tuple[WalkStep, ...] = ()
    #: The step, or the existence question, that could not be answered.
    failure: WalkStep | None = None

    @property
    def strict_spf(self) -> bool:
        """`aspf=s`: the MAIL FROM domain has to be identical to the author domain."""
        return self.record is not None and self.record.aspf == "s"

    @property
    def strict_dkim(self) -> bool:
        """`adkim=s`: the signing domain has to be identical to the author domain."""
        return self.record is not None and self.record.adkim == "s"


def discover(name: str, *, spec: Spec = "9989", source: Source | None = None) -> DmarcPolicy:
    """The DMARC policy that applies to mail from `name` (RFC 9989 §4.10.1, or RFC 7489 §6.6.3).

    Raises `InvalidDomainName` for a text that is no domain name; what DNS does never raises.
    """
    return run(discover_plan(name, spec=spec), source)


def discover_plan(name: str, *, spec: Spec = "9989") -> Plan[DmarcPolicy]:
    """`discover` as a plan."""
    domain = as_domain(name)
    if domain is None:
        raise InvalidDomainName(f"{shown(name)} is not a domain name")
    if domain.count(".") > 1:  # a subdomain may inherit, and then its existence may matter
        yield from foresee(ask(domain, "A"))
    steps = yield from ask_policies(names_for(domain, spec))
    policy = yield from settle(domain, steps, spec)
    return policy


def settle(name: DomainName, steps: Steps, spec: Spec) -> Plan[DmarcPolicy]:
    """The policy on answers already had; asks whether `name` exists where that decides (RFC 9989 §4.10.1)."""
    if not needs_existence(name, steps, spec):
        return decide(name, steps, spec, exists=True)
    exists = existence((yield from ask(name, "A")))
    return decide(name, steps, spec, exists=exists)


def existence(answer: Answer) -> bool | None:
    """Whether the asked name exists: any answer but NXDOMAIN says so (RFC 9989 §3.2.13, RFC 8020). None: not known.

    An alias whose target does not exist is itself a name that exists.
    """
    if isinstance(answer, Failed):
        return None
    return not isinstance(answer, NoName) or bool(answer.aliases)


def needs_existence(name: DomainName, steps: Steps, spec: Spec) -> bool:
    """Whether the policy depends on the existence of `name`."""
    if spec != "9989" or _child_exists(name, steps):
        return False
    below = decide(name, steps, spec, exists=True)
    if below.state is not PolicyState.FOUND or below.reading is None or below.applies_as == "p":
        return False
    return below.reading.applied("sp") != below.reading.applied("np")


def _child_exists(name: DomainName, steps: Steps) -> bool:
    """`_dmarc.<name>` exists, and so does every name above it (RFC 8020 §2)."""
    step = steps.get(name)
    return step is not None and existence(step.answer) is True


def walk(name: DomainName, steps: Steps) -> tuple[WalkStep, ...]:
    """The steps of the tree walk up to where it stops: at `psd=y` or `psd=n`, or at the last name (RFC 9989 §4.10)."""
    passed: list[WalkStep] = []
    for target in names_for(name, "9989"):
        step = step_at(target, steps)
        passed.append(step)
        if step.record is not None and step.record.psd != "u":
            break
    return tuple(passed)


def organizational_domain(steps: tuple[WalkStep, ...]) -> DomainName | None:
    """The organizational domain that a walk leads to (RFC 9989 §4.10.2); None when a step of it failed."""
    if any(step.failed for step in steps):
        return None
    start, last = steps[0].name, steps[-1]
    if last.record is not None and last.record.psd == "n":
        return last.name
    if last.record is not None and last.record.psd == "y" and len(steps) > 1:
        # One label below the public suffix domain, which need not be a name the walk asked.
        labels = start.split(".")
        return DomainName(".".join(labels[-(last.name.count(".") + 2) :]))
    with_record = [step.name for step in steps if step.record is not None]
    return with_record[-1] if with_record else start


def decide(name: DomainName, steps: Steps, spec: Spec, *, exists: bool | None) -> DmarcPolicy:
    """The policy for `name` on known answers. `exists` matters only for an inherited policy; None is unknown."""
    return _decide_9989(name, steps, exists=exists) if spec == "9989" else _decide_7489(name, steps)


def _decide_9989(name: DomainName, steps: Steps, *, exists: bool | None) -> DmarcPolicy:
    passed = walk(name, steps)
    organization = organizational_domain(passed)
    if passed[0].failed:  # RFC 9989 §4.10.1 leaves errors to the receiver; §5.3.6: neither pass nor fail
        return _temperror(name, "9989", passed, None)
    if passed[0].record is not None:  # RFC 9989 §4.10.1: the author domain's own record comes first
        return _apply(name, "9989", passed, organization, passed[0], "p")
    if organization is None:
        return _temperror(name, "9989", passed, None)
    holder = next((step for step in passed if step.name == organization and step.record), None)
    if holder is None and passed[-1].record is not None and passed[-1].record.psd == "y":
        holder = passed[-1]  # RFC 9989 §4.10.1: the public suffix domain's record comes last
    if holder is None:
        return DmarcPolicy(name, "9989", PolicyState.ABSENT, organization, walk=passed)
    # RFC 9989 §4.10.1: of an inherited record "sp" is for names that exist, "np" for the others.
    return _apply(
        name, "9989", passed, organization, holder, "sp" if exists else "np", existence_known=exists is not None
    )


def _decide_7489(name: DomainName, steps: Steps) -> DmarcPolicy:
    organization = organizational_by_list(name)
    passed: list[WalkStep] = []
    for target in names_for(name, "7489"):
        step = step_at(target, steps)
        passed.append(step)
        if step.failed:
            return _temperror(name, "7489", tuple(passed), organization)
        if step.record is not None:
            applies: AppliesAs = "p" if target == name else "sp"
            return _apply(name, "7489", tuple(passed), organization, step, applies)
        if step.records:  # RFC 7489 §6.6.3 step 5: several records end the search
            break
    return DmarcPolicy(name, "7489", PolicyState.ABSENT, organization, walk=tuple(passed))


def _temperror(
    name: DomainName, spec: Spec, steps: tuple[WalkStep, ...], organization: DomainName | None
) -> DmarcPolicy:
    failure = next((step for step in steps if step.failed), None)
    return DmarcPolicy(name, spec, PolicyState.TEMPERROR, organization, walk=steps, failure=failure)


def _apply(
    name: DomainName,
    spec: Spec,
    steps: tuple[WalkStep, ...],
    organization: DomainName | None,
    holder: WalkStep,
    applies_as: AppliesAs,
    *,
    existence_known: bool = True,
) -> DmarcPolicy:
    record = holder.record
    assert record is not None  # noqa: S101 - the callers chose the step for its record
    reading = record.reading(spec)
    if not reading.usable:
        return DmarcPolicy(
            name, spec, PolicyState.PERMERROR, organization, None, holder.name, applies_as, record, reading, steps
        )
    if not existence_known and reading.applied("sp") != reading.applied("np"):
        return DmarcPolicy(
            name, spec, PolicyState.TEMPERROR, organization, None, holder.name, None, record, reading, steps
        )
    policy = reading.applied(applies_as)
    return DmarcPolicy(
        name, spec, PolicyState.FOUND, organization, policy, holder.name, applies_as, record, reading, steps
    )
