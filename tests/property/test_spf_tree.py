"""Properties of the static SPF tree that hold whatever the records say."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverability.core.changes import Changed
from deliverability.core.facts import AuditedDomain, Sending
from deliverability.core.finding import Finding
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.report import judge
from deliverability.sources.table import TableSource
from deliverability.spf import SpfTree, parse, tree
from deliverability.spf.collect import collect
from deliverability.spf.networks import breadth, networks
from deliverability.spf.rules import RULES
from deliverability.spf.tree_model import NO_COST, RecordNode

NAME = DomainName("empresa.example")
NAMES = tuple(f"n{k}.example.net" for k in range(5))

_targets = st.sampled_from((NAME, *NAMES, "gone.example.net", "%{i}.example.net", "%{d}", "bad..name"))
_addresses = st.sampled_from(("192.0.2.1", "192.0.2.0/24", "10.0.0.0/8", "0.0.0.0/1", "999.1.1.1", "198.51.100.0/22"))
_signs = st.sampled_from(("", "+", "-", "~", "?"))


@st.composite
def _terms(draw: st.DrawFn) -> str:
    kind = draw(
        st.sampled_from(
            ("include", "include", "a", "a:", "mx", "mx:", "ptr", "exists", "ip4", "all", "redirect", "junk")
        )
    )
    sign = draw(_signs)
    if kind in ("a", "mx", "ptr", "all"):
        return sign + kind
    if kind == "redirect":
        return f"redirect={draw(_targets)}"
    if kind == "ip4":
        return f"{sign}ip4:{draw(_addresses)}"
    return "inclde:x" if kind == "junk" else f"{sign}{kind.rstrip(':')}:{draw(_targets)}"


_records = st.lists(_terms(), max_size=6).map(lambda terms: " ".join(["v=spf1", *terms]))


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in (NAME, *NAMES):
        fault = draw(st.sampled_from((None,) * 8 + ("timeout", "servfail")))
        records = draw(st.lists(_records, min_size=0 if name != NAME else 1, max_size=2 if name != NAME else 1))
        table[f"{name}/TXT"] = {"fault": fault} if fault and name != NAME else records
        if draw(st.booleans()):
            table[f"{name}/A"] = draw(st.lists(st.sampled_from(("192.0.2.7", "104.16.1.1", "10.1.1.1")), max_size=2))
            table[f"{name}/MX"] = [f"10 {target}" for target in draw(st.lists(st.sampled_from(NAMES), max_size=3))]
    return table


def _sum(node: RecordNode) -> None:
    total = NO_COST
    for term in node.terms:
        total = total.plus(term.cost)
        assert term.own_lookups in (0, 1)
        if term.child is not None:
            assert term.cost.lookups == 1 + term.child.cost.lookups
            _sum(term.child)
    assert total == node.cost


@given(worlds())
def test_the_total_is_the_sum_of_the_terms(world: dict[str, Any]) -> None:
    found = tree(NAME, source=TableSource(world))

    _sum(found.root)
    assert found.lookups == sum(placed.term.own_lookups for placed in found.walk())
    assert [row.so_far for row in found.rows()] == _running(found)


def _running(found: SpfTree) -> list[int]:
    total, counts = 0, []
    for placed in found.walk():
        total += placed.term.own_lookups
        counts.append(total)
    return counts


@given(worlds(), st.sampled_from(NAMES))
def test_one_include_more_never_costs_less(world: dict[str, Any], name: str) -> None:
    before = tree(NAME, source=TableSource(world))
    version, _, rest = world[f"{NAME}/TXT"][0].partition(" ")
    more = {**world, f"{NAME}/TXT": [f"{version} include:{name} {rest}"]}
    after = tree(NAME, source=TableSource(more))

    if before.lookups_exact:
        assert after.lookups >= before.lookups + 1
        assert after.cost.voids_ipv4 >= before.cost.voids_ipv4


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_of_an_answer_means_nothing(world: dict[str, Any], random: Any) -> None:
    shuffled = {
        key: random.sample(value, len(value)) if isinstance(value, list) else value for key, value in world.items()
    }
    one, other = tree(NAME, source=TableSource(world)), tree(NAME, source=TableSource(shuffled))

    assert one.rows() == other.rows()
    assert (one.cost, one.lookups_exact, one.voids_exact) == (other.cost, other.lookups_exact, other.voids_exact)


@given(worlds())
def test_breadth_is_never_more_than_the_parts_and_never_less_than_the_widest(world: dict[str, Any]) -> None:
    found = networks(tree(NAME, source=TableSource(world)))
    sizes = [item.network.num_addresses for item in found.authorised if item.network.version == 4]

    assert max(sizes, default=0) <= found.ipv4_addresses <= sum(sizes)
    assert found.ipv4_addresses == breadth(reversed([item.network for item in found.authorised]))


@given(worlds())
@settings(max_examples=150)
def test_every_rule_comes_to_an_outcome_and_every_fix_is_a_sound_record(world: dict[str, Any]) -> None:
    audited, sending = AuditedDomain(NAME, NAME), Sending()
    source = TableSource(world)
    facts = {AuditedDomain: audited, Sending: sending, **solve(collect(audited, sending), source)}
    checked = judge(RULES, facts)

    sound = parse(world[f"{NAME}/TXT"][0]).is_valid
    for finding in (outcome for _, outcome in checked if isinstance(outcome, Finding)):
        assert finding.text("en")
        assert finding.why("es")
        for change in finding.fix.changes if finding.fix else ():
            assert not sound or all(parse(value).is_valid for value in change.add)
            solve(collect(audited, sending), Changed(source, [change]))
