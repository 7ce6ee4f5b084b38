"""Rules about attachments that receivers block or distrust (MIME009 to MIME013)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverability.content.archives import Archive
from deliverability.content.attachments import Attachment, Attachments, NameTrick, blocked_by
from deliverability.content.office import has_macro_extension
from deliverability.content.rules.parts import evidence_of_file, name_of, none_found, nothing_attached, own_files
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Severity
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.rules.common import is_dian_subject

_MESSAGE = "message"
_PROVIDERS = {"gmail": "Gmail", "outlook": "Outlook", "microsoft365": "Microsoft 365"}
_GMAIL = "Google, File types blocked in Gmail, 2026"
_OUTLOOK = "Microsoft, Blocked attachments in Outlook, 2026"
_RSPAMD = "rspamd 3.11, scores.d/mime_types_group.conf, 2025"

# --- MIME009 --------------------------------------------------------------------------------------------------------

DANGEROUS = Rule(
    "MIME009",
    "dangerous-attachment",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Types of files attached", es="Tipos de los archivos adjuntos"),
    title=Text(
        en="{file} is of a kind that receivers block: {kind} ({who})",
        es="{file} es de un tipo que los receptores bloquean: {kind} ({who})",
    ),
    why=Text(
        en="Programs, scripts, shortcuts and disk images are how malware travels. Gmail refuses the whole mail (552 5.7.0), "
        "also when the file is inside an archive; Outlook hides the file; rspamd gives 2 to 4 points.",
        es="Los programas, scripts, accesos directos e imágenes de disco son el vehículo del software malicioso. Gmail rechaza "
        "el correo entero (552 5.7.0), también si el archivo va comprimido; Outlook lo oculta; rspamd suma de 2 a 4 puntos.",
    ),
    fix=Text(
        en="Whoever sends the mail takes {file} out. Invoices go as PDF (and XML where asked for); anything else goes as a "
        "download in your customer area.",
        es="Quien envíe el correo debe quitar {file}. Las facturas van en PDF (y en XML si se lo piden); lo demás, como "
        "descarga en su área de clientes.",
    ),
    references=(_GMAIL, _OUTLOOK, _RSPAMD),
    filter_points=4.0,
    cap=40,
)
_MOST_SYSTEMS = Text(en="most mail systems", es="la mayoría de los sistemas de correo")


@DANGEROUS.check
def dangerous(files: Attachments) -> Iterator[Outcome]:
    """By the name, by what the octets are, and by the names in archives. Office macros are MIME013's."""
    if not files.all:
        yield nothing_attached(files, _MESSAGE)
        return
    bad = [(file, reason) for file in files.all if (reason := _danger(file)) is not None]
    for file, (kind, who) in bad:
        yield DANGEROUS.found(
            file.part.name,
            severity=_severity(who),
            evidence=evidence_of_file(file),
            file=name_of(file),
            kind=kind,
            who=", ".join(_PROVIDERS[name] for name in who) if who else _MOST_SYSTEMS,
        )
    if not bad:
        yield none_found(files, _MESSAGE)


def _danger(file: Attachment) -> tuple[str, tuple[str, ...]] | None:
    """What is wrong with the file and who blocks it."""
    extension = file.extension
    if extension and not has_macro_extension(extension) and (who := blocked_by(extension)):
        return f".{extension}", who
    if file.type is not None and file.type.kind == "program":
        return file.type.name, ()
    if file.archive is not None:
        for member in file.archive.members:
            who = blocked_by(member.extension)
            if who and not has_macro_extension(member.extension) and "gmail" in who:
                return f"{member.name[:80]}", who
    return None


def _severity(who: tuple[str, ...]) -> Severity:
    """An error where Gmail refuses it, or where it is a program by its octets."""
    return Severity.ERROR if "gmail" in who or not who else Severity.WARNING


# --- MIME010 --------------------------------------------------------------------------------------------------------

