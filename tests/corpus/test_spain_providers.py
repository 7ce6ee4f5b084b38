"""Who is behind 7,115 Spanish public bodies: the numbers are frozen, so that a change of the table shows."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from typing import Any

import pytest

from deliverability import spf
from deliverability.providers import registry
from tests.support.shared import needs_shared, shared

FROZEN: tuple[dict[str, int], int] = (
    {
        "microsoft365": 1159, "google": 572, "arsys": 333, "proofpoint": 255, "hornetsecurity": 201, "ionos": 199,
        "spamtador": 161, "fortinet": 145, "trendmicro": 80, "webempresa": 67, "mailrelay": 61, "nominalia": 60,
    },
    2817,
)  # fmt: skip

pytestmark = needs_shared("realworld", "spain")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    with lzma.open(shared("realworld", "spain", "domains.jsonl.xz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def included(record: str | None) -> list[str]:
    terms = spf.parse(record or "").terms
    return [term.domain_spec.text for term in terms if term.domain_spec and getattr(term, "mechanism", "") == "include"]


def test_providers_seen_by_mx_and_spf(rows: list[dict[str, Any]]) -> None:
    seen: Counter[str] = Counter()
    nobody = 0
    for row in rows:
        found = registry.detect(mx_hosts=row["mx"], spf_domains=included(row["spf"]))
        seen.update(provider.provider.id for provider in found)
        nobody += bool(row["mx"]) and not found

    assert (dict(seen.most_common(12)), nobody) == FROZEN


def test_almost_every_microsoft_selector_shows_microsoft(rows: list[dict[str, Any]]) -> None:
    """The others are wildcards of the whole domain and CNAMEs to web hosts."""
    targets = [target for row in rows for name, target in row["dkim_cname"].items() if target.startswith("selector")]
    found = [provider.id for target in targets if (provider := registry.provider_of_dkim_target(target))]

    assert set(found) == {"microsoft365"}
    assert (len(found), len(targets)) == (1001, 1005)


def test_the_two_selectors_of_microsoft_differ_by_their_number_only(rows: list[dict[str, Any]]) -> None:
    """What the fix of DKIM029 relies on when one of the two is missing."""
    pairs = [(d["selector1"], d["selector2"]) for row in rows if len(d := row["dkim_cname"]) >= 2 and "selector1" in d]
    both = [(one, two) for one, two in pairs if one.startswith("selector1-")]

    assert len(both) == 502
    assert all(two == one.replace("selector1-", "selector2-", 1) for one, two in both)
