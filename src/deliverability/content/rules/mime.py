"""Rules about the MIME structure of a message (MIME001, 002, 004, 008, 020, 021)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from deliverability.content.attachments import Attachments
from deliverability.content.facts import TextParts
from deliverability.content.mime_texts import PROBLEMS, UNREADABLE
from deliverability.content.part import MimeDefect, MimeDefectKind, MimeTree, Part
from deliverability.content.rules.parts import NO_HTML, NOT_MULTIPART, evidence_of_part, name_of
from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.facts import RawMessage
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import field_evidence, part_evidence
from deliverability.headers.fields import Headers

_MESSAGE = "message"
_PLACES = 5
#: RFC 2045 §4: "1.0", with comments around it.
_VERSION = pattern(r"\s*(?:\([^()]*\)\s*)*1\s*(?:\([^()]*\)\s*)*\.\s*(?:\([^()]*\)\s*)*0\s*(?:\([^()]*\)\s*)*")

# --- MIME001 --------------------------------------------------------------------------------------------------------

BROKEN = Rule(
    "MIME001",
    "mime-structure",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="MIME structure of the message", es="Estructura MIME del mensaje"),
    title=Text(en="The MIME structure is faulty: {problem}", es="La estructura MIME es defectuosa: {problem}"),
    why=Text(
        en="Not every mail program and filter reads such a message the same way: one may show the invoice, another an empty "
        "mail or raw text. Filters hold it against the sender (rspamd gives 1.5 to 10 points, about 6 mark a mail as spam).",
        es="No todos los programas de correo y filtros leen igual un mensaje así: uno puede mostrar la factura y otro un correo "
        "vacío o texto en bruto. Los filtros lo penalizan (rspamd suma de 1,5 a 10 puntos; con unos 6 es spam).",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail lets a MIME library build it instead of joining strings: it "
        "writes MIME-Version, the boundaries and the closing boundary by itself. Then audit a new sample.",
        es="Quien mantenga el programa que compone el correo debe dejar que lo construya una biblioteca MIME en lugar de "
        "concatenar textos: ella escribe MIME-Version, los boundary y el cierre. Después, audite una muestra nueva.",
    ),
    references=("RFC 2045 §4", "RFC 2046 §5.1.1"),
    identity=("kind",),
)

_ENDS = frozenset((MimeDefectKind.UNCLOSED, MimeDefectKind.BOUNDARY_NOT_FOUND))
_NO_VERSION = Text(
    en="the field MIME-Version is missing although the message has MIME fields",
    es="falta el campo MIME-Version aunque el mensaje usa campos MIME",
)
_OTHER_VERSION = Text(en="MIME-Version is not 1.0", es="MIME-Version no es 1.0")


@BROKEN.check
def broken(tree: MimeTree, headers: Headers, texts: TextParts, message: RawMessage) -> Iterator[Outcome]:
    """RFC 2045 §4, RFC 2046 §5.1.1: one finding for each kind of defect. What is within attached messages is theirs."""
    found = list(_version(tree, headers, texts))
    embedded = {part.path for part in tree.parts if part.embedded}
    kinds: dict[MimeDefectKind, list[MimeDefect]] = {}
    # What was not read cannot be missing: MIME008 tells that the message was cut.
    unread = _ENDS if message.cut else frozenset[MimeDefectKind]()
    for defect in tree.defects:
        foreign = defect.part in embedded and not defect.kind.is_limit
        if defect.kind in PROBLEMS and defect.kind not in unread and not foreign and not _is_of_headers(defect):
            kinds.setdefault(defect.kind, []).append(defect)
    for kind, defects in kinds.items():
        severity = Severity.ERROR if kind in UNREADABLE else Severity.WARNING
        evidence = [_place(tree, defect) for defect in defects[:_PLACES]]
        found.append(
            BROKEN.found(_MESSAGE, severity=severity, evidence=evidence, problem=PROBLEMS[kind], kind=kind.value)
        )
    yield from found or [Passed(_MESSAGE)]


def _is_of_headers(defect: MimeDefect) -> bool:
    """Two Content-Type fields of the message itself are HDR001's."""
    twice = defect.kind is MimeDefectKind.DUPLICATE_FIELD and defect.part == "1"
    return twice and defect.detail.lower() == "content-type"


