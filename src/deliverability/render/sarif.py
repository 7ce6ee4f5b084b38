"""Findings as SARIF 2.1.0 (OASIS standard, errata 01), for code scanning and for editors.

One run holds all reports: GitHub refuses several runs of one tool. Each finding is a result at the line of the
configuration that names the domain, or at the line of the mail; without a file it has a logical location only. What was
set aside is there too, suppressed with its reason.

What could not be told is a notification of the invocation, not a result. A result of kind "open" (§3.27.9) would say
the same, but GitHub and most readers take every result for a problem whatever its kind, and an outage of a name server
would open alerts on a domain with which nothing is wrong. For the same reason what holds is not written down.

Texts of the rules stand in the language asked for, and in the other one as a translation (§3.19.4 localized data).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

from deliverability.core.expiry import EXPIRED_IGNORE, LABEL, ExpiredIgnore, Expiry
from deliverability.core.finding import Finding, Severity
from deliverability.core.patterns import pattern
from deliverability.core.report import Report, worst
from deliverability.core.rule import Rule
from deliverability.core.rule_pages import RulePages, project_urls
from deliverability.core.text import LANGS, Lang, Text
from deliverability.render import expired, words
from deliverability.render.checked import family_of
from deliverability.render.json import change_document, dumps
from deliverability.render.markdown_text import Markdown, escape, prose
from deliverability.render.places import Place, Places, place_of, place_of_finding, places_beside
from deliverability.render.safe import safe, sentence
from deliverability.render.zone_text import diff

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
#: What paths are relative to; where that is on somebody's disk is nobody else's business (§3.14.14).
ROOT = "%SRCROOT%"
UNKNOWN_ID = "could-not-be-told"
UNKNOWN = Text("A check could not be told", "Una comprobación se quedó sin respuesta")
UNKNOWN_WHY = Text(
    "What the check needs was not answered, so nothing is said: it has neither passed nor failed.",
    "Lo que la comprobación necesita se quedó sin respuesta y no se afirma nada: ni pasa ni falla.",
)
UNKNOWN_HELP = Text(
    "Run the audit again. If the answer is still missing, look at the DNS servers that are named.",
    "Repita la auditoría. Si la respuesta sigue sin llegar, revise los servidores DNS que se indican.",
)
EXPIRED_WHY = Text(
    "The configuration set a problem aside until a day. That day is over, and the problem is still there.",
    "La configuración descartaba un problema hasta una fecha. Esa fecha ha pasado y el problema sigue ahí.",
)
EXPIRED_HELP = Text(
    "Correct the problem and remove the entry, or set a new day with a reason.",
    "Corrija el problema y borre la entrada, o ponga otra fecha con su motivo.",
)
ROOT_SAID = Text("The project's folder.", "La carpeta del proyecto.")
EXIT_CODES: Mapping[int, Text] = {
    0: Text("no findings at or above the gate", "nada a la altura del umbral"),
    1: Text("findings at or above the gate", "problemas de la gravedad del umbral o superior"),
    3: Text("part of what decides could not be told", "parte de lo que decide se quedó sin respuesta"),
}
_RFC = pattern(r"RFC ([0-9]{1,5})(?: §([0-9][0-9.]*[0-9]|[0-9]))?")
_PLACEHOLDER = pattern(r"\{\{|\}\}|\{(\w+)\}")


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", places: Places = (), **_: Any) -> str:
    """One log with one run."""
    rules = _rules(reports)
    results: list[dict[str, Any]] = []
    notifications: list[dict[str, Any]] = []
    for index, report in enumerate(reports):
        place = place_of(places, index)
        results += [_result(report, finding, rules, lang, place) for finding in report.findings]
        results += [
            {
                **_result(report, finding, rules, lang, place),
                "suppressions": [{"justification": reason, "kind": "external", "status": "accepted"}],
            }
            for finding, reason in report.ignored
        ]
        results += [_expired(report, entry, rules, lang) for entry in report.expired_ignores if entry.fails]
        notifications += _notifications(report, rules, lang, place)
        notifications += _stops(report, lang)
    other = next(one for one in LANGS if one != lang)
    run: dict[str, Any] = {
        "automationDetails": {"id": _category(reports)},
        "invocations": [_invocation(reports, notifications, lang)],
        "language": lang,
        "results": results,
        "tool": {"driver": {**_component(reports, rules, lang), **_driver(reports)}},
        "translations": [
            {**_component(reports, rules, other), "contents": ["localizedData"], "associatedComponent": _DRIVER}
        ],
    }
    entries = [expired.place(entry) for report in reports for entry in report.expired_ignores]
    if any(place is not None and not place.path.startswith("/") for place in (*places, *entries)):
        run["originalUriBaseIds"] = {ROOT: {"description": {"text": ROOT_SAID.format(lang)}}}
    return dumps({"$schema": SCHEMA, "runs": [run], "version": "2.1.0"}, indent=2) + "\n"


_DRIVER = {"name": "deliverability"}


def _category(reports: Sequence[Report]) -> str:
    """What GitHub keeps apart by: a run on mails does not close the alerts of a run on domains."""
    kinds = sorted({report.kind for report in reports})
    return f"deliverability/{'+'.join(kinds)}/"


def _driver(reports: Sequence[Report]) -> dict[str, Any]:
    versions = sorted({report.rules_version for report in reports})
    return {
        "contents": ["localizedData", "nonLocalizedData"],
        "properties": {"rulesVersion": ", ".join(versions)},
        **_version(),
        **_information(),
    }


def _information() -> dict[str, str]:
    """The address of the project, where its metadata has one."""
    urls = dict(project_urls())
    found = next((urls[label] for label in ("Documentation", "Homepage") if label in urls), "")
    return {"informationUri": found} if found.startswith(("https://", "http://")) else {}


def _version() -> dict[str, str]:
    try:
        installed = version("deliverability")
    except PackageNotFoundError:  # run from a folder of sources
        return {}
    return {"semanticVersion": installed, "version": installed}


def _rules(reports: Iterable[Report]) -> dict[str, tuple[int, Rule]]:
    """The rules that something refers to, by code, each with its index."""
    found = {finding.code: finding.rule for report in reports for finding in _all_findings(report)}
    found |= {rule.code: rule for report in reports for rule, _ in report.unknowns if rule.code not in found}
    return {code: (index, found[code]) for index, code in enumerate(sorted(found))}


def _all_findings(report: Report) -> tuple[Finding, ...]:
    return (*report.findings, *(item.finding for item in report.ignored))


def _component(reports: Sequence[Report], rules: Mapping[str, tuple[int, Rule]], lang: Lang) -> dict[str, Any]:
    pages = next((report.pages for report in reports), RulePages())
    failed = any(entry.fails for report in reports for entry in report.expired_ignores)
    return {
        "language": lang,
        "name": "deliverability",
        "notifications": [
            {
                "fullDescription": {"text": UNKNOWN_WHY.format(lang)},
                "help": {"text": UNKNOWN_HELP.format(lang)},
                "id": UNKNOWN_ID,
                "name": "CouldNotBeTold",
                "shortDescription": {"text": UNKNOWN.format(lang)},
            }
        ],
        # What stands behind the rules is no rule about mail: the configuration itself is at fault.
        "rules": [
            *(_rule(rule, lang, pages) for _, rule in rules.values()),
            *([_expired_rule(lang)] if failed else []),
        ],
    }


def _rule(rule: Rule, lang: Lang, pages: RulePages) -> dict[str, Any]:
    why, fix = _general(rule.why), _general(rule.fix)
    references = "; ".join(_linked(cited) for cited in rule.references)
    basis = f"{words.EXPLAIN_BASIS.format(lang)}: {words.BASES[rule.basis].format(lang)}"
    headings = [(words.WHY, why), (words.DO, fix)]
    text = [f"{label.format(lang)}: {said.format(lang)}" for label, said in headings]
    address = pages.of(rule.code, lang)
    more = f"{words.MORE.format(lang)}: {pages.more(rule.code, lang)}"
    marked = [f"**{label.format(lang)}:** {prose(said, lang)}" for label, said in headings]
    return {
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "fullDescription": {"text": _message(why.format(lang))},
        "help": {
            "markdown": _braces("\n\n".join([*marked, f"{escape(basis)} ({references})"])),
            "text": _message("\n".join([*text, f"{basis} ({'; '.join(rule.references)})", more])),
        },
        **({"helpUri": address} if address else {}),
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "properties": {"problem.severity": LEVELS[rule.severity], "tags": ["email", family_of(rule), rule.area.value]},
        "shortDescription": {"text": _message(rule.label.format(lang))},
    }


def _expired_rule(lang: Lang) -> dict[str, Any]:
    return {
        "defaultConfiguration": {"level": "error"},
        "fullDescription": {"text": EXPIRED_WHY.format(lang)},
        "help": {"text": EXPIRED_HELP.format(lang)},
        "id": EXPIRED_IGNORE,
        "name": "ExpiredIgnore",
        "properties": {"problem.severity": "error", "tags": ["configuration"]},
        "shortDescription": {"text": LABEL.format(lang)},
    }


def _expired(report: Report, entry: ExpiredIgnore, rules: Mapping[str, tuple[int, Rule]], lang: Lang) -> dict[str, Any]:
    """An ignore whose day is over while its problem stands, at the line of the configuration."""
    about = "\x1f".join((report.subject, EXPIRED_IGNORE, entry.code, entry.subject, entry.until.isoformat()))
    digest = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:16]
    logical = {"fullyQualifiedName": entry.subject or report.subject, "kind": report.kind}
    return {
        "kind": "fail",
        "level": "error",
        "locations": [{**_physical(expired.place(entry)), "logicalLocations": [logical]}],
        "message": {"text": _message(expired.said(entry, lang))},
        "partialFingerprints": {"deliverability/v1": digest, "primaryLocationLineHash": f"{digest}:1"},
        "properties": {"audited": report.subject, "changes": []},
        "ruleId": EXPIRED_IGNORE,
        "ruleIndex": len(rules),
    }


def _stops(report: Report, lang: Lang) -> list[dict[str, Any]]:
    """The sources of mail that a proposal would stop: no rule is broken yet, but the gate fails for it."""
    if not report.stops:
        return []
    from deliverability.render.senders_model import stops  # noqa: PLC0415 - only where a proposal was audited

    return [
        {"level": "error", "message": {"text": _message(f"{stop.title} {stop.advice}".strip())}}
        for stop in stops(report, lang)
    ]


def _general(text: Text) -> Text:
    """A rule's text with `‹words›` where its findings put what they saw."""
    if all(found[1] is None for found in _PLACEHOLDER.finditer(text.en)):
        return text  # then braces are meant as such, as in `Text.format`
    return Text(_PLACEHOLDER.sub(_word, text.en), _PLACEHOLDER.sub(_word, text.es))


