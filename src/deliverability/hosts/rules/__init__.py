"""Rules of this topic, in the order of their codes."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.hosts.rules import mx, mx_hosts

RULES: tuple[Rule, ...] = tuple(sorted((*mx.RULES, *mx_hosts.RULES), key=lambda rule: rule.code))
