"""Fixes of a message as the caller of `audit_message` gets them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import deliverability as dv
from deliverability.audits import message as messages
from deliverability.core.plan import Plan
from deliverability.core.report import Report
from tests.support.rich_domain import rich_source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: A name with a comma and without quotes is two mailboxes (RFC 5322 §3.4).
COMMA = (
    b"From: Empresa, S.L. <facturas@rich.test>\r\nTo: ana@cliente.example\r\nSubject: Factura 2026/112\r\n"
    b"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@rich.test>\r\n\r\nHola.\r\n"
)
MENDED = '"Empresa, S.L." <facturas@rich.test>'


def header_lines(report: Report) -> list[str]:
    return [change.value for f in report.findings if f.fix for change in f.fix.headers]


def test_a_header_line_that_was_tried_reaches_the_caller() -> None:
    """The trial of DNS changes, which comes later, leaves it alone."""
    offline = dv.audit_message(COMMA, source=dv.OFFLINE, now=NOW)
    asked = dv.audit_message(COMMA, source=rich_source(), now=NOW, client_ip="192.0.2.77", mail_from="a@rich.test")

    assert MENDED in header_lines(offline)
    assert MENDED in header_lines(asked)


def test_without_trial_nothing_is_proposed() -> None:
    report = dv.audit_message(COMMA, source=rich_source(), now=NOW, try_fixes=False)

    assert not [f.code for f in report.findings if f.fix is not None]
    assert not report.actions


def test_a_message_whose_dns_nobody_would_change_is_audited_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    plan = messages.MessageAudit.plan

    def counted(audit: messages.MessageAudit) -> Plan[Report]:
        runs.append(audit)
        return plan(audit)

    monkeypatch.setattr(messages.MessageAudit, "plan", counted)
    dv.audit_message(COMMA, source=dv.OFFLINE, now=NOW)

    assert len(runs) == 1
