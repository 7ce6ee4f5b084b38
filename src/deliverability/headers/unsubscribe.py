"""The list header fields: List-Unsubscribe (RFC 2369), List-Unsubscribe-Post (RFC 8058), List-Id (RFC 2919), Precedence.

What is read is what stands there; each deviation is a `ListDefect` with its place in the field's text. Nothing is
fetched: whether the endpoint works can only be told by asking it, and that is for the user to allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import query_name
from deliverability.core.patterns import pattern
from deliverability.core.rule import Facts
from deliverability.core.span import Span
from deliverability.headers.fields import Field, Headers
from deliverability.headers.scan import TokenKind, scan

#: RFC 8058 §5: the one value there is.
ONE_CLICK = "List-Unsubscribe=One-Click"
_MAX_URIS = 20
_SCHEME = pattern(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_ADDRESS_IN_URI = pattern(r"[A-Za-z0-9._+-]{1,64}(?:@|%40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_BULK_WORDS = frozenset({"bulk", "list", "junk"})


class ListDefectKind(StrEnum):
    """What can be wrong with the list header fields."""

    NO_BRACKETS = "no-brackets"  # a URI without < > (RFC 2369 §2): most clients show no button
    EMPTY = "empty"  # nothing between the brackets, or nothing at all
    BLANK = "blank-in-uri"  # white space within the brackets
    NO_SCHEME = "no-scheme"  # `<www.…>` or an address without mailto:
    UNKNOWN_SCHEME = "unknown-scheme"  # neither https, http nor mailto
    PLAIN_HTTP = "http"  # RFC 8058 §3.1: the URI of one-click is HTTPS
    SEVERAL_HTTPS = "several-https"  # RFC 8058 §3.1: which one is posted to?
    NO_HTTPS = "no-https"  # one-click is announced, and there is no HTTPS URI
    NO_HOST = "no-host"  # an https URI without a host name
    BAD_MAILTO = "bad-mailto"  # no address after mailto:
    PLACEHOLDER = "placeholder"  # a template that was not filled in
    SEVERAL_FIELDS = "several-fields"  # RFC 2369 §2: at most one of each
    POST_INEXACT = "post-inexact"  # not exactly List-Unsubscribe=One-Click
    POST_ALONE = "post-alone"  # without List-Unsubscribe
    BAD_ID = "bad-list-id"  # RFC 2919 §3
    TOO_MANY = "too-many"


class ListDefect(NamedTuple):
    """One defect: where it stands in `field.text`, and the text itself."""

    kind: ListDefectKind
    field: Field
    span: Span
    text: str = ""


class ListUri(NamedTuple):
    """One URI of List-Unsubscribe. `scheme` is lower case, "" where there is none; `host` "" for mailto."""

    uri: str
    scheme: str
    host: str
    span: Span

    @property
    def address(self) -> str:
        """An e-mail address that stands in clear in a web link; "" where there is none."""
        found = _ADDRESS_IN_URI.search(self.uri) if self.scheme in ("http", "https") else None
        return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class ListHeaders:
    """What the message says of itself as list mail."""

    unsubscribe: Field | None = None
    uris: tuple[ListUri, ...] = ()
    post: Field | None = None
    #: The value of List-Unsubscribe-Post is exactly what RFC 8058 §5 wants.
    one_click: bool = False
    list_id_field: Field | None = None
    #: The identifier between the brackets, lower case; "" without one.
    list_id: str = ""
    #: `bulk`, `list` or `junk`; "" without the field.
    precedence: str = ""
    defects: tuple[ListDefect, ...] = ()

    def all(self, scheme: str) -> tuple[ListUri, ...]:
        """The URIs of one scheme, in order."""
        return tuple(uri for uri in self.uris if uri.scheme == scheme)

    @property
    def usable(self) -> tuple[ListUri, ...]:
        """URIs that a mail program can offer: web links with a host, and mailto with an address."""
        return tuple(u for u in self.uris if u.host or (u.scheme == "mailto" and "@" in u.uri))

    def has(self, *kinds: ListDefectKind) -> tuple[ListDefect, ...]:
        """The defects of these kinds."""
        return tuple(defect for defect in self.defects if defect.kind in kinds)


@dataclass(frozen=True, slots=True)
class UnsubscribeProbe:
    """What came of asking the sender's own endpoint with the sender's own test token, where the user allowed it."""

    uri: str
    #: HTTP status of the POST of RFC 8058 §3.2; None: it could not be reached, `problem` says why.
    post_status: int | None = None
    #: The POST was answered with a redirection to here; "" without one.
    redirected_to: str = ""
    #: The page that answered asks to log in or to confirm.
    asks: bool = False
    #: The test address was unsubscribed by a mere GET, as link scanners do one.
    get_unsubscribes: bool | None = None
    problem: str = ""


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The list header fields of a message: asks nothing."""
    headers = facts[Headers]
    assert isinstance(headers, Headers)  # noqa: S101 - facts are found by their type
    return {ListHeaders: read_list_headers(headers, limits=limits)}


