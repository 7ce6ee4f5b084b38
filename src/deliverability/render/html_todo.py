"""What to do, as numbered cards: the records to change with what the score is then, and the findings no record mends."""

from __future__ import annotations

from collections.abc import Sequence

from deliverability.core.changes import HeaderChange, RecordChange
from deliverability.core.finding import Finding, Severity
from deliverability.core.names import DomainName
from deliverability.core.report import Action, Report
from deliverability.core.text import Text
from deliverability.render import words
from deliverability.render.html_markup import Child, Markup, el, join, text
from deliverability.render.html_parts import (
    ARGUMENT,
    SEVERITY_MARKS,
    View,
    chip,
    codes,
    evidence_list,
    fold,
    items,
    labelled,
    marked,
    marked_items,
    record,
    references,
    section,
    table,
)
from deliverability.render.html_pictures import mark
from deliverability.render.safe import safe
from deliverability.render.todo import aimed_at, by_advice, in_order, is_own, own_findings, told_by_their_cause
from deliverability.render.verdict import weight
from deliverability.render.zone_text import added_lines, host_part, record_data, removed_lines

PANEL = Text("For a web panel: name, type and value", "Para un panel web: nombre, tipo y valor")
NAME, TYPE, VALUE = Text("Name", "Nombre"), Text("Type", "Tipo"), Text("Value", "Valor")
CHANGE = Text("Change", "Cambio")
ADD, DELETE = Text("publish", "publicar"), Text("remove", "eliminar")
REFERENCES = Text("Rests on", "Se basa en")
OTHERS_MORE = Text("{n} more of this kind", "{n} más de este tipo")
ONE_OTHER = Text("one more of this kind", "otro más de este tipo")
SELECT = Text(
    "A click on a record selects the whole of it, ready to copy.",
    "Con un clic sobre un registro se selecciona entero, listo para copiar.",
)
#: Other findings of one rule that are told, and cards of one report.
_MOST_OTHERS = 12
_MOST_CARDS = 60
CARDS_MORE = Text("{n} more; the JSON report has all of them.", "{n} más; el informe en JSON los tiene todos.")


def todo(view: View, report: Report) -> Markup | None:
    """The section on what to do; None where nothing was found."""
    rest, follow = _not_mended(report)
    serious = by_advice(f for f in rest if f.severity is not Severity.INFO)
    if not report.actions and not serious:
        return None
    cards: list[Markup] = []
    before = report.score.value
    steps = in_order(report, serious)
    for step in steps[:_MOST_CARDS]:
        if isinstance(step, Action):
            cards.append(_action(view, report, step, before))
            before = step.score_after
        else:
            cards.append(_finding(view, report, step, follow.get(step[0].code, ())))
    more = len(steps) - len(cards)
    return section(
        view.words(words.WHAT_TO_DO),
        el("p", view.words(SELECT), class_="quiet screen") if any("<pre" in card for card in cards) else None,
        el("ol", *cards, class_="cards"),
        el("p", view.words(CARDS_MORE, n=more), class_="quiet") if more > 0 else None,
        _more(view, serious),
    )


def _more(view: View, serious: Sequence[Sequence[Finding]]) -> Markup | None:
    """Where to read about a code, unless the codes themselves lead there."""
    if view.page.pages.template or not serious:
        return None
    command = view.page.pages.more(serious[0][0].code, view.lang)
    return el("p", view.prose(words.MORE_ON, {"more": command}), class_="quiet")


def _not_mended(report: Report) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """The findings that no action mends, the weightiest first, and by code what follows from each."""
    left = (f for f in own_findings(report) if not any(action.mends(f) for action in report.actions))
    return told_by_their_cause(sorted(left, key=weight))


def notes(view: View, report: Report) -> Markup | None:
    """What is worth knowing and has to be mended by nobody."""
    groups = by_advice(f for f in _not_mended(report)[0] if f.severity is Severity.INFO)
    if not groups:
        return None
    return section(view.words(words.ALSO), marked_items(_note(view, group) for group in groups[:_MOST_CARDS]))


