"""Zone files in the form of RFC 1035 §5, read into records with their line numbers.

dnspython's tokenizer and record parsers do the reading; the lines are walked here, because a zone file of a person is
not always a whole zone: a pasted list without SOA is welcome, a name outside the origin is kept and not dropped, and a
CNAME beside other records is for the audit to say. `$INCLUDE` (another file) and `$GENERATE` (records without end) are
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverability.core.errors import UnreadableFile
from deliverability.core.names import DomainName, escape_controls, query_name, shown, shown_path, to_labels
from deliverability.sources.messages import name_of

if TYPE_CHECKING:
    import dns.name
    import dns.tokenizer

#: A zone file may have this many octets and records.
MAX_OCTETS = 16 * 1024 * 1024
MAX_RECORDS = 200_000
#: The TTL of a record where neither it nor the file says one, seconds.
_DEFAULT_TTL = 3600
_MAX_TTL = 2**31 - 1
_TTL = re.compile(r"(?:[0-9]{1,10}|(?:[0-9]{1,10}[wdhms])+)", re.IGNORECASE)
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
#: Not types of records but marks: a list says that a name has no records at all (255 is ANY, which no zone holds), octoDNS
#: that there is an ALIAS (a number for private use, RFC 6895 §3.1).
ANY_CODE, ALIAS_CODE = 255, 65_280
_SUFFIXES = (".zone", ".txt", ".db", ".hosts", ".dns", ".list", ".records", ".csv", ".tsv", ".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """One record; `rdata` is dnspython's, None where a list says that there is none of this type any more."""

    owner: DomainName
    ttl: int
    type_code: int
    rdata: Any


def read_zone_file(path: str | Path, origin: DomainName | None = None) -> list[ZoneRecord]:
    """The records of a file. Names without a final dot belong to `$ORIGIN`, `origin`, or the domain the file is named after.

    Raises `UnreadableFile`.
    """
    return read_zone_text(load_text(path), origin or domain_of_file(Path(path).name), str(path))


def load_text(path: str | Path) -> str:
    """The text of a file of records, of bounded size. Raises `UnreadableFile`."""
    file = Path(path)
    try:
        with file.open("rb") as stream:
            octets = stream.read(MAX_OCTETS + 1)
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = getattr(error, "strerror", None) or "no path"
        raise UnreadableFile(f"{shown_path(path)}: cannot be read ({reason})") from None
    if len(octets) > MAX_OCTETS:
        raise UnreadableFile(f"{shown_path(path)}: larger than {MAX_OCTETS // 2**20} MiB; give the zone of one domain")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(f"{shown_path(path)}, line {line}: not UTF-8; save the file as UTF-8") from None


def domain_of_file(name: str) -> DomainName | None:
    """The domain a zone file is named after: `empresa.example.zone`, `db.empresa.example`, `empresa.example`."""
    stem = name.lower().removeprefix("db.")
    for suffix in _SUFFIXES:
        stem = stem.removesuffix(suffix)
    stem = stem.removesuffix(".")  # octoDNS: empresa.example..yaml
    found = query_name(stem)
    return found if found and "." in found else None


def read_zone_text(text: str, origin: DomainName | None = None, source: str = "zone") -> list[ZoneRecord]:
    """The records of a text in zone-file form; `source` is what error messages call it. Raises `UnreadableFile`."""
    import dns.exception  # noqa: PLC0415 - dnspython only where a zone is read
    import dns.name  # noqa: PLC0415
    import dns.tokenizer  # noqa: PLC0415

    if len(text) > MAX_OCTETS:
        raise UnreadableFile(
            f"{shown_path(source)}: larger than {MAX_OCTETS // 2**20} MiB; give the zone of one domain"
        )
    tokens = dns.tokenizer.Tokenizer(text.replace("\r\n", "\n"), source)
    start = dns.name.Name((*to_labels(origin), b"")) if origin is not None else None
    records: list[ZoneRecord] = []
    lines = _Lines(tokens, start)
    try:
        for record in lines.records():
            records.append(record)
            if len(records) > MAX_RECORDS:
                raise _WrongLineError(f"more than {MAX_RECORDS} records")
    except _WrongLineError as error:
        raise UnreadableFile(f"{shown_path(source)}, line {lines.line}: {error}") from None
    except (dns.exception.DNSException, ValueError, LookupError, ArithmeticError) as error:
        entry = "".join(text.split("\n", lines.line)[lines.line - 1 : lines.line])
        raise UnreadableFile(f"{shown_path(source)}, line {lines.line}: {_reason(error, entry)}") from None
    return records


