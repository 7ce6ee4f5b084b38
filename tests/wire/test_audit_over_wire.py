"""Whole audits through the live source: as from a table, replayed to the letter, and honest when DNS is in trouble."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.finding import Unknown
from deliverability.core.questions import Failed, FailureKind
from deliverability.sources.live import LiveSource
from deliverability.sources.snapshot import Snapshot
from deliverability.sources.table import TableSource
from tests.support.faultdns import FaultServer

pytestmark = pytest.mark.wire

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
ZONE: dict[str, Any] = {
    "empresa.example/TXT": ["v=spf1 mx include:_spf.provider.example include:gone.example ~all", "verification=1"],
    "empresa.example/MX": ["10 mx1.empresa.example.", "20 mx2.provider.example."],
    "empresa.example/NS": ["ns1.provider.example.", "ns2.provider.example."],
    "empresa.example/SOA": ["ns1.provider.example. hostmaster.provider.example. 1 7200 3600 1209600 300"],
    "empresa.example/A": ["192.0.2.80"],
    "mx1.empresa.example/A": ["192.0.2.1"],
    "mx2.provider.example/A": ["198.51.100.1"],
    "ns1.provider.example/A": ["198.51.100.53"],
    "ns2.provider.example/A": ["203.0.113.53"],
    "_spf.provider.example/TXT": ["v=spf1 ip4:198.51.100.0/24 -all"],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=none; rua=mailto:r@reports.example"],
    "1.2.0.192.in-addr.arpa/PTR": ["mx1.empresa.example."],
}
TROUBLE: dict[str, Any] = {
    "mx2.provider.example/A": {"fault": "servfail"},
    "_spf.provider.example/TXT": {"fault": "refused"},
    "_dmarc.empresa.example/TXT": {"fault": "truncate-tcp-refused"},
    "ns1.provider.example/A": {"fault": "lame"},
}


def audit(source: Any) -> dv.Report:
    return dv.audit_domain(DOMAIN, source=source, now=NOW)


def test_the_wire_and_the_table_give_the_same_findings() -> None:
    with FaultServer(ZONE) as server:
        live = audit(LiveSource([server.address]))
        assert server.queries() <= 75
    known = audit(TableSource(ZONE))

    assert live.codes() == known.codes()
    assert live.score == known.score
    assert live.codes()


def test_an_audit_in_trouble_is_replayed_to_the_letter() -> None:
    with FaultServer(ZONE | TROUBLE) as server:
        recorder = Snapshot.recording(LiveSource([server.address]))
        live = audit(recorder)
    again = audit(Snapshot.from_json(recorder.snapshot.to_json()))

    assert again == live
    assert again.render("json", lang="en") == live.render("json", lang="en")
    assert any(isinstance(outcome, Unknown) for _, outcome in live.checked)
    kinds = {answer.kind for answer in recorder.snapshot.answers.values() if isinstance(answer, Failed)}
    assert kinds >= {FailureKind.SERVFAIL, FailureKind.REFUSED, FailureKind.TRUNCATED, FailureKind.LAME}


def test_trouble_takes_findings_away_and_never_invents_absence() -> None:
    """What could not be asked makes rules unknown; it may not add a finding that the whole world does not have."""
    whole = audit(TableSource(ZONE))
    with FaultServer(ZONE | TROUBLE) as server:
        troubled = audit(LiveSource([server.address]))

    assert troubled.codes() - whole.codes() <= _ABOUT_TROUBLE


def test_loss_of_datagrams_adds_no_finding() -> None:
    whole = audit(TableSource(ZONE)).codes()
    for seed in range(3):
        with FaultServer(ZONE, loss=0.3, seed=seed) as server:
            lossy = audit(LiveSource([server.address]))
        assert lossy.codes() - whole <= _ABOUT_TROUBLE


#: Findings that say that DNS is in trouble; nothing else may come up because of it.
_ABOUT_TROUBLE: frozenset[str] = frozenset()


def test_a_dead_resolver_makes_everything_unknown_in_time() -> None:
    zone = {
        f"*.{suffix}/{kind}": {"fault": "timeout"}
        for suffix in ("example", "empresa.example", "arpa")
        for kind in _TYPES
    }
    zone |= {f"empresa.example/{kind}": {"fault": "timeout"} for kind in _TYPES}
    with FaultServer(zone) as server:
        started = time.perf_counter()
        report = audit(LiveSource([server.address], timeout=1.0, retries=0))

    assert time.perf_counter() - started < 30
    assert report.codes() <= _ABOUT_TROUBLE
    assert [outcome for _, outcome in report.checked if isinstance(outcome, Unknown)]


_TYPES = ("A", "AAAA", "CNAME", "DS", "MX", "NS", "PTR", "SOA", "TXT", "TLSA", "DNSKEY", "SPF")
