"""Header values as they should be sent: encoded words (RFC 2047) and mailboxes (RFC 5322 §3.4)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime

from deliverability.core.patterns import pattern
from deliverability.headers.addresses import Mailbox, quote_local_part
from deliverability.headers.words import MAX_WORD

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: RFC 2047 §5 (3): what a Q word in a name may hold as it is.
_PLAIN_IN_Q = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_NEEDS_QUOTES = pattern(r"[()<>\[\]:;@\\,.\"]|=\?|^ | $|  ")
_Q_START, _B_START, _END = "=?UTF-8?Q?", "=?UTF-8?B?", "?="
_ROOM = MAX_WORD - len(_Q_START) - len(_END)


def encode_words(text: str) -> str:
    """The text as header text: as it is where it is plain ASCII, else as encoded words of whole characters."""
    if text.isascii() and text.isprintable() and "=?" not in text:
        return text
    octets = text.encode("utf-8", "replace")
    # RFC 2047 §4: Q where most of it is ASCII, so that it can be read as it is; else B, which is shorter.
    if sum(octet in _PLAIN_IN_Q or octet == 32 for octet in octets) * 2 >= len(octets):
        return " ".join(_Q_START + piece + _END for piece in _q_pieces(text))
    return " ".join(_B_START + piece + _END for piece in _b_pieces(text))


def _q_pieces(text: str) -> Iterable[str]:
    piece = ""
    for character in text:
        octets = character.encode("utf-8", "replace")
        added = "_" if character == " " else "".join(chr(o) if o in _PLAIN_IN_Q else f"={o:02X}" for o in octets)
        if len(piece) + len(added) > _ROOM:
            yield piece
            piece = ""
        piece += added
    yield piece


def _b_pieces(text: str) -> Iterable[str]:
    room = _ROOM // 4 * 3
    piece = b""
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(piece) + len(octets) > room:
            yield base64.b64encode(piece).decode("ascii")
            piece = b""
        piece += octets
    yield base64.b64encode(piece).decode("ascii")


def write_name(name: str) -> str:
    """A display name: as it is, in quotes where it needs them, encoded where it is not ASCII."""
    if not (name.isascii() and name.isprintable()) or "=?" in name:
        return encode_words(name)
    if _NEEDS_QUOTES.search(name):
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return name


def write_mailbox(name: str, local_part: str, domain: str) -> str:
    """A mailbox: `Name <local@domain>`, or the address alone without a name."""
    address = f"{quote_local_part(local_part)}@{domain}"
    return f"{write_name(name)} <{address}>" if name else address


def write_mailboxes(mailboxes: Iterable[Mailbox]) -> str | None:
    """The list as it should be sent; None where an address of it cannot be written in ASCII."""
    boxes = tuple(mailboxes)
    if not boxes or not all(box.usable and box.local_part.isascii() and box.domain.isascii() for box in boxes):
        return None
    return ", ".join(write_mailbox(box.display_name, box.local_part, box.domain) for box in boxes)


def write_date(moment: datetime) -> str:
    """An aware moment as RFC 5322 §3.3 wants it, in its own zone."""
    offset = moment.utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    zone = f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
    clock = f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    return f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} {clock} {zone}"
