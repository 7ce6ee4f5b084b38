"""The rules about headers and the reply path (HDR)."""

from deliverability.core.rule import Rule

RULES: tuple[Rule, ...] = ()
