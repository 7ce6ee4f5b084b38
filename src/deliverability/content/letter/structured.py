"""Structured invoices among the parts of a mail: which format an XML file has, by its first element."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deliverability.content.part import Part
from deliverability.core.patterns import pattern

#: Octets of a file that are enough to see its first elements.
_HEAD = 8 * 1024
#: XML parts of one message that are looked into.
_MAX_PARTS = 50


class InvoiceFormat(StrEnum):
    """The format of a structured invoice."""

    FACTURAE = "Facturae"  # Spain: Orden HAP/1650/2015, www.facturae.gob.es
    UBL = "UBL"  # OASIS UBL 2.1; EN 16931, Colombia, Peru
    CII = "CII"  # UN/CEFACT Cross Industry Invoice; EN 16931
    CFDI = "CFDI"  # Mexico: Anexo 20, SAT
    DTE = "DTE"  # Chile: SII
    FE_AR = "FE AR"  # Argentina: ARCA
    TICKETBAI = "TicketBAI"  # the Basque provinces
    FATTURAPA = "FatturaPA"  # Italy
    NFE = "NF-e"  # Brazil


#: What the first elements of each hold; the namespace where it has one.
_MARKS = (
    (InvoiceFormat.FACTURAE, pattern(r"facturae\.(?:gob\.)?es/|<(?:\w{1,12}:)?facturae[\s>]")),
    (InvoiceFormat.CFDI, pattern(r"sat\.gob\.mx/cfd|<cfdi:comprobante")),
    (InvoiceFormat.UBL, pattern(r"urn:oasis:names:specification:ubl:schema:xsd:(?:invoice|creditnote|debitnote|attacheddocument)-2")),
    (InvoiceFormat.CII, pattern(r"urn:un:unece:uncefact:data:standard:crossindustryinvoice|<(?:\w{1,12}:)?crossindustry(?:invoice|document)[\s>]")),
    (InvoiceFormat.DTE, pattern(r"sii\.cl/siidte|<enviodte[\s>]|<dte[\s>]")),
    (InvoiceFormat.TICKETBAI, pattern(r"<(?:\w{1,12}:)?ticketbai[\s>]")),
    (InvoiceFormat.FATTURAPA, pattern(r"fatturapa\.gov\.it|<(?:\w{1,12}:)?fatturaelettronica[\s>]")),
    (InvoiceFormat.NFE, pattern(r"portalfiscal\.inf\.br/nfe")),
    (InvoiceFormat.FE_AR, pattern(r"<comprobante[\s>][^\0]{0,2000}<(?:cae|cuit)")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StructuredInvoice:
    """A part that is a structured invoice."""

    part: Part
    format: InvoiceFormat


def structured_invoices(parts: tuple[Part, ...]) -> tuple[StructuredInvoice, ...]:
    """The structured invoices among the parts, by what they hold and not by what they are called."""
    found: list[StructuredInvoice] = []
    for part in [part for part in parts if _may_be_xml(part)][:_MAX_PARTS]:
        format_ = invoice_format(part.decode(_HEAD).octets)
        if format_ is not None:
            found.append(StructuredInvoice(part, format_))
    return tuple(found)


def _may_be_xml(part: Part) -> bool:
    name = part.filename.lower()
    return "xml" in part.content_type or name.endswith((".xml", ".xsig")) or (part.is_attachment and not name)


def invoice_format(octets: bytes) -> InvoiceFormat | None:
    """The format of an invoice that begins with these octets; None: it is none that is known."""
    head = octets[:_HEAD]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(head) > 3 and head[1:2] == b"\0"):
        text = head.replace(b"\0", b"").decode("latin-1").lower()
    else:
        text = head.decode("utf-8", "replace").lower()
    if not text.lstrip("\ufeff\xff\xfe \t\r\n").startswith("<"):
        return None
    return next((format_ for format_, mark in _MARKS if mark.search(text)), None)
