"""Letters in Spanish, English and some in Catalan, Portuguese and French: what is read from each (letters.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from deliverability.content.letter.amounts import Amount, AmountRole, main_amount
from deliverability.content.letter.dates import DateMention
from deliverability.content.letter.facts import LetterFacts, read_letter

LETTERS = tomllib.loads(Path(__file__).with_name("letters.toml").read_text("utf-8"))["letter"]
EXPECTATIONS = frozenset(
    {
        "kind",
        "number",
        "numbers",
        "amount",
        "tax",
        "issued",
        "due",
        "terms",
        "methods",
        "accounts",
        "tax_ids",
        "company",
    }
    | {"identity", "addressee", "attached", "bank_change"}
)
each_letter = pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter["name"])


def _read(letter: dict[str, Any]) -> LetterFacts:
    return read_letter(letter["subject"], letter["text"], file_names=tuple(letter.get("files", ())))


def _shown(day: DateMention | None) -> str:
    if day is None:
        return ""
    return day.date.isoformat() if day.date else f"--{day.month:02}-{day.day:02}"


def _amount(amount: Amount | None) -> str:
    return "" if amount is None else f"{amount.value} {amount.currency}"


def _read_as(facts: LetterFacts) -> dict[str, Any]:
    identity = facts.identity
    return {
        "kind": facts.kind.value,
        "number": next(iter(facts.numbers), ""),
        "numbers": list(facts.numbers),
        "amount": _amount(main_amount(facts.amounts)),
        "tax": _amount(next((amount for amount in facts.amounts if amount.role is AmountRole.TAX), None)),
        "issued": _shown(facts.issued),
        "due": _shown(facts.due),
        "terms": facts.terms.days if facts.terms else None,
        "methods": list(facts.methods),
        "accounts": [f"{account.number} {account.state}" for account in facts.accounts],
        "tax_ids": [
            f"{tax_id.kind} {tax_id.number} {'-' if tax_id.valid is None else 'ok' if tax_id.valid else 'wrong'}"
            for tax_id in identity.tax_ids
        ],
        "company": identity.company,
        "addressee": facts.addressee,
        "attached": len(facts.attachment_claims),
        "bank_change": len(facts.bank_changes),
    }


@each_letter
def test_letter_is_read(letter: dict[str, Any]) -> None:
    facts = _read(letter)
    read = _read_as(facts)
    expected = {key: value for key, value in letter.items() if key in read}

    assert {key: read[key] for key in expected} == expected
    assert set(letter.get("identity", ())) <= set(facts.identity.kinds)


def test_the_collection_is_worth_its_name() -> None:
    assert len(LETTERS) >= 60
    assert len({letter["name"] for letter in LETTERS}) == len(LETTERS)
    assert all(EXPECTATIONS & letter.keys() for letter in LETTERS)
    assert not {key for letter in LETTERS for key in letter} - EXPECTATIONS - {"name", "subject", "text", "files"}
