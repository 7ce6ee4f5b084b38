"""Address lists of header fields: From, Sender, Reply-To, To, Cc, Bcc (RFC 5322 §3.4, RFC 6854).

Theory of operation. The field is cut into tokens once: quoted strings, comments, domain literals, specials, and atoms
(whatever else stands together). The list is then read from the tokens: what stands in angle brackets is the address
and everything before it the name; without brackets the atoms around the `@` are the address. So the `@` inside
`"x@evil.example" <a@good.example>` is never taken for the one that counts, and a comma inside quotes never ends a
mailbox.

No text is refused. What stands there and is no mailbox is an `AddressDefect` with its place, and the best reading is
still given: an unclosed quote, comment or bracket is a character like any other from where it stands, so that it
cannot swallow the rest of the field. Every octet is looked at a bounded number of times, comments nest without
recursion, and `Limits.addresses` bounds the list.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.errors import InvalidDomainName
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, is_host_name, parse_domain, query_name
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.charsets import without_surrogates
from deliverability.headers.words import Words, decode_words

#: RFC 5322 §3.2.3 with RFC 6532 §3.2: an unquoted local part.
_DOT_ATOM = pattern(r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*")
_ATOM_CHARACTER = pattern(r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]")
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
_QUOTED_PAIR = pattern(r"\\(.)", re.DOTALL)
_NAME_NEEDS_QUOTES = pattern(r"[()<>\[\]:;@\\,.\"]")
_MAX_DEFECTS = 50


class AddressDefectKind(StrEnum):
    """What can be wrong with an address list."""

    EMPTY = "empty"  # nothing but blanks and comments
    EMPTY_ELEMENT = "empty-element"  # two commas in a row (obsolete, RFC 5322 §4.4)
    NO_AT = "no-at"  # text that is no address
    SEVERAL_AT = "several-at"
    NO_LOCAL_PART = "no-local-part"
    NO_DOMAIN = "no-domain"
    BAD_LOCAL_PART = "bad-local-part"  # dots or characters that need quotes
    BAD_DOMAIN = "bad-domain"  # not a name that DNS can hold, or not a host's
    BLANK_IN_ADDRESS = "blank-in-address"
    UNCLOSED_QUOTE = "unclosed-quote"
    UNCLOSED_COMMENT = "unclosed-comment"
    UNCLOSED_BRACKET = "unclosed-bracket"
    STRAY_BRACKET = "stray-bracket"
    NO_BRACKETS = "no-brackets"  # a name before an address without < >
    TEXT_AFTER = "text-after-address"
    ROUTE = "route"  # <@a,@b:c@d> (obsolete, RFC 5322 §4.4)
    GROUP_UNCLOSED = "group-unclosed"
    SEMICOLON = "semicolon"  # ; outside a group, as some programs part addresses
    UNQUOTED_NAME = "unquoted-name"  # specials in a name without quotes
    TOO_MANY = "too-many-addresses"  # Limits.addresses


class AddressDefect(NamedTuple):
    """One defect; `span` counts characters of the field's text."""

    kind: AddressDefectKind
    span: Span


class Mailbox(NamedTuple):
    """One mailbox of a list."""

    #: The name as a reader sees it: decoded, unquoted; the comment after the address where there is no name; or "".
    display_name: str
    #: The local part as it counts: quotes and their escapes taken off.
    local_part: str
    #: A-labels, lower case, no final dot (RFC 5890 §2.3.2.1); a domain literal with its brackets; as written when no
    #: name of DNS; "" when there is none.
    domain: str
    #: The address as it is written, without blanks and comments.
    address: str
    #: Characters of the field's text that it takes, name and brackets included.
    span: Span
    #: What is odd about the name's encoding.
    name_words: Words = Words("")
    #: Whether the name was written in quotes; `""` is quoted and empty.
    quoted: bool = False
    #: The name of the group it stands in, or None.
    group: str | None = None
    #: Kinds of defects in this mailbox.
    defects: tuple[AddressDefectKind, ...] = ()

    @property
    def domain_name(self) -> DomainName | None:
        """The domain as a name of DNS; None for a literal and for what is none."""
        return None if self.domain[:1] == "[" or not self.domain else query_name(self.domain)

    @property
    def usable(self) -> bool:
        """Whether it is an address that mail can be sent to."""
        return not _UNUSABLE.intersection(self.defects)


_UNUSABLE = frozenset(
    {
        AddressDefectKind.NO_AT,
        AddressDefectKind.SEVERAL_AT,
        AddressDefectKind.NO_LOCAL_PART,
        AddressDefectKind.NO_DOMAIN,
        AddressDefectKind.BAD_LOCAL_PART,
        AddressDefectKind.BAD_DOMAIN,
    }
)


