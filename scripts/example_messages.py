"""Write examples/messages: a good invoice, one with the ten usual mistakes, and a reminder.

python scripts/example_messages.py            write the three mails
python scripts/example_messages.py --check    exit 1 when they are not what would be written

The good invoice and the reminder are signed with the key of the tests (tests/support/signing_keys.toml), which everybody
has: it signs nothing but these. Its public half is published in examples/after under the selector `muestra2026`. The
mistakes of the third mail are numbered where they are made.
"""

from __future__ import annotations

import base64
import quopri
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.signing import sign  # noqa: E402 - the key of the tests

FOLDER = ROOT / "examples" / "messages"
DOMAIN = "talleres-soler.example"
SELECTOR = "muestra2026"
INVOICE_ID = "<20261120.0930.F-2026-0123@talleres-soler.example>"

#: Each field that a forger would add a second of is named once more than the mail has it (RFC 6376 §8.15).
SIGNED = (
    "from", "from", "to", "to", "subject", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "cc", "mime-version",
    "content-type",
)  # fmt: skip

INVOICE_TEXT = """\
Estimada Sra. Ruiz:

Le adjuntamos la factura nº F-2026/0123, de fecha 20/11/2026, por la revisión de su furgoneta.

Base imponible: 1.020,30 €
IVA (21 %): 214,26 €
Total: 1.234,56 €
Vencimiento: 20/12/2026
Forma de pago: transferencia al IBAN ES91 2100 0418 4502 0005 1332

Si tiene alguna duda, responda a este correo o llámenos al 960 123 456.

Un saludo,

Talleres Soler, S. L. - NIF B12345674
Calle Mayor, 12, 46001 Valencia - Tel. 960 123 456
https://www.talleres-soler.example
"""

REMINDER_TEXT = """\
Estimada Sra. Ruiz:

Le recordamos que la factura nº F-2026/0123, de fecha 20/11/2026, venció el 20/12/2026 y sigue pendiente de pago.

Importe pendiente: 1.234,56 €
Forma de pago: transferencia al IBAN ES91 2100 0418 4502 0005 1332

Le adjuntamos de nuevo la factura. Si ya la ha pagado, no tenga en cuenta este mensaje. Si hay algún problema, responda a
este correo y lo vemos.

Un saludo,

Talleres Soler, S. L. - NIF B12345674
Calle Mayor, 12, 46001 Valencia - Tel. 960 123 456
https://www.talleres-soler.example
"""

#: 4: a placeholder that nobody filled in. 5: a link that shows one domain and leads to another, without encryption, to
#: pay. 6: a shortened link. 7: "hemos cambiado de cuenta", and 8: an IBAN with two digits swapped.
#: 9: neither number nor amount nor due date. 10: nobody signs.
MISTAKES_HTML = """\
<html><body>
<p>Hola {{nombre_cliente}}:</p>
<p>Adjunto encontrará su factura. Hemos cambiado de cuenta bancaria: ES91 2100 0418 4502 0005 1323.</p>
<p><a href="http://cobros-rapidos.example/pagar?id=123">www.talleres-soler.example/pagar</a></p>
<p><a href="https://bit.ly/3abcXYZ">Más información</a></p>
</body></html>
"""


def pdf(lines: list[str]) -> bytes:
    """One page of text as a PDF 1.4 file, built by hand."""
    shown = "\n".join(f"({line.replace('(', '').replace(')', '')}) Tj T*" for line in lines)
    stream = b"BT /F1 12 Tf 16 TL 72 770 Td\n" + shown.encode("cp1252") + b"\nET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


INVOICE_PDF = pdf(
    [
        "Talleres Soler, S. L.",
        "NIF B12345674 - Calle Mayor, 12, 46001 Valencia",
        "",
        "Factura F-2026/0123",
        "Fecha: 20/11/2026   Vencimiento: 20/12/2026",
        "Cliente: Marta Ruiz",
        "",
        "Revisión de la furgoneta 4521 KLM      1.020,30 €",
        "IVA 21 %                                 214,26 €",
        "Total                                  1.234,56 €",
    ]
)


def _html(text: str) -> str:
    paragraphs = "\n".join(f"<p>{block.strip().replace(chr(10), '<br>' + chr(10))}</p>" for block in text.split("\n\n"))
    site = "https://www.talleres-soler.example"
    body = paragraphs.replace(site, f'<a href="{site}">{site}</a>')
    return (
        f'<!DOCTYPE html>\n<html lang="es"><head><title>Talleres Soler</title></head><body>\n{body}\n</body></html>\n'
    )


def _text_part(subtype: str, text: str) -> str:
    encoded = quopri.encodestring(text.encode("utf-8")).decode("ascii")
    return f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{encoded.rstrip(chr(10))}\n"


def _pdf_part(content_type: str, name: str) -> str:
    encoded = base64.encodebytes(INVOICE_PDF).decode("ascii")
    return (
        f'Content-Type: {content_type}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{encoded}'
    )


