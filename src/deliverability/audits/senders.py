"""What a proposed change of DNS does to each source of mail: SPF, DKIM key and DMARC before and after.

Theory of operation. A report says what is wrong with a domain; who publishes a change wants to know whose mail it breaks.
So both worlds are looked at for everybody who sends for the domain, in either of them:

- the addresses that the profile names;
- every term of the SPF record that lets somebody send, includes of the domain's own looked into; of an include the first
  network stands for all its servers, or the first that only one of the worlds lets send;
- providers that are known to send and stand in no include: the profile names them, they hold the MX, or a key is theirs;
- every DKIM key that is there in one of the worlds;
- the hosts of the MX, for the replies.

Each is judged by `check_host` and by DMARC on the answers of each world. A source is taken to sign with the usable keys
of its provider, an own server with those keys that no provider has: DNS does not say who signs, and the sentence says
when DMARC hangs on it. A provider that bounces to a domain of its own gets its DMARC from DKIM alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, cast

from deliverability.audits.domain import domain_facts_plan
from deliverability.core.facts import Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, is_subdomain, registrable_domain
from deliverability.core.plan import Plan, gather
from deliverability.core.questions import Answer, Failed, Found, IPAddress, MxRecord
from deliverability.dkim.facts import DkimFacts, Origin, Selector
from deliverability.dmarc.alignment import DmarcResult, evaluate_plan
from deliverability.dmarc.effective import acted
from deliverability.dmarc.facts import DmarcFacts
from deliverability.providers.registry import (
    DetectedProviders,
    Provider,
    ProviderKind,
    Seen,
    provider_of_spf_include,
)
from deliverability.spf.evaluate import check_host_plan
from deliverability.spf.facts import SpfFacts
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.networks import Coverage, networks
from deliverability.spf.record import Directive, Qualifier
from deliverability.spf.result import SpfResult
from deliverability.spf.tree_model import RecordNode, SpfTree, State, TermNode

#: Sources of one kind that are looked at.
MOST_SENDERS = 50
_MOST_PROVIDERS = 5
#: What shows that a provider sends for the domain, where no include does.
_SHOWS = {Seen.PROFILE.value, Seen.DKIM_CNAME.value, Seen.SELECTOR.value, Seen.MX.value}
_SENDING_KINDS = frozenset(ProviderKind) - {ProviderKind.GATEWAY, ProviderKind.FORWARDING, ProviderKind.HOSTING}


class SenderKind(StrEnum):
    """How a source of mail is known."""

    ADDRESS = "address"  # the profile names its address
    INCLUDE = "include"  # the SPF record includes somebody's
    TERM = "term"  # ip4, ip6, a, mx of the domain's own record
    PROVIDER = "provider"  # known to send, and in no include
    KEY = "key"  # a DKIM selector
    RECEIVING = "receiving"  # the MX


class KeyState(StrEnum):
    """What a verifier finds at a selector."""

    USABLE = "usable"
    UNUSABLE = "unusable"
    REVOKED = "revoked"
    MISSING = "missing"
    UNTOLD = "untold"


class Sender(NamedTuple):
    """One source of mail."""

    kind: SenderKind
    #: The address, the term, the selector, or the provider's id.
    label: str
    provider: Provider | None = None
    #: An address that stands for it; None where none is known.
    ip: IPAddress | None = None
    #: The domain of its bounce address; None: a domain of the provider's own, which is never aligned.
    mail_from: DomainName | None = None


class Outcome(NamedTuple):
    """What one source gets in one world. "" is: not looked at, or nothing to say."""

    #: An RFC 7208 result.
    spf: str = ""
    #: The term that decided.
    term: str = ""
    spf_result: SpfResult | None = None
    key: KeyState | None = None
    #: An RFC 8601 result of DMARC, and what the domain asks to be done with a failing mail.
    dmarc: str = ""
    disposition: str = ""
    by_spf: bool = False
    by_dkim: bool = False
    #: The usable keys that it is taken to sign with.
    selectors: tuple[str, ...] = ()
    #: For the MX: its hosts; None: it could not be asked.
    hosts: tuple[str, ...] | None = ()

    @property
    def refused(self) -> bool:
        """Whether DMARC asks receivers to keep the mail from the inbox."""
        return self.dmarc == "fail" and self.disposition in ("quarantine", "reject")


@dataclass(frozen=True, slots=True)
class World:
    """What is known of a domain in one state of DNS."""

    name: DomainName
    sending: Sending
    spf: SpfFacts
    dkim: DkimFacts
    dmarc: DmarcFacts
    providers: DetectedProviders

    @property
    def tree(self) -> SpfTree:
        """The SPF tree."""
        return self.spf.tree

    @property
    def policy(self) -> str:
        """The DMARC policy in force, "" without one, `temperror`."""
        return acted(self.dmarc.policy)


def world_plan(name: DomainName, sending: Sending, limits: Limits = DEFAULT_LIMITS) -> Plan[World]:
    """A domain as one world has it; asks what its audit asks and nothing else."""
    facts = yield from domain_facts_plan(name, sending, limits)
    return World(
        name,
        sending,
        cast(SpfFacts, facts[SpfFacts]),
        cast(DkimFacts, facts[DkimFacts]),
        cast(DmarcFacts, facts[DmarcFacts]),
        cast(DetectedProviders, facts[DetectedProviders]),
    )


def provider_networks_plan(before: World, after: World, limits: Limits = DEFAULT_LIMITS) -> Plan[tuple[Sender, ...]]:
    """The providers that are known to send and stand in no include, each with an address of its own."""
    included = {
        owner.id
        for world in (before, after)
        for name in world.tree.domains()
        if (owner := provider_of_spf_include(name))
    }
    found: dict[str, Provider] = {}
    for world in (before, after):
        for seen in world.providers.detected:
            owner = seen.provider
            if owner.id not in included and owner.sends and owner.kind in _SENDING_KINDS and _SHOWS & set(seen.seen_in):
                found.setdefault(owner.id, owner)
    chosen = list(found.values())[:_MOST_PROVIDERS]
    return (yield from gather(*(_provider_sender(before.name, owner, limits) for owner in chosen)))


def _provider_sender(name: DomainName, owner: Provider, limits: Limits) -> Plan[Sender]:
    """A provider with an address out of the include it has its customers use."""
    include = next(iter(owner.spf_includes), None)
    if include is None or not include.needed or "{" in include.domain:
        return Sender(SenderKind.PROVIDER, owner.id, owner)
    tree = yield from tree_plan(DomainName(include.domain), limits=limits)
    first = next(iter(networks(tree).authorised), None)
    return Sender(SenderKind.PROVIDER, owner.id, owner, first.network.network_address if first else None, name)


def senders(before: World, after: World) -> tuple[Sender, ...]:
    """Everybody who sends in one of the worlds, but for providers in no include; those of the older world first."""
    found: dict[tuple[str, str], Sender] = {}
    terms = (*_terms(before, after), *_terms(after, before))
    for sender in (*_addresses(after), *terms, *_keys(before), *_keys(after)):
        place = (sender.kind, sender.label)
        # Where the older world gave no answer, the newer one may know an address.
        if place not in found or (found[place].ip is None and sender.ip is not None):
            found[place] = sender
    known = {sender.ip for sender in found.values() if sender.kind is SenderKind.ADDRESS}
    kept = [s for s in found.values() if not (s.kind is SenderKind.TERM and s.ip in known)]
    return (*kept[: 2 * MOST_SENDERS], Sender(SenderKind.RECEIVING, "MX"))


def with_others(found: tuple[Sender, ...], others: Iterable[Sender]) -> tuple[Sender, ...]:
    """All of them, keys and the MX last."""
    last = (SenderKind.KEY, SenderKind.RECEIVING)
    return (*(s for s in found if s.kind not in last), *others, *(s for s in found if s.kind in last))


def _addresses(world: World) -> Iterator[Sender]:
    mail_from = world.sending.envelope_domain or world.name
    for ip in world.sending.ips[:MOST_SENDERS]:
        yield Sender(SenderKind.ADDRESS, str(ip), None, ip, mail_from)


def _terms(world: World, other: World) -> Iterator[Sender]:
    """The terms of the domain's own records that let somebody send.

    For a term stands an address that the other world does not let send, where there is one: of a network that is cut to
    a half, the half that stays says nothing.
    """
    held = Coverage(item.network for item in networks(other.tree).authorised)
    first: dict[int, IPAddress] = {}
    outside: dict[int, IPAddress] = {}
    for item in networks(world.tree).authorised:
        term_id = id(item.term)
        first.setdefault(term_id, item.network.network_address)
        if term_id not in outside and (address := held.first_outside(item.network)) is not None:
            outside[term_id] = address
    others = {spelled(term) for term in own_terms(other)}
    for term in own_terms(world):
        below = list(map(id, _below(term)))
        ip = next((chosen[key] for chosen in (outside, first) for key in below if key in chosen), None)
        if term.mechanism in ("include", "redirect"):
            yield _include(world.name, term, ip)
        elif ip is not None or spelled(term) not in others:
            yield Sender(SenderKind.TERM, spelled(term), None, ip, world.name)


def _include(name: DomainName, term: TermNode, ip: IPAddress | None) -> Sender:
    owner = provider_of_spf_include(term.target or "")
    needed = owner is None or all(i.needed for i in owner.spf_includes if is_subdomain(term.target or "", i.domain))
    return Sender(SenderKind.INCLUDE, spelled(term), owner, ip, name if needed else None)


def spelled(term: TermNode) -> str:
    """A term as it is told apart: in lower case and without the `+` that may be left out."""
    return term.term.text.lower().removeprefix("+")


def own_terms(world: World) -> Iterator[TermNode]:
    """The terms that let somebody send, of the domain's record and of those of its own that it includes."""
    return _own_terms(world.tree.root, registrable_domain(world.name) or world.name)


