"""Second opinions: what pyspf and checkdmarc say about the very answers of an audit, and who is right where we differ.

from deliverability.crosscheck import crosscheck

report = dv.audit_domain("empresa.example")
for row in crosscheck(report, report.answers).rows:
    print(row.tool, row.topic.en, row.ours, row.theirs, row.right, row.section)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, ToolRun

if TYPE_CHECKING:
    from deliverability.crosscheck.compare import crosscheck

__all__ = ["CrosscheckResult", "CrosscheckRow", "Right", "ToolRun", "crosscheck"]


def __getattr__(name: str) -> object:
    """Load what compares only when it is used: renderers need no more than the rows."""
    if name == "crosscheck":
        from deliverability.crosscheck.compare import crosscheck  # noqa: PLC0415

        return crosscheck
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
