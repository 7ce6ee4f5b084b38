"""What a comparison says, before it has a form: sections of marked lines and one kind of table.

The terminal, Markdown and HTML draw the same document, so that none of them knows more than the others. Arguments are
outside text and are escaped by each form; a text that already has outside text in it is made one line of (`flat`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from deliverability.core.comparison import Comparison, Difference, Entry, Standing
from deliverability.core.finding import Severity
from deliverability.core.state import Held
from deliverability.core.text import ArgValue, Text
from deliverability.render.safe import safe

#: Kinds of marks; "" is none.
GOOD, BAD, WARN, NOTE, OPEN, NONE = "good", "bad", "warn", "note", "open", ""
_MARKS = {Severity.ERROR: BAD, Severity.WARNING: WARN, Severity.INFO: NOTE}
#: Values of one record, and lines of one section, that are written down.
MOST_VALUES = 8
MOST_LINES = 100
_VALUE = 200
_MOST_LABELS = 12
_NO_ARGS: Mapping[str, ArgValue] = MappingProxyType({})


class Say(NamedTuple):
    """One of our texts with its arguments."""

    text: Text
    args: Mapping[str, ArgValue] = _NO_ARGS


class Line(NamedTuple):
    """A paragraph behind a mark, with what stands below it."""

    mark: str
    says: tuple[Say, ...]
    #: The code of a rule, shown before the text.
    code: str = ""
    below: tuple[Say, ...] = ()
    #: Values of records that went and came.
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class Row(NamedTuple):
    """A row of the table: a mark and its cells. The first says what the row is about."""

    mark: str
    cells: tuple[Say, ...]
    #: In small, below the first cell.
    note: Say | None = None


class Grid(NamedTuple):
    """A table."""

    head: tuple[Text, ...]
    rows: tuple[Row, ...]


class Section(NamedTuple):
    """A heading and what stands under it."""

    title: Say
    lines: tuple[Line, ...] = ()
    grid: Grid | None = None


class Document(NamedTuple):
    """Everything that is said of one comparison."""

    title: Say
    #: The answer, and what stands below it.
    verdict: Line
    sections: tuple[Section, ...] = ()


TITLE = Text("{subject}", "{subject}")
_NAMED = Text("{name} · {subject}", "{name} · {subject}")
_NO_NEWS = Text("Nothing is different.", "No hay ninguna diferencia.")
_NO_FINDINGS = Text(
    "No problem is new, and everything that was known before is known now.",
    "No hay ningún problema nuevo, y todo lo que se sabía se sigue sabiendo.",
)
_NEW_ONE = Text("1 problem is new.", "Hay 1 problema nuevo.")
_NEW_MANY = Text("{n} problems are new.", "Hay {n} problemas nuevos.")
_LOST_ONE = Text(
    "1 check can no longer be told, so nothing is said about it.",
    "1 comprobación ya no se puede hacer, así que de ella no se afirma nada.",
)
_LOST_MANY = Text(
    "{n} checks can no longer be told, so nothing is said about them.",
    "{n} comprobaciones ya no se pueden hacer, así que de ellas no se afirma nada.",
)
_FIXED_ONE = Text("1 is fixed.", "1 se ha resuelto.")
_FIXED_MANY = Text("{n} are fixed.", "{n} se han resuelto.")
_ONLY_NEW = Text("Only the new side has a report on it.", "Solo hay informe del estado nuevo.")
_ONLY_OLD = Text(
    "Only the old side has a report on it: nothing can be told of it any more.",
    "Solo hay informe del estado anterior: del nuevo no se puede saber nada.",
)
_SCORE = Text("Score {before} → {after}.", "Nota: {before} → {after}.")
_SCORE_SAME = Text("Score {after}, as before.", "Nota: {after}, igual que antes.")
_NO_SCORE = Text("none", "sin nota")
_OTHER_RULES = Text(
    "The two sides were judged by different versions of the rules ({before} and {after}): what only one of them checks is "
    "told as such, and neither as new nor as fixed. Audit both recordings again with one version to compare fully.",
    "Cada estado se juzgó con una versión distinta de las reglas ({before} y {after}): lo que solo comprueba una de ellas se indica "
    "así, y no como nuevo ni como resuelto. Para compararlo todo, audite las dos grabaciones con una misma versión.",
)
_UNNAMED = Text("unnamed", "sin nombre")
_ONLY_SNAPSHOTS = Text(
    "These reports keep no answers, so changed DKIM keys, MX and other records cannot be told. Recordings can "
    "(`--record FILE`), and so can reports written with `--answers`.",
    "Estos informes no guardan las respuestas, así que no se puede saber si han cambiado claves DKIM, MX u otros registros. Sí "
    "se sabría con grabaciones (`--record ARCHIVO`) o con informes escritos con `--answers`.",
)
DIFFERENCES = Text("What changed in DNS", "Qué ha cambiado en el DNS")
NEW = Text("New", "Nuevo")
CHANGED = Text("Changed", "Ha cambiado")
LOST = Text("Can no longer be told", "Ya no se puede saber")
GAINED = Text("Can be told now, and could not before", "Ahora se sabe, y antes no")
FIXED = Text("Fixed", "Resuelto")
SAME = Text("Still there", "Sigue ahí")
_TITLE_OF = Text("{title}", "{title}")
_WAS = Text("Before: {title}.", "Antes: {title}.")
_HARDER = Text("Now {after}, {before} before.", "Ahora {after}; antes, {before}.")
_ASIDE_NOW = Text("Set aside by the profile or the baseline now.", "Ahora descartado por el perfil o la línea base.")
_COUNTS_NOW = Text("No longer set aside: it counts.", "Ya no está descartado: cuenta.")
_ABOUT = Text("{label} ({subject})", "{label} ({subject})")
_LABEL = Text("{label}", "{label}")
_WAS_FOUND = Text("It was a problem before: {title}.", "Antes era un problema: {title}.")
_NOT_TOLD = Text("Not told: {labels}.", "No se sabe: {labels}.")
_SUBJECTS = Text("About: {subjects}", "Sobre: {subjects}")
_BECAUSE = Text("{because}", "{because}")
_THEY_HOLD = Text("What holds: {labels}.", "Se cumple: {labels}.")
_THEY_ARE_GONE = Text("What no longer applies: {labels}.", "Ya no procede: {labels}.")
_MORE = Text("{n} more", "{n} más")
_NOW_GONE = Text("What it was about is not there any more.", "Ya no existe aquello a lo que se refería.")
_NOT_IN_RULES = Text(
    "The other version of the rules does not check this.", "La otra versión de las reglas no lo comprueba."
)
_DO = Text("Do: {advice}", "Qué hacer: {advice}")
_SEVERITIES = {
    Severity.ERROR: Text("error", "error"),
    Severity.WARNING: Text("warning", "aviso"),
    Severity.INFO: Text("note", "nota"),
}


def flat(text: Text) -> Text:
    """A text with outside text in it as one escaped line."""
    return Text(safe(text.en), safe(text.es))


def say(text: Text, **args: ArgValue) -> Say:
    """A text with its arguments; those that are texts are made one line each."""
    return Say(text, {key: flat(value) if isinstance(value, Text) else value for key, value in args.items()})


def clause(text: Text) -> Text:
    """A title as it stands within a sentence: without its final stop."""
    return Text(text.en.rstrip("."), text.es.rstrip("."))


def document(comparison: Comparison, *, from_files: bool = True) -> Document:
    """What is said of one comparison. `from_files`: it says what only recordings could tell."""
    name = comparison.name
    title = say(_NAMED if name else TITLE, name=name, subject=comparison.subject or _UNNAMED)
    return Document(title, _verdict(comparison, from_files=from_files), tuple(sections(comparison)))


def sections(comparison: Comparison) -> list[Section]:
    """What changed, what is new, fixed, lost and gained, each only where there is some."""
    differences = tuple(map(_difference, comparison.differences[:MOST_LINES]))
    found = (
        (NEW, _lines(comparison.new, _new)),
        (CHANGED, _lines(comparison.changed, _changed)),
        (LOST, _lost_lines(comparison.lost)),
        (DIFFERENCES, differences),
        (FIXED, _lines(comparison.fixed, _fixed)),
        (GAINED, _gained_lines(comparison.gained)),
        (SAME, _lines(comparison.same, _same)),
    )
    return [Section(say(title), lines) for title, lines in found if lines]


def _lines(entries: Sequence[Entry], line: Callable[[Entry], Line]) -> tuple[Line, ...]:
    lines = tuple(line(entry) for entry in entries[:MOST_LINES])
    more = len(entries) - len(lines)
    return (*lines, Line(NONE, (say(_MORE, n=more),))) if more else lines


def _gained_lines(entries: Sequence[Entry]) -> tuple[Line, ...]:
    """What was found one by one; what holds, or is about nothing any more, in one line each."""
    found = [entry for entry in entries if entry.after is not None]
    lines = list(_lines(found, _gained))
    for text, mark, holds in ((_THEY_HOLD, GOOD, True), (_THEY_ARE_GONE, NONE, False)):
        labels = [e.label for e in entries if e.after is None and (e.now is Standing.PASSED) is holds]
        if labels:
            lines.append(Line(mark, (say(text, labels=_listed(labels)),)))
    return tuple(lines)


def _lost_lines(entries: Sequence[Entry]) -> tuple[Line, ...]:
    """What was a problem one by one; the rest by the reason, which one failure gives to many checks."""
    lines = list(_lines([entry for entry in entries if entry.before is not None], _lost))
    reasons: dict[Text, list[Entry]] = {}
    for entry in entries:
        if entry.before is None:
            reason = _NOT_IN_RULES if entry.now is Standing.NOT_KNOWN else entry.because
            reasons.setdefault(reason, []).append(entry)
    for reason, several in reasons.items():
        about = ", ".join(dict.fromkeys(entry.subject for entry in several[:MOST_LINES] if entry.subject))
        below = [say(_NOT_TOLD, labels=_listed([entry.label for entry in several]))]
        if about:
            below.append(say(_SUBJECTS, subjects=about))
        lines.append(Line(OPEN, (say(_BECAUSE, because=reason),), below=tuple(below)))
    return tuple(lines)


def _listed(labels: Sequence[Text]) -> Text:
    """Labels of rules, each once."""
    once = list(dict.fromkeys(labels))
    more = f", … (+{len(once) - _MOST_LABELS})" if len(once) > _MOST_LABELS else ""
    shown = once[:_MOST_LABELS]
    return Text("; ".join(t.en for t in shown) + more, "; ".join(t.es for t in shown) + more)


def _verdict(comparison: Comparison, *, from_files: bool) -> Line:
    below = [*_score(comparison), *_rules(comparison)]
    if comparison.before is None or comparison.after is None:
        only_new = comparison.before is None
        return Line(WARN if only_new else OPEN, (say(_ONLY_NEW if only_new else _ONLY_OLD),), below=tuple(below))
    if from_files and not (comparison.before.records and comparison.after.records):
        below.append(say(_ONLY_SNAPSHOTS))
    new, lost, fixed = comparison.new, comparison.lost, comparison.fixed
    says = []
    if new:
        says.append(_count(_NEW_ONE, _NEW_MANY, len(new)))
    if lost:
        says.append(_count(_LOST_ONE, _LOST_MANY, len(lost)))
    if not says:
        says.append(say(_NO_NEWS if comparison.is_empty else _NO_FINDINGS))
    if fixed:
        says.append(_count(_FIXED_ONE, _FIXED_MANY, len(fixed)))
    mark = _MARKS[new[0].severity] if new else OPEN if lost else GOOD
    return Line(mark, tuple(says), below=tuple(below))


def _count(one: Text, many: Text, n: int) -> Say:
    return say(one) if n == 1 else say(many, n=n)


def _score(comparison: Comparison) -> list[Say]:
    before, after = comparison.before, comparison.after
    if before is None or after is None:
        return []
    old, new = (f"{s.score} {s.grade or ''}".strip() if s.score is not None else _NO_SCORE for s in (before, after))
    return [say(_SCORE_SAME, after=new)] if old == new else [say(_SCORE, before=old, after=new)]


def _rules(comparison: Comparison) -> list[Say]:
    before, after = comparison.before, comparison.after
    if before is None or after is None or not comparison.other_rules:
        return []
    return [say(_OTHER_RULES, before=before.rules_version or "?", after=after.rules_version or "?")]


def _difference(item: Difference) -> Line:
    args = {key: flat(value) if isinstance(value, Text) else value for key, value in item.args.items()}
    mark = OPEN if item.topic == "spf-include" and not (item.removed or item.added or "counts" in args) else NONE
    return Line(mark, (Say(item.text, args),), removed=item.removed, added=item.added)


def _title(held: Held | None, entry: Entry) -> Text:
    return clause(held.title) if held is not None else entry.label


def _new(entry: Entry) -> Line:
    held = entry.after
    below = (say(_DO, advice=held.advice),) if held is not None and held.advice else ()
    return Line(_MARKS[entry.severity], (say(_TITLE_OF, title=_title(held, entry)),), entry.code, below)


def _changed(entry: Entry) -> Line:
    before, after = entry.before, entry.after
    below = []
    if before is not None and after is not None:
        if clause(before.title) != clause(after.title) and not (before.aside or after.aside):
            below.append(say(_WAS, title=clause(before.title)))
        if before.severity is not after.severity:
            below.append(say(_HARDER, before=_SEVERITIES[before.severity], after=_SEVERITIES[after.severity]))
        if before.aside != after.aside:
            below.append(say(_ASIDE_NOW if after.aside else _COUNTS_NOW))
    return Line(_MARKS[entry.severity], (say(_TITLE_OF, title=_title(after, entry)),), entry.code, tuple(below))


def _about(entry: Entry) -> Say:
    return say(_ABOUT, label=entry.label, subject=entry.subject) if entry.subject else say(_LABEL, label=entry.label)


def _lost(entry: Entry) -> Line:
    below = [say(_WAS_FOUND, title=clause(entry.before.title))] if entry.before is not None else []
    below.append(say(_NOT_IN_RULES) if entry.now is Standing.NOT_KNOWN else say(_BECAUSE, because=entry.because))
    return Line(OPEN, (_about(entry),), entry.code, tuple(below))


def _gained(entry: Entry) -> Line:
    below = (say(_NOT_IN_RULES),) if entry.was is Standing.NOT_KNOWN else ()
    return Line(_MARKS[entry.severity], (say(_TITLE_OF, title=_title(entry.after, entry)),), entry.code, below)


def _fixed(entry: Entry) -> Line:
    below = () if entry.now is Standing.PASSED else (say(_NOW_GONE),)
    return Line(GOOD, (say(_TITLE_OF, title=_title(entry.before, entry)),), entry.code, below)


def _same(entry: Entry) -> Line:
    return Line(_MARKS[entry.severity], (say(_TITLE_OF, title=_title(entry.after, entry)),), entry.code)


def values(line: Line) -> list[tuple[str, str]]:
    """The values that went and came, as (sign, escaped value); what is beyond the limit is counted."""
    shown: list[tuple[str, str]] = []
    for sign, several in (("-", line.removed), ("+", line.added)):
        shown += [(sign, safe(value, _VALUE)) for value in several[:MOST_VALUES]]
        if len(several) > MOST_VALUES:
            shown.append((sign, f"… (+{len(several) - MOST_VALUES})"))
    return shown