def _reason(error: Exception, entry: str) -> str:
    """What dnspython found wrong with an entry that begins like this; its own words name no part of the line."""
    import dns.exception  # noqa: PLC0415 - as above

    told = escape_controls(" ".join(str(error).split()))[:200].rstrip(".")
    if told == "string too long":
        return "a quoted text has more than 255 octets; cut it into several, each in quotation marks (RFC 1035 §3.3.14)"
    ends = isinstance(error, dns.exception.UnexpectedEnd) and ('"' in entry or "(" in entry)
    if ends or told == "newline in quoted string":
        return "a quotation mark or a parenthesis is not closed"
    why = "" if told in ("", "Text input is malformed", "Text input ended unexpectedly") else f" ({told})"
    return f"{shown(entry.strip())} is no record that can be read{why}"


class _WrongLineError(Exception):
    """A line that is no record and no known directive."""


class _Lines:
    """The lines of a file, one after another; remembers owner, origin and TTL between them (RFC 1035 §5.1)."""

    def __init__(self, tokens: dns.tokenizer.Tokenizer, origin: dns.name.Name | None) -> None:
        self._tokens = tokens
        self._origin = origin
        self._owner: dns.name.Name | None = None
        self._ttl = _DEFAULT_TTL
        #: Where the entry that is being read begins.
        self.line = 1

    def records(self) -> Iterator[ZoneRecord]:
        while True:
            self.line = self._tokens.where()[1]
            token = self._tokens.get(want_leading=True)
            if token.is_eof():
                return
            if token.is_eol():
                continue
            if token.is_whitespace():
                token = self._tokens.get()
                if token.is_eol_or_eof():
                    continue
                if not _is_directive(token):
                    self._tokens.unget(token)
                    yield self._record()
                    continue
            if _is_directive(token):
                self._directive(token.value.upper())
            else:
                self._owner = self._name(token)
                yield self._record()

    def _name(self, token: dns.tokenizer.Token) -> dns.name.Name:
        name = self._tokens.as_name(token, self._origin)
        if not name.is_absolute():
            raise _WrongLineError(
                f"the name {shown(token.value)} has no final dot, and there is no $ORIGIN before it; "
                "or name the file after its domain, such as empresa.example.zone"
            )
        return name

    def _directive(self, word: str) -> None:
        if word == "$ORIGIN":
            self._origin = self._name(self._tokens.get())
        elif word == "$TTL":
            value = self._tokens.get().value
            ttl = _read_ttl(value)
            if ttl is None:
                raise _WrongLineError(f"$TTL {shown(value)} is no number of seconds")
            self._ttl = ttl
        elif word == "$INCLUDE":
            raise _WrongLineError("$INCLUDE is not followed; give the other file as well")
        else:
            raise _WrongLineError(f"the directive {shown(word)} is not read; write its records out")
        self._tokens.get_eol()

    def _record(self) -> ZoneRecord:
        """One record after its owner: TTL and class in either order, type, data."""
        import dns.rdata  # noqa: PLC0415
        import dns.rdataclass  # noqa: PLC0415
        import dns.rdatatype  # noqa: PLC0415

        if self._owner is None:
            raise _WrongLineError("the record has no owner, and there is none on a line before it")
        ttl = None
        word = self._word()
        for _ in range(2):
            read = _read_ttl(word) if ttl is None else None
            if read is not None:
                ttl = read
            elif word.upper() in ("CH", "HS"):
                raise _WrongLineError(f"class {word.upper()} is not the Internet's")
            elif word.upper() != "IN":
                break
            word = self._word()
        try:
            code = dns.rdatatype.from_text(word)
        except (dns.rdatatype.UnknownRdatatype, ValueError):
            raise _WrongLineError(f"{shown(word)} is no record type") from None
        rdata = dns.rdata.from_text(dns.rdataclass.IN, code, self._tokens, self._origin, relativize=False)
        return ZoneRecord(name_of(self._owner), self._ttl if ttl is None else ttl, int(code), rdata)

    def _word(self) -> str:
        token = self._tokens.get()
        if not token.is_identifier():
            raise _WrongLineError("the record ends too early; it needs a name, a type and its data")
        return str(token.value)


def _is_directive(token: dns.tokenizer.Token) -> bool:
    return token.is_identifier() and token.value.startswith("$")


def _read_ttl(word: str) -> int | None:
    """Seconds, or BIND's `1h30m`; None when the word is no TTL."""
    if not _TTL.fullmatch(word):
        return None
    if word.isdigit():
        return min(int(word), _MAX_TTL)
    parts = re.findall(r"([0-9]+)([wdhms])", word.lower())
    return min(sum(int(number) * _UNITS[unit] for number, unit in parts), _MAX_TTL)
