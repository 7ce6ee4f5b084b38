"""How an invoice is to be paid."""

from __future__ import annotations

from deliverability.content.letter.words import Flat, holds, table

TRANSFER = "transfer"


def find_methods(text: Flat, *, has_account: bool = False) -> tuple[str, ...]:
    """The ways of paying that a text names, as `words.toml` calls them; an account number means a transfer."""
    found = [name for name in table()["methods"] if holds("methods", name, text)]
    if has_account and TRANSFER not in found:
        found.append(TRANSFER)
    return tuple(sorted(found))
