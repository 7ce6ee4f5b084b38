"""What identifies the document a subject is about: its number, its period, the names of company and customer.

«Factura 2026-0042 de Ferrer e Hijos» says which bill it is; «Factura pendiente» could be anybody's. What counts as a
name is kept narrow, so that a title in capitals or a row of nouns does not pass for one: the names that the sender
gave, a legal form with the word before it, or words with a capital after «de», «para», «from», a dash, a colon or a
bar, unless they are words of the lexicon or months. A number alone is weak: forgers write «INV 559762207325» too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.subjects.lexicon import Lexicon
from deliverability.subjects.model import SubjectContext
from deliverability.subjects.normalize import Folded, Token, key_of

#: Runs that may be a number of a document, a date or an amount.
_RUN = pattern(r"[a-z0-9]+(?:[-/_.,:][a-z0-9]+)*")
_DIGIT = pattern(r"[0-9]")
_YEAR = pattern(r"(?:19|20)\d\d")
_DATE = pattern(r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d\d|\d{4})|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}")
_PERIOD = pattern(
    r"(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d|(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])|[1-4][tq]|[tq][1-4]|[tq][1-4][-/]?20\d\d|20\d\d[-/]?[tq][1-4]"
)
_TIME = pattern(r"\d{1,2}:\d\d|\d{1,3}(?:h|hs|hrs|st|nd|rd|th|x|k|m|mb|gb)")
_AMOUNT = pattern(r"\d{1,3}(?:[.,]\d{3})*[.,]\d\d")
_SEPARATORS = frozenset("-:|·,;([/")
_CURRENCY = pattern(r"[€$£]|\b(?:eur|euros?|usd|gbp|mxn|ars|clp|cop|pesos)\b")


class Identity(NamedTuple):
    """What was found, with places in the subject as given."""

    number: Span | None = None
    period: Span | None = None
    date: Span | None = None
    company: Span | None = None
    customer: Span | None = None
    #: A name whose role is not known.
    name: Span | None = None
    amount: Span | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The words for what is there, in a fixed order."""
        named = (
            ("number", self.number),
            ("period", self.period or self.date),
            ("company", self.company),
            ("customer", self.customer),
            ("name", self.name),
        )
        return tuple(word for word, span in named if span is not None)

    @property
    def has_name(self) -> bool:
        """Whether somebody is named."""
        return self.company is not None or self.customer is not None or self.name is not None


def identify(
    subject: str, folded: Folded, tokens: Sequence[Token], lexicon: Lexicon, context: SubjectContext
) -> Identity:
    """The identifiers of a subject."""
    found: dict[str, Span] = {}
    classes = lexicon.classes
    if _DIGIT.search(folded.text) is not None:
        meant = {token.start for token in tokens if folded.text[token.start : token.end] != token.word}
        _numbers(folded, found, context, meant)
    for token in tokens:
        kinds = classes.get(token.word)
        if kinds and "period" not in found and ("month" in kinds or "period" in kinds) and token.word not in _AMBIGUOUS:
            found["period"] = folded.span(token.start, token.end)
    for role, given in (("company", context.company), ("customer", context.customer)):
        span = _given(folded, tokens, given) if given else None
        if span is not None:
            found[role] = span
    if "company" not in found and "customer" not in found:
        name = _name(subject, folded, tokens, lexicon)
        if name is not None:
            found["name"] = name
    return Identity(**found)


#: Months that are other words more often: «mai», «mars», «dic».
_AMBIGUOUS = frozenset(("march", "may", "mar", "set", "dic", "sep", "ago", "jan", "sept"))


def _given(folded: Folded, tokens: Sequence[Token], text: str) -> Span | None:
    """Where the words that the sender gave stand in the subject."""
    wanted = key_of(text).split()
    if not wanted:
        return None
    words = [token.word for token in tokens]
    for at in range(len(words) - len(wanted) + 1):
        if words[at] == wanted[0] and words[at : at + len(wanted)] == wanted:
            return folded.span(tokens[at].start, tokens[at + len(wanted) - 1].end)
    return None


