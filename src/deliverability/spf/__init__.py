"""SPF (RFC 7208): read a record, evaluate it for a message, count what it costs.

- `parse(record)` reads one record and tells every defect with its place.
- `check_host(ip, domain, sender, …)` evaluates a domain for one message, as a receiver does.
- `tree(domain)` walks the whole record tree and counts lookups past the limit.
"""

from __future__ import annotations

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

__all__ = [
    "Directive",
    "DomainSpec",
    "Macro",
    "Modifier",
    "Qualifier",
    "SpfProblem",
    "SpfProblemKind",
    "SpfRecord",
    "Term",
    "is_spf",
    "near_miss",
    "parse",
]
