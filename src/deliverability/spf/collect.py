"""What the domain audit asks about SPF.

Round one: TXT, the obsolete type 99 and MX of the domain, TXT of the envelope domain and of the HELO name, PTR of the
user's addresses; the tree goes on from there level by level, and each address is checked beside it on the same
questions. Only a domain that turns out to have no record costs one round more: TXT at the few names where SPF records
end up by mistake, and at the organizational domain above.
"""

from __future__ import annotations

from itertools import islice
from typing import cast

from deliverability.core.facts import AuditedDomain, Sending, SpfPresence
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, child, query_name
from deliverability.core.plan import Plan, ask, ask_ptr, done, gather
from deliverability.core.questions import Answer, DnsQuestion, Found, IPAddress, RecordType, TxtStrings, join_strings
from deliverability.spf.evaluate import check_host_plan
from deliverability.spf.facts import IpCheck, Misplaced, PlaceOfRecord, SpfFacts
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.networks import networks
from deliverability.spf.record import near_miss
from deliverability.spf.tree_model import Asked, SpfTree, State
from deliverability.spf.tree_questions import spf_texts

#: Where SPF records stand by mistake; `_dmarc` is asked by the DMARC audit anyway.
WRONG_PLACES = ("_spf", "www", "_dmarc")
#: Addresses of the user's that are checked, and HELO names that are asked for.
MAX_CHECKED = 20
MAX_HELO = 3
#: Texts meant as SPF that are told of; more of them say the same.
MAX_NEAR_MISSES = 10


def collect(domain: AuditedDomain, sending: Sending, limits: Limits = DEFAULT_LIMITS) -> Plan[dict[type, object]]:
    """The SPF facts of a domain, by their types."""
    name = domain.name
    tree, type99, mx, checks, helo, envelope = cast(
        tuple[SpfTree, Asked, Asked, tuple[IpCheck, ...], tuple[PlaceOfRecord, ...], PlaceOfRecord | None],
        (
            yield from gather(
                tree_plan(name, limits=limits),
                _asked(name, "SPF"),
                _asked(name, "MX"),
                _checks(name, sending, limits),
                _helo(name, sending),
                _envelope(name, sending),
            )
        ),
    )
    misplaced, parent = yield from _beside(domain, tree)
    answer = tree.root.asked.answer if tree.root.asked else None
    strings = cast(tuple[TxtStrings, ...], answer.records) if isinstance(answer, Found) else ()
    texts = sorted(join_strings(s).decode("latin-1") for s in strings)
    facts = SpfFacts(
        domain=name,
        tree=tree,
        networks=networks(tree),
        strings=strings,
        near_misses=tuple(islice((text for text in texts if near_miss(text) is not None), MAX_NEAR_MISSES)),
        sender_id=tuple(text for text in texts if text.lower().startswith("spf2.0/")),
        type99=type99,
        mx=mx,
        misplaced=misplaced,
        checks=checks,
        helo=helo,
        envelope=envelope,
        parent=parent,
    )
    return {SpfFacts: facts, SpfPresence: facts.presence()}


def _asked(name: DomainName, record_type: RecordType) -> Plan[Asked]:
    answer: Answer = yield from ask(name, record_type)
    return Asked(DnsQuestion(name, record_type), answer)


def _place(name: DomainName) -> Plan[PlaceOfRecord]:
    asked = yield from _asked(name, "TXT")
    return PlaceOfRecord(name, asked, spf_texts(asked.answer))


def _beside(domain: AuditedDomain, tree: SpfTree) -> Plan[tuple[tuple[Misplaced, ...], PlaceOfRecord | None]]:
    """The wrong places, and the domain above: only where the domain itself certainly has no record."""
    if tree.root.state not in (State.VOID, State.NONE):
        return (), None
    names = [child(label, domain.name) for label in WRONG_PLACES]
    *places, parent = yield from gather(
        *(_place(name) for name in names),
        _place(domain.registrable) if domain.registrable != domain.name else done(None),
    )
    held = cast(list[PlaceOfRecord], places)
    return tuple(Misplaced(place.name, place.asked, place.texts) for place in held), parent


def _envelope(name: DomainName, sending: Sending) -> Plan[PlaceOfRecord | None]:
    envelope = sending.envelope_domain
    if envelope is None or envelope == name:
        return None
    return (yield from _place(envelope))


def _checks(name: DomainName, sending: Sending, limits: Limits) -> Plan[tuple[IpCheck, ...]]:
    """`check_host` for each of the user's addresses, at the MAIL FROM domain (RFC 7208 §2.4)."""
    domain = sending.envelope_domain or name
    return (yield from gather(*(_check(ip, domain, sending.helo or "", limits) for ip in sending.ips[:MAX_CHECKED])))


def _check(ip: IPAddress, domain: DomainName, helo: str, limits: Limits) -> Plan[IpCheck]:
    result = yield from check_host_plan(ip, domain, f"postmaster@{domain}", helo=helo, limits=limits)
    return IpCheck(ip, domain, result)


def _helo(name: DomainName, sending: Sending) -> Plan[tuple[PlaceOfRecord, ...]]:
    """What stands at the HELO name: the one told, else the reverse names of the user's addresses (RFC 7208 §2.3)."""
    told = query_name(sending.helo) if sending.helo and not sending.helo.startswith("[") else None
    names = [told] if told else []
    if not sending.helo:
        answers = yield from gather(*(ask_ptr(ip) for ip in sending.ips[:MAX_HELO]))
        names = [cast(DomainName, a.records[0]) for a in answers if isinstance(a, Found)]
    hosts = [host for host in dict.fromkeys(names) if "." in host and host != name]
    return (yield from gather(*(_place(host) for host in hosts[:MAX_HELO])))
