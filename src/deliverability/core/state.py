"""What a comparison needs of a report, whether it was just made or comes from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from deliverability.core.changes import record_value
from deliverability.core.finding import Actor, Finding, NotApplicable, Passed, Severity
from deliverability.core.questions import Answer, Failed, Found, Question
from deliverability.core.report import Report
from deliverability.core.text import NO_TEXT, ArgValue, Text

#: (code, subject) of an outcome.
Key: TypeAlias = tuple[str, str]


class Held(NamedTuple):
    """A finding as a comparison sees it; the texts have their arguments put in and are not escaped."""

    code: str
    label: Text
    severity: Severity
    subject: str
    fingerprint: str
    title: Text
    advice: Text = NO_TEXT
    actor: Actor | None = None
    #: The profile or a baseline set it aside.
    aside: bool = False
    rules_version: str = ""

    def says(self, other: Held) -> bool:
        """Whether both say the same. What is set aside has no words in a file, and other rules may word it otherwise."""
        if (self.fingerprint, self.severity, self.aside) != (other.fingerprint, other.severity, other.aside):
            return False
        return self.aside or self.rules_version != other.rules_version or self.title == other.title


class Untold(NamedTuple):
    """A check that could not be told; the severity is that of its rule."""

    code: str
    label: Text
    severity: Severity
    subject: str
    because: Text = NO_TEXT


class Recorded(NamedTuple):
    """An answer without what does not matter: its TTL, its order, whether the name exists when it has no such record."""

    #: None: it could not be asked.
    values: tuple[str, ...] | None
    #: The name that a CNAME leads to; "" without one.
    alias: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """One report, as far as a comparison needs it."""

    subject: str
    kind: str = "domain"
    #: What the caller calls it, a file name for instance; for messages.
    name: str = ""
    now: datetime | None = None
    rules_version: str = ""
    score: int | None = None
    grade: str | None = None
    findings: tuple[Held, ...] = ()
    unknowns: tuple[Untold, ...] = ()
    passed: frozenset[Key] = frozenset()
    not_applicable: frozenset[Key] = frozenset()
    #: (name, type) -> what was answered; empty where the report keeps no answers.
    records: Mapping[tuple[str, str], Recorded] = field(default_factory=dict, repr=False)
    #: The details of the report, or those of its JSON form.
    details: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, report: Report) -> State:
        """The state that a report describes."""
        overview = report.details.get("message")
        version = report.rules_version
        aside = [_held(item.finding, version, aside=True) for item in report.ignored]
        return cls(
            subject=report.subject,
            kind=report.kind,
            name=str(getattr(overview, "name", "") or ""),
            now=report.now,
            rules_version=version,
            score=report.score.value,
            grade=report.score.grade,
            findings=(*(_held(finding, version) for finding in report.findings), *aside),
            unknowns=tuple(
                Untold(rule.code, rule.label, rule.severity, o.subject, o.because) for rule, o in report.unknowns
            ),
            passed=_keys(report, Passed),
            not_applicable=_keys(report, NotApplicable),
            records=records_of(report.answers),
            details=report.details,
        )


def _held(finding: Finding, version: str, *, aside: bool = False) -> Held:
    rule, args = finding.rule, finding.args
    return Held(
        rule.code,
        rule.label,
        finding.severity,
        finding.subject,
        finding.fingerprint,
        _filled(rule.title, args),
        _filled(rule.fix, args),
        rule.actor,
        aside,
        version,
    )


def _filled(text: Text, args: Mapping[str, ArgValue]) -> Text:
    return Text(text.format("en", args), text.format("es", args))


def _keys(report: Report, outcome: type[Passed | NotApplicable]) -> frozenset[Key]:
    return frozenset((rule.code, o.subject) for rule, o in report.checked if isinstance(o, outcome))


#: Types whose records change without anything having changed for mail: serial numbers, keys of the zone.
_NO_MATTER = ("SOA", "DNSKEY")


def records_of(answers: Mapping[Question, Answer]) -> dict[tuple[str, str], Recorded]:
    """The answers that can be compared: those of the resolver, of types that matter."""
    return {
        (question.name, question.type): recorded(answer)
        for question, answer in answers.items()
        if question.server is None
        and not (question.checking_disabled or question.private)
        and question.type not in _NO_MATTER
    }


def recorded(answer: Answer) -> Recorded:
    """One answer without what does not matter."""
    if isinstance(answer, Failed):
        return Recorded(None)
    values = sorted(record_value(record) for record in answer.records) if isinstance(answer, Found) else ()
    return Recorded(tuple(values), answer.aliases[0] if answer.aliases else "")
