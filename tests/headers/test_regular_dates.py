"""Regular dates, read the short way, come out as the whole grammar has them."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from deliverability.headers import dates

WEEKDAYS = st.sampled_from(("", "Mon, ", "Tue,", "Sun, ", "mon, ", "Lun, "))
MONTHS = st.sampled_from(("Jan", "Feb", "Apr", "Dec", "dec", "Ene"))
ZONES = st.sampled_from(
    ("+0000", "-0000", "+0200", "-1159", "+2359", "+2400", "+0060", "GMT", "+0100 (CET)", "+0100 (a) b")
)
CLOCKS = st.sampled_from(("08:00:00", "23:59:59", "24:00:00", "08:61:00", "08:00:60", "8:00:00", "08:00"))
YEARS = st.sampled_from((99, 1899, 1900, 2024, 2026, 9998, 9999))


@given(WEEKDAYS, st.integers(0, 32), MONTHS, YEARS, CLOCKS, ZONES)
def test_both_ways_agree(weekday: str, day: int, month: str, year: int, clock: str, zone: str) -> None:
    text = f"{weekday}{day} {month} {year} {clock} {zone}"
    short = dates._regular(text)
    if short is not None:
        found = dates._DATE.fullmatch(text.partition(" (")[0])
        assert found is not None
        assert dates.read_date(text + " ()").moment == short  # the second comment asks for the grammar
        assert dates.read_date(text + " ()").defects == ()
        assert datetime.utcoffset(short) == datetime.utcoffset(dates.read_date(text + " ()").moment or short)


def test_a_regular_date_takes_the_short_way() -> None:
    assert dates._regular("Sun, 22 Nov 2026 08:00:00 +0100 (CET)") is not None
    assert dates._regular("Mon, 22 Nov 2026 08:00:00 +0100") is None  # it was a Sunday
