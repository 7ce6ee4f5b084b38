"""What the domain audit asks about DMARC.

Round one: the whole tree walk, whether the domain exists and receives mail. Round two: the report destinations of the
record that applies; or, when no record was found, the names where records are put by mistake.
"""

from __future__ import annotations

from typing import Any, cast

from deliverability.core.facts import AuditedDomain, DmarcPresence, Presence, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.plan import Plan, ask, ask_mx, ask_txt, done, foresee, gather
from deliverability.core.questions import Answer, DnsQuestion, Failed
from deliverability.dmarc.destinations import Asked, Destination, check_destinations, is_mail_exchange
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState, decide, existence, needs_existence
from deliverability.dmarc.effective import effective_policies
from deliverability.dmarc.facts import DmarcFacts, MisplacedRecord, foreign_texts
from deliverability.dmarc.record import looks_like_dmarc
from deliverability.dmarc.walk import (
    Steps,
    WalkStep,
    ask_policies,
    names_for,
    organizational_by_list,
    step_at,
    txt_texts,
)

#: A label that nobody publishes: what answers for it is a wildcard.
WILDCARD_PROBE = "_dmarc-wildcard-test"


def collect(domain: AuditedDomain, sending: Sending, limits: Limits = DEFAULT_LIMITS) -> Plan[dict[type, object]]:
    """The DMARC facts of a domain, by their types."""
    name = domain.name
    old_names, new_names = names_for(name, "7489"), names_for(name, "9989")
    yield from foresee(ask(name, "A"))
    first = yield from gather(ask_policies((*new_names, *old_names)), _mail_domain(name))
    steps, mail_domain = cast(Steps, first[0]), cast(DomainName | None, first[1])

    policy, existence_asked = yield from _policy(name, steps)
    old = decide(name, steps, "7489", exists=True)
    walked = tuple(step_at(target, steps) for target in new_names)
    absent = policy.state is PolicyState.ABSENT
    second: tuple[Any, ...] = yield from gather(
        check_destinations(policy, limits), _wrong_names(name, walked[0]) if absent else done(())
    )
    destinations = cast(tuple[Destination, ...], second[0])
    probes = cast(Asked, second[1])
    facts = DmarcFacts(
        name,
        policy,
        old,
        walked,
        effective_policies(name, steps, policy, old),
        destinations,
        _misplaced(name, probes),
        probes,
        _is_wildcard(name, walked[0], probes),
        existence_asked,
        mail_domain,
    )
    return {DmarcFacts: facts, DmarcPresence: presence_of(policy)}


def _policy(name: DomainName, steps: Steps) -> Plan[tuple[DmarcPolicy, tuple[DnsQuestion, Answer] | None]]:
    if not needs_existence(name, steps, "9989"):
        return decide(name, steps, "9989", exists=True), None
    answer = yield from ask(name, "A")
    asked = (DnsQuestion(name, "A"), answer) if isinstance(answer, Failed) else None
    return decide(name, steps, "9989", exists=existence(answer)), asked


def _mail_domain(name: DomainName) -> Plan[DomainName | None]:
    """The domain of the organization that has an MX, the registrable one first: where people have mailboxes."""
    hosts = tuple(dict.fromkeys((organizational_by_list(name), name)))
    answers = yield from gather(*(ask_mx(host) for host in hosts))
    with_mx = (host for host, answer in zip(hosts, answers, strict=True) if is_mail_exchange(answer))
    return next(with_mx, None)


def _wrong_names(name: DomainName, step: WalkStep) -> Plan[Asked]:
    """The names where DMARC records are put by mistake, asked only when none was found where it belongs."""
    texts = [name, f"dmarc.{name}", f"_dmarc.www.{name}", f"_dmarc.{name}.{name}"]
    if foreign_texts(step):
        texts.append(f"{WILDCARD_PROBE}.{name}")
    targets = [target for target in map(query_name, texts) if target]
    answers = yield from gather(*(ask_txt(target) for target in targets))
    return tuple((DnsQuestion(target, "TXT"), answer) for target, answer in zip(targets, answers, strict=True))


def _misplaced(name: DomainName, probes: Asked) -> tuple[MisplacedRecord, ...]:
    return tuple(
        MisplacedRecord(question, answer, text)
        for question, answer in probes
        if question.name != f"{WILDCARD_PROBE}.{name}"
        for text in txt_texts(answer)
        if looks_like_dmarc(text)
    )


def _is_wildcard(name: DomainName, step: WalkStep, probes: Asked) -> bool:
    made_up = next((answer for question, answer in probes if question.name == f"{WILDCARD_PROBE}.{name}"), None)
    return made_up is not None and bool(set(txt_texts(made_up)) & set(step.foreign))


def presence_of(policy: DmarcPolicy) -> DmarcPresence:
    """The policy as other topics may know it."""
    match policy.state:
        case PolicyState.FOUND:
            return DmarcPresence(Presence.FOUND, policy.policy or "")
        case PolicyState.TEMPERROR:
            return DmarcPresence(Presence.UNKNOWN)
        case PolicyState.ABSENT | PolicyState.PERMERROR:
            return DmarcPresence(Presence.ABSENT)
