"""What SPF of a domain authorises: every network, the term it comes from, and how wide it all is.

Only what makes `check_host` say "pass" counts: a `+` mechanism of the record, or of one that is reached by `+include`
(an include matches when the record there says pass, RFC 7208 §5.2) or by `redirect`. A `-ip4:` before a wider network
takes addresses away from it; that is not subtracted here, so the counts are what the record authorises at most.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple, TypeAlias

from deliverability.core.addresses import SpecialRange, special_range
from deliverability.core.names import DomainName
from deliverability.core.questions import IPAddress
from deliverability.spf.record import Directive, Qualifier
from deliverability.spf.tree_model import RecordNode, SpfTree, State, TermNode

Network: TypeAlias = IPv4Network | IPv6Network

ALL_IPV4 = IPv4Network("0.0.0.0/0")
ALL_IPV6 = IPv6Network("::/0")


class Authorised(NamedTuple):
    """A network that passes, and why."""

    network: Network
    #: The term that names it, and the domain whose record holds that term.
    term: TermNode
    domain: DomainName
    #: The term of the audited record by which it is reached.
    owner: TermNode

    @property
    def is_own(self) -> bool:
        """Whether the owner of the domain wrote it."""
        return self.term is self.owner


class Contained(NamedTuple):
    """A network that another one holds already."""

    inner: Authorised
    outer: Authorised

    @property
    def is_duplicate(self) -> bool:
        """Whether both are the same network."""
        return self.inner.network == self.outer.network


class SpfNetworks(NamedTuple):
    """Every network the tree authorises, in evaluation order."""

    authorised: tuple[Authorised, ...]

    @property
    def ipv4_addresses(self) -> int:
        """IPv4 addresses authorised in all, each counted once."""
        return breadth(item.network for item in self.authorised)

    def by_owner(self) -> dict[str, int]:
        """IPv4 addresses for each term of the audited record, by its text, widest first."""
        groups: dict[str, list[Network]] = {}
        for item in self.authorised:
            groups.setdefault(item.owner.term.text, []).append(item.network)
        sizes = {text: breadth(networks) for text, networks in groups.items()}
        return dict(sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])))

    def by_domain(self) -> dict[DomainName, int]:
        """IPv4 addresses for each record of the tree, by its name, in evaluation order."""
        groups: dict[DomainName, list[Network]] = {}
        for item in self.authorised:
            groups.setdefault(item.domain, []).append(item.network)
        return {domain: breadth(networks) for domain, networks in groups.items()}

    def contained(self) -> tuple[Contained, ...]:
        """Networks that lie inside another one, with one that holds them; of equal ones the later is the inner."""
        return tuple(pair for _, pair in sorted(_contained(self.authorised), key=lambda item: item[0]))

    @property
    def passes_everybody(self) -> bool:
        """Whether half of the IPv4 space or more passes: by `+all`, `ip4:0.0.0.0/0`, or pieces that come to the same."""
        return self.ipv4_addresses >= 2**31

    def covering(self, address: IPAddress) -> Authorised | None:
        """The first network that holds an address."""
        return next((item for item in self.authorised if address in item.network), None)


def networks(tree: SpfTree) -> SpfNetworks:
    """The networks that pass (RFC 7208 §4.6.2), walked in evaluation order."""
    return SpfNetworks(tuple(_walk(tree.root, None)))


def _walk(record: RecordNode, owner: TermNode | None) -> Iterator[Authorised]:
    for term in record.terms:
        if term.state is State.IGNORED:
            continue
        if isinstance(term.term, Directive) and term.term.qualifier is not Qualifier.PASS:
            continue
        if term.child is not None:
            yield from _walk(term.child, owner or term)
        for network in _own_networks(term):
            yield Authorised(network, term, record.domain, owner or term)


def _own_networks(term: TermNode) -> list[Network]:
    directive = term.term
    if not isinstance(directive, Directive):
        return []
    if directive.mechanism == "all":
        return [ALL_IPV4, ALL_IPV6]
    if directive.network is not None:
        return [directive.network]
    if directive.mechanism not in ("a", "mx"):
        return []
    return list(dict.fromkeys(_around(directive, address) for address in term.addresses))


def _around(directive: Directive, address: IPAddress) -> Network:
    """The network an address stands for under the CIDR lengths of `a` and `mx` (RFC 7208 §5.6)."""
    if isinstance(address, IPv4Address):
        length = 32 if directive.ip4_cidr_length is None else directive.ip4_cidr_length
        return IPv4Network((address, length), strict=False)
    length = 128 if directive.ip6_cidr_length is None else directive.ip6_cidr_length
    return IPv6Network((address, length), strict=False)


def breadth(found: Iterable[Network]) -> int:
    """How many IPv4 addresses these networks hold together, each once. n log n."""
    ranges = sorted(_range(network) for network in found if network.version == 4)
    total, end = 0, -1
    for first, last in ranges:
        total += max(0, last - max(first, end + 1) + 1)
        end = max(end, last)
    return total


def _range(network: Network) -> tuple[int, int]:
    """The first and the last address as numbers."""
    first = int(network.network_address)
    return first, first + (1 << (network.max_prefixlen - network.prefixlen)) - 1


class Coverage:
    """Networks as ranges that do not touch, to ask for what lies outside of them."""

    def __init__(self, found: Iterable[Network]) -> None:
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._ends: dict[int, list[int]] = {4: [], 6: []}
        for version, (first, last) in sorted((network.version, _range(network)) for network in found):
            starts, ends = self._starts[version], self._ends[version]
            if ends and first <= ends[-1] + 1:
                ends[-1] = max(ends[-1], last)
            else:
                starts.append(first)
                ends.append(last)

    def first_outside(self, network: Network) -> IPAddress | None:
        """The first address of a network that is in none of them; None where they hold it whole."""
        first, last = _range(network)
        place = bisect_right(self._starts[network.version], first) - 1
        if place >= 0:
            first = max(first, self._ends[network.version][place] + 1)
        if first > last:
            return None
        return IPv4Address(first) if network.version == 4 else IPv6Address(first)


def _contained(items: tuple[Authorised, ...]) -> Iterator[tuple[int, Contained]]:
    """Each pair with the place of its inner network. Networks either nest or do not touch: sorted by
    start and width, the last open one is the holder.
    """
    order = sorted(range(len(items)), key=lambda i: _sort_key(items[i].network, i))
    open_: list[Authorised] = []
    for index in order:
        item = items[index]
        while open_ and not _holds(open_[-1].network, item.network):
            open_.pop()
        if open_:
            yield index, Contained(item, open_[-1])
        open_.append(item)


def _sort_key(network: Network, index: int) -> tuple[int, int, int, int]:
    return network.version, int(network.network_address), network.prefixlen, index


def _holds(outer: Network, inner: Network) -> bool:
    if outer.version != inner.version or outer.prefixlen > inner.prefixlen:
        return False
    spare = outer.max_prefixlen - outer.prefixlen
    return int(outer.network_address) >> spare == int(inner.network_address) >> spare


def special_purpose(network: Network) -> SpecialRange | None:
    """The special-purpose block that holds this network whole (RFC 6890); None for one with public addresses."""
    first, last = special_range(network.network_address), special_range(network.broadcast_address)
    return first if first is not None and first == last else None
