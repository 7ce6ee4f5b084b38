"""What the receivers' reputation files tell, as a table of the HTML report."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.feedback.facts import Reputation, windows
from deliverability.render import reputation as words
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import ARGUMENT, NAME, View, section, table
from deliverability.render.html_pictures import mark
from deliverability.render.page import PASS_MARK
from deliverability.render.safe import safe

RECEIVER, WHOSE, SAYS = Text("Receiver", "Receptor"), Text("About", "Sobre"), Text("Says", "Dice")
_KINDS = {PASS_MARK[0]: "good", "✗": "bad", "!": "warn"}
_MOST_ROWS = 60


def reputation(view: View, report: Report) -> Markup | None:
    """The table; None where no file was given, or none is about it."""
    facts = report.details.get("reputation")
    if not isinstance(facts, Reputation):
        return None
    rows = list(_rows(view, facts))
    if not rows:
        return None
    more = len(rows) - _MOST_ROWS
    head = [view.words(RECEIVER), view.words(WHOSE), view.words(SAYS)]
    return section(
        view.words(words.TITLE),
        table(head, rows[:_MOST_ROWS]),
        el("p", view.words(words.MORE, n=more), class_="quiet") if more > 0 else None,
        *_defects(view, facts),
    )


def _rows(view: View, facts: Reputation) -> Iterator[list[Child]]:
    for window in windows(facts.days):
        about = safe(window.subject, NAME) or view.words(words.THIS)
        yield _row(_KINDS[words.mark_of(window)[0]], window.receiver, about, words.said(view.page, window))
    for _, block in facts.blocks:
        told = view.words(words.BLOCKED if block.blocked else words.JUNKED)
        kind = "bad" if block.blocked else "warn"
        yield _row(kind, block.receiver, block.shown, f"{told}: {safe(block.reason, ARGUMENT)}")
    for _, need in facts.requirements:
        told = view.words(words.MET if need.met else words.UNMET)
        name = safe(need.name, ARGUMENT)
        yield _row("good" if need.met else "bad", need.receiver, safe(need.domain, NAME), f"{name}: {told}")
    for file in facts.files:
        for one in file.refusals:
            about = str(one.address) if one.address else ""
            yield _row("bad", one.receiver, about, f"{safe(one.code, ARGUMENT)}: {view.words(one.meaning)}")


def _row(kind: str, receiver: str, about: str, told: str) -> list[Child]:
    return [join((mark(kind), " ", safe(receiver, NAME))), about, told]


def _defects(view: View, facts: Reputation) -> Iterator[Markup]:
    for file in facts.files:
        name = safe(file.name, ARGUMENT)
        if file.not_understood:
            told = view.words(words.NOT_UNDERSTOOD, file=name, n=len(file.not_understood))
            yield el("p", told, class_="quiet")
        if file.left_out:
            yield el("p", view.words(words.LEFT_OUT, file=name, n=file.left_out), class_="quiet")
