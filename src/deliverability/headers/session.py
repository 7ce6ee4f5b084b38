"""The SMTP session that brought a message, as far as the message itself can be believed (RFC 7208 §2.3, §2.4).

What the caller told comes first, each value by itself. The client's address and HELO name come else from the Received
field of the boundary (`headers.boundary`), and MAIL FROM from the uppermost Return-Path that the receiver wrote
(RFC 5321 §4.4), from the envelope sender in its Received field, in its Received-SPF, or in its
Authentication-Results. A Received field below the boundary, or a Return-Path that came with the message, is not read.
"""

from __future__ import annotations

from typing import NamedTuple

from deliverability.core.facts import Envelope, EnvelopeOrigin, Receiving
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.rule import Facts
from deliverability.headers.boundary import Boundary, BoundaryReason, find_boundary
from deliverability.headers.claims import Claims, read_claims
from deliverability.headers.fields import Field, Headers
from deliverability.headers.trace import Trace, read_trace
from deliverability.headers.verdicts import Verdicts, read_verdicts

_NO_RECEIVER = Receiving()
_MAX_PATH = 1_000


class Session(NamedTuple):
    """How the message reached the receiver, and from which field each part of the envelope comes."""

    boundary: Boundary
    #: The field that MAIL FROM was taken from; None: the caller told it, or it is not known.
    mail_from_field: Field | None = None
    #: The uppermost Return-Path that can be believed.
    return_path: Field | None = None


def complete_envelope(
    given: Envelope, headers: Headers, receiving: Receiving = _NO_RECEIVER, *, limits: Limits = DEFAULT_LIMITS
) -> Envelope:
    """The envelope with what the caller did not tell filled in from fields that the receiver wrote."""
    trace = read_trace(headers, limits=limits)
    boundary = find_boundary(trace, receiving)
    claims = read_claims(headers, trace, boundary, receiving, limits=limits)
    return _complete(given, headers, boundary, claims)[0]


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The way the message came, who can be believed, and the envelope completed from that: asks nothing."""
    headers, receiving, given = facts[Headers], facts[Receiving], facts[Envelope]
    assert isinstance(headers, Headers)  # noqa: S101 - facts are found by their type
    assert isinstance(receiving, Receiving)  # noqa: S101
    assert isinstance(given, Envelope)  # noqa: S101
    trace = read_trace(headers, limits=limits)
    boundary = find_boundary(trace, receiving)
    claims = read_claims(headers, trace, boundary, receiving, limits=limits)
    envelope, session = _complete(given, headers, boundary, claims)
    verdicts = read_verdicts(headers, claims.part)
    return {Trace: trace, Claims: claims, Session: session, Envelope: envelope, Verdicts: verdicts}


def _complete(given: Envelope, headers: Headers, boundary: Boundary, claims: Claims) -> tuple[Envelope, Session]:
    envelope = given
    hop = boundary.hop
    if hop is not None and boundary.from_outside and given.client_ip is None and hop.client is not None:
        helo = given.helo if given.helo is not None else hop.helo
        envelope = envelope._replace(client_ip=hop.client, helo=helo, origin=EnvelopeOrigin.RECEIVED)
    elif hop is not None and boundary.from_outside and given.helo is None and hop.client == given.client_ip:
        # The caller's own address stands there: then the name beside it is the one that this client said.
        envelope = envelope._replace(helo=hop.helo)
    return_path = _return_path(headers, boundary, claims)
    if envelope.mail_from is not None:
        return envelope, Session(boundary, None, return_path)
    path, field = _mail_from(return_path, boundary, claims)
    if path is not None:
        origin = EnvelopeOrigin.RETURN_PATH if field is return_path else EnvelopeOrigin.RECEIVED
        envelope = envelope._replace(mail_from=path, mail_from_origin=origin)
    return envelope, Session(boundary, field, return_path)


def _return_path(headers: Headers, boundary: Boundary, claims: Claims) -> Field | None:
    """The uppermost Return-Path, where the receiver wrote it: above the fields that came with the message."""
    field = headers.first("Return-Path")
    if field is None:
        return None
    if boundary.reason is BoundaryReason.NO_TRACE or claims.part.may_be_own(field):
        return field
    # Exchange writes its own near the end of the section and takes others away; one that is not alone is not its own.
    if claims.part.microsoft and len(headers.all("Return-Path")) == 1 and _agrees(field, claims):
        return field
    return None


def _agrees(field: Field, claims: Claims) -> bool:
    """Whether the receiver's SPF result speaks of the domain in a Return-Path."""
    path = read_path(field.value)
    domains = [judged.result.get("smtp.mailfrom") for judged in claims.results("spf")]
    if path is None or not domains or domains[0] is None:
        return False
    return path.rpartition("@")[2].lower() == domains[0].rpartition("@")[2].lower()


def _mail_from(return_path: Field | None, boundary: Boundary, claims: Claims) -> tuple[str | None, Field | None]:
    if return_path is not None:
        path = read_path(return_path.value)
        return path, return_path if path is not None else None
    hop = boundary.hop
    if hop is not None and hop.envelope_from is not None:
        return hop.envelope_from, hop.field
    for claim in claims.spf:
        sender = claim.said.get("envelope-from")
        if "@" in sender:
            return sender, claim.field
    for judged in claims.results("spf"):
        domain = judged.result.get("smtp.mailfrom")
        if domain:
            return domain if "@" in domain else f"postmaster@{domain}", judged.claim.field
    return None, None


def read_path(value: bytes) -> str | None:
    """The reverse-path in a Return-Path value (RFC 5322 §3.6.7): "" for `<>`; None where there is none to be read."""
    text = value[:_MAX_PATH].decode("utf-8", "replace").strip()
    start, end = text.rfind("<"), text.rfind(">")
    if 0 <= start < end:
        return text[start + 1 : end].strip()
    if not text or " " in text or "<" in text or ">" in text:
        return None
    return text if "@" in text else None