def _note(view: View, group: Sequence[Finding]) -> Markup:
    first = group[0]
    told = join((view.prose(first.rule.title, first.args), " ", view.code(first.code)))
    more = [el("p", view.prose(f.rule.title, f.args)) for f in group[1:_MOST_OTHERS]]
    advice = el("p", view.prose(first.rule.fix, first.args), class_="quiet")
    return marked("note", view.words(words.SEVERITIES[Severity.INFO]), el("p", told), *more, advice)


def _action(view: View, report: Report, action: Action, before: int | None) -> Markup:
    solved = _solved(report, action)
    worst = min((f.severity for f in solved), key=lambda s: s.rank, default=Severity.INFO)
    body: list[Child] = []
    if solved:
        main = aimed_at(action, solved)
        body.append(
            labelled(
                [
                    (view.words(words.SOLVES), marked_items(_headline(view, finding) for finding in solved)),
                    *_advice(view, main),
                ]
            )
        )
    if action.introduces:
        body.append(el("p", view.words(words.INTRODUCES), ": ", codes(action.introduces)))
    body += [change_records(view, change, report.subject) for change in action.changes]
    body.append(panel(view, action.changes, report.subject))
    seen = [item for finding in solved for item in finding.evidence]
    if seen:
        body.append(fold(view.words(words.SEEN), evidence_list(view, seen)))
    return _card(view, worst, _action_title(view, report, action), _step(view, action, before), body)


def _solved(report: Report, action: Action) -> list[Finding]:
    return [group[0] for group in by_advice(f for f in own_findings(report) if action.mends(f))]


def first_step(view: View, report: Report) -> tuple[Markup, str, Finding | None] | None:
    """The first card in a line: what to do, who does it, and the finding that the card is about where it is about one."""
    serious = by_advice(f for f in _not_mended(report)[0] if f.severity is not Severity.INFO)
    steps = in_order(report, serious)
    if not steps:
        return None
    first = steps[0]
    if not isinstance(first, Action):
        finding = first[0]
        return view.prose(finding.rule.title, finding.args), view.words(words.ACTORS[finding.rule.actor]), finding
    solved = _solved(report, first)
    who = view.words(words.ACTORS[aimed_at(first, solved).rule.actor]) if solved else ""
    return text(_action_title(view, report, first)), who, None


def _card(view: View, severity: Severity, title: Child, side: Child, body: Sequence[Child]) -> Markup:
    label = view.words(words.SEVERITIES[severity])
    kind = SEVERITY_MARKS[severity]
    top = el("h3", chip(kind, mark(kind), " ", label), " ", title, " ", side)
    return el("li", top, *body, class_=f"card {kind}")


def _headline(view: View, finding: Finding) -> Markup:
    label = view.words(words.SEVERITIES[finding.severity])
    told = join((view.prose(finding.rule.title, finding.args), " ", view.code(finding.code)))
    return marked(SEVERITY_MARKS[finding.severity], label, told)


def _advice(view: View, finding: Finding, *, seen: bool = False) -> list[tuple[str, Child]]:
    rule, args = finding.rule, finding.args
    return [
        (view.words(words.WHO), view.words(words.ACTORS[rule.actor])),
        (view.words(words.WHY), view.prose(rule.why, args)),
        (view.words(words.DO), view.prose(rule.fix, args)),
        *([(view.words(words.SEEN), evidence_list(view, finding.evidence))] if seen else []),
        (view.words(REFERENCES), references(rule.references)),
    ]


def _step(view: View, action: Action, before: int | None) -> Markup | None:
    after = action.score_after
    if after is None or before == after:
        return None
    if before is None:
        return chip("good", view.words(words.SCORE_AFTER, after=after))
    kind = "good" if after > before else "warn"
    return chip(kind, view.words(words.SCORE_STEP, before=before, after=after))


def _action_title(view: View, report: Report, action: Action) -> str:
    first = action.changes[0]
    if not is_own(report, first):
        title = words.ASK_TITLE
    elif first.add:
        title = words.REPLACE_TITLE if first.remove else words.PUBLISH_TITLE
    else:
        title = words.REMOVE_TITLE
    told = view.words(title, type=first.type, name=first.name)
    more = len(action.changes) - 1
    return view.words(words.AND_MORE, title=told, n=more) if more else told


