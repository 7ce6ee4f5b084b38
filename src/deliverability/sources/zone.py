"""Zone files as a source: what name servers would answer once they have loaded them.

Theory of operation. A file with an SOA record is a whole zone: it knows every name below its apex, so a name it does
not hold does not exist. It stops knowing at a delegation (NS records below the apex, RFC 1034 §4.2.1): there it answers
what it has, the NS records and addresses given as glue, and anything else is `Failed(OFFLINE)`. So are names of other
zones, and the target of an alias that leads there. The DS of the apex belongs to the parent zone (RFC 4035 §3.1.4.1).

Records without an SOA above them are a list that somebody pasted. A list says what is in it and nothing else: a
question it does not answer is `Failed(OFFLINE)`, never "there is none", unless the list says so (sources/record_list.py).
An octoDNS configuration has no SOA and is a whole zone all the same.

Whatever asks one name server itself is `Failed(OFFLINE)` too: a file does not say which servers have it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName, parent, parse_domain
from deliverability.core.questions import (
    Answer,
    Failed,
    FailureKind,
    Found,
    NoData,
    NoName,
    Question,
    Record,
)
from deliverability.sources.messages import TYPE_CODES, name_of, read_records, renamed
from deliverability.sources.record_files import RecordFile, read_record_file
from deliverability.sources.zonefile import ALIAS_CODE, ANY_CODE, ZoneRecord, read_zone_text

_A, _NS, _CNAME, _SOA, _AAAA, _DNAME, _DS = 1, 2, 5, 6, 28, 39, 43
#: The TTL of "there is none" where no SOA says it, seconds.
_ASSUMED_TTL = 3600


@dataclass(slots=True)
class _RecordSet:
    """The records of one type at one name."""

    ttl: int
    rdatas: list[Any] = field(default_factory=list)

    def records(self, code: int) -> tuple[Record, ...]:
        return read_records(code, self.rdatas)

    def target(self) -> DomainName:
        return name_of(self.rdatas[0].target)


_Node = dict[int, _RecordSet]


@dataclass(slots=True)
class _Zone:
    """One zone, or the list of records that belong to none (`apex` None)."""

    apex: DomainName | None
    nodes: dict[DomainName, _Node] = field(default_factory=dict)
    #: No SOA says that it is whole, the form of its file does: SOA, and NS of the apex where there are none, are elsewhere.
    assumed: bool = False
    #: Every name that exists, those between a node and the apex included (RFC 4592 §2.2.2).
    names: set[DomainName] = field(default_factory=set)

    def add(self, record: ZoneRecord) -> None:
        node = self.nodes.setdefault(record.owner, {})
        held = node.setdefault(record.type_code, _RecordSet(record.ttl))
        held.ttl = min(held.ttl, record.ttl)
        if record.rdata is not None:
            held.rdatas.append(record.rdata)
        name = record.owner
        while name not in self.names:
            self.names.add(name)
            if name in (self.apex, ""):
                break
            name = parent(name)

    def cut(self, name: DomainName) -> DomainName | None:
        """The highest delegation at or above `name`, below the apex."""
        found = None
        while name != self.apex:
            if _NS in self.nodes.get(name, ()):
                found = name
            name = parent(name)
        return found

    def dname(self, name: DomainName) -> tuple[DomainName, _RecordSet] | None:
        """The nearest DNAME above `name` (RFC 6672 §2.2)."""
        while name and name != self.apex:
            name = parent(name)
            held = self.nodes.get(name, {}).get(_DNAME)
            if held is not None:
                return name, held
        return None

    def owner(self, name: DomainName) -> DomainName | None:
        """The name whose records answer for `name`: itself, or the wildcard at the closest encloser (RFC 4592 §3.3.1)."""
        if name in self.names:
            return name
        above = parent(name)
        while above and above not in self.names:
            above = parent(above)
        wildcard = DomainName(f"*.{above}" if above else "*")
        return wildcard if wildcard in self.nodes else None

    def negative_ttl(self) -> int:
        """RFC 2308 §5."""
        soa = self.nodes.get(self.apex, {}).get(_SOA) if self.apex is not None else None
        return min(soa.ttl, int(soa.rdatas[0].minimum)) if soa is not None else _ASSUMED_TTL if self.assumed else 0


class ZoneSource:
    """Answers from zone files."""

    def __init__(self, *files: Iterable[ZoneRecord] | RecordFile) -> None:
        kept = [list(file.records if isinstance(file, RecordFile) else file) for file in files]
        whole = [{record.owner: _Zone(record.owner) for record in f if record.type_code == _SOA} for f in kept]
        for file, zones in zip(files, whole, strict=True):
            if isinstance(file, RecordFile) and file.apex is not None:
                zones.setdefault(file.apex, _Zone(file.apex, assumed=True)).names.add(file.apex)
        self._zones: dict[DomainName, _Zone] = {}
        for zones in whole:
            for apex in zones:
                zones[apex] = self._zones.setdefault(apex, zones[apex])
        self._list = _Zone(None)
        for records, zones in zip(kept, whole, strict=True):
            for record in records:
                # A file's own zone comes first, so that a parent zone keeps the delegation of a child given beside it.
                own = _zone_of(zones, record.owner, record.type_code)
                zone = own or _zone_of(self._zones, record.owner, record.type_code) or self._list
                zone.add(record)

    @classmethod
    def from_file(cls, *paths: str | Path, origin: str | None = None) -> Self:
        """The zone, or zones, in these files: zone files, octoDNS configurations or lists (sources/record_files.py).

        Relative names belong to the file's `$ORIGIN`, to `origin`, or to the domain the file is named after. Raises
        `UnreadableFile` with file and line, and `InvalidDomainName` for `origin`.
        """
        told = _origin(origin)
        return cls(*(read_record_file(path, told) for path in paths))

    @classmethod
    def from_text(cls, text: str, origin: str | None = None) -> Self:
        """The zone in a text; relative names belong to its `$ORIGIN` or to `origin`. Raises as `from_file`.

        Indentation that all lines share is not part of it (the text may stand inside a program).
        """
        return cls(read_zone_text(textwrap.dedent(text), _origin(origin)))

    @property
    def apexes(self) -> tuple[DomainName, ...]:
        """The zones that are here as a whole, sorted."""
        return tuple(sorted(self._zones))

    @property
    def names(self) -> tuple[DomainName, ...]:
        """Every name with a record, sorted."""
        return tuple(sorted({name for zone in (*self._zones.values(), self._list) for name in zone.nodes}))

    def answer(self, question: Question) -> Answer:
        """The answer of the files; aliases are followed as far as the files know."""
        if question.server is not None:
            return Failed(FailureKind.OFFLINE, "a zone file does not say what one name server answers")
        aliases: list[DomainName] = []
        ttls: list[int] = []
        name, code = question.name, TYPE_CODES[question.type]
        while True:
            step = self._step(name, code)
            if not isinstance(step, _Alias):
                return _told(step, tuple(aliases), ttls)
            if step.target is None or step.target == question.name or step.target in aliases:
                return Failed(FailureKind.LOOP, "the aliases do not end")
            if len(aliases) >= DEFAULT_LIMITS.cname_chain:
                return Failed(FailureKind.LOOP, f"more than {DEFAULT_LIMITS.cname_chain} aliases")
            aliases.append(step.target)
            ttls.append(step.ttl)
            name = step.target

    def _step(self, name: DomainName, code: int) -> Answer | _Alias:
        zone = _zone_of(self._zones, name, code)
        if zone is None:
            return _from_list(self._list, name, code)
        cut = zone.cut(name)
        if cut is not None:
            return _from_delegation(zone, cut, name, code)
        renaming = zone.dname(name)
        if renaming is not None:
            above, held = renaming
            target = renamed(name, above, held.target())
            # RFC 6672 §3.1: the CNAME that a DNAME brings about answers a question for CNAME.
            return Found((target,), held.ttl) if code == _CNAME and target is not None else _Alias(target, held.ttl)
        if zone.assumed and _is_elsewhere(zone, name, code):
            return Failed(FailureKind.OFFLINE, "octoDNS leaves this to the DNS provider")
        owner = zone.owner(name)
        if owner is None:
            # The parent of a zone that is here knows at least that its name exists.
            return NoData(zone.negative_ttl()) if name in self._zones else NoName(zone.negative_ttl())
        return _from_node(zone.nodes.get(owner, {}), code) or NoData(zone.negative_ttl())


@dataclass(frozen=True, slots=True)
class _Alias:
    """The name is another name for `target` (None: the target is too long to exist)."""

    target: DomainName | None
    ttl: int


def _zone_of(zones: Mapping[DomainName, _Zone], name: DomainName, code: int) -> _Zone | None:
    """The zone that holds this type at this name: the deepest, but for DS, which stands above the cut."""
    start = parent(name) if code == _DS and name else name
    return next((zones[above] for above in _upwards(start) if above in zones), None)


def _is_elsewhere(zone: _Zone, name: DomainName, code: int) -> bool:
    """Whether octoDNS leaves this to the DNS provider: SOA and NS of the apex, and the addresses of an ALIAS."""
    node = zone.nodes.get(name, {})
    if name == zone.apex and code in (_SOA, _NS):
        return code not in node
    return ALIAS_CODE in node and code in (_A, _AAAA)


def _upwards(name: DomainName) -> Iterator[DomainName]:
    yield name
    while name:
        name = parent(name)
        yield name


def _from_node(node: _Node, code: int) -> Found | NoData | NoName | _Alias | None:
    """What the node says; no records of a type are those that a list says are gone, all of them for `*`."""
    held = node.get(code)
    if held is not None:
        return Found(held.records(code), held.ttl) if held.rdatas else NoData(held.ttl)
    alias = node.get(_CNAME)
    if alias is not None and alias.rdatas:
        return _Alias(alias.target(), alias.ttl)
    return NoName(node[ANY_CODE].ttl) if ANY_CODE in node else None


def _from_list(zone: _Zone, name: DomainName, code: int) -> Answer | _Alias:
    owner = zone.owner(name)
    held = _from_node(zone.nodes.get(owner, {}), code) if owner is not None else None
    if held is not None:
        return held
    if not zone.nodes:
        return Failed(FailureKind.OFFLINE, "in none of the zones that were given")
    return Failed(FailureKind.OFFLINE, "not in the records that were given, which have no SOA and may not be all")


def _from_delegation(zone: _Zone, cut: DomainName, name: DomainName, code: int) -> Answer:
    held = zone.nodes.get(name, {}).get(code)
    if held is not None:
        return Found(held.records(code), held.ttl)
    if name == cut and code == _DS:
        return NoData(zone.negative_ttl())
    return Failed(FailureKind.OFFLINE, f"the zone delegates {cut} to other name servers")


def _told(answer: Answer, aliases: tuple[DomainName, ...], ttls: list[int]) -> Answer:
    """The answer at the end of the aliases, as the answer to the question."""
    if isinstance(answer, Failed):
        if aliases and answer.kind is FailureKind.OFFLINE:
            return Failed(FailureKind.OFFLINE, f"the alias leads to {aliases[-1]}: {answer.detail}")
        return answer
    if not aliases:
        return answer
    ttl = min(answer.ttl, *ttls)
    if isinstance(answer, Found):
        return Found(answer.records, ttl, aliases)
    return NoData(ttl, aliases) if isinstance(answer, NoData) else NoName(ttl, aliases)


def _origin(text: str | None) -> DomainName | None:
    return None if text is None else parse_domain(text)
