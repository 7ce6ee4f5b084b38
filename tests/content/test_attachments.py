"""Attached files: real types, archives without unpacking, PDF and office by their structure, names that deceive."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from dataclasses import replace

import pytest

from deliverability.content.archives import Archive, list_archive
from deliverability.content.attachments import NameTrick, blocked_by, extension_of, read_attachments
from deliverability.content.magic import detect, types_of_extension
from deliverability.content.mime import read_tree
from deliverability.content.office import read_ole2
from deliverability.content.pdf import read_pdf
from deliverability.core.limits import DEFAULT_LIMITS


def zipped(*names: str, prefix: bytes = b"") -> bytes:
    out = io.BytesIO()
    out.write(prefix)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"x" * 1000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\r\n\r\n%PDF-1.4", "pdf"),
        (zipped("a.txt"), "zip"),
        (zipped("[Content_Types].xml", "word/document.xml"), "docx"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (zipped("META-INF/MANIFEST.MF"), "jar"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 9, "ole2"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (gzip.compress(b"x"), "gzip"),
        (b"MZ\x90" + b"\0" * 80, "exe"),
        (b"\x7fELF\x02", "elf"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBP", "webp"),
        (b"x\x9f>\x22", "tnef"),
        (b"{\\rtf1", "rtf"),
        (b"BEGIN:VCALENDAR\r\n", "icalendar"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<a/>", "xml"),
        (b'<?xml version="1.0"?><!-- a --><svg xmlns="http://www.w3.org/2000/svg">', "svg"),
        (b"<!DOCTYPE html>\n<html>", "html"),
        (b"  <HTML><body>", "html"),
        (b'<fe:Facturae xmlns:fe="x">', "facturae"),
        (b'<rsm:CrossIndustryInvoice xmlns:rsm="x">', "cii"),
        (b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">', "ubl"),
        ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), "xml"),
        (b"From: a@b.example\r\nSubject: x\r\n", "eml"),
        (b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "pkcs7"),
    ],
    # An archive holds the moment it is made, and workers that run tests side by side have to give them the same names.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_are_what_their_octets_say(octets: bytes, name: str) -> None:
    found = detect(octets)

    assert found is not None
    assert found.id == name


@pytest.mark.parametrize(
    "octets", [b"", b"hola", b"a;b;c\n1;2;3", b"< 5 EUR", b"MZ son mis iniciales, y nada mas" * 9, b"\0" * 99]
)
def test_other_octets_say_nothing(octets: bytes) -> None:
    assert detect(octets) is None


def test_zip_is_listed_from_its_directory() -> None:
    for prefix in (b"", b"#!/bin/sh\n"):
        archive = list_archive(zipped("factura.pdf", "año.xml", prefix=prefix), "zip")
        assert archive is not None
        assert [(member.name, member.size) for member in archive.members] == [("factura.pdf", 1000), ("año.xml", 1000)]
        assert not archive.broken
        assert not archive.encrypted


def test_zip_without_its_end_is_listed_by_its_files() -> None:
    whole = zipped("factura.pdf", "b.txt")
    archive = list_archive(whole[: whole.index(b"PK\x01\x02")], "zip")

    assert archive is not None
    assert archive.broken
    assert [member.name for member in archive.members] == ["factura.pdf", "b.txt"]


def test_members_are_bounded() -> None:
    archive = list_archive(zipped(*(f"{n}.txt" for n in range(50))), "zip", replace(DEFAULT_LIMITS, archive_members=10))

    assert archive is not None
    assert len(archive.members) == 10
    assert archive.cut


def test_zip_that_promises_petabytes_is_a_bomb_and_is_not_unpacked() -> None:
    bomb = bytearray(zipped("a.txt"))
    struct.pack_into("<I", bomb, bomb.index(b"PK\x01\x02") + 24, 0xFFFFFFF0)
    archive = list_archive(bytes(bomb), "zip")

    assert archive is not None
    assert archive.is_bomb


def test_gzip_bomb_costs_the_limit_at_most() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    tracemalloc.start()
    archive = list_archive(bomb, "gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert archive is not None
    assert archive.cut
    assert archive.is_bomb
    assert peak < 3 * DEFAULT_LIMITS.archive_octets


def test_tar_in_gzip_is_listed() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in ("factura.pdf", "otra.exe"):
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"abc"))
    archive = list_archive(out.getvalue(), "gzip")

    assert archive is not None
    assert [member.extension for member in archive.members] == ["pdf", "exe"]


def _rar5(*, encrypted_names: bool = False, encrypted_file: bool = False) -> bytes:
    if encrypted_names:
        return b"Rar!\x1a\x07\x01\x00" + b"\0\0\0\0" + bytes([3, 4, 0, 0])
    name = b"visor.exe"
    extra = bytes([2, 1, 0]) if encrypted_file else b""
    body = bytes([2, 3 if extra else 2]) + (bytes([len(extra)]) if extra else b"") + bytes([5])
    body += bytes([0, 100, 0, 0, 1, len(name)]) + name + extra
    return b"Rar!\x1a\x07\x01\x00" + b"\0\0\0\0" + bytes([len(body)]) + body + b"12345"


def test_rar5_is_listed() -> None:
    archive = list_archive(_rar5(), "rar")
    assert archive is not None
    assert [(member.name, member.size, member.packed) for member in archive.members] == [("visor.exe", 100, 5)]
    assert not archive.encrypted

    locked = list_archive(_rar5(encrypted_file=True), "rar")
    assert locked is not None
    assert locked.members[0].encrypted

    hidden = list_archive(_rar5(encrypted_names=True), "rar")
    assert hidden is not None
    assert hidden.names_hidden


def test_rar4_is_listed() -> None:
    name = b"factura.pdf"
    main = struct.pack("<HBHH", 0, 0x73, 0, 13) + b"\0" * 6
    head = struct.pack("<HBHH", 0, 0x74, 0x8004, 32 + len(name)) + struct.pack(
        "<IIBIIBBHI", 5, 90, 0, 0, 0, 29, 48, len(name), 0
    )
    archive = list_archive(b"Rar!\x1a\x07\x00" + main + head + name + b"12345", "rar")

    assert archive is not None
    assert archive.members == ((archive.members[0]),)
    assert (archive.members[0].name, archive.members[0].size, archive.members[0].encrypted) == ("factura.pdf", 90, True)


@pytest.mark.parametrize("kind", ["zip", "rar", "7z", "gzip", "tar", "docx", "bzip2", "cab"])
@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"PK\x05\x06",
        b"Rar!\x1a\x07\x01\x00" + b"\xff" * 99,
        b"7z\xbc\xaf\x27\x1c" + b"\xff" * 99,
        b"\0" * 600,
        b"\xff" * 600,
    ],
)
def test_broken_archives_give_what_they_give(kind: str, octets: bytes) -> None:
    assert isinstance(list_archive(octets, kind), Archive)


def test_pdf_streams_are_not_read_as_its_structure() -> None:
    noise = b"3 0 obj << /Length 30 >>\nstream\n/JavaScript /Launch /Encrypt\nendstream endobj"
    facts = read_pdf(b"%PDF-1.7\n" + noise + b"\n%%EOF")

    assert not facts.keys
    assert not facts.truncated


def test_pdf_objects_in_packed_streams_are_read() -> None:
    packed = zlib.compress(b"1 0 << /Names << /EmbeddedFiles 2 0 R >> /F (macro.exe) /OpenAction << /S /Launch >> >>")
    facts = read_pdf(
        b"%PDF-1.7\n1 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\r\n" + packed + b"\nendstream\n%%EOF"
    )

    assert facts.launches
    assert facts.foreign_files == ("macro.exe",)


def test_pdf_bomb_costs_the_limit_at_most() -> None:
    packed = zlib.compress(b"\0" * 100_000_000, 9)
    one = b"1 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\n" + packed + b"\nendstream\n"
    tracemalloc.start()
    facts = read_pdf(b"%PDF-1.7\n" + one * 20 + b"%%EOF")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert facts.cut
    assert peak < 4 * DEFAULT_LIMITS.archive_octets + 3_000_000


def test_the_invoice_within_a_pdf_is_no_foreign_file() -> None:
    name = "factur-x.xml".encode("utf-16-be").hex().encode()
    facts = read_pdf(b"%PDF-1.7 << /EmbeddedFile >> << /F (factur-x.xml) /UF <feff" + name + b"> >>\n%%EOF")

    assert facts.embedded == ("factur-x.xml",)
    assert not facts.foreign_files


def test_names_of_files_are_read_without_their_escapes() -> None:
    facts = read_pdf(rb"%PDF-1.7 << /EmbeddedFile >> << /F (factura\056\170ml) /UF (otra\(1\).xml) >>" + b"\n%%EOF")

    assert facts.embedded == ("factura.xml", "otra(1).xml")
    assert not facts.foreign_files


def test_names_spelt_with_digits_are_told() -> None:
    facts = read_pdf(b"%PDF-1.7 << /J#61vaScript (x) >>\n%%EOF")

    assert facts.disguised == {"JavaScript"}
    assert facts.has_script


@pytest.mark.parametrize(
    "octets", [b"", b"%PDF-", b"stream\n" * 50, b"%PDF- stream\nendstream" * 50, b"/F (" * 99 + b"/EmbeddedFile"]
)
def test_broken_pdfs_give_what_they_give(octets: bytes) -> None:
    assert read_pdf(octets).truncated


def test_directory_of_an_old_office_file_that_goes_in_circles_ends() -> None:
    octets = bytearray(2048)
    octets[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<H", octets, 30, 9)
    struct.pack_into("<I", octets, 48, 1)
    struct.pack_into("<109I", octets, 76, 0, *[0xFFFFFFFF] * 108)
    struct.pack_into("<2I", octets, 512, 0, 1)  # sector 1 follows sector 1
    octets[1024 : 1024 + 12] = "Macros".encode("utf-16-le")
    struct.pack_into("<H", octets, 1024 + 64, 14)
    octets[1024 + 66] = 1

    assert read_ole2(bytes(octets)).macros == "Macros"
    assert not read_ole2(b"\0" * 511).streams
    assert not read_ole2(b"\xff" * 5000).streams


def attached(name: str, octets: bytes = b"%PDF-1.7\n%%EOF", content_type: str = "application/pdf") -> bytes:
    return (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename*=UTF-8''%s\r\n\r\n%s\r\n--b--\r\n"
    ) % (
        content_type.encode(),
        "".join(f"%{octet:02X}" for octet in name.encode()).encode(),
        base64.encodebytes(octets),
    )


@pytest.mark.parametrize(
    ("name", "trick"),
    [
        ("factura.pdf", None),
        ("factura.2026.pdf", None),
        ("archivo.tar.gz", None),
        ("factura.xml.p7m", None),
        ("factura.pdf.exe", NameTrick.DOUBLE_EXTENSION),
        ("factura.pdf.html", NameTrick.DOUBLE_EXTENSION),
        ("factura.pdf .exe", NameTrick.DOUBLE_EXTENSION),
        ("factura.pdf.exe. ", NameTrick.DOUBLE_EXTENSION),
        ("fac\u202efdp.exe", NameTrick.DIRECTION),
        ("fac\u200btura.pdf", NameTrick.INVISIBLE),
        ("factura" + " " * 40 + ".exe", NameTrick.BLANKS),
        ("factura.pdf.", NameTrick.TRAILING),
        ("ñ" * 200 + ".pdf", NameTrick.LONG),
        ("factura\r.pdf", NameTrick.CONTROL),
    ],
)
def test_names_that_deceive(name: str, trick: NameTrick | None) -> None:
    found = read_attachments(read_tree(attached(name))).all[0]

    assert found.name == name
    assert (trick in found.tricks) if trick else not found.tricks


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.PDF", "pdf"),
        ("a", ""),
        ("", ""),
        ("a.exe. .", "exe"),
        ("dir.exe/a", ""),
        ("C:\\a.js", "js"),
        ("a.e\u200bxe", "exe"),
    ],
)
def test_extensions_as_windows_takes_them(name: str, extension: str) -> None:
    assert extension_of(name) == extension


def test_the_lists_of_the_receivers() -> None:
    assert blocked_by("exe") == ("gmail", "outlook", "microsoft365")
    assert not blocked_by("pdf")
    assert not blocked_by("xsig")
    assert types_of_extension("pdf") == {"pdf"}


def test_a_large_attachment_is_in_memory_once() -> None:
    raw = attached("factura.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 80_000 + b"%%EOF")
    tree = read_tree(raw)
    tracemalloc.start()
    found = read_attachments(tree).all[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found.size > 20_000_000
    assert peak < len(raw) * 1.2