def _own_terms(record: RecordNode, organization: DomainName) -> Iterator[TermNode]:
    for term in record.terms:
        if term.state is State.IGNORED or term.mechanism == "all":
            continue
        if isinstance(term.term, Directive) and term.term.qualifier is not Qualifier.PASS:
            continue
        if term.child is not None and is_subdomain(term.child.domain, organization):
            yield from _own_terms(term.child, organization)
        else:
            yield term


class Open(StrEnum):
    """Why no address can stand for a term that may let somebody send all the same."""

    UNANSWERED = "unanswered"  # a part could not be asked
    BY_MESSAGE = "by-message"  # `exists`, `ptr` or macros: it decides for each message (RFC 7208 §5.5, §5.7, §7)


def left_open(term: TermNode) -> Open | None:
    """Whether somebody may pass by a term of whom nothing is known beforehand."""
    nodes = list(_below(term))
    if any(node.state in (State.TEMPERROR, State.NOT_READ) for node in nodes):
        return Open.UNANSWERED
    by_message = (node.state is State.DYNAMIC or node.mechanism in ("exists", "ptr") for node in nodes)
    return Open.BY_MESSAGE if any(by_message) else None


def _below(term: TermNode) -> Iterator[TermNode]:
    yield term
    for inner in term.child.terms if term.child is not None else ():
        yield from _below(inner)


