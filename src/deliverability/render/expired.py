"""Ignores whose day is over, as readers see them: what became of the problem, what to do, and where the entry stands."""

from __future__ import annotations

from deliverability.core.expiry import ExpiredIgnore, Expiry
from deliverability.core.finding import Severity
from deliverability.core.text import Lang, Text
from deliverability.render.places import Place
from deliverability.render.safe import sentence

#: How much each matters: one whose problem stands fails the gate.
SEVERITIES = {
    Expiry.STANDING: Severity.ERROR,
    Expiry.GONE: Severity.INFO,
    Expiry.UNTOLD: Severity.WARNING,
}
_AT = Text("{said} ({file}, line {line})", "{said} ({file}, línea {line})")


def title(entry: ExpiredIgnore, lang: Lang) -> str:
    """What is wrong, escaped."""
    return sentence(entry.title, lang, entry.args)


def said(entry: ExpiredIgnore, lang: Lang) -> str:
    """What is wrong and what to do, escaped."""
    return f"{title(entry, lang)}. {sentence(entry.advice, lang, entry.args)}"


def said_with_place(entry: ExpiredIgnore, lang: Lang) -> str:
    """The same with file and line, for readers who are not shown the file."""
    text = Text(said(entry, "en"), said(entry, "es"))
    if not entry.file or not entry.line:
        return text.format(lang)
    return sentence(_AT, lang, {"said": text, "file": entry.file, "line": entry.line})


def place(entry: ExpiredIgnore) -> Place | None:
    """The line of the configuration; None from the command line."""
    return Place(entry.file, entry.line) if entry.file else None
