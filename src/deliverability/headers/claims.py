"""What others say in the message that they verified, and who of them can be believed (RFC 8601 §1.2, §5, §7.1).

Theory of operation. A field above the Received field of the boundary was put there by the receiver itself: nobody else
writes at the top. Many receivers put their Authentication-Results right below their own Received field, though, where
what came with the message begins; there a field is believed when its authserv-id is the one that the user named, or
belongs to the server that wrote that Received field (RFC 8601 §5 has it remove forged ones). From the next Received
field on nothing is believed. Where two believed fields speak of one method, the upper one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from deliverability.core.facts import Receiving
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import is_subdomain, query_name, registrable_domain
from deliverability.headers.authentication_results import (
    AuthenticationResults,
    MethodResult,
    parse_authentication_results,
)
from deliverability.headers.boundary import Boundary, BoundaryReason
from deliverability.headers.fields import Field, Headers
from deliverability.headers.received_spf import ReceivedSpf, parse_received_spf
from deliverability.headers.trace import Trace

#: Fields of one message that are read; the rest is counted.
_MAX_FIELDS = 50
_MICROSOFT = ("outlook.com", "office365.com", "exchangelabs.com")


class TrustedPart(NamedTuple):
    """Octets of the message that the receiver wrote: surely before `own`, and possibly up to `shared`."""

    own: int
    shared: int
    #: The server that wrote the boundary's Received field.
    by: str | None = None

    def is_own(self, field: Field) -> bool:
        """Whether nobody but the receiver can have put the field there."""
        return field.start < self.own

    def may_be_own(self, field: Field) -> bool:
        """Whether the receiver may have put the field there."""
        return field.start < self.shared

    @property
    def microsoft(self) -> bool:
        """Whether the receiver is Microsoft 365 or Outlook.com."""
        return _is_microsoft(self.by)


class Claim(NamedTuple):
    """One Authentication-Results field and what it says."""

    field: Field
    said: AuthenticationResults


class SpfClaim(NamedTuple):
    """One Received-SPF field and what it says."""

    field: Field
    said: ReceivedSpf


class Judged(NamedTuple):
    """One result of a believed field."""

    claim: Claim
    result: MethodResult


@dataclass(frozen=True, slots=True)
class Claims:
    """What stands in the message about its authentication, believed and not."""

    part: TrustedPart
    trusted: tuple[Claim, ...] = ()
    #: Fields that may have come with the message: shown, never judged.
    untrusted: tuple[Claim, ...] = ()
    spf: tuple[SpfClaim, ...] = ()
    untrusted_spf: tuple[SpfClaim, ...] = ()
    not_read: int = 0

    def results(self, method: str) -> tuple[Judged, ...]:
        """The results of a method in the uppermost believed field that has any."""
        for claim in self.trusted:
            found = claim.said.all(method)
            if found:
                return tuple(Judged(claim, result) for result in found)
        return ()


def trusted_part(trace: Trace, boundary: Boundary, size: int) -> TrustedPart:
    """How far down the receiver's own fields reach in a message of `size` octets."""
    if boundary.reason is BoundaryReason.NO_TRACE:
        return TrustedPart(0, size)
    if boundary.reason is BoundaryReason.NOT_PASSED:
        return TrustedPart(trace.hops[0].field.start, trace.hops[0].field.start)
    index = boundary.index if boundary.hop is not None else len(trace.hops) - 1
    hop = trace.hops[index]
    below = trace.hops[index + 1].field.start if index + 1 < len(trace.hops) else size
    return TrustedPart(hop.field.start, below, hop.by)


def read_claims(
    headers: Headers,
    trace: Trace,
    boundary: Boundary,
    receiving: Receiving,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> Claims:
    """Every Authentication-Results and Received-SPF field, sorted into those that are believed and the others."""
    part = trusted_part(trace, boundary, headers.body_start)
    fields = headers.all("Authentication-Results")
    trusted: list[Claim] = []
    untrusted: list[Claim] = []
    for field in fields[:_MAX_FIELDS]:
        claim = Claim(field, parse_authentication_results(field.value, limits=limits))
        believed = _is_believed(claim, part, receiving, boundary)
        (trusted if believed else untrusted).append(claim)
    spf_fields = headers.all("Received-SPF")
    spf = [SpfClaim(field, parse_received_spf(field.value)) for field in spf_fields[:_MAX_FIELDS]]
    own = tuple(claim for claim in spf if _spf_is_believed(claim, part, boundary))
    return Claims(
        part,
        tuple(trusted),
        tuple(untrusted),
        own,
        tuple(claim for claim in spf if claim not in own),
        max(0, len(fields) - _MAX_FIELDS) + max(0, len(spf_fields) - _MAX_FIELDS),
    )


def _is_believed(claim: Claim, part: TrustedPart, receiving: Receiving, boundary: Boundary) -> bool:
    identity = claim.said.authserv_id
    if receiving.authserv_ids:
        # RFC 8601 §1.2: nothing but the ids that were told; and not below a Received field from outside.
        return part.may_be_own(claim.field) and any(_same_host(identity, own) for own in receiving.authserv_ids)
    if part.is_own(claim.field):
        return True
    if boundary.hop is None or not part.may_be_own(claim.field):
        return False
    return _is_microsoft(part.by) if not identity else _related(identity, part.by)


def _spf_is_believed(claim: SpfClaim, part: TrustedPart, boundary: Boundary) -> bool:
    if part.is_own(claim.field):
        return True
    if boundary.hop is None or not part.may_be_own(claim.field):
        return False
    # Received-SPF names its writer in the comment ("mx.example: domain of …") and in receiver= (RFC 7208 §9.1).
    return _related(claim.said.get("receiver") or claim.said.writer, part.by)


def _same_host(identity: str, own: str) -> bool:
    one, other = query_name(identity), query_name(own)
    return bool(one and other and is_subdomain(one, other)) or (identity != "" and identity.lower() == own.lower())


def _related(identity: str, by: str | None) -> bool:
    """Whether an authserv-id belongs to the server `by`: the same host, or the same registrable domain."""
    one, other = query_name(identity), query_name(by or "")
    if not one or not other:
        return False
    if one == other or is_subdomain(one, other) or (is_subdomain(other, one) and "." in one):
        return True
    domain = registrable_domain(one)
    return domain is not None and domain == registrable_domain(other)


def _is_microsoft(by: str | None) -> bool:
    name = query_name(by or "")
    return bool(name) and any(is_subdomain(name or "", domain) for domain in _MICROSOFT)
