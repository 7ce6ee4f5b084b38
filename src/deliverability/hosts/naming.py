"""What the name of a host tells: made by a machine for an address, given by a platform, or meant for one network only.

A reverse name counts as generic when it spells the address it stands for, when a word in it marks lines that are handed
out (`dyn`, `dsl`), or when it lies in a zone where hosting companies name machines that nobody named. The address is
looked for in the ways networks write it: octets in order, reversed or rotated, with any separators, glued with leading
zeros, or as hexadecimal digits. One or two numbers alone prove nothing: `mail-10.example.net` is a name somebody chose.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from ipaddress import IPv6Address
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.names import DomainName, is_host_name, nibbles, registrable_domain
from deliverability.core.patterns import pattern
from deliverability.core.questions import IPAddress
from deliverability.providers.registry import Provider, provider

_DIGITS = pattern(r"[0-9]{1,12}")
_PARTS = pattern(r"[a-z]+")
_SEPARATORS = str.maketrans("", "", ".-_")


class GenericKind(StrEnum):
    """Why a reverse name is generic."""

    ADDRESS = "address"  # it spells the address
    WORD = "word"  # a word for lines that are handed out
    HOSTER = "hoster"  # the name a hosting company gives to a new machine


class Generic(NamedTuple):
    """What makes a name generic, and the part of it that does."""

    kind: GenericKind
    part: str


class _Table(NamedTuple):
    words: frozenset[str]
    pairs: tuple[str, ...]
    weak_words: frozenset[str]
    hosters: frozenset[str]
    platforms: dict[str, str]
    local: frozenset[str]
    low_trust: frozenset[str]


@functools.cache
def _table() -> _Table:
    # Read-only data of this package: a cache, not state.
    table = read_table("deliverability.hosts", "names.toml")
    return _Table(
        words=frozenset(table["generic"]["words"]),
        pairs=tuple(table["generic"]["pairs"]),
        weak_words=frozenset(table["generic"]["weak_words"]),
        hosters=frozenset(table["hoster"]["suffixes"]),
        platforms={entry["suffix"]: entry["provider"] for entry in table["platform"]["suffixes"]},
        local=frozenset(table["local"]["suffixes"]),
        low_trust=frozenset(table["low_trust"]["tlds"]),
    )


def generic_name(name: DomainName, ip: IPAddress) -> Generic | None:
    """What makes `name` generic as the reverse name of `ip`, or None for a name that somebody chose."""
    spelled = _ipv6_in(name, ip) if isinstance(ip, IPv6Address) else _ipv4_in(name, ip.packed)
    if spelled:
        return Generic(GenericKind.ADDRESS, spelled)
    suffix = _suffix_in(name, _table().hosters)
    if suffix:
        return Generic(GenericKind.HOSTER, suffix)
    word = _word_in(name, ip)
    return Generic(GenericKind.WORD, word) if word else None


def platform_of(name: DomainName) -> Provider | None:
    """The mail platform that names its own sending hosts there. Trust it only for a name that its address confirms."""
    suffix = _suffix_in(name, _table().platforms)
    return provider(_table().platforms[suffix]) if suffix else None


def is_public_name(name: str) -> bool:
    """Whether a name can mean the same host everywhere: host-name characters, a dot inside, no label of one network."""
    lowered = name.lower().removesuffix(".")
    return "." in lowered and is_host_name(lowered) and not _suffix_in(lowered, _table().local)


def is_low_trust(name: DomainName) -> bool:
    """Whether the top-level domain is on the list of those that some filters distrust."""
    return name.rpartition(".")[2] in _table().low_trust


def _suffix_in(name: str, suffixes: Iterable[str]) -> str:
    """The longest suffix of `name` that is listed, by whole labels."""
    rest = name
    while rest:
        if rest in suffixes:
            return rest
        rest = rest.partition(".")[2]
    return ""


# --- the address in the name ------------------------------------------------------------------------------------------


def _ipv4_in(name: str, octets: bytes) -> str:
    """The part of `name` that spells the IPv4 address, or ""."""
    a, b, c, d = octets
    runs = list(_DIGITS.finditer(name))
    numbers = [int(run[0]) for run in runs]
    for order in _orders(a, b, c, d):
        size = len(order)
        for start in range(len(numbers) - size + 1):
            if numbers[start : start + size] == list(order):
                return name[runs[start].start() : runs[start + size - 1].end()]
    glued = {f"{a:03}{b:03}{c:03}{d:03}", f"{d:03}{c:03}{b:03}{a:03}"}
    for plain in (f"{a}{b}{c}{d}", f"{d}{c}{b}{a}", str(int.from_bytes(octets, "big"))):
        if len(plain) >= 8:  # shorter ones happen by chance
            glued.add(plain)
    for run in runs:
        if run[0] in glued:
            return run[0]
    found = re.search(rf"(?<![0-9a-f])(?:0x)?(?:{octets.hex()}|{octets[::-1].hex()})(?![0-9a-f])", name)
    return found[0] if found else ""


def _orders(a: int, b: int, c: int, d: int) -> Iterator[tuple[int, ...]]:
    """The orders in which networks write octets: all four, and three in a row where they are no everyday numbers."""
    yield from ((a, b, c, d), (d, c, b, a), (d, a, b, c))
    # mx1.dc2.site1 is not 1.2.1.x: three numbers count only when two of them have more than one digit.
    yield from (three for three in ((a, b, c), (b, c, d), (c, b, a), (d, c, b)) if sum(n > 9 for n in three) >= 2)


def _ipv6_in(name: str, address: IPv6Address) -> str:
    """The part of `name` that spells the IPv6 address, or ""."""
    digits32 = nibbles(address)
    plain = name.translate(_SEPARATORS)
    written = [digits32, digits32[::-1]]
    if int(digits32[16:], 16) >= 1 << 32:  # ::25 is a number that somebody chose; a long interface identifier is not
        written.append(digits32[16:])
    for digits in written:
        if digits in plain:
            return digits
    groups = [digits32[start : start + 4] for start in range(0, 32, 4)]
    short = "-".join(f"{int(group, 16):x}" for group in groups)
    for text in (short, str(address).replace(":", "-"), "-".join(groups)):
        if len(text) >= 8 and text.strip("-") in name:
            return text.strip("-")
    return ""


def _word_in(name: DomainName, ip: IPAddress) -> str:
    """A word of the part before the registrable domain that marks lines which are handed out, or ""."""
    own = registrable_domain(name) or name
    host = name.removesuffix(own).rstrip(".")
    table = _table()
    for label in host.split("."):
        found = next((pair for pair in table.pairs if pair in label), "")
        if found:
            return found
        for part in _PARTS.findall(label):
            if part in table.words or (part in table.weak_words and _has_last_octet(host, ip)):
                return str(part)
    return ""


def _has_last_octet(host: str, ip: IPAddress) -> bool:
    last = int(ip) & 0xFF
    return ip.version == 4 and any(int(run[0]) == last for run in _DIGITS.finditer(host))
