"""Dates and payment terms in the text of an invoice.

`22/11/2026`, `2026-11-22`, `22 de noviembre de 2026`, `November 22, 2026`, `vence el 3 de diciembre`, `a 30 días`,
`net 30`. Days and months that could be either are read day first, and month first only in an English text that
counts in dollars.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from deliverability.content.letter.words import Flat, holds, words_of
from deliverability.core.patterns import pattern

#: Dates of one text that are kept.
MAX_DATES = 100
#: Characters before a date that may say what it is.
_LABEL = 60


class DateRole(StrEnum):
    """What a date is, by the words before it."""

    ISSUE = "issue"
    DUE = "due"
    OTHER = "other"


class DateMention(NamedTuple):
    """A date of a text; `year` is 0 where none stands."""

    year: int
    month: int
    day: int
    role: DateRole
    #: As written, folded.
    text: str
    start: int

    @property
    def date(self) -> date | None:
        """The date; None without a year."""
        return date(self.year, self.month, self.day) if self.year else None


class Terms(NamedTuple):
    """Payment terms that name no date: days after the invoice, 0 at once."""

    days: int
    text: str


_MONTHS = (
    ("enero", "ene", "january", "jan", "janeiro", "gener", "janvier"),
    ("febrero", "feb", "february", "fevereiro", "febrer", "fevrier"),
    ("marzo", "mar", "march", "marco", "mars"),
    ("abril", "abr", "april", "apr", "avril"),
    ("mayo", "may", "maio", "maig", "mai"),
    ("junio", "jun", "june", "junho", "juny", "juin"),
    ("julio", "jul", "july", "julho", "juliol", "juillet"),
    ("agosto", "ago", "august", "aug", "agost", "aout"),
    ("septiembre", "setiembre", "sep", "sept", "set", "september", "setembro", "setembre", "septembre"),
    ("octubre", "oct", "october", "outubro", "out", "octobre"),
    ("noviembre", "nov", "november", "novembro", "novembre"),
    ("diciembre", "dic", "december", "dec", "dezembro", "desembre", "decembre"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_FULL = {name for names in _MONTHS for name in names if len(name) > 3}
#: Short names that are no other word, so that a day beside them is enough.
_SHORT = _FULL | {"jan", "ene", "feb", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "dic"}
_MONTH = "|".join(sorted(_MONTH_OF, key=lambda name: (-len(name), name)))

_NUMERIC = pattern(r"(?<![\w/.\-])(\d{1,4})([/.\-])(\d{1,2})\2(\d{2,4})(?![\w/]|-\d|[.,]\d)")
_DAY_FIRST = pattern(
    rf"(?<![\w/.,\-])(\d{{1,2}})(?:st|nd|rd|th|º|ª)?(?:[ \n](?:de|d'|of|o)|[./-])?[ \n]?(?:d')?({_MONTH})(?![a-z])\.?"
    r"(?:(?:,?[ \n](?:de|del|of|do)?[ \n]?|[./-])(\d{4}|\d{2}(?=[\s.,;)]))(?!\d))?"
)
#: "November 22, 2026" is found by its day: few characters are digits, and any may begin a month.
_MONTH_FIRST = pattern(r"(?<=[a-z.])[ \n](\d{1,2})(?:st|nd|rd|th)?(?![\d/:.]\d|\d)(?:,?[ \n](\d{4})(?!\d))?")
_MONTH_BEFORE = pattern(rf"(?<![a-z])({_MONTH})\.?$")
_LONGEST_MONTH = 12
_TERMS = pattern(
    r"(?<!\w)(?:(?:a|en|dentro de|de|dias?:?|within|net|neto|in|at|ate|sous)[ \n](?:(?:un|el)[ \n]plazo[ \n]de[ \n])?(?:los[ \n])?(?:proximos[ \n]|siguientes[ \n]|next[ \n])?"
    r"(\d{1,3})[ \n-]?(?:dias|dies|days?|jours|d\b|ddf\b)|(\d{1,3})[ -](?:dias|days?|dies)[ \n](?:fecha|f\.?f|naturales|habiles|desde|a partir|from|after|de la fecha|date|net|terms|plazo)"
    r"|net[ -]?(\d{1,3})(?![\d.,])|plazo[^\n\d]{0,20} (\d{1,3})[ \n]dias)"
)
#: One of these stands in all terms that name days.
_TERM_HINTS = ("dia", "dies", "day", "jour", "net", "d ", "ddf", "plazo")
_AGO = pattern(r"(?:hace|llevamos|desde hace|last|past|ultimos|every|cada)[ \n]$")


def find_dates(folded: str, *, month_first: bool = False) -> tuple[DateMention, ...]:
    """The dates of a folded text, in its order. Linear; at most `MAX_DATES`. A day that is in no calendar is no date."""
    found: list[tuple[int, int, tuple[int, int, int]]] = []
    for wanted, reader in _readers(month_first):
        for count, match in enumerate(wanted.finditer(folded)):
            if count >= 10 * MAX_DATES:
                break
            parts = reader(match)
            if parts is not None and _in_calendar(*parts):
                found.append((_start(match, wanted), match.end(), parts))
    mentions: list[DateMention] = []
    at = 0
    for start, end, (year, month, day) in sorted(found):
        if start >= at and len(mentions) < MAX_DATES:
            role = _role(_label(folded, start, at))
            mentions.append(DateMention(year, month, day, role, folded[start:end], start))
            at = end
    return tuple(mentions)


def _start(match: re.Match[str], wanted: re.Pattern[str]) -> int:
    if wanted is not _MONTH_FIRST:
        return match.start()
    month = _month_before(match)
    return match.start() - (len(month[0]) if month else 0)


def _month_before(match: re.Match[str]) -> re.Match[str] | None:
    return _MONTH_BEFORE.search(match.string, max(0, match.start() - _LONGEST_MONTH), match.start())


def _readers(
    month_first: bool,
) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int, int, int] | None]], ...]:
    return (
        (_NUMERIC, lambda match: _numeric(match, month_first)),
        (_DAY_FIRST, _day_first),
        (_MONTH_FIRST, _month_first),
    )


def _numeric(match: re.Match[str], month_first: bool) -> tuple[int, int, int] | None:
    first, middle, last = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return (first, middle, last) if len(match[4]) <= 2 else None
    if len(match[1]) > 2 or len(match[4]) == 3:
        return None
    year = last if len(match[4]) == 4 else 2000 + last
    if middle > 12 or (month_first and first <= 12):
        return year, first, middle
    return year, middle, first


def _day_first(match: re.Match[str]) -> tuple[int, int, int] | None:
    year = int(match[3]) if match[3] else 0
    if not year and match[2] not in _SHORT:
        return None  # "3 mar", "2 set": too little to be sure
    return (2000 + year if 0 < year < 100 else year), _MONTH_OF[match[2]], int(match[1])


def _month_first(match: re.Match[str]) -> tuple[int, int, int] | None:
    month = _month_before(match)
    if month is None or (month[1] not in _SHORT and not match[2]):
        return None
    return int(match[2] or 0), _MONTH_OF[month[1]], int(match[1])


def _in_calendar(year: int, month: int, day: int) -> bool:
    if not (year == 0 or 1990 <= year <= 2199) or not 1 <= month <= 12 or not 1 <= day <= 31:
        return False
    try:
        date(year or 2024, month, day)
    except ValueError:
        return False
    return True


def _label(folded: str, start: int, floor: int) -> str:
    """What stands before the date on its line; for one that begins its line, the line before."""
    window = folded[max(floor, start - _LABEL) : start]
    head, feed, line = window.rpartition("\n")
    if not feed:
        return window
    return line if line.strip(" :|-") else head.rstrip("\n ").rpartition("\n")[2]


def _role(label: str) -> DateRole:
    if words_of("dates", "due").search(label):
        return DateRole.DUE
    return DateRole.ISSUE if words_of("dates", "issue").search(label) else DateRole.OTHER


def find_terms(folded: str, flattened: Flat) -> Terms | None:
    """The first payment terms of a folded text, given flat as well, that name days, or that all is payable at once."""
    named = any(hint in folded for hint in _TERM_HINTS)
    for count, match in enumerate(_TERMS.finditer(folded) if named else ()):
        if count >= MAX_DATES:
            break
        days = next((int(group) for group in match.groups() if group), 0)
        around = folded[max(0, match.start() - 80) : match.end() + 60]
        sure = match[3] is not None or words_of("dates", "near_terms").search(around)
        if 0 < days <= 365 and sure and not _AGO.search(folded, max(0, match.start() - 12), match.start()):
            return Terms(days, match[0].strip())
    found = words_of("dates", "at_once").search(folded) if holds("dates", "at_once", flattened) else None
    return Terms(0, found[0]) if found else None
