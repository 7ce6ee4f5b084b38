"""BNC003, BNC004 and BNC005: complaints, refusals for lack of authentication, and throttling, as receivers report them."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.feedback.rules.complaints import COMPLAINTS
from deliverability.feedback.rules.refusals import THROTTLED, UNAUTHENTICATED

RULES: tuple[Rule, ...] = (COMPLAINTS, UNAUTHENTICATED, THROTTLED)
