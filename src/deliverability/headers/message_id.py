"""Message identifiers: Message-ID, In-Reply-To, References (RFC 5322 §3.6.4)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from deliverability.core.names import is_host_name
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.charsets import decode_unlabelled

#: Identifiers that are read of one field. A thread's References grow; no program keeps more than some hundred.
MAX_IDS = 1_000
#: What most identifiers look like; anything else is looked at closely.
_PLAIN = pattern(r"<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)>")
_BRACKETED = pattern(r"<([^<>]*)>")
#: RFC 5322 §3.6.4 with RFC 6532 §3.2: dot-atom-text, or the obsolete local part in quotes.
_LEFT = pattern(
    r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*|\"(?:[^\"\\\x00-\x1f]|\\.)*\""
)
_RIGHT = pattern(r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*|\[[^\[\]\\\x00-\x20]*\]")
_BLANK = pattern(r"[ \t\r\n]")
_IPV4 = pattern(r"\[?[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]?|\[[0-9A-Fa-f:.IPv]*\]")


class MessageIdDefectKind(StrEnum):
    """What can be wrong with an identifier."""

    EMPTY = "empty"
    NO_BRACKETS = "no-brackets"
    BLANK = "blank"  # blanks inside the brackets
    NO_AT = "no-at"
    SEVERAL_AT = "several-at"
    BAD_CHARACTER = "bad-character"
    NO_FQDN = "no-fqdn"  # the right side is no full domain name
    ADDRESS = "address"  # the right side is an IP address
    LOCAL_HOST = "local-host"  # localhost, .local, .lan: names that are not unique in the world
    SEVERAL_IDS = "several-ids"  # in Message-ID
    TEXT_BESIDE = "text-beside"
    TOO_MANY = "too-many-ids"  # over 1,000: the rest is not read


class MessageIdDefect(NamedTuple):
    """One defect; `span` counts characters of the field's text."""

    kind: MessageIdDefectKind
    span: Span


class MessageId(NamedTuple):
    """One identifier."""

    #: What stands between the brackets.
    text: str
    left: str
    #: The right side, which by custom is a domain name, lower case.
    right: str
    span: Span


class MessageIds(NamedTuple):
    """The identifiers of a field, in their order."""

    ids: tuple[MessageId, ...]
    defects: tuple[MessageIdDefect, ...] = ()

    def has(self, *kinds: MessageIdDefectKind) -> bool:
        """Whether there is a defect of one of these kinds."""
        return any(defect.kind in kinds for defect in self.defects)


def parse_message_id(value: bytes | str) -> MessageIds:
    """The identifier of a Message-ID field, with every defect. Never raises."""
    text = decode_unlabelled(value) if isinstance(value, bytes) else value
    plain = _PLAIN.fullmatch(text)
    if plain is not None and ".." not in text and plain[1][0] != "." and plain[1][-1] != ".":
        found = MessageId(text[1:-1], plain[1], plain[2].lower(), Span(0, len(text)))
        defects = _judge_right(found)
        return MessageIds((found,), tuple(defects))
    return _strictly(text)


def _strictly(text: str) -> MessageIds:
    stripped = text.strip()
    if not stripped:
        return MessageIds((), (MessageIdDefect(MessageIdDefectKind.EMPTY, Span(0, len(text))),))
    read = parse_references(text)
    if not read.ids:
        start = text.index(stripped)
        bare = _identifier(stripped.strip("<>"), Span(start, start + len(stripped)))
        defects = [MessageIdDefect(MessageIdDefectKind.NO_BRACKETS, bare.span), *_judge(bare)]
        return MessageIds((bare,), tuple(defects))
    defects = list(read.defects)
    if len(read.ids) > 1:
        defects.append(MessageIdDefect(MessageIdDefectKind.SEVERAL_IDS, read.ids[1].span))
    for each in read.ids[:10]:
        defects += _judge(each)
    return MessageIds(read.ids, tuple(defects))


def parse_references(value: bytes | str) -> MessageIds:
    """The identifiers of In-Reply-To or References: what is in angle brackets. Phrases around them are obsolete."""
    text = decode_unlabelled(value) if isinstance(value, bytes) else value
    ids: list[MessageId] = []
    at, beside = 0, None
    for found in _BRACKETED.finditer(text):
        if len(ids) >= MAX_IDS:
            full = MessageIdDefect(MessageIdDefectKind.TOO_MANY, Span(found.start(), len(text)))
            return MessageIds(tuple(ids), (full,))
        if beside is None and text[at : found.start()].strip(" \t\r\n,"):
            beside = Span(at, found.start())
        ids.append(_identifier(found[1], Span(*found.span())))
        at = found.end()
    if beside is None and text[at:].strip(" \t\r\n,") and ids:
        beside = Span(at, len(text))
    defects = (MessageIdDefect(MessageIdDefectKind.TEXT_BESIDE, beside),) if beside else ()
    return MessageIds(tuple(ids), defects)


def _identifier(inner: str, span: Span) -> MessageId:
    left, at, right = inner.rpartition("@")
    return MessageId(inner, left if at else inner, right.lower(), span)


def _judge(found: MessageId) -> list[MessageIdDefect]:
    """RFC 5322 §3.6.4: `id-left "@" id-right` without blanks or comments."""
    kinds: list[MessageIdDefectKind] = []
    if _BLANK.search(found.text):
        kinds.append(MessageIdDefectKind.BLANK)
    if "@" not in found.text:
        return [MessageIdDefect(kind, found.span) for kind in (*kinds, MessageIdDefectKind.NO_AT)]
    if found.left.count("@") and not _LEFT.fullmatch(found.left):
        kinds.append(MessageIdDefectKind.SEVERAL_AT)
    elif not kinds and not (_LEFT.fullmatch(found.left) and _RIGHT.fullmatch(found.right)):
        kinds.append(MessageIdDefectKind.BAD_CHARACTER)
    return [MessageIdDefect(kind, found.span) for kind in kinds] + _judge_right(found)


def _judge_right(found: MessageId) -> list[MessageIdDefect]:
    """Whether the right side makes the identifier unique in the world, as a name the sender owns does."""
    right = found.right
    if _IPV4.fullmatch(right):
        return [MessageIdDefect(MessageIdDefectKind.ADDRESS, found.span)]
    if right == "localhost" or right.endswith((".localhost", ".localdomain", ".local", ".lan", ".internal", ".home")):
        return [MessageIdDefect(MessageIdDefectKind.LOCAL_HOST, found.span)]
    if "." not in right.strip(".") or not is_host_name(right.replace("_", "x")):
        return [MessageIdDefect(MessageIdDefectKind.NO_FQDN, found.span)]
    return []
