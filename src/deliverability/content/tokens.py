"""HTML source as tokens, with their places, in one pass that is linear in any input.

Theory of operation. One regular expression without backtracking (all its repetitions are possessive) finds the next
tag, comment or declaration as the tokenizer of the HTML standard would; what lies between is text. Quotes count only
after `=`, tag and attribute names are lower case, an attribute given twice keeps its first value, references are
decoded by the rules of the place they stand in (`?a=1&copy=2` in an attribute is no ©). The contents of script, style,
title, textarea and the like end only at their own end tag. A tag, comment or element that never ends takes the rest of
the source with it once, not once for each attempt: this is where other parsers go quadratic.

One thing is laxer than the standard: an attribute value whose closing quote is missing in the whole rest of the source
ends at the next `>` instead of swallowing everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import TypeAlias

from deliverability.core.patterns import pattern

_MARKUP = pattern(
    # A start tag: its name, its attributes.
    r"<(?:([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)(>?)"
    # An end tag.
    r"|/([a-zA-Z][^\s/>]*+)[^>]*+>?"
    # A comment; one that never ends takes the rest.
    r"|!--(?:-?>|(.*?)(?:--!?>|\Z))"
    # Declarations, processing instructions and what the standard calls bogus comments, `<![endif]>` among them.
    r"|[!?/]([^>]*+)>?)",
    re.DOTALL,
)
_ATTRIBUTE = pattern(r"([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]*+)))?+")
_NUMBER_TOO_LONG = pattern(r"&#[0-9]{9,}+;?")
_REFERENCE_IN_VALUE = pattern(r"&(?:#(?:[0-9]{1,8}+|[xX][0-9a-fA-F]{1,8}+);?|([a-zA-Z][a-zA-Z0-9]{1,31}+(?:;|(?!=))))")

#: Elements whose content is text up to their own end tag; those that show references decoded.
RAW_TEXT = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
ESCAPABLE_TEXT = frozenset({"title", "textarea"})
_WHOLE_REST = "plaintext"


class TokenKind(IntEnum):
    """What a token is."""

    START = 0
    END = 1
    TEXT = 2
    COMMENT = 3
    #: The content of an element of `RAW_TEXT` or `ESCAPABLE_TEXT`, whose start tag comes before and end tag after.
    RAW = 4


#: The kind; the name of a tag in lower case, the text, or what a comment holds; where it begins, in characters of the
#: source; what stands in a start tag after its name, as written, which `attributes_of` reads. A plain tuple: there are
#: hundreds in every mail, and a named one takes as long to make as to find.
Token: TypeAlias = tuple[TokenKind, str, int, str]


def tokens(source: str) -> Iterator[Token]:
    """The tokens of an HTML source in order. Never fails; time and memory are linear in the source."""
    at, end = 0, len(source)
    search = _MARKUP.search
    text_kind, start_kind, end_kind = TokenKind.TEXT, TokenKind.START, TokenKind.END
    while at < end:
        found = search(source, at)
        if found is None:
            break
        start = found.start()
        if start > at:
            text = source[at:start]
            yield text_kind, unescaped(text) if "&" in text else text, at, ""
        at = found.end()
        name, attributes, closed, ended, comment, declaration = found.groups()
        if name is not None:
            if not closed:  # the source ends within the tag: no browser shows it
                return
            name = name.lower()
            yield start_kind, name, start, attributes
            if name in RAW_TEXT or name in ESCAPABLE_TEXT or name == _WHOLE_REST:
                stop = _end_of(name, source, at)
                if stop > at:
                    yield _raw(name, source[at:stop], at)
                at = stop
        elif ended is not None:
            yield end_kind, ended.lower(), start, ""
        else:
            yield TokenKind.COMMENT, comment or declaration or "", start, ""
    if at < end:
        yield text_kind, unescaped(source[at:]), at, ""


def _raw(name: str, text: str, at: int) -> Token:
    if name == _WHOLE_REST:
        return TokenKind.TEXT, text, at, ""
    return TokenKind.RAW, unescaped(text) if name in ESCAPABLE_TEXT else text, at, ""


def _end_of(name: str, source: str, at: int) -> int:
    """Where the raw text of an element ends: at its end tag, else with the source."""
    if name == _WHOLE_REST:
        return len(source)
    found = _END_TAGS[name].search(source, at)
    return found.start() if found else len(source)


_END_TAGS = {name: pattern(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW_TEXT | ESCAPABLE_TEXT}


def attributes_of(written: str) -> Mapping[str, str]:
    """The attributes of a start tag: names in lower case, values with their references decoded; the first of a name wins."""
    if not written or written == "/" or written.isspace():
        return _NONE
    read: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        value = double or single or bare.lstrip("\"'")
        read.setdefault(name.lower(), value_unescaped(value) if "&" in value else value)
    return read


_NONE: Mapping[str, str] = {}


def unescaped(text: str) -> str:
    """Text with its character references decoded."""
    if "&" not in text:
        return text
    import html  # noqa: PLC0415 - its table of names takes a millisecond to load

    # int() refuses numbers of thousands of digits; none above 1114111 is a character.
    return html.unescape(_NUMBER_TOO_LONG.sub("\ufffd", text))


def value_unescaped(value: str) -> str:
    """An attribute value with its references decoded: a name without `;` before `=` or a letter is none (`&copy=1`)."""
    import html  # noqa: PLC0415
    from html.entities import html5  # noqa: PLC0415

    def decode(match: re.Match[str]) -> str:
        name = match[1]
        return html.unescape(match[0]) if name is None else html5.get(name, match[0])

    return _REFERENCE_IN_VALUE.sub(decode, _NUMBER_TOO_LONG.sub("\ufffd", value))
