"""What makes a mail an invoice, its files, its links, and what its text lacks."""

from __future__ import annotations

import pytest

from deliverability.content.letter.facts import read_letter
from deliverability.content.letter.kind import is_invoice_file
from deliverability.content.letter.structured import InvoiceFormat, invoice_format
from deliverability.content.links import Link, Links, read_target
from deliverability.invoices.documents import is_generic, personal_number, proposed_name
from deliverability.invoices.facts import InvoiceFacts, KeyFact, read_invoice
from deliverability.providers.payment import payment_processor, payment_processors

GOOD = (
    "Estimada Sra. Ruiz:\n\nLe adjuntamos la factura nº 2026-0123, de fecha 22/11/2026.\n\nTotal: 1.234,56 €\n"
    "Vencimiento: 22/12/2026\nForma de pago: transferencia al IBAN ES91 2100 0418 4502 0005 1332\n"
)


def _invoice(text: str, subject: str = "Factura 2026-0123", *links: Link) -> InvoiceFacts:
    return read_invoice(read_letter(subject, text, file_names=("F.pdf",)), Links(links))


def _link(url: str, text: str = "", origin: str = "a") -> Link:
    return Link(read_target(url), text, origin)


def test_a_whole_invoice_lacks_nothing() -> None:
    invoice = _invoice(GOOD)

    assert invoice.is_invoice
    assert invoice.missing == ()
    assert {"number", "sent", "total", "due"} <= set(invoice.reasons)


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        (" nº 2026-0123", KeyFact.NUMBER),
        (", de fecha 22/11/2026", KeyFact.DATE),
        ("Total: 1.234,56 €\n", KeyFact.AMOUNT),
        ("Vencimiento: 22/12/2026\n", KeyFact.DUE),
        ("Forma de pago: transferencia al IBAN ES91 2100 0418 4502 0005 1332\n", KeyFact.METHOD),
    ],
)
def test_each_fact_is_missed(without: str, missing: KeyFact) -> None:
    assert _invoice(GOOD.replace(without, ""), "Su factura").missing == (missing,)


def test_a_number_in_the_subject_is_in_sight() -> None:
    assert KeyFact.NUMBER not in _invoice(GOOD.replace(" nº 2026-0123", ""), "Factura 2026-0123").missing


def test_a_payment_link_is_a_way_to_pay() -> None:
    text = GOOD.replace("Forma de pago: transferencia al IBAN ES91 2100 0418 4502 0005 1332\n", "")
    paying = _link("https://talleres-soler.example/pago/1", "Pagar ahora")

    assert _invoice(text, "Factura 1", paying).missing == ()
    assert _invoice(text, "Factura 1", paying).payment_links == (paying,)


def test_a_credit_note_asks_for_nothing() -> None:
    invoice = _invoice("Adjuntamos la factura rectificativa R-9 de fecha 20/11/2026 por -121,00 €.", "Factura R-9")

    assert invoice.missing == ()


def test_mail_that_is_no_invoice_is_not_looked_at() -> None:
    invoice = _invoice("Quedamos mañana a las diez.", "Hola", _link("https://x.example/pagar", "Pagar"))

    assert not invoice.is_invoice
    assert invoice.payment_links == ()


@pytest.mark.parametrize(
    ("url", "text", "pays"),
    [
        ("https://talleres-soler.example/pago/123", "aquí", True),
        ("https://talleres-soler.example/f/123", "Pagar ahora", True),
        ("https://buy.stripe.com/14k3fc", "aquí", True),
        ("https://talleres-soler.example/pagina", "Ver web", False),
        ("https://talleres-soler.example/formas-de-pago", "Formas de pago", False),
        ("https://www.paypal.com/", "PayPal", False),
        ("https://talleres-soler.example/blog/payroll", "Blog", False),
    ],
)
def test_which_links_lead_to_paying(url: str, text: str, pays: bool) -> None:
    assert bool(_invoice(GOOD, "Factura 1", _link(url, text)).payment_links) is pays


