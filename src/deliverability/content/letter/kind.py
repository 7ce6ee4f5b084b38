"""Whether a mail is an invoice or a reminder of one, and by which signs.

Each sign has a weight, and four make an invoice: its number, the sentence that sends it, a file named like one weigh two;
a PDF, an amount, a due date, an account, a way to pay weigh one; a structured invoice is enough by itself. So "Factura
12" with a PDF is one, and a newsletter about electronic invoicing with a price in it is none. Without any word for an
invoice nothing else is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from deliverability.content.letter.passages import fold
from deliverability.content.letter.words import Flat, holds, words_of
from deliverability.core.patterns import pattern

#: The weight from which a mail is an invoice, and from which one that reminds is a reminder.
ENOUGH = 4
ENOUGH_TO_REMIND = 4


class LetterKind(StrEnum):
    """What a mail is, as far as its words and files tell."""

    INVOICE = "invoice"
    REMINDER = "reminder"  # an invoice is due or late
    RECEIPT = "receipt"  # an invoice that is already paid
    OTHER = "other"


class Sign(StrEnum):
    """What speaks for an invoice."""

    SUBJECT = "subject"  # the subject speaks of an invoice
    SPECIFIC = "specific"  # … of one of the reader's: "su factura", "factura de"
    NUMBER = "number"
    SENT = "sent"  # "adjuntamos la factura", "ver factura"
    FILE = "file"  # a file named like an invoice
    PDF = "pdf"
    XML = "xml"
    AMOUNT = "amount"
    TOTAL = "total"
    DUE = "due"
    ACCOUNT = "account"
    METHOD = "method"
    REMINDER = "reminder"
    OTHER_PAPER = "other-paper"  # the subject is about something else


WEIGHTS = {
    Sign.SUBJECT: 1,
    Sign.SPECIFIC: 1,
    Sign.NUMBER: 2,
    Sign.SENT: 2,
    Sign.FILE: 2,
    Sign.PDF: 1,
    Sign.XML: 4,
    Sign.AMOUNT: 1,
    Sign.TOTAL: 1,
    Sign.DUE: 1,
    Sign.ACCOUNT: 1,
    Sign.METHOD: 1,
    Sign.REMINDER: 2,
    Sign.OTHER_PAPER: -2,
}
#: At least one of these has to be there: amounts and dates alone are in much other mail.
_DECISIVE = frozenset((Sign.NUMBER, Sign.SENT, Sign.FILE, Sign.SPECIFIC, Sign.XML))
#: What cheap look-ups must find before any pattern runs.
_HINTS = (
    "factur",
    "fra",
    "invoice",
    "recibo",
    "boleta",
    "cfdi",
    "cobro",
    "fatura",
    "bill",
    "comprobante",
    "statement",
    "minuta",
    "cargo",
)
_DEBT_HINTS = ("pago", "saldo", "cuota", "payment", "balance", "deuda", "pendiente", "recordatorio", "reminder")


@dataclass(frozen=True, slots=True)
class Files:
    """The names and types of what is attached."""

    names: tuple[str, ...] = ()
    has_pdf: bool = False
    #: A structured invoice: Facturae, UBL, CFDI, …
    has_structured: bool = False


NO_FILES = Files()


def may_be_invoice(folded_subject: str, folded_body: str, files: Files = NO_FILES) -> bool:
    """Whether a closer look is worth its time: some word for an invoice or a debt stands somewhere."""
    if any(hint in folded_subject or hint in folded_body for hint in _HINTS) or files.has_structured:
        return True
    return any(hint in folded_subject for hint in _DEBT_HINTS) or any(map(is_invoice_file, files.names))


def is_invoice_file(name: str) -> bool:
    """Whether a file is named like an invoice: `Factura_2026-0123.pdf`, `FRA 118.pdf`, `INV-0042.pdf`."""
    stem = re.sub(r"[_\-.\d()/\s]+", " ", fold(name.rpartition(".")[0] or name)).strip()
    return words_of("document", "file").search(stem) is not None


def word_signs(subject: str, body: str, flattened: Flat, files: Files) -> set[Sign]:
    """The signs that words and files give; `subject` and `body` are folded, `flattened` is the body flat."""
    signs: set[Sign] = set()
    if words_of("document", "invoice").search(subject):
        signs.add(Sign.SUBJECT)
        if words_of("document", "specific").search(subject):
            signs.add(Sign.SPECIFIC)
    if words_of("document", "other").search(subject):
        signs.add(Sign.OTHER_PAPER)
    if holds("document", "sent", flattened):
        signs.add(Sign.SENT)
    if files.has_pdf:
        signs.add(Sign.PDF)
    if files.has_structured:
        signs.add(Sign.XML)
    if any(map(is_invoice_file, files.names)):
        signs.add(Sign.FILE)
    if _reminds(subject, body, flattened):
        signs.add(Sign.REMINDER)
    return signs


#: Characters around a reminding word within which the debt has to stand.
_NEAR = 90
_NOT_A_REMINDER = pattern(
    r"\b(?:cita|citas|reunion|reserva|evento|webinar|contrasena|password|appointment|meeting|event|booking|cookies)\b"
)


def _reminds(subject: str, body: str, flattened: Flat) -> bool:
    reminder, debt = words_of("document", "reminder"), words_of("document", "debt")
    if reminder.search(subject) and (debt.search(subject) or debt.search(body)) and not _NOT_A_REMINDER.search(subject):
        return True
    if not holds("document", "reminder", flattened):
        return False
    for count, found in enumerate(reminder.finditer(body)):
        if count >= 20:
            break
        around = body[max(0, found.start() - _NEAR) : found.end() + _NEAR]
        if debt.search(around) and not _NOT_A_REMINDER.search(around):
            return True
    return False


def decide(signs: set[Sign], subject: str, body: str, flattened: Flat) -> LetterKind:
    """The kind that the signs add up to; `subject` and `body` are folded, `flattened` is the body flat."""
    weight = sum(WEIGHTS[sign] for sign in signs)
    spoken = Sign.SUBJECT in signs or Sign.XML in signs or holds("document", "invoice", flattened)
    told = bool(signs & _DECISIVE) or words_of("document", "reminder").search(subject) is not None
    if Sign.REMINDER in signs and weight >= ENOUGH_TO_REMIND and told:
        return LetterKind.RECEIPT if _is_paid(subject, body, signs) else LetterKind.REMINDER
    if not spoken or weight < ENOUGH or not signs & _DECISIVE:
        return LetterKind.OTHER
    return LetterKind.RECEIPT if _is_paid(subject, body, signs) else LetterKind.INVOICE


_NOT_PAID = pattern(
    r"\b(?:no|not|aun|todavia|sin|pending|be|sera|seran|hasta|ser|if|si|una vez|once|when|cuando)\b[^.\n]{0,25}$"
)


def _is_paid(subject: str, body: str, signs: set[Sign]) -> bool:
    """Whether the mail says that all is paid: in a phrase that nothing before it takes back."""
    if Sign.REMINDER in signs and words_of("document", "reminder").search(subject):
        return False
    for text in (subject, body):
        for count, found in enumerate(words_of("document", "paid").finditer(text)):
            if count >= 20:
                break
            if not _NOT_PAID.search(text[max(0, found.start() - 40) : found.start()]):
                return True
    return False
