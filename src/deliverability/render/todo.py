"""What to do: the tried actions in their order, then the findings that no record can mend, then the notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.text import Text as Styled

from deliverability.core.changes import HeaderChange, RecordChange
from deliverability.core.finding import Evidence, Finding, Severity
from deliverability.core.names import is_subdomain
from deliverability.core.questions import FailureKind
from deliverability.core.report import ROLL_UPS as ROLL_UPS  # noqa: PLC0414 - of the words of this module too
from deliverability.core.report import Action, Report
from deliverability.core.text import Text
from deliverability.render import words
from deliverability.render.page import MARKS, Page
from deliverability.render.safe import safe, sentence
from deliverability.render.verdict import weight
from deliverability.render.zone_text import added_lines, removed_lines

#: Characters of evidence that stand beside a finding unless more is asked for.
_EVIDENCE_CHARACTERS = 400
#: Characters beside a place that matters, in a long header field.
_AROUND = 40
#: Types of evidence that are places in a message (headers/evidence.py).
_PLACES = ("header", "part")
#: Subjects of one rule that are named unless more is asked for.
_MOST_SUBJECTS = 10


def print_todo(page: Page, report: Report) -> None:
    """The section on what to do; nothing where nothing was found."""
    own = own_findings(report)
    rest = sorted((f for f in own if not any(action.mends(f) for action in report.actions)), key=weight)
    rest, follow = told_by_their_cause(rest)
    serious = by_advice(f for f in rest if f.severity is not Severity.INFO)
    notes = by_advice(f for f in rest if f.severity is Severity.INFO)
    if report.actions or serious:
        page.heading(page.words(words.WHAT_TO_DO))
    before = report.score.value
    for number, step in enumerate(in_order(report, serious), 1):
        if isinstance(step, Action):
            _print_action(page, report, number, step, before)
            before = step.score_after
        else:
            _print_finding(page, report, number, step, follow.get(step[0].code, ()))
    if report.actions:
        page.blank()
        page.line((page.words(words.PANEL_HINT, domain=report.subject), "dim"))
    if serious and not (page.hyperlinks and page.pages.template):  # else the codes are links
        if not report.actions:
            page.blank()
        more = page.pages.more(serious[0][0].code, page.lang)
        page.line(page.prose(page.words(words.MORE_ON, more=more), "dim"))
    if notes:
        page.heading(page.words(words.ALSO))
        for group in notes:
            _print_note(page, group)


def own_findings(report: Report) -> tuple[Finding, ...]:
    """The findings without the roll-ups by provider: those repeat them, and have a table of their own."""
    return tuple(f for f in report.findings if not f.code.startswith(ROLL_UPS))


def told_by_their_cause(findings: Sequence[Finding]) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """The findings that stand for themselves, and by its code what follows from each: one fault is explained once.

    A consequence that is worse than its cause stands for itself, and so does one whose cause is not among the findings.
    """
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.code, finding)
    alone: list[Finding] = []
    follow: dict[str, list[Finding]] = {}
    for finding in findings:
        cause, seen = finding, {finding.code}
        while cause.consequence_of in first and cause.consequence_of not in seen:  # causes have causes
            cause = first[cause.consequence_of]
            seen.add(cause.code)
        if cause.code == finding.code or cause.severity.rank > finding.severity.rank:
            alone.append(finding)
        else:
            follow.setdefault(cause.code, []).append(finding)
    return alone, follow


def in_order(report: Report, groups: Sequence[list[Finding]]) -> list[Action | list[Finding]]:
    """Errors before warnings; at the same rank own records, then what needs no record, then records in others' zones.

    The actions are in that order already, and keep it. For a message what stops it first comes first, record or not.
    """
    if report.kind == "message":
        return _by_weight(report, groups)
    ranks = {f.code: f.severity.rank for f in (*(i.finding for i in report.ignored), *reversed(report.findings))}

    def place(step: Action | list[Finding]) -> tuple[int, int]:
        if isinstance(step, list):
            return step[0].severity.rank, 1
        own = all(is_own(report, change) for change in step.changes)
        return min((ranks[code] for code in step.solves if code in ranks), default=len(Severity)), 0 if own else 2

    return sorted([*report.actions, *groups], key=place)


def _by_weight(report: Report, groups: Sequence[list[Finding]]) -> list[Action | list[Finding]]:
    """The actions, in their own order, each before the first finding that weighs less than the worst that it mends."""
    steps: list[Action | list[Finding]] = list(groups)
    at = 0
    for action in report.actions:
        mended = [weight(finding) for finding in own_findings(report) if action.mends(finding)]
        worst = min(mended) if mended else None
        while at < len(steps) and (worst is None or weight(steps[at][0]) < worst):  # type: ignore[arg-type]
            at += 1
        steps.insert(at, action)
        at += 1
    return steps


def by_advice(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that one advice mends, in groups in the order in which they come first: those of one rule, apart where its
    advice tells kinds apart (a wrong IBAN wants something else than news of another account).
    """
    groups: dict[tuple[str, tuple[Text, ...]], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, advice_of(finding)), []).append(finding)
    return list(groups.values())


