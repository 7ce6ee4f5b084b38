"""The ARC header fields of a message, sorted into sets (RFC 8617 §4).

A set is what one hop adds: ARC-Authentication-Results (AAR: what the hop found), ARC-Message-Signature (AMS: the
message as the hop sent it) and ARC-Seal (AS: the sets so far). All three carry the number of the hop, `i=`, and a
chain is the sets 1, 2, 3, …. AMS and AS are read as the DKIM signatures they nearly are. Reading never fails; every
departure from the structure that §5.2 step 3 demands is a `ChainDefect`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName
from deliverability.core.patterns import pattern
from deliverability.dkim.canonical import Canonicalization
from deliverability.dkim.signature import DkimSignature, SignatureDefectKind, SignatureReader
from deliverability.headers.fields import Field, Headers

AAR, AMS, AS = "arc-authentication-results", "arc-message-signature", "arc-seal"
#: In the order in which a seal signs them (RFC 8617 §5.1.1).
ARC_FIELDS = (AAR, AMS, AS)

# RFC 8617 §4.2.1: `instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position`, position of one or two digits. Comments are
# allowed by the grammar and seen nowhere; one is stepped over.
_INSTANCE = pattern(r"[ \t]*(?:\([^()\\]*\)[ \t]*)?i[ \t]*=[ \t]*([0-9]{1,6})[ \t]*(?:\([^()\\]*\)[ \t]*)?;")
_NUMBER = pattern(r"[0-9]{1,6}")


class ChainDefectKind(StrEnum):
    """What can be wrong with the sets of a chain (RFC 8617 §4.2, §5.2)."""

    INSTANCE = "instance"  # a field without a number from 1 to 50
    TOO_MANY = "too-many"  # more than 50 sets
    MISSING = "missing"  # a set without one of its three fields
    REPEATED = "repeated"  # a set with one of them twice
    GAP = "gap"  # a number between 1 and the highest without a set
    CHAIN_VALUE = "chain-value"  # cv= is not none in the first seal, or not pass in a later one


class ChainDefect(NamedTuple):
    """One fault of the structure. `instance` is the set it concerns, 0 where that is not known."""

    kind: ChainDefectKind
    instance: int
    #: The name of the field it concerns, lower case; "" for the set as a whole.
    name: str = ""
    #: The value that is wrong.
    text: str = ""


@dataclass(frozen=True, slots=True)
class ArcSeal:
    """An ARC-Seal: its signature, and what it says of the chain before it."""

    signature: DkimSignature
    #: cv=: none, pass or fail; whatever else stands there.
    chain_value: str

    @property
    def domain(self) -> DomainName | None:
        """d="""
        return self.signature.domain


@dataclass(slots=True)
class ArcSet:
    """The fields that share one number. Of each name the uppermost stands here."""

    instance: int
    results: Field | None = None
    message_signature: DkimSignature | None = None
    seal: ArcSeal | None = None
    #: Names of fields that are there more than once.
    repeated: list[str] = field(default_factory=list)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is there of the set, in the order in which a seal signs it (RFC 8617 §5.1.1)."""
        signature, seal = self.message_signature, self.seal
        there = (self.results, signature.field if signature else None, seal.signature.field if seal else None)
        return tuple(one for one in there if one is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the fields it does not have."""
        there = {one.key for one in self.fields}
        return tuple(name for name in ARC_FIELDS if name not in there)


@dataclass(frozen=True, slots=True)
class ArcChain:
    """The sets of a message by their numbers, and what is wrong with their structure."""

    sets: tuple[ArcSet, ...]
    defects: tuple[ChainDefect, ...]
    #: Whether the message has any ARC field.
    present: bool

    @property
    def newest(self) -> ArcSet | None:
        """The set with the highest number."""
        return self.sets[-1] if self.sets else None


def read_chain(headers: Headers, *, limits: Limits = DEFAULT_LIMITS) -> ArcChain:
    """The ARC sets of a message."""
    sets: dict[int, ArcSet] = {}
    defects: list[ChainDefect] = []
    fields = [one for one in headers.fields if one.key in ARC_FIELDS]
    for one in fields:
        instance = instance_of(one)
        if not 1 <= instance <= limits.arc_sets:
            kind = ChainDefectKind.TOO_MANY if instance > limits.arc_sets else ChainDefectKind.INSTANCE
            if len(defects) < limits.arc_sets:
                defects.append(ChainDefect(kind, 0, one.key, one.text[:80]))
            continue
        _place(sets.setdefault(instance, ArcSet(instance)), one, limits)
    ordered = tuple(sets[instance] for instance in sorted(sets))
    defects.extend(_of_structure(ordered))
    return ArcChain(ordered, tuple(defects), bool(fields))


def instance_of(one: Field) -> int:
    """The number of the set a field belongs to; 0 when it has none that can be read (RFC 8617 §4.2.1)."""
    if one.key == AAR:
        found = _INSTANCE.match(one.value[:1000].decode("latin-1"))
        return int(found[1]) if found else 0
    for piece in one.value.split(b";", DEFAULT_LIMITS.tags):
        name, equals, value = piece.partition(b"=")
        if equals and name.strip() == b"i":
            text = value.strip().decode("latin-1")
            return int(text) if _NUMBER.fullmatch(text) else 0
    return 0


def _place(into: ArcSet, one: Field, limits: Limits) -> None:
    if any(there.key == one.key for there in into.fields):
        into.repeated.append(one.key)
    elif one.key == AAR:
        into.results = one
    elif one.key == AMS:
        into.message_signature = _MessageSignatureReader(one, limits).read()
    else:
        reader = _SealReader(one, limits)
        value = reader.get("cv")
        into.seal = ArcSeal(reader.read(), (value or "").lower())


def _of_structure(sets: tuple[ArcSet, ...]) -> Iterator[ChainDefect]:
    """RFC 8617 §5.2 step 3."""
    for expected, one in enumerate(sets, 1):
        if one.instance != expected:
            yield ChainDefect(ChainDefectKind.GAP, expected)
            break
    for one in sets:
        yield from (ChainDefect(ChainDefectKind.MISSING, one.instance, name) for name in one.missing)
        yield from (ChainDefect(ChainDefectKind.REPEATED, one.instance, name) for name in dict.fromkeys(one.repeated))
        wanted = "none" if one.instance == 1 else "pass"
        if one.seal is not None and one.seal.chain_value != wanted:
            yield ChainDefect(ChainDefectKind.CHAIN_VALUE, one.instance, AS, one.seal.chain_value[:80])


class _MessageSignatureReader(SignatureReader):
    """RFC 8617 §4.1.2: as a DKIM-Signature, without v= and with the number of the set as i=."""

    required: ClassVar[tuple[str, ...]] = ("a", "b", "bh", "d", "h", "s", "i")

    def canonicalization(self) -> tuple[Canonicalization, Canonicalization]:
        """RFC 8617 §4.1.2 takes c= from DKIM; without one, deployed verifiers and the published suite read relaxed."""
        return super().canonicalization() if self.get("c") is not None else ("relaxed", "relaxed")

    def version(self) -> None:
        """RFC 8617 §4.1.2: a version tag MUST be ignored."""

    def identity(self, domain: DomainName | None) -> tuple[str, DomainName | None]:
        """There is none: i= is the number of the set."""
        return "", domain

    def check_signed(self, names: list[str]) -> None:
        """RFC 8617 §4.1.2: a seal MUST NOT be signed. (Nor may AMS and AAR; the published suite lets both pass.)"""
        if AS in names:
            self.at(SignatureDefectKind.SIGNED_FIELDS, "h")


class _SealReader(_MessageSignatureReader):
    """RFC 8617 §4.1.3: a signature of header fields only, always relaxed, whose h= is not allowed."""

    required: ClassVar[tuple[str, ...]] = ("a", "b", "d", "s", "i", "cv")

    def canonicalization(self) -> tuple[Canonicalization, Canonicalization]:
        """Only relaxed; a c= is an unknown tag."""
        return "relaxed", "relaxed"

    def signed_fields(self) -> tuple[str, ...]:
        """RFC 8617 §4.1.3: h= is NOT allowed."""
        if self.get("h") is not None:
            self.at(SignatureDefectKind.SIGNED_FIELDS, "h")
        return ()

    def base64(self, name: str) -> bytes:
        """There is no bh=: a seal does not sign the body."""
        return super().base64(name) if name == "b" else b""

    def number(self, name: str, digits: int, kind: SignatureDefectKind) -> int | None:
        """Of the numbers only t= is known here."""
        return super().number(name, digits, kind) if name == "t" else None
