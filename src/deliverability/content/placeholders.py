"""Merge fields that nobody filled in: `{{nombre}}`, `[Cliente]`, `%NUM%`, `undefined`, `NaN €`.

Braces, brackets and percent signs also stand in honest text: prices with `%`, notes in brackets, code. A form counts only
where hardly anything else is written so, and for `[…]` and `<…>` only with words that templates use.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from deliverability.core.patterns import pattern

#: Characters of a text that are searched, and placeholders that are told.
_READ = 200_000
_TOLD = 20

_FIELD_WORDS = (
    r"nombre|apellidos?|cliente|empresa|raz[oó]n social|importe|total|fecha|vencimiento|factura|n[uú]mero|n[uº°]m\.?|n[º°]"
    r"|nif|cif|direcci[oó]n|tel[eé]fono|email|correo|iban|cuenta|firma|cargo|enlace|concepto|periodo|mes|"
    r"name|first[ _]?name|last[ _]?name|full[ _]?name|customer|client|company|amount|date|due[ _]?date|invoice|number|"
    r"address|phone|link|url|signature|your[ _]name|insert[ \w]{1,30}|inserte?[ \w]{1,30}|your company|su nombre|su empresa"
)
_OF = r"(?: (?:de|del|de la|de el|of|of the|the) [\w ]{1,25}| [\w]{1,20})?"

_FORMS = (
    # {{nombre}}, {{ invoice.total | money }}, {% if %}
    r"\{\{[^{}\n]{1,80}\}\}|\{%[^{}\n]{1,80}%\}",
    # ${importe}, #{name}, <%= total %>
    r"[$#]\{[A-Za-z_][\w. ]{0,60}\}|<%[^<>\n]{1,80}%>",
    # *|FNAME|*, [[nombre]], %%nombre%%, {$cliente}
    r"\*\|[A-Z][A-Z0-9_:]{1,40}\|\*|\[\[[A-Za-zÀ-ÿ_][\wÀ-ÿ. ]{0,40}\]\]|%%[A-Za-z_][\w.]{1,40}%%|\{\$[A-Za-z_][\w.]{0,40}\}",
    # %NUM%, %NOMBRE_CLIENTE%; %20 of an address is none
    r"(?<![\w%])%[A-Z][A-Z_]{2,30}%(?![\w%])",
    # {nombre}, {first_name}
    rf"(?<![{{\w$#])\{{ ?(?:{_FIELD_WORDS})(?:[_ .][\w ]{{1,25}})? ?\}}",
    # [Cliente], <Nombre del cliente>
    rf"\[ ?(?:{_FIELD_WORDS}){_OF} ?\]|<(?:{_FIELD_WORDS}){_OF}>",
    # What programs print for a value that is not there.
    r"\bNaN ?(?:€|EUR|USD|\$)|(?:€|\$) ?NaN\b|\[object Object\]|\bundefined ?€|\bnull ?€",
    r"\b(?:Estimad[oa]s?(?:/a)?|Hola|Querid[oa]|Dear|Hello|Hi|Sr\.|Sra\.|factura|invoice|importe|total|cliente)"
    r"(?: n[º°]\.?| no\.?| number| número)?:? (?-i:undefined|null|None|NaN|\(null\))\b(?! and| or)",
    r"\bundefined undefined\b|\bnull null\b|\blorem ipsum\b",
)
_ANY = pattern("|".join(_FORMS), re.IGNORECASE)
_EXACT_CASE = pattern(r"%[A-Z][A-Z_]{2,30}%|\*\|[A-Z]")
_MARKS = ("{", "[", "%", "<", "undefined", "null", "nan", "none", "lorem", "*|")


class Placeholder(NamedTuple):
    """One merge field that was not filled in."""

    text: str
    #: Characters of the searched text.
    offset: int


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """The merge fields left in a text, in order, each once. Linear in the text."""
    searched = text[:_READ]
    lowered = searched.lower()
    if not any(mark in lowered for mark in _MARKS):
        return ()
    found: dict[str, Placeholder] = {}
    for match in _ANY.finditer(searched):
        written = match[0]
        if written[0] in "%*" and written[:2] != "%%" and not _EXACT_CASE.match(written):
            continue
        found.setdefault(written, Placeholder(written, match.start()))
        if len(found) >= _TOLD:
            break
    return tuple(found.values())


_IN_ADDRESS = pattern(
    r"\{\{[^{}]{1,80}\}\}|\$\{[^{}]{1,60}\}|\*\|[A-Z][A-Z0-9_:]{1,40}\|\*|%7[bB]%7[bB]|\[\[\w{1,40}\]\]|^\[[\w ]{1,40}\]$"
)


def placeholder_in_address(url: str) -> str:
    """A merge field in the address of a link; "" where there is none."""
    if "{" not in url and "|" not in url and "%7" not in url and "[" not in url:
        return ""
    found = _IN_ADDRESS.search(url[:4_000])
    return found[0] if found else ""
