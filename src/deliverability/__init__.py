"""Will the invoices you send by email be believed? And if not, what exactly to change.

    import deliverability as dv

    report = dv.audit_domain("empresa.example")
    print(report.render("terminal", lang="es"))

Everything below is loaded when first used: importing this package loads no DNS, HTTP or terminal library.

PYTEST_DONT_REWRITE: it has a plug-in for pytest, which would warn where the package was imported before pytest started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deliverability import arc, dkim, dmarc, dnsbl, headers, spf, subjects
    from deliverability.api import (
        audit_domain,
        audit_domain_async,
        audit_domains,
        audit_message,
        audit_message_async,
        audit_messages,
        explain,
        read_sample,
    )
    from deliverability.api import solve_async as solve_async
    from deliverability.api import solve_live as solve
    from deliverability.audits.probes import Probes
    from deliverability.core import columns
    from deliverability.core.baseline import Baseline
    from deliverability.core.comparison import Comparison
    from deliverability.core.errors import DeliverabilityError
    from deliverability.core.facts import Receiving, Sending
    from deliverability.core.finding import Finding, Severity
    from deliverability.core.limits import Limits
    from deliverability.core.profile import Profile
    from deliverability.core.report import Report
    from deliverability.proposals import audit_proposal, audit_proposal_async, compare
    from deliverability.sources.live import LiveSource
    from deliverability.sources.overlay import OFFLINE, Overlay
    from deliverability.sources.snapshot import Snapshot
    from deliverability.sources.table import TableSource
    from deliverability.sources.zone import ZoneSource

__version__ = "0.1.0"

#: Where each public name lives: module, and its name there ("" is the module itself).
_HOMES = {
    "spf": ("deliverability.spf", ""),
    "dkim": ("deliverability.dkim", ""),
    "dmarc": ("deliverability.dmarc", ""),
    "dnsbl": ("deliverability.dnsbl", ""),
    "subjects": ("deliverability.subjects", ""),
    "columns": ("deliverability.core.columns", ""),
    "headers": ("deliverability.headers", ""),
    "arc": ("deliverability.arc", ""),
    "audit_domain": ("deliverability.api", "audit_domain"),
    "audit_domain_async": ("deliverability.api", "audit_domain_async"),
    "audit_domains": ("deliverability.api", "audit_domains"),
    "audit_message": ("deliverability.api", "audit_message"),
    "audit_message_async": ("deliverability.api", "audit_message_async"),
    "audit_messages": ("deliverability.api", "audit_messages"),
    "audit_proposal": ("deliverability.proposals", "audit_proposal"),
    "audit_proposal_async": ("deliverability.proposals", "audit_proposal_async"),
    "compare": ("deliverability.proposals", "compare"),
    "explain": ("deliverability.api", "explain"),
    "read_sample": ("deliverability.api", "read_sample"),
    "solve": ("deliverability.api", "solve_live"),
    "solve_async": ("deliverability.api", "solve_async"),
    "DeliverabilityError": ("deliverability.core.errors", "DeliverabilityError"),
    "Receiving": ("deliverability.core.facts", "Receiving"),
    "Sending": ("deliverability.core.facts", "Sending"),
    "Finding": ("deliverability.core.finding", "Finding"),
    "Severity": ("deliverability.core.finding", "Severity"),
    "Limits": ("deliverability.core.limits", "Limits"),
    "Baseline": ("deliverability.core.baseline", "Baseline"),
    "Comparison": ("deliverability.core.comparison", "Comparison"),
    "Probes": ("deliverability.audits.probes", "Probes"),
    "Profile": ("deliverability.core.profile", "Profile"),
    "Report": ("deliverability.core.report", "Report"),
    "LiveSource": ("deliverability.sources.live", "LiveSource"),
    "OFFLINE": ("deliverability.sources.overlay", "OFFLINE"),
    "Overlay": ("deliverability.sources.overlay", "Overlay"),
    "Snapshot": ("deliverability.sources.snapshot", "Snapshot"),
    "TableSource": ("deliverability.sources.table", "TableSource"),
    "ZoneSource": ("deliverability.sources.zone", "ZoneSource"),
}

__all__ = [
    "OFFLINE",
    "Baseline",
    "Comparison",
    "DeliverabilityError",
    "Finding",
    "Limits",
    "LiveSource",
    "Overlay",
    "Probes",
    "Profile",
    "Receiving",
    "Report",
    "Sending",
    "Severity",
    "Snapshot",
    "TableSource",
    "ZoneSource",
    "__version__",
    "arc",
    "audit_domain",
    "audit_domain_async",
    "audit_domains",
    "audit_message",
    "audit_message_async",
    "audit_messages",
    "audit_proposal",
    "audit_proposal_async",
    "columns",
    "compare",
    "dkim",
    "dmarc",
    "dnsbl",
    "explain",
    "headers",
    "read_sample",
    "solve",
    "solve_async",
    "spf",
    "subjects",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(home[0])
    value = getattr(module, home[1]) if home[1] else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
