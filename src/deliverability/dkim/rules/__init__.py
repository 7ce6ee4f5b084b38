"""Rules about DKIM keys in DNS: which selectors there are, and what their keys are worth."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.dkim.rules.keys import RULES as KEY_RULES
from deliverability.dkim.rules.microsoft import RULES as MICROSOFT_RULES
from deliverability.dkim.rules.practice import RULES as PRACTICE_RULES
from deliverability.dkim.rules.selectors import RULES as SELECTOR_RULES

RULES: tuple[Rule, ...] = tuple(
    sorted((*SELECTOR_RULES, *MICROSOFT_RULES, *KEY_RULES, *PRACTICE_RULES), key=lambda rule: rule.code)
)
