"""What the rules of this topic share."""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.addresses import AddressKind, SpecialRange, special_range
from deliverability.core.changes import Fix, RecordChange
from deliverability.core.finding import Evidence, NotApplicable, Unknown
from deliverability.core.names import DomainName
from deliverability.core.questions import IPAddress, MxRecord, RecordType
from deliverability.core.text import Text
from deliverability.hosts.facts import Helo, HostAddresses, MailHosts

GOOGLE_SENDERS = "Google email sender guidelines (support.google.com/a/answer/81126), 2026-09"
M3AAWG_SENDERS = "M3AAWG Sender Best Common Practices 4.0, 2026-08-27"
ORANGE_SENDERS = "Orange postmaster requirements (postmaster.orange.fr), 2026-09-01"
SPAMASSASSIN = "SpamAssassin trunk scores, 2026-08"
RSPAMD = "rspamd default scores, 2026-08"

NOT_ANSWERED = Text(
    "The DNS gave no usable answer, so this could not be checked.",
    "El DNS no ha dado una respuesta utilizable, así que no se ha podido comprobar.",
)
NEVER_SENDS = Text(
    "According to the profile, this domain sends no mail.",
    "Según el perfil, este dominio no envía correo.",
)


def unknown(subject: str, *evidence: Evidence, because: Text = NOT_ANSWERED) -> Unknown:
    """It could not be told, with the failed answers among the evidence."""
    return Unknown(because, subject, tuple(e for e in evidence if e.status == "failed") or evidence)


def not_applicable(subject: str, en: str, es: str) -> NotApplicable:
    """The rule does not concern this subject."""
    return NotApplicable(Text(en, es), subject)


def fix(*changes: RecordChange) -> Fix | None:
    """The changes as a fix; None where there are none."""
    return Fix(changes) if changes else None


def address_type(ip: IPAddress) -> RecordType:
    """A for an IPv4 address, AAAA for an IPv6 one."""
    return "A" if ip.version == 4 else "AAAA"


def unreachable_block(ip: IPAddress) -> SpecialRange | None:
    """The block that makes an address unreachable from the Internet; None for a public one.

    Addresses for documentation count as public: real DNS does not hold them, zones of tests and manuals do.
    """
    block = special_range(ip)
    return None if block is not None and block.kind is AddressKind.DOCUMENTATION else block


def has_public(host: HostAddresses) -> bool:
    """Whether one of the host's addresses can be reached from the Internet."""
    return any(unreachable_block(address) is None for address in host.addresses)


def mx_value(record: MxRecord) -> str:
    """An MX record as `RecordChange` writes it."""
    return f"{record.preference} {record.exchange or '.'}"


def forward_names(ip: IPAddress, helo: Helo | None, mail: MailHosts | None) -> Iterable[DomainName]:
    """Names that already have this address, the HELO name first: what its PTR could say.

    Not an alias: the value of a PTR is a host's own name (RFC 2181 §10.2).
    """
    known = [helo.addresses] if helo is not None else []
    known += [host.addresses for host in mail.hosts] if mail is not None else []
    for host in known:
        if host is not None and ip in host.addresses and not host.aliases:
            yield host.name
