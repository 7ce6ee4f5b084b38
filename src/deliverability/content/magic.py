"""What a file is by its octets: magic numbers, the members of a ZIP, the root element of XML (file_types.toml)."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

from deliverability.core.data import read_table
from deliverability.core.patterns import pattern

#: Octets that are looked at for text formats and ZIP members.
_TEXT_HEAD = 4096
_ZIP_HEAD = 64 * 1024
#: A PDF may begin within the first 1024 octets (PDF 1.7, Annex H, note 13).
_PDF_WITHIN = 1024

_HTML = pattern(rb"<(?:!doctype html|html|head|body|title|script|meta|table|div|iframe|form)[\s>/]", re.IGNORECASE)
_ROOT = pattern(rb"<(?:([A-Za-z_][\w.-]{0,60}):)?([A-Za-z_][\w.-]{0,60})[\s>/]")
_XML_SKIP = pattern(rb"\s+|<\?[^>]{0,2000}\?>|<!--(?:[^-]|-(?!->)){0,2000}-->|<!DOCTYPE[^>\[]{0,1000}>", re.IGNORECASE)
_MESSAGE = pattern(
    rb"(?:(?:Received|Return-Path|From|To|Subject|Date|Message-ID|MIME-Version|Delivered-To|DKIM-Signature"
    rb"|Reporting-MTA|ARC-Seal)[ \t]?:[^\n]*\n(?:[ \t][^\n]*\n)*){2}",
    re.IGNORECASE,
)
#: DER of a ContentInfo (RFC 5652 §3): SEQUENCE, length, then an object identifier of PKCS #7.
_PKCS7 = pattern(
    rb"\x30(?:\x80|[\x01-\x7f]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.DOTALL
)
_OOXML = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))


class FileType(NamedTuple):
    """One kind of file."""

    id: str
    #: Its name, the same in every language.
    name: str
    #: document, picture, archive, program, script, markup, sound, text, message, signature.
    kind: str
    #: Media types under which it is rightly sent.
    media: frozenset[str]
    #: Extensions it rightly has, without the dot.
    extensions: frozenset[str]


class _Magic(NamedTuple):
    at: int
    octets: bytes
    also: bytes
    type: FileType


class _Table(NamedTuple):
    types: dict[str, FileType]
    magics: tuple[_Magic, ...]
    starts: tuple[tuple[bytes, FileType], ...]
    extensions: dict[str, frozenset[str]]
    media: dict[str, frozenset[str]]


@functools.cache
def _table() -> _Table:
    types: dict[str, FileType] = {}
    magics: list[_Magic] = []
    starts: list[tuple[bytes, FileType]] = []
    extensions: dict[str, set[str]] = {}
    media: dict[str, set[str]] = {}
    for row in read_table("deliverability.content", "file_types.toml")["type"]:
        found = FileType(row["id"], row["name"], row["kind"], frozenset(row["media"]), frozenset(row["extensions"]))
        types[found.id] = found
        magics += [_magic(spec, found) for spec in row.get("magic", ())]
        starts += [(text.encode("ascii"), found) for text in row.get("starts", ())]
        for extension in found.extensions:
            extensions.setdefault(extension, set()).add(found.id)
        for name in found.media:
            media.setdefault(name, set()).add(found.id)
    return _Table(
        types,
        tuple(magics),
        tuple(starts),
        {name: frozenset(ids) for name, ids in extensions.items()},
        {name: frozenset(ids) for name, ids in media.items()},
    )


def _magic(spec: dict[str, Any], found: FileType) -> _Magic:
    octets = bytes.fromhex(spec["hex"]) if "hex" in spec else spec["text"].encode("latin-1")
    return _Magic(spec.get("at", 0), octets, bytes.fromhex(spec.get("at6", "")), found)


def file_type(name: str) -> FileType:
    """The row of that id. Raises `KeyError`."""
    return _table().types[name]


def types_of_extension(extension: str) -> frozenset[str]:
    """The ids of the kinds of file that have that extension (lower case, no dot)."""
    return _table().extensions.get(extension, frozenset())


def types_of_media(media_type: str) -> frozenset[str]:
    """The ids of the kinds of file that are sent under that media type (lower case)."""
    return _table().media.get(media_type, frozenset())


def detect(octets: bytes) -> FileType | None:
    """What a file that begins with `octets` is; None where nothing tells."""
    if not octets:
        return None
    table = _table()
    for magic in table.magics:
        if octets.startswith(magic.octets, magic.at) and (not magic.also or octets[6:10] == magic.also):
            return table.types[_in_zip(octets)] if magic.type.id == "zip" else magic.type
    if octets.startswith(b"MZ") and len(octets) > 64 and (octets.isascii() is False):
        return table.types["exe"]
    if _PKCS7.match(octets):
        return table.types["pkcs7"]
    late = octets.find(b"%PDF-", 0, _PDF_WITHIN)
    if late > 0 and octets[late - 1] in b"\r\n\0":
        return table.types["pdf"]
    return _text_type(octets, table)


def _in_zip(octets: bytes) -> str:
    """Which format a ZIP holds, by the names of its first members."""
    head = octets[:_ZIP_HEAD]
    if head[30:38] == b"mimetype":
        kind = head[38:100]
        if b"opendocument" in kind:
            return "odf"
        if b"epub" in kind:
            return "epub"
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        for folder, name in _OOXML:
            if folder in head:
                return name
    if b"AndroidManifest.xml" in head:
        return "apk"
    if b"META-INF/MANIFEST.MF" in head:
        return "jar"
    if b"pass.json" in head and b"manifest.json" in head:
        return "pkpass"
    return "zip"


def _text_type(octets: bytes, table: _Table) -> FileType | None:
    head = _plain_head(octets)
    if head is None:
        return None
    for start, found in table.starts:
        if head.startswith(start):
            return found
    if head.startswith(b"<"):
        name = _markup(head)
        return table.types[name] if name else None
    if _MESSAGE.match(head):
        return table.types["eml"]
    return None


def _plain_head(octets: bytes) -> bytes | None:
    """The beginning as one octet a character, without byte order mark and blanks; None for what is no text."""
    head = octets[:_TEXT_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode("ascii", "replace").lstrip()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return None if b"\0" in head else head


def _markup(head: bytes) -> str:
    """HTML, or XML by its root element; "" for a text that only begins with an angle bracket."""
    is_xml = head.startswith(b"<?xml")
    at = 0
    while found := _XML_SKIP.match(head, at):
        if found[0][:9].upper() == b"<!DOCTYPE" and b"html" in found[0].lower():
            return "html"
        at = found.end()
    if _HTML.match(head, at):
        return "html"
    root = _ROOT.match(head, at)
    if root is None:
        return "xml" if is_xml else ""
    name = root[2]
    around = head[at : at + 1500]
    if name == b"svg":
        return "svg"
    if name == b"Facturae" or b"facturae" in around[:300].lower():
        return "facturae"
    if name == b"CrossIndustryInvoice":
        return "cii"
    if name in (b"Invoice", b"CreditNote") and b"oasis:names:specification:ubl" in around:
        return "ubl"
    return "xml" if is_xml or b"xmlns" in around else ""
