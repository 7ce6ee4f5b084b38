"""Plain lists of records, as people paste them and panels export them: lines, CSV, or JSON.

    empresa.example          TXT  v=spf1 include:_spf.proveedor.example -all
    _dmarc.empresa.example   3600 IN TXT  "v=DMARC1; p=reject"
    empresa.example          MX   10 mx.empresa.example
    old._domainkey           TXT  -
    viejo                    *    -

A list is a part of a zone: it replaces the records of the names and types that are in it, and says nothing of others. The
value `-` says that a name has no records of that type any more, with the type `*` that it has none at all. Unlike in a
zone file the value of TXT needs no quotes and may hold `;`, and a name that ends in the domain is whole without a dot.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from deliverability.core.errors import UnreadableFile
from deliverability.core.names import DomainName, escape_controls, shown, shown_path
from deliverability.sources.record_values import (
    ANY,
    DEFAULT_TTL,
    GONE,
    MAX_TTL,
    TYPES,
    WrongRecordError,
    gone,
    owner_name,
    unquoted,
    zone_record,
)
from deliverability.sources.zonefile import MAX_RECORDS, ZoneRecord

_LINE = re.compile(r"(\S+)\s+(?:([0-9]{1,10})\s+)?(?:IN\s+)?(?:([0-9]{1,10})\s+)?(\S+)\s+(.*)", re.IGNORECASE)
#: How panels call the columns.
_COLUMNS = {
    "name": ("name", "host", "hostname", "record", "owner", "domain", "nombre", "registro", "dominio"),
    "type": ("type", "record type", "tipo", "tipo de registro"),
    "value": (
        *("value", "content", "data", "target", "rdata", "points to", "answer", "records"),
        *("valor", "contenido", "datos", "destino", "apunta a"),
    ),
    "ttl": ("ttl",),
    "priority": ("priority", "prio", "preference", "mx priority", "prioridad", "preferencia"),
}
_KNOWN = {spelling: key for key, spellings in _COLUMNS.items() for spelling in spellings}


def read_list(text: str, origin: DomainName | None, source: str) -> list[ZoneRecord]:
    """The records of a list; `source` is what error messages call it. Raises `UnreadableFile` with the line."""
    records: list[ZoneRecord] = []
    where = ""
    try:
        for place, entry in _entries(text, source):
            where = place
            record = _record(_line(entry) if isinstance(entry, str) else entry, origin)
            if record is not None:
                records.append(record)
            if len(records) > MAX_RECORDS:
                raise WrongRecordError(f"more than {MAX_RECORDS} records")
    except WrongRecordError as error:
        raise UnreadableFile(f"{shown_path(source)}{where}: {error}") from None
    except csv.Error as error:
        raise UnreadableFile(f"{shown_path(source)}: no CSV ({escape_controls(str(error))[:200]})") from None
    return records


def _entries(text: str, source: str) -> Iterator[tuple[str, Mapping[str, str] | str]]:
    """The place of each record, and its line or its words: name, type, value, and where told ttl and priority."""
    start = text.lstrip()[:1]
    if start in ("[", "{"):
        yield from _json_entries(text, source)
        return
    delimiter = _delimiter(text)
    if delimiter:
        yield from _csv_entries(text, delimiter)
        return
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and stripped[0] not in ";#":
            yield f", line {number}", stripped


def _line(line: str) -> Mapping[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise WrongRecordError("a record is a name, a type and a value (`-` where there is none any more)")
    name, ttl, other_ttl, record_type, value = match.groups()
    return {"name": name, "type": record_type, "value": value, "ttl": ttl or other_ttl or ""}


def _delimiter(text: str) -> str:
    """What parts the cells, where the first line with something in it is one of CSV; else ""."""
    first = next((line for line in text.split("\n") if line.strip() and line.strip()[0] not in ";#"), "")
    for delimiter in ("\t", ";", ","):
        cells = [cell.strip().strip('"') for cell in first.split(delimiter)]
        if len(cells) >= 3 and (_is_header(cells) or any(cell.upper() in TYPES for cell in cells[1:4])):
            return delimiter
    return ""


def _is_header(cells: list[str]) -> bool:
    known = {_KNOWN.get(cell.strip().lower()) for cell in cells}
    return {"name", "type", "value"} <= known


def _csv_entries(text: str, delimiter: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    columns: list[str] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        if not columns:
            if _is_header(cells):
                columns = [_KNOWN.get(cell.strip().lower(), "") for cell in cells]
                continue
            columns = _guessed(cells)
        if len(cells) > len(columns) and columns[-1] == "value":
            # A value without quotes that holds the delimiter, as `v=DMARC1; p=reject` does.
            cells = [*cells[: len(columns) - 1], delimiter.join(cells[len(columns) - 1 :])]  # noqa: PLW2901
        yield f", line {reader.line_num}", {key: cell.strip() for key, cell in zip(columns, cells, strict=False)}


def _guessed(cells: list[str]) -> list[str]:
    """The columns of a CSV without header: a name, the type, the value last, and numbers between."""
    place = next((n for n, cell in enumerate(cells) if cell.strip().upper() in TYPES), None)
    if place is None or place == 0 or place + 1 >= len(cells):
        raise WrongRecordError("it is not clear which column is what; add a first line: name,type,value")
    columns = ["name", *[""] * (place - 1), "type"]
    if place > 1:
        columns[1] = "ttl"
    rest = cells[place + 1 :]
    if len(rest) > 1 and rest[0].strip().isdigit():
        columns.append("priority" if cells[place].strip().upper() == "MX" else "ttl")
    return [*columns, "value"]


def _json_entries(text: str, source: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"{shown_path(source)}, line {error.lineno}: no JSON ({error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{shown_path(source)}: no JSON ({escape_controls(str(error))[:200]})") from None
    if isinstance(document, dict):  # as interfaces of DNS providers answer
        document = next((document[key] for key in ("records", "result", "data", "rrsets") if key in document), None)
    if not isinstance(document, list):
        raise UnreadableFile(f"{shown_path(source)}: no list of records")
    for number, entry in enumerate(document, 1):
        where = f", record {number}"
        if not isinstance(entry, dict):
            raise UnreadableFile(f"{shown_path(source)}{where}: a record is an object with name, type and value")
        for words in _spread(entry):
            yield where, words


def _spread(entry: dict[str, Any]) -> Iterator[dict[str, str]]:
    """An object with one value, or with a list of them."""
    words: dict[str, str] = {}
    values: list[Any] = []
    for key, value in entry.items():
        column = _KNOWN.get(key.strip().lower())
        if column == "value":
            values = value if isinstance(value, list) else [value]
        elif column is not None and isinstance(value, (str, int)) and not isinstance(value, bool):
            words[column] = str(value)
    for value in values:
        told = value.get("content", value.get("value")) if isinstance(value, dict) else value
        if not isinstance(told, (str, int)) or isinstance(told, bool):  # the text 1.10 would be the number 1.1
            raise WrongRecordError(f"{shown(str(told))} is no value")
        yield {**words, "value": str(told)}


def _record(entry: Mapping[str, str], origin: DomainName | None) -> ZoneRecord | None:
    """The record of an entry; None for a type that mail does not ask for."""
    name, record_type = entry.get("name", ""), entry.get("type", "").strip().upper()
    value = entry.get("value", "").strip()
    if not record_type:
        raise WrongRecordError("the type is missing")
    if record_type == "SOA":
        return None  # a list is a part of the zone, whatever stands in it
    if record_type == ANY and value != GONE:
        raise WrongRecordError(f"the type {ANY} goes with the value {GONE} only: the name has no records any more")
    if record_type not in (*TYPES, ANY):
        if not re.fullmatch(r"[A-Z][A-Z0-9-]{0,15}", record_type):
            raise WrongRecordError(f"{shown(record_type)} is no record type")
        return None
    owner = owner_name(name, origin, relative=False)
    if value == GONE:
        return gone(owner, record_type)
    if not value:
        raise WrongRecordError(f"the value is missing; {GONE} says that there is none any more")
    if record_type in ("TXT", "SPF"):
        value = unquoted(value)
    elif record_type == "MX" and entry.get("priority", "").strip():
        value = f"{entry['priority'].strip()} {value}"
    return zone_record(owner, _ttl(entry.get("ttl", "")), record_type, value, origin)


def _ttl(text: str) -> int:
    """Seconds; panels also say `auto`, or 1 for it."""
    stripped = text.strip()
    digits = stripped.isascii() and stripped.isdigit() and len(stripped) <= 10
    return min(int(stripped), MAX_TTL) if digits else DEFAULT_TTL
