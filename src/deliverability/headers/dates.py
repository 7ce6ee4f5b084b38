"""Dates of header fields (RFC 5322 §3.3), the obsolete forms of §4.3 included.

A date that breaks the grammar is still read where it says one moment without guessing: then `moment` is there and
`valid` is False. Without a zone, or with one that nobody can tell, there is no moment.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.headers.charsets import decode_unlabelled

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
#: Month names that programs set to another language write; the year's names that differ from the English ones.
_FOREIGN_MONTHS = {
    "ene": 1, "enero": 1, "febrero": 2, "marzo": 3, "abr": 4, "abril": 4, "mayo": 5, "mai": 5, "junio": 6, "julio": 7,
    "ago": 8, "agosto": 8, "sept": 9, "septiembre": 9, "octubre": 10, "noviembre": 11, "dic": 12, "diciembre": 12,
    "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10, "okt": 10, "dez": 12, "déc": 12, "fév": 2, "avr": 4,
    "juin": 6, "juil": 7, "août": 8, "mär": 3, "märz": 3, "febr": 2, "març": 3, "maig": 5, "juny": 6, "des": 12, "fev": 2,
    "out": 10,
}  # fmt: skip
_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
#: RFC 5322 §4.3: zones by name that mean something; all others count as -0000.
_ZONES = {"ut": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_DATE = pattern(
    r"(?:(?P<weekday>[^\W\d_]{1,12})\.?(?P<comma>\s*,)?\s*)?(?P<day>[0-9]{1,2})(?P<dash>[ \t\r\n]+|-)(?P<month>[^\W\d_]{3,12})\.?"
    r"(?:\s+|-)(?P<year>[0-9]{2,5})\s+(?P<hour>[0-9]{1,2})\s*:\s*(?P<minute>[0-9]{1,2})(?:\s*:\s*(?P<second>[0-9]{1,2}))?"
    r"(?:\s*(?P<zone>[+-][0-9]{1,6}|[A-Za-z]{1,8}(?![\w+-])))?(?P<rest>\s*\S.*)?\s*"
)
#: A date as RFC 5322 §3.3 writes it, perhaps with the zone's name in a comment after it.
_REGULAR = pattern(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), ?)?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})(?: \([A-Za-z ]{1,40}\))?"
)
_COMMENT_EDGE = pattern(r"[()\\]")
#: RFC 5322 §3.3: the year is after 1899. `0102` is a program's way to write 2002.
_FIRST_YEAR = 1900
#: The first that no longer fits wherever the clock stands.
_LAST_YEAR = 9999
#: A longer text is no date.
MAX_DATE = 500


class DateDefectKind(StrEnum):
    """Why a date is not as RFC 5322 §3.3 wants it."""

    EMPTY = "empty"
    SYNTAX = "syntax"
    LANGUAGE = "language"  # names of months or days that are not English
    WEEKDAY = "weekday"  # not the day of the week that the date was
    RANGE = "range"  # 31 April, 25:00
    NO_ZONE = "no-zone"
    BAD_ZONE = "bad-zone"
    TEXT_AFTER = "text-after"
    OBSOLETE_YEAR = "obsolete-year"  # two or three digits (§4.3)
    OBSOLETE_ZONE = "obsolete-zone"  # a zone by name (§4.3)
    UNKNOWN_ZONE = "unknown-zone"  # `CET` and others say nothing (§4.3)
    ONE_DIGIT = "one-digit"  # 9:05 for 09:05
    COMMENT = "unclosed-comment"


#: Obsolete, and understood all the same: a receiver must accept them (RFC 5322 §4).
_OBSOLETE = frozenset({DateDefectKind.OBSOLETE_YEAR, DateDefectKind.OBSOLETE_ZONE})


class DateReading(NamedTuple):
    """A date field as it was understood."""

    #: The moment, aware; None when the text does not tell one.
    moment: datetime | None
    defects: tuple[DateDefectKind, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it follows RFC 5322, the obsolete forms included."""
        return self.moment is not None and _OBSOLETE.issuperset(self.defects)


def parse_date(value: bytes | str) -> datetime | None:
    """The moment, aware, of a valid date; None for one that breaks the grammar. Never raises."""
    reading = read_date(value)
    return reading.moment if reading.valid else None


