"""What was checked in an HTML report: what could not be told at once, the rest folded, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deliverability.core.finding import Evidence, Finding, NotApplicable, Passed, Severity, Unknown
from deliverability.core.report import Checked, Report
from deliverability.core.text import Text
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right
from deliverability.render import words
from deliverability.render.checked import by_family
from deliverability.render.counts import HEAD_OURS, HEAD_TERM, WAYS, WAYS_INTRO, Line, Note, table_of
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import (
    ARGUMENT,
    SEVERITY_MARKS,
    View,
    evidence_line,
    fold,
    items,
    marked,
    marked_items,
    section,
    table,
)
from deliverability.render.safe import safe
from deliverability.render.second_opinions import VERDICTS
from deliverability.render.todo import ROLL_UPS

NOT_TOLD = Text("What could not be told", "Lo que no se ha podido saber")
NOT_TOLD_HINT = Text(
    "No answer is no pass and no fault: nothing is claimed about these.",
    "La falta de respuesta no es ni acierto ni fallo: sobre esto no se afirma nada.",
)
PASSED = Text("holds", "correcto")
UNKNOWN = Text("not known", "sin respuesta")
NOT_APPLICABLE = Text("does not apply", "no procede")
TOPIC_COUNTS = Text("{passed} of {all} hold", "{passed} de {all} correctas")
SHOW_ALL = Text("Show all {n} checks", "Ver las {n} comprobaciones")
OPINIONS = Text("Second opinions", "Segundas opiniones")
WHY_COUNTED = Text("Why", "Por qué")
COUNT = Text("Count", "Cuenta")
COUNTS_WHAT = Text("What is counted", "Qué se cuenta")
TOOL, TOPIC = Text("Tool", "Herramienta"), Text("Topic", "Tema")
OURS, THEIRS, WHO_IS_RIGHT = Text("We say", "Aquí"), Text("It says", "Allí"), Text("Who is right", "Quién acierta")
_MOST_LABELS = 8
_MOST_ROWS = 60


def not_told(view: View, report: Report) -> Markup | None:
    """What could not be told, once for each reason."""
    reasons: dict[str, dict[str, None]] = {}
    shown: dict[str, tuple[Markup, Evidence | None]] = {}
    for rule, outcome in report.unknowns:
        if rule.code.startswith(ROLL_UPS):  # they have a table of their own
            continue
        key = outcome.because.en
        reasons.setdefault(key, {})[rule.code + " " + rule.label.format(view.lang)] = None
        first = outcome.evidence[0] if outcome.evidence else None
        shown.setdefault(key, (view.prose(outcome.because), first))
    if not reasons:
        return None
    rows = [_reason(view, *shown[key], list(labels)) for key, labels in list(reasons.items())[:_MOST_ROWS]]
    return section(view.words(NOT_TOLD), el("p", view.words(NOT_TOLD_HINT), class_="quiet"), marked_items(rows))


def _reason(view: View, because: Markup, evidence: Evidence | None, labels: list[str]) -> Markup:
    more = len(labels) - _MOST_LABELS
    what = "; ".join(labels[:_MOST_LABELS]) + (f"; +{more}" if more > 0 else "")
    seen = el("p", evidence_line(view, evidence), class_="seen") if evidence else None
    return marked("open", view.words(UNKNOWN), el("p", el("strong", because)), el("p", what), seen)


def checked(view: View, report: Report) -> Markup | None:
    """Every check, folded by topic."""
    families = by_family(report.checked)
    if not families:
        return None
    topics = [_topic(view, family, found) for family, found in families.items()]
    number = len({rule.code for rule, _ in report.checked})
    return section(view.words(words.DETAIL), fold(view.words(SHOW_ALL, n=number), *topics))


def _topic(view: View, family: str, found: list[Checked]) -> Markup:
    by_code: dict[str, list[Checked]] = {}
    for item in found:
        by_code.setdefault(item.rule.code, []).append(item)
    rows = [_line(view, several) for several in by_code.values()]
    name = view.words(words.FAMILIES[family]) if family in words.FAMILIES else family
    judged = [several for several in by_code.values() if not all(_skipped(item) for item in several)]
    good = sum(all(isinstance(item.outcome, (Passed, NotApplicable)) for item in several) for several in judged)
    told = view.words(TOPIC_COUNTS, passed=good, all=len(judged)) if judged else view.words(NOT_APPLICABLE)
    return join((el("h3", name, " ", el("small", told)), marked_items(rows)))


def _skipped(item: Checked) -> bool:
    return isinstance(item.outcome, NotApplicable)


def _line(view: View, several: list[Checked]) -> Markup:
    """One rule: the worst of its outcomes."""
    rule, worst = min(several, key=_rank)
    label = join((view.prose(rule.label), " ", view.code(rule.code)))
    match worst:
        case Finding(severity=severity):
            return marked(SEVERITY_MARKS[severity], view.words(words.SEVERITIES[severity]), label)
        case Unknown():
            return marked("open", view.words(UNKNOWN), label)
        case Passed(note=note):
            more = el("span", " ", view.prose(note), class_="quiet") if note else None
            return marked("good", view.words(PASSED), label, more)
        case NotApplicable(because=because):
            why = el("span", " ", view.prose(because), class_="quiet")
            return marked("none", view.words(NOT_APPLICABLE), label, why)


def _rank(item: Checked) -> int:
    outcome = item.outcome
    if isinstance(outcome, Finding):
        return outcome.severity.rank
    order = len(Severity)
    return order if isinstance(outcome, Unknown) else order + 1 if isinstance(outcome, Passed) else order + 2


def ignored(view: View, report: Report) -> Markup | None:
    """What the profile takes out of the verdict, and why."""
    if not report.ignored:
        return None
    rows = [
        join(
            (
                view.prose(item.finding.rule.title, item.finding.args),
                " ",
                view.code(item.finding.code),
                el("br"),
                el("span", safe(item.reason, ARGUMENT), class_="quiet"),
            )
        )
        for item in report.ignored[:_MOST_ROWS]
    ]
    return section(view.words(words.IGNORED), items(rows))


def second_opinions(view: View, report: Report) -> Markup | None:
    """Where pyspf and checkdmarc differ, and who is right."""
    result = report.details.get("crosscheck")
    if not isinstance(result, CrosscheckResult) or not result.rows:
        return None
    head = [view.words(text) for text in (TOPIC, TOOL, OURS, THEIRS, WHO_IS_RIGHT)]
    rows: Iterable[list[Child]] = (
        [
            join((view.prose(row.topic), " ", el("span", safe(row.subject, ARGUMENT), class_="quiet"))),
            row.tool,
            safe(row.ours, ARGUMENT),
            safe(row.theirs, ARGUMENT),
            _right(view, row.right, row.why, row.section),
        ]
        for row in (*result.differences, *(row for row in result.rows if row.agrees))[:_MOST_ROWS]
    )
    counts = [_counts(view, row) for row in result.differences if row.terms]
    return section(view.words(OPINIONS), table(head, rows), *counts, _ways(view, result))


def _counts(view: View, row: CrosscheckRow) -> Markup | None:
    """The terms that both count, and why they differ where they do."""
    found = table_of(row, view.lang)
    if not found.lines:
        return None
    head = [view.words(HEAD_TERM), view.words(HEAD_OURS), row.tool, view.words(WHY_COUNTED)]
    rows = [
        [
            _counted(line),
            str(line.ours),
            str(line.theirs),
            _note(view, found.notes, line.note),
        ]
        for line in found.lines
    ]
    return table(head, rows, caption=f"{view.words(row.topic)}: {row.tool}")


def _counted(line: Line) -> Child:
    return el("code", "\u00a0" * 2 * line.depth + line.text) if line.quoted else line.text


def _note(view: View, notes: Sequence[Note], number: int) -> Child:
    if not number:
        return ""
    note = notes[number - 1]
    return join((view.prose(note.why), el("span", note.section, class_="quiet")), " ")


def _ways(view: View, result: CrosscheckResult) -> Markup | None:
    """What other tools may say, and what they count then."""
    if len(result.ways) < 2:
        return None
    rows = [[str(way.count), view.prose(way.what)] for way in result.ways]
    head = [view.words(COUNT), view.words(COUNTS_WHAT)]
    return fold(view.words(WAYS), el("p", view.prose(WAYS_INTRO)), table(head, rows))


def _right(view: View, right: Right, why: Text, where: str) -> Markup:
    parts: list[Child] = [el("strong", view.words(VERDICTS[right])) if right in VERDICTS else None]
    if right is Right.SAME:
        parts.append("=")
    if why:
        parts.append(view.prose(why))
    if where:
        parts.append(el("span", where, class_="quiet"))
    return join(parts, " ")
