"""Rules about texts: charset, transfer encoding, and whether text and HTML say the same (MIME003, 005, 006, 007)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverability.content.attachments import Attachments
from deliverability.content.decode import DecodeDefect, DecodeDefectKind, TextDefectKind
from deliverability.content.facts import TextPart, TextParts
from deliverability.content.part import MimeTree, Part
from deliverability.content.rules.parts import NO_TEXTS, evidence_of_part
from deliverability.content.text import BodyText
from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text

# --- MIME003 --------------------------------------------------------------------------------------------------------

DIFFERENT_TEXTS = Rule(
    "MIME003",
    "text-differs-from-html",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Plain text against HTML", es="Texto sin formato frente al HTML"),
    title=Text(
        en="The plain text does not say what the HTML says: {problem}",
        es="El texto sin formato no dice lo mismo que el HTML: {problem}",
    ),
    why=Text(
        en="Spam shows the filter one text and the reader another, so filters compare them (SpamAssassin "
        "MPART_ALT_DIFF_COUNT up to 2.8, rspamd R_PARTS_DIFFER 1.0). Who reads plain text does not get the invoice.",
        es="El spam enseña un texto al filtro y otro al lector, por eso los filtros los comparan (SpamAssassin "
        "MPART_ALT_DIFF_COUNT hasta 2,8; rspamd R_PARTS_DIFFER 1,0). Quien lee el texto sin formato se queda sin la factura.",
    ),
    fix=Text(
        en="Whoever maintains the template generates the text/plain part from the HTML of the same mail: number, amount, due "
        "date and links included, instead of a fixed sentence.",
        es="Quien mantenga la plantilla debe generar la parte text/plain a partir del HTML del mismo correo, con número, "
        "importe, vencimiento y enlaces, en lugar de una frase fija.",
    ),
    references=("RFC 2046 §5.1.4", "SpamAssassin 4.0, 50_scores.cf, 2022", "rspamd 3.11, R_PARTS_DIFFER, 2025"),
    filter_points=2.8,
)
_NO_PAIR = Text(
    en="There is no pair of plain text and HTML to compare.", es="No hay texto sin formato y HTML que comparar."
)
_EMPTY = Text(en="it is empty", es="está vacío")
_STUB = Text(
    en="it only asks the reader to use a program that shows HTML",
    es="solo pide usar un programa que muestre HTML",
)
_FEW_WORDS = Text(
    en="of {all} different words of the HTML it has {common}", es="de {all} palabras distintas del HTML tiene {common}"
)
_WORD = pattern(r"[^\W_]{3,40}")
_URL = pattern(r"(?:https?://|www\.)\S{1,2000}|\S{1,100}@\S{1,100}")
_ASKS_FOR_HTML = pattern(
    r"(?:html.{0,40}(?:e-?mail|mail|message|viewer|client|reader|compatible|correo|mensaje)|(?:e-?mail|mail|message|viewer|"
    r"client|reader|correo|mensaje|programa|lector|navegador|browser).{0,60}html|ver (?:este|el) (?:correo|mensaje|e-?mail) en"
    r" (?:el|su) navegador|view (?:this|it|the e-?mail) (?:e-?mail |message )?(?:in|online))",
    re.IGNORECASE,
)
#: Words of the HTML from which on a comparison means something, and the least share of them the text has to have.
_ENOUGH = 25
_LEAST_SHARE = 0.25
_STUB_WORDS = 40
_READ = 100_000


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_URL.sub(" ", text[:_READ]).lower()))


@DIFFERENT_TEXTS.check
def different_texts(tree: MimeTree, body: BodyText) -> Outcome:
    """Only the two forms of one multipart/alternative are compared: elsewhere two texts are meant to differ."""
    plain, html = body.plain_part, body.html_part
    if plain is None or html is None or not _are_alternatives(tree, plain, html) or not body.html_text.strip():
        return NotApplicable(_NO_PAIR, "message")
    evidence = (evidence_of_part(plain, body.plain[:300] or "–"), evidence_of_part(html))
    if not body.plain.strip():
        return DIFFERENT_TEXTS.found("message", evidence=evidence, problem=_EMPTY)
    of_html, of_plain = _words(body.html_text), _words(body.plain)
    common = len(of_html & of_plain)
    if len(of_html) < _ENOUGH or common >= _LEAST_SHARE * len(of_html):
        return Passed("message")
    if len(of_plain) < _STUB_WORDS and _ASKS_FOR_HTML.search(body.plain[:_READ]):
        return DIFFERENT_TEXTS.found("message", evidence=evidence, problem=_STUB)
    numbers = {"all": len(of_html), "common": common}
    problem = Text(_FEW_WORDS.en.format(**numbers), _FEW_WORDS.es.format(**numbers))
    return DIFFERENT_TEXTS.found("message", evidence=evidence, problem=problem)


def _are_alternatives(tree: MimeTree, plain: Part, html: Part) -> bool:
    """Whether both are forms of one content: within the same multipart/alternative, a related part between allowed."""
    above = plain.path.rpartition(".")[0]
    parent = tree.part(above)
    return parent is not None and parent.content_type == "multipart/alternative" and html.path.startswith(above + ".")


# --- MIME005 --------------------------------------------------------------------------------------------------------

CHARSET = Rule(
    "MIME005",
    "text-charset",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Charset of the texts", es="Juego de caracteres de los textos"),
    title=Text(en="Text of part {path} ({type}): {problem}", es="Texto de la parte {path} ({type}): {problem}"),
    why=Text(
        en="Accents, ñ and € come out as other signs (“facturaciÃ³n”, “100 â‚¬”), differently in each mail program, and the mail "
        "looks forged. Filters add points for a text without its charset (rspamd R_MISSING_CHARSET 0.5).",
        es="Las tildes, la ñ y el € salen como otros signos («facturaciÃ³n», «100 â‚¬»), distintos en cada programa de correo, y "
        "el mensaje parece falso. Los filtros penalizan un texto sin juego de caracteres (rspamd R_MISSING_CHARSET 0,5).",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail encodes every text as UTF-8 and says so in the same place: "
        "Content-Type: text/plain; charset=utf-8. Text read from a database or a file must be decoded with its own charset "
        "first.",
        es="Quien mantenga el programa que compone el correo debe codificar todos los textos en UTF-8 y declararlo en la misma "
        "parte: Content-Type: text/plain; charset=utf-8. El texto leído de una base de datos o de un archivo debe "
        "decodificarse antes con su propio juego de caracteres.",
    ),
    references=("RFC 2046 §4.1.2", "rspamd 3.11, R_MISSING_CHARSET, 2025"),
    identity=("kind",),
)
_CHARSET_PROBLEMS = {
    TextDefectKind.UNKNOWN_CHARSET: Text(
        en="no mail program knows its charset “{seen}”",
        es="ningún programa de correo conoce su juego de caracteres «{seen}»",
    ),
    TextDefectKind.UNDECLARED: Text(
        en="it has letters beyond ASCII but declares no charset: “{seen}”",
        es="tiene letras que no son ASCII y no declara juego de caracteres: «{seen}»",
    ),
    TextDefectKind.UNDECODABLE: Text(
        en="its octets are not in the charset it declares: “{seen}”",
        es="sus octetos no corresponden al juego de caracteres que declara: «{seen}»",
    ),
    TextDefectKind.MOJIBAKE: Text(
        en="its text was encoded twice and is garbled: “{seen}”",
        es="su texto se codificó dos veces y es ilegible: «{seen}»",
    ),
    TextDefectKind.REPLACED: Text(
        en="letters were already lost when it was sent: “{seen}”",
        es="al enviarlo ya se habían perdido letras: «{seen}»",
    ),
}
_GARBLED = frozenset((TextDefectKind.UNDECODABLE, TextDefectKind.MOJIBAKE, TextDefectKind.REPLACED))


_NOT_WHOLE = Text(
    en="The text is too long to be read to its end.", es="El texto es demasiado largo para leerlo hasta el final."
)


@CHARSET.check
def charset(texts: TextParts) -> Iterator[Outcome]:
    """RFC 2046 §4.1.2: the default charset is US-ASCII, and what the parameter names is what the text is in."""
    if not texts.all:
        yield NotApplicable(NO_TEXTS, "message")
    for text in texts.all:
        if not text.defects:
            yield Unknown(_NOT_WHOLE, text.part.name) if text.cut else Passed(text.part.name)
        for defect in text.defects:
            problem = _CHARSET_PROBLEMS[defect.kind]
            yield CHARSET.found(
                text.part.name,
                severity=Severity.ERROR if defect.kind in _GARBLED else Severity.WARNING,
                evidence=evidence_of_part(text.part),
                fix=_declare_utf8(text) if defect.kind is TextDefectKind.UNDECLARED else None,
                path=text.part.path,
                type=text.part.content_type,
                problem=Text(
                    problem.en.replace("{seen}", defect.excerpt), problem.es.replace("{seen}", defect.excerpt)
                ),
                kind=defect.kind.value,
            )


def _declare_utf8(text: TextPart) -> Fix | None:
    """The Content-Type of the message with its charset, where the text is UTF-8 and has no part around it."""
    part = text.part
    if part.path != "1" or part.parameters.keys() - {"charset"}:
        return None
    try:
        part.decode().octets.decode("utf-8")
    except UnicodeDecodeError:
        return None
    value = f"{part.content_type}; charset=utf-8"
    return Fix(headers=(HeaderChange("Content-Type", value, 0 if part.headers.has("content-type") else None),))


# --- MIME006 --------------------------------------------------------------------------------------------------------

EIGHT_BIT = Rule(
    "MIME006",
    "undeclared-8bit-body",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Transfer encoding of the parts", es="Codificación de transferencia de las partes"),
    title=Text(
        en="Part {path} ({type}) is declared as {encoding} but {problem}",
        es="La parte {path} ({type}) se declara {encoding}, pero {problem}",
    ),
    why=Text(
        en="Servers on the way may cut or re-encode what is not as declared; then letters change and the DKIM signature no "
        "longer matches. SpamAssassin gives CTE_8BIT_MISMATCH 1.0 for raw accents or € under 7bit.",
        es="Los servidores intermedios pueden recortar o recodificar lo que no es como se declara; entonces cambian letras y la "
        "firma DKIM deja de coincidir. SpamAssassin da CTE_8BIT_MISMATCH 1,0 por tildes o € en bruto bajo 7bit.",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail encodes texts as quoted-printable and files as base64, and "
        "declares that in Content-Transfer-Encoding. 8bit is right only if every server on the way offers 8BITMIME.",
        es="Quien mantenga el programa que compone el correo debe codificar los textos en quoted-printable y los archivos en "
        "base64, y declararlo en Content-Transfer-Encoding. 8bit solo sirve si todos los servidores ofrecen 8BITMIME.",
    ),
    references=("RFC 2045 §6.2", "RFC 2045 §6.7", "RFC 2045 §6.8", "RFC 6152"),
    identity=("kind",),
)
_ENCODING_PROBLEMS = {
    DecodeDefectKind.EIGHT_BIT: Text(en="holds 8-bit octets", es="contiene octetos de 8 bits"),
    DecodeDefectKind.QUOTED_PRINTABLE_8BIT: Text(en="holds raw 8-bit octets", es="contiene octetos de 8 bits en bruto"),
    DecodeDefectKind.QUOTED_PRINTABLE_ESCAPE: Text(
        en="has “=” where no code follows", es="tiene «=» sin un código detrás"
    ),
    DecodeDefectKind.BASE64_CHARACTER: Text(
        en="holds characters that are no base64", es="contiene caracteres que no son base64"
    ),
    DecodeDefectKind.BASE64_AFTER_END: Text(en="goes on after its end", es="continúa después de su final"),
    DecodeDefectKind.BASE64_TRUNCATED: Text(
        en="stops within a character group", es="se interrumpe a mitad de un grupo"
    ),
    DecodeDefectKind.NUL: Text(en="holds NUL octets", es="contiene octetos nulos (NUL)"),
    DecodeDefectKind.UUENCODE: Text(en="has lines that are none of it", es="tiene líneas que no lo son"),
}


@EIGHT_BIT.check
def eight_bit(texts: TextParts, files: Attachments) -> Iterator[Outcome]:
    """RFC 2045 §6.2: 7bit has octets up to 127; §6.7 and §6.8 say what quoted-printable and base64 are made of."""
    found = False
    parts = [(text.part, text.encoding_defects) for text in texts.all]
    parts += [(file.part, file.defects if not file.cut else ()) for file in files.all]
    for part, defects in parts:
        defect = next((defect for defect in defects if defect.kind in _ENCODING_PROBLEMS), None)
        if defect is None:
            continue
        found = True
        yield EIGHT_BIT.found(
            part.name,
            evidence=evidence_of_part(part, defect.detail or "", line=_line(part, defect)),
            fix=_declare_8bit(part) if defect.kind is DecodeDefectKind.EIGHT_BIT else None,
            path=part.path,
            type=part.content_type,
            encoding=part.encoding,
            problem=_ENCODING_PROBLEMS[defect.kind],
            kind=defect.kind.value,
        )
    if not found:
        yield Passed("message")


def _line(part: Part, defect: DecodeDefect) -> int:
    return part.body_line + part.raw.count(b"\n", part.start, defect.offset)


def _declare_8bit(part: Part) -> Fix | None:
    """RFC 6152 §3: an 8-bit body is sent as such with BODY=8BITMIME, if it says what it is."""
    if part.path != "1":
        return None
    present = part.headers.has("content-transfer-encoding")
    return Fix(headers=(HeaderChange("Content-Transfer-Encoding", "8bit", 0 if present else None),))


# --- MIME007 --------------------------------------------------------------------------------------------------------

BASE64_TEXT = Rule(
    "MIME007",
    "base64-text",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Encoding of the texts", es="Codificación de los textos"),
    title=Text(
        en="Part {path} ({type}) is encoded in base64 without need",
        es="La parte {path} ({type}) va codificada en base64 sin necesidad",
    ),
    why=Text(
        en="Spam hides its words in base64, so SpamAssassin gives MIME_BASE64_TEXT up to 1.7 points when the text is plain "
        "ASCII or in an old charset. UTF-8 in base64 is not held against the sender.",
        es="El spam oculta sus palabras en base64, por eso SpamAssassin da MIME_BASE64_TEXT hasta 1,7 puntos cuando el texto "
        "es ASCII o usa un juego de caracteres antiguo. El UTF-8 en base64 no penaliza al remitente.",
    ),
    fix=Text(
        en="Whoever maintains the program that composes the mail sets quoted-printable for text parts; most libraries have a "
        "setting for it.",
        es="Quien mantenga el programa que compone el correo debe elegir quoted-printable para las partes de texto; casi todas "
        "las bibliotecas tienen esa opción.",
    ),
    references=("RFC 2045 §6.7", "SpamAssassin 4.0, 50_scores.cf, 2022"),
    filter_points=1.7,
)


@BASE64_TEXT.check
def base64_text(texts: TextParts) -> Iterator[Outcome]:
    """Only texts that quoted-printable would leave readable; UTF-8 with accents may be in base64."""
    if not texts.all:
        yield NotApplicable(NO_TEXTS, "message")
    for text in texts.all:
        needless = text.is_ascii or text.charset not in ("utf-8", "utf8", "")
        if text.part.encoding == "base64" and needless and not text.blank:
            yield BASE64_TEXT.found(
                text.part.name,
                evidence=evidence_of_part(text.part),
                path=text.part.path,
                type=text.part.content_type,
            )
        else:
            yield Passed(text.part.name)


RULES: tuple[Rule, ...] = (DIFFERENT_TEXTS, CHARSET, EIGHT_BIT, BASE64_TEXT)
