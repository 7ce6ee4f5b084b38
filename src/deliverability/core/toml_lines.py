"""On which line of a TOML file each key and each entry of a list stands; tomllib tells values only.

The text has been read by tomllib before, so the grammar is not checked here a second time: a scanner that knows
strings, comments, brackets and headers is enough. Where it meets something it does not expect, it stops, and the keys
from there on have no line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from deliverability.core.names import shown
from deliverability.core.patterns import pattern

#: Where a value stands: keys, and places in lists counted from 0, such as `("ignore", 0, "until")`.
Keys: TypeAlias = tuple[str | int, ...]

#: Keys from the root of the document to a value; no configuration is deeper, and each costs its way from the root.
_MAX_KEYS = 50

_SPACE = pattern(r"(?:[ \t]|#[^\n]*)*")
_SPACE_AND_LINES = pattern(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = pattern(r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')(?:[ \t]*\.[ \t]*)?""")
_STRING = pattern(r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL)
_BARE = pattern(r"[^,\]}\n#]*")


@dataclass(frozen=True, slots=True)
class At:
    """A place in the file. As text: `deliverability.toml, line 4: sending.helo`."""

    file: str
    #: The line of every key from the root of the document on.
    lines: Mapping[Keys, int]
    keys: Keys = ()
    #: The keys as a message names them, and what stands before the next.
    words: str = ""
    joint: str = ""

    def key(self, key: str) -> At:
        """The place of a key of the table here."""
        return At(self.file, self.lines, (*self.keys, key), f"{self.words}{self.joint}{key}", ".")

    def entry(self, index: int) -> At:
        """The place of an entry of the list here, counted from 0."""
        return At(self.file, self.lines, (*self.keys, index), f"{self.words}, entry {index + 1}", ": ")

    @property
    def line(self) -> int | None:
        """Its line, or that of the nearest thing around it."""
        return next((self.lines[k] for n in range(len(self.keys), 0, -1) if (k := self.keys[:n]) in self.lines), None)

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}, line {self.line}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.where}: {shown(self.words, 200)[1:-1]}"


class _Unexpected(Exception):  # noqa: N818 - never leaves this module
    """Something this scanner does not know."""


def key_lines(text: str) -> dict[Keys, int]:
    """The line, counted from 1, of every key, of every entry of a list, and of every header of a table."""
    scanner = _Scanner(text)
    with suppress(_Unexpected, RecursionError):
        scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted_to = 0
        self._line = 1
        self._entries: dict[Keys, int] = {}
        self.lines: dict[Keys, int] = {}

    def document(self) -> None:
        table: Keys = ()
        while True:
            self._skip(_SPACE_AND_LINES)
            if self._at >= len(self._text):
                return
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Keys:
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        line = self._here()
        self._at += brackets
        self._skip(_SPACE)
        path = self._placed(self._key(), several=brackets == 2)
        self._note(path, line)
        self._skip(_SPACE)
        self._take("]" * brackets)
        return path

    def _placed(self, keys: tuple[str, ...], *, several: bool) -> Keys:
        """The keys of a header with the place in the list behind each key that is a list of tables."""
        path: Keys = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            last = index == len(keys) - 1
            if several and last:
                self._entries[path] = self._entries.get(path, -1) + 1
            if path in self._entries:
                path = (*path, self._entries[path])
        return path

    def _pair(self, table: Keys) -> None:
        line = self._here()
        path = (*table, *self._key())
        if len(path) > 2 * _MAX_KEYS:
            raise _Unexpected
        self._note(path, line)
        self._skip(_SPACE)
        self._take("=")
        self._value(path)

    def _note(self, path: Keys, line: int) -> None:
        """The line of a key, and of the tables above it that nothing else opens."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                break
            self.lines[path[:length]] = line

    def _key(self) -> tuple[str, ...]:
        keys: list[str] = []
        while found := _KEY.match(self._text, self._at):
            if len(keys) == _MAX_KEYS:
                raise _Unexpected
            self._at = found.end()
            written = found[0].rstrip(" \t")
            whole = not written.endswith(".")
            keys.append(_unquoted(written.rstrip(". \t")))
            if whole:
                break
        if not keys:
            raise _Unexpected
        return tuple(keys)

    def _value(self, path: Keys) -> None:
        self._skip(_SPACE)
        first = self._text[self._at : self._at + 1]
        if first in ('"', "'"):
            found = _STRING.match(self._text, self._at)
            if found is None:
                raise _Unexpected
            self._at = found.end()
        elif first == "[":
            self._list(path)
        elif first == "{":
            self._table(path)
        else:
            self._skip(_BARE)

    def _list(self, path: Keys) -> None:
        self._at += 1
        for index in range(len(self._text)):
            self._skip(_SPACE_AND_LINES)
            if self._text.startswith("]", self._at):
                break
            self.lines.setdefault((*path, index), self._here())
            self._value((*path, index))
            self._skip(_SPACE_AND_LINES)
            if not self._text.startswith(",", self._at):
                break
            self._at += 1
        self._take("]")

    def _table(self, path: Keys) -> None:
        self._at += 1
        while True:
            self._skip(_SPACE_AND_LINES)
            if self._text.startswith("}", self._at):
                break
            self._pair(path)
            self._skip(_SPACE_AND_LINES)
            if not self._text.startswith(",", self._at):
                break
            self._at += 1
        self._take("}")

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _take(self, expected: str) -> None:
        if not self._text.startswith(expected, self._at):
            raise _Unexpected
        self._at += len(expected)

    def _here(self) -> int:
        """The line of the present place; every character is counted once."""
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return self._line


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    if not key.startswith('"'):
        return key
    try:
        return next(iter(tomllib.loads(f"{key} = 1")))
    except tomllib.TOMLDecodeError:
        raise _Unexpected from None
