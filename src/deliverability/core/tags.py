"""`tag=value;` lists with positions: the syntax that DKIM, DMARC, BIMI, TLS-RPT and MTA-STS records share.

    tag-list  =  tag-spec *( ";" tag-spec ) [ ";" ]
    tag-spec  =  [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]          (RFC 6376 §3.2)

The reader is total: any text gives tokens plus the defects it saw, and the caller's protocol decides what a defect costs.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.patterns import pattern
from deliverability.core.span import Span

_FWS = " \t\r\n"
# The front of a well-formed piece; nearly every piece is one. Neighbouring parts share no character: no backtracking.
_FRONT = pattern(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=")


class TagDefectKind(StrEnum):
    """What can be wrong with the list itself, whatever its tags mean."""

    EMPTY = "empty"  # two semicolons in a row
    NO_EQUALS = "no-equals"  # a piece without "="
    BAD_NAME = "bad-name"  # the tag name is not ALPHA *ALNUMPUNC
    DUPLICATE = "duplicate"  # RFC 6376 §3.2: tags with duplicate names MUST NOT occur
    NON_ASCII = "non-ascii"  # octets outside printable US-ASCII and white space
    TOO_MANY = "too-many"  # more tags than the limit; the rest was not read


class TagDefect(NamedTuple):
    """One thing wrong in a tag list, and where."""

    kind: TagDefectKind
    span: Span
    text: str


class Tag(NamedTuple):
    """One `name=value`; white space around both is dropped, the spans point at what is left."""

    name: str
    value: str
    name_span: Span
    value_span: Span


class TagList(NamedTuple):
    """The tags in their order, and what was wrong."""

    text: str
    tags: tuple[Tag, ...]
    defects: tuple[TagDefect, ...]

    def get(self, name: str) -> Tag | None:
        """The first tag of that exact name (names are case-sensitive, RFC 6376 §3.2)."""
        return next((tag for tag in self.tags if tag.name == name), None)


def read_tags(text: str, *, max_tags: int = DEFAULT_LIMITS.tags) -> TagList:
    """Read a tag list; never raises, and looks at each character a bounded number of times."""
    tags: list[Tag] = []
    defects: list[TagDefect] = []
    seen: set[str] = set()
    start = 0
    pieces = text.split(";", max_tags + 1)
    for index, piece in enumerate(pieces):
        end = start + len(piece)
        if index > max_tags:
            defects.append(TagDefect(TagDefectKind.TOO_MANY, Span(start, len(text)), ""))
            break
        last = index == len(pieces) - 1
        front = _FRONT.match(text, start, end)
        if front is None:
            _read_defect(text, Span(start, end), defects, last=last)
        else:
            tag = _tag(text, front, end)
            if tag.name in seen:
                defects.append(TagDefect(TagDefectKind.DUPLICATE, tag.name_span, tag.name))
            seen.add(tag.name)
            tags.append(tag)
        start = end + 1
    defects.extend(_foreign_octets(text))
    return TagList(text, tuple(tags), tuple(defects))


def _tag(text: str, front: re.Match[str], end: int) -> Tag:
    start = front.end()
    raw = text[start:end]
    value = raw.strip(_FWS)
    if value:
        start += raw.index(value[0])
    return Tag(front[1], value, Span(*front.span(1)), Span(start, start + len(value)))


def _read_defect(text: str, piece: Span, defects: list[TagDefect], *, last: bool) -> None:
    """What is wrong with a piece that does not begin as a tag."""
    content = _strip(text, piece)
    if content.start == content.end:
        if not last:  # one final ";" is allowed
            defects.append(TagDefect(TagDefectKind.EMPTY, Span(piece.start, min(piece.end + 1, len(text))), ""))
        return
    equals = text.find("=", content.start, content.end)
    if equals < 0:
        defects.append(TagDefect(TagDefectKind.NO_EQUALS, content, text[content.start : content.end]))
        return
    # A "=" with a good name before it does not get here.
    name = _strip(text, Span(content.start, equals))
    defects.append(TagDefect(TagDefectKind.BAD_NAME, name, text[name.start : name.end]))


def _strip(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    left = len(piece) - len(piece.lstrip(_FWS))
    right = len(piece.rstrip(_FWS))
    return Span(span.start + left, span.start + right) if left < right else Span(span.start, span.start)


_FOREIGN = pattern(r"[^\x20-\x7e\t\r\n]+")


def _foreign_octets(text: str) -> list[TagDefect]:
    """One defect per run of octets that the grammar does not know; at most ten, they say the same thing."""
    # Folds may have left tabs; "printable" does not count them.
    if text.isascii() and text.replace("\t", "").replace("\r", "").replace("\n", "").isprintable():
        return []
    found: list[TagDefect] = []
    for match in _FOREIGN.finditer(text):
        found.append(TagDefect(TagDefectKind.NON_ASCII, Span(*match.span()), match[0]))
        if len(found) == 10:
            break
    return found
