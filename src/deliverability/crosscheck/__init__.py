"""Second opinions: what pyspf and checkdmarc say about the very answers of an audit, and who is right where we differ.

from deliverability.crosscheck import crosscheck

report = dv.audit_domain("empresa.example")
for row in crosscheck(report, report.answers).rows:
    print(row.tool, row.topic.en, row.ours, row.theirs, row.right, row.section)
"""

from __future__ import annotations

from deliverability.crosscheck.compare import crosscheck
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, ToolRun

__all__ = ["CrosscheckResult", "CrosscheckRow", "Right", "ToolRun", "crosscheck"]
