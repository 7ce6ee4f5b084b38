"""One mail that says the same hostile text in every place that a mail, its session, its DNS and a filter have."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import deliverability as dv
from deliverability.core.facts import Envelope
from deliverability.core.questions import Found, split_strings
from deliverability.filters.verdict import FilterSymbol, FilterVerdict
from tests.support.hostile_messages import SIGNATURE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _line(text: str) -> bytes:
    """As octets of one header line."""
    return text.encode("utf-8", "surrogatepass").replace(b"\r", b"").replace(b"\n", b" ")[:900]


def _word(text: str) -> bytes:
    """The text as encoded words, which hide what a line may not hold."""
    octets = text.encode("utf-8", "surrogatepass")[:900]
    return b"\r\n ".join(
        b"=?utf-8?b?" + base64.b64encode(octets[at : at + 42]) + b"?=" for at in range(0, len(octets), 42)
    )


def _header(text: str) -> bytes:
    x, w = _line(text), _word(text)
    percent = b"".join(b"%%%02X" % octet for octet in text.encode("utf-8", "surrogatepass")[:300])
    quoted = x.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b"\r\n".join(
        [
            b"Received: from " + x + b" (" + x + b" [192.0.2.9]) by " + x + b" with " + x + b" id " + x + b" for <" + x + b">;"
            b" Sun, 22 Nov 2026 10:59:00 +0100 (" + x + b")",
            b"Received: from mx.empresa.example ([192.0.2.7]) by mx.receptor.example with " + x + b"; " + x,
            b"Authentication-Results: " + x + b"; spf=" + x + b" smtp.mailfrom=" + x + b"; dkim=fail reason=\"" + quoted
            + b'" header.d=' + x + b" (" + x + b"); " + x + b"=pass",
            b"Authentication-Results: mx.receptor.example; dkim=fail (" + x + b") header.i=@" + x + b"; dmarc=fail action=" + x,
            b"Received-SPF: fail (" + x + b") client-ip=192.0.2.9; helo=" + x + b"; envelope-from=" + x,
            b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=" + x + b"; s=" + x + b"; b=AAAA; " + x + b"=" + x,
            b"ARC-Message-Signature: i=1; a=" + x + b"; d=" + x + b"; s=" + x + b"; h=" + x + b"; bh=AAAA; b=AAAA",
            b"ARC-Authentication-Results: i=1; " + x + b"; dkim=pass (" + x + b")",
            (SIGNATURE % 1).replace(b"AAA=", b"AAA=; " + x + b"=" + x + b"; z=" + x).rstrip(),
            b"DKIM-Signature: v=1; a=" + x + b"; d=" + x + b"; s=" + x + b"; i=@" + x + b"; h=from:" + x + b"; bh=" + x + b"; b=" + x,
            b"Return-Path: <" + x + b"@empresa.example>",
            b'From: "' + quoted + b'" <facturas@empresa.example>',
            b"Sender: " + w + b" <" + x + b"@" + x + b">",
            b"Reply-To: " + x + b" <x@otra.example>, " + w + b" <y@" + x + b">",
            b'To: "' + quoted + b'" <cliente@receptor.example>, ' + x + b": a@" + x + b";",
            b"Cc: (" + x + b') "' + quoted + b'"@c.example',
            b"Subject: " + w + b" " + x,
            b"Date: " + x + b" Sun, 22 Nov 2026 11:00:00 +0100 (" + x + b")",
            b"Message-ID: <" + x + b"@" + x + b">",
            b"References: <" + x + b"> " + x,
            b"List-Unsubscribe: <https://" + x + b">, <mailto:" + x + b">, <javascript:" + x + b">",
            b"List-Unsubscribe-Post: " + x,
            b"List-Id: " + x + b" <" + x + b">",
            b"Precedence: " + x,
            b"X-Mailer: " + x,
            b"X-Spam-Status: Yes, score=9.1 required=5.0 tests=" + x + b",HTML_MESSAGE version=" + x,
            b"X-Spam-Report: * 1.0 " + x + b" " + x,
            b"X-Spamd-Result: default: False [9.1 / 15.0]; " + x + b"(1.00)[" + x + b"]; R_SPF_FAIL(1.00)[" + x + b"]",
            b"X-Forefront-Antispam-Report: CIP:192.0.2.9;SFV:" + x + b";" + x + b":" + x,
            b"X-Microsoft-Antispam: BCL:9;" + x,
            b"Autocrypt: addr=" + x + b"; keydata=" + x,
            x + b": " + x,
            x,
            b"X-Bad-" + x[:20] + b" : " + x,
            b"MIME-Version: 1.0 (" + x + b")",
            b'Content-Type: multipart/mixed; boundary="b"; ' + x + b'="' + quoted + b"\"; x*=utf-8''" + percent,
            b"Content-Transfer-Encoding: " + x,
            b"",
            b"",
        ]
    )  # fmt: skip


def _zip(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(text.encode("utf-8", "replace").decode()[:200] + ".exe", b"MZ")
        archive.comment = _line(text)[:200]
    return held.getvalue()


def _pdf(text: str) -> bytes:
    x = _line(text).replace(b"(", b"\\(").replace(b")", b"\\)")
    return (
        b"%PDF-1.7\n1 0 obj <</Type /Catalog /Title (" + x + b") /OpenAction 2 0 R>> endobj\n2 0 obj <</JS (" + x + b")"
        b" /S /JavaScript>> endobj\n3 0 obj <</Type /EmbeddedFile /F ("
        + x
        + b") /UF ("
        + x
        + b".exe)>> endobj\n%%EOF\n"
    )


def _letter(text: str) -> bytes:
    """The words of an invoice, with the hostile text where its facts stand."""
    x = text.encode("utf-8", "surrogatepass").replace(b"\r", b"")
    return (
        b"Hola, " + x + b":\r\n\r\nAdjuntamos la factura n\xc3\xbamero " + x + b" de fecha " + x + b" por importe de " + x + b" EUR, "
        b"que vence el " + x + b".\r\nHemos cambiado de cuenta: IBAN ES00 0000 0000 0000 0000 0000 " + x + b"\r\n{{" + x + b"}} "
        b"https://" + x + b" http://" + x + b".evil.example/" + x + b"\r\n" + x + b"\r\n"
    )  # fmt: skip


def _html(text: str) -> bytes:
    x = text.encode("utf-8", "surrogatepass")
    quoted = x.replace(b'"', b"&quot;")
    return (
        b"<html><head><title>" + x + b"</title><style>." + x + b"{display:none}</style><base href=\"" + quoted + b'"></head>'
        b"<body><p>" + x + b'</p><a href="http://' + quoted + b'">' + x + b'</a><a href="https://evil.example/' + quoted + b'">'
        b'www.empresa.example</a><img src="' + quoted + b'" alt="' + quoted + b'"><form action="' + quoted + b'"><input name="'
        + quoted + b'"></form><div style="display:none;' + quoted + b'">' + x * 3 + b"</div><script>" + x + b"</script>"
        b"<iframe src=\"" + quoted + b'"></iframe><!-- ' + x + b" --></body></html>"
    )  # fmt: skip


def _part(kind: bytes, octets: bytes, name: bytes = b"", encoding: bytes = b"base64") -> bytes:
    body = base64.encodebytes(octets).replace(b"\n", b"\r\n") if encoding == b"base64" else octets
    head = b"--b\r\nContent-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n"
    if name:
        head += b'Content-Disposition: attachment; filename="' + name + b'"\r\n'
    return head + b"\r\n" + body + b"\r\n"


def hostile_mail(text: str) -> bytes:
    """The mail. Its structure holds; everything in it is the text."""
    x = _line(text).replace(b'"', b"'")[:200]
    return (
        _header(text)
        + b"".join(
            [
                _line(text) + b"\r\n",  # the preamble
                _part(b'text/plain; charset="utf-8"', _letter(text)),
                _part(b'text/plain; charset="' + x + b'"', _letter(text), encoding=b"8bit"),
                _part(b'text/html; charset="utf-8"', _html(text)),
                _part(b'application/zip; name="' + x + b'.zip"', _zip(text), x + b".zip"),
                _part(b'application/pdf; name="' + x + b'.pdf"', _pdf(text), x + b".pdf"),
                _part(b"application/octet-stream", b"MZ" + bytes(200), x + b".pdf.exe"),
                _part(b"text/" + x, _line(text), x, encoding=_line(text)),
                _part(b'application/xml; name="' + x + b'"', b"<Facturae>" + _line(text) + b"</Facturae>", x + b".xml"),
                _part(b"message/rfc822", _header(text)[:5000], encoding=b"8bit"),
                b"--b--\r\n" + _line(text) + b"\r\n",
            ]
        )
    )


class _Filter:
    """A filter that answers with the text."""

    def __init__(self, text: str, problem: str = "") -> None:
        self.text, self.problem = text, problem

    def judge(self, raw: bytes, envelope: Envelope) -> FilterVerdict:
        """The text as a verdict."""
        symbols = (FilterSymbol(self.text, 9.1, self.text, "HDR001"), FilterSymbol(self.text, -1.0, self.text))
        return FilterVerdict(self.text, 9.1, 5.0, self.text, () if self.problem else symbols, self.problem)


def hostile_report(text: str, **options: Any) -> dv.Report:
    """The whole audit of the mail, with answers of the DNS and of filters that say the same."""
    octets = text.encode("utf-8", "replace")
    source = dv.TableSource({"empresa.example/MX": ["10 mx.empresa.example."], "mx.empresa.example/A": ["192.0.2.9"]})
    for name, record in (
        ("empresa.example", b"v=spf1 include:" + octets + b" -all"),
        ("_dmarc.empresa.example", b"v=DMARC1; p=" + octets + b"; rua=mailto:" + octets),
        ("s1._domainkey.empresa.example", b"v=DKIM1; k=" + octets + b"; n=" + octets + b"; p=AAAA"),
    ):
        source._answers[name, "TXT"] = Found((split_strings(record),), 300)
        source._names.add(name)
    return dv.audit_message(
        hostile_mail(text),
        client_ip="192.0.2.9",
        mail_from=text,
        helo=text,
        name=text,
        source=source,
        filters=[_Filter(text), _Filter(text, text)],
        now=NOW,
        **options,
    )
