"""Reports as JSON lines: one whole report a line, for many domains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deliverability.core.report import Report
from deliverability.core.text import Lang
from deliverability.render.json import dumps, report_document


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", answers: bool = False, **_: Any) -> str:
    """One line a report."""
    return "".join(dumps(report_document(report, answers=answers)) + "\n" for report in reports)
