"""Blocklists in an HTML report: a table for each target, what each list says, and where to ask for removal."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.dnsbl.facts import BlocklistFacts
from deliverability.dnsbl.listing import Listing, State
from deliverability.dnsbl.lists import lists
from deliverability.render import blocklists as words
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import ARGUMENT, NAME, View, chip, section, table
from deliverability.render.html_pictures import mark
from deliverability.render.safe import safe

LIST, SAYS, ABOUT = Text("List", "Lista"), Text("Says", "Dice"), Text("Meaning", "Significado")
ASK_REMOVAL = Text("Ask for removal", "Pedir la retirada")
TARGETS_MORE = Text("{n} more, in the JSON report", "{n} más, en el informe en JSON")
_MOST_TARGETS = 40


def blocklists(view: View, report: Report) -> Markup | None:
    """The tables; None where no list was asked."""
    facts = report.details.get("blocklists")
    if not isinstance(facts, BlocklistFacts):
        return None
    by_target: dict[str, list[Listing]] = {}
    for listing in facts.listings:
        by_target.setdefault(listing.target, []).append(listing)
    parts: list[Child] = [] if by_target else [el("p", view.words(words.NOT_ASKED))]
    for target, listings in list(by_target.items())[:_MOST_TARGETS]:
        where = view.words(facts.where(target))
        parts.append(el("h3", safe(target, NAME), " ", el("small", where)))
        parts.append(listing_table(view, listings))
    more = len(by_target) - _MOST_TARGETS
    parts.append(el("p", view.words(TARGETS_MORE, n=more), class_="quiet") if more > 0 else None)
    return section(view.words(words.TITLE), *parts)


def listing_table(view: View, listings: Sequence[Listing]) -> Markup:
    """What each list says about one target; those that say most come first."""
    order = (State.LISTED, State.DEAD, State.REFUSED, State.UNKNOWN, State.CLEAR)
    rows = [_row(view, one) for one in sorted(listings, key=lambda one: order.index(one.state))]
    return table([view.words(LIST), view.words(SAYS), view.words(ABOUT)], rows, class_="lists")


def _row(view: View, listing: Listing) -> list[Child]:
    allowed = words.is_allowed(listing)
    listed = listing.state is State.LISTED and not allowed
    kind = "bad" if listed else "good" if listing.state in (State.LISTED, State.CLEAR) else "open"
    word = view.words(words.ALLOWED if allowed else words.STATES[listing.state])
    return [safe(listing.list.name, NAME), chip(kind, mark(kind), " ", word), _about(view, listing, listed=listed)]


def _about(view: View, listing: Listing, *, listed: bool) -> Markup:
    parts: list[Child] = []
    said = listing.meaning if listing.state in (State.LISTED, State.CLEAR) else listing.because
    if said:
        parts.append(view.prose(said))
    if listing.answers and listing.state is State.LISTED:
        parts.append(el("span", f"({safe(', '.join(listing.answers[:10]), ARGUMENT)})", class_="quiet"))
    if listing.reason:
        parts.append(el("span", safe(listing.reason, NAME), class_="quiet"))
    if listed and listing.list.delist:
        parts.append(_removal(view, listing.list.delist))
    return join(parts, " ")


def _removal(view: View, page: str) -> Markup:
    """A link only to the pages of our own table; where a list of the user's is removed is shown as text."""
    if page not in _our_pages():
        return el("span", view.words(words.REMOVAL, page=page))
    return el("a", view.words(ASK_REMOVAL), href=page, rel="noopener noreferrer", title=page)


@functools.cache
def _our_pages() -> frozenset[str]:
    return frozenset(one.delist for one in lists() if one.delist.startswith("https://"))
