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
    r"|nif|cif|direcci[oó]n|tel[eé]fono|email|correo|iban|cuenta|firma|cargo|enlace|concepto|periodo|"
    r"first[ _]?name|last[ _]?name|full[ _]?name|name|customer|client|company|amount|due[ _]?date|invoice|number|"
    r"address|phone|signature"
)
#: Several words that nobody writes in brackets but as a reminder to fill them in.
_REMINDERS = r"(?:insert|inserte?|your|su|nombre|name|fecha|n[uú]mero|importe|raz[oó]n) (?:[\w]{1,20} ?){1,4}"
_OF = r"(?: (?:de|del|de la|de el|of|of the|the) [\w ]{1,25}| [\w]{1,20})?"

#: What a text has to hold for a form to be looked for, and the form: few texts hold any.
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # {{nombre}}, {{ invoice.total | money }}
    ("{{", pattern(r"\{\{[{#/^&>!]?\s?[A-Za-zÀ-ÿ_$][^{}\n]{0,80}\}\}")),
    # {% if %}, {%rand%}
    ("{%", pattern(r"\{%[^{}\n]{1,80}%\}")),
    # ${importe}, #{cliente.nombre}
    ("{", pattern(rf"[$#]\{{[\w.]{{0,30}}(?:{_FIELD_WORDS})[\w.]{{0,30}}\}}", re.IGNORECASE)),
    # {nombre}, {first_name}, {$cliente}
    ("{", pattern(rf"(?<![{{\w$#%])\{{ ?\$?(?:{_FIELD_WORDS})(?:[_ .][\w ]{{1,25}})? ?\}}", re.IGNORECASE)),
    # <%= total %>
    ("<%", pattern(r"<%[^<>\n]{1,80}%>")),
    # *|FNAME|*
    ("*|", pattern(r"\*\|[A-Z][A-Z0-9_:]{1,40}\|\*")),
    # [[nombre]]
    ("[[", pattern(r"\[\[[A-Za-zÀ-ÿ_][\wÀ-ÿ. ]{0,40}\]\]")),
    # %%nombre%%
    ("%%", pattern(r"%%[A-Za-z_][\w.]{1,40}%%")),
    # %NUM%, %NOMBRE_CLIENTE%; %20 of an address is none
    ("%", pattern(r"(?<![\w%])%[A-Z][A-Z_]{2,30}%(?![\w%])")),
    # [Cliente], [Fecha de vencimiento]
    ("[", pattern(rf"\[ ?(?:(?:{_FIELD_WORDS}){_OF}|{_REMINDERS}) ?\](?!\()", re.IGNORECASE)),
    # <Nombre del cliente>
    ("<", pattern(rf"<{_REMINDERS}>", re.IGNORECASE)),
    # What programs print for a value that is not there.
    ("NaN", pattern(r"\bNaN ?(?:€|EUR|USD|\$)|(?:€|\$) ?NaN\b")),
    ("[object", pattern(r"\[object Object\]")),
    ("undefined", pattern(r"\bundefined (?:€|undefined\b)")),
    ("null", pattern(r"\bnull (?:€|null\b)")),
    ("orem ipsum", pattern(r"\b[Ll]orem ipsum\b")),
)
_NOTHING = ("undefined", "null", "None", "NaN")
#: "Estimado undefined", "Importe total: None"
_NO_VALUE = pattern(
    r"\b(?i:Estimad[oa]s?(?:/a)?|Hola|Querid[oa]|Dear|Hello|Hi|Sr\.|Sra\.|factura|invoice|importe|total|cliente)"
    r"(?i: n[º°]\.?| no\.?| number| número)?:? (?:undefined|null|None|NaN|\(null\))(?![\w.]| and| or| of)"
)


class Placeholder(NamedTuple):
    """One merge field that was not filled in."""

    text: str
    #: Characters of the searched text.
    offset: int


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """The merge fields left in a text, in order, each once. Linear in the text."""
    searched = text[:_READ]
    found: dict[str, Placeholder] = {}
    for mark, form in _FORMS:
        if mark in searched:
            for match in form.finditer(searched):
                found.setdefault(match[0], Placeholder(match[0], match.start()))
                if len(found) >= _TOLD:
                    break
    if any(word in searched for word in _NOTHING):
        for match in _NO_VALUE.finditer(searched):
            found.setdefault(match[0], Placeholder(match[0], match.start()))
    return _apart(sorted(found.values(), key=lambda one: one.offset))[:_TOLD]


def _apart(found: list[Placeholder]) -> tuple[Placeholder, ...]:
    """Without those that begin within the one before ("Total: NaN" and "NaN €")."""
    kept: list[Placeholder] = []
    for one in found:
        if not kept or one.offset >= kept[-1].offset + len(kept[-1].text):
            kept.append(one)
    return tuple(kept)


_IN_ADDRESS = pattern(
    r"\{\{[^{}]{1,80}\}\}|\$\{[^{}]{1,60}\}|\*\|[A-Z][A-Z0-9_:]{1,40}\|\*|%7[bB]%7[bB]|\[\[\w{1,40}\]\]|^\[[\w ]{1,40}\]$"
)


def placeholder_in_address(url: str) -> str:
    """A merge field in the address of a link; "" where there is none."""
    if "{" not in url and "|" not in url and "%7" not in url and "[" not in url:
        return ""
    found = _IN_ADDRESS.search(url[:4_000])
    return found[0] if found else ""
