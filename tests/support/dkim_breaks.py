"""Ways to break a signed message, each with the cause that a diagnosis has to name.

A break takes the signed message and gives what a recipient would get; `sign` holds what the signature needs to be, and
`publish` what DNS answers when that is not the key of the signature.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from deliverability.dkim.diagnosis import Cause, Certainty
from tests.support.signing import key_record, published, sign

DOMAIN = "empresa.example"

TEXT = """Estimado cliente:\r
\r
Le adjuntamos la factura F-2026/118 por un importe de 121,00 euros.\r
Puede pagarla en https://pagos.empresa.example/f/118?ref=118&lang=es antes del 15 de diciembre.\r
\r
..Los puntos de este pie no se tocan.\r
From aquí en adelante, consulte nuestras condiciones.\r
\tGracias por su  confianza.\r
-- \r
Empresa, S. L.\r
"""
HTML = """<html><head><style>\r
.boton { color: #fff }\r
</style></head><body>\r
<p>Estimado cliente:</p>\r
<p>Le adjuntamos la factura <b>F-2026/118</b> por un importe de 121,00 &euro;.</p>\r
<p><a href="https://pagos.empresa.example/f/118?ref=118&amp;lang=es">Pagar ahora</a></p>\r
<p>Atención al cliente: facturación y cobros, de lunes a viernes.</p></body></html>\r
"""
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 12 + b"\n%%EOF\n"

HEADER = (
    b"Received: from mta.empresa.example ([192.0.2.10]) by mx.receptor.example;\r\n"
    b"\tSun, 22 Nov 2026 11:00:02 +0000\r\n"
    b"Date: Sun, 22 Nov 2026 12:00:00 +0100\r\n"
    b"From: =?UTF-8?Q?Facturaci=C3=B3n?= <facturas@empresa.example>\r\n"
    b"To: Ana Ruiz <ana@cliente.example>,\r\n"
    b" contabilidad@cliente.example\r\n"
    b"Reply-To: cobros@empresa.example\r\n"
    b"Subject: Factura F-2026/118 de Empresa\r\n"
    b"Message-ID: <118.2026@empresa.example>\r\n"
    b"MIME-Version: 1.0\r\n"
)


def plain(text: str = TEXT, *, encoding: str = "8bit", charset: str = "utf-8") -> bytes:
    """A message of one text part."""
    octets = text.encode(charset)
    if encoding == "quoted-printable":
        octets = to_quoted_printable(octets)
    elif encoding == "base64":
        octets = to_base64(octets)
    head = (
        HEADER
        + f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    )
    return head + octets


def invoice() -> bytes:
    """A message as billing software sends it: text, HTML and a PDF."""
    return (
        HEADER
        + b'Content-Type: multipart/mixed; boundary="=_mixta"\r\n\r\n'
        + b"--=_mixta\r\n"
        + b'Content-Type: multipart/alternative; boundary="=_alternativa"\r\n\r\n'
        + b"--=_alternativa\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + TEXT.encode()
        + b"\r\n--=_alternativa\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + HTML.encode()
        + b"\r\n--=_alternativa--\r\n\r\n--=_mixta\r\n"
        + b"Content-Type: application/pdf; name=factura.pdf\r\nContent-Transfer-Encoding: base64\r\n"
        + b"Content-Disposition: attachment; filename=factura.pdf\r\n\r\n"
        + to_base64(PDF)
        + b"\r\n--=_mixta--\r\n"
    )


def to_base64(octets: bytes) -> bytes:
    """As MIME wants it: lines of 76."""
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def to_quoted_printable(octets: bytes) -> bytes:
    """As the standard library writes it."""
    return quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


@dataclass(frozen=True)
class Break:
    """One way to break a signed message."""

    name: str
    cause: Cause
    how: Callable[[bytes], bytes]
    message: Callable[[], bytes] = invoice
    sign: dict[str, Any] = field(default_factory=dict)
    publish: dict[str, Any] | None = None
    certainty: Certainty = Certainty.PROVED
    #: What the arguments of the diagnosis have to hold.
    args: dict[str, Any] = field(default_factory=dict)

    def signed(self) -> bytes:
        """The message as it was sent."""
        return sign(self.message(), **{"domain": DOMAIN, **self.sign})

    def arrived(self) -> bytes:
        """The message as it was received."""
        return self.how(self.signed())

    def answers(self) -> dict[str, Any]:
        """What DNS says."""
        return self.publish if self.publish is not None else published(**{"domain": DOMAIN, **self.sign})


def edit(old: bytes, new: bytes, count: int = 1) -> Callable[[bytes], bytes]:
    """Replace something that has to be there."""

    def change(raw: bytes) -> bytes:
        assert old in raw, old
        return raw.replace(old, new, count)

    return change


def body(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the body alone."""

    def whole(raw: bytes) -> bytes:
        head, _, rest = raw.partition(b"\r\n\r\n")
        changed = change(rest)
        assert changed != rest
        return head + b"\r\n\r\n" + changed

    return whole


def top(line: bytes) -> Callable[[bytes], bytes]:
    """Put a field on top of the message."""
    return lambda raw: line + b"\r\n" + raw


def drop(name: bytes) -> Callable[[bytes], bytes]:
    """Take the first field of that name away."""

    def change(raw: bytes) -> bytes:
        changed = re.sub(rb"(?mi)^" + name + rb":[^\n]*\n(?:[ \t][^\n]*\n)*", b"", raw, count=1)
        assert changed != raw
        return changed

    return change


def both(*changes: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """One change after another."""

    def change(raw: bytes) -> bytes:
        for one in changes:
            raw = one(raw)
        return raw

    return change


def _footers(rest: bytes) -> bytes:
    """A gateway that puts its notice into both texts."""
    text = b"\r\n\r\nAVISO LEGAL: este mensaje es confidencial y va dirigido a su destinatario.\r\n"
    html = b"<hr><p>AVISO LEGAL: este mensaje es confidencial y va dirigido a su destinatario.</p>"
    rest = rest.replace(b"Empresa, S. L.\r\n\r\n--=_alt", b"Empresa, S. L.\r\n" + text + b"\r\n--=_alt", 1)
    return rest.replace(b"</body>", html + b"</body>", 1)


def _safelink(found: re.Match[bytes]) -> bytes:
    original = found[1].replace(b"&amp;", b"&").decode()
    host = "https://eur01.safelinks.protection.outlook.com/"
    return f'href="{host}?url={quote(original, safe="")}&amp;data=05%7C02%7Cana&amp;reserved=0"'.encode()


def _text_to_quoted_printable(rest: bytes) -> bytes:
    octets = TEXT.encode()
    return rest.replace(b"Transfer-Encoding: 8bit", b"Transfer-Encoding: quoted-printable", 1).replace(
        octets, to_quoted_printable(octets), 1
    )


def _whole_to_base64(raw: bytes) -> bytes:
    head, _, rest = raw.partition(b"\r\n\r\n")
    return head.replace(b"Encoding: 8bit", b"Encoding: base64") + b"\r\n\r\n" + to_base64(rest)


def _list(raw: bytes) -> bytes:
    """What Mailman does to a message."""
    raw = raw.replace(b"Subject: ", b"Subject: [clientes] ", 1)
    raw = raw.replace(
        b"From: =?UTF-8?Q?Facturaci=C3=B3n?= <facturas@empresa.example>",
        b"From: =?UTF-8?Q?Facturaci=C3=B3n_via_Clientes?= <clientes@listas.example>",
        1,
    )
    return raw.replace(
        b"Date: ", b"X-Original-From: =?UTF-8?Q?Facturaci=C3=B3n?= <facturas@empresa.example>\r\nDate: ", 1
    )


def _lost_dots(rest: bytes) -> bytes:
    """SMTP without dot-stuffing (RFC 5321 §4.5.2): the receiver takes one dot off."""
    return re.sub(rb"(?m)^\.", b"", rest)


def _hash(octets: bytes) -> str:
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


_REMOVED = b"--=_mixta\r\nContent-Type: text/plain\r\n\r\nEl adjunto factura.pdf ha sido eliminado por la pasarela.\r\n--=_mixta--\r\n"


LONG = "Concepto: " + "servicio de mantenimiento de la instalación; " * 60 + "fin.\r\n"
LIST_FOOTER = (
    b"_______________________________________________\r\nClientes mailing list\r\nhttps://listas.example/info\r\n"
)
Z_COPY = {"z": "Subject:=20Factura=20F-2026/118=20de=20Empresa|From:=20x"}
SIMPLE = {"c": "simple/simple"}

BREAKS: tuple[Break, ...] = (
    Break(
        "list footer after the message",
        Cause.FOOTER_APPENDED,
        body(lambda b: b + LIST_FOOTER),
        plain,
        args={"lines": 3},
    ),
    Break(
        "antivirus notice glued to the last line",
        Cause.FOOTER_APPENDED,
        body(lambda b: b.removesuffix(b"\r\n") + b" --- Avast: sin virus\r\n"),
        plain,
    ),
    Break(
        "footer in the text part",
        Cause.FOOTER_APPENDED,
        body(edit(b"S. L.\r\n\r\n--=_alt", b"S. L.\r\n\r\nCorreo analizado por AVG.\r\n\r\n--=_alt")),
    ),
    Break(
        "footer in the HTML part, within a line",
        Cause.FOOTER_APPENDED,
        body(edit(b"</body>", b'<div style="color:gray">Antes de imprimir, piense en el planeta.</div></body>')),
    ),
    Break("legal notice in the text and in the HTML part", Cause.FOOTER_APPENDED, body(_footers)),
    Break(
        "footer put into a base64 text",
        Cause.FOOTER_APPENDED,
        body(lambda b: to_base64(base64.b64decode(b) + b"\r\n-- \r\nPie de la pasarela\r\n")),
        lambda: plain(encoding="base64"),
    ),
    Break(
        "banner at the top of the text",
        Cause.TEXT_PREPENDED,
        body(lambda b: "ATENCIÓN: correo de fuera de la organización.\r\n\r\n".encode() + b),
        plain,
    ),
    Break(
        "banner in the HTML part",
        Cause.TEXT_PREPENDED,
        body(edit(b"<body>\r\n", b"<body><table><tr><td>[EXTERNAL] Caution: outside sender</td></tr></table>\r\n")),
    ),
    Break(
        "banner in the text and in the HTML part",
        Cause.TEXT_PREPENDED,
        body(
            both(
                edit(b"Estimado cliente:\r\n", b"CAUTION: external mail, do not click\r\n\r\nEstimado cliente:\r\n"),
                edit(b"<body>\r\n", b"<body><p>CAUTION: external mail, do not click</p>\r\n"),
            )
        ),
    ),
    Break(
        "a paragraph put into the middle",
        Cause.TEXT_INSERTED,
        body(edit(b"..Los puntos", b"Publicidad del operador\r\nmovil\r\n..Los puntos")),
        plain,
    ),
    Break(
        "signed with bare LF",
        Cause.LINE_ENDS,
        lambda raw: raw,
        plain,
        {
            "tags": {
                "bh": _hash(
                    TEXT.encode()
                    .replace(b"\t", b" ")
                    .replace(b"  ", b" ")
                    .replace(b" \r\n", b"\r\n")
                    .replace(b"\r\n", b"\n")
                )
            }
        },
    ),
    Break(
        "every line end doubled",
        Cause.LINE_ENDS,
        body(lambda b: b.replace(b"\r\n", b"\r\n\r\n")),
        lambda: plain("uno\r\ndos\r\n"),
    ),
    Break("CR CR LF", Cause.LINE_ENDS, body(lambda b: b.replace(b"\r\n", b"\r\r\n")), plain),
    Break("empty line at the top", Cause.LEADING_BLANK_LINES, body(lambda b: b"\r\n" + b), plain),
    Break("empty line at the top lost", Cause.LEADING_BLANK_LINES, body(lambda b: b[2:]), lambda: plain("\r\n" + TEXT)),
    Break(
        "blanks added at line ends, simple",
        Cause.WHITE_SPACE,
        body(lambda b: b.replace(b"euros.\r\n", b"euros. \r\n")),
        lambda: plain("Total: 121 euros.\r\nGracias.\r\n"),
        SIMPLE,
    ),
    Break("“-- ” became “--”, simple", Cause.WHITE_SPACE, body(edit(b"\r\n-- \r\n", b"\r\n--\r\n")), plain, SIMPLE),
    Break("tab became blanks, simple", Cause.TABS, body(edit(b"\tGracias", b"        Gracias")), plain, SIMPLE),
    Break("“From ” quoted", Cause.FROM_QUOTED, body(edit(b"\r\nFrom ", b"\r\n>From ")), plain),
    Break("dots lost: no dot-stuffing", Cause.DOT_STUFFING, body(_lost_dots), plain),
    Break("one dot lost", Cause.DOT_STUFFING, body(_lost_dots), lambda: plain("Total\r\n.50 euros\r\nfin\r\n")),
    Break("dots lost in a style sheet", Cause.DOT_STUFFING, body(edit(b"\r\n.boton", b"\r\nboton"))),
    Break("dots doubled", Cause.DOT_STUFFING, body(edit(b"\r\n..Los", b"\r\n...Los")), plain),
    Break(
        "long line broken at 998", Cause.LINES_WRAPPED, body(lambda b: _broken(b, 998, b"\r\n ")), lambda: plain(LONG)
    ),
    Break("8bit became quoted-printable", Cause.REENCODED, body(_text_to_quoted_printable)),
    Break("8bit became base64", Cause.REENCODED, _whole_to_base64, plain, {"headers": ("from", "subject", "date")}),
    Break(
        "quoted-printable became 8bit",
        Cause.REENCODED,
        body(quopri.decodestring),
        lambda: plain(encoding="quoted-printable").replace(b"Encoding: quoted-printable", b"Encoding: 8bit"),
    ),
    Break(
        "base64 lines of another length",
        Cause.REENCODED,
        body(lambda b: b.replace(to_base64(PDF), _folded(PDF, 60))),
    ),
    Break(
        "Latin-1 became UTF-8",
        Cause.CHARSET_CONVERTED,
        body(lambda b: b.decode("latin-1").encode()),
        lambda: plain(charset="iso-8859-1"),
    ),
    Break(
        "UTF-8 encoded twice",
        Cause.CHARSET_CONVERTED,
        body(lambda b: b.decode("latin-1").encode()),
        plain,
    ),
    Break(
        "links rewritten by Safe Links", Cause.LINKS_REWRITTEN, body(lambda b: re.sub(rb'href="([^"]+)"', _safelink, b))
    ),
    Break(
        "links rewritten by URL Defense",
        Cause.LINKS_REWRITTEN,
        body(
            edit(
                b"https://pagos.empresa.example/f/118?ref=118&lang=es",
                b"https://urldefense.com/v3/__https://pagos.empresa.example/f/118?ref=118&lang=es__;!!AbC!dEf$",
            )
        ),
        plain,
    ),
    Break(
        "header line put into a part",
        Cause.PART_HEADERS,
        body(edit(b"charset=utf-8\r\n", b"charset=utf-8\r\nX-Analizado: si\r\n")),
    ),
    Break(
        "preamble put in", Cause.PREAMBLE, body(lambda b: b"This is a multi-part message in MIME format.\r\n\r\n" + b)
    ),
    Break("boundaries replaced", Cause.BOUNDARY_CHANGED, body(lambda b: b.replace(b"=_mixta", b"----=_NextPart_001"))),
    Break("end of the message cut off", Cause.TRUNCATED, body(edit(b"--=_mixta--\r\n", b""))),
    Break(
        "second half of the message cut off",
        Cause.TRUNCATED,
        body(lambda b: b[: len(b) // 2]),
        certainty=Certainty.LIKELY,
    ),
    Break("byte order mark put in", Cause.BYTE_ORDER_MARK, body(lambda b: b"\xef\xbb\xbf" + b), plain),
    Break(
        "signed before the text was there",
        Cause.EMPTY_BODY_SIGNED,
        lambda raw: raw,
        plain,
        {"tags": {"bh": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}},
    ),
    Break(
        "attachment taken out",
        Cause.ATTACHMENT_REMOVED,
        body(lambda b: b[: b.index(b"--=_mixta\r\nContent-Type: application")] + _REMOVED),
        certainty=Certainty.LIKELY,
    ),
    Break(
        "[list] put into the subject",
        Cause.SUBJECT_TAGGED,
        edit(b"Subject: ", b"Subject: [Clientes] "),
        args={"tag": "[Clientes]"},
    ),
    Break(
        "***SPAM*** put into the subject",
        Cause.SUBJECT_TAGGED,
        edit(b"Subject: ", b"Subject: ***SPAM*** "),
        args={"tag": "***SPAM***"},
    ),
    Break("[EXTERNAL] and simple", Cause.SUBJECT_TAGGED, edit(b"Subject: ", b"Subject: [EXTERNAL] "), sign=SIMPLE),
    Break(
        "tag behind the subject, Ed25519",
        Cause.SUBJECT_TAGGED,
        edit(b"de Empresa\r\n", b"de Empresa (sospechoso)\r\n"),
        sign={"key": "ed25519"},
    ),
    Break(
        "accents lost on a 7-bit server",
        Cause.HIGH_BIT_STRIPPED,
        body(lambda b: bytes(octet & 0x7F for octet in b)),
        plain,
    ),
    Break(
        "subject replaced, X-Spam-Prev-Subject has it",
        Cause.FIELD_CHANGED,
        edit(b"Subject: Factura", b"X-Spam-Prev-Subject: Factura F-2026/118 de Empresa\r\nSubject: Otra cosa"),
    ),
    Break(
        "subject encoded anew",
        Cause.FIELD_REENCODED,
        edit(b"=?UTF-8?B?RmFjdHVyYSBuw7ptZXJvIDExOA==?=", b"=?utf-8?Q?Factura_n=C3=BAmero_118?="),
        lambda: invoice().replace(b"Factura F-2026/118 de Empresa", b"=?UTF-8?B?RmFjdHVyYSBuw7ptZXJvIDExOA==?="),
    ),
    Break(
        "second From on top, oversigned",
        Cause.FIELD_ADDED,
        top(b"From: jefe@otra.example"),
        sign={"headers": ("from", "from", "to", "subject", "subject", "date")},
        args={"name": "From"},
    ),
    Break(
        "Cc added, oversigned",
        Cause.FIELD_ADDED,
        top(b"Cc: copia@otra.example"),
        sign={"headers": ("from", "to", "cc", "subject", "date", "sender")},
        args={"name": "Cc"},
    ),
    Break("MIME-Version taken away", Cause.FIELD_REMOVED, drop(b"MIME-Version"), args={"name": "mime-version"}),
    Break(
        "Reply-To taken away, z= has it",
        Cause.FIELD_REMOVED,
        drop(b"Reply-To"),
        sign={"tags": {"z": "Reply-To:=20cobros@empresa.example|To:=20nadie"}},
        args={"before": "cobros@empresa.example"},
    ),
    Break("To unfolded, simple", Cause.FIELD_REFOLDED, edit(b",\r\n contab", b",\r\n\tcontab"), sign=SIMPLE),
    Break("name in capitals, simple", Cause.FIELD_NAME_CASE, edit(b"Message-ID:", b"MESSAGE-ID:"), sign=SIMPLE),
    Break(
        "two signed fields exchanged",
        Cause.FIELDS_REORDERED,
        edit(b"X-Lote: 1\r\nX-Lote: 2\r\n", b"X-Lote: 2\r\nX-Lote: 1\r\n"),
        lambda: b"X-Lote: 1\r\nX-Lote: 2\r\n" + invoice(),
        {"headers": ("from", "x-lote", "x-lote", "subject")},
    ),
    Break("Date in another zone", Cause.DATE_REWRITTEN, edit(b"12:00:00 +0100", b"11:00:00 +0000")),
    Break(
        "Message-ID replaced",
        Cause.MESSAGE_ID_REWRITTEN,
        edit(b"Message-ID: <118", b"Message-ID: <x1@smtp.example>\r\nX-Google-Original-Message-ID: <118"),
    ),
    Break(
        "From rewritten by a list",
        Cause.FROM_REWRITTEN,
        both(
            edit(
                b"From: =?UTF-8?Q?Facturaci=C3=B3n?= <facturas@empresa.example>",
                b"From: =?UTF-8?Q?Facturaci=C3=B3n_via_Lista?= <l@listas.example>",
            ),
            edit(b"Reply-To: cobros@empresa.example", b"Reply-To: facturas@empresa.example"),
        ),
        sign={"headers": ("from", "to", "subject", "date")},
    ),
    Break("Mailman: subject and From at once", Cause.SUBJECT_TAGGED, _list),
    Break("names of To put in quotes", Cause.ADDRESSES_REWRITTEN, edit(b"Ana Ruiz <", b'"Ana Ruiz" <')),
    Break(
        "Content-Type with other quotes",
        Cause.CONTENT_TYPE_REWRITTEN,
        edit(b"text/plain; charset=utf-8", b'text/plain; charset="UTF-8"'),
        plain,
    ),
    Break(
        "the signature field folded anew", Cause.SIGNATURE_FIELD_CHANGED, edit(b"; d=", b";d="), sign={"fold": False}
    ),
    Break(
        "an address of To replaced",
        Cause.HEADER_CHANGED,
        edit(b"contabilidad@cliente.example", b"otra@persona.example"),
    ),
    Break("key missing", Cause.KEY_MISSING, lambda raw: raw, publish={}),
    Break("key revoked", Cause.KEY_REVOKED, lambda raw: raw, publish={f"s1._domainkey.{DOMAIN}/TXT": ["v=DKIM1; p="]}),
    Break(
        "key cut off",
        Cause.KEY_DAMAGED,
        lambda raw: raw,
        publish={f"s1._domainkey.{DOMAIN}/TXT": [key_record()[:255]]},
    ),
    Break("key of 512 bits", Cause.KEY_TOO_SHORT, lambda raw: raw, sign={"key": "rsa512"}),
    Break(
        "key rotated",
        Cause.KEY_OTHER,
        lambda raw: raw,
        publish={f"s1._domainkey.{DOMAIN}/TXT": [key_record("rsa1024")]},
        certainty=Certainty.LIKELY,
    ),
    Break(
        "signed with the key of another selector",
        Cause.KEY_OTHER_SELECTOR,
        lambda raw: sign(raw, domain=DOMAIN, selector="s2", key="rsa1024"),
        publish={
            f"s1._domainkey.{DOMAIN}/TXT": [key_record("rsa1024")],
            f"s2._domainkey.{DOMAIN}/TXT": [key_record("rsa2048")],
        },
    ),
    Break(
        "DNS does not answer",
        Cause.KEY_UNREACHABLE,
        lambda raw: raw,
        publish={f"s1._domainkey.{DOMAIN}/TXT": {"fault": "timeout"}},
    ),
    Break("signature expired", Cause.EXPIRED, lambda raw: raw, sign={"tags": {"t": 1700000000, "x": 1700600000}}),
    Break("signature from the future", Cause.FUTURE, lambda raw: raw, sign={"tags": {"t": 1900000000}}),
    Break("From not signed", Cause.FROM_UNSIGNED, lambda raw: raw, sign={"headers": ("to", "subject")}),
    Break(
        "t=s and i= below d=",
        Cause.IDENTITY,
        lambda raw: raw,
        sign={"tags": {"i": "@correo.empresa.example"}, "key_tags": "t=s"},
    ),
    Break("h= of the key excludes SHA-256", Cause.KEY_UNUSABLE, lambda raw: raw, sign={"key_tags": "h=sha1"}),
    Break("signed with SHA-1", Cause.SHA1, lambda raw: raw, sign={"algorithm": "rsa-sha1"}),
    Break(
        "body shorter than l=",
        Cause.TRUNCATED,
        body(lambda b: b[:200]),
        plain,
        {"length": 300},
        certainty=Certainty.LIKELY,
    ),
)


def _broken(octets: bytes, width: int, glue: bytes) -> bytes:
    lines = octets.split(b"\r\n")
    return b"\r\n".join(glue.join(_pieces(line, width, len(glue) - 2)) for line in lines)


def _pieces(line: bytes, width: int, indent: int) -> list[bytes]:
    pieces = [line[:width]]
    line = line[width:]
    while line:
        pieces.append(line[: width - indent])
        line = line[width - indent :]
    return pieces


def _folded(octets: bytes, columns: int) -> bytes:
    text = base64.b64encode(octets)
    return b"".join(text[at : at + columns] + b"\r\n" for at in range(0, len(text), columns))