HTML_FILE = Rule(
    "MIME010",
    "html-attachment",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Attached web pages", es="Páginas web adjuntas"),
    title=Text(en="{file} is a web page {problem}", es="{file} es una página web {problem}"),
    why=Text(
        en="An HTML or SVG file that calls itself an invoice is the most common form of phishing: filters add points, Microsoft "
        "365 and many companies quarantine it, and trained readers do not open it.",
        es="Un archivo HTML o SVG que se hace pasar por una factura es la forma más habitual de suplantación: los filtros lo "
        "penalizan, Microsoft 365 y muchas empresas lo ponen en cuarentena y un lector prevenido no lo abre.",
    ),
    fix=Text(
        en="Whoever maintains the billing program attaches the invoice as PDF instead of {file}. A web page belongs behind a "
        "link to your own domain.",
        es="Quien mantenga el programa de facturación debe adjuntar la factura en PDF en lugar de {file}. Una página web debe "
        "ir tras un enlace a su propio dominio.",
    ),
    references=("Microsoft, Common attachments filter, 2026", "rspamd 3.11, MIME rules, 2025"),
    filter_points=1.0,
    cap=50,
)
_ACTIVE = Text(en="with active content", es="con contenido activo")
_NAMED_LIKE = Text(en="named like a document", es="con nombre de documento")
_PLAIN = Text(en="attached as a file", es="adjunta como archivo")
_LIKE_A_DOCUMENT = pattern(
    r"factura|invoice|recibo|receipt|pago|payment|pedido|order|albaran|albarán|presupuesto|remittance|transferencia"
    r"|extracto|statement|n[oó]mina|scan|documento?|voicemail|fax",
    re.IGNORECASE,
)


@HTML_FILE.check
def html_file(files: Attachments) -> Iterator[Outcome]:
    """HTML as a file; SVG only where it does more than show a picture."""
    if not files.all:
        yield nothing_attached(files, _MESSAGE)
        return
    pages = [file for file in files.all if _is_page(file)]
    for file in pages:
        suspicious = _LIKE_A_DOCUMENT.search(file.name[:300]) is not None
        yield HTML_FILE.found(
            file.part.name,
            severity=Severity.ERROR if file.active or suspicious else Severity.WARNING,
            evidence=evidence_of_file(file),
            file=name_of(file),
            problem=_ACTIVE if file.active else _NAMED_LIKE if suspicious else _PLAIN,
        )
    if not pages:
        yield none_found(files, _MESSAGE)


def _is_page(file: Attachment) -> bool:
    if file.extension == "svg" or (file.type is not None and file.type.id == "svg"):
        return file.active
    if file.extension in ("htm", "html", "shtml", "xhtml") or file.part.content_type == "text/html":
        return file.size > 0
    return file.type is not None and file.type.id == "html" and not file.part.content_type.startswith("text/")


# --- MIME011 --------------------------------------------------------------------------------------------------------

ARCHIVE = Rule(
    "MIME011",
    "archive-attachment",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Attached archives", es="Archivos comprimidos adjuntos"),
    title=Text(en="{file} is an archive{problem}", es="{file} es un archivo comprimido{problem}"),
    why=Text(
        en="Filters cannot look into an encrypted or nested archive and score it high (rspamd MIME_ENCRYPTED_ARCHIVE 2.0, "
        "MIME_ARCHIVE_IN_ARCHIVE 5.0); Gmail refuses archives with a password that hold archives. Phones do not open them.",
        es="Los filtros no pueden ver dentro de un comprimido cifrado o anidado y lo puntúan alto (rspamd "
        "MIME_ENCRYPTED_ARCHIVE 2,0; MIME_ARCHIVE_IN_ARCHIVE 5,0); Gmail rechaza los que llevan contraseña y otro dentro. "
        "En el móvil no se abren.",
    ),
    fix=Text(
        en="Whoever maintains the billing program attaches the PDF itself: it is compressed already. Several invoices go as "
        "several files or mails; what must be protected goes behind a login.",
        es="Quien mantenga el programa de facturación debe adjuntar el propio PDF, que ya está comprimido. Varias facturas van "
        "en varios archivos o correos; lo que deba protegerse, tras un acceso con contraseña en su web.",
    ),
    references=(_GMAIL, _RSPAMD),
    filter_points=5.0,
    consequence_of=("MIME009",),
)
_ENCRYPTED = Text(en=" with a password", es=" con contraseña")
_NESTED = Text(en=" with another archive in it", es=" con otro dentro")
_BOMB = Text(en=" that would grow beyond all measure", es=" que crecería sin medida al abrirlo")
_TOO_MANY = Text(
    en=" with more in it than is looked at ({count} files were)",
    es=" con más contenido del que se revisa ({count} archivos revisados)",
)
_NOTHING = Text(en=" instead of the document itself", es=" en lugar del documento")


