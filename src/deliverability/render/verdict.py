"""The one word that a report comes to."""

from __future__ import annotations

from enum import Enum, auto

from deliverability.core.finding import Finding, Severity
from deliverability.core.questions import FailureKind
from deliverability.core.report import Report
from deliverability.core.rule import Area, Rule
from deliverability.core.score import points


class Verdict(Enum):
    """Will mail from this domain be believed? For a parked one: is it safe from forgery?"""

    NO = auto()  # an error stands
    SET_ASIDE = auto()  # the errors that stand are those that somebody set aside
    CANNOT_TELL = auto()  # no error, but a check that could have found one got no answer
    MOSTLY = auto()  # warnings only
    YES = auto()
    NOTHING = auto()  # no rule was reached


def verdict_of(report: Report) -> Verdict:
    """The verdict of a report. Notes change nothing, and what could not be asked never counts as a pass."""
    parked = is_parked(report)
    if any(_decides(finding, parked=parked) for finding in report.findings):
        return Verdict.NO
    if any(_decides(item.finding, parked=parked) for item in report.ignored):
        return Verdict.SET_ASIDE
    if any(matters(rule) for rule, _ in report.unknowns):
        return Verdict.CANNOT_TELL
    if any(finding.severity is not Severity.INFO for finding in report.findings):
        return Verdict.MOSTLY
    return Verdict.YES if report.checked else Verdict.NOTHING


def main_finding(report: Report) -> Finding:
    """The finding to name first: what decides, a cause before its consequences, then what stops a mail first."""
    return min(report.findings, key=weight)


def weight(finding: Finding) -> tuple[bool, int, bool, int, float, int]:
    """What sorts findings by how much they stand in the way; smaller is worse.

    A cause comes before what follows from it, then the lowest ceiling on the score (what is refused outright), then
    what costs more points. Between equals the order is the one in which a receiver looks at a mail (`_STAGES`): a fault
    in the text matters only to a mail that was believed so far.
    """
    rule = finding.rule
    cap = rule.cap if rule.cap is not None else 101
    stage = _STAGES.index(rule.area) if rule.area in _STAGES else len(_STAGES)
    beside = rule.area in _BESIDE_DELIVERY
    return (beside, finding.severity.rank, bool(finding.consequence_of), cap, -points(rule, finding.severity), stage)


def matters(rule: Rule) -> bool:
    """Whether a finding of this rule would keep mail from being believed."""
    return rule.severity is Severity.ERROR and rule.area not in _BESIDE_DELIVERY


def nobody_asked(report: Report) -> bool:
    """Whether all that decides and could not be told was never asked, so that asking again the same way gives nothing."""
    failures = [
        item.text.partition(":")[0]
        for rule, unknown in report.unknowns
        if matters(rule)
        for item in unknown.evidence
        if item.status == "failed"
    ]
    return bool(failures) and all(kind == FailureKind.OFFLINE for kind in failures)


#: Where a receiver stands when it looks at an area: before the message is taken, then what it claims, then what it says.
_STAGES = (Area.AUTH, Area.IDENT, Area.REPUTATION, Area.TRANSPORT, Area.MESSAGE, Area.UNSUBSCRIBE, Area.INVOICE)
#: Forged mail in the domain's name, and reports that nobody gets, do not hinder the domain's own mail.
_BESIDE_DELIVERY = (Area.BRAND, Area.MONITORING)


def _decides(finding: Finding, *, parked: bool) -> bool:
    """An error in what delivery rests on. A parked domain has no mail: for it whatever leaves forgeries a door decides."""
    if parked:
        return finding.severity is Severity.ERROR or finding.rule.area is Area.BRAND
    return finding.severity is Severity.ERROR and finding.rule.area not in _BESIDE_DELIVERY


def is_parked(report: Report) -> bool:
    """Whether somebody said that the domain never sends mail."""
    return report.details.get("sends") is False
