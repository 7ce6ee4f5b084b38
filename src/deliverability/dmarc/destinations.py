"""Where reports go: whether the addresses of `rua` and `ruf` agreed to them, and whether they can receive mail.

A destination outside the organization has to publish `<domain>._report._dmarc.<destination>` (RFC 9990 §4, and through
RFC 9991 §5 for `ruf`); without it receivers MUST ignore the address. A wildcard there is DNS's affair: the answer says
it. The check is one question for a destination of another registrable domain; only when that is missing, or when the
names share a registrable domain, is the destination's own tree walk made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.plan import Plan, ask_addresses, ask_mx, ask_txt, gather
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, MxRecord
from deliverability.dmarc.discovery import DmarcPolicy, organizational_domain, walk
from deliverability.dmarc.record import DmarcRecord, parse
from deliverability.dmarc.walk import ask_policies, organizational_by_list, txt_texts, walk_names


class Authorization(StrEnum):
    """Whether reports about the domain may go to the destination."""

    INTERNAL = "internal"  # same organizational domain: nothing is needed
    AUTHORIZED = "authorized"
    UNAUTHORIZED = "unauthorized"
    DIVERTED = "diverted"  # its record names an address at another host: no report may be sent at all
    NAME_TOO_LONG = "name-too-long"  # the name to ask cannot exist
    UNKNOWN = "unknown"  # a question failed
    NOT_CHECKED = "not-checked"  # beyond Limits.report_destinations


class Mailbox(StrEnum):
    """Whether mail for the destination's domain has anywhere to go (RFC 5321 §5.1)."""

    RECEIVES = "receives"
    NULL_MX = "null-mx"  # RFC 7505: it says that it takes no mail
    NO_HOST = "no-host"  # neither MX nor address records
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Destination:
    """One host that reports are to go to."""

    host: DomainName
    #: The tags that name it: "rua", "ruf" or both.
    tags: tuple[str, ...]
    #: The URIs that name it, as they stand in the record.
    uris: tuple[str, ...]
    #: The domain whose policy asks for the reports.
    domain: DomainName
    authorization: Authorization = Authorization.NOT_CHECKED
    mailbox: Mailbox = Mailbox.NOT_CHECKED
    #: What was asked, with the answers, authorization first.
    asked: tuple[tuple[DnsQuestion, Answer], ...] = ()
    #: The `rua` or `ruf` URIs that the destination puts in place of the domain's (RFC 9990 §4 step 9).
    replaced_by: tuple[str, ...] = ()

    @property
    def authorization_name(self) -> DomainName | None:
        """The name that has to hold `v=DMARC1`, or None where DNS has no such name."""
        return query_name(f"{self.domain}._report._dmarc.{self.host}")


def destinations_of(record: DmarcRecord, domain: DomainName) -> tuple[Destination, ...]:
    """The hosts of all valid report URIs, each once, in the order of the record."""
    found: dict[DomainName, Destination] = {}
    for tag, uris in (("rua", record.valid_rua), ("ruf", record.valid_ruf)):
        for uri in uris:
            if uri.host is None:
                continue
            seen = found.get(uri.host) or Destination(uri.host, (), (), domain)
            tags = seen.tags if tag in seen.tags else (*seen.tags, tag)
            found[uri.host] = replace(seen, tags=tags, uris=(*seen.uris, uri.text))
    return tuple(found.values())


def check_destinations(policy: DmarcPolicy, limits: Limits = DEFAULT_LIMITS) -> Plan[tuple[Destination, ...]]:
    """The destinations of the policy's record, checked side by side; those beyond the limit stay NOT_CHECKED."""
    if policy.record is None or policy.found_at is None:
        return ()
    all_of_them = destinations_of(policy.record, policy.found_at)
    wanted, rest = all_of_them[: limits.report_destinations], all_of_them[limits.report_destinations :]
    checked = yield from gather(*(_check(destination, policy) for destination in wanted))
    return checked + rest


def _check(destination: Destination, policy: DmarcPolicy) -> Plan[Destination]:
    both = yield from gather(_authorization(destination, policy), mailbox_of(destination.host))
    state, asked, replaced_by = cast(_Authorization, both[0])
    mailbox, more = cast(tuple[Mailbox, Asked], both[1])
    return replace(destination, authorization=state, mailbox=mailbox, asked=(*asked, *more), replaced_by=replaced_by)


