"""Encoded words in header text (RFC 2047), UTF-8 headers (RFC 6532), and the raw octets that neither allows.

Theory of operation. The text is walked once, from one `=?charset?encoding?` to the `?=` that ends it; another opening
before that end leaves the first unclosed, as text. Words that only blanks part are one run, and a run's octets are
joined before they are decoded as long as their charset is the same: so a character that a careless sender cut in two
is still read, and told. Every word that is not as RFC 2047 §2 and §5 want it is a `WordDefect` with its place.
Reading is linear: no opening is looked at twice, and a charset that is not known is found in a table.
"""

from __future__ import annotations

import base64
import binascii
import re
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.charsets import Decoded, decode_octets, without_surrogates

#: RFC 2047 §2: characters of one encoded word.
MAX_WORD = 75
#: RFC 2047 §2, with the language of RFC 2231 §5. Blanks cannot be in a charset's name.
_OPENING = pattern(r"=\?([^?\s=]{1,80})\?([^?\s]{1,8})\?")
_ONE_WORD = pattern(r"=\?([A-Za-z0-9_.:-]{1,40})\?([QqBb])\?([!->@-~]*)\?=")
_HIGH_RUN = pattern("[^\x00-\x7f]+")
_BLANKS = pattern(r"[ \t\r\n]+")
_CONTROLS = pattern("[\x00-\x08\x0a-\x1f\x7f]")
_DIRECTION = pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HEX_PAIR = pattern(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = pattern(rb"[^A-Za-z0-9+/=]")
#: What may stand beside an encoded word besides blanks: it closes or opens a structure of RFC 5322 §3.2.
_BESIDE = frozenset(' \t\r\n()<>",;:')
_MAX_DEFECTS = 50


class WordDefectKind(StrEnum):
    """What can be wrong with text in a header."""

    TOO_LONG = "encoded-word-too-long"  # over 75 characters (RFC 2047 §2)
    UNKNOWN_CHARSET = "unknown-charset"
    BAD_ENCODING = "unknown-encoding"  # neither B nor Q
    BAD_BASE64 = "bad-base64"
    BAD_Q = "bad-q"
    UNDECODABLE = "undecodable"  # octets that are not in the charset
    SPLIT_CHARACTER = "split-character"  # one character over two words (RFC 2047 §5)
    BLANK_INSIDE = "blank-in-word"  # RFC 2047 §2
    ADJACENT_TEXT = "adjacent-text"  # no blank between word and text (RFC 2047 §5)
    UNCLOSED = "unclosed-word"
    RAW_8BIT = "raw-8bit"  # beyond ASCII and not UTF-8
    RAW_UTF8 = "raw-utf8"  # UTF-8 as such: right only over SMTPUTF8 (RFC 6532)
    CONTROL = "control-character"  # hidden in an encoded word
    DIRECTION = "direction-control"  # characters that turn the writing direction


class WordDefect(NamedTuple):
    """One defect; `span` counts characters of the text that was read (`Field.text`)."""

    kind: WordDefectKind
    span: Span


class Words(NamedTuple):
    """Header text as a reader sees it."""

    text: str
    defects: tuple[WordDefect, ...] = ()
    #: Whether encoded words are there at all.
    encoded: bool = False
    #: Whether encoded words hold nothing that needs them: plain ASCII.
    needless: bool = False

    def has(self, *kinds: WordDefectKind) -> bool:
        """Whether there is a defect of one of these kinds."""
        return any(defect.kind in kinds for defect in self.defects)


class _Word(NamedTuple):
    charset: str
    octets: bytes
    span: Span


def decode_words(value: bytes | str) -> Words:
    """The text of an unfolded field body.

    Never raises; the text holds no lone surrogates. Encoded words in quoted strings are decoded too, as mail programs do.
    """
    if isinstance(value, bytes):
        if b"=?" not in value and value.isascii():
            return Words(value.decode("ascii"))
        text, raw = _text_of(value)
    else:
        if "=?" not in value and value.isascii():
            return Words(value)
        text, raw = without_surrogates(value), WordDefectKind.RAW_UTF8
    return (_one_word(text) if len(text) <= MAX_WORD else None) or _Reader(text, raw).read()


def _one_word(text: str) -> Words | None:
    """Text that is one encoded word and nothing else, with nothing wrong in it; None for all other."""
    found = _ONE_WORD.fullmatch(text)
    if found is None:
        return None
    octets, clean = (from_base64 if found[2] in "Bb" else from_q)(found[3].encode("ascii"))
    decoded = decode_octets(octets, found[1])
    plain = decoded.text.isascii()
    if not clean or not decoded.known or not decoded.clean or _CONTROLS.search(decoded.text):
        return None
    if not plain and _DIRECTION.search(decoded.text):
        return None
    return Words(decoded.text, (), True, plain and "=?" not in decoded.text)


def _text_of(octets: bytes) -> tuple[str, WordDefectKind]:
    try:
        return octets.decode("utf-8"), WordDefectKind.RAW_UTF8
    except UnicodeDecodeError:
        return octets.decode("latin-1"), WordDefectKind.RAW_8BIT


class _Reader:
    """Where reading stands, for one call of `decode_words`."""

    __slots__ = ("defects", "out", "raw", "run", "text")

    def __init__(self, text: str, raw: WordDefectKind) -> None:
        self.text = text
        self.raw = raw
        self.out: list[str] = []
        self.run: list[_Word] = []
        self.defects: list[WordDefect] = []

    def read(self) -> Words:
        encoded = self._walk() if "=?" in self.text else False
        if not self.text.isascii():
            high = _HIGH_RUN.search(self.text)
            assert high is not None  # noqa: S101 - the text is not ASCII
            self._note(self.raw, high.start(), high.end())
            turning = _DIRECTION.search(self.text)
            if turning is not None:
                self._note(WordDefectKind.DIRECTION, *turning.span())
        if not encoded:
            return Words(self.text, tuple(self.defects))
        text = "".join(self.out)
        needless = text.isascii() and "=?" not in text and not _CONTROLS.search(text) and self.text.isascii()
        return Words(text, tuple(self.defects), True, needless)

    def _walk(self) -> bool:
        """Read word by word; whether there was one."""
        text, at, closing, any_word = self.text, 0, -2, False
        opening = _OPENING.search(text)
        while opening:
            if closing < opening.end():
                closing = text.find("?=", opening.end())
                closing = len(text) if closing < 0 else closing
            following = _OPENING.search(text, opening.end(), min(closing + 2, len(text)))
            # The "?=" of "=?a?q?" + "=?b?q?…" is the opening of the next, not the end of this one.
            if following is None and closing < len(text):
                closing = self._end(closing)
                self._between(at, opening.start(), any_word)
                self._word(opening, closing)
                at, any_word = closing + 2, True
                following = _OPENING.search(text, at)
            else:
                self._note(WordDefectKind.UNCLOSED, opening.start(), min(opening.end(), len(text)))
                if following is None:
                    following = _OPENING.search(text, opening.end())
            opening = following
        self._flush()
        self.out.append(text[at:])
        if any_word and at < len(text) and text[at] not in _BESIDE:
            self._note(WordDefectKind.ADJACENT_TEXT, at, at + 1)
        return any_word

    def _end(self, closing: int) -> int:
        """`what??=`: a question mark that should have been encoded stands before the end."""
        return closing + 1 if self.text[closing + 1 : closing + 3] == "?=" else closing

    def _between(self, start: int, end: int, after_word: bool) -> None:
        """The text before a word: blanks between two words count for nothing (RFC 2047 §6.2)."""
        between = self.text[start:end]
        if after_word and (not between or _BLANKS.fullmatch(between)):
            if not between:
                self._note(WordDefectKind.ADJACENT_TEXT, start, end)
            return
        self._flush()
        self.out.append(between)
        if between and between[-1] not in _BESIDE:
            self._note(WordDefectKind.ADJACENT_TEXT, end - 1, end)
        if after_word and between and between[0] not in _BESIDE:
            self._note(WordDefectKind.ADJACENT_TEXT, start, start + 1)

    def _word(self, opening: re.Match[str], closing: int) -> None:
        start, end = opening.start(), closing + 2
        inner = self.text[opening.end() : closing]
        if end - start > MAX_WORD:
            self._note(WordDefectKind.TOO_LONG, start, end)
        if _BLANKS.search(inner):
            self._note(WordDefectKind.BLANK_INSIDE, start, end)
        octets = inner.encode("utf-8" if self.raw is WordDefectKind.RAW_UTF8 else "latin-1")
        encoding = opening[2].upper()
        if encoding == "B":
            octets, clean = from_base64(octets)
            kind = WordDefectKind.BAD_BASE64
        elif encoding == "Q":
            octets, clean = from_q(octets)
            clean, kind = clean and "?" not in inner, WordDefectKind.BAD_Q
        else:
            clean, kind = False, WordDefectKind.BAD_ENCODING
        if not clean:
            self._note(kind, start, end)
        charset = opening[1].partition("*")[0]
        if self.run and self.run[-1].charset.lower() != charset.lower():
            self._flush()
        self.run.append(_Word(charset, octets, Span(start, end)))

    def _flush(self) -> None:
        """Decode the run of words that ends here."""
        if not self.run:
            return
        run, self.run = self.run, []
        whole = Span(run[0].span.start, run[-1].span.end)
        decoded = decode_octets(b"".join(word.octets for word in run), run[0].charset)
        if not decoded.known:
            self._note(WordDefectKind.UNKNOWN_CHARSET, *run[0].span)
        elif len(run) > 1:
            decoded = self._apart(run, decoded)
        elif not decoded.clean:
            self._note(WordDefectKind.UNDECODABLE, *whole)
        if _CONTROLS.search(decoded.text):
            self._note(WordDefectKind.CONTROL, *whole)
        if not decoded.text.isascii() and _DIRECTION.search(decoded.text):
            self._note(WordDefectKind.DIRECTION, *whole)
        self.out.append(decoded.text)

    def _apart(self, run: list[_Word], joined: Decoded) -> Decoded:
        """RFC 2047 §5: each word has whole characters. Where they do, each is decoded for itself."""
        each = [decode_octets(word.octets, word.charset) for word in run]
        faulty = [index for index, part in enumerate(each) if not part.clean]
        if not faulty:
            return Decoded("".join(part.text for part in each), True, True)
        kind = WordDefectKind.SPLIT_CHARACTER if joined.clean else WordDefectKind.UNDECODABLE
        first, last = run[faulty[0]].span, run[faulty[-1]].span
        self._note(kind, first.start, last.end)
        return joined

    def _note(self, kind: WordDefectKind, start: int, end: int) -> None:
        if len(self.defects) < _MAX_DEFECTS:
            self.defects.append(WordDefect(kind, Span(start, end)))


def from_base64(octets: bytes) -> tuple[bytes, bool]:
    """The octets that Base64 text stands for, and whether it was as RFC 4648 §4 wants it. What is foreign is skipped."""
    try:
        return binascii.a2b_base64(octets, strict_mode=True), True
    except binascii.Error:
        pass
    kept = _NOT_BASE64.sub(b"", octets).partition(b"=")[0]
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + b"=" * (-len(kept) % 4)), False


def from_q(octets: bytes) -> tuple[bytes, bool]:
    """The octets that Q text stands for (RFC 2047 §4.2), and whether every `=` had its two digits."""
    spaced = octets.replace(b"_", b" ")
    if b"=" not in spaced:
        return spaced, octets.isascii()
    decoded, count = _HEX_PAIR.subn(lambda pair: bytes((int(pair[1], 16),)), spaced)
    return decoded, count == spaced.count(b"=") and octets.isascii()
