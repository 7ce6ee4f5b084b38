"""Rules about what attachments hold and whether they can be opened (MIME017, 018, 019, 022)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.content.attachments import Attachment, Attachments, Truncation
from deliverability.content.pdf import PdfFacts
from deliverability.content.rules.parts import (
    UNREAD,
    evidence_of_file,
    evidence_of_part,
    name_of,
    none_found,
    nothing_attached,
)
from deliverability.content.smime import SignatureProblem, SignedMail
from deliverability.core.facts import Moment
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.facts import HeaderFacts

_MESSAGE = "message"
_NOT_WHOLE = Text(
    en="It is too large to be looked through to its end.", es="Es demasiado grande para revisarlo hasta el final."
)

# --- MIME017 --------------------------------------------------------------------------------------------------------

RISKY_PDF = Rule(
    "MIME017",
    "risky-pdf",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Content of attached PDFs", es="Contenido de los PDF adjuntos"),
    title=Text(en="The PDF {file} {problem}", es="El PDF {file} {problem}"),
    why=Text(
        en="An invoice needs none of it, attacks do: filters add points (rspamd PDF_ENCRYPTED 0.3, PDF_JAVASCRIPT 0.1, "
        "PDF_SUSPICIOUS 4.5), gateways remove the file or keep the mail until it has run in a sandbox.",
        es="Una factura no lo necesita y los ataques sí: los filtros suman puntos (rspamd PDF_ENCRYPTED 0,3; PDF_JAVASCRIPT "
        "0,1; PDF_SUSPICIOUS 4,5) y las pasarelas retiran el archivo o retienen el correo para analizarlo.",
    ),
    fix=Text(
        en="Whoever maintains the billing program creates a plain PDF, best as PDF/A: without scripts, forms that send, files "
        "within it (the XML of an electronic invoice may stay) and password.",
        es="Quien mantenga el programa de facturación debe generar un PDF simple, mejor PDF/A: sin scripts, sin formularios de "
        "envío, sin archivos dentro (el XML de una factura electrónica puede quedarse) y sin contraseña.",
    ),
    references=("rspamd 3.11, scores.d/content_group.conf, 2025", "ISO 32000-1:2008, §12.6.4"),
    filter_points=4.5,
)
_NO_PDF = Text(en="No PDF is attached.", es="No lleva ningún PDF adjunto.")
_LAUNCHES = Text(en="can start programs", es="puede iniciar programas")
_DISGUISED = Text(en="disguises the names of its actions", es="disfraza los nombres de sus acciones")
_SCRIPT = Text(en="holds JavaScript", es="contiene JavaScript")
_CARRIES = Text(en="carries other files ({names})", es="lleva otros archivos dentro ({names})")
_LOCKED = Text(
    en="is encrypted; if it asks for a password, most recipients will not read it",
    es="está cifrado; si pide contraseña, la mayoría de los destinatarios no lo leerá",
)


@RISKY_PDF.check
def risky_pdf(files: Attachments) -> Iterator[Outcome]:
    """ISO 32000-1 §12.6.4: actions. What a page opens at (OpenAction) says nothing by itself."""
    pdfs = [(file, file.pdf) for file in files.all if file.pdf is not None]
    if not pdfs:
        yield Unknown(UNREAD, _MESSAGE) if files.unread else NotApplicable(_NO_PDF, _MESSAGE)
    for file, pdf in pdfs:
        problem = _pdf_problem(pdf)
        if problem is None:
            yield Unknown(_NOT_WHOLE, file.part.name) if pdf.cut or file.cut else Passed(file.part.name)
            continue
        yield RISKY_PDF.found(
            file.part.name,
            severity=Severity.INFO if problem is _LOCKED else Severity.WARNING,
            evidence=evidence_of_file(file, " ".join(f"/{key}" for key in sorted(pdf.keys))),
            file=name_of(file),
            problem=problem,
        )


def _pdf_problem(pdf: PdfFacts) -> Text | None:
    if pdf.launches:
        return _LAUNCHES
    if pdf.disguised & {"JavaScript", "JS", "Launch", "EmbeddedFile", "EmbeddedFiles", "OpenAction", "AA"}:
        return _DISGUISED
    if pdf.has_script:
        return _SCRIPT
    if pdf.foreign_files:
        names = ", ".join(name[:60] for name in pdf.foreign_files[:3])
        return Text(_CARRIES.en.replace("{names}", names), _CARRIES.es.replace("{names}", names))
    return _LOCKED if pdf.encrypted else None


# --- MIME018 --------------------------------------------------------------------------------------------------------

INCOMPLETE = Rule(
    "MIME018",
    "incomplete-attachment",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Completeness of attached files", es="Integridad de los archivos adjuntos"),
    title=Text(en="{file} cannot be opened: {problem}", es="{file} no se puede abrir: {problem}"),
    why=Text(
        en="The recipient gets an error instead of the invoice, asks again or does not pay; some filters take a damaged PDF for "
        "an attack on the reader.",
        es="El destinatario ve un error en lugar de la factura, vuelve a pedirla o no paga; algunos filtros toman un PDF dañado "
        "por un ataque al lector.",
    ),
    fix=Text(
        en="Whoever maintains the billing program closes the file before it is attached and reads it as binary; check that the "
        "size on disk ({size} octets arrived) is the same.",
        es="Quien mantenga el programa de facturación debe cerrar el archivo antes de adjuntarlo y leerlo como binario; "
        "compruebe que el tamaño en disco coincide con los {size} octetos que han llegado.",
    ),
    references=("ISO 32000-1:2008, §7.5.5", "RFC 2045 §6.8"),
)
_INCOMPLETE = {
    Truncation.EMPTY: Text(en="it is empty", es="está vacío"),
    Truncation.NO_END: Text(en="its end is missing", es="le falta el final"),
    Truncation.ENCODING: Text(en="its base64 text stops within", es="su texto base64 está incompleto"),
}


@INCOMPLETE.check
def incomplete(files: Attachments) -> Iterator[Outcome]:
    """Files of no octets, PDFs without `%%EOF`, ZIPs without their directory, and texts that stop."""
    if not files.all:
        yield nothing_attached(files, _MESSAGE)
    for file in files.all:
        if file.truncation is None:
            yield Unknown(_NOT_WHOLE, file.part.name) if file.cut else Passed(file.part.name)
            continue
        yield INCOMPLETE.found(
            file.part.name,
            severity=Severity.WARNING if file.is_picture_of_text else Severity.ERROR,
            evidence=evidence_of_file(file),
            file=name_of(file),
            problem=_INCOMPLETE[file.truncation],
            size=file.size,
        )


# --- MIME019 --------------------------------------------------------------------------------------------------------

WINMAIL = Rule(
    "MIME019",
    "winmail-dat",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.PLATFORM,
    label=Text(en="Outlook's own format", es="Formato propio de Outlook"),
    title=Text(
        en="The files of this mail are packed into {file}", es="Los archivos de este correo van dentro de {file}"
    ),
    why=Text(
        en="Outlook or Exchange sent the mail in its rich text format. Gmail, Apple Mail, Thunderbird and phones show a "
        "winmail.dat that nobody can open: the invoice does not arrive.",
        es="Outlook o Exchange ha enviado el correo en su formato de texto enriquecido. Gmail, Apple Mail, Thunderbird y los "
        "móviles muestran un winmail.dat que nadie puede abrir: la factura no llega.",
    ),
    fix=Text(
        en="Your mail administrator sets the remote domain in Exchange to never use rich text (Set-RemoteDomain Default "
        "-TNEFEnabled $false); in Outlook choose HTML under Options, Mail, Compose messages.",
        es="Su administrador de correo debe configurar el dominio remoto en Exchange para no usar texto enriquecido "
        "(Set-RemoteDomain Default -TNEFEnabled $false); en Outlook, elija HTML en Opciones, Correo, Redactar mensajes.",
    ),
    references=("Microsoft, TNEF conversion options in Exchange Online, 2026", "RFC 2045 §5"),
)


@WINMAIL.check
def winmail(files: Attachments) -> Iterator[Outcome]:
    """application/ms-tnef, or its magic number under any name."""
    if not files.all:
        yield nothing_attached(files, _MESSAGE)
        return
    packed = [file for file in files.all if _is_tnef(file)]
    for file in packed:
        yield WINMAIL.found(file.part.name, evidence=evidence_of_file(file), file=name_of(file))
    if not packed:
        yield none_found(files, _MESSAGE)


def _is_tnef(file: Attachment) -> bool:
    if file.type is not None:
        return file.type.id == "tnef"
    return file.part.content_type in ("application/ms-tnef", "application/vnd.ms-tnef")


# --- MIME022 --------------------------------------------------------------------------------------------------------

SIGNED_MAIL = Rule(
    "MIME022",
    "smime-certificate",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Certificate of the signed mail", es="Certificado del correo firmado"),
    title=Text(
        en="The S/MIME certificate of this mail will be rejected: {problem}",
        es="El certificado S/MIME de este correo será rechazado: {problem}",
    ),
    why=Text(
        en="Outlook and Apple Mail show a red warning above the mail instead of the mark of a valid signature: worse than no "
        "signature at all. The signature itself is not verified here.",
        es="Outlook y Apple Mail muestran un aviso rojo sobre el correo en lugar de la marca de firma válida: es peor que no "
        "firmar. Aquí no se verifica la firma en sí.",
    ),
    fix=Text(
        en="Whoever manages the certificates of the company renews the certificate for {address} and installs it where the mail "
        "is signed; until then the mail is better sent unsigned.",
        es="Quien gestione los certificados de la empresa debe renovar el de {address} e instalarlo donde se firma el correo; "
        "hasta entonces es mejor enviarlo sin firma.",
    ),
    references=("RFC 8550 §3", "RFC 5280 §4.1.2.5"),
    identity=("kind",),
)
_NOT_SIGNED = Text(en="The mail is not signed with S/MIME.", es="El correo no va firmado con S/MIME.")
_NO_CERTIFICATE = Text(
    en="The signature brings no certificate that can be read.", es="La firma no incluye ningún certificado legible."
)
_SIGNATURE_PROBLEMS = {
    SignatureProblem.EXPIRED: Text(en="it expired on {detail}", es="caducó el {detail}"),
    SignatureProblem.NOT_YET: Text(en="it is valid only from {detail}", es="solo es válido desde el {detail}"),
    SignatureProblem.OTHER_ADDRESS: Text(
        en="it is for {detail} and not for the sender", es="es de {detail} y no del remitente"
    ),
}


@SIGNED_MAIL.check
def signed_mail(signed: SignedMail, moment: Moment, sender: HeaderFacts) -> Iterator[Outcome]:
    """RFC 8550 §3: the address of the sender has to be in the certificate; RFC 5280 §4.1.2.5: its dates."""
    if signed.part is None:
        yield NotApplicable(_NOT_SIGNED, _MESSAGE)
        return
    senders = tuple(mailbox.address for mailbox in sender.authors)
    lowered = frozenset(address.lower() for address in senders)
    each = [certificate.problems(lowered, moment.now) for certificate in signed.certificates]
    if not each:
        yield NotApplicable(_NO_CERTIFICATE, signed.part.name)
        return
    problems = min(each, key=len)
    if not problems:
        yield Passed(signed.part.name)
    for kind, detail in problems:
        problem = _SIGNATURE_PROBLEMS[kind]
        yield SIGNED_MAIL.found(
            signed.part.name,
            evidence=evidence_of_part(signed.part),
            problem=Text(problem.en.replace("{detail}", detail), problem.es.replace("{detail}", detail)),
            address=senders[0] if senders else "–",
            kind=kind.value,
        )


RULES: tuple[Rule, ...] = (RISKY_PDF, INCOMPLETE, WINMAIL, SIGNED_MAIL)
