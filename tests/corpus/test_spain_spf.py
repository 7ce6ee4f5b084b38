"""The SPF trees of 7,115 Spanish public bodies: none raises, each is small to ask, and the counts are as frozen."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.names import DomainName, parse_domain
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.sources.table import TableSource
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.networks import networks
from deliverability.spf.tree_model import SpfTree
from tests.support.shared import needs_shared, shared

pytestmark = [pytest.mark.slow, needs_shared("realworld", "spain")]


class _Recorded:
    """TXT and MX as recorded; addresses were not, so nobody knows them."""

    def __init__(self, table: TableSource) -> None:
        self._table = table
        self.asked: Counter[DomainName] = Counter()
        self.current = DomainName("")

    def answer(self, question: Question) -> Answer:
        self.asked[self.current] += 1
        if question.type in ("A", "AAAA"):
            return Failed(FailureKind.OFFLINE)
        return self._table.answer(question)


def _lines(path: Path) -> list[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def world() -> tuple[dict[DomainName, SpfTree], _Recorded]:
    folder = shared("realworld", "spain")
    domains, includes = _lines(folder / "domains.jsonl.xz"), _lines(folder / "spf-includes.jsonl.xz")
    table: dict[str, Any] = {f"{i['name']}/TXT": [i["spf"]] if i["spf"] else [] for i in includes}
    for entry in domains:
        table[f"{entry['domain']}/TXT"] = [entry["spf"]] if entry["spf"] else []
        table[f"{entry['domain']}/MX"] = [f"10 {host or '.'}" for host in entry["mx"]]
    source = _Recorded(TableSource(table, open=True))
    trees: dict[DomainName, SpfTree] = {}
    for entry in domains:
        name = parse_domain(entry["domain"])  # some are U-labels
        source.current = name
        trees[name] = solve(tree_plan(name), source)
    return trees, source


def test_the_counts_of_lookups_are_as_frozen(world: tuple[dict[DomainName, SpfTree], _Recorded]) -> None:
    counts = Counter(min(found.lookups, 11) for found in world[0].values())

    assert dict(counts) == FROZEN_LOOKUPS


FROZEN_LOOKUPS = {0: 1560, 1: 1452, 2: 1383, 3: 1264, 4: 737, 5: 290, 6: 180, 7: 87, 8: 32, 9: 94, 10: 13, 11: 23}


def test_a_tree_takes_few_questions(world: tuple[dict[DomainName, SpfTree], _Recorded]) -> None:
    trees, source = world

    assert sum(source.asked.values()) / len(trees) < 6
    assert max(source.asked.values()) <= 60


def test_what_was_not_recorded_is_not_called_void(world: tuple[dict[DomainName, SpfTree], _Recorded]) -> None:
    for found in world[0].values():
        for placed in found.reached():
            failed = [a for a in placed.term.asked if isinstance(a.answer, Failed)]
            if failed and placed.term.mechanism in ("a", "mx"):
                assert not placed.term.cost.voids
                assert not found.voids_exact


def test_networks_of_every_tree_add_up(world: tuple[dict[DomainName, SpfTree], _Recorded]) -> None:
    wide = 0
    for found in world[0].values():
        held = networks(found)
        assert held.ipv4_addresses <= sum(held.by_owner().values())
        assert len(held.contained()) <= len(held.authorised)
        wide += held.passes_everybody

    assert wide == 3
