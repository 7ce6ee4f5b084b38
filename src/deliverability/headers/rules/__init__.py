"""The rules about headers and the reply path (HDR)."""

from deliverability.core.rule import Rule
from deliverability.headers.rules.trace import RULES as TRACE_RULES
from deliverability.headers.rules.verdicts import RULES as VERDICT_RULES

RULES: tuple[Rule, ...] = (*TRACE_RULES, *VERDICT_RULES)
