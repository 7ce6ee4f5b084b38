"""The author domain of a message (RFC 9989 §5.3.1): one field, one domain, or none that DMARC could judge."""

from __future__ import annotations

from deliverability.core.facts import Author, AuthorProblem
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.headers.addresses import Mailbox, parse_addresses
from deliverability.headers.fields import Headers


def read_author(headers: Headers, *, limits: Limits = DEFAULT_LIMITS) -> Author:
    """Whose mail it is, or why that cannot be told. Several addresses of one domain are one author domain."""
    fields = headers.all("From")
    if not fields:
        return Author(None, problem=AuthorProblem.TOO_LONG if headers.cut else AuthorProblem.MISSING)
    octets = sum(len(field.raw) for field in fields)
    if headers.cut or octets > limits.from_octets:
        return Author(None, problem=AuthorProblem.TOO_LONG)
    mailboxes = [box for field in fields for box in parse_addresses(field.body).mailboxes]
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
