"""The top of an HTML report: what it is about, the answer, the score with what it is worth, and the areas."""

from __future__ import annotations

from collections.abc import Mapping

from deliverability.core.facts import MessageOverview, Stage
from deliverability.core.finding import Severity
from deliverability.core.names import to_unicode
from deliverability.core.report import Report
from deliverability.core.score import DISCLAIMER, AreaScore
from deliverability.core.text import Text
from deliverability.render import expired, words
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import NAME, SEVERITY_MARKS, View, chip, codes, marked, marked_items, table
from deliverability.render.html_pictures import bar, mark, ring
from deliverability.render.html_todo import first_step
from deliverability.render.message import FROM_TO, NO_SUBJECT, NOT_SENT
from deliverability.render.safe import safe
from deliverability.render.terminal import answer_of, ask_again, counts, main_unknown
from deliverability.render.verdict import Verdict, is_parked, main_finding, verdict_of

KINDS: Mapping[Verdict, str] = {
    Verdict.NO: "bad",
    Verdict.SET_ASIDE: "warn",
    Verdict.CANNOT_TELL: "open",
    Verdict.MOSTLY: "warn",
    Verdict.YES: "good",
    Verdict.NOTHING: "open",
}
MAIN_PROBLEM = Text("The main problem:", "El problema principal:")
START = Text("Start with:", "Empiece por:")
WHO_MENDS = Text("Who can mend it:", "Quién puede arreglarlo:")
SCORE_OF_100 = Text("Score {value} of 100, grade {grade}", "Nota: {value} sobre 100, letra {grade}")
CHECKED = Text("{coverage} of what counts could be checked.", "Se ha podido comprobar el {coverage} de lo que puntúa.")
HELD_DOWN = Text("Held down by", "Limitan la nota:")
AREAS = Text("Score by area", "Nota por áreas")
AREA = Text("Area", "Área")
SCORE = Text("Score", "Nota")
LOST = Text("Lost by", "Puntos perdidos por")
PARTLY = Text("{coverage} checked", "{coverage} comprobado")
SUBJECT = Text("Report", "Informe")
_MOST_DEDUCTIONS = 6
_GOOD, _FAIR = 85, 60


def head(view: View, report: Report, level: str) -> Markup:
    """The name, the answer and the score."""
    verdict = verdict_of(report)
    kind = KINDS[verdict]
    return el(
        "header",
        el(level, title(report)),
        _overview(view, report),
        el("div", _ring(view, report), el("div", *_answer(view, report, verdict)), class_=f"verdict {kind}"),
        _notes(view, report),
        class_="head",
    )


def _notes(view: View, report: Report) -> Markup | None:
    """Ignores whose day is over, and what else there is to know of the report itself."""
    marks = [
        marked(SEVERITY_MARKS[expired.SEVERITIES[entry.state]], "", el("p", expired.said_with_place(entry, view.lang)))
        for entry in report.expired_ignores
    ]
    marks += [marked("open", "", el("p", view.prose(note))) for note in report.notes]
    return marked_items(marks) if marks else None


def title(report: Report) -> str:
    """What the report is about: the file of a message, and the domain in both its spellings."""
    name = safe(report.subject, NAME)
    readable = safe(to_unicode(report.subject), NAME)
    shown = name if readable == name else f"{name} ({readable})"
    overview = report.details.get("message")
    if isinstance(overview, MessageOverview) and overview.name:
        return f"{safe(overview.name, NAME)} · {shown}"
    return shown


def _answer(view: View, report: Report, verdict: Verdict) -> list[Child]:
    asked = words.QUESTIONS.get(report.kind, words.QUESTION_PARKED if is_parked(report) else words.QUESTION)
    return [
        el("p", view.words(asked, domain=report.subject), class_="question"),
        el("p", mark(KINDS[verdict]), " ", answer_of(view.page, report, verdict), class_="answer"),
        _reason(view, report, verdict),
        _first(view, report, verdict),
        el("p", counts(view.page, report)),
        *_score(view, report),
    ]


