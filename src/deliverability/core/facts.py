"""Facts that rules of more than one topic read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.names import DomainName
from deliverability.core.questions import IPAddress


class AuditedDomain(NamedTuple):
    """The domain that stands in From, and what the profile says about it."""

    name: DomainName
    #: The registrable domain by the Public Suffix List; the name itself where there is none.
    registrable: DomainName
    #: True: it sends mail. False: it never does (parked). None: nobody said.
    sends: bool | None = None


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
