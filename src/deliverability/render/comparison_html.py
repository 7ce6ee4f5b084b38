"""Comparisons as one HTML file, with the style sheet and the policy of the report (render/html.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deliverability.audits.effects import BeforeAfter
from deliverability.core.comparison import Comparison
from deliverability.core.report import Report
from deliverability.core.text import Lang, Text
from deliverability.render.comparison_model import GOOD, NONE, Document, Grid, Line, Say, Section, document, values
from deliverability.render.html import fragment, policy_for, style_sheet
from deliverability.render.html_markup import NEW_LINE, Child, Markup, el, join, raw
from deliverability.render.html_parts import View, marked, marked_items, section, table
from deliverability.render.html_pictures import mark
from deliverability.render.senders_model import change_document

_TITLE = Text("What changed for {subject}", "Qué ha cambiado en {subject}")
_TITLE_MANY = Text("What changed: {n} comparisons", "Qué ha cambiado: {n} comparaciones")
#: As in render/html.py.
_PAGE_CSS = "@page{margin:14mm}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}body{margin:0}"
_KINDS = {"-": "gone", "+": "new"}


def render_comparisons(
    comparisons: Sequence[Comparison], *, lang: Lang = "en", embed: bool = False, quiet: bool = False, **_: Any
) -> str:
    """The comparisons as one document; `embed` gives a fragment for a notebook, `quiet` leaves only the answers."""
    view = View.of(lang)
    body = el("main", *(_article(view, document(c), quiet=quiet) for c in comparisons), class_="reports")
    if embed:
        return fragment(body, lang)
    only = len(comparisons) == 1
    title = view.words(_TITLE, subject=comparisons[0].subject) if only else view.words(_TITLE_MANY, n=len(comparisons))
    return _page(body, title, lang)


def _page(body: Markup, title: str, lang: Lang) -> str:
    """A whole document, which may load and run nothing."""
    style = raw(_PAGE_CSS + style_sheet())
    meta = join(
        (
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=policy_for(style)),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="light dark"),
            el("meta", name="referrer", content="no-referrer"),
            el("title", title),
            el("style", style),
        ),
        NEW_LINE,
    )
    whole = el("html", el("head", meta), NEW_LINE, el("body", body, class_="dv"), lang=lang)
    return f"<!DOCTYPE html>\n{whole}\n"


def _article(view: View, whole: Document, *, quiet: bool) -> Markup:
    head = el("header", el("h1", _say(view, whole.title)), marked_items([_line(view, whole.verdict)]), class_="head")
    parts = () if quiet else tuple(section_markup(view, one) for one in whole.sections)
    return el("article", join((head, *parts), NEW_LINE))


def change_markup(view: View, report: Report, *, quiet: bool) -> Markup | None:
    """What a proposed change does, for the top of the report on the state that it leads to."""
    change = report.details["before_after"]
    if not isinstance(change, BeforeAfter):
        return None
    whole = change_document(report.subject, change)
    parts = () if quiet else tuple(section_markup(view, one) for one in whole.sections)
    return join((section(_plain(view, whole.title), marked_items([_line(view, whole.verdict)])), *parts), NEW_LINE)


def section_markup(view: View, one: Section) -> Markup:
    """A section with its heading."""
    grid = grid_markup(view, one.grid) if one.grid is not None else None
    lines = marked_items(_line(view, line) for line in one.lines) if one.lines else None
    return section(_plain(view, one.title), grid, lines)


def _line(view: View, line: Line) -> Markup:
    number = join((el("code", line.code), " ")) if line.code else None
    below = [el("p", _say(view, one), class_="quiet") for one in line.below]
    went = [el("pre", value, class_=_KINDS[sign]) for sign, value in values(line)]
    said = join((_say(view, one) for one in line.says), " ")
    return marked(line.mark or "none", "", el("div", number, said), *below, *went)


def grid_markup(view: View, grid: Grid) -> Markup:
    """The table."""
    rows: list[list[Child]] = []
    for row in grid.rows:
        first: list[Child] = [mark(row.mark if row.mark != NONE else GOOD), " ", _say(view, row.cells[0])]
        if row.note is not None:
            first += [el("br"), el("span", _say(view, row.note), class_="quiet")]
        rows.append([join(first), *(_say(view, cell) for cell in row.cells[1:])])
    return table([view.words(title) for title in grid.head], rows)


def _say(view: View, one: Say) -> Markup:
    return view.prose(one.text, one.args)


def _plain(view: View, one: Say) -> str:
    return view.words(one.text, **one.args)
