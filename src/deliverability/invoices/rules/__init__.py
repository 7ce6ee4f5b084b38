"""Rules about mail that is an invoice or a reminder."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.invoices.rules.documents import RULES as DOCUMENTS
from deliverability.invoices.rules.samples import RULES as SAMPLES
from deliverability.invoices.rules.words import RULES as WORDS

RULES: tuple[Rule, ...] = (*WORDS, *DOCUMENTS, *SAMPLES)
