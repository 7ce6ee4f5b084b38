"""What the reputation files tell, as a small table: whose days, how many complaints, which verdict."""

from __future__ import annotations

from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.feedback.facts import (
    AddressBlock,
    Day,
    Refusal,
    Reputation,
    ReputationFile,
    Requirement,
    Verdict,
    Window,
    windows,
)
from deliverability.feedback.rules.complaints import REFUSES, WARNS
from deliverability.render.page import PASS_MARK, Page
from deliverability.render.safe import safe

TITLE = Text("What the receivers report", "Qué informan los receptores")
COMPLAINTS = Text("complaints {rate}", "quejas {rate}")
NO_COMPLAINTS = Text("complaints not told", "sin dato de quejas")
TRAPS = Text("{n} trap hits", "{n} envíos a trampas")
DAYS = Text("last {day} ({n} d)", "último dato {day} ({n} d)")
BLOCKED = Text("blocked", "bloqueada")
JUNKED = Text("to the junk folder", "a la carpeta de spam")
MET, UNMET = Text("met", "cumplido"), Text("needs work", "por mejorar")
NOT_UNDERSTOOD = Text("{file}: {n} lines were not understood", "{file}: {n} líneas no se entendieron")
LEFT_OUT = Text("{file}: {n} rows were not read", "{file}: {n} filas sin leer")
MORE = Text("{n} more", "{n} más")
THIS = Text("this domain", "este dominio")
#: Rows of one sort that the terminal shows; JSON has all that were kept.
_MOST_ROWS = 12
_MOST_IN_JSON = 2_000
_BAD = ("✗", "bold red")
_DOUBT = ("!", "bold yellow")


def print_reputation(page: Page, report: Report) -> None:
    """The table of a report; nothing where no file was given, or none is about it."""
    facts = report.details.get("reputation")
    if not isinstance(facts, Reputation):
        return
    views, blocks, needs = windows(facts.days), list(facts.blocks), list(facts.requirements)
    refusals = [one for file in facts.files for one in file.refusals]
    if not (views or blocks or needs or refusals):
        return
    page.heading(page.words(TITLE))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for view in _cut(page, table, views):
        _add(table, mark_of(view), view.receiver, safe(view.subject) or page.words(THIS), said(page, view))
    for _, block in _cut(page, table, blocks):
        word = page.words(BLOCKED if block.blocked else JUNKED)
        _add(table, _BAD if block.blocked else _DOUBT, block.receiver, block.shown, f"{word}: {safe(block.reason)}")
    for _, need in _cut(page, table, needs):
        state = page.words(MET if need.met else UNMET)
        _add(table, PASS_MARK if need.met else _BAD, need.receiver, safe(need.domain), f"{safe(need.name)}: {state}")
    for one in _cut(page, table, refusals):
        whose = str(one.address) if one.address else ""
        _add(table, _BAD, one.receiver, whose, f"{safe(one.code)}: {page.words(one.meaning)}")
    page.console.print(Padding(table, (0, 0, 0, 1)))
    _print_defects(page, facts)


def _cut(page: Page, table: Table, rows: Any) -> list[Any]:
    """The rows to show; what is left out is told below them."""
    kept = list(rows) if page.verbose else list(rows)[:_MOST_ROWS]
    if len(kept) < len(rows):
        table.add_row("", Styled(page.words(MORE, n=len(rows) - len(kept)), style="dim"), "", "")
    return kept


def _add(table: Table, mark: tuple[str, str], receiver: str, subject: str, said: str) -> None:
    table.add_row(Styled(mark[0], style=mark[1]), safe(receiver), subject, said)


def mark_of(view: Window) -> tuple[str, str]:
    """How bad the last days of an address or a domain are."""
    worst = view.worst(30)
    rate, verdict = worst.complaints if worst else None, view.days[0].verdict
    if verdict is Verdict.BAD or (rate is not None and rate.reaches(REFUSES)):
        return _BAD
    doubted = verdict is Verdict.DOUBTED or (rate is not None and rate.reaches(WARNS))
    return _DOUBT if doubted else PASS_MARK


def said(page: Page, view: Window) -> str:
    """The newest verdict, the worst rate of complaints and the trap hits in a line, escaped."""
    newest, worst = view.days[0], view.worst(30)
    traps = sum(day.trap_hits or 0 for day in view.days)
    rate = worst.complaints if worst is not None else None
    parts = [
        safe(newest.word),
        page.words(COMPLAINTS, rate=page.words(rate.text)) if rate is not None else page.words(NO_COMPLAINTS),
        page.words(TRAPS, n=traps) if traps else "",
        page.words(DAYS, n=len(view.days), day=str(newest.day)) if newest.day else "",
    ]
    return " · ".join(part for part in parts if part)


def _print_defects(page: Page, facts: Reputation) -> None:
    for file in facts.files:
        if file.not_understood:
            told = page.words(NOT_UNDERSTOOD, file=safe(file.name), n=len(file.not_understood))
            page.line((told, "dim"), indent=1)
        if file.left_out:
            page.line((page.words(LEFT_OUT, file=safe(file.name), n=file.left_out), "dim"), indent=1)


def reputation_document(facts: Reputation) -> list[dict[str, Any]]:
    """Each file as plain data; a rate is a share of 1."""
    return [_file(file) for file in facts.files]


def _file(file: ReputationFile) -> dict[str, Any]:
    lists: tuple[tuple[Any, ...], ...] = (file.days, file.blocks, file.requirements, file.refusals)
    return {
        "blocks": [_block(one) for one in file.blocks[:_MOST_IN_JSON]],
        "days": [_day(one) for one in file.days[:_MOST_IN_JSON]],
        "kinds": [kind.value for kind in file.kinds],
        "name": file.name,
        "omitted": file.left_out + sum(max(0, len(rows) - _MOST_IN_JSON) for rows in lists),
        "not_understood": list(file.not_understood),
        "refusals": [_refusal(one) for one in file.refusals[:_MOST_IN_JSON]],
        "requirements": [_requirement(one) for one in file.requirements[:_MOST_IN_JSON]],
    }


def _day(day: Day) -> dict[str, Any]:
    rate = day.complaints
    return {
        "complaints": None if rate is None else rate.value,
        "complaints_below": rate is not None and rate.below,
        "day": day.day.isoformat() if day.day else None,
        "receiver": day.receiver,
        "recipients": day.recipients,
        "subject": day.subject or None,
        "trap_hits": day.trap_hits,
        "verdict": day.word or None,
    }


def _block(block: AddressBlock) -> dict[str, Any]:
    return {
        "blocked": block.blocked,
        "first": str(block.first),
        "last": str(block.last),
        "reason": block.reason,
        "receiver": block.receiver,
    }


def _requirement(one: Requirement) -> dict[str, Any]:
    return {
        "domain": one.domain or None,
        "met": one.met,
        "name": one.name,
        "reason": one.reason or None,
        "receiver": one.receiver,
    }


def _refusal(one: Refusal) -> dict[str, Any]:
    return {
        "address": str(one.address) if one.address else None,
        "code": one.code,
        "line": one.line,
        "receiver": one.receiver,
        "rule": one.rule,
        "text": one.text,
    }
