"""Which of our checks a symbol of a spam filter is about (headers/symbols.toml)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from deliverability.core.data import read_table


class _Table(NamedTuple):
    exact: Mapping[str, str]
    #: Beginnings and their codes, the longest first.
    beginnings: tuple[tuple[str, str], ...]


@functools.cache
def _tables() -> Mapping[str, _Table]:
    tables = read_table("deliverability.headers", "symbols.toml")
    return {system: _read(rows) for system, rows in tables.items()}


def _read(rows: Mapping[str, str]) -> _Table:
    beginnings = [(name[:-1], code) for name, code in rows.items() if name.endswith("*")]
    beginnings.sort(key=lambda row: -len(row[0]))
    return _Table(rows, tuple(beginnings))


def code_of(system: str, symbol: str) -> str:
    """The code of our check that a symbol of `spamassassin`, `rspamd` or `microsoft` is about; "" where there is none."""
    table = _tables().get(system)
    if table is None:
        return ""
    found = table.exact.get(symbol)
    if found is not None:
        return found
    return next((code for beginning, code in table.beginnings if symbol.startswith(beginning)), "")
