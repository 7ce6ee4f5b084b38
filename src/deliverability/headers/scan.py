"""Words, quoted strings and comments of a structured header field (RFC 5322 §3.2).

One pass, whatever the field holds: a comment that does not end reaches to the end of the field, and so does a quoted
string. What was open is told by `Scan.unclosed`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from deliverability.core.patterns import pattern

#: A word, or one character that stands alone. A backslash outside of quotes is a part of a word, as people meant it.
_PIECE = pattern(r"[^ \t\r\n();\"]+|[();\"]")
#: The same where `=` stands alone too.
_PIECE_OF_PAIRS = pattern(r"[^ \t\r\n();=\"]+|[();=\"]")
_COMMENT_MARK = pattern(r"[()\\]")
_QUOTED_MARK = pattern(r'["\\]')
_QUOTED_PAIR = pattern(r"\\(.)")


class TokenKind(Enum):
    """What a token is."""

    WORD = 0
    QUOTED = 1
    COMMENT = 2
    SEPARATOR = 3


class Token(NamedTuple):
    """One token: `text` without its quotes or outer parentheses, and its place `[start, end)` in the field's text."""

    kind: TokenKind
    text: str
    start: int
    end: int


class Scan(NamedTuple):
    """The tokens of a field, and whether a comment or a quoted string was left open."""

    tokens: tuple[Token, ...]
    unclosed: bool


def scan(text: str, *, pairs: bool = False) -> Scan:
    """Cut a field into tokens. `;` stands alone, and with `pairs` so does `=`, which else is a part of words."""
    tokens: list[Token] = []
    unclosed = False
    at, size = 0, len(text)
    search = (_PIECE_OF_PAIRS if pairs else _PIECE).search
    while at < size:
        found = search(text, at)
        if found is None:
            break
        start, at = found.span()
        mark = text[start]
        if mark == "(":
            at, closed = _end_of_comment(text, start)
            tokens.append(Token(TokenKind.COMMENT, text[start + 1 : at - closed], start, at))
            unclosed |= not closed
        elif mark == '"':
            at, closed = _end_of_quoted(text, start)
            tokens.append(Token(TokenKind.QUOTED, unquoted(text[start + 1 : at - closed]), start, at))
            unclosed |= not closed
        elif mark == ";" or (pairs and mark == "="):
            tokens.append(Token(TokenKind.SEPARATOR, mark, start, at))
        elif mark != ")":  # one that closes nothing says nothing
            tokens.append(Token(TokenKind.WORD, found.group(), start, at))
    return Scan(tuple(tokens), unclosed)


def unquoted(text: str) -> str:
    """What stands between quotes, its quoted pairs resolved (RFC 5322 §3.2.1)."""
    return _QUOTED_PAIR.sub(r"\1", text) if "\\" in text else text


def _end_of_comment(text: str, start: int) -> tuple[int, bool]:
    """The place behind the comment that begins at `start`, and whether it ends. Comments nest (RFC 5322 §3.2.2)."""
    depth, at = 1, start + 1
    while found := _COMMENT_MARK.search(text, at):
        at = found.end()
        if found.group() == "\\":
            at += 1
        elif found.group() == "(":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return at, True
    return len(text), False


def _end_of_quoted(text: str, start: int) -> tuple[int, bool]:
    at = start + 1
    while found := _QUOTED_MARK.search(text, at):
        at = found.end()
        if found.group() == '"':
            return at, True
        at += 1
    return len(text), False
