"""Whole mails as they are met in practice, and everything that an audit says of them: tests/message_scenarios/*.toml.

    [[scenario]]
    name = "good invoice"                # unique
    message = "From: …"                  # its lines ended with CRLF; @pdf@ … are attachments in base64 (FILES below)
    sign = [{ domain = "empresa.example" }]    # as in tests/test_cases.py; also charset, replace, append, lf, sending
    bare = true                          # header lines beyond ASCII as they stand, not as encoded words
    from_ip = "198.51.100.130"           # then the receiver's Return-Path and Received are put on top, believed;
    helo = "mail.empresa.example"        # without it the message was not sent yet
    mail_from = "facturas@empresa.example"
    on_the_way = "Received: …"           # header fields that stand between those and the signatures
    errors = []                          # every code found as an error, sorted, one entry for each finding
    warnings = []                        # the same for warnings
    consequences = []                    # the same for errors and warnings that another finding explains; default none
    main = "DMARC031"                    # the finding that the report names first
    must = []                            # codes that have to be found, whatever their severity
    must_not = []                        # codes that may not be found
    score = [90, 100]                    # least and most that it may come to
    [scenario.answers]                   # over those of world.toml

The providers' roll-ups (PROV) repeat what others found and are left out of `errors` and `warnings`.
"""

from __future__ import annotations

import base64
import io
import re
import tomllib
import zipfile
import zlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.facts import Receiving
from deliverability.render.verdict import main_finding
from scripts.example_messages import INVOICE_PDF
from tests.support.cases import sending_of
from tests.support.signing import public_key, sign_case
from tests.test_scenarios import WORLD as PROVIDERS
from tests.test_scenarios import _with_keys as with_keys

FOLDER = Path(__file__).parent / "message_scenarios"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORLD = tomllib.loads((FOLDER / "world.toml").read_text("utf-8"))
SCENARIOS = [
    pytest.param(scenario, id=f"{path.stem}-{scenario['name']}")
    for path in sorted(FOLDER.glob("*.toml"))
    if path.name != "world.toml"
    for scenario in tomllib.loads(path.read_text("utf-8"))["scenario"]
]
ROLL_UPS = "PROV"


def _zip(name: str, content: bytes, *, encrypted: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 9, 30, 0)), content)
    made = bytearray(out.getvalue())
    if encrypted:
        made[6] |= 1  # the flag "encrypted" of the entry itself, and of the directory
        made[made.find(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (40).to_bytes(4, "big") + (10).to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 41 * 10))
        + chunk(b"IEND", b"")
    )


