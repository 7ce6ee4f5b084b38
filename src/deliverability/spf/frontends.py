"""Hosts that are named in SPF and never send mail: the table frontends.toml, looked up by address and by name."""

from __future__ import annotations

import functools
from bisect import bisect_right
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.names import DomainName, is_subdomain
from deliverability.core.questions import IPAddress


class Frontend(NamedTuple):
    """Somebody whose hosts stand in front of a site or take mail in."""

    name: str
    #: "web" or "inbound"
    kind: str
    hosts: tuple[str, ...] = ()
    host_pattern: str = ""


class _Table(NamedTuple):
    inbound: tuple[Frontend, ...]
    #: For each IP version: the starts of the ranges in order, and (end, owner) of each.
    starts: dict[int, list[int]]
    ranges: dict[int, list[tuple[int, Frontend]]]


@functools.cache
def _table() -> _Table:
    # Read-only data of this package: a cache, not state.
    entries = read_table("deliverability.spf", "frontends.toml")["frontend"]
    inbound: list[Frontend] = []
    found: dict[int, list[tuple[int, int, Frontend]]] = {4: [], 6: []}
    for entry in entries:
        owner = Frontend(entry["name"], entry["kind"], tuple(entry.get("hosts", ())), entry.get("host_pattern", ""))
        if owner.hosts or owner.host_pattern:
            inbound.append(owner)
        for text in entry.get("networks", ()):
            network = ip_network(text)
            found[network.version].append((int(network.network_address), int(network.broadcast_address), owner))
    for ranges in found.values():
        ranges.sort(key=lambda item: item[:2])
    starts = {version: [first for first, _, _ in ranges] for version, ranges in found.items()}
    ends = {version: [(last, owner) for _, last, owner in ranges] for version, ranges in found.items()}
    return _Table(tuple(inbound), starts, ends)


def frontend_of_address(address: IPAddress) -> Frontend | None:
    """Whose web front-end the address is. The ranges of the table do not overlap."""
    table = _table()
    place = bisect_right(table.starts[address.version], int(address)) - 1
    if place < 0:
        return None
    last, owner = table.ranges[address.version][place]
    return owner if int(address) <= last else None


def frontend_of_mx(host: DomainName) -> Frontend | None:
    """Whose inbound-only server an MX host is."""
    for owner in _table().inbound:
        if any(is_subdomain(host, suffix) for suffix in owner.hosts):
            return owner
        if owner.host_pattern and fnmatchcase(host, owner.host_pattern):
            return owner
    return None
