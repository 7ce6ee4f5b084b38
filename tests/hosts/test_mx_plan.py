from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deliverability.core.facts import Presence
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import DnsQuestion, FailureKind, MxRecord
from deliverability.hosts.facts import MailHosts, MxState
from deliverability.hosts.mx import mx_plan
from deliverability.sources.table import TableSource

DOMAIN = DomainName("empresa.example")


def plan(answers: dict[str, Any], **limits: int) -> MailHosts:
    return solve(mx_plan(DOMAIN, replace(DEFAULT_LIMITS, **limits)), TableSource(answers))


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"empresa.example/MX": ["10 mx.empresa.example"]}, MxState.EXPLICIT),
        ({"empresa.example/A": ["192.0.2.1"]}, MxState.IMPLICIT),
        ({"empresa.example/MX": ["0 ."]}, MxState.NULL),
        ({"empresa.example/MX": ["0 .", "10 mx.empresa.example"]}, MxState.MIXED),
        ({"empresa.example/TXT": ["x"]}, MxState.NONE),
        ({"otra.example/A": ["192.0.2.1"]}, MxState.NONE),
        ({"empresa.example/MX": ["10 mx.empresa.example"], "empresa.example/A": {"fault": "timeout"}}, MxState.EXPLICIT),
        ({"empresa.example/TXT": ["x"], "empresa.example/A": {"fault": "timeout"}}, MxState.UNKNOWN),
        ({"empresa.example/AAAA": ["2001:db8::1"], "empresa.example/A": {"fault": "timeout"}}, MxState.IMPLICIT),
    ],
)  # fmt: skip
def test_where_mail_goes(answers: dict[str, Any], state: MxState) -> None:
    assert plan(answers).state is state


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_failed_mx_question_never_falls_back_to_the_address(kind: FailureKind) -> None:
    """RFC 5321 §5.1: after a temporary error the message is queued; the implicit MX is for an empty list only."""
    mail = plan({"empresa.example/MX": {"fault": kind.value}, "empresa.example/A": ["192.0.2.1"]})

    assert mail.state is MxState.UNKNOWN
    assert mail.hosts == ()


def test_hosts_come_in_the_order_in_which_senders_try_them() -> None:
    mail = plan({"empresa.example/MX": ["30 c.example", "10 b.example", "10 a.example", "20 c.example", "5 z.example"]})

    assert mail.exchanges == ("z.example", "a.example", "b.example", "c.example")
    assert mail.hosts[3].records == (MxRecord(20, DomainName("c.example")), MxRecord(30, DomainName("c.example")))


def test_hosts_past_the_limit_are_named_and_not_asked() -> None:
    source = Counting({"empresa.example/MX": [f"{n} mx{n}.empresa.example" for n in range(10, 1010)]})
    mail = solve(mx_plan(DOMAIN), source)

    assert len(mail.hosts) == DEFAULT_LIMITS.mx_hosts
    assert len(mail.more) == 1000 - DEFAULT_LIMITS.mx_hosts
    assert len(source.asked) == 3 + 2 * DEFAULT_LIMITS.mx_hosts


def test_an_address_as_exchange_is_not_looked_up() -> None:
    source = Counting({"empresa.example/MX": ["10 192.0.2.1", "20 2001:db8::1", "30 [192.0.2.2]"]})
    mail = solve(mx_plan(DOMAIN), source)

    assert [str(host.literal) for host in mail.hosts] == ["192.0.2.1", "2001:db8::1", "192.0.2.2"]
    assert {question.name for question in source.asked} == {"empresa.example"}


def test_the_name_that_was_meant_is_found_when_the_final_dot_was_left_out() -> None:
    host = plan(
        {"empresa.example/MX": ["10 mx.otra.example.empresa.example"], "mx.otra.example/A": ["192.0.2.1"]}
    ).hosts[0]

    assert not host.usable
    assert host.meant is not None
    assert host.meant.name == "mx.otra.example"


def test_a_plain_name_below_the_domain_is_not_taken_for_a_forgotten_dot() -> None:
    source = Counting({"empresa.example/MX": ["10 mx.empresa.example"]})
    host = solve(mx_plan(DOMAIN), source).hosts[0]

    assert host.meant is None
    assert {question.name for question in source.asked} == {"empresa.example", "mx.empresa.example"}


def test_an_alias_of_the_domain_leads_to_its_mx() -> None:
    """RFC 5321 §5.1: with a CNAME, the resulting name is processed as if it were the initial name."""
    mail = plan(
        {
            "empresa.example/CNAME": ["otra.example"],
            "otra.example/MX": ["10 mx.otra.example"],
            "mx.otra.example/A": ["192.0.2.1"],
        }
    )

    assert mail.state is MxState.EXPLICIT
    assert mail.hosts[0].usable


def test_one_answer_of_two_is_enough_to_find_and_not_enough_to_miss() -> None:
    mail = plan(
        {
            "empresa.example/MX": ["10 a.empresa.example", "20 b.empresa.example"],
            "a.empresa.example/A": ["192.0.2.1"],
            "a.empresa.example/AAAA": {"fault": "servfail"},
            "b.empresa.example/AAAA": {"fault": "servfail"},
        }
    )

    first, second = (host.addresses for host in mail.hosts)
    assert first is not None
    assert second is not None
    assert first.state is Presence.FOUND
    assert second.state is Presence.UNKNOWN


class Counting(TableSource):
    def __init__(self, table: dict[str, Any]) -> None:
        super().__init__(table)
        self.asked: set[DnsQuestion] = set()

    def answer(self, question: DnsQuestion) -> Any:
        self.asked.add(question)
        return super().answer(question)