def read_date(value: bytes | str) -> DateReading:
    """The date with what is wrong with it. Never raises."""
    if len(value) > MAX_DATE:
        return DateReading(None, (DateDefectKind.SYNTAX,))
    text = (decode_unlabelled(value) if isinstance(value, bytes) else value).strip()
    regular = _regular(text)
    if regular is not None:
        return DateReading(regular)
    defects: list[DateDefectKind] = []
    if "(" in text:
        text = _without_comments(text, defects)
    if not text:
        return DateReading(None, (DateDefectKind.EMPTY,))
    found = _DATE.fullmatch(text)
    if found is None:
        return DateReading(None, (*defects, DateDefectKind.SYNTAX))
    name = found["month"].lower()
    month = _MONTHS.get(name)
    if month is None:
        month = _FOREIGN_MONTHS.get(name)
        defects.append(DateDefectKind.SYNTAX if month is None else DateDefectKind.LANGUAGE)
    if found["dash"] == "-" or (found["weekday"] and not found["comma"]):
        defects.append(DateDefectKind.SYNTAX)
    if found["rest"]:
        defects.append(DateDefectKind.TEXT_AFTER)
    if len(found["hour"]) == 1 or len(found["minute"]) == 1 or (found["second"] and len(found["second"]) == 1):
        defects.append(DateDefectKind.ONE_DIGIT)
    zone = _zone(found["zone"], defects)
    if month is None:
        return DateReading(None, tuple(defects))
    moment = _moment(found.groupdict(), month, zone, defects)
    return DateReading(moment, tuple(dict.fromkeys(defects)))


def _regular(text: str) -> datetime | None:
    """The moment of a date as nearly every program writes it, a fifth of the time that the whole grammar takes; None
    where anything about it asks for the grammar. A mail has one in each Received field."""
    found = _REGULAR.fullmatch(text)
    if found is None:
        return None
    weekday, day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    if not _FIRST_YEAR <= int(year) < _LAST_YEAR:
        return None
    try:
        moment = datetime(
            int(year),
            _MONTHS[month.lower()],
            int(day),
            int(hour),
            int(minute),
            int(second),
            0,
            _offset(sign, hours, minutes),
        )
    except ValueError:
        return None
    return moment if not weekday or _DAYS[weekday.lower()] == moment.weekday() else None


@functools.lru_cache(maxsize=128)
def _offset(sign: str, hours: str, minutes: str) -> timezone:
    """Raises ValueError beyond a day. Zones are few: a mail goes through two or three."""
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(offset if sign == "+" else -offset)


def _moment(
    parts: dict[str, str | None], month: int, zone: timezone | None, defects: list[DateDefectKind]
) -> datetime | None:
    day, hour, minute, second = (int(parts[name] or "0") for name in ("day", "hour", "minute", "second"))
    year = _year(parts["year"] or "", defects)
    try:
        # RFC 5322 §3.3 allows second 60; Python has no leap seconds.
        moment = datetime(
            year, month, day, hour, minute, min(second, 59) if second == 60 else second, tzinfo=zone or UTC
        )
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        defects.append(DateDefectKind.RANGE)
        return None
    named = _DAYS.get((parts["weekday"] or "").lower())
    if parts["weekday"] and named is None:
        defects.append(DateDefectKind.LANGUAGE)
    elif named is not None and named != moment.weekday():
        defects.append(DateDefectKind.WEEKDAY)
    return None if zone is None or DateDefectKind.RANGE in defects else moment


def _year(digits: str, defects: list[DateDefectKind]) -> int:
    """RFC 5322 §4.3: two digits below 50 are in this century, other short ones count from 1900."""
    year = int(digits)
    if len(digits) >= 4:
        if year < _FIRST_YEAR:
            defects.append(DateDefectKind.RANGE)
        return year
    defects.append(DateDefectKind.OBSOLETE_YEAR)
    return year + (2000 if len(digits) == 2 and year < 50 else 1900)


def _zone(text: str | None, defects: list[DateDefectKind]) -> timezone | None:
    """The zone; None when there is none, or none that can be told."""
    if text is None:
        defects.append(DateDefectKind.NO_ZONE)
        return None
    if text[0] in "+-":
        if len(text) != 5 or int(text[3:]) > 59 or int(text[1:3]) > 23:
            defects.append(DateDefectKind.BAD_ZONE)
            return None
        minutes = int(text[1:3]) * 60 + int(text[3:])
        return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))
    if text.lower() in ("am", "pm"):
        defects.append(DateDefectKind.SYNTAX)
        return None
    hours = _ZONES.get(text.lower())
    if hours is not None:
        defects.append(DateDefectKind.OBSOLETE_ZONE)
        return timezone(timedelta(hours=hours))
    # §4.3: all other names, the military letters too, SHOULD be taken as -0000: nothing is known of the place.
    defects.append(DateDefectKind.UNKNOWN_ZONE)
    return UTC


def _without_comments(text: str, defects: list[DateDefectKind]) -> str:
    kept, depth, start, at = [], 0, 0, 0
    while found := _COMMENT_EDGE.search(text, at):
        at = found.end()
        if found[0] == "\\":
            at += 1
        elif found[0] == "(":
            if depth == 0:
                kept.append(text[start : found.start()])
            depth += 1
        elif depth:
            depth -= 1
            start = at
    if depth:
        defects.append(DateDefectKind.COMMENT)
    else:
        kept.append(text[start:])
    return " ".join(kept).strip()
