"""Messages made to hurt: each family grows with a number, so that the same one serves as a case and as a measure.

Everything is built here from repetition; nothing is a recorded attack. Sizes beyond a limit are meant: the limit must
then be told.
"""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

Family = Callable[[int], bytes]

HEAD = (
    b"From: Talleres Soler <facturas@empresa.example>\r\nTo: cliente@receptor.example\r\n"
    b"Date: Tue, 7 Oct 2025 10:00:00 +0200\r\nMessage-ID: <1@empresa.example>\r\nSubject: Factura 2025-117\r\n"
    b"MIME-Version: 1.0\r\n"
)
SIGNATURE = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=empresa.example; s=s%d;\r\n"
    b" h=From:To:Subject:Date:Message-ID; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n"
    b" b=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"
)


def headed(extra: bytes, body: bytes = b"Hola.\r\n") -> bytes:
    """A message with more header fields."""
    return HEAD + extra + b"\r\n" + body


def typed(content_type: bytes, body: bytes, *more: bytes) -> bytes:
    """A message of one type."""
    return headed(b"Content-Type: " + content_type + b"\r\n" + b"".join(line + b"\r\n" for line in more), body)


def html(body: bytes) -> bytes:
    """A message in HTML."""
    return typed(b"text/html; charset=utf-8", body)


def plain(body: bytes) -> bytes:
    """A message in plain text."""
    return typed(b"text/plain; charset=utf-8", body)


def attached(name: str, content_type: str, octets: bytes) -> bytes:
    """A message with a text and one file."""
    coded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    head = f'--b\r\nContent-Type: {content_type}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    body = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAdjuntamos la factura.\r\n" + head.encode()
    body += b"Content-Transfer-Encoding: base64\r\n\r\n" + coded + b"--b--\r\n"
    return typed(b'multipart/mixed; boundary="b"', body)


def _nested_parts(n: int) -> bytes:
    opened = b"".join(b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (i, i + 1) for i in range(n))
    closed = b"".join(b"--%d--\r\n" % i for i in range(n, -1, -1))
    return typed(b"multipart/mixed; boundary=0", opened + b"--%d\r\n\r\nx\r\n" % n + closed)


def _nested_messages(n: int) -> bytes:
    return typed(b"message/rfc822", b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * n + b"x")


def _many_parts(n: int) -> bytes:
    return typed(b"multipart/mixed; boundary=b", b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * n + b"--b--\r\n")


def _empty_parts(n: int) -> bytes:
    return typed(b"multipart/mixed; boundary=b", b"--b\r\n" * n)


def _prefix_boundaries(n: int) -> bytes:
    """Each line begins as the boundary does, and is none."""
    return typed(b"multipart/mixed; boundary=" + b"b" * 70, (b"--" + b"b" * 69 + b"\r\n") * n)


