"""Properties of check_host on generated records."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Failed, FailureKind, Found, MxRecord, NoData, NoName, Question
from deliverability.spf import RecordCache, check_host, check_host_plan
from tests.support.spf_strategies import record_texts

_RESULTS = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}


class World:
    """Answers made up from the question: the same one always gets the same."""

    def __init__(self, records: list[str], seed: int) -> None:
        self._records = records
        self._seed = seed
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        pick = (sum(map(ord, question.name)) + self._seed) % 7
        if question.type == "TXT" and question.name == "d.example":
            return self._txt(0)
        if pick == 0:
            return NoName()
        if pick == 1:
            return Failed(FailureKind.TIMEOUT) if self._seed % 3 == 0 else NoData()
        if question.type == "TXT":
            return self._txt(pick)
        answers: dict[str, Answer] = {
            "A": Found((ip_address(f"192.0.2.{pick}"),)),
            "AAAA": Found((ip_address(f"2001:db8::{pick}"),)),
            "MX": Found(tuple(MxRecord(n, f"h{n}.x.example") for n in range(pick * 3))),  # type: ignore[arg-type]
            "PTR": Found(("h1.x.example", "m.d.example")),  # type: ignore[arg-type]
        }
        return answers.get(question.type, NoData())

    def _txt(self, pick: int) -> Answer:
        text = self._records[pick % len(self._records)]
        return Found(((text.encode("utf-8", "surrogatepass"),),))


_worlds = st.builds(World, st.lists(record_texts(), min_size=1, max_size=4), st.integers(0, 20))
_ips = st.sampled_from(["192.0.2.3", "203.0.113.9", "2001:db8::4", "::ffff:192.0.2.3"])
_senders = st.sampled_from(
    ["a@d.example", "", "@d.example", "josé@d.example", "a-b+c@x.example", '"a b"@d.example', "a" * 300 + "@d.example"]
)


@given(_worlds, _ips, _senders, st.text(max_size=20))
def test_evaluation_is_total_bounded_and_repeatable(world: World, ip: str, sender: str, helo: str) -> None:
    result = check_host(ip, "d.example", sender, helo=helo, source=world)
    assert result.result in _RESULTS
    assert len(world.asked) <= 130
    assert result.lookups <= 11
    assert result.voids <= 3
    assert (result.problem is None) == (result.result in {"neutral", "pass", "fail", "softfail"})
    assert result.trace
    assert result.explanation.isascii()
    assert result.directive is None or result.problem is None
    kept = RecordCache(size=2)
    for _ in range(2):
        again = solve(check_host_plan(ip, "d.example", sender, helo=helo, records=kept), world)
        assert again == result
        assert again.trace == result.trace


@given(_worlds, _ips, st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_domain_sender_or_helo_raises(world: World, ip: str, domain: str, sender: str, helo: str) -> None:
    assert check_host(ip, domain, sender, helo=helo, source=world).result in _RESULTS


@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 2**32 - 1))
def test_networks_match_as_ipaddress_says(network: int, length: int, client: int) -> None:
    record = f"v=spf1 ip4:{ip_address(network)}/{length} -all"
    near = (network & ~0xFF) | (client & 0xFF)
    for number in (client, near):
        inside = ip_address(number) in ip_network((network, length), strict=False)
        world = World([record], 0)
        assert (check_host(ip_address(number), "d.example", "", source=world).result == "pass") == inside


@given(st.integers(0, 2**128 - 1), st.integers(0, 128), st.integers(0, 2**16))
def test_ipv6_networks_match_as_ipaddress_says(network: int, length: int, change: int) -> None:
    client = IPv6Address(network ^ change)
    if client.ipv4_mapped:
        return
    world: Any = World([f"v=spf1 ip6:{IPv6Address(network)}/{length} -all"], 0)
    inside = client in IPv6Network((network, length), strict=False)
    assert (check_host(client, "d.example", "", source=world).result == "pass") == inside
