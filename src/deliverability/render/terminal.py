"""The report for people: the verdict, then what to do in order of effect, then what was checked."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text as Styled

from deliverability.core.facts import MessageOverview
from deliverability.core.finding import Severity
from deliverability.core.names import to_unicode
from deliverability.core.patterns import pattern
from deliverability.core.report import Report
from deliverability.core.rule_pages import RulePages, rule_pages
from deliverability.core.text import Lang, Text
from deliverability.crosscheck.rows import CrosscheckResult
from deliverability.render import expired, words
from deliverability.render.checked import by_family, family_of, print_checked
from deliverability.render.page import MARKS, UNKNOWN_MARK, Page, text_console
from deliverability.render.safe import safe, sentence
from deliverability.render.second_opinions import print_second_opinions
from deliverability.render.todo import ROLL_UPS, own_findings, print_todo
from deliverability.render.verdict import Verdict, is_parked, main_finding, matters, nobody_asked, verdict_of

_STYLES = {
    Verdict.NO: ("✗", "bold red"),
    Verdict.SET_ASIDE: ("!", "bold yellow"),
    Verdict.CANNOT_TELL: UNKNOWN_MARK,
    Verdict.MOSTLY: ("!", "bold yellow"),
    Verdict.YES: ("✓", "bold green"),
    Verdict.NOTHING: UNKNOWN_MARK,
}
_ANSWERS = {
    Verdict.NO: words.NO,
    Verdict.SET_ASIDE: words.SET_ASIDE,
    Verdict.CANNOT_TELL: words.CANNOT_TELL,
    Verdict.MOSTLY: words.MOSTLY,
    Verdict.YES: words.YES,
    Verdict.NOTHING: words.NOTHING,
}
_MAIN_UNKNOWNS = 3
#: Names that titles begin with and that keep their capital.
_NAMES = frozenset(
    ["Gmail", "Google", "Microsoft", "Outlook", "Yahoo", "Date", "From", "Sender", "Subject", "To", "Cc"]
)


def render_reports(
    reports: Sequence[Report],
    *,
    lang: Lang = "en",
    width: int = 80,
    color: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    hyperlinks: bool = False,
    **_: Any,
) -> str:
    """The reports as terminal text; `quiet` leaves only the verdicts, with `hyperlinks` codes lead to their pages."""
    told = next((report.rule_pages for report in reports), None)
    # The package's metadata, which take their time, are read for links only.
    pages = rule_pages(told) if hyperlinks else RulePages(told or "")
    page = Page(text_console(width, color=color), lang, verbose, pages=pages, hyperlinks=hyperlinks)
    print_reports(page, reports, quiet=quiet)
    return page.result()


def print_reports(page: Page, reports: Sequence[Report], *, quiet: bool = False) -> None:
    """Write the reports on a page."""
    for index, report in enumerate(reports):
        if index:
            page.blank()
        print_report(page, report, quiet=quiet)
    if len(reports) > 1:
        _print_summary(page, reports)


def print_report(page: Page, report: Report, *, quiet: bool = False) -> None:
    """Write one report; of a proposed change first what it does."""
    if "before_after" in report.details:
        from deliverability.render.comparison import print_change  # noqa: PLC0415 - as in _print_tables

        print_change(page, report, quiet=quiet)
    _print_verdict(page, report)
    _print_expired(page, report, quiet=quiet)
    if quiet:
        return
    _print_notes(page, report)
    print_todo(page, report)
    _print_tables(page, report)
    if report.kind != "blocklist" or page.verbose:  # the table has said it all
        print_checked(page, report)
    crosscheck = report.details.get("crosscheck")
    if isinstance(crosscheck, CrosscheckResult):
        print_second_opinions(page, crosscheck)


def _print_tables(page: Page, report: Report) -> None:
    """What only some reports have; each is loaded with what it shows, which a report on a domain does without."""
    if report.kind == "message":
        from deliverability.render.message import print_message  # noqa: PLC0415

        print_message(page, report)
    if "blocklists" in report.details:
        from deliverability.render.blocklists import print_blocklists  # noqa: PLC0415

        print_blocklists(page, report)
    if "reputation" in report.details:
        from deliverability.render.reputation import print_reputation  # noqa: PLC0415

        print_reputation(page, report)


def _print_verdict(page: Page, report: Report) -> None:
    page.console.print(Line(Styled(_title(report), style="bold"), align="left", style="dim"))
    verdict = verdict_of(report)
    if report.kind == "message":
        from deliverability.render.message import print_overview  # noqa: PLC0415 - as in _print_tables

        print_overview(page, report)
    asked = words.QUESTION_PARKED if is_parked(report) else words.QUESTION
    asked = words.QUESTIONS.get(report.kind, asked)
    question = page.words(asked, domain=report.subject)
    page.marked(_STYLES[verdict], question + " ", (answer_of(page, report, verdict), _STYLES[verdict][1]))
    reason = _reason(page, report, verdict)
    if reason:
        page.line(reason, indent=2)
    page.line(counts(page, report), indent=2)
    _print_score(page, report)


def _title(report: Report) -> str:
    """The name of the file, if there is one, and the domain as it is written and as it is read."""
    name = safe(report.subject)
    readable = safe(to_unicode(report.subject))
    title = name if readable == name else f"{name} ({readable})"
    overview = report.details.get("message")
    return f"{safe(overview.name)} · {title}" if isinstance(overview, MessageOverview) and overview.name else title


def answer_of(page: Page, report: Report, verdict: Verdict) -> str:
    """The answer to the question above the report."""
    if verdict is Verdict.SET_ASIDE and any(finding.severity is not Severity.INFO for finding in report.findings):
        return page.words(words.SET_ASIDE_BUT)
    if verdict is Verdict.YES and report.score.value is None:
        return page.words(words.YES_SO_FAR)
    if verdict is Verdict.YES and report.kind in words.YES_OF:
        return page.words(words.YES_OF[report.kind])
    return page.words(_ANSWERS[verdict])


def _reason(page: Page, report: Report, verdict: Verdict) -> str:
    if verdict in (Verdict.NO, Verdict.MOSTLY):
        worst = main_finding(report)
        title = sentence(worst.rule.title, page.lang, worst.args).rstrip(".")
        return page.words(words.MAIN_PROBLEM).replace("{title}", in_a_sentence(title))
    if verdict is Verdict.SET_ASIDE:
        codes = dict.fromkeys(item.finding.code for item in report.ignored if item.finding.severity is Severity.ERROR)
        return page.words(words.STILL_STANDS, codes=page.some(list(codes), _MAIN_UNKNOWNS))
    if verdict is Verdict.CANNOT_TELL:
        return page.words(words.MAIN_UNKNOWN, label=main_unknown(page, report)) + " " + page.words(ask_again(report))
    return page.words(words.ALL_HOLDS) if verdict is Verdict.YES else ""


def ask_again(report: Report) -> Text:
    """What to do about a verdict that nobody can give yet."""
    return words.NOBODY_ASKED if nobody_asked(report) else words.ASK_AGAIN


def in_a_sentence(title: str) -> str:
    """A title as it stands after a colon: its first word in lower case, unless it is a name or an abbreviation."""
    first, space, rest = title.partition(" ")
    plain = first.isalpha() and first[1:].islower() and first not in _NAMES
    return f"{first.lower()}{space}{rest}" if plain or first in ("A", "Y") else title


def main_unknown(page: Page, report: Report) -> str:
    """What could not be told and might have been an error, the topics that decide first; at most three."""
    order = list(by_family(report.checked))
    rules = [rule for rule, _ in report.unknowns if matters(rule)]
    rules.sort(key=lambda rule: (order.index(family_of(rule)), rule.code))
    labels = list(dict.fromkeys(sentence(rule.label, page.lang) for rule in rules))
    return page.some(labels, _MAIN_UNKNOWNS)


def counts(page: Page, report: Report) -> str:
    """`2 errors, 1 warning; 3 checks could not be told; 40 passed`."""
    found: list[str] = []
    for severity in Severity:
        n = sum(f.severity is severity for f in own_findings(report))
        if n:
            found.append(page.words(words.COUNT_ONE[severity] if n == 1 else words.COUNT_MANY[severity], n=n))
    parts = [", ".join(found) or page.words(words.NO_FINDINGS)]
    unknown = len({rule.code for rule, _ in report.unknowns if not rule.code.startswith(ROLL_UPS)})
    if unknown:
        parts.append(page.words(words.UNKNOWN_ONE if unknown == 1 else words.UNKNOWN_MANY, n=unknown))
    passed = len({rule.code for rule, _ in report.passed})
    parts.append(page.words(words.PASSED_ONE if passed == 1 else words.PASSED_MANY, n=passed))
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _print_score(page: Page, report: Report) -> None:
    score = report.score
    coverage = page.words(words.PERCENT, n=int(score.coverage * 100))  # never 100 for less than all
    if score.value is None or score.grade is None:
        page.line(page.words(words.NO_SCORE, coverage=coverage), indent=2)
        return
    text = page.words(words.SCORE, value=score.value, grade=score.grade, coverage=coverage)
    page.line((text, "bold"), " ", (page.words(words.DISCLAIMER_SHORT), "dim"), indent=2)
    if score.capped_by:
        page.line((page.words(words.CAPPED, codes=score.capped_by), "dim"), indent=2)
    if len(score.areas) > 1:
        page.line((" · ".join(areas_of(page, report)), "dim"), indent=2)


def areas_of(page: Page, report: Report) -> list[str]:
    """The name of each area with its number."""
    return [
        f"{page.words(words.AREAS[area.area])} {page.words(words.NO_DATA) if area.value is None else area.value}"
        for area in report.score.areas
    ]


def _print_expired(page: Page, report: Report, *, quiet: bool) -> None:
    """Ignores whose day is over; what fails the gate is told however short the report is."""
    for entry in report.expired_ignores:
        if entry.fails or not quiet:
            page.marked(MARKS[expired.SEVERITIES[entry.state]], expired.said_with_place(entry, page.lang), indent=2)


def _print_notes(page: Page, report: Report) -> None:
    for note in report.notes:
        page.marked(UNKNOWN_MARK, sentence(note, page.lang), indent=2)


def _print_summary(page: Page, reports: Sequence[Report]) -> None:
    kinds = {report.kind for report in reports}
    text = words.SUMMARIES.get(reports[0].kind, words.SUMMARY) if len(kinds) == 1 else words.SUMMARY_MIXED
    page.heading(page.words(text, n=len(reports)))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for report in reports:
        mark, style = _STYLES[verdict_of(report)]
        value = "–" if report.score.value is None else f"{report.score.value} {report.score.grade}"
        table.add_row(Styled(mark, style=style), _title(report), value, Styled(counts(page, report), style="dim"))
    page.console.print(table)


def svg(reports: Sequence[Report], *, lang: Lang = "en", width: int = 100, title: str = "", lines: int = 0) -> str:
    """The terminal report, or its first `lines` lines, as an SVG picture for documents. It loads nothing."""
    from rich.terminal_theme import TerminalTheme  # noqa: PLC0415 - only for pictures

    page = Page(text_console(width, color=True), lang, fold=True)
    print_reports(page, reports)
    shown = page.result().splitlines()
    if 0 < lines < len(shown):
        shown = [*shown[:lines], "   …"]
    console = text_console(width, color=True)
    console.record = True
    console.print(Styled.from_ansi("\n".join(shown)))
    picture = console.export_svg(title=title, theme=TerminalTheme(*_PICTURE), unique_id="report")
    picture = _BEGINS_BLANK.sub(_moved, picture)
    return _FONT_FACE.sub("", picture).replace("Fira Code", "ui-monospace, DejaVu Sans Mono, Menlo, Consolas")


def _moved(match: re.Match[str]) -> str:
    """A piece of text without the blanks it begins with, moved to the right by them: some viewers drop such blanks."""
    before, x, between, length, after, blanks, rest = match.groups()
    count = len(blanks) // len(_BLANK)
    step = float(length) / (count + len(html.unescape(rest)))
    return f"{before}{float(x) + count * step:g}{between}{float(length) - count * step:g}{after}{rest}<"


_BLANK = "&#160;"
_BEGINS_BLANK = pattern(rf'(<text[^>]* x=")([^"]+)("[^>]* textLength=")([^"]+)("[^>]*>)((?:{_BLANK})+)([^<]+)<')
_FONT_FACE = pattern(r"@font-face\s*\{[^}]*\}\s*")
#: Background, text, the eight colours and their bright forms.
_PICTURE: Any = (
    (22, 27, 34),
    (222, 227, 232),
    [
        (72, 79, 88),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (222, 227, 232),
    ],
)
