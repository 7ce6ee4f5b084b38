"""SPF (RFC 7208): read a record, evaluate it for a message, count what it costs.

- `parse(record)` reads one record and tells every defect with its place.
- `check_host(ip, domain, sender, …)` evaluates a domain for one message, as a receiver does.
- `tree(domain)` walks the whole record tree and counts lookups past the limit.
"""

from __future__ import annotations

from deliverability.spf.evaluate import check_host, check_host_plan
from deliverability.spf.lookup_tree import tree, tree_plan
from deliverability.spf.program import RecordCache
from deliverability.spf.record import (
    Directive,
    DomainSpec,
    Macro,
    Modifier,
    Qualifier,
    SpfProblem,
    SpfProblemKind,
    SpfRecord,
    Term,
    is_spf,
    near_miss,
    parse,
)
from deliverability.spf.result import SpfFailure, SpfFailureKind, SpfResult, TraceStep
from deliverability.spf.tree_model import SpfTree

__all__ = [
    "Directive",
    "DomainSpec",
    "Macro",
    "Modifier",
    "Qualifier",
    "RecordCache",
    "SpfFailure",
    "SpfFailureKind",
    "SpfProblem",
    "SpfProblemKind",
    "SpfRecord",
    "SpfResult",
    "SpfTree",
    "Term",
    "TraceStep",
    "check_host",
    "check_host_plan",
    "is_spf",
    "near_miss",
    "parse",
    "tree",
    "tree_plan",
]
