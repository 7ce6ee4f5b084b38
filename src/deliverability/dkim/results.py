"""What comes of the DKIM signatures of a message: a word of RFC 8601 for each, and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion
from deliverability.dkim.record import DkimKey
from deliverability.dkim.signature import DkimSignature


class DkimReason(StrEnum):
    """Why a result is what it is."""

    VERIFIED = "verified"
    # The message, or what of it was read
    MESSAGE_TOO_LARGE = "message-too-large"  # Limits.message_octets
    HEADER_TOO_LARGE = "header-too-large"  # Limits.header_octets, header_fields, header_field_octets
    # The field (RFC 6376 §6.1.1)
    FIELD_TOO_LARGE = "field-too-large"  # Limits.dkim_signature_octets, dkim_signed_fields, tags
    SYNTAX = "syntax"
    MISSING_TAG = "missing-tag"
    VERSION = "version"
    ALGORITHM = "algorithm"
    SHA1 = "sha1"  # RFC 8301 §3.1
    CANONICALIZATION = "canonicalization"
    QUERY = "query"
    DOMAIN = "domain"
    IDENTITY = "identity"  # i= is outside d=
    FROM_NOT_SIGNED = "from-not-signed"
    # The key (RFC 6376 §6.1.2)
    KEY_UNAVAILABLE = "key-unavailable"
    NO_KEY = "no-key"
    KEY_SYNTAX = "key-syntax"
    KEY_REVOKED = "key-revoked"
    KEY_HASH = "key-hash"  # h= of the key excludes sha256
    KEY_TYPE = "key-type"  # k= is not what a= needs
    KEY_SERVICE = "key-service"  # s= excludes email
    KEY_TOO_SHORT = "key-too-short"  # RFC 8301 §3.2
    KEY_TOO_LARGE = "key-too-large"  # Limits.rsa_bits_max
    KEY_STRICT = "key-strict"  # t=s, and i= is a subdomain of d=
    # The message (RFC 6376 §6.1.3)
    BODY_TOO_SHORT = "body-too-short"  # fewer octets than l= says
    BODY_HASH = "body-hash"
    SIGNATURE = "signature"
    # Time (RFC 6376 §3.5)
    EXPIRED = "expired"
    FUTURE = "future"


#: RFC 8601 §2.7.1; every other reason is a `permerror`.
RESULT_WORDS = {
    DkimReason.VERIFIED: "pass",
    DkimReason.SYNTAX: "neutral",
    DkimReason.MISSING_TAG: "neutral",
    DkimReason.VERSION: "neutral",
    DkimReason.ALGORITHM: "neutral",
    DkimReason.CANONICALIZATION: "neutral",
    DkimReason.QUERY: "neutral",
    DkimReason.DOMAIN: "neutral",
    DkimReason.IDENTITY: "neutral",
    DkimReason.KEY_UNAVAILABLE: "temperror",
    DkimReason.BODY_TOO_SHORT: "fail",
    DkimReason.BODY_HASH: "fail",
    DkimReason.SIGNATURE: "fail",
    DkimReason.EXPIRED: "policy",
    DkimReason.FUTURE: "policy",
}


@dataclass(frozen=True, slots=True)
class DkimResult:
    """What came of one signature."""

    #: RFC 8601 §2.7.1: pass, fail, policy, neutral, temperror or permerror.
    result: str
    reason: DkimReason
    signature: DkimSignature
    #: The record that decided: the one that verifies, or else the first that means to be a key.
    key: DkimKey | None = None
    #: Where the key was asked for; None when it was not.
    key_name: DomainName | None = None
    key_answer: Answer | None = None
    #: SHA-256 of the body as the signature canonicalizes and limits it; None when that could not be computed.
    computed_body_hash: bytes | None = None
    body_hash_matches: bool | None = None
    #: Octets of the whole canonical body, to hold against l=; None when it was not looked at.
    body_octets: int | None = None
    #: Whether `b=` verifies with the key, whatever the body is; None when there was no key to try.
    signature_matches: bool | None = None

    @property
    def domain(self) -> str:
        """d= in A-labels; as it stands there when it is no domain name, "" without one."""
        if self.signature.domain is not None:
            return self.signature.domain
        tag = self.signature.tag("d")
        return tag.value if tag else ""

    @property
    def selector(self) -> str:
        """s="""
        return self.signature.selector

    @property
    def passed(self) -> bool:
        """The result is `pass`."""
        return self.result == "pass"

    @property
    def testing(self) -> bool:
        """The key has `t=y`: receivers treat the message as if it were not signed (RFC 6376 §3.6.1)."""
        return self.key is not None and self.key.testing

    @property
    def question(self) -> DnsQuestion | None:
        """The question whose answer is `key_answer`."""
        return DnsQuestion(self.key_name, "TXT") if self.key_name is not None else None

    @property
    def unsigned_octets(self) -> int:
        """Octets of the canonical body beyond `l=`: they can be changed without the signature noticing."""
        length = self.signature.body_length
        return max(0, (self.body_octets or 0) - length) if length is not None else 0


@dataclass(frozen=True, slots=True)
class DkimVerification:
    """What came of every signature of a message, from the top."""

    results: tuple[DkimResult, ...]
    #: Signatures beyond Limits.dkim_signatures, which were not looked at.
    not_evaluated: int = 0

    @property
    def passed(self) -> tuple[DkimResult, ...]:
        """The results that are `pass`."""
        return tuple(result for result in self.results if result.passed)

    @property
    def best(self) -> str:
        """The one word for the message: the best of its signatures, `none` without one (RFC 6376 §6.1: any will do)."""
        words = {result.result for result in self.results}
        return next((word for word in _BEST_FIRST if word in words), "none")


_BEST_FIRST = ("pass", "temperror", "policy", "fail", "neutral", "permerror")
