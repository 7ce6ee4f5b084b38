"""One Received field (RFC 5321 §4.4), as the mail servers of the world write it.

Theory of operation. The grammar is `from … by … via … with … id … for … ; date`, and nearly every server hides what
matters in comments, each in its own way:

    from HELO (REVERSE [ADDRESS]) by …                         Postfix, Sendmail, Gmail, Zimbra
    from REVERSE ([ADDRESS] helo=HELO) by …, from [ADDRESS] (helo=HELO) by …      Exim
    from REVERSE (HELO HELO) (ADDRESS) by …, from unknown (EHLO …) (ADDRESS)      qmail, Yahoo
    from HELO (ADDRESS) by … with Microsoft SMTP Server (version=TLS1_2, cipher=…)  Exchange, Microsoft 365
    by … (Postfix, from userid 33), (qmail 12 invoked by uid 33), with local (Exim), (from root@localhost)   own machine

So the field is cut into words, quoted strings and comments (`scan`), the words are gathered under the keyword that
opens their clause, and comments belong to the clause in which they stand. Then each clause is read for the forms
above. The address is the only thing there that the receiving server knows for sure; the HELO name is what the client
said, and the reverse name is what DNS said, where the server asked.

Whatever the field holds, reading is one pass and never fails; what could not be read is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from deliverability.core.addresses import is_public, plain, read_literal
from deliverability.core.patterns import pattern
from deliverability.core.questions import IPAddress
from deliverability.headers.dates import parse_date
from deliverability.headers.fields import Field
from deliverability.headers.scan import TokenKind, scan, words_and_comments

#: The words that open a clause: RFC 5321 §4.4, Exim's `tls`, Haraka's `envelope-from`.
_CLAUSES = frozenset({"from", "by", "via", "with", "id", "for", "tls", "envelope-from"})
#: RFC 3848 and RFC 6531 §4.3: the transmission types of a session under TLS.
_WITH_TLS = frozenset({"ESMTPS", "ESMTPSA", "LMTPS", "LMTPSA", "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTPS", "UTF8LMTPSA"})
_WITHOUT_TLS = frozenset({"SMTP", "ESMTP", "ESMTPA", "LMTP", "LMTPA", "UTF8SMTP", "UTF8SMTPA", "UTF8LMTP", "UTF8LMTPA"})
_WITH_AUTH = frozenset({"ESMTPA", "ESMTPSA", "LMTPA", "LMTPSA", "UTF8SMTPA", "UTF8SMTPSA", "UTF8LMTPA", "UTF8LMTPSA"})
_SAID = pattern(r"(?:^|[ \t])(?:helo|ehlo|lhlo)[= \t]+([^ \t);]+)", 2)
_BRACKETED = pattern(r"\[([^\[\] \t]{2,64})\]")
_WORDS = pattern(r"[^ \t\r\n,]+")
_CIPHER_WORDS = pattern(r"[^ \t\r\n,:()]+")
_FRACTION = pattern(rb"(:[0-9]{2})\.[0-9]{1,9}")
_VERSION = pattern(r"\b(TLS|SSL)[v_ ]?([0-9][0-9._]{0,4})(?=[ \t,;:()]|$)", 2)
_BARE_VERSION = pattern(r"\b(TLS|SSL)()(?=[ \t,;:()]|$)", 2)
_CIPHER = pattern(r"\bcipher[= \t]+([A-Za-z0-9_:-]{2,80})", 2)
_IS_CIPHER = pattern(r"(?:TLS_|ECDHE[-_]|DHE[-_]|AES|RSA[-_]|CHACHA20|CAMELLIA|DES-CBC3)[A-Z0-9_:+-]*", 2)
_ENVELOPE_FROM = pattern(r"\benvelope-(?:from|sender)[= \t]*<?([^ \t<>)]{0,320})>?", 2)
_USER = pattern(r"\b(?:from userid|invoked by uid|by uid|from uid)[ \t]+([0-9A-Za-z_.-]{1,32})", 2)
_AUTHENTICATED = ("authenticated", "auth=", "auth:", "account ", "with login", "with plain")
_DATE_WITHOUT_SEPARATOR = pattern(
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+)?[0-9]{1,2}[ \t]+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    rb"[ \t]+[0-9]{4}[ \t]+[0-9]{1,2}:[0-9]{2}",
    2,
)
_ISO = pattern(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?[ ]?(Z|[+-][0-9]{2}:?[0-9]{2})"
)
_BEGINS_ADDRESS = frozenset("0123456789[")
#: What stands for "no reverse name".
_NO_NAME = frozenset({"unknown", "unverified", "localhost.localdomain", "no-rdns", "helo", "ehlo", "lhlo", "may"})


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field: what the server `by` wrote of the client that handed it the message."""

    field: Field
    #: The name the client gave in HELO or EHLO, as said.
    helo: str | None = None
    #: The name that the server found for the client's address; whether it leads back is not always checked.
    reverse_name: str | None = None
    client: IPAddress | None = None
    by: str | None = None
    #: The address that the server says it has itself.
    by_address: IPAddress | None = None
    via: str | None = None
    #: The words after `with`, such as `ESMTPS` or `Microsoft SMTP Server`.
    protocol: str | None = None
    #: None: the field does not tell.
    tls: bool | None = None
    tls_version: str | None = None
    cipher: str | None = None
    id: str | None = None
    recipient: str | None = None
    #: MAIL FROM, where the server writes it here.
    envelope_from: str | None = None
    #: The client logged in (RFC 4954).
    authenticated: bool = False
    #: Handed over by a program on the same machine, without SMTP, and under which user.
    local: bool = False
    user: str | None = None
    #: The server itself says that the reverse name may be a forgery.
    doubted: bool = False
    #: The reverse name is one that this kind of server writes without looking whether it leads back (qmail).
    unconfirmed: bool = False
    date: datetime | None = None
    #: Seconds since the hop before it (below it in the message); negative where a clock is wrong. None: not known.
    delay: float | None = None

    @property
    def from_private(self) -> bool:
        """Whether the client has an address that the Internet does not know."""
        return self.client is not None and not is_public(self.client, documentation=True)


