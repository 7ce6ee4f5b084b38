"""What archives hold, listed without unpacking: ZIP, RAR, 7-Zip, GZIP and TAR.

Only directories and headers are read, at most `Limits.archive_members` of them; no name from an archive is ever used as
a path. Where a compressed TAR has to be opened to list it, it is opened up to `Limits.archive_octets`. A file that is
damaged gives what can be read of it and `broken`.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits

#: The record at the end of a ZIP is 22 octets and a comment of at most 65,535 (APPNOTE.TXT 6.3.10 §4.3.16).
_EOCD, _EOCD_SIZE, _COMMENT = b"PK\x05\x06", 22, 65_535
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
#: Unpacked to packed: deflate cannot do more than 1032 to 1; text and pictures stay far below this.
BOMB_RATIO = 200
BOMB_OCTETS = 100 * 1024 * 1024
_NAME = 4096
#: A header of RAR 5 that is read; they are of some hundred octets.
_RAR_HEADER = 64 * 1024
#: Codec number of AES-256 in 7-Zip.
_AES = b"\x06\xf1\x07\x01"
_ARCHIVE_EXTENSIONS = frozenset(
    [
        "zip",
        "rar",
        "7z",
        "gz",
        "tgz",
        "bz2",
        "tbz",
        "tbz2",
        "xz",
        "txz",
        "tar",
        "cab",
        "ace",
        "arj",
        "lha",
        "lzh",
        "z",
        "zst",
        "iso",
        "img",
        "jar",
        "wim",
        "uue",
    ]
)


class Member(NamedTuple):
    """One file in an archive, as its directory tells."""

    name: str
    #: Octets unpacked and packed, as declared.
    size: int = 0
    packed: int = 0
    encrypted: bool = False

    @property
    def extension(self) -> str:
        """The extension in lower case, without the dot."""
        return self.name.rpartition(".")[2].lower().strip() if "." in self.name else ""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive by its directory."""

    members: tuple[Member, ...] = ()
    #: Some or all of it asks for a password.
    encrypted: bool = False
    #: The directory itself cannot be read without the password.
    names_hidden: bool = False
    #: The end or the directory is missing or wrong.
    broken: bool = False
    #: There are more members than `Limits.archive_members`, or more octets than `Limits.archive_octets`.
    cut: bool = False
    #: The format is known, its directory is not read (7-Zip and others).
    opaque: bool = False

    @property
    def nested(self) -> tuple[str, ...]:
        """The members that are archives themselves."""
        return tuple(member.name for member in self.members if member.extension in _ARCHIVE_EXTENSIONS)

    @property
    def is_bomb(self) -> bool:
        """Whether its directory promises to grow beyond all measure."""
        size = sum(member.size for member in self.members)
        packed = sum(member.packed for member in self.members)
        return size > BOMB_OCTETS and size > BOMB_RATIO * max(packed, 1)


def list_archive(octets: bytes, kind: str, limits: Limits = DEFAULT_LIMITS) -> Archive | None:
    """What the archive of that kind (an id of file_types.toml) holds; None for what is no archive. Never raises."""
    if kind in ("zip", "docx", "xlsx", "pptx", "odf", "epub", "jar", "apk", "pkpass"):
        return _zip(octets, limits)
    if kind == "rar":
        return _rar5(octets, limits) if octets[:8] == b"Rar!\x1a\x07\x01\x00" else _rar4(octets, limits)
    if kind == "7z":
        return _seven_zip(octets)
    if kind == "tar":
        return _tar(octets, limits, cut=False)
    if kind == "gzip":
        return _gzip(octets, limits)
    return Archive(opaque=True) if kind in ("bzip2", "xz", "zstd", "compress", "cab", "ace", "arj", "lha") else None


