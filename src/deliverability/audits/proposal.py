"""What DNS tells of how a domain sends: the beginning of a configuration.

Only DKIM selectors are certain, since their keys are there or not. Everything else is a guess with its reason: that an
address may send says nothing about whether it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from ipaddress import ip_network
from typing import NamedTuple

from deliverability.audits.domain import domain_facts_plan
from deliverability.core.facts import Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import Plan, ask_ptr, gather
from deliverability.core.questions import Failed, Found, IPAddress
from deliverability.core.rule import Facts
from deliverability.dkim.facts import DkimFacts
from deliverability.hosts.facts import MailHosts, MxState
from deliverability.providers.registry import DetectedProvider, DetectedProviders, ProviderKind
from deliverability.spf.facts import SpfFacts
from deliverability.spf.record import Directive
from deliverability.spf.tree_model import SpfTree, State

#: Addresses and names of one kind that are proposed.
MOST = 6


class Origin(StrEnum):
    """Where a guess comes from."""

    SPF = "spf"
    MX = "mx"
    PTR = "ptr"
    PROVIDER = "provider"


class KnownKey(NamedTuple):
    """A DKIM selector with a key that is there."""

    selector: str
    #: rsa, ed25519, or what `k=` says; and its size in bits.
    key_type: str
    bits: int | None


class Guess(NamedTuple):
    """Values that may be right, where they come from, and what was seen there. All of it is outside text."""

    values: tuple[str, ...]
    origin: Origin
    seen: tuple[str, ...] = ()


class Proposal(NamedTuple):
    """What is known and guessed of one domain."""

    domain: DomainName
    selectors: tuple[KnownKey, ...] = ()
    providers: tuple[DetectedProvider, ...] = ()
    ips: Guess | None = None
    #: Networks of the domain's own SPF record: too wide to be one server.
    networks: tuple[str, ...] = ()
    helo: Guess | None = None
    smtp_host: Guess | None = None
    #: The provider where people's mailboxes are.
    mailboxes: str = ""
    #: It says itself that it neither sends nor receives.
    parked: bool = False
    #: Whether every usual selector was answered; if not, that none was found means nothing.
    keys_told: bool = True
    #: Names and types that got no answer.
    unanswered: tuple[str, ...] = ()


def proposal_plan(name: DomainName, limits: Limits = DEFAULT_LIMITS) -> Plan[Proposal]:
    """What DNS tells about `name`; the questions are those of an audit, and the reverse names of a few addresses."""
    facts = yield from domain_facts_plan(name, Sending(all_selectors=True), limits)
    ips, networks = _addresses(facts)
    pointers = yield from gather(*(ask_ptr(address) for address in ips[0])) if ips else gather()
    names = [str(record) for answer in pointers if isinstance(answer, Found) for record in answer.records[:1]]
    found = facts.get(DetectedProviders)
    detected = found.detected if isinstance(found, DetectedProviders) else ()
    return Proposal(
        name,
        selectors=tuple(_keys(facts)),
        providers=tuple(one for one in detected if one.provider.sends),
        ips=Guess(tuple(map(str, ips[0])), ips[1], ips[2]) if ips else None,
        networks=networks[:MOST],
        helo=Guess((names[0],), Origin.PTR, (str(ips[0][0]),)) if names and ips else None,
        smtp_host=_submission(detected),
        mailboxes=next((one.provider.name for one in detected if _has_mailboxes(one)), ""),
        parked=_parked(facts),
        keys_told=_keys_told(facts),
        unanswered=tuple(dict.fromkeys(_unanswered(facts)))[:MOST],
    )


def _keys(facts: Facts) -> Iterator[KnownKey]:
    dkim = facts.get(DkimFacts)
    if not isinstance(dkim, DkimFacts):
        return
    for one in dkim.existing:
        keys = [key for key in one.keys if key.is_key_record and not key.revoked]
        if keys and not one.synthesised:
            yield KnownKey(one.selector, keys[0].key_type, keys[0].bits)


def _keys_told(facts: Facts) -> bool:
    dkim = facts.get(DkimFacts)
    return isinstance(dkim, DkimFacts) and not any(isinstance(one.answer, Failed) for one in dkim.selectors)


def _addresses(facts: Facts) -> tuple[tuple[tuple[IPAddress, ...], Origin, tuple[str, ...]] | None, tuple[str, ...]]:
    """Single addresses of the domain's own SPF record, else those of its own MX hosts; and the record's networks."""
    spf, mail = facts.get(SpfFacts), facts.get(MailHosts)
    single: dict[IPAddress, str] = {}
    networks: list[str] = []
    for address, text in _own_terms(spf.tree) if isinstance(spf, SpfFacts) else ():
        if address is None:
            networks.append(text)
        else:
            single.setdefault(address, text)
    if single:
        chosen = tuple(single)[:MOST]
        return (chosen, Origin.SPF, tuple(dict.fromkeys(single[address] for address in chosen))), tuple(networks)
    hosts = [host for host in mail.hosts if host.addresses is not None] if isinstance(mail, MailHosts) else []
    own = [host for host in hosts if isinstance(mail, MailHosts) and _below(host.name, mail.domain)]
    found = dict.fromkeys(a for host in own if host.addresses is not None for a in host.addresses.addresses)
    chosen = tuple(found)[:MOST]
    return ((chosen, Origin.MX, tuple(str(host.name) for host in own)) if chosen else None), tuple(networks)


def _own_terms(tree: SpfTree) -> Iterator[tuple[IPAddress | None, str]]:
    """The addresses of the record's own terms with the term; None where it is a network."""
    for node in tree.root.terms:
        if node.state is State.IGNORED:
            continue
        # The hosts of `mx` are often a provider's, who receives mail there and sends from elsewhere.
        own = node.mechanism == "a" or any(_below(host, tree.domain) for host in node.hosts)
        if node.mechanism in ("a", "mx") and own and "/" not in node.term.text:
            yield from ((address, node.term.text) for address in node.addresses)
        if isinstance(node.term, Directive) and node.mechanism in ("ip4", "ip6"):
            try:
                network = ip_network(node.term.text.partition(":")[2], strict=False)
            except ValueError:
                continue
            single = network.num_addresses == 1
            yield (network.network_address if single else None), node.term.text


