"""Authentication-Results: what a receiver says it verified (RFC 8601), and the forms that are found in its place.

Theory of operation. A field is an authserv-id, then results separated by semicolons, each `method/version = result`,
an optional `reason=`, and properties `ptype.property = pvalue`; comments and folds may stand between any two of these
(RFC 8601 §2.2). The text is cut at its semicolons after `scan` has found quoted strings and comments, and each piece is
read as pairs of name and value. What deviates is read as it was meant and told as a defect:

- Microsoft 365 leaves the authserv-id out and appends `action=`, `compauth=` and `reason=` as if they were results;
- values hold characters that would need quotes (addresses, IPv6);
- pairs without a property type (`x-tls=pass version=TLSv1.2`).

Who may be believed is not decided here: see `headers.claims`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.span import Span
from deliverability.headers.fields import text_of
from deliverability.headers.scan import Token, TokenKind, scan

#: Results and properties of one field that are read; real fields have about ten.
_MAX_RESULTS = 100
_MAX_PROPERTIES = 50
NOWHERE = Span(0, 0)


class ResultsDefectKind(StrEnum):
    """What can be wrong with an Authentication-Results field."""

    NO_ID = "no-authserv-id"  # RFC 8601 §2.2 wants one; Microsoft 365 has none
    NO_RESULT = "no-result"  # a piece without "="
    BAD_VERSION = "bad-version"  # RFC 8601 §2.2: digits; only 1 is defined
    BARE_VALUE = "unquoted-value"  # a value that would need quotes
    NO_TYPE = "no-property-type"  # `version=` where `ptype.property=` is due
    MISPLACED = "misplaced-result"  # "none" beside results, or text after a result
    UNCLOSED = "unclosed"  # a comment or a quoted string that does not end
    TOO_MANY = "too-many"  # the rest was not read
    NO_INSTANCE = "no-instance"  # ARC-Authentication-Results without i= (RFC 8617 §4.1.1)


class ResultsDefect(NamedTuple):
    """One thing wrong, and where in the text."""

    kind: ResultsDefectKind
    span: Span


class Property(NamedTuple):
    """`ptype.property=value`; `type` is "" where it was left out. Both names are in lower case."""

    type: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What one method came to (RFC 8601 §2.7). `result` is lower case, as the registry writes it."""

    method: str
    result: str
    version: int | None = None
    reason: str | None = None
    properties: tuple[Property, ...] = ()
    #: Comments in order, without their parentheses.
    comments: tuple[str, ...] = ()
    span: Span = NOWHERE

    def get(self, name: str) -> str | None:
        """The value of the first property `ptype.property`, or of one without a type, such as `smtp.mailfrom`."""
        kind, dot, key = name.lower().partition(".")
        wanted = (kind, key) if dot else ("", kind)
        return next((p.value for p in self.properties if (p.type, p.name) == wanted), None)


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field. `authserv_id` is "" where it was left out; `results` is empty for `none`."""

    authserv_id: str
    version: int | None
    results: tuple[MethodResult, ...]
    defects: tuple[ResultsDefect, ...] = ()
    #: ARC-Authentication-Results: its `i=`.
    instance: int | None = None
    #: The receiver says that it verified nothing (`none`, RFC 8601 §2.2).
    none: bool = False

    def all(self, method: str) -> tuple[MethodResult, ...]:
        """Every result of a method, in order."""
        return tuple(result for result in self.results if result.method == method)


def parse_authentication_results(
    value: str | bytes, *, arc: bool = False, limits: Limits = DEFAULT_LIMITS
) -> AuthenticationResults:
    """Read the value of an Authentication-Results field; with `arc`, of an ARC-Authentication-Results field (RFC 8617).

    Spans count characters of the value. Never raises.
    """
    text = text_of(value) if isinstance(value, bytes) else value
    return _Reader(text[: limits.header_field_octets]).read(arc=arc)


class _Reader:
    """One field while it is read."""

    __slots__ = ("defects", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.defects: list[ResultsDefect] = []

    def read(self, *, arc: bool) -> AuthenticationResults:
        tokens, unclosed = scan(self.text, pairs=True)
        if unclosed:
            self.note(ResultsDefectKind.UNCLOSED, len(self.text), len(self.text))
        pieces = _pieces(tokens)
        instance = None
        if arc:
            instance, pieces = self._instance(pieces)
        authserv_id, version, pieces = self._identity(pieces)
        results: list[MethodResult] = []
        none = False
        for piece in pieces:
            words = [token for token in piece if token.kind is not TokenKind.COMMENT]
            if not words:
                continue
            if len(results) >= _MAX_RESULTS:
                self.note(ResultsDefectKind.TOO_MANY, words[0].start, len(self.text))
                break
            if len(words) == 1 and words[0].text.lower() == "none":
                none = True
                continue
            result = self._result(piece)
            if result is not None:
                results.append(result)
        if none and results:
            self.note(ResultsDefectKind.MISPLACED, 0, len(self.text))
        return AuthenticationResults(
            authserv_id, version, tuple(results), tuple(self.defects), instance, none and not results
        )

    def note(self, kind: ResultsDefectKind, start: int, end: int) -> None:
        if len(self.defects) < _MAX_RESULTS:
            self.defects.append(ResultsDefect(kind, Span(start, end)))

    def _instance(self, pieces: list[list[Token]]) -> tuple[int | None, list[list[Token]]]:
        """RFC 8617 §4.1.1: `i=` and a semicolon stand before the authserv-id."""
        words = [token.text for token in pieces[0] if token.kind is not TokenKind.COMMENT] if pieces else []
        if len(words) == 3 and words[0].lower() == "i" and words[1] == "=" and _digits(words[2]) is not None:
            return _digits(words[2]), pieces[1:]
        self.note(ResultsDefectKind.NO_INSTANCE, 0, 0)
        return None, pieces

    def _identity(self, pieces: list[list[Token]]) -> tuple[str, int | None, list[list[Token]]]:
        """The authserv-id and the version of the field (RFC 8601 §2.2), and the pieces that follow."""
        first = [token for token in pieces[0] if token.kind is not TokenKind.COMMENT] if pieces else []
        if not first:
            self.note(ResultsDefectKind.NO_ID, 0, 0)
            return "", None, pieces[1:]
        if any(token.kind is TokenKind.SEPARATOR for token in first):
            # A "=" in the first piece: the results begin at once, or the semicolon after the id was forgotten.
            self.note(ResultsDefectKind.NO_ID, first[0].start, first[0].start)
            return "", None, pieces
        version = None
        if len(first) > 1:
            version = _digits(first[1].text)
            if version is None or len(first) > 2:
                self.note(ResultsDefectKind.BAD_VERSION, first[1].start, first[-1].end)
        return first[0].text, version, pieces[1:]

    def _result(self, piece: list[Token]) -> MethodResult | None:
        pairs = _pairs(piece)
        start, end = piece[0].start, piece[-1].end
        if not pairs or not any(pairs[0].name):
            self.note(ResultsDefectKind.NO_RESULT, start, end)
            return None
        method, version = self._method(pairs[0])
        reason: str | None = None
        properties: list[Property] = []
        for pair in pairs[1:]:
            if len(properties) >= _MAX_PROPERTIES:
                self.note(ResultsDefectKind.TOO_MANY, pair.start, end)
                break
            name = self._name(pair).lower()
            kind, dot, key = name.partition(".")
            if not name:
                continue
            if name == "reason" and reason is None:
                reason = pair.value
                continue
            if not dot:
                self.note(ResultsDefectKind.NO_TYPE, pair.start, pair.end)
                kind, key = "", name
            if pair.bare and ":" in pair.value:
                self.note(ResultsDefectKind.BARE_VALUE, pair.start, pair.end)
            properties.append(Property(kind, key, pair.value))
        comments = tuple(token.text for token in piece if token.kind is TokenKind.COMMENT)
        return MethodResult(
            method, pairs[0].value.lower(), version, reason, tuple(properties), comments, Span(start, end)
        )

    def _name(self, pair: _Pair) -> str:
        """The name of a pair: blanks and comments may stand around its dot or slash. Words before it are out of place."""
        name = ""
        for word in pair.name:
            goes_on = name[-1:] in (".", "/") or word[:1] in (".", "/")
            if name and not goes_on:
                self.note(ResultsDefectKind.MISPLACED, pair.start, pair.end)
            name = (name + word)[:200] if goes_on else word
        if not name:
            self.note(ResultsDefectKind.MISPLACED, pair.start, pair.end)
        return name

    def _method(self, pair: _Pair) -> tuple[str, int | None]:
        """`dkim`, or `dkim/1`, blanks and comments allowed around the slash (RFC 8601 §2.2)."""
        method, slash, version = self._name(pair).partition("/")
        number = _digits(version) if slash else None
        if slash and number is None:
            self.note(ResultsDefectKind.BAD_VERSION, pair.start, pair.end)
        return method.lower(), number


class _Pair(NamedTuple):
    """Words before a `=` and the value after it."""

    name: tuple[str, ...]
    value: str
    start: int
    end: int
    #: The value stands without quotes.
    bare: bool


def _pieces(tokens: tuple[Token, ...]) -> list[list[Token]]:
    """The tokens between semicolons; empty pieces are left out, but never the first."""
    pieces: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind is TokenKind.SEPARATOR and token.text == ";":
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for index, piece in enumerate(pieces) if piece or index == 0]


def _pairs(piece: list[Token]) -> list[_Pair]:
    """Name and value of each pair. A value is one word or quoted string; words after it belong to the next name.

    A second `=` right in a value ("b=abc==") is a part of it: it touches what stands before.
    """
    pairs: list[_Pair] = []
    tokens = [token for token in piece if token.kind is not TokenKind.COMMENT]
    name: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind is not TokenKind.SEPARATOR:
            name.append(token)
            index += 1
            continue
        value, index, bare = _value(tokens, index + 1)
        start = name[0].start if name else token.start
        pairs.append(_Pair(tuple(word.text for word in name), value, start, tokens[index - 1].end, bare))
        name = []
    if name:
        pairs.append(_Pair((), "", name[0].start, name[-1].end, True))
    return pairs


def _value(tokens: list[Token], index: int) -> tuple[str, int, bool]:
    """The value that begins at `index`: tokens without blanks between, so that `"a b"@c.example` is one."""
    if index >= len(tokens):
        return "", index, True
    words = [tokens[index].text]
    quoted = tokens[index].kind is TokenKind.QUOTED
    index += 1
    while index < len(tokens) and tokens[index].start == tokens[index - 1].end:
        words.append(tokens[index].text)
        index += 1
    return "".join(words), index, not quoted


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
