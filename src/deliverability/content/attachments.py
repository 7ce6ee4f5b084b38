"""What the files attached to a message are: name, declared and real type, and what in them stops mail.

Each attachment is decoded once, looked at and let go again, so that there is one of them in memory besides the message.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from deliverability.content.archives import Archive, list_archive
from deliverability.content.decode import DecodeDefect, DecodeDefectKind
from deliverability.content.magic import FileType, detect
from deliverability.content.office import OfficeFacts, read_ole2, read_ooxml
from deliverability.content.part import MimeTree, Part
from deliverability.content.pdf import PdfFacts, read_pdf
from deliverability.core.data import read_table
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern

#: Characters that turn the direction of writing, or that nobody sees (UAX #9; general category Cf).
_DIRECTION = pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = pattern("[\u00ad\u200b-\u200d\u2060\ufeff]")
_CONTROL = pattern("[\x00-\x1f\x7f-\x9f]")
_WIDE_BLANK = pattern(r"\s{4,}\S{0,10}$")
#: Octets of a file name on most file systems.
_NAME_OCTETS = 255
_ACTIVE = pattern(
    rb"<(?:[a-z]{1,10}:)?script[\s>/]|<(?:[a-z]{1,10}:)?foreignObject[\s>/]|<iframe[\s>/]|<object[\s>/]|<embed[\s>/]"
    rb"|\bon(?:load|error|click|mouseover|begin|focus)\s{0,5}=|(?:href|src|action)\s{0,5}=\s{0,5}[\"']?\s{0,5}javascript:",
    re.IGNORECASE,
)
_ZIP_FAMILY = frozenset(("zip", "docx", "xlsx", "pptx", "odf", "epub", "jar", "apk", "pkpass"))
_OFFICE_ZIP = frozenset(("docx", "xlsx", "pptx", "odf"))
_GENERIC = frozenset(("application/octet-stream", "application/binary", "application/download", "application/force-download", "application/x-download", "application/unknown", "application/x-octet-stream"))  # fmt: skip


class NameTrick(StrEnum):
    """What a file name does to be read as another."""

    DOUBLE_EXTENSION = "double-extension"  # factura.pdf.exe
    DIRECTION = "direction"  # characters that turn the writing direction: fac\u202efdp.exe
    INVISIBLE = "invisible"
    BLANKS = "blanks"  # factura.pdf            .exe
    TRAILING = "trailing"  # dots or blanks at the end
    LONG = "long"  # over 255 octets
    CONTROL = "control"


class Truncation(StrEnum):
    """Why a file cannot be opened."""

    EMPTY = "empty"  # 0 octets
    NO_END = "no-end"  # the mark at its end is missing
    ENCODING = "encoding"  # the base64 text stops within


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file."""

    part: Part
    #: The name as a reader sees it; "" without one.
    name: str
    #: Octets of the file.
    size: int
    #: What its octets are; None: nothing tells.
    type: FileType | None
    defects: tuple[DecodeDefect, ...] = ()
    tricks: tuple[NameTrick, ...] = ()
    truncation: Truncation | None = None
    archive: Archive | None = None
    pdf: PdfFacts | None = None
    office: OfficeFacts | None = None
    #: HTML or SVG with a script, a form of it, or something that is loaded into it.
    active: bool = False
    #: Not all of it was decoded: a limit was reached, or the message itself was not read to its end.
    cut: bool = False

    @property
    def extension(self) -> str:
        """The extension in lower case, without the dot; what Windows would take for it."""
        return extension_of(self.name)

    @property
    def is_picture_of_text(self) -> bool:
        """Whether it belongs to the HTML (a picture with a Content-ID), and is no file of its own."""
        return bool(self.part.content_id) and self.part.content_type.startswith("image/")

    @property
    def generic(self) -> bool:
        """Whether it is declared only as octets."""
        return self.part.content_type in _GENERIC


@dataclass(frozen=True, slots=True)
class Attachments:
    """The fact: every attachment of the message in document order."""

    all: tuple[Attachment, ...]
    #: There may be more, in parts or octets that were not read.
    unread: bool = False

    def __iter__(self) -> Iterator[Attachment]:
        return iter(self.all)


