"""What the parts of a message are, read once for all rules."""

from __future__ import annotations

from dataclasses import dataclass

from deliverability.content.attachments import Attachments, read_attachments
from deliverability.content.decode import DecodeDefect, TextDefect, TextDefectKind
from deliverability.content.mime import read_tree
from deliverability.content.part import MimeTree, Part
from deliverability.content.smime import SignedMail, read_signature
from deliverability.core.facts import RawMessage
from deliverability.core.limits import Limits
from deliverability.core.patterns import pattern
from deliverability.core.rule import Facts
from deliverability.headers.fields import Headers

#: RFC 2392 §2: `cid:` and the Content-ID, percent-encoded.
_CID = pattern(r"\bcid:([^\"'\s<>)]{1,300})")
_MAX_CIDS = 1_000


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part that is shown as the text of the message, and how it is encoded. The text itself is not kept."""

    part: Part
    #: The charset it was read in.
    charset: str
    defects: tuple[TextDefect, ...]
    encoding_defects: tuple[DecodeDefect, ...]
    #: Characters of it.
    length: int
    is_ascii: bool
    #: There is nothing in it but blanks.
    blank: bool
    #: Content-IDs that it refers to, each once.
    cids: tuple[str, ...] = ()
    #: Whether it was longer than `Limits.text_octets`.
    cut: bool = False

    def defect(self, kind: TextDefectKind) -> TextDefect | None:
        """The defect of that kind."""
        return next((defect for defect in self.defects if defect.kind is kind), None)


@dataclass(frozen=True, slots=True)
class TextParts:
    """The fact: every part that is shown as the text of the message."""

    all: tuple[TextPart, ...]


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing."""
    message, headers = facts[RawMessage], facts.get(Headers)
    assert isinstance(message, RawMessage)  # noqa: S101 - the first fact of every message audit
    assert headers is None or isinstance(headers, Headers)  # noqa: S101 - kept under its own type
    tree = read_tree(message.raw, headers, limits=limits)
    texts = TextParts(tuple(_text_part(part, limits) for part in tree.texts))
    return {
        MimeTree: tree,
        Attachments: read_attachments(tree, limits, message_cut=message.cut),
        TextParts: texts,
        SignedMail: read_signature(tree),
    }


def _text_part(part: Part, limits: Limits) -> TextPart:
    decoded = part.decode(limits.text_octets)
    read = part.text_of(decoded)
    cids: dict[str, None] = {}
    if "cid:" in read.text:
        for count, found in enumerate(_CID.finditer(read.text)):
            if count >= _MAX_CIDS:
                break
            cids[found[1]] = None
    return TextPart(
        part,
        read.charset,
        read.defects,
        decoded.defects,
        len(read.text),
        read.text.isascii(),
        not read.text.strip(),
        tuple(cids),
        read.cut,
    )
