from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.addresses import AddressKind, embedded_address, is_public, read_literal, special_range


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.64.0.1", "shared"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "reserved"),
        ("198.18.0.1", "benchmark"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1", "link-local"),
        ("fc00::1", "private"),
        ("fd12:3456::1", "private"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "documentation"),
        ("192.0.2.1", "documentation"),
        ("203.0.113.9", "documentation"),
    ],
)
def test_special_blocks(text: str, kind: str) -> None:
    found = special_range(ip_address(text))

    assert found is not None
    assert found.kind is AddressKind(kind)
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "::ffff:127.0.0.1",  # IPv4-mapped
        "::127.0.0.1",  # IPv4-compatible
        "::ffff:0:127.0.0.1",  # IPv4-translated
        "64:ff9b::7f00:1",  # NAT64
        "2002:7f00:1::",  # 6to4
        "2001:0:5db8:d822::80ff:fffe",  # Teredo, client 127.0.0.1 with its bits flipped
    ],
)
def test_an_address_is_judged_by_the_ipv4_address_it_carries(text: str) -> None:
    address = ip_address(text)

    assert embedded_address(address) == ip_address("127.0.0.1")
    assert not is_public(address)


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8",
        "193.110.128.1",
        "172.15.0.1",
        "172.32.0.1",
        "100.128.0.1",
        "2a00:1450:4003::1",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "::ffff:8.8.8.8",
    ],
)
def test_public_addresses(text: str) -> None:
    assert is_public(ip_address(text))


def test_examples_pass_as_public_where_asked_for() -> None:
    assert is_public(ip_address("192.0.2.1"), documentation=True)
    assert is_public(ip_address("2001:db8::1"), documentation=True)
    assert not is_public(ip_address("10.0.0.1"), documentation=True)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("mail.example", None),
        ("192.0.2.256", None),
        ("fe80::1%eth0", None),
        ("[", None),
        ("", None),
        ("1" * 5000, None),
    ],
)
def test_address_literals(text: str, address: str | None) -> None:
    assert read_literal(text) == (ip_address(address) if address else None)


@given(st.text(max_size=60))
def test_any_text_can_be_read_as_a_literal(text: str) -> None:
    found = read_literal(text)

    assert found is None or read_literal(str(found)) == found


@given(st.ip_addresses(v=6))
def test_a_public_address_carries_no_special_one(address: object) -> None:
    inner = embedded_address(address)  # type: ignore[arg-type]

    if inner is not None:
        assert is_public(address) == is_public(inner)  # type: ignore[arg-type]
