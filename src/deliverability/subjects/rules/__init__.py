"""Rules about subjects. SUBJ010, the same subject on every invoice, needs several mails: `score_many` tells it."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.subjects.rules.form import RULES as FORM
from deliverability.subjects.rules.words import RULES as WORDS

RULES: tuple[Rule, ...] = (*FORM, *WORDS)
