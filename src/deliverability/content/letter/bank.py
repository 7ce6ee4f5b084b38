"""Account numbers in a text, and whether their check digits are right.

An IBAN (ISO 13616) is a country code, two check digits and an account number of a length that the country fixes; read
as one number, letters as 10 to 35, it leaves 1 when divided by 97. What looks like one and is not marked as one is left
alone: delivery notes and file numbers begin with two letters and digits too. A masked number ("ES12 **** **** 1332")
is told as masked and never as wrong.

CLABE (Mexico) and CBU (Argentina) carry check digits of their own and are read where their name stands beside them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from deliverability.content.letter.words import words_of
from deliverability.core.data import read_table
from deliverability.core.patterns import pattern

#: Account numbers of one text that are kept.
MAX_ACCOUNTS = 50
#: ISO 13616-1: at most 34 characters.
_LONGEST = 34
#: Characters before a number that may say that it is an account.
_LABEL = 60

_OPENING = pattern(r"(?<![A-Za-z0-9*])([A-Za-z]{2}) ?([0-9]{2}|[xX*•·]{2})(?=[ .\-]?[A-Za-z0-9*•·])")
_REST = pattern(r"(?:[ .\-\u00a0\u202f]?[A-Za-z0-9*•·…]){1,48}")
_MASK = frozenset("*•·…")
_CLABE = pattern(r"(?<!\d)\d(?:[ \-]?\d){17}(?![ \-]?\d)")
_CBU = pattern(r"(?<!\d)\d(?:[ \-]?\d){21}(?![ \-]?\d)")
_SEPARATORS = str.maketrans("", "", " .-\u00a0\u202f")


class AccountKind(StrEnum):
    """What kind of account number it is."""

    IBAN = "IBAN"
    CLABE = "CLABE"
    CBU = "CBU"


class AccountState(StrEnum):
    """What its check digits say."""

    VALID = "valid"
    CHECK_DIGITS = "check-digits"  # they do not fit the rest: a digit is wrong or two are swapped
    LENGTH = "length"  # not the length that the country fixes
    LETTERS = "letters"  # a letter in an account number of digits only
    MASKED = "masked"

    @property
    def is_wrong(self) -> bool:
        """Whether no bank would take the number as it stands."""
        return self not in (AccountState.VALID, AccountState.MASKED)


class Account(NamedTuple):
    """An account number: without separators, and as written."""

    kind: AccountKind
    number: str
    state: AccountState
    text: str
    start: int

    @property
    def country(self) -> str:
        """The ISO 3166 code of an IBAN; MX and AR for the others."""
        return {AccountKind.CLABE: "MX", AccountKind.CBU: "AR"}.get(self.kind) or self.number[:2]

    @property
    def masked(self) -> str:
        """The number with its middle hidden, as reports show it."""
        number = self.number
        return number if self.state is AccountState.MASKED else f"{number[:4]} … {number[-4:]}"

    @property
    def expected_length(self) -> int:
        """Characters that such a number has; 0 for a country without IBANs."""
        return {AccountKind.CLABE: 18, AccountKind.CBU: 22}.get(self.kind) or iban_length(self.number[:2]) or 0


@functools.cache
def _tables() -> tuple[Mapping[str, int], frozenset[str]]:
    read: dict[str, Any] = read_table("deliverability.content.letter", "iban.toml")
    return dict(read["lengths"]), frozenset(read["numeric"]["countries"])


def iban_length(country: str) -> int | None:
    """Characters of an IBAN of that country (two capitals); None: it has none."""
    return _tables()[0].get(country)


def iban_state(number: str) -> AccountState:
    """What is wrong with an IBAN without separators, in any case. The country has to be one that has IBANs."""
    number = number.upper()
    lengths, numeric = _tables()
    if len(number) != lengths.get(number[:2]):
        return AccountState.LENGTH
    if not number.isascii() or not number.isalnum() or not number[2:4].isdigit():
        return AccountState.LETTERS
    if number[:2] in numeric and not number[4:].isdigit():
        return AccountState.LETTERS
    turned = number[4:] + number[:4]
    value = int("".join(str(int(character, 36)) for character in turned))
    return AccountState.VALID if value % 97 == 1 else AccountState.CHECK_DIGITS


def find_accounts(text: str, folded: str) -> tuple[Account, ...]:
    """The account numbers of a text, each once, in its order. Linear; at most `MAX_ACCOUNTS`."""
    found: dict[str, Account] = {}
    for account in [*_ibans(text, folded), *_national(folded, text)]:
        found.setdefault(account.number, account)
    return tuple(sorted(found.values(), key=lambda account: account.start)[:MAX_ACCOUNTS])


def _ibans(text: str, folded: str) -> list[Account]:
    accounts: list[Account] = []
    at = 0
    while len(accounts) < MAX_ACCOUNTS:
        opening = _OPENING.search(text, at)
        if opening is None:
            break
        at = opening.end()
        length = iban_length(opening[1].upper())
        if length is None:
            continue
        account, end = _iban(text, folded, opening, length)
        if account is not None:
            accounts.append(account)
            at = end
    return accounts


def _iban(text: str, folded: str, opening: re.Match[str], length: int) -> tuple[Account | None, int]:
    start = opening.start()
    rest = _REST.match(text, opening.end())
    if rest is None:
        return None, opening.end()
    # All of its characters, whatever words they look like (MT84 MALT …); if that is no number, up to the first word.
    end, number = _take(text, start, rest.end(), length, words=True)
    if iban_state(number).is_wrong:
        end, number = _take(text, start, rest.end(), length, words=False)
    label = folded[max(0, start - _LABEL) : start]
    named = "iban" in label[-20:]
    if _MASK & set(number) or re.search(r"[xX]{4}", number):
        shown = text[start:end]
        known = named or words_of("accounts", "near").search(label)
        return (Account(AccountKind.IBAN, number, AccountState.MASKED, shown, start) if known else None), end
    state = iban_state(number)
    if state.is_wrong and not (named or _looks_like_one(text[start:end], number, length, label)):
        return None, opening.end()
    return Account(AccountKind.IBAN, number.upper(), state, text[start:end], start), end


def _take(text: str, start: int, stop: int, length: int, *, words: bool) -> tuple[int, str]:
    """The end of the number and the number without separators: up to `length` characters, or the word that passes it."""
    number: list[str] = []
    end = start
    for place in range(start, stop):
        character = text[place]
        if character in " .-\u00a0\u202f":
            if len(number) >= length or (not words and len(number) > 8 and _next_is_word(text, place + 1)):
                break
            continue
        number.append(character)
        end = place + 1
    return end, "".join(number)


_WORD = pattern(r"[A-Za-z]{3,}|[A-Za-z]{1,2}(?![0-9A-Za-z*])")


def _next_is_word(text: str, place: int) -> bool:
    """Whether letters follow that can belong to no account: `… 1332 Banco`, `… 1332 BIC`."""
    found = _WORD.match(text, place)
    return found is not None and not (text[place : place + 4].isupper() and text[place + 4 : place + 5].isdigit())


_FOURS = pattern(r"[A-Za-z]{2}[0-9]{2}(?: [A-Za-z0-9]{4}){2,7}(?: [A-Za-z0-9]{1,4})?")


def _looks_like_one(shown: str, number: str, length: int, label: str) -> bool:
    """Without the word IBAN: the right length, and written in fours or after the word for an account."""
    if len(number) != length or not number[:2].isupper():
        return False
    return _FOURS.fullmatch(shown) is not None or words_of("accounts", "near").search(label) is not None


def clabe_state(number: str) -> AccountState:
    """What is wrong with a CLABE of 18 digits: the last is a check digit (weights 3, 7, 1)."""
    total = sum(int(digit) * weight % 10 for digit, weight in zip(number[:17], (3, 7, 1) * 6, strict=False))
    return AccountState.VALID if (10 - total % 10) % 10 == int(number[17]) else AccountState.CHECK_DIGITS


def cbu_state(number: str) -> AccountState:
    """What is wrong with a CBU or CVU of 22 digits: the eighth and the last are check digits (weights 3, 1, 7, 9)."""

    def check(block: str) -> int:
        total = sum(int(digit) * weight for digit, weight in zip(reversed(block), (3, 1, 7, 9) * 4, strict=False))
        return (10 - total % 10) % 10

    right = check(number[:7]) == int(number[7]) and check(number[8:21]) == int(number[21])
    return AccountState.VALID if right else AccountState.CHECK_DIGITS


def _national(folded: str, text: str) -> list[Account]:
    accounts: list[Account] = []
    wanted = ((AccountKind.CLABE, "clabe", _CLABE, clabe_state), (AccountKind.CBU, ("cbu", "cvu"), _CBU, cbu_state))
    for kind, names, numbers, state_of in wanted:
        named = [name for name in ((names,) if isinstance(names, str) else names) if name in folded]
        if not named:
            continue
        for count, found in enumerate(numbers.finditer(folded)):
            if count >= MAX_ACCOUNTS:
                break
            label = folded[max(0, found.start() - _LABEL) : found.start()]
            if not any(name in label for name in named):
                continue
            number = found[0].translate(_SEPARATORS)
            if number.isascii() and number.isdigit():
                shown = text[found.start() : found.end()]
                accounts.append(Account(kind, number, state_of(number), shown, found.start()))
    return accounts
