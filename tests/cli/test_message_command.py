"""`deliverability message` and `listen` from outside."""

from __future__ import annotations

import io
import json
import os
import re
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from deliverability.cli import main
from deliverability.core.limits import DEFAULT_LIMITS
from tests.support.inert import SGR, harmful
from tests.support.tls import Authority

MAIL = (
    "Received: from out.empresa.example (out.empresa.example [192.0.2.10])\r\n"
    "\tby mx.cliente.example with ESMTPS id 1; Sun, 22 Nov 2026 11:59:00 +0000\r\n"
    "From: Empresa SL <facturas@empresa.example>\r\n"
    "To: Ana <ana@cliente.example>\r\n"
    "Subject: =?UTF-8?Q?Factura_2026-0123_de_Empresa_=C3=91and=C3=BA?=\r\n"
    "Date: Sun, 22 Nov 2026 11:58:00 +0000\r\n"
    "Message-ID: <2026-0123.7c1f@empresa.example>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Adjuntamos la factura 2026-0123.\r\n"
)
ZONE = """
$ORIGIN empresa.example.
$TTL 3600
@ IN SOA ns1 hostmaster 2026112201 7200 900 1209600 3600
@ IN NS ns1
ns1 IN A 192.0.2.53
@ IN MX 10 mail
mail IN A 192.0.2.10
@ IN TXT "v=spf1 ip4:192.0.2.10 -all"
_dmarc IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@empresa.example"
"""


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def mail(tmp_path: Path) -> str:
    path = tmp_path / "factura.eml"
    path.write_bytes(MAIL.encode())
    return str(path)


@pytest.fixture
def zone(tmp_path: Path) -> str:
    path = tmp_path / "empresa.zone"
    path.write_text(ZONE)
    return str(path)


def test_a_file_is_audited_with_its_domain(mail: str, zone: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["message", mail, "--zone", zone, "--offline", "--mail-from", "facturas@empresa.example"])
    out = capsys.readouterr().out

    assert code == 1
    assert "factura.eml" in out
    assert "Factura 2026-0123 de Empresa Ñandú" in out
    assert re.search(r"SPF +pass +empresa\.example", out)
    assert "DKIM001" in out


def test_json_has_the_message(mail: str, zone: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["message", mail, "--zone", zone, "--offline", "--mail-from", "<facturas@empresa.example>", "-f", "json"])
    document = json.loads(capsys.readouterr().out)

    assert document["kind"] == "message"
    assert document["subject"] == "empresa.example"
    assert document["details"]["message"]["name"].endswith("factura.eml")
    assert document["details"]["authentication"]["spf"] == {"domain": "empresa.example", "result": "pass"}
    assert document["details"]["authentication"]["client_ip"] == "192.0.2.10"


def test_the_session_can_be_told(mail: str, zone: str, capsys: pytest.CaptureFixture[str]) -> None:
    session = ["--ip", "198.51.100.7", "--helo", "x.example", "--mail-from", "facturas@empresa.example"]
    main(["message", mail, "--zone", zone, "--offline", "-f", "json", *session])
    auth = json.loads(capsys.readouterr().out)["details"]["authentication"]

    assert (auth["client_ip"], auth["helo"], auth["spf"]["result"]) == ("198.51.100.7", "x.example", "fail")


def test_several_files_are_held_against_each_other(
    mail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again.eml"
    again.write_bytes(Path(mail).read_bytes().replace(b"Subject: ", b"Subject: Recordatorio ", 1))
    main(["message", mail, str(again), mail, "--offline", "--message-only", "-f", "json", "--select", "HDR013"])
    documents = json.loads(capsys.readouterr().out)

    assert [d["details"]["message"]["name"] for d in documents] == ["factura.eml", "again.eml"]
    assert [f["args"]["others"] for d in documents for f in d["findings"]] == ["again.eml", "factura.eml"]


def test_standard_input_is_a_file_too(
    zone: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAIL.encode())))

    main(["message", "-", "--zone", zone, "--offline", "--message-only", "-q"])

    assert "stdin" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: FILE"),
        (["nowhere.eml"], "cannot be read"),
        (["{mail}", "--class", "marketin"], "did you mean"),
        (["{mail}", "--ip", "1.2.3"], "is not an IP address"),
        (["{mail}", "--spamassassin", "host:x"], "is no spamd"),
        (["{mail}", "--rspamd", "host"], "is no rspamd"),
    ],
)
def test_wrong_use(arguments: list[str], words: str, mail: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["message", *(a.format(mail=mail) for a in arguments)])
    err = capsys.readouterr().err

    assert code == 2
    assert words in err
    assert err.count("\n") == 1