def read_list_headers(headers: Headers, *, limits: Limits = DEFAULT_LIMITS) -> ListHeaders:
    """Read the list header fields. Never raises."""
    defects: list[ListDefect] = []
    unsubscribe = headers.first("List-Unsubscribe")
    uris = _uris(unsubscribe, defects, limits) if unsubscribe is not None else ()
    post = headers.first("List-Unsubscribe-Post")
    one_click = False
    if post is not None:
        one_click = post.text.strip() == ONE_CLICK
        if not one_click:
            defects.append(ListDefect(ListDefectKind.POST_INEXACT, post, Span(0, len(post.text)), post.text[:200]))
        if unsubscribe is None:
            defects.append(ListDefect(ListDefectKind.POST_ALONE, post, Span(0, len(post.text))))
        elif not any(uri.scheme == "https" for uri in uris):
            defects.append(ListDefect(ListDefectKind.NO_HTTPS, unsubscribe, Span(0, len(unsubscribe.text))))
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"):
        fields = headers.all(name)
        if len(fields) > 1:
            defects.append(ListDefect(ListDefectKind.SEVERAL_FIELDS, fields[1], Span(0, len(fields[1].text)), name))
    id_field = headers.first("List-Id")
    list_id = _list_id(id_field, defects) if id_field is not None else ""
    precedence = headers.text("Precedence").strip().lower()[:40]
    return ListHeaders(
        unsubscribe,
        uris,
        post,
        one_click,
        id_field,
        list_id,
        precedence if precedence in _BULK_WORDS else "",
        tuple(defects),
    )


def _uris(field: Field, defects: list[ListDefect], limits: Limits) -> tuple[ListUri, ...]:
    """The URIs between angle brackets, and what stands without them (RFC 2369 §2)."""
    text = field.text[: limits.header_field_octets]
    uris: list[ListUri] = []
    at = 0
    while len(uris) < _MAX_URIS:
        start = text.find("<", at)
        end = text.find(">", start) if start >= 0 else -1
        _outside(field, text, at, start if start >= 0 and end >= 0 else len(text), uris, defects)
        if start < 0 or end < 0:
            break
        uris.append(_uri(field, text[start + 1 : end], Span(start + 1, end), defects))
        at = end + 1
    if len(uris) >= _MAX_URIS:
        defects.append(ListDefect(ListDefectKind.TOO_MANY, field, Span(at, len(text))))
    https = [uri for uri in uris if uri.scheme == "https"]
    if len(https) > 1:
        defects.append(ListDefect(ListDefectKind.SEVERAL_HTTPS, field, https[1].span, https[1].uri[:200]))
    if not uris and not defects:
        defects.append(ListDefect(ListDefectKind.EMPTY, field, Span(0, len(text))))
    return tuple(uris)


def _outside(field: Field, text: str, start: int, end: int, uris: list[ListUri], defects: list[ListDefect]) -> None:
    """What stands between the brackets' URIs: commas and comments are right, a URI without brackets is not."""
    for token in scan(text[start:end]).tokens:
        word = token.text.strip(",<>")
        if token.kind is TokenKind.COMMENT or not word:
            continue
        if _SCHEME.match(word) or "@" in word or word.lower().startswith("www."):
            span = Span(start + token.start, start + token.end)
            defects.append(ListDefect(ListDefectKind.NO_BRACKETS, field, span, word[:200]))
            if len(uris) < _MAX_URIS:
                uris.append(_uri(field, word, span, defects))


def _uri(field: Field, inside: str, span: Span, defects: list[ListDefect]) -> ListUri:
    # RFC 2369 §2: white space within the brackets is to be ignored, since folds may have put it there.
    uri = "".join(inside.split())

    def note(kind: ListDefectKind) -> None:
        defects.append(ListDefect(kind, field, span, uri[:200]))

    if uri != inside.strip():
        note(ListDefectKind.BLANK)
    if not uri:
        note(ListDefectKind.EMPTY)
        return ListUri("", "", "", span)
    if _is_placeholder(uri):
        note(ListDefectKind.PLACEHOLDER)
    found = _SCHEME.match(uri)
    scheme = found[1].lower() if found else ""
    host = ""
    if not scheme:
        note(ListDefectKind.NO_SCHEME)
    elif scheme == "mailto":
        if "@" not in uri.partition("?")[0]:
            note(ListDefectKind.BAD_MAILTO)
    elif scheme in ("http", "https"):
        host = host_of(uri)
        if not host:
            note(ListDefectKind.NO_HOST)
        if scheme == "http":
            note(ListDefectKind.PLAIN_HTTP)
    else:
        note(ListDefectKind.UNKNOWN_SCHEME)
    return ListUri(uri, scheme, host, span)


def host_of(uri: str) -> str:
    """The host of a web link, lower case, without port and user; "" where there is none."""
    _, slashes, rest = uri.partition("//")
    if not slashes:
        return ""
    for mark in "/?#":
        rest = rest.partition(mark)[0]
    host = rest.rpartition("@")[2]
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return query_name(host.partition(":")[0]) or ""


def _is_placeholder(uri: str) -> bool:
    pairs = (("{{", "}}"), ("%%", "%%"), ("*|", "|*"), ("[[", "]]"), ("${", "}"), ("<%", "%>"))
    return any(left in uri and right in uri for left, right in pairs)


def _list_id(field: Field, defects: list[ListDefect]) -> str:
    """RFC 2919 §3: an optional phrase, then `<label.namespace>`."""
    text = field.text
    start, end = text.rfind("<"), text.rfind(">")
    inside = text[start + 1 : end].strip() if 0 <= start < end else ""
    if not inside or "." not in inside or " " in inside:
        defects.append(ListDefect(ListDefectKind.BAD_ID, field, Span(0, len(text)), text[:200]))
    return (inside or text.strip().strip("<>")).lower()[:255]
