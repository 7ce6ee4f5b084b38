"""What the audit of a message costs on the network, without a network: as tests/test_round_trips.py for domains.

The message is signed by its own domain and by the platform that sends it, came with a session that SPF is asked for, and
its author domain is audited beside it: three trees of questions that must not wait for one another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.audits.message import read_audit
from deliverability.core.facts import Envelope, RawMessage
from deliverability.core.report import Report
from deliverability.sources.drive import solve_async
from deliverability.sources.table import TableSource
from tests.support.rich_domain import DOMAIN, rich_table
from tests.support.signing import key_record, sign
from tests.support.virtual_clock import run_virtually
from tests.test_round_trips import OneRoundTrip

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CLIENT = ip_address("198.51.100.97")
MAIL = (
    b"Received: from o1.sendgrid.net (o1.sendgrid.net [198.51.100.97]) by mx.cliente.example with ESMTPS id 1;\r\n"
    b" Sun, 22 Nov 2026 08:00:05 +0000\r\n"
    b"From: Empresa <facturas@rich.test>\r\nTo: ana@cliente.example\r\nSubject: Factura 2026/112\r\n"
    b"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@rich.test>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nAdjuntamos la factura de noviembre.\r\n"
)

#: The domain's SPF and three levels of includes below it, DMARC of a domain that mail names, and one more.
MOST_ROUND_TRIPS = 5
#: Those of the author domain, and of the signatures, the session and MAIL FROM.
MOST_QUESTIONS = 80


def signed() -> bytes:
    """The mail, signed by its domain and by the platform."""
    return sign(sign(MAIL, domain=DOMAIN, selector="mail"), domain="sendgrid.net", selector="smtpapi")


def table() -> dict[str, Any]:
    return {
        **rich_table(),
        f"mail._domainkey.{DOMAIN}/TXT": [key_record()],
        "smtpapi._domainkey.sendgrid.net/TXT": [key_record()],
        f"bounces.{DOMAIN}/TXT": ["v=spf1 include:sendgrid.net -all"],
        "97.100.51.198.in-addr.arpa/PTR": ["o1.sendgrid.net"],
        "o1.sendgrid.net/A": ["198.51.100.97"],
        "_dmarc.sendgrid.net/TXT": ["v=DMARC1; p=reject"],
    }


def audit(*, domain: bool = True) -> tuple[Report, OneRoundTrip, float]:
    raw = signed()
    source = OneRoundTrip(TableSource(table()))
    envelope = Envelope(CLIENT, f"bounce@bounces.{DOMAIN}", "o1.sendgrid.net")
    plan = read_audit(RawMessage(raw, len(raw)), now=NOW, envelope=envelope, domain=domain).plan()
    report, seconds = run_virtually(solve_async(plan, source))
    return report, source, seconds


def test_a_signed_message_passes() -> None:
    """Else the rest measures something else."""
    report, _, _ = audit()
    authentication = report.details["authentication"]

    assert [result.result for result in authentication.dkim.results] == ["pass", "pass"]
    assert authentication.dmarc.result == "pass"
    assert authentication.spf.mail_from.result.result == "pass"


@pytest.mark.parametrize("domain", [True, False])
def test_a_message_asks_no_question_twice(domain: bool) -> None:
    _, source, _ = audit(domain=domain)

    assert max(source.counts.values()) == 1, source.history()
    assert len(source.counts) <= (MOST_QUESTIONS if domain else 30), source.history()


def test_what_the_message_needs_is_asked_beside_what_its_domain_needs() -> None:
    _, source, seconds = audit()
    _, _, alone = audit(domain=False)

    assert alone < seconds <= MOST_ROUND_TRIPS, source.history()


def test_the_first_round_asks_of_all_three() -> None:
    _, source, _ = audit()
    first = {(question.name, question.type) for when, question in source.asked if when == source.asked[0][0]}

    assert {
        (f"mail._domainkey.{DOMAIN}", "TXT"),
        ("smtpapi._domainkey.sendgrid.net", "TXT"),
        (f"bounces.{DOMAIN}", "TXT"),
        (f"_dmarc.{DOMAIN}", "TXT"),
        (DOMAIN, "TXT"),
        (DOMAIN, "MX"),
    } <= first