_PRESCRIBED = Text(
    en="Electronic invoices in Colombia are sent as a ZIP, with this form of subject (DIAN).",
    es="En Colombia las facturas electrónicas se envían en un ZIP, con esta forma de asunto (DIAN).",
)


@ARCHIVE.check
def archive(files: Attachments, headers: HeaderFacts | None) -> Iterator[Outcome]:
    """What the directory of the archive tells; nothing is unpacked. In Colombia the ZIP is prescribed."""
    if not files.all:
        yield nothing_attached(files, _MESSAGE)
        return
    archives = [(file, file.archive) for file in files.all if file.archive is not None and _is_archive(file)]
    for file, listed in archives:
        severe = listed.encrypted or listed.is_bomb
        if not severe and not listed.nested and headers is not None and is_dian_subject(headers.subject):
            yield NotApplicable(_PRESCRIBED, file.part.name)
            continue
        yield ARCHIVE.found(
            file.part.name,
            severity=Severity.ERROR if severe else Severity.WARNING,
            evidence=evidence_of_file(file, "\n".join(member.name for member in listed.members[:20])),
            file=name_of(file),
            problem=_archive_problem(listed),
        )
    if not archives:
        yield none_found(files, _MESSAGE)


def _is_archive(file: Attachment) -> bool:
    return file.type is not None and file.type.kind == "archive"


def _archive_problem(listed: Archive) -> Text:
    if listed.encrypted:
        return _ENCRYPTED
    if listed.is_bomb:
        return _BOMB
    if listed.nested:
        return _NESTED
    if listed.cut:
        count = len(listed.members)
        return Text(_TOO_MANY.en.format(count=count), _TOO_MANY.es.format(count=count))
    return _NOTHING


# --- MIME012 --------------------------------------------------------------------------------------------------------

DECEPTIVE_NAME = Rule(
    "MIME012",
    "deceptive-file-name",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="File names that deceive", es="Nombres de archivo engañosos"),
    title=Text(en="The file name {file} {problem}", es="El nombre de archivo {file} {problem}"),
    why=Text(
        en="This is how malware hides its true type, so filters score it higher than any word (rspamd "
        "MIME_DOUBLE_BAD_EXTENSION 3 to 4, MIME_BAD_UNICODE 8) and gateways delete the file.",
        es="Así oculta el software malicioso su tipo real, por eso los filtros lo puntúan más que cualquier palabra (rspamd "
        "MIME_DOUBLE_BAD_EXTENSION de 3 a 4, MIME_BAD_UNICODE 8) y las pasarelas borran el archivo.",
    ),
    fix=Text(
        en="Whoever maintains the billing program names the file with letters, digits, hyphens and one extension, for example "
        "factura-2026-0042.pdf.",
        es="Quien mantenga el programa de facturación debe dar al archivo un nombre con letras, cifras, guiones y una sola "
        "extensión, por ejemplo factura-2026-0042.pdf.",
    ),
    references=(_RSPAMD, "Unicode Technical Report 36, §2.9, 2014"),
    filter_points=8.0,
)
_TRICKS = {
    NameTrick.DOUBLE_EXTENSION: Text(en="has two extensions", es="tiene dos extensiones"),
    NameTrick.DIRECTION: Text(
        en="holds characters that turn the writing direction",
        es="contiene caracteres que invierten el sentido del texto",
    ),
    NameTrick.INVISIBLE: Text(en="holds invisible characters", es="contiene caracteres invisibles"),
    NameTrick.BLANKS: Text(
        en="pushes its extension out of sight with blanks", es="aleja la extensión de la vista con espacios"
    ),
    NameTrick.TRAILING: Text(en="ends with dots or blanks", es="termina en puntos o espacios"),
    NameTrick.LONG: Text(en="is longer than 255 octets", es="ocupa más de 255 octetos"),
    NameTrick.CONTROL: Text(en="holds control characters", es="contiene caracteres de control"),
}
_MILD = frozenset((NameTrick.TRAILING, NameTrick.LONG, NameTrick.CONTROL, NameTrick.INVISIBLE))


