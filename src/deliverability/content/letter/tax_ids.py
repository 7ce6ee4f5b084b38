"""Tax identification numbers in a text: whose invoice it is.

Spain: DNI/NIE and the NIF of companies with their check characters (Orden EHA/451/2008); Mexico: RFC; Argentina: CUIT;
Chile: RUT; Colombia: NIT; Peru: RUC; Brazil: CNPJ; the European Union: VAT numbers with their country code. A number
whose form others use too counts only where its name stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from deliverability.core.patterns import pattern

#: Numbers of one text that are kept, of each kind.
MAX_TAX_IDS = 20
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_LABEL = 24


class TaxId(NamedTuple):
    """A tax number: "NIF", "RFC", …; without separators; whether its check characters are right (None: it has none)."""

    kind: str
    number: str
    valid: bool | None
    start: int


def nif_is_valid(number: str) -> bool:
    """The check character of a Spanish NIF: of a person (DNI, NIE, K, L, M) or a company. Without separators, capitals."""
    if number[0].isdigit() or number[0] in "XYZKLM":
        digits = (
            number[:8]
            if number[0].isdigit()
            else (str("XYZ".find(number[0])) if number[0] in "XYZ" else "") + number[1:8]
        )
        return _LETTERS[int(digits) % 23] == number[-1]
    odd = sum(int(pair[0]) + int(pair[1]) for pair in (f"{int(digit) * 2:02d}" for digit in number[1:8:2]))
    control = (10 - (odd + sum(int(digit) for digit in number[2:8:2])) % 10) % 10
    if number[0] in "PQRSNW":
        return number[-1] == "JABCDEFGHI"[control]
    return number[-1] in (str(control), "JABCDEFGHI"[control])


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def cuit_is_valid(number: str) -> bool:
    """The check digit of an Argentine CUIT of 11 digits (modulo 11)."""
    rest = 11 - _weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return number[10] == {11: "0", 10: "9"}.get(rest, str(rest))


def rut_is_valid(number: str) -> bool:
    """The check character of a Chilean RUT: digits and one of 0-9, K (modulo 11)."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(number[:-1])))
    return number[-1] == "0123456789K0"[(11 - total % 11) % 11]


def nit_is_valid(number: str) -> bool:
    """The check digit of a Colombian NIT (modulo 11): digits, the last of them the check digit."""
    primes = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    rest = sum(int(digit) * prime for digit, prime in zip(reversed(number[:-1]), primes, strict=False)) % 11
    return int(number[-1]) == (rest if rest < 2 else 11 - rest)


def ruc_is_valid(number: str) -> bool:
    """The check digit of a Peruvian RUC of 11 digits (modulo 11)."""
    rest = 11 - _weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return int(number[10]) == rest % 10


def cnpj_is_valid(number: str) -> bool:
    """The two check digits of a Brazilian CNPJ of 14 digits (modulo 11)."""

    def check(digits: str) -> str:
        weights = tuple(2 + (len(digits) - 1 - place) % 8 for place in range(len(digits)))
        rest = _weighted(digits, weights) % 11
        return "0" if rest < 2 else str(11 - rest)

    first = check(number[:12])
    return number[12:] == first + check(number[:12] + first)


class _Kind(NamedTuple):
    name: str
    wanted: re.Pattern[str]
    #: Words of which one has to stand before it; empty: the form alone says enough.
    labels: tuple[str, ...]
    check: Callable[[str], bool] | None
    #: What a quick look for finds before anything else is tried; "" always.
    hint: str = ""


