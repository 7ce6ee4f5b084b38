"""The risk of a subject, from its words, its form and what identifies it.

Theory of operation. A subject is brought to one spelling (`normalize`), cut into words, and its language is voted on.
From left to right the longest phrase of the lexicon that begins at a word is taken; a single word counts only in a
language that the subject is likely in, phrases of several words count in all. What is left over may still speak in
pairs («cuenta» and «bloqueada» in one subject). Within a category the strongest counts whole and the next two count
0.4: saying «urgente» five times is not five times as bad. Then come the form, and what identifies the document.

A bill that says which it is may also say «vencida»: with two identifiers the words of debt and of mild urgency count
0.3, with one 0.6, or 0.7 where the mail asks for an account or threatens as well. A document without any identifier is
what is at fault, never the word «factura».

Every part is a contribution in thousandths of a logit with its place; they add up to the logit exactly. The weights
are fitted (data/weights.toml); the risk is relative to other subjects and no probability that the mail arrives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deliverability.core.span import Span
from deliverability.core.text import NO_TEXT
from deliverability.subjects import texts
from deliverability.subjects.form import forms_of
from deliverability.subjects.identify import Identity, identify
from deliverability.subjects.language import Vote, only, vote
from deliverability.subjects.lexicon import ALL_LANGUAGES, OWN_CATEGORY, Lexicon, Phrase, beginnings, end_of, slots_of
from deliverability.subjects.model import HIGH_FROM, MEDIUM_FROM, Band, Contribution, SubjectContext
from deliverability.subjects.normalize import MAX_CHARACTERS, Folded, Token, fold, places_of, tokens_of, words_of
from deliverability.subjects.repair import is_disguised, repair
from deliverability.subjects.weights import weights

#: Of a category: the strongest counts whole, the next two so much.
_NEXT = 0.4
#: Categories that an identified document explains.
_EXPLAINED = frozenset(("phish_invoice", "urgency", "pressure", "click_cta", "greeting"))
#: Categories beside which it explains less.
_HARD = frozenset(("phish_account", "prize", "money", "phish_authority", "phish_delivery"))
_HARD_WEIGHT = 1.2
_MUTED = "muted"


class Hit(NamedTuple):
    """A phrase or a pair of the lexicon and the words it takes."""

    phrase: Phrase
    words: tuple[tuple[int, int], ...]
    muted: bool = False


class Part(NamedTuple):
    """What adds to the score before weighing: a feature, how much of it, and where."""

    feature: str
    amount: float
    spans: tuple[Span, ...]
    phrase: Phrase | None = None
    muted: bool = False


class Reading(NamedTuple):
    """A subject read: everything that the score and the suggestions need."""

    subject: str
    folded: Folded
    tokens: Sequence[Token]
    vote: Vote
    identity: Identity
    hits: Sequence[Hit]
    parts: Sequence[Part]
    #: The classes of each word.
    classes: Sequence[Sequence[str]]
    #: A word for a document is there.
    document: bool

    @property
    def logit(self) -> int:
        """Thousandths of a logit."""
        return sum(points_of(part) for part in self.parts)


def points_of(part: Part) -> int:
    """What a part adds: whole thousandths, so that sums are exact on every machine."""
    return 0 if part.muted or not part.amount else round(weights()[part.feature] * part.amount)


def risk_of(logit: int) -> float:
    """The risk, 0 to 1, four decimals."""
    return round(1.0 / (1.0 + math.exp(-max(-20_000, min(20_000, logit)) / 1000.0)), 4)


def band_of(risk: float) -> Band:
    """The band of a risk."""
    return Band.LOW if risk < MEDIUM_FROM else Band.HIGH if risk >= HIGH_FROM else Band.MEDIUM


def read(subject: str, lexicon: Lexicon, language: str, context: SubjectContext, *, broken: bool = False) -> Reading:
    """A subject read; what is longer than `MAX_CHARACTERS` is scored by its beginning. Never raises."""
    looked_at = subject[:MAX_CHARACTERS]
    folded = fold(looked_at)
    tokens = tokens_of(folded.text)
    folded, tokens = repair(looked_at, folded, tokens, lexicon)
    words = [token.word for token in tokens]
    voted = only(language) if language else vote(words, looked_at, lexicon.votes)
    identity = identify(looked_at, folded, tokens, lexicon, context)
    hits = [
        hit
        for hit in _hits(words, voted.likely if voted.language else ALL_LANGUAGES, lexicon)
        if not _is_own_name(hit, folded, tokens, identity)
    ]
    classes = [_classes_of(word, lexicon) for word in words]
    hits += _pairs(words, classes, hits, lexicon)
    document = any("document" in kinds for kinds in classes)
    parts = [Part("base", 1.0, ())]
    parts += _categories(hits, folded, tokens, _discount(hits, identity, document=document))
    parts += [Part(*form) for form in forms_of(looked_at, folded, tokens, lexicon, thread=context.thread)]
    parts += _identified(identity, folded, tokens, words, hits, document=document)
    if broken:
        parts.append(Part("broken-encoding", 1.0, (Span(0, len(subject)),)))
    return Reading(subject, folded, tokens, voted, identity, hits, parts, classes, document)


class Heard(NamedTuple):
    """The phrases of a text, without what else a score needs."""

    folded: Folded
    #: Where each word stands in the folded text.
    places: Sequence[tuple[int, int]]
    hits: Sequence[Hit]

    def span(self, words: tuple[int, int]) -> Span:
        """The place of a hit's words in the text."""
        return self.folded.span(self.places[words[0]][0], self.places[words[1] - 1][1])


