"""Rules of this topic, in the order of their codes."""

from __future__ import annotations

from deliverability.core.rule import Rule

RULES: tuple[Rule, ...] = ()
