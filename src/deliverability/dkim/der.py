"""The few octets of DER that an RSA public key needs, read without a library and without raising.

A key arrives as one of two structures (RFC 6376 §3.6.1 names the second, its examples and everybody use the first):

    SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING of RSAPublicKey }   (RFC 3279 §2.3.1)
    RSAPublicKey         ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }                        (RFC 8017 §A.1.1)

At most six headers are read, so the cost does not depend on what the octets hold; no number is built from the modulus.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

_INTEGER, _BIT_STRING, _OID, _SEQUENCE = 0x02, 0x03, 0x06, 0x30
_NULL = b"\x05\0"
_RSA_ENCRYPTION = bytes.fromhex("2a864886f70d010101")  # 1.2.840.113549.1.1.1
_ALGORITHMS = {
    bytes.fromhex("2a8648ce3d0201"): "EC",  # 1.2.840.10045.2.1
    bytes.fromhex("2b6570"): "Ed25519",  # 1.3.101.112
    bytes.fromhex("2a8648ce380401"): "DSA",  # 1.2.840.10040.4.1
    bytes.fromhex("2a864886f70d01010a"): "RSASSA-PSS",  # 1.2.840.113549.1.1.10
}


class DerFault(StrEnum):
    """Why octets are no RSA public key."""

    NOT_DER = "not-der"
    TRUNCATED = "truncated"  # the outermost header announces more octets than there are
    WRONG_ALGORITHM = "wrong-algorithm"  # a public key, but not an RSA one


class BrokenKey(NamedTuple):
    """Octets that are no RSA public key. `expected` is the length that the outermost header announces, 0 without one."""

    fault: DerFault
    expected: int = 0
    algorithm: str = ""


class RsaPublicKey(NamedTuple):
    """An RSA public key: its RSAPublicKey octets, and what decides whether it may be used."""

    octets: bytes
    #: Length of the modulus.
    bits: int
    odd_modulus: bool
    #: The public exponent; None when it has more than eight octets.
    exponent: int | None
    #: Length of the whole structure; what follows it is not part of the key.
    length: int


#: Tag, and where the content starts and stops.
_Element: TypeAlias = tuple[int, int, int]


def read_rsa(data: bytes) -> RsaPublicKey | BrokenKey:
    """The RSA public key in `data`, in either structure."""
    outer = _element(data, 0)
    if outer is None or outer[0] != _SEQUENCE:
        return BrokenKey(DerFault.NOT_DER)
    _, start, stop = outer
    if stop > len(data):
        return BrokenKey(DerFault.TRUNCATED, stop)
    first = _element(data, start)
    if first is None or first[2] > stop:
        return BrokenKey(DerFault.NOT_DER, stop)
    if first[0] == _INTEGER:
        return _rsa_public_key(data[:stop], stop)
    return _subject_public_key(data, stop, first)


def _subject_public_key(data: bytes, end: int, algorithm: _Element) -> RsaPublicKey | BrokenKey:
    broken = BrokenKey(DerFault.NOT_DER, end)
    tag, start, stop = algorithm
    oid = _element(data, start)
    if tag != _SEQUENCE or oid is None or oid[0] != _OID or oid[2] > stop:
        return broken
    identifier = data[oid[1] : oid[2]]
    if identifier != _RSA_ENCRYPTION:
        return BrokenKey(DerFault.WRONG_ALGORITHM, end, _ALGORITHMS.get(identifier, ""))
    if data[oid[2] : stop] not in (b"", _NULL):
        return broken
    bits = _element(data, stop)
    # The first octet of a BIT STRING counts the unused bits at its end: none here.
    if bits is None or bits[0] != _BIT_STRING or bits[2] != end or data[bits[1] : bits[1] + 1] != b"\0":
        return broken
    return _rsa_public_key(data[bits[1] + 1 : end], end)


def _rsa_public_key(octets: bytes, length: int) -> RsaPublicKey | BrokenKey:
    broken = BrokenKey(DerFault.NOT_DER, length)
    sequence = _element(octets, 0)
    if sequence is None or sequence[0] != _SEQUENCE or sequence[2] != len(octets):
        return broken
    modulus = _element(octets, sequence[1])
    if modulus is None or modulus[2] > len(octets):
        return broken
    exponent = _element(octets, modulus[2])
    if exponent is None or exponent[2] != len(octets):
        return broken
    n, e = _magnitude(octets, modulus), _magnitude(octets, exponent)
    if n is None or e is None:
        return broken
    bits = 8 * len(n) - 8 + n[0].bit_length()
    return RsaPublicKey(octets, bits, bool(n[-1] & 1), int.from_bytes(e) if len(e) <= 8 else None, length)


def _magnitude(data: bytes, element: _Element) -> bytes | None:
    """The octets of a positive INTEGER without its sign octet; None for anything else (X.690 §8.3)."""
    tag, start, stop = element
    content = data[start:stop]
    if tag != _INTEGER or not content or content[0] & 0x80 or content == b"\0":
        return None
    if content[0] == 0:
        return content[1:] if content[1] & 0x80 else None
    return content


def _element(data: bytes, at: int) -> _Element | None:
    """The header at `at`; its content may reach past the end of `data`. None without a whole, minimal header (X.690 §10.1)."""
    if at + 2 > len(data):
        return None
    length = data[at + 1]
    start = at + 2
    if length & 0x80:
        count = length & 0x7F
        # Four octets hold any length that a record can have.
        if not 1 <= count <= 4 or start + count > len(data) or data[start] == 0:
            return None
        length = int.from_bytes(data[start : start + count])
        start += count
        if length < 0x80:
            return None
    return data[at], start, start + length
