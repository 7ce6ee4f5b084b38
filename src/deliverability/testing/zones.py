"""The DNS of one test, put together from zone text, files, tables and faults.

Theory of operation. What is added later goes before what is there, name and type by name and type. Three rules say what
is known beyond the records themselves:

- a zone with an SOA record is whole, as for every other use of zone files (sources/zone.py);
- lines without an SOA and tables are the whole of the domains they name: what is not there under `empresa.example` does
  not exist as soon as one line is about `empresa.example` or a name below it. Reverse names are known one by one;
- what lies above all this (`example`, the DS record of `empresa.example`) is empty, unless a recording or live DNS lies
  below and knows better.

Anything else is `Failed(OFFLINE)`: not in the test's DNS and so not told, never "missing".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from deliverability.core.errors import UnreadableFile
from deliverability.core.names import (
    DomainName,
    is_subdomain,
    parent,
    query_name,
    registrable_domain,
    shown,
    shown_path,
)
from deliverability.core.plan import KnownSource, Source
from deliverability.core.questions import Answer, Failed, FailureKind, NoData, NoName, Question, RecordType
from deliverability.sources.overlay import OFFLINE, Overlay
from deliverability.sources.record_files import files_of
from deliverability.sources.table import TableSource
from deliverability.sources.zone import ZoneSource

_NOT_HERE = Failed(FailureKind.OFFLINE, "not in the DNS of this test")
_REVERSE = "arpa"


class DnsZone:
    """A source that grows: `zone(text)`, `zone(table)`, `zone(path)`, `zone.fails(name)`; each returns the zone."""

    def __init__(self) -> None:
        self._parts: list[KnownSource] = []
        self._faults = _Faults()
        #: Names of lines and tables, and the domains that those are the whole of.
        self._listed: set[DomainName] = set()
        self._closed: set[DomainName] = set()
        self._apexes: set[DomainName] = set()
        self._ready: tuple[KnownSource, KnownSource] | None = None

    def __call__(self, content: str | Path | Mapping[str, Any], *, origin: str | None = None) -> Self:
        """Add records, and return this zone.

        A text is zone-file text, of which shared indentation is no part; relative names belong to its `$ORIGIN` or to
        `origin`. A path is a file of records in any form that the library reads, or a folder with
        `*.zone` files. A table is that of
        `deliverability.TableSource`: `{"empresa.example/TXT": ["v=spf1 -all"]}`. Raises `UnreadableFile` with file and
        line, `ValueError` for a line of a table that is none.
        """
        if isinstance(content, Mapping):
            table = TableSource(content, open=True)
            self._add(_Lines(table), table.names, ())
        elif isinstance(content, Path):
            zone = ZoneSource.from_file(*_files(content), origin=origin)
            self._add(zone, zone.names, zone.apexes)
        else:
            zone = ZoneSource.from_text(content, origin)
            self._add(zone, zone.names, zone.apexes)
        return self

    def fails(self, name: str, kind: str = "timeout", *, type: RecordType | None = None) -> Self:  # noqa: A002
        """Let questions about this name fail, and return this zone.

        `kind` is a word of `FailureKind`: timeout, servfail, refused, … `type` None means every type. Raises
        `ValueError` for another word.
        """
        words = [each.value for each in FailureKind]
        if kind not in words:
            raise ValueError(f"{shown(kind)} is none of {', '.join(words)}")
        owner = query_name(name)
        if owner is None:
            raise ValueError(f"{shown(name)} is not a name that DNS can hold")
        self._faults.add(owner, type, FailureKind(kind))
        return self

    def answer(self, question: Question) -> Answer:
        """The answer of what was added last and knows it."""
        return self._sources()[0].answer(question)

    def over(self, below: Source) -> Source:
        """This zone over another source, which is asked for what the zone does not know."""
        return Overlay(self._sources()[1], below)

    def __bool__(self) -> bool:
        """Whether anything was added."""
        return bool(self._parts) or bool(self._faults)

    def __repr__(self) -> str:
        return f"<DnsZone of {', '.join(sorted(self._apexes | self._closed)) or 'nothing'}>"

    def _add(self, part: KnownSource, names: tuple[DomainName, ...], apexes: tuple[DomainName, ...]) -> None:
        self._parts.append(part)
        self._apexes.update(apexes)
        for name in names:
            if any(is_subdomain(name, apex) for apex in apexes):
                continue
            domain = None if is_subdomain(name, _REVERSE) else registrable_domain(name)
            if domain is not None:
                self._closed.add(domain)
            while name and name not in self._listed:
                self._listed.add(name)
                name = parent(name)  # noqa: PLW2901
        self._ready = None

    def _sources(self) -> tuple[KnownSource, KnownSource]:
        """The zone with what lies around it taken as empty, and the zone that leaves that to others."""
        if self._ready is None:
            self._ready = self._stacked(around=True), self._stacked(around=False)
        return self._ready

    def _stacked(self, *, around: bool) -> KnownSource:
        # A zone with an SOA says itself what does not exist in it; lines beside it only add to it.
        closed = frozenset(d for d in self._closed if not any(is_subdomain(d, apex) for apex in self._apexes))
        source: KnownSource = _Above(closed | self._apexes) if around else OFFLINE
        source = Overlay(_Closed(frozenset(self._listed), closed), source)
        for part in self._parts:
            source = Overlay(part, source)
        return Overlay(self._faults, source)


class _Lines:
    """A table that says nothing about what it has no line for."""

    def __init__(self, table: TableSource) -> None:
        self._table = table

    def answer(self, question: Question) -> Answer:
        return self._table.answer(question) if self._table.holds(question) else _NOT_HERE


class _Faults:
    """Names whose questions fail."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[DomainName, RecordType | None], FailureKind] = {}

    def add(self, name: DomainName, record_type: RecordType | None, kind: FailureKind) -> None:
        self._kinds[name, record_type] = kind

    def answer(self, question: Question) -> Answer:
        kind = self._kinds.get((question.name, question.type)) or self._kinds.get((question.name, None))
        return _NOT_HERE if kind is None else Failed(kind, "as the test wants it")

    def __bool__(self) -> bool:
        return bool(self._kinds)


