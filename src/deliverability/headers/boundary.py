"""Where the receiver's own servers begin: the one Received field that tells which client brought the message.

Theory of operation. Fields are put on top, so the uppermost were written by the receiver, and everything below the
first contact with the outside came with the message and may be invented. Reading goes down from the top and passes a
hop only where the client that it names is surely one of the receiver's own:

- no client is named at all (Gmail's `by 2002:…`), it is delivery into the mailbox (LMTP), or mail was fetched (IMAP,
  POP3);
- the client's address is private, or loopback, or in a block that this receiver is known to use inside;
- the user named it (`Receiving.boundary_hosts`), by an address or by a confirmed name; a filter on a host so named may
  also hand the message over without SMTP;
- its confirmed reverse name is what it said in HELO and what the next field below is signed with, in the registrable
  domain of the server that wrote it, and not a name that customers of that domain could have.

Never by the HELO name alone: anybody can say anything there. The first hop that cannot be passed is the boundary, and
nothing below it is ever believed. A message that a program handed over on the same machine, or that somebody handed in
who logged in there, met no SPF check: it has a first server, but no SMTP client.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from deliverability.core.addresses import is_public, plain, read_literal
from deliverability.core.data import read_table
from deliverability.core.facts import Receiving
from deliverability.core.names import is_subdomain, query_name, registrable_domain
from deliverability.core.questions import IPAddress
from deliverability.headers.received import Hop
from deliverability.headers.trace import Trace


class BoundaryReason(StrEnum):
    """How the boundary was found, or why there is none."""

    TOLD = "told"  # by the hosts that the user named
    FIRST_OUTSIDE = "first-outside"  # the uppermost hop whose client is not the receiver's own
    NO_TRACE = "no-trace"  # there is no Received field
    LOCAL = "local"  # handed over by a program on the receiver's machine
    SUBMITTED = "submitted"  # handed over by somebody who logged in at the receiver (RFC 6409)
    INSIDE = "inside"  # every client is the receiver's own
    NOT_PASSED = "not-passed"  # the hosts that the user named did not receive it from outside


@dataclass(frozen=True, slots=True)
class Boundary:
    """The hop between the world and the receiver; `index` counts the Received fields from 0 at the top."""

    reason: BoundaryReason
    #: -1 and None where no hop is the first of the receiver.
    index: int = -1
    hop: Hop | None = None

    @property
    def from_outside(self) -> bool:
        """Whether the hop's client is one that SPF looks at."""
        return self.reason in (BoundaryReason.TOLD, BoundaryReason.FIRST_OUTSIDE)


class _Receivers(NamedTuple):
    shared: frozenset[str]
    internal: tuple[tuple[tuple[str, ...], tuple[IPv4Network | IPv6Network, ...]], ...]


@functools.cache
def _receivers() -> _Receivers:
    table = read_table("deliverability.headers", "receivers.toml")
    internal = tuple((tuple(row["by"]), tuple(ip_network(n) for n in row["networks"])) for row in table["internal"])
    return _Receivers(frozenset(table["shared"]), internal)


def find_boundary(trace: Trace, receiving: Receiving) -> Boundary:
    """The hop whose client is the SMTP client of the receiver. Never raises."""
    if not trace.hops:
        return Boundary(BoundaryReason.NO_TRACE)
    told = _Told.of(receiving.boundary_hosts)
    inside = not told.names and not told.addresses
    for index, hop in enumerate(trace.hops):
        inside = inside or told.is_own(hop)
        below = trace.hops[index + 1] if index + 1 < len(trace.hops) else None
        if hop.local and not (told.is_own(hop) and below is not None and told.is_own(below)):
            return Boundary(BoundaryReason.LOCAL, index, hop)
        if _passes(hop, below, told):
            continue
        if not inside:
            return Boundary(BoundaryReason.NOT_PASSED)
        if hop.authenticated:
            return Boundary(BoundaryReason.SUBMITTED, index, hop)
        reason = BoundaryReason.TOLD if told else BoundaryReason.FIRST_OUTSIDE
        return Boundary(reason, index, hop)
    return Boundary(BoundaryReason.INSIDE)


