"""Rules about attachments that cannot be opened or are not what they say (MIME014 to MIME019, MIME022)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.content.attachments import Attachment, Attachments, Truncation
from deliverability.content.magic import FileType, types_of_extension, types_of_media
from deliverability.content.part import Part
from deliverability.content.pdf import PdfFacts
from deliverability.content.rules.parts import (
    NO_ATTACHMENTS,
    evidence_of_file,
    evidence_of_part,
    name_of,
    own_files,
)
from deliverability.content.smime import SignatureProblem, SignedMail
from deliverability.core.facts import Moment
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.parameters import ParameterDefectKind

_MESSAGE = "message"
_RSPAMD = "rspamd 3.11, scores.d/mime_types_group.conf, 2025"

# --- MIME014 --------------------------------------------------------------------------------------------------------

WRONG_TYPE = Rule(
    "MIME014",
    "declared-type-differs",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Declared and real file types", es="Tipo declarado y real de los archivos"),
    title=Text(
        en="{file} is declared as {declared} but {problem}", es="{file} se declara como {declared}, pero {problem}"
    ),
    why=Text(
        en="Phones and webmails choose by the declared type how to open a file, so the invoice does not open; filters take the "
        "contradiction for a disguise (rspamd MIME_BAD 1.0 to MIME_BAD_ATTACHMENT 4.0).",
        es="Los móviles y el correo web deciden por el tipo declarado cómo abrir un archivo, así que la factura no se abre; los "
        "filtros toman la contradicción por un disfraz (rspamd MIME_BAD 1,0 a MIME_BAD_ATTACHMENT 4,0).",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail sets the Content-Type of {file} to {right} and an extension "
        "that fits it.",
        es="Quien mantenga el programa que compone el correo debe declarar {file} con Content-Type {right} y una extensión "
        "acorde.",
    ),
    references=("RFC 2046 §4.5.1", _RSPAMD),
)
_IS_OTHER = Text(en="its content is {real}", es="su contenido es {real}")
_IS_NOT = Text(en="its content is none", es="su contenido no lo es")
_NAME_SAYS = Text(
    en="its name ends in .{extension} and its content is {real}",
    es="su nombre acaba en .{extension} y su contenido es {real}",
)
_NAME_IS_NOT = Text(
    en="its name ends in .{extension} and its content is none",
    es="su nombre acaba en .{extension} y su contenido no lo es",
)
_ONLY_OCTETS = Text(en="that says nothing: it is {real}", es="eso no dice nada: es {real}")
#: Formats that their first octets always tell: where those are not there, it is another file.
_ALWAYS_TOLD = frozenset(
    ("pdf", "zip", "rar", "7z", "gzip", "docx", "xlsx", "pptx", "odf", "png", "jpeg", "gif", "tiff", "webp")
)
_XML = frozenset(("xml", "facturae", "ubl", "cii", "svg", "html"))
_ZIP = frozenset(("zip", "docx", "xlsx", "pptx", "odf", "epub", "jar", "apk", "pkpass"))
_BINARY_KINDS = frozenset(("document", "archive", "program", "sound", "picture"))
_RIGHT = {
    "pdf": "application/pdf",
    "zip": "application/zip",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "facturae": "application/xml",
    "ubl": "application/xml",
    "cii": "application/xml",
    "xml": "application/xml",
}


@WRONG_TYPE.check
def wrong_type(files: Attachments) -> Iterator[Outcome]:
    """RFC 2046 §4.5.1: application/octet-stream is for what nobody knows better."""
    if not files.all:
        yield NotApplicable(NO_ATTACHMENTS, _MESSAGE)
        return
    found = False
    for file in files.all:
        contradiction = _contradiction(file)
        if contradiction is None:
            continue
        found = True
        problem, severity = contradiction
        real = file.type
        filled = {"real": real.name if real else "", "extension": file.extension}
        yield WRONG_TYPE.found(
            file.part.name,
            severity=severity,
            evidence=evidence_of_file(file),
            file=name_of(file),
            declared=file.part.content_type,
            problem=Text(problem.en.format(**filled), problem.es.format(**filled)),
            right=_RIGHT.get(real.id, min(real.media)) if real else "application/octet-stream",
        )
    if not found:
        yield Passed(_MESSAGE)


def _contradiction(file: Attachment) -> tuple[Text, Severity] | None:
    if not file.size or file.part.is_message:
        return None
    severity = Severity.INFO if file.type is not None and file.type.kind == "picture" else Severity.WARNING
    by_media = types_of_media(file.part.content_type)
    can_tell = not file.generic and (bool(by_media) or file.part.content_type.startswith("text/"))
    if can_tell and not _fits(file.type, by_media, file.part.content_type):
        return (_IS_OTHER if file.type else _IS_NOT), severity
    by_name = types_of_extension(file.extension)
    if by_name and not _fits(file.type, by_name, ""):
        return (_NAME_SAYS if file.type else _NAME_IS_NOT), severity
    if file.generic and file.type is not None and file.type.kind in ("document", "picture"):
        return _ONLY_OCTETS, Severity.INFO
    return None


def _fits(real: FileType | None, expected: frozenset[str], media: str) -> bool:
    """Whether what the octets are agrees with what is expected. What octets cannot tell, agrees."""
    if real is None:
        return not expected or not expected <= _ALWAYS_TOLD
    if not expected:  # text of some kind
        return real.kind not in _BINARY_KINDS or real.id in _XML
    if real.id in expected or (real.id in _ZIP and expected & _ZIP):
        return True
    if real.id in _XML and expected & _XML:
        return True
    # Text formats hold other text formats: a script may begin with anything, an e-mail quotes.
    return real.kind in ("text", "script", "message") and media.startswith("text/")


# --- MIME015 --------------------------------------------------------------------------------------------------------

UNNAMED = Rule(
    "MIME015",
    "attachment-without-name",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Names of attached files", es="Nombre de los archivos adjuntos"),
    title=Text(en="Part {path} ({type}) {problem}", es="La parte {path} ({type}) {problem}"),
    why=Text(
        en="Outlook shows such a file as ATT00001, Gmail as noname: the recipient cannot tell that it is the invoice, nor open "
        "it with a tap. Filters expect a name as well (rspamd MIME_BAD_ATTACHMENT up to 4.0).",
        es="Outlook muestra ese archivo como ATT00001 y Gmail como noname: el destinatario no sabe que es la factura ni puede "
        "abrirlo con un toque. Los filtros también esperan un nombre (rspamd MIME_BAD_ATTACHMENT hasta 4,0).",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail adds Content-Disposition: attachment; "
        'filename="factura-2026-0042.pdf" to the part.',
        es="Quien mantenga el programa que compone el correo debe añadir a la parte Content-Disposition: attachment; "
        'filename="factura-2026-0042.pdf".',
    ),
    references=("RFC 2183 §2.3", _RSPAMD),
    filter_points=4.0,
)
_NO_NAME = Text(en="is attached without a file name", es="se adjunta sin nombre de archivo")
_NO_DISPOSITION = Text(
    en="has a name but no Content-Disposition: some programs show it within the text",
    es="tiene nombre pero no Content-Disposition: algunos programas lo muestran dentro del texto",
)
#: What mail programs know how to show without a name.
_NEEDS_NO_NAME = ("message/", "text/", "multipart/", "application/pgp-", "application/pkcs7", "application/x-pkcs7")


@UNNAMED.check
def unnamed(files: Attachments) -> Iterator[Outcome]:
    """RFC 2183 §2.1 and §2.3: attachment, and the name to save it under."""
    own = [file for file in own_files(files.all) if not file.part.content_type.startswith(_NEEDS_NO_NAME)]
    if not own:
        yield NotApplicable(NO_ATTACHMENTS, _MESSAGE)
        return
    for file in own:
        if file.name and file.part.disposition:
            yield Passed(file.part.name)
            continue
        yield UNNAMED.found(
            file.part.name,
            severity=Severity.INFO if file.name else Severity.WARNING,
            evidence=evidence_of_file(file),
            path=file.part.path,
            type=file.part.content_type,
            problem=_NO_DISPOSITION if file.name else _NO_NAME,
        )


# --- MIME016 --------------------------------------------------------------------------------------------------------

NAME_ENCODING = Rule(
    "MIME016",
    "file-name-encoding",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Encoding of file names", es="Codificación de los nombres de archivo"),
    title=Text(
        en="The file name of part {path} ({type}) {problem}",
        es="El nombre de archivo de la parte {path} ({type}) {problem}",
    ),
    why=Text(
        en="Programs that do not guess show ATT00001, noname or garbled letters instead of the name, and one without a known "
        "extension does not open.",
        es="Los programas que no adivinan muestran ATT00001, noname o letras ilegibles en lugar del nombre, y un archivo sin "
        "extensión conocida no se abre.",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail writes the name in ASCII (factura-2026-0042.pdf), or with "
        "accents in the form of RFC 2231: filename*=UTF-8''facturaci%C3%B3n.pdf, beside an ASCII filename=.",
        es="Quien mantenga el programa que compone el correo debe escribir el nombre en ASCII (factura-2026-0042.pdf) o, con "
        "tildes, en la forma de RFC 2231: filename*=UTF-8''facturaci%C3%B3n.pdf, junto a un filename= en ASCII.",
    ),
    references=("RFC 2231 §4", "RFC 2047 §5", "RFC 2183 §2.3"),
)
_NAME_PROBLEMS = {
    ParameterDefectKind.RAW_8BIT: Text(
        en="has letters beyond ASCII without encoding", es="tiene letras que no son ASCII sin codificar"
    ),
    ParameterDefectKind.UNDECODABLE: Text(
        en="is not in the charset it declares", es="no corresponde al juego de caracteres que declara"
    ),
    ParameterDefectKind.UNKNOWN_CHARSET: Text(
        en="is in a charset that nobody knows", es="usa un juego de caracteres desconocido"
    ),
    ParameterDefectKind.GAP: Text(en="is cut into pieces of which some are missing", es="está partido y faltan trozos"),
    ParameterDefectKind.BAD_PERCENT: Text(en="has a broken %-code", es="tiene un código % incorrecto"),
    ParameterDefectKind.UNQUOTED: Text(
        en="has blanks or signs without quotation marks", es="tiene espacios o signos sin comillas"
    ),
    ParameterDefectKind.UNCLOSED_QUOTE: Text(
        en="has a quotation mark that is not closed", es="tiene unas comillas sin cerrar"
    ),
    ParameterDefectKind.ENCODED_WORD: Text(
        en="is written as an encoded word of RFC 2047, which parameters may not hold",
        es="está escrito como palabra codificada de RFC 2047, que no vale en parámetros",
    ),
}
_PATH = Text(en="holds a path or a drive letter", es="contiene una ruta o una letra de unidad")
_PATH_SIGNS = pattern(r"[/\\:]")


@NAME_ENCODING.check
def name_encoding(files: Attachments) -> Iterator[Outcome]:
    """RFC 2231 §4. Encoded words in parameters are wrong by RFC 2047 §5, and so common that programs read them."""
    named = [file for file in files.all if file.name]
    if not named:
        yield NotApplicable(NO_ATTACHMENTS, _MESSAGE)
        return
    for file in named:
        problem = _name_problem(file.part)
        if problem is None:
            yield Passed(file.part.name)
            continue
        mild = problem is _NAME_PROBLEMS[ParameterDefectKind.ENCODED_WORD]
        yield NAME_ENCODING.found(
            file.part.name,
            severity=Severity.INFO if mild else Severity.WARNING,
            evidence=evidence_of_file(file),
            path=file.part.path,
            type=file.part.content_type,
            problem=problem,
        )


def _name_problem(part: Part) -> Text | None:
    if _PATH_SIGNS.search(part.filename):
        return _PATH
    by_disposition = bool(part.disposition_parameters.get("filename"))
    defects = part.disposition_defects if by_disposition else part.parameter_defects
    name = "filename" if by_disposition else "name"
    # RAW_8BIT is said of the whole field.
    kinds = {
        defect.kind
        for defect in defects
        if defect.name == name or (defect.kind is ParameterDefectKind.RAW_8BIT and not part.filename.isascii())
    }
    return next((text for kind, text in _NAME_PROBLEMS.items() if kind in kinds), None)


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
        yield NotApplicable(_NO_PDF, _MESSAGE)
    for file, pdf in pdfs:
        problem = _pdf_problem(pdf)
        if problem is None:
            yield Passed(file.part.name)
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
        yield NotApplicable(NO_ATTACHMENTS, _MESSAGE)
    for file in files.all:
        if file.truncation is None:
            yield Passed(file.part.name)
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
        yield NotApplicable(NO_ATTACHMENTS, _MESSAGE)
        return
    packed = [file for file in files.all if _is_tnef(file)]
    for file in packed:
        yield WINMAIL.found(file.part.name, evidence=evidence_of_file(file), file=name_of(file))
    if not packed:
        yield Passed(_MESSAGE)


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


RULES: tuple[Rule, ...] = (WRONG_TYPE, UNNAMED, NAME_ENCODING, RISKY_PDF, INCOMPLETE, WINMAIL, SIGNED_MAIL)
