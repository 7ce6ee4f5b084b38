"""Links of an invoice that lead to paying, and those that lead to the invoice itself."""

from __future__ import annotations

import functools

from deliverability.content.letter.passages import fold
from deliverability.content.letter.words import phrases, words_of
from deliverability.content.links import Link
from deliverability.core.patterns import pattern
from deliverability.providers.payment import payment_processor

#: Characters of a link's text and address that are looked at.
_TEXT = 200
_URL = 500
_SEGMENTS = pattern(r"[/?&=#.:_\-]+")
#: Pages about paying that are no place to pay.
_ABOUT = pattern(r"\b(?:politica|policy|condiciones|terms|metodos|formas|ayuda|help|faq|como|how|aviso|plazo|plazos)\b")


@functools.cache
def _path_words() -> frozenset[str]:
    return frozenset(phrases("payment_link", "path"))


def payment_links(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Those that lead to paying: by what is shown, by a word of the address, or by whose site it is."""
    return tuple(link for link in links if _pays(link))


def _pays(link: Link) -> bool:
    text = fold(link.text[:_TEXT])
    if _ABOUT.search(text):
        return False
    if link.origin != "text" and words_of("payment_link", "text").search(text):
        return True
    address = link.target.url[:_URL].lower()
    words = set(_SEGMENTS.split(address))
    if words & _path_words():
        return True
    processor = payment_processor(link.target.host)
    return processor is not None and not link.target.host.startswith("www.") and len(words) > 3


def invoice_links(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Those that lead to the invoice, by what is shown."""
    return tuple(link for link in links if _shows_invoice(link))


def _shows_invoice(link: Link) -> bool:
    text = fold(link.text[:_TEXT])
    if link.origin != "text":
        return words_of("payment_link", "invoice").search(text) is not None
    return any(word in link.target.url[:_URL].lower() for word in ("factura", "invoice", "recibo", "boleta", "fatura"))
