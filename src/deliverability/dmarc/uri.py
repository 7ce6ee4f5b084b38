"""Report URIs: the comma-separated lists of `rua` and `ruf` (RFC 9989 §4.6, §4.8)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from deliverability.core.errors import InvalidDomainName
from deliverability.core.names import MAX_NAME, DomainName, parse_domain
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.dmarc.problem import DmarcProblem, DmarcProblemKind

K = DmarcProblemKind

_SCHEME = pattern(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
# RFC 9989 §4.8: *DIGIT with an optional unit, obsolete, "reporters should ignore" it.
_SIZE = pattern(r"!([0-9]{1,20}[kmgtKMGT]?)\Z")
# RFC 3986 §2: what a URI may hold; "," and "!" have to be percent-encoded here (RFC 9989 §4.8).
_FOREIGN = pattern(r"[^A-Za-z0-9\-._~:/?#\[\]@$&'()*+;=%]|%(?![0-9A-Fa-f]{2})")
_LOCAL_PART = pattern(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|\"[^\"\r\n]{1,62}\"")
# Nearly every URI is of this form; the others take the slow path. No query, no escape, no capital in the host.
_PLAIN = pattern(
    r"mailto:([A-Za-z0-9_+-]{1,64}(?:\.[A-Za-z0-9_+-]{1,64})*@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}))"
)
_MAX_ADDRESS = 320
_ADDRESS_WITHIN = pattern(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,253}")


class ReportUri(NamedTuple):
    """One URI of a `rua` or `ruf` list. Its text is kept as it stands: case, percent-encoding and query count."""

    text: str
    span: Span
    #: Lower case; "" when there is none.
    scheme: str
    #: For `mailto:` the address, percent-decoded; "" otherwise.
    address: str = ""
    #: The host that reports would go to: the address's domain, or the authority's host. None when it names none.
    host: DomainName | None = None
    #: The obsolete size limit, without the "!".
    size: str = ""
    #: Whether it is a syntactically valid URI of a scheme that every receiver can deliver to: `mailto:`.
    valid: bool = False
    #: Whether it is a syntactically valid URI of any scheme (RFC 9989 §4.10.1 asks no more).
    syntactic: bool = False


def read_uris(tag: str, value: str, start: int) -> tuple[tuple[ReportUri, ...], tuple[DmarcProblem, ...]]:
    """The URIs of one tag value that begins at `start` of the record, and every defect."""
    uris: list[ReportUri] = []
    problems: list[DmarcProblem] = []
    position = start
    for piece in value.split(","):
        plain = _PLAIN.fullmatch(piece) if len(piece) <= _MAX_ADDRESS else None
        if plain is not None and len(plain[2]) <= MAX_NAME:
            span = Span(position, position + len(piece))
            uris.append(ReportUri(piece, span, "mailto", plain[1], DomainName(plain[2]), "", True, True))
        else:
            _read_piece(tag, piece, position, uris, problems)
        position += len(piece) + 1
    return tuple(uris), tuple(problems)


def _read_piece(tag: str, piece: str, start: int, uris: list[ReportUri], problems: list[DmarcProblem]) -> None:
    words = list(re.finditer(r"[^ \t\r\n]+", piece))
    if not words:
        problems.append(DmarcProblem(K.URI_EMPTY, Span(start, start + len(piece)), piece, tag))
        return
    whole = Span(start + words[0].start(), start + words[-1].end())
    if len(words) > 1:
        # By the grammar the whole piece is no URI; what was meant is told one by one.
        text = piece[words[0].start() : words[-1].end()]
        meant = ",".join(suggest(word[0]) or word[0] for word in words[:20])
        suggestion = suggest(text.replace(" ", "")) if len(words) == 2 and words[0][0].endswith(":") else meant
        problems.append(DmarcProblem(K.URI_SPACE, whole, text, tag, suggestion))
    for word in words:
        uri, found = _read_uri(tag, word[0], Span(start + word.start(), start + word.end()), alone=len(words) == 1)
        uris.append(uri)
        problems.extend(found)


def _read_uri(tag: str, text: str, span: Span, *, alone: bool) -> tuple[ReportUri, list[DmarcProblem]]:
    problems: list[DmarcProblem] = []
    size = _SIZE.search(text)
    if size is not None:
        place = Span(span.start + size.start(), span.end)
        problems.append(DmarcProblem(K.URI_SIZE, place, size[0], tag))
    body = text[: size.start()] if size else text
    bad = _defect(body)
    if bad is not None and alone:
        problems.append(DmarcProblem(bad, span, text, tag, suggest(body)))
    scheme = _SCHEME.match(body)
    word = scheme[1].lower() if scheme else ""
    rest = body[scheme.end() :] if scheme else ""
    address = unquote(rest.partition("?")[0]) if word == "mailto" else ""
    host = _host_of_address(address) if word == "mailto" else _host_of_authority(rest)
    syntactic = alone and (bad is None or (bad is K.URI_SCHEME and _FOREIGN.search(body) is None))
    return ReportUri(
        text, span, word, address, host, size[1] if size else "", alone and bad is None, syntactic
    ), problems


def _defect(text: str) -> DmarcProblemKind | None:
    """What is wrong with one URI, the size limit taken off."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return K.URI_NO_SCHEME
    if scheme[1].lower() != "mailto":
        # RFC 9989 §4.7: schemes that a receiver does not support MUST be ignored; only mailto has to be supported.
        return K.URI_SCHEME
    if _FOREIGN.search(text):
        return K.URI_CHARACTER
    if text[scheme.end() :].startswith("//"):  # RFC 6068 §2: an address has no authority
        return K.URI_ADDRESS
    address = unquote(text[scheme.end() :].partition("?")[0])
    local, at, _ = address.rpartition("@")
    if not at or len(address) > _MAX_ADDRESS or not _LOCAL_PART.fullmatch(local) or _host_of_address(address) is None:
        return K.URI_ADDRESS
    return None


def _host_of_address(address: str) -> DomainName | None:
    return _name(address.rpartition("@")[2]) if "@" in address else None


def _host_of_authority(rest: str) -> DomainName | None:
    if not rest.startswith("//"):
        return None
    authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    return _name(authority.rpartition("@")[2].partition(":")[0])


def _name(text: str) -> DomainName | None:
    if len(text) > 4 * 253:
        return None
    try:
        return parse_domain(text)
    except InvalidDomainName:
        return None


def suggest(text: str) -> str:
    """The `mailto:` URI that was probably meant, or "" where no address can be seen."""
    body = _SIZE.sub("", text)
    found = _ADDRESS_WITHIN.search(body[:2000])
    if found is None or _host_of_address(found[0]) is None:
        return ""
    query = body[found.end() :] if body[found.end() :].startswith("?") else ""
    candidate = f"mailto:{found[0]}{query}"
    return candidate if _defect(candidate) is None else ""
