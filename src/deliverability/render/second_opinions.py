"""What pyspf and checkdmarc say about the same answers, and who is right where we differ."""

from __future__ import annotations

from typing import Any

from rich.text import Text as Styled

from deliverability.core.text import Text
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, TermCount
from deliverability.render.counts import HEAD_OURS, HEAD_TERM, WAYS, WAYS_INTRO, table_of
from deliverability.render.documents import text_document
from deliverability.render.page import PASS_MARK, UNKNOWN_MARK, Page
from deliverability.render.safe import safe, sentence

TITLE = Text("Second opinions", "Segundas opiniones")
AGREE = Text("{tool} agrees on: {topics}", "{tool} coincide en: {topics}")
DIFFERENCE = Text(
    "{tool}, {topic} of {subject}: we say {ours}, it says {theirs}",
    "{tool}, {topic} de {subject}: aquí {ours}, allí {theirs}",
)
VERDICTS = {
    Right.OURS: Text("we are right", "tenemos razón nosotros"),
    Right.THEIRS: Text("it is right", "tiene razón la otra herramienta"),
    Right.EITHER: Text("both can be defended", "ambas lecturas son defendibles"),
}
_MARKS = {
    Right.OURS: ("≠", "cyan"),
    Right.THEIRS: ("≠", "bold red"),
    Right.EITHER: ("≈", "cyan"),
}


def print_second_opinions(page: Page, result: CrosscheckResult) -> None:
    """What agrees in a line for each tool, then every difference with its reason."""
    page.heading(page.words(TITLE))
    for run in result.tools:
        agreed = tuple(
            dict.fromkeys(sentence(row.topic, page.lang) for row in result.rows if row.tool == run.tool and row.agrees)
        )
        if agreed:
            page.marked(PASS_MARK, page.words(AGREE, tool=f"{run.tool} {run.version}", topics=agreed), indent=1)
        if run.failure:
            page.marked(UNKNOWN_MARK, f"{safe(run.tool)} {safe(run.version)}: {safe(run.failure)}", indent=1)
    for row in result.differences:
        _print_row(page, row)
        _print_counts(page, row)
    _print_ways(page, result)


def _print_row(page: Page, row: CrosscheckRow) -> None:
    head = page.words(DIFFERENCE, tool=row.tool, topic=row.topic, subject=row.subject, ours=row.ours, theirs=row.theirs)
    page.marked(_MARKS.get(row.right, UNKNOWN_MARK), (head, "bold"), indent=1)
    reason = Styled.assemble(page.words(VERDICTS[row.right]) if row.right in VERDICTS else "")
    if row.why:
        reason.append((": " if reason else "") + sentence(row.why, page.lang))
    if row.section:
        reason.append(f" ({safe(row.section)})", style="dim")
    page.line(reason, indent=3)
    if row.theirs_says:
        page.line((f"{safe(row.tool)}: {safe(row.theirs_says, 300)}", "dim"), indent=3)


def _print_counts(page: Page, row: CrosscheckRow) -> None:
    """The terms that both count, and why they differ where they do."""
    table = table_of(row, page.lang)
    if not table.lines:
        return
    ours, theirs = page.words(HEAD_OURS), safe(row.tool)
    left, right = len(ours), len(theirs)
    page.line((f"{ours}  {theirs}  {page.words(HEAD_TERM)}", "dim"), indent=3)
    for line in table.lines:
        differs = "bold yellow" if line.note else ""
        text = Styled.assemble(
            (f"{line.ours:>{left}}  {line.theirs:>{right}}  ", differs), "  " * line.depth, line.text
        )
        if line.note:
            text.append(f"  [{line.note}]", style="cyan")
        page.line(text, indent=3)
    for number, note in enumerate(table.notes, 1):
        page.marked((f"[{number}]", "cyan"), note.said(page.lang), indent=3)


def _print_ways(page: Page, result: CrosscheckResult) -> None:
    """What other tools may say, and what they count then."""
    if len(result.ways) < 2:
        return
    page.line((page.words(WAYS), "bold"), indent=1)
    page.line((page.words(WAYS_INTRO), "dim"), indent=3)
    width = max(len(str(way.count)) for way in result.ways)
    for way in result.ways:
        page.marked((f"{way.count:>{width}}", "cyan"), page.words(way.what), indent=3)


def second_opinions_document(result: CrosscheckResult) -> dict[str, Any]:
    """The comparison as plain data."""
    return {
        "rows": [
            {
                "ours": row.ours,
                "right": row.right.value,
                "section": row.section or None,
                "subject": row.subject,
                "terms": [_term(term) for term in row.terms],
                "theirs": row.theirs,
                "theirs_says": row.theirs_says or None,
                "tool": row.tool,
                "topic": text_document(row.topic),
                "why": text_document(row.why) if row.why else None,
            }
            for row in result.rows
        ],
        "tools": [{"failure": run.failure or None, "tool": run.tool, "version": run.version} for run in result.tools],
        "ways": [{"count": way.count, "what": text_document(way.what)} for way in result.ways],
    }


def _term(term: TermCount) -> dict[str, Any]:
    return {
        "depth": term.depth,
        "domain": term.domain,
        "ours": term.ours,
        "section": term.section or None,
        "term": term.term,
        "theirs": term.theirs,
        "why": text_document(term.why) if term.why else None,
    }