_KINDS = (
    _Kind("NIF", pattern(r"(?<![a-z0-9])(?:es[ -]?)?((?:[xyzklm][ -.]?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -.]?[a-z])(?![a-z0-9])"), (), nif_is_valid),
    _Kind("NIF", pattern(r"(?<![a-z0-9])(?:es[ -]?)?([abcdefghjnpqrsuvw][ -.]?(?:\d{7}|\d{2}\.?\d{3}\.?\d{2})\.?[ -]?[0-9a-j])(?![a-z0-9]|[.,]\d)"), (), nif_is_valid),
    _Kind("RFC", pattern(r"(?<![a-z0-9&])([a-zñ&]{3,4}[ -]?\d{2}[01]\d[0-3]\d[ -]?[a-z0-9]{3})(?![a-z0-9])"), (), None),
    _Kind("CUIT", pattern(r"(?<!\d)(\d{2}-\d{8}-\d)(?![\d-])"), (), cuit_is_valid),
    _Kind("CUIT", pattern(r"(?<!\d)(\d{2}[ -.]?\d{8}[ -.]?\d)(?!\d)"), ("cuit", "cuil"), cuit_is_valid, "cui"),
    _Kind("CNPJ", pattern(r"(?<!\d)(\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2})(?!\d)"), (), cnpj_is_valid, "/0"),
    _Kind("RUT", pattern(r"(?<![\d.])(\d{1,2}\.\d{3}\.\d{3}-[\dk])(?![\dk])"), (), rut_is_valid, "-"),
    _Kind("RUT", pattern(r"(?<![\d.])(\d{7,8}-[\dk])(?![\dk])"), ("rut", "r.u.t"), rut_is_valid, "-"),
    _Kind("NIT", pattern(r"(?<![\d.])((?:\d{9}|\d{3}\.\d{3}\.\d{3})[ ]?-[ ]?\d)(?!\d)"), ("nit", "n.i.t"), nit_is_valid, "nit"),
    _Kind("NIT", pattern(r"(?<![\d.])(\d{3}\.\d{3}\.\d{3}-\d)(?!\d)"), (), nit_is_valid, "-"),
    _Kind("RUC", pattern(r"(?<!\d)((?:10|15|17|20)\d{9})(?!\d)"), ("ruc", "r.u.c"), ruc_is_valid, "ruc"),
    _Kind("VAT", pattern(r"(?<![a-z0-9])((?:at[ ]?u|be[ ]?[01]|bg|cy|cz|de|dk|ee|el|fi|fr|gb|hr|hu|ie|it|lt|lu|lv|mt|nl|pl|pt|ro|se|si|sk|xi)[ ]?[0-9a-z]{0,2}\d[\d .]{5,12}[0-9a-z]{0,3})(?![a-z0-9])"), ("vat", "iva", "ust", "tva", "btw", "nif", "mwst", "moms"), None),
    _Kind("VAT", pattern(r"(?<!\d)(\d{3} ?\d{4} ?\d{2}|\d{9})(?!\d)"), ("vat",), None, "vat"),
    _Kind("NIF", pattern(r"(?<!\d)(\d{3} ?\d{3} ?\d{3})(?!\d)"), ("nif", "nipc", "contribuinte"), None, "ni"),
    _Kind("SIRET", pattern(r"(?<!\d)(\d{3} ?\d{3} ?\d{3}(?: ?\d{5})?)(?!\d)"), ("siret", "siren"), None, "sire"),
    _Kind("EIN", pattern(r"(?<!\d)(\d{2}-\d{7})(?!\d)"), ("ein", "tax id", "fein"), None, "-"),
    _Kind("RUT", pattern(r"(?<!\d)(\d{12})(?!\d)"), ("rut",), None, "rut"),
)  # fmt: skip
_OUTSIDE = pattern(r"[^0-9A-Z&Ñ]")


def find_tax_ids(folded: str) -> tuple[TaxId, ...]:
    """The tax numbers of a folded text, each once, in its order. Linear.

    One whose form alone speaks for it counts only with right check characters, or beside its name.
    """
    found: dict[str, TaxId] = {}
    for kind in _KINDS:
        if kind.hint and kind.hint not in folded:
            continue
        for count, match in enumerate(kind.wanted.finditer(folded)):
            if count >= 50 * MAX_TAX_IDS:
                break
            tax_id = _tax_id(kind, match, folded)
            if tax_id is None or any(other.endswith(tax_id.number) for other in found):
                continue
            if len(found) < 3 * MAX_TAX_IDS:
                found.setdefault(tax_id.number, tax_id)
    return tuple(sorted(found.values(), key=lambda tax_id: tax_id.start)[:MAX_TAX_IDS])


_NAMES = pattern(
    r"(?:nif|n\.i\.f|cif|c\.i\.f|dni|nie|vat|rfc|r\.f\.c|cuit|rut|nit|cnpj|id fiscal|tax id)[^a-z0-9]{0,4}(?:no?\.? ?|numero ?|:|es|iva ?)?[^a-z0-9]{0,3}$"
)


def _tax_id(kind: _Kind, match: re.Match[str], folded: str) -> TaxId | None:
    number = _OUTSIDE.sub("", match[1].upper())
    if not number.isascii():
        return TaxId(kind.name, number, None, match.start()) if kind.name == "RFC" else None
    label = folded[max(0, match.start() - _LABEL) : match.start()]
    if kind.labels and not any(word in label for word in kind.labels):
        return None
    valid = kind.check(number) if kind.check else None
    if not kind.labels and not valid and not _NAMES.search(label):
        return None
    return TaxId(kind.name, number, valid, match.start())
