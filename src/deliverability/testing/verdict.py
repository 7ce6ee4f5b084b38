"""`assert_deliverable`: a report, a mail or a domain that has to be in order, and a failure that says how to mend it.

The text of a failure is plain: outside text is escaped, every line is bounded, and what would be too much is counted.
Works without pytest; within it, the marker of the running test gives the language and the gate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deliverability.core.expiry import ExpiredIgnore
from deliverability.core.finding import Finding, Severity, Unknown
from deliverability.core.names import escape_controls
from deliverability.core.plan import Source
from deliverability.core.profile import FAIL_ON, check_code, names_rule
from deliverability.core.questions import FailureKind
from deliverability.core.report import Report
from deliverability.core.rule import Rule
from deliverability.core.text import Lang, Text
from deliverability.testing.current import CURRENT

#: Findings that are told in full, and answers that are named; the rest is counted.
_MOST_TOLD = 8
_MOST_MISSING = 8
_MOST_CODES = 12
_LINE = 400
#: Characters of a record to publish: a DKIM key of 4096 bits fits.
_RECORD = 1200

_COUNTED = Text("findings at or above `{level}`: {n}", "problemas de gravedad `{level}` o mayor: {n}")
_MISSING = Text("could not be told: {n}", "no se pudo saber: {n}")
_EXPIRED = Text("ignores whose day is over: {n}", "excepciones caducadas: {n}")
_UNTOLD = Text("Could not be told: ", "No se pudo saber: ")
_FIX = Text("fix: ", "qué hacer: ")
_SEEN = Text("seen: ", "visto: ")
_CAUSE = Text("follows from {code}", "consecuencia de {code}")
_NO_ANSWER = Text("no answer: ", "sin respuesta: ")
_MORE = Text("… and {n} more: {codes}", "… y {n} más: {codes}")
_ASIDE = Text("Found and not counted: {codes}", "Encontrado, pero no cuenta: {codes}")
_ALLOW = Text(
    "What could not be told fails too; `allow_unknown=True` or the codes let it be.",
    "Lo que no se pudo saber también falla; `allow_unknown=True`, o los códigos, lo da por bueno.",
)


@dataclass(frozen=True, slots=True)
class _Gate:
    """What counts."""

    level: str
    ignore: tuple[str, ...]
    #: True: every rule; else these.
    allowed: bool | tuple[str, ...]

    def reaches(self, severity: Severity) -> bool:
        return self.level != "never" and severity.rank <= Severity(self.level).rank

    def counts(self, finding: Finding) -> bool:
        return self.reaches(finding.severity) and not _named(self.ignore, finding.rule)

    def misses(self, rule: Rule) -> bool:
        if self.allowed is True or _named(self.ignore, rule):
            return False
        return self.reaches(rule.severity) and not _named(self.allowed or (), rule)


def assert_deliverable(
    what: object,
    *,
    source: Source | None = None,
    fail_on: str | None = None,
    ignore: Collection[str] = (),
    allow_unknown: bool | Collection[str] | None = None,
    lang: Lang | None = None,
    **options: Any,
) -> Report:
    """The report, when it has no finding that counts; otherwise an `AssertionError` with the findings and their fixes.

    `what` is a report, or a domain or mail to audit as `deliverability_audit` does, on `source` and with `options`.
    `fail_on` is error, warning, info or never; None is the marker's, else the configuration's (error). `ignore` sets
    codes, families or names of rules aside. What could not be told fails where its finding would have counted, unless
    `allow_unknown` is true or names its rule. Raises `UnknownRule` for a code that does not exist.
    """
    __tracebackhide__ = True
    report = what if isinstance(what, Report) else _audited(what, source, options)
    gate = _gate(report, fail_on, ignore, allow_unknown)
    found = [finding for finding in report.findings if gate.counts(finding)]
    missing = [(rule, unknown) for rule, unknown in report.unknowns if gate.misses(rule)]
    expired = [entry for entry in report.expired_ignores if entry.fails and gate.level != "never"]
    if found or missing or expired:
        raise AssertionError(_text(report, gate, found, missing, expired, lang or _language()))
    return report


def _audited(what: object, source: Source | None, options: dict[str, Any]) -> Report:
    if CURRENT.item is not None:
        from deliverability.testing.auditing import Auditor  # noqa: PLC0415 - needs pytest

        return Auditor(CURRENT.item)(what, source=source, **options)
    from deliverability.testing.forms import audit  # noqa: PLC0415 - loads every rule

    return audit(what, source=source, **options)


def _marked() -> dict[str, Any]:
    """What the marker of the running test says, where pytest runs one."""
    if CURRENT.item is None:
        return {}
    from deliverability.testing.plugin import marked  # noqa: PLC0415 - needs pytest

    return marked(CURRENT.item)


def _gate(
    report: Report, fail_on: str | None, ignore: Collection[str], allow_unknown: bool | Collection[str] | None
) -> _Gate:
    told = _marked()
    level = fail_on or told.get("fail_on") or report.fail_on
    if level not in FAIL_ON:
        raise ValueError(f"fail_on={level!r}: expected one of {', '.join(FAIL_ON)}")
    if allow_unknown is None:
        allow_unknown = told["incomplete"] == "pass" if "incomplete" in told else not report.incomplete_fails
    allowed = allow_unknown if isinstance(allow_unknown, bool) else _codes(allow_unknown)
    return _Gate(level, _codes(ignore), allowed)


def _codes(words: Collection[str]) -> tuple[str, ...]:
    listed = (words,) if isinstance(words, str) else tuple(words)
    if listed:
        from deliverability.registry import RULES  # noqa: PLC0415 - every rule of the library

        known = [(rule.code, rule.name) for rule in RULES]
        for word in listed:
            check_code(word, known)
    return listed


def _named(words: Collection[str] | bool, rule: Rule) -> bool:
    return not isinstance(words, bool) and any(names_rule(word, rule.code, rule.name) for word in words)


def _language() -> Lang:
    if CURRENT.item is None:
        return "en"
    from deliverability.testing.auditing import language_of  # noqa: PLC0415 - needs pytest

    return language_of(CURRENT.item)


def _text(
    report: Report,
    gate: _Gate,
    found: Sequence[Finding],
    missing: Sequence[tuple[Rule, Unknown]],
    expired: Sequence[ExpiredIgnore],
    lang: Lang,
) -> str:
    counts = [_COUNTED.format(lang, {"level": gate.level, "n": len(found)})] if found else []
    counts += [_EXPIRED.format(lang, {"n": len(expired)})] if expired else []
    counts += [_MISSING.format(lang, {"n": len(missing)})] if missing else []
    lines = [f"{_line(report.subject)}: {'; '.join(counts)}"]
    lines += [line for entry in expired for line in ("", *_over(entry, lang))]
    codes = {finding.code for finding in found}
    for finding in found[:_MOST_TOLD]:
        lines += ["", *_finding(finding, codes, lang)]
    if len(found) > _MOST_TOLD:
        rest = found[_MOST_TOLD:]
        lines += ["", _MORE.format(lang, {"n": len(rest), "codes": _some(finding.code for finding in rest)})]
    if missing:
        lines += ["", *_missing(missing, lang)]
    aside = [finding.code for finding in report.findings if not gate.counts(finding)]
    if aside:
        lines += ["", _ASIDE.format(lang, {"codes": _some(aside)})]
    return "\n".join(lines)


def _over(entry: ExpiredIgnore, lang: Lang) -> Iterator[str]:
    """An ignore whose day is over, and where it stands."""
    from deliverability.render.safe import sentence  # noqa: PLC0415 - only for a failure

    at = f" ({Path(entry.file).name}:{entry.line})" if entry.file and entry.line else ""
    yield _line(sentence(entry.title, lang, entry.args) + at)
    yield f"  {_FIX.format(lang)}{_line(sentence(entry.advice, lang, entry.args))}"


def _finding(finding: Finding, codes: Collection[str], lang: Lang) -> Iterator[str]:
    from deliverability.render.safe import safe, sentence  # noqa: PLC0415 - only for a failure
    from deliverability.render.zone_text import diff  # noqa: PLC0415 - as above

    rule, args = finding.rule, finding.args
    yield f"{rule.code} ({finding.severity.value}) {_line(sentence(rule.title, lang, args))}"
    if finding.consequence_of in codes:
        yield f"  {_CAUSE.format(lang, {'code': finding.consequence_of})}"
        return
    yield f"  {_FIX.format(lang)}{_line(sentence(rule.fix, lang, args))}"
    if finding.fix is not None:
        for line in diff(finding.fix.changes).splitlines():
            yield f"  {safe(line, _RECORD)}"
        for change in finding.fix.headers:
            yield f"  {'-' if change.drop else '+'} {safe(change.name)}{'' if change.drop else safe(f': {change.value}', _RECORD)}"
    for item in finding.evidence[:1]:
        at = f":{item.line}" if item.line is not None else ""
        seen = " ".join(part for part in (f"{item.name}{at}", item.type, item.text) if part)
        yield f"  {_SEEN.format(lang)}{_line(seen)}"


def _missing(missing: Sequence[tuple[Rule, Unknown]], lang: Lang) -> Iterator[str]:
    """The rules that could not be told, the answers they lacked, and what to do about it."""
    from deliverability.render.safe import sentence  # noqa: PLC0415 - only for a failure
    from deliverability.testing.refusal import HOW_TO_ALLOW, NOT_ALLOWED  # noqa: PLC0415 - as above

    failed = (item for _, unknown in missing for item in unknown.evidence if item.status == "failed")
    lacking = dict.fromkeys((item.name, item.type, item.text) for item in failed)
    yield _UNTOLD.format(lang) + _some([rule.code for rule, _ in missing])
    # The plug-in lists what was not allowed below the failure.
    told = [(n, t, text) for n, t, text in lacking if not (CURRENT.refused and text.endswith(NOT_ALLOWED))]
    for name, record_type, text in told[:_MOST_MISSING]:
        yield f"  {_NO_ANSWER.format(lang)}{_line(f'{name} {record_type}: {text}')}"
    if len(told) > _MOST_MISSING:
        yield f"  … (+{len(told) - _MOST_MISSING})"
    if not lacking:
        for rule, unknown in missing[:_MOST_MISSING]:
            yield f"  {rule.code}: {_line(sentence(unknown.because, lang))}"
    if CURRENT.item is not None and any(text.startswith(FailureKind.OFFLINE) for _, _, text in told):
        yield HOW_TO_ALLOW.format(lang)
    yield _ALLOW.format(lang)


def _some(codes: Iterable[str]) -> str:
    """Codes, each once, cut after a dozen."""
    once = list(dict.fromkeys(codes))
    more = f", … (+{len(once) - _MOST_CODES})" if len(once) > _MOST_CODES else ""
    return ", ".join(once[:_MOST_CODES]) + more


def _line(text: str) -> str:
    """One bounded line of outside text."""
    flat = " ".join(text.split())
    cut = flat if len(flat) <= _LINE else f"{flat[: _LINE - 1]}…"
    return escape_controls(cut)
