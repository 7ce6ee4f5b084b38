"""What kind of mail a message is for the rules about unsubscribing: marketing, transactional, or not to be told.

Theory of operation. The user's word comes first. An invoice, a reminder of one or a receipt is transactional whatever
else stands in it: it may carry advertising (UNS009), but nobody may be told that an invoice needs a way to unsubscribe.
Then signs of marketing are weighed: list fields and fields of campaign tools, words of advertising in subject and
text, a visible way out. Lists in which people write to each other carry the same fields and are none. Without enough
signs the answer is `unknown`, and the rules that need one do not apply.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.content.letter.facts import LetterFacts
from deliverability.content.mime import MimeTree
from deliverability.content.text import BodyText
from deliverability.core.data import read_table
from deliverability.core.facts import MailClass, Receiving
from deliverability.core.folding import Words, translated
from deliverability.core.limits import Limits
from deliverability.core.patterns import pattern
from deliverability.core.rule import Facts
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.unsubscribe import ListHeaders

#: The weight from which a mail is marketing.
ENOUGH = 4
#: The same where words of an invoice stand that do not add up to one (a newsletter about electronic invoices).
ENOUGH_AMONG_INVOICES = 6
#: Characters of the text that are looked at, and passages that are kept.
_LOOKED_AT = 100_000
_MAX_PASSAGES = 20


class ClassSign(StrEnum):
    """What spoke for a class."""

    TOLD = "told"
    INVOICE = "invoice"
    TRANSACTION = "transaction"
    LIST_UNSUBSCRIBE = "list-unsubscribe"
    LIST_ID = "list-id"
    PRECEDENCE = "precedence"
    CAMPAIGN = "campaign-field"
    SUBJECT = "subject"
    WORDS = "words"
    SERIES = "series"
    WAY_OUT = "way-out"
    DISCUSSION = "discussion-list"


_WEIGHTS = {
    ClassSign.LIST_UNSUBSCRIBE: 2,
    ClassSign.LIST_ID: 1,
    ClassSign.PRECEDENCE: 1,
    ClassSign.CAMPAIGN: 2,
    ClassSign.SUBJECT: 2,
    ClassSign.WORDS: 2,
    ClassSign.SERIES: 1,
    ClassSign.WAY_OUT: 1,
}


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of a message and why."""

    mail_class: MailClass
    signs: tuple[ClassSign, ...] = ()
    #: Words of advertising in the text, as they stand there, each once.
    promotion: tuple[str, ...] = ()
    #: Whether the text or a link in it offers a way to end or change the mailings.
    way_out: bool = False
    #: Whether the text was there to be looked at.
    text_seen: bool = False

    @property
    def told(self) -> bool:
        """Whether the user said what it is."""
        return ClassSign.TOLD in self.signs


class _Folded(NamedTuple):
    """A folded text and the words in it."""

    text: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Folded:
        folded = fold(text)
        return cls(folded, frozenset(_WORDS.of(folded)))


class _Phrase(NamedTuple):
    """A phrase to be found whole."""

    #: What it begins with and ends in, as far as that is the same wherever it stands.
    head: str
    tail: str
    whole: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """As `whole.search`. A pattern that begins by looking back is tried at every place; most texts need no trial."""
        if not self.head:
            return self.whole.search(text) if self.tail in text else None
        at = text.find(self.head)
        while at >= 0:
            match = self.whole.match(text, at)
            if match is not None:
                return match
            at = text.find(self.head, at + 1)
        return None


class _Phrases(NamedTuple):
    """Phrases to be found whole, by their longest word: a phrase is looked for only where that word stands."""

    by_word: Mapping[str, tuple[_Phrase, ...]]

    def all(self, folded: _Folded) -> tuple[str, ...]:
        """The phrases that stand in a text, as they stand there, in their order."""
        found = sorted(self._found(folded), key=lambda match: (match.start(), -match.end()))
        kept: list[re.Match[str]] = []
        for match in found:
            if not kept or match.start() >= kept[-1].end():  # "ofertas" within "ofertas especiales" is one
                kept.append(match)
        return tuple(match[0] for match in kept)

    def any(self, folded: _Folded) -> bool:
        """Whether one of them stands there."""
        return next(self._found(folded), None) is not None

    def _found(self, folded: _Folded) -> Iterator[re.Match[str]]:
        for word in folded.words & self.by_word.keys():
            for phrase in self.by_word[word]:
                match = phrase.search(folded.text)
                if match is not None:
                    yield match


@functools.cache
def _words() -> Mapping[str, _Phrases]:
    table = read_table("deliverability.content", "promotion.toml")
    return {name: _phrases(words) for name, words in table.items() if isinstance(words, list)}


def _phrases(listed: list[str]) -> _Phrases:
    """A final * lets a word go on, % takes its number along."""
    by_word: dict[str, list[_Phrase]] = {}
    for words in listed:
        source = re.escape(words).replace(r"\*", r"\w*").replace("%", r"[0-9]{1,3} ?%")
        longest = max(_WHOLE_WORD.findall(words), key=len)
        pieces = _VARIABLE.split(words)
        by_word.setdefault(longest, []).append(_Phrase(pieces[0], pieces[-1], pattern(rf"(?<!\w){source}(?!\w)")))
    return _Phrases({word: tuple(phrases) for word, phrases in by_word.items()})


_VARIABLE = pattern(r"[*%]")


_WORDS = Words(r"\w")
_WHOLE_WORD = pattern(r"\w+(?![\w*])")


@functools.cache
def _field_names(kind: str) -> frozenset[str]:
    return frozenset(read_table("deliverability.content", "promotion.toml")[kind])


