"""Comparisons as JSON: the form of docs/schema/diff-1.json."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from deliverability.audits.effects import BeforeAfter
from deliverability.core.comparison import Comparison, Difference, Entry, Kind
from deliverability.core.state import Held, State
from deliverability.core.text import Lang
from deliverability.render.documents import text_document
from deliverability.render.json import argument, dumps
from deliverability.render.senders_model import change_json

#: Version of the form; grows with any change that is not an addition.
DIFF_VERSION = 1
DIFF_FORMAT = "deliverability-diff"


def render_comparisons(
    comparisons: Sequence[Comparison],
    *,
    lang: Lang = "en",
    fail_on: str = "error",
    incomplete_fails: bool = True,
    **_: Any,
) -> str:
    """One document for all comparisons. Texts stand in both languages, whatever `lang` is."""
    from deliverability.core.report import worst  # noqa: PLC0415 - with the gate only

    code = worst(c.exit_code(fail_on, incomplete_fails=incomplete_fails) for c in comparisons)
    whole = {
        "comparisons": [comparison_document(c) for c in comparisons],
        "exit_code": code,
        "fail_on": fail_on,
        "format": DIFF_FORMAT,
        "version": DIFF_VERSION,
    }
    return dumps(whole, indent=2) + "\n"


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """One comparison as plain data."""
    return {
        "after": _state(comparison.after),
        "before": _state(comparison.before),
        "changed": [_entry(entry) for entry in comparison.changed],
        "differences": [_difference(item) for item in comparison.differences],
        "fixed": [_entry(entry) for entry in comparison.fixed],
        "gained": [_entry(entry) for entry in comparison.gained],
        "kind": comparison.kind,
        "lost": [_entry(entry) for entry in comparison.lost],
        "name": comparison.name,
        "new": [_entry(entry) for entry in comparison.new],
        "other_rules": comparison.other_rules,
        "records": [
            {
                "added": [argument(v) for v in r.added],
                "name": r.name,
                "removed": [argument(v) for v in r.removed],
                "type": r.type,
            }
            for r in comparison.records
        ],
        "same": [_entry(entry) for entry in comparison.same],
        "subject": comparison.subject,
        "untold": len(comparison.of(Kind.UNTOLD)),
    }


def change_document(change: BeforeAfter) -> dict[str, Any]:
    """What a proposed change does: each source of mail, and the comparison of both reports."""
    return {**change_json(change), "comparison": comparison_document(change.comparison)}


def _state(state: State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "answers": len(state.records),
        "grade": state.grade,
        "now": state.now.astimezone(UTC).isoformat().replace("+00:00", "Z") if state.now is not None else None,
        "rules_version": state.rules_version,
        "score": state.score,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "after": _held(entry.after),
        "because": text_document(entry.because) if entry.because else None,
        "before": _held(entry.before),
        "code": entry.code,
        "label": text_document(entry.label),
        "now": entry.now.value,
        "severity": entry.severity.value,
        "subject": entry.subject,
        "was": entry.was.value,
    }


def _held(held: Held | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "actor": held.actor.value if held.actor is not None else None,
        "aside": held.aside,
        "fingerprint": held.fingerprint,
        "fix": text_document(held.advice) if held.advice else None,
        "severity": held.severity.value,
        "title": text_document(held.title),
    }


def _difference(item: Difference) -> dict[str, Any]:
    return {
        "added": [argument(value) for value in item.added],
        "name": item.name,
        "provider": item.provider or None,
        "removed": [argument(value) for value in item.removed],
        "text": text_document(item.text, item.args),
        "topic": item.topic,
    }
