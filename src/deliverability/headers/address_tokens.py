"""The tokens of an address list: quoted strings, literals, specials and atoms; comments are kept apart (RFC 5322 §3.2)."""

from __future__ import annotations

import re
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.mailboxes import AddressDefect, AddressDefectKind

_TOKEN = pattern(
    r"(?P<space>[ \t\r\n]+)"
    r'|(?P<quoted>"[^"\\]*(?:\\.[^"\\]*)*")'
    r"|(?P<special>[<>@,;:])"
    r"|(?P<comment>\()"
    r"|(?P<literal>\[[^\[\]\\]*\])"
    r'|(?P<atom>(?:\\.|[^ \t\r\n"<>@,;:(\[\\])+)'
    r"|(?P<stray>.)",
    re.DOTALL,
)
_COMMENT_EDGE = pattern(r"[()\\]")


class Token(NamedTuple):
    """One piece of the field, with its place."""

    #: One of: word, quoted, literal, and each special itself.
    kind: str
    text: str
    start: int
    end: int
    #: Whether blanks or a comment stand before it.
    spaced: bool


class Tokens:
    """The tokens of a field in `items`, its comments apart, and what does not close."""

    __slots__ = ("comments", "defects", "items")

    def __init__(self, text: str) -> None:
        self.items: list[Token] = []
        #: (place, inner text) of each comment.
        self.comments: list[tuple[Span, str]] = []
        self.defects: list[AddressDefect] = []
        self._cut(text)

    def _cut(self, text: str) -> None:
        at, spaced, comments_close = 0, False, True
        match = _TOKEN.match
        while at < len(text):
            found = match(text, at)
            assert found is not None  # noqa: S101 - the last alternative takes any character
            kind, end = found.lastgroup, found.end()
            if kind == "space":
                spaced = True
            elif kind == "comment" and comments_close and (closing := comment_end(text, at)) > 0:
                self.comments.append((Span(at, closing), text[at + 1 : closing - 1]))
                spaced, end = True, closing
            else:
                if kind == "comment":
                    if comments_close:
                        self._note(AddressDefectKind.UNCLOSED_COMMENT, at, end)
                    comments_close = False
                if kind == "stray" and text[at] == '"':
                    # No quote closes after this one: what follows is read as if it were not there.
                    self._note(AddressDefectKind.UNCLOSED_QUOTE, at, end)
                    self._rest_without_quotes(text, end, spaced)
                    return
                self._add(kind or "", found[0], at, end, spaced)
                spaced = False
            at = end

    def _rest_without_quotes(self, text: str, at: int, spaced: bool) -> None:
        rest = Tokens(text[at:].replace('"', " "))
        for token in rest.items:
            self.items.append(token._replace(start=token.start + at, end=token.end + at, spaced=token.spaced or spaced))
            spaced = False
        self.comments += [(Span(span.start + at, span.end + at), inner) for span, inner in rest.comments]
        self.defects += [AddressDefect(kind, Span(span.start + at, span.end + at)) for kind, span in rest.defects]

    def _add(self, kind: str, text: str, start: int, end: int, spaced: bool) -> None:
        if kind == "special":
            self.items.append(Token(text, text, start, end, spaced))
            return
        if kind in ("quoted", "literal"):
            self.items.append(Token(kind, text, start, end, spaced))
            return
        self.items.append(Token("word", text, start, end, spaced))

    def _note(self, kind: AddressDefectKind, start: int, end: int) -> None:
        self.defects.append(AddressDefect(kind, Span(start, end)))


def comment_end(text: str, start: int) -> int:
    """The end of the comment that opens at `start`, comments inside it included (RFC 5322 §3.2.2); 0: it never closes."""
    depth, at = 0, start
    while found := _COMMENT_EDGE.search(text, at):
        at = found.end()
        if found[0] == "\\":
            at += 1
            continue
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            return at
    return 0
