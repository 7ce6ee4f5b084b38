"""Two states of one subject beside each other: what is new, what is fixed, what changed, what can no longer be told.

Theory of operation. A `State` is what a comparison needs of a report, whether the report was just made or comes from a
file: the findings, what passed, what could not be told, the answers. `compare_states` gives one `Entry` for everything
that either side found or could not tell, with how it stands on each side. All else follows from that pair:

- found now and not before: new; the other way round: fixed (or gone with what it was about);
- found on both sides: the same, or changed in its words or its severity;
- "could not tell" on one side is neither. What was known and no longer is has been *lost*, what is known now and was not
  before was *gained*, and no finding is called new or fixed on the strength of a question that nobody answered. The same
  goes for a rule that only one of two versions of the rules has.

The pairs make the comparison its own mirror: what is new from A to B is fixed from B to A.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from deliverability.core.finding import Severity
from deliverability.core.report import Report
from deliverability.core.state import Held, Key, Recorded, State, Untold
from deliverability.core.text import NO_TEXT, ArgValue, Lang, Text


class Standing(StrEnum):
    """How a check stands in one state."""

    FOUND = "found"
    PASSED = "passed"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    NOT_REACHED = "not-reached"  # what it is about is not there
    NOT_KNOWN = "not-known"  # another version of the rules judged, and has no such check


_UNTOLD = (Standing.UNKNOWN, Standing.NOT_KNOWN)


class Kind(StrEnum):
    """What became of a check from one state to the other."""

    NEW = "new"
    FIXED = "fixed"
    CHANGED = "changed"
    SAME = "same"
    LOST = "lost"  # it can no longer be told
    GAINED = "gained"  # it can be told now
    UNTOLD = "untold"  # it can be told in neither


class Entry(NamedTuple):
    """One check on both sides."""

    code: str
    subject: str
    label: Text
    #: Of the finding after, else of that before, else of the rule.
    severity: Severity
    was: Standing
    now: Standing
    before: Held | None = None
    after: Held | None = None
    #: Why it could not be told, where it could not on one side.
    because: Text = NO_TEXT

    @property
    def kind(self) -> Kind:
        """What became of it."""
        if self.was in _UNTOLD or self.now in _UNTOLD:
            if self.now not in _UNTOLD:
                return Kind.GAINED
            return Kind.UNTOLD if self.was in _UNTOLD else Kind.LOST
        if self.before is not None and self.after is not None:
            return Kind.SAME if self.before.says(self.after) else Kind.CHANGED
        return Kind.NEW if self.after is not None else Kind.FIXED

    def counts(self, level: Severity) -> bool:
        """Whether it is news at or above a level: new, or on both sides and now for the first time that bad."""
        after, before = self.after, self.before
        if after is None or after.aside or after.severity.rank > level.rank:
            return False
        if self.kind is Kind.NEW:
            return True
        if self.kind is not Kind.CHANGED or before is None:
            return False
        return before.aside or before.severity.rank > level.rank


class RecordDifference(NamedTuple):
    """A name and type with other records than before. Neither side is a failure."""

    name: str
    type: str
    before: Recorded
    after: Recorded

    @property
    def removed(self) -> tuple[str, ...]:
        """The values that are gone; an alias that is gone as `-> target`."""
        return _without(self.before, self.after)

    @property
    def added(self) -> tuple[str, ...]:
        """The values that came; an alias that came as `-> target`."""
        return _without(self.after, self.before)


def _without(one: Recorded, other: Recorded) -> tuple[str, ...]:
    kept = frozenset(other.values or ())
    values = tuple(value for value in one.values or () if value not in kept)
    return (f"-> {one.alias}", *values) if one.alias and one.alias != other.alias else values


class Difference(NamedTuple):
    """What changed in the DNS, told by what it means for mail (audits/differences.py)."""

    #: spf, spf-include, dkim, dmarc, mx, record
    topic: str
    #: The name that holds the record, in A-labels.
    name: str
    #: The name of the provider whose record it is; "" where nobody knows or it is the domain's own.
    provider: str
    #: A sentence with arguments; outside text in them is not escaped.
    text: Text
    args: Mapping[str, ArgValue] = MappingProxyType({})
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One subject before and after. One of the two is None where only one side has a report on it."""

    before: State | None
    after: State | None
    entries: tuple[Entry, ...] = ()
    records: tuple[RecordDifference, ...] = ()
    #: What changed in the DNS, in words; filled by `audits.differences`.
    differences: tuple[Difference, ...] = ()

    @property
    def subject(self) -> str:
        """The domain; of a message its author domain."""
        return self._any.subject

    @property
    def _any(self) -> State:
        state = self.after if self.after is not None else self.before
        if state is None:
            raise ValueError("a comparison has at least one side")
        return state

    @property
    def kind(self) -> str:
        """What was audited: domain, message or blocklist."""
        return self._any.kind

    @property
    def name(self) -> str:
        """What the caller calls it; "" for a domain."""
        return self._any.name

    def of(self, *kinds: Kind) -> tuple[Entry, ...]:
        """The entries of these kinds: the worst first, then by code and subject."""
        found = (entry for entry in self.entries if entry.kind in kinds)
        return tuple(sorted(found, key=lambda e: (e.severity.rank, e.code, e.subject, str(e.after), str(e.before))))

    @property
    def new(self) -> tuple[Entry, ...]:
        """Found now, and certainly not there before."""
        return self.of(Kind.NEW)

    @property
    def fixed(self) -> tuple[Entry, ...]:
        """Found before, and certainly not there now: it holds, or what it was about is gone."""
        return self.of(Kind.FIXED)

    @property
    def changed(self) -> tuple[Entry, ...]:
        """Found on both sides, in other words or with another severity."""
        return self.of(Kind.CHANGED)

    @property
    def same(self) -> tuple[Entry, ...]:
        """Found on both sides, the same."""
        return self.of(Kind.SAME)

    @property
    def lost(self) -> tuple[Entry, ...]:
        """What could be told before and no longer can."""
        return self.of(Kind.LOST)

    @property
    def gained(self) -> tuple[Entry, ...]:
        """What can be told now and could not before."""
        return self.of(Kind.GAINED)

    @property
    def untold(self) -> tuple[Entry, ...]:
        """What can be told on neither side."""
        return self.of(Kind.UNTOLD)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is different; what did not change at all is no difference."""
        if self.before is None or self.after is None or self.before.score != self.after.score:
            return False
        return not self.records and not self.differences and not self.of(*_DIFFERENT)

    @property
    def other_rules(self) -> bool:
        """Whether the two sides were judged by different versions of the rules."""
        return (
            self.before is not None and self.after is not None and self.before.rules_version != self.after.rules_version
        )

    def exit_code(self, fail_on: str = "error", *, incomplete_fails: bool = True) -> int:
        """1: something is new at or above the level; 3: something decisive can no longer be told; else 0.

        `fail_on` is error, warning, info or never. A report that only the old side has can no longer be told.
        """
        if fail_on == "never":
            return 0
        level = Severity(fail_on)
        if any(entry.counts(level) for entry in self.entries):
            return 1
        if not incomplete_fails:
            return 0
        return 3 if self.after is None or any(e.severity.rank <= level.rank for e in self.lost) else 0

    def to_rows(self, lang: Lang = "en") -> list[dict[str, Any]]:
        """One flat dictionary for each entry, ready for a data frame."""
        return [_row(self.subject, entry, lang) for kind in Kind for entry in self.of(kind)]

    def render(self, format: str = "terminal", *, lang: Lang = "en", **options: Any) -> str:  # noqa: A002 - the option's own name
        """The comparison in one of the formats "terminal", "markdown", "json", "html"."""
        from deliverability.render import render_comparisons  # noqa: PLC0415 - as `Report.render`

        return render_comparisons(self, format, lang=lang, **options)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.render("html", embed=True)


_DIFFERENT = (Kind.NEW, Kind.FIXED, Kind.CHANGED, Kind.LOST, Kind.GAINED)


def _row(subject: str, entry: Entry, lang: Lang) -> dict[str, Any]:
    held = entry.after or entry.before
    return {
        "audited": subject,
        "kind": entry.kind.value,
        "code": entry.code,
        "subject": entry.subject,
        "severity": entry.severity.value,
        "was": entry.was.value,
        "now": entry.now.value,
        "text": (held.title if held else entry.label).format(lang),
        "fingerprint": held.fingerprint if held else None,
    }


def compare_reports(before: Report, after: Report) -> Comparison:
    """Two reports beside each other, without the words for what changed in the DNS."""
    return compare_states(State.of(before), State.of(after))


def compare_states(before: State | None, after: State | None) -> Comparison:
    """The comparison of two states. Where one is None, all that the other knows is new, or can no longer be told."""
    if before is None or after is None:
        return Comparison(before, after, tuple(_alone(before, after)))
    entries = tuple(_Sides(before, after).entries())
    return Comparison(before, after, entries, tuple(_record_differences(before, after)))


def _alone(before: State | None, after: State | None) -> Iterator[Entry]:
    if after is not None:
        for held in after.findings:
            yield _entry(held, Standing.NOT_REACHED, Standing.FOUND, after=held)
        for untold in after.unknowns:
            yield _entry(untold, Standing.NOT_KNOWN, Standing.UNKNOWN, because=untold.because)
    elif before is not None:
        for held in before.findings:
            yield _entry(held, Standing.FOUND, Standing.NOT_KNOWN, before=held)
        for untold in before.unknowns:
            yield _entry(untold, Standing.UNKNOWN, Standing.NOT_KNOWN, because=untold.because)


def _entry(about: Held | Untold, was: Standing, now: Standing, **more: Any) -> Entry:
    return Entry(about.code, about.subject, about.label, about.severity, was, now, **more)


class _Side:
    """One state, ready to be asked how a check stands in it."""

    def __init__(self, state: State, other: State) -> None:
        self._subject = state.subject
        self.unknowns = {(u.code, u.subject): u for u in state.unknowns}
        self.findings = _by_key(state.findings)
        self._passed, self._not_applicable = state.passed, state.not_applicable
        self._codes = {
            Standing.PASSED: {code for code, _ in state.passed},
            Standing.NOT_APPLICABLE: {code for code, _ in state.not_applicable},
            Standing.FOUND: {code for code, _ in self.findings},
        }
        self._unknown_codes: dict[str, Untold] = {}
        for untold in state.unknowns:
            self._unknown_codes.setdefault(untold.code, untold)
        self._same_rules = state.rules_version == other.rules_version

    def standing(self, key: Key) -> tuple[Standing, Untold | None]:
        """How the check stands here; of one that could not be told, the outcome that says so.

        What was judged on this very subject goes first, then what was judged on the whole; "could not tell" about
        anything of the same check goes before a pass of something else.
        """
        code = key[0]
        for place in dict.fromkeys((key, (code, self._subject), (code, ""))):
            if place in self.unknowns:
                return Standing.UNKNOWN, self.unknowns[place]
            if place in self.findings and place == key:
                return Standing.FOUND, None
            if place in self._passed:
                return Standing.PASSED, None
            if place in self._not_applicable:
                return Standing.NOT_APPLICABLE, None
        if code in self._unknown_codes:
            return Standing.UNKNOWN, self._unknown_codes[code]
        if code in self._codes[Standing.PASSED]:
            return Standing.PASSED, None
        if code in self._codes[Standing.NOT_APPLICABLE]:
            return Standing.NOT_APPLICABLE, None
        known = self._same_rules or code in self._codes[Standing.FOUND]
        return (Standing.NOT_REACHED if known else Standing.NOT_KNOWN), None


def _by_key(findings: Iterable[Held]) -> dict[Key, list[Held]]:
    grouped: dict[Key, list[Held]] = {}
    for held in findings:
        grouped.setdefault((held.code, held.subject), []).append(held)
    return grouped


class _Sides:
    """Both states, and the entries that they come to."""

    def __init__(self, before: State, after: State) -> None:
        self._before, self._after = _Side(before, after), _Side(after, before)
        #: What could not be told and has been told of with a finding of the other side.
        self._covered: set[Key] = set()

    def entries(self) -> Iterator[Entry]:
        for key in sorted({*self._before.findings, *self._after.findings}):
            yield from self._findings(key, self._before.findings.get(key, []), self._after.findings.get(key, []))
        unknown = {**self._before.unknowns, **self._after.unknowns}
        both = self._before.unknowns.keys() & self._after.unknowns.keys()
        for key in sorted(unknown):
            if key in both or key not in self._covered:
                yield self._unknown(key, unknown[key])

    def _findings(self, key: Key, before: list[Held], after: list[Held]) -> Iterator[Entry]:
        """The findings of one check about one subject, by fingerprint: what tells two of them apart, stays apart here."""
        old = {held.fingerprint: held for held in before}
        new = {held.fingerprint: held for held in after}
        for fingerprint in sorted(old.keys() & new.keys()):
            yield self._both(old.pop(fingerprint), new.pop(fingerprint))
        for held in old.values():
            yield self._one(key, held, self._after, is_before=True)
        for held in new.values():
            yield self._one(key, held, self._before, is_before=False)

    def _both(self, before: Held, after: Held) -> Entry:
        return _entry(after, Standing.FOUND, Standing.FOUND, before=before, after=after)

    def _one(self, key: Key, held: Held, other: _Side, *, is_before: bool) -> Entry:
        if key in other.findings and key not in other.unknowns:
            standing, untold = (
                Standing.NOT_REACHED,
                None,
            )  # there are others of its kind, and this one is not among them
        else:
            standing, untold = other.standing(key)
        if untold is not None:
            self._covered.add((untold.code, untold.subject))
        because = untold.because if untold else NO_TEXT
        if is_before:
            return _entry(held, Standing.FOUND, standing, before=held, because=because)
        return _entry(held, standing, Standing.FOUND, after=held, because=because)

    def _unknown(self, key: Key, untold: Untold) -> Entry:
        was, _ = self._before.standing(key)
        now, _ = self._after.standing(key)
        return _entry(untold, was, now, because=untold.because)


def _record_differences(before: State, after: State) -> Iterator[RecordDifference]:
    """What both sides asked and neither failed to answer, where the answers differ."""
    for name, record_type in sorted(before.records.keys() & after.records.keys()):
        one, other = before.records[name, record_type], after.records[name, record_type]
        if one != other and one.values is not None and other.values is not None:
            yield RecordDifference(name, record_type, one, other)
