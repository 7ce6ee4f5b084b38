"""Two states beside each other: what is new, fixed, changed, lost and gained, and what the gate makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.comparison import Comparison, Kind, Standing, compare_states
from deliverability.core.finding import Severity
from deliverability.core.report_file import read_state
from deliverability.core.state import Held, Recorded, State, Untold
from deliverability.core.text import Text
from tests.support.proposals import DOMAIN, KEY, NOW, SPF, profile, table

LABEL = Text("label", "rótulo")


def held(code: str, subject: str = DOMAIN, severity: Severity = Severity.ERROR, **more: Any) -> Held:
    title = more.pop("title", code)
    return Held(code, LABEL, severity, subject, f"{code}/{subject}", Text(title, title), **more)


def untold(code: str, subject: str = DOMAIN, severity: Severity = Severity.ERROR) -> Untold:
    return Untold(code, LABEL, severity, subject, Text("no answer", "sin respuesta"))


def state(*findings: Held, version: str = "1", **more: Any) -> State:
    return State(DOMAIN, findings=findings, rules_version=version, **more)


def kinds(before: State, after: State) -> dict[tuple[str, str], Kind]:
    return {(e.code, e.subject): e.kind for e in compare_states(before, after).entries}


def test_a_state_beside_itself_is_the_same() -> None:
    same = state(held("SPF004"), unknowns=(untold("MX006"),), passed=frozenset({("MX001", DOMAIN)}))
    comparison = compare_states(same, same)

    assert comparison.is_empty
    assert comparison.exit_code() == 0
    assert {e.kind for e in comparison.entries} == {Kind.SAME, Kind.UNTOLD}


def test_new_and_fixed_mirror_each_other() -> None:
    clean, broken = state(passed=frozenset({("SPF004", DOMAIN)})), state(held("SPF004"))

    assert kinds(clean, broken) == {("SPF004", DOMAIN): Kind.NEW}
    assert kinds(broken, clean) == {("SPF004", DOMAIN): Kind.FIXED}
    assert compare_states(clean, broken).exit_code() == 1
    assert compare_states(broken, clean).exit_code() == 0


@pytest.mark.parametrize("subject", [DOMAIN, "", "other.example"])
def test_could_not_tell_is_never_new_and_never_fixed(subject: str) -> None:
    """An answer that failed on one side says nothing of what was there, on whatever the check was to be made."""
    failed, broken = state(unknowns=(untold("SPF004", subject),)), state(held("SPF004"))

    assert Kind.NEW not in kinds(failed, broken).values()
    assert Kind.FIXED not in kinds(broken, failed).values()
    assert compare_states(failed, broken).exit_code() == 0
    assert compare_states(broken, failed).exit_code() == 3
    assert compare_states(broken, failed).exit_code(incomplete_fails=False) == 0


def test_a_finding_beside_an_unknown_of_its_own_check_is_not_fixed() -> None:
    """A wildcard at TXT and at MX before; later the one is still there, and of the other nobody knows."""
    one, other = (held("DNS015", title=kind)._replace(fingerprint=kind) for kind in ("TXT", "MX"))
    before, after = state(one, other), state(one, unknowns=(untold("DNS015"),))

    assert [(e.kind, e.because.en) for e in compare_states(before, after).entries] == [
        (Kind.SAME, ""),
        (Kind.LOST, "no answer"),
    ]
    assert {e.kind for e in compare_states(after, before).entries} == {Kind.SAME, Kind.GAINED}


def test_what_passed_and_can_no_longer_be_told_is_lost() -> None:
    passed, failed = state(passed=frozenset({("SPF004", DOMAIN)})), state(unknowns=(untold("SPF004"),))

    assert kinds(passed, failed) == {("SPF004", DOMAIN): Kind.LOST}
    assert kinds(failed, passed) == {("SPF004", DOMAIN): Kind.GAINED}
    assert compare_states(passed, failed).exit_code() == 3
    assert compare_states(failed, failed).exit_code() == 0, "it was not told before either"


def test_only_what_decides_counts_among_what_is_lost() -> None:
    passed = state(passed=frozenset({("X001", DOMAIN)}))
    failed = state(unknowns=(untold("X001", severity=Severity.WARNING),))

    assert compare_states(passed, failed).exit_code() == 0
    assert compare_states(passed, failed).exit_code("warning") == 3
    assert compare_states(passed, failed).exit_code("never") == 0


def test_the_level_of_the_gate_counts() -> None:
    comparison = compare_states(state(), state(held("X001", severity=Severity.WARNING)))

    assert [comparison.exit_code(level) for level in ("error", "warning", "info", "never")] == [0, 1, 1, 0]


def test_a_finding_that_grew_worse_counts() -> None:
    mild, bad = state(held("X001", severity=Severity.WARNING)), state(held("X001"))

    assert kinds(mild, bad) == {("X001", DOMAIN): Kind.CHANGED}
    assert compare_states(mild, bad).exit_code() == 1
    assert compare_states(bad, mild).exit_code() == 0
    assert compare_states(mild, bad).exit_code("warning") == 0, "it was above that level before as well"


def test_other_words_are_a_change_that_fails_nothing() -> None:
    eleven, twelve = state(held("SPF004", title="11 lookups")), state(held("SPF004", title="12 lookups"))

    assert kinds(eleven, twelve) == {("SPF004", DOMAIN): Kind.CHANGED}
    assert compare_states(eleven, twelve).exit_code() == 0


def test_what_an_identity_tells_apart_is_new_and_fixed() -> None:
    one = state(held("X001")._replace(fingerprint="one"))
    other = state(held("X001")._replace(fingerprint="other"))
    comparison = compare_states(one, other)

    assert [e.kind for e in comparison.entries] == [Kind.FIXED, Kind.NEW]
    assert comparison.exit_code() == 1


def test_what_is_set_aside_is_still_there() -> None:
    """An ignore is no repair."""
    counts, aside = state(held("X001")), state(held("X001", aside=True))

    assert kinds(counts, aside) == {("X001", DOMAIN): Kind.CHANGED}
    assert compare_states(counts, aside).exit_code() == 0
    assert compare_states(aside, counts).exit_code() == 1, "it counts for the first time"
    assert compare_states(state(), aside).exit_code() == 0, "new, and set aside"


def test_a_check_that_only_one_version_of_the_rules_has_is_no_news() -> None:
    old, new = state(version="1"), state(held("X999"), version="2")

    assert kinds(old, new) == {("X999", DOMAIN): Kind.GAINED}
    assert kinds(new, old) == {("X999", DOMAIN): Kind.LOST}
    assert compare_states(old, new).other_rules
    assert kinds(state(), state(held("X999"))) == {("X999", DOMAIN): Kind.NEW}


def test_one_side_alone() -> None:
    there = state(held("X001"))
    only_new, only_old = compare_states(None, there), compare_states(there, None)

    assert [e.kind for e in only_new.entries] == [Kind.NEW]
    assert only_new.exit_code() == 1
    assert [e.kind for e in only_old.entries] == [Kind.LOST]
    assert only_old.exit_code() == 3
    assert not only_new.is_empty


def test_records_differ_in_values_only() -> None:
    place = (DOMAIN, "TXT")
    one = state(records={place: Recorded(("a", "b")), ("x.example", "A"): Recorded(None)})
    other = state(records={place: Recorded(("b", "c")), ("x.example", "A"): Recorded(("192.0.2.1",))})
    comparison = compare_states(one, other)

    assert [(r.name, r.removed, r.added) for r in comparison.records] == [(DOMAIN, ("a",), ("c",))]


# Real audits


def audit(**changes: Any) -> dv.Report:
    answers = {key.replace("__", "/"): value for key, value in changes.items()}
    return dv.audit_domain(DOMAIN, source=table(answers), profile=profile(), now=NOW, try_fixes=False)


def audit_with(changes: dict[str, Any]) -> dv.Report:
    return dv.audit_domain(DOMAIN, source=table(changes), profile=profile(), now=NOW, try_fixes=False)


def told(comparison: Comparison, lang: str = "en") -> list[str]:
    return [d.text.format(lang, d.args) for d in comparison.differences]  # type: ignore[arg-type]


def test_ttl_and_order_make_no_difference() -> None:
    one = audit_with({f"{DOMAIN}/MX": ["10 a.example.", "20 b.example."]})
    other = audit_with({f"{DOMAIN}/MX": {"records": ["20 b.example.", "10 a.example."], "ttl": 7200}})

    assert dv.compare(one, other).is_empty


def test_the_provider_whose_include_changed_is_named() -> None:
    name = "spf.protection.outlook.com/TXT"
    grown = "v=spf1 ip4:40.92.0.0/15 ip4:52.100.0.0/14 ip4:104.47.0.0/17 include:spf2.protection.outlook.com -all"
    after = audit_with({name: [grown], "spf2.protection.outlook.com/TXT": ["v=spf1 ip6:2a01:111:f400::/48 -all"]})
    comparison = dv.compare(audit_with({}), after)

    assert told(comparison)[0] == "SPF lookups in all: 2 → 3"
    assert told(comparison)[1] == (
        "spf.protection.outlook.com (Microsoft 365): 3 networks added, 1 network removed; its lookups 1 → 2 "
        "(in spf2.protection.outlook.com)"
    )
    assert told(comparison, "es")[1].startswith(
        "spf.protection.outlook.com (Microsoft 365): 3 redes añadidas, 1 red quitada; sus consultas 1 → 2"
    )
    difference = comparison.differences[1]
    assert difference.provider == "Microsoft 365"
    assert difference.removed == ("40.107.0.0/16",)
    assert difference.added == ("52.100.0.0/14", "104.47.0.0/17", "2a01:111:f400::/48")


def test_the_host_behind_an_include_counts_as_its_network() -> None:
    over = {"_spf.facturas.example/TXT": ["v=spf1 a:out.facturas.example -all"]}
    before = audit_with({**over, "out.facturas.example/A": ["203.0.113.1"]})
    after = audit_with({**over, "out.facturas.example/A": ["203.0.113.2"]})

    assert "_spf.facturas.example: 1 network added, 1 network removed" in told(dv.compare(before, after))


def test_an_include_that_could_not_be_read_lost_nothing() -> None:
    after = audit_with({"spf.protection.outlook.com/TXT": {"fault": "servfail"}})
    comparison = dv.compare(audit_with({}), after)

    assert any("could be read before and could not now" in text for text in told(comparison))
    assert not any(d.removed for d in comparison.differences)
    assert not comparison.fixed
    assert comparison.exit_code() == 3


OTHER_KEY = "v=DKIM1; k=ed25519; p=" + "A" * 43 + "="


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([OTHER_KEY], "DKIM key s1 was replaced"),
        (["v=DKIM1; k=ed25519; p="], "DKIM key s1 was revoked (empty `p=`)"),
        (None, "DKIM key s1 is gone"),
        ([KEY.replace("v=DKIM1; ", "v=DKIM1; t=s; ")], "The record of DKIM key s1 changed, the key is the same"),
    ],
)
def test_what_became_of_a_key(record: Any, words: str) -> None:
    before, after = audit_with({}), audit_with({f"s1._domainkey.{DOMAIN}/TXT": record})

    assert words in told(dv.compare(before, after))


def test_mx_and_policy_are_told_by_what_they_mean() -> None:
    after = audit_with({f"{DOMAIN}/MX": ["1 smtp.google.com."], f"_dmarc.{DOMAIN}/TXT": ["v=DMARC1; p=reject"]})
    found = told(dv.compare(audit_with({}), after))

    assert "DMARC policy in force: none → reject" in found
    assert f"The MX of {DOMAIN} changed: Microsoft 365 → Google Workspace" in found or any(
        text.startswith(f"The MX of {DOMAIN} changed: Microsoft 365 → ") for text in found
    )


def test_json_reports_tell_of_spf_and_policy_too() -> None:
    """A report without answers holds the SPF tree and the policy; keys and MX take a recording."""
    before = audit_with({})
    after = audit_with(
        {
            "spf.protection.outlook.com/TXT": ["v=spf1 ip4:40.92.0.0/15 -all"],
            f"_dmarc.{DOMAIN}/TXT": ["v=DMARC1; p=reject"],
            f"{DOMAIN}/MX": ["10 mx.nuevo.example."],
        }
    )
    states = [read_state(json.loads(report.render("json"))) for report in (before, after)]
    from deliverability.audits.differences import with_differences  # noqa: PLC0415

    comparison = with_differences(compare_states(*states))
    assert told(comparison) == [
        "spf.protection.outlook.com (Microsoft 365): 1 network removed",
        "DMARC policy in force: none → reject",
    ]
    assert {(e.code, e.kind) for e in comparison.entries} == {
        (e.code, e.kind) for e in dv.compare(before, after).entries
    }


def test_a_json_report_with_answers_tells_all() -> None:
    before, after = audit_with({}), audit_with({f"{DOMAIN}/MX": ["10 mx.nuevo.example."]})
    states = [read_state(json.loads(report.render("json", answers=True))) for report in (before, after)]

    records = compare_states(*states).records
    assert [(r.name, r.type, r.added) for r in records if r.type == "MX"] == [(DOMAIN, "MX", ("10 mx.nuevo.example",))]


def test_rows_are_flat_and_sorted_by_kind() -> None:
    rows = dv.compare(audit_with({}), audit_with({f"{DOMAIN}/TXT": [SPF.replace("~all", "+all")]})).to_rows("es")

    assert rows
    assert all(set(row) == set(rows[0]) for row in rows)
    assert [row["kind"] for row in rows] == sorted((row["kind"] for row in rows), key=[k.value for k in Kind].index)


def test_what_a_check_was_about_may_be_gone() -> None:
    """A key that is no longer there is not mended: the entry says so."""
    weak = {f"s9._domainkey.{DOMAIN}/TXT": ["v=DKIM1; k=ed25519; p=AAAA"]}
    told_of = dv.Profile(sending=dv.Sending(selectors=("s1", "s9")))
    before = dv.audit_domain(DOMAIN, source=table(weak), profile=told_of, now=NOW, try_fixes=False)
    after = dv.audit_domain(DOMAIN, source=table({}), profile=told_of, now=NOW, try_fixes=False)
    fixed = {(e.code, e.now) for e in dv.compare(before, after).fixed}

    assert fixed
    assert all(now in (Standing.NOT_REACHED, Standing.NOT_APPLICABLE, Standing.PASSED) for _, now in fixed)


def test_a_notebook_shows_it() -> None:
    shown = dv.compare(audit_with({}), audit_with({f"{DOMAIN}/TXT": ["v=spf1 +all"]}))._repr_html_()

    assert shown.startswith("<div")
    assert "<html" not in shown
    assert "SPF" in shown
