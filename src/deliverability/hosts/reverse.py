"""Who a sending address says it is: PTR, its forward confirmation, and the HELO name beside it.

For each address the PTR names are asked, then each name's addresses of the same kind; the address is confirmed when one
of them gives it back (RFC 8601 §3, `iprev`). Both directions are needed: anybody can point a PTR at anybody's name.
"""

from __future__ import annotations

from typing import cast

from deliverability.core.addresses import read_literal
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.plan import Plan, ask, ask_addresses, ask_ptr, gather
from deliverability.core.questions import Found, IPAddress
from deliverability.hosts.facts import Helo, HostAddresses, PtrName, SendingHost


def sending_host(ip: IPAddress, limits: Limits = DEFAULT_LIMITS) -> Plan[SendingHost]:
    """The address with its PTR names; the first `limits.spf_ptr_names` of them are looked up."""
    ptr = yield from ask_ptr(ip)
    if not isinstance(ptr, Found):
        return SendingHost(ip, ptr)
    names = sorted({cast(DomainName, record) for record in ptr.records if record})
    looked_up = names[: limits.spf_ptr_names]
    record_type = SendingHost(ip, ptr).forward_type
    forwards = yield from gather(*(ask(name, record_type) for name in looked_up))
    confirmed = tuple(PtrName(name, forward) for name, forward in zip(looked_up, forwards, strict=True))
    return SendingHost(ip, ptr, confirmed, len(names) - len(looked_up))


def helo_plan(text: str) -> Plan[Helo]:
    """The HELO name with its addresses; an address or a name without a dot is not looked up."""
    literal = read_literal(text)
    name = helo_name(text)
    if literal is not None or name is None:
        return Helo(text, literal)
    a, aaaa = yield from ask_addresses(name)
    return Helo(text, None, HostAddresses(name, a, aaaa))


def helo_name(text: str) -> DomainName | None:
    """The HELO text as a name that can be looked up everywhere: one with a dot inside (RFC 5321 §2.3.5)."""
    name = query_name(text.strip())
    return name if name and "." in name else None
