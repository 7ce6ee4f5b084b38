"""DNS messages: a question as octets, and octets as an answer. Nothing here waits or sends.

Theory of operation. Queries are simple enough to be written here; whatever comes back is read by dnspython, the one
codec in this project that meets hostile octets. Before it is handed over, a datagram has to prove that it answers our
query (`Query.matches`): right ID, response bit, and our question repeated. All else is treated as if it had never come.

`read_reply` then decides what the message says, and only two shapes of it mean "there is none": NXDOMAIN, and an empty
answer that is no referral (RFC 2308 §2). Records count only under the asked name or under an alias that the answer
itself leads to, so that a record which somebody slipped into the message has no effect.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeAlias

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, escape_controls, from_labels, is_subdomain, to_labels
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    NoName,
    RawRecord,
    Record,
    SoaRecord,
    TlsaRecord,
)

if TYPE_CHECKING:
    import dns.message
    import dns.name
    import dns.rrset

#: RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 4034, RFC 4408 §3.1.1, RFC 6698 §7.1.
TYPE_CODES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "DS": 43,
    "DNSKEY": 48,
    "TLSA": 52,
    "SPF": 99,
}
_CNAME, _SOA, _NS, _DNAME = 5, 6, 2, 39
_CLASS_IN = 1
#: What a datagram may hold without being cut into fragments on the way (the value DNS flag day 2020 settled on).
EDNS_PAYLOAD = 1232
_RESPONSE, _AUTHORITATIVE, _TRUNCATED, _RECURSE = 0x8000, 0x0400, 0x0200, 0x0100
_AUTHENTIC, _CHECKING_DISABLED = 0x0020, 0x0010
_NOERROR, _FORMERR, _SERVFAIL, _NXDOMAIN, _NOTIMP, _REFUSED = range(6)
_FAILURES = {_SERVFAIL: FailureKind.SERVFAIL, _REFUSED: FailureKind.REFUSED}
_RCODES = {_FORMERR: "FORMERR", _SERVFAIL: "SERVFAIL", _NOTIMP: "NOTIMP", _REFUSED: "REFUSED"}
# An OPT record of version 0 without DO: root name, type 41, payload size, extended RCODE and flags, no options.
_OPT = b"\0" + struct.pack("!HHIH", 41, EDNS_PAYLOAD, 0, 0)
_HEADER = struct.Struct("!HHHHHH")


class Query:
    """One question on its way: the octets to send and the test that octets coming back have to pass."""

    __slots__ = ("_flags", "_question", "id", "question")

    def __init__(self, question: DnsQuestion, identity: int | None = None) -> None:
        self.question = question
        self.id = secrets.randbits(16) if identity is None else identity
        # RFC 6840 §5.7: AD in a query asks for an honest AD in the answer, without the signatures DO would bring.
        self._flags = _AUTHENTIC | (_RECURSE if question.server is None else 0)
        if question.checking_disabled:
            self._flags |= _CHECKING_DISABLED
        labels = to_labels(question.name)
        name = b"".join(bytes((len(label) & 63,)) + label for label in labels) + b"\0"
        if len(name) > 255 or any(not 0 < len(label) < 64 for label in labels):
            raise ValueError("not a name that DNS can hold")
        self._question = name + struct.pack("!HH", TYPE_CODES[question.type], _CLASS_IN)

    def renewed(self) -> Query:
        """The same question under a new ID."""
        return Query(self.question)

    def wire(self, *, edns: bool) -> bytes:
        """The octets of the query."""
        header = _HEADER.pack(self.id, self._flags, 1, 0, 0, int(edns))
        return header + self._question + (_OPT if edns else b"")

    def matches(self, data: bytes) -> bool:
        """Whether `data` is a response to this query: ID, response bit and question agree (RFC 5452 §9.1)."""
        if len(data) < 12:
            return False
        identity, flags, questions = struct.unpack_from("!HHH", data)
        if identity != self.id or not flags & _RESPONSE:
            return False
        if not questions:
            # Servers that do not understand a query at all send its header back with an error.
            return len(data) == 12 and flags & 15 in (_FORMERR, _SERVFAIL, _NOTIMP, _REFUSED)
        end = 12 + len(self._question)
        return questions == 1 and data[12:end].lower() == self._question.lower()


def is_truncated(data: bytes) -> bool:
    """Whether TC is set: the answer did not fit and has to be asked for over TCP (RFC 2181 §9)."""
    return bool(data[2] & (_TRUNCATED >> 8))


def dislikes_edns(data: bytes) -> bool:
    """Whether this may be the answer of a server that does not know EDNS (RFC 6891 §7)."""
    return data[3] & 15 in (_FORMERR, _NOTIMP)


@dataclass(frozen=True, slots=True)
class Onward:
    """The answer ends at an alias whose target the server did not look up; it has to be asked for."""

    target: DomainName
    aliases: tuple[DomainName, ...]
    ttl: int
    authenticated: bool


Reply: TypeAlias = Answer | Onward


def read_reply(data: bytes, question: DnsQuestion, server: str, limits: Limits = DEFAULT_LIMITS) -> Reply:
    """What a whole message, which `Query.matches` let through, says about `question`. Never raises."""
    import dns.exception  # noqa: PLC0415 - 60 ms that an offline run does not need
    import dns.message  # noqa: PLC0415

    rcode = data[3] & 15
    try:
        lean = _without_additional(data)
        message = dns.message.from_wire(lean, ignore_trailing=lean is not data)
    except (dns.exception.DNSException, ValueError, IndexError, struct.error) as error:
        if rcode not in (_NOERROR, _NXDOMAIN):
            return _refusal(rcode, server, "")
        return Failed(FailureKind.MALFORMED, f"{server}: {_one_line(error)}")
    if rcode not in (_NOERROR, _NXDOMAIN) or message.rcode() > 15:  # RFC 6891 §6.1.3: an extended RCODE
        return _refusal(rcode, server, _extended_error(message))
    return _read_sections(message, question, server, limits)


def _without_additional(data: bytes) -> bytes:
    """The message without its additional section where there is an answer: addresses we did not ask for, and EDNS.

    Reading them costs a third of the whole. Without an answer EDNS is needed: it holds the upper bits of the RCODE.
    """
    has_answer = data[6:8] != b"\0\0"
    return data[:10] + b"\0\0" + data[12:] if has_answer else data


def _refusal(rcode: int, server: str, extra: str) -> Failed:
    kind = _FAILURES.get(rcode, FailureKind.NOTIMP)
    return Failed(kind, f"{server}: {_RCODES.get(rcode, f'RCODE {rcode}')}{extra}")


def _extended_error(message: dns.message.Message) -> str:
    """The reason a server gives for a failure (RFC 8914 §2), for people."""
    for option in message.options:
        if option.otype == 15:
            code: Any = getattr(option, "code", "")
            text = getattr(option, "text", None) or ""
            return escape_controls(f" (extended error {int(code)}{': ' + text[:200] if text else ''})")
    return ""


def _one_line(error: Exception) -> str:
    return escape_controls(" ".join(str(error).split()))[:200] or type(error).__name__


def _read_sections(message: dns.message.Message, question: DnsQuestion, server: str, limits: Limits) -> Reply:
    chain = _Chain(message, question, limits)
    if chain.looped:
        return Failed(FailureKind.LOOP, f"{server}: the aliases do not end")
    aliases, authenticated = tuple(chain.aliases), bool(message.flags & _AUTHENTIC)
    if message.rcode() == _NXDOMAIN:  # RFC 6604 §3: it speaks of the last name of the chain
        if chain.rrset is not None:
            return Failed(FailureKind.MALFORMED, f"{server}: NXDOMAIN together with the records")
        return NoName(chain.negative_ttl(), aliases, authenticated)
    if chain.rrset is not None:
        records = read_records(int(chain.rrset.rdtype), chain.rrset)
        if not records:
            return Failed(FailureKind.MALFORMED, f"{server}: records of an unreadable form")
        return Found(records, chain.ttl, aliases, authenticated)
    if chain.soa is None and aliases:
        return Onward(aliases[-1], aliases, chain.ttl, authenticated)
    # RFC 2308 §2.2: NS records without SOA are a referral, which a resolver may not send and an
    # authoritative server sends when the zone is not its own.
    if chain.soa is None and not message.flags & _AUTHORITATIVE and _has_ns(message):
        return Failed(FailureKind.LAME, f"{server}: a referral where an answer was due")
    return NoData(chain.negative_ttl(), aliases, authenticated)


def _has_ns(message: dns.message.Message) -> bool:
    return any(rrset.rdtype == _NS for rrset in message.authority)


class _Chain:
    """The way from the asked name over its aliases to the records of the asked type, where the answer has them."""

    def __init__(self, message: dns.message.Message, question: DnsQuestion, limits: Limits) -> None:
        held: dict[tuple[DomainName, int], dns.rrset.RRset] = {}
        for rrset in message.answer:
            if rrset.rdclass == _CLASS_IN:
                held.setdefault((name_of(rrset.name), int(rrset.rdtype)), rrset)
        self.soa = next((rrset for rrset in message.authority if rrset.rdtype == _SOA), None)
        self.aliases: list[DomainName] = []
        self.rrset: dns.rrset.RRset | None = None
        self.looped = False
        self._ttls: list[int] = []
        wanted = TYPE_CODES[question.type]
        name = question.name
        while (name, wanted) not in held:
            target = None if wanted == _CNAME else self._target(held, name)
            if target is None:
                return
            # RFC 1034 §3.6.2: chains are followed, and loops signalled as an error.
            if target == question.name or target in self.aliases or len(self.aliases) >= limits.cname_chain:
                self.looped = True
                return
            self.aliases.append(target)
            name = target
        self.rrset = held[name, wanted]
        self._ttls.append(self.rrset.ttl)

    def _target(self, held: dict[tuple[DomainName, int], dns.rrset.RRset], name: DomainName) -> DomainName | None:
        """Where an alias at `name`, or a DNAME above it (RFC 6672 §2.2), leads."""
        alias = held.get((name, _CNAME))
        if alias is not None:
            self._ttls.append(alias.ttl)
            return name_of(alias[0].target)
        for (owner, code), rrset in held.items():
            if code == _DNAME and owner != name and is_subdomain(name, owner):
                self._ttls.append(rrset.ttl)
                return renamed(name, owner, name_of(rrset[0].target))
        return None

    @property
    def ttl(self) -> int:
        return min(self._ttls, default=0)

    def negative_ttl(self) -> int:
        """RFC 2308 §5: the smaller of the SOA's TTL and its MINIMUM; 0 without SOA."""
        if self.soa is None:
            return 0
        return min([self.soa.ttl, *(int(rdata.minimum) for rdata in self.soa), *self._ttls])


