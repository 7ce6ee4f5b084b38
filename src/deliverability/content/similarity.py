"""How much of one text stands in another: words counted, in time linear in both."""

from __future__ import annotations

from collections import Counter

from deliverability.core.patterns import pattern

#: Words of one text that are compared.
_WORDS = 200_000
_WORD = pattern(r"[^\W_]+")
_ADDRESS = pattern(r"(?:https?://|www\.|mailto:)\S++|\[(?:cid|image|http)[^\]\n]{0,300}\]", 2)


def words_of(text: str) -> Counter[str]:
    """The words of a text, each with its number of times: lower case, web addresses left out."""
    return Counter(_WORD.findall(_ADDRESS.sub(" ", text).lower())[:_WORDS])


def similarity(one: str, other: str) -> float:
    """The share of words that both texts have in common, 0 to 1, by the shorter of the two (overlap coefficient).

    A text part may leave out the links and footers of the HTML, or add them: what counts is that the shorter says nothing
    that the longer does not. Two texts without words are the same.
    """
    first, second = words_of(one), words_of(other)
    total = min(first.total(), second.total())
    if not total:
        return 1.0 if first.total() == second.total() else 0.0
    smaller, larger = (first, second) if len(first) <= len(second) else (second, first)
    common = sum(min(number, larger.get(word, 0)) for word, number in smaller.items())
    return common / total
