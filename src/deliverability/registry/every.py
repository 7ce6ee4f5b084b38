"""All rules: those of a domain, and those that need a message, a blocklist or a report from outside."""

from __future__ import annotations

from deliverability.arc.rules import RULES as ARC
from deliverability.content.rules import RULES as CONTENT
from deliverability.core.rule import Rule
from deliverability.dkim.rules.coverage import RULES as DKIM_COVERAGE
from deliverability.dkim.rules.message import RULES as DKIM_MESSAGE
from deliverability.dkim.rules.validity import RULES as DKIM_VALIDITY
from deliverability.dmarc.rules.message import RULES as DMARC_MESSAGE
from deliverability.dnsbl.rules import RULES as BLOCKLISTS
from deliverability.feedback.rules import RULES as FEEDBACK
from deliverability.headers.rules import RULES as HEADERS
from deliverability.invoices.rules import RULES as INVOICES
from deliverability.providers.rules import RULES as PROVIDERS
from deliverability.registry.domain import DOMAIN_RULES
from deliverability.subjects.rules import RULES as SUBJECTS

_DKIM = (*DKIM_MESSAGE, *DKIM_VALIDITY, *DKIM_COVERAGE)
_MAIL = (*ARC, *CONTENT, *_DKIM, *DMARC_MESSAGE, *HEADERS, *INVOICES, *PROVIDERS, *SUBJECTS)

RULES: tuple[Rule, ...] = tuple(sorted((*DOMAIN_RULES, *_MAIL, *BLOCKLISTS, *FEEDBACK), key=lambda rule: rule.code))