def _zip(octets: bytes, limits: Limits) -> Archive:
    end = octets.rfind(_EOCD, max(len(octets) - _EOCD_SIZE - _COMMENT, 0))
    if end < 0 or end + _EOCD_SIZE > len(octets):
        return _zip_by_local_headers(octets, limits)
    count, size, offset = struct.unpack_from("<HII", octets, end + 10)
    # Octets before the archive (self-extracting files) move everything by the same distance.
    at = end - size
    if at < 0 or octets[at : at + 4] != _CENTRAL:
        at = offset
    members: list[Member] = []
    while octets[at : at + 4] == _CENTRAL and at + 46 <= end:
        if len(members) >= limits.archive_members:
            return Archive(tuple(members), any(member.encrypted for member in members), cut=True)
        flags = struct.unpack_from("<H", octets, at + 8)[0]
        packed, unpacked, name, extra, comment = struct.unpack_from("<IIHHH", octets, at + 20)
        text = octets[at + 46 : at + 46 + min(name, _NAME)]
        members.append(Member(_zip_name(text, flags), unpacked, packed, bool(flags & 1)))
        at += 46 + name + extra + comment
    broken = count != 0xFFFF and len(members) < count
    return Archive(tuple(members), any(member.encrypted for member in members), broken=broken)


def _zip_by_local_headers(octets: bytes, limits: Limits) -> Archive:
    """A ZIP without its end: the files follow each other, each with a header of its own."""
    members: list[Member] = []
    at = 0
    while octets[at : at + 4] == _LOCAL and at + 30 <= len(octets) and len(members) < limits.archive_members:
        flags = struct.unpack_from("<H", octets, at + 6)[0]
        packed, unpacked, name, extra = struct.unpack_from("<IIHH", octets, at + 18)
        text = octets[at + 30 : at + 30 + min(name, _NAME)]
        members.append(Member(_zip_name(text, flags), unpacked, packed, bool(flags & 1)))
        if flags & 8 and not packed:  # the sizes stand behind the data: nobody can step over it
            break
        at += 30 + name + extra + packed
    return Archive(tuple(members), any(member.encrypted for member in members), broken=True)


