"""Amounts of money as people write them in Spain, Latin America and English-speaking countries.

`1.234,56 €`, `EUR 1,234.56`, `$1,234.56`, `1 234,56 €`, `S/ 120.00`, `COP 1.200.000`. A number is an amount when a
currency stands beside it, or when it has cents and a word such as "total" or "importe" before it. Separators: with both
kinds in one number the last is the decimal one; one kind with three digits behind it groups thousands, with one or two
it is the decimal mark.
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from deliverability.content.letter.words import words_of
from deliverability.core.patterns import pattern

#: Amounts of one text that are kept; the rest is not read.
MAX_AMOUNTS = 200
#: Numbers of one text that are looked at.
_MAX_NUMBERS = 20_000
#: Characters a number may have; longer is no amount.
_MAX_DIGITS = 24
#: Characters before an amount that may say what it is.
_LABEL = 70


class AmountRole(StrEnum):
    """What an amount is, by the words before it."""

    TOTAL = "total"
    PENDING = "pending"  # still to be paid
    TAX = "tax"  # IVA, IGIC, IGV, VAT, withholdings
    BASE = "base"  # before tax
    OTHER = "other"


class Amount(NamedTuple):
    """An amount: its value, the ISO 4217 code ("$" where only that sign stands, "" without any), and its role."""

    value: Decimal
    currency: str
    role: AmountRole
    #: As written.
    text: str
    start: int


_NUMBER = pattern(r"(?<![\d.,])(?:\d{1,3}(?: \d{3}){1,4}(?:[.,]\d{1,2})?(?![\d.,]*\d)|\d+(?:[.,']\d+)*)")
_GROUPED = pattern(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*")

#: Currency by what people write; folded. Longer spellings stand first.
_CURRENCIES = (
    ("us$", "USD"), ("u$s", "USD"), ("usd", "USD"), ("u$d", "USD"), ("mx$", "MXN"), ("mxn", "MXN"), ("m.n.", "MXN"), ("col$", "COP"),
    ("cop", "COP"), ("clp", "CLP"), ("ar$", "ARS"), ("ars", "ARS"), ("r$", "BRL"), ("brl", "BRL"), ("s/.", "PEN"), ("s/", "PEN"),
    ("pen", "PEN"), ("soles", "PEN"), ("euros", "EUR"), ("euro", "EUR"), ("eur", "EUR"), ("€", "EUR"), ("gbp", "GBP"), ("£", "GBP"),
    ("uyu", "UYU"), ("bob", "BOB"), ("bs.", "BOB"), ("pyg", "PYG"), ("crc", "CRC"), ("₡", "CRC"), ("dop", "DOP"), ("rd$", "DOP"),
    ("gtq", "GTQ"), ("hnl", "HNL"), ("chf", "CHF"), ("cad", "CAD"), ("aud", "AUD"), ("dolares", "USD"), ("dollars", "USD"),
    ("pounds", "GBP"), ("pesos", "$"), ("$", "$"),
)  # fmt: skip
_CODES = dict(_CURRENCIES)
_SPELLED = "|".join(re.escape(spelling) for spelling, _ in sorted(_CURRENCIES, key=lambda pair: -len(pair[0])))
_BEFORE = pattern(rf"(?:^|[^a-z$€£])({_SPELLED}) ?[-−]? ?$")
_AFTER = pattern(rf" ?({_SPELLED})(?![a-z0-9])")
_CODE_TOO = pattern(r" ?(usd|mxn|cop|clp|ars|uyu|m\.n\.|pesos mexicanos|dolares|cad|aud)(?![a-z0-9])")


def find_amounts(text: str, folded: str) -> tuple[Amount, ...]:
    """The amounts of a text, in its order; `folded` is `text` folded. Linear; at most `MAX_AMOUNTS`."""
    amounts: list[Amount] = []
    label_from = 0
    for count, found in enumerate(_NUMBER.finditer(folded)):
        if len(amounts) >= MAX_AMOUNTS or count >= _MAX_NUMBERS:
            break
        amount = _amount(text, folded, found.start(), found.end(), label_from)
        if amount is not None:
            amounts.append(amount)
            label_from = found.end()
    return tuple(amounts)


def _amount(text: str, folded: str, start: int, end: int, label_from: int) -> Amount | None:
    number = folded[start:end]
    if len(number) > _MAX_DIGITS:
        return None
    before = _BEFORE.search(folded[max(0, start - 8) : start])
    after = _AFTER.match(folded, end, end + 10)
    if before is None and after is None:
        if not _has_cents(number) or folded[end : end + 2].strip().startswith("%"):
            return None
        role = _role(_label(folded, start, label_from))
        if role is AmountRole.OTHER or folded[start - 1 : start] in ("/", "-", "_", "."):
            return None
        currency = ""
    else:
        currency = _currency(before, after, folded, end)
        role = _role(_label(folded, start, label_from))
    value = parse_number(number)
    if value is None:
        return None
    sign_at = start - (len(before[0]) if before else 0) - 1
    if "-" in folded[max(0, sign_at) : start] and not folded[max(0, sign_at - 1) : max(0, sign_at)].isalnum():
        value = -value
    shown_from = start - len(before[0].lstrip(" \n:(|")) if before else start
    return Amount(value, currency, role, text[shown_from : after.end() if after else end].strip(), start)


def _currency(before: re.Match[str] | None, after: re.Match[str] | None, folded: str, end: int) -> str:
    """`$ 1,234.00 MXN` is MXN: a code says more than the sign."""
    code = _CODES[(before or after)[1]] if before or after else ""  # type: ignore[index]
    if code == "$":
        more = _CODE_TOO.match(folded, end, end + 20)
        if more:
            return _CODES.get(more[1], "MXN")
    return code


def _has_cents(number: str) -> bool:
    return len(number) > 3 and number[-3] in ".,"


def parse_number(number: str) -> Decimal | None:
    """The value of digits with separators; None when they are no number that anybody writes."""
    number = number.strip().replace(" ", "").replace("'", "")
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return Decimal(number) if number.isascii() and number.isdigit() else None
    whole, cents, mark = number[:last], number[last + 1 :], number[last]
    if mark in whole or (len(cents) == 3 and whole.lstrip("0")):
        # 1.200.000 and 1.234: the mark groups. Behind marks of the other kind it is the decimal one: 1,200.500.
        grouped = mark in whole or not ("." in whole or "," in whole)
        digits = (number if grouped else whole).replace(".", "").replace(",", "")
        cents = "" if grouped else cents
    else:
        digits = whole.replace(".", "").replace(",", "")
    if not (digits + cents).isascii() or not (digits + cents).isdigit():
        return None
    return Decimal(f"{digits or '0'}.{cents or '0'}").quantize(Decimal(1) if not cents else Decimal("0.01"))


def _label(folded: str, start: int, label_from: int) -> str:
    """What stands before the amount on its line; for one that begins its line, the line before."""
    floor = max(label_from, start - _LABEL)
    window = folded[floor:start]
    head, feed, line = window.rpartition("\n")
    if not feed:
        return window
    if _ONLY_CURRENCY.fullmatch(line):
        return head.rstrip("\n ").rpartition("\n")[2]
    return line


_ONLY_CURRENCY = pattern(r"[\s|:\-]{0,6}(?:eur|usd|us|mxn|mx|cop|clp|ars|gbp|pen|brl|r|s/)?[\s|:$€£.\-]{0,4}")
_TAX_INCLUDED = pattern(
    r"\(?(?:iva|igic|igv|vat|tax(?:es)?|impuestos?)\.? ?(?:\d{1,2} ?% ?)?(?:incl|inc\b)\w*\.?\)?"
    r"|(?:con|incl\w*\.?|including|incluyendo|including) ?(?:el )?(?:iva|igic|igv|vat|tax(?:es)?|impuestos)\)?"
)


@functools.cache
def _labels() -> tuple[tuple[AmountRole, re.Pattern[str]], ...]:
    return tuple((AmountRole(name), words_of("amounts", name)) for name in ("tax", "base", "pending", "total"))


def _role(label: str) -> AmountRole:
    """The role by the label that stands nearest to the amount."""
    label = _TAX_INCLUDED.sub(" ", label)
    best, at = AmountRole.OTHER, -1
    for role, wanted in _labels():
        for found in wanted.finditer(label):
            if found.end() > at:
                best, at = role, found.end()
    return best


def main_amount(amounts: tuple[Amount, ...]) -> Amount | None:
    """The amount that is asked for: the total, else what is pending, else the largest of the rest."""
    for role in (AmountRole.TOTAL, AmountRole.PENDING):
        of_role = [amount for amount in amounts if amount.role is role]
        if of_role:
            return max(of_role, key=lambda amount: (bool(amount.currency), amount.value))
    rest = [amount for amount in amounts if amount.role is not AmountRole.TAX]
    return max(rest, key=lambda amount: amount.value, default=None)
