"""Rules about attachments that are not what they say, or do not say it well (MIME014, 015, 016)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.content.attachments import Attachment, Attachments
from deliverability.content.magic import FileType, types_of_extension, types_of_media
from deliverability.content.part import Part
from deliverability.content.rules.parts import (
    evidence_of_file,
    name_of,
    none_found,
    nothing_attached,
    own_files,
)
from deliverability.core.finding import Actor, Basis, Outcome, Passed, Severity
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
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
_ONLY_OCTETS = Text(en="that type says nothing: it is {real}", es="ese tipo no dice nada: es {real}")
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
        yield nothing_attached(files, _MESSAGE)
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
        yield none_found(files, _MESSAGE)


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
    own = [file for file in own if file.type is None or file.type.id != "tnef"]  # MIME019's
    if not own:
        yield nothing_attached(files, _MESSAGE)
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
        yield nothing_attached(files, _MESSAGE)
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


RULES: tuple[Rule, ...] = (WRONG_TYPE, UNNAMED, NAME_ENCODING)
