"""Records from the words of a panel, a list or a configuration: a type and a value, without the syntax of zone files."""

from __future__ import annotations

import re
from ipaddress import ip_address

from deliverability.core.names import DomainName, escape_controls, query_name, shown
from deliverability.sources.zonefile import ANY_CODE, ZoneRecord

#: The types that mail asks for; a file may hold others, which change no answer here.
TYPES = ("A", "AAAA", "CAA", "CNAME", "DNAME", "DS", "MX", "NS", "PTR", "SPF", "SRV", "TLSA", "TXT")
#: Says in a list that a name has no record of a type any more; of this type: that the name has none at all.
GONE, ANY = "-", "*"
DEFAULT_TTL = 3600
MAX_TTL = 2**31 - 1
#: Octets of one TXT value.
_MAX_TXT = 65_000
_STRING = 255
_NAMES = ("CNAME", "DNAME", "NS", "PTR")


class WrongRecordError(Exception):
    """What is no record; the message says why."""


def owner_name(text: str, origin: DomainName | None, *, relative: bool) -> DomainName:
    """The name of a record: `@` and "" are the origin.

    `relative`: a name without a final dot lies below the origin, whatever it ends in (octoDNS). Else one that ends in
    the origin already is taken as whole, as people write it.
    """
    written = text.strip()
    if written in ("", "@"):
        if origin is None:
            raise WrongRecordError(
                "the name is empty or @, and it is not known of which domain; name the file after it"
            )
        return origin
    name = query_name(written)
    if name is None:
        raise WrongRecordError(f"{shown(written)} is no name that DNS can hold")
    if written.endswith("."):
        return name
    ends = origin is not None and (name == origin or name.endswith("." + origin))
    if origin is None:
        if "." not in name:
            raise WrongRecordError(f"the name {shown(written)} is not whole, and it is not known of which domain it is")
        return name
    if ends and not relative:
        return name
    whole = query_name(f"{name}.{origin}")
    if whole is None:
        raise WrongRecordError(f"{shown(written)} is too long for a name")
    return whole


def zone_record(owner: DomainName, ttl: int, record_type: str, value: str, origin: DomainName | None) -> ZoneRecord:
    """One record from its value as panels show it; of TXT the plain text. Raises `WrongRecordError`."""
    import dns.exception  # noqa: PLC0415 - dnspython only where records are read
    import dns.name  # noqa: PLC0415
    import dns.rdata  # noqa: PLC0415
    import dns.rdataclass  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    code = dns.rdatatype.from_text(record_type)
    written = _written(record_type, value)
    # A target without a final dot is whole in panels and in octoDNS; nobody means one below the zone.
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, code, written, dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError, LookupError, ArithmeticError) as error:
        reason = escape_controls(" ".join(str(error).split()))[:200] or type(error).__name__
        raise WrongRecordError(f"{shown(value)} is no value of {record_type} ({reason})") from None
    return ZoneRecord(owner, max(0, min(ttl, MAX_TTL)), int(code), rdata)


def gone(owner: DomainName, record_type: str) -> ZoneRecord:
    """That the name has no record of this type any more; of the type `*`: that it has none at all."""
    import dns.rdatatype  # noqa: PLC0415 - as above

    code = ANY_CODE if record_type == ANY else int(dns.rdatatype.from_text(record_type))
    return ZoneRecord(owner, DEFAULT_TTL, code, None)


def _written(record_type: str, value: str) -> str:
    """The value in zone-file syntax."""
    if record_type in ("TXT", "SPF"):
        return _text(value)
    plain = value.strip()
    if "\n" in plain or ";" in plain or "(" in plain:
        raise WrongRecordError(f"{shown(value)} is no value of {record_type}")
    if record_type in ("A", "AAAA"):
        try:
            return str(ip_address(plain))
        except ValueError:
            raise WrongRecordError(f"{shown(value)} is no address") from None
    if record_type in _NAMES:
        name = query_name(plain)
        if name is None and plain != ".":
            raise WrongRecordError(f"{shown(value)} is no name that DNS can hold")
    return plain


def _text(value: str) -> str:
    """A text as quoted character-strings of at most 255 octets each."""
    try:
        octets = value.encode("utf-8", "surrogateescape")  # as `unquoted` writes `\\195`
    except UnicodeEncodeError:
        octets = value.encode("utf-8", "surrogatepass")
    if len(octets) > _MAX_TXT:
        raise WrongRecordError("the text is longer than a record can be")
    pieces = [octets[start : start + _STRING] for start in range(0, len(octets), _STRING)] or [b""]
    return " ".join(f'"{"".join(map(_octet, piece))}"' for piece in pieces)


def _octet(octet: int) -> str:
    char = chr(octet)
    if char in '"\\':
        return "\\" + char
    return char if 32 <= octet < 127 else f"\\{octet:03d}"


_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9]{3})|(.))", re.DOTALL)


def unquoted(value: str) -> str:
    """A TXT value as panels export it: quoted strings joined with nothing between, anything else as it stands."""
    text = value.strip()
    if not text.startswith('"'):
        return text
    pieces, end = [], 0
    for match in _QUOTED.finditer(text):
        if text[end : match.start()].strip() or match[1] is None:
            return text
        pieces.append(_ESCAPE.sub(_char, match[1]))
        end = match.end()
    return "".join(pieces) if not text[end:].strip() else text


def _char(match: re.Match[str]) -> str:
    """An escape of RFC 1035 §5.1: of a character, or of an octet by its number."""
    number = match[1]
    if not number or int(number) > 255:
        return str(match[2] or number)
    return bytes([int(number)]).decode("ascii", "surrogateescape")
