"""The words of RFC 7208 §12: what a well-formed term is. Record, macro and evaluation read by these and no others.

Every pattern here is linear in its input: alternatives begin with different characters, and the one rule of the ABNF
that would make a pattern try again from many places, `domain-end`, is looked for from the right by hand.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple, TypeAlias

from deliverability.core.patterns import pattern

_FLAGS = re.IGNORECASE | re.ASCII

QNUM = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IP4_ADDRESS = rf"{QNUM}\.{QNUM}\.{QNUM}\.{QNUM}"
IP4_LENGTH = "(?:3[0-2]|[12]?[0-9])"  # 0-32 without leading zeros
IP6_LENGTH = "(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])"  # 0-128 without leading zeros


def _ip6_address() -> str:
    """The forms of RFC 4291 §2.2, the ones that end in `::` first because networks are written so."""
    h16 = "[0-9a-f]{1,4}"
    tail = f"(?:{h16}:{h16}|{IP4_ADDRESS})"
    forms = [f"(?:(?:{h16}:){{0,6}}{h16})?::", f"(?:{h16}:){{6}}{tail}"]
    forms += [f"(?:(?:{h16}:){{0,{4 - n}}}{h16})?::(?:{h16}:){{{n}}}{tail}" for n in range(5)]
    forms += [f"::(?:{h16}:){{5}}{tail}", f"(?:(?:{h16}:){{0,5}}{h16})?::{h16}"]
    return "(?:" + "|".join(forms) + ")"


IP6_ADDRESS = _ip6_address()

IP4_TERM = pattern(rf"([-+?~]?)ip4:({IP4_ADDRESS})(?:/({IP4_LENGTH}))?", _FLAGS)
IP6_TERM = pattern(rf"([-+?~]?)ip6:({IP6_ADDRESS})(?:/({IP6_LENGTH}))?", _FLAGS)
#: a and mx: qualifier, name, domain-spec, ip4-cidr-length, ip6-cidr-length.
HOST_TERM = pattern(rf"([-+?~]?)(a|mx)(?::([^ ]+?))?(?:/({IP4_LENGTH}))?(?://({IP6_LENGTH}))?", _FLAGS)
#: The beginning of a term: qualifier, name, and what follows it.
_match_head = re.compile(r"([-+?~]?)([a-z][a-z0-9._-]*)([:=/]?)", _FLAGS).match

#: Cuts a macro-string into literal text, and six groups for what stands between.
_split_macros = re.compile(r"%(?:\{([a-z])([0-9]*)(r?)([-.+,/_=]*)\}|([%_-]))", _FLAGS).split
_toplabel = re.compile(r"(?=[0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", _FLAGS).fullmatch
_plain_spec = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?", _FLAGS).fullmatch
_literal = re.compile(r"[!-$&-~]+").fullmatch
_literals = re.compile(r"[!-$&-~]*").fullmatch

#: Letters that may stand in a domain-spec; c, r and t are for explanations only (RFC 7208 §7.2).
DOMAIN_LETTERS = frozenset("slodiphv")
ALL_LETTERS = frozenset("slodiphvcrt")

_PERCENT = {"%": "%", "_": " ", "-": "%20"}  # RFC 7208 §7.1


class Macro(NamedTuple):
    """A macro expansion such as `%{d2r.}` (RFC 7208 §7.1); a tuple because records never seen before make many."""

    letter: str  # lower case
    digits: int | None = None  # right-most labels kept; None is all
    reverse: bool = False
    delimiters: str = "."
    escape: bool = False  # upper-case letter: URL-escape the result


MacroParts: TypeAlias = tuple["str | Macro", ...]


def read_macros(text: str, letters: frozenset[str] = ALL_LETTERS) -> MacroParts | None:
    """The parts of a macro-string (empty text: no parts), or None where it is not one."""
    if "%" not in text:
        return (text,) if _literal(text) else (None if text else ())
    parts = _tokenize(text, letters)
    return None if parts is None else parts[0]


def read_explain_string(text: str) -> MacroParts | None:
    """The parts of an explain-string, in which spaces stand for themselves (RFC 7208 §6.2, §7.1), or None."""
    parts: list[str | Macro] = []
    for index, word in enumerate(text.split(" ")):
        if index:
            parts.append(" ")
        read = read_macros(word)
        if read is None:
            return None
        parts.extend(read)
    return tuple(parts)


def read_domain_spec(text: str) -> MacroParts | None:
    """The parts of a domain-spec, or None where it is not one: it ends in a top label or in a macro (RFC 7208 §7.1)."""
    if _plain_spec(text):
        return (text,)
    if "%" not in text:
        return (text,) if _literal(text) and _ends_in_toplabel(text) else None
    read = _tokenize(text, DOMAIN_LETTERS)
    if read is None:
        return None
    parts, ends_in_macro = read
    return parts if ends_in_macro or _ends_in_toplabel(text) else None


def _ends_in_toplabel(text: str) -> bool:
    _, dot, label = text.removesuffix(".").rpartition(".")
    return bool(dot and _toplabel(label))


def _tokenize(text: str, letters: frozenset[str]) -> tuple[MacroParts, bool] | None:
    """The parts of a macro-string, and whether its last one is a macro-expand."""
    pieces = _split_macros(text)
    if not _literals("".join(pieces[::6])):
        return None
    parts: list[str | Macro] = []
    literal: str = pieces[0]
    for at in range(1, len(pieces), 6):
        letter, digits, reverse, delimiters, percent, after = pieces[at : at + 6]
        if letter is None:
            literal += _PERCENT[percent] + after
            continue
        count = _digits(digits) if digits else None
        lower = letter.lower()
        if lower not in letters or count == 0:  # RFC 7208 §7.3: the value MUST be nonzero
            return None
        if literal:
            parts.append(literal)
        parts.append(Macro(lower, count, bool(reverse), delimiters or ".", lower != letter))
        literal = after
    if literal:
        parts.append(literal)
    return tuple(parts), not pieces[-1]


class Scanned(NamedTuple):
    """A well-formed term, taken apart."""

    name: str  # lower case
    #: "", or one of `+ - ~ ?`; None for a modifier.
    qualifier: str | None
    #: The domain-spec, the address of ip4 and ip6, or what follows the `=`; None where a mechanism has nothing.
    value: str | None
    #: Where the value begins in the term.
    at: int
    #: The macros of the value; None for ip4 and ip6, and where there is no value.
    parts: MacroParts | None
    length4: int | None = None
    length6: int | None = None


def scan(term: str) -> Scanned | None:
    """The term taken apart, or None where RFC 7208 §12 knows no such term."""
    head = _match_head(term)
    if head is None:
        return None
    qualifier, name, mark = head.groups()
    name, at = name.lower(), head.end()
    if mark == "=":
        return None if qualifier else _scan_modifier(name, term[at:], at)
    if name in _NETWORKS:
        return _scan_network(name, term)
    if name in _HOSTS:
        return _scan_hosts(name, term)
    if name in _WITH_SPEC:
        spec = term[at:] if mark == ":" else ""
        parts = read_domain_spec(spec)
        return Scanned(name, qualifier, spec, at, parts) if parts else None
    if name == "ptr" and mark == ":":
        parts = read_domain_spec(term[at:])
        return Scanned(name, qualifier, term[at:], at, parts) if parts else None
    return Scanned(name, qualifier, None, at, None) if name in _BARE and at == len(term) and not mark else None


_NETWORKS = ("ip4", "ip6")
_HOSTS = ("a", "mx")
_WITH_SPEC = ("include", "exists")
_BARE = ("all", "ptr")


def _scan_network(name: str, term: str) -> Scanned | None:
    match = IP4_TERM.fullmatch(term) if name == "ip4" else IP6_TERM.fullmatch(term)
    if match is None:
        return None
    qualifier, address, length = match.groups()
    if name == "ip4":
        return Scanned(name, qualifier, address, match.start(2), None, int(length or 32))
    return Scanned(name, qualifier, address, match.start(2), None, None, int(length or 128))


def _scan_hosts(name: str, term: str) -> Scanned | None:
    match = HOST_TERM.fullmatch(term)
    if match is None:
        return None
    qualifier, _, spec, length4, length6 = match.groups()
    parts = None if spec is None else read_domain_spec(spec)
    if spec is not None and not parts:
        return None
    four, six = (None if length is None else int(length) for length in (length4, length6))
    return Scanned(name, qualifier, spec, match.start(3), parts, four, six)


def _scan_modifier(name: str, value: str, at: int) -> Scanned | None:
    parts = read_domain_spec(value) if name in ("redirect", "exp") else read_macros(value)
    return None if parts is None else Scanned(name, None, value, at, parts)


def _digits(digits: str) -> int:
    """How many parts to keep. No name has a thousand labels, so more digits than three mean all of them."""
    stripped = digits.lstrip("0")
    return int(stripped or "0") if len(stripped) <= 3 else 999


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern with the flags of this grammar: ABNF literals are case-insensitive, and only ASCII is meant."""
    return re.compile(pattern, _FLAGS)