def _word(found: re.Match[str]) -> str:
    return f"‹{found[1]}›" if found[1] else found[0][0]


def _linked(cited: str) -> Markdown:
    """A reference, an RFC as a link to its section."""
    found = _RFC.fullmatch(cited)
    if not found:
        return Markdown(escape(cited))
    anchor = f"#section-{found[2]}" if found[2] else ""
    return Markdown(f"[{escape(cited)}](https://www.rfc-editor.org/rfc/rfc{found[1]}{anchor})")


def _result(
    report: Report, finding: Finding, rules: Mapping[str, tuple[int, Rule]], lang: Lang, place: Place | None
) -> dict[str, Any]:
    at = place_of_finding(place, report, finding)
    beside = places_beside(place, report, finding)
    logical = {"fullyQualifiedName": finding.subject or report.subject, "kind": report.kind}
    result: dict[str, Any] = {
        "kind": "fail",
        "level": LEVELS[finding.severity],
        "locations": [{**_physical(at), "logicalLocations": [logical]}],
        "message": {"text": _message(_said(finding, lang))},
        "partialFingerprints": _fingerprints(report, finding, place),
        "properties": {
            "audited": report.subject,
            "changes": [change_document(change) for change in finding.fix.changes] if finding.fix else [],
            **({"consequenceOf": finding.consequence_of} if finding.consequence_of else {}),
        },
        "ruleId": finding.code,
        "ruleIndex": rules[finding.code][0],
    }
    if beside and place is not None:
        result["relatedLocations"] = [
            {**_physical(Place(place.path, line)), "id": number, "message": {"text": _message(safe(item.name))}}
            for number, (item, line) in enumerate(beside, 1)
        ]
    return result


