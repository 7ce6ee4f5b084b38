"""Comparisons as Markdown, for a comment under a proposed change: GitHub's dialect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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
from deliverability.render.markdown_text import cell, code, escape, fence, prose
from deliverability.render.safe import safe
from deliverability.render.sender_words import PROPOSED
from deliverability.render.senders_model import change_document

MARKS = {GOOD: "✅", BAD: "❌", WARN: "⚠️", NOTE: "ℹ️", OPEN: "❔", NONE: ""}


def render_comparisons(comparisons: Sequence[Comparison], *, lang: Lang = "en", quiet: bool = False, **_: Any) -> str:
    """The comparisons one after another; `quiet` leaves only the answers."""
    return "\n".join("\n".join(document_lines(document(c), lang, quiet=quiet)) + "\n" for c in comparisons)


def document_lines(whole: Document, lang: Lang, *, quiet: bool = False) -> list[str]:
    """One comparison as lines."""
    lines = [f"## {MARKS[whole.verdict.mark]} {_say(whole.title, lang)}".rstrip(), ""]
    lines += [f"**{' '.join(_say(one, lang) for one in whole.verdict.says)}**", ""]
    for one in whole.verdict.below:
        lines += [_say(one, lang), ""]
    if not quiet:
        for section in whole.sections:
            lines += section_lines(section, lang)
    return lines


def change_lines(report: Report, lang: Lang, *, quiet: bool) -> list[str]:
    """What a proposed change does."""
    change = report.details["before_after"]
    if not isinstance(change, BeforeAfter):
        return []
    lines = document_lines(change_document(report.subject, change), lang, quiet=quiet)
    return [*lines, f"*{prose(PROPOSED, lang)}:*", ""]


def section_lines(section: Section, lang: Lang) -> Iterator[str]:
    """A section with its heading."""
    yield from (f"### {_say(section.title, lang)}", "")
    if section.grid is not None:
        yield from (*_table(section.grid, lang), "")
    for line in section.lines:
        yield from _item(line, lang)
    yield ""


def _item(line: Line, lang: Lang) -> Iterator[str]:
    mark = f"{MARKS[line.mark]} " if MARKS[line.mark] else ""
    number = f"**{escape(safe(line.code))}** " if line.code else ""
    yield f"- {mark}{number}{' '.join(_say(one, lang) for one in line.says)}"
    yield from (f"  - {_say(one, lang)}" for one in line.below)
    went = [f"{sign} {value}" for sign, value in values(line)]
    if went:
        yield ""
        first, *rest = fence(went)
        yield from (f"  {text}" for text in (first.replace("text", "diff"), *rest))
        yield ""


def _table(grid: Grid, lang: Lang) -> Iterator[str]:
    yield "| | " + " | ".join(cell(prose(title, lang)) for title in grid.head) + " |"
    yield "| --- " * (len(grid.head) + 1) + "|"
    for row in grid.rows:
        cells = [cell(_say(one, lang)) for one in row.cells]
        if row.note is not None:
            cells[0] += f"<br>{cell(_say(row.note, lang))}"
        yield f"| {MARKS[row.mark]} | " + " | ".join(cells) + " |"


def _say(one: Say, lang: Lang) -> str:
    return prose(one.text, lang, one.args) or code("")
