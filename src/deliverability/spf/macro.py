"""Macros: what `%{i}`, `%{d2r}` and their kin become for one message (RFC 7208 §7)."""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from deliverability.core.names import MAX_NAME
from deliverability.core.patterns import pattern
from deliverability.core.questions import IPAddress
from deliverability.spf.grammar import Macro, MacroParts

#: Characters that URL escaping leaves alone: the "unreserved" set of RFC 3986 §2.3.
_RESERVED = pattern(rb"[^A-Za-z0-9._~-]")


class Sender(NamedTuple):
    """What is known of a message, as far as macros may use it (RFC 7208 §4.1, §7.2)."""

    address: IPAddress
    local_part: str
    domain: str
    helo: str = ""
    #: `%{r}`: the host that performs the check.
    receiver: str = "unknown"
    #: `%{t}`: seconds since the epoch.
    timestamp: int | None = None


def expand(parts: MacroParts, sender: Sender, domain: str, validated_name: str = "unknown") -> str:
    """The text that the parts stand for. `domain` is the one whose record is evaluated, `validated_name` is `%{p}`."""
    text = ""
    for part in parts:
        if type(part) is str:
            text += part
            continue
        letter, digits, reverse, delimiters, escape = cast(Macro, part)
        value = _value(letter, sender, domain, validated_name)
        if reverse or digits is not None or delimiters != ".":
            value = _transform(value, digits, delimiters, reverse=reverse)
        if escape:  # RFC 7208 §7.3: upper-case macros are URL escaped
            value = _RESERVED.sub(_percent, value.encode("utf-8", "surrogatepass")).decode()
        text += value
    return text


def _percent(octet: re.Match[bytes]) -> bytes:
    return b"%%%02X" % octet[0][0]


def _value(letter: str, sender: Sender, domain: str, validated_name: str) -> str:
    match letter:
        case "d":
            return domain
        case "i":
            return dotted(sender.address)
        case "l":
            return sender.local_part
        case "v":
            return "in-addr" if sender.address.version == 4 else "ip6"
        case "s":
            return f"{sender.local_part}@{sender.domain}"
        case "o":
            return sender.domain
        case "p":
            return validated_name
        case "h":
            return sender.helo
        case "c":
            return str(sender.address)
        case "r":
            return sender.receiver
        case _:  # "t"; the grammar lets no other letter through
            return "unknown" if sender.timestamp is None else str(sender.timestamp)


def _transform(value: str, digits: int | None, delimiters: str, *, reverse: bool) -> str:
    """Split at the delimiters, reverse, keep the right-most parts, join with dots (RFC 7208 §7.3)."""
    pieces = value.split(".") if delimiters == "." else re.split(f"[{re.escape(delimiters)}]", value)
    if reverse:
        pieces.reverse()
    return ".".join(pieces if digits is None else pieces[-digits:])


def dotted(address: IPAddress) -> str:
    """`%{i}`: dotted quad, or the 32 nibbles of an IPv6 address with dots between (RFC 7208 §7.3)."""
    return str(address) if address.version == 4 else ".".join(f"{int(address):032X}")


def fit(name: str) -> str:
    """A name over 253 characters without as many of its left labels as it takes (RFC 7208 §7.3)."""
    name = name.removesuffix(".")
    if len(name) <= MAX_NAME:
        return name
    cut = name.find(".", len(name) - MAX_NAME - 1)
    return name[cut + 1 :] if cut >= 0 else name