def renamed(name: DomainName, owner: DomainName, target: DomainName) -> DomainName | None:
    """`name` with its end `owner` replaced, as a DNAME does (RFC 6672 §2.2); None where that is too long."""
    prefix = name[: -len(owner) - 1] if owner else name
    renamed = f"{prefix}.{target}" if target else prefix
    return DomainName(renamed) if len(to_octets(DomainName(renamed))) <= 255 else None


def to_octets(name: DomainName) -> bytes:
    """The name as it stands in a message, uncompressed."""
    return b"".join(bytes((len(label),)) + label for label in to_labels(name)) + b"\0"


def name_of(name: dns.name.Name) -> DomainName:
    """A name of dnspython's as one of ours."""
    return from_labels(name.labels[:-1] if name.is_absolute() else name.labels)


def read_records(code: int, rdatas: Iterable[Any]) -> tuple[Record, ...]:
    """dnspython's records of one type as ours, duplicates removed, sorted. Empty where one is of an unreadable form."""
    from dns.rdata import GenericRdata  # noqa: PLC0415

    read = _READERS[code]
    kept = list(rdatas)
    if any(isinstance(rdata, GenericRdata) for rdata in kept):
        return ()
    return tuple(sorted({read(rdata) for rdata in kept}))


_READERS: dict[int, Any] = {
    1: lambda rdata: ip_address(rdata.address),
    2: lambda rdata: name_of(rdata.target),
    5: lambda rdata: name_of(rdata.target),
    6: lambda rdata: SoaRecord(
        name_of(rdata.mname),
        name_of(rdata.rname),
        rdata.serial,
        rdata.refresh,
        rdata.retry,
        rdata.expire,
        rdata.minimum,
    ),
    12: lambda rdata: name_of(rdata.target),
    15: lambda rdata: MxRecord(rdata.preference, name_of(rdata.exchange)),
    16: lambda rdata: tuple(rdata.strings),
    28: lambda rdata: ip_address(rdata.address),
    43: lambda rdata: RawRecord(rdata.to_text()),
    48: lambda rdata: RawRecord(rdata.to_text()),
    52: lambda rdata: TlsaRecord(rdata.usage, rdata.selector, rdata.mtype, rdata.cert),
    99: lambda rdata: tuple(rdata.strings),
}
