"""What an invoice or reminder brings along, read once for all rules: its documents, its links, what its text lacks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deliverability.content.letter.facts import LetterFacts
from deliverability.content.letter.kind import LetterKind
from deliverability.content.links import Link, Links
from deliverability.content.part import Part
from deliverability.core.limits import Limits
from deliverability.core.rule import Facts
from deliverability.invoices.documents import is_archive, is_pdf
from deliverability.invoices.links import invoice_links, payment_links

#: Links of one message that are looked at.
_MAX_LINKS = 200


class KeyFact(StrEnum):
    """What a customer has to find in the text without opening a file."""

    NUMBER = "number"
    DATE = "date"
    AMOUNT = "amount"
    DUE = "due"
    METHOD = "method"


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """A mail as an invoice. `is_invoice` is the decision; without it no rule about invoices judges."""

    is_invoice: bool
    kind: LetterKind
    #: What the decision rests on, in words of `content.letter.kind.Sign`.
    reasons: tuple[str, ...]
    #: PDF files, archives, and the files that are neither, nor structured invoices.
    pdfs: tuple[Part, ...] = ()
    archives: tuple[Part, ...] = ()
    other_files: tuple[Part, ...] = ()
    #: Links that lead to paying, and links that lead to the invoice.
    payment_links: tuple[Link, ...] = ()
    invoice_links: tuple[Link, ...] = ()
    #: What the text does not say. A number in the subject counts: it is in sight.
    missing: tuple[KeyFact, ...] = ()


NO_INVOICE = InvoiceFacts(False, LetterKind.OTHER, ())


def read_invoice(letter: LetterFacts, links: Links) -> InvoiceFacts:
    """The facts of a mail as an invoice. Pure and total."""
    reasons = tuple(sorted(letter.signs))
    if not letter.is_billing:
        return InvoiceFacts(False, letter.kind, reasons)
    structured = {found.part.path for found in letter.structured}
    rest = [part for part in letter.files if part.path not in structured and not is_pdf(part)]
    shown = tuple(link for link in links.web if not link.hidden)[:_MAX_LINKS]
    paying = payment_links(shown)
    return InvoiceFacts(
        True,
        letter.kind,
        reasons,
        tuple(part for part in letter.files if is_pdf(part)),
        tuple(part for part in rest if is_archive(part)),
        tuple(part for part in rest if not is_archive(part)),
        paying,
        invoice_links(tuple(link for link in shown if link not in paying)),
        _missing(letter, bool(paying)),
    )


def _missing(letter: LetterFacts, has_payment_link: bool) -> tuple[KeyFact, ...]:
    """Paid invoices and credit notes need no due date, reminders no date of their own."""
    there = {
        KeyFact.NUMBER: bool(letter.numbers),
        KeyFact.DATE: letter.issued is not None,
        KeyFact.AMOUNT: bool(letter.amounts),
        KeyFact.DUE: letter.due is not None or letter.terms is not None,
        KeyFact.METHOD: bool(letter.methods) or has_payment_link,
    }
    if letter.kind is LetterKind.REMINDER:
        there[KeyFact.DATE] = True
    is_credit = bool(letter.amounts) and all(amount.value <= 0 for amount in letter.amounts)
    if letter.kind is LetterKind.RECEIPT or is_credit:
        there[KeyFact.DUE] = True
    if is_credit:
        there[KeyFact.METHOD] = True
    return tuple(fact for fact, found in there.items() if not found)


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing. Needs its letter and its links."""
    letter, links = facts.get(LetterFacts), facts.get(Links)
    if not isinstance(letter, LetterFacts):
        return {}
    return {InvoiceFacts: read_invoice(letter, links if isinstance(links, Links) else Links(()))}
