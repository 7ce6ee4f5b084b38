"""Second opinions as Markdown: a table of differences, and each count beside the other tool's."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow
from deliverability.render.counts import HEAD_OURS, HEAD_TERM, WAYS, WAYS_INTRO, Line, table_of
from deliverability.render.markdown_table import table
from deliverability.render.markdown_text import Markdown, code, escape, prose
from deliverability.render.page import Page
from deliverability.render.second_opinions import AGREE, DIFFERENCE, TITLE, VERDICTS


def opinion_lines(page: Page, report: Report) -> Iterator[str]:
    """What pyspf, checkdmarc and dkimpy say about the same answers; nothing where they were not asked."""
    result = report.details.get("crosscheck")
    if not isinstance(result, CrosscheckResult):
        return
    lang = page.lang
    yield from (f"<details><summary>{prose(TITLE, lang)}</summary>", "")
    for run in result.tools:
        rows = [row for row in result.rows if row.tool == run.tool and row.agrees]
        topics = tuple(dict.fromkeys(row.topic.format(lang) for row in rows))
        if topics:
            yield f"- ✅ {prose(AGREE, lang, {'tool': f'{run.tool} {run.version}', 'topics': topics})}"
        if run.failure:
            yield f"- ❔ {escape(run.tool)} {escape(run.version)}: {code(run.failure)}"
    for row in result.differences:
        yield from _difference(page, row)
    yield ""
    if len(result.ways) > 1:
        yield from (f"**{prose(WAYS, lang)}.** {prose(WAYS_INTRO, lang)}", "")
        yield from (f"- {way.count}: {prose(way.what, lang)}" for way in result.ways)
        yield ""
    yield from ("</details>", "")


def _difference(page: Page, row: CrosscheckRow) -> Iterator[str]:
    lang = page.lang
    head: dict[str, str | Text] = {
        "tool": row.tool,
        "topic": row.topic,
        "subject": row.subject,
        "ours": row.ours,
        "theirs": row.theirs,
    }
    parts = [prose(DIFFERENCE, lang, head), *([prose(VERDICTS[row.right], lang)] if row.right in VERDICTS else [])]
    why = f": {prose(row.why, lang)}" if row.why else ""
    yield f"- {'; '.join(parts)}{why}{f' ({escape(row.section)})' if row.section else ''}"
    if row.theirs_says:
        yield f"  {code(row.theirs_says)}"
    found = table_of(row, lang)
    if not found.lines:
        return
    yield ""
    for line in table(
        [prose(HEAD_OURS, lang), escape(row.tool), prose(HEAD_TERM, lang), ""],
        ([str(line.ours), str(line.theirs), _text(line), _note(line.note)] for line in found.lines),
    ):
        yield f"  {line}" if line else ""
    for number, note in enumerate(found.notes, 1):
        yield f"  [{number}] {prose(note.why, lang)}{f' ({escape(note.section)})' if note.section else ''}  "
    yield ""


def _text(line: Line) -> str:
    return Markdown("&nbsp;" * 2 * line.depth + code(line.text)) if line.quoted else escape(line.text)


def _note(number: int) -> str:
    return f"[{number}]" if number else ""