def _version(tree: MimeTree, headers: Headers, texts: TextParts) -> Iterator[Outcome]:
    field = headers.first("mime-version")
    uses = headers.first("content-type") or headers.first("content-transfer-encoding")
    if field is None and uses is not None and (tree.root.is_multipart or tree.root.declared):
        # A plain text in ASCII reads the same without MIME.
        plain = tree.root.content_type == "text/plain" and tree.root.encoding in ("7bit", "8bit")
        harmless = plain and all(text.is_ascii for text in texts.all)
        yield BROKEN.found(
            _MESSAGE,
            severity=Severity.INFO if harmless else Severity.WARNING,
            evidence=field_evidence(uses),
            fix=Fix(headers=(HeaderChange("MIME-Version", "1.0"),)),
            problem=_NO_VERSION,
            kind="no-version",
        )
    elif field is not None and not _VERSION.fullmatch(field.text[:200]):
        yield BROKEN.found(
            _MESSAGE,
            evidence=field_evidence(field),
            fix=Fix(headers=(HeaderChange("MIME-Version", "1.0", 0),)),
            problem=_OTHER_VERSION,
            kind="other-version",
        )


def _place(tree: MimeTree, defect: MimeDefect) -> Evidence:
    part = tree.part(defect.part) or tree.root
    text = defect.detail or part.headers.text("content-type") or part.content_type
    return part_evidence(f"part {defect.part}", text, line=defect.line)


# --- MIME002 --------------------------------------------------------------------------------------------------------

HTML_ONLY = Rule(
    "MIME002",
    "html-without-text",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Plain text beside the HTML", es="Texto sin formato junto al HTML"),
    title=Text(en="The message has HTML but no plain text", es="El mensaje lleva HTML pero no texto sin formato"),
    why=Text(
        en="Filters count it a little against the mail (SpamAssassin MIME_HTML_ONLY 0.1, rspamd MIME_HTML_ONLY 0.2), and "
        "readers without HTML, screen readers and previews of notifications have nothing to show.",
        es="Los filtros lo penalizan un poco (SpamAssassin MIME_HTML_ONLY 0,1; rspamd MIME_HTML_ONLY 0,2) y los lectores "
        "sin HTML, los lectores de pantalla y las vistas previas de las notificaciones no tienen qué mostrar.",
    ),
    fix=Text(
        en="Whoever maintains the template sends multipart/alternative: first a text/plain part with the same content, then "
        "the HTML. Most libraries make the text from the HTML if asked to.",
        es="Quien mantenga la plantilla debe enviar multipart/alternative: primero una parte text/plain con el mismo "
        "contenido y después el HTML. Casi todas las bibliotecas generan el texto a partir del HTML si se les pide.",
    ),
    references=("RFC 2046 §5.1.4", "SpamAssassin 4.0, 50_scores.cf, 2022", "rspamd 3.11, MIME_HTML_ONLY, 2025"),
    filter_points=0.2,
)


@HTML_ONLY.check
def html_only(tree: MimeTree) -> Outcome:
    """RFC 2046 §5.1.4: the plainest form first, and then the richer ones."""
    texts = tree.texts
    html = next((part for part in texts if part.content_type == "text/html"), None)
    if html is None:
        return NotApplicable(NO_HTML, _MESSAGE)
    if any(part.content_type == "text/plain" for part in texts):
        return Passed(_MESSAGE)
    return HTML_ONLY.found(_MESSAGE, evidence=evidence_of_part(html))


# --- MIME004 --------------------------------------------------------------------------------------------------------

WRONG_ORDER = Rule(
    "MIME004",
    "alternatives-order",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Order of text and HTML", es="Orden de texto y HTML"),
    title=Text(
        en="The HTML stands before the plain text in multipart/alternative",
        es="El HTML va antes que el texto sin formato en multipart/alternative",
    ),
    why=Text(
        en="The last alternative is the preferred one: Outlook, Apple Mail and Thunderbird then show the bare text, and the "
        "layout of the mail with its logo and links is never seen.",
        es="La última alternativa es la preferida: Outlook, Apple Mail y Thunderbird muestran entonces el texto sin formato, "
        "y nadie ve el diseño del correo con su logotipo y sus enlaces.",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail adds the text/plain part first and the text/html part "
        "after it.",
        es="Quien mantenga el programa que compone el correo debe añadir primero la parte text/plain y después la parte "
        "text/html.",
    ),
    references=("RFC 2046 §5.1.4",),
)
_NO_ALTERNATIVES = Text(en="The message has no alternatives.", es="El mensaje no tiene alternativas.")


@WRONG_ORDER.check
def wrong_order(tree: MimeTree) -> Iterator[Outcome]:
    """RFC 2046 §5.1.4: alternatives stand in an order of increasing faithfulness; the last one that can be shown is."""
    alternatives = [p for p in tree.parts if p.content_type == "multipart/alternative" and not p.embedded]
    if not alternatives:
        yield NotApplicable(_NO_ALTERNATIVES, _MESSAGE)
    for part in alternatives:
        kinds = [_shown_kind(child) for child in part.children]
        if "text/html" in kinds and "text/plain" in kinds[kinds.index("text/html") :]:
            html = part.children[kinds.index("text/html")]
            yield WRONG_ORDER.found(f"part {part.path}", evidence=(evidence_of_part(part), evidence_of_part(html)))
        else:
            yield Passed(f"part {part.path}")


