"""Where a link leads: its parts as a browser reads them, and who stands between.

Browsers read addresses laxly (WHATWG URL): blanks and control characters inside vanish, backslashes count as slashes,
one slash after `http:` is enough, and `http://0x7f.1`, `http://2130706433` and `http://0177.0.0.1` all are 127.0.0.1.
A checker that reads them strictly sees another host than the one that is visited. Nothing here asks anybody: whether a
shortener or a redirector stands before the target is told by its name, from links.toml.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple

from deliverability.core.data import read_table
from deliverability.core.names import MAX_NAME, DomainName, query_name, registrable_domain, to_unicode
from deliverability.core.patterns import pattern

#: Characters of one address that are read.
LONGEST = 4_000
_VANISHING = pattern(r"[\t\n\r]+")
_SCHEME = pattern(r"\s*([a-zA-Z][a-zA-Z0-9+.-]{0,30}):")
_IN_TEXT = pattern(r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"'`|\\^{}\u200b\u00a0]++", 2)
_AUTHORITY_END = pattern(r"[/?#]")
_PERCENT = pattern(r"%[0-9a-fA-F]{2}")
_NUMBER_LABEL = pattern(r"0[xX][0-9a-fA-F]*|[0-9]+")
_IDNA_DOTS = pattern("[\u3002\uff0e\uff61]")
_WEB = ("http", "https", "ftp")
_SHOWN_URL = pattern(r"(?:https?:/{1,3}|www\.)[^\s<>\"']++", 2)
_SHOWN_NAME = pattern(r"[(\[«\"]?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,10})/?[)\]»\".,;:!]?", 2)


class Hazard(StrEnum):
    """What in an address is meant, or apt, to deceive."""

    USERINFO = "userinfo"  # https://bank.example@203.0.113.5/
    IP_ADDRESS = "ip-address"
    DISGUISED_IP = "disguised-ip"  # hexadecimal, octal, or one number
    MIXED_SCRIPTS = "mixed-scripts"  # letters of two alphabets in one label
    LOOK_ALIKE = "look-alike"  # a label wholly of letters that look like Latin ones


class Target(NamedTuple):
    """Where an address leads."""

    #: As written, blanks around it removed.
    url: str
    #: In lower case; "" for a relative address.
    scheme: str
    #: The host as A-labels in lower case; for an address literal its normal form; "" without one.
    host: str = ""
    #: The registrable domain of the host; "" for IP addresses and hosts without one.
    organization: str = ""
    ip: IPv4Address | IPv6Address | None = None
    userinfo: str = ""
    hazards: tuple[Hazard, ...] = ()
    #: The platform whose redirector the host is; "" for none.
    redirector: str = ""
    #: The receiver's gateway that rewrote the link; the target is then what it wrote around.
    gateway: str = ""
    is_shortener: bool = False

    @property
    def is_web(self) -> bool:
        """Whether it leads to a web page."""
        return self.scheme in ("http", "https")

    @property
    def shown_host(self) -> str:
        """The host as a person reads it."""
        return to_unicode(self.host)


class Link(NamedTuple):
    """One link of a message."""

    target: Target
    #: What is shown to be clicked.
    text: str
    #: "a", "area", "form", or "text" for an address that stands in plain text.
    origin: str
    #: The path of its MIME part, and the line of the message where that is known.
    part: str = ""
    line: int | None = None
    hidden: bool = False
    #: The host that the text shows; "" when the text is no address.
    shows: str = ""
    #: The line of the message where the text of that part begins.
    text_line: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a message, those of the HTML first."""

    links: tuple[Link, ...]
    #: Links beyond `Limits.links`, which were not read.
    left_out: int = 0
    #: Whether a text was longer than `Limits.text_octets`: links in the rest are not known.
    cut: bool = False

    @property
    def web(self) -> tuple[Link, ...]:
        """Those that lead to web pages."""
        return tuple(link for link in self.links if link.target.is_web)


def read_target(url: str) -> Target:
    """Where an address leads, read as browsers read it. Never fails; what cannot be read has no host."""
    target = _read(url)
    if target.gateway:
        return target
    gateway = _gateway_of(target)
    if gateway is None:
        return target
    inner = _read(_unwrapped(target, gateway))
    if not inner.host:
        return target
    return Target(
        target.url,
        inner.scheme,
        inner.host,
        inner.organization,
        inner.ip,
        inner.userinfo,
        inner.hazards,
        inner.redirector,
        str(gateway["name"]),
        inner.is_shortener,
    )


