"""Blocklists as a table: each list, what it says, and where to ask for removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.dnsbl.facts import BlocklistFacts
from deliverability.dnsbl.listing import Listing, State
from deliverability.dnsbl.lists import CodeState
from deliverability.render.documents import text_document
from deliverability.render.page import PASS_MARK, UNKNOWN_MARK, Page
from deliverability.render.safe import safe

TITLE = Text("What the blocklists say", "Qué dicen las listas de bloqueo")
STATES: Mapping[State, Text] = {
    State.LISTED: Text("listed", "incluido"),
    State.CLEAR: Text("clear", "no incluido"),
    State.REFUSED: Text("refused", "consulta rechazada"),
    State.DEAD: Text("not to be believed", "no es de fiar"),
    State.UNKNOWN: Text("no answer", "sin respuesta"),
}
ALLOWED = Text("trusted", "de confianza")
REMOVAL = Text("removal: {page}", "retirada: {page}")
NOT_ASKED = Text("No list was asked about it.", "No se consultó ninguna lista.")


def print_blocklists(page: Page, report: Report) -> None:
    """The table of a report; nothing where no list was asked."""
    facts = report.details.get("blocklists")
    if not isinstance(facts, BlocklistFacts):
        return
    page.heading(page.words(TITLE))
    if not facts.listings:
        page.line((page.words(NOT_ASKED), "dim"), indent=1)
    targets = dict.fromkeys(listing.target for listing in facts.listings)
    for target in targets:
        where = page.words(facts.where(target))
        page.line((safe(target), "bold"), (f"  {where}", "dim"), indent=1)
        _print_target(page, [one for one in facts.listings if one.target == target])


def _print_target(page: Page, listings: list[Listing]) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    clear = [one for one in listings if one.state is State.CLEAR and not page.verbose]
    for group in together([one for one in listings if one not in clear]):
        one = group[0]
        mark, style = _mark(one)
        word = page.words(ALLOWED if is_allowed(one) else STATES[one.state])
        names = ", ".join(safe(same.list.name) for same in group)
        table.add_row(Styled(mark, style=style), names, Styled(word, style=style), _said(page, one))
    if table.row_count:
        page.console.print(Padding(table, (0, 0, 0, 3)))
    if clear:
        names = ", ".join(safe(one.list.name) for one in clear)
        page.marked(PASS_MARK, f"{page.words(STATES[State.CLEAR])}: {names}", indent=3)


def together(listings: Sequence[Listing]) -> list[list[Listing]]:
    """Lists that could not be asked for the same reason in one group, every other by itself; in the order of the first."""
    groups: dict[object, list[Listing]] = {}
    for number, one in enumerate(listings):
        same = one.state not in (State.LISTED, State.CLEAR) and one.because and not one.reason
        groups.setdefault((one.target, one.state, one.because) if same else number, []).append(one)
    return list(groups.values())


def is_allowed(listing: Listing) -> bool:
    """Whether it is listed as trusted, which is a good thing."""
    return bool(listing.codes) and all(code.state is CodeState.ALLOWED for code in listing.codes)


def _mark(listing: Listing) -> tuple[str, str]:
    if listing.state is State.LISTED and not is_allowed(listing):
        return "✗", "bold red"
    return PASS_MARK if listing.state in (State.LISTED, State.CLEAR) else UNKNOWN_MARK


def _said(page: Page, listing: Listing) -> Styled:
    text = Styled()
    words = listing.meaning if listing.state in (State.LISTED, State.CLEAR) else listing.because
    text.append(page.words(words) if words else "")
    if listing.answers and listing.state is State.LISTED:
        text.append(f" ({safe(', '.join(listing.answers))})", style="dim")
    if listing.reason:
        text.append(f" {safe(listing.reason)}", style="dim")
    if listing.state is State.LISTED and not is_allowed(listing) and listing.list.delist:
        text.append("  " + page.words(REMOVAL, page=listing.list.delist), style="dim")
    return text


def blocklists_document(facts: BlocklistFacts) -> list[dict[str, Any]]:
    """Each list about each target as plain data; a user's key stands in none of it."""
    return [
        {
            "answers": list(one.answers),
            "because": text_document(one.because) if one.because else None,
            "delist": one.list.delist,
            "list": one.list.id,
            "meaning": text_document(one.meaning) if one.codes else None,
            "name": one.list.name,
            "reason": one.reason,
            "roles": [role.value for role in facts.roles.get(one.target, ())],
            "state": one.state.value,
            "target": one.target,
            "zone": one.list.shown_zone,
        }
        for one in facts.listings
    ]
