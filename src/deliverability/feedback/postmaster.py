"""Exports of Google's Postmaster Tools: answers of its API, version 1 (traffic) and 2 (statistics, compliance), and CSV.

Version 2 answers carry the name that the asker gave to a metric and not always the domain; a metric that speaks of
spam, and not of a feedback loop, is the rate that users reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from deliverability.core.names import query_name
from deliverability.core.patterns import pattern
from deliverability.feedback.facts import Day, Rate, Requirement, Verdict
from deliverability.feedback.values import read_address, read_day, read_rate

RECEIVER = "Gmail"
_NAME = pattern(r"domains/([^/\s]{1,255})(?:/[A-Za-z]{1,40}(?:/([0-9]{8}))?)?")
_REPUTATIONS = {"HIGH": Verdict.GOOD, "MEDIUM": Verdict.GOOD, "LOW": Verdict.DOUBTED, "BAD": Verdict.BAD}
_SAMPLES = 20
_MOST_REQUIREMENTS = 50


def read_object(item: Mapping[str, object]) -> Iterator[Day | Requirement]:
    """What one JSON object of an answer tells; nothing for any other object."""
    if "rowData" in item:
        yield from _compliance(item)
    elif "metric" in item and isinstance(item.get("value"), Mapping):
        yield from _statistic(item)
    elif "userReportedSpamRatio" in item or "domainReputation" in item or "ipReputations" in item:
        yield from _traffic(item)


def _named(item: Mapping[str, object]) -> tuple[str, str]:
    """The domain and the date in a resource name."""
    found = _NAME.match(str(item.get("name", ""))[:400])
    return (query_name(found[1]) or "", found[2] or "") if found else ("", "")


def _traffic(item: Mapping[str, object]) -> Iterator[Day]:
    domain, written = _named(item)
    day = read_day(written)
    word = str(item.get("domainReputation", ""))[:40].upper()
    rate = read_rate(item.get("userReportedSpamRatio"))
    low = read_rate(item.get("userReportedSpamRatioLowerBound"))
    if rate is not None and low is not None:
        # The ratio is then the middle of an interval; what is certain is its lower end.
        rate = Rate(low.value, rate.text)
    yield Day(RECEIVER, domain, day, rate, _REPUTATIONS.get(word), word if word in _REPUTATIONS else "")
    groups = item.get("ipReputations")
    for group in groups[:10] if isinstance(groups, list) else ():
        if not isinstance(group, Mapping):
            continue
        word = str(group.get("reputation", ""))[:40].upper()
        samples = group.get("sampleIps")
        for sample in samples[:_SAMPLES] if isinstance(samples, list) and word in _REPUTATIONS else ():
            address = read_address(sample)
            if address is not None:
                yield Day(RECEIVER, str(address), day, None, _REPUTATIONS[word], word)


def _statistic(item: Mapping[str, object]) -> Iterator[Day]:
    metric = str(item["metric"]).lower()[:100]
    if "spam" not in metric or "feedback" in metric or "fbl" in metric:
        return
    value = item["value"]
    numbers = [value.get(key) for key in ("doubleValue", "floatValue")] if isinstance(value, Mapping) else []
    rate = next((found for number in numbers if (found := read_rate(number)) is not None), None)
    if rate is not None:
        yield Day(RECEIVER, _named(item)[0], read_day(item.get("date")), rate)


def _compliance(item: Mapping[str, object]) -> Iterator[Requirement]:
    domain = query_name(str(item.get("domainId", ""))[:300]) or ""
    rows = item["rowData"]
    for row in rows[:_MOST_REQUIREMENTS] if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            yield from _requirement(domain, str(row.get("requirement", "")), row)
    for key, name in (
        ("oneClickUnsubscribeVerdict", "ONE_CLICK_UNSUBSCRIBE"),
        ("honorUnsubscribeVerdict", "HONOR_UNSUBSCRIBE"),
    ):
        verdict = item.get(key)
        if isinstance(verdict, Mapping):
            yield from _requirement(domain, name, verdict)


def _requirement(domain: str, name: str, row: Mapping[str, object]) -> Iterator[Requirement]:
    status = row.get("status")
    state = str(status.get("status", "") if isinstance(status, Mapping) else status).upper()
    if state in ("COMPLIANT", "NEEDS_WORK"):
        yield Requirement(RECEIVER, domain, name[:60], state == "COMPLIANT", str(row.get("reason") or "")[:60])


class Columns:
    """Where a CSV file of days has its date, rate and domain; made from its header."""

    def __init__(self, header: Sequence[str]) -> None:
        names = [name.strip().lower() for name in header[:50]]
        self.date = _column(names, ("date", "fecha", "day", "día", "dia"))
        self.rate = _column(names, ("spam", "complaint", "quejas"))
        self.domain = _column(names, ("domain", "dominio"))
        named = names[self.rate] if self.rate is not None else ""
        self.percent = "%" in named or "percent" in named or "porcentaje" in named

    @property
    def fit(self) -> bool:
        """Whether they are those of a file about reported spam."""
        return self.date is not None and self.rate is not None

    def read(self, cells: Sequence[str], line: int) -> Day | None:
        """One row; None where it has no date or no rate."""
        if self.date is None or self.rate is None or max(self.date, self.rate) >= len(cells):
            return None
        day, rate = read_day(cells[self.date]), read_rate(cells[self.rate], percent=self.percent)
        if day is None or rate is None:
            return None
        named = cells[self.domain] if self.domain is not None and self.domain < len(cells) else ""
        return Day(RECEIVER, query_name(named.strip()[:300]) or "" if named.strip() else "", day, rate, line=line)


def _column(names: Sequence[str], words: tuple[str, ...]) -> int | None:
    return next((i for i, name in enumerate(names) if any(word in name for word in words)), None)