@functools.cache
def _lists() -> dict[str, frozenset[str]]:
    table = read_table("deliverability.content", "attachments.toml")
    return {name: frozenset(row["extensions"].split()) for name, row in table.items()}


def blocked_by(extension: str) -> tuple[str, ...]:
    """Who does not let files with that extension through: `gmail`, `outlook`, `microsoft365`."""
    lists = _lists()
    return tuple(name for name in ("gmail", "outlook", "microsoft365") if extension in lists[name])


def extension_of(name: str) -> str:
    """The extension in lower case, without the dot; dots and blanks at the end are looked past, as Windows does."""
    stem = name.rstrip(". \t\xa0")
    base = stem.replace("\\", "/").rpartition("/")[2]
    return _INVISIBLE.sub("", base.rpartition(".")[2].lower()).strip() if "." in base else ""


def read_attachments(tree: MimeTree, limits: Limits = DEFAULT_LIMITS, *, message_cut: bool = False) -> Attachments:
    """Every attachment of the message; `message_cut`: its last octets were not read. Never raises."""
    end = tree.root.end
    return Attachments(
        tuple(_attachment(part, limits, cut=message_cut and part.end >= end) for part in tree.attachments),
        message_cut or any(defect.kind.is_limit for defect in tree.defects),
    )


def _attachment(part: Part, limits: Limits, *, cut: bool) -> Attachment:
    name = part.filename
    if part.is_message:
        return Attachment(part, name, part.size, None, tricks=_tricks(name), cut=cut)
    decoded = part.decode()
    cut = cut or decoded.cut
    octets = decoded.octets
    found = detect(octets)
    kind = found.id if found else ""
    archive = list_archive(octets, kind, limits)
    office: OfficeFacts | None = None
    if kind in _OFFICE_ZIP and archive is not None:
        office = read_ooxml(archive)
    elif kind == "ole2":
        office = read_ole2(octets)
    pdf = read_pdf(octets, limits) if kind == "pdf" else None
    markup = kind in ("html", "svg") or extension_of(name) in ("html", "htm", "shtml", "svg", "xhtml")
    return Attachment(
        part,
        name,
        len(octets),
        found,
        decoded.defects,
        _tricks(name),
        None if cut else _truncation(octets, kind, archive, pdf, decoded.has(DecodeDefectKind.BASE64_TRUNCATED)),
        archive if kind not in _OFFICE_ZIP else None,
        pdf,
        office,
        markup and _ACTIVE.search(octets[: limits.text_octets]) is not None,
        cut,
    )


def _truncation(
    octets: bytes, kind: str, archive: Archive | None, pdf: PdfFacts | None, text_stops: bool
) -> Truncation | None:
    if not octets:
        return Truncation.EMPTY
    if pdf is not None and pdf.truncated:
        return Truncation.NO_END
    if kind in _ZIP_FAMILY and archive is not None and archive.broken:
        return Truncation.NO_END
    if kind == "png" and b"IEND" not in octets[-4096:]:
        return Truncation.NO_END
    return Truncation.ENCODING if text_stops else None


def _tricks(name: str) -> tuple[NameTrick, ...]:
    if not name:
        return ()
    tricks: list[NameTrick] = []
    if _DIRECTION.search(name):
        tricks.append(NameTrick.DIRECTION)
    if _INVISIBLE.search(name):
        tricks.append(NameTrick.INVISIBLE)
    if _CONTROL.search(name):
        tricks.append(NameTrick.CONTROL)
    if name != name.rstrip(". \t\xa0"):
        tricks.append(NameTrick.TRAILING)
    if len(name) > _NAME_OCTETS // 4 and len(name.encode("utf-8", "replace")) > _NAME_OCTETS:
        tricks.append(NameTrick.LONG)
    last = extension_of(name)
    if last and (blocked_by(last) or last in ("html", "htm", "shtml", "svg")):
        before = name.rstrip(". \t\xa0")[: -len(last)].rstrip(". \t\xa0")
        if extension_of(before) in _lists()["documents"]:
            tricks.append(NameTrick.DOUBLE_EXTENSION)
        if _WIDE_BLANK.search(name[-200:]):
            tricks.append(NameTrick.BLANKS)
    return tuple(tricks)
