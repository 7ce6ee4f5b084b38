"""The whole audit of a domain: the same on every driver, on replay, and never "missing" for "could not ask"."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.facts import Sending
from deliverability.core.finding import Passed, Unknown
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Question
from deliverability.core.report import Report
from deliverability.sources.table import TableSource

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = (
    "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnX/RTXmZfOotSJGIGIYbjABwyh4AcLnpflAt00OdIIyTZA/hc3zBGqsbiWOwBo28"
    "sa1bzIv49kfcYdFjA1sMV0j6GY1xbxQcVSWcwX2gnq3Daq8TaCzO4UaOOdkXdcjIaQ5whdatAQgPFvHBpCU/kMerOK5hyN+TaozSgZipuZS0OBNW3hOMaiO5CC35Jofu"
    "02ZzeFoAz6yFdVMzMSB6i40cxKI8/eDD5cEusuNnJDX2+G7wEeX19V7QFOMcGOLrzgUTe0fsr4wyQWAfbE8rJCBt0wjReq0KwDHozYvN7vT7/Jq32iataMhQtyapaSKA"
    "tNtBwfLnE6Y0ekMkoD4qNQIDAQAB"
)
GOOD: Mapping[str, Any] = {
    "empresa.example/TXT": ["v=spf1 mx ip4:192.0.2.10 include:_spf.correo.example -all"],
    "empresa.example/MX": ["10 mx1.empresa.example", "20 mx2.empresa.example"],
    "empresa.example/A": ["192.0.2.80"],
    "empresa.example/NS": ["ns1.dns.example", "ns2.otro.example"],
    "empresa.example/SOA": ["ns1.dns.example. root.dns.example. 1 7200 3600 1209600 3600"],
    "mx1.empresa.example/A": ["192.0.2.11"],
    "mx2.empresa.example/A": ["198.51.100.11"],
    "ns1.dns.example/A": ["198.51.100.53"],
    "ns2.otro.example/A": ["203.0.113.53"],
    "_spf.correo.example/TXT": ["v=spf1 ip4:203.0.113.0/28 -all"],
    "s1._domainkey.empresa.example/TXT": [KEY],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=reject; rua=mailto:dmarc@empresa.example"],
    "mail.empresa.example/A": ["192.0.2.10"],
    "mail.empresa.example/TXT": ["v=spf1 a -all"],
    "10.2.0.192.in-addr.arpa/PTR": ["mail.empresa.example"],
}
BAD: Mapping[str, Any] = {
    "empresa.example/TXT": [
        "v=spf1 mx ptr inclde:_spf.correo.example include:no.example",
        "v=spf1 a ?all",
        "v=DMARC1; p=none",
    ],
    "empresa.example/MX": ["10 alias.empresa.example", "10 nada.empresa.example"],
    "alias.empresa.example/CNAME": ["real.empresa.example"],
    "real.empresa.example/A": ["10.0.0.1"],
    "s1._domainkey.empresa.example/TXT": ["v=DKIM1; t=y; p=MIG"],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=nada; rua=dmarc@otra.example; pct=50"],
    "10.2.0.192.in-addr.arpa/PTR": ["192-0-2-10.pool.isp.example"],
}
SENDING = Sending(
    ips=(ip_address("192.0.2.10"),), helo="mail.empresa.example", selectors=("s1",), sends=True
)  # fmt: skip


#: Findings that say "could not be asked, and that itself is the fault", not "missing".
ABOUT_FAILURE = {"DNS010", "DNS012", "SPF035"}


class Waiting:
    """The same answers, each after a while, in no particular order."""

    def __init__(self, table: Mapping[str, Any], seed: int = 1) -> None:
        self._table = TableSource(table)
        self._random = random.Random(seed)

    async def ask(self, question: Question) -> Answer:
        await asyncio.sleep(self._random.random() / 500)
        return self._table.answer(question)


class Faulty:
    """A table that fails in one way for the questions in `broken` (None: for all)."""

    def __init__(self, table: Mapping[str, Any], kind: FailureKind, broken: frozenset[Question] | None) -> None:
        self._table = TableSource(table)
        self._kind = kind
        self._broken = broken

    def answer(self, question: Question) -> Answer:
        if self._broken is None or question in self._broken:
            return Failed(self._kind, "test")
        return self._table.answer(question)


def audit(source: Any, **options: Any) -> Report:
    return dv.audit_domain("empresa.example", source=source, sending=SENDING, now=NOW, **options)


@pytest.fixture(scope="module")
def good() -> Report:
    return audit(TableSource(GOOD))


@pytest.fixture(scope="module")
def bad() -> Report:
    return audit(TableSource(BAD))


def test_a_good_domain_has_no_error_and_no_warning(good: Report) -> None:
    assert [(f.code, f.text("en")) for f in good.findings if f.severity.value != "info"] == []
    assert good.score.grade == "A"
    assert good.exit_code("warning") == 0
    assert good.actions == ()


def test_a_bad_domain_has_its_faults_found_and_an_order_of_work(bad: Report) -> None:
    assert {"SPF002", "DMARC006", "DMARC009", "MX005", "MX006", "DKIM008", "DNS003"} <= bad.codes()
    assert bad.exit_code() == 1
    assert bad.actions
    scores = [action.score_after for action in bad.actions]
    assert scores[-1] is not None
    assert bad.score.value is not None
    assert scores[-1] > bad.score.value
    names = [(change.name, change.type) for action in bad.actions for change in action.changes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("table", [GOOD, BAD], ids=["good", "bad"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_drivers_give_the_same_report(table: Mapping[str, Any], seed: int) -> None:
    known = audit(TableSource(table))

    assert audit(Waiting(table, seed)) == known
    assert known.render("json") == audit(Waiting(table, seed)).render("json")


def test_the_awaited_twin_gives_the_same_report(bad: Report) -> None:
    async def inside() -> Report:
        waited = await dv.audit_domain_async("empresa.example", source=Waiting(BAD), sending=SENDING, now=NOW)
        # A plain call inside a running loop, as in a notebook.
        assert audit(Waiting(BAD)) == waited
        return waited

    assert asyncio.run(inside()) == bad


@pytest.mark.parametrize("table", [GOOD, BAD], ids=["good", "bad"])
def test_a_saved_snapshot_replays_to_the_identical_report(table: Mapping[str, Any], tmp_path: Path) -> None:
    recording = dv.Snapshot.recording(Waiting(table))
    first = audit(recording)
    path = tmp_path / "snapshot.json"
    recording.snapshot.save(path)
    again = audit(dv.Snapshot.load(path))

    assert again == first
    assert again.render("json") == first.render("json")


def test_many_domains_come_back_in_their_order() -> None:
    domains = [f"d{n}.example" for n in range(12)]
    table = {f"{d}/TXT": [f"v=spf1 ip4:192.0.2.{n} -all"] for n, d in enumerate(domains)}

    for source in (TableSource(table), Waiting(table)):
        assert [
            report.subject for report in dv.audit_domains(domains, source=source, concurrency=3, now=NOW)
        ] == domains


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_dead_resolver_is_could_not_tell_and_nothing_else(kind: FailureKind) -> None:
    report = audit(Faulty(GOOD, kind, None))

    # A SERVFAIL for everything, or aliases that circle, is a fault of the zone and may be told as just that.
    assert report.codes() <= ABOUT_FAILURE
    assert report.unknowns
    assert report.score.value is None
    assert report.exit_code() == (1 if any(f.severity.value == "error" for f in report.findings) else 3)


def questions(report: Report) -> list[Question]:
    return list(report.answers)


@pytest.mark.parametrize("table", [GOOD, BAD], ids=["good", "bad"])
@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.SERVFAIL, FailureKind.OFFLINE])
def test_a_question_that_fails_never_makes_a_finding(table: Mapping[str, Any], kind: FailureKind) -> None:
    """Whatever one question cannot be asked: nothing new is found, nothing found becomes passed."""
    whole = audit(TableSource(table), try_fixes=False)
    for question in questions(whole):
        report = audit(Faulty(table, kind, frozenset([question])), try_fixes=False)
        assert report.codes() - ABOUT_FAILURE <= whole.codes(), question
        passed = {(rule.code, outcome.subject) for rule, outcome in report.passed}
        found = {(finding.code, finding.subject) for finding in whole.findings}
        assert not passed & found, question


def test_unknowns_carry_what_failed() -> None:
    broken = frozenset([DnsQuestion(DomainName("empresa.example"), "MX")])
    report = audit(Faulty(GOOD, FailureKind.TIMEOUT, broken))
    mx = [outcome for rule, outcome in report.unknowns if rule.code == "MX001"]

    assert len(mx) == 1
    assert isinstance(mx[0], Unknown)
    assert mx[0].evidence[0].text.startswith("timeout")
    assert mx[0].because.format("en") != mx[0].because.format("es")
    assert not any(isinstance(outcome, Passed) and rule.code == "MX001" for rule, outcome in report.checked)


def test_a_fix_may_rest_on_what_an_alias_led_to() -> None:
    """The MX is an alias; its target was never asked for under its own name, but the answers say what it holds."""
    table = {
        **GOOD,
        "empresa.example/MX": ["10 alias.empresa.example"],
        "alias.empresa.example/CNAME": ["mx1.empresa.example"],
    }
    report = audit(TableSource(table))

    assert "MX005" in report.codes()
    added = [(change.type, change.add) for action in report.actions for change in action.changes]
    assert ("MX", ("10 mx1.empresa.example",)) in added


def test_what_to_do_puts_errors_first_and_records_in_other_zones_last_among_equals() -> None:
    examples = Path(__file__).parents[2] / "examples" / "before"
    report = dv.audit_domain(
        "talleres-soler.example",
        source=dv.ZoneSource.from_file(*sorted(examples.glob("*.zone"))),
        profile=dv.Profile.load(examples / "deliverability.toml"),
        now=NOW,
    )

    assert [sorted(action.solves)[0] for action in report.actions] == ["SPF004", "DMARC010", "MX005"]
    text = report.render("terminal", lang="en")
    order = ("SPF004 ", "DKIM008 ", "DMARC010 ", "MX005 ", "DKIM010 ")
    todo = text[text.index("WHAT TO DO") : text.index("WHAT WAS CHECKED")]
    assert sorted(order, key=todo.index) == list(order)


def test_a_warning_is_not_mended_at_the_risk_of_an_error_that_nobody_could_see() -> None:
    """Behind `all` stand includes that nobody read: put before it they might be the eleventh look-up."""
    record = "v=spf1 ip4:192.0.2.10 -all include:unread.example"
    table = {**GOOD, "empresa.example/TXT": [record], "unread.example/TXT": ["v=spf1 a mx -all"]}
    report = audit(TableSource(table))

    assert [(f.code, f.fix) for f in report.findings if f.code == "SPF015"] == [("SPF015", None)]
    assert not [change for action in report.actions for change in action.changes if "include:unread" in str(change.add)]