def advice_of(finding: Finding) -> tuple[Text, ...]:
    """What tells its advice from that of other findings of the rule."""
    return tuple(v for k, v in finding.args.items() if isinstance(v, Text) and f"{{{k}}}" in finding.rule.fix.en)


def _print_action(page: Page, report: Report, number: int, action: Action, before: int | None) -> None:
    page.blank()
    page.between(
        Styled.assemble((f"{number}. ", "bold"), (action_title(page, report, action), "bold")),
        _step(page, action, before),
    )
    solved = [group[0] for group in by_advice(f for f in own_findings(report) if action.mends(f))]
    rows = [(page.words(words.SOLVES) if i == 0 else "", _headline(page, f)) for i, f in enumerate(solved)]
    if solved:
        main = aimed_at(action, solved)
        rows.append((page.words(words.WHO), Styled(page.words(words.ACTORS[main.rule.actor]))))
        rows.append((page.words(words.WHY), page.prose(sentence(main.rule.why, page.lang, main.args))))
        rows.append((page.words(words.DO), page.prose(sentence(main.rule.fix, page.lang, main.args))))
    if action.introduces:
        rows.append((page.words(words.INTRODUCES), Styled(", ".join(action.introduces))))
    page.labelled(rows, 3)
    for change in action.changes:
        print_change(page, change, own=is_own(report, change))


def aimed_at(action: Action, solved: Sequence[Finding]) -> Finding:
    """The finding that asked for this record, before those that go away with it."""
    records = {(change.name, change.type) for change in action.changes}
    return next((f for f in solved if f.fix and any((c.name, c.type) in records for c in f.fix.changes)), solved[0])


def _step(page: Page, action: Action, before: int | None) -> Styled:
    if action.score_after is None or before == action.score_after:
        return Styled("")
    if before is None:
        return Styled(page.words(words.SCORE_AFTER, after=action.score_after), style="green")
    style = "green" if action.score_after > before else "yellow"
    return Styled(page.words(words.SCORE_STEP, before=before, after=action.score_after), style=style)


def is_own(report: Report, change: RecordChange) -> bool:
    """Whether the record lies in the audited domain; what lies elsewhere has to be asked for."""
    return is_subdomain(change.name, report.subject)


def action_title(page: Page, report: Report, action: Action) -> str:
    """What an action does, in one line, escaped."""
    first = action.changes[0]
    if not is_own(report, first):
        title = words.ASK_TITLE
    elif first.add:
        title = words.REPLACE_TITLE if first.remove else words.PUBLISH_TITLE
    else:
        title = words.REMOVE_TITLE
    text = page.words(title, type=first.type, name=first.name)
    more = len(action.changes) - 1
    return page.words(words.AND_MORE, title=text, n=more) if more else text


