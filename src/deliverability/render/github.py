"""Workflow commands for GitHub Actions: annotations at the line of the configuration or of the mail.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word. So the ten are used
well: what is said in the same words of several mails is said once, notices once for each rule, and where there are still
more than ten of a kind the rules with most findings are put together until they fit. The worst come first, each kind ends
at ten, and the last line says how many are left. The job's summary holds all of them: that is the Markdown report, which
the command appends to the file that GitHub names.

A command ends at its line, and `%`, line ends and, among its properties, `:` and `,` are written as `%XX`. Outside text
stands in commands only: on a line of its own it could be one, since the runner also looks for `##[` anywhere in a line.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from deliverability.core.expiry import EXPIRED_IGNORE, LABEL, ExpiredIgnore
from deliverability.core.finding import Finding, Severity
from deliverability.core.report import Report
from deliverability.core.rule import Rule
from deliverability.core.text import Lang, Text
from deliverability.render import expired, words
from deliverability.render.places import Place, Places, place_of, place_of_finding, title_of
from deliverability.render.safe import safe, sentence
from deliverability.render.todo import ROLL_UPS, advice_of
from deliverability.render.verdict import weight
from deliverability.render.zone_text import diff

#: Annotations of one kind that GitHub shows for a step.
MOST = 10
COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
UNKNOWN_TITLE = Text("{subject}: could not be told", "{subject}: sin respuesta")
TIMES = Text("{title} (×{n})", "{title} (×{n})")
ALSO = Text("Also: {places}", "También: {places}")
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


class Told(NamedTuple):
    """What one finding would say, or what one report could not tell."""

    weight: Any
    #: What is put together where there is no room: one rule with one advice; "" is what could not be told.
    kind: tuple[str, Hashable]
    annotation: Annotation
    #: What names it beside others.
    name: str


#: Those that one annotation stands for; the first gives the words.
Group = list[Told]


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", places: Places = (), **_: Any) -> str:
    """One command a line, the worst first, then how many there was no room for."""
    lines: list[str] = []
    rest: dict[Severity, int] = {}
    told = _told(reports, lang, places)
    for severity in Severity:
        same = [one for one in told if one.annotation.severity is severity]
        groups = _fitting(same, severity)
        lines += [command(_together(group, lang)) for group in groups[:MOST]]
        left = sum(map(len, groups[MOST:]))
        rest |= {severity: left} if left else {}
    if rest:
        lines.append(REST.format(lang, {"counts": ", ".join(_count(s, n, lang) for s, n in rest.items())}))
    return "\n".join(lines or [NOTHING.format(lang)]) + "\n"


def _count(severity: Severity, n: int, lang: Lang) -> str:
    return (words.COUNT_ONE if n == 1 else words.COUNT_MANY)[severity].format(lang, {"n": n})


def _fitting(told: Sequence[Told], severity: Severity) -> list[Group]:
    """Groups in the order of their first: the same words once, and as many of one rule together as there is need."""
    groups = _grouped(([one] for one in told), lambda one: (one.kind, one.annotation.message))
    by_kind = _grouped(groups, lambda one: one.kind)
    if severity is Severity.INFO:
        return by_kind
    several: dict[tuple[str, Hashable], int] = {}
    for group in groups:
        several[group[0].kind] = several.get(group[0].kind, 0) + 1
    room = len(groups) - MOST
    folded: set[tuple[str, Hashable]] = set()
    for kind, count in sorted(several.items(), key=lambda item: -item[1]):  # stable: the worst kinds first
        if room <= 0 or count == 1:
            break
        folded.add(kind)
        room -= count - 1
    return _grouped(groups, lambda one: one.kind if one.kind in folded else (one.kind, one.annotation.message))


def _grouped(groups: Iterable[Group], key: Callable[[Told], Hashable]) -> list[Group]:
    merged: dict[Hashable, Group] = {}
    for group in groups:
        merged.setdefault(key(group[0]), []).extend(group)
    return list(merged.values())


def _together(group: Group, lang: Lang) -> Annotation:
    """One annotation for all of a group: how many they are, and where the others stand."""
    first = group[0].annotation
    others = list(dict.fromkeys(one.name for one in group[1:]))
    if not others:
        return first
    named = ", ".join(others[:MOST])
    if len(others) > MOST:
        named = words.LABELS_MORE.format(lang, {"labels": named, "n": len(others) - MOST})
    also = ALSO.format(lang, {"places": named})
    return first._replace(
        title=TIMES.format(lang, {"title": first.title, "n": len(group)}), message=f"{first.message}\n{also}"
    )


def _told(reports: Sequence[Report], lang: Lang, places: Places) -> list[Told]:
    """What could not be told in one annotation a report, then the findings by how much they stand in the way.

    What providers ask for repeats the findings, and is left out.
    """
    told: list[Told] = []
    for index, report in enumerate(reports):
        place = place_of(places, index)
        unknown = [(rule, o.because) for rule, o in report.unknowns if not rule.code.startswith(ROLL_UPS)]
        if unknown:
            told.append(
                Told((False, -1), ("", ""), _unknown(report, unknown, lang, place), safe(title_of(report), 200))
            )
        told += [_expired(entry, lang) for entry in report.expired_ignores]
        told += _stops(report, lang, place)
        own = [finding for finding in report.findings if not finding.code.startswith(ROLL_UPS)]
        told += [_finding(report, finding, lang, place, several=len(reports) > 1) for finding in own]
    return sorted(told, key=lambda one: one.weight)


def _unknown(report: Report, unknown: Sequence[tuple[Rule, Text]], lang: Lang, place: Place | None) -> Annotation:
    by_reason: dict[str, dict[str, None]] = {}
    for rule, because in unknown:
        by_reason.setdefault(sentence(because, lang), {})[rule.code] = None
    lines = [f"{reason} ({', '.join(codes)})" for reason, codes in by_reason.items()]
    title = sentence(UNKNOWN_TITLE, lang, {"subject": title_of(report)})
    only_notes = all(rule.severity is Severity.INFO for rule, _ in unknown)
    return Annotation(Severity.INFO if only_notes else Severity.WARNING, place, title, "\n".join(lines))


def _expired(entry: ExpiredIgnore, lang: Lang) -> Told:
    """An ignore whose day is over, at its own line: before all findings, since only there it can be mended."""
    name = safe(entry.args["about"], 200)
    title = f"{sentence(LABEL, lang)}: {name}"
    annotation = Annotation(expired.SEVERITIES[entry.state], expired.place(entry), title, expired.said(entry, lang))
    return Told((False, -2), (EXPIRED_IGNORE, entry.code), annotation, name)


def _stops(report: Report, lang: Lang, place: Place | None) -> Iterator[Told]:
    """The sources of mail that a proposal would stop, before all findings."""
    if not report.stops:
        return
    from deliverability.render.sender_words import STOPPED  # noqa: PLC0415 - only where a proposal was audited
    from deliverability.render.senders_model import stops  # noqa: PLC0415

    for stop in stops(report, lang):
        title = f"{sentence(STOPPED, lang)}: {stop.name}"
        annotation = Annotation(Severity.ERROR, place, title, f"{stop.title}\n{stop.advice}".strip())
        yield Told((False, -2), ("stops", stop.name), annotation, stop.name)


def _finding(report: Report, finding: Finding, lang: Lang, place: Place | None, *, several: bool) -> Told:
    rule, args = finding.rule, finding.args
    title = f"{rule.code} {sentence(rule.label, lang)}: {safe(title_of(report), 200)}"
    lines = [sentence(rule.title, lang, args), sentence(rule.fix, lang, args)]
    if finding.fix:
        lines += diff(finding.fix.changes).splitlines()
        lines += [safe(f"+ {change.name}: {change.value}") for change in finding.fix.headers if not change.drop]
    lines.append(f"{words.MORE.format(lang)}: {report.pages.more(finding.code, lang)}")
    at = place_of_finding(place, report, finding)
    name = _name(report, finding, at, several=several)
    annotation = Annotation(finding.severity, at, title, "\n".join(lines))
    return Told(weight(finding), (rule.code, advice_of(finding)), annotation, name)


def _name(report: Report, finding: Finding, at: Place | None, *, several: bool) -> str:
    """What names a finding beside others of its kind, escaped."""
    subject = finding.subject or report.subject
    if report.kind == "message":
        name = title_of(report) if several else subject
        return safe(name, 200) + (f":{at.line}" if at and at.line else "")
    told = several and report.subject not in subject
    return safe(f"{report.subject} {subject}" if told else subject, 200)


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