def _below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _has_mailboxes(one: DetectedProvider) -> bool:
    return one.provider.kind in (ProviderKind.MAILBOX, ProviderKind.HOSTING) and "mx" in one.seen_in


def _submission(detected: Iterable[DetectedProvider]) -> Guess | None:
    """Where mail is handed in at the one provider that has the mailboxes."""
    for one in detected:
        hosts = [place.host for place in one.provider.submission if "{" not in place.host]
        if hosts and _has_mailboxes(one):
            return Guess((hosts[0],), Origin.PROVIDER, (one.provider.name,))
    return None


def _parked(facts: Facts) -> bool:
    spf, mail = facts.get(SpfFacts), facts.get(MailHosts)
    if not isinstance(spf, SpfFacts) or not isinstance(mail, MailHosts):
        return False
    terms = [node.term.text for node in spf.tree.root.terms]
    return terms == ["-all"] and mail.state in (MxState.NULL, MxState.NONE)


def _unanswered(facts: Facts) -> Iterator[str]:
    spf, mail, dkim = facts.get(SpfFacts), facts.get(MailHosts), facts.get(DkimFacts)
    if isinstance(spf, SpfFacts):
        yield from (f"{asked.question.name} {asked.question.type}" for asked in spf.tree.failures)
    if isinstance(mail, MailHosts) and isinstance(mail.mx, Failed):
        yield f"{mail.domain} MX"
    if isinstance(dkim, DkimFacts):
        yield from (f"{one.name} TXT" for one in dkim.failed)
