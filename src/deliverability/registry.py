"""Every rule, in the order of the codes. One explicit list: nothing registers itself."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from deliverability.arc.rules import RULES as ARC_RULES
from deliverability.content.rules import RULES as CONTENT_RULES
from deliverability.core.errors import UnknownRule
from deliverability.core.names import shown
from deliverability.core.rule import Rule
from deliverability.dkim.rules import RULES as DKIM_RULES
from deliverability.dmarc.rules import RULES as DMARC_RULES
from deliverability.dnsbl.rules import RULES as BLOCKLIST_RULES
from deliverability.feedback.rules import RULES as FEEDBACK_RULES
from deliverability.headers.rules import RULES as HEADER_RULES
from deliverability.hosts.rules import RULES as HOSTS_RULES
from deliverability.invoices.rules import RULES as INVOICE_RULES
from deliverability.providers.rules import RULES as PROVIDER_RULES
from deliverability.spf.rules import RULES as SPF_RULES
from deliverability.subjects.rules import RULES as SUBJECT_RULES

#: Changes whenever a rule is added, removed, or decides differently.
RULES_VERSION = "2026.11.2"

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *ARC_RULES,
            *BLOCKLIST_RULES,
            *CONTENT_RULES,
            *DKIM_RULES,
            *DMARC_RULES,
            *FEEDBACK_RULES,
            *HEADER_RULES,
            *HOSTS_RULES,
            *INVOICE_RULES,
            *PROVIDER_RULES,
            *SPF_RULES,
            *SUBJECT_RULES,
        ),
        key=lambda rule: rule.code,
    )
)


@functools.cache
def _by_word() -> Mapping[str, Rule]:
    return {word: rule for rule in RULES for word in (rule.code, rule.name)}


def rule(word: str) -> Rule:
    """The rule with that code (`SPF004`) or name (`too-many-lookups`), in any case. Raises `UnknownRule`."""
    table = _by_word()
    found = table.get(word.upper()) or table.get(word.lower())
    if found is None:
        raise UnknownRule(f"there is no rule {shown(word)}; `deliverability explain` lists all of them")
    return found