def test_what_a_mail_holds_never_reaches_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;x\x07\x1b[31m\u202e\u0085[red]"
    path = tmp_path / "evil.eml"
    path.write_bytes(
        f"Received: from {evil} by {evil}; {evil}\r\nAuthentication-Results: {evil}; spf={evil}\r\n"
        f"From: {evil} <a{evil}@empresa.example>\r\nTo: {evil}\r\nSubject: {evil}\r\nX-{evil}: {evil}\r\n"
        f'DKIM-Signature: v=1; d={evil}; s={evil}; b={evil}\r\nContent-Type: text/html; name="{evil}"\r\n\r\n{evil}'
        "".encode()
    )

    main(["message", str(path), "--offline", "-v", "--color", "always"])

    assert harmful(SGR.sub("", capsys.readouterr().out)) == []


def test_a_mail_past_the_limit_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.eml"
    with path.open("wb") as file:
        file.write(MAIL.encode())
        file.truncate(DEFAULT_LIMITS.message_octets + 1_000_000)

    code = main(["message", str(path), "--offline", "--message-only"])

    assert code == 1
    assert "MIME008" in capsys.readouterr().out


class Listening:
    """`deliverability listen` in a process of its own."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        command = [sys.executable, "-m", "deliverability", "listen", "--port", "0", "--lang", "en", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, encoding="utf-8"
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        found = re.search(r"port ([0-9]+);", line)
        assert found, line
        self.port = int(found[1])

    def finish(self) -> tuple[int, str]:
        with self.process:
            out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, out


UNSENT = MAIL[MAIL.index("From:") :]


def test_listen_audits_one_mail_and_ends_with_the_gates_code(tmp_path: Path) -> None:
    sink = Listening("--once", "--offline", "--message-only", "-f", "json", "--keep", "kept", folder=tmp_path)
    with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="localhost", timeout=20) as client:
        client.sendmail("facturas@empresa.example", ["ana@cliente.example"], UNSENT.encode())
    code, out = sink.finish()

    document = json.loads(out)
    assert code == document["exit_code"]
    assert document["details"]["message"]["stage"] == "submitted"
    assert document["details"]["authentication"]["mail_from"] == "facturas@empresa.example"
    assert document["details"]["authentication"]["helo"] == "localhost"
    assert {f["code"] for f in document["findings"]} >= {"DNS005"}
    assert not {f["code"] for f in document["findings"]} & {"DKIM001", "DMARC031", "TLS002"}
    assert (tmp_path / "kept" / "mail-0001.eml").read_bytes() == UNSENT.encode()


def test_listen_holds_a_mail_against_those_before_it(tmp_path: Path) -> None:
    sink = Listening(
        "--count", "2", "--offline", "--message-only", "-f", "jsonl", "--select", "HDR013", folder=tmp_path
    )
    with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="localhost", timeout=20) as client:
        for subject in ("Factura 1", "Factura 2"):
            mail = UNSENT.replace("Subject: ", f"Subject: {subject} ", 1)
            client.sendmail("facturas@empresa.example", ["ana@cliente.example"], mail.encode())
    _, out = sink.finish()

    found = [[f["args"]["others"] for f in json.loads(line)["findings"]] for line in out.splitlines()]
    assert found == [[], ["mail-0001.eml"]]


def test_listen_offers_starttls_and_any_password_will_do(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.server("localhost")  # writes certificate and key into one file
    (certificate,) = tmp_path.glob("localhost*.pem")
    sink = Listening(
        "--count", "2", "--offline", "--message-only", "-q", "--tls-certificate", str(certificate),
        folder=tmp_path,
    )  # fmt: skip
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=20) as client:
            client._host = "localhost"  # type: ignore[attr-defined] - the name the certificate is for
            client.starttls(context=authority.client)
            client.login("facturacion", "secreto-que-no-se-guarda")
            client.sendmail("facturas@empresa.example", ["ana@cliente.example"], UNSENT.encode())
    _, out = sink.finish()

    assert out.count("Will this mail be believed?") == 2
    assert "secreto" not in out
    assert not any(b"secreto" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_listen_ends_when_nobody_comes(tmp_path: Path) -> None:
    sink = Listening("--wait", "1", "--offline", folder=tmp_path)

    assert sink.finish() == (4, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--count", "0"), "--count: indique un número entero, como mínimo 1"),
        (("--count", "-3"), "--count: indique un número entero, como mínimo 1"),
        (("--wait", "0"), "--wait: indique segundos, más de 0"),
        (("--wait", "nan"), "--wait: indique segundos, más de 0"),
    ],
)
def test_listen_for_nothing_is_wrong_use(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["listen", "--port", "0", *arguments, "--lang", "es"]) == 2
    assert says in capsys.readouterr().err


def test_listen_says_that_the_port_is_taken(tmp_path: Path) -> None:
    sink = Listening("--wait", "20", "--offline", folder=tmp_path)
    try:
        second = subprocess.run(
            [sys.executable, "-m", "deliverability", "listen", "--port", str(sink.port), "--once", "--offline"],
            capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False,
        )  # fmt: skip
    finally:
        sink.process.kill()
        sink.finish()

    assert second.returncode == 2
    assert "--port" in second.stderr
    assert second.stderr.count("\n") == 1
