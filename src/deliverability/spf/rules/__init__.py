"""Rules of this topic, in the order of their codes."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.spf.rules.lookups import RULES as LOOKUPS
from deliverability.spf.rules.networks import RULES as NETWORKS
from deliverability.spf.rules.policy import RULES as POLICY
from deliverability.spf.rules.presence import RULES as PRESENCE
from deliverability.spf.rules.senders import RULES as SENDERS
from deliverability.spf.rules.syntax import RULES as SYNTAX
from deliverability.spf.rules.targets import RULES as TARGETS

RULES: tuple[Rule, ...] = tuple(
    sorted((*PRESENCE, *SYNTAX, *LOOKUPS, *POLICY, *NETWORKS, *SENDERS, *TARGETS), key=lambda rule: rule.code)
)
