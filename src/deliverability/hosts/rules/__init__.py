"""Rules of this topic, in the order of their codes."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.hosts.rules import domain, helo, mx, mx_hosts, reverse, servers, zone

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*mx.RULES, *mx_hosts.RULES, *reverse.RULES, *helo.RULES, *zone.RULES, *servers.RULES, *domain.RULES),
        key=lambda rule: rule.code,
    )
)
