"""What the topic asks, and how many round trips that takes."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from deliverability.core.facts import AuditedDomain, Sending
from deliverability.core.names import DomainName, query_name, registrable_domain
from deliverability.core.plan import Foresee, Fork, Plan, close
from deliverability.core.questions import DnsQuestion
from deliverability.hosts.collect import collect
from deliverability.hosts.facts import EnvelopeHosts, Helo, MailHosts, SendingHosts, Zone
from deliverability.hosts.zone import probe_name, zone_cuts
from deliverability.sources.table import TableSource

RICH = {
    "empresa.example/MX": [f"{n}0 mx{n}.empresa.example" for n in range(1, 6)],
    "empresa.example/NS": [f"ns{n}.otra.example" for n in range(1, 5)],
    "empresa.example/SOA": ["ns1.otra.example. host.otra.example. 1 7200 900 1209600 300"],
    **{f"mx{n}.empresa.example/A": [f"192.0.2.{n}"] for n in range(1, 6)},
    **{f"ns{n}.otra.example/A": [f"198.51.100.{n}"] for n in range(1, 5)},
    "10.2.0.192.in-addr.arpa/PTR": ["mail.empresa.example"],
    "mail.empresa.example/A": ["192.0.2.10"],
}


def trace(plan: Plan[Any], source: TableSource, asked: set[DnsQuestion]) -> tuple[Any, int]:
    """The result of a plan, and the round trips of its longest chain of questions."""
    rounds, reply = 0, None
    while True:
        try:
            request = plan.send(reply)
        except StopIteration as stop:
            return stop.value, rounds
        if isinstance(request, Fork):
            branches = [trace(branch, source, asked) for branch in request.plans]
            rounds += max((branch[1] for branch in branches), default=0)
            reply = tuple(branch[0] for branch in branches)
        elif isinstance(request, Foresee):
            close(request.plans)
            reply = None
        else:
            asked.add(request)
            rounds += 1
            reply = source.answer(request)


def collected(name: str, answers: dict[str, Any], sending: Sending) -> tuple[dict[type, object], int, set[DnsQuestion]]:
    domain = DomainName(name)
    asked: set[DnsQuestion] = set()
    audited = AuditedDomain(domain, registrable_domain(domain) or domain)
    facts, rounds = trace(collect(audited, sending), TableSource(answers), asked)
    return facts, rounds, asked


def test_a_domain_with_five_mx_hosts_takes_two_round_trips_and_few_questions() -> None:
    facts, rounds, asked = collected("empresa.example", RICH, Sending())

    assert rounds == 2
    assert len(asked) <= 25
    assert set(facts) == {MailHosts, Zone}


def test_sending_addresses_and_helo_take_no_third_round_trip() -> None:
    sending = Sending(
        ips=(ip_address("192.0.2.10"),),
        helo="mail.empresa.example",
        envelope_domain=DomainName("rebotes.empresa.example"),
    )
    facts, rounds, asked = collected("empresa.example", RICH, sending)

    assert rounds == 2
    assert len(asked) <= 35
    assert set(facts) == {MailHosts, Zone, SendingHosts, Helo, EnvelopeHosts}


def test_name_servers_are_asked_only_when_the_user_wants_it() -> None:
    _, _, without = collected("empresa.example", RICH, Sending())
    facts, rounds, asked = collected("empresa.example", RICH, Sending(ask_name_servers=True))
    zone = facts[Zone]

    assert not [question for question in without if question.server]
    assert len([question for question in asked if question.server]) == 12
    assert rounds == 3
    assert isinstance(zone, Zone)
    assert zone.views is not None
    assert [view.name for view in zone.views] == [f"ns{n}.otra.example" for n in range(1, 5)]


def test_at_most_six_addresses_of_name_servers_are_asked() -> None:
    answers = {
        "empresa.example/NS": [f"ns{n}.otra.example" for n in range(30)],
        **{f"ns{n}.otra.example/A": [f"198.51.100.{m}" for m in range(4 * n, 4 * n + 4)] for n in range(30)},
    }
    _, _, asked = collected("empresa.example", answers, Sending(ask_name_servers=True))

    assert len({question.server for question in asked if question.server}) == 6
    assert len([question for question in asked if question.name.startswith("ns")]) == 6


def test_dnssec_checking_is_left_out_only_after_a_servfail() -> None:
    for fault in ("timeout", "refused", "lame", "nodata"):
        _, _, asked = collected("empresa.example", {"empresa.example/MX": {"fault": fault}}, Sending())
        assert not [question for question in asked if question.checking_disabled], fault
    _, _, asked = collected("empresa.example", {"empresa.example/MX": {"fault": "servfail"}}, Sending())
    assert [question.type for question in asked if question.checking_disabled] == ["MX"]


def test_the_wildcard_probe_follows_from_the_domain() -> None:
    domain = DomainName("empresa.example")

    assert probe_name(domain) == probe_name(domain)
    assert probe_name(domain) != probe_name(DomainName("otra.example"))
    assert str(probe_name(domain)).endswith(".empresa.example")
    assert probe_name(DomainName(".".join(["x" * 60] * 4))) is None


def test_zone_cuts_go_from_the_name_to_the_registrable_domain() -> None:
    registrable = DomainName("empresa.example")

    assert zone_cuts(registrable, registrable) == ("empresa.example",)
    assert zone_cuts(DomainName("a.b.empresa.example"), registrable) == (
        "a.b.empresa.example",
        "b.empresa.example",
        "empresa.example",
    )
    deep = query_name("a.b.c.d.e.empresa.example")
    assert deep is not None
    assert zone_cuts(deep, registrable) == (
        "a.b.c.d.e.empresa.example",
        "b.c.d.e.empresa.example",
        "c.d.e.empresa.example",
        "empresa.example",
    )
