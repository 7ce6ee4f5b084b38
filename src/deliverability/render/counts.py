"""A count of lookups beside another tool's, short enough to read: what both count alike is put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deliverability.core.text import Lang, Text
from deliverability.crosscheck.rows import CrosscheckRow, TermCount
from deliverability.render.safe import safe, sentence

HEAD_OURS = Text("here", "aquí")
HEAD_TERM = Text("term", "término")
TOTAL = Text("in all", "en total")
ALIKE = Text("{n} terms that both count alike", "{n} términos que ambos cuentan igual")
SEVERAL = Text("{first} … {last} ({n} terms)", "{first} … {last} ({n} términos)")
WAYS = Text("Ways to count the lookups of this record", "Formas de contar las consultas de este registro")
WAYS_INTRO = Text(
    "A tool that says one of these numbers probably counts like this; the first is that of RFC 7208 §4.6.4.",
    "Una herramienta que diga uno de estos números probablemente cuenta así; el primero es el de RFC 7208 §4.6.4.",
)
#: Terms in a row that are shown one by one.
_FEW = 2


class Line(NamedTuple):
    """One line of the table. `note` counts from 1; 0 is none. All text is escaped."""

    ours: int
    theirs: int
    depth: int
    text: str
    note: int = 0
    #: Whether the text is a term, or terms; else it is ours.
    quoted: bool = True


class Note(NamedTuple):
    """A reason, and the section that it rests on."""

    why: Text
    section: str

    def said(self, lang: Lang) -> str:
        """As one line, escaped."""
        return sentence(self.why, lang) + (f" ({safe(self.section)})" if self.section else "")


class Table(NamedTuple):
    """The lines, and the reasons that their notes name."""

    lines: tuple[Line, ...]
    notes: tuple[Note, ...]


def table_of(row: CrosscheckRow, lang: Lang) -> Table:
    """The terms of a comparison; empty where there is nothing to explain."""
    if row.agrees or not row.terms:
        return Table((), ())
    notes: dict[Note, int] = {}
    lines: list[Line] = []
    for group in _groups(row.terms):
        note = 0
        if group[0].why is not None:
            note = notes.setdefault(Note(group[0].why, group[0].section), len(notes) + 1)
        lines += _lines(group, note, lang)
    ours, theirs = (sum(term.ours for term in row.terms), sum(term.theirs for term in row.terms))
    lines.append(Line(ours, theirs, 0, TOTAL.format(lang), quoted=False))
    return Table(tuple(lines), tuple(notes))


def _groups(terms: Sequence[TermCount]) -> Iterator[list[TermCount]]:
    """Neighbours with the same reason, or with none; those that differ also stand in one record."""
    group: list[TermCount] = []
    for term in terms:
        alike = group and term.why == group[-1].why and (term.why is None or term.domain == group[-1].domain)
        if group and not alike:
            yield group
            group = []
        group.append(term)
    if group:
        yield group


def _lines(group: Sequence[TermCount], note: int, lang: Lang) -> Iterator[Line]:
    ours, theirs = sum(term.ours for term in group), sum(term.theirs for term in group)
    first, last = group[0], group[-1]
    if len(group) <= _FEW:
        for term in group:
            yield Line(term.ours, term.theirs, term.depth, safe(term.term, 120), note)
    elif note:
        args: dict[str, str | int] = {"first": safe(first.term, 40), "last": safe(last.term, 40), "n": len(group)}
        yield Line(ours, theirs, first.depth, sentence(SEVERAL, lang, args), note)
    else:
        yield Line(ours, theirs, 0, ALIKE.format(lang, {"n": len(group)}), quoted=False)