@pytest.mark.parametrize(
    "name",
    ["documento.pdf", "scan0001.pdf", "Factura.pdf", "invoice.pdf", "", ".pdf", "untitled (1).pdf", "doc1.pdf", "IMG_20261122.pdf", "SCAN-2026.PDF",
     "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.pdf", "d41d8cd98f00b204e9800998ecf8427e.pdf", "factura final ok.pdf", "mi documento.pdf", "Sin título.pdf"],
)  # fmt: skip
def test_names_that_say_nothing(name: str) -> None:
    assert is_generic(name)


@pytest.mark.parametrize(
    "name",
    ["Factura_2026-0123_Talleres-Soler.pdf", "factura 118-26.pdf", "INV-0042.pdf", "Talleres Soler noviembre.pdf", "fra_00123.pdf",
     "30500010912_001_00001_00001234 Pampa.pdf"],
)  # fmt: skip
def test_names_that_say_something(name: str) -> None:
    assert not is_generic(name)


def test_the_number_makes_a_name_say_something() -> None:
    assert is_generic("17.pdf")
    assert not is_generic("17.pdf", ("17",))
    assert not is_generic("F20260123.pdf", ("F-2026/0123",))


def test_a_person_s_number_in_a_file_name() -> None:
    assert personal_number("factura-12345678Z.pdf") == "12345678Z"
    assert personal_number("X1234567L.pdf") == "X1234567L"
    assert personal_number("12345678A.pdf") == ""
    assert personal_number("B12345674.pdf") == ""
    assert personal_number("factura-12345678Z.pdf", own=("12345678Z",)) == ""


def test_the_name_that_is_proposed() -> None:
    assert proposed_name("F-2026/0123", "Talleres Soler, S. L.") == "Factura_F-2026-0123_Talleres-Soler.pdf"
    assert proposed_name("", "") == "Factura_2026-0123_Empresa.pdf"
    assert proposed_name("17", "Peluquería Ñu") == "Factura_17_Peluqueria-Nu.pdf"


@pytest.mark.parametrize(
    "name", ["Factura_17.pdf", "FRA 26-118.pdf", "inv-0042.pdf", "facturas noviembre.zip", "recibo.pdf"]
)
def test_files_named_like_invoices(name: str) -> None:
    assert is_invoice_file(name)


@pytest.mark.parametrize("name", ["francia.pdf", "inventario.xlsx", "catalogo.pdf", "facial.jpg", ""])
def test_files_that_only_begin_like_them(name: str) -> None:
    assert not is_invoice_file(name)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b'<?xml version="1.0"?><fe:Facturae xmlns:fe="http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml">', "Facturae"),
        (b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">', "UBL"),
        (b'\xef\xbb\xbf<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100">', "CII"),
        ('\ufeff<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4">'.encode("utf-16-le"), "CFDI"),
        (b'<EnvioDTE xmlns="http://www.sii.cl/SiiDte" version="1.0">', "DTE"),
        (b'<T:TicketBai xmlns:T="urn:ticketbai:emision">', "TicketBAI"),
        (b"<html><body>Factura</body></html>", None),
        (b"facturae.gob.es/ is a site", None),
        (b"", None),
    ],
)  # fmt: skip
def test_structured_invoices_are_known_by_what_they_hold(octets: bytes, expected: str | None) -> None:
    assert invoice_format(octets) == (InvoiceFormat(expected) if expected else None)


def test_processors_by_domain() -> None:
    names = [domain for processor in payment_processors() for domain in processor.domains]

    assert len(names) == len(set(names))
    assert all(name == name.lower() and "." in name for name in names)
    stripe = payment_processor("Checkout.Stripe.com.")
    assert stripe is not None
    assert stripe.id == "stripe"
    assert payment_processor("stripe.com.evil.example") is None
    assert payment_processor("notstripe.com") is None
    assert payment_processor("") is None
