"""What is known about the hosts and the zone of a domain, once the questions have been answered.

Every fact keeps the answers it was made of: a rule that finds something shows them, and a `Failed` answer stays one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, cast

from deliverability.core.facts import Presence
from deliverability.core.finding import Evidence, evidence_of
from deliverability.core.names import DomainName, reverse_name
from deliverability.core.plan import Plan, ask
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    Found,
    IPAddress,
    MxRecord,
    NoData,
    NoName,
    RecordType,
)


def presence(*answers: Answer) -> Presence:
    """FOUND if one of the answers holds records, else UNKNOWN if one of them failed, else ABSENT."""
    if any(isinstance(answer, Found) for answer in answers):
        return Presence.FOUND
    return Presence.UNKNOWN if any(isinstance(answer, Failed) for answer in answers) else Presence.ABSENT


def is_absent(answer: Answer) -> bool:
    """Whether the answer says that there is none. A failure does not."""
    return isinstance(answer, (NoData, NoName))


class Asked(NamedTuple):
    """A question with its answer."""

    question: DnsQuestion
    answer: Answer

    @property
    def evidence(self) -> Evidence:
        """Both, as evidence."""
        return evidence_of(self.question, self.answer)

    @property
    def aliases(self) -> tuple[DomainName, ...]:
        """The aliases passed on the way to the answer; none where it failed."""
        return () if isinstance(self.answer, Failed) else self.answer.aliases


def asked(name: DomainName, record_type: RecordType, server: IPAddress | None = None) -> Plan[Asked]:
    """One question and its answer."""
    answer = yield from ask(name, record_type, server=server)
    return Asked(DnsQuestion(name, record_type, server=server), answer)


# --- MX ---------------------------------------------------------------------------------------------------------------


class HostAddresses(NamedTuple):
    """A host name and what its A and AAAA questions came to."""

    name: DomainName
    a: Answer
    aaaa: Answer

    @property
    def state(self) -> Presence:
        """FOUND with an address of either kind; ABSENT only when both questions were answered."""
        return presence(self.a, self.aaaa)

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        """The addresses that were found, IPv4 first."""
        found = [answer.records for answer in (self.a, self.aaaa) if isinstance(answer, Found)]
        return tuple(cast(IPAddress, record) for records in found for record in records)

    @property
    def aliases(self) -> tuple[DomainName, ...]:
        """The aliases that the name goes through; the last one is the host's own name."""
        answers = (answer for answer in (self.a, self.aaaa) if not isinstance(answer, Failed))
        return next((answer.aliases for answer in answers if answer.aliases), ())

    @property
    def evidence(self) -> tuple[Evidence, Evidence]:
        """Both questions with their answers."""
        return (
            evidence_of(DnsQuestion(self.name, "A"), self.a),
            evidence_of(DnsQuestion(self.name, "AAAA"), self.aaaa),
        )


class MailHost(NamedTuple):
    """One name that MX records give as exchange."""

    name: DomainName
    #: The MX records that name it, the preferred one first.
    records: tuple[MxRecord, ...]
    #: None where the exchange is an IP address written as a name, which cannot be looked up.
    addresses: HostAddresses | None
    literal: IPAddress | None = None
    #: The host that was meant, where the exchange does not resolve because its final dot was left out in the zone file.
    meant: HostAddresses | None = None

    @property
    def usable(self) -> bool:
        """Whether mail can be delivered there, as far as DNS shows."""
        return self.addresses is not None and self.addresses.state is Presence.FOUND


class MxState(StrEnum):
    """Where mail for a domain goes."""

    EXPLICIT = "explicit"  # to the hosts of its MX records
    IMPLICIT = "implicit"  # to its own address, having no MX (RFC 5321 §5.1)
    NULL = "null"  # nowhere, by its own word (RFC 7505 §3)
    MIXED = "mixed"  # a null MX beside others, which RFC 7505 §3 forbids
    NONE = "none"  # nowhere: no MX, no address
    UNKNOWN = "unknown"  # a question that decides could not be answered


class MailHosts(NamedTuple):
    """Fact: where mail for a domain goes."""

    domain: DomainName
    state: MxState
    mx: Answer
    #: The domain's own addresses: the implicit MX.
    own: HostAddresses
    #: The exchanges in the order in which senders try them; null MX records are not among them.
    hosts: tuple[MailHost, ...] = ()
    #: Exchanges past `Limits.mx_hosts`, which were not looked up.
    more: tuple[DomainName, ...] = ()

    @property
    def records(self) -> tuple[MxRecord, ...]:
        """The MX records as found."""
        return tuple(cast(MxRecord, record) for record in self.mx.records) if isinstance(self.mx, Found) else ()

    @property
    def exchanges(self) -> tuple[DomainName, ...]:
        """Every exchange, those not looked up included."""
        return (*(host.name for host in self.hosts), *self.more)

    @property
    def evidence(self) -> Evidence:
        """The MX question with its answer."""
        return evidence_of(DnsQuestion(self.domain, "MX"), self.mx)


