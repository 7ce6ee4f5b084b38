"""Tables and evidence of a Markdown report, and the table of each check with what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from deliverability.core.finding import Evidence, Finding, NotApplicable, Passed, Severity, Unknown
from deliverability.core.questions import FailureKind
from deliverability.core.report import Checked, Report
from deliverability.core.text import Text
from deliverability.render import words
from deliverability.render.checked import by_family
from deliverability.render.markdown_text import Markdown, cell, code, escape_outside, prose
from deliverability.render.page import Page
from deliverability.render.safe import safe
from deliverability.render.todo import place

_CHECK = Text("Check", "Comprobación")
_RESULT = Text("Result", "Resultado")
_DOES_NOT_APPLY = Text("Checks that do not apply: {n}.", "Comprobaciones que no proceden: {n}.")
_SET_ASIDE = Text("{title} (set aside: {reason})", "{title} (descartado: {reason})")
_EVIDENCE = 200
_MOST_SUBJECTS = 5
MARKS: Mapping[Severity, str] = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; nothing where there is no row."""
    lines = [f"| {' | '.join(cell(item) or ' ' for item in row)} |" for row in rows]
    return [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *lines, ""] if lines else []


def where(page: Page, item: Evidence) -> str:
    """One thing seen: the record or the line of the mail, and what stands there."""
    if item.type in ("header", "part"):
        name = place_name(page, item.name)
        at = prose(words.AT_LINE, page.lang, {"name": name, "line": item.line}) if item.line is not None else name
    else:
        at = Markdown(f"{code(item.name)} {item.type}")
    note = f"({prose(item.note, page.lang, outside=True)})" if item.note else ""
    return " ".join(part for part in (at, _what(page, item), note) if part)


def rule_code(page: Page, code: str) -> Markdown:
    """The code of a rule, a link to its page where there is one."""
    address = page.pages.of(code, page.lang).replace("&", "&amp;")  # a reference would be read as its character
    return Markdown(f"[{code}](<{address}>)" if address else code)


def place_name(page: Page, name: str) -> Markdown:
    """A place in a mail in the reader's language, or any other subject as code."""
    said = place(page, name)
    return code(name) if said == safe(name) else Markdown(escape_outside(said))


def _what(page: Page, item: Evidence) -> str:
    if item.status == "failed":
        kind, _, detail = item.text.partition(": ")
        known = words.FAILURES.get(kind)
        said = prose(known, page.lang) if known else code(kind)
        said = Markdown(f"{said}: {code(detail)}") if detail and kind != FailureKind.OFFLINE else said
        return f"{prose(words.STATUS['failed'], page.lang)} ({said})"
    status = [prose(words.STATUS[item.status], page.lang)] if item.status in words.STATUS else []
    return ", ".join(status + [str(code(line, _EVIDENCE)) for line in item.text.split("\n")[:_MOST_SUBJECTS] if line])


def checked_lines(page: Page, report: Report) -> Iterator[str]:
    """Each check and what it came to, folded away; what does not apply is only counted."""
    rows = [row for items in by_family(report.checked).values() for row in _rows(page, items)]
    rows += [_ignored(page, report, index) for index in range(len(report.ignored))]
    if not rows:
        return
    yield from (f"<details><summary>{prose(words.DETAIL, page.lang)}</summary>", "")
    yield from table(["", *(prose(text, page.lang) for text in (_CHECK, _RESULT))], rows)
    skipped = len({r.code for r, _ in report.not_applicable} - {r.code for r, o in report.checked if _told(o)})
    if skipped:
        yield from (prose(_DOES_NOT_APPLY, page.lang, {"n": skipped}), "")
    yield from ("</details>", "")


def _told(outcome: object) -> bool:
    return not isinstance(outcome, NotApplicable)


def _rows(page: Page, items: Sequence[Checked]) -> Iterator[Sequence[str]]:
    """One row a rule: what was found before what could not be told before what holds."""
    by_code: dict[str, list[Checked]] = {}
    for item in items:
        if _told(item.outcome):
            by_code.setdefault(item.rule.code, []).append(item)
    for rule_code, group in by_code.items():
        mark, result = _result(page, group)
        yield mark, f"**{rule_code}** {prose(group[0].rule.label, page.lang)}", result


def _result(page: Page, group: Sequence[Checked]) -> tuple[str, str]:
    found = [o for _, o in group if isinstance(o, Finding)]
    if found:
        worst = min(found, key=lambda finding: finding.severity.rank)
        titles = list(dict.fromkeys(prose(f.rule.title, page.lang, f.args) for f in found))
        shown = Markdown("; ".join(titles[:_MOST_SUBJECTS]))
        more = len(titles) - _MOST_SUBJECTS
        text = prose(words.LABELS_MORE, page.lang, {"labels": shown, "n": more}) if more > 0 else shown
        return MARKS[worst.severity], text
    unknown = [o for _, o in group if isinstance(o, Unknown)]
    if unknown:
        return "❔", " ".join(dict.fromkeys(prose(o.because, page.lang, outside=True) for o in unknown))
    notes = dict.fromkeys(prose(o.note, page.lang, outside=True) for _, o in group if isinstance(o, Passed) and o.note)
    return "✅", "; ".join(list(notes)[:_MOST_SUBJECTS])


def _ignored(page: Page, report: Report, index: int) -> Sequence[str]:
    finding, reason = report.ignored[index]
    title = Markdown(prose(finding.rule.title, page.lang, finding.args))
    label = f"**{rule_code(page, finding.code)}** {prose(finding.rule.label, page.lang)}"
    return "➖", label, prose(_SET_ASIDE, page.lang, {"title": title, "reason": reason})