def _zip(members: list[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in members:
            archive.writestr(name, octets)
    return held.getvalue()


@cache
def zip_bomb(megabytes: int) -> bytes:
    """One member of zeros: a thousandth of what it unpacks to."""
    return _zip([("factura.pdf", bytes(megabytes * 1024 * 1024))])


@cache
def nested_zip(depth: int) -> bytes:
    """Archives in archives, sixteen in each, in the manner of the well-known one: 16 to the power of the depth."""
    inner = zip_bomb(4)
    for level in range(depth):
        inner = _zip([(f"lib {level}-{n}.zip", inner) for n in range(16)])
    return inner


def _overlapping_zip(n: int) -> bytes:
    """A directory whose entries all point to the same member."""
    one = _zip([("a.txt", bytes(1024 * 1024))])
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[start:end]
    tail = bytearray(one[end:])
    tail[8:12] = min(n, 65535).to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * n).to_bytes(4, "little")
    return one[:start] + entry * n + bytes(tail)


@cache
def gzip_bomb(megabytes: int) -> bytes:
    """Zeros, packed."""
    return gzip.compress(bytes(megabytes * 1024 * 1024))


def _pdf(objects: bytes, trailer: bytes = b"trailer <</Root 1 0 R>>\n") -> bytes:
    return b"%PDF-1.7\n" + objects + trailer + b"%%EOF\n"


def _pdf_objects(n: int) -> bytes:
    return _pdf(b"".join(b"%d 0 obj <</Type /Page>> endobj\n" % i for i in range(n)))


def _pdf_bomb(n: int) -> bytes:
    packed = zlib.compress(bytes(20 * 1024 * 1024), 9)
    stream = b"<</Filter /FlateDecode /Length %d>> stream\n" % len(packed) + packed + b"\nendstream endobj\n"
    return _pdf(b"".join(b"%d 0 obj " % i + stream for i in range(n)))


def _rsa_signatures(n: int) -> bytes:
    return b"".join(SIGNATURE % i for i in range(n)) + headed(b"")


def _arc_sets(n: int) -> bytes:
    sets = b"".join(
        b"ARC-Seal: i=%d; a=rsa-sha256; cv=pass; d=f.example; s=s; b=AAAA\r\n"
        b"ARC-Message-Signature: i=%d; a=rsa-sha256; d=f.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
        b"ARC-Authentication-Results: i=%d; f.example; spf=pass\r\n" % (i, i, i)
        for i in range(n, 0, -1)
    )
    return sets + headed(b"")


def _token(template: Callable[[bytes], bytes], token: bytes) -> Family:
    return lambda n: template(token * (n // len(token) + 1))


def _field(name: bytes, token: bytes) -> Family:
    """The field with such a value, in place of the good one."""
    others = b"".join(line for line in HEAD.splitlines(keepends=True) if not line.startswith(name + b":"))
    return _token(lambda value: others + name + b": " + value + b"\r\n\r\nHola.\r\n", token)


#: The families by name, with the number that the issue and the reliability notes ask for.
FAMILIES: dict[str, tuple[Family, int]] = {
    # header
    "header fields": (lambda n: headed(b"X-A: 1\r\n" * n), 100_000),
    "different header fields": (lambda n: headed(b"".join(b"X-%d: 1\r\n" % i for i in range(n))), 100_000),
    "one header field": (lambda n: headed(b"X-A: " + b"a" * n + b"\r\n"), 1_000_000),
    "folds": (lambda n: headed(b"X-A: a" + b"\r\n a" * n + b"\r\n"), 300_000),
    "blank folds": (lambda n: headed(b"X-A: a" + b"\r\n " * n + b"\r\n"), 300_000),
    "no separator": (lambda n: headed(b"aaaa\r\n" * n), 100_000),
    "no end of header": (lambda n: HEAD + b"a" * n, 1_000_000),
    "bare returns": (lambda n: headed(b"X-A: " + b"a\r" * n + b"\r\n"), 300_000),
    "subjects": (lambda n: headed(b"Subject: Factura\r\n" * n), 10_000),
    "from fields": (lambda n: headed(b"From: a@b.example\r\n" * n), 10_000),
    "to fields": (lambda n: headed(b"To: a@b.example, c@d.example\r\n" * n), 10_000),
    "signatures": (_rsa_signatures, 10_000),
    "received": (
        lambda n: b"Received: from a.example (a.example [192.0.2.1]) by b.example; Tue, 7 Oct 2025 10:00:00 +0200\r\n"
        * n
        + headed(b""),
        10_000,
    ),
    "authentication results": (
        lambda n: b"Authentication-Results: mx.b.example; spf=pass smtp.mailfrom=a@b.example; dkim=pass header.d=b\r\n"
        * n
        + headed(b""),
        10_000,
    ),
    "results in one field": (
        lambda n: b"Authentication-Results: mx.b.example" + b"; dkim=pass header.d=b.example" * n + b"\r\n" + headed(b""),
        4_000,
    ),
    "arc sets": (_arc_sets, 3_000),
    "list unsubscribe": (lambda n: headed(b"List-Unsubscribe: " + b"<https://a.example/x>, " * n + b"\r\n"), 5_000),
    "addresses": (lambda n: headed(b"Cc: " + b"a@b.example, " * n + b"z@b.example\r\n"), 80_000),
    "named addresses": (lambda n: headed(b'Cc: "A" <a@b.example>' + b',\r\n "A" <a@b.example>' * n + b"\r\n"), 40_000),
    "groups": (lambda n: headed(b"Cc: " + b"g: a@b.example;, " * n + b"\r\n"), 40_000),
    "encoded words": (lambda n: headed(b"Subject: " + b"=?utf-8?q?a?=\r\n " * n + b"\r\n"), 100_000),
    "encoded words of base64": (lambda n: headed(b"X-A: " + b"=?utf-8?b?YQ==?= " * n + b"\r\n"), 60_000),
    "parameters": (lambda n: headed(b"Content-Type: text/plain" + b"".join(b"; a%d=1" % i for i in range(n)) + b"\r\n"), 100_000),
    "parameter pieces": (
        lambda n: headed(b"Content-Type: text/plain" + b"".join(b";\r\n name*%d*=%%41" % i for i in range(n)) + b"\r\n"),
        40_000,
    ),
    **{
        f"{name.decode()} of {token!r}": (_field(name, token), 120_000)
        for name, tokens in {
            b"Subject": (b"=?", b"=?utf-8?q?", b"=?a?b?", b"\xff", b"!", b"FACTURA ", b"\xf0\x9f\x92\xb6", b"a\xcc\x81"),
            b"To": (b",", b"(", b"(a)", b'"', b"\\", b"<", b"@", b"a@", b":", b";", b"[", b"a b ", b"<a@b>", b'"\\"'),
            b"From": (b",", b"(", b'"', b"a@b,", b"=?utf-8?q?=40?= "),
            b"Date": (b"(", b"1", b":", b"Tue, ", b" ", b"+"),
            b"Message-ID": (b"<", b"@", b"<a@b> ", b">"),
            b"Received": (b"from a ", b"(", b"by [", b";", b"with ESMTP ", b"for <a@b> ", b"[192.0.2.1] "),
            b"Authentication-Results": (b";", b"(", b"a=b ", b"spf=pass;", b'"', b"dkim=pass (", b"header.d=a "),
            b"DKIM-Signature": (b";", b"=", b"a=b;", b"h=from:", b" ", b"b=A"),
            b"Content-Type": (b";", b'"', b"a/b;", b"; a*0=b", b"(", b"; a=(", b"%", b"; a*=utf-8''%41"),
            b"Content-Disposition": (b"; filename=a", b'; filename="', b"; a*1=", b"\\"),
            b"List-Unsubscribe": (b"<", b"<a>,", b",", b"(", b"mailto:a@b?"),
            b"X-Spam-Status": (b"tests=A,", b"score=", b"=", b"A=1 "),
            b"X-Spam-Report": (b"* 1.0 A\r\n ", b"*"),
            b"X-Spamd-Result": (b"A(1.0)[];", b"[", b"("),
            b"X-Forefront-Antispam-Report": (b"SFV:SPM;", b":", b";"),
            b"Received-SPF": (b"pass (", b"a=b; ", b"client-ip="),
            b"References": (b"<a@b> ", b"<"),
            b"Autocrypt": (b"=", b"addr=;"),
        }.items()
        for token in tokens
    },
    # parts
    "nested parts": (_nested_parts, 5_000),
    "nested messages": (_nested_messages, 5_000),
    "parts": (_many_parts, 100_000),
    "parts of html": (
        lambda n: typed(
            b"multipart/mixed; boundary=b", (b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<a>x" * 500_000) * n
        ),
        24,
    ),
    "empty parts": (_empty_parts, 200_000),
    "near boundaries": (_prefix_boundaries, 30_000),
    "unclosed boundary": (lambda n: typed(b'multipart/mixed; boundary="b', b"--b\r\n\r\nx\r\n" * n), 50_000),
    "boundary that never comes": (lambda n: typed(b"multipart/mixed; boundary=b", b"x\r\n" * n), 500_000),
    "broken base64": (
        lambda n: typed(b"text/plain", b"=A*B" * n, b"Content-Transfer-Encoding: base64"),
        250_000,
    ),
    "broken quoted-printable": (
        lambda n: typed(b"text/plain", b"=\r\n=A=ZZ=" * n, b"Content-Transfer-Encoding: quoted-printable"),
        200_000,
    ),
    "uuencode": (lambda n: typed(b"text/plain", b"begin 644 a\r\n" * n, b"Content-Transfer-Encoding: uuencode"), 80_000),
    "bytes of every value": (lambda n: typed(b"text/plain; charset=utf-8", bytes(range(256)) * n), 4_000),
    "unknown charset": (lambda n: typed(b"text/plain; charset=" + b"x" * 200, b"\xe1" * n), 1_000_000),
    "utf-7": (lambda n: typed(b"text/plain; charset=utf-7", b"+2AA-" * n), 200_000),
    "utf-16 surrogates": (lambda n: typed(b"text/plain; charset=utf-16-le", b"\x00\xd8" * n), 400_000),
    # files
    "zip bomb": (lambda n: attached("a.zip", "application/zip", zip_bomb(n)), 64),
    "zip in zip": (lambda n: attached("a.zip", "application/zip", nested_zip(n)), 4),
    "overlapping zip": (lambda n: attached("a.zip", "application/zip", _overlapping_zip(n)), 60_000),
    "zip of many": (
        lambda n: attached("a.zip", "application/zip", _zip([(f"{i}.exe", b"MZ") for i in range(n)])),
        20_000,
    ),
    "zip of nothing": (lambda n: attached("a.zip", "application/zip", b"PK\x01\x02" * n), 200_000),
    "zip directories": (lambda n: attached("a.zip", "application/zip", b"PK\x05\x06" * n), 200_000),
    "gzip bomb": (lambda n: attached("a.pdf.gz", "application/gzip", gzip_bomb(n)), 64),
    "gzip members": (lambda n: attached("a.gz", "application/gzip", gzip.compress(b"") * n), 50_000),
    "office bomb": (
        lambda n: attached(
            "factura.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            _zip([("[Content_Types].xml", bytes(n << 20)), ("word/vbaProject.bin", bytes(n << 20))]),
        ),
        32,
    ),
    "pdf objects": (lambda n: attached("f.pdf", "application/pdf", _pdf_objects(n)), 100_000),
    "pdf bomb": (lambda n: attached("f.pdf", "application/pdf", _pdf_bomb(n)), 20),
    "pdf streams": (lambda n: attached("f.pdf", "application/pdf", _pdf(b"1 0 obj stream\n" * n)), 100_000),
    "pdf names": (lambda n: attached("f.pdf", "application/pdf", _pdf(b"/#4a#61vaScript " * n)), 100_000),
    "pdf strings": (lambda n: attached("f.pdf", "application/pdf", _pdf(b"/Title (" * n)), 100_000),
    "pdf dictionaries": (lambda n: attached("f.pdf", "application/pdf", _pdf(b"1 0 obj <<" * n)), 100_000),
    "ole sectors": (
        lambda n: attached("f.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * n), 1_000_000
    ),
    "invoice xml": (
        lambda n: attached("f.xml", "application/xml", b"<?xml version='1.0'?>" + b"<Invoice>" * n), 200_000
    ),
    "xml entities": (
        lambda n: attached(
            "f.xml",
            "application/xml",
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">'
            + b"".join(b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10) for i in range(1, n))
            + b"]><Facturae>&e%d;</Facturae>" % (n - 1),
        ),
        30,
    ),
    "calendar": (lambda n: attached("f.ics", "text/calendar", b"BEGIN:VEVENT\r\n" * n), 100_000),
    # text
    **{f"html of {token!r}": (_token(html, token), 2_000_000) for token in (b"<", b"&", b"<!--", b"</", b"<a ", b'<a href="')},
    **{
        f"html tags {token!r}": (_token(html, token), 400_000)
        for token in (
            b"<div>", b"<b><i>", b"<table><tr><td>", b"<p>", b"<script>", b"<style>", b"<!DOCTYPE a>", b"<![CDATA[",
            b"<a href=x>", b"<a href=http://a.example/>x</a>", b"<img src=cid:a>", b"<img src=http://a.example/x width=1>",
            b"<form><input>", b"<select><option>", b"<svg><path>", b"<div style='color:red'>", b"<font color=white>x</font>",
            b"<div style='display:none'>x</div>", b"</div>", b"</p>", b"<noscript>", b"<textarea>", b"<template>", b"<base href=x>",
            b"&#x41;", b"&notanentity;", b"<a a=1 a=2>", b"<p a>", b"<b></i>", b"<table>x", b"<a>x", b"<h1>x", b"<li>", b"<plaintext>",
        )
    },
    **{
        f"style {token!r}": (_token(lambda css: html(b"<style>" + css + b"</style><p>x</p>"), token), 400_000)
        for token in (b"{", b"}", b"a{color:red}", b"a,", b"/*", b"@media{", b"@import url(x);", b"\\", b"'", b"(", b"a b ", b".c{display:none}", b"a:b;")
    },
    **{
        f"style attribute {token!r}": (_token(lambda css: html(b'<p style="' + css + b'">x</p>' * 1), token), 400_000)
        for token in (b"a:b;", b"color:", b"(", b"url(", b"/*", b"\\41 ", b"font:1px ")
    },
    "attributes": (lambda n: html(b"<p" + b"".join(b" a%d=1" % i for i in range(n)) + b">x"), 100_000),
    "hidden rules": (
        lambda n: html(
            b"<style>" + b"".join(b".c%d{display:none}" % i for i in range(n)) + b"</style>"
            + b"".join(b"<p class=c%d>x</p>" % i for i in range(n))
        ),
        20_000,
    ),
    "classes of one": (lambda n: html(b"<style>.a{color:red}</style>" + b'<p class="' + b"a " * n + b'">x'), 200_000),
    "links": (lambda n: html(b"".join(b'<a href="https://h%d.example/">empresa.example</a> ' % i for i in range(n))), 100_000),
    **{
        f"text of {token!r}": (_token(plain, token), 1_000_000)
        for token in (
            b" ", b"\t", b"\r\n", b"\n", b"\r", b"a", b"a ", b"1", b"1,", b"1.", b"1 ", b"ES", b"ES00 ", b"IBAN ", b"ES9121000418450200051332 ",
            b"1.234,56 \xe2\x82\xac ", b"\xe2\x82\xac", b"7 de octubre de ", b"01/02/2025 ", b"2025-", b"vencimiento ", b"factura n", b"Factura ",
            b"http://", b"http://a.example/ ", b"www.", b"a@b.example ", b"@", b"> ", b"-- \r\n", b"{{", b"{{a}} ", b"%s", b"[nombre] ", b"<<", b"$",
            b"adjunto ", b"hemos cambiado de cuenta ", b"hemos ", b"total ", b"-", b"_", b".", b"\xcc\x81", b"\xe2\x80\x8b", b"\xe2\x80\xae",
            b"\xf0\x9f\x92\xb6", b"\0", b"\x1b[2J", b"A", b"!", b"(", b"bit.ly/", b"xn--", b"a.", b"://", b"=?utf-8?q?", b"DE", b"NIF ", b"B12345678 ",
        )
    },
    "one line": (lambda n: plain(b"a" * n), 5_000_000),
    "blank lines": (lambda n: plain(b"\r\n" * n), 2_000_000),
    "trailing blanks": (lambda n: plain(b" \t" * n), 2_000_000),
}  # fmt: skip
