"""The forms in which mail programs send what is right: no MIME rule has anything to say about them."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import UTC, datetime

import pytest

from deliverability.audits.message import audit_message_plan
from deliverability.core.facts import RawMessage
from deliverability.core.plan import solve
from deliverability.sources.table import TableSource

HEAD = (
    "From: Facturas <facturas@empresa.example>\nTo: cliente@receptor.example\nSubject: Factura 42\n"
    "Date: Sun, 22 Nov 2026 11:00:00 +0100\nMessage-ID: <1@empresa.example>\nMIME-Version: 1.0\n"
)
PDF = base64.encodebytes(b"%PDF-1.7\n1 0 obj << /OpenAction [1 0 R /Fit] >>\n%%EOF\n").decode()
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAAAAgABVKJPXQAAAABJRU5ErkJggg==\n"
TEXT = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nLe adjuntamos la factura 42 de noviembre.\n"
HTML = 'Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>Le adjuntamos la factura 42 de noviembre.<img src=3D"cid:logo@e"></p>\n'
BARE_HTML = HTML.replace('<img src=3D"cid:logo@e">', "")


def multi(kind: str, boundary: str, *parts: str, more: str = "") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\n\n{body}--{boundary}--\n'


def attached(content_type: str, name: str, body: str, more: str = "") -> str:
    return (
        f'Content-Type: {content_type}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n{more}'
        f"Content-Transfer-Encoding: base64\n\n{body}"
    )


def b64(octets: bytes) -> str:
    return base64.encodebytes(octets).decode()


def xlsx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"):
            archive.writestr(name, "<a/>")
    return out.getvalue()


LOGO = f'Content-Type: image/png; name="image001.png"\nContent-Description: image001.png\nContent-Disposition: inline; filename="image001.png"; size=70\nContent-ID: <logo@e>\nContent-Transfer-Encoding: base64\n\n{PNG}'
ALTERNATIVE = multi("alternative", "a", TEXT, BARE_HTML)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FACTURAE = b'<?xml version="1.0" encoding="UTF-8"?>\n<fe:Facturae xmlns:fe="http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"/>'
INVITATION = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"

FORMS = {
    "Gmail: alternatives and a file with a Content-ID": multi(
        "mixed", "m", ALTERNATIVE, attached("application/pdf", "factura.pdf", PDF, "Content-ID: <f_lx1>\nX-Attachment-Id: f_lx1\n")
    ),
    "Outlook: a picture in the HTML, and a file": multi(
        "mixed", "m", multi("related", "r", multi("alternative", "a", TEXT, HTML), LOGO), attached("application/pdf", "factura.pdf", PDF)
    ),
    "Apple Mail: the file between two pieces of HTML": multi(
        "alternative",
        "a",
        TEXT,
        multi(
            "mixed",
            "m",
            BARE_HTML,
            f"Content-Disposition: inline; filename=factura.pdf\nContent-Type: application/pdf; name=\"factura.pdf\"\nContent-Transfer-Encoding: base64\n\n{PDF}",
            "Content-Type: text/html; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n<p>Un saludo</p>\n",
        ),
    ),
    "an invitation": multi(
        "mixed",
        "m",
        multi("alternative", "a", TEXT, BARE_HTML, f"Content-Type: text/calendar; charset=utf-8; method=REQUEST\nContent-Transfer-Encoding: base64\n\n{b64(INVITATION)}"),
        attached("application/ics", "invite.ics", b64(INVITATION)),
    ),
    "a Facturae with its PDF": multi(
        "mixed", "m", ALTERNATIVE, attached("application/pdf", "factura.pdf", PDF), attached("text/xml", "factura.xsig", b64(FACTURAE))
    ),
    "a spreadsheet": multi("mixed", "m", ALTERNATIVE, attached(EXCEL, "facturas.xlsx", b64(xlsx()))),
    "a forwarded mail": multi("mixed", "m", ALTERNATIVE, f"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n{HEAD}{TEXT}"),
    "a mailing list with its footer": multi("mixed", "m", TEXT, 'Content-Type: text/plain; charset="us-ascii"\nContent-Disposition: inline\n\nLista de correo\n'),
    "a bounce": multi(
        "report", "r", TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.receptor.example\n\nFinal-Recipient: rfc822; a@receptor.example\nAction: failed\n",
        f"Content-Type: text/rfc822-headers\n\n{HEAD}",
        more="; report-type=delivery-status",
    ),
    "signed with PGP": multi(
        "signed", "s", TEXT,
        'Content-Type: application/pgp-signature; name="signature.asc"\nContent-Description: OpenPGP digital signature\n\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n',
        more='; protocol="application/pgp-signature"; micalg=pgp-sha256',
    ),
    "a plain text": TEXT,
    "AMP beside text and HTML": multi("alternative", "a", TEXT, "Content-Type: text/x-amp-html; charset=utf-8\n\n<!doctype html><html amp4email></html>\n", BARE_HTML),
    "accents in the name, in both forms": multi(
        "mixed", "m", ALTERNATIVE,
        f"Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"facturacion.pdf\";\n filename*=UTF-8''facturaci%C3%B3n.pdf\nContent-Transfer-Encoding: base64\n\n{PDF}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_no_rule_cries_wolf(name: str) -> None:
    raw = (HEAD + FORMS[name]).replace("\n", "\r\n").encode()
    plan = audit_message_plan(RawMessage(raw, len(raw)), now=datetime(2026, 11, 22, 12, tzinfo=UTC), domain=False)
    report = solve(plan, TableSource({}))

    assert not [(f.code, f.text("en")) for f in report.findings if f.code.startswith("MIME")]