def _zip_name(octets: bytes, flags: int) -> str:
    """Bit 11: UTF-8; without it IBM code page 437, though many write UTF-8 all the same (APPNOTE.TXT §4.4.4)."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("utf-8", "replace") if flags & 0x800 else octets.decode("cp437")


def _rar4(octets: bytes, limits: Limits) -> Archive:
    members: list[Member] = []
    at, hidden = 7, False
    for _ in range(4 * limits.archive_members):
        if at + 7 > len(octets) or len(members) >= limits.archive_members:
            break
        kind, flags, size = struct.unpack_from("<BHH", octets, at + 2)
        if size < 7:
            break
        data = 0
        if kind == 0x73:
            hidden = bool(flags & 0x80)
            if hidden:
                break
        elif kind == 0x74 and at + 32 <= len(octets):
            data, unpacked = struct.unpack_from("<II", octets, at + 7)
            length = struct.unpack_from("<H", octets, at + 26)[0]
            start = at + 32 + (8 if flags & 0x100 else 0)
            name = octets[start : start + min(length, _NAME)].split(b"\0")[0]
            members.append(Member(name.decode("utf-8", "replace"), unpacked, data, bool(flags & 4)))
        elif kind == 0x7B:
            break
        elif flags & 0x8000 and at + 11 <= len(octets):
            data = struct.unpack_from("<I", octets, at + 7)[0]
        at += size + data
    cut = len(members) >= limits.archive_members
    return Archive(tuple(members), hidden or any(member.encrypted for member in members), hidden, cut=cut)


def _vint(octets: bytes, at: int) -> tuple[int, int]:
    """A number of RAR 5: seven bits an octet, at most ten octets. Returns it and where the next begins."""
    value = 0
    for index in range(10):
        if at + index >= len(octets):
            break
        value |= (octets[at + index] & 0x7F) << (7 * index)
        if not octets[at + index] & 0x80:
            return value, at + index + 1
    return 0, len(octets)


def _rar5(octets: bytes, limits: Limits) -> Archive:
    members: list[Member] = []
    at, hidden = 8, False
    for _ in range(4 * limits.archive_members):
        if at + 7 > len(octets) or len(members) >= limits.archive_members:
            break
        size, body = _vint(octets, at + 4)
        if not 0 < size <= _RAR_HEADER:
            break
        kind, here = _vint(octets, body)
        flags, here = _vint(octets, here)
        extra, here = _vint(octets, here) if flags & 1 else (0, here)
        data, here = _vint(octets, here) if flags & 2 else (0, here)
        if kind == 4:  # archive encryption header: nothing after it can be read
            hidden = True
            break
        if kind == 5:
            break
        if kind == 2:
            members.append(_rar5_member(octets[here : body + size], extra, data))
        at = body + size + data
    cut = len(members) >= limits.archive_members
    return Archive(tuple(members), hidden or any(member.encrypted for member in members), hidden, cut=cut)


def _rar5_member(header: bytes, extra: int, packed: int) -> Member:
    flags, at = _vint(header, 0)
    size, at = _vint(header, at)
    _, at = _vint(header, at)
    at += (4 if flags & 2 else 0) + (4 if flags & 4 else 0)
    _, at = _vint(header, at)
    _, at = _vint(header, at)
    length, at = _vint(header, at)
    name = header[at : at + min(length, _NAME)].decode("utf-8", "replace")
    encrypted = False
    area = header[len(header) - extra :] if 0 < extra <= len(header) else b""
    place = 0
    while place < len(area):
        length, start = _vint(area, place)
        kind, _ = _vint(area, start)
        encrypted = encrypted or kind == 1
        if not length:
            break
        place = start + length
    return Member(name, size, packed, encrypted)


def _seven_zip(octets: bytes) -> Archive:
    """The directory stands at the end, mostly packed: only whether AES is used is looked for in it."""
    if len(octets) < 32:
        return Archive(broken=True, opaque=True)
    offset, size = struct.unpack_from("<QQ", octets, 12)
    header = octets[32 + offset : 32 + offset + min(size, 1 << 20)] if offset < len(octets) else b""
    if len(header) < min(size, 1 << 20) or not header:
        return Archive(broken=True, opaque=True)
    hidden = header[:1] == b"\x17" and _AES in header
    return Archive(encrypted=_AES in header, names_hidden=hidden, opaque=True)


def _gzip(octets: bytes, limits: Limits) -> Archive:
    """One packed file, or a TAR: then it is opened as far as the limit goes."""
    unpack = zlib.decompressobj(31)
    try:
        inner = unpack.decompress(octets[: limits.archive_octets], limits.archive_octets)
    except zlib.error:
        return Archive(broken=True)
    if inner[257:262] == b"ustar":
        return _tar(inner, limits, cut=not unpack.eof)
    if len(octets) < 18:
        return Archive(broken=True)
    more = bool(unpack.unconsumed_tail) or len(octets) > limits.archive_octets
    size = len(inner) if unpack.eof else struct.unpack_from("<I", octets, len(octets) - 4)[0]
    member = Member(_gzip_name(octets), size, len(octets))
    return Archive((member,), broken=not unpack.eof and not more, cut=not unpack.eof and more)


def _gzip_name(octets: bytes) -> str:
    """FNAME, after the extra field (RFC 1952 §2.3.1)."""
    if not octets[3] & 8:
        return ""
    start = 10 + (2 + int.from_bytes(octets[10:12], "little") if octets[3] & 4 else 0)
    return octets[start : start + 256].split(b"\0")[0].decode("latin-1")


def _tar(octets: bytes, limits: Limits, *, cut: bool) -> Archive:
    members: list[Member] = []
    at = 0
    while at + 512 <= len(octets) and octets[at] != 0:
        if len(members) >= limits.archive_members:
            return Archive(tuple(members), cut=True)
        digits = octets[at + 124 : at + 135].strip(b" \0")
        if not digits or digits.strip(b"01234567"):
            return Archive(tuple(members), broken=True)
        size = int(digits, 8)
        if octets[at + 156 : at + 157] in (b"0", b"\0", b"7"):
            name = octets[at : at + 100].split(b"\0")[0].decode("utf-8", "replace")
            members.append(Member(name, size, size))
        at += 512 + (size + 511) // 512 * 512
    return Archive(tuple(members), broken=at > len(octets) and not cut, cut=cut and at > len(octets))