Asked: TypeAlias = tuple[tuple[DnsQuestion, Answer], ...]
_Authorization: TypeAlias = tuple[Authorization, Asked, tuple[str, ...]]


def _authorization(destination: Destination, policy: DmarcPolicy) -> Plan[_Authorization]:
    host, domain = destination.host, destination.domain
    if host in (domain, policy.organizational_domain):
        return Authorization.INTERNAL, (), ()
    if organizational_by_list(host) == organizational_by_list(domain):
        # Most likely its own: the walk first.
        return (yield from _walk_then_ask(destination, policy))
    return (yield from _ask_then_walk(destination, policy))


def _walk_then_ask(destination: Destination, policy: DmarcPolicy) -> Plan[_Authorization]:
    same = yield from _same_organization(destination, policy)
    if same:
        return Authorization.INTERNAL, (), ()
    result = yield from _ask_authorization(destination)
    if same is None and result[0] is Authorization.UNAUTHORIZED:
        return Authorization.UNKNOWN, result[1], ()
    return result


def _ask_then_walk(destination: Destination, policy: DmarcPolicy) -> Plan[_Authorization]:
    result = yield from _ask_authorization(destination)
    if result[0] in (Authorization.AUTHORIZED, Authorization.DIVERTED):
        return result
    same = yield from _same_organization(destination, policy)
    if same:
        return Authorization.INTERNAL, result[1], ()
    if same is None and result[0] is Authorization.UNAUTHORIZED:
        return Authorization.UNKNOWN, result[1], ()
    return result


def _same_organization(destination: Destination, policy: DmarcPolicy) -> Plan[bool | None]:
    """Whether both have one organizational domain (RFC 9990 §4); None when that cannot be told."""
    domain, host = destination.domain, destination.host
    steps = yield from ask_policies((*walk_names(domain), *walk_names(host)))
    theirs, ours = organizational_domain(walk(host, steps)), organizational_domain(walk(domain, steps))
    if theirs is None or ours is None:
        # Walks of names under different registrable domains do not meet below a public suffix.
        return None if organizational_by_list(host) == organizational_by_list(domain) else False
    return theirs == ours


def _ask_authorization(destination: Destination) -> Plan[_Authorization]:
    name = destination.authorization_name
    if name is None:  # RFC 9990 §4 step 4
        return Authorization.NAME_TOO_LONG, (), ()
    answer = yield from ask_txt(name)
    asked = ((DnsQuestion(name, "TXT"), answer),)
    if isinstance(answer, Failed):
        return Authorization.UNKNOWN, asked, ()
    # Steps 6 to 8: whatever else stands there, one record that starts with v=DMARC1 is enough.
    records = [record for record in map(parse, txt_texts(answer)) if record.is_dmarc]
    if not records:
        return Authorization.UNAUTHORIZED, asked, ()
    overrides = [uri for record in records for tag in destination.tags for uri in getattr(record, tag)]
    replaced_by = tuple(uri.text for uri in overrides)
    if any(uri.host != destination.host for uri in overrides):
        return Authorization.DIVERTED, asked, replaced_by  # step 9, and the last MUST NOT of the section
    return Authorization.AUTHORIZED, asked, replaced_by


def mailbox_of(host: DomainName) -> Plan[tuple[Mailbox, Asked]]:
    """Whether mail for `host` can be delivered: an MX, or without any MX an address (RFC 5321 §5.1)."""
    mx = yield from ask_mx(host)
    asked: Asked = ((DnsQuestion(host, "MX"), mx),)
    if isinstance(mx, Failed):
        return Mailbox.UNKNOWN, asked  # an MX that failed never falls back to the address
    if isinstance(mx, Found):
        return (Mailbox.RECEIVES if is_mail_exchange(mx) else Mailbox.NULL_MX), asked
    addresses = yield from ask_addresses(host)
    asked = (*asked, (DnsQuestion(host, "A"), addresses[0]), (DnsQuestion(host, "AAAA"), addresses[1]))
    if any(isinstance(answer, Found) for answer in addresses):
        return Mailbox.RECEIVES, asked
    if any(isinstance(answer, Failed) for answer in addresses):
        return Mailbox.UNKNOWN, asked
    return Mailbox.NO_HOST, asked


def is_mail_exchange(answer: Answer) -> bool:
    """Whether an MX answer names a host that takes mail; a null MX does not (RFC 7505 §3)."""
    if not isinstance(answer, Found):
        return False
    return any(isinstance(record, MxRecord) and record.exchange for record in answer.records)