class _Clause(NamedTuple):
    words: list[str]
    comments: list[str]

    @property
    def value(self) -> str:
        return self.words[0] if self.words else ""


def read_received(field: Field, earlier: datetime | None = None) -> Hop:
    """One Received field; `earlier` is the date of the hop before it. Never fails: what it does not tell is None."""
    text = field.text
    body, date = _split_date(text, field)
    clauses, loose = _clauses(body)
    origin, by = clauses.get("from"), clauses.get("by")
    client = _Client.read(origin, loose)
    told = " ".join((*loose, *(comment for clause in clauses.values() for comment in clause.comments)))
    lowered = told.lower()
    protocol, user = _protocol(clauses.get("with")), _local_user(lowered, clauses, client)
    version, cipher = _tls_words(told, lowered, clauses.get("tls"))
    sender = _sender(told, clauses)
    return Hop(
        field,
        client.helo,
        client.reverse_name,
        client.address,
        _host(by.value) if by and by.value else None,
        _own_address(by),
        " ".join(clauses["via"].words) if "via" in clauses else None,
        protocol,
        _under_tls(protocol, version, told, qmail=client.qmail),
        version,
        cipher,
        clauses["id"].value.strip("<>") or None if "id" in clauses else None,
        clauses["for"].value.strip("<>") or None if "for" in clauses else None,
        sender,
        (protocol or "").upper() in _WITH_AUTH or any(word in lowered for word in _AUTHENTICATED),
        user is not None or (protocol or "").lower() == "local",
        user,
        client.doubted,
        client.qmail,
        date,
        (date - earlier).total_seconds() if date is not None and earlier is not None else None,
    )


def _sender(told: str, clauses: dict[str, _Clause]) -> str | None:
    """MAIL FROM, in a comment (Exim) or as a clause (Haraka)."""
    if "envelope-from" in clauses:
        return clauses["envelope-from"].value.strip("<>")
    found = _ENVELOPE_FROM.search(told) if "nvelope" in told else None
    return found[1] if found else None


def _split_date(text: str, field: Field) -> tuple[str, datetime | None]:
    """What stands before the last semicolon, and the date after it; all of it where no date follows."""
    body, semicolon, after = text.rpartition(";")
    date = _date(after) if semicolon else None
    return (body, date) if date is not None else (text, _date_without_separator(field.value))


def _clauses(text: str) -> tuple[dict[str, _Clause], list[str]]:
    """The words and comments of each clause; comments before the first one stand apart. The first of a name counts."""
    clauses: dict[str, _Clause] = {}
    loose: list[str] = []
    current: _Clause | None = None
    for word, comment in words_and_comments(text) or _slowly(text):
        if not word:
            (current.comments if current is not None else loose).append(comment)
            continue
        lowered = word.lower()
        # A keyword right after another is its value: "from by (…)".
        if lowered in _CLAUSES and lowered not in clauses and (current is None or current.words or current.comments):
            current = clauses[lowered] = _Clause([], [])
        elif current is not None:
            current.words.append(word)
    return clauses, loose


def _slowly(text: str) -> Iterator[tuple[str, str]]:
    for token in scan(text).tokens:
        if token.kind is TokenKind.COMMENT:
            yield "", token.text
        elif token.kind is not TokenKind.SEPARATOR and token.text:
            yield token.text, ""


def _local_user(lowered: str, clauses: dict[str, _Clause], client: _Client) -> str | None:
    """The user of this machine who handed the message over; None where it came from elsewhere."""
    found = _USER.search(lowered) if "id " in lowered else None
    if found is not None:
        return found[1]
    with_, origin = clauses.get("with"), clauses.get("from")
    if with_ is not None and with_.value == "local":
        return origin.value[:64] if origin is not None else None
    return client.local_user


