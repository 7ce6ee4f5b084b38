"""A subject as it is matched: small letters without accents or disguise, and the way back to every character.

Theory of operation. Matching wants one spelling; people and spammers write many. `fold` turns a subject into that one
spelling and keeps, for each of its characters, where it stood in the subject as given, so that whatever is found later
can be shown in its place. Three speeds: ASCII needs `lower()` and no map; letters of western Europe and common signs
are translated one for one, so positions stay; only what is left (letters of other alphabets that look like ours, styled
letters, marks, invisible characters) is walked character by character.

The way a subject was disguised is told apart from what it says: each disguise is a `Mark`. «nº» and «2ª» are kept as
they are: compatibility forms would make the word "no" of the first (and «n°» with a degree sign becomes «nº»).

Everything comes from frozen tables: Unicode 3.2, which every Python carries as `unicodedata.ucd_3_2_0`, and
data/confusables.csv. So the same subject is read alike on every Python.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple
from unicodedata import ucd_3_2_0 as frozen

from deliverability.core.folding import Words, signs_beyond_ascii
from deliverability.core.patterns import pattern
from deliverability.core.span import Span

#: Characters that are looked at: a line of RFC 5322 §2.1.1. What lies beyond is told as a defect.
MAX_CHARACTERS = 998


class Disguise(StrEnum):
    """Ways to write a word so that programs do not see it."""

    STYLED = "styled"  # mathematical, enclosed or full-width letters
    FOREIGN = "foreign"  # letters of another alphabet that look like ours
    HIDDEN = "hidden"  # invisible characters
    DIRECTION = "direction"
    STACKED = "stacked"
    CONTROL = "control"
    SURROGATE = "surrogate"
    SPACED = "spaced"
    LEET = "leet"


class Mark(NamedTuple):
    """A disguise and its place in the subject as given."""

    kind: Disguise
    start: int
    end: int


class Folded(NamedTuple):
    """The one spelling, and where each of its characters comes from."""

    text: str
    #: Start and end in the subject of each character; None: position for position.
    starts: Sequence[int] | None
    ends: Sequence[int] | None
    marks: tuple[Mark, ...]

    def span(self, start: int, end: int) -> Span:
        """The place in the subject of a range of the folded text, which is not empty."""
        if self.starts is None or self.ends is None:
            return Span(start, end)
        return Span(self.starts[start], self.ends[end - 1])


_KEPT = "ºª"
#: Signs that read as another: quotes, dashes, blanks.
_SIGNS = {
    "°": "º",
    "’": "'",
    "‘": "'",
    "´": "'",
    "`": "'",
    "ʼ": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "―": "-",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "\u00a0": " ",
    "\u2009": " ",
    "\u202f": " ",
    "·": "-",
}
_UNCHANGED = "¿¡€£¥¢§•†‡©®™×÷±…"
_LETTERS = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "t"}
_LONG = {"ß": "ss", "æ": "ae", "œ": "oe", "ẞ": "ss", "Æ": "ae", "Œ": "oe"}
_HIDDEN = pattern(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff]"
)
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SELECTORS = frozenset("\ufe0e\ufe0f\u20e3")
_BLANKS = frozenset(
    "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u200a\u2028\u2029\u205f\u3000"
)


class _Tables(NamedTuple):
    fast: Mapping[int, str]
    #: Those of `fast` that are in ASCII and no letters.
    ascii: Sequence[tuple[str, str]]
    confusable: Mapping[str, str]


@functools.cache
def _tables() -> _Tables:
    fast = {ord(sign): plain for sign, plain in _SIGNS.items()}
    fast |= {ord(sign): sign for sign in _UNCHANGED + _KEPT}
    fast |= {code: chr(code).lower() for code in range(65, 91)}
    for code in range(0xC0, 0x180):
        letter = chr(code)
        base = frozen.normalize("NFD", letter)[0].lower()
        base = _LETTERS.get(letter.lower(), base)
        if base.isascii() and base.isalpha():
            fast[code] = base
    fast |= {ord(blank): " " for blank in _BLANKS}
    octets = pkgutil.get_data(__package__, "data/confusables.csv") or b""
    rows = (line.split(",") for line in octets.decode("utf-8").splitlines()[1:] if line and line[0] != "#")
    confusable = {chr(int(row[0], 16)): row[1] for row in rows}
    ascii_signs = [(chr(code), plain) for code, plain in fast.items() if code < 128 and not chr(code).isalpha()]
    return _Tables(fast, ascii_signs, confusable)


def fold(subject: str) -> Folded:
    """The one spelling of a subject of at most `MAX_CHARACTERS` characters. Never raises, linear."""
    if subject.isascii() and subject.isprintable():
        return Folded(subject.lower(), None, None, ())
    tables = _tables()
    text = subject
    for sign in signs_beyond_ascii(subject):
        plain = tables.fast.get(ord(sign))
        if plain is None:
            return _Folder(subject, tables).run()
        text = text.replace(sign, plain)
    for sign, plain in tables.ascii:
        text = text.replace(sign, plain)
    # What is left that does not print is a control character.
    return Folded(text.lower(), None, None, ()) if text.isprintable() else _Folder(subject, tables).run()


class _Folder:
    """One walk over a subject that holds more than letters of western Europe."""

    def __init__(self, subject: str, tables: _Tables) -> None:
        self.subject = subject
        self.tables = tables
        self.out: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.marks: list[Mark] = []
        self.stack = 0
        self.foreign: set[int] = set()

    def run(self) -> Folded:
        fast = self.tables.fast
        for at, char in enumerate(self.subject):
            code = ord(char)
            if 32 <= code < 127:
                self._put(char.lower(), at)
            elif code in fast:
                self._put(fast[code], at)
            else:
                self._odd(char, at)
        text = "".join(self.out)
        self._mixed(text)
        return Folded(text, self.starts, self.ends, tuple(self.marks))

    def _put(self, text: str, at: int) -> None:
        self.stack = 0
        for char in text:
            self.out.append(char)
            self.starts.append(at)
            self.ends.append(at + 1)

    def _mark(self, kind: Disguise, at: int) -> None:
        last = self.marks[-1] if self.marks else None
        if last is not None and last.kind is kind and last.end == at:
            self.marks[-1] = Mark(kind, last.start, at + 1)
        else:
            self.marks.append(Mark(kind, at, at + 1))

    def _extend(self, at: int) -> None:
        """The character belongs to the letter before it."""
        if self.ends:
            self.ends[-1] = at + 1

    def _odd(self, char: str, at: int) -> None:
        code = ord(char)
        if char in _LONG:
            return self._put(_LONG[char], at)
        if char in _DIRECTION:
            return self._mark(Disguise.DIRECTION, at)
        if _HIDDEN.match(char) or 0xE0000 <= code <= 0xE0FFF:
            return self._hidden(at)
        if char in _SELECTORS or 0xFE00 <= code <= 0xFE0D or 0x1F3FB <= code <= 0x1F3FF:
            return self._extend(at)
        if char in _BLANKS:
            return self._put(" ", at)
        if code < 32 or 127 <= code < 160:
            self._mark(Disguise.CONTROL, at)
            return self._put(" ", at)
        if 0xD800 <= code <= 0xDFFF:
            self._mark(Disguise.SURROGATE, at)
            return self._put(" ", at)
        if frozen.combining(char) or frozen.category(char) in ("Mn", "Me"):
            self.stack += 1
            self._extend(at)
            if self.stack == 3:
                self._mark(Disguise.STACKED, at)
            return None
        return self._letter(char, code, at)

    def _hidden(self, at: int) -> None:
        """Between letters an invisible character hides a word; elsewhere (emoji sequences) it is harmless."""
        around = self.subject[max(at - 1, 0) : at] + self.subject[at + 1 : at + 2]
        if len(around) == 2 and all(c.isalpha() or c in "\u200b\u200c\u200d\u00ad\u2060\ufeff" for c in around):
            self._mark(Disguise.HIDDEN, at)
        self._extend(at)

    def _letter(self, char: str, code: int, at: int) -> None:
        plain = _enclosed(code) or self.tables.confusable.get(char)
        if plain is None:
            decomposed = frozen.normalize("NFKD", char)
            plain = "".join(c for c in decomposed if not frozen.combining(c)).lower() or char
            plain = "".join(self.tables.fast.get(ord(c), c) for c in plain)
            if plain.isascii() and plain.isalpha() and _is_styled(code):
                self._mark(Disguise.STYLED, at)
        elif code < 0x2100:
            self.foreign.add(len(self.out))
        else:
            self._mark(Disguise.STYLED, at)
        self._put(plain, at)

    def _mixed(self, text: str) -> None:
        """Mark the words in which letters of another alphabet stand between ours."""
        if not self.foreign:
            return
        for word in _WORD.finditer(text):
            inside = sum(1 for at in range(word.start(), word.end()) if at in self.foreign)
            own = sum(1 for at in range(word.start(), word.end()) if at not in self.foreign and text[at].isascii())
            if inside and own:
                self.marks.append(Mark(Disguise.FOREIGN, self.starts[word.start()], self.ends[word.end() - 1]))


def _enclosed(code: int) -> str | None:
    """Letters in circles, squares and brackets that are younger than Unicode 3.2, and regional letters."""
    for first in (0x1F110, 0x1F130, 0x1F150, 0x1F170):
        if first <= code < first + 26:
            return chr(97 + code - first)
    return None


def _is_styled(code: int) -> bool:
    return (
        0x1D400 <= code <= 0x1D7FF or 0xFF01 <= code <= 0xFF5E or 0x2460 <= code <= 0x24FF or 0x2100 <= code <= 0x214F
    )


_WORD = pattern(r"[^\W_]+")
#: What is looked up: words, numbers, and the signs that phrases hold.
_TOKEN = pattern(r"[^\W_]+|[%$€£#]")


class Token(NamedTuple):
    """A word of the folded text, as it is looked up, and its place there."""

    word: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """The words of a folded text."""
    return [Token(m.group(), *m.span()) for m in _TOKEN.finditer(text)]


def places_of(text: str) -> list[tuple[int, int]]:
    """Where each word of a folded text begins and ends."""
    return [match.span() for match in _TOKEN.finditer(text)]


def words_of(text: str) -> list[str]:
    """The words of a folded text without their places."""
    for sign in _TOKEN_SIGNS:
        if sign in text:
            text = text.replace(sign, f" {sign} ")
    return _WORDS.of(text)


#: Tokens of their own, however they stand.
_TOKEN_SIGNS = "%$€£#"
_WORDS = Words(r"[^\W_]|[%$€£#]")


def key_of(phrase: str) -> str:
    """A phrase as the lexicon knows it: its folded words, one blank between them."""
    return " ".join(words_of(fold(phrase).text))
