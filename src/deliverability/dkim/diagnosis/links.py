"""Links that a gateway rewrote so that a click passes by its own servers first, and what they were before."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from deliverability.core.data import read_table
from deliverability.core.patterns import pattern

#: A link in text or in an attribute; what ends it is no part of a link.
_LINK = pattern(rb"https?://[^\s\"'<>\\^`{|}]{4,4000}")
_HOST = pattern(rb"https?://([A-Za-z0-9.-]{1,253})")
_PARAMETER = pattern(rb"(?:[?&]|&amp;)([A-Za-z]{1,20})=([^&\"'<>\s]{1,3000})")
_V3 = pattern(rb"/v3/__(.{1,3000}?)__;([A-Za-z0-9_=-]{0,500})!!", re.DOTALL)
_PATH = pattern(rb"/(https?%3[Aa]%2[Ff]%2[Ff][^/?#\s]{1,3000})\Z")
#: What Outlook puts beside a rewritten link.
_OUTLOOK = pattern(rb" (?:originalsrc=\"[^\"<>]{0,4000}\"|shash=\"[^\"<>]{0,400}\"|data-auth=\"[^\"<>]{0,40}\")", re.I)


class Rewriter(NamedTuple):
    """A service that rewrites links."""

    name: str
    hosts: tuple[str, ...]
    #: How the original stands in the link: parameter, proofpoint-v2, proofpoint-v3, path, base64, or opaque.
    form: str
    parameters: tuple[str, ...] = ()


@functools.cache
def rewriters() -> tuple[Rewriter, ...]:
    """Every known service, from dkim/diagnosis/link_rewriters.toml."""
    table: Mapping[str, Any] = read_table("deliverability.dkim.diagnosis", "link_rewriters.toml")
    return tuple(
        Rewriter(entry["name"], tuple(entry["hosts"]), entry["form"], tuple(entry.get("parameters", ())))
        for entry in table["rewriter"]
    )


def rewriter_of(link: bytes) -> Rewriter | None:
    """The service whose link this is."""
    found = _HOST.match(link)
    if found is None:
        return None
    host = found[1].decode("ascii").lower()
    return next((r for r in rewriters() if any(host == name or host.endswith("." + name) for name in r.hosts)), None)


class Rewritten(NamedTuple):
    """The rewritten links of a text."""

    links: int
    #: The service of the first of them.
    name: str
    first: bytes


def rewritten_links(text: bytes) -> Rewritten | None:
    """The links in `text` that lead by way of a known service; None without one."""
    count, name, first = 0, "", b""
    for found in _LINK.finditer(text):
        service = rewriter_of(found[0])
        if service is not None:
            count += 1
            name, first = name or service.name, first or found[0]
    return Rewritten(count, name, first) if count else None


def restored(text: bytes) -> Iterator[bytes]:
    """The text with the original links, in each way in which they may have been spelled."""
    for spell in (lambda link: link, _ampersands):
        whole = _LINK.sub(_restore(spell), text)
        if whole != text:
            yield whole
            bare = _OUTLOOK.sub(b"", whole)
            if bare != whole:
                yield bare


def _ampersands(link: bytes) -> bytes:
    return link.replace(b"&", b"&amp;")


def _restore(spell: Callable[[bytes], bytes]) -> Callable[[re.Match[bytes]], bytes]:
    def replace(found: re.Match[bytes]) -> bytes:
        service = rewriter_of(found[0])
        original = original_of(found[0], service) if service is not None else None
        return spell(original) + _tail(found[0]) if original is not None else found[0]

    return replace


def _tail(link: bytes) -> bytes:
    """What stands behind a link in a text and is none of it."""
    if b"/v3/__" in link and b"$" in link:
        return link[link.rindex(b"$") + 1 :]
    return link[len(link.rstrip(b".,;:)!")) :]


def original_of(link: bytes, service: Rewriter) -> bytes | None:
    """The link that a rewritten one stands for; None where only the service knows."""
    if service.form == "proofpoint-v3":
        return _proofpoint_v3(link)
    if service.form == "path":
        found = _PATH.search(link)
        return unquote_to_bytes(found[1]) if found else None
    values = {name.lower(): value for name, value in _PARAMETER.findall(link)}
    value = next((values[key] for name in service.parameters if (key := name.encode("ascii")) in values), None)
    if value is None:
        return None
    if service.form == "proofpoint-v2":
        return unquote_to_bytes(value.replace(b"-", b"%").replace(b"_", b"/"))
    if service.form == "base64":
        return _base64(unquote_to_bytes(value))
    return unquote_to_bytes(value) if service.form == "parameter" else None


def _proofpoint_v3(link: bytes) -> bytes | None:
    """`…/v3/__LINK__;OCTETS!!…`: each "*" of the link stands for the next of the octets."""
    found = _V3.search(link)
    if found is None:
        return None
    text = found[1].replace(b":/", b"://", 1) if re.match(rb"https?:/[^/]", found[1]) else found[1]
    octets = _base64(found[2]) if found[2] else b""
    if octets is None or b"**" in text:
        return None
    left = iter(octets)
    return re.sub(rb"\*", lambda _: bytes([octet]) if (octet := next(left, None)) is not None else b"*", text)


def _base64(text: bytes) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None
