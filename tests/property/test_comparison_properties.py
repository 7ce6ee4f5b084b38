"""Comparisons of any two states: nothing differs from itself, and from B to A is the mirror of from A to B."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.comparison import Kind, Standing, compare_states
from deliverability.core.errors import UnreadableFile
from deliverability.core.finding import Severity
from deliverability.core.report_file import read_documents, read_states
from deliverability.core.state import Held, Recorded, State, Untold
from deliverability.core.text import Text
from deliverability.render import COMPARISON_FORMATS, render_comparisons

CODES, SUBJECTS = st.sampled_from(["A001", "A002", "B001"]), st.sampled_from(["", "empresa.example", "s1", "s2"])
SEVERITIES, LABEL = st.sampled_from(list(Severity)), Text("l", "r")
MIRROR = {Kind.NEW: Kind.FIXED, Kind.FIXED: Kind.NEW, Kind.LOST: Kind.GAINED, Kind.GAINED: Kind.LOST}


@st.composite
def findings(draw: st.DrawFn) -> Held:
    code, subject, identity = draw(CODES), draw(SUBJECTS), draw(st.sampled_from(["", "x"]))
    title = Text(*[draw(st.sampled_from(["one", "two"]))] * 2)
    print_ = f"{code}/{subject}/{identity}"
    return Held(code, LABEL, draw(SEVERITIES), subject, print_, title, aside=draw(st.booleans()))


@st.composite
def states(draw: st.DrawFn) -> State:
    keys = st.frozensets(st.tuples(CODES, SUBJECTS), max_size=4)
    unknown = st.builds(Untold, CODES, st.just(LABEL), SEVERITIES, SUBJECTS)
    answers = st.builds(
        Recorded, st.none() | st.tuples(st.sampled_from(["1", "2"])), st.sampled_from(["", "t.example"])
    )
    return State(
        "empresa.example",
        rules_version=draw(st.sampled_from(["1", "2"])),
        score=draw(st.none() | st.integers(0, 100)),
        findings=tuple(draw(st.lists(findings(), max_size=5, unique_by=lambda held: held.fingerprint))),
        unknowns=tuple(draw(st.lists(unknown, max_size=3, unique_by=lambda u: (u.code, u.subject)))),
        passed=draw(keys),
        not_applicable=draw(keys),
        records=draw(st.dictionaries(st.tuples(SUBJECTS, st.sampled_from(["TXT", "MX"])), answers, max_size=3)),
    )


@given(states())
def test_nothing_differs_from_itself(state: State) -> None:
    comparison = compare_states(state, state)

    assert comparison.is_empty
    assert comparison.exit_code("info") == 0


@given(states(), states())
def test_backwards_is_the_mirror(before: State, after: State) -> None:
    there, back = compare_states(before, after), compare_states(after, before)

    forwards = sorted((e.code, e.subject, MIRROR.get(e.kind, e.kind), e.was, e.now) for e in there.entries)
    assert forwards == sorted((e.code, e.subject, e.kind, e.now, e.was) for e in back.entries)
    assert [(r.name, r.type, r.removed, r.added) for r in there.records] == [
        (r.name, r.type, r.added, r.removed) for r in back.records
    ]


@given(states(), states())
def test_every_finding_has_one_entry_and_no_unknown_makes_news(before: State, after: State) -> None:
    comparison = compare_states(before, after)

    for side, attribute in ((before, "before"), (after, "after")):
        held = [getattr(e, attribute) for e in comparison.entries if getattr(e, attribute) is not None]
        assert sorted(h.fingerprint for h in held) == sorted(h.fingerprint for h in side.findings)
    for entry in comparison.entries:
        if Standing.UNKNOWN in (entry.was, entry.now):
            assert entry.kind in (Kind.LOST, Kind.GAINED, Kind.UNTOLD)


@given(states(), states())
def test_every_form_takes_every_comparison(before: State, after: State) -> None:
    for form in COMPARISON_FORMATS:
        for lang in ("en", "es"):
            text = render_comparisons([compare_states(before, after), compare_states(None, after)], form, lang=lang)  # type: ignore[arg-type]
            assert text.endswith("\n")


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["subject", "kind", "findings", "version", "details", "score", "unknowns", "passed", "answers", "rules_version"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=10))
def test_any_json_is_a_report_or_unreadable(document: dict[str, Any]) -> None:
    for one in (document, {"subject": "a", "kind": "domain", "findings": [], "version": 1, **document}):
        found, told = _read(json.dumps(one))
        assert compare_states(found[0], found[0]).is_empty if found else ('"old.json"' in told and "\n" not in told)


def _read(text: str) -> tuple[list[State], str]:
    """The reports of a text, or the one line that says why there are none."""
    try:
        return read_states(read_documents(text, "old.json"), "old.json"), ""
    except UnreadableFile as error:
        return [], str(error)


@given(st.text(max_size=40))
def test_any_text_is_json_or_unreadable(text: str) -> None:
    found, told = _read(text)
    assert not found
    assert '"old.json"' in told
    assert "\n" not in told
