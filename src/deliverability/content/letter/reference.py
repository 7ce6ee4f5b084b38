"""The number of an invoice: `Factura nº F-2026/0123`, `Fra. 26-118`, `Invoice #INV-0042`, `Factura A 0001-00001234`.

A value counts as a number when the word for an invoice, or a label such as "nº de factura", stands before it, and when
it is no date, no amount, no year and no count of days.
"""

from __future__ import annotations

from typing import NamedTuple

from deliverability.core.patterns import pattern

#: Numbers of one text that are kept.
MAX_REFERENCES = 50

_PAPER = (
    r"facturas?|fras?\.?|fact\.?|factures?|invoices?|inv\.?|faturas?|rechnung|boletas?|recibos?|comprobantes?|cuenta de cobro|minuta"
    r"|nota de (?:credito|debito|cargo)|abono|credit note|folio(?: fiscal| interno)?|cfdi|statement|bill"
)
_KIND = (
    r"(?:[ \n](?:electronica|electronico|simplificada|completa|rectificativa|proforma|pro forma|comercial|de venta|exenta|afecta|cambiaria"
    r"|recapitulativa|electronic|de servicios?|de exportacion|digital|emitida|ordinaria|de honorarios|impagadas?|vencidas?|pendientes?)){0,2}"
)
_MARK = r"n\.?[ ]?[º°ªo]\.?|num\.?|numeros?|nro\.?|nrs\.?|nº|n°|no\.|number|folio|#|id|ref(?:erencia|erence)?\.?|serie|n\.|no(?=[ ]?[:#]?[ ]?[a-z]{0,6}[-/]?\d)"
_VALUE = r"[a-z0-9](?:[a-z0-9]|[/_.\-](?=[a-z0-9])){0,39}"

#: "Factura nº X", "Factura X": the value and whether a mark stands before it.
_AFTER_PAPER = pattern(
    rf"(?<![a-z0-9])(?:{_PAPER})(?![a-z0-9]){_KIND}(?P<mark>[ \n:|(]{{0,3}}(?:{_MARK}))?[ \n:|#(\-]{{1,4}}"
    rf"(?P<series>[abcemt] (?=\d{{4,5}}-\d{{8}})|serie [a-z]{{1,3}}[ ,]{{1,2}}(?:n[º°o]?\.? ?)?)?(?P<value>{_VALUE})"
)
#: "Nº de factura: X", "Invoice number X", "número X de factura" does not occur.
_AFTER_LABEL = pattern(
    rf"(?<![a-z0-9])(?P<mark>(?:numero|num\.?|n\.?[º°o]\.?|nro\.?|nº|n°|folio|referencia|ref\.?) (?:de (?:la |su )?)?(?:{_PAPER}))"
    rf"{_KIND}[ \n:|#\-]{{1,4}}(?P<value>{_VALUE})"
)
#: "INV-0042", "FAC-2026-0123", "FRA/26/118" on their own.
_PREFIXED = pattern(r"(?<![a-z0-9/_\-])(?P<value>(?:inv|fac|fra|fact|fv|fact?ura)[-_/#]\d[a-z0-9/_\-]{0,30})(?P<mark>)")

_DATE = pattern(r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{2}|\d{4})|\d{4}-\d{2}-\d{2}")
_MONEY_AFTER = pattern(
    r"[ \n]?(?:€|eur|usd|%|\$(?! ?\d)|euros|pesos|[.,]\d{2}(?!\d))|[ \n](?:de )?(?:dias|days|meses|months|ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)"
)
_MONEY = pattern(r"\d{1,3}(?:\.\d{3})*,\d{2}|\d+\.\d{2}")
_ORDINAL = pattern(r"\d{1,3}(?:st|nd|rd|th|x)")
#: After a number of one or two digits: what may follow "factura 17", and does not follow a count.
_GOES_ON = pattern(r"$|[.,;:)\n]|[ ](?:de fecha|con fecha|por |del |correspond|for |dated|from |is |vence|emitid|\(|-)")
_DIGIT = pattern(r"\d")


class Reference(NamedTuple):
    """The number of an invoice as written, and its place."""

    number: str
    start: int


def find_references(text: str, folded: str) -> tuple[Reference, ...]:
    """The invoice numbers of a text, each once, in its order; `folded` is `text` folded. Linear."""
    found: dict[str, int] = {}
    for wanted in (_AFTER_LABEL, _AFTER_PAPER, _PREFIXED):
        for count, match in enumerate(wanted.finditer(folded)):
            if count >= 4 * MAX_REFERENCES:
                break
            start, end = match.span("value")
            series = match.groupdict().get("series")
            if series and match["series"][0] in "abcemt" and len(series) == 2:
                start -= 2
            if _is_number(folded[start:end], match["mark"], folded, end):
                number = text[start:end].rstrip(".-_/")
                found.setdefault(number, start)
    ordered = sorted(found.items(), key=lambda item: item[1])
    return tuple(Reference(number, start) for number, start in ordered[:MAX_REFERENCES])


def _is_number(value: str, mark: str | None, folded: str, end: int) -> bool:
    digits = len(_DIGIT.findall(value))
    if not digits or _DATE.fullmatch(value) or _ORDINAL.fullmatch(value) or _MONEY.fullmatch(value):
        return False
    if _MONEY_AFTER.match(folded, end, end + 14):
        return False
    if mark:
        return True
    if value.isdigit():
        if digits < 3:
            return _GOES_ON.match(folded, end, end + 12) is not None
        return not (digits == 4 and value[:2] in ("19", "20"))
    return digits >= 3 or not value.isalnum()
