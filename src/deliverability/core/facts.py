"""Facts that rules of more than one topic read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from deliverability.core.names import DomainName
from deliverability.core.questions import IPAddress
from deliverability.core.text import Text


class AuditedDomain(NamedTuple):
    """The domain that stands in From, and what the profile says about it."""

    name: DomainName
    #: The registrable domain by the Public Suffix List; the name itself where there is none.
    registrable: DomainName
    #: True: it sends mail. False: it never does (parked). None: nobody said.
    sends: bool | None = None


class RawMessage(NamedTuple):
    """A message as octets, as it arrived: at most `Limits.message_octets` of it, and its size in all."""

    raw: bytes
    size: int

    @property
    def cut(self) -> bool:
        """Whether octets beyond the limit were not read."""
        return self.size > len(self.raw)


class EnvelopeOrigin(StrEnum):
    """Where what is known of the SMTP session comes from."""

    GIVEN = "given"  # the caller told
    RECEIVED = "received"  # a Received field of the boundary that is trusted
    RETURN_PATH = "return-path"  # the Return-Path field: MAIL FROM only
    NOTHING = "nothing"


class Envelope(NamedTuple):
    """The SMTP session that brought a message: what SPF looks at (RFC 7208 §2.3, §2.4)."""

    client_ip: IPAddress | None = None
    #: The reverse-path without its brackets; "" is the null reverse-path, None: not known.
    mail_from: str | None = None
    helo: str | None = None
    #: Where the address and the name come from.
    origin: EnvelopeOrigin = EnvelopeOrigin.NOTHING
    mail_from_origin: EnvelopeOrigin = EnvelopeOrigin.NOTHING


class Stage(StrEnum):
    """How far the sample had come when it was taken. What the sending platform adds cannot be judged before it did."""

    #: No Received field and no public client: it has not left the software that wrote it.
    SUBMITTED = "submitted"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class MessageOverview:
    """What stands above a report on a message. All of it but the numbers is outside text."""

    #: What the caller calls it, a file name for instance.
    name: str
    author: str
    to: tuple[str, ...]
    subject: str
    date: datetime | None
    octets: int
    stage: Stage


#: Why rules about what the sending platform adds do not concern a sample that has not passed it.
NOT_SENT = Text("The message has not been sent yet.", "El mensaje aún no se ha enviado.")


class Sample(NamedTuple):
    """What one of several mails is compared by; "" and () for what it does not have. All of it is outside text."""

    #: What the caller calls the mail.
    name: str
    #: Message-ID without its brackets, and the Date, Subject and To fields: mails alike in all four are one mail.
    message_id: str
    letterhead: tuple[bytes, ...]
    #: The registrable domain of the author; None without one author domain.
    domain: DomainName | None
    author_name: str = ""
    author: str = ""
    reply_to: tuple[str, ...] = ()
    #: Whether it is an invoice, a reminder of one, or a receipt. The rest is read in those only.
    is_billing: bool = False
    #: Who signs: tax number, else the company's name.
    signer: str = ""
    #: Account numbers without separators, each with the form that reports show.
    accounts: tuple[tuple[str, str], ...] = ()


class Samples(NamedTuple):
    """A mail beside the others that were given with it."""

    own: Sample
    others: tuple[Sample, ...]
    #: Whether there were more than `Limits.samples`: what was not compared may differ.
    cut: bool = False

    @property
    def of_the_same_sender(self) -> tuple[Sample, ...]:
        """The other invoices and reminders from the author's registrable domain."""
        mine = self.own.domain
        return tuple(o for o in self.others if o.is_billing and mine is not None and o.domain == mine)


class AuthorProblem(StrEnum):
    """Why a message has no one author domain (RFC 9989 §5.3.1, §11.5)."""

    MISSING = "missing"  # no From field, or an empty one
    SEVERAL_FIELDS = "several-fields"
    SEVERAL_DOMAINS = "several-domains"
    UNREADABLE = "unreadable"  # no address in it, or a domain that is none
    TOO_LONG = "too-long"  # over `Limits.from_octets`, or the header section was not read whole


class Author(NamedTuple):
    """Who a message says it is from: the one domain of its From field, which DMARC is about (RFC 9989 §3.2.2)."""

    domain: DomainName | None
    #: The first address of the field, as it stands there; "" without one.
    address: str = ""
    problem: AuthorProblem | None = None
    #: Every domain found in From, where they are several.
    domains: tuple[DomainName, ...] = ()


