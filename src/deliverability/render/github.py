"""Workflow commands for GitHub Actions: annotations at the line of the configuration or of the mail.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word. So the worst come
first, each kind ends at ten, and the last line says how many are left. The job's summary holds all of them: that is the
Markdown report, which the command appends to the file that GitHub names.

A command ends at its line, and `%`, line ends and, among its properties, `:` and `,` are written as `%XX`. Outside text
stands in commands only: on a line of its own it could be one, since the runner also looks for `##[` anywhere in a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from deliverability.core.finding import Finding, Severity
from deliverability.core.report import Report
from deliverability.core.rule import Rule
from deliverability.core.text import Lang, Text
from deliverability.render import words
from deliverability.render.places import Place, Places, place_of, place_of_finding, title_of
from deliverability.render.safe import safe, sentence
from deliverability.render.todo import ROLL_UPS
from deliverability.render.verdict import weight
from deliverability.render.zone_text import diff

#: Annotations of one kind that GitHub shows for a step.
MOST = 10
COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
UNKNOWN_TITLE = Text("{subject}: could not be told", "{subject}: sin respuesta")
REST = Text(
    "GitHub shows ten annotations of a kind; not shown: {counts}. The job summary has all.",
    "GitHub muestra diez anotaciones de cada tipo; sin mostrar: {counts}. El resumen del trabajo las tiene todas.",
)
NOTHING = Text("Nothing to annotate.", "Nada que anotar.")


class Annotation(NamedTuple):
    """One annotation before it is written down."""

    severity: Severity
    place: Place | None
    title: str
    message: str


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", places: Places = (), **_: Any) -> str:
    """One command a line, the worst first, then how many there was no room for."""
    found: dict[Severity, list[Annotation]] = {severity: [] for severity in Severity}
    for annotation in _annotations(reports, lang, places):
        found[annotation.severity].append(annotation)
    lines = [command(annotation) for annotations in found.values() for annotation in annotations[:MOST]]
    rest = {severity: len(annotations) - MOST for severity, annotations in found.items() if len(annotations) > MOST}
    if rest:
        lines.append(REST.format(lang, {"counts": ", ".join(_count(s, n, lang) for s, n in rest.items())}))
    return "\n".join(lines or [NOTHING.format(lang)]) + "\n"


def _count(severity: Severity, n: int, lang: Lang) -> str:
    return (words.COUNT_ONE if n == 1 else words.COUNT_MANY)[severity].format(lang, {"n": n})


def _annotations(reports: Sequence[Report], lang: Lang, places: Places) -> Iterator[Annotation]:
    """What could not be told in one annotation a report, then the findings by how much they stand in the way.

    What providers ask for repeats the findings, and is left out.
    """
    found: list[tuple[Any, Annotation]] = []
    for index, report in enumerate(reports):
        place = place_of(places, index)
        unknown = [(rule, o.because) for rule, o in report.unknowns if not rule.code.startswith(ROLL_UPS)]
        if unknown:
            yield _unknown(report, unknown, lang, place)
        own = (finding for finding in report.findings if not finding.code.startswith(ROLL_UPS))
        found.extend((weight(finding), _finding(report, finding, lang, place)) for finding in own)
    yield from (annotation for _, annotation in sorted(found, key=lambda item: item[0]))


def _unknown(report: Report, unknown: Sequence[tuple[Rule, Text]], lang: Lang, place: Place | None) -> Annotation:
    by_reason: dict[str, dict[str, None]] = {}
    for rule, because in unknown:
        by_reason.setdefault(sentence(because, lang), {})[rule.code] = None
    lines = [f"{reason} ({', '.join(codes)})" for reason, codes in by_reason.items()]
    title = sentence(UNKNOWN_TITLE, lang, {"subject": title_of(report)})
    only_notes = all(rule.severity is Severity.INFO for rule, _ in unknown)
    return Annotation(Severity.INFO if only_notes else Severity.WARNING, place, title, "\n".join(lines))


def _finding(report: Report, finding: Finding, lang: Lang, place: Place | None) -> Annotation:
    rule, args = finding.rule, finding.args
    title = f"{rule.code} {sentence(rule.label, lang)}: {safe(title_of(report), 200)}"
    lines = [sentence(rule.title, lang, args), sentence(rule.fix, lang, args)]
    if finding.fix:
        lines += diff(finding.fix.changes).splitlines()
        lines += [safe(f"+ {change.name}: {change.value}") for change in finding.fix.headers if not change.drop]
    return Annotation(finding.severity, place_of_finding(place, report, finding), title, "\n".join(lines))


def command(annotation: Annotation) -> str:
    """`::error file=…,line=…,title=…::message`."""
    properties: dict[str, str] = {}
    if annotation.place:
        properties["file"] = safe(annotation.place.path)
        properties |= {"line": str(annotation.place.line)} if annotation.place.line else {}
    properties["title"] = annotation.title
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{COMMANDS[annotation.severity]} {written}::{_data(annotation.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
