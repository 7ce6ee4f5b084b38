"""What the findings of this topic tell people: the names they propose, and who is to act."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.facts import Sending
from deliverability.core.finding import Finding
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import DnsQuestion
from deliverability.hosts.naming import generic_name
from deliverability.sources.table import TableSource

REVERSE = "77.2.0.192.in-addr.arpa/PTR"
IPS = (ip_address("192.0.2.77"),)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def finding(code: str, answers: dict[str, Any], **sending: Any) -> Finding:
    plan = audit_domain_plan(DomainName("empresa.example"), now=NOW, sending=Sending(ips=IPS, **sending))
    report = solve(plan, TableSource(answers))
    (found,) = [f for f in report.findings if f.code == code]
    return found


def test_a_missing_reverse_name_comes_with_a_name_to_ask_for() -> None:
    assert "PTR of 192.0.2.77 to mail.empresa.example" in finding("DNS001", {}).advice("en")
    answers = {"out.empresa.example/A": ["192.0.2.77"]}
    assert "192.0.2.77 como out.empresa.example" in finding("DNS001", answers, helo="out.empresa.example").advice("es")


def test_a_generic_name_is_shown_with_the_part_that_gives_it_away() -> None:
    found = finding("DNS003", {REVERSE: ["192-0-2-77.operador.example"]})

    assert "(192-0-2-77)" in found.text("en")
    assert "such as mail.empresa.example" in found.advice("en")


def test_a_reverse_name_of_the_root_is_shown_and_not_taken_for_none() -> None:
    found = finding("DNS002", {REVERSE: ["."]})

    assert "192.0.2.77, ., " in found.text("en")
    assert found.fix is None


def test_a_name_in_the_own_zone_gets_its_address_record() -> None:
    found = finding("DNS002", {REVERSE: ["otra.example", "mail.empresa.example"]})

    assert found.fix is not None
    assert [(c.name, c.type, c.add) for c in found.fix.changes] == [("mail.empresa.example", "A", ("192.0.2.77",))]
    assert "add an A record with 192.0.2.77 to mail.empresa.example" in found.advice("en")


def test_three_octets_count_when_two_of_them_are_no_everyday_numbers() -> None:
    assert generic_name(DomainName("h-80-35-1.operador.example"), ip_address("80.35.1.9")) is not None
    assert generic_name(DomainName("h-80-5-1.operador.example"), ip_address("80.5.1.9")) is None


def test_name_servers_are_asked_for_the_soa_of_their_zone() -> None:
    asked: set[DnsQuestion] = set()

    class Noting(TableSource):
        def answer(self, question: DnsQuestion) -> Any:
            asked.add(question)
            return super().answer(question)

    answers = {
        "facturas.empresa.example/CNAME": ["x.otra.example"],
        "x.otra.example/SOA": ["ns.otra.example. h.otra.example. 9 2 3 4 5"],
        "empresa.example/SOA": ["ns.otra.example. h.otra.example. 1 2 3 4 5"],
        "empresa.example/NS": ["ns.otra.example"],
        "ns.otra.example/A": ["198.51.100.53"],
    }
    name = DomainName("facturas.empresa.example")
    solve(audit_domain_plan(name, now=NOW, sending=Sending(ask_name_servers=True)), Noting(answers))

    there = {(question.name, question.type) for question in asked if question.server}
    assert there == {("empresa.example", "SOA"), (name, "MX"), (name, "TXT")}
