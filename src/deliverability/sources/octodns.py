"""The configuration of a zone in octoDNS: YAML, one key a name, below it one record or a list of them.

    ? ''
    : - type: MX
        values: [{exchange: mx.empresa.example., preference: 10}]
      - type: TXT
        value: v=spf1 mx -all
    _dmarc: {type: TXT, ttl: 300, value: v=DMARC1\\; p=reject}

Such a file is the whole zone, so a name that is not in it does not exist. What octoDNS leaves to the DNS provider is asked
below: the SOA, the NS of the apex where the file has none, and the addresses of an ALIAS.

YAML can say much with little. A file is bounded in octets, events and depth, an alias may not lead to another one, and
what all aliases stand for together counts as if it were written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from deliverability.core.errors import MissingExtra, UnreadableFile
from deliverability.core.names import DomainName, escape_controls, shown, shown_path
from deliverability.sources.record_files import RecordFile
from deliverability.sources.record_values import DEFAULT_TTL, MAX_TTL, TYPES, WrongRecordError, owner_name, zone_record
from deliverability.sources.zonefile import ALIAS_CODE, ZoneRecord

MAX_OCTETS = 2 * 1024 * 1024
MAX_EVENTS = 200_000
MAX_DEPTH = 20
#: Characters of a number; YAML 1.1 has ones such as `1:59:59` whose value grows with each colon.
_MAX_NUMBER = 40
_MOST_VALUES = 1_000
#: As these YAML reads names such as `no`, `1.10` and `2026-01-01`, and whole numbers other than `10`: `010` is 8.
_OTHERWISE = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "timestamp"))
_NUMBER = re.compile(r"0|[1-9][0-9]*")
#: What the records of these types are made of, in the order of zone files; the first name of each that is there counts.
_FIELDS = {
    "CAA": (("flags",), ("tag",), ("value",)),
    "DS": (("key_tag",), ("algorithm",), ("digest_type",), ("digest",)),
    "MX": (("preference", "priority"), ("exchange", "value")),
    "SRV": (("priority",), ("weight",), ("port",), ("target",)),
    "TLSA": (("certificate_usage",), ("selector",), ("matching_type",), ("certificate_association_data",)),
}


def read_octodns(text: str, origin: DomainName | None, source: str) -> RecordFile:
    """The zone in a text; `source` is what error messages call it. Raises `UnreadableFile` and `MissingExtra`."""
    if origin is None:
        raise UnreadableFile(
            f"{shown_path(source)}: it is not clear of which domain this is; name the file after it, as octoDNS does"
        )
    if len(text) > MAX_OCTETS:
        raise UnreadableFile(
            f"{shown_path(source)}: larger than {MAX_OCTETS // 2**20} MiB; give the zone of one domain"
        )
    document = _load(text, source)
    if not isinstance(document, dict):
        raise UnreadableFile(f"{shown_path(source)}: no octoDNS zone (it is no table of names)")
    try:
        return RecordFile(tuple(_records(document, origin)), origin)
    except WrongRecordError as error:
        raise UnreadableFile(f"{shown_path(source)}: {error}") from None


def _load(text: str, source: str) -> Any:
    try:
        import yaml  # noqa: PLC0415 - only where there is YAML
    except ImportError:
        raise MissingExtra("octoDNS files need PyYAML: pip install 'deliverability[octodns]'") from None
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check(yaml.parse(text, loader), yaml)
        reading = loader(text)
        try:
            node = reading.get_single_node()
            _check_keys(node, yaml)
            return reading.construct_document(node) if node is not None else {}
        finally:
            reading.dispose()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableFile(f"{shown_path(source)}{line}: no YAML ({_reason(error.problem or error)})") from None
    except (LookupError, AttributeError):  # what the constructors make of `!!bool other` and `!!timestamp other`
        raise UnreadableFile(f"{shown_path(source)}: no YAML (a value that is none of its tag)") from None
    except (yaml.YAMLError, WrongRecordError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise UnreadableFile(f"{shown_path(source)}: no YAML ({_reason(error)})") from None


def _reason(error: object) -> str:
    return escape_controls(" ".join(str(error).split()))[:200]


def _check(events: Any, yaml: Any) -> None:
    """Refuse what would become large or deep, before any of it is built."""
    depth = expanded = characters = 0
    anchors: dict[str, tuple[int, int]] = {}  # events and characters
    open_: list[tuple[str | None, int, int]] = []
    inside = 0  # anchored nodes that are open
    resolver = yaml.resolver.Resolver()
    for count, event in enumerate(events, 1):
        if isinstance(event, yaml.AliasEvent):
            if inside:
                raise WrongRecordError("an alias within an anchor")
            events_of, characters_of = anchors.get(event.anchor, (0, 0))
            expanded += events_of
            characters += characters_of
        elif isinstance(event, yaml.ScalarEvent):
            _check_number(event, resolver, yaml)
            if event.anchor is not None:
                anchors[event.anchor] = 0, len(event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, count, event.start_mark.index))
            inside += event.anchor is not None
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, start, index = open_.pop()
            depth -= 1
            if anchor is not None:
                inside -= 1
                anchors[anchor] = count - start, event.end_mark.index - index
        if count + expanded > MAX_EVENTS or characters > MAX_OCTETS or depth > MAX_DEPTH:
            raise WrongRecordError("too large or too deep")


def _check_number(event: Any, resolver: Any, yaml: Any) -> None:
    """Refuse a number that is longer than any of a record, before anything counts it."""
    value = event.value
    if len(value) <= _MAX_NUMBER:
        return
    tag = event.tag or resolver.resolve(yaml.ScalarNode, value, event.implicit)
    if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        line = event.start_mark.line + 1
        raise WrongRecordError(f"line {line}: a number of {len(value)} characters; write a text in quotes")


def _check_keys(node: Any, yaml: Any) -> None:
    """Refuse a key that is there twice, of which YAML would silently take the last, and one that is read as another."""
    for level in _mappings(node, yaml):
        seen = set()
        for key, _ in level.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise WrongRecordError(f"line {key.start_mark.line + 1}: {shown(key.value)} is there twice")
                seen.add(key.value)
                if key.tag in _OTHERWISE or (key.tag == "tag:yaml.org,2002:int" and not _NUMBER.fullmatch(key.value)):
                    line = key.start_mark.line + 1
                    raise WrongRecordError(f"line {line}: {shown(key.value)} is no text in YAML; write it in quotes")


def _mappings(node: Any, yaml: Any) -> Iterator[Any]:
    """The table of names, and the tables below its names."""
    if not isinstance(node, yaml.MappingNode):
        return
    yield node
    for _, value in node.value:
        several = value.value if isinstance(value, yaml.SequenceNode) else [value]
        yield from (one for one in several if isinstance(one, yaml.MappingNode))


def _records(document: dict[Any, Any], origin: DomainName) -> Iterator[ZoneRecord]:
    for key, value in document.items():
        name = "" if key is None else str(key)
        for entry in value if isinstance(value, list) else [value]:
            if not isinstance(entry, dict):
                raise WrongRecordError(f"{shown(name or '@')}: a record is a table with type and value")
            try:
                yield from _entry(owner_name(name, origin, relative=True), entry, origin)
            except WrongRecordError as error:
                raise WrongRecordError(f"{shown(name or '@')} {shown(str(entry.get('type')), 20)}: {error}") from None


def _entry(owner: DomainName, entry: dict[Any, Any], origin: DomainName) -> Iterator[ZoneRecord]:
    record_type = entry.get("type")
    if not isinstance(record_type, str):
        raise WrongRecordError("it has no type")
    record_type = record_type.upper()
    ttl = entry.get("ttl", DEFAULT_TTL)
    if not isinstance(ttl, int) or isinstance(ttl, bool) or not 0 <= ttl <= MAX_TTL:
        raise WrongRecordError(f"the ttl {shown(str(ttl), 20)} is no number of seconds")
    if record_type == "ALIAS":
        # Its addresses are for the DNS provider to say: a record that is there and answers nothing.
        yield ZoneRecord(owner, ttl, ALIAS_CODE, None)
        return
    if record_type not in TYPES:
        return  # nothing that mail asks for
    values = entry["values"] if "values" in entry else [entry["value"]] if "value" in entry else []
    if not isinstance(values, list):
        values = [values]
    if not values or len(values) > _MOST_VALUES:
        raise WrongRecordError("it has no value" if not values else f"it has more than {_MOST_VALUES} values")
    for value in values:
        yield zone_record(owner, ttl, record_type, _value(record_type, value), origin)


def _value(record_type: str, value: Any) -> str:
    """The value as panels show it."""
    fields = _FIELDS.get(record_type)
    if fields is None:
        text = _scalar(value)
        # octoDNS escapes `;` in TXT, and nothing else.
        return text.replace("\\;", ";") if record_type in ("TXT", "SPF") else text
    if not isinstance(value, dict):
        raise WrongRecordError(f"a value of {record_type} is a table")
    parts = []
    for names in fields:
        name = next((name for name in names if name in value), None)
        if name is None:
            raise WrongRecordError(f"{names[0]} is missing")
        parts.append(_scalar(value[name]).strip())
    if record_type == "CAA":
        parts[2] = '"' + parts[2].replace("\\;", " ").replace('"', "") + '"'
    return " ".join(parts)


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):  # the text 1.10 would be the number 1.1
        raise WrongRecordError(f"{shown(str(value))} is no value; write it in quotes")
    return str(value)
