"""The certificate of a mail signed with S/MIME (RFC 8551): its dates and its addresses. The signature is not verified."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from deliverability.content.part import MimeTree, Part

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")
_SIGNED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
#: Octets of a signature that are read, and certificates of one.
_MAX_OCTETS = 256 * 1024
_MAX_CERTIFICATES = 20


class SignatureProblem(StrEnum):
    """Why mail programs will reject the certificate."""

    EXPIRED = "expired"
    NOT_YET = "not-yet"
    OTHER_ADDRESS = "other-address"


class SignerCertificate(NamedTuple):
    """A certificate that came with the signature and belongs to no authority."""

    not_before: datetime
    not_after: datetime
    #: In lower case; empty: it names none.
    addresses: tuple[str, ...]

    def problems(self, senders: frozenset[str], now: datetime) -> tuple[tuple[SignatureProblem, str], ...]:
        """What is wrong with it for a mail of one of `senders` (lower case), and with what: a date, its addresses."""
        problems: list[tuple[SignatureProblem, str]] = []
        if self.not_after < now:
            problems.append((SignatureProblem.EXPIRED, self.not_after.date().isoformat()))
        elif self.not_before > now:
            problems.append((SignatureProblem.NOT_YET, self.not_before.date().isoformat()))
        if self.addresses and senders and not senders.intersection(self.addresses):
            problems.append((SignatureProblem.OTHER_ADDRESS, ", ".join(self.addresses[:3])))
        return tuple(problems)


@dataclass(frozen=True, slots=True)
class SignedMail:
    """The fact: the part with the signature, None for a mail that is not signed."""

    part: Part | None = None
    #: Which of them signed is not decided. Empty: they may be left out (RFC 8551 §2.4), or cannot be read.
    certificates: tuple[SignerCertificate, ...] = ()


def read_signature(tree: MimeTree) -> SignedMail:
    """The certificates of a signed mail. Never raises."""
    part = next((part for part in tree.leaves if _is_signature(part)), None)
    if part is None:
        return SignedMail()
    return SignedMail(part, tuple(_certificates(part.decode(_MAX_OCTETS).octets)))


def _is_signature(part: Part) -> bool:
    if part.content_type in _SIGNATURES:
        return True
    return part.content_type in _SIGNED and part.parameters.get("smime-type", "").lower() == "signed-data"


def _certificates(octets: bytes) -> list[SignerCertificate]:
    from cryptography import x509  # noqa: PLC0415 - few mails are signed
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import pkcs7  # noqa: PLC0415

    unreadable = (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    )
    with warnings.catch_warnings():
        # Certificates with odd numbers or encodings are read with a warning.
        warnings.simplefilter("ignore")
        try:
            found = pkcs7.load_der_pkcs7_certificates(octets)[:_MAX_CERTIFICATES]
            return [_signer(certificate) for certificate in found if not _is_authority(certificate)]
        except unreadable:
            return []


def _is_authority(certificate: Certificate) -> bool:
    from cryptography import x509  # noqa: PLC0415

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _signer(certificate: Certificate) -> SignerCertificate:
    """RFC 8550 §3: rfc822Name of the alternative names, and the emailAddress of old certificates."""
    from cryptography import x509  # noqa: PLC0415

    found = [str(a.value) for a in certificate.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += names.get_values_for_type(x509.RFC822Name)
    except x509.ExtensionNotFound:
        pass
    addresses = tuple(dict.fromkeys(address.lower() for address in found))
    return SignerCertificate(certificate.not_valid_before_utc, certificate.not_valid_after_utc, addresses)