class Group(NamedTuple):
    """A named list (RFC 5322 §3.4): `undisclosed-recipients:;` is one without members."""

    display_name: str
    mailboxes: tuple[Mailbox, ...]
    span: Span


class AddressList(NamedTuple):
    """What stands in the field, in its order. `mailboxes` holds the members of groups too."""

    mailboxes: tuple[Mailbox, ...]
    groups: tuple[Group, ...] = ()
    defects: tuple[AddressDefect, ...] = ()

    def has(self, *kinds: AddressDefectKind) -> bool:
        """Whether there is a defect of one of these kinds."""
        return any(defect.kind in kinds for defect in self.defects)


NO_ADDRESSES = AddressList(())

# Nearly every list of one is of this form. Comments, escapes, encoded words in quotes and the rest take the slow path.
_PLAIN = pattern(
    r'(?:(?:"(?P<quoted>[^"\\=]*)"|(?P<name>[^\x00-\x1f\x7f()<>\[\]:;@\\,."]*?))[ \t]*<(?P<angle>(?=[^>]*>$))?)?'
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+)"
    r"(?(angle)>)"
)


def parse_addresses(value: bytes | str, *, limits: Limits = DEFAULT_LIMITS) -> AddressList:
    """The addresses of an unfolded field body. Never raises; spans count characters of the field's text."""
    text = without_surrogates(value) if isinstance(value, str) else _text_of(value)
    return _Reader(text, limits).read()


