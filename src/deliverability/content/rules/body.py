"""Rules about the text of a message: how much there is, what is hidden, what was left in it (BODY001 to 003, 012, 015,
020, 022).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deliverability.content.attachments import Attachment, Attachments
from deliverability.content.css import Hiding
from deliverability.content.hidden_text import HiddenRun, hidden_runs
from deliverability.content.html_facts import Image
from deliverability.content.links import Links, is_profile
from deliverability.content.part import MimeTree, Part
from deliverability.content.placeholders import Placeholder, placeholder_in_address, placeholders
from deliverability.content.rules.html import CUT, no_html, place, unless_cut
from deliverability.content.rules.links import evidence_of_link
from deliverability.content.rules.parts import evidence_in_text, evidence_of_file, name_of, nothing_attached, own_files
from deliverability.content.text import BodyText, line_in_html, message_line
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import part_evidence

_MESSAGE = "message"
_PLACES = 5
#: Characters around a place that are shown with it.
_AROUND = 40

ENCRYPTED_MESSAGE = Text(
    en="The message is encrypted or signed as a whole.", es="El mensaje está cifrado o firmado en su totalidad."
)
_SEALED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def _around(text: str, start: int, end: int) -> str:
    """A place with what stands beside it, in whole words and on one line."""
    first, last = max(start - _AROUND, 0), end + _AROUND
    before, after = text[first:start], text[end:last]
    before = "… " + before.partition(" ")[2] if first and " " in before else before
    after = after.rpartition(" ")[0] + " …" if last < len(text) and " " in after else after
    return " ".join(f"{before}{text[start:end]}{after}".split())


# --- BODY001 --------------------------------------------------------------------------------------------------------

EMPTY = Rule(
    "BODY001",
    "near-empty-body",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Text of the mail", es="Texto del correo"),
    title=Text(
        en="The mail says almost nothing: {count} characters of text",
        es="El correo no dice casi nada: {count} caracteres de texto",
    ),
    why=Text(
        en="A file without a word about it is how malware arrives: filters score it (SpamAssassin up to 2.3 of 5 points for "
        "an empty mail), and a careful reader does not open it.",
        es="Un archivo sin una palabra que lo explique es como llega el malware: los filtros lo puntúan (SpamAssassin, hasta "
        "2,3 de 5 puntos por un correo vacío) y un lector prudente no lo abre.",
    ),
    fix=Text(
        en="Whoever maintains the template writes at least two sentences: who you are, which invoice it is (number, date, "
        "amount, due date) and whom to ask.",
        es="Quien mantenga la plantilla debe escribir al menos dos frases: quién es usted, qué factura es (número, fecha, "
        "importe, vencimiento) y a quién preguntar.",
    ),
    references=("SpamAssassin EMPTY_MESSAGE, 2026",),
    filter_points=2.3,
)
#: Characters of visible text below which a mail says nothing.
LITTLE = 50


@EMPTY.check
def empty(body: BodyText, tree: MimeTree, files: Attachments | None) -> Outcome:
    """Fewer than fifty visible characters beside a file, or none at all."""
    if any(part.content_type in _SEALED for part in tree.parts):
        return NotApplicable(ENCRYPTED_MESSAGE)
    attached = own_files(files.all) if files else ()
    says = max(_letters(body.plain), _letters(body.html_text))
    if says >= LITTLE or (says and not attached) or (not attached and (_pictures(body) or _is_shown_else(tree))):
        return Passed()
    if body.cut:
        return Unknown(CUT)
    part = body.plain_part or body.html_part or tree.root
    seen = [part_evidence(f"part {part.path}", body.text.strip(), line=part.body_line)]
    seen += [evidence_of_file(file) for file in attached[:_PLACES]]
    return EMPTY.found(_MESSAGE, evidence=seen, count=says)


def _is_shown_else(tree: MimeTree) -> bool:
    """Whether the message is of a kind of text that mail programs show in their own way, such as an invitation."""
    read = ("text/plain", "text/html")
    return any(p.content_type[:5] == "text/" and p.content_type not in read and p.size > LITTLE for p in tree.leaves)


def _letters(text: str) -> int:
    return sum(map(len, text.split()))


# --- BODY002 --------------------------------------------------------------------------------------------------------

PICTURES = Rule(
    "BODY002",
    "image-only-mail",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Text beside the images", es="Texto junto a las imágenes"),
    title=Text(
        en="The mail consists of images: only {count} characters of text",
        es="El correo se compone de imágenes: solo {count} caracteres de texto",
    ),
    why=Text(
        en="Outlook and many companies do not load images until asked, so the reader sees empty boxes; filters cannot read "
        "them and score such mail (SpamAssassin up to 1.8 of 5 points, more with other signs).",
        es="Outlook y muchas empresas no cargan las imágenes hasta que se pide, así que el lector ve recuadros vacíos; los "
        "filtros no las leen y puntúan esos correos (SpamAssassin, hasta 1,8 de 5 puntos, más con otros indicios).",
    ),
    fix=Text(
        en="Whoever maintains the template writes as text what the image shows, some 500 characters or more, and keeps images "
        "for the logo. Each image gets an alt text.",
        es="Quien mantenga la plantilla debe escribir como texto lo que muestra la imagen, unos 500 caracteres o más, y dejar "
        "las imágenes para el logotipo. Cada imagen debe llevar texto alternativo (alt).",
    ),
    references=("SpamAssassin HTML_IMAGE_ONLY_04, 2026",),
    filter_points=2.8,
    consequence_of=("BODY001",),
)
#: Characters of text below which images carry the message: with an image that is linked, and with any large one.
FEW, FEWER = 400, 200
#: Square pixels up to which an image is a logo or an icon.
LOGO = 40_000
#: Addresses of images that nobody is meant to see, where no size tells it.
_NOTHING_TO_SEE = pattern(r"(?:track|open|pixel|beacon|blank|spacer|transparent|trk)[^a-z]", 2)


@PICTURES.check
def pictures(body: BodyText) -> Outcome:
    """Little text beside images that are larger than a logo."""
    if body.html is None:
        return no_html(body)
    large = _pictures(body)
    count = _letters(body.html_text)
    linked = any(image.anchor is not None for _, image in large)
    if not large or count >= FEW or (count >= FEWER and not linked):
        return unless_cut(body)
    seen = tuple(place(part, image.url, image.line) for part, image in large[:_PLACES])
    return PICTURES.found(_MESSAGE, evidence=seen, count=count)


def _pictures(body: BodyText) -> list[tuple[Part, Image]]:
    return [(part, image) for part, html in body.htmls for image in html.images if _is_large(image)]


def _is_large(image: Image) -> bool:
    if image.is_pixel or image.hidden or (image.width is None and image.height is None and image.alt == ""):
        return False
    width, height = image.width, image.height
    if width is None and height is None and _NOTHING_TO_SEE.search(image.url[-300:]):
        return False
    if width is None or height is None:
        return (width or height or 600) > 250
    return width * height > LOGO


# --- BODY003 --------------------------------------------------------------------------------------------------------

HIDDEN = Rule(
    "BODY003",
    "hidden-text",
    Severity.WARNING,
    Basis.PROVIDER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No hidden text", es="Sin texto oculto"),
    title=Text(en="The HTML hides text from the reader ({how})", es="El HTML oculta texto al lector ({how})"),
    why=Text(
        en="Google forbids it, rspamd gives up to 4 points (about 6 mark a mail as spam), and Microsoft Defender quarantines "
        "mail with hidden instructions for AI assistants. One short preview line at the top is accepted everywhere.",
        es="Google lo prohíbe, rspamd suma hasta 4 puntos (con unos 6 es spam) y Microsoft Defender pone en cuarentena los "
        "correos con instrucciones ocultas para asistentes de IA. Una sola línea breve de vista previa al principio se acepta.",
    ),
    fix=Text(
        en="Whoever maintains the template deletes the hidden text, or shows it in a colour and size that can be read. Keep at "
        "most one preview line, before everything else, that says what the mail is about.",
        es="Quien mantenga la plantilla debe borrar el texto oculto o mostrarlo con un color y un tamaño legibles. Conserve "
        "como mucho una línea de vista previa, antes de todo lo demás, que diga de qué trata el correo.",
    ),
    references=(
        "Google Email sender guidelines (answer 81126), 2026",
        "rspamd ZERO_FONT and R_WHITE_ON_WHITE, 2026-08",
    ),
    filter_points=4.0,
    identity=("how",),
)

_HOW = {
    Hiding.DISPLAY: Text(en="display:none", es="display:none"),
    Hiding.HIDDEN: Text(en="visibility:hidden", es="visibility:hidden"),
    Hiding.FONT_SIZE: Text(en="letters of size 0 or 1", es="letras de tamaño 0 o 1"),
    Hiding.OPACITY: Text(en="opacity 0", es="opacidad 0"),
    Hiding.HEIGHT: Text(en="a box without height", es="una caja sin altura"),
    Hiding.OFF_SCREEN: Text(en="a position off the screen", es="una posición fuera de la pantalla"),
    Hiding.COLOUR: Text(en="the colour of the background", es="el color del fondo"),
    Hiding.RESPONSIVE: Text(en="another layout", es="otro diseño"),
}
_FOR_ASSISTANTS = Text(en="instructions for AI assistants", es="instrucciones para asistentes de IA")


@HIDDEN.check
def hidden(body: BodyText) -> Iterator[Outcome]:
    """Text that cannot be seen, but for the preview line and for other layouts of what can be seen."""
    if body.html is None:
        yield no_html(body)
        return
    ways: dict[str, list[tuple[Part, HiddenRun]]] = {}
    for part, html in body.htmls:
        for run in hidden_runs(html):
            ways.setdefault("assistants" if run.for_assistants else run.how.value, []).append((part, run))
    for way, found in ways.items():
        yield HIDDEN.found(
            way,
            evidence=tuple(place(part, run.text, run.line) for part, run in found[:_PLACES]),
            how=_FOR_ASSISTANTS if way == "assistants" else _HOW[Hiding(way)],
        )
    if body.cut:
        yield Unknown(CUT)
    elif not ways:
        yield Passed()


# --- BODY012 --------------------------------------------------------------------------------------------------------

CLIPPED = Rule(
    "BODY012",
    "html-clipped",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Size of the HTML", es="Tamaño del HTML"),
    title=Text(
        en="The HTML has {size} KB; Gmail cuts it at 102 KB", es="El HTML ocupa {size} KB; Gmail lo corta a los 102 KB"
    ),
    why=Text(
        en="Gmail shows the beginning and “Message clipped”: what comes after, often the amount, the payment link or the legal "
        "footer, is not seen.",
        es="Gmail muestra el principio y «Mensaje recortado»: lo que viene después, a menudo el importe, el enlace de pago o "
        "el pie legal, no se ve.",
    ),
    fix=Text(
        en="Whoever maintains the template takes out what is not needed: styles copied from Word, comments, images inside the "
        "HTML (data:). Stay under 80 KB.",
        es="Quien mantenga la plantilla debe quitar lo que sobra: estilos copiados de Word, comentarios, imágenes dentro del "
        "HTML (data:). Quédese por debajo de 80 KB.",
    ),
    references=("Gmail message clipping, observed 2026",),
)
#: Octets of HTML that Gmail shows.
GMAIL_SHOWS = 102 * 1024


@CLIPPED.check
def clipped(body: BodyText) -> Outcome:
    """HTML above what Gmail shows."""
    if body.html is None:
        return no_html(body)
    part, html = max(body.htmls, key=lambda pair: pair[1].octets)
    if html.octets <= GMAIL_SHOWS:
        return Passed()
    return CLIPPED.found(
        _MESSAGE,
        evidence=part_evidence(f"part {part.path}", f"{html.octets} octets", line=part.body_line),
        size=-(-html.octets // 1024),
    )


# --- BODY015 --------------------------------------------------------------------------------------------------------

UNFILLED = Rule(
    "BODY015",
    "placeholder-left",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Merge fields filled in", es="Campos de combinación rellenados"),
    title=Text(en="The mail still shows the placeholder {found}", es="El correo aún muestra el marcador {found}"),
    why=Text(
        en="The reader sees that a machine failed and doubts the invoice; to filters the same text sent to everybody looks "
        "like bulk mail.",
        es="El lector ve que ha fallado una máquina y duda de la factura; para los filtros, el mismo texto enviado a todos "
        "parece correo masivo.",
    ),
    fix=Text(
        en="Whoever maintains the template checks the name of this field against those that the billing program offers, gives "
        "it a value for customers without one, and sends a test invoice.",
        es="Quien mantenga la plantilla debe comprobar el nombre de este campo con los que ofrece el programa de facturación, "
        "darle un valor para los clientes que no lo tengan y enviar una factura de prueba.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
    identity=("found",),
)


@UNFILLED.check
def unfilled(body: BodyText, links: Links | None) -> Iterator[Outcome]:
    """Merge fields in what is seen, in either part, and in the addresses of links."""
    found: dict[str, Evidence] = {}
    for part, text, line in _texts(body):
        for mark in placeholders(text):
            found.setdefault(mark.text, _evidence_of_mark(part, text, mark, line))
    for link in links.links if links else ():
        mark_text = placeholder_in_address(link.target.url)
        if mark_text:
            found.setdefault(mark_text, evidence_of_link(link))
    for mark_text, evidence in list(found.items())[:10]:
        yield UNFILLED.found(mark_text, evidence=evidence, found=mark_text)
    if not found:
        yield unless_cut(body)


def _texts(body: BodyText) -> Sequence[tuple[Part, str, bool]]:
    """The texts that are shown, and whether their lines are lines of the part."""
    plains = [(part, text, True) for part, text in body.plains]
    return [*plains, *((part, html.text, False) for part, html in body.htmls)]


def _evidence_of_mark(part: Part, text: str, mark: Placeholder, by_line: bool) -> Evidence:
    end = mark.offset + len(mark.text)
    return evidence_in_text(part, _around(text, mark.offset, end), _line(part, text, mark.offset, end, by_line))


def _line(part: Part, text: str, start: int, end: int, by_line: bool) -> int | None:
    """The line of the message for a place in a text that is shown; what is seen of HTML has lost its lines."""
    if by_line:
        return message_line(part, text.count("\n", 0, start) + 1)
    return line_in_html(part, text[start:end])


# --- BODY020 --------------------------------------------------------------------------------------------------------

PASSWORD = Rule(
    "BODY020",
    "password-beside-file",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No password beside an encrypted file", es="Sin contraseña junto a un archivo cifrado"),
    title=Text(
        en="The mail carries the encrypted file {file} and its password",
        es="El correo lleva el archivo cifrado {file} y su contraseña",
    ),
    why=Text(
        en="An encrypted file with its password beside it is how malware gets past scanners: many gateways hold or refuse such "
        "mail. It protects nothing either, since whoever reads the mail reads both.",
        es="Un archivo cifrado con su contraseña al lado es como el malware esquiva los antivirus: muchas pasarelas retienen o "
        "rechazan esos correos. Tampoco protege nada, porque quien lee el correo lee las dos cosas.",
    ),
    fix=Text(
        en="Send the invoice as a plain PDF, or let the customer fetch it from a portal. If it has to be encrypted, agree on the "
        "password by telephone or another channel and leave it out of the mail.",
        es="Envíe la factura como PDF normal o permita que el cliente la descargue de un portal. Si tiene que ir cifrada, "
        "acuerde la contraseña por teléfono u otro canal y no la ponga en el correo.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
)

_SECRET = pattern(
    r"\b(?:contraseña|clave|password|passcode|passphrase|pwd|código de apertura)\b"
    r"(?P<about>[^\n:=]{0,60}?)(?:\s*[:=]\s*|\s(?:es|is|será|sera)\s+)(?P<value>\S[^\n]{0,40})",
    2,
)
#: A secret that the reader has already is no password in the mail ("la contraseña es su NIF").
_KNOWN = pattern(
    r"(?:su|el|los|las|tu|your|the|last)\b[^\n]{0,25}\b(?:nif|dni|cif|nie|c[oó]digo postal|d[ií]gitos|digits|postcode|zip|tax)",
    2,
)
_ELSEWHERE = pattern(r"\b(?:por separado|otro (?:correo|canal|mensaje)|sms|tel[eé]fono|separate|phone|another)\b", 2)


@PASSWORD.check
def password(body: BodyText, files: Attachments) -> Outcome:
    """A password in the text of a message that carries an encrypted file."""
    if not files.all:
        return nothing_attached(files)
    locked = next((file for file in files.all if _is_locked(file)), None)
    if locked is None:
        return Passed()
    for part, text, by_line in _texts(body):
        for said in _SECRET.finditer(text[:200_000]):
            value = said["value"]
            if _KNOWN.match(value) or _ELSEWHERE.search(said[0]):
                continue
            start, end = said.start(), said.end("about")
            seen = evidence_in_text(part, _around(text, start, end), _line(part, text, start, end, by_line))
            return PASSWORD.found(name_of(locked), evidence=(seen, evidence_of_file(locked)), file=name_of(locked))
    return Passed()


def _is_locked(file: Attachment) -> bool:
    if file.archive is not None and file.archive.encrypted:
        return True
    if file.office is not None and file.office.encrypted:
        return True
    return file.pdf is not None and "Encrypt" in file.pdf.keys


# --- BODY022 --------------------------------------------------------------------------------------------------------

QR_ONLY = Rule(
    "BODY022",
    "qr-only-payment",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="A way to pay beside the QR code", es="Forma de pago además del código QR"),
    title=Text(
        en="The only way to pay that the mail shows is a QR code",
        es="La única forma de pago que muestra el correo es un código QR",
    ),
    why=Text(
        en="QR codes in mail are a known way of phishing (“quishing”): Microsoft 365 and others look into them and distrust mail "
        "with little else. Whoever reads on the telephone cannot scan it either.",
        es="Los códigos QR en correos son una forma conocida de suplantación («quishing»): Microsoft 365 y otros los examinan y "
        "desconfían de un correo con poco más. Además, quien lee en el teléfono no puede escanearlo.",
    ),
    fix=Text(
        en="Whoever maintains the template writes the payment link or the IBAN and the amount as text beside the code. The tax "
        "QR of VERI*FACTU belongs inside the PDF and is not meant here.",
        es="Quien mantenga la plantilla debe escribir como texto, junto al código, el enlace de pago o el IBAN y el importe. El "
        "QR tributario de VERI*FACTU va dentro del PDF y no se trata de ese.",
    ),
    references=("Microsoft Defender for Office 365, QR code protection, 2024",),
)

_QR = pattern(r"(?<![a-z])(?:qr|qr[ _-]?codes?|c[oó]digo[ _-]?qr|qrcode)(?![a-z])", 2)
_SCAN = pattern(r"\b(?:escan[eé]\w*|scan|lea|leer)\b[^\n.]{0,40}\bqr\b", 2)
_PAYING = pattern(r"\b(?:pag(?:o|ar|ue)|abon\w{1,4}|transferencia|bizum|pay|payment)\b", 2)
_TAX_QR = pattern(r"veri\*?factu|tributari[oa]|\bAEAT\b|ticketbai", 2)
_IBAN = pattern(r"\b[A-Z]{2}[0-9]{2}(?:[ .-]?[A-Z0-9]{4}){2,7}")


@QR_ONLY.check
def qr_only(body: BodyText, links: Links, files: Attachments | None) -> Outcome:
    """A QR image in a mail about paying, with neither an account nor a link in its text."""
    codes = _codes(body, files)
    if not codes:
        return Passed()
    text = f"{body.plain}\n{body.html_text}"[:200_000]
    pays = _PAYING.search(text) is not None
    tells = _IBAN.search(text) is not None or any(
        link.text and not link.hidden and not is_profile(link.target.host) for link in links.web
    )
    if tells or not pays or _TAX_QR.search(text):
        return Passed()
    return QR_ONLY.found(_MESSAGE, evidence=codes[:_PLACES])


def _codes(body: BodyText, files: Attachments | None) -> list[Evidence]:
    found = [
        place(part, image.alt or image.url, image.line)
        for part, html in body.htmls
        for image in html.images
        if not image.is_pixel and _is_code(f"{image.alt or ''} {image.url[-120:]}")
    ]
    inline = [file for file in files.all if file.part.content_type.startswith("image/")] if files else []
    found += [evidence_of_file(file) for file in inline if _is_code(file.name)]
    if not found and body.html is not None and body.html.images and _SCAN.search(body.text[:200_000]):
        found.append(part_evidence("body", "QR"))
    return found


def _is_code(name: str) -> bool:
    return _QR.search(name) is not None and _TAX_QR.search(name) is None


RULES = (EMPTY, PICTURES, HIDDEN, CLIPPED, UNFILLED, PASSWORD, QR_ONLY)
