"""The nouns of an SPF record: directives, modifiers, problems, the record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, NamedTuple, TypeAlias

from deliverability.core.span import Span
from deliverability.spf.grammar import Macro

MechanismName: TypeAlias = Literal["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]


class Qualifier(StrEnum):
    """What a matching mechanism means (RFC 7208 §4.6.2)."""

    PASS = "+"
    FAIL = "-"
    SOFTFAIL = "~"
    NEUTRAL = "?"


class DomainSpec(NamedTuple):
    """A domain-spec (RFC 7208 §7.1): literal text and macros in turn."""

    text: str
    span: Span
    parts: tuple[str | Macro, ...]

    @property
    def is_static(self) -> bool:
        """Whether it names the same domain for every message and wherever it is used: it holds no macro."""
        return all(isinstance(part, str) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Directive:
    """A qualifier and a mechanism. `domain_spec` None is the domain under evaluation; CIDR lengths None are full."""

    mechanism: MechanismName
    qualifier: Qualifier
    span: Span
    text: str
    domain_spec: DomainSpec | None = None
    #: For ip4 and ip6; host bits below the prefix are dropped here, and reported.
    network: IPv4Network | IPv6Network | None = None
    ip4_cidr_length: int | None = None
    ip6_cidr_length: int | None = None

    @property
    def asks(self) -> bool:
        """Whether it counts towards the ten terms that cause DNS queries (RFC 7208 §4.6.4)."""
        return self.mechanism not in ("all", "ip4", "ip6")

    @property
    def canonical(self) -> str:
        """The same directive in one spelling: lower-case name, no `+`, no full-length prefix. Two equal ones mean the same."""
        text = ("" if self.qualifier is Qualifier.PASS else self.qualifier.value) + self.mechanism
        if self.network is not None:
            full = self.network.prefixlen == self.network.max_prefixlen
            return f"{text}:{self.network.network_address if full else self.network}"
        if self.domain_spec is not None:
            spec = self.domain_spec.text
            text += ":" + (spec.lower().removesuffix(".") if self.domain_spec.is_static else spec)
        if self.ip4_cidr_length not in (None, 32):
            text += f"/{self.ip4_cidr_length}"
        if self.ip6_cidr_length not in (None, 128):
            text += f"//{self.ip6_cidr_length}"
        return text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Modifier:
    """A `name=value` term: redirect, exp, the RFC 6652 ra, rp and rr, or one that is unknown and ignored (§6)."""

    name: str  # lower case
    value: str
    span: Span
    text: str
    domain_spec: DomainSpec | None = None

    @property
    def asks(self) -> bool:
        """Whether it counts towards the ten terms that cause DNS queries (RFC 7208 §4.6.4)."""
        return self.name == "redirect"

    def __str__(self) -> str:
        return self.text


Term: TypeAlias = Directive | Modifier


class SpfProblemKind(StrEnum):
    """What can be wrong in a record; spf/texts.py says each in both languages.

    A kind may be fatal in one place and not in another: RFC 7208 lets many slips pass as legal but useless text.
    """

    VERSION = "version"  # does not begin with exactly "v=spf1" and a space
    UNKNOWN_MECHANISM = "unknown-mechanism"
    MISSING_MECHANISM = "missing-mechanism"  # an address or a domain without ip4:, a: or include:
    EQUALS_FOR_COLON = "equals-for-colon"  # include=x is a legal, ignored modifier
    COLON_FOR_EQUALS = "colon-for-equals"  # redirect:x
    SPLIT_TERM = "split-term"  # a space inside a term: "ip4: 192.0.2.1", "- all"
    JOINED_TERMS = "joined-terms"  # a space is missing between two terms
    SEPARATOR = "separator"  # a comma or semicolon where a space belongs
    QUOTE = "quote"  # a stray or typographic quote
    FOREIGN_CHARACTER = "foreign-character"  # outside visible US-ASCII
    QUALIFIER = "qualifier"  # doubled, unknown, or before a modifier
    EMPTY_VALUE = "empty-value"  # include:, redirect=, a bare exists
    UNEXPECTED_VALUE = "unexpected-value"  # all:x
    UNEXPECTED_PREFIX = "unexpected-prefix"  # include:x/24
    ADDRESS = "address"  # not an IPv4 or IPv6 address
    ADDRESS_FAMILY = "address-family"  # an IPv6 address after ip4:, or the other way round
    NETMASK = "netmask"  # /255.255.255.0
    PREFIX_LENGTH = "prefix-length"  # not a number, or over 32 or 128
    LEADING_ZERO = "leading-zero"  # /024, 192.0.2.010
    HOST_BITS = "host-bits"  # 192.0.2.10/24: legal, bits below the prefix are ignored
    DOMAIN = "domain"  # not a domain-spec
    IMPOSSIBLE_NAME = "impossible-name"  # legal here, but no DNS name: empty label, label over 63
    ODD_NAME = "odd-name"  # legal here, but no host name: scheme, @, quote, comma
    MACRO = "macro"
    MODIFIER_VALUE = "modifier-value"
    REPEATED_MODIFIER = "repeated-modifier"  # RFC 7208 §6
    REPEATED_VERSION = "repeated-version"  # a second v=spf1 inside the record
    AFTER_ALL = "after-all"  # RFC 7208 §5.1: never tested
    REDIRECT_WITH_ALL = "redirect-with-all"  # RFC 7208 §6.1: ignored
    TOO_MANY_TERMS = "too-many-terms"
    TOO_LONG = "too-long"
    SYNTAX = "syntax"  # not a term, and no better word for it


class SpfProblem(NamedTuple):
    """One defect. `fatal` defects make the record a permerror (RFC 7208 §4.6); the others are worth telling."""

    kind: SpfProblemKind
    span: Span
    text: str
    fatal: bool = True
    #: The corrected text for the span, where there is an obvious one.
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """One record: every term that could be read, and every defect, both in the order of the text."""

    text: str
    terms: tuple[Term, ...]
    problems: tuple[SpfProblem, ...]

    @property
    def is_valid(self) -> bool:
        """Whether receivers can evaluate it: no fatal problem (RFC 7208 §4.6)."""
        return not any(problem.fatal for problem in self.problems)

    @property
    def directives(self) -> tuple[Directive, ...]:
        """The mechanisms with their qualifiers, without the modifiers."""
        return tuple(term for term in self.terms if isinstance(term, Directive))

    @property
    def all(self) -> Directive | None:
        """The first `all`, which ends the evaluation (RFC 7208 §5.1)."""
        return next((d for d in self.directives if d.mechanism == "all"), None)

    def modifier(self, name: str) -> Modifier | None:
        """The first modifier of that name (lower case)."""
        return next((t for t in self.terms if isinstance(t, Modifier) and t.name == name), None)

    @property
    def redirect(self) -> Modifier | None:
        """The `redirect` in force: none where there is an `all` (RFC 7208 §6.1)."""
        return None if self.all else self.modifier("redirect")

    def corrected(self) -> str:
        """The text with every suggestion put in its place; the text itself where nothing is suggested."""
        text, end = self.text, len(self.text) + 1
        for problem in sorted(self.problems, key=lambda p: (p.span.start, p.span.end), reverse=True):
            if problem.suggestion and problem.span.end <= end:
                text = text[: problem.span.start] + problem.suggestion + text[problem.span.end :]
                end = problem.span.start
        return text

    def __str__(self) -> str:
        return " ".join(["v=spf1", *(term.text for term in self.terms)])
