"""The DKIM-Signature header field (RFC 6376 §3.5, RFC 8301, RFC 8463, RFC 8616).

Theory of operation. The field is a tag list, and core/tags.py reads it; this file gives the tags their meaning. Reading
never fails: there is always a `DkimSignature` with what could be read, and `defects` names every fault with its place.
A defect is `fatal` when a verifier has to ignore the signature because of it (§6.1.1: "meticulously validate"); the
others are outside the grammar and accepted by most verifiers. Of the fatal ones the first decides the result.

Places count characters of `field.text`, the value without folds, which is what a report shows.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple, cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import MAX_NAME, DomainName, is_subdomain
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.core.tags import Tag, TagDefectKind, TagList, read_tags
from deliverability.dkim.canonical import Canonicalization
from deliverability.dkim.tag_values import domain_of, plain_values, signature_domain, unquote
from deliverability.headers.fields import Field, text_of

#: The algorithms with a meaning; the second MUST NOT verify any more (RFC 8301 §3.1).
RSA_SHA256, RSA_SHA1, ED25519_SHA256 = "rsa-sha256", "rsa-sha1", "ed25519-sha256"
ALGORITHMS = (RSA_SHA256, ED25519_SHA256, RSA_SHA1)
_DIGITS_OF_TIME = 12
_DIGITS_OF_LENGTH = 76

_BASE64 = pattern(r"[A-Za-z0-9+/]*={0,2}")
_WHITE = pattern(r"[ \t\r\n]+")
_DIGITS = pattern(r"[0-9]+")
_FIELD_NAMES = pattern(r"[!-9;-~]+(?:[ \t]*:[ \t]*[!-9;-~]+)*")
_PLAIN = pattern(r"[!-<>-~]*")


class SignatureDefectKind(StrEnum):
    """What can be wrong in a DKIM-Signature field."""

    TOO_LONG = "too-long"  # Limits.dkim_signature_octets
    SYNTAX = "syntax"  # a piece that is no tag=value, or a value that its tag does not allow
    DUPLICATE_TAG = "duplicate-tag"
    EMPTY_TAG = "empty-tag"  # two semicolons in a row
    FOREIGN_OCTETS = "foreign-octets"
    MISSING_TAG = "missing-tag"
    VERSION = "version"  # v= is not 1
    ALGORITHM = "algorithm"  # a= is unknown
    SHA1 = "sha1"  # a=rsa-sha1
    BASE64 = "base64"  # b= or bh=
    CANONICALIZATION = "canonicalization"
    DOMAIN = "domain"  # d= or the domain of i= is no domain name
    SELECTOR = "selector"
    SIGNED_FIELDS = "signed-fields"  # a name in h= that no field can have
    TOO_MANY_FIELDS = "too-many-fields"  # Limits.dkim_signed_fields
    FROM_NOT_SIGNED = "from-not-signed"
    IDENTITY = "identity"  # i= is outside d=
    LENGTH = "length"  # l= is no number
    QUERY = "query"  # q= without dns/txt
    TIMES = "times"  # t= or x= is no number, or x= is not after t=


class SignatureDefect(NamedTuple):
    """One fault. `span` counts characters of the field's text, `tag` is the tag it concerns ("" for the list itself)."""

    kind: SignatureDefectKind
    span: Span
    tag: str = ""
    text: str = ""
    #: A verifier ignores the signature because of this.
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class DkimSignature:
    """A DKIM-Signature as read. Tags that are absent have the default of RFC 6376 §3.5."""

    field: Field
    #: The tag list as it was read: the field's value, one character for each octet.
    text: str
    #: a=, lower case
    algorithm: str
    #: c=: of header fields and of the body
    canonicalization: tuple[Canonicalization, Canonicalization]
    #: d= in A-labels; None when it is no domain name
    domain: DomainName | None
    #: s= in A-labels, lower case
    selector: str
    #: h=, lower case, in its order
    signed_fields: tuple[str, ...]
    #: i=, decoded
    identity: str
    #: The domain of i= in A-labels; that of d= without one.
    identity_domain: DomainName | None
    #: l=: octets of the canonical body that are signed; None: all of it
    body_length: int | None
    #: t=: seconds since 1970 UTC
    timestamp: int | None
    #: x=: seconds since 1970 UTC
    expiration: int | None
    #: bh=, decoded
    body_hash: bytes
    #: b=, decoded
    signature: bytes
    #: Where the key is published: `s._domainkey.d` (RFC 6376 §3.6.2.1); None when DNS has no such name.
    key_name: DomainName | None
    defects: tuple[SignatureDefect, ...]

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags with their places in `text`, read again at each call: verifying needs only their values."""
        return read_tags(self.text).tags

    def tag(self, name: str) -> Tag | None:
        """The first tag of that exact name."""
        return next((tag for tag in self.tags if tag.name == name), None)

    def defect(self, *kinds: SignatureDefectKind) -> SignatureDefect | None:
        """The first defect of one of these kinds."""
        return next((defect for defect in self.defects if defect.kind in kinds), None)

    @property
    def fatal(self) -> SignatureDefect | None:
        """The defect because of which the signature is ignored."""
        return next((defect for defect in self.defects if defect.fatal), None)

    @property
    def key_type(self) -> str:
        """The kind of key that `a=` wants: rsa, ed25519."""
        return self.algorithm.partition("-")[0]

    @property
    def copied_fields(self) -> tuple[tuple[str, bytes], ...]:
        """z=: names and values of header fields as they were when the message was signed; for diagnosis only."""
        tag = self.tag("z")
        if tag is None:
            return ()
        copies = (part.partition(":") for part in _WHITE.sub("", tag.value).split("|"))
        return tuple((name.lower(), unquote(value)) for name, colon, value in copies if colon and name)


def parse_signature(field: Field, *, limits: Limits = DEFAULT_LIMITS) -> DkimSignature:
    """The DKIM-Signature in a header field. Never raises; see `DkimSignature.defects`."""
    return SignatureReader(field, limits).read()


_OF_LIST = {
    # RFC 6376 §3.2, §6.1.1: outside the grammar, or a name twice: the whole list is invalid.
    TagDefectKind.NO_EQUALS: (SignatureDefectKind.SYNTAX, True),
    TagDefectKind.BAD_NAME: (SignatureDefectKind.SYNTAX, True),
    TagDefectKind.DUPLICATE: (SignatureDefectKind.DUPLICATE_TAG, True),
    TagDefectKind.TOO_MANY: (SignatureDefectKind.TOO_LONG, True),
    TagDefectKind.EMPTY: (SignatureDefectKind.EMPTY_TAG, True),
    # RFC 8616 §5 allows UTF-8 where internationalized header fields are.
    TagDefectKind.NON_ASCII: (SignatureDefectKind.FOREIGN_OCTETS, False),
}


class SignatureReader:
    """The tags of one signature field, read one by one; ARC's fields share most of them (RFC 8617 §4.1.2)."""

    #: RFC 6376 §3.5
    required: ClassVar[tuple[str, ...]] = ("v", "a", "b", "bh", "d", "h", "s")

    def __init__(self, field: Field, limits: Limits) -> None:
        self.field = field
        self.limits = limits
        self.defects: list[SignatureDefect] = []
        text = field.value.decode("latin-1")
        if len(field.raw) > limits.dkim_signature_octets:
            whole = Span(limits.dkim_signature_octets, max(len(text), limits.dkim_signature_octets))
            self.add(SignatureDefectKind.TOO_LONG, whole)
            text = text[: limits.dkim_signature_octets]
        self.text = text
        self._list: TagList | None = None
        values = plain_values(text, limits.tags)
        if values is None:
            values = {}
            for tag in self.tag_list.tags:
                values.setdefault(tag.name, tag.value)
        #: The value of each tag; of several with one name the first.
        self.values = values

    def read(self) -> DkimSignature:
        """Everything, with the defects in the order in which a verifier would meet them (RFC 6376 §6.1.1)."""
        self.list_defects()
        self.version()
        domain = self.domain()
        timestamp, expiration = self.times()
        identity, identity_domain = self.identity(domain)
        algorithm = self.algorithm()
        selector = self.selector()
        key_name = f"{selector}._domainkey.{domain}" if selector and domain else ""
        signature = DkimSignature(
            field=self.field,
            text=self.text,
            algorithm=algorithm,
            canonicalization=self.canonicalization(),
            domain=domain,
            selector=selector,
            signed_fields=self.signed_fields(),
            identity=identity,
            identity_domain=identity_domain,
            body_length=self.number("l", _DIGITS_OF_LENGTH, SignatureDefectKind.LENGTH),
            timestamp=timestamp,
            expiration=expiration,
            body_hash=self.base64("bh"),
            signature=self.base64("b"),
            key_name=DomainName(key_name) if 0 < len(key_name) <= MAX_NAME else None,
            defects=(),
        )
        self.query()
        if self.defects:
            object.__setattr__(signature, "defects", tuple(self.defects))
        return signature

    # --- the list ---------------------------------------------------------------------------------------------------

    def add(self, kind: SignatureDefectKind, span: Span, tag: str = "", text: str = "", *, fatal: bool = True) -> None:
        """Note a defect."""
        self.defects.append(SignatureDefect(kind, span, tag, text, fatal))

    @property
    def tag_list(self) -> TagList:
        """The tags with their places; read when something is wrong, for a clean list has no place to show."""
        if self._list is None:
            self._list = read_tags(self.text, max_tags=self.limits.tags)
        return self._list

    def at(self, kind: SignatureDefectKind, name: str, *, fatal: bool = True) -> None:
        """Note a defect of a tag's value."""
        tag = self.tag_list.get(name)
        if tag is not None:
            self.add(kind, tag.value_span, name, tag.value, fatal=fatal)

    def get(self, name: str) -> str | None:
        """The value of a tag; None where there is no such tag."""
        return self.values.get(name)

    def list_defects(self) -> None:
        """Faults of the list itself, and tags that have to be there and are not."""
        for defect in () if self._list is None else self._list.defects:
            kind, fatal = _OF_LIST[defect.kind]
            self.add(
                kind,
                defect.span,
                defect.text if kind is SignatureDefectKind.DUPLICATE_TAG else "",
                defect.text,
                fatal=fatal,
            )
        end = len(self.text)
        for name in self.required:
            if name not in self.values:
                self.add(SignatureDefectKind.MISSING_TAG, Span(end, end), name)

    # --- each tag ---------------------------------------------------------------------------------------------------

    def version(self) -> None:
        """RFC 6376 §3.5, v=: it MUST have the value "1"."""
        value = self.get("v")
        if value is not None and value != "1":
            self.at(SignatureDefectKind.VERSION, "v")

    def algorithm(self) -> str:
        """RFC 6376 §3.5, a=; RFC 8463 §3."""
        value = self.get("a")
        if value is None:
            return ""
        algorithm = value.lower()
        if algorithm == RSA_SHA1:
            # RFC 8301 §3.1: rsa-sha1 MUST NOT be used for verifying.
            self.at(SignatureDefectKind.SHA1, "a")
        elif algorithm not in ALGORITHMS:
            self.at(SignatureDefectKind.ALGORITHM, "a")
        return algorithm

    def canonicalization(self) -> tuple[Canonicalization, Canonicalization]:
        """RFC 6376 §3.5, c=: one name alone is that of the header."""
        value = self.get("c")
        if value is None:
            return "simple", "simple"
        header, _, body = value.lower().partition("/")
        header, body = header.strip(" \t\r\n"), body.strip(" \t\r\n") or "simple"
        if header not in ("simple", "relaxed") or body not in ("simple", "relaxed"):
            self.at(SignatureDefectKind.CANONICALIZATION, "c")
            return "simple", "simple"
        return cast(Canonicalization, header), cast(Canonicalization, body)

    def domain(self) -> DomainName | None:
        """RFC 6376 §3.5, d=: a domain name of two labels or more; U-labels by RFC 8616 §5."""
        value = self.get("d")
        if value is None:
            return None
        domain = signature_domain(value)
        if domain is None or "." not in domain:
            self.at(SignatureDefectKind.DOMAIN, "d")
            return None
        return domain

    def selector(self) -> str:
        """RFC 6376 §3.5, s=; §3.1: labels, joined with dots."""
        value = self.get("s")
        if value is None:
            return ""
        selector = signature_domain(value)
        if selector is None:
            self.at(SignatureDefectKind.SELECTOR, "s")
        return selector or ""

    def signed_fields(self) -> tuple[str, ...]:
        """RFC 6376 §3.5, h=: names, of which From has to be one (§5.4)."""
        value = self.get("h")
        if value is None:
            return ()
        names = [name.strip(" \t\r\n").lower() for name in value.split(":", self.limits.dkim_signed_fields)]
        if len(names) > self.limits.dkim_signed_fields:
            self.at(SignatureDefectKind.TOO_MANY_FIELDS, "h")
            names.pop()
        if not _FIELD_NAMES.fullmatch(value):
            # Such a name stands for no field; other verifiers let it pass.
            self.at(SignatureDefectKind.SIGNED_FIELDS, "h", fatal=False)
        self.check_signed(names)
        return tuple([name for name in names if name])

    def check_signed(self, names: list[str]) -> None:
        """RFC 6376 §6.1.1: From MUST be signed."""
        if "from" not in names:
            self.at(SignatureDefectKind.FROM_NOT_SIGNED, "h")

    def identity(self, domain: DomainName | None) -> tuple[str, DomainName | None]:
        """RFC 6376 §3.5, i=: an address within d=, the part before the @ may be empty."""
        value = self.get("i")
        if value is None:
            return f"@{domain or ''}", domain
        identity = value
        if not _PLAIN.fullmatch(identity):
            identity = text_of(unquote(identity))
        _, at, host = identity.rpartition("@")
        name = domain_of(host) if at else None
        if name is None:
            self.at(SignatureDefectKind.DOMAIN, "i")
        elif domain is not None and not is_subdomain(name, domain):
            self.at(SignatureDefectKind.IDENTITY, "i")
        return identity, name

    def times(self) -> tuple[int | None, int | None]:
        """RFC 6376 §3.5, t= and x=: x= MUST be greater than t=."""
        timestamp = self.number("t", _DIGITS_OF_TIME, SignatureDefectKind.TIMES)
        expiration = self.number("x", _DIGITS_OF_TIME, SignatureDefectKind.TIMES)
        value = self.get("x")
        if value is not None and timestamp is not None and expiration is not None and expiration <= timestamp:
            self.at(SignatureDefectKind.TIMES, "x")
        return timestamp, expiration

    def number(self, name: str, digits: int, kind: SignatureDefectKind) -> int | None:
        """A tag whose value is a number of at most so many digits."""
        value = self.get(name)
        if value is None:
            return None
        if len(value) > digits or not _DIGITS.fullmatch(value):
            self.at(kind, name)
            return None
        return int(value)

    def query(self) -> None:
        """RFC 6376 §3.5, q=: unknown methods are passed over; dns/txt is the only known one."""
        value = self.get("q")
        if value is not None and "dns/txt" not in (word.strip(" \t\r\n").lower() for word in value.split(":")):
            self.at(SignatureDefectKind.QUERY, "q")

    def base64(self, name: str) -> bytes:
        """b= and bh=: white space inside is ignored (RFC 6376 §3.5)."""
        value = self.get(name)
        if value is None:
            return b""
        text = value.replace(" ", "").replace("\t", "")
        if not text or not _BASE64.fullmatch(text) or len(text) % 4:
            self.at(SignatureDefectKind.BASE64, name)
            return b""
        return binascii.a2b_base64(text)