def change_records(view: View, change: RecordChange, domain: str) -> Markup:
    """The records of a change as zone-file lines: those to remove, those to publish or to ask for."""
    removed, added = removed_lines(change), added_lines(change)
    parts: list[Child] = []
    if removed:
        one, many = (words.REPLACE, words.REPLACE_MANY) if added else (words.REMOVE, words.REMOVE_MANY)
        parts += [_label(view, one if len(removed) == 1 else many), record(view, removed, "gone", domain)]
    if added:
        one, many = (words.BY_THIS, words.BY_THESE) if removed else (words.PUBLISH, words.PUBLISH_MANY)
        if not _is_own_name(change.name, domain):
            one = many = words.ASK_TO_PUBLISH
        parts += [_label(view, one if len(added) == 1 else many), record(view, added, "new", domain)]
    return join(parts)


def _label(view: View, label: Text) -> Markup:
    return el("p", view.words(label), class_="label")


def _is_own_name(name: str, domain: str) -> bool:
    return name == domain or name.endswith("." + domain)


def panel(view: View, changes: Sequence[RecordChange], domain: str) -> Markup | None:
    """The same records as the fields of a web panel; TXT whole and without quotes, as panels cut and quote it themselves."""
    own = [change for change in changes if change.add and _is_own_name(change.name, domain)]
    rows: list[list[Child]] = []
    for change in own:
        name = host_part(change.name, DomainName(domain))
        for verb, values in ((DELETE, change.remove), (ADD, change.add)):
            kind = "new" if verb is ADD else "gone"
            for value in values:
                whole = value if change.type in ("TXT", "SPF") else record_data(change.type, value)
                cells = [el("code", name), change.type, record(view, [whole], kind, domain)]
                rows.append([view.words(verb), *cells])
    if not rows:
        return None
    head = [view.words(CHANGE), view.words(NAME), view.words(TYPE), view.words(VALUE)]
    return fold(view.words(PANEL), table(head, rows, class_="panel"))


def header_lines(view: View, changes: Sequence[HeaderChange], domain: str) -> Markup:
    """The header fields of a message as they should be sent, to copy."""
    written = [f"{change.name}: {change.value}" for change in changes if not change.drop]
    dropped = tuple(dict.fromkeys(change.name for change in changes if change.drop))
    parts: list[Child] = []
    if written:
        parts.append(_label(view, words.HEADER_LINE if len(written) == 1 else words.HEADER_LINES))
        parts.append(record(view, written, "new", domain))
    if dropped:
        parts.append(el("p", view.words(words.DROP_HEADER, names=dropped)))
    return join(parts)


def _finding(view: View, report: Report, group: Sequence[Finding], follow: Sequence[Finding]) -> Markup:
    finding = group[0]
    rows = _advice(view, finding, seen=bool(finding.evidence))
    body: list[Child] = []
    if finding.consequence_of:
        body.append(el("p", view.words(words.FOLLOWS, cause=finding.consequence_of), class_="quiet"))
    if follow:
        rows.append((view.words(words.HENCE), marked_items(_headline(view, same[0]) for same in by_advice(follow))))
    body.append(labelled(rows))
    if finding.fix:
        body += [change_records(view, change, report.subject) for change in finding.fix.changes]
        body.append(panel(view, finding.fix.changes, report.subject))
        body.append(header_lines(view, finding.fix.headers, report.subject))
    body.append(_others(view, group[1:]))
    title = join((view.prose(finding.rule.title, finding.args), " ", view.code(finding.code)))
    return _card(view, finding.severity, title, None, body)


def _others(view: View, others: Sequence[Finding]) -> Markup | None:
    """The rest of the findings of one rule: what each is about."""
    if not others:
        return None
    shown = [_other(view, finding) for finding in others[:_MOST_OTHERS]]
    if len(others) > _MOST_OTHERS:
        shown.append(text(view.words(OTHERS_MORE, n=len(others) - _MOST_OTHERS)))
    label = view.words(ONE_OTHER) if len(others) == 1 else view.words(OTHERS_MORE, n=len(others))
    return fold(label, items(shown, "others"))


def _other(view: View, finding: Finding) -> Markup:
    told = view.prose(finding.rule.title, finding.args)
    about = el("span", safe(view.place(finding.subject), ARGUMENT), class_="where")
    return join((about, el("br"), told))
