"""Reports as JSON: the form of docs/schema/report-1.json.

Texts stand in both languages, so that the document does not depend on who asked for it. Keys are sorted, there are no
NaN, and characters that could harm a terminal or change the direction of text are written as `\\uXXXX`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from deliverability.core.changes import PROPOSED_TTL, HeaderChange, RecordChange, record_value
from deliverability.core.expiry import ExpiredIgnore
from deliverability.core.finding import Evidence, Finding
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.patterns import pattern
from deliverability.core.questions import Answer, Failed, Found, Question
from deliverability.core.report import SCHEMA_VERSION, Action, Ignored, Report
from deliverability.core.rule import Rule
from deliverability.core.rule_pages import RulePages
from deliverability.core.score import DISCLAIMER, Score
from deliverability.core.text import LANGS, ArgValue, Lang, to_json
from deliverability.render.documents import text_document
from deliverability.render.zone_text import record_line

_UNSAFE = pattern(
    "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SURROGATES = pattern("[\ud800-\udfff]")


def render_reports(reports: Sequence[Report], *, lang: Lang = "en", answers: bool = False, **_: Any) -> str:
    """One report as an object, several as an array."""
    documents = [report_document(report, answers=answers) for report in reports]
    return dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"


def dumps(document: Any, *, indent: int | None = None) -> str:
    """Strict JSON that is safe to show: sorted keys, no NaN, harmful characters as escapes."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(
        document, indent=indent, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=separators
    )
    text = _SURROGATES.sub("\ufffd", text)
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    # Outside of strings JSON has no such character, so a match always stands inside one.
    return json.dumps(match[0])[1:-1]


def report_document(report: Report, *, answers: bool = False) -> dict[str, Any]:
    """A report as plain dictionaries and lists."""
    # Every topic is in there; `dumps` alone, for a subject or a table of rules, needs none of them.
    from deliverability.render.details import details_document  # noqa: PLC0415

    document: dict[str, Any] = {
        "actions": [_action(action) for action in report.actions],
        "details": details_document(report),
        "exit_code": report.exit_code(),
        "expired_ignores": [_expired(entry) for entry in report.expired_ignores],
        "fail_on": report.fail_on,
        "findings": [finding_document(finding, report.pages) for finding in report.findings],
        "ignored": [_ignored(item) for item in report.ignored],
        "kind": report.kind,
        "not_applicable": [
            {**_named(rule), "because": text_document(outcome.because), "subject": outcome.subject}
            for rule, outcome in report.not_applicable
        ],
        "notes": [text_document(note) for note in report.notes],
        "now": report.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "passed": [
            {**_named(rule), "note": text_document(outcome.note) if outcome.note else None, "subject": outcome.subject}
            for rule, outcome in report.passed
        ],
        "rules_version": report.rules_version,
        "score": score_document(report.score),
        "subject": report.subject,
        "unknowns": [
            {
                **_named(rule),
                "because": text_document(outcome.because),
                "evidence": [_evidence(item) for item in outcome.evidence],
                "severity": rule.severity.value,
                "subject": outcome.subject,
            }
            for rule, outcome in report.unknowns
        ],
        "version": SCHEMA_VERSION,
    }
    if answers:
        document["answers"] = [_answer(question, answer) for question, answer in report.answers.items()]
    return document


def finding_document(finding: Finding, pages: RulePages) -> dict[str, Any]:
    """A finding with its texts filled in, its evidence, the records it proposes, and the rule's page."""
    rule, args = finding.rule, finding.args
    return {
        **_named(rule),
        "actor": rule.actor.value,
        "args": {key: argument(value) for key, value in args.items()},
        "area": rule.area.value,
        "basis": rule.basis.value,
        "changes": [change_document(change) for change in finding.fix.changes] if finding.fix else [],
        "consequence_of": finding.consequence_of or None,
        "evidence": [_evidence(item) for item in finding.evidence],
        "fingerprint": finding.fingerprint,
        "fix": text_document(rule.fix, args),
        "headers": [_header(change) for change in finding.fix.headers] if finding.fix else [],
        "references": list(rule.references),
        "rule_page": page_document(rule, pages),
        "severity": finding.severity.value,
        "subject": finding.subject,
        "title": text_document(rule.title, args),
        "why": text_document(rule.why, args),
    }


def page_document(rule: Rule, pages: RulePages) -> dict[str, str] | None:
    """The addresses of a rule's page by language; None where there is none."""
    return {lang: pages.of(rule.code, lang) for lang in LANGS} if pages.template else None