@DECEPTIVE_NAME.check
def deceptive_name(files: Attachments) -> Iterator[Outcome]:
    """One finding for each file, by the worst that its name does."""
    if not files.all:
        yield nothing_attached(files, _MESSAGE)
        return
    named = [file for file in files.all if file.tricks]
    for file in named:
        worst = next((trick for trick in file.tricks if trick not in _MILD), file.tricks[0])
        yield DECEPTIVE_NAME.found(
            file.part.name,
            severity=Severity.WARNING if worst in _MILD else Severity.ERROR,
            evidence=evidence_of_file(file),
            file=name_of(file),
            problem=_TRICKS[worst],
        )
    if not named:
        yield none_found(files, _MESSAGE)


# --- MIME013 --------------------------------------------------------------------------------------------------------

MACROS = Rule(
    "MIME013",
    "office-macros",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Macros in office documents", es="Macros en documentos de oficina"),
    title=Text(en="{file} may run macros: {problem}", es="{file} puede ejecutar macros: {problem}"),
    why=Text(
        en="Office blocks macros in files that came by mail, Microsoft 365 quarantines them with its common attachments filter, "
        "and Gmail refuses documents whose macros it takes for malicious.",
        es="Office bloquea las macros de los archivos recibidos por correo, Microsoft 365 los pone en cuarentena con su filtro "
        "de adjuntos comunes y Gmail rechaza los documentos cuyas macros considera maliciosas.",
    ),
    fix=Text(
        en="Whoever sends the mail saves {file} as PDF, or as .docx or .xlsx without macros.",
        es="Quien envíe el correo debe guardar {file} como PDF, o como .docx o .xlsx sin macros.",
    ),
    references=(
        "Microsoft, Macros from the internet are blocked by default in Office, 2022",
        "Microsoft, Common attachments filter, 2026",
        _GMAIL,
    ),
)
_HOLDS_MACROS = Text(en="macros were found in it", es="contiene macros")
_ITS_TYPE = Text(en="its extension .{extension} is for that", es="su extensión .{extension} es para eso")


@MACROS.check
def macros(files: Attachments) -> Iterator[Outcome]:
    """vbaProject.bin in the new formats, the storages of VBA in the old ones, and extensions that exist for macros."""
    own = own_files(files.all)
    if not own:
        yield nothing_attached(files, _MESSAGE)
        return
    found = False
    for file in own:
        holds = file.office is not None and bool(file.office.macros)
        if not holds and not has_macro_extension(file.extension):
            continue
        found = True
        extension = file.extension
        by_type = Text(_ITS_TYPE.en.format(extension=extension), _ITS_TYPE.es.format(extension=extension))
        yield MACROS.found(
            file.part.name,
            evidence=evidence_of_file(file, file.office.macros if file.office is not None and holds else ""),
            file=name_of(file),
            problem=_HOLDS_MACROS if holds else by_type,
        )
    if not found:
        yield none_found(files, _MESSAGE)


RULES: tuple[Rule, ...] = (DANGEROUS, HTML_FILE, ARCHIVE, DECEPTIVE_NAME, MACROS)
