"""Outcomes as JUnit XML, for build servers: a suite a report, a case an outcome.

A case fails exactly where the gate does, so that a green build has no red test: a finding at or above `fail_on` is a
failure, an answer that is missing where a finding would have counted is an error. Findings below the gate pass, with
their words in the output of the case; what does not apply, what was set aside and what could not be told without
counting is skipped, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from deliverability.core.expiry import EXPIRED_IGNORE, LABEL, ExpiredIgnore
from deliverability.core.finding import Evidence, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.patterns import pattern
from deliverability.core.report import Report
from deliverability.core.rule import Rule
from deliverability.core.text import Lang, Text
from deliverability.render import expired, words
from deliverability.render.checked import family_of
from deliverability.render.places import Place, Places, place_of, title_of
from deliverability.render.safe import safe, sentence
from deliverability.render.zone_text import diff

SET_ASIDE = Text("Set aside: {reason}", "Descartado: {reason}")
NOT_COUNTED = Text("Could not be told; it does not count here: ", "Sin respuesta; aquí no cuenta: ")
#: What XML 1.0 §2.2 does not allow even as a reference; `safe` has taken the rest.
_NOT_XML = pattern("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;", "\t": "&#9;"}
_MEANT = pattern("[&<>\"'\n\t]")


class Case(NamedTuple):
    """One test case: its name, and what it came to."""

    name: str
    family: str
    #: failure, error, skipped, output (passed, with words) or "" (passed)
    state: str = ""
    kind: str = ""
    message: str = ""
    body: str = ""
    #: Where it belongs, if not where the report does.
    place: Place | None = None


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", places: Places = (), **_: Any) -> str:
    """One document with a suite for each report."""
    suites = [(report, list(_named_once(cases_of(report, lang)))) for report in reports]
    attributes = _attributes({"name": "deliverability"}, [case for _, cases in suites for case in cases], whole=True)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{attributes}>"]
    for index, (report, cases) in enumerate(suites):
        lines.extend(_suite(report, cases, place_of(places, index)))
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def cases_of(report: Report, lang: Lang) -> Iterator[Case]:
    """A case for each outcome, then one for each finding that was set aside."""
    for rule, outcome in report.checked:
        yield _case(report, rule, outcome, lang)
    for finding, reason in report.ignored:
        said = sentence(SET_ASIDE, lang, {"reason": reason})
        yield _begun(finding.rule, finding.subject, lang)._replace(state="skipped", kind="ignored", message=said)
    for entry in report.expired_ignores:
        yield _expired(report, entry, lang)
    yield from _stops(report, lang)


def _named_once(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases with a number behind a name that was there before: readers keep one case a name."""
    seen: dict[str, int] = {}
    for case in cases:
        seen[case.name] = seen.get(case.name, 0) + 1
        yield case if seen[case.name] == 1 else case._replace(name=f"{case.name} ({seen[case.name]})")


def _begun(rule: Rule, subject: str, lang: Lang) -> Case:
    about = f": {safe(subject, 200)}" if subject else ""
    return Case(f"{rule.code} {sentence(rule.label, lang)}{about}", family_of(rule))


def _case(report: Report, rule: Rule, outcome: Outcome, lang: Lang) -> Case:
    case = _begun(rule, outcome.subject, lang)
    match outcome:
        case Passed(note=note):
            return case._replace(state="output", body=sentence(note, lang)) if note else case
        case NotApplicable(because=because):
            return case._replace(state="skipped", kind="not-applicable", message=sentence(because, lang))
        case Unknown(because=because, evidence=evidence):
            counts, said = report.incomplete_fails and _reaches(report, rule.severity), sentence(because, lang)
            if not counts:
                said = sentence(NOT_COUNTED, lang) + said
            state = "error" if counts else "skipped"
            body = "\n".join(_seen(evidence)) if counts else ""
            return case._replace(state=state, kind="unknown", message=said, body=body)
        case Finding():
            state = "failure" if _reaches(report, outcome.severity) else "output"
            title = sentence(rule.title, lang, outcome.args)
            body = _advice(report, outcome, lang) if state == "failure" else f"{_word(outcome, lang)}: {title}"
            return case._replace(state=state, kind=outcome.severity.value, message=title, body=body)


def _expired(report: Report, entry: ExpiredIgnore, lang: Lang) -> Case:
    """An ignore whose day is over: red exactly where it fails the gate."""
    about = entry.args["about"]
    case = Case(f"{sentence(LABEL, lang)}: {safe(about, 200)}", EXPIRED_IGNORE, place=expired.place(entry))
    state = "failure" if entry.fails and report.fail_on != "never" else "output"
    title, body = expired.title(entry, lang), expired.said(entry, lang)
    return case._replace(state=state, kind=EXPIRED_IGNORE, message=title, body=body)


