"""What the domain audit asks about MX, addresses, names and the zone.

The four parts run side by side. They share questions (MX and A of the domain, say); a source asks each once.
"""

from __future__ import annotations

from typing import Any

from deliverability.core.facts import AuditedDomain, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import Plan, gather
from deliverability.hosts.facts import EnvelopeHosts, Helo, MailHosts, SendingHosts, Zone
from deliverability.hosts.mx import mx_plan
from deliverability.hosts.reverse import helo_plan, sending_host
from deliverability.hosts.zone import zone_plan


def collect(domain: AuditedDomain, sending: Sending, limits: Limits = DEFAULT_LIMITS) -> Plan[dict[type, object]]:
    """The host facts of a domain, by their types. What the user did not tell about is not among them."""
    envelope = sending.envelope_domain
    plans: dict[type, Plan[Any]] = {
        MailHosts: mx_plan(domain.name, limits),
        Zone: zone_plan(domain, ask_name_servers=sending.ask_name_servers),
        **_session_plans(sending, limits),
    }
    if envelope and envelope != domain.name:
        plans[EnvelopeHosts] = mx_plan(envelope, limits)
    return (yield from _facts(plans))


def collect_session(sending: Sending, limits: Limits = DEFAULT_LIMITS) -> Plan[dict[type, object]]:
    """The facts of the servers that send alone: their addresses and what they say in EHLO."""
    return (yield from _facts(_session_plans(sending, limits)))


def _session_plans(sending: Sending, limits: Limits) -> dict[type, Plan[Any]]:
    plans: dict[type, Plan[Any]] = {}
    if sending.ips:
        plans[SendingHosts] = gather(*(sending_host(ip, limits) for ip in dict.fromkeys(sending.ips)))
    if sending.helo:
        plans[Helo] = helo_plan(sending.helo)
    return plans


def _facts(plans: dict[type, Plan[Any]]) -> Plan[dict[type, object]]:
    results = yield from gather(*plans.values())
    facts = dict(zip(plans, results, strict=True))
    for kind in (SendingHosts, EnvelopeHosts):
        if kind in facts:
            facts[kind] = kind(facts[kind])
    return facts
