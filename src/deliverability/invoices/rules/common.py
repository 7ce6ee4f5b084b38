"""What rules about invoices share."""

from __future__ import annotations

from deliverability.content.letter.kind import LetterKind
from deliverability.core.text import Text
from deliverability.invoices.facts import InvoiceFacts

MESSAGE = "message"
PLACES = 5

NOT_AN_INVOICE = Text(
    en="It is neither an invoice nor a reminder of one, as far as words and files tell.",
    es="No es una factura ni un recordatorio de pago, por lo que dicen el texto y los archivos.",
)
NOT_A_FIRST = Text(
    en="It is a reminder or a receipt, not the invoice itself.",
    es="Es un recordatorio o un justificante de pago, no la factura.",
)


def is_first(invoice: InvoiceFacts) -> bool:
    """Whether the mail brings the invoice itself, and does not remind of one or confirm its payment."""
    return invoice.is_invoice and invoice.kind is LetterKind.INVOICE
