"""What asking costs: round trips by a virtual clock, time-outs, questions; and targets that no list holds."""

from __future__ import annotations

import asyncio
from collections import Counter
from ipaddress import IPv4Address, ip_address

import pytest

import deliverability as dv
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.dnsbl import State, check_plan
from deliverability.dnsbl.lists import Blocklist, read_list
from deliverability.dnsbl.lookup import as_target
from deliverability.sources.drive import solve_async
from deliverability.sources.table import TableSource
from tests.support.virtual_clock import run_virtually

ADDRESSES = [IPv4Address(f"192.0.2.{n}") for n in range(1, 11)]
TIMEOUT = 5.0


def a_list(number: int) -> Blocklist:
    return read_list(
        {
            "id": f"bl{number}",
            "zone": f"bl{number}.example",
            "code": [{"answer": "127.0.0.2", "en": "spam", "es": "spam"}],
        }
    )


LISTS = [a_list(number) for number in range(25)]


class Delayed:
    """A second for each answer, five for each question to a list that is silent."""

    def __init__(self, table: dict[str, list[str]], silent: int = 0) -> None:
        self._below = TableSource(table)
        self._silent = tuple(f"bl{n}.example" for n in range(silent))
        self.asked: Counter[Question] = Counter()

    async def ask(self, question: Question) -> Answer:
        self.asked[question] += 1
        if question.name.endswith(self._silent) and self._silent:
            await asyncio.sleep(TIMEOUT)
            return Failed(FailureKind.TIMEOUT)
        await asyncio.sleep(1)
        return self._below.answer(question)


def working(listed: int = 0) -> dict[str, list[str]]:
    table = {f"2.0.0.127.bl{n}.example/A": ["127.0.0.2"] for n in range(25)}
    return table | {f"1.2.0.192.bl{n}.example/A": ["127.0.0.2"] for n in range(listed)}


def test_25_lists_for_10_addresses_take_two_round_trips() -> None:
    source = Delayed(working())
    listings, seconds = run_virtually(solve_async(check_plan(ADDRESSES, LISTS), source))

    assert seconds == 2
    assert len(listings) == 250
    assert {one.state for one in listings} == {State.CLEAR}
    assert len(source.asked) == 25 * 2 + 250
    assert set(source.asked.values()) == {1}


def test_a_reason_is_one_round_trip_more() -> None:
    source = Delayed(working(listed=3))
    listings, seconds = run_virtually(solve_async(check_plan(ADDRESSES, LISTS), source))

    assert seconds == 3
    assert sum(one.state is State.LISTED for one in listings) == 3
    assert sum(question.type == "TXT" for question in source.asked) == 3


def test_silent_lists_cost_their_own_time_out_once() -> None:
    source = Delayed(working(), silent=3)
    listings, seconds = run_virtually(solve_async(check_plan(ADDRESSES, LISTS), source))

    assert seconds == TIMEOUT
    assert Counter(one.state for one in listings) == {State.CLEAR: 220, State.UNKNOWN: 30}
    assert sum(question.name.endswith(("bl0.example", "bl1.example", "bl2.example")) for question in source.asked) == 6


def test_the_order_is_by_target_then_by_list() -> None:
    listings, _ = run_virtually(solve_async(check_plan(ADDRESSES[:2], LISTS[:3]), Delayed(working())))

    assert [(one.target, one.list.id) for one in listings] == [
        (f"192.0.2.{target}", f"bl{number}") for target in (1, 2) for number in range(3)
    ]


def test_at_most_as_many_lists_as_the_limit() -> None:
    source = Delayed({})
    many = [a_list(number) for number in range(80)]
    run_virtually(solve_async(check_plan(ADDRESSES[:1], many, dv.Limits(blocklists=50)), source))

    assert len(source.asked) == 100


def test_a_list_without_test_entries_is_asked_about_one_target_first() -> None:
    untested = read_list(
        {"id": "bl0", "zone": "bl0.example", "test_listed": "", "test_clear": "", "code": [{"answer": "127.0.0.2"}]}
    )
    source = Delayed({}, silent=1)
    listings, seconds = run_virtually(solve_async(check_plan(ADDRESSES, [untested]), source))

    assert seconds == TIMEOUT
    assert {one.state for one in listings} == {State.UNKNOWN}
    assert len(source.asked) == 1


@pytest.mark.parametrize("text", ["192.0.2.1", " 2001:db8::1 ", "Empresa.EXAMPLE", "ñandú.example"])
def test_targets(text: str) -> None:
    target = as_target(text)

    assert target in (
        ip_address("192.0.2.1"),
        ip_address("2001:db8::1"),
        DomainName("empresa.example"),
        DomainName("xn--and-6ma2c.example"),
    )


@pytest.mark.parametrize("text", ["", "192.0.2.256", "empresa", "a@b.example"])
def test_texts_that_are_no_target(text: str) -> None:
    with pytest.raises(dv.DeliverabilityError):
        as_target(text)


def test_lists_of_domains_are_not_asked_about_addresses() -> None:
    domains = read_list({"id": "d", "zone": "d.example", "lists": "domain", "code": [{"answer": "127.0.0.2"}]})
    source = Delayed({})
    listings, _ = run_virtually(
        solve_async(check_plan([ADDRESSES[0], ip_address("2001:db8::1")], [domains, a_list(1)]), source)
    )

    assert {one.list.id for one in listings} == {"bl1"}
    assert {one.target for one in listings} == {"192.0.2.1"}