def _text_of(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


class _Token(NamedTuple):
    #: One of: word, quoted, literal, and each special itself.
    kind: str
    text: str
    start: int
    end: int
    #: Whether blanks or a comment stand before it.
    spaced: bool


class _Tokens:
    """The tokens of a field, and the comments apart."""

    __slots__ = ("comments", "defects", "items")

    def __init__(self, text: str) -> None:
        self.items: list[_Token] = []
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
            elif kind == "comment" and comments_close and (closing := _comment_end(text, at)) > 0:
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
        rest = _Tokens(text[at:].replace('"', " "))
        for token in rest.items:
            self.items.append(token._replace(start=token.start + at, end=token.end + at, spaced=token.spaced or spaced))
            spaced = False
        self.comments += [(Span(span.start + at, span.end + at), inner) for span, inner in rest.comments]
        self.defects += [AddressDefect(kind, Span(span.start + at, span.end + at)) for kind, span in rest.defects]

    def _add(self, kind: str, text: str, start: int, end: int, spaced: bool) -> None:
        if kind == "special":
            self.items.append(_Token(text, text, start, end, spaced))
            return
        if kind in ("quoted", "literal"):
            self.items.append(_Token(kind, text, start, end, spaced))
            return
        self.items.append(_Token("word", text, start, end, spaced))

    def _note(self, kind: AddressDefectKind, start: int, end: int) -> None:
        self.defects.append(AddressDefect(kind, Span(start, end)))


def _comment_end(text: str, start: int) -> int:
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


class _Reader:
    """Where reading stands, for one call of `parse_addresses`."""

    __slots__ = (
        "at",
        "comments",
        "defects",
        "group",
        "group_start",
        "groups",
        "limits",
        "mailboxes",
        "members",
        "size",
        "tokens",
    )

    def __init__(self, text: str, limits: Limits) -> None:
        tokens = _Tokens(text)
        self.tokens = tokens.items
        self.comments = tokens.comments
        self.defects = tokens.defects
        self.size = len(text)
        self.limits = limits
        self.at = 0
        self.mailboxes: list[Mailbox] = []
        self.groups: list[Group] = []
        self.group: str | None = None
        self.group_start = self.members = 0

    def read(self) -> AddressList:
        if not self.tokens:
            return AddressList((), (), (*self.defects, AddressDefect(AddressDefectKind.EMPTY, Span(0, self.size))))
        while self.at < len(self.tokens):
            if len(self.mailboxes) >= self.limits.addresses:
                self._note(AddressDefectKind.TOO_MANY, self.tokens[self.at].start, self.size)
                break
            self._element()
        if self.group is not None:
            self._note(AddressDefectKind.GROUP_UNCLOSED, self.group_start, self.size)
            self._close_group(self.size)
        if not self.mailboxes and not self.groups and not self.defects:
            self._note(AddressDefectKind.EMPTY, 0, self.size)
        return AddressList(tuple(self.mailboxes), tuple(self.groups), tuple(self.defects))

    def _element(self) -> None:
        """One mailbox, the head of a group, or a separator."""
        first = self.tokens[self.at]
        if first.kind in ",;":
            self._separator(first)
            return
        before, plain = self._until("<,;:"), self.at
        if plain < len(self.tokens) and self.tokens[plain].kind == ":" and self.group is None and before:
            self.group = _phrase(before).text
            self.group_start, self.members = before[0].start, len(self.mailboxes)
            self.at += 1
            return
        if plain < len(self.tokens) and self.tokens[plain].kind == "<":
            self._angle(before)
        elif plain < len(self.tokens) and self.tokens[plain].kind == ":":
            self._note(AddressDefectKind.UNQUOTED_NAME, self.tokens[plain].start, self.tokens[plain].end)
            self.at += 1
            if before:
                self._bare(before)
        else:
            self._bare(before)
        self._after()

    def _until(self, stops: str) -> list[_Token]:
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at].kind not in stops:
            self.at += 1
        return self.tokens[start : self.at]

    def _separator(self, token: _Token) -> None:
        self.at += 1
        if token.kind == ";":
            if self.group is not None:
                self._close_group(token.end)
            else:
                self._note(AddressDefectKind.SEMICOLON, token.start, token.end)
            return
        self._note(AddressDefectKind.EMPTY_ELEMENT, token.start, token.end)

    def _close_group(self, end: int) -> None:
        members = tuple(self.mailboxes[self.members :])
        self.groups.append(Group(self.group or "", members, Span(self.group_start, end)))
        self.group = None
        if self.at < len(self.tokens) and self.tokens[self.at].kind == ",":
            self.at += 1  # it parts the group from the next address

    def _after(self) -> None:
        """What stands between an address and the next comma."""
        extra = self._until(",;<:")
        if extra:
            self._note(AddressDefectKind.TEXT_AFTER, extra[0].start, extra[-1].end)
        if self.at >= len(self.tokens):
            return
        stop = self.tokens[self.at]
        if stop.kind == ",":
            self.at += 1
        elif stop.kind == ":":
            self._note(AddressDefectKind.UNQUOTED_NAME, stop.start, stop.end)
            self.at += 1
        elif stop.kind == ";" and self.group is None:
            self._note(AddressDefectKind.SEMICOLON, stop.start, stop.end)
            self.at += 1
        elif stop.kind == ";":
            self.at += 1
            self._close_group(stop.end)

    def _angle(self, before: list[_Token]) -> None:
        """`name <address>`; the bracket is at `at`."""
        opening = self.tokens[self.at]
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "<":
            self.at += 1  # `<<a@b.example>>`
        inner = self._until(">,<;")
        faults: list[AddressDefectKind] = []
        # RFC 5322 §4.4: a route of domains before the address; mail does not follow it (RFC 5321 appendix C).
        while inner and inner[0].kind == "@" and self.at < len(self.tokens) and self.tokens[self.at].kind == ",":
            self.at += 1
            inner.extend(self._until(">,<;"))
        if inner and inner[0].kind == "@" and any(token.kind == ":" for token in inner):
            faults.append(AddressDefectKind.ROUTE)
            inner = inner[next(i for i, token in enumerate(inner) if token.kind == ":") + 1 :]
        end = inner[-1].end if inner else opening.end
        if self.at < len(self.tokens) and self.tokens[self.at].kind == ">":
            while self.at < len(self.tokens) and self.tokens[self.at].kind == ">":
                end = self.tokens[self.at].end
                self.at += 1
        else:
            faults.append(AddressDefectKind.UNCLOSED_BRACKET)
        if before and any(token.kind in "@>" or _odd_in_name(token) for token in before):
            faults.append(AddressDefectKind.UNQUOTED_NAME)
        start = before[0].start if before else opening.start
        self._mailbox(before, inner, Span(start, end), faults)

    def _bare(self, tokens: list[_Token]) -> None:
        """An address without brackets, perhaps with words around it."""
        if not tokens:
            return
        span = Span(tokens[0].start, tokens[-1].end)
        kept = [token for token in tokens if token.kind != ">"]
        faults = [AddressDefectKind.STRAY_BRACKET] if len(kept) < len(tokens) else []
        at = next((index for index, token in enumerate(kept) if token.kind == "@"), -1)
        if at < 0:
            self._mailbox([], kept, span, faults)
            return
        first = at
        while first > 0 and kept[first - 1].kind != "@" and (first == at or _joined(kept[first - 1], kept[first])):
            first -= 1
        last = at + 1
        while last < len(kept) and (
            kept[last].kind == "@" or kept[last - 1].kind == "@" or _joined(kept[last - 1], kept[last])
        ):
            last += 1
        if first > 0:
            faults.append(AddressDefectKind.NO_BRACKETS)
        if last < len(kept):
            self._note(AddressDefectKind.TEXT_AFTER, kept[last].start, kept[-1].end)
        self._mailbox(kept[:first], kept[first:last], span, faults)

    def _mailbox(self, name: list[_Token], address: list[_Token], span: Span, faults: list[AddressDefectKind]) -> None:
        local, domain, written = _address(address, faults)
        words = _phrase(name)
        if not words.text and not name:
            words = self._comment_name(span)
        for fault in faults:
            self._note(fault, *span)
        quoted = any(token.kind == "quoted" for token in name)
        self.mailboxes.append(
            Mailbox(words.text, local, domain, written, span, words, quoted, self.group, tuple(faults))
        )

    def _comment_name(self, span: Span) -> Words:
        """The comment behind an address, as old programs write the name: `a@b.example (Ana)`."""
        stop = self.tokens[self.at].start if self.at < len(self.tokens) else self.size
        low, high = 0, len(self.comments)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.comments[middle][0].start < span.end else (low, middle)
        if low < len(self.comments) and self.comments[low][0].start < stop:
            return decode_words(_QUOTED_PAIR.sub(r"\1", self.comments[low][1]).strip())
        return Words("")

    def _note(self, kind: AddressDefectKind, start: int, end: int) -> None:
        if len(self.defects) < _MAX_DEFECTS or kind is AddressDefectKind.TOO_MANY:
            self.defects.append(AddressDefect(kind, Span(start, end)))


