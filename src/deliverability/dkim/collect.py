"""What the domain audit asks about DKIM keys."""

from __future__ import annotations

from collections.abc import Sequence

from deliverability.core.facts import AuditedDomain, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import Plan
from deliverability.providers.registry import DetectedProvider


def collect(
    domain: AuditedDomain, sending: Sending, providers: Sequence[DetectedProvider] = (), limits: Limits = DEFAULT_LIMITS
) -> Plan[dict[type, object]]:
    """The DKIM facts of a domain, by their types."""
    yield from ()
    return {}
