"""The certificate of a mail signed with S/MIME (RFC 8551): its dates and its addresses. The signature is not verified."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class SignedMail:
    """The fact: the part with the signature, None for a mail that is not signed."""

    part: Part | None = None
    #: The sender's address that was looked for.
    address: str = ""
    #: What is wrong, and with what: a date, the addresses of the certificate.
    problems: tuple[tuple[SignatureProblem, str], ...] = ()


def read_signature(tree: MimeTree, addresses: tuple[str, ...], now: datetime) -> SignedMail:
    """The certificate of the signer against the addresses of From and the clock. Never raises."""
    part = next((part for part in tree.leaves if _is_signature(part)), None)
    if part is None:
        return SignedMail()
    address = addresses[0] if addresses else ""
    signers = [cert for cert in _certificates(part.decode(_MAX_OCTETS).octets) if not _is_authority(cert)]
    if not signers:
        # Certificates may be left out on purpose (RFC 8551 §2.4); an opaque signature may be something else altogether.
        return SignedMail(part, address)
    # Any certificate of it that fits is enough: which one signed is not decided here.
    best: list[tuple[SignatureProblem, str]] | None = None
    for certificate in signers:
        problems = _problems(certificate, addresses, now)
        if best is None or len(problems) < len(best):
            best = problems
    return SignedMail(part, address, tuple(best or ()))


def _is_signature(part: Part) -> bool:
    if part.content_type in _SIGNATURES:
        return True
    return part.content_type in _SIGNED and part.parameters.get("smime-type", "").lower() == "signed-data"


def _certificates(octets: bytes) -> list[Certificate]:
    from cryptography.hazmat.primitives.serialization import pkcs7  # noqa: PLC0415 - few mails are signed

    with warnings.catch_warnings():
        # Certificates with odd numbers or encodings are read with a warning.
        warnings.simplefilter("ignore")
        try:
            return pkcs7.load_der_pkcs7_certificates(octets)[:_MAX_CERTIFICATES]
        except Exception:  # noqa: BLE001 - the library names no exceptions of its own for malformed octets
            return []


def _is_authority(certificate: Certificate) -> bool:
    from cryptography import x509  # noqa: PLC0415

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _problems(
    certificate: Certificate, addresses: tuple[str, ...], now: datetime
) -> list[tuple[SignatureProblem, str]]:
    problems = []
    if certificate.not_valid_after_utc < now:
        problems.append((SignatureProblem.EXPIRED, certificate.not_valid_after_utc.date().isoformat()))
    elif certificate.not_valid_before_utc > now:
        problems.append((SignatureProblem.NOT_YET, certificate.not_valid_before_utc.date().isoformat()))
    own = _addresses(certificate)
    wanted = {address.lower() for address in addresses}
    if own and wanted and not wanted & own:
        problems.append((SignatureProblem.OTHER_ADDRESS, ", ".join(sorted(own)[:3])))
    return problems


def _addresses(certificate: Certificate) -> set[str]:
    """RFC 8550 §3: rfc822Name of the alternative names, and the emailAddress of old certificates."""
    from cryptography import x509  # noqa: PLC0415

    found: set[str] = set()
    try:
        for attribute in certificate.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS):
            found.add(str(attribute.value).lower())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found.update(name.lower() for name in names.get_values_for_type(x509.RFC822Name))
    except (x509.ExtensionNotFound, ValueError):
        return found
    return found
