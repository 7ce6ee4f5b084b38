"""One signature against one public key, by OpenSSL.

The library loads when the first signature is verified, not before: reading keys and signatures needs none.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

from deliverability.dkim.record import ED25519_OCTETS, DkimKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey: TypeAlias = "RSAPublicKey | Ed25519PublicKey"


def load_public_key(key: DkimKey) -> PublicKey | None:
    """The key as OpenSSL has it; None for one that it does not take. `key` has to be usable: its numbers are bounded."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        if key.key_type == "ed25519":
            return Ed25519PublicKey.from_public_bytes(key.public_key) if len(key.public_key) == ED25519_OCTETS else None
        loaded = load_der_public_key(key.public_key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return loaded if isinstance(loaded, RSAPublicKey) else None


def is_signed_by(public: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is that of `data`: rsa-sha256 (RFC 6376 §3.3.2) or ed25519-sha256 (RFC 8463 §3)."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    try:
        if isinstance(public, RSAPublicKey):
            public.verify(signature, data, PKCS1v15(), SHA256())
        else:
            # RFC 8463 §3: what is signed with PureEdDSA is the hash.
            public.verify(signature, hashlib.sha256(data).digest())
    except InvalidSignature:
        return False
    return True
