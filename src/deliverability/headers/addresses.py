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

import itertools
import re

from deliverability.core.errors import InvalidDomainName
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import MAX_NAME, is_host_name, parse_domain, query_name
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.headers.address_tokens import Token, Tokens
from deliverability.headers.charsets import decode_unlabelled, without_surrogates
from deliverability.headers.mailboxes import (
    NO_ADDRESSES,
    NO_NAME,
    AddressDefect,
    AddressDefectKind,
    AddressList,
    Group,
    Mailbox,
)
from deliverability.headers.words import Words, decode_words

__all__ = [
    "NO_ADDRESSES",
    "AddressDefect",
    "AddressDefectKind",
    "AddressList",
    "Group",
    "Mailbox",
    "parse_addresses",
    "quote_local_part",
]

#: RFC 5322 §3.2.3 with RFC 6532 §3.2: an unquoted local part.
_DOT_ATOM = pattern(r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*")
_QUOTED_PAIR = pattern(r"\\(.)", re.DOTALL)
_MAX_DEFECTS = 50


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/?^_`{|}~-]+"
#: Nearly every list is of this form: one address, with or without a name. All else is read from tokens.
_PLAIN = pattern(
    r'(?:(?:"([ !#-\[\]-~]*)" *|([A-Za-z0-9!#$%&\'*+/=?^_`{|}~. -]*))(<))?'
    rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})+)(>)?"
)
_MAX_PLAIN = 300


def _plainly(text: str) -> Mailbox | None:
    """The one mailbox of a plain list; None for any other text."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    quoted, name, opening, local, domain, closing = found.groups()
    shown = quoted if quoted is not None else (name or "").rstrip(" ")
    if opening != (closing and "<") or len(domain) > MAX_NAME or "  " in shown or shown[:1] == " ":
        return None
    words = (decode_words(shown) if "=?" in shown else Words(shown)) if shown else NO_NAME
    return Mailbox(
        words.text, local, domain.lower(), f"{local}@{domain}", Span(0, len(text)), words, quoted is not None
    )


def parse_addresses(value: bytes | str, *, limits: Limits = DEFAULT_LIMITS) -> AddressList:
    """The addresses of an unfolded field body. Never raises; spans count characters of the field's text."""
    text = without_surrogates(value) if isinstance(value, str) else decode_unlabelled(value)
    if len(text) <= _MAX_PLAIN and limits.addresses > 0:
        plain = _plainly(text)
        if plain is not None:
            return AddressList((plain,))
    return _Reader(text, limits).read()


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
        tokens = Tokens(text)
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

    def _until(self, stops: str) -> list[Token]:
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at].kind not in stops:
            self.at += 1
        return self.tokens[start : self.at]

    def _separator(self, token: Token) -> None:
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

    def _angle(self, before: list[Token]) -> None:
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

    def _bare(self, tokens: list[Token]) -> None:
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

    def _mailbox(self, name: list[Token], address: list[Token], span: Span, faults: list[AddressDefectKind]) -> None:
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


def _joined(left: Token, right: Token) -> bool:
    """Whether two tokens are one local part or domain: nothing or only blanks around a dot is between them."""
    return not right.spaced or left.text.endswith(".") or right.text.startswith(".")


def _odd_in_name(token: Token) -> bool:
    """A literal, or brackets and backslashes in an atom: not allowed in a name without quotes. Dots are (RFC 5322 §4.1)."""
    return token.kind == "literal" or (token.kind == "word" and any(c in token.text for c in "()[]\\"))


def _phrase(tokens: list[Token]) -> Words:
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


def _address(tokens: list[Token], faults: list[AddressDefectKind]) -> tuple[str, str, str]:
    """Local part, domain and the address as written; what is wrong is added to `faults`."""
    written = "".join(token.text for token in tokens)
    ats = [index for index, token in enumerate(tokens) if token.kind == "@"]
    if not ats:
        faults.append(AddressDefectKind.NO_AT)
        return _unquoted(tokens), "", written
    if len(ats) > 1:
        faults.append(AddressDefectKind.SEVERAL_AT)
    left, right = tokens[: ats[-1]], tokens[ats[-1] + 1 :]
    if any(_torn(before, token) for before, token in itertools.pairwise(tokens)):
        faults.append(AddressDefectKind.BLANK_IN_ADDRESS)
        written = tokens[0].text + "".join(
            f" {token.text}" if _torn(before, token) else token.text for before, token in itertools.pairwise(tokens)
        )
    local = _unquoted(left)
    if not left or not local:
        faults.append(AddressDefectKind.NO_LOCAL_PART)
    elif not all(token.kind == "quoted" for token in left) and not _DOT_ATOM.fullmatch("".join(t.text for t in left)):
        faults.append(AddressDefectKind.BAD_LOCAL_PART)
    return local, _domain("".join(token.text for token in right), faults), written


def _torn(before: Token, token: Token) -> bool:
    """Whether blanks part two pieces of an address that are neither at a dot nor at the @."""
    return token.spaced and not _joined(before, token) and "@" not in (before.kind, token.kind)


def _unquoted(tokens: list[Token]) -> str:
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
