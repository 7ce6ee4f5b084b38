"""Our reading of SPF records against checkdmarc's, on the same answers: real records and generated ones.

Where both agree on validity, and on the number of lookups and void lookups, nothing more is asked. Each other
comparison has to belong to a class of known_differences.toml, which says who is right and by which section; a
class that no longer occurs is removed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checkdmarc.spf
import checkdmarc.utils
import dns.resolver
import pytest

from deliverability.core.names import query_name
from deliverability.core.plan import solve
from deliverability.core.questions import DnsQuestion, Found, split_strings
from deliverability.crosscheck.checkdmarc import resolver_class
from deliverability.crosscheck.ours import spf_verdict
from deliverability.crosscheck.wire import answer_to_json
from deliverability.spf.lookup_tree import tree_plan
from scripts.spain_snapshot import read_answers
from tests.differential.spf_world import FullWorld, generated
from tests.support.shared import needs_shared, shared

KNOWN = tomllib.loads((Path(__file__).parent / "known_differences.toml").read_text("utf-8"))["difference"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One record, judged twice."""

    what: str
    record: str
    ours: str
    theirs: str
    problem: str

    @property
    def agrees(self) -> bool:
        if self.what != "validity":
            return self.ours == self.theirs
        return (self.ours == "valid") == (self.theirs == "valid")


@pytest.fixture(autouse=True)
def _own_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """checkdmarc builds resolvers of its own in places; the class is replaced, and put back."""
    monkeypatch.setattr(dns.resolver, "Resolver", dns.resolver.Resolver)
    monkeypatch.setattr(dns.resolver, "default_resolver", dns.resolver.default_resolver)
    yield
    checkdmarc.utils.DNS_CACHE.clear()


def compare(domain: str, text: str, world: FullWorld, resolver: Any) -> list[Comparison]:
    name = query_name(domain)
    assert name is not None
    tree = solve(tree_plan(name), world)
    everything = "\n".join([text, *(t for p in tree.reached() if p.term.child for t in p.term.child.texts)])
    ours = spf_verdict(tree)
    try:
        parsed = checkdmarc.spf.parse_spf_record(
            text, domain, resolver=resolver, retries=0, ignore_too_many_lookups=True
        )
    except checkdmarc.spf.SPFError as error:
        return [Comparison("validity", everything, ours, "invalid", str(error))]
    theirs = "invalid" if "error" in parsed else "valid"
    both = [Comparison("validity", everything, ours, theirs, str(parsed.get("error", "")))]
    if ours == theirs == "valid":
        both.append(Comparison("lookups", everything, str(tree.lookups), str(parsed["dns_lookups"]), ""))
        both.append(Comparison("voids", everything, str(tree.voids), str(parsed["void_dns_lookups"]), ""))
    return both


def known(comparison: Comparison) -> str:
    """The class of a disagreement, or ""."""
    for entry in KNOWN:
        if (
            entry["what"] == comparison.what
            and entry.get("ours", comparison.ours) == comparison.ours
            and entry.get("theirs", comparison.theirs) == comparison.theirs
            and re.search(entry.get("problem", ""), comparison.problem)
            and re.search(entry.get("record", ""), comparison.record, re.IGNORECASE | re.MULTILINE)
        ):
            return str(entry["id"])
    return ""


def judge(comparisons: list[Comparison]) -> Counter[str]:
    """How many agree ("agree") and how many belong to each class; a disagreement without a class fails the test."""
    counts: Counter[str] = Counter()
    unknown: list[Comparison] = []
    for comparison in comparisons:
        found = "agree" if comparison.agrees else known(comparison)
        counts[found] += 1
        if not found:
            unknown.append(comparison)
    assert not unknown, "\n".join(map(str, unknown[:20]))
    return counts


def _resolver(world: FullWorld) -> Any:
    def ask(name: str, record_type: str) -> dict[str, Any]:
        owner = query_name(name)
        if owner is None or record_type == "SPF":
            return {"status": "noname"}
        return answer_to_json(world.answer(DnsQuestion(owner, record_type)))  # type: ignore[arg-type]

    return resolver_class(ask)()


@needs_shared("realworld", "spain")
def test_real_records() -> None:
    domains, recorded = read_answers(shared("realworld", "spain"))
    world = FullWorld(recorded)
    resolver = _resolver(world)
    comparisons: list[Comparison] = []
    for domain in domains:
        answer = recorded.get(DnsQuestion(domain, "TXT"))
        if isinstance(answer, Found):
            text = b"".join(answer.records[0]).decode()  # type: ignore[arg-type]
            comparisons += compare(domain, text, world, resolver)

    counts = judge(comparisons)
    assert counts.total() > 17_000
    assert counts["agree"] >= 17_080


def test_generated_records() -> None:
    records, world = generated(11_000, seed=7208)
    resolver = _resolver(world)
    comparisons: list[Comparison] = []
    for number, text in enumerate(records):
        domain = query_name(f"sender{number}.test")
        assert domain is not None
        world.put(DnsQuestion(domain, "TXT"), Found((split_strings(text.encode()),), 300))
        comparisons += compare(domain, text, world, resolver)

    counts = judge(comparisons)
    assert counts["agree"] >= 0.9 * counts.total()
    unused = {entry["id"] for entry in KNOWN if entry.get("generated", True)} - set(counts)
    assert not unused, "classes that no longer occur"