class EnvelopeHosts(NamedTuple):
    """Fact: where bounces go, for a MAIL FROM domain that differs from the From domain."""

    mail: MailHosts


# --- sending addresses and HELO ---------------------------------------------------------------------------------------


class PtrName(NamedTuple):
    """A name that the PTR of a sending address gives, and whether its addresses give the same one back."""

    name: DomainName
    #: The answer for A or AAAA, whichever is the kind of the address.
    forward: Answer


class SendingHost(NamedTuple):
    """A sending address, its PTR names and their forward confirmation (RFC 8601 §3 calls it `iprev`)."""

    ip: IPAddress
    ptr: Answer
    names: tuple[PtrName, ...] = ()
    #: PTR names past the limit, which were not looked up.
    more: int = 0

    @property
    def confirmed_names(self) -> tuple[DomainName, ...]:
        """The PTR names whose own addresses include this one."""
        return tuple(name.name for name in self.names if self.confirms(name))

    def confirms(self, name: PtrName) -> bool:
        """Whether the name's address is this one."""
        return isinstance(name.forward, Found) and self.ip in name.forward.records

    @property
    def confirmed(self) -> Presence:
        """FOUND if one name confirms; ABSENT if every name was asked and none does."""
        if self.confirmed_names:
            return Presence.FOUND
        unsure = isinstance(self.ptr, Failed) or self.more or any(isinstance(n.forward, Failed) for n in self.names)
        return Presence.UNKNOWN if unsure else Presence.ABSENT

    @property
    def forward_type(self) -> RecordType:
        """A for an IPv4 address, AAAA for an IPv6 one."""
        return "A" if self.ip.version == 4 else "AAAA"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The PTR question and the forward questions with their answers."""
        reverse = evidence_of(DnsQuestion(reverse_name(self.ip), "PTR"), self.ptr)
        return (reverse, *(evidence_of(DnsQuestion(n.name, self.forward_type), n.forward) for n in self.names))


class SendingHosts(NamedTuple):
    """Fact: the sending addresses that the user told, looked up."""

    hosts: tuple[SendingHost, ...]


class Helo(NamedTuple):
    """Fact: the name that the sending server says in EHLO, as told by the user."""

    text: str
    #: The address that was said instead of a name, bare or as an address literal (RFC 5321 §4.1.3).
    literal: IPAddress | None = None
    #: The name looked up; None where the text is no name with a dot in it.
    addresses: HostAddresses | None = None


# --- the zone ---------------------------------------------------------------------------------------------------------


class WildcardProbe(NamedTuple):
    """A name below the domain that nobody made, and what is answered for it."""

    txt: Asked
    mx: Asked


class NameServer(NamedTuple):
    """A name server of the zone and its IPv4 addresses."""

    name: DomainName
    a: Answer

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        """The addresses that were found."""
        return cast(tuple[IPAddress, ...], self.a.records) if isinstance(self.a, Found) else ()


class ServerView(NamedTuple):
    """What one name server itself says about the domain."""

    name: DomainName
    address: IPAddress
    soa: Asked
    mx: Asked
    txt: Asked

    @property
    def all(self) -> tuple[Asked, Asked, Asked]:
        """The three answers."""
        return self.soa, self.mx, self.txt


@dataclass(frozen=True, slots=True)
class Zone:
    """Fact: the domain as a place in the DNS."""

    domain: DomainName
    registrable: DomainName
    mx: Asked
    txt: Asked
    a: Asked
    aaaa: Asked
    cname: Asked
    #: NS and SOA at the domain and at each name above it, up to the registrable domain.
    ns: tuple[Asked, ...]
    soa: tuple[Asked, ...]
    #: At the registrable domain; the servers of the parent zone answer it.
    ds: Asked
    probe: WildcardProbe | None
    #: A question that failed with SERVFAIL, asked again without DNSSEC checking (RFC 4035 §3.2.2).
    unchecked: Asked | None = None
    #: The name servers that were looked up, and how many more there are.
    servers: tuple[NameServer, ...] = ()
    more_servers: int = 0
    #: Only where the user wanted the name servers asked themselves.
    views: tuple[ServerView, ...] | None = None

    @property
    def at_name(self) -> tuple[Asked, ...]:
        """Everything asked at the domain itself, in a fixed order."""
        return (self.mx, self.txt, self.a, self.aaaa, self.cname, self.soa[0], self.ns[0])

    @property
    def apex(self) -> DomainName | None:
        """The name nearest to the domain that holds an SOA: where its zone begins."""
        found = (asked for asked in self.soa if isinstance(asked.answer, Found) and not asked.aliases)
        return next((asked.question.name for asked in found), None)

    @property
    def delegation(self) -> Asked:
        """The NS records that the domain lives under; where there are none, what was answered at the domain.

        A question nearer to the domain that has no answer stands in their way: the zone may begin there.
        """
        nearest = (
            a for a in self.ns if isinstance(a.answer, Failed) or (isinstance(a.answer, Found) and not a.aliases)
        )
        return next(nearest, self.ns[0])
