"""What a PDF does besides being read: scripts, programs it starts, files within it, encryption; and whether it is whole.

The dictionaries of a PDF are text between its streams. They are looked at without the streams, whose packed octets spell
any short name sooner or later; object streams (ISO 32000-1 §7.5.7), which hold dictionaries, are unpacked up to
`Limits.archive_octets` in all. Names may be written with `#xx` for any character (§7.3.5): they are read undone, and a
risky name written so is told, because no honest program does it. One pass, linear in the size.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern

_KEYS = pattern(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|Encrypt|OpenAction|AA|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9#])"
)
_ESCAPED = pattern(rb"#([0-9A-Fa-f]{2})")
_OBJECT_STREAM = pattern(rb"/Type\s{0,20}/ObjStm\b")
_FLATE = pattern(rb"/(?:FlateDecode|Fl)\b")
#: File specifications (§7.11.3): `/F (name)`, `/UF (name)`, the latter often UTF-16 or in hexadecimal digits.
_FILE_NAME = pattern(rb"/U?F\s{0,20}(?:\(((?:[^()\\]|\\.){0,400})\)|<([0-9A-Fa-f\s]{2,800})>)", re.DOTALL)
_STRING_ESCAPE = pattern(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}
_NOT_HEX = pattern(rb"[^0-9A-Fa-f]")
#: Readers look for the end within the last 1024 octets; what mail gateways append is allowed for.
_END_WITHIN = 4096
#: Octets of a dictionary before its stream, and dictionaries of one file that are read.
_DICTIONARY = 8192
_MAX_STREAMS = 20_000
_MAX_NAMES = 50


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """One PDF."""

    #: Keys of ISO 32000 that were found: `JavaScript`, `Launch`, `EmbeddedFile`, `Encrypt`, `OpenAction`, …
    keys: frozenset[str]
    #: Keys among them that are spelt with `#xx`.
    disguised: frozenset[str]
    #: The names of the files within it.
    embedded: tuple[str, ...]
    #: Neither `%%EOF` nor anything like an end at its end.
    truncated: bool
    #: Octets stand before `%PDF-`.
    late_start: bool
    #: Some object streams were not looked at: too large, encrypted or damaged.
    cut: bool

    @property
    def has_script(self) -> bool:
        """Whether it holds JavaScript."""
        return bool(self.keys & {"JavaScript", "JS"})

    @property
    def launches(self) -> bool:
        """Whether it can start a program or send a form away."""
        return "Launch" in self.keys

    @property
    def encrypted(self) -> bool:
        """Whether it is encrypted: that may be with a password to read it, or only against printing and copying."""
        return "Encrypt" in self.keys

    @property
    def foreign_files(self) -> tuple[str, ...]:
        """The files within it that are no XML: electronic invoices carry theirs (Factur-X, ZUGFeRD), which is right."""
        # In an encrypted file the names are encrypted, too.
        if self.encrypted or not self.keys & {"EmbeddedFile", "EmbeddedFiles"}:
            return ()
        return tuple(name for name in self.embedded if not name.lower().endswith((".xml", ".xsig")))


def read_pdf(octets: bytes, limits: Limits = DEFAULT_LIMITS) -> PdfFacts:
    """The facts of the PDF `octets`. Never raises."""
    structure, cut = _structure(octets, limits)
    keys = {found[1].decode("ascii") for found in _KEYS.finditer(structure)}
    disguised: set[str] = set()
    if b"#" in structure:
        plain = _ESCAPED.sub(lambda pair: bytes((int(pair[1], 16),)), structure)
        disguised = {found[1].decode("ascii") for found in _KEYS.finditer(plain)} - keys
        keys |= disguised
    names: dict[str, None] = {}
    if keys & {"EmbeddedFile", "EmbeddedFiles"}:
        for count, found in enumerate(_FILE_NAME.finditer(structure)):
            if count >= _MAX_NAMES:
                break
            names[_file_name(found)] = None
    return PdfFacts(
        frozenset(keys),
        frozenset(disguised),
        tuple(name for name in names if name),
        b"%%EOF" not in octets[-_END_WITHIN:],
        octets.find(b"%PDF-", 0, 1024) > 0,
        cut,
    )


def _structure(octets: bytes, limits: Limits) -> tuple[bytes, bool]:
    """Everything but the streams, with what the object streams hold; and whether something was left out."""
    pieces: list[bytes] = []
    plain = packed = limits.archive_octets
    cut, at = False, 0
    for _ in range(_MAX_STREAMS):
        start = _stream_after(octets, at)
        until = len(octets) if start < 0 else start
        pieces.append(octets[at : min(until, at + plain)])
        cut = cut or until - at > plain
        plain -= len(pieces[-1])
        end = octets.find(b"endstream", start) if start >= 0 else -1
        if end < 0:
            return b" ".join(pieces), cut
        earliest = max(at, start - _DICTIONARY)
        dictionary = octets[max(octets.rfind(b"obj", earliest, start), earliest) : start]
        if _OBJECT_STREAM.search(dictionary):
            unpacked = _unpacked(octets[start : min(end, start + max(packed, 0))], dictionary, packed)
            packed -= len(unpacked or b"")
            cut = cut or unpacked is None or packed <= 0
            pieces.append(unpacked or b"")
        at = end + len(b"endstream")
    return b" ".join(pieces), True


def _stream_after(octets: bytes, at: int) -> int:
    """Past the next keyword `stream` with the line end that belongs to it (§7.3.8.1); -1: there is none."""
    while (place := octets.find(b"stream", at)) >= 0:
        after = octets[place + 6 : place + 8]
        if after[:1] in (b"\r", b"\n") and octets[place - 3 : place] != b"end":
            return place + (8 if after == b"\r\n" else 7)
        at = place + 6
    return -1


def _unpacked(packed: bytes, dictionary: bytes, budget: int) -> bytes | None:
    if budget <= 0:
        return None
    if not _FLATE.search(dictionary):
        return packed[:budget]
    try:
        return zlib.decompressobj().decompress(packed, budget)
    except zlib.error:
        return None


def _file_name(found: re.Match[bytes]) -> str:
    if found[1] is not None:
        octets = _STRING_ESCAPE.sub(_unescaped, found[1])
    else:
        octets = bytes.fromhex(_even(_NOT_HEX.sub(b"", found[2])))
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace").strip()
    return octets.decode("latin-1").strip()


def _unescaped(found: re.Match[bytes]) -> bytes:
    """ISO 32000-1 §7.3.4.2: octal digits, a letter for a control, or the character itself."""
    if found[1] is not None:
        return bytes((int(found[1], 8) & 0xFF,))
    return _CONTROLS.get(found[2], found[2])


def _even(digits: bytes) -> str:
    return (digits + b"0" * (len(digits) % 2)).decode("ascii")
