"""Rules about DKIM: the keys in DNS and what they are worth, and the signatures of a message."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.dkim.rules.coverage import RULES as COVERAGE_RULES
from deliverability.dkim.rules.keys import RULES as KEY_RULES
from deliverability.dkim.rules.message import RULES as MESSAGE_RULES
from deliverability.dkim.rules.microsoft import RULES as MICROSOFT_RULES
from deliverability.dkim.rules.practice import RULES as PRACTICE_RULES
from deliverability.dkim.rules.selectors import RULES as SELECTOR_RULES
from deliverability.dkim.rules.validity import RULES as VALIDITY_RULES

_OF_KEYS = (*SELECTOR_RULES, *MICROSOFT_RULES, *KEY_RULES, *PRACTICE_RULES)
_OF_MESSAGES = (*MESSAGE_RULES, *VALIDITY_RULES, *COVERAGE_RULES)

RULES: tuple[Rule, ...] = tuple(sorted((*_OF_KEYS, *_OF_MESSAGES), key=lambda rule: rule.code))
