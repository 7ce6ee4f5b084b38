"""The report of one audit: every outcome, the score, what to do, and the answers it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from deliverability.core.changes import RecordChange
from deliverability.core.expiry import ExpiredIgnore
from deliverability.core.finding import Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.names import escape_controls
from deliverability.core.questions import Answer, Question
from deliverability.core.rule import Checked as Checked  # noqa: PLC0414 - part of what a report is made of
from deliverability.core.rule import Facts, Rule, RuleSet
from deliverability.core.rule_pages import RulePages, rule_pages
from deliverability.core.score import Score, score
from deliverability.core.text import Lang, Text

#: Of exit codes the worst first: a finding is certain, what could not be told is not.
_WORST_FIRST = (1, 3, 0)
#: How the codes of roll-ups begin: they repeat what other rules found, by mailbox provider.
ROLL_UPS = "PROV"
#: Version of the JSON form of a report; grows with any change that is not an addition.
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """Fact for roll-ups, which are judged after all other rules: what came of those, by their codes."""

    found: Mapping[str, tuple[Finding, ...]]
    #: Not told of something; a code may be in several of these.
    unknown: frozenset[str]
    passed: frozenset[str]

    @classmethod
    def of(cls, checked: Iterable[Checked]) -> Judged:
        """What was checked, by code."""
        several: dict[str, list[Finding]] = {}
        unknown, passed = set(), set()
        for rule, outcome in checked:
            if isinstance(outcome, NotApplicable):
                continue
            if isinstance(outcome, Passed):
                passed.add(rule.code)
            elif isinstance(outcome, Unknown):
                unknown.add(rule.code)
            else:
                several.setdefault(rule.code, []).append(outcome)
        found = {code: tuple(findings) for code, findings in several.items()}
        return cls(found, frozenset(unknown), frozenset(passed))


class Action(NamedTuple):
    """One thing to do: records to change together, and what the audit says once they are.

    `score_after` comes from running the audit again with this and all earlier actions applied.
    """

    changes: tuple[RecordChange, ...]
    solves: tuple[str, ...]
    introduces: tuple[str, ...]
    score_after: int | None
    #: Fingerprints of the findings that go away; of two findings with one code perhaps only one does.
    fingerprints: frozenset[str] = frozenset()

    def mends(self, finding: Finding) -> bool:
        """Whether this finding goes away with the action."""
        return finding.fingerprint in self.fingerprints


class Ignored(NamedTuple):
    """A finding that the profile takes out of the verdict, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an audit. Same answers, same moment and same profile give the same report."""

    subject: str
    kind: str
    now: datetime
    checked: tuple[Checked, ...]
    score: Score
    rules_version: str
    #: What was asked and answered, in the order of the questions' names.
    answers: Mapping[Question, Answer] = field(default_factory=dict, compare=False, repr=False)
    actions: tuple[Action, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    #: What the reader should know of the report itself.
    notes: tuple[Text, ...] = ()
    #: Ignores of the profile whose day is over; one whose finding is still there fails the gate.
    expired_ignores: tuple[ExpiredIgnore, ...] = ()
    #: Sources of mail that are believed today and would no longer be under the proposal that was audited.
    stops: tuple[str, ...] = ()
    #: What topics want shown in full (the SPF tree, the providers seen, …), by name.
    details: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    #: The gate of the profile: error, warning, info or never.
    fail_on: str = "error"
    incomplete_fails: bool = True
    #: Where the pages of the rules are, as in the profile.
    rule_pages: str | None = field(default=None, compare=False, repr=False)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every outcome, in the order of the rules."""
        return tuple(outcome for _, outcome in self.checked)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What does not hold: errors first, causes before consequences, then by code and subject."""
        found = [o for o in self.outcomes if isinstance(o, Finding)]
        return tuple(sorted(found, key=lambda f: (f.severity.rank, bool(f.consequence_of), f.code, f.subject)))

    @property
    def unknowns(self) -> tuple[tuple[Rule, Unknown], ...]:
        """What could not be told."""
        return tuple((rule, o) for rule, o in self.checked if isinstance(o, Unknown))

    @property
    def passed(self) -> tuple[tuple[Rule, Passed], ...]:
        """What was checked and holds."""
        return tuple((rule, o) for rule, o in self.checked if isinstance(o, Passed))

    @property
    def not_applicable(self) -> tuple[tuple[Rule, NotApplicable], ...]:
        """What does not concern this subject."""
        return tuple((rule, o) for rule, o in self.checked if isinstance(o, NotApplicable))

    def codes(self) -> frozenset[str]:
        """The codes that were found."""
        return frozenset(f.code for f in self.findings)

    def exit_code(self, fail_on: str = "") -> int:
        """The command's exit code: 1 findings at or above the level, 3 could not tell, 0 clean.

        `fail_on` is error, warning, info or never; "" is the profile's. A rule that could not be told counts only if
        its finding would have reached the level. An ignore whose day is over while its finding is still there is an
        error of its own, whatever the severity of the finding, and so is a source of mail that a proposal would stop.
        """
        word = fail_on or self.fail_on
        if word == "never":
            return 0
        level = Severity(word)
        if any(f.severity.rank <= level.rank for f in self.findings) or any(e.fails for e in self.expired_ignores):
            return 1
        if self.stops:
            return 1
        if self.incomplete_fails and any(rule.severity.rank <= level.rank for rule, _ in self.unknowns):
            return 3
        return 0

    @property
    def pages(self) -> RulePages:
        """Where the pages of the rules are, for links."""
        return rule_pages(self.rule_pages)

    def new_since(self, fingerprints: Iterable[str]) -> tuple[Finding, ...]:
        """The findings whose fingerprint is not among `fingerprints` (a baseline)."""
        known = frozenset(fingerprints)
        return tuple(f for f in self.findings if f.fingerprint not in known)

    def to_rows(self, lang: Lang = "en") -> list[dict[str, Any]]:
        """One flat dictionary for each outcome, with the columns `core.columns.OUTCOMES`, ready for a data frame."""
        return [_row(self.subject, rule, outcome, lang) for rule, outcome in self.checked]

    def to_row(self) -> dict[str, Any]:
        """The report as one flat dictionary, with the columns `core.columns.REPORTS`: for tables of many reports.

        Counts are those of the report's first lines: findings, and rules that could not be told, without the roll-ups.
        """
        counts = Counter(finding.severity for finding in self.findings if not finding.code.startswith(ROLL_UPS))
        return {
            "audited": self.subject,
            "kind": self.kind,
            "score": self.score.value,
            "grade": self.score.grade,
            "coverage": float(self.score.coverage),
            "errors": counts[Severity.ERROR],
            "warnings": counts[Severity.WARNING],
            "infos": counts[Severity.INFO],
            "unknown": len({rule.code for rule, _ in self.unknowns if not rule.code.startswith(ROLL_UPS)}),
            "exit_code": self.exit_code(),
        }

    def __repr__(self) -> str:
        row = self.to_row()
        score = f"score {row['score']} {row['grade']}" if row["score"] is not None else "no score"
        counts = f"{row['errors']} errors, {row['warnings']} warnings, {row['infos']} notes, {row['unknown']} unknown"
        return f"<Report on {self.kind} {escape_controls(self.subject)}: {counts}; {score}>"

    def render(self, format: str = "terminal", *, lang: Lang = "en", **options: Any) -> str:  # noqa: A002 - the option's own name
        """The report in one of the formats of `deliverability.render` ("terminal", "json", "jsonl", …)."""
        from deliverability.render import render  # noqa: PLC0415 - see docs/decisions: one of two arrows that point up

        return render(self, format, lang=lang, **options)

    def _repr_html_(self) -> str:
        """What a notebook shows: the HTML report with a style sheet that leaves the page around it alone."""
        return self.render("html", embed=True)


def as_html(part: object) -> str:
    """What a notebook shows of a part of a report that is an object of its own: an SPF tree, a listing, a scored subject."""
    from deliverability.render import render_part  # noqa: PLC0415 - the same arrow as that of `Report.render`

    return render_part(part)


def _row(subject: str, rule: Rule, outcome: Outcome, lang: Lang) -> dict[str, Any]:
    finding = outcome if isinstance(outcome, Finding) else None
    return {
        "audited": subject,
        "code": rule.code,
        "outcome": outcome_word(outcome),
        "severity": finding.severity.value if finding else None,
        "subject": outcome.subject,
        "area": rule.area.value,
        "text": finding.text(lang) if finding else rule.label.format(lang),
        "because": outcome.because.format(lang) if isinstance(outcome, (Unknown, NotApplicable)) else None,
        "fingerprint": finding.fingerprint if finding else None,
    }


def outcome_word(outcome: Outcome) -> str:
    """passed, finding, not-applicable or unknown."""
    match outcome:
        case Passed():
            return "passed"
        case Finding():
            return "finding"
        case NotApplicable():
            return "not-applicable"
        case Unknown():
            return "unknown"


def judge(rules: RuleSet | Iterable[Rule], facts: Facts) -> tuple[Checked, ...]:
    """Run the rules on the facts, and link each consequence to its cause."""
    ready = rules if isinstance(rules, RuleSet) else RuleSet(rules)
    checked = tuple(ready.run(facts))
    causes = {code for rule, outcome in checked if isinstance(outcome, Finding) for code in rule.consequence_of}
    if not causes:
        return checked
    judged: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    for rule, outcome in checked:
        if rule.code not in causes:
            continue
        judged.setdefault(rule.code, set()).add(outcome.subject)
        if isinstance(outcome, Finding):
            found.setdefault(rule.code, set()).add(outcome.subject)
    return tuple([_linked(item, judged, found) if item.rule.consequence_of else item for item in checked])


def _linked(item: Checked, judged: Mapping[str, set[str]], found: Mapping[str, set[str]]) -> Checked:
    """A cause counts for the subject it was judged on; where it was judged on others only (a domain, for one of its
    addresses), it counts for all."""
    rule, outcome = item
    if not isinstance(outcome, Finding):
        return item
    for code in rule.consequence_of:
        if code in found and (outcome.subject in found[code] or outcome.subject not in judged[code]):
            return Checked(rule, replace(outcome, consequence_of=code))
    return item


def worst(codes: Iterable[int]) -> int:
    """The exit code for several reports."""
    seen = frozenset(codes)
    return next((code for code in _WORST_FIRST if code in seen), 0)


def score_of(checked: Sequence[Checked], *, authenticated: bool = True) -> Score:
    """The score of checked rules; `authenticated` as in `score`."""
    return score(checked, authenticated=authenticated)
