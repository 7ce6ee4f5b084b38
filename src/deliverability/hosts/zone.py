"""The domain as a place in the DNS, as far as ordinary questions show it.

Everything that the name alone tells is asked in one round trip: the records at the domain, NS and SOA up to the
registrable domain, the DS beside it, and a name that nobody made (a wildcard answers it). The second round asks the
addresses of the name servers, and, only after a SERVFAIL, the same question without DNSSEC checking: if that is
answered, the zone is there and its signatures are broken. A third round, asked for by the user, asks the name servers
themselves.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, cast

from deliverability.core.facts import AuditedDomain
from deliverability.core.names import DomainName, is_subdomain, parent, query_name
from deliverability.core.plan import Plan, ask, done, gather
from deliverability.core.questions import Failed, FailureKind, Found, IPAddress, RecordType
from deliverability.hosts.facts import Asked, NameServer, ServerView, WildcardProbe, Zone, asked

#: Names from the domain upwards at which NS and SOA are asked; the registrable domain is always the last.
MAX_CUTS = 4
#: Name servers whose addresses are asked.
MAX_SERVERS = 4
#: Addresses that are asked themselves, where the user wants that.
MAX_ASKED_SERVERS = 6

_AT_NAME: tuple[RecordType, ...] = ("MX", "TXT", "A", "AAAA", "CNAME")
_AT_CUTS: tuple[RecordType, ...] = ("NS", "SOA")


def zone_plan(domain: AuditedDomain, *, ask_name_servers: bool = False) -> Plan[Zone]:
    """The zone around `domain`."""
    cuts = zone_cuts(domain.name, domain.registrable)
    probe = probe_name(domain.name)
    at_name = yield from gather(
        gather(*(asked(domain.name, record_type) for record_type in _AT_NAME)),
        gather(*(asked(cut, record_type) for record_type in _AT_CUTS for cut in cuts)),
        gather(asked(domain.registrable, "DS")),
        gather(asked(probe, "TXT"), asked(probe, "MX")) if probe is not None else done(()),
    )
    records, of_cuts, (ds,), probed = at_name
    mx, txt, a, aaaa, cname = records
    ns, soa = of_cuts[: len(cuts)], of_cuts[len(cuts) :]
    wildcard = WildcardProbe(*probed) if probed else None
    zone = Zone(domain.name, domain.registrable, mx, txt, a, aaaa, cname, ns, soa, ds, wildcard)
    second: tuple[Plan[Any], ...] = (_unchecked(zone), _with_servers(zone, ask_name_servers))
    unchecked, with_servers = yield from gather(*second)
    return replace(cast(Zone, with_servers), unchecked=unchecked)


def zone_cuts(name: DomainName, registrable: DomainName) -> tuple[DomainName, ...]:
    """The names where the zone may begin, from `name` up to the registrable domain."""
    cuts = [name]
    while is_subdomain(cuts[-1], registrable) and cuts[-1] != registrable:
        cuts.append(parent(cuts[-1]))
    return tuple(cuts) if len(cuts) <= MAX_CUTS else (*cuts[: MAX_CUTS - 1], registrable)


def probe_name(name: DomainName) -> DomainName | None:
    """A name below the domain that nobody made. It follows from the domain, so that recorded answers fit every run."""
    label = hashlib.sha256(name.encode("ascii", "replace")).hexdigest()[:20]
    return query_name(f"no-such-name-{label}.{name}")


def _unchecked(zone: Zone) -> Plan[Asked | None]:
    """The first question that failed with SERVFAIL, asked again with the CD bit (RFC 4035 §3.2.2)."""
    for failed in zone.at_name:
        if isinstance(failed.answer, Failed) and failed.answer.kind is FailureKind.SERVFAIL:
            question = failed.question._replace(checking_disabled=True)
            answer = yield from ask(question.name, question.type, checking_disabled=True)
            return Asked(question, answer)
    return None


def _with_servers(zone: Zone, ask_them: bool) -> Plan[Zone]:
    """The zone with the addresses of its name servers and, where wanted, with what each of them says."""
    answer = zone.delegation.answer
    names = sorted(cast(tuple[DomainName, ...], answer.records)) if isinstance(answer, Found) else []
    names = [name for name in names if name]
    looked_up = names[: MAX_ASKED_SERVERS if ask_them else MAX_SERVERS]
    answers = yield from gather(*(ask(name, "A") for name in looked_up))
    servers = tuple(NameServer(name, a) for name, a in zip(looked_up, answers, strict=True))
    zone = replace(zone, servers=servers, more_servers=len(names) - len(looked_up))
    if not ask_them:
        return zone
    apex = zone.apex or zone.domain
    places = [(server.name, address) for server in servers for address in server.addresses][:MAX_ASKED_SERVERS]
    views = yield from gather(*(_view(zone.domain, apex, name, address) for name, address in places))
    return replace(zone, views=views)


def _view(domain: DomainName, apex: DomainName, name: DomainName, address: IPAddress) -> Plan[ServerView]:
    soa, mx, txt = yield from gather(
        asked(apex, "SOA", address), asked(domain, "MX", address), asked(domain, "TXT", address)
    )
    return ServerView(name, address, soa, mx, txt)
