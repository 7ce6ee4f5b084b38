"""Values of the tags of a signature: domain names, quoted octets, and a list of tags that has nothing wrong."""

from __future__ import annotations

from deliverability.core.names import MAX_NAME, DomainName
from deliverability.core.patterns import pattern

# RFC 5321 §4.1.2 sub-domain, with the underscore that names in the DNS may have.
_LABELS = pattern(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_QUOTED = pattern(r"=([0-9A-Fa-f]{2})")
_WHITE = pattern(r"[ \t\r\n]+")


def unquote(text: str) -> bytes:
    """The octets of dkim-quoted-printable (RFC 6376 §2.11): white space is no part of it, `=3B` is an octet."""
    bare = _WHITE.sub("", text)
    return _QUOTED.sub(lambda match: chr(int(match[1], 16)), bare).encode("latin-1", "replace")


def plain_values(text: str, most: int) -> dict[str, str] | None:
    """The values of a tag list without any defect; None when it has one, and core/tags.py has to say which and where."""
    if not text.isascii() or not text.replace("\t", "").isprintable():
        return None
    pieces = text.split(";")
    if not pieces[-1].strip(" \t"):
        pieces.pop()
    values: dict[str, str] = {}
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip(" \t")
        if not equals or not name.isidentifier() or name[0] == "_":
            return None
        values[name] = value.strip(" \t")
    return values if len(values) == len(pieces) <= most else None


def signature_domain(text: str) -> DomainName | None:
    """A name in a tag, one character for each octet, in A-labels; None when DNS or mail has no such name."""
    if text.isascii():
        return domain_of(text)
    try:
        return domain_of(text.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return None


def domain_of(text: str) -> DomainName | None:
    """A domain name as text, U-labels allowed (RFC 8616 §5), in A-labels; None when mail has no such name."""
    if not text.isascii():
        import idna  # noqa: PLC0415 - 4 ms that an ASCII name does not need

        try:
            text = idna.encode(text[:1000], uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    lowered = text.lower()
    return DomainName(lowered) if len(lowered) <= MAX_NAME and _LABELS.fullmatch(lowered) else None
