"""DNS over TLS and over HTTPS against servers on loopback whose certificates a test authority signed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.limits import Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import ask_txt, gather
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found
from deliverability.sources.drive import solve_live
from deliverability.sources.https import FetchError, fetch, new_client
from deliverability.sources.live import LiveSource
from tests.support.doh import DohServer
from tests.support.faultdns import FaultServer
from tests.support.tls import Authority

pytestmark = pytest.mark.wire

GOOD = Found(((b"v=spf1 -all",),), 300)
ZONE = {f"n{number}.example/TXT": ["v=spf1 -all"] for number in range(20)}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def ask_one(server: str, authority: Authority, name: str = "n0.example", **options: Any) -> Answer:
    with LiveSource([server], tls=authority.client, **options) as source:
        return solve_live(ask_txt(DomainName(name)), source)


def test_tls_with_the_name_or_the_address(authority: Authority) -> None:
    with FaultServer(ZONE, tls=authority.server("dns.example", "127.0.0.1")) as server:
        assert ask_one(f"tls://127.0.0.1:{server.port}#dns.example", authority) == GOOD
        assert ask_one(f"tls://127.0.0.1:{server.port}", authority) == GOOD


def test_tls_questions_share_a_connection(authority: Authority) -> None:
    with FaultServer(ZONE, tls=authority.server("dns.example")) as server:
        with LiveSource([f"tls://127.0.0.1:{server.port}#dns.example"], tls=authority.client) as source:
            answers = solve_live(gather(*(ask_txt(DomainName(f"n{n}.example")) for n in range(20))), source)

        assert answers == (GOOD,) * 20
        assert server.connections == 1


@pytest.mark.parametrize(("names", "days"), [(["other.example"], 2), (["dns.example"], -1)])
def test_a_certificate_that_does_not_fit_is_no_answer(authority: Authority, names: list[str], days: int) -> None:
    with FaultServer(ZONE, tls=authority.server(*names, days=days)) as server:
        answer = ask_one(f"tls://127.0.0.1:{server.port}#dns.example", authority)

        assert isinstance(answer, Failed)
        assert answer.kind is FailureKind.UNREACHABLE
        assert "TLS failed" in answer.detail
        assert server.log == []


def test_an_unknown_authority_is_no_answer(authority: Authority, tmp_path: Path) -> None:
    with FaultServer(ZONE, tls=Authority(tmp_path).server("dns.example")) as server:
        answer = ask_one(f"tls://127.0.0.1:{server.port}#dns.example", authority)

    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.UNREACHABLE


def test_a_plain_server_where_tls_was_wanted(authority: Authority) -> None:
    with FaultServer(ZONE) as server:
        answer = ask_one(f"tls://127.0.0.1:{server.port}#dns.example", authority, timeout=1)

    assert isinstance(answer, Failed)


def test_a_connection_that_the_server_closed_is_opened_again(authority: Authority) -> None:
    zone = ZONE | {"cut.example/TXT": {"fault": "truncate-tcp-refused", "answer": ["x"]}}
    with FaultServer(zone, tls=authority.server("dns.example")) as server:

        async def scene() -> list[Answer]:
            async with LiveSource([f"tls://127.0.0.1:{server.port}#dns.example"], tls=authority.client) as source:
                names = ("n0.example", "cut.example", "n1.example")
                return [await source.ask(DnsQuestion(DomainName(name), "TXT")) for name in names]

        first, cut, second = asyncio.run(scene())

    assert first == second == GOOD
    assert isinstance(cut, Failed)
    assert cut.kind is FailureKind.UNREACHABLE


def test_silence_over_tls_keeps_the_deadline(authority: Authority) -> None:
    with FaultServer({"n0.example/TXT": {"fault": "timeout"}}, tls=authority.server("dns.example")) as server:
        started = time.perf_counter()
        answer = ask_one(f"tls://127.0.0.1:{server.port}#dns.example", authority, timeout=0.5)

    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.TIMEOUT
    assert time.perf_counter() - started < 3


def test_https(authority: Authority) -> None:
    with DohServer(authority.server("127.0.0.1")) as server:
        with LiveSource([f"https://127.0.0.1:{server.port}/dns-query"], tls=authority.client) as source:
            answers = solve_live(gather(*(ask_txt(DomainName(f"n{n}.example")) for n in range(5))), source)
            again = solve_live(ask_txt(DomainName("n9.example")), source)
        method, path, headers = server.requests[0]

        assert answers == (GOOD,) * 5
        assert again == GOOD
        assert server.connections <= 5
        assert (method, path) == ("POST", "/dns-query")
        assert headers["content-type"] == headers["accept"] == "application/dns-message"
        assert headers["accept-encoding"] == "identity"
        assert server.bodies[0][:2] == b"\0\0"  # RFC 8484 §4.1: ID 0


@pytest.mark.parametrize(
    ("path", "kind", "says"),
    [
        ("/status/302", FailureKind.UNREACHABLE, "HTTP status 302"),
        ("/status/403", FailureKind.REFUSED, "HTTP status 403"),
        ("/status/429", FailureKind.REFUSED, "HTTP status 429"),
        ("/status/502", FailureKind.UNREACHABLE, "HTTP status 502"),
        ("/html", FailureKind.MALFORMED, ""),
        ("/big", FailureKind.MALFORMED, "larger"),
        ("/other", FailureKind.MALFORMED, "not an answer"),
        ("/cut", FailureKind.MALFORMED, "no HTTP response"),
        ("/drip", FailureKind.TIMEOUT, "in time"),
    ],
)
def test_https_that_goes_wrong(authority: Authority, path: str, kind: FailureKind, says: str) -> None:
    with DohServer(authority.server("127.0.0.1")) as server:
        started = time.perf_counter()
        answer = ask_one(f"https://127.0.0.1:{server.port}{path}", authority, timeout=1.0)
        requests = len(server.requests)

    assert isinstance(answer, Failed)
    assert answer.kind is kind
    assert says in answer.detail
    assert answer.detail.isprintable()
    assert time.perf_counter() - started < 4
    assert requests == 1


def test_https_with_a_wrong_certificate_or_nobody_there(authority: Authority, tmp_path: Path) -> None:
    with DohServer(Authority(tmp_path).server("127.0.0.1")) as server:
        port = server.port
        wrong = ask_one(f"https://127.0.0.1:{port}/dns-query", authority)
    nobody = ask_one(f"https://127.0.0.1:{port}/dns-query", authority)

    for answer in (wrong, nobody):
        assert isinstance(answer, Failed)
        assert answer.kind is FailureKind.UNREACHABLE


def test_a_fetch_ignores_the_environment(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with DohServer(authority.server("127.0.0.1")) as server:
        assert ask_one(f"https://127.0.0.1:{server.port}/dns-query", authority) == GOOD


def test_a_fetch_reports_status_and_caps_the_body(authority: Authority) -> None:
    async def get(octets: int) -> Any:
        client = new_client(authority.client, timeout=5)
        async with client:
            return await fetch(client, "GET", f"https://127.0.0.1:{port}/x", max_octets=octets, seconds=5)

    with DohServer(authority.server("127.0.0.1")) as server:
        port = server.port
        fetched = asyncio.run(get(10_000))
        with pytest.raises(FetchError) as caught:
            asyncio.run(get(10))

    assert fetched.status == 405
    assert fetched.content_type == "text/html"
    assert fetched.body
    assert caught.value.kind is FailureKind.MALFORMED


def test_several_kinds_of_servers_help_each_other(authority: Authority) -> None:
    with (
        FaultServer({"n0.example/TXT": {"fault": "servfail"}}) as plain,
        DohServer(authority.server("127.0.0.1")) as doh,
    ):
        source = LiveSource(
            [plain.address, f"https://127.0.0.1:{doh.port}/dns-query"], tls=authority.client, limits=Limits()
        )
        with source:
            assert solve_live(ask_txt(DomainName("n0.example")), source) == GOOD
