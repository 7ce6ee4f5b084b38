"""DKIM key records (RFC 6376 §3.6.1, RFC 8301, RFC 8463).

Theory of operation. A key record is a list of `tag=value` pieces; core/tags.py reads the list, this file gives the
tags their meaning. Reading never fails: whatever the octets, there is a `DkimKey`, and everything wrong with it stands
in `problems` with its place. A problem is `fatal` when a verifier that follows the standard ignores the key because
of it; `usable` is then false. The others are marks of a record that was pasted badly but still works, or works with
most verifiers.

The key itself goes through three layers, and a fault is reported at the first layer that shows it:

1. text: base64 with white space allowed anywhere (§3.6.1). Quotation marks, backslashes and PEM lines get here when a
   panel takes zone-file syntax or a whole key file literally; they are told as such and not as a dozen base64 errors;
2. octets: RSA keys are DER, whose first header announces the length of the whole. A record cut at 255 octets, the most
   common damage of all, is told by comparing that length with what is there. Ed25519 keys are 32 raw octets;
3. numbers: the size of the modulus (RFC 8301 §3.2), and whether modulus and exponent can belong to an RSA key at all.

No cryptographic library is needed for any of this, and no arithmetic is done on numbers that an attacker chose.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern
from deliverability.core.span import Span, record_text
from deliverability.core.tags import Tag, TagDefect, TagDefectKind, TagList, read_tags
from deliverability.dkim.der import DerFault, RsaPublicKey, read_rsa

#: RFC 8301 §3.2: shorter RSA keys MUST NOT be accepted; signers SHOULD use at least the second; verifiers must
#: support keys up to the third.
RSA_BITS_MUST = 1024
RSA_BITS_SHOULD = 2048
RSA_BITS_SUPPORTED = 4096
ED25519_OCTETS = 32

ED25519_INFO = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4)
_BASE64 = pattern(r"[A-Za-z0-9+/]*={0,2}")
_NOT_BASE64 = pattern(r"[^A-Za-z0-9+/= \t\r\n]+")
_WHITE = pattern(r"[ \t\r\n]+")
_QUOTES = pattern(r'"[" ]*')
_BACKSLASHES = pattern(r"\\+")
_PEM = pattern(r"-----[A-Z ]{1,40}-----")
_MAX_PLACES = 10  # of one kind of defect; more say the same thing


class KeyProblemKind(StrEnum):
    """What can be wrong in a key record; dkim/texts.py says each in both languages."""

    TOO_LONG = "too-long"  # more octets than Limits.txt_octets
    SYNTAX = "syntax"  # a piece that is no tag=value
    DUPLICATE_TAG = "duplicate-tag"
    EMPTY_TAG = "empty-tag"
    FOREIGN_OCTETS = "foreign-octets"
    QUOTES = "quotes"  # quotation marks that belong to a zone file
    BACKSLASH = "backslash"  # "\;", an escape that belongs to a zone file
    PEM = "pem"  # the BEGIN and END lines of a key file
    VERSION = "version"  # v= is not DKIM1
    VERSION_POSITION = "version-position"  # v= is not the first tag
    NO_KEY = "no-key"  # there is no p=
    WHITE_SPACE = "white-space"  # inside the key; allowed, and a mark of strings joined badly
    BASE64 = "base64"
    PADDING = "padding"  # the "=" at the end are not as many as base64 wants
    TRUNCATED = "truncated"
    TRAILING = "trailing"  # octets after the key
    DER = "der"
    WRONG_ALGORITHM = "wrong-algorithm"  # p= holds a key of another algorithm than k= says
    ED25519_LENGTH = "ed25519-length"
    ED25519_WRAPPED = "ed25519-wrapped"  # SubjectPublicKeyInfo where RFC 8463 §4.2 wants the raw key
    MODULUS = "modulus"  # even: no RSA key
    EXPONENT = "exponent"  # even, 1, or above 2^32
    TOO_SHORT = "too-short"  # RSA below 1024 bits
    TOO_LARGE = "too-large"  # RSA above Limits.rsa_bits_max
    KEY_TYPE = "key-type"  # k= is unknown
    HASH = "hash"  # h= without sha256
    SERVICE = "service"  # s= without "*" and "email"


class KeyProblem(NamedTuple):
    """One thing wrong in a key record. `have` and `expected` are octets where the kind is about lengths, bits for sizes."""

    kind: KeyProblemKind
    span: Span
    text: str
    #: A verifier that follows the standard ignores the key because of this.
    fatal: bool = True
    have: int = 0
    expected: int = 0


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A DKIM key record as read. Tags that are absent have the default of RFC 6376 §3.6.1."""

    text: str
    tags: tuple[Tag, ...]
    #: k=
    key_type: str
    #: h=: acceptable hash algorithms; None allows all.
    hash_algorithms: tuple[str, ...] | None
    #: s=
    service_types: tuple[str, ...]
    #: t=
    flags: tuple[str, ...]
    #: n=
    notes: str
    #: RSAPublicKey in DER, or the 32 octets of an Ed25519 key; empty when revoked or not readable.
    public_key: bytes
    #: Length of the RSA modulus; 256 for Ed25519; None when the key is not readable.
    bits: int | None
    #: The public exponent of an RSA key.
    exponent: int | None
    problems: tuple[KeyProblem, ...]

    @property
    def usable(self) -> bool:
        """Whether a verifier that follows the standard can accept a mail signature made with this key."""
        return bool(self.public_key) and not any(problem.fatal for problem in self.problems)

    @property
    def revoked(self) -> bool:
        """`p=` is there and empty (RFC 6376 §3.6.1)."""
        tag = self.tag("p")
        return tag is not None and not tag.value

    @property
    def testing(self) -> bool:
        """The flag `t=y`: messages are treated as if they were not signed (RFC 6376 §3.6.1)."""
        return "y" in self.flags

    @property
    def strict(self) -> bool:
        """The flag `t=s`: the domain of `i=` may not be a subdomain of `d=` (RFC 6376 §3.6.1)."""
        return "s" in self.flags

    @property
    def algorithm(self) -> str:
        """The signature algorithm that the key verifies: rsa-sha256, ed25519-sha256, or "" for an unknown `k=`."""
        return f"{self.key_type}-sha256" if self.key_type in ("rsa", "ed25519") else ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key in hexadecimal, the same however the record spells the key; "" without a key."""
        return hashlib.sha256(self.public_key).hexdigest() if self.public_key else ""

    @property
    def is_key_record(self) -> bool:
        """Whether the text means to be a DKIM key at all: it has `p=`, or says that it is DKIM1."""
        version = self.tag("v")
        return self.tag("p") is not None or (version is not None and version.value.startswith("DKIM"))

    def tag(self, name: str) -> Tag | None:
        """The first tag of that exact name."""
        return next((tag for tag in self.tags if tag.name == name), None)

    def problem(self, *kinds: KeyProblemKind) -> KeyProblem | None:
        """The first problem of one of these kinds."""
        return next((problem for problem in self.problems if problem.kind in kinds), None)

    def __str__(self) -> str:
        return compose((tag.name, tag.value) for tag in self.tags)


def compose(tags: Iterable[tuple[str, str]]) -> str:
    """A record from its tags, in the spelling that most keys have: `v=DKIM1; k=rsa; p=…`."""
    return "; ".join(f"{name}={value}" for name, value in tags)


def parse_key(record: str | bytes, *, limits: Limits = DEFAULT_LIMITS) -> DkimKey:
    """The key record in `record`: the joined strings of a TXT record. Never raises; see `DkimKey.problems`.

    >>> [problem.kind.value for problem in parse_key("v=DKIM1; k=rsa; p=bm90IGEga2V5").problems]
    ['der']
    """
    text = record_text(record)
    problems: list[KeyProblem] = []
    if len(text) > limits.txt_octets:
        problems.append(KeyProblem(KeyProblemKind.TOO_LONG, Span(limits.txt_octets, len(text)), ""))
        text = text[: limits.txt_octets]
    tags = read_tags(text, max_tags=limits.tags)
    problems.extend(_pasted(text, tags))
    problems.extend(_of_list(tags, problems))
    problems.extend(_of_version(tags))
    problems.extend(_of_restrictions(tags))
    key_type = _value(tags, "k", "rsa")
    public_key, bits, exponent = _read_key(tags, key_type, problems, limits)
    return DkimKey(
        text=text,
        tags=tags.tags,
        key_type=key_type,
        hash_algorithms=_words(hashes.value) if (hashes := tags.get("h")) else None,
        service_types=_words(_value(tags, "s", "*")),
        flags=_words(_value(tags, "t", "")),
        notes=_value(tags, "n", ""),
        public_key=public_key,
        bits=bits,
        exponent=exponent,
        problems=tuple(sorted(problems, key=lambda problem: problem.span)) if problems else (),
    )


def _value(tags: TagList, name: str, default: str) -> str:
    tag = tags.get(name)
    return tag.value if tag else default


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for part in value.split(":") if (word := part.strip(" \t\r\n")))


# --- the list -------------------------------------------------------------------------------------------------------


def _pasted(text: str, tags: TagList) -> Iterator[KeyProblem]:
    """Marks of zone-file syntax or of a key file in the record. Notes (n=) may hold anything."""
    if '"' not in text and "\\" not in text and "-----" not in text:
        return
    notes = tags.get("n")
    for marks, kind in (
        (_QUOTES, KeyProblemKind.QUOTES),
        (_BACKSLASHES, KeyProblemKind.BACKSLASH),
        (_PEM, KeyProblemKind.PEM),
    ):
        for count, match in enumerate(marks.finditer(text)):
            if count == _MAX_PLACES:
                break
            if notes is None or not notes.value_span.start <= match.start() < notes.value_span.end:
                yield KeyProblem(kind, Span(*match.span()), match[0])


_OF_LIST = {
    # RFC 6376 §3.2 and §6.1.2 step 5: a record outside the grammar is ignored (key syntax error).
    TagDefectKind.NO_EQUALS: (KeyProblemKind.SYNTAX, True),
    TagDefectKind.BAD_NAME: (KeyProblemKind.SYNTAX, True),
    TagDefectKind.DUPLICATE: (KeyProblemKind.DUPLICATE_TAG, True),
    TagDefectKind.TOO_MANY: (KeyProblemKind.TOO_LONG, True),
    # Outside the grammar too, and accepted by most verifiers.
    TagDefectKind.EMPTY: (KeyProblemKind.EMPTY_TAG, False),
    TagDefectKind.NON_ASCII: (KeyProblemKind.FOREIGN_OCTETS, False),
}


def _of_list(tags: TagList, pasted: list[KeyProblem]) -> list[KeyProblem]:
    return [
        KeyProblem(kind, defect.span, defect.text, fatal)
        for defect in tags.defects
        for kind, fatal in (_OF_LIST[defect.kind],)
        if not (kind is KeyProblemKind.SYNTAX and _explained(defect, pasted))
    ]


def _explained(defect: TagDefect, pasted: list[KeyProblem]) -> bool:
    """Whether a quotation mark, backslash or PEM line inside the piece already says why it cannot be read."""
    return any(defect.span.start <= problem.span.start < max(defect.span.end, 1) for problem in pasted)


def _of_version(tags: TagList) -> Iterator[KeyProblem]:
    """RFC 6376 §3.6.1: v= is the first tag, and "DKIM1" by string comparison."""
    tag = tags.get("v")
    if tag is None:
        return
    # A stray backslash or quotation mark behind DKIM1 is told as that.
    if tag.value.strip('"\\ ') != "DKIM1":
        yield KeyProblem(KeyProblemKind.VERSION, tag.value_span, tag.value)
    elif tag is not tags.tags[0]:
        yield KeyProblem(KeyProblemKind.VERSION_POSITION, Span(tag.name_span.start, tag.value_span.end), tag.value)


def _of_restrictions(tags: TagList) -> Iterator[KeyProblem]:
    """What excludes the key from verifying mail (RFC 6376 §3.6.1, §6.1.2 step 6; RFC 8301 §3.1)."""
    key_type, hashes, services = tags.get("k"), tags.get("h"), tags.get("s")
    if key_type and key_type.value.strip('"\\ ') not in ("rsa", "ed25519"):
        yield KeyProblem(KeyProblemKind.KEY_TYPE, key_type.value_span, key_type.value)
    if hashes and "sha256" not in _words(hashes.value):
        yield KeyProblem(KeyProblemKind.HASH, hashes.value_span, hashes.value)
    if services and not {"*", "email"} & set(_words(services.value)):
        yield KeyProblem(KeyProblemKind.SERVICE, services.value_span, services.value)


# --- the key --------------------------------------------------------------------------------------------------------

_Key = tuple[bytes, int | None, int | None]
_NO_KEY: _Key = (b"", None, None)


def _read_key(tags: TagList, key_type: str, problems: list[KeyProblem], limits: Limits) -> _Key:
    tag = tags.get("p")
    if tag is None:  # RFC 6376 §3.6.1: p= is the one tag that is REQUIRED
        problems.append(KeyProblem(KeyProblemKind.NO_KEY, Span(len(tags.text), len(tags.text)), ""))
        return _NO_KEY
    if not tag.value:
        return _NO_KEY  # revoked (RFC 6376 §3.6.1)
    octets, faults = _decode(tag, problems)
    if octets is None:
        problems.extend(faults)
        return _NO_KEY
    if key_type == "ed25519":
        problems.extend(faults)
        return _ed25519(tag, octets, problems)
    return _rsa(tag, octets, faults, problems, limits)


def _decode(tag: Tag, before: list[KeyProblem]) -> tuple[bytes | None, list[KeyProblem]]:
    """The octets that the base64 text stands for, as far as they can be read, and what is wrong with the text.

    White space inside it is part of the grammar (RFC 6376 §2.10, base64string).
    """
    text, faults = tag.value, []
    if not _BASE64.fullmatch(text):
        foreign = _foreign_to_base64(text)
        if foreign is not None:
            span = Span(tag.value_span.start + foreign.start, tag.value_span.start + foreign.end)
            pasted = any(problem.span.start <= span.start < problem.span.end for problem in before)
            character = text[foreign.start : foreign.end]
            return None, [] if pasted else [KeyProblem(KeyProblemKind.BASE64, span, character)]
        white = _WHITE.search(text)
        if white is not None:
            at = tag.value_span.start + white.start()
            faults.append(KeyProblem(KeyProblemKind.WHITE_SPACE, Span(at, at + len(white[0])), white[0], fatal=False))
        text = _WHITE.sub("", text)
    bare = text.rstrip("=")
    if len(bare) % 4 == 1:
        # No octets end here: a character is missing or too many. What comes before is still read, to see how much is missing.
        faults.append(KeyProblem(KeyProblemKind.BASE64, tag.value_span, "", have=len(bare)))
        bare = bare[:-1]
    elif len(text) - len(bare) != -len(bare) % 4:
        faults.append(KeyProblem(KeyProblemKind.PADDING, Span(tag.value_span.end, tag.value_span.end), "", fatal=False))
    return binascii.a2b_base64(bare + "=" * (-len(bare) % 4)), faults


def _foreign_to_base64(text: str) -> Span | None:
    """The first place that base64 cannot have: a character outside it, or an equals sign before its end."""
    foreign = _NOT_BASE64.search(text)
    if foreign is not None:
        return Span(*foreign.span())
    equals = text.find("=", 0, len(text.rstrip("= \t\r\n")))
    return Span(equals, equals + 1) if equals >= 0 else None


def _ed25519(tag: Tag, octets: bytes, problems: list[KeyProblem]) -> _Key:
    """RFC 8463 §4.2: p= is the key of 256 bits itself."""
    if len(octets) == ED25519_OCTETS:
        return octets, 8 * ED25519_OCTETS, None
    wrapped = octets.startswith(ED25519_INFO) and len(octets) == len(ED25519_INFO) + ED25519_OCTETS
    kind = KeyProblemKind.ED25519_WRAPPED if wrapped else KeyProblemKind.ED25519_LENGTH
    problems.append(KeyProblem(kind, tag.value_span, "", have=len(octets), expected=ED25519_OCTETS))
    return _NO_KEY


def _rsa(tag: Tag, octets: bytes, faults: list[KeyProblem], problems: list[KeyProblem], limits: Limits) -> _Key:
    key, span = read_rsa(octets), tag.value_span
    if not isinstance(key, RsaPublicKey):
        kind = _DER_KINDS[key.fault]
        if key.fault is DerFault.TRUNCATED:
            # Cut text seldom ends at a whole group of base64; the cut explains that.
            faults = [f for f in faults if f.kind not in (KeyProblemKind.BASE64, KeyProblemKind.PADDING)]
        problems.extend(faults)
        problems.append(KeyProblem(kind, span, key.algorithm, have=len(octets), expected=key.expected))
        return _NO_KEY
    problems.extend(faults)
    if len(octets) > key.length:
        problems.append(
            KeyProblem(KeyProblemKind.TRAILING, span, "", fatal=False, have=len(octets), expected=key.length)
        )
    problems.extend(_of_numbers(key, span, limits))
    return key.octets, key.bits, key.exponent


_DER_KINDS = {
    DerFault.NOT_DER: KeyProblemKind.DER,
    DerFault.TRUNCATED: KeyProblemKind.TRUNCATED,
    DerFault.WRONG_ALGORITHM: KeyProblemKind.WRONG_ALGORITHM,
}


def _of_numbers(key: RsaPublicKey, span: Span, limits: Limits) -> Iterator[KeyProblem]:
    # RFC 8017 §3.1: the modulus is a product of odd primes, and the exponent is odd and at least 3.
    if not key.odd_modulus:
        yield KeyProblem(KeyProblemKind.MODULUS, span, "")
    if key.exponent is None or not 3 <= key.exponent <= 2**32 or not key.exponent & 1:
        yield KeyProblem(KeyProblemKind.EXPONENT, span, str(key.exponent or ""))
    # RFC 8301 §3.2: verifiers MUST NOT accept RSA keys below 1024 bits.
    if key.bits < RSA_BITS_MUST:
        yield KeyProblem(KeyProblemKind.TOO_SHORT, span, "", have=key.bits, expected=RSA_BITS_MUST)
    if key.bits > limits.rsa_bits_max:
        yield KeyProblem(KeyProblemKind.TOO_LARGE, span, "", have=key.bits, expected=limits.rsa_bits_max)
