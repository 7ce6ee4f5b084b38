"""A way longer than is read is said to be so, and judged no further than it was read."""

from __future__ import annotations

from datetime import UTC, datetime

from deliverability.audits.message import read_audit
from deliverability.core.facts import RawMessage
from deliverability.core.finding import Finding, Unknown
from deliverability.core.plan import solve
from deliverability.sources.table import TableSource

HOP = b"Received: by mx.example with ESMTPS; Sun, 22 Nov 2026 10:00:00 +0100\r\n"


def test_more_received_fields_than_are_read() -> None:
    raw = HOP * 300 + b"Received: by srv.example (Postfix, from userid 33) id 1\r\nFrom: a@empresa.example\r\n\r\nx\r\n"
    audit = read_audit(RawMessage(raw, len(raw)), now=datetime(2026, 11, 22, tzinfo=UTC), domain=False)
    report = solve(audit.plan(), TableSource({}))
    outcomes = {rule.code: outcome for rule, outcome in report.checked}

    for code in ("HDR027", "HDR035"):
        assert isinstance(outcomes[code], Unknown)
    assert not isinstance(outcomes["TLS002"], Finding)