def rule_document(rule: Rule, pages: RulePages) -> dict[str, Any]:
    """A rule as `explain -f json` gives it; texts keep their `{placeholders}`. Keys are only ever added."""
    return {
        **_named(rule),
        "actor": rule.actor.value,
        "area": rule.area.value,
        "basis": rule.basis.value,
        "cap": rule.cap,
        "consequence_of": list(rule.consequence_of),
        "family": rule.family,
        "fix": text_document(rule.fix),
        "pages": {lang: page_of(rule, lang) for lang in LANGS},
        "references": list(rule.references),
        "rule_page": page_document(rule, pages),
        "severity": rule.severity.value,
        "since": rule.since,
        "title": text_document(rule.title),
        "why": text_document(rule.why),
    }


def page_of(rule: Rule, lang: Lang) -> str:
    """The rule's page, from the project's folder on: an example, and everything that is known of the rule."""
    return f"docs/{'es/' if lang == 'es' else ''}reference/rules/{rule.code}.md"


def change_document(change: RecordChange) -> dict[str, Any]:
    """Records to add and to remove: the value whole, its character-strings, and the zone-file line."""
    return {
        "add": [_record(change, value) for value in change.add],
        "name": change.name,
        "remove": [_record(change, value) for value in change.remove],
        "type": change.type,
    }


def _header(change: HeaderChange) -> dict[str, Any]:
    """A header field as it should be sent; `occurrence` is the one it replaces, null: it is added."""
    return {
        "drop": change.drop,
        "name": change.name,
        "occurrence": change.occurrence,
        "value": _capped(change.value),
    }


def _record(change: RecordChange, value: str) -> dict[str, Any]:
    return {"value": value, "zone_file": record_line(change.name, change.type, value, ttl=PROPOSED_TTL)}


def score_document(score: Score) -> dict[str, Any]:
    """The score with its areas and what each lost; coverage is 0..1."""
    return {
        "areas": [
            {
                "area": area.area.value,
                "coverage": round(area.coverage, 4),
                "deductions": [{"code": d.code, "points": d.points} for d in area.deductions],
                "value": area.value,
            }
            for area in score.areas
        ],
        "capped_by": list(score.capped_by),
        "coverage": round(score.coverage, 4),
        "disclaimer": text_document(DISCLAIMER),
        "grade": score.grade,
        "value": score.value,
    }


def argument(value: ArgValue) -> Any:
    """An argument of a finding, its text at most as long as a record may be."""
    return _capped(value) if isinstance(value, str) else to_json(value)


def _capped(text: str) -> str:
    limit = DEFAULT_LIMITS.txt_octets
    return text if len(text) <= limit else f"{text[:limit]}… (+{len(text) - limit})"


def _named(rule: Rule) -> dict[str, Any]:
    return {"code": rule.code, "label": text_document(rule.label), "name": rule.name}


def _action(action: Action) -> dict[str, Any]:
    return {
        "changes": [change_document(change) for change in action.changes],
        "fingerprints": sorted(action.fingerprints),
        "introduces": list(action.introduces),
        "score_after": action.score_after,
        "solves": list(action.solves),
    }


def _ignored(item: Ignored) -> dict[str, Any]:
    finding = item.finding
    return {
        **_named(finding.rule),
        "fingerprint": finding.fingerprint,
        "reason": item.reason,
        "severity": finding.severity.value,
        "subject": finding.subject,
    }


def _expired(entry: ExpiredIgnore) -> dict[str, Any]:
    """An ignore whose day is over; `state` standing fails the gate."""
    return {
        "advice": text_document(entry.advice, entry.args),
        "code": entry.code,
        "file": entry.file or None,
        "fingerprints": sorted(entry.fingerprints),
        "line": entry.line,
        "reason": entry.reason,
        "state": entry.state.value,
        "subject": entry.subject,
        "title": text_document(entry.title, entry.args),
        "until": entry.until.isoformat(),
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "aliases": list(item.aliases),
        "line": item.line,
        "name": item.name,
        "note": text_document(item.note) if item.note else None,
        "spans": [[span.start, span.end] for span in item.spans],
        "status": item.status,
        "text": _capped(item.text),
        "ttl": item.ttl,
        "type": item.type,
    }


def _answer(question: Question, answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = {"name": question.name, "type": question.type, "status": type(answer).__name__.lower()}
    if isinstance(answer, Failed):
        return {**document, "detail": answer.detail, "kind": answer.kind.value}
    document |= {"aliases": list(answer.aliases), "ttl": answer.ttl}
    if isinstance(answer, Found):
        document["records"] = [_capped(record_value(record)) for record in answer.records]
    return document