class _Closed:
    """Below the domains that lines and tables are the whole of, what no line names does not exist."""

    def __init__(self, listed: frozenset[DomainName], closed: frozenset[DomainName]) -> None:
        self._listed = listed
        self._closed = closed

    def answer(self, question: Question) -> Answer:
        name = question.name
        if question.server is not None or not any(is_subdomain(name, domain) for domain in self._closed):
            return _NOT_HERE
        if name in self._closed and question.type == "DS":  # the parent zone's (RFC 4035 §3.1.4.1)
            return _NOT_HERE
        return NoData() if name in self._listed else NoName()


class _Above:
    """What lies above the domains of the test is empty: the names up to the root, and the DS record of each domain."""

    def __init__(self, domains: frozenset[DomainName]) -> None:
        forward = [domain for domain in domains if not is_subdomain(domain, _REVERSE)]
        self._domains = frozenset(forward)
        self._above = frozenset(name for domain in forward for name in _ancestors(domain))

    def answer(self, question: Question) -> Answer:
        name = question.name
        if question.server is not None:
            return _NOT_HERE
        if name in self._above or (question.type == "DS" and name in self._domains):
            return NoData()
        # A receiver looks for the policy of a public suffix too.
        return NoName() if name.startswith("_dmarc.") and parent(name) in self._above else _NOT_HERE


def _ancestors(name: DomainName) -> Iterator[DomainName]:
    while name:
        name = parent(name)
        yield name


def _files(path: Path) -> list[Path]:
    files = files_of(path)
    if not files:
        raise UnreadableFile(f"there is no *.zone file in {shown_path(path)}")
    return files