def _mail(headers: str, text: str, mark: str) -> bytes:
    """A mail with text, HTML and the PDF, as the billing program hands it over."""
    mixed, alternative = f"=_{mark}_mixed", f"=_{mark}_alternative"
    body = (
        f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{mixed}"\n\n--{mixed}\n'
        f'Content-Type: multipart/alternative; boundary="{alternative}"\n\n'
        f"--{alternative}\n{_text_part('plain', text)}--{alternative}\n{_text_part('html', _html(text))}--{alternative}--\n\n"
        f"--{mixed}\n{_pdf_part('application/pdf', 'Factura_F-2026-0123_Talleres-Soler.pdf')}--{mixed}--\n"
    )
    return (headers + body).replace("\n", "\r\n").encode("ascii")


def _delivered(raw: bytes, day: str, identifier: str) -> bytes:
    """What the customer's server puts on top when it takes the mail from the company's."""
    trace = (
        f"Return-Path: <facturas@{DOMAIN}>\n"
        f"Received: from facturacion.{DOMAIN} (facturacion.{DOMAIN} [192.0.2.25])\n"
        "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
        f"\tby mx.cliente.example (Postfix) with ESMTPS id {identifier}\n"
        f"\tfor <administracion@cliente.example>; {day}\n"
    )
    return trace.replace("\n", "\r\n").encode("ascii") + raw


def good_invoice() -> bytes:
    """Signed, aligned, complete."""
    headers = (
        f'From: "Talleres Soler" <facturas@{DOMAIN}>\n'
        'To: "Marta Ruiz" <administracion@cliente.example>\n'
        "Subject: Factura F-2026/0123 de Talleres Soler\n"
        "Date: Fri, 20 Nov 2026 09:30:00 +0100\n"
        f"Message-ID: {INVOICE_ID}\n"
        "Auto-Submitted: auto-generated\n"
    )
    signed = sign(_mail(headers, INVOICE_TEXT, "factura0123"), domain=DOMAIN, selector=SELECTOR, headers=SIGNED)
    return _delivered(signed, "Fri, 20 Nov 2026 09:30:02 +0100 (CET)", "4XvT2q1Zz9z3K")


def reminder() -> bytes:
    """In the thread of its invoice, with number, amount, date and the PDF again."""
    headers = (
        f'From: "Talleres Soler" <facturas@{DOMAIN}>\n'
        'To: "Marta Ruiz" <administracion@cliente.example>\n'
        "Subject: Recordatorio: factura F-2026/0123 de Talleres Soler\n"
        "Date: Tue, 22 Dec 2026 09:30:00 +0100\n"
        "Message-ID: <20261222.0930.F-2026-0123.r1@talleres-soler.example>\n"
        "Auto-Submitted: auto-generated\n"
        f"In-Reply-To: {INVOICE_ID}\nReferences: {INVOICE_ID}\n"
    )
    signed = sign(_mail(headers, REMINDER_TEXT, "recordatorio0123"), domain=DOMAIN, selector=SELECTOR, headers=SIGNED)
    return _delivered(signed, "Tue, 22 Dec 2026 09:30:03 +0100 (CET)", "4Yb7Wm2Rr8z3K")


def ten_mistakes() -> bytes:
    """What goes wrong most often, all in one mail; it is not signed either."""
    boundary = "=_facturas_v1"
    headers = (
        f"From: noreply@{DOMAIN}\n"  # 1: nobody can answer
        "To: administracion@cliente.example\n"
        "Subject: FACTURA URGENTE!!!\n"  # 2: capitals and exclamation marks
        "Date: Fri, 20 Nov 2026 09:31:00 +0100\n"
        "Message-ID: <1763627460.1@talleres-soler.example>\n"
        f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{boundary}"\n\n'
    )
    # HTML without text, and 3: the PDF as octets under a name that says nothing.
    body = (
        f"--{boundary}\n{_text_part('html', MISTAKES_HTML)}"
        f"--{boundary}\n{_pdf_part('application/octet-stream', 'documento.pdf')}--{boundary}--\n"
    )
    raw = (headers + body).replace("\n", "\r\n").encode("ascii")
    return _delivered(raw, "Fri, 20 Nov 2026 09:31:02 +0100 (CET)", "4XvT3k5Qq2z3K")


MAILS = {
    "factura.eml": good_invoice,
    "factura-con-diez-errores.eml": ten_mistakes,
    "recordatorio.eml": reminder,
}


def main(arguments: list[str]) -> int:
    """Write the mails, or with --check say which differ."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = [name for name, build in MAILS.items() if not _same(FOLDER / name, build())]
    if "--check" in arguments:
        for name in stale:
            print(f"examples/messages/{name} is not fresh; run python scripts/example_messages.py", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (FOLDER / name).write_bytes(MAILS[name]())
    return 0


def _same(path: Path, octets: bytes) -> bool:
    return path.exists() and path.read_bytes() == octets


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
