"""Outcomes as CSV (RFC 4180), one a row, for spreadsheets and data frames; docs/reference/formats.md has the columns.

A spreadsheet runs a cell that begins like a formula, and records are written by others: such a cell begins with `'`
here. Every cell is quoted, and no cell has a line break, so a row is a line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from deliverability.core.expiry import EXPIRED_IGNORE
from deliverability.core.facts import MessageOverview
from deliverability.core.patterns import pattern
from deliverability.core.report import Report
from deliverability.core.text import Lang
from deliverability.render import expired
from deliverability.render.safe import safe

COLUMNS = (
    "audited",
    "code",
    "outcome",
    "severity",
    "subject",
    "area",
    "text",
    "because",
    "fingerprint",
    "name",
    "kind",
    "rule_page",
)
#: The outcome of a source of mail that a proposal would stop.
STOPS = "stops"
_EMPTY = dict.fromkeys(COLUMNS)
#: How formulas begin, the full-width forms of the signs included; programs skip blanks and quotes before them.
_FORMULA = pattern("[\\s\"']*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", **_: Any) -> str:
    """A line with the names of the columns, then one line an outcome, in the order of the rules."""
    stream = io.StringIO()
    # RFC 4180 §2 wants CRLF; a bare line feed is what files have here and every reader takes it.
    writer = csv.DictWriter(stream, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    for report in reports:
        overview = report.details.get("message")
        name = overview.name if isinstance(overview, MessageOverview) else ""
        for row in [*report.to_rows(lang), *_ignored(report, lang), *_expired(report, lang), *_stops(report, lang)]:
            row |= {"name": name, "kind": report.kind, "rule_page": _page(report, row, lang)}
            writer.writerow({key: cell(value) for key, value in {**_EMPTY, **row}.items()})
    return stream.getvalue()


def _page(report: Report, row: dict[str, Any], lang: Lang) -> str:
    return "" if row["outcome"].startswith((EXPIRED_IGNORE, STOPS)) else report.pages.of(row["code"], lang)


def _ignored(report: Report, lang: Lang) -> list[dict[str, Any]]:
    """What the profile or the baseline set aside: it is no outcome any more, and must not vanish either."""
    return [
        {
            "audited": report.subject,
            "code": finding.code,
            "outcome": "ignored",
            "severity": finding.severity.value,
            "subject": finding.subject,
            "area": finding.rule.area.value,
            "text": finding.text(lang),
            "because": reason,
            "fingerprint": finding.fingerprint,
        }
        for finding, reason in report.ignored
    ]


def _expired(report: Report, lang: Lang) -> list[dict[str, Any]]:
    """Ignores whose day is over; `outcome` tells what became of the problem."""
    return [
        {
            "audited": report.subject,
            "code": entry.code,
            "outcome": f"{EXPIRED_IGNORE}-{entry.state.value}",
            "severity": expired.SEVERITIES[entry.state].value,
            "subject": entry.subject,
            "text": expired.title(entry, lang),
            "because": entry.reason,
        }
        for entry in report.expired_ignores
    ]


def _stops(report: Report, lang: Lang) -> list[dict[str, Any]]:
    """Sources of mail that a proposal would stop."""
    if not report.stops:
        return []
    from deliverability.render.senders_model import stops  # noqa: PLC0415 - only where a proposal was audited

    return [
        {"audited": report.subject, "outcome": STOPS, "severity": "error", "subject": stop.name, "text": stop.title}
        for stop in stops(report, lang)
    ]


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    text = safe("" if value is None else str(value))
    return "'" + text if _FORMULA.match(text) else text
