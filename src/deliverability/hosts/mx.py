"""Where mail for a domain goes: MX, null MX, implicit MX, and the addresses behind them (RFC 5321 §5.1, RFC 7505).

MX and the domain's own A and AAAA are asked in the same round trip, so that the implicit MX costs no second one. An MX
question that failed never falls back to the address: a sender that cannot ask queues the mail and tries again.
"""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.addresses import read_literal
from deliverability.core.facts import Presence
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, is_subdomain
from deliverability.core.plan import Plan, ask, ask_addresses, gather
from deliverability.core.questions import Answer, Failed, Found, MxRecord
from deliverability.hosts.facts import HostAddresses, MailHost, MailHosts, MxState


def mx_plan(domain: DomainName, limits: Limits = DEFAULT_LIMITS) -> Plan[MailHosts]:
    """Where mail for `domain` goes, each host with its addresses; at most `limits.mx_hosts` hosts are looked up."""
    mx, a, aaaa = yield from gather(ask(domain, "MX"), ask(domain, "A"), ask(domain, "AAAA"))
    own = HostAddresses(domain, a, aaaa)
    exchanges = by_exchange(_records(mx))
    names = tuple(exchanges)
    looked_up = names[: limits.mx_hosts]
    hosts = yield from gather(*(_mail_host(name, exchanges[name], domain) for name in looked_up))
    return MailHosts(domain, mx_state(mx, own), mx, own, hosts, names[limits.mx_hosts :])


def _records(answer: Answer) -> list[MxRecord]:
    return [r for r in answer.records if isinstance(r, MxRecord)] if isinstance(answer, Found) else []


def by_exchange(records: Iterable[MxRecord]) -> dict[DomainName, tuple[MxRecord, ...]]:
    """The records of each exchange, lowest preference first; of equal ones the names decide, so that runs are alike.

    Null MX records name no exchange.
    """
    grouped: dict[DomainName, list[MxRecord]] = {}
    for record in sorted(records):
        if record.exchange:
            grouped.setdefault(record.exchange, []).append(record)
    return {name: tuple(of_name) for name, of_name in grouped.items()}


def mx_state(mx: Answer, own: HostAddresses) -> MxState:
    """Where the answers send mail."""
    if isinstance(mx, Failed):
        return MxState.UNKNOWN  # RFC 5321 §5.1: a temporary error means queue and retry, not "no MX"
    if isinstance(mx, Found):
        null = sum(1 for record in _records(mx) if not record.exchange)
        # RFC 7505 §3: one record with the root as exchange. Senders look at the exchange, not at the preference.
        if null == 0:
            return MxState.EXPLICIT
        return MxState.NULL if null == len(mx.records) else MxState.MIXED
    match own.state:
        case Presence.FOUND:
            return MxState.IMPLICIT  # RFC 5321 §5.1: an implicit MX of preference 0 that points to the domain itself
        case Presence.ABSENT:
            return MxState.NONE
        case Presence.UNKNOWN:
            return MxState.UNKNOWN


def _mail_host(name: DomainName, records: tuple[MxRecord, ...], domain: DomainName) -> Plan[MailHost]:
    literal = read_literal(name)
    if literal is not None:
        return MailHost(name, records, None, literal)
    a, aaaa = yield from ask_addresses(name)
    addresses = HostAddresses(name, a, aaaa)
    written = _without_origin(name, domain)
    if addresses.state is not Presence.ABSENT or written is None:
        return MailHost(name, records, addresses)
    a, aaaa = yield from ask_addresses(written)
    meant = HostAddresses(written, a, aaaa)
    return MailHost(name, records, addresses, meant=meant if meant.state is Presence.FOUND else None)


def _without_origin(name: DomainName, domain: DomainName) -> DomainName | None:
    """`mx.example.net` for `mx.example.net.empresa.example`: zone files add the origin to a name without a final dot."""
    if not is_subdomain(name, domain) or name == domain:
        return None
    prefix = name.removesuffix("." + domain)
    return DomainName(prefix) if "." in prefix else None