def _read(url: str) -> Target:
    written = url.strip("\x00 \t\n\f\r\x0b")[:LONGEST]
    found = _SCHEME.match(written)
    if found is None and not written.startswith(("//", "\\\\")):
        return Target(written, "")
    scheme = found[1].lower() if found else "https"
    if scheme not in _WEB:
        return Target(written, scheme)
    rest = _VANISHING.sub("", written[found.end() :] if found else written).replace("\\", "/").lstrip("/")
    end = _AUTHORITY_END.search(rest)
    authority = rest[: end.start()] if end else rest
    userinfo, at, host_port = authority.rpartition("@")
    return _with_host(written, scheme, userinfo if at else "", host_port)


def _with_host(url: str, scheme: str, userinfo: str, host_port: str) -> Target:
    hazards = [Hazard.USERINFO] if userinfo else []
    if host_port.startswith("["):
        ip = _ipv6(host_port[1:].partition("]")[0])
        return Target(url, scheme, str(ip or ""), "", ip, userinfo, (*hazards, Hazard.IP_ADDRESS))
    host = host_name(_decoded(host_port.partition(":")[0]))
    if len(host) > MAX_NAME:
        return Target(url, scheme, "", "", None, userinfo, tuple(hazards))
    number = _ipv4(host)
    if number is not None:
        plain = str(number) == host
        hazards.append(Hazard.IP_ADDRESS if plain else Hazard.DISGUISED_IP)
        return Target(url, scheme, str(number), "", number, userinfo, tuple(hazards))
    about = _about(host)
    return Target(
        url,
        scheme,
        host,
        about.organization,
        None,
        userinfo,
        (*hazards, *about.hazards) if hazards else about.hazards,
        about.redirector,
        "",
        about.is_shortener,
    )


class _Host(NamedTuple):
    """What the name of a host tells."""

    organization: str
    hazards: tuple[Hazard, ...]
    redirector: str
    is_shortener: bool


@functools.lru_cache(maxsize=2048)
def _about(host: str) -> _Host:
    """The same for every message: a mail links to few hosts, each many times."""
    name = query_name(host) if "." in host else None
    organization = (registrable_domain(name) or "") if name else ""
    return _Host(organization, tuple(_script_hazards(host)), redirector(host), is_shortener(host))


def host_name(written: str) -> str:
    """A host as A-labels in lower case; what has no such form stays as it is."""
    host = _IDNA_DOTS.sub(".", written).strip().lower().rstrip(".")
    if host.isascii() or len(host) > MAX_NAME:
        return host
    import idna  # noqa: PLC0415

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host


def _decoded(host: str) -> str:
    if "%" not in host:
        return host
    octets = _PERCENT.sub(lambda match: chr(int(match[0][1:], 16)), host)
    try:
        return octets.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return octets


def _ipv6(text: str) -> IPv6Address | None:
    try:
        return IPv6Address(text[:60].partition("%")[0])
    except ValueError:
        return None


def _ipv4(host: str) -> IPv4Address | None:
    """A host that browsers take for an IPv4 address: one to four numbers, decimal, octal or hexadecimal."""
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not parts[-1] or not all(_NUMBER_LABEL.fullmatch(part) for part in parts):
        return None
    numbers = [_number(part) for part in parts]
    last = numbers.pop()
    if any(number > 255 for number in numbers) or last >= 256 ** (4 - len(numbers)):
        return None
    total = last
    for place, number in enumerate(numbers):
        total += number << (8 * (3 - place))
    return IPv4Address(total)


def _number(part: str) -> int:
    """A number of at most twelve digits; a longer one is greater than any address."""
    digits = part[2:] if part[:2] in ("0x", "0X") else part.lstrip("0")
    if len(digits) > 12:
        return 2**40
    if part[:2] in ("0x", "0X"):
        return int(digits or "0", 16)
    if len(part) > 1 and part[0] == "0":
        return int(digits or "0", 8) if all(digit in "01234567" for digit in digits) else 2**40
    return int(digits or "0")


# --- scripts --------------------------------------------------------------------------------------------------------

#: Alphabets with letters that look like Latin ones.
_CONFUSED = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
#: Letters that cannot be told from Latin ones in most fonts.
_LOOK_ALIKES = frozenset("аеорсухіјѕԁһӏԛԝьпгтвнкмοιανερυκτ")
_CYRILLIC_TOP = frozenset({"ru", "ua", "bg", "by", "kz", "rs", "mk", "mn", "kg", "su", "me", "ba", "gr", "cy"})


def _script_hazards(host: str) -> list[Hazard]:
    """Labels that mix alphabets, or that are wholly of letters that look like Latin ones."""
    if host.isascii() and "xn--" not in host:
        return []
    labels = to_unicode(host).split(".")
    found: list[Hazard] = []
    for label in labels:
        scripts = {unicodedata.name(char, "").partition(" ")[0] for char in label if char.isalpha()}
        confused = scripts & _CONFUSED
        if confused and (len(scripts) > 1):
            found.append(Hazard.MIXED_SCRIPTS)
        elif confused and label != labels[-1] and labels[-1].isascii() and labels[-1] not in _CYRILLIC_TOP:
            letters = [char for char in label if char.isalpha()]
            if letters and all(char in _LOOK_ALIKES for char in letters):
                found.append(Hazard.LOOK_ALIKE)
    return list(dict.fromkeys(found))


