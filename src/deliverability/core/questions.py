"""What can be asked of the world, and what can come back.

An answer is one of four things, and only the middle two mean "there is none":

- `Found`: records of the asked type;
- `NoData`: the name exists, the type does not (RFC 2308 §2.2);
- `NoName`: the name does not exist (RFC 2308 §2.1, RFC 8020);
- `Failed`: it could not be asked, and `kind` says how that went wrong.

Names in questions are `DomainName`s: lower case, A-labels, no final dot, the root is "".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Literal, NamedTuple, TypeAlias

from deliverability.core.names import DomainName

IPAddress: TypeAlias = IPv4Address | IPv6Address
RecordType: TypeAlias = Literal["A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SOA", "SPF", "TLSA", "TXT"]


class DnsQuestion(NamedTuple):
    """One DNS question. A named tuple because evaluations make millions of them as dictionary keys."""

    name: DomainName
    type: RecordType
    #: Set the CD bit: "answer even if DNSSEC validation fails" (RFC 4035 §3.2.2).
    checking_disabled: bool = False
    #: Ask this name server itself, without recursion, instead of the configured resolver.
    server: IPAddress | None = None
    #: The name holds a key of the user's: it is asked, and stands in no report, recording or log.
    private: bool = False

    def __str__(self) -> str:
        return f"••• {self.type}" if self.private else f"{self.name or '.'} {self.type}"


Question: TypeAlias = DnsQuestion


class MxRecord(NamedTuple):
    """An MX record (RFC 5321 §5.1). `exchange` "" is the root: a null MX (RFC 7505)."""

    preference: int
    exchange: DomainName


class SoaRecord(NamedTuple):
    """A start of authority (RFC 1035 §3.3.13); times are seconds."""

    mname: DomainName
    rname: DomainName
    serial: int
    refresh: int
    retry: int
    expire: int
    minimum: int


class TlsaRecord(NamedTuple):
    """A TLSA record (RFC 6698 §2.1)."""

    usage: int
    selector: int
    matching_type: int
    data: bytes


class RawRecord(NamedTuple):
    """A record this project only counts (DS, DNSKEY), in zone-file form."""

    text: str


#: The character-strings of one TXT (or type 99) record, as octets, not joined (RFC 1035 §3.3.14).
TxtStrings: TypeAlias = tuple[bytes, ...]
#: A and AAAA: addresses. CNAME, NS, PTR: names. The rest as named above.
Record: TypeAlias = IPAddress | DomainName | MxRecord | SoaRecord | TlsaRecord | RawRecord | TxtStrings


class FailureKind(StrEnum):
    """Why a question has no answer. None of these may be told as "missing"."""

    TIMEOUT = "timeout"  # nobody answered in time, after all tries
    SERVFAIL = "servfail"  # RCODE 2
    REFUSED = "refused"  # RCODE 5
    NOTIMP = "notimp"  # RCODE 4, or another RCODE that is no answer
    MALFORMED = "malformed"  # not a DNS message, or not an answer to the question
    TRUNCATED = "truncated"  # TC was set and TCP gave no whole answer
    LAME = "lame"  # a referral where an answer was due
    LOOP = "loop"  # CNAMEs that circle, or more than the limit
    BUDGET = "budget"  # the audit's own limit of questions or seconds
    UNREACHABLE = "unreachable"  # no route, connection refused, TLS failure
    OFFLINE = "offline"  # the source does not know and may not ask


@dataclass(frozen=True, slots=True)
class Found:
    """Records of the asked type, duplicates removed, in a stable order. `ttl` is seconds, the lowest of the chain."""

    records: tuple[Record, ...]
    ttl: int = 0
    #: CNAME (and DNAME) targets passed on the way, in order; empty when the asked name holds the records.
    aliases: tuple[DomainName, ...] = ()
    #: The resolver set AD: it says that DNSSEC validation succeeded (RFC 4035 §3.2.3).
    authenticated: bool = False


@dataclass(frozen=True, slots=True)
class NoData:
    """The name exists and has no record of this type."""

    ttl: int = 0
    aliases: tuple[DomainName, ...] = ()
    authenticated: bool = False


@dataclass(frozen=True, slots=True)
class NoName:
    """The name does not exist (the last of `aliases`, where there are some)."""

    ttl: int = 0
    aliases: tuple[DomainName, ...] = ()
    authenticated: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The question could not be answered. `detail` is for people: server and circumstance, outside text escaped."""

    kind: FailureKind
    detail: str = ""


Answer: TypeAlias = Found | NoData | NoName | Failed
Absent: TypeAlias = NoData | NoName


def join_strings(strings: TxtStrings) -> bytes:
    """The text of a TXT record: its character-strings joined with nothing between (RFC 7208 §3.3, RFC 6376 §3.6.2.2)."""
    return b"".join(strings)


def split_strings(text: bytes) -> TxtStrings:
    """Cut a text into character-strings of at most 255 octets (RFC 1035 §3.3), as it must be published."""
    return tuple(text[start : start + 255] for start in range(0, len(text), 255)) or (b"",)