def _said(finding: Finding, lang: Lang) -> str:
    """What is wrong in the first sentence (§3.11.3), then what to do, then the records."""
    title = sentence(finding.rule.title, lang, finding.args).rstrip(".")
    lines = [f"{title}. {sentence(finding.rule.fix, lang, finding.args)}"]
    if finding.fix:
        lines += diff(finding.fix.changes).splitlines()
        lines += [safe(f"+ {change.name}: {change.value}") for change in finding.fix.headers if not change.drop]
    return "\n".join(lines)


def _message(text: str) -> str:
    """Plain text in which nothing is a placeholder (§3.11.5) or a link (§3.11.6)."""
    return _braces(text.replace("](", "] ("))


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _physical(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {}
    if place.path.startswith("/"):
        artifact = {"uri": "file://" + _uri(place.path)}
    else:
        artifact = {"uri": _uri(place.path), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": place.line or 1}}}


def _uri(path: str) -> str:
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # no name that an operating system gave
        octets = path.encode("utf-8", "replace")
    return quote(octets, safe="/")


def _fingerprints(report: Report, finding: Finding, place: Place | None) -> dict[str, str]:
    """Ours, and one under the name by which GitHub tells alerts apart, which has to differ between mails and domains."""
    about = "\x1f".join((report.subject, place.path if place and report.kind == "message" else "", finding.fingerprint))
    digest = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:16]
    return {"deliverability/v1": finding.fingerprint, "primaryLocationLineHash": f"{digest}:1"}


def _notifications(
    report: Report, rules: Mapping[str, tuple[int, Rule]], lang: Lang, place: Place | None
) -> list[dict[str, Any]]:
    return [
        {
            "associatedRule": {"id": rule.code, "index": rules[rule.code][0]},
            "descriptor": {"id": UNKNOWN_ID, "index": 0},
            "level": "warning",
            "locations": [
                {
                    **_physical(place),
                    "logicalLocations": [
                        {"fullyQualifiedName": outcome.subject or report.subject, "kind": report.kind}
                    ],
                }
            ],
            "message": {
                "text": _message(f"{sentence(rule.label, lang)}: {sentence(outcome.because, lang)}"),
            },
        }
        for rule, outcome in report.unknowns
    ]


def _over(entry: ExpiredIgnore, lang: Lang) -> dict[str, Any]:
    """An ignore whose day is over and that fails nothing."""
    place = _physical(expired.place(entry))
    return {
        "level": "note" if entry.state is Expiry.GONE else "warning",
        **({"locations": [place]} if place else {}),
        "message": {"text": _message(expired.said(entry, lang))},
    }


def _invocation(reports: Sequence[Report], notifications: list[dict[str, Any]], lang: Lang) -> dict[str, Any]:
    """How it went. The audit ran to its end even where it found something or could not ask (§3.20.14)."""
    code = worst(report.exit_code() for report in reports)
    invocation: dict[str, Any] = {
        "executionSuccessful": True,
        "exitCode": code,
        "exitCodeDescription": EXIT_CODES[code].format(lang),
        "toolExecutionNotifications": notifications,
    }
    over = [entry for report in reports for entry in report.expired_ignores if not entry.fails]
    if over:
        invocation["toolConfigurationNotifications"] = [_over(entry, lang) for entry in over]
    if reports:
        latest = max(report.now for report in reports).astimezone(UTC)
        invocation["endTimeUtc"] = latest.strftime("%Y-%m-%dT%H:%M:%SZ")
    return invocation
