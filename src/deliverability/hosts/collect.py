"""What the domain audit asks about MX, addresses, names and the zone."""

from __future__ import annotations

from deliverability.core.facts import AuditedDomain, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import Plan


def collect(domain: AuditedDomain, sending: Sending, limits: Limits = DEFAULT_LIMITS) -> Plan[dict[type, object]]:
    """The host facts of a domain, by their types."""
    yield from ()
    return {}