def _reason(view: View, report: Report, verdict: Verdict) -> Markup | None:
    if verdict in (Verdict.NO, Verdict.MOSTLY):
        worst = main_finding(report)
        found = view.prose(worst.rule.title, worst.args)
        return el("p", el("strong", view.words(MAIN_PROBLEM)), " ", found, " ", view.code(worst.code))
    if verdict is Verdict.SET_ASIDE:
        found_codes = tuple(
            dict.fromkeys(item.finding.code for item in report.ignored if item.finding.severity is Severity.ERROR)
        )
        return el("p", view.words(words.STILL_STANDS, codes=found_codes))
    if verdict is Verdict.CANNOT_TELL:
        return el("p", view.words(words.MAIN_UNKNOWN, label=main_unknown(view.page, report)))
    return el("p", view.words(words.ALL_HOLDS)) if verdict is Verdict.YES else None


def _first(view: View, report: Report, verdict: Verdict) -> Markup | None:
    """The first thing to do and whose it is; where that is the main problem, whose it is."""
    if verdict is Verdict.CANNOT_TELL:
        return el("p", view.prose(ask_again(report)))
    step = first_step(view, report) if verdict in (Verdict.NO, Verdict.MOSTLY) else None
    if step is None:
        return None
    what, who, finding = step
    if finding is not None and finding == main_finding(report):
        return el("p", el("strong", view.words(WHO_MENDS)), " ", who)
    return el("p", el("strong", view.words(START)), " ", what, f" ({who})" if who else None)


def _coverage(view: View, share: float) -> str:
    return view.words(words.PERCENT, n=int(share * 100))  # never 100 for less than all


def _score(view: View, report: Report) -> list[Child]:
    score, coverage = report.score, _coverage(view, report.score.coverage)
    if score.value is None or score.grade is None:
        return [el("p", view.words(words.NO_SCORE, coverage=coverage))]
    told: list[Child] = [el("p", view.words(CHECKED, coverage=coverage))]
    if score.capped_by:
        told.append(el("p", view.words(HELD_DOWN), " ", codes(score.capped_by)))
    told.append(el("p", view.words(DISCLAIMER), class_="quiet"))
    return told


def _ring(view: View, report: Report) -> Markup:
    score = report.score
    if score.value is None or score.grade is None:
        return ring(None, None, "open", view.words(words.NO_SCORE, coverage=_coverage(view, score.coverage)))
    label = view.words(SCORE_OF_100, value=score.value, grade=score.grade)
    return ring(score.value, score.grade, kind_of(score.value), label)


def kind_of(value: int | None) -> str:
    """The colour of a number of 0..100."""
    if value is None:
        return "open"
    return "good" if value >= _GOOD else "warn" if value >= _FAIR else "bad"


def _overview(view: View, report: Report) -> Markup | None:
    overview = report.details.get("message")
    if not isinstance(overview, MessageOverview):
        return None
    size = f"{overview.octets / 1000:.0f} kB" if overview.octets >= 1000 else f"{overview.octets} B"
    subject = f"«{safe(overview.subject, NAME)}»" if overview.subject else view.words(NO_SUBJECT)
    lines: list[Child] = [el("p", el("strong", subject), " ", el("span", size, class_="quiet"))]
    if overview.author:
        to = view.page.some([safe(address, NAME) for address in overview.to], 2) or "–"
        lines.append(el("p", view.words(FROM_TO, author=overview.author, to=to), class_="quiet"))
    if overview.stage is Stage.SUBMITTED:
        lines.append(marked_items([marked("open", "", el("p", view.prose(NOT_SENT)))]))
    return el("div", *lines, class_="overview")


def areas(view: View, report: Report) -> Markup | None:
    """The areas as bars, with what each lost and by which rules."""
    if all(area.value is None for area in report.score.areas):
        return None
    rows = [_area(view, area) for area in report.score.areas]
    head_row = [view.words(AREA), view.words(SCORE), view.words(LOST)]
    return el("section", el("h2", view.words(AREAS)), table(head_row, rows, class_="areas"))


def _area(view: View, area: AreaScore) -> list[Child]:
    name = view.words(words.AREAS[area.area])
    name = name[:1].upper() + name[1:]
    number = view.words(words.NO_DATA) if area.value is None else str(area.value)
    picture = bar(area.value, kind_of(area.value), f"{name}: {number}")
    shown = [d.code for d in area.deductions[:_MOST_DEDUCTIONS]]
    more = len(area.deductions) - len(shown)
    lost = join((codes(shown), f"+{more}" if more > 0 else None), " ")
    partly = None
    if area.coverage < 1:
        partly = chip("open", view.words(PARTLY, coverage=_coverage(view, area.coverage)))
    scored = el("div", el("span", number, class_="number"), picture, class_="scored")
    return [name, join((scored, partly)), lost]
