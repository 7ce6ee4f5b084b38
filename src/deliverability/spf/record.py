"""SPF records: the terms of RFC 7208 §4.6.1 and §12, with the place of each in the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, TypeAlias

from deliverability.core.span import Span

MechanismName: TypeAlias = Literal["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]


class Qualifier(StrEnum):
    """What a matching mechanism means (RFC 7208 §4.6.2)."""

    PASS = "+"
    FAIL = "-"
    SOFTFAIL = "~"
    NEUTRAL = "?"


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro expansion such as `%{d2r.}` (RFC 7208 §7.1)."""

    letter: str  # lower case
    digits: int | None = None  # right-most labels kept; None is all
    reverse: bool = False
    delimiters: str = "."
    escape: bool = False  # upper-case letter: URL-escape the result


@dataclass(frozen=True, slots=True)
class DomainSpec:
    """A domain-spec (RFC 7208 §7.1): literal text and macros in turn."""

    text: str
    span: Span
    parts: tuple[str | Macro, ...]

    @property
    def is_static(self) -> bool:
        """Whether it names the same domain for every message: no macro but `%{d}` of this record."""
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


@dataclass(frozen=True, slots=True)
class Modifier:
    """A `name=value` term: redirect, exp, the RFC 6652 ra, rp and rr, or one that is unknown and ignored (§6)."""

    name: str  # lower case
    value: str
    span: Span
    text: str
    domain_spec: DomainSpec | None = None


Term: TypeAlias = Directive | Modifier


class SpfProblemKind(StrEnum):
    """What can be wrong in a record; spf/texts.py says each in both languages."""

    VERSION = "version"
    UNKNOWN_MECHANISM = "unknown-mechanism"
    # … the parser's author adds the rest


@dataclass(frozen=True, slots=True)
class SpfProblem:
    """One defect. `fatal` defects make the record a permerror (RFC 7208 §4.6); the others are worth telling."""

    kind: SpfProblemKind
    span: Span
    text: str
    fatal: bool = True
    #: The corrected term, where there is an obvious one.
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """One record: every term that could be read, and every defect."""

    text: str
    terms: tuple[Term, ...]
    problems: tuple[SpfProblem, ...]