def _keys(world: World) -> Iterator[Sender]:
    for selector in world.dkim.selectors[:MOST_SENDERS]:
        there = selector.exists and any(key.is_key_record for key in selector.keys)
        if there or selector.dangling or selector.origin is Origin.GIVEN:
            yield Sender(SenderKind.KEY, selector.selector, selector.provider)


def outcomes_plan(world: World, who: Iterable[Sender], limits: Limits = DEFAULT_LIMITS) -> Plan[tuple[Outcome, ...]]:
    """What each of them gets in this world."""
    return (yield from gather(*(_outcome(world, sender, limits) for sender in who)))


def _outcome(world: World, sender: Sender, limits: Limits) -> Plan[Outcome]:
    if sender.kind is SenderKind.KEY:
        return Outcome(key=key_state(selector_of(world, sender.label)))
    if sender.kind is SenderKind.RECEIVING:
        return Outcome(hosts=_hosts(world.spf.mx.answer))
    selectors = tuple(_usable_of(world, sender))
    spf: SpfResult | None = None
    if sender.ip is not None:
        checked = sender.mail_from or world.name
        helo = world.sending.helo or ""
        spf = yield from check_host_plan(sender.ip, checked, f"postmaster@{checked}", helo=helo, limits=limits)
    word = spf.result if spf else ""
    aligned = (word, sender.mail_from) if spf and sender.mail_from else None
    dmarc = yield from evaluate_plan(world.name, spf=aligned, dkim=[("pass", world.name)] if selectors else ())
    term = spf.directive.text if spf and spf.directive else ""
    return _with_dmarc(Outcome(word, term, spf, selectors=selectors), dmarc, sender)


def _with_dmarc(outcome: Outcome, dmarc: DmarcResult, sender: Sender) -> Outcome:
    """A failure that only a key nobody knows of could turn into a pass is not told."""
    unknowable = sender.kind is not SenderKind.ADDRESS and (sender.mail_from is None or sender.ip is None)
    if dmarc.result == "fail" and unknowable:
        return outcome
    return outcome._replace(
        dmarc=dmarc.result,
        disposition=dmarc.disposition or "",
        by_spf=dmarc.aligned_spf,
        by_dkim=dmarc.aligned_dkim,
    )


def _usable_of(world: World, sender: Sender) -> Iterator[str]:
    """The usable keys of a provider; for a server of the user's those that belong to none and that the profile names."""
    owner = sender.provider
    for selector in world.dkim.selectors:
        theirs = selector.provider.id if selector.provider is not None else ""
        if owner is not None:
            signs = theirs == owner.id
        else:
            signs = sender.kind is SenderKind.ADDRESS and not theirs and selector.origin is Origin.GIVEN
        if signs and selector.usable:
            yield selector.selector


def selector_of(world: World, label: str) -> Selector | None:
    """The selector of that name, where it was asked for."""
    return next((s for s in world.dkim.selectors if s.selector == label), None)


def key_state(selector: Selector | None) -> KeyState:
    """What a receiver makes of a selector; one that was not asked for, or gave no answer, is not told."""
    if selector is None:
        return KeyState.UNTOLD
    if isinstance(selector.answer, Failed):
        return KeyState.UNTOLD
    if selector.usable:
        return KeyState.USABLE
    if not selector.exists:
        return KeyState.MISSING
    return KeyState.REVOKED if any(key.revoked for key in selector.keys) else KeyState.UNUSABLE


def _hosts(answer: Answer) -> tuple[str, ...] | None:
    """The hosts that take mail, the preferred first; () for none and for a null MX (RFC 7505)."""
    if isinstance(answer, Failed):
        return None
    records = sorted(cast(MxRecord, r) for r in answer.records) if isinstance(answer, Found) else []
    return tuple(record.exchange for record in records if record.exchange)
