"""Macros in office documents: in the ZIP of the new formats, in the OLE2 directory of the old ones ([MS-CFB] §2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from deliverability.content.archives import Archive

#: Entries of an OLE2 directory that are read.
_MAX_ENTRIES = 4_000
_END_OF_CHAIN = 0xFFFFFFFA  # and all above are marks, not sectors
_MACRO_STORAGES = frozenset(("macros", "_vba_project_cur", "vba", "_vba_project"))
_MACRO_EXTENSIONS = frozenset(
    ["docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "xla", "pptm", "potm", "ppsm", "ppam", "sldm"]
)


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """One office document."""

    #: The member or the stream that holds macros; "" for none.
    macros: str = ""
    #: It cannot be opened without a password.
    encrypted: bool = False
    #: Names of streams and storages of an OLE2 file.
    streams: tuple[str, ...] = ()


def has_macro_extension(extension: str) -> bool:
    """Whether files with that extension (lower case) may hold macros; the others of their kind may not."""
    return extension in _MACRO_EXTENSIONS


def read_ooxml(archive: Archive) -> OfficeFacts:
    """A document of Word, Excel or PowerPoint as ZIP, or OpenDocument, by the names in it."""
    for member in archive.members:
        name = member.name.lower()
        if name.endswith("vbaproject.bin") or name.startswith(("xl/macrosheets/", "basic/", "scripts/")):
            if name.startswith("basic/") and name.endswith(("script-lc.xml", "script-lb.xml")):
                continue
            return OfficeFacts(member.name, archive.encrypted)
    return OfficeFacts("", archive.encrypted)


def read_ole2(octets: bytes) -> OfficeFacts:
    """A document of Office 97-2003, or an encrypted one of today, by its directory. Never raises."""
    streams = tuple(_ole2_names(octets))
    lowered = {name.lower(): name for name in streams}
    macros = next((lowered[name] for name in lowered if name in _MACRO_STORAGES), "")
    return OfficeFacts(macros, "encryptedpackage" in lowered, streams[:200])


def _ole2_names(octets: bytes) -> list[str]:
    """The names in the directory ([MS-CFB] §2.6), along its chain of sectors (§2.3)."""
    if len(octets) < 512:
        return []
    shift = struct.unpack_from("<H", octets, 30)[0]
    if shift not in (9, 12):
        return []
    size = 1 << shift
    fat = struct.unpack_from("<109I", octets, 76)
    sector = struct.unpack_from("<I", octets, 48)[0]
    names: list[str] = []
    seen: set[int] = set()
    while sector < _END_OF_CHAIN and sector not in seen and len(names) < _MAX_ENTRIES:
        seen.add(sector)
        start = (sector + 1) * size
        if start + 128 > len(octets):
            break
        names += _names_of_sector(octets, start, min(start + size, len(octets)))
        sector = _next_sector(octets, fat, sector, size)
    return names


def _names_of_sector(octets: bytes, start: int, end: int) -> list[str]:
    names = []
    for at in range(start, end - 127, 128):
        length = struct.unpack_from("<H", octets, at + 64)[0]
        if 2 < length <= 64 and octets[at + 66]:
            names.append(octets[at : at + length - 2].decode("utf-16-le", "replace").strip("\x01\x05"))
    return names


def _next_sector(octets: bytes, fat: tuple[int, ...], sector: int, size: int) -> int:
    """The sector after `sector` by the allocation table; only the 109 parts of it that the header names."""
    part, place = divmod(sector, size // 4)
    if part >= len(fat) or fat[part] >= _END_OF_CHAIN:
        return _END_OF_CHAIN
    at = (fat[part] + 1) * size + 4 * place
    found: int = struct.unpack_from("<I", octets, at)[0] if at + 4 <= len(octets) else _END_OF_CHAIN
    return found
