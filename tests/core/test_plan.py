from __future__ import annotations

import pytest

from deliverability.core.names import DomainName
from deliverability.core.plan import Plan, ask, ask_addresses, done, foresee, gather, solve
from deliverability.core.questions import Answer, DnsQuestion, Found, NoName
from deliverability.sources.table import TableSource

HOST = DomainName("a.example")


class Counting:
    """A source that remembers what it was asked."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        self.asked: list[DnsQuestion] = []
        self._table = TableSource(table)

    def answer(self, question: DnsQuestion) -> Answer:
        self.asked.append(question)
        return self._table.answer(question)


def test_a_fork_gives_the_results_in_order() -> None:
    def plan() -> Plan[list[str]]:
        one, two, three = yield from gather(ask_addresses(HOST), done(7), ask(DomainName("b.example"), "TXT"))
        return [type(one[0]).__name__, str(two), type(three).__name__]

    assert solve(plan(), Counting({"a.example/A": ["192.0.2.1"]})) == ["Found", "7", "NoName"]


def test_what_is_only_foreseen_is_not_asked_of_a_source_that_knows() -> None:
    def plan() -> Plan[Answer]:
        yield from foresee(ask(HOST, "MX"), ask(HOST, "NS"))
        return (yield from ask(HOST, "A"))

    source = Counting({"a.example/A": ["192.0.2.1"]})

    assert isinstance(solve(plan(), source), Found)
    assert [question.type for question in source.asked] == ["A"]


def test_an_empty_gather_asks_nothing() -> None:
    assert solve(gather(), Counting({})) == ()


def test_a_plan_that_yields_something_else_is_a_mistake_of_the_programmer() -> None:
    def plan() -> Plan[None]:
        yield "a.example"  # type: ignore[misc]

    with pytest.raises(TypeError, match="str"):
        solve(plan(), Counting({}))


def test_errors_of_a_branch_reach_the_caller() -> None:
    def bad() -> Plan[None]:
        yield from ask(HOST, "A")
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError, match="bug"):
        solve(gather(ask(HOST, "A"), bad()), Counting({}))


def test_noname_is_not_found() -> None:
    assert isinstance(solve(ask(HOST, "A"), Counting({})), NoName)
