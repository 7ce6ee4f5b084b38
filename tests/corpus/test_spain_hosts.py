"""MX of 7,115 Spanish public bodies through the plan and the rules; what was not recorded is not asked for.

The records hold exchanges without preferences, so every one counts as 10.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from datetime import UTC, datetime

import pytest

from deliverability.core.facts import AuditedDomain, Moment, Sending
from deliverability.core.finding import Finding
from deliverability.core.names import query_name, registrable_domain
from deliverability.core.plan import solve
from deliverability.core.report import judge
from deliverability.hosts.collect import collect
from deliverability.hosts.rules import RULES
from deliverability.sources.table import TableSource
from tests.support.shared import needs_shared, shared

pytestmark = needs_shared("realworld", "spain")

NOT_RECORDED = {"fault": "offline"}


@pytest.fixture(scope="module")
def found() -> Counter[str]:
    counts: Counter[str] = Counter()
    with lzma.open(shared("realworld", "spain", "domains.jsonl.xz"), "rt") as lines:
        for line in lines:
            counts.update(_codes(json.loads(line)))
    return counts


def _codes(entry: dict[str, object]) -> set[str]:
    name, exchanges = query_name(str(entry["domain"])), entry["mx"]
    assert name is not None
    assert isinstance(exchanges, list)
    table: dict[str, object] = {
        f"{name}/{kind}": NOT_RECORDED for kind in ("A", "AAAA", "CNAME", "NS", "SOA", "DS", "TXT")
    }
    table[f"{name}/MX"] = [f"10 {exchange or '.'}" for exchange in exchanges] or NOT_RECORDED
    domain = AuditedDomain(name, registrable_domain(name) or name)
    table |= {f"{domain.registrable}/{kind}": NOT_RECORDED for kind in ("NS", "SOA", "DS")}
    facts = solve(collect(domain, Sending()), TableSource(table, open=True))
    now = Moment(datetime(2026, 11, 22, tzinfo=UTC))
    checked = judge(RULES, {AuditedDomain: domain, Sending: Sending(), Moment: now, **facts})
    for _, outcome in checked:
        if isinstance(outcome, Finding):
            assert outcome.text("en") != outcome.text("es")
    return {outcome.code for _, outcome in checked if isinstance(outcome, Finding)}


def test_only_what_exchanges_alone_can_show_is_found(found: Counter[str]) -> None:
    """Two bodies wrote an IP address into their MX; a handful has mailboxes at two companies."""
    assert set(found) <= {"MX006", "MX010"}
    assert found["MX006"] == 2
    assert 5 <= found["MX010"] <= 60