def _shown_kind(part: Part) -> str:
    """What an alternative is shown as: a multipart/related by its first part (RFC 2387 §3.2)."""
    for _ in range(3):
        if part.content_type not in ("multipart/related", "multipart/mixed") or not part.children:
            break
        part = part.children[0]
    return part.content_type


# --- MIME008 --------------------------------------------------------------------------------------------------------

TOO_LARGE = Rule(
    "MIME008",
    "message-size",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Size of the message", es="Tamaño del mensaje"),
    title=Text(
        en="The message is {size} MB as sent, attachments encoded",
        es="El mensaje ocupa {size} MB tal como se envía, con los adjuntos codificados",
    ),
    why=Text(
        en="Gmail takes 25 MB from senders, Microsoft 365 allows its customers 35 MB by default, and many providers and "
        "company servers stop at 10 or 20 MB: larger mail is refused with 552 5.3.4. Encoding makes files 37 % larger.",
        es="Gmail admite 25 MB a los remitentes, Microsoft 365 permite 35 MB por defecto a sus clientes y muchos proveedores "
        "y servidores de empresa se quedan en 10 o 20 MB: rechazan lo mayor con 552 5.3.4. La codificación suma un 37 %.",
    ),
    fix=Text(
        en="Whoever creates the attachments makes them smaller (largest: {largest}): pictures at 150 dpi, fonts as subsets, "
        "one PDF for each mail. What is still large goes as a link to your customer area.",
        es="Quien genere los adjuntos debe reducirlos (el mayor: {largest}): imágenes a 150 ppp, fuentes parciales, un PDF "
        "por correo. Lo que siga siendo grande debe ir como enlace a su área de clientes.",
    ),
    references=(
        "RFC 1870 §3",
        "Google, Send attachments with your Gmail message, 2026",
        "Microsoft, Exchange Online limits, 2026",
    ),
)
_MEGABYTE = 1024 * 1024
#: rules of receivers: over 25 MB Gmail refuses, over 20 MB many do, over 10 MB some do.
_SIZES = ((25, Severity.ERROR), (20, Severity.WARNING), (10, Severity.INFO))
_CUT = Text(
    en="Only the first {read} MB were read; nothing is said about the rest.",
    es="Solo se han leído los primeros {read} MB; del resto no se dice nada.",
)


@TOO_LARGE.check
def too_large(message: RawMessage, files: Attachments) -> Outcome:
    """RFC 1870 §3: a server declares the largest message it takes. Sizes are of the message as sent."""
    severity = next((severity for limit, severity in _SIZES if message.size > limit * _MEGABYTE), None)
    if severity is None and not message.cut:
        return Passed(_MESSAGE)
    largest = max(files.all, key=lambda file: file.part.size, default=None)
    note = _CUT
    if message.cut:
        read = f"{len(message.raw) / _MEGABYTE:.0f}"
        note = Text(_CUT.en.format(read=read), _CUT.es.format(read=read))
    evidence = [] if largest is None else [evidence_of_part(largest.part)]
    if message.cut:
        evidence.append(part_evidence(_MESSAGE, "", note=note))
    return TOO_LARGE.found(
        _MESSAGE,
        severity=severity or Severity.WARNING,
        evidence=evidence,
        size=round(message.size / _MEGABYTE, 1),
        largest=name_of(largest) if largest else "–",
    )


# --- MIME020 --------------------------------------------------------------------------------------------------------

NOTHING_MIXED = Rule(
    "MIME020",
    "mixed-without-mixture",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Use of multipart/mixed", es="Uso de multipart/mixed"),
    title=Text(en="multipart/mixed holds only {content}", es="multipart/mixed contiene solo {content}"),
    why=Text(
        en="Filters know this from programs that send in bulk (rspamd gives up to 1 point), and text beside HTML in a "
        "multipart/mixed is shown twice by Apple Mail and Thunderbird.",
        es="Los filtros lo conocen de programas de envío masivo (rspamd suma hasta 1 punto), y el texto junto al HTML en un "
        "multipart/mixed aparece dos veces en Apple Mail y Thunderbird.",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail uses multipart/alternative for text and HTML, and "
        "multipart/mixed only around that when a file is attached.",
        es="Quien mantenga el programa que compone el correo debe usar multipart/alternative para texto y HTML, y "
        "multipart/mixed alrededor solo cuando se adjunte un archivo.",
    ),
    references=("RFC 2046 §5.1.3", "RFC 2046 §5.1.4", "rspamd 3.11, MIME rules, 2025"),
    filter_points=1.0,
)
_TEXT_AND_HTML = Text(en="plain text and HTML of the message", es="el texto y el HTML del mensaje")
_ONE_PART = Text(en="a single text", es="un único texto")


