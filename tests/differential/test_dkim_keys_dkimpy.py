"""Key records by us and by dkimpy: which one is a key, of what kind and size; every disagreement is written down."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import dkim as dkimpy
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from deliverability.dkim import KeyProblemKind, parse_key

ED = base64.b64encode(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()).decode()


def rsa_text(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo, exponent: int = 65537) -> str:
    key = rsa.RSAPublicNumbers(exponent, (3 << bits - 2) | 1).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, form)).decode()


RSA = rsa_text(2048)


def theirs(record: str) -> Any:
    """dkimpy's key size, or None where it takes the record for no key; it leaks other errors than its own."""
    try:
        return dkimpy.evaluate_pk("name", record.encode())[1]
    except (dkimpy.KeyFormatError, binascii.Error, IndexError, ValueError, TypeError, KeyError):
        return None


AGREED = [
    *(f"v=DKIM1; k=rsa; p={rsa_text(bits, form)}" for bits in (1024, 1536, 2048, 4096, 8192) for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)),
    f"v=DKIM1; p={rsa_text(2048, exponent=3)}",
    f"v=DKIM1; k=ed25519; p={ED}",
    f"k=ed25519; p={ED}",
    f"p={RSA}",
    f" v = DKIM1 ; p = {RSA} ; ",
    f"v=DKIM1; h=sha256; t=y:s; n=note; x=1; p={RSA}",
    f"v=DKIM1; p={RSA[:100]} {RSA[100:]}",
    f"v=DKIM2; p={RSA}",
    f"v=dkim1; p={RSA}",
    f"v=DKIM1; s=web; p={RSA}",
    f"v=DKIM1; k=x25519; p={RSA}",
    f"v=DKIM1; k=RSA; p={RSA}",
    f"v=DKIM1; p={RSA}; p={RSA}",
    f"v=DKIM1; word; p={RSA}",
    f"v=DKIM1; k=rsa; p={RSA[:200]}",
    "v=DKIM1; k=rsa; p=AAAA",
    "v=DKIM1; k=ed25519; p=AAAA",
    "v=DKIM1; k=rsa",
    "v=DKIM1; p=",
    f"v=DKIM1; k=rsa; p={ED}",
    f"v=DKIM1; k=ed25519; p={RSA}",
]  # fmt: skip


@pytest.mark.parametrize("record", AGREED)
def test_both_take_it_for_the_same_key_or_for_none(record: str) -> None:
    ours = parse_key(record)

    assert (ours.bits if ours.usable else None) == theirs(record)


# (record, our key size, dkimpy's, the section that decides)
KNOWN_DIFFERENCES = [
    pytest.param(f"k=rsa; v=DKIM1; p={RSA}", None, 2048, id="v= not first: RFC 6376 §3.6.1"),
    pytest.param(f"v=DKIM1; h=sha1; p={RSA}", None, 2048, id="h=sha1 alone: RFC 6376 §6.1.2, RFC 8301 §3.1"),
    pytest.param(f"v=DKIM1; p={rsa_text(512)}", None, 512, id="512 bits: RFC 8301 §3.2 (dkimpy asks later)"),
    pytest.param(f"v=DKIM1; p={rsa_text(9000)}", None, 9000, id="9000 bits: our limit, RFC 8301 §3.2 lets us"),
    pytest.param(f'v=DKIM1; p={RSA}"', None, 2048, id="a quotation mark: not base64, RFC 6376 §3.6.1"),
    pytest.param(f"v=DKIM1; p={RSA[:99]}!{RSA[99:]}", None, 2048, id="a character outside base64: RFC 6376 §3.6.1"),
    pytest.param(f"v=DKIM1;; p={RSA}", 2048, None, id="two semicolons: told, and forgiven as most verifiers do"),
    pytest.param(f"v=DKIM1; k=ed25519; p={ED[:-1]}", 256, None, id="lost padding: RFC 6376 §2.10 has it optional"),
]


@pytest.mark.parametrize(("record", "ours", "dkimpys"), KNOWN_DIFFERENCES)
def test_known_differences_are_still_there(record: str, ours: int | None, dkimpys: int | None) -> None:
    key = parse_key(record)

    assert (key.bits if key.usable else None) == ours
    assert theirs(record) == dkimpys
    assert key.problems


def test_sizes_agree_with_openssl() -> None:
    for bits in (1024, 1025, 1999, 2048, 3072, 4096):
        for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
            text = rsa_text(bits, form)
            loaded = load_der_public_key(base64.b64decode(text))
            assert isinstance(loaded, rsa.RSAPublicKey)
            key = parse_key(f"p={text}")
            assert (key.bits, key.exponent) == (loaded.key_size, loaded.public_numbers().e)
            # The octets kept are those that OpenSSL takes.
            assert load_der_public_key(key.public_key) == loaded


def test_a_damaged_key_that_openssl_refuses_is_refused() -> None:
    """Each octet of the structure changed in turn; only changes inside the numbers may leave a key."""
    good = base64.b64decode(rsa_text(1024))
    taken = 0
    for place in range(len(good)):
        data = good[:place] + bytes((good[place] ^ 0x21,)) + good[place + 1 :]
        key = parse_key("p=" + base64.b64encode(data).decode())
        readable = key.problem(KeyProblemKind.DER, KeyProblemKind.TRUNCATED, KeyProblemKind.WRONG_ALGORITHM) is None
        try:
            loaded = load_der_public_key(data)
        except (ValueError, UnsupportedAlgorithm):
            assert not key.usable, place
        else:
            assert isinstance(loaded, rsa.RSAPublicKey)
            assert readable, place
            taken += 1
    assert taken > 100
