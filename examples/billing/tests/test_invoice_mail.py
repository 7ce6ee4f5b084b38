"""Would our invoices be believed? Nothing here leaves this machine."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from billing import DOMAIN, Invoice, invoice_mail, send

from deliverability.testing import assert_deliverable

ZONES = Path(__file__).parents[2] / "after"
NOW = datetime(2026, 11, 4, 9, 30, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def invoice() -> Invoice:
    return Invoice(
        number="2026-0123",
        customer="Comercial Vidal",
        email="pagos@comercial-vidal.example",
        issued=date(2026, 11, 4),
        due=date(2026, 12, 4),
        total="121,00",
        pdf=PDF,
    )


@pytest.fixture
def dns(dns_zone):
    """The zones that the company publishes."""
    return dns_zone(ZONES)


def test_the_invoice_mail_is_in_order(dns, invoice):
    assert_deliverable(invoice_mail(invoice, NOW), now=NOW, fail_on="warning")


def test_so_is_what_the_program_really_sends(dns, invoice, smtp_sink):
    send(invoice_mail(invoice, NOW), smtp_sink.host, smtp_sink.port)

    (sent,) = smtp_sink.wait_for(1)
    assert sent.recipients == ("pagos@comercial-vidal.example",)
    assert_deliverable(sent, now=NOW)


@pytest.mark.deliverability(starttls=True)
def test_it_encrypts_where_the_server_offers_it(invoice, smtp_sink):
    send(
        invoice_mail(invoice, NOW),
        smtp_sink.host,
        smtp_sink.port,
        tls=ssl.create_default_context(cafile=smtp_sink.certificate),
    )

    assert smtp_sink.wait_for(1)[0].tls


def test_the_domain_is_in_order(dns, deliverability_audit):
    report = deliverability_audit(DOMAIN, now=NOW)

    assert_deliverable(report, fail_on="warning")
    assert report.score.grade == "A"


def test_a_comma_in_a_name_without_quotes_is_noticed(dns, invoice):
    mail = invoice_mail(invoice, NOW).as_bytes().replace(b'"Talleres Soler, S. L."', b"Talleres Soler, S. L.")

    with pytest.raises(AssertionError, match=r'\+ From: "Talleres Soler, S. L." <facturas@talleres-soler.example>'):
        assert_deliverable(mail, now=NOW)


@pytest.mark.deliverability(lang="es")
def test_a_forgotten_attachment_is_noticed(dns, invoice):
    mail = invoice_mail(invoice, NOW)
    mail.clear_content()
    mail.set_content("Hola:\n\nLe enviamos adjunta la factura 2026-0123.\n\nUn saludo,\nTalleres Soler, S. L.\n")

    with pytest.raises(AssertionError, match="BODY016"):
        assert_deliverable(mail, now=NOW)


def test_a_name_server_that_does_not_answer_is_no_missing_record(dns, invoice):
    dns.fails(f"_dmarc.{DOMAIN}", "timeout")

    with pytest.raises(AssertionError, match=f"no answer: _dmarc.{DOMAIN} TXT: timeout"):
        assert_deliverable(invoice_mail(replace(invoice, number="2026-0124"), NOW), now=NOW)
