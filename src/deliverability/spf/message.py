"""SPF for one message: the MAIL FROM identity, and the HELO identity beside it (RFC 7208 §2.3, §2.4).

DMARC looks at MAIL FROM only; for a null reverse-path that is `postmaster@` the HELO name (RFC 7208 §2.4, RFC 9989
§4.4.2). Without the address of the SMTP client there is nothing to check, and that is said, not folded into a result.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from deliverability.core.facts import Envelope
from deliverability.core.limits import Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.plan import Plan, gather
from deliverability.core.questions import IPAddress
from deliverability.core.rule import Facts
from deliverability.spf.evaluate import check_host_plan
from deliverability.spf.result import SpfResult


class SpfIdentity(StrEnum):
    """What SPF was asked about, in the words of RFC 7208 §9.1."""

    MAIL_FROM = "mailfrom"
    HELO = "helo"


class SpfCheck(NamedTuple):
    """`check_host` for one identity."""

    identity: SpfIdentity
    domain: DomainName
    result: SpfResult


class SpfMessage(NamedTuple):
    """Fact: SPF of the message. Both checks are None where the envelope does not say enough."""

    envelope: Envelope
    mail_from: SpfCheck | None = None
    helo: SpfCheck | None = None

    @property
    def evaluated(self) -> bool:
        """Whether there was a client address and an identity to check."""
        return self.mail_from is not None

    @property
    def pair(self) -> tuple[str, str] | None:
        """Result and domain of the identity that DMARC looks at."""
        return (self.mail_from.result.result, self.mail_from.domain) if self.mail_from else None


def mail_from_domain(envelope: Envelope) -> DomainName | None:
    """The domain SPF checks as MAIL FROM; that of HELO for a null reverse-path; None where there is none."""
    if envelope.mail_from is None:
        return None
    if not envelope.mail_from.strip("<> "):
        return query_name(envelope.helo) if envelope.helo else None
    _, at, domain = envelope.mail_from.strip("<> ").rpartition("@")
    return query_name(domain) if at else None


def collect_message(facts: Facts, limits: Limits) -> Plan[dict[type, object]]:
    """The fact `SpfMessage` of a message, by its envelope."""
    envelope = facts[Envelope]
    assert isinstance(envelope, Envelope)  # noqa: S101 - a fact of every message audit
    if envelope.client_ip is None:
        return {SpfMessage: SpfMessage(envelope)}
    mail_from, helo = yield from gather(
        _mail_from(envelope, envelope.client_ip, limits), _helo(envelope, envelope.client_ip, limits)
    )
    return {SpfMessage: SpfMessage(envelope, mail_from, helo)}


def _mail_from(envelope: Envelope, client: IPAddress, limits: Limits) -> Plan[SpfCheck | None]:
    domain = mail_from_domain(envelope)
    if domain is None:
        return None
    given = (envelope.mail_from or "").strip("<> ")
    sender = given or f"postmaster@{domain}"
    result = yield from check_host_plan(client, domain, sender, helo=envelope.helo or "", limits=limits)
    return SpfCheck(SpfIdentity.MAIL_FROM, domain, result)


def _helo(envelope: Envelope, client: IPAddress, limits: Limits) -> Plan[SpfCheck | None]:
    """RFC 7208 §2.3: only for a HELO that is a host name; a single label or an address is no identity."""
    helo = envelope.helo or ""
    domain = query_name(helo) if helo and not helo.startswith("[") and "." in helo else None
    if domain is None:
        return None
    result = yield from check_host_plan(client, domain, f"postmaster@{domain}", helo=helo, limits=limits)
    return SpfCheck(SpfIdentity.HELO, domain, result)
