"""Domain names: one spelling, one place where a text becomes a name.

A `DomainName` is lower case, in A-labels (RFC 5890 §2.3.2.1), without the final dot; the root is "".
Octets of a label that are not printable ASCII, and dots and backslashes inside a label, are written as
`\\DDD` (RFC 1035 §5.1), so that a name is always plain ASCII and splits at its dots.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import NewType

from deliverability.core.errors import InvalidDomainName
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.patterns import pattern
from deliverability.core.suffixes import suffix_size

DomainName = NewType("DomainName", str)

ROOT = DomainName("")
MAX_NAME = 253  # octets in presentation form without the final dot (RFC 1035 §2.3.4: 255 on the wire)
MAX_LABEL = 63

# Nearly every name is of this form; the others take the slow path below.
_PLAIN = pattern(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_ESCAPE = pattern(r"\\(?:([0-9]{3})|(.))", re.DOTALL)
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_*/+=!#$%&'^`{|}~:@,()<>[]?;\"")
_HOST_LABEL = pattern(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# The dots that IDNA maps to "." (RFC 3490 §3.1).
_DOTS = pattern("[\u3002\uff0e\uff61]")


def parse_domain(text: str) -> DomainName:
    """The domain a person typed, as a name that mail can use: A-labels, host-name characters, at least two labels.

    Accepts U-labels (`facturación.example`), a final dot and upper case. Underscores are allowed, since records live
    under them. Raises `InvalidDomainName` with one line that says what is wrong.
    """
    stripped = text.strip()
    if len(stripped) > DEFAULT_LIMITS.domain_characters:
        raise InvalidDomainName(f"{shown(stripped)}: a domain name has at most {MAX_NAME} characters")
    if not stripped.strip("."):
        raise InvalidDomainName("the domain name is empty; give one such as empresa.example")
    if "@" in stripped:
        raise InvalidDomainName(f"{shown(stripped)} is an address; give only the part after the @")
    if "/" in stripped or ":" in stripped:
        raise InvalidDomainName(f"{shown(stripped)} is not a domain name; give the name alone, such as empresa.example")
    labels = [_to_a_label(label, stripped) for label in _DOTS.sub(".", stripped.removesuffix(".")).split(".")]
    name = ".".join(labels)
    if len(name) > MAX_NAME:
        raise InvalidDomainName(f"{shown(stripped)} has {len(name)} characters; a domain name has at most {MAX_NAME}")
    if len(labels) < 2:
        raise InvalidDomainName(f"{shown(stripped)} has no dot; give the whole domain, such as {shown(stripped)}.es")
    if labels[-1].isdigit():
        raise InvalidDomainName(f"{shown(stripped)} ends in a number; give a domain name, not an IP address")
    return DomainName(name)


def _to_a_label(label: str, whole: str) -> str:
    """One label as A-label; IDNA 2008 with the UTS 46 mapping that browsers and mail programs use."""
    if not label:
        raise InvalidDomainName(f"{shown(whole)} has an empty part; check for a double or leading dot")
    if not label.isascii():
        import idna  # noqa: PLC0415 - 4 ms that a plain ASCII name does not need

        try:
            label = idna.encode(label, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise InvalidDomainName(
                f"{shown(whole)}: the part {shown(label)} cannot be written in the DNS (IDNA)"
            ) from None
    label = label.lower()
    if len(label) > MAX_LABEL:
        raise InvalidDomainName(
            f"{shown(whole)}: the part {shown(label)} has {len(label)} characters; at most {MAX_LABEL} are allowed"
        )
    if not _HOST_LABEL.fullmatch(label.replace("_", "x")):
        raise InvalidDomainName(
            f"{shown(whole)}: the part {shown(label)} may hold letters, digits and inner hyphens only"
        )
    return label


def query_name(text: str) -> DomainName | None:
    """A name as it can be put into a question, or None where DNS has no such name.

    For names that come from records: any octets are allowed in labels, but no empty label, no label over 63 octets and
    no name over 253. One final dot is accepted.
    """
    lowered = text.lower()
    if len(lowered) <= MAX_NAME and _PLAIN.fullmatch(lowered):
        return DomainName(lowered)
    if len(lowered) > 4 * MAX_NAME + 4:
        return None
    body = lowered.removesuffix(".")
    labels = [_label_octets(label) for label in _split_labels(body)]
    if (
        any(not 1 <= len(label) <= MAX_LABEL for label in labels)
        or sum(len(label) + 1 for label in labels) - 1 > MAX_NAME
    ):
        return None
    return from_labels(labels)


def _split_labels(text: str) -> Iterator[str]:
    """Split at the dots that are not escaped."""
    start = index = 0
    while index < len(text):
        if text[index] == "\\":
            index += 1
        elif text[index] == ".":
            yield text[start:index]
            start = index + 1
        index += 1
    yield text[start:]


def _label_octets(label: str) -> bytes:
    def unescape(match: re.Match[str]) -> str:
        number, char = match.groups()
        return chr(int(number)) if number and int(number) < 256 else str(char or "?")

    if "\\" in label:
        return _ESCAPE.sub(unescape, label).encode("latin-1", "replace")
    return label.encode("utf-8", "surrogatepass")


def from_labels(labels: Iterable[bytes]) -> DomainName:
    """The presentation form of wire labels, lower case, escaped as this module describes."""
    return DomainName(
        ".".join("".join(chr(o) if o in _SAFE else f"\\{o:03d}" for o in label.lower()) for label in labels)
    )


def to_labels(name: DomainName) -> tuple[bytes, ...]:
    """The wire labels of a name, without the root."""
    if not name:
        return ()
    if "\\" not in name:
        return tuple(name.encode("ascii").split(b"."))
    return tuple(_label_octets(label) for label in _split_labels(name))


def parent(name: DomainName) -> DomainName:
    """The name without its left-most label; the parent of a single label is the root."""
    return DomainName(name.partition(".")[2])


def is_subdomain(name: str, of: str) -> bool:
    """Whether `name` is `of` or lies below it, by whole labels."""
    return name == of or not of or name.endswith("." + of)


def child(label: str, name: DomainName) -> DomainName:
    """`label` (one or more labels, already in A-form) put in front of `name`."""
    return DomainName(f"{label}.{name}") if name else DomainName(label)


def is_host_name(name: str) -> bool:
    """Whether every label follows the host-name rule: letters, digits, inner hyphens (RFC 1123 §2.1)."""
    return 0 < len(name) <= MAX_NAME and all(_HOST_LABEL.fullmatch(label) for label in name.split("."))


def reverse_name(address: IPv4Address | IPv6Address) -> DomainName:
    """The name that holds the PTR records of an address (RFC 1035 §3.5, RFC 3596 §2.5)."""
    if isinstance(address, IPv4Address):
        return DomainName(address.reverse_pointer)
    return DomainName(".".join(reversed(nibbles(address))) + ".ip6.arpa")


def nibbles(address: IPv6Address) -> str:
    """The 32 hexadecimal digits of an address. (`exploded` mixes in decimals for mapped IPv4 in some Python releases.)"""
    return f"{int(address):032x}"


def to_unicode(name: str) -> str:
    """The U-label form for people, or the name itself where a label is not valid IDNA. Show it beside the A-label."""
    if "xn--" not in name:
        return name
    import idna  # noqa: PLC0415

    try:
        return idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name


@functools.lru_cache(maxsize=4096)
def _suffix_size(name: DomainName) -> int:
    return suffix_size([to_unicode(label) for label in name.split(".")])


def public_suffix(name: DomainName) -> DomainName:
    """The public suffix of a name by the Public Suffix List, private section included (as RFC 7489 §3.2 receivers do)."""
    return DomainName(".".join(name.split(".")[-_suffix_size(name) :]))


def registrable_domain(name: DomainName) -> DomainName | None:
    """Public suffix plus one label: RFC 7489 §3.2's organizational domain. None when `name` is itself a public suffix.

    For grouping and for pre-RFC 9989 receivers only; RFC 9989 finds the organizational domain by a tree walk (`dmarc`).
    """
    labels = name.split(".")
    size = _suffix_size(name) + 1
    return DomainName(".".join(labels[-size:])) if size <= len(labels) else None


def shown(text: str, limit: int = 80) -> str:
    """Outside text as it may stand in an error message: one line, no control or direction characters, shortened."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return '"' + escape_controls(cut) + '"'


def shown_path(path: object) -> str:
    """The path of a file as it may stand in an error message. Of a long one the end, which holds the file's name."""
    text = str(path)
    return shown(text if len(text) <= _PATH else "…" + text[1 - _PATH :], _PATH)


#: Characters of a path that are shown.
_PATH = 200
_UNSAFE = pattern(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def escape_controls(text: str) -> str:
    """Control, invisible, direction-changing and surrogate characters and those that no XML may hold as `\\x1b` or `\\u202e`; all else unchanged."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda match: _escaped(ord(match[0])), text)


def _escaped(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
