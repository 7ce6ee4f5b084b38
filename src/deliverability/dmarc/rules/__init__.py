"""The DMARC rules: record.py (how it is written), policy.py (what it says), reports.py (where reports go),
organization.py (where the organization ends), domain.py (whether there is DMARC at all, and whose it is),
message.py (what it says about one message).
"""

from __future__ import annotations

from deliverability.core.rule import Rule
from deliverability.dmarc.rules.domain import RULES as DOMAIN_RULES
from deliverability.dmarc.rules.message import RULES as MESSAGE_RULES
from deliverability.dmarc.rules.organization import RULES as ORGANIZATION_RULES
from deliverability.dmarc.rules.policy import RULES as POLICY_RULES
from deliverability.dmarc.rules.record import RULES as RECORD_RULES
from deliverability.dmarc.rules.reports import RULES as REPORT_RULES

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*RECORD_RULES, *POLICY_RULES, *ORGANIZATION_RULES, *REPORT_RULES, *DOMAIN_RULES, *MESSAGE_RULES),
        key=lambda rule: rule.code,
    )
)