def hear(text: str, lexicon: Lexicon) -> Heard:
    """The phrases that `read` finds in a text of at most `MAX_CHARACTERS`, pairs left out."""
    folded = fold(text)
    words = words_of(folded.text)
    if is_disguised(folded.text, words, lexicon):
        folded, tokens = repair(text, folded, tokens_of(folded.text), lexicon)
        words, places = [token.word for token in tokens], [(token.start, token.end) for token in tokens]
    else:
        places = places_of(folded.text)
    voted = vote(words, text, lexicon.votes)
    return Heard(folded, places, list(_hits(words, voted.likely if voted.language else ALL_LANGUAGES, lexicon)))


def _is_own_name(hit: Hit, folded: Folded, tokens: Sequence[Token], identity: Identity) -> bool:
    """Whether the words are those of the company or the customer that the sender gave: a casino sends bills too."""
    if identity.company is None and identity.customer is None:
        return False
    first, last = hit.words[0]
    span = folded.span(tokens[first].start, tokens[last - 1].end)
    return any(
        name is not None and name.start <= span.start and span.end <= name.end
        for name in (identity.company, identity.customer)
    )


def _hits(words: list[str], likely: int, lexicon: Lexicon) -> Iterator[Hit]:
    """From left to right: the longest phrase that begins at each word, none over another."""
    longest, starts = lexicon.longest, lexicon.starts
    free = 0
    for at in [at for at, word in enumerate(words) if word in longest or word in starts]:
        found = _hit_at(words, at, likely, lexicon) if at >= free else None
        if found is not None:
            phrase, free = found
            muted = bool(lexicon.muted) and _is_muted(words, at, free, lexicon.muted)
            yield Hit(phrase, ((at, free),), muted)


def _is_muted(words: list[str], at: int, end: int, muted: frozenset[str]) -> bool:
    """Whether the phrase, or one of its words, is one that the user does not want counted."""
    return " ".join(words[at:end]) in muted or any(word in muted for word in words[at:end])


def _hit_at(words: list[str], at: int, likely: int, lexicon: Lexicon) -> tuple[Phrase, int] | None:
    """The longest phrase that begins at a word of the lexicon, and where it ends."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    begun = beginnings(word)
    best = _own_at(words, at, lexicon) if lexicon.own else None
    for size, key in begun.phrases.get(following, ()):
        if best is not None and at + size <= best[1]:
            break
        if size > 2 and " ".join(words[at : at + size]) != key:
            continue
        several = _row(lexicon.phrases[key], key, likely, several=True)
        if several is not None:
            best = several, at + size
            break
    if best is None and word in lexicon.phrases:
        alone = _row(lexicon.phrases[word], word, likely, several=False)
        best = (alone, at + 1) if alone is not None else None
    for position in begun.templates.get(following, ()):
        text, languages, category, weight, written = lexicon.templates[position]
        end = end_of(slots_of(written), words, at)
        # A phrase that is written out goes before a template of the same length: it was weighed by itself.
        if end and (
            best is None
            or end > best[1]
            or (end == best[1] and "{" in best[0].text and abs(weight) > abs(best[0].weight))
        ):
            best = Phrase(text, languages, category, weight), end
    return best


def _own_at(words: list[str], at: int, lexicon: Lexicon) -> tuple[Phrase, int] | None:
    """The longest of the user's own phrases that begins there."""
    for size in range(min(lexicon.longest.get(words[at], 0), len(words) - at), 0, -1):
        own = lexicon.own.get(" ".join(words[at : at + size]))
        if own is not None:
            return Phrase(own[0], ALL_LANGUAGES, OWN_CATEGORY, own[1], "profile"), at + size
    return None


def _row(rows: Sequence[tuple[str, int, str, float]], key: str, likely: int, *, several: bool) -> Phrase | None:
    """The row in a likely language that weighs most; a phrase of several words counts in every language."""
    best = None
    for row in rows:
        own = bool(row[1] & likely)
        if (own or several) and (best is None or (own, abs(row[3])) > (bool(best[1] & likely), abs(best[3]))):
            best = row
    return None if best is None else Phrase(best[0] or key, best[1], best[2], best[3])


def _classes_of(word: str, lexicon: Lexicon) -> Sequence[str]:
    found = lexicon.classes.get(word)
    if found is not None or len(word) < 4:
        return found or ()
    stems = lexicon.stems
    for size in range(min(len(word), 12), 3, -1):
        found = stems.get(word[:size])
        if found is not None:
            return found
    return ()