def print_change(page: Page, change: RecordChange, *, own: bool = True) -> None:
    """The records of a change to copy: those to remove, those to publish or, in somebody else's zone, to ask for."""
    removed, added = removed_lines(change), added_lines(change)
    if removed:
        one, many = (words.REPLACE, words.REPLACE_MANY) if added else (words.REMOVE, words.REMOVE_MANY)
        page.line((page.words(one if len(removed) == 1 else many), "dim"), indent=3)
        page.paste([safe(line) for line in removed], "red")  # to be recognised, not to be pasted
    if added:
        one, many = (words.BY_THIS, words.BY_THESE) if removed else (words.PUBLISH, words.PUBLISH_MANY)
        if not own:
            one = many = words.ASK_TO_PUBLISH
        page.line((page.words(one if len(added) == 1 else many), "dim"), indent=3)
        page.paste(added, "green")


def print_headers(page: Page, changes: Sequence[HeaderChange]) -> None:
    """The header fields of a message as they should be sent, to copy."""
    written = [safe(f"{change.name}: {change.value}") for change in changes if not change.drop]
    dropped = [safe(change.name) for change in changes if change.drop]
    if written:
        page.line((page.words(words.HEADER_LINE if len(written) == 1 else words.HEADER_LINES), "dim"), indent=3)
        page.paste(written, "green")
    if dropped:
        page.line((page.words(words.DROP_HEADER, names=", ".join(dict.fromkeys(dropped))), "dim"), indent=3)


def _print_finding(
    page: Page, report: Report, number: int, group: Sequence[Finding], follow: Sequence[Finding] = ()
) -> None:
    finding = group[0]
    mark, style = MARKS[finding.severity]
    page.blank()
    title = sentence(finding.rule.title, page.lang, finding.args)
    page.marked((f"{number}.", "bold"), (f"{mark} ", style), page.code(finding.code, style), page.prose(title, "bold"))
    rows: list[tuple[str, Styled]] = []
    if finding.consequence_of:
        rows.append(("", Styled(page.words(words.FOLLOWS, cause=finding.consequence_of), style="dim")))
    rows.append((page.words(words.WHO), Styled(page.words(words.ACTORS[finding.rule.actor]))))
    rows.append((page.words(words.WHY), page.prose(sentence(finding.rule.why, page.lang, finding.args))))
    rows.append((page.words(words.DO), page.prose(sentence(finding.rule.fix, page.lang, finding.args))))
    rows.extend(_evidence_rows(page, finding))
    others = [place(page, other.subject) for other in group[1:]]
    if others:
        rows.append(
            ("", Styled(page.words(words.ONE_OF_SEVERAL, subjects=page.some(others, _MOST_SUBJECTS)), style="dim"))
        )
    for index, same in enumerate(by_advice(follow)):
        rows.append((page.words(words.HENCE) if index == 0 else "", _headline(page, same[0])))
    page.labelled(rows, 3)
    if finding.fix:
        for change in finding.fix.changes:
            print_change(page, change, own=is_own(report, change))
        print_headers(page, finding.fix.headers)


def _print_note(page: Page, group: Sequence[Finding]) -> None:
    shown = group if page.verbose else group[:_MOST_SUBJECTS]
    for finding in shown:
        page.marked(MARKS[finding.severity], _headline(page, finding, mark=False), indent=1)
    hidden = [place(page, finding.subject) for finding in group[len(shown) :]]
    if hidden:
        page.line(page.words(words.ONE_OF_SEVERAL, subjects=page.some(hidden, _MOST_SUBJECTS)), indent=3)
    last = group[-1]
    page.line(page.prose(sentence(last.rule.fix, page.lang, last.args), "dim"), indent=3)
    if page.verbose:
        page.labelled(_evidence_rows(page, last), 3)


def _headline(page: Page, finding: Finding, *, mark: bool = True) -> Styled:
    symbol, style = MARKS[finding.severity]
    title = sentence(finding.rule.title, page.lang, finding.args)
    return Styled.assemble((f"{symbol} " if mark else "", style), page.code(finding.code, style), page.prose(title))


