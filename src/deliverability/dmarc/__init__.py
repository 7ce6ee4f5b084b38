"""DMARC (RFC 9989, and RFC 7489 for receivers that have not moved): records, policy discovery, alignment.

    parse(record) -> DmarcRecord                    every tag, every defect with its place
    discover(name) -> DmarcPolicy                   the policy that applies to mail from a domain, and where it stands
    evaluate(author_domain, spf=…, dkim=…) -> DmarcResult     the result for one message

`discover_plan` and `evaluate_plan` are the same for `solve` and `solve_async`.
"""

from __future__ import annotations

from deliverability.dmarc.alignment import Authenticated, DmarcResult, Identifier, Reason, evaluate, evaluate_plan
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState, discover, discover_plan
from deliverability.dmarc.problem import DmarcProblem, DmarcProblemKind
from deliverability.dmarc.record import DmarcRecord, Policy, Reading, Spec, parse
from deliverability.dmarc.uri import ReportUri
from deliverability.dmarc.walk import WalkStep

__all__ = [
    "Authenticated",
    "DmarcPolicy",
    "DmarcProblem",
    "DmarcProblemKind",
    "DmarcRecord",
    "DmarcResult",
    "Identifier",
    "Policy",
    "PolicyState",
    "Reading",
    "Reason",
    "ReportUri",
    "Spec",
    "WalkStep",
    "discover",
    "discover_plan",
    "evaluate",
    "evaluate_plan",
    "parse",
]