FACTURAE = b"""<?xml version="1.0" encoding="UTF-8"?>
<fe:Facturae xmlns:fe="http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml">
<FileHeader><SchemaVersion>3.2.2</SchemaVersion><Modality>I</Modality></FileHeader>
<Invoices><Invoice><InvoiceHeader><InvoiceNumber>F-2026-0123</InvoiceNumber></InvoiceHeader></Invoice></Invoices>
</fe:Facturae>
"""
UBL = b"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>F-2026-0123</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate><cbc:DueDate>2026-12-20</cbc:DueDate>
</Invoice>
"""
CFDI = b"""<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Folio="1523" Total="11600.00" Moneda="MXN">
<cfdi:Emisor Rfc="EKU9003173C9" Nombre="EMPRESA"/></cfdi:Comprobante>
"""
COLOMBIA = b"""<?xml version="1.0" encoding="UTF-8"?>
<AttachedDocument xmlns="urn:oasis:names:specification:ubl:schema:xsd:AttachedDocument-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>SETP990000001</cbc:ID></AttachedDocument>
"""
PAGE = b"<html><body><form action='https://correo-acceso.example/login'><input type='password' name='p'></form></body></html>"
TNEF = (
    b"\x78\x9f\x3e\x22\x01\x00\x01\x06\x90\x08\x00\x04\x00\x00\x00\x00\x00\x01\x00\x01\x00\x01\x07\x90\x06\x00\x08\x00"
)
PKCS7 = bytes.fromhex("30820100060 92a864886f70d010702a081f2".replace(" ", "")) + b"\x30\x00" * 120
#: What a message calls by name, as base64 in lines of 76.
FILES = {
    "pdf": INVOICE_PDF,
    "facturae": FACTURAE,
    "ubl": UBL,
    "cfdi": CFDI,
    "colombia": _zip("ad0900123456.xml", COLOMBIA),
    "zip": _zip("factura.pdf", INVOICE_PDF),
    "locked": _zip("factura.pdf", INVOICE_PDF, encrypted=True),
    "script": _zip("factura.pdf.js", b"WScript.Echo(1)"),
    "page": PAGE,
    "tnef": TNEF,
    "pkcs7": PKCS7,
    "png": _png(),
}


@cache
def _base64(name: str) -> str:
    return base64.encodebytes(FILES[name]).decode("ascii").rstrip()


def built(scenario: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """The octets of the message as the receiver has them, and every answer."""
    text = scenario["message"]
    for _ in range(3):  # pieces stand in pieces
        for name, piece in WORLD["texts"].items():
            text = text.replace(f"@{name}@", piece.strip("\n"))
    for name in FILES:
        text = text.replace(f"@{name}@", _base64(name)) if f"@{name}@" in text else text
    charset = scenario.get("charset", "utf-8")
    text = text if scenario.get("bare") else _encoded(text)
    raw, keys = sign_case(_octets(text, charset), scenario.get("sign", []))
    for pair in scenario.get("replace", []):
        old, new = (_octets(text if scenario.get("bare") else _words(text), charset) for text in pair)
        assert old in raw
        raw = raw.replace(old, new)
    raw = _octets(scenario.get("on_the_way", ""), charset) + raw + _octets(scenario.get("append", ""), charset)
    raw = _trace(scenario) + raw
    answers = {**PROVIDERS["answers"], **WORLD["answers"], **keys, **scenario.get("answers", {})}
    return raw.replace(b"\r\n", b"\n") if scenario.get("lf") else raw, {k: _published(v) for k, v in answers.items()}


def _published(value: Any) -> Any:
    """The keys of the domain scenarios, and the one that signs, put into the answers."""
    if isinstance(value, list):
        return [_published(item) for item in value]
    return with_keys(value.replace("{rsa2048}", public_key())) if isinstance(value, str) else value


def _encoded(text: str) -> str:
    """The header block with the words beyond ASCII as encoded words, as every mail program writes them."""
    head, blank, body = text.partition("\n\n")
    return _words(head) + blank + body


def _words(text: str) -> str:
    return re.sub(r'"[^"\n]*[^\x00-\x7f][^"\n]*"|[^\s"<>,;]*[^\x00-\x7f][^\s"<>,;]*', _word, text)


def _word(match: re.Match[str]) -> str:
    octets = match[0].strip('"').encode("utf-8")
    shown = "".join(chr(o) if chr(o).isalnum() and o < 128 else "_" if o == 32 else f"={o:02X}" for o in octets)
    return f"=?UTF-8?Q?{shown}?="


def _trace(scenario: dict[str, Any]) -> bytes:
    if "from_ip" not in scenario:
        return b""
    ip, helo = scenario["from_ip"], scenario["helo"]
    found = helo if ".example" in helo or ".com" in helo or ".net" in helo else "unknown"
    return _octets(
        f"Return-Path: <{scenario['mail_from']}>\n"
        f"Received: from {helo} ({found} [{ip}])\n"
        "\tby mx.cliente.example (Postfix) with ESMTPS id 4XyZ12abcd\n"
        "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
        "\tfor <compras@cliente.example>; Sun, 22 Nov 2026 10:00:05 +0100\n",
        "utf-8",
    )


def _octets(text: str, charset: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset)


def audit(scenario: dict[str, Any]) -> dv.Report:
    raw, answers = built(scenario)
    return dv.audit_message(
        raw,
        source=dv.TableSource(answers),
        now=NOW,
        name=scenario.get("file", ""),
        receiving=Receiving(boundary_hosts=("mx.cliente.example",), authserv_ids=("mx.cliente.example",)),
        profile=dv.Profile(sending=sending_of(scenario.get("sending", {}))),
    )


def codes(report: dv.Report, severity: dv.Severity) -> list[str]:
    """What was found at that severity and is explained by nothing else."""
    return sorted(f.code for f in _own(report) if f.severity is severity and not f.consequence_of)


def consequences(report: dv.Report) -> list[str]:
    return sorted(f.code for f in _own(report) if f.severity is not dv.Severity.INFO and f.consequence_of)


def _own(report: dv.Report) -> list[dv.Finding]:
    return [f for f in report.findings if not f.code.startswith(ROLL_UPS)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: dict[str, Any]) -> None:
    report = audit(scenario)

    assert codes(report, dv.Severity.ERROR) == scenario["errors"]
    assert codes(report, dv.Severity.WARNING) == scenario["warnings"]
    assert consequences(report) == scenario.get("consequences", [])
    assert set(scenario.get("must", ())) <= report.codes()
    assert not set(scenario.get("must_not", ())) & report.codes()
    if scenario["errors"] or scenario["warnings"]:
        assert main_finding(report).code == scenario["main"]
    if "score" in scenario:
        least, most = scenario["score"]
        assert report.score.value is not None
        assert least <= report.score.value <= most


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_said_is_complete(scenario: dict[str, Any]) -> None:
    """Both languages have something to say with no placeholder left open, and each cause named is itself found."""
    report = audit(scenario)

    for finding in report.findings:
        assert not finding.consequence_of or finding.consequence_of in report.codes()
        for lang in ("en", "es"):
            for sentence in (finding.text(lang), finding.why(lang), finding.advice(lang)):
                assert sentence.strip()
                assert "None" not in sentence.split()
                assert "  " not in sentence
    for lang in ("en", "es"):
        assert report.render("terminal", lang=lang, verbose=True)
        assert report.render("json", lang=lang)


def test_names_are_unique() -> None:
    names = [param.values[0]["name"] for param in SCENARIOS]

    assert len(set(names)) == len(names) >= 40


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_record_lets_an_address_send_that_only_an_unauthenticated_mail_names(scenario: dict[str, Any]) -> None:
    """A forged mail would else talk its way into SPF, and a forwarder needs no place there."""
    if "from_ip" not in scenario:
        return
    added = [value for action in audit(scenario).actions for change in action.changes for value in change.add]

    assert not [value for value in added if scenario["from_ip"] in value]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_error_and_an_a_do_not_go_together(scenario: dict[str, Any]) -> None:
    """rules: with an error the letter is C at best; what nothing authenticates gets an F."""
    report = audit(scenario)

    if scenario["errors"]:
        assert report.score.grade not in ("A", "B")
    if {"DMARC031", "DMARC036", "DMARC037"} & report.codes():
        assert report.score.grade == "F"
