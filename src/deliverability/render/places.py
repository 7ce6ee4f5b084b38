"""Where in a project's files a report and its findings belong: the line that names the domain, the line of the mail.

A report knows no file. Whoever has read one says so, by a `Place` for each report; the renderers for machines (SARIF,
JUnit, GitHub) then point at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from deliverability.core.facts import MessageOverview
from deliverability.core.finding import Evidence, Finding
from deliverability.core.names import to_unicode
from deliverability.core.report import Report


class Place(NamedTuple):
    """A file, and the line in it that a report is about, counted from 1."""

    #: Relative to the project's folder with `/` between its parts, or absolute where the file lies outside of it.
    path: str
    line: int | None = None


#: The places of several reports, in their order; shorter is as good as None for the rest.
Places = Sequence[Place | None]


def place_of(places: Places, index: int) -> Place | None:
    """The place of the report at that index."""
    return places[index] if index < len(places) else None


def place_of_finding(place: Place | None, report: Report, finding: Finding) -> Place | None:
    """Where a finding stands: for a mail the line of its first evidence that has one, else where its report does."""
    if place is None or report.kind != "message":
        return place
    return Place(place.path, next((item.line for item in finding.evidence if item.line is not None), place.line))


def places_beside(place: Place | None, report: Report, finding: Finding) -> list[tuple[Evidence, int]]:
    """The evidence of a finding that stands on other lines of the mail, each line once."""
    if place is None or report.kind != "message":
        return []
    first = place_of_finding(place, report, finding)
    seen = {first.line if first else None}
    beside: list[tuple[Evidence, int]] = []
    for item in finding.evidence:
        if item.line is not None and item.line not in seen:
            seen.add(item.line)
            beside.append((item, item.line))
    return beside


def title_of(report: Report) -> str:
    """What the report is about, in one line of outside text: the mail's name and the domain, or the domain in both forms."""
    overview = report.details.get("message")
    readable = to_unicode(report.subject)
    subject = report.subject if readable == report.subject else f"{report.subject} ({readable})"
    if isinstance(overview, MessageOverview) and overview.name:
        return f"{overview.name} · {subject}"
    return subject
