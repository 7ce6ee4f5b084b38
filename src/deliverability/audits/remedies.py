"""What to do, in order of effect: fixes tried on the recorded answers before anybody is told about them.

Theory of operation. Each rule proposes at most one change for its own finding and knows nothing of the others.
Three findings on one record would thus give three versions of it. So:

1. every proposed fix is tried alone: the audit runs again on the recorded answers with the change applied. A fix that
   does not make its finding go away, that brings a new error, or that leaves the domain worse off as a whole, is taken
   off its finding. (From eleven lookups to ten is a good change although ten is worth a warning);
2. the good ones are applied one after another, the audit being run again after each, so that the next one edits the
   record as the one before left it;
3. the steps that touch the same name and type become one `Action` with one final record, and the actions are put in
   the order of the worst that each solves and of what it regains alone.

A question that nobody asked in the original audit has no recorded answer and comes back as offline: what a change would
newly depend on is "could not tell" in the re-evaluation, and a finding that turned into "could not tell" is not solved.
What the answers imply is used, though: an answer that came through an alias is also the answer for the alias's target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from deliverability.core.changes import Changed, Fix, RecordChange, merge
from deliverability.core.finding import Finding, Severity
from deliverability.core.names import is_subdomain
from deliverability.core.plan import KnownSource
from deliverability.core.questions import Answer, Failed, Question
from deliverability.core.report import Action, Checked, Report
from deliverability.core.score import points

#: Runs the same audit on other answers.
Again: TypeAlias = Callable[[KnownSource], Report]

#: Audits that the trial of single fixes may take, and again the search for steps. Passed: what was found so far stands.
MAX_TRIES = 60


class _Step(NamedTuple):
    changes: tuple[RecordChange, ...]
    solves: frozenset[str]
    introduces: frozenset[str]


def with_actions(report: Report, answers: KnownSource, again: Again) -> Report:
    """The report with its fixes tried: those that fail removed, the others put together as actions."""
    if not any(isinstance(o, Finding) and o.fix is not None and o.fix.changes for _, o in report.checked):
        return report  # Nothing to try, so nothing to run again: the usual message.
    after_changes = _Trials(_WithTargets(answers, report.answers), again)
    proposed = {fix: finding for finding, fix in _proposed(report)}
    first = list(proposed.items())[:MAX_TRIES]
    tried = {fix: _works(finding, report, after_changes(fix.changes)) for fix, finding in first}
    checked = tuple(_without_bad_fix(item, tried) for item in report.checked)
    report = replace(report, checked=checked)
    steps = _steps(report, after_changes)
    return replace(report, actions=_actions(report, steps, after_changes))


def without_fixes(report: Report) -> Report:
    """The report with no fix at all, for audits in bulk that do not take the time to try them."""
    return replace(report, checked=tuple([_without_fix(item) for item in report.checked]))


class _Trials:
    """What the audit says once changes are made. The same changes come up alone, as a step and in an action: one audit."""

    def __init__(self, answers: KnownSource, again: Again) -> None:
        self._answers = answers
        self._again = again
        self._reports: dict[frozenset[RecordChange], Report] = {}

    def __call__(self, changes: Iterable[RecordChange]) -> Report:
        merged = frozenset(merge(changes))
        if merged not in self._reports:
            self._reports[merged] = self._again(Changed(self._answers, merged))
        return self._reports[merged]


class _WithTargets:
    """Recorded answers, and what they say about the targets of the aliases in them."""

    def __init__(self, below: KnownSource, recorded: Mapping[Question, Answer]) -> None:
        self._below = below
        self._implied: dict[Question, Answer] = {}
        for question, answer in recorded.items():
            if not isinstance(answer, Failed) and answer.aliases:
                target = question._replace(name=answer.aliases[-1])
                self._implied[target] = replace(answer, aliases=())

    def answer(self, question: Question) -> Answer:
        """The recorded answer, else the implied one, else that of the source below."""
        answer = self._below.answer(question)
        return self._implied.get(question, answer) if isinstance(answer, Failed) else answer


def _proposed(report: Report) -> list[tuple[Finding, Fix]]:
    """What DNS changes are proposed for findings that stand on their own: a consequence is mended with its cause, or
    after it."""
    return [(f, f.fix) for f in report.findings if f.fix is not None and f.fix.changes and not f.consequence_of]


def _without_bad_fix(item: Checked, tried: dict[Fix, bool]) -> Checked:
    """The outcome, its DNS changes dropped unless they were tried and work. Header lines stay: the audit of the message
    tried those."""
    outcome = item.outcome
    if not isinstance(outcome, Finding) or outcome.fix is None or not outcome.fix.changes:
        return item
    if tried.get(outcome.fix, False):
        return item
    kept = replace(outcome.fix, changes=())
    return Checked(item.rule, replace(outcome, fix=kept if kept.headers else None))


def _without_fix(item: Checked) -> Checked:
    outcome = item.outcome
    if not isinstance(outcome, Finding) or outcome.fix is None:
        return item
    return Checked(item.rule, replace(outcome, fix=None))


def _works(finding: Finding, before: Report, after: Report) -> bool:
    """Whether the finding is gone and can still be told, no error is new, and the domain is not worse off."""
    if any(_same(finding, other) for other in after.findings):
        return False
    if finding.code in _lost_sight(before, after) or _introduced(before, after, at_least=Severity.ERROR):
        return False
    if finding.severity is not Severity.ERROR and _risks_an_error(before, after):
        return False
    return _burden(after) < _burden(before)


def _burden(report: Report) -> tuple[float, int]:
    """What the findings weigh together, whatever area they lie in, and how many they are.

    A consequence weighs what it would without its cause: to mend a cause is no loss where a consequence outlives it.
    Every step makes the burden smaller, so the steps come to an end.
    """
    return sum(points(f.rule, f.severity) for f in report.findings), len(report.findings)


def _same(one: Finding, other: Finding) -> bool:
    return one.fingerprint == other.fingerprint


def _introduced(before: Report, after: Report, *, at_least: Severity) -> frozenset[str]:
    """Codes found after that were not found before."""
    new = {f.code for f in after.findings if f.severity.rank <= at_least.rank}
    return frozenset(new - before.codes())


def _lost_sight(before: Report, after: Report) -> frozenset[str]:
    """Codes that cannot be told any more: nobody asked what the change would depend on."""
    return frozenset({rule.code for rule, _ in after.unknowns} - {rule.code for rule, _ in before.unknowns})


def _risks_an_error(before: Report, after: Report) -> bool:
    """Whether what holds now could then be an error and nobody asked, such as an include that was never read.

    Worth it to mend an error; not to mend less.
    """
    risked = _lost_sight(before, after).intersection(rule.code for rule, _ in before.passed)
    return any(rule.code in risked and rule.severity is Severity.ERROR for rule, _ in after.unknowns)


def _solved(before: Report, after: Report) -> frozenset[str]:
    return before.codes() - after.codes() - _lost_sight(before, after)


def _steps(report: Report, after_changes: _Trials) -> list[_Step]:
    """Good fixes one after the other. One that does not work yet is tried again when another has changed the world."""
    steps: list[_Step] = []
    applied: tuple[RecordChange, ...] = ()
    refused: set[Fix] = set()
    current = report
    for _ in range(MAX_TRIES):
        candidate = next(((f, fix) for f, fix in _proposed(current) if fix not in refused), None)
        if candidate is None:
            break
        finding, fix = candidate
        after = after_changes((*applied, *fix.changes))
        if not _works(finding, current, after):
            refused.add(fix)
            continue
        refused.clear()
        applied = (*applied, *fix.changes)
        steps.append(
            _Step(
                fix.changes,
                _solved(current, after) | {finding.code},
                _introduced(current, after, at_least=Severity.INFO),
            )
        )
        current = after
    return steps


def _actions(report: Report, steps: Sequence[_Step], after_changes: _Trials) -> tuple[Action, ...]:
    groups = [group for group in map(_joined, _grouped(steps)) if group.changes]
    alone = [after_changes(group.changes) for group in groups]
    order = sorted(range(len(groups)), key=lambda i: _order(report, groups[i], alone[i]))
    actions: list[Action] = []
    applied: tuple[RecordChange, ...] = ()
    current = report
    for index in order:
        applied = merge((*applied, *groups[index].changes))
        after = after_changes(applied)
        actions.append(_action(report, groups[index], current, after))
        current = after
    return tuple(actions)


def _action(report: Report, step: _Step, before: Report, after: Report) -> Action:
    """One action, with those of the report's findings that stood until it and are gone after it."""
    lost = _lost_sight(before, after)
    gone = {f.fingerprint for f in before.findings} - {f.fingerprint for f in after.findings}
    solved = [f for f in report.findings if f.fingerprint in gone and f.code not in lost]
    codes = tuple(sorted({f.code for f in solved}))
    return Action(
        step.changes, codes, tuple(sorted(step.introduces)), after.score.value, frozenset(f.fingerprint for f in solved)
    )


