"""The rules that the audit of a domain can reach: SPF, DKIM keys, DMARC, MX, servers and zone."""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.dkim.rules.keys import RULES as DKIM_KEYS
from deliverability.dkim.rules.microsoft import RULES as DKIM_MICROSOFT
from deliverability.dkim.rules.practice import RULES as DKIM_PRACTICE
from deliverability.dkim.rules.selectors import RULES as DKIM_SELECTORS
from deliverability.dmarc.rules.domain import RULES as DMARC_DOMAIN
from deliverability.dmarc.rules.organization import RULES as DMARC_ORGANIZATION
from deliverability.dmarc.rules.policy import RULES as DMARC_POLICY
from deliverability.dmarc.rules.record import RULES as DMARC_RECORD
from deliverability.dmarc.rules.reports import RULES as DMARC_REPORTS
from deliverability.hosts.rules import RULES as HOSTS
from deliverability.spf.rules import RULES as SPF

_DKIM = (*DKIM_SELECTORS, *DKIM_MICROSOFT, *DKIM_KEYS, *DKIM_PRACTICE)
_DMARC = (*DMARC_RECORD, *DMARC_POLICY, *DMARC_ORGANIZATION, *DMARC_REPORTS, *DMARC_DOMAIN)

DOMAIN_RULES: tuple[Rule, ...] = tuple(sorted((*SPF, *_DKIM, *_DMARC, *HOSTS), key=lambda rule: rule.code))
