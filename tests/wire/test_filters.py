"""Real spam filters on loopback say what they think of a mail, and what goes wrong with them is told, not raised."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

import deliverability as dv
from deliverability.core.facts import Envelope
from deliverability.core.questions import Failed, FailureKind
from deliverability.filters.rspamd import Rspamd
from deliverability.filters.spamassassin import SpamAssassin
from deliverability.sources.guard import GUARD
from tests.support.spam_filters import free_port, running_rspamd, running_spamd

pytestmark = pytest.mark.wire

#: The string that every SpamAssassin calls spam, and rspamd too.
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
MAIL = (
    b"From: Empresa SL <facturas@empresa.example>\r\nTo: Ana <ana@cliente.example>\r\n"
    b"Subject: Factura 2026-0123 de Empresa SL\r\nDate: Sun, 22 Nov 2026 11:58:00 +0000\r\n"
    b"Message-ID: <2026-0123.7c1f@empresa.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nAdjuntamos la factura 2026-0123.\r\n"
)
SPAM = MAIL.replace(b"Adjuntamos", GTUBE + b"\r\nAdjuntamos")


@pytest.fixture(scope="module")
def spamd() -> Iterator[SpamAssassin]:
    with running_spamd() as port:
        yield SpamAssassin.at(f"127.0.0.1:{port}")


@pytest.fixture(scope="module")
def rspamd() -> Iterator[Rspamd]:
    with running_rspamd() as url:
        yield Rspamd.at(url)


def test_spamassassin_lets_a_plain_invoice_pass(spamd: SpamAssassin) -> None:
    verdict = spamd.judge(MAIL, Envelope())

    assert verdict.problem == ""
    assert verdict.threshold == 5.0
    assert verdict.is_spam is False
    assert verdict.action == "ham"


def test_spamassassin_names_the_rules_that_fired(spamd: SpamAssassin) -> None:
    verdict = spamd.judge(SPAM.replace(b"Date: Sun", b"X-Date: Sun"), Envelope())

    symbols = {symbol.name: symbol for symbol in verdict.symbols}
    assert verdict.is_spam is True
    assert symbols["GTUBE"].score == 1000
    assert symbols["MISSING_DATE"].code == "HDR009"
    assert sum(s.score for s in verdict.symbols) == pytest.approx(verdict.score, abs=0.2)


def test_rspamd_tells_symbols_and_action(rspamd: Rspamd) -> None:
    verdict = rspamd.judge(
        MAIL.replace(b"Message-ID", b"X-Id"), Envelope(ip_address("192.0.2.10"), "a@b.example", "mail.b.example")
    )

    symbols = {symbol.name: symbol for symbol in verdict.symbols}
    assert verdict.problem == ""
    assert verdict.is_spam is False
    assert symbols["MISSING_MID"].code == "HDR011"
    assert symbols["MISSING_MID"].score > 0


def test_rspamd_rejects_the_test_string(rspamd: Rspamd) -> None:
    assert rspamd.judge(SPAM, Envelope()).action == "reject"


def test_the_report_shows_their_verdicts(spamd: SpamAssassin, rspamd: Rspamd) -> None:
    report = dv.audit_message(SPAM, source=dv.OFFLINE, filters=(spamd, rspamd), domain=False)

    assert [verdict.system for verdict in report.details["filters"]] == ["SpamAssassin", "rspamd"]
    for lang in ("en", "es"):
        text = report.render(lang=lang)
        assert "GTUBE" in text
        assert "reject" in text


@pytest.mark.parametrize("name", ["SpamAssassin", "rspamd"])
def test_nobody_there_is_a_problem_and_no_verdict(name: str) -> None:
    port = free_port()
    asked = SpamAssassin.at(f"127.0.0.1:{port}") if name == "SpamAssassin" else Rspamd.at(f"http://127.0.0.1:{port}")

    verdict = asked.judge(MAIL, Envelope())

    assert verdict.problem
    assert verdict.score is None
    assert verdict.is_spam is None
    assert verdict.problem in dv.audit_message(MAIL, source=dv.OFFLINE, filters=(asked,), domain=False).render(
        width=200
    )


ANSWERS = [
    b"",
    b"\x00\xff" * 1000,
    b"SPAMD/1.1 76 Bad header line\r\n\r\n",
    b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1e999 / x\r\n\r\n",
    b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; --- / 5\r\n\r\n",
    b"SPAMD/1.1 0 EX_OK\r\n" + b"A" * 300_000,
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"score": NaN',
    b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
    b'HTTP/1.1 200 OK\r\n\r\n{"a":' + b"[" * 100_000,
    b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 2_000_000,
]


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
@pytest.mark.parametrize("name", ["SpamAssassin", "rspamd"])
def test_a_hostile_filter_is_a_problem(name: str, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer, args=(server, answer), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        asked = SpamAssassin("127.0.0.1", port, 5) if name == "SpamAssassin" else Rspamd(f"http://127.0.0.1:{port}/", 5)
        verdict = asked.judge(MAIL, Envelope())
        thread.join(10)

    assert verdict.problem
    assert len(verdict.problem) <= 200


def _answer(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(5)
        try:
            connection.recv(65536)
            connection.sendall(answer)
        except OSError:
            pass  # the client has had enough


@pytest.mark.parametrize("text", ["", ":783", "host:0", "host:99999", "host:x", "[::1]:"])
def test_an_address_that_is_none(text: str) -> None:
    with pytest.raises(dv.DeliverabilityError):
        SpamAssassin.at(text)


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1:11333", "ftp://h/", "http://", "http://u:p@h/", "http://h:x/", "http://[::1"]
)
def test_a_url_that_is_none(text: str) -> None:
    with pytest.raises(dv.DeliverabilityError):
        Rspamd.at(text)


@pytest.mark.parametrize(
    ("mail_filter", "asked"),
    [
        (SpamAssassin("192.0.2.1"), "spamd at 192.0.2.1:783"),
        (SpamAssassin("spamd.example", 11), "spamd at spamd.example:11"),
        (Rspamd.at("http://192.0.2.1:11333"), "http://192.0.2.1:11333/checkv2"),
        (Rspamd.at("http://[2001:db8::1]:11333"), "http://[2001:db8::1]:11333/checkv2"),
        (Rspamd.at("https://rspamd.example"), "https://rspamd.example/checkv2"),
    ],
)
def test_where_the_world_may_not_be_asked_no_mail_leaves(
    mail_filter: SpamAssassin | Rspamd, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter elsewhere is the world, as DNS is; one on this machine is not (tests/plugin)."""
    refused: list[object] = []

    def refuse(what: object) -> Failed:
        refused.append(what)
        return Failed(FailureKind.OFFLINE, "not allowed")

    monkeypatch.setattr(GUARD, "refuse", refuse)
    assert mail_filter.judge(b"From: a@b.example\r\n\r\nHi\r\n", Envelope()).problem == "not allowed"
    assert refused == [asked]
    for host in ("localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "[::1]"):
        assert GUARD.refuses(host, "here") == ""
    for host in ("", "localhost.example", "127.0.0.1.example", "0.0.0.0", "2130706433"):
        assert GUARD.refuses(host, "elsewhere") == "not allowed"
