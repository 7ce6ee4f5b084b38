"""The author domain of a message (RFC 9989 §5.3.1): one field, one domain, or none that DMARC could judge."""

from __future__ import annotations

from deliverability.core.facts import Author, AuthorProblem
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.headers.addresses import AddressList, Mailbox, parse_addresses
from deliverability.headers.fields import Headers
from deliverability.headers.mailboxes import AddressDefectKind

#: A piece of a list that is no address and nothing else is wrong with: the first half of a name such as `Muñoz, S.L.`
#: that nobody put into quotes. It names no domain, so it is not a further one.
_HALF_A_NAME = (AddressDefectKind.NO_AT,)


def read_author(headers: Headers, *, listed: AddressList | None = None, limits: Limits = DEFAULT_LIMITS) -> Author:
    """Whose mail it is, or why that cannot be told. Several addresses of one domain are one author domain.

    `listed` is the uppermost From as it was read already.
    """
    fields = headers.all("From")
    if not fields:
        return Author(None, problem=AuthorProblem.TOO_LONG if headers.cut else AuthorProblem.MISSING)
    octets = sum(len(field.raw) for field in fields)
    if headers.cut or octets > limits.from_octets:
        return Author(None, problem=AuthorProblem.TOO_LONG)
    if listed is None or len(fields) > 1:
        boxes = [box for field in fields for box in parse_addresses(field.body).mailboxes]
    else:
        boxes = list(listed.mailboxes)
    mailboxes = [box for box in boxes if box.defects != _HALF_A_NAME] or boxes
    address = mailboxes[0].address if mailboxes else ""
    domains = tuple(dict.fromkeys(_domain_of(box) for box in mailboxes))
    named = tuple(domain for domain in domains if domain is not None)
    if len(fields) > 1:
        return Author(None, address, AuthorProblem.SEVERAL_FIELDS, named)
    if not mailboxes:
        empty = not fields[0].value
        return Author(None, problem=AuthorProblem.MISSING if empty else AuthorProblem.UNREADABLE)
    if len(domains) > 1:
        return Author(None, address, AuthorProblem.SEVERAL_DOMAINS, named)
    if not named:
        return Author(None, address, AuthorProblem.UNREADABLE)
    return Author(named[0], address, None, named)


def _domain_of(mailbox: Mailbox) -> DomainName | None:
    """The domain as DNS knows it: A-labels, lower case (RFC 9989 §5.3.1)."""
    return query_name(mailbox.domain) if mailbox.domain else None
