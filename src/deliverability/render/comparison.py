"""Comparisons as terminal text: what changed in DNS, then what is new, lost, fixed; each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.padding import Padding
from rich.rule import Rule as Rule_
from rich.table import Table
from rich.text import Text as Styled

from deliverability.audits.effects import BeforeAfter
from deliverability.core.comparison import Comparison
from deliverability.core.report import Report
from deliverability.core.text import Lang
from deliverability.render.comparison_model import (
    BAD,
    GOOD,
    NONE,
    NOTE,
    OPEN,
    WARN,
    Document,
    Grid,
    Line,
    Say,
    Section,
    document,
    values,
)
from deliverability.render.page import Page, text_console
from deliverability.render.safe import safe, sentence
from deliverability.render.sender_words import PROPOSED
from deliverability.render.senders_model import change_document

_MARKS = {
    GOOD: ("✓", "green"),
    BAD: ("✗", "bold red"),
    WARN: ("!", "bold yellow"),
    NOTE: ("i", "bold blue"),
    OPEN: ("?", "bold magenta"),
    NONE: ("·", "dim"),
}
_STYLES = {"-": "red", "+": "green"}


def render_comparisons(
    comparisons: Sequence[Comparison],
    *,
    lang: Lang = "en",
    width: int = 80,
    color: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    **_: Any,
) -> str:
    """The comparisons one after another; `quiet` leaves only the answers."""
    page = Page(text_console(width, color=color), lang, verbose)
    for index, comparison in enumerate(comparisons):
        if index:
            page.blank()
        print_document(page, document(comparison), quiet=quiet)
    return page.result()


def print_change(page: Page, report: Report, *, quiet: bool) -> None:
    """What a proposed change does, above the report on the state that it leads to."""
    change = report.details["before_after"]
    if isinstance(change, BeforeAfter):
        print_document(page, change_document(report.subject, change), quiet=quiet)
        page.heading(page.words(PROPOSED))
        page.blank()


def print_document(page: Page, whole: Document, *, quiet: bool = False) -> None:
    """One comparison."""
    page.console.print(Rule_(Styled(_text(page, whole.title), style="bold"), align="left", style="dim"))
    print_line(page, whole.verdict, indent=0)
    if quiet:
        return
    for section in whole.sections:
        print_section(page, section)


def print_section(page: Page, section: Section) -> None:
    """A section with its heading."""
    page.heading(_text(page, section.title))
    if section.grid is not None:
        _print_grid(page, section.grid)
        if section.lines:
            page.blank()
    for line in section.lines:
        print_line(page, line)


def print_line(page: Page, line: Line, indent: int = 2) -> None:
    """A marked paragraph, what stands below it, and the values that went and came."""
    mark = _MARKS[line.mark]
    code = [(safe(line.code) + " ", "dim")] if line.code else []
    page.marked(mark, *code, page.prose(" ".join(_text(page, one) for one in line.says)), indent=indent)
    for one in line.below:
        page.line(page.prose(_text(page, one)), indent=indent + 2)
    for sign, value in values(line):
        page.marked((sign, _STYLES[sign]), (value, _STYLES[sign]), indent=indent + 2)


def _print_grid(page: Page, grid: Grid) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    for index in range(len(grid.head)):
        table.add_column(overflow="fold", ratio=5 if index == 0 else 3)
    table.add_row("", *(Styled(page.words(title), style="dim") for title in grid.head))
    for row in grid.rows:
        mark, style = _MARKS[row.mark]
        cells = [Styled(_text(page, cell)) for cell in row.cells]
        if row.note is not None:
            cells[0].append("\n" + _text(page, row.note), style="dim")
        table.add_row(Styled(mark, style=style), *cells)
    page.console.print(Padding(table, (0, 0, 0, 2)))


def _text(page: Page, one: Say) -> str:
    return sentence(one.text, page.lang, one.args)
