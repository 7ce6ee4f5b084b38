"""What the audits ask the blocklists about: only when the user wants it, since others learn of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from deliverability.core.facts import Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, registrable_domain
from deliverability.core.plan import Plan, ask_ptr, gather
from deliverability.core.questions import Found, IPAddress
from deliverability.dnsbl.facts import BlocklistFacts, Role
from deliverability.dnsbl.listing import State
from deliverability.dnsbl.lists import Blocklist, DeadZone
from deliverability.dnsbl.lookup import Target, check_plan
from deliverability.providers.registry import Provider, provider_of_mx, provider_of_return_path, provider_of_smtp_host

#: Addresses and domains of one audit that are asked about.
MAX_TARGETS = 40


def collect(
    targets: Mapping[Target, Sequence[Role]],
    lists: Sequence[Blocklist] | None,
    *,
    sending: Sending,
    dead_zones: tuple[DeadZone, ...] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Plan[dict[type, object]]:
    """The fact `BlocklistFacts`: every list about every target, and whose the listed addresses are."""
    chosen = list(targets.items())[:MAX_TARGETS]
    listings = yield from check_plan([target for target, _ in chosen], lists, limits)
    listed = dict.fromkeys(one.target for one in listings if one.state is State.LISTED)
    addresses = [t for t, _ in chosen if isinstance(t, IPv4Address | IPv6Address) and str(t) in listed]
    owners = yield from gather(*(_owner(address) for address in addresses))
    facts = BlocklistFacts(
        listings,
        {str(target): tuple(roles) for target, roles in chosen},
        {str(address): owner.name for address, owner in zip(addresses, owners, strict=True) if owner is not None},
        relayed=sending.smtp_host is not None,
        dead_zones=dead_zones,
    )
    return {BlocklistFacts: facts}


def _owner(address: IPAddress) -> Plan[Provider | None]:
    """The mail platform that an address belongs to, by its reverse name."""
    answer = yield from ask_ptr(address)
    for record in answer.records if isinstance(answer, Found) else ():
        name = str(record)
        owner = provider_of_smtp_host(name) or provider_of_mx(name) or provider_of_return_path(name)
        if owner is not None:
            return owner
    return None


class Targets:
    """Gathers what to ask about: each address once, and of names the registrable domain, which is what lists hold."""

    def __init__(self) -> None:
        self._found: dict[Target, list[Role]] = {}

    def add(self, target: Target | None, role: Role) -> None:
        """One more place where an address or a name stands."""
        if target is None or target == "":
            return
        if not isinstance(target, IPv4Address | IPv6Address):
            target = registrable_domain(DomainName(target)) or DomainName(target)
        roles = self._found.setdefault(target, [])
        if role not in roles:
            roles.append(role)

    @property
    def found(self) -> Mapping[Target, Sequence[Role]]:
        """What was gathered, in order."""
        return self._found
