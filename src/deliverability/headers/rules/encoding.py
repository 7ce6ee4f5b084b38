"""Rules about letters beyond ASCII in headers (HDR006, 007, 008)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix
from deliverability.core.finding import Actor, Basis, Finding, NotApplicable, Outcome, Passed, Severity
from deliverability.core.mojibake import find_mojibake, without_mojibake
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.addresses import AddressList
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.fields import Field, HeaderDefectKind
from deliverability.headers.rules.common import MANY, SENDER_FIELDS, occurrence_of, replace_line
from deliverability.headers.words import WordDefect, WordDefectKind, Words, decode_words
from deliverability.headers.writing import encode_words, write_mailboxes

#: Letters and signs of Spanish and its neighbours: octets that are not UTF-8 and read so in Windows-1252 are that. The
#: others of that table (`þ`, `ý`, `ð`) turn up where text of another table is read in it.
_WESTERN = pattern(r"[\x20-\x7eÁÉÍÓÚÜÑÇÀÈÌÒÙÂÊÎÔÛÄËÏÖÃÕáéíóúüñçàèìòùâêîôûäëïöãõß¿¡ªº·€«»°‘’“”–—…]*")


def _read(facts: HeaderFacts, field: Field) -> Words:
    """The words of a field that is not plain ASCII."""
    known = facts.words.get(field.key)
    return known if known is not None and facts.first(field.key) is field else decode_words(field.value)


def _re_encoded(facts: HeaderFacts, field: Field, text: str) -> Fix | None:
    """The field in encoded words; `text` is what it says. A control character is never carried over."""
    if not text.isprintable():
        return None
    if field.key == "subject":
        return replace_line(facts, field, encode_words(text))
    lists: dict[str, AddressList] = {
        "from": facts.author_list,
        "sender": facts.sender_list,
        "reply-to": facts.reply_to_list,
        "to": facts.to_list,
        "cc": facts.cc_list,
    }
    read = lists.get(field.key)
    if read is None or read.groups or read.defects or occurrence_of(facts, field) > 0:
        return None
    if any("=?" in box.local_part for box in read.mailboxes):
        return None  # RFC 2047 §5: an encoded word must not be in an address; what was meant is not known
    return replace_line(facts, field, write_mailboxes(read.mailboxes))


# --- HDR006 ---------------------------------------------------------------------------------------------------------

RAW_OCTETS = Rule(
    "HDR006",
    "raw-8bit-header",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Encoding of accents in headers", "Codificación de acentos en las cabeceras"),
    title=Text("{name} holds letters beyond ASCII that are not encoded", "{name} lleva letras no ASCII sin codificar"),
    why=Text(
        "Outside SMTPUTF8 a header is ASCII. Programs show such letters garbled, servers on the way may replace them, which "
        "breaks the signature, and filters score it (SpamAssassin 2.2 points for From, rspamd 1).",
        "Salvo con SMTPUTF8, una cabecera es ASCII. Los programas muestran esas letras estropeadas, los servidores del camino "
        "pueden sustituirlas, lo que rompe la firma, y los filtros lo puntúan (SpamAssassin 2,2 puntos en el From, rspamd 1).",
    ),
    fix=Text(
        "Whoever maintains the sending software: encode the value as RFC 2047 says (`=?UTF-8?Q?…?=`); every mail library has "
        "a function for it.",
        "Quien mantenga el programa de envío: codifique el valor como dice el RFC 2047 (`=?UTF-8?Q?…?=`); toda biblioteca de "
        "correo tiene una función para ello.",
    ),
    references=("RFC 2047 §1", "RFC 5322 §2.2", "RFC 6532 §3"),
)


@RAW_OCTETS.check
def raw_octets(facts: HeaderFacts) -> Iterator[Outcome]:
    """RFC 5322 §2.2; RFC 6532 allows UTF-8, but only where every server took SMTPUTF8, which a sample cannot show."""
    told = 0
    high = any(defect.kind is HeaderDefectKind.EIGHT_BIT for defect in facts.headers.defects)
    for field in facts.headers.fields if high else ():
        if told == MANY:
            return
        if field.raw.isascii() or field.key not in SENDER_FIELDS:
            continue
        told += 1
        words = _read(facts, field)
        places = tuple(d.span for d in words.defects if d.kind in (WordDefectKind.RAW_8BIT, WordDefectKind.RAW_UTF8))
        yield RAW_OCTETS.found(
            field.name, evidence=field_evidence(field, *places), fix=_encoded_fix(facts, field, words), name=field.name
        )
    if not told:
        yield Passed()


def _encoded_fix(facts: HeaderFacts, field: Field, words: Words) -> Fix | None:
    if not words.has(WordDefectKind.RAW_8BIT):
        return _re_encoded(facts, field, words.text)
    text = field.value.decode("cp1252", "replace")
    if field.key != "subject" or words.encoded or not _WESTERN.fullmatch(text):
        return None  # which letters were meant cannot be told
    return replace_line(facts, field, encode_words(text))


# --- HDR007 ---------------------------------------------------------------------------------------------------------

NEEDLESS = Rule(
    "HDR007",
    "needless-encoding",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("No encoding of plain ASCII", "ASCII sin codificar"),
    title=Text("{name} encodes text that is plain ASCII: {text}", "{name} codifica un texto que es ASCII puro: {text}"),
    why=Text(
        "Spam hides its words from filters that way; rspamd gives 1.2 to 1.5 points.",
        "El spam oculta así sus palabras a los filtros; rspamd da de 1,2 a 1,5 puntos.",
    ),
    fix=Text(
        "Have the sending program write the text as it is, and encode only what holds letters beyond ASCII.",
        "Haga que el programa de envío escriba el texto tal cual y codifique solo lo que lleve letras no ASCII.",
    ),
    references=("rspamd 3.4 SUBJ_EXCESS_BASE64 (2026-08)", "RFC 2047 §2"),
    filter_points=1.5,
)
_MAX_SHOWN = 80


@NEEDLESS.check
def needless(facts: HeaderFacts) -> Iterator[Outcome]:
    """Encoded words that decode to printable ASCII."""
    for name, words in facts.words.items():
        field = facts.first(name)
        if field is None or not words.needless:
            continue
        yield NEEDLESS.found(
            field.name,
            evidence=field_evidence(field),
            fix=_re_encoded(facts, field, words.text),
            name=field.name,
            text=words.text[:_MAX_SHOWN],
        )
        return
    yield Passed()


# --- HDR008 ---------------------------------------------------------------------------------------------------------

BROKEN_WORD = Rule(
    "HDR008",
    "broken-encoded-word",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Encoded words well formed", "Palabras codificadas correctas"),
    title=Text("{name} is badly encoded: {problem}", "{name} está mal codificado: {problem}"),
    why=Text(
        "Programs differ in what they make of it: some decode it, others show `=?UTF-8?…` or question marks where the sender's "
        "name or the subject should be.",
        "Cada programa hace una cosa distinta: unos lo descodifican y otros muestran `=?UTF-8?…` o interrogantes donde debería "
        "ir el nombre o el asunto.",
    ),
    fix=Text(
        "Whoever maintains the sending software: let the mail library encode the whole text at once, instead of cutting it "
        "into pieces or adding to it afterwards.",
        "Quien mantenga el programa de envío: deje que la biblioteca de correo codifique el texto entero de una vez, en lugar "
        "de cortarlo en trozos o añadirle cosas después.",
    ),
    references=("RFC 2047 §2", "RFC 2047 §5"),
)

_BROKEN = {
    WordDefectKind.UNKNOWN_CHARSET: Text("the character set is not known", "el juego de caracteres no se conoce"),
    WordDefectKind.BAD_ENCODING: Text("the encoding is neither B nor Q", "la codificación no es B ni Q"),
    WordDefectKind.BAD_BASE64: Text("the base64 is damaged", "el base64 está dañado"),
    WordDefectKind.BAD_Q: Text(
        "a sign that Q needs encoded is not", "hay un signo sin codificar que Q exige codificar"
    ),
    WordDefectKind.UNDECODABLE: Text(
        "octets that are not in the character set", "octetos que no son del juego de caracteres"
    ),
    WordDefectKind.SPLIT_CHARACTER: Text(
        "a letter is cut in two between encoded words", "una letra está partida entre dos palabras codificadas"
    ),
    WordDefectKind.UNCLOSED: Text("an encoded word is not closed", "una palabra codificada está sin cerrar"),
    WordDefectKind.ADJACENT_TEXT: Text(
        "text or another word touches an encoded word without a blank",
        "hay texto u otra palabra pegada a una palabra codificada, sin espacio",
    ),
    WordDefectKind.BLANK_INSIDE: Text("a blank inside an encoded word", "un espacio dentro de una palabra codificada"),
    WordDefectKind.TOO_LONG: Text(
        "an encoded word is longer than 75 characters", "una palabra codificada pasa de 75 caracteres"
    ),
}
_TWICE = Text(
    "the letters were encoded twice and arrive as “{shown}”",
    "las letras se codificaron dos veces y llegan como «{shown}»",
)
#: Characters of garbled text that are shown.
_SHOWN = 40
#: Decoded all the same by the programs that people use.
_HARMLESS = {WordDefectKind.TOO_LONG}
#: What the text says can no longer be told.
_LOST = (
    WordDefectKind.UNKNOWN_CHARSET,
    WordDefectKind.BAD_ENCODING,
    WordDefectKind.BAD_BASE64,
    WordDefectKind.UNDECODABLE,
    WordDefectKind.UNCLOSED,
)


@BROKEN_WORD.check
def broken_word(facts: HeaderFacts) -> Iterator[Outcome]:
    """RFC 2047 §2 and §5, for the fields that a reader sees."""
    seen = clean = False
    for name, words in facts.words.items():
        field = facts.first(name)
        if field is None or not (words.encoded or words.has(WordDefectKind.UNCLOSED)):
            continue
        seen = True
        worst = _worst(words)
        garbled = find_mojibake(words.text)
        if garbled >= 0:
            yield _encoded_twice(facts, field, words.text, garbled)
            continue
        if worst is None:
            clean = True
            continue
        yield BROKEN_WORD.found(
            field.name,
            severity=Severity.INFO if worst.kind in _HARMLESS else Severity.WARNING,
            evidence=field_evidence(field, worst.span),
            fix=None if words.has(*_LOST) else _re_encoded(facts, field, words.text),
            name=field.name,
            problem=_BROKEN[worst.kind],
        )
    if not seen:
        yield NotApplicable(_NO_WORDS)
    elif clean:
        yield Passed()


def _encoded_twice(facts: HeaderFacts, field: Field, text: str, place: int) -> Finding:
    """`FacturaciÃ³n`: UTF-8 that the software took for Windows-1252 and encoded again."""
    start = text.rfind(" ", 0, place) + 1
    shown = text[max(start, place - _SHOWN) : place + _SHOWN].split(" ", maxsplit=1)[0]
    meant = without_mojibake(text)
    return BROKEN_WORD.found(
        field.name,
        evidence=field_evidence(field),
        fix=_re_encoded(facts, field, meant) if meant and field.key == "subject" else None,
        name=field.name,
        problem=Text(_TWICE.en.format(shown=shown), _TWICE.es.format(shown=shown)),
    )


_NO_WORDS = Text("No header holds encoded words.", "Ninguna cabecera lleva palabras codificadas.")


def _worst(words: Words) -> WordDefect | None:
    for kind in _BROKEN:
        for defect in words.defects:
            if defect.kind is kind:
                return defect
    return None


RULES: tuple[Rule, ...] = (RAW_OCTETS, NEEDLESS, BROKEN_WORD)