class _Told(NamedTuple):
    """What the user named, read: host names (with what lies below them) and addresses."""

    names: tuple[str, ...]
    addresses: frozenset[IPAddress]

    @classmethod
    def of(cls, hosts: tuple[str, ...]) -> _Told:
        addresses = frozenset(plain(found) for found in map(read_literal, hosts) if found is not None)
        names = tuple(name for host in hosts if read_literal(host) is None and (name := query_name(host)))
        return cls(names, addresses)

    def __bool__(self) -> bool:
        return bool(self.names or self.addresses)

    def names_host(self, host: str | None) -> bool:
        """Whether a host is one of those named, or lies below one."""
        name = query_name(host) if host else None
        return name is not None and any(is_subdomain(name, own) for own in self.names)

    def is_own(self, hop: Hop) -> bool:
        """Whether the server that wrote the field is one of those named."""
        return self.names_host(hop.by) or (hop.by_address is not None and hop.by_address in self.addresses)


def _passes(hop: Hop, below: Hop | None, told: _Told) -> bool:
    """Whether the client that the hop names is surely the receiver's own."""
    if _kind(hop) in _INNER_TYPES:
        return True
    if hop.client is None:
        return hop.local or hop.helo is None or _was_fetched(hop) or _is_inner_delivery(hop, below)
    if hop.client in told.addresses:
        return True
    if not is_public(hop.client, documentation=True) or _is_known_inside(hop):
        return True
    confirmed = _confirmed_name(hop)
    if confirmed is None:
        return False
    return told.names_host(confirmed) if told else _is_own_relay(hop, confirmed, below)


#: LMTP hands mail to the mailbox and never crosses the Internet (RFC 2033); MAPI is Exchange's own.
_INNER_TYPES = frozenset({"LMTP", "LMTPS", "LMTPA", "LMTPSA", "UTF8LMTP", "UTF8LMTPS", "MAPI"})


def _kind(hop: Hop) -> str:
    return (hop.protocol or "").upper().partition(" ")[0]


def _was_fetched(hop: Hop) -> bool:
    return _kind(hop) in ("IMAP", "IMAPS", "POP3", "POP", "APOP", "POP3S")


def _is_inner_delivery(hop: Hop, below: Hop | None) -> bool:
    """A hop that names a host and no address: Exchange by HTTPS, or a server that has no full name (iCloud's gateways).

    A server that faces the Internet has a full name; and the host it took the mail from has to have written the next field.
    """
    if _kind(hop) in ("HTTP", "HTTPS", "INTERNAL"):
        return True
    if below is None or below.by is None or hop.helo is None or hop.by is None or "." in hop.by:
        return False
    return hop.helo.lower() == below.by.lower()


def _is_known_inside(hop: Hop) -> bool:
    by, client = query_name(hop.by or ""), hop.client
    if not by or client is None:
        return False
    return any(
        any(client in network for network in networks if network.version == client.version)
        for suffixes, networks in _receivers().internal
        if any(is_subdomain(by, suffix) for suffix in suffixes)
    )


def _confirmed_name(hop: Hop) -> str | None:
    """The reverse name where the server that wrote it is one that looks whether it leads back to the address."""
    if hop.doubted or hop.unconfirmed or hop.reverse_name is None:
        return None
    return query_name(hop.reverse_name)


def _is_own_relay(hop: Hop, name: str, below: Hop | None) -> bool:
    by = query_name(hop.by or "")
    if not by or below is None or hop.client is None:
        return False
    said, wrote = query_name(hop.helo or ""), query_name(below.by or "")
    if name not in (said,) or name != wrote:
        return False
    domain = registrable_domain(by)
    if domain is None or domain in _receivers().shared or registrable_domain(query_name(name) or by) != domain:
        return False
    return not _looks_rented(name, hop.client)


def _looks_rented(name: str, client: IPAddress) -> bool:
    """Whether a reverse name is made of its address, as those of customers' lines are."""
    digits = "".join(char if char.isdigit() else " " for char in name).split()
    if isinstance(client, IPv4Address):
        octets = str(client).split(".")
        joined = "".join(digits)
        return set(octets[2:]) <= set(digits) or "".join(octets) in joined or "".join(reversed(octets)) in joined
    return len(digits) >= 4
