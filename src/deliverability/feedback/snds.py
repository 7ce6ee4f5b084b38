"""Exports of Microsoft's Smart Network Data Services, of before and after its rebuilding in June 2026.

The CSV files have come without a header (one to two dates, trap times as two cells) and with one (one date, an extra
cell), and the newer service also answers in JSON. So a row is read by its values: first the address, then the word
GREEN, YELLOW or RED, before which stand three counts and after which stands the rate of complaints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deliverability.feedback.facts import AddressBlock, Day, Verdict
from deliverability.feedback.values import read_address, read_count, read_day, read_rate

RECEIVER = "Outlook.com"
_WORDS = {"GREEN": Verdict.GOOD, "YELLOW": Verdict.DOUBTED, "RED": Verdict.BAD}
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def read_row(cells: Sequence[str], line: int) -> Day | AddressBlock | None:
    """One row of a CSV file, of either kind; None for any other."""
    first = read_address(cells[0]) if cells else None
    if first is None:
        return None
    if len(cells) >= 3 and (last := read_address(cells[1])) is not None:
        blocked = _yes_or_no(cells[2])
        if blocked is None or first.version != last.version or int(first) > int(last):
            return None
        return AddressBlock(RECEIVER, first, last, blocked, cells[3].strip()[:300] if len(cells) > 3 else "", line)
    at = next((i for i, cell in enumerate(cells) if cell.strip().upper() in _WORDS), None)
    if at is None or at + 1 >= len(cells):
        return None
    word = cells[at].strip().upper()
    return Day(
        RECEIVER,
        str(first),
        next((day for cell in cells[1:at] if (day := read_day(cell))), None),
        read_rate(cells[at + 1]),
        _WORDS[word],
        word,
        read_count(cells[at - 1]),
        next((n for cell in cells[at + 2 :] if (n := read_count(cell)) is not None), None),
        line,
    )


def read_object(item: Mapping[str, object]) -> Day | AddressBlock | None:
    """One object of the JSON form; None for any other."""
    keys = {key.lower(): value for key, value in item.items()}
    first, last = read_address(keys.get("beginningipaddress")), read_address(keys.get("endingipaddress"))
    if first is not None and last is not None:
        blocked = _yes_or_no(str(keys.get("blocked", "")))
        if blocked is None or first.version != last.version or int(first) > int(last):
            return None
        return AddressBlock(RECEIVER, first, last, blocked, str(keys.get("reason", ""))[:300])
    address, word = read_address(keys.get("ipaddress")), str(keys.get("filterresult", ""))[:20].upper()
    if address is None or word not in _WORDS:
        return None
    return Day(
        RECEIVER,
        str(address),
        read_day(keys.get("activityperiod") or keys.get("activitystart") or keys.get("date")),
        read_rate(keys.get("complaintrate")),
        _WORDS[word],
        word,
        read_count(keys.get("messagerecipients")),
        read_count(keys.get("traphits")),
    )


def _yes_or_no(cell: str) -> bool | None:
    word = cell.strip().lower()[:10]
    return True if word in _YES else False if word in _NO else None
