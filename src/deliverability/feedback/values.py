"""The values in reputation files: addresses, dates, counts and rates as Microsoft, Google and spreadsheets write them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address

from deliverability.core.addresses import plain
from deliverability.core.patterns import pattern
from deliverability.core.questions import IPAddress
from deliverability.core.text import Text
from deliverability.feedback.facts import Rate

_ADDRESS = pattern(r"\s{0,5}[0-9A-Fa-f:.]{2,45}\s{0,5}")
_ISO = pattern(r"(20[0-9]{2})[-/.]?([0-1][0-9])[-/.]?([0-3][0-9])(?![0-9])")
_US = pattern(r"([0-9]{1,2})/([0-9]{1,2})/(20[0-9]{2})(?![0-9])")
_WORDS = pattern(r"([A-Za-z]{3})[a-z]{0,6}\.? ([0-9]{1,2}), (20[0-9]{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNT = pattern(r"[0-9]{1,3}(?:[,.\u00a0][0-9]{3}){1,3}|[0-9]{1,12}")
_RATE = pattern(r"([<>≤]?)\s*([0-9]{1,12}(?:[.,][0-9]{1,20})?)\s*(%?)")


def read_address(text: object) -> IPAddress | None:
    """An IP address, None where the text is none."""
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        return None
    try:
        return plain(ip_address(text.strip()))
    except ValueError:
        return None


def read_day(value: object) -> date | None:
    """A date: ISO, `20261120`, `11/20/2026 1:00 AM` (Microsoft), `Nov 20, 2026`, or Google's object of three numbers."""
    if isinstance(value, Mapping):
        return _date(value.get("year"), value.get("month"), value.get("day"))
    if not isinstance(value, str):
        return None
    text = value.strip()[:40]
    if found := _ISO.match(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _US.match(text):
        month, day = int(found[1]), int(found[2])
        # Microsoft writes the month first; what cannot be a month came through a spreadsheet of another country.
        return _date(int(found[3]), *((day, month) if month > 12 else (month, day)))
    if (found := _WORDS.match(text)) and found[1].lower() in _MONTHS:
        return _date(int(found[3]), _MONTHS.index(found[1].lower()) + 1, int(found[2]))
    return None


def _date(year: object, month: object, day: object) -> date | None:
    if not (isinstance(year, int) and isinstance(month, int) and isinstance(day, int)):
        return None
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def read_count(value: object) -> int | None:
    """A number of messages, thousands marked or not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**12 else None
    if isinstance(value, str) and _COUNT.fullmatch(value.strip()):
        return int("".join(c for c in value if c.isdigit()))
    return None


def read_rate(value: object, *, percent: bool = False) -> Rate | None:
    """A rate: `< 0.1%`, `0,12 %`, or a share of 1 as APIs give it. `percent`: a bare number is a percentage."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        share = float(value) if abs(value) < 1e6 else math.inf
        return Rate(share, shown_rate(share)) if 0 <= share <= 1 else None
    found = _RATE.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= 40 else None
    if found is None:
        return None
    share = float(found[2].replace(",", ".")) / (100 if found[3] or percent else 1)
    if not 0 <= share <= 1:
        return None
    return Rate(share, shown_rate(share, below=found[1] in ("<", "≤")), found[1] in ("<", "≤"))


def shown_rate(share: float, *, below: bool = False) -> Text:
    """A share as a percentage, as each language writes it."""
    number = f"{share * 100:.3f}".rstrip("0").rstrip(".")
    mark = "< " if below else ""
    return Text(f"{mark}{number} %", f"{mark}{number.replace('.', ',')} %")