@NOTHING_MIXED.check
def nothing_mixed(tree: MimeTree) -> Outcome:
    """RFC 2046 §5.1.3: mixed is for independent parts. A single alternative in it is common and harms nobody."""
    root = tree.root
    if not root.is_multipart:
        return NotApplicable(NOT_MULTIPART, _MESSAGE)
    texts = {part.path for part in tree.texts}
    if root.content_type != "multipart/mixed" or any(part.path not in texts for part in root.children):
        return Passed(_MESSAGE)
    kinds = {part.content_type for part in root.children}
    if kinds == {"text/plain", "text/html"}:
        return NOTHING_MIXED.found(_MESSAGE, evidence=evidence_of_part(root), content=_TEXT_AND_HTML)
    if len(root.children) == 1:
        return NOTHING_MIXED.found(_MESSAGE, evidence=evidence_of_part(root), content=_ONE_PART)
    return Passed(_MESSAGE)


# --- MIME021 --------------------------------------------------------------------------------------------------------

CONTENT_IDS = Rule(
    "MIME021",
    "content-id-references",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Pictures within the message", es="Imágenes incluidas en el mensaje"),
    title=Text(en="Pictures and HTML do not match: {problem}", es="Las imágenes y el HTML no cuadran: {problem}"),
    why=Text(
        en="A picture that is not there shows as a broken frame, mostly where the logo should be; one that no HTML uses is "
        "listed as an attachment of its own by Gmail and Outlook.",
        es="Una imagen que no está aparece como un recuadro roto, casi siempre en el lugar del logotipo; una que ningún HTML "
        "usa figura en Gmail y Outlook como un adjunto más.",
    ),
    fix=Text(
        en="Whoever maintains the template makes each `cid:` in the HTML equal to the Content-ID of a part (without its angle "
        "brackets) and removes pictures that are not used.",
        es="Quien mantenga la plantilla debe hacer que cada `cid:` del HTML coincida con el Content-ID de una parte (sin los "
        "corchetes angulares) y quitar las imágenes que no se usan.",
    ),
    references=("RFC 2392 §2",),
    identity=("kind",),
)
_MISSING = Text(
    en="the HTML asks for parts that are not there ({names})", es="el HTML pide partes que no están ({names})"
)
_ORPHANS = Text(
    en="parts with a Content-ID are not used by the HTML ({names})",
    es="el HTML no usa partes que llevan Content-ID ({names})",
)


@CONTENT_IDS.check
def content_ids(tree: MimeTree, texts: TextParts) -> Iterator[Outcome]:
    """RFC 2392 §2: `cid:` and the Content-ID of a part in the same message."""
    wanted = {
        unquote(cid): text.part for text in texts.all if text.part.content_type == "text/html" for cid in text.cids
    }
    offered = {part.content_id: part for part in tree.leaves if part.content_id}
    if not any(text.part.content_type == "text/html" for text in texts.all):
        yield NotApplicable(NO_HTML, _MESSAGE)
        return
    missing = [cid for cid in wanted if cid not in offered]
    orphans = [part for cid, part in offered.items() if cid not in wanted and _is_related_picture(part)]
    if missing:
        problem = _named(_MISSING, missing)
        yield CONTENT_IDS.found(
            _MESSAGE,
            evidence=evidence_of_part(wanted[missing[0]], f"cid:{missing[0]}"),
            problem=problem,
            kind="missing",
        )
    if orphans and not any(text.cut for text in texts.all):
        problem = _named(_ORPHANS, [part.content_id for part in orphans])
        evidence = [evidence_of_part(part) for part in orphans[:_PLACES]]
        yield CONTENT_IDS.found(_MESSAGE, evidence=evidence, problem=problem, kind="orphan")
    if not missing and not orphans:
        yield Passed(_MESSAGE)


def _is_related_picture(part: Part) -> bool:
    return (
        part.parent_type == "multipart/related"
        and part.content_type.startswith("image/")
        and part.disposition != "attachment"
    )


def _named(problem: Text, names: list[str]) -> Text:
    shown = ", ".join(name[:60] for name in names[:3]) + (", …" if len(names) > 3 else "")
    return Text(problem.en.replace("{names}", shown), problem.es.replace("{names}", shown))


RULES: tuple[Rule, ...] = (BROKEN, HTML_ONLY, WRONG_ORDER, TOO_LARGE, NOTHING_MIXED, CONTENT_IDS)
