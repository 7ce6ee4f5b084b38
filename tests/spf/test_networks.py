"""What a record authorises: from which term, how wide, and what lies inside what."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

import pytest

from deliverability.core.names import DomainName
from deliverability.sources.table import TableSource
from deliverability.spf import tree
from deliverability.spf.frontends import frontend_of_address, frontend_of_mx
from deliverability.spf.networks import SpfNetworks, breadth, networks, special_purpose

NAME = "empresa.example"


def of(record: str, answers: dict[str, Any] | None = None) -> SpfNetworks:
    return networks(tree(NAME, source=TableSource({f"{NAME}/TXT": [record], **(answers or {})})))


def test_each_network_names_its_term_and_the_owners() -> None:
    found = of(
        "v=spf1 ip4:192.0.2.0/24 a/28 include:b.example.net -all",
        {f"{NAME}/A": ["198.51.100.77"], "b.example.net/TXT": ["v=spf1 ip6:2001:db8::/48 -all"]},
    )
    shown = [(str(i.network), i.term.term.text, i.domain, i.owner.term.text, i.is_own) for i in found.authorised]

    assert shown == [
        ("192.0.2.0/24", "ip4:192.0.2.0/24", NAME, "ip4:192.0.2.0/24", True),
        ("198.51.100.64/28", "a/28", NAME, "a/28", True),
        ("2001:db8::/48", "ip6:2001:db8::/48", "b.example.net", "include:b.example.net", False),
    ]


def test_only_what_passes_is_authorised() -> None:
    answers = {"b.example.net/TXT": ["v=spf1 ?ip4:192.0.2.3 ip4:192.0.2.4 -all ip4:192.0.2.5"]}
    record = "v=spf1 -ip4:192.0.2.1 ~ip4:192.0.2.2 include:b.example.net -include:b.example.net ?all ip4:192.0.2.6"

    assert [str(item.network) for item in of(record, answers).authorised] == ["192.0.2.4/32"]


@pytest.mark.parametrize(
    "record", ["v=spf1 +all", "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"]
)
def test_everybody_passes_by_all_by_a_zero_prefix_and_by_halves(record: str) -> None:
    assert of(record).passes_everybody
    assert of(record).ipv4_addresses == 2**32


def test_breadth_counts_an_address_once() -> None:
    nets = [ip_network(text) for text in ("192.0.2.0/24", "192.0.2.128/25", "192.0.3.0/24", "192.0.2.1/32", "::/0")]

    assert breadth(nets) == 512
    assert breadth([]) == 0


def test_breadth_by_owner_and_by_record() -> None:
    found = of(
        "v=spf1 ip4:192.0.2.1 include:b.example.net -all", {"b.example.net/TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}
    )

    assert found.by_owner() == {"include:b.example.net": 256, "ip4:192.0.2.1": 1}
    assert found.by_domain() == {NAME: 1, "b.example.net": 256}


def test_contained_networks_and_duplicates() -> None:
    found = of("v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/24 ip4:192.0.2.0/28 ip4:192.0.2.7/32 ip6:2001:db8::1 -all")
    pairs = [(str(c.inner.network), str(c.outer.network), c.is_duplicate) for c in found.contained()]

    assert pairs == [
        ("192.0.2.7/32", "192.0.2.0/28", False),
        ("192.0.2.0/28", "192.0.2.0/24", False),
        ("192.0.2.7/32", "192.0.2.7/32", True),
    ]


def test_an_address_is_found_in_the_network_that_holds_it() -> None:
    found = of("v=spf1 ip4:192.0.2.77/24 -all")
    item = found.covering(ip_address("192.0.2.3"))

    assert item is not None
    assert item.term.term.text == "ip4:192.0.2.77/24"
    assert found.covering(ip_address("2001:db8::1")) is None


def test_special_purpose_is_for_networks_that_lie_inside_a_block_whole() -> None:
    inside = special_purpose(ip_network("10.1.0.0/16"))

    assert inside is not None
    assert inside.network == "10.0.0.0/8"
    assert special_purpose(ip_network("8.0.0.0/5")) is None
    assert special_purpose(ip_network("0.0.0.0/0")) is None
    assert special_purpose(ip_network("fd00::/8")) is not None


def test_frontends_by_address_and_by_name() -> None:
    web, mail = (
        frontend_of_address(ip_address("104.16.1.1")),
        frontend_of_mx(DomainName("a-b.mail.protection.outlook.com")),
    )

    assert web is not None
    assert web.name == "Cloudflare"
    assert mail is not None
    assert mail.name == "Microsoft 365"
    assert frontend_of_address(ip_address("104.15.255.255")) is None
    assert frontend_of_address(ip_address("104.28.0.0")) is None
    assert frontend_of_mx(DomainName("inbound-smtp.eu-west-1.amazonaws.com")) is not None
    assert frontend_of_mx(DomainName("notsmtp.google.com.evil.example")) is None


def test_the_ranges_of_frontends_do_not_overlap() -> None:
    """The look-up by address relies on it."""

    table = tomllib.loads(files("deliverability.spf").joinpath("frontends.toml").read_text("utf-8"))
    nets = [ip_network(text) for entry in table["frontend"] for text in entry.get("networks", ())]
    ordered = sorted(nets, key=lambda n: (n.version, int(n.network_address)))

    assert ordered
    for left, right in pairwise(ordered):
        assert left.version != right.version or int(left.broadcast_address) < int(right.network_address)
