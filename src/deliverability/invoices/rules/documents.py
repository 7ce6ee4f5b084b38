"""Rules about the files of an invoice mail (INV004, 005, 006)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.content.letter.facts import LetterFacts
from deliverability.content.letter.structured import StructuredInvoice
from deliverability.content.links import same_organization
from deliverability.content.part import Part
from deliverability.content.rules.letter import CUT, text_evidence
from deliverability.content.rules.links import evidence_of_link
from deliverability.content.text import BodyText
from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import part_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.rules.common import is_dian_subject
from deliverability.invoices.documents import is_generic, is_pdf, personal_number, proposed_name
from deliverability.invoices.facts import InvoiceFacts
from deliverability.invoices.rules.common import MESSAGE, NOT_A_FIRST, NOT_AN_INVOICE, PLACES, is_first


def _evidence(part: Part) -> Evidence:
    return part_evidence(part.name, f"{part.content_type}; {part.filename}", line=part.line)


# --- INV004 ---------------------------------------------------------------------------------------------------------

NOT_ONE_PDF = Rule(
    "INV004",
    "invoice-not-one-pdf",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="The invoice as one PDF", es="La factura en un único PDF"),
    title=Text(
        en="The invoice is not attached as one PDF: {how}",
        es="La factura no va adjunta en un único PDF: {how}",
    ),
    why=Text(
        en="Accounting departments take in one PDF for each invoice. A mail about money with only a link has the shape of phishing, "
        "and archives and office files are held back by many company filters.",
        es="Los departamentos de administración registran un PDF por factura. Un correo sobre dinero con solo un enlace tiene forma "
        "de suplantación, y muchos filtros de empresa retienen los archivos comprimidos y de ofimática.",
    ),
    fix=Text(
        en="Whoever maintains the billing program attaches the invoice as one PDF, for instance {name}. If customers fetch it from "
        "a portal, link there with https on your own domain and still attach the PDF.",
        es="Quien mantenga el programa de facturación debe adjuntar la factura en un único PDF, por ejemplo {name}. Si los "
        "clientes la descargan de un portal, enlácelo con https en su propio dominio y adjunte igualmente el PDF.",
    ),
    references=("Practice of billing mail, 2026",),
    consequence_of=("BODY016", "MIME011", "MIME019"),
)
_SEVERAL = Text("there are {} of them", "hay {}")
_NOTHING = Text("nothing is attached", "no hay nada adjunto")
_ONLY_LINK = Text("there is only a link to {}", "solo hay un enlace a {}")
_ARCHIVE = Text("it comes in an archive, {}", "viene en un archivo comprimido, {}")
_OTHER = Text("it comes as {}", "viene como {}")
_STRUCTURED = Text(
    en="The invoice is a structured file; INV006 judges it.",
    es="La factura es un archivo estructurado; la juzga INV006.",
)


def _with(text: Text, value: str) -> Text:
    return Text(text.en.replace("{}", value), text.es.replace("{}", value))


_PRESCRIBED = Text(
    en="Electronic invoices in Colombia are sent as a ZIP, with this form of subject (DIAN).",
    es="En Colombia las facturas electrónicas se envían en un ZIP, con esta forma de asunto (DIAN).",
)


@NOT_ONE_PDF.check
def not_one_pdf(
    invoice: InvoiceFacts,
    letter: LetterFacts,
    body: BodyText,
    domain: AuditedDomain | None,
    headers: HeaderFacts | None,
) -> Outcome:
    """No PDF or several: what there is instead decides how bad it is. Only for the invoice itself."""
    if not is_first(invoice):
        return NotApplicable(NOT_A_FIRST if invoice.is_invoice else NOT_AN_INVOICE)
    if len(invoice.pdfs) == 1:
        return Passed(invoice.pdfs[0].name)
    if not invoice.pdfs and letter.structured:
        return NotApplicable(_STRUCTURED)
    if invoice.archives and headers is not None and is_dian_subject(headers.subject):
        return NotApplicable(_PRESCRIBED)
    if not invoice.pdfs and letter.cut:
        return Unknown(CUT)
    how, severity, seen = _instead(invoice, body, domain)
    name = proposed_name(next(iter(letter.numbers), ""), letter.identity.company)
    return NOT_ONE_PDF.found(MESSAGE, severity=severity, evidence=seen, how=how, name=name)


def _instead(
    invoice: InvoiceFacts, body: BodyText, domain: AuditedDomain | None
) -> tuple[Text, Severity, tuple[Evidence, ...]]:
    if invoice.pdfs:
        seen = tuple(_evidence(part) for part in invoice.pdfs[:PLACES])
        return _with(_SEVERAL, str(len(invoice.pdfs))), Severity.INFO, seen
    for text, parts in ((_ARCHIVE, invoice.archives), (_OTHER, invoice.other_files)):
        if parts:
            first = parts[0]
            return _with(text, first.filename or first.content_type), Severity.WARNING, (_evidence(first),)
    if invoice.invoice_links:
        link = invoice.invoice_links[0]
        target = link.target
        own = domain is not None and same_organization(target.organization, domain.registrable)
        severity = Severity.INFO if own and target.scheme == "https" else Severity.WARNING
        return _with(_ONLY_LINK, target.shown_host), severity, (evidence_of_link(link),)
    return _NOTHING, Severity.WARNING, (text_evidence(body, body.text.strip()),)


# --- INV005 ---------------------------------------------------------------------------------------------------------

FILE_NAME = Rule(
    "INV005",
    "invoice-file-name",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="Names of the invoice's files", es="Nombres de los archivos de la factura"),
    title=Text(
        en="The file name {file} {problem}",
        es="El nombre del archivo {file} {problem}",
    ),
    why=Text(
        en="Accounting stores what arrives under its name and searches for it by number and company; names such as scan.pdf are also "
        "those that malware uses. A person's tax number in a file name can be read in every list and log.",
        es="Administración guarda lo que llega con su nombre y lo busca por número y empresa; nombres como scan.pdf son, además, los "
        "que usa el malware. El NIF de una persona en el nombre queda a la vista en cualquier lista o registro.",
    ),
    fix=Text(
        en="Whoever maintains the billing program names the file after invoice and company: {name}.",
        es="Quien mantenga el programa de facturación debe nombrar el archivo con la factura y la empresa: {name}.",
    ),
    references=("Practice of billing mail, 2026", "Regulation (EU) 2016/679 (GDPR), article 5, 2016-04-27"),
    identity=("file",),
)
_GENERIC = Text("says neither which invoice it is nor whose", "no dice ni qué factura es ni de quién")
_UNNAMED = Text("of the PDF", "del PDF")
_NAMELESS = Text("is missing", "falta")
_PERSON = Text("holds a person's tax number ({})", "contiene el NIF de una persona ({})")
_NO_FILE = Text(
    en="No PDF and no structured invoice is attached.", es="No hay ningún PDF ni factura estructurada adjuntos."
)


@FILE_NAME.check
def file_name(invoice: InvoiceFacts, letter: LetterFacts) -> Iterator[Outcome]:
    """A name that would fit any invoice, or one with the DNI or NIE of a person who is not the sender."""
    if not invoice.is_invoice:
        yield NotApplicable(NOT_AN_INVOICE)
        return
    own = tuple(tax_id.number for tax_id in letter.identity.tax_ids)
    files = (*invoice.pdfs, *(found.part for found in letter.structured))
    if not files:
        yield Unknown(CUT) if letter.cut else NotApplicable(_NO_FILE)
    for part in files:
        personal = personal_number(part.filename, own)
        if not personal and not is_generic(part.filename, letter.numbers):
            yield Passed(part.name)
            continue
        problem = _with(_PERSON, personal) if personal else _GENERIC if part.filename else _NAMELESS
        yield FILE_NAME.found(
            part.name,
            severity=Severity.WARNING if personal else Severity.INFO,
            evidence=_evidence(part),
            file=part.filename or _UNNAMED,
            problem=problem,
            name=proposed_name(next(iter(letter.numbers), ""), letter.identity.company),
        )


# --- INV006 ---------------------------------------------------------------------------------------------------------

STRUCTURED = Rule(
    "INV006",
    "structured-invoice",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="Structured invoice beside a readable one", es="Factura estructurada junto a una legible"),
    title=Text(
        en="The {format} invoice {file} {problem}",
        es="La factura {format} {file} {problem}",
    ),
    why=Text(
        en="Nobody can read XML: the customer sees markup or nothing, and filters that do not know the type hold the file back. "
        "Public bodies in Spain take Facturae only through FACe, never by mail.",
        es="Un XML no hay quien lo lea: el cliente ve código o nada, y los filtros que no conocen el tipo retienen el archivo. En "
        "España, la Administración solo acepta Facturae a través de FACe, nunca por correo.",
    ),
    fix=Text(
        en="Whoever maintains the billing program attaches the PDF beside the XML, and declares the XML as application/xml with "
        "its file name.",
        es="Quien mantenga el programa de facturación debe adjuntar el PDF junto al XML y declarar el XML como application/xml, con "
        "su nombre de archivo.",
    ),
    references=("RFC 7303 §3", "Orden HAP/1650/2015, 2015-07-31"),
)
_ALONE = Text("comes without a PDF that can be read", "viene sin un PDF legible")
_WRONG_TYPE = Text("is declared as {}", "está declarada como {}")
_NO_XML = Text(en="No structured invoice is attached.", es="No hay ninguna factura estructurada adjunta.")


@STRUCTURED.check
def structured(invoice: InvoiceFacts, letter: LetterFacts) -> Iterator[Outcome]:
    """Facturae, UBL, CFDI and others: without a readable PDF, or under a type that is not XML (RFC 7303 §3)."""
    if not letter.structured:
        yield Unknown(CUT) if letter.cut and invoice.is_invoice else NotApplicable(_NO_XML)
    readable = any(map(is_pdf, letter.files)) or bool(invoice.archives)
    for found in letter.structured:
        problem = (
            _ALONE if not readable else None if _is_xml(found.part) else _with(_WRONG_TYPE, found.part.content_type)
        )
        if problem is None:
            yield Passed(found.part.name)
            continue
        yield _structured_finding(found, problem)


def _structured_finding(found: StructuredInvoice, problem: Text) -> Outcome:
    part = found.part
    return STRUCTURED.found(
        part.name, evidence=_evidence(part), format=found.format.value, file=part.filename or part.path, problem=problem
    )


def _is_xml(part: Part) -> bool:
    return part.content_type in ("application/xml", "text/xml") or part.content_type.endswith("+xml")


RULES: tuple[Rule, ...] = (NOT_ONE_PDF, FILE_NAME, STRUCTURED)
