"""Files of DNS records in their forms: a zone file, an octoDNS configuration, a plain list.

Which it is, is told by the end of its name, and where that says nothing by what is in it:

- `.zone`, `.db`, `.hosts`, `.dns`: a zone file (sources/zonefile.py);
- `.yaml`, `.yml`: octoDNS (sources/octodns.py), the whole zone of the domain that the file is named after;
- `.csv`, `.tsv`, `.json`, `.list`, `.records`: a list (sources/record_list.py), which says what is in it and nothing else;
- anything else is a list when it looks like one, else a zone file: directives (`$ORIGIN`), an SOA record, parentheses and
  lines that begin with a blank are the marks of a zone file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from deliverability.core.names import DomainName
from deliverability.sources.zonefile import ZoneRecord, domain_of_file, load_text, read_zone_text

_ZONE = (".zone", ".db", ".hosts", ".dns")
_OCTODNS = (".yaml", ".yml")
_LIST = (".csv", ".tsv", ".json", ".list", ".records")
#: How many lines of a file tell what it is.
_LOOKED_AT = 200
_TTL_OR_CLASS = r"(?:[0-9]+[wdhms]?\s+|IN\s+){0,2}"
_MARKS = re.compile(rf"^\$|^[ \t]+\S|^\S+\s+{_TTL_OR_CLASS}SOA\s|\($|\(\s*(?:;.*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RecordFile:
    """The records of one file."""

    records: tuple[ZoneRecord, ...]
    #: The domain whose whole zone this is although no SOA record says so; None: what the records say.
    apex: DomainName | None = None


def read_record_file(path: str | Path, origin: DomainName | None = None) -> RecordFile:
    """The records of a file, whatever its form. Names without a final dot belong to `origin` or to the file's domain.

    Raises `UnreadableFile` with file and line, and `MissingExtra` for octoDNS without PyYAML.
    """
    file = Path(path)
    text = load_text(file)
    told = origin or domain_of_file(file.name)
    suffix = file.suffix.lower()
    if suffix in _OCTODNS:
        from deliverability.sources.octodns import read_octodns  # noqa: PLC0415 - YAML only where there is some

        return read_octodns(text, told, str(path))
    if suffix in _LIST or (suffix not in _ZONE and not _is_zone(text)):
        from deliverability.sources.record_list import read_list  # noqa: PLC0415 - only where there is one

        return RecordFile(tuple(read_list(text, told, str(path))))
    return RecordFile(tuple(read_zone_text(text, told, str(path))))


def files_of(path: Path) -> list[Path]:
    """The file itself; of a folder every zone file or, where there is none, every octoDNS configuration; sorted."""
    if not path.is_dir():
        return [path]
    return sorted(path.glob("*.zone")) or sorted([*path.glob("*.yaml"), *path.glob("*.yml")])


def _is_zone(text: str) -> bool:
    """Whether a text has the marks of a zone file."""
    if text.lstrip().startswith(("[", "{")):
        return False
    return any(_MARKS.search(line) for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip())
