"""What an RSA signature says when it is opened with the public key (RFC 8017 §8.2.2).

To verify RSA is to compute, from the signature and the public key alone, the octets that the signer padded. With the
right key they have the form of EMSA-PKCS1-v1_5 and hold the hash that was signed; with any other key, or when one bit
of the signature is damaged, they have not: the chance is below 2^-60. So the one computation tells whether the key is the
right one, and which hash the header fields had, whatever the message is now.
"""

from __future__ import annotations

from typing import NamedTuple

from deliverability.dkim.crypto import PublicKey

#: DigestInfo in front of the hash (RFC 8017 §9.2, note 1).
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
_SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")


class Opened(NamedTuple):
    """What was signed: the name of the hash and the hash."""

    algorithm: str
    digest: bytes


def opened(public: PublicKey, signature: bytes) -> Opened | None:
    """What the signature holds; None when this key did not make it, or it is damaged, or the key is no RSA key."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    if not isinstance(public, RSAPublicKey):
        return None
    try:
        data = public.recover_data_from_signature(signature, PKCS1v15(), None)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return None
    for name, prefix, octets in (("sha256", _SHA256, 32), ("sha1", _SHA1, 20)):
        if data.startswith(prefix) and len(data) == len(prefix) + octets:
            return Opened(name, data[len(prefix) :])
    return Opened("", data)