class MailClass(StrEnum):
    """What kind of mail it is for the rules about unsubscribing."""

    TRANSACTIONAL = "transactional"  # an invoice, a reminder, a receipt
    MARKETING = "marketing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receiving:
    """What the user told about who received the sample. All of it is optional."""

    #: The authserv-ids (RFC 8601 §2.5) whose Authentication-Results are believed; empty: by what the sample itself shows.
    authserv_ids: tuple[str, ...] = ()
    #: Hosts of the receiver: the client that the outermost of them names in its Received field is the SMTP client.
    boundary_hosts: tuple[str, ...] = ()
    #: What kind of mail the sample is; None: by what it holds.
    mail_class: MailClass | None = None
    #: The legal name of the sender, for what has to stand in the mail.
    company: str = ""


@dataclass(frozen=True, slots=True)
class SubjectWords:
    """The user's own words for scoring subjects, from the profile."""

    #: Phrases and what each adds, on the scale of the lexicon: 2 strong, 1 clear, below 0 it speaks for the mail.
    add: tuple[tuple[str, float], ...] = ()
    #: Phrases of the lexicon that are ordinary in the user's trade and are not counted.
    mute: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """The clock of the audit; rules have no other."""

    now: datetime

    @property
    def today(self) -> date:
        """The date of `now`."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Sending:
    """What the user told about how the domain sends, from the profile or the command line. All of it is optional."""

    ips: tuple[IPAddress, ...] = ()
    #: What the sending server says in EHLO, as it says it: right or wrong (`localhost`, `[192.0.2.1]`).
    helo: str | None = None
    #: The MAIL FROM (Return-Path) domain where it differs from the From domain.
    envelope_domain: DomainName | None = None
    selectors: tuple[str, ...] = ()
    #: Ask for every known DKIM selector name, about 150, not only for those that what is known suggests.
    all_selectors: bool = False
    #: Provider ids of providers/esp.toml that are known to send for the domain.
    providers: tuple[str, ...] = ()
    smtp_host: str | None = None
    sends: bool | None = None
    daily_volume: int | None = None
    #: The brand's main domain, where the audited one only sends.
    brand_domain: DomainName | None = None
    registered: date | None = None
    expires: date | None = None
    #: When the DMARC policy in force was published.
    dmarc_policy_since: date | None = None
    #: Staff mailboxes live on this domain (they post to mailing lists).
    human_mailboxes: bool | None = None
    #: Ask each name server of the domain itself and compare: some 20 questions more, past the configured resolver.
    ask_name_servers: bool = False


class AuthenticationSummary(NamedTuple):
    """What a receiver makes of the message, in one line: RFC 8601 words, and None where it could not be told."""

    #: Result for MAIL FROM; None: nobody knows the client's address or the reverse-path.
    spf: str | None
    #: The best result of all signatures; "none" without a signature.
    dkim: str
    #: The result of DMARC; None where there is no one author domain.
    dmarc: str | None


class AlignedSignatures(NamedTuple):
    """How the signing domains (`d=`) of a message stand to its author domain (RFC 9989 §4.4.1), as DMARC found out.

    A domain in none of the sets was not compared: there is no DMARC policy, or its signature did not verify.
    """

    author_domain: DomainName | None
    aligned: frozenset[str] = frozenset()
    unaligned: frozenset[str] = frozenset()
    #: A question that decides it had no answer.
    unknown: frozenset[str] = frozenset()
    #: SPF passed for an aligned MAIL FROM domain; None: it could not be told.
    spf_aligned: bool | None = None


@dataclass(frozen=True, slots=True)
class BlocklistSettings:
    """What the user told about blocklists. Keys are not shown by `repr`."""

    #: Ask them in the audits of domains and messages too.
    enabled: bool = False
    #: Ids of lists to ask instead of those asked by default.
    ids: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Lists of the user's own, as tables of the form of dnsbl/lists.toml.
    own: tuple[Mapping[str, Any], ...] = ()


class Presence(StrEnum):
    """Whether something exists, when absence cannot always be proven."""

    FOUND = "found"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class DkimPresence(NamedTuple):
    """Whether the domain is known to have a usable DKIM key. Absence cannot be proven from DNS (RFC 6376 §3.1)."""

    state: Presence
    selectors: tuple[str, ...] = ()


class DmarcPresence(NamedTuple):
    """Whether a DMARC policy applies to the domain, and which (after sp, np and t)."""

    state: Presence
    policy: str = ""


class SpfPresence(NamedTuple):
    """Whether the domain publishes one usable SPF record, and what its `all` says (`+ - ~ ?`, or "" without)."""

    state: Presence
    all_qualifier: str = ""
