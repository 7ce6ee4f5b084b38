"""The part of a small billing program that mails invoices."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

DOMAIN = "talleres-soler.example"


@dataclass(frozen=True)
class Invoice:
    number: str
    customer: str
    email: str
    issued: date
    due: date
    total: str
    pdf: bytes


def invoice_mail(invoice: Invoice, now: datetime) -> EmailMessage:
    """The mail that takes an invoice to its customer."""
    mail = EmailMessage()
    # An Address quotes the comma in the name; written by hand, the name would be cut into two addresses.
    mail["From"] = Address("Talleres Soler, S. L.", "facturas", DOMAIN)
    mail["To"] = Address(invoice.customer, addr_spec=invoice.email)
    mail["Reply-To"] = f"administracion@{DOMAIN}"
    mail["Subject"] = f"Factura {invoice.number} de Talleres Soler"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=DOMAIN)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"Hola:\n\n"
        f"Le enviamos adjunta la factura {invoice.number} de Talleres Soler, S. L., del {invoice.issued:%d/%m/%Y}.\n\n"
        f"Importe total: {invoice.total} €\n"
        f"Vencimiento: {invoice.due:%d/%m/%Y}\n"
        f"Forma de pago: domiciliación bancaria en la cuenta de siempre.\n\n"
        f"Si tiene alguna duda, responda a este correo o llame al 930 000 000.\n\n"
        f"Un saludo,\nTalleres Soler, S. L.\nCIF B00000000 · Calle Mayor, 1 · 08001 Barcelona\n"
    )
    mail.add_attachment(
        invoice.pdf, maintype="application", subtype="pdf", filename=f"Factura-{invoice.number}-Talleres-Soler.pdf"
    )
    return mail


def send(mail: EmailMessage, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
    """Hand a mail to the server that takes our outgoing mail."""
    with smtplib.SMTP(host, port, timeout=30) as server:
        if tls is not None:
            server.starttls(context=tls)
        server.send_message(mail)