class _Client(NamedTuple):
    """What the `from` clause tells."""

    helo: str | None = None
    reverse_name: str | None = None
    address: IPAddress | None = None
    doubted: bool = False
    qmail: bool = False
    local_user: str | None = None

    @classmethod
    def read(cls, clause: _Clause | None, loose: list[str]) -> _Client:
        if clause is None:
            # Sendmail of mail from the own machine: "(from www-data@localhost) by …".
            said = next((text for text in loose if text.lower().startswith("from ")), "")
            return cls(local_user=said[5:].partition("@")[0].strip()[:64] or None) if said else cls()
        name = clause.value
        named = _address(name)
        helo: str | None = None
        reverse: str | None = None
        address: IPAddress | None = None
        for comment in clause.comments:
            match = _SAID.search(comment)
            helo = helo or (match[1] if match else None)
            address = address or _address_in(comment)
            reverse = reverse or _reverse_in(comment)
        bare = [comment for comment in clause.comments if _is_address(comment)]
        # qmail and Yahoo put the reverse name first and the address into parentheses of its own.
        qmail = helo is not None and bool(bare)
        if helo is not None:
            reverse = reverse or _name(name) if named is None else reverse
        else:
            helo = name or None
        local = name if "@" in name and address is None else None
        return cls(
            helo,
            reverse,
            address or named,
            any("may be forged" in comment for comment in clause.comments),
            qmail,
            local.partition("@")[0] if local else None,
        )


def _address(word: str) -> IPAddress | None:
    """A word as an address. Most words are none, and that shows at once."""
    if word[:1] not in _BEGINS_ADDRESS and ":" not in word:
        return None
    return read_literal(word) if len(word) < 64 else None


def _address_in(comment: str) -> IPAddress | None:
    """The address of a comment: in brackets, or the whole comment (`192.0.2.1`, `user@192.0.2.1`)."""
    for found in _BRACKETED.finditer(comment):
        address = _address(found[1])
        if address is not None:
            return plain(address)
    for found in _WORDS.finditer(comment[:320]):
        address = _address(found[0].rpartition("@")[2])
        if address is not None:
            return plain(address)
    return None


def _is_address(comment: str) -> bool:
    return _address(comment.rpartition("@")[2]) is not None if len(comment) < 400 else False


def _reverse_in(comment: str) -> str | None:
    """The reverse name of a comment such as `mail.empresa.example [192.0.2.1]`: its first word before the brackets."""
    head, bracket, _ = comment.partition("[")
    return _name(head.strip().rpartition(" ")[2].rpartition("@")[2]) if bracket else None


def _name(word: str) -> str | None:
    """A word as host name; None where it stands for "no name"."""
    host = _host(word)
    lowered = host.lower()
    if not host or lowered in _NO_NAME or "=" in host or ":" in host or _address(host) is not None:
        return None
    return host


def _host(word: str) -> str:
    return word.strip(",").removesuffix(".")


def _own_address(by: _Clause | None) -> IPAddress | None:
    if by is None:
        return None
    found = _address(by.value) or next((a for a in map(_address_in, by.comments) if a is not None), None)
    return plain(found) if found is not None else None


def _protocol(with_: _Clause | None) -> str | None:
    if with_ is None or not with_.words:
        return None
    return " ".join(with_.words[:4])[:80]


def _tls_words(told: str, lowered: str, tls: _Clause | None) -> tuple[str | None, str | None]:
    """Version of TLS and cipher, as written."""
    version = cipher = None
    named = _CIPHER.search(told) if "cipher" in lowered else None
    if named is None and tls is None and "tls" not in lowered and "ssl" not in lowered and "encrypted" not in lowered:
        return None, None
    found = _VERSION.search(told) or _BARE_VERSION.search(told)
    if found is not None:
        version = found[1].upper() + found[2].replace("_", ".").rstrip(".")
    if named is not None:
        cipher = named[1]
    elif tls is not None and tls.value:
        cipher = tls.value
    else:
        words = (word for word in _CIPHER_WORDS.findall(told[:2000]) if "_" in word or "-" in word)
        cipher = next((word for word in words if _IS_CIPHER.match(word)), None)
    return version, cipher


def _under_tls(protocol: str | None, version: str | None, told: str, *, qmail: bool) -> bool | None:
    """Whether the session was encrypted: by the transmission type (RFC 3848), else by what the server adds."""
    kind = (protocol or "").upper().split(" ")[0]
    if kind in _WITH_TLS or kind in ("SMTPS", "HTTPS") or version is not None or " encrypted" in told:
        return True
    if protocol is not None and protocol.upper().startswith("MICROSOFT SMTP SERVER"):
        return False
    # qmail says SMTP whatever a wrapper around it did.
    if kind in _WITHOUT_TLS and not qmail:
        return False
    return None


def _date(text: str) -> datetime | None:
    text = text.strip()
    if not text:
        return None
    date = parse_date(text[:200].encode("utf-8", "replace"))
    return date if date is not None else _iso_date(text)


def _iso_date(text: str) -> datetime | None:
    """`2026-11-22 10:00:00.123 +0000 UTC`, as programs in Go write it."""
    found = _ISO.match(text)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}")
    except ValueError:
        return None


def _date_without_separator(value: bytes) -> datetime | None:
    """The date of a field that has no semicolon before it."""
    places = [found.start() for found in _DATE_WITHOUT_SEPARATOR.finditer(value)]
    return parse_date(_FRACTION.sub(rb"\1", value[places[-1] :][:200])) if places else None