def _numbers(folded: Folded, found: dict[str, Span], context: SubjectContext, words: set[int]) -> None:
    """Numbers, dates and amounts; `words` begin where digits stand for letters."""
    text = folded.text
    given = {"".join(key_of(value).split()) for value in (context.number, context.period) if value}
    for match in _RUN.finditer(text):
        run = match.group()
        if match.start() in words or _DIGIT.search(run) is None:
            continue
        kind = _kind(run, text, match.start(), match.end())
        if "".join(key_of(run).split()) in given:
            kind = "period" if kind in ("period", "date") else "number"
        if kind and kind not in found:
            found[kind] = folded.span(match.start(), match.end())


def _kind(run: str, text: str, start: int, end: int) -> str:
    around = text[max(start - 2, 0) : start] + " " + text[end : end + 6]
    if text[end : end + 2].strip().startswith("%") or _TIME.fullmatch(run):
        return ""
    if _CURRENCY.search(around):
        return "amount"
    if _DATE.fullmatch(run):
        return "date"
    if _PERIOD.fullmatch(run) or _YEAR.fullmatch(run):
        return "period"
    if _AMOUNT.fullmatch(run):
        return "amount"
    if len(run) == 1 and text[max(start - 1, 0) : start] in "([" and text[end : end + 1] in ")]" and start > 0:
        return ""  # a badge: (1)
    digits = sum(char.isdigit() for char in run)
    return (
        "number"
        if digits >= 2 or (digits and text[max(start - 3, 0) : start].strip().endswith(("º", "o", "#", "n", ".")))
        else ""
    )


def _name(subject: str, folded: Folded, tokens: Sequence[Token], lexicon: Lexicon) -> Span | None:
    """Words with a capital where a name stands: before a legal form, or after «de», a dash, a colon, a bar."""
    classes = lexicon.classes
    for at, token in enumerate(tokens):
        kinds = classes.get(token.word, ())
        if "legal" in kinds and at and _is_name(subject, folded, tokens[at - 1], lexicon, loose=True):
            return folded.span(tokens[at - 1].start, token.end)
        if at == 0:
            follows = folded.text[token.end : token.end + 3].strip()[:1] in ("-", ":", "|")
            if follows and len(tokens) > 1 and _is_name(subject, folded, token, lexicon):
                return folded.span(token.start, token.end)
            continue
        before = tokens[at - 1]
        between = folded.text[before.end : token.start]
        led = (between != " " and not _SEPARATORS.isdisjoint(between)) or "from" in classes.get(before.word, ())
        if led and _is_name(subject, folded, token, lexicon):
            return folded.span(token.start, _name_end(subject, folded, tokens, at, lexicon))
    return None


#: Small words within names: «Ferrer e Hijos», «Müller und Söhne», «Hotel de la Playa».
_JOINING = frozenset(
    ("e", "y", "i", "et", "und", "and", "eta", "de", "del", "la", "las", "los", "of", "di", "da", "do")
)


def _name_end(subject: str, folded: Folded, tokens: Sequence[Token], at: int, lexicon: Lexicon) -> int:
    """Where a name ends: at the last word with a capital, joining words and «&» between them included."""
    end = tokens[at].end
    reach = end
    for token in tokens[at + 1 : at + 7]:
        if folded.text[reach : token.start].strip(" &.,") or len(folded.text[reach : token.start]) > 3:
            break
        reach = token.end
        if "legal" in lexicon.classes.get(token.word, ()) or _is_name(subject, folded, token, lexicon, loose=True):
            end = token.end
        elif token.word not in _JOINING:
            break
    return end


def _is_name(subject: str, folded: Folded, token: Token, lexicon: Lexicon, *, loose: bool = False) -> bool:
    """Mixed case that begins with a capital; no word of the lexicon, no month. In capitals nothing is a name."""
    span = folded.span(token.start, token.end)
    written = subject[span.start : span.end]
    if not written[:1].isupper() or not (written[1:].islower() or (len(written) > 3 and not written.isupper())):
        return False
    word = token.word
    if len(word) < 3:
        return False
    if loose:
        return True
    classes = lexicon.classes.get(word, ())
    return word not in lexicon.phrases and not classes and word not in lexicon.starts and not lexicon.votes.get(word, 0)
