"""Second opinions: what pyspf, checkdmarc and dkimpy say on the very answers of an audit, and who is right where we differ.

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
    from deliverability.crosscheck.message import crosscheck_message

__all__ = ["CrosscheckResult", "CrosscheckRow", "Right", "ToolRun", "crosscheck", "crosscheck_message"]


def __getattr__(name: str) -> object:
    """Load what compares only when it is used: renderers need no more than the rows."""
    if name == "crosscheck":
        from deliverability.crosscheck.compare import crosscheck  # noqa: PLC0415

        return crosscheck
    if name == "crosscheck_message":
        from deliverability.crosscheck.message import crosscheck_message  # noqa: PLC0415

        return crosscheck_message
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