@functools.cache
def _targets() -> tuple[str, ...]:
    return tuple(read_table("deliverability.content", "promotion.toml")["way_out_target"])


@functools.cache
def _without_accents() -> Mapping[int, str]:
    """Letters of European languages without their accents; read-only data."""
    decomposed = {code: unicodedata.normalize("NFKD", chr(code)) for code in range(0xA0, 0x250)}
    table = {code: "".join(c for c in text if not unicodedata.combining(c)) for code, text in decomposed.items()}
    return {**table, **dict.fromkeys(range(0x300, 0x370), ""), 0x2019: "'"}


def fold(text: str) -> str:
    """Lower case, without accents, blanks collapsed."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = translated(lowered, _without_accents())
    return " ".join(lowered.split())


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The class of the message: asks nothing. Uses the text, the parts and what was read of invoices where they are there."""
    headers, lists, receiving = facts[HeaderFacts], facts[ListHeaders], facts[Receiving]
    assert isinstance(headers, HeaderFacts)  # noqa: S101 - facts are found by their type
    assert isinstance(lists, ListHeaders)  # noqa: S101
    assert isinstance(receiving, Receiving)  # noqa: S101
    body, tree, letter = facts.get(BodyText), facts.get(MimeTree), facts.get(LetterFacts)
    found = classify(
        headers,
        lists,
        receiving,
        body if isinstance(body, BodyText) else None,
        tree if isinstance(tree, MimeTree) else None,
        letter if isinstance(letter, LetterFacts) else None,
    )
    return {Classification: found, MailClass: found.mail_class}


def classify(
    headers: HeaderFacts,
    lists: ListHeaders,
    receiving: Receiving,
    body: BodyText | None = None,
    tree: MimeTree | None = None,
    letter: LetterFacts | None = None,
) -> Classification:
    """The class of a message. Pure and total."""
    subject, text = _Folded.of(headers.subject[:1000]), _Folded.of(_shown(body)[:_LOOKED_AT])
    promotion = _words()["promotion"].all(text)[:_MAX_PASSAGES]
    way_out = _has_way_out(body, text)
    signs = _marketing_signs(headers, lists, subject, promotion, way_out=way_out)
    if _words()["series"].any(text):
        signs.append(ClassSign.SERIES)
    decided, why = _decide(signs, subject, text, tree, letter)
    if receiving.mail_class is not None:
        decided, why = receiving.mail_class, [ClassSign.TOLD]
    return Classification(decided, tuple(why), promotion, way_out, body is not None)


def _shown(body: BodyText | None) -> str:
    return "" if body is None else f"{body.plain}\n{body.html_text}"


def _decide(
    signs: list[ClassSign], subject: _Folded, text: _Folded, tree: MimeTree | None, letter: LetterFacts | None
) -> tuple[MailClass, list[ClassSign]]:
    invoice_words = _looks_like_invoice(subject, text, tree)
    if letter.is_billing if letter is not None else invoice_words:
        return MailClass.TRANSACTIONAL, [ClassSign.INVOICE]
    marketing = sum(_WEIGHTS.get(sign, 0) for sign in signs)
    if ClassSign.DISCUSSION in signs:
        return MailClass.UNKNOWN, signs
    if marketing >= (ENOUGH_AMONG_INVOICES if invoice_words else ENOUGH):
        return MailClass.MARKETING, signs
    if _words()["transaction"].any(subject):
        return MailClass.TRANSACTIONAL, [ClassSign.TRANSACTION]
    return MailClass.UNKNOWN, signs


def _marketing_signs(
    headers: HeaderFacts, lists: ListHeaders, subject: _Folded, promotion: tuple[str, ...], *, way_out: bool
) -> list[ClassSign]:
    names = headers.by_name.keys()
    seen = {
        ClassSign.LIST_UNSUBSCRIBE: lists.unsubscribe is not None,
        ClassSign.LIST_ID: bool(lists.list_id),
        ClassSign.PRECEDENCE: lists.precedence in ("bulk", "list"),
        ClassSign.CAMPAIGN: not names.isdisjoint(_field_names("campaign_fields")),
        ClassSign.SUBJECT: _words()["promotion"].any(subject) or _words()["series"].any(subject),
        ClassSign.WORDS: len(promotion) >= 2,
        ClassSign.WAY_OUT: way_out,
        ClassSign.DISCUSSION: not names.isdisjoint(_field_names("discussion_fields")),
    }
    return [sign for sign, there in seen.items() if there]


_FIGURE = pattern(r"[0-9]{1,9}[.,][0-9]{2}(?![0-9])|[0-9]{3,}|[0-9]{1,6}/[0-9]{1,6}")


def _looks_like_invoice(subject: _Folded, text: _Folded, tree: MimeTree | None) -> bool:
    """An invoice word in the subject with a figure beside it, or in the text with a PDF."""
    words = _words()["invoice"]
    has_pdf = tree is not None and any(
        part.content_type == "application/pdf" or part.filename.lower().endswith((".pdf", ".xml", ".xsig"))
        for part in tree.attachments
    )
    if words.any(subject):
        return has_pdf or _FIGURE.search(subject.text) is not None or _FIGURE.search(text.text[:5000]) is not None
    return has_pdf and words.any(text)


def _has_way_out(body: BodyText | None, text: _Folded) -> bool:
    if body is None:
        return False
    if _words()["way_out"].any(text):
        return True
    shown = (anchor.url.lower() for _, html in body.htmls for anchor in html.anchors if not anchor.hidden)
    return any(target in url for url in shown for target in _targets())