def _order(before: Report, step: _Step, after: Report) -> tuple[int, bool, int, float]:
    """What sorts actions: the worst they solve, own zone before others' zones, points regained alone, burden taken away."""
    worst = min((f.severity.rank for f in before.findings if f.code in step.solves), default=len(Severity))
    elsewhere = not all(is_subdomain(change.name, before.subject) for change in step.changes)
    points_regained = (after.score.value or 0) - (before.score.value or 0)
    return worst, elsewhere, -points_regained, _burden(after)[0]


def _grouped(steps: Iterable[_Step]) -> list[list[_Step]]:
    """Steps that touch a common record (name and type), in their order."""
    groups: list[tuple[set[tuple[str, str]], list[_Step]]] = []
    for step in steps:
        touched = {(change.name, change.type) for change in step.changes}
        joined = [group for group in groups if group[0] & touched]
        keys = touched.union(*(group[0] for group in joined))
        members = [member for group in joined for member in group[1]]
        groups = [group for group in groups if group not in joined]
        groups.append((keys, [*members, step]))
    return [members for _, members in groups]


def _joined(steps: list[_Step]) -> _Step:
    changes = merge(change for step in steps for change in step.changes)
    solves: frozenset[str] = frozenset().union(*(step.solves for step in steps))
    introduces: frozenset[str] = frozenset().union(*(step.introduces for step in steps))
    return _Step(changes, solves - introduces, introduces - solves)
