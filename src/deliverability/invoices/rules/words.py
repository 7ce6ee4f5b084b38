"""Rules about what an invoice mail says and where it leads (INV001, 003, 007, 012)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.content.letter.facts import LetterFacts, is_english
from deliverability.content.letter.kind import LetterKind
from deliverability.content.links import Link, Links, same_organization
from deliverability.content.rules.letter import CUT, listed, text_evidence
from deliverability.content.rules.links import evidence_of_link
from deliverability.content.text import BodyText
from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.names import query_name, registrable_domain
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.invoices.facts import InvoiceFacts, KeyFact
from deliverability.invoices.rules.common import MESSAGE, NOT_AN_INVOICE, PLACES
from deliverability.providers.payment import payment_processor

# --- INV001 ---------------------------------------------------------------------------------------------------------

NO_BILLING_ADDRESS = Rule(
    "INV001",
    "no-billing-address",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="Address that invoices come from", es="Dirección desde la que salen las facturas"),
    title=Text(
        en="Invoices come from {address}, not from an address for billing",
        es="Las facturas salen de {address}, no de una dirección de facturación",
    ),
    why=Text(
        en="Customers add one address to their contacts and write rules for it, such as facturas@ or billing@. With the address of "
        "a person or a common mailbox, invoices get lost among other mail, and replies with questions too.",
        es="El cliente guarda una dirección en sus contactos y le pone reglas, como facturas@ o administracion@. Con la "
        "dirección de una persona o un buzón general, las facturas se pierden entre otros correos, y las respuestas también.",
    ),
    fix=Text(
        en="Whoever manages the mailboxes creates an alias such as {proposal} that somebody reads; whoever maintains the billing "
        "program sets it as the sender. Tell customers once, and keep it.",
        es="Quien gestione los buzones debe crear un alias como {proposal} que alguien lea; quien mantenga el programa de "
        "facturación debe ponerlo como remitente. Avise a sus clientes una vez y no lo cambie.",
    ),
    references=("Practice of billing mail, 2026",),
)
#: Parts of a local part that say that the mailbox is for money.
_BILLING = (
    "factura",
    "fact",
    "fra",
    "billing",
    "invoice",
    "invoic",
    "admin",
    "contab",
    "cobro",
    "cobranza",
    "pago",
    "recibo",
    "tesoreria",
    "finan",
    "account",
    "payable",
    "receivable",
    "payment",
    "cuentas",
    "fatura",
    "compta",
    "rechnung",
    "facturacio",
    "einvoice",
    "cfdi",
    "dte",
    "boleta",
)
_SHORT = frozenset(("ar", "ap", "fe"))
_NO_AUTHOR = Text(en="From does not name one author.", es="El campo From no indica un único autor.")


@NO_BILLING_ADDRESS.check
def no_billing_address(invoice: InvoiceFacts, letter: LetterFacts, headers: HeaderFacts) -> Outcome:
    """The local part of From holds no word for billing."""
    if not invoice.is_invoice:
        return NotApplicable(NOT_AN_INVOICE)
    author, field = headers.author, headers.first("from")
    if author is None or field is None:
        return NotApplicable(_NO_AUTHOR)
    local = author.local_part.lower().partition("+")[0]
    if any(word in local for word in _BILLING) or local in _SHORT:
        return Passed(author.address)
    proposal = f"{'billing' if is_english(letter.passages.folded) else 'facturas'}@{author.domain}"
    return NO_BILLING_ADDRESS.found("From", evidence=field_evidence(field), address=author.address, proposal=proposal)


# --- INV003 ---------------------------------------------------------------------------------------------------------

FACTS_MISSING = Rule(
    "INV003",
    "invoice-facts-missing",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="Key facts of the invoice in the text", es="Datos clave de la factura en el texto"),
    title=Text(
        en="The text of the invoice mail does not tell: {missing}",
        es="El texto del correo de la factura no indica: {missing}",
    ),
    why=Text(
        en="The customer has to open a file to learn what is to be paid, when and how; a careful one does not, and a mail with a "
        "file and without facts looks to filters and readers like the malware that calls itself an invoice.",
        es="El cliente tiene que abrir un archivo para saber qué debe pagar, cuándo y cómo; el prudente no lo abre, y un correo con "
        "archivo y sin datos se parece, para filtros y lectores, al malware que se hace pasar por factura.",
    ),
    fix=Text(
        en="Whoever maintains the template adds to the text: {lines}",
        es="Quien mantenga la plantilla debe añadir al texto: {lines}",
    ),
    references=("Practice of billing mail, 2026",),
    consequence_of=("BODY001",),
)
_FACTS = {
    KeyFact.NUMBER: Text("the invoice number", "el número de factura"),
    KeyFact.DATE: Text("the date of the invoice", "la fecha de la factura"),
    KeyFact.AMOUNT: Text("the amount", "el importe"),
    KeyFact.DUE: Text("the due date", "el vencimiento"),
    KeyFact.METHOD: Text("how to pay", "la forma de pago"),
}
_LINES = {
    KeyFact.NUMBER: Text("“Invoice no.: 2026/0123”", "«Factura nº: 2026/0123»"),
    KeyFact.DATE: Text("“Date: 22 November 2026”", "«Fecha: 22/11/2026»"),
    KeyFact.AMOUNT: Text("“Total: €1,234.56 (VAT included)”", "«Total: 1.234,56 € (IVA incluido)»"),
    KeyFact.DUE: Text("“Due date: 22 December 2026”", "«Vencimiento: 22/12/2026»"),
    KeyFact.METHOD: Text(
        "“Payment: bank transfer to IBAN …” (or direct debit, card, payment link)",
        "«Forma de pago: transferencia al IBAN …» (o domiciliación, tarjeta, enlace de pago)",
    ),
}


@FACTS_MISSING.check
def facts_missing(invoice: InvoiceFacts, letter: LetterFacts, body: BodyText) -> Outcome:
    """Number, date, amount, due date or way to pay are not in the text; a number in the subject counts."""
    if not invoice.is_invoice:
        return NotApplicable(NOT_AN_INVOICE)
    if not invoice.missing:
        return Passed(MESSAGE)
    if letter.cut:
        return Unknown(CUT)
    lines = listed(_LINES[fact] for fact in invoice.missing)
    return FACTS_MISSING.found(
        MESSAGE,
        evidence=text_evidence(body, letter.passages.own.strip()),
        missing=listed(_FACTS[fact] for fact in invoice.missing),
        lines=Text(f"{lines.en}.", f"{lines.es}."),
    )


# --- INV007 ---------------------------------------------------------------------------------------------------------

PAYMENT_LINK = Rule(
    "INV007",
    "payment-link",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="Where the payment link leads", es="Adónde lleva el enlace de pago"),
    title=Text(
        en="The payment link to {host} {problem}",
        es="El enlace de pago a {host} {problem}",
    ),
    why=Text(
        en="A request for money with a link to a page that is not protected, or to a domain that the customer does not know, is how "
        "phishing works: gateways rewrite or block such links, and customers do not click.",
        es="Pedir dinero con un enlace a una página sin cifrar, o a un dominio que el cliente no conoce, es como funcionan las "
        "suplantaciones: las pasarelas de correo reescriben o bloquean esos enlaces, y el cliente no hace clic.",
    ),
    fix=Text(
        en="Whoever maintains the template links to a page with https:// on your own domain ({own}), or to the payment page that "
        "your processor gives you under its own name, and says in the text who takes the payment.",
        es="Quien mantenga la plantilla debe enlazar a una página con https:// de su propio dominio ({own}) o a la página de pago "
        "que su pasarela le da con su propio nombre, y decir en el texto quién cobra.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
    consequence_of=("BODY004", "BODY005"),
)
_PLAIN = Text("is not encrypted (http://)", "no va cifrado (http://)")
_STRANGE = Text(
    "leaves your domain for one that is no known payment processor's",
    "sale de su dominio a otro que no es de ninguna pasarela de pago conocida",
)
_NO_LINK = Text(en="No link of the mail leads to paying.", es="Ningún enlace del correo lleva a pagar.")


@PAYMENT_LINK.check
def payment_link(
    invoice: InvoiceFacts, headers: HeaderFacts, links: Links, domain: AuditedDomain | None
) -> Iterator[Outcome]:
    """A link to pay without TLS, or on a domain that is neither the sender's nor a known processor's."""
    if not invoice.is_invoice:
        yield NotApplicable(NOT_AN_INVOICE)
        return
    own = domain.registrable if domain else _registrable(headers)
    by_host: dict[str, list[Link]] = {}
    for link in invoice.payment_links:
        by_host.setdefault(link.target.host, []).append(link)
    for host, same in by_host.items():
        problem = _problem(same, own)
        if problem is None:
            yield Passed(host)
            continue
        seen = tuple(evidence_of_link(link) for link in same[:PLACES])
        yield PAYMENT_LINK.found(host, evidence=seen, host=same[0].target.shown_host, problem=problem, own=own or "…")
    if links.left_out:
        yield Unknown(CUT)
    elif not by_host:
        yield NotApplicable(_NO_LINK)


def _registrable(headers: HeaderFacts) -> str:
    name = query_name(headers.author.domain) if headers.author else None
    return (registrable_domain(name) or name) if name else ""


def _problem(links: list[Link], own: str) -> Text | None:
    if any(link.target.scheme == "http" for link in links):
        return _PLAIN
    target = links[0].target
    if not own or payment_processor(target.host) or target.redirector:
        return None
    return None if same_organization(target.organization, own) else _STRANGE


# --- INV012 ---------------------------------------------------------------------------------------------------------

REMINDER_ALONE = Rule(
    "INV012",
    "reminder-without-invoice",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="Reminder tied to its invoice", es="Recordatorio unido a su factura"),
    title=Text(
        en="The reminder does not tell which invoice it is about",
        es="El recordatorio no dice de qué factura se trata",
    ),
    why=Text(
        en="Without the number, and without a thread that leads to the mail with the invoice, the customer has to search for it, "
        "and a request to pay something unnamed looks like a scam.",
        es="Sin el número, y sin un hilo que lleve al correo de la factura, el cliente tiene que buscarla; y una petición de pago "
        "de algo que no se nombra parece una estafa.",
    ),
    fix=Text(
        en="Whoever maintains the billing program sends the reminder as a reply to the mail with the invoice (In-Reply-To and "
        "References with its Message-ID), writes number, amount and due date, and attaches the PDF again.",
        es="Quien mantenga el programa de facturación debe enviar el recordatorio como respuesta al correo de la factura "
        "(In-Reply-To y References con su Message-ID), con número, importe y vencimiento, y adjuntar de nuevo el PDF.",
    ),
    references=("RFC 5322 §3.6.4",),
)
_NOT_A_REMINDER = Text(en="It is no reminder.", es="No es un recordatorio.")


@REMINDER_ALONE.check
def reminder_alone(invoice: InvoiceFacts, letter: LetterFacts, headers: HeaderFacts) -> Outcome:
    """A reminder without the number of the invoice and without In-Reply-To or References (RFC 5322 §3.6.4)."""
    if not invoice.is_invoice or invoice.kind is not LetterKind.REMINDER:
        return NotApplicable(_NOT_A_REMINDER)
    if letter.numbers or headers.in_reply_to.ids or headers.references.ids:
        return Passed(MESSAGE)
    if letter.cut:
        return Unknown(CUT)
    subject = headers.first("subject")
    return REMINDER_ALONE.found(MESSAGE, evidence=() if subject is None else field_evidence(subject))


RULES: tuple[Rule, ...] = (NO_BILLING_ADDRESS, FACTS_MISSING, PAYMENT_LINK, REMINDER_ALONE)
