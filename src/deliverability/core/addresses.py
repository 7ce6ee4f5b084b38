"""Which IP addresses can be reached over the public Internet: the project's own address policy.

`ipaddress.is_global` is not used: it calls addresses public that carry a private IPv4 address inside (NAT64, 6to4,
IPv4-compatible, IPv4-translated), and its answers differ between Python versions. The table is
core/special_addresses.toml; an address that embeds an IPv4 address is judged by what it embeds.
"""

from __future__ import annotations

import functools
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.patterns import pattern
from deliverability.core.questions import IPAddress


class AddressKind(StrEnum):
    """What a special-purpose block is for."""

    PRIVATE = "private"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    SHARED = "shared"  # between a provider and its customers (RFC 6598)
    DOCUMENTATION = "documentation"
    BENCHMARK = "benchmark"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"
    RESERVED = "reserved"


class SpecialRange(NamedTuple):
    """One block of the table; `first` and `last` are its addresses as numbers."""

    network: str
    kind: AddressKind
    reference: str
    first: int
    last: int


class _Embedding(NamedTuple):
    first: int
    last: int
    shift: int
    inverted: bool


class _Table(NamedTuple):
    ipv4: tuple[SpecialRange, ...]
    ipv6: tuple[SpecialRange, ...]
    embedded: tuple[_Embedding, ...]


@functools.cache
def _table() -> _Table:
    # Read-only data of this package: a cache, not state.
    table = read_table("deliverability.core", "special_addresses.toml")
    ranges: dict[int, list[SpecialRange]] = {4: [], 6: []}
    for entry in table["range"]:
        network = ip_network(entry["network"])
        first, last = int(network.network_address), int(network.broadcast_address)
        ranges[network.version].append(
            SpecialRange(entry["network"], AddressKind(entry["kind"]), entry["reference"], first, last)
        )
    embedded = []
    for entry in table["embedded"]:
        network = ip_network(entry["network"])
        shift = 128 - 32 - 8 * int(entry["offset"])
        first, last = int(network.network_address), int(network.broadcast_address)
        embedded.append(_Embedding(first, last, shift, bool(entry.get("inverted", False))))
    return _Table(tuple(ranges[4]), tuple(ranges[6]), tuple(embedded))


def embedded_address(address: IPAddress) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address carries (mapped, NAT64, 6to4, Teredo client, …), or None.

    `::` and `::1` carry none, though they lie in the IPv4-compatible block (RFC 4291 §2.5.5.1).
    """
    if isinstance(address, IPv4Address):
        return None
    number = int(address)
    if number <= 1:
        return None
    for block in _table().embedded:
        if block.first <= number <= block.last:
            inner = (number >> block.shift) & 0xFFFFFFFF
            return IPv4Address(inner ^ 0xFFFFFFFF if block.inverted else inner)
    return None


def special_range(address: IPAddress) -> SpecialRange | None:
    """The special-purpose block that the address, or the IPv4 address inside it, lies in; None for a public one."""
    inner = embedded_address(address)
    judged = address if inner is None else inner
    number = int(judged)
    ranges = _table().ipv4 if isinstance(judged, IPv4Address) else _table().ipv6
    return next((block for block in ranges if block.first <= number <= block.last), None)


def is_public(address: IPAddress, *, documentation: bool = False) -> bool:
    """Whether the address can be a host on the public Internet.

    With `documentation`, the blocks for examples (RFC 5737, RFC 3849) pass as public too: real DNS does not hold them,
    and a zone written for a test or a manual means them as public.
    """
    block = special_range(address)
    return block is None or (documentation and block.kind is AddressKind.DOCUMENTATION)


def plain(address: IPAddress) -> IPAddress:
    """The address as the Internet knows it: IPv4 where it is mapped into IPv6, and without a zone id (`fe80::1%eth0`)."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


_DOTTED = pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


def read_literal(text: str) -> IPAddress | None:
    """The address that a text is, bare or as the address literal `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3)."""
    body = text.strip()
    if body.startswith("[") and body.endswith("]"):
        body = body[1:-1]
    if body[:5].lower() == "ipv6:":
        body = body[5:]
    if len(body) > 45 or "%" in body:
        return None
    try:
        # Most of what is tried is no address, and to refuse one by an exception takes ten times as long.
        if ":" in body:
            return IPv6Address(body)
        return IPv4Address(body) if _DOTTED.fullmatch(body) else None
    except ValueError:
        return None
