"""What an audit costs on the network, without a network: questions, duplicates, and round trips by a virtual clock.

Every answer takes one virtual second, so the time of an audit is the length of its longest chain of questions that
depend on one another, plus whatever was asked later than it could have been.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from ipaddress import ip_address

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.facts import Sending
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.core.report import Report
from deliverability.sources.drive import solve_async
from deliverability.sources.table import TableSource
from tests.support.rich_domain import DOMAIN, rich_source, rich_table
from tests.support.virtual_clock import run_virtually

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

#: Levels of the longest chain: the domain's SPF and the records of three includes below one another.
LONGEST_CHAIN = 4
MOST_QUESTIONS = 75


class OneRoundTrip:
    """Answers of a table, each a virtual second later; keeps what was asked and when."""

    def __init__(self, below: TableSource) -> None:
        self._below = below
        self.asked: list[tuple[float, Question]] = []

    async def ask(self, question: Question) -> Answer:
        self.asked.append((asyncio.get_running_loop().time(), question))
        await asyncio.sleep(1)
        return self._below.answer(question)

    @property
    def counts(self) -> Counter[Question]:
        return Counter(question for _, question in self.asked)

    def history(self) -> str:
        """For the message of a failed test."""
        return "\n".join(f"{when:g}  {question}" for when, question in sorted(self.asked, key=lambda item: item[0]))


def audit(table: TableSource, sending: Sending | None = None) -> tuple[Report, OneRoundTrip, float]:
    source = OneRoundTrip(table)
    plan = audit_domain_plan(DomainName(DOMAIN), now=NOW, sending=sending or Sending())
    report, seconds = run_virtually(solve_async(plan, source))
    return report, source, seconds


def test_a_rich_domain_costs_few_questions_and_none_twice() -> None:
    _, source, _ = audit(rich_source())

    assert len(source.counts) <= MOST_QUESTIONS, source.history()
    assert max(source.counts.values()) == 1


def test_a_rich_domain_takes_one_round_trip_more_than_its_longest_chain() -> None:
    _, source, seconds = audit(rich_source())

    assert seconds <= LONGEST_CHAIN + 1, source.history()


def test_what_is_told_beside_the_domain_is_asked_beside_it() -> None:
    sending = Sending(ips=(ip_address("198.18.0.1"), ip_address("2001:2::1")), helo="rich.test", selectors=("google",))
    _, source, seconds = audit(rich_source(), sending)

    assert seconds <= LONGEST_CHAIN + 1, source.history()


def test_a_domain_without_anything_takes_three() -> None:
    """Nothing found: nothing to follow."""
    _, source, seconds = audit(TableSource({"rich.test/SOA": ["ns1.x.test h.x.test 1 2 3 4 5"]}))

    assert seconds <= 3, source.history()
    assert len(source.counts) <= 60


def test_the_live_driver_and_the_known_one_come_to_the_same_report() -> None:
    report, _, _ = audit(rich_source())

    assert report == solve(audit_domain_plan(DomainName(DOMAIN), now=NOW), rich_source())


def test_a_name_server_that_never_answers_costs_its_own_time_only() -> None:
    """A failed answer takes as long as any other here; what depends on it stops, nothing waits twice."""
    table = rich_table()
    failing = {key: {"fault": FailureKind.TIMEOUT.value} for key in table if key.endswith(("/NS", "/PTR", "/AAAA"))}
    report, source, seconds = audit(TableSource({**table, **failing}))

    assert seconds <= LONGEST_CHAIN + 1, source.history()
    assert report.unknowns
    assert not any(
        isinstance(answer, Failed) and answer.kind is FailureKind.BUDGET for answer in report.answers.values()
    )