# --- who stands between ---------------------------------------------------------------------------------------------


@functools.cache
def _table() -> Mapping[str, Any]:
    return read_table("deliverability.content", "links.toml")


@functools.cache
def _names(key: str) -> frozenset[str]:
    return frozenset(_table()[key])


@functools.cache
def _hosts(key: str) -> Mapping[str, Mapping[str, Any]]:
    return {domain: row for row in _table()[key] for domain in row["domains"]}


@functools.cache
def _groups() -> Mapping[str, int]:
    return {name: number for number, group in enumerate(_table()["same_organization"]) for name in group}


def _below(host: str) -> list[str]:
    """The host and the names above it, the host first."""
    labels = host.split(".")[-8:]
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def is_shortener(host: str) -> bool:
    """Whether the host is a public URL shortener."""
    names = _below(host)
    return any(name in _names("shorteners") for name in names) and not any(
        name in _names("not_shorteners") for name in names
    )


def redirector(host: str) -> str:
    """The platform whose redirector or page the host is; "" for none."""
    table = _hosts("redirector")
    return next((str(table[name]["name"]) for name in _below(host) if name in table), "")


def is_profile(host: str) -> bool:
    """Whether the host is a network where companies have a page, or another that everybody links to."""
    return any(name in _names("profiles") for name in _below(host))


def same_organization(one: str, other: str) -> bool:
    """Whether two registrable domains are one, or of one company by links.toml."""
    if one == other:
        return True
    groups = _groups()
    return one in groups and groups.get(one) == groups.get(other)


def _gateway_of(target: Target) -> Mapping[str, Any] | None:
    if not target.host:
        return None
    table = _hosts("gateway")
    return next((table[name] for name in _below(target.host) if name in table), None)


_PROOFPOINT = pattern(r"/v3/__(.*?)__;")
_LAST_ADDRESS = pattern(r"/(https?%3[aA][^/?#]*+)", 0)


def _unwrapped(target: Target, gateway: Mapping[str, Any]) -> str:
    """The address that a gateway wrote its own around; "" where it does not tell."""
    from urllib.parse import parse_qs, unquote  # noqa: PLC0415 - only where a gateway is met

    form = gateway.get("path")
    if form == "proofpoint":
        found = _PROOFPOINT.search(target.url)
        if found:
            return found[1]
    if form == "last":
        found = _LAST_ADDRESS.search(target.url)
        return unquote(found[1]) if found else ""
    query = target.url.partition("?")[2].partition("#")[0]
    try:
        values = parse_qs(query, max_num_fields=50).get(str(gateway.get("parameter")), [""])
    except ValueError:
        return ""
    value = values[0]
    if form == "proofpoint" and "://" not in value:  # version 2: `-` for `%`, `_` for `/`
        value = unquote(value.replace("-", "%").replace("_", "/"))
    return value if "://" in value else f"https://{value}" if "." in value else ""


# --- addresses in text ----------------------------------------------------------------------------------------------


def addresses_in(text: str, most: int) -> list[tuple[str, int]]:
    """Web addresses in plain text, each with its offset, at most `most`; one without a scheme is taken for https."""
    found: list[tuple[str, int]] = []
    for match in _IN_TEXT.finditer(text):
        if len(found) >= most:
            break
        url = match[0].rstrip(".,;:!?*_»”’'\"")
        for opening, closing in ("()", "[]"):
            if url.endswith(closing) and url.count(closing) > url.count(opening):
                url = url[:-1].rstrip(".,;")
        found.append((url if "://" in url[:8] else "https://" + url, match.start()))
    return found


def shown_host(text: str) -> str:
    """The host that the text of a link shows, as A-labels; "" when the text is no address."""
    if "." not in text or len(text) > LONGEST:
        return ""
    found = _SHOWN_URL.search(text)
    if found:
        written = found[0].rstrip(".,;:!?)]»”")
        target = _read(written if ":" in written[:6] else "http://" + written)
        return target.host if "." in target.host else ""
    name = _SHOWN_NAME.fullmatch(text.strip())
    if name and name[1].rpartition(".")[2].lower() in _names("common_top"):
        return name[1].lower()
    return ""


def organization_of(host: str) -> str:
    """The registrable domain of a host; "" where it has none."""
    name = query_name(host)
    found: DomainName | None = registrable_domain(name) if name and "." in name else None
    return found or ""
