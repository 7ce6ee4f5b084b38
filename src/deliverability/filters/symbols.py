"""Our codes for the symbols of a filter, from the table that reads them in messages too (headers/symbols.toml)."""

from __future__ import annotations

from deliverability.headers.symbols import code_of


def codes_of(system: str, symbol: str) -> tuple[str, ...]:
    """The codes of our checks that a symbol of `spamassassin` or `rspamd` is about; empty where there is none."""
    code = code_of(system, symbol)
    return (code,) if code else ()
