"""Real records: the audit of 7,115 Spanish public bodies comes to the frozen counts, and never to an exception."""

from __future__ import annotations

import json

import pytest

from scripts.corpus_counts import FROZEN, Counts, count_all, differences
from tests.support.shared import needs_shared, shared

pytestmark = [pytest.mark.slow, needs_shared("realworld", "spain")]


@pytest.fixture(scope="module")
def counts() -> Counts:
    return count_all(shared("realworld", "spain"))


def test_counts_are_as_frozen(counts: Counts) -> None:
    """Meant to change? `python scripts/corpus_counts.py --write`, and say in the commit what the numbers mean."""
    assert not differences(json.loads(FROZEN.read_text("utf-8")), counts)


def test_what_was_not_recorded_is_unknown_and_never_missing(counts: Counts) -> None:
    """DMARC, reverse names and addresses were not recorded: no rule may say that they are not there."""
    for code in ("DMARC001", "MX001", "DNS001", "DNS010"):
        assert not set(counts.get(code, {})) & {"error", "warning", "info"}, code


def test_most_outcomes_of_spf_are_verdicts(counts: Counts) -> None:
    verdicts = sum(number for word, number in counts["SPF003"].items() if word != "unknown")

    assert verdicts > 5_000
