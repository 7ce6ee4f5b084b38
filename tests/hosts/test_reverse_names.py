from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.facts import Presence
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.hosts.facts import SendingHost
from deliverability.hosts.naming import GenericKind, generic_name, is_low_trust, is_public_name, platform_of
from deliverability.hosts.reverse import helo_plan, sending_host
from deliverability.sources.table import TableSource

REVERSE = "10.2.0.192.in-addr.arpa/PTR"


def host(answers: dict[str, Any], ip: str = "192.0.2.10") -> SendingHost:
    return solve(sending_host(ip_address(ip)), TableSource(answers))


def test_a_name_confirms_only_with_this_very_address() -> None:
    answers = {REVERSE: ["mail.empresa.example"], "mail.empresa.example/A": ["192.0.2.1", "192.0.2.100"]}

    assert host(answers).confirmed is Presence.ABSENT
    assert host({**answers, "mail.empresa.example/A": ["192.0.2.1", "192.0.2.10"]}).confirmed is Presence.FOUND


def test_an_ipv4_address_is_not_confirmed_by_an_ipv6_one() -> None:
    answers = {REVERSE: ["mail.empresa.example"], "mail.empresa.example/AAAA": ["::ffff:192.0.2.10"]}

    assert host(answers).confirmed is Presence.ABSENT


def test_a_failure_leaves_confirmation_open_unless_another_name_confirms() -> None:
    answers = {REVERSE: ["a.empresa.example", "b.empresa.example"], "a.empresa.example/A": {"fault": "timeout"}}

    assert host(answers).confirmed is Presence.UNKNOWN
    assert host({**answers, "b.empresa.example/A": ["192.0.2.10"]}).confirmed is Presence.FOUND


def test_a_failed_reverse_question_is_not_a_missing_name() -> None:
    assert host({REVERSE: {"fault": "servfail"}}).confirmed is Presence.UNKNOWN


def test_ten_names_are_looked_up_and_the_rest_are_counted() -> None:
    found = host({REVERSE: [f"n{number}.empresa.example" for number in range(50)]})

    assert len(found.names) == 10
    assert found.more == 40
    assert found.confirmed is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("text", "literal", "looked_up"),
    [
        ("mail.empresa.example", None, True),
        ("MAIL.Empresa.Example.", None, True),
        ("192.0.2.10", "192.0.2.10", False),
        ("[192.0.2.10]", "192.0.2.10", False),
        ("[IPv6:2001:db8::1]", "2001:db8::1", False),
        ("localhost", None, False),
        ("", None, False),
        ("a..b", None, False),
        ("x" * 300 + ".example", None, False),
    ],
)
def test_what_a_server_says_in_ehlo(text: str, literal: str | None, looked_up: bool) -> None:
    helo = solve(helo_plan(text), TableSource({}))

    assert helo.literal == (ip_address(literal) if literal else None)
    assert (helo.addresses is not None) is looked_up


@pytest.mark.parametrize(
    ("name", "ip", "kind"),
    [
        ("192-0-2-10.operador.example", "192.0.2.10", GenericKind.ADDRESS),
        ("10.2.0.192.pool.operador.example", "192.0.2.10", GenericKind.ADDRESS),
        ("ip192000002010.operador.example", "192.0.2.10", GenericKind.ADDRESS),
        ("c000020a.operador.example", "192.0.2.10", GenericKind.ADDRESS),
        ("0xc000020a.operador.example", "192.0.2.10", GenericKind.ADDRESS),
        ("3221225994.operador.example", "192.0.2.10", GenericKind.ADDRESS),
        ("118.red-80-35-201.staticip.operador.example", "80.35.201.118", GenericKind.ADDRESS),
        ("90.28-201-24.mc.operador.example", "24.201.28.90", GenericKind.ADDRESS),
        ("host-35-201-118.operador.example", "80.35.201.118", GenericKind.ADDRESS),
        ("2001-db8--10.operador.example", "2001:db8::10", GenericKind.ADDRESS),
        ("2001-0db8-0000-0000-0000-0000-0000-0010.operador.example", "2001:db8::10", GenericKind.ADDRESS),
        ("static-1234abcd5678ef90.operador.example", "2001:db8::1234:abcd:5678:ef90", GenericKind.ADDRESS),
        ("host7.dyn.operador.example", "192.0.2.10", GenericKind.WORD),
        ("cliente-adsl-7.operador.example", "192.0.2.10", GenericKind.WORD),
        ("static-ip-7.operador.example", "192.0.2.200", GenericKind.WORD),
        ("pool-10.operador.example", "192.0.2.10", GenericKind.WORD),
        ("srv123456.hstgr.cloud", "192.0.2.10", GenericKind.HOSTER),
        ("ec2-1.eu-west-1.compute.amazonaws.com", "192.0.2.10", GenericKind.HOSTER),
    ],
)
def test_names_that_a_machine_made(name: str, ip: str, kind: GenericKind) -> None:
    found = generic_name(DomainName(name), ip_address(ip))

    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize(
    ("name", "ip"),
    [
        ("mail-10.example.net", "192.0.2.10"),
        ("mail10.example.net", "192.0.2.10"),
        ("smtp-2-10.example.net", "192.0.2.10"),
        ("mx1.dc1.site1.example.net", "1.1.1.9"),
        ("mail.generaldynamics.com", "192.0.2.10"),
        ("mail.adsl.example", "192.0.2.10"),  # the word is the domain that somebody registered
        ("mail.clientes.empresa.example", "192.0.2.10"),
        ("smtp-pool1.empresa.example", "192.0.2.10"),
        ("dynamo.empresa.example", "192.0.2.10"),
        ("notvps.ovh.net.example", "192.0.2.10"),
        ("mx-25.empresa.example", "2001:db8::25"),
        ("mail.empresa.example", "2001:db8::a"),
    ],
)
def test_names_that_somebody_chose(name: str, ip: str) -> None:
    assert generic_name(DomainName(name), ip_address(ip)) is None


def test_suffixes_are_compared_by_whole_labels_and_from_the_right() -> None:
    """A name belongs to a zone when it ends in its labels: not when it begins with them, and not in part of a label."""
    assert platform_of(DomainName("o1.ptr7.sendgrid.net")) is not None
    assert platform_of(DomainName("evil-sendgrid.net")) is None
    assert platform_of(DomainName("sendgrid.net.evil.example")) is None
    assert platform_of(DomainName("net")) is None


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("mail.empresa.example", True),
        ("MAIL.EMPRESA.EXAMPLE.", True),
        ("localhost", False),
        ("localhost.localdomain", False),
        ("servidor.local", False),
        ("nas.home.arpa", False),
        ("local.empresa.example", True),
        ("win-7a8b9c", False),
        ("mail_1.empresa.example", False),
        ("-mail.empresa.example", False),
        ("mail..example", False),
        ("", False),
    ],
)
def test_names_that_mean_the_same_host_everywhere(name: str, public: bool) -> None:
    assert is_public_name(name) is public


def test_only_the_top_level_domain_counts_as_low_trust() -> None:
    assert is_low_trust(DomainName("empresa.top"))
    assert not is_low_trust(DomainName("top.es"))
