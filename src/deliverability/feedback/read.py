"""Reading reputation files: what a file is shows in what it holds, not in its name.

Reading never fails on what a file holds: what is not understood is counted by its line. Only a file in which nothing
at all is understood is no reputation file, and `load` says so.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from deliverability.core.errors import UnreadableFile
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import shown_path
from deliverability.feedback import bounces, postmaster, snds
from deliverability.feedback.facts import AddressBlock, Day, FileKind, Refusal, ReputationFile, Requirement

#: What a caller gives: a path, or the octets of a file.
Given: TypeAlias = str | Path | bytes
_Item: TypeAlias = Day | AddressBlock | Requirement | Refusal
_DEPTH = 8
_MOST_DEFECTS = 100
#: Lines that may stand above a table: a title, the name of the domain, the header.
_MOST_ABOVE = 20
_DELIMITERS = (",", ";", "\t")


def load(given: Iterable[Given], limits: Limits = DEFAULT_LIMITS) -> tuple[ReputationFile, ...]:
    """Each file, read. Raises `UnreadableFile` for one that cannot be opened, is too large, or holds none of it."""
    return tuple(_load(one, limits) for one in given)


def _load(given: Given, limits: Limits) -> ReputationFile:
    if isinstance(given, bytes):
        name, octets = "", given[: limits.reputation_octets + 1]
    else:
        path = Path(given)
        name = path.name
        try:
            with path.open("rb") as file:
                octets = file.read(limits.reputation_octets + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            raise UnreadableFile(f"{shown_path(given)} cannot be read: {reason}") from None
    label = shown_path(given) if name else "the reputation file"
    if len(octets) > limits.reputation_octets:
        raise UnreadableFile(f"{label}: larger than {limits.reputation_octets // 2**20} MiB; export fewer days")
    read = read_file(octets, name, limits=limits)
    if not read.kinds:
        raise UnreadableFile(
            f"{label}: neither an export of SNDS or Postmaster Tools (CSV, JSON) nor the text of a bounce"
        )
    return read if name else replace(read, name=read.kinds[0].value)


def read_file(octets: bytes, name: str = "", *, limits: Limits = DEFAULT_LIMITS) -> ReputationFile:
    """What the octets of a file tell; without `kinds` where nothing is understood. Never raises."""
    text = _decoded(octets[: limits.reputation_octets])
    document = _document(text)
    if document is not None:
        return _gathered(name, ((item, 0) for item in _items_of(document, limits)), limits)
    table = _gathered(name, _rows(text, limits), limits)
    if table.kinds:
        return table
    read = _gathered(name, _replies(text), limits)
    if not read.kinds and any(bounces.is_bounce(line) for line in text.splitlines()):
        return replace(read, kinds=(FileKind.BOUNCES,))  # replies that nobody's table knows
    return read


def _decoded(octets: bytes) -> str:
    """UTF-8, or UTF-16 as spreadsheets export it; what is neither keeps its ASCII."""
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return octets.decode("utf-16", "replace")
    return octets.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _gathered(name: str, items: Iterable[tuple[_Item | None, int]], limits: Limits) -> ReputationFile:
    """Items into a file; None stands for a line that was not understood, and its number says which."""
    days: list[Day] = []
    blocks: list[AddressBlock] = []
    requirements: list[Requirement] = []
    refusals: list[Refusal] = []
    defects: list[int] = []
    rows = 0
    for item, line in items:
        rows += 1
        if rows > limits.reputation_rows:
            continue
        if isinstance(item, Day):
            days.append(item)
        elif isinstance(item, AddressBlock):
            blocks.append(item)
        elif isinstance(item, Requirement):
            requirements.append(item)
        elif isinstance(item, Refusal):
            refusals.append(item)
        elif len(defects) < _MOST_DEFECTS:
            defects.append(line)
    kinds = _kinds(days, blocks, requirements, refusals)
    left_out = max(0, rows - limits.reputation_rows)
    return ReputationFile(
        name, kinds, tuple(days), tuple(blocks), tuple(requirements), tuple(refusals), tuple(defects), left_out
    )


def _kinds(
    days: list[Day], blocks: list[AddressBlock], requirements: list[Requirement], refusals: list[Refusal]
) -> tuple[FileKind, ...]:
    receivers = {day.receiver for day in days}
    seen = (
        (FileKind.SNDS_DATA, snds.RECEIVER in receivers),
        (FileKind.SNDS_STATUS, bool(blocks)),
        (FileKind.POSTMASTER_TRAFFIC, postmaster.RECEIVER in receivers),
        (FileKind.POSTMASTER_COMPLIANCE, bool(requirements)),
        (FileKind.BOUNCES, bool(refusals)),
    )
    return tuple(kind for kind, there in seen if there)


# --- JSON -----------------------------------------------------------------------------------------------------------


def _document(text: str) -> object:
    """The JSON document that the text is; None for any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        document: object = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return document


def _items_of(document: object, limits: Limits) -> Iterator[_Item]:
    """What every object of a document tells; wrappings (`value`, `results`, …) do not matter."""
    todo: list[tuple[object, int]] = [(document, 0)]
    seen = 0
    while todo and seen < 20 * limits.reputation_rows:
        here, depth = todo.pop()
        seen += 1
        if isinstance(here, Mapping):
            one = snds.read_object(here)
            if one is not None:
                yield one
            yield from postmaster.read_object(here)
        inner = here.values() if isinstance(here, Mapping) else here if isinstance(here, list) else ()
        if depth < _DEPTH:
            todo.extend((item, depth + 1) for item in reversed(list(inner)) if isinstance(item, Mapping | list))


# --- tables ---------------------------------------------------------------------------------------------------------


def _rows(text: str, limits: Limits) -> Iterator[tuple[_Item | None, int]]:
    """The rows of a table, after what stands above it; blank lines are none."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    if delimiter not in first:
        return
    columns: postmaster.Columns | None = None
    begun, above = False, 0
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            item: _Item | None = snds.read_row(cells, reader.line_num)
            if item is None and columns is not None:
                item = columns.read(cells, reader.line_num)
            begun = begun or item is not None
            if not begun and columns is None:
                found = postmaster.Columns(cells)
                columns = found if found.fit else None
                above += 1
                if above > _MOST_ABOVE:
                    return
                continue
            yield item, reader.line_num
    except csv.Error:  # a field without end, for instance
        yield None, reader.line_num


# --- bounces --------------------------------------------------------------------------------------------------------


def _replies(text: str) -> Iterator[tuple[_Item, int]]:
    """The refusals in a text; a header field that was folded, as Diagnostic-Code is, is read as one line."""
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t") and pending and len(pending) < 4_000:
            pending += " " + line.strip()
            continue
        yield from _reply(pending, start)
        pending, start = line[:4_000], number
    yield from _reply(pending, start)


def _reply(line: str, number: int) -> Iterator[tuple[_Item, int]]:
    found = bounces.read_line(line, number) if line else None
    if found is not None:
        yield found, number
