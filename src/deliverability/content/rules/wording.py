"""Rules about the wording of the text: trigger words and shouting (BODY013, 014), read with the lexicon of subjects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverability.content.rules.letter import text_evidence
from deliverability.content.text import BodyText
from deliverability.core.facts import SubjectWords
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.folding import Words
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.subjects.form import is_acronym
from deliverability.subjects.lexicon import NO_WORDS, Lexicon, with_words
from deliverability.subjects.score import hear
from deliverability.subjects.wording import most_phrases

_TEXT = "text"
NOTHING_TO_READ = NotApplicable(
    Text(en="The message has no text to read.", es="El mensaje no tiene texto que leer."), _TEXT
)
#: Characters of the text that are looked at, cut into pieces of a subject's size.
_LOOKED_AT = 20_000
_PIECE = 900
#: One risky phrase in so many words, and at least so many phrases.
_WORDS_FOR_ONE = 40
_FEW_PHRASES = 3
_LETTERS_NEEDED = 200
_SHARE = 0.3
_FEW_WORDS = 4
_WORDS = Words(r"[^\W\d_]")
_MARKS = pattern(r"[!¡]{3,}")
_CATEGORIES = frozenset(
    (
        "urgency",
        "pressure",
        "free_offer",
        "prize",
        "money",
        "phish_account",
        "click_cta",
        "hype",
        "gambling",
        "pharma_adult",
    )
)
_CLEAR = 0.8

# --- BODY013 --------------------------------------------------------------------------------------------------------

TRIGGER_WORDS = Rule(
    "BODY013",
    "body-trigger-words",
    Severity.INFO,
    Basis.OPINION,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Wording of the text", es="Palabras del texto"),
    title=Text(
        en="{n} phrases of the text that bulk and forged mail uses too, in {words} words: {phrases}",
        es="{n} expresiones del texto que también usa el correo masivo o falso, en {words} palabras: {phrases}",
    ),
    why=Text(
        en="No open filter adds more than a few tenths for such words; what counts is who sends and how the mail is signed. "
        "Filters that learn, and readers, weigh how densely they stand.",
        es="Ningún filtro abierto suma más que unas décimas por esas palabras; lo que cuenta es quién envía y cómo va firmado "
        "el correo. Los filtros que aprenden, y los lectores, se fijan en que se acumulen.",
    ),
    fix=Text(
        en="Whoever writes the template keeps advertising and hurry out of invoices: what is owed, until when, how to pay, whom to "
        "ask. Words the matter needs stay: “invoice”, “overdue”, “surcharge”.",
        es="Quien escriba la plantilla debe dejar fuera de las facturas la publicidad y las prisas: qué se debe, hasta cuándo, cómo "
        "se paga y a quién se pregunta. Las palabras propias del caso se quedan: «factura», «vencida», «recargo».",
    ),
    references=("Measured on SpamAssassin 4.0.1 and rspamd 3.4 (2026-11)",),
)


@TRIGGER_WORDS.check
def trigger_words(body: BodyText, words: SubjectWords | None) -> Outcome:
    """Different risky phrases beside the length of the text: one or two in a letter are ordinary language."""
    text = body.text[:_LOOKED_AT]
    count = len(_WORDS.of(text))
    if not count:
        return NOTHING_TO_READ
    enough = max(_FEW_PHRASES, -(-count // _WORDS_FOR_ONE))
    seen = _clear_phrases(text, enough, words or NO_WORDS)
    if len(seen) < enough:
        return Passed(_TEXT)
    return TRIGGER_WORDS.found(
        _TEXT,
        evidence=text_evidence(body, ", ".join(seen[:12])),
        n=len(seen),
        words=count,
        phrases=tuple(f"«{one}»" for one in seen[:6]),
    )


def _clear_phrases(text: str, enough: int, words: SubjectWords) -> tuple[str, ...]:
    """The different clear phrases of a text as they are written there; none where there are surely fewer than `enough`.

    Reading costs thirty times as much as counting what can be there at most.
    """
    pieces = _pieces(text)
    between_words = all(piece.endswith(("\n", " ")) for piece in pieces[:-1])
    if between_words and most_phrases(pieces, _CATEGORIES, _CLEAR) < enough:
        return ()
    lexicon = with_words(words)
    seen: dict[str, str] = {}
    for piece in pieces:
        if most_phrases((piece,), _CATEGORIES, _CLEAR):
            for said in _said(piece, lexicon):
                seen.setdefault(said.lower(), said)
    return tuple(seen.values())


def _said(piece: str, lexicon: Lexicon) -> Iterator[str]:
    """The clear phrases of a piece as they are written there."""
    heard = hear(piece, lexicon)
    for hit in heard.hits:
        phrase = hit.phrase
        if phrase.category in _CATEGORIES and phrase.weight >= _CLEAR and not hit.muted:
            span = heard.span(hit.words[0])
            yield piece[span.start : span.end]


def _pieces(text: str) -> list[str]:
    """The text in pieces that end at a line or a blank."""
    pieces, at = [], 0
    while at < len(text):
        end = min(at + _PIECE, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", at, end), text.rfind(" ", at, end))
            end = cut + 1 if cut > at else end
        pieces.append(text[at:end])
        at = end
    return pieces


# --- BODY014 --------------------------------------------------------------------------------------------------------

SHOUTING = Rule(
    "BODY014",
    "body-shouting",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Capitals and exclamation marks", es="Mayúsculas y exclamaciones del texto"),
    title=Text(en="The text shouts: {what}", es="El texto grita: {what}"),
    why=Text(
        en="SpamAssassin has rules for lines of capitals worth some tenths, and learned filters know shouting from advertising "
        "and from frauds. Readers do too.",
        es="SpamAssassin tiene reglas para las líneas en mayúsculas que valen unas décimas, y los filtros que aprenden conocen "
        "los gritos por la publicidad y los fraudes. Los lectores, también.",
    ),
    fix=Text(
        en="Whoever writes the template sets sentences in ordinary letters, keeps capitals for acronyms, and ends a sentence with at "
        "most one exclamation mark. Legal notices may stay small; they need no capitals.",
        es="Quien escriba la plantilla debe poner las frases en letra normal, dejar las mayúsculas para las siglas y no usar más "
        "de un signo de exclamación. Los avisos legales pueden ir en pequeño; no necesitan mayúsculas.",
    ),
    references=("SpamAssassin 4.0.1 UPPERCASE_50_75 (2026-11)",),
    filter_points=0.1,
)
_CAPITALS = Text(en="{share} % of its letters are capitals", es="el {share} % de sus letras son mayúsculas")
_EXCLAIMS = Text(en="three or more exclamation marks together", es="tres o más signos de exclamación seguidos")


@SHOUTING.check
def shouting(body: BodyText) -> Outcome:
    """More than three of ten letters in words of capitals, or rows of exclamation marks."""
    text = body.text[:_LOOKED_AT]
    words = _WORDS.of(text)
    letters = sum(map(len, words))
    if not letters:
        return NOTHING_TO_READ
    shouted = [word for word in words if len(word) >= _FEW_WORDS and word.isupper() and not is_acronym(word)]
    share = sum(map(len, shouted)) / letters
    marks = _MARKS.search(text)
    loud = letters >= _LETTERS_NEEDED and share > _SHARE
    if not loud and marks is None:
        return Passed(_TEXT)
    percent = str(round(share * 100))
    what = Text(_CAPITALS.en.format(share=percent), _CAPITALS.es.format(share=percent)) if loud else _EXCLAIMS
    excerpt = " ".join(shouted[:12]) if loud else _around(text, marks)
    return SHOUTING.found(_TEXT, evidence=text_evidence(body, excerpt), what=what)


def _around(text: str, match: re.Match[str] | None) -> str:
    return " ".join(text[max(match.start() - 60, 0) : match.end() + 20].split()) if match else ""


RULES = (TRIGGER_WORDS, SHOUTING)