def _stops(report: Report, lang: Lang) -> Iterator[Case]:
    """The sources of mail that a proposal would stop: red exactly where they fail the gate."""
    if not report.stops:
        return
    from deliverability.render.sender_words import STOPPED  # noqa: PLC0415 - only where a proposal was audited
    from deliverability.render.senders_model import stops  # noqa: PLC0415

    state = "output" if report.fail_on == "never" else "failure"
    for stop in stops(report, lang):
        case = Case(f"{sentence(STOPPED, lang)}: {stop.name}", "stops")
        yield case._replace(state=state, kind="stops", message=stop.title, body=f"{stop.title}\n{stop.advice}".strip())


def _reaches(report: Report, severity: Severity) -> bool:
    return report.fail_on != "never" and severity.rank <= Severity(report.fail_on).rank


def _word(finding: Finding, lang: Lang) -> str:
    return words.SEVERITIES[finding.severity].format(lang)


def _advice(report: Report, finding: Finding, lang: Lang) -> str:
    """Why it matters, what to do, the records to change, and what was seen."""
    rule, args = finding.rule, finding.args
    lines = [sentence(rule.title, lang, args), ""]
    lines += [f"{words.WHY.format(lang)}: {sentence(rule.why, lang, args)}"]
    lines += [f"{words.DO.format(lang)}: {sentence(rule.fix, lang, args)}"]
    if finding.fix:
        lines += ["", *diff(finding.fix.changes).splitlines()] if finding.fix.changes else []
        lines += ["", *(safe(f"{c.name}: {c.value}") for c in finding.fix.headers if not c.drop)]
    seen = list(_seen(finding.evidence))
    lines += ["", f"{words.SEEN.format(lang)}:", *seen] if seen else []
    return "\n".join([*lines, "", f"{words.MORE.format(lang)}: {report.pages.more(finding.code, lang)}"])


def _seen(evidence: Iterable[Evidence]) -> Iterator[str]:
    for item in evidence:
        at = f":{item.line}" if item.line is not None else ""
        yield " ".join(safe(part) for part in (f"{item.name}{at}", item.type, item.status, item.text) if part)


def _suite(report: Report, cases: Sequence[Case], place: Place | None) -> Iterator[str]:
    named = {
        "name": safe(title_of(report)),
        "timestamp": report.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        **({"file": safe(place.path)} if place else {}),
    }
    yield f"  <testsuite{_attributes(named, cases)}>"
    value = "" if report.score.value is None else str(report.score.value)
    facts = {"exit-code": str(report.exit_code()), "rules-version": report.rules_version, "score": value}
    yield "    <properties>"
    yield from (f'      <property name="{name}" value="{xml(text)}"/>' for name, text in facts.items())
    yield "    </properties>"
    for case in cases:
        yield from _case_lines(report, case, place)
    yield "  </testsuite>"


def _case_lines(report: Report, case: Case, place: Place | None) -> Iterator[str]:
    named = {"classname": f"{safe(report.subject)}.{case.family}", "name": case.name, "time": "0"}
    place = case.place or place
    if place:
        named |= {"file": safe(place.path)} | ({"line": str(place.line)} if place.line else {})
    head = "    <testcase" + "".join(f' {key}="{xml(value)}"' for key, value in named.items())
    if not case.state:
        yield f"{head}/>"
        return
    yield f"{head}>"
    if case.state == "output":
        yield f"      <system-out>{xml(case.body, attribute=False)}</system-out>"
    else:
        kind = f' type="{xml(case.kind)}"' if case.state != "skipped" else ""
        start = f'      <{case.state}{kind} message="{xml(case.message)}"'
        yield f"{start}>{xml(case.body, attribute=False)}</{case.state}>" if case.body else f"{start}/>"
    yield "    </testcase>"


def _attributes(named: Mapping[str, str], cases: Sequence[Case], *, whole: bool = False) -> str:
    counts = {"tests": len(cases), "failures": 0, "errors": 0, "skipped": 0}
    for case in cases:
        key = {"failure": "failures", "error": "errors", "skipped": "skipped"}.get(case.state)
        if key:
            counts[key] += 1
    if whole:  # Jenkins' schema has no such attribute there
        del counts["skipped"]
    every = {**named, **{key: str(n) for key, n in counts.items()}, "time": "0"}
    return "".join(f' {key}="{xml(value)}"' for key, value in every.items())


def xml(text: str, *, attribute: bool = True) -> str:
    """Text as it may stand in XML 1.0; the `>` of `]]>` is written as a reference wherever it occurs (§2.4)."""
    kept = _NOT_XML.sub("\ufffd", text)
    return _MEANT.sub(lambda match: _REFERENCES[match[0]] if attribute or match[0] not in "\n\t" else match[0], kept)
