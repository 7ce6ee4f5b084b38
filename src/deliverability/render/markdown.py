"""The report as Markdown, for a comment under a proposed change, a job's summary or a ticket: GitHub's dialect.

The order is that of the terminal: the verdict, what to do, what could not be told, what is worth knowing, the tables, and
folded away what was checked.
Whatever came from outside stands in code (see `markdown_text`), so the only links and tags are those written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from deliverability.core.changes import HeaderChange, RecordChange
from deliverability.core.finding import Finding, Severity
from deliverability.core.report import Action, Report
from deliverability.core.text import ArgValue, Lang, Text
from deliverability.render import expired, words
from deliverability.render.markdown_details import details_lines, not_told_lines
from deliverability.render.markdown_opinions import opinion_lines
from deliverability.render.markdown_table import checked_lines, place_name, rule_code, where
from deliverability.render.markdown_text import Markdown, code, escape, fence, prose
from deliverability.render.page import Page, text_console
from deliverability.render.places import title_of
from deliverability.render.safe import safe
from deliverability.render.terminal import answer_of, areas_of, ask_again, counts, in_a_sentence, main_unknown
from deliverability.render.todo import aimed_at, by_advice, in_order, is_own, own_findings, told_by_their_cause
from deliverability.render.verdict import Verdict, is_parked, main_finding, verdict_of, weight
from deliverability.render.zone_text import added_lines, removed_lines

MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}
VERDICT_MARKS = {
    Verdict.NO: "❌",
    Verdict.SET_ASIDE: "⚠️",
    Verdict.CANNOT_TELL: "❔",
    Verdict.MOSTLY: "⚠️",
    Verdict.YES: "✅",
    Verdict.NOTHING: "❔",
}
LEFT_OUT = Text(
    "Reports that do not fit here: {n}. The exit code counts them, and the other formats hold them.",
    "Informes que aquí no caben: {n}. Cuentan en el código de salida y están en los demás formatos.",
)
CUT = Text(
    "What was checked does not fit here; the other formats hold it.",
    "Lo que se ha comprobado no cabe aquí; está en los demás formatos.",
)
#: Evidence and further subjects of one finding that are written down.
_MOST_EVIDENCE = 2
_MOST_SUBJECTS = 10


def render_reports(
    reports: Sequence[Report], *, lang: Lang = "en", quiet: bool = False, limit: int = 0, **_: Any
) -> str:
    """The reports one after another; `quiet` leaves the verdicts, `limit` is the most octets that there is room for.

    GitHub takes 65,536 characters in a comment and 1 MiB in a job's summary. What does not fit is left out with a word:
    first the checks, then what to do, then whole reports.
    """
    whole = "\n".join("\n".join(report_lines(report, lang, quiet=quiet)) + "\n" for report in reports)
    if not limit or len(whole.encode()) <= limit:
        return whole
    return _cut(reports, lang, limit)


def _cut(reports: Sequence[Report], lang: Lang, limit: int) -> str:
    """As much as there is room for; every report that is there at all has its verdict."""
    room = limit - 400  # for the word on what was left out
    parts: list[str] = []
    for index, report in enumerate(reports):
        for lines in (
            report_lines(report, lang),
            [*report_lines(report, lang, checks=False), f"*{prose(CUT, lang)}*", ""],
            report_lines(report, lang, quiet=True),
        ):
            text = "\n".join(lines) + "\n"
            if len(text.encode()) <= room:
                break
        else:
            parts.append(f"*{prose(LEFT_OUT, lang, {'n': len(reports) - index})}*\n")
            break
        room -= len(text.encode()) + 1
        parts.append(text)
    return "\n".join(parts)


def report_lines(report: Report, lang: Lang, *, quiet: bool = False, checks: bool = True) -> list[str]:
    """One report as lines of Markdown."""
    page = Page(text_console(80, color=False), lang, pages=report.pages)
    lines = [*_before_after(report, lang, quiet=quiet), *_verdict(page, report), *_expired(report, lang, quiet=quiet)]
    if quiet:
        return lines
    lines += [line for note in report.notes for line in (f"> ❔ {prose(note, lang, outside=True)}", "")]
    lines += [*_todo(page, report), *not_told_lines(page, report), *_notes(page, report), *details_lines(page, report)]
    return [*lines, *opinion_lines(page, report), *checked_lines(page, report)] if checks else lines


def _before_after(report: Report, lang: Lang, *, quiet: bool) -> list[str]:
    """What a proposed change does, above the report on the state that it leads to."""
    if "before_after" not in report.details:
        return []
    from deliverability.render.comparison_markdown import change_lines  # noqa: PLC0415 - only where there is one

    return change_lines(report, lang, quiet=quiet)


def _expired(report: Report, lang: Lang, *, quiet: bool) -> Iterator[str]:
    """Ignores whose day is over; what fails the gate is told however short the report is."""
    for entry in report.expired_ignores:
        if entry.fails or not quiet:
            at = [code(f"{entry.file}:{entry.line}")] if entry.file and entry.line else []
            title, advice = (prose(text, lang, entry.args) for text in (entry.title, entry.advice))
            yield f"> {MARKS[expired.SEVERITIES[entry.state]]} {title}. {advice}{''.join(f' ({place})' for place in at)}"
            yield ""


def _say(page: Page, text: Text, **args: ArgValue) -> Markdown:
    return prose(text, page.lang, args)


def _verdict(page: Page, report: Report) -> Iterator[str]:
    verdict = verdict_of(report)
    asked = words.QUESTION_PARKED if is_parked(report) else words.QUESTION
    question = _say(page, words.QUESTIONS.get(report.kind, asked), domain=report.subject)
    yield f"## {VERDICT_MARKS[verdict]} {code(title_of(report))}"
    yield ""
    yield f"{question} **{escape(answer_of(page, report, verdict))}** {_reason(page, report, verdict)}".rstrip()
    yield ""
    yield escape(counts(page, report)) + "  "
    yield _score(page, report)
    areas = areas_of(page, report)
    yield from ["", escape(" · ".join(areas))] if len(areas) > 1 and report.score.value is not None else []
    yield ""


def _reason(page: Page, report: Report, verdict: Verdict) -> str:
    if verdict in (Verdict.NO, Verdict.MOSTLY):
        worst = main_finding(report)
        title = in_a_sentence(prose(worst.rule.title, page.lang, worst.args).rstrip("."))
        return _say(page, words.MAIN_PROBLEM, title=Markdown(title))
    if verdict is Verdict.SET_ASIDE:
        codes = dict.fromkeys(item.finding.code for item in report.ignored if item.finding.severity is Severity.ERROR)
        return _say(page, words.STILL_STANDS, codes=Markdown(", ".join(codes)))
    if verdict is Verdict.CANNOT_TELL:
        unknown = _say(page, words.MAIN_UNKNOWN, label=Markdown(escape(main_unknown(page, report))))
        return f"{unknown} {_say(page, ask_again(report))}"
    return _say(page, words.ALL_HOLDS) if verdict is Verdict.YES else ""


def _score(page: Page, report: Report) -> str:
    score = report.score
    coverage = Markdown(page.words(words.PERCENT, n=int(score.coverage * 100)))  # never 100 for less than all
    if score.value is None or score.grade is None:
        return _say(page, words.NO_SCORE, coverage=coverage)
    text = _say(page, words.SCORE, value=score.value, grade=Markdown(score.grade), coverage=coverage)
    capped = f" {_say(page, words.CAPPED, codes=Markdown(', '.join(score.capped_by)))}" if score.capped_by else ""
    return f"**{text}** {_say(page, words.DISCLAIMER_SHORT)}{capped}"


def _todo(page: Page, report: Report) -> Iterator[str]:
    rest, follow = _not_mended(report)
    steps = in_order(report, by_advice(f for f in rest if f.severity is not Severity.INFO))
    if steps:
        yield from (f"### {_say(page, words.WHAT_TO_DO)}", "")
    before = report.score.value
    for number, step in enumerate(steps, 1):
        if isinstance(step, Action):
            yield from _numbered(number, _action(page, report, step, before))
            before = step.score_after
        else:
            yield from _numbered(number, _finding(page, report, step, follow.get(step[0].code, ())))
    serious = [step for step in steps if not isinstance(step, Action)]
    if serious and not page.pages.template:  # else the codes are links
        yield from (_say(page, words.MORE_ON, more=page.pages.more(serious[0][0].code, page.lang)), "")


def _not_mended(report: Report) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """The findings that no action mends, the weightiest first, and by code what follows from each."""
    left = (f for f in own_findings(report) if not any(action.mends(f) for action in report.actions))
    return told_by_their_cause(sorted(left, key=weight))


def _notes(page: Page, report: Report) -> Iterator[str]:
    notes = by_advice(f for f in _not_mended(report)[0] if f.severity is Severity.INFO)
    if notes:
        yield from (f"### {_say(page, words.ALSO)}", "", *(_note(page, group) for group in notes), "")


def _numbered(number: int, lines: Iterator[str]) -> Iterator[str]:
    """An item of the list with all that belongs to it indented, so that it stays in the item."""
    head = f"{number}. "
    for index, line in enumerate(lines):
        yield (head if index == 0 else " " * len(head)) + line if line else ""


def _action(page: Page, report: Report, action: Action, before: int | None) -> Iterator[str]:
    yield f"**{_action_title(page, report, action)}**{_step(page, action, before)}"
    solved = [group[0] for group in by_advice(f for f in own_findings(report) if action.mends(f))]
    for finding in solved:
        yield _item(
            page, words.SOLVES, f"{MARKS[finding.severity]} **{rule_code(page, finding.code)}** {_title(page, finding)}"
        )
    if solved:
        yield from _advice(page, aimed_at(action, solved))
    if action.introduces:
        yield _item(page, words.INTRODUCES, ", ".join(action.introduces))
    yield ""
    for change in action.changes:
        yield from _change(page, change, own=is_own(report, change))


def _action_title(page: Page, report: Report, action: Action) -> str:
    first = action.changes[0]
    if not is_own(report, first):
        title = words.ASK_TITLE
    elif first.add:
        title = words.REPLACE_TITLE if first.remove else words.PUBLISH_TITLE
    else:
        title = words.REMOVE_TITLE
    text = _say(page, title, type=Markdown(first.type), name=first.name)
    more = len(action.changes) - 1
    return _say(page, words.AND_MORE, title=text, n=more) if more else text


def _step(page: Page, action: Action, before: int | None) -> str:
    if action.score_after is None or before == action.score_after:
        return ""
    if before is None:
        return f" ({_say(page, words.SCORE_AFTER, after=action.score_after)})"
    return f" ({_say(page, words.SCORE_STEP, before=before, after=action.score_after)})"


def _finding(page: Page, report: Report, group: Sequence[Finding], follow: Sequence[Finding]) -> Iterator[str]:
    finding = group[0]
    yield f"{MARKS[finding.severity]} **{rule_code(page, finding.code)}** **{_title(page, finding)}**"
    if finding.consequence_of:
        yield f"- {_say(page, words.FOLLOWS, cause=Markdown(finding.consequence_of))}"
    yield from _advice(page, finding)
    for item in finding.evidence[:_MOST_EVIDENCE]:
        yield _item(page, words.SEEN, where(page, item))
    others = [place_name(page, other.subject) for other in group[1:]]
    if others:
        yield f"- {_say(page, words.ONE_OF_SEVERAL, subjects=Markdown(_some(page, others)))}"
    for same in by_advice(follow):
        yield _item(
            page, words.HENCE, f"{MARKS[same[0].severity]} **{rule_code(page, same[0].code)}** {_title(page, same[0])}"
        )
    yield ""
    if finding.fix:
        for change in finding.fix.changes:
            yield from _change(page, change, own=is_own(report, change))
        yield from _headers(page, finding.fix.headers)


def _some(page: Page, labels: Sequence[str]) -> str:
    if len(labels) <= _MOST_SUBJECTS + 1:
        return ", ".join(labels)
    shown = Markdown(", ".join(labels[:_MOST_SUBJECTS]))
    return _say(page, words.LABELS_MORE, labels=shown, n=len(labels) - _MOST_SUBJECTS)


def _title(page: Page, finding: Finding) -> str:
    return prose(finding.rule.title, page.lang, finding.args)


def _item(page: Page, label: Text, markdown: str) -> str:
    return f"- *{_say(page, label)}:* {markdown}"


def _advice(page: Page, finding: Finding) -> Iterator[str]:
    yield _item(page, words.WHO, _say(page, words.ACTORS[finding.rule.actor]))
    yield _item(page, words.WHY, prose(finding.rule.why, page.lang, finding.args))
    yield _item(page, words.DO, prose(finding.rule.fix, page.lang, finding.args))


def _note(page: Page, group: Sequence[Finding]) -> str:
    last = group[-1]
    titles = list(dict.fromkeys(_title(page, finding) for finding in group))
    shown = "; ".join(titles[:_MOST_SUBJECTS])
    if len(titles) > _MOST_SUBJECTS:
        shown = _say(page, words.LABELS_MORE, labels=Markdown(shown), n=len(titles) - _MOST_SUBJECTS)
    return f"- {MARKS[last.severity]} **{rule_code(page, last.code)}** {shown.rstrip('.')}. {prose(last.rule.fix, page.lang, last.args)}"


def _change(page: Page, change: RecordChange, *, own: bool) -> Iterator[str]:
    removed, added = [safe(line) for line in removed_lines(change)], added_lines(change)
    if removed:
        one, many = (words.REPLACE, words.REPLACE_MANY) if added else (words.REMOVE, words.REMOVE_MANY)
        yield from _block(page, one if len(removed) == 1 else many, removed)
    if added:
        one, many = (words.BY_THIS, words.BY_THESE) if removed else (words.PUBLISH, words.PUBLISH_MANY)
        if not own:
            one = many = words.ASK_TO_PUBLISH
        yield from _block(page, one if len(added) == 1 else many, added)


def _headers(page: Page, changes: Sequence[HeaderChange]) -> Iterator[str]:
    written = [safe(f"{change.name}: {change.value}") for change in changes if not change.drop]
    dropped = list(dict.fromkeys(change.name for change in changes if change.drop))
    if written:
        yield from _block(page, words.HEADER_LINE if len(written) == 1 else words.HEADER_LINES, written)
    if dropped:
        yield from (f"{_say(page, words.DROP_HEADER, names=tuple(dropped))}", "")


def _block(page: Page, title: Text, lines: Sequence[str]) -> Iterator[str]:
    yield from (_say(page, title), "", *fence(lines), "")
