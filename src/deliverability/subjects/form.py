"""How a subject is written: capitals, signs, numbers, prefixes, length. Each form is a feature with its places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.subjects.lexicon import Lexicon
from deliverability.subjects.normalize import Disguise, Folded, Token


class Form(NamedTuple):
    """One form that was seen: its feature, how much of it (1 for most), and where."""

    feature: str
    amount: float
    spans: tuple[Span, ...]


REPLY = pattern(r"\s*(?:(re|rv|fwd|fw|aw|wg|sv|enc|tr|res|rif|antw|r|i)\s?:\s*)+", re.IGNORECASE)
URL = pattern(
    r"(?:https?://|www\.)[^\s]{3,200}|\b[a-z0-9-]{2,40}\.(?:com|net|org|es|info|biz|ru|xyz|top|site|online|click|shop|link|io|ly|me|example|test)\b(?:/[^\s]{0,100})?",
    re.IGNORECASE,
)
ADDRESS = pattern(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_WORD = pattern(r"[^\W\d_]{2,}")
#: Four letters together none of which is a small one of western Europe.
_SHOUTED = pattern(r"[^\W\d_a-zà-öø-ÿ]{4}")
_EXCLAMATIONS = pattern(r"[!¡]{2,}")
_QUESTIONS = pattern(r"[?¿]{2,}")
_MIXED = pattern(r"\?!|!\?")
_DOTS = pattern(r"\.{3,}|…")
_MANY_SIGNS = pattern(r"[*=~^_#>+\"'|<]{2,}|-{3,}")
_DOLLARS = pattern(r"[$€£]{2,}")
_MONEY = pattern(r"[€$£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:€|\$|£|eur\b|usd\b|euros?\b)", re.IGNORECASE)
_PERCENT = pattern(r"\d{1,3}\s?%")
_BADGE = pattern(r"^\s*[\(\[]\s?\d{1,2}\s?[\)\]]|[\(\[]\s?\d\s?[\)\]]\s*$")
_HOLE = pattern(
    r"\{\{?[^{}]{1,40}\}?\}|\[\[[^\[\]]{1,40}\]\]|%[A-Za-z_]{3,30}%|\*\|[^|*]{1,30}\|\*|<<[^<>]{1,30}>>|\$\{[^{}]{1,30}\}"
)
_TAG = pattern(r"^\s*(?:re:\s*)?\[[A-Za-z][\w .#/-]{1,30}\]", re.IGNORECASE)
_CODE = pattern(r"\b(?=[a-z0-9]{0,40}\d)(?=[a-z0-9]{0,40}[a-z])[a-z0-9]{10,40}\b")
_EMOJI = pattern(
    "[\u203c\u2049\u231a-\u231b\u23e9-\u23f3\u25aa-\u25fe\u2600-\u27bf\u2934-\u2935\u2b05-\u2b07\u2b1b-\u2b55\U0001f000-\U0001faff]"
)
#: Words that stand in capitals in ordinary subjects.
ACRONYMS = frozenset(
    [
        "iban",
        "iva",
        "irpf",
        "nif",
        "cif",
        "sepa",
        "pdf",
        "xml",
        "csv",
        "usd",
        "eur",
        "gbp",
        "dni",
        "nie",
        "rgpd",
        "lopd",
        "aeat",
        "cfdi",
        "rfc",
        "cuit",
        "ruc",
        "rut",
        "sl",
        "sa",
        "slu",
        "sau",
        "gmbh",
        "ltd",
        "llc",
        "inc",
        "spa",
        "srl",
        "sarl",
        "vat",
        "tva",
        "mwst",
        "nr",
        "ref",
        "url",
        "faq",
        "api",
        "erp",
        "crm",
        "hr",
        "it",
        "usa",
        "uk",
        "eu",
        "ue",
        "ceo",
        "cfo",
        "kpi",
        "rfq",
        "rfp",
        "nda",
        "po",
        "ncf",
        "dte",
        "cae",
        "nfe",
        "danfe",
        "tps",
        "iso",
        "din",
        "kg",
        "ag",
        "ug",
        "abs",
        "sii",
        "ticketbai",
        "verifactu",
        "edi",
        "b2b",
        "b2g",
        "pec",
        "ddt",
        "siae",
        "asap",
        "cc",
        "id",
        "aec",
        "onu",
        "oms",
        "irs",
        "hmrc",
    ]
)
_LONG, _LONGER, _LONGEST = 78, 120, 200


def forms_of(
    subject: str, folded: Folded, tokens: Sequence[Token], lexicon: Lexicon, *, thread: bool
) -> Iterator[Form]:
    """The forms of a subject, in the order in which they are told."""
    yield from _signs(subject, folded.text)
    yield from _capitals(subject)
    yield from _prefix(subject, thread=thread)
    yield from _lengths(subject)
    if not subject.isascii():
        yield from _pictures(subject)
    if folded.marks:
        yield from _disguises(folded)
    yield from _addressing(folded, tokens, lexicon)


def _all(pattern: re.Pattern[str], text: str) -> tuple[Span, ...]:
    return tuple(Span(m.start(), m.end()) for m in pattern.finditer(text))


def _signs(subject: str, text: str) -> Iterator[Form]:
    if "!" in subject or "¡" in subject:
        several = _all(_EXCLAMATIONS, subject)
        if several:
            yield Form("exclamations", 1.0, several)
        yield Form("exclamation", 1.0, _each(subject, "!¡"))
    if "?" in subject:
        if _MIXED.search(subject):
            yield Form("question-exclamation", 1.0, _all(_MIXED, subject))
        elif _QUESTIONS.search(subject):
            yield Form("questions", 1.0, _all(_QUESTIONS, subject))
        # What follows without a letter or digit (blanks, a pictogram) does not change that it is a question.
        end = next((at for at in range(len(subject), 0, -1) if subject[at - 1].isalnum()), 0)
        mark = subject.find("?", end)
        if mark >= 0:
            yield Form("ends-in-question", 1.0, (Span(mark, mark + 1),))
    present = frozenset(subject)
    for feature, sign, needs in _SIGNS:
        if not needs.isdisjoint(present):
            spans = _all(sign, text if feature == "code" and len(text) == len(subject) else subject)
            if spans:
                yield Form(feature, 1.0, spans[:5])


_SIGNS: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = (
    ("dots", _DOTS, frozenset(".…")),
    ("odd-signs", _MANY_SIGNS, frozenset("*=~^_#>+\"'|<-")),
    ("currency-signs", _DOLLARS, frozenset("$€£")),
    ("amount", _MONEY, frozenset("0123456789")),
    ("percent", _PERCENT, frozenset("%")),
    ("badge", _BADGE, frozenset("([")),
    ("merge-field", _HOLE, frozenset("{[%*<$")),
    ("list-tag", _TAG, frozenset("[")),
    ("code", _CODE, frozenset("0123456789")),
    ("url", URL, frozenset(".")),
    ("address", ADDRESS, frozenset("@")),
)


def _each(subject: str, chars: str) -> tuple[Span, ...]:
    return tuple([Span(at, at + 1) for at, char in enumerate(subject) if char in chars][:5])


def is_acronym(word: str) -> bool:
    """Whether a word may stand in capitals in an ordinary subject."""
    return word.lower() in ACRONYMS


def _capitals(subject: str) -> Iterator[Form]:
    if _SHOUTED.search(subject) is None:
        return
    words = list(_WORD.finditer(subject))
    letters = upper = 0
    for match in words:
        word = match.group()
        letters += len(word)
        upper += len(word) if word.isupper() else sum(map(str.isupper, word))
    shouted = [m for m in words if len(m.group()) >= 4 and m.group().isupper() and not is_acronym(m.group())]
    if letters >= 8 and upper > 0.8 * letters and shouted:
        yield Form("all-capitals", 1.0, (Span(words[0].start(), words[-1].end()),))
    elif shouted:
        yield Form("capitals", min(len(shouted), 3) ** 0.5, tuple(Span(m.start(), m.end()) for m in shouted[:5]))


def _prefix(subject: str, *, thread: bool) -> Iterator[Form]:
    if ":" not in subject[:12]:
        return
    match = REPLY.match(subject)
    if match is None or match.group(1) is None:
        return
    span = (Span(match.start(), match.end()),)
    if thread:
        yield Form("reply", 1.0, span)
    elif match.group(1).lower() in ("re", "aw", "sv", "antw", "res", "rif", "r"):
        yield Form("fake-reply", 1.0, span)


def _lengths(subject: str) -> Iterator[Form]:
    size = len(subject.strip())
    whole = (Span(0, len(subject)),)
    if size == 0:
        yield Form("empty", 1.0, ())
    elif size > _LONGEST:
        yield Form("very-long", 1.0, whole)
    elif size > _LONGER:
        yield Form("longer", 1.0, whole)
    elif size > _LONG:
        yield Form("long", 1.0, whole)


def _pictures(subject: str) -> Iterator[Form]:
    spans = _all(_EMOJI, subject)
    if spans:
        yield Form("emoji", 1.0, spans[:5])
    if len(spans) >= 3:
        yield Form("emojis", 1.0, spans[:5])


_DISGUISES = {
    Disguise.STYLED: "styled-letters",
    Disguise.FOREIGN: "foreign-letters",
    Disguise.HIDDEN: "hidden-characters",
    Disguise.DIRECTION: "direction-controls",
    Disguise.STACKED: "stacked-marks",
    Disguise.CONTROL: "controls",
    Disguise.SURROGATE: "controls",
    Disguise.SPACED: "spaced-letters",
    Disguise.LEET: "leet",
}


def _disguises(folded: Folded) -> Iterator[Form]:
    spans: dict[str, list[Span]] = {}
    for mark in folded.marks:
        spans.setdefault(_DISGUISES[mark.kind], []).append(Span(mark.start, mark.end))
    for feature, places in spans.items():
        yield Form(feature, 1.0, tuple(places[:5]))


def _addressing(folded: Folded, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Form]:
    classes = lexicon.classes
    you = [t for t in tokens if "you" in classes.get(t.word, ())]
    if you:
        yield Form("you", 1.0, tuple(folded.span(t.start, t.end) for t in you[:3]))