def _joined(left: _Token, right: _Token) -> bool:
    """Whether two tokens are one local part or domain: nothing or only blanks around a dot is between them."""
    return not right.spaced or left.text.endswith(".") or right.text.startswith(".")


def _odd_in_name(token: _Token) -> bool:
    """A literal, or brackets and backslashes in an atom: not allowed in a name without quotes. Dots are (RFC 5322 §4.1)."""
    return token.kind == "literal" or (token.kind == "word" and any(c in token.text for c in "()[]\\"))


def _phrase(tokens: list[_Token]) -> Words:
    """The words of a name, decoded."""
    if not tokens:
        return Words("")
    parts: list[str] = []
    for token in tokens:
        text = token.text
        if token.kind == "quoted":
            text = text[1:-1]
            text = _QUOTED_PAIR.sub(r"\1", text) if "\\" in text else text
        parts.append(" " + text if token.spaced and parts else text)
    return decode_words("".join(parts))


def _address(tokens: list[_Token], faults: list[AddressDefectKind]) -> tuple[str, str, str]:
    """Local part, domain and the address as written; what is wrong is added to `faults`."""
    written = "".join(token.text for token in tokens)
    ats = [index for index, token in enumerate(tokens) if token.kind == "@"]
    if not ats:
        faults.append(AddressDefectKind.NO_AT)
        return _unquoted(tokens), "", written
    if len(ats) > 1:
        faults.append(AddressDefectKind.SEVERAL_AT)
    left, right = tokens[: ats[-1]], tokens[ats[-1] + 1 :]
    if any(
        token.spaced
        and index > 0
        and not (_joined(tokens[index - 1], token) or "@" in (token.kind, tokens[index - 1].kind))
        for index, token in enumerate(tokens)
    ):
        faults.append(AddressDefectKind.BLANK_IN_ADDRESS)
    local = _unquoted(left)
    if not left or not local:
        faults.append(AddressDefectKind.NO_LOCAL_PART)
    elif not all(token.kind == "quoted" for token in left) and not _DOT_ATOM.fullmatch("".join(t.text for t in left)):
        faults.append(AddressDefectKind.BAD_LOCAL_PART)
    return local, _domain("".join(token.text for token in right), faults), written


def _unquoted(tokens: list[_Token]) -> str:
    return "".join(
        _QUOTED_PAIR.sub(r"\1", token.text[1:-1]) if token.kind == "quoted" else token.text for token in tokens
    )


def _domain(text: str, faults: list[AddressDefectKind]) -> str:
    """The domain as `Mailbox.domain` has it."""
    if not text:
        faults.append(AddressDefectKind.NO_DOMAIN)
        return ""
    if text[0] == "[" and text[-1] == "]":
        return text.replace(" ", "")
    if text.isascii():
        name = query_name(text) if "\\" not in text and _HOST_CHARACTERS.fullmatch(text) else None
        if name is None or not is_host_name(name.replace("_", "x")):
            faults.append(AddressDefectKind.BAD_DOMAIN)
        return text.lower() if name is None else name
    try:
        return parse_domain(text)
    except InvalidDomainName:
        faults.append(AddressDefectKind.BAD_DOMAIN)
        return text.lower()


#: What a host's name may hold; an underscore is seen in real ones.
_HOST_CHARACTERS = pattern(r"[A-Za-z0-9_.-]+")


def quote_local_part(local_part: str) -> str:
    """A local part as it is written: in quotes where it needs them (RFC 5322 §3.4.1)."""
    if _DOT_ATOM.fullmatch(local_part):
        return local_part
    return '"' + re.sub(r'(["\\])', r"\\\1", local_part) + '"'