def _pairs(words: list[str], classes: Sequence[Sequence[str]], hits: Sequence[Hit], lexicon: Lexicon) -> list[Hit]:
    """Pairs of classes, each category once: where a phrase has said as much of that category, the pair adds nothing."""
    first_at: dict[str, int] = {}
    for at, kinds in enumerate(classes):
        for kind in kinds:
            first_at.setdefault(kind, at)
    if len(first_at) < 2:
        return []
    said: dict[str, float] = {}
    for hit in hits:
        said[hit.phrase.category] = max(said.get(hit.phrase.category, 0.0), hit.phrase.weight)
    # What one phrase says was weighed there: two of its words are no pair.
    owner = {at: number for number, hit in enumerate(hits) for low, high in hit.words for at in range(low, high)}
    best: dict[str, Hit] = {}
    for first, at in first_at.items():
        for second, category, weight in lexicon.pairs.get(first, ()):
            other = first_at.get(second)
            if other is None or other == at or weight <= said.get(category, 0.0):
                continue
            if at in owner and owner[at] == owner.get(other):
                continue
            before = best.get(category)
            if before is None or before.phrase.weight < weight:
                low, high = sorted((at, other))
                text = f"{words[low]} … {words[high]}"
                muted = bool(lexicon.muted) and (words[low] in lexicon.muted or words[high] in lexicon.muted)
                places = ((low, low + 1), (high, high + 1))
                best[category] = Hit(Phrase(text, ALL_LANGUAGES, category, weight), places, muted)
    return list(best.values())


def _discount(hits: Sequence[Hit], identity: Identity, *, document: bool) -> float:
    """What is left of words of debt and urgency beside what identifies the document."""
    kinds = len(identity.kinds)
    if not document or not kinds:
        return 1.0
    hard = any(h.phrase.category in _HARD and h.phrase.weight >= _HARD_WEIGHT and not h.muted for h in hits)
    if kinds >= 2 and (identity.has_name or kinds >= 3 or identity.number is not None):
        return 0.7 if hard else 0.3
    return 0.85 if hard else 0.6 if identity.has_name or identity.period or identity.date else 0.8


def _categories(hits: Sequence[Hit], folded: Folded, tokens: Sequence[Token], discount: float) -> Iterator[Part]:
    """Every hit as a part: of each category the strongest whole, two more in part, the rest seen and not counted."""
    by_category: dict[str, list[Hit]] = {}
    for hit in hits:
        by_category.setdefault(hit.phrase.category, []).append(hit)
    for category, own in by_category.items():
        own.sort(key=lambda hit: (hit.muted, -abs(hit.phrase.weight)))
        for rank, hit in enumerate(own):
            share = 1.0 if rank == 0 else _NEXT if rank < 3 else 0.0
            if category in _EXPLAINED and hit.phrase.weight > 0:
                share *= discount
            spans = tuple(folded.span(tokens[first].start, tokens[last - 1].end) for first, last in hit.words)
            yield Part(category, hit.phrase.weight * share, spans, hit.phrase, hit.muted)


def _identified(
    identity: Identity,
    folded: Folded,
    tokens: Sequence[Token],
    words: Sequence[str],
    hits: Sequence[Hit],
    *,
    document: bool,
) -> Iterator[Part]:
    """What identifies the document speaks for it; a document without anything that does is the fault."""
    kinds = identity.kinds
    if document and not kinds:
        yield Part("unidentified", 1.0, ())
    elif kinds:
        spans = tuple(
            dict.fromkeys(
                span
                for span in (
                    identity.number,
                    identity.period,
                    identity.date,
                    identity.company,
                    identity.customer,
                    identity.name,
                )
                if span is not None
            )
        )
        alone = kinds == ("number",)
        share = (0.5 if alone else 1.0 if len(kinds) == 1 else 1.6) * (1.0 if document else 0.5)
        yield Part("identified", share, spans)
    elif len(words) <= 2 and not hits:
        yield Part("content-free", 1.0, ())


def contributions(reading: Reading) -> tuple[Contribution, ...]:
    """The parts as they are told: the heaviest first, the base last."""
    subject = reading.subject
    told = []
    for part in reading.parts:
        points = points_of(part)
        phrase = part.phrase
        if phrase is None and not points:
            continue
        known = texts.FEATURES[part.feature]
        reason = known.reason
        if part.muted:
            reason = texts.MUTED
        matched = tuple([subject[span.start : span.end] for span in part.spans])
        source = (
            phrase.source
            if phrase
            else "context"
            if part.feature in texts.CONTEXT
            else "base"
            if part.feature == "base"
            else "form"
        )
        if part.muted:
            source = "profile"
        told.append(
            Contribution(
                part.feature,
                points,
                part.spans,
                matched,
                phrase.text if phrase else "",
                reason,
                known.hint if points > 0 else NO_TEXT,
                source,
            )
        )
    told.sort(key=lambda item: (item.feature == "base", -abs(item.points), item.spans))
    return tuple(told)