def _evidence_rows(page: Page, finding: Finding) -> list[tuple[str, Styled]]:
    shown = finding.evidence if page.verbose else finding.evidence[:2]
    label = page.words(words.SEEN)
    return [(label if i == 0 else "", evidence_line(page, item)) for i, item in enumerate(shown)]


def evidence_line(page: Page, item: Evidence) -> Styled:
    """One thing seen: where, and the text with the places that matter underlined."""
    line = Styled.assemble((f"{_where(page, item)}  ", "dim"))
    if item.status in words.STATUS:
        line.append(page.words(words.STATUS[item.status]))
    if item.status == "failed":
        line.append(f" ({_failure(page, item.text)})")
        return line
    if item.type in _PLACES and not item.spans:
        item = replace(item, text=item.text.replace("\r\n", "\n"))  # the line ends of a mail, not part of what it says
    line.append_text(_with_spans(item, 10**9) if page.verbose else _excerpt(item))
    if item.note:
        line.append(f"  ({sentence(item.note, page.lang)})", style="dim")
    return line


def _where(page: Page, item: Evidence) -> str:
    """Name and type of a record, or the place in a message."""
    if item.type in _PLACES:
        name = place(page, item.name)
        return (
            name
            if item.line is None
            else page.words(words.AT_LINE, line=item.line, name="\0").replace(safe("\0"), name)
        )
    return f"{safe(item.name)} {safe(item.type)}"


def place(page: Page, name: str) -> str:
    """A place in a message in the reader's language, escaped; any other name as it is."""
    for pattern, text in words.PLACES:
        found = re.fullmatch(pattern, name, re.DOTALL)
        if found:
            return text.format(page.lang).format(*(safe(part) for part in found.groups()))
    return safe(name)


def _failure(page: Page, text: str) -> str:
    """`kind: detail` of a question without answer, the kind in the reader's language."""
    kind, colon, detail = text.partition(": ")
    if kind not in words.FAILURES:
        return safe(text)
    if kind == FailureKind.OFFLINE and not page.verbose:
        return page.words(words.FAILURES[kind])  # which source did not know is for those who look closer
    return page.words(words.FAILURES[kind]) + colon + safe(detail)


def _excerpt(item: Evidence) -> Styled:
    """The evidence for a first look: of a long header field only what stands around the places that matter."""
    if not item.spans or item.type not in _PLACES or len(item.text) <= _AROUND * 4:
        return _with_spans(item, _EVIDENCE_CHARACTERS)
    start = max(0, min(span.start for span in item.spans) - _AROUND)
    end = min(len(item.text), max(span.end for span in item.spans) + _AROUND)
    if end - start > _EVIDENCE_CHARACTERS:
        return _with_spans(item, _EVIDENCE_CHARACTERS)
    spans = tuple(span._replace(start=span.start - start, end=span.end - start) for span in item.spans)
    shown = Styled("… " if start else "")
    shown.append_text(_with_spans(replace(item, text=item.text[start:end], spans=spans), _EVIDENCE_CHARACTERS))
    return shown.append(" …") if end < len(item.text) else shown


def _with_spans(item: Evidence, limit: int) -> Styled:
    """The evidence as text, escaped piece by piece so that the marked places stay where they are."""
    text = Styled()
    end = len(item.text) if len(item.text) <= limit else limit
    position = 0
    for span in sorted(item.spans):
        start, stop = max(span.start, position), min(span.end, end)
        if start >= stop:
            continue
        text.append(_lines(item.text[position:start]))
        text.append(_lines(item.text[start:stop]), style="underline red")
        position = stop
    text.append(_lines(item.text[position:end]))
    if end < len(item.text):
        text.append(f"… (+{len(item.text) - end})", style="dim")
    return text


def _lines(text: str) -> str:
    """Escaped text on one line; a bar stands between records, for a line break could be the record's own."""
    return " | ".join(safe(line) for line in text.split("\n"))
