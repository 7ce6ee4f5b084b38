"""Opening links and trying the unsubscribe address, against a web server on loopback that may be hostile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deliverability.api import audit_message
from deliverability.audits.probes import Care, Probes, asks_something, care_of
from deliverability.cli import main
from deliverability.core.finding import Finding, NotApplicable, Outcome, Passed, Unknown
from deliverability.core.limits import Limits
from deliverability.sources.probe import Visitor
from deliverability.sources.table import TableSource
from tests.support.tls import Authority
from tests.support.web import WebServer

pytestmark = pytest.mark.wire

LIMITS = Limits(probe_timeout=1.5, probe_seconds=20)
ANSWERS = {
    "web.empresa.example/A": ["127.0.0.1"],
    "xn--and-6ma2c.empresa.example/A": ["127.0.0.1"],
    "other.empresa.example/A": ["127.0.0.1"],
    "intranet.empresa.example/A": ["10.0.0.7"],
    "inside.empresa.example/AAAA": ["::ffff:127.0.0.1"],
    "sick.empresa.example/A": {"fault": "servfail"},
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(authority: Authority) -> Iterator[WebServer]:
    with WebServer(authority.server("web.empresa.example")) as server:
        yield server


def mail(*links: str, unsubscribe: str = "") -> bytes:
    lines = [
        "From: Empresa <facturas@empresa.example>",
        "To: ana@cliente.example",
        "Subject: Factura 2026-0042",
        "Date: Sun, 22 Nov 2026 11:00:00 +0100",
        "Message-ID: <42@empresa.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/html; charset=utf-8",
        *([f"List-Unsubscribe: <{unsubscribe}>"] if unsubscribe else []),
        "",
        "<html><body><p>Hola, Ana</p>",
        *(link if link.startswith("<") else f'<p><a href="{link}">Ver la factura</a></p>' for link in links),
        "</body></html>",
        "",
    ]
    return "\r\n".join(lines).encode()


def outcomes(code: str, raw: bytes, authority: Authority, limits: Limits = LIMITS, **options: Any) -> list[Outcome]:
    probes = Probes(
        **options,
        visitor=lambda source, limits: Visitor(
            source, tls=authority.client, allowed=lambda address: address.is_loopback, limits=limits
        ),
    )
    report = audit_message(raw, source=TableSource(ANSWERS), probes=probes, domain=False, limits=limits)
    return [outcome for rule, outcome in report.checked if rule.code == code]


def link(server: WebServer, path: str, authority: Authority, limits: Limits = LIMITS) -> Outcome:
    url = path if "//" in path else f"https://web.empresa.example:{server.port}{path}"
    (outcome,) = outcomes("BODY009", mail(url), authority, limits, links=True)
    return outcome


def test_nothing_is_asked_unless_allowed(server: WebServer, authority: Authority) -> None:
    url = f"https://web.empresa.example:{server.port}/"

    assert outcomes("BODY009", mail(url), authority) == []
    assert outcomes("UNS004", mail(url, unsubscribe=url), authority, links=False) == []
    assert server.requests == []


def test_a_page_that_answers(server: WebServer, authority: Authority) -> None:
    outcome = link(server, "/facturas/42", authority)
    method, path, headers, _ = server.requests[0]

    assert isinstance(outcome, Passed)
    assert (method, path) == ("HEAD", "/facturas/42")
    assert headers["host"] == f"web.empresa.example:{server.port}"
    assert "cookie" not in headers
    assert "authorization" not in headers
    assert "referer" not in headers


@pytest.mark.parametrize(
    ("path", "says"),
    [("/status/404", "404"), ("/status/410", "410"), ("/status/500", "500"), ("/loop", "three"), ("/hop/4", "three")],
)
def test_what_is_broken(server: WebServer, authority: Authority, path: str, says: str) -> None:
    outcome = link(server, path, authority)

    assert isinstance(outcome, Finding)
    assert says in outcome.text("en")
    assert len(server.requests) <= 4


@pytest.mark.parametrize("path", ["/no-head", "/hop/3", "/status/200"])
def test_what_works(server: WebServer, authority: Authority, path: str) -> None:
    assert isinstance(link(server, path, authority), Passed)


def test_a_name_with_letters_beyond_ascii(authority: Authority) -> None:
    with WebServer(authority.server("xn--and-6ma2c.empresa.example")) as server:
        outcome = link(server, f"https://ñandú.empresa.example:{server.port}/año?n=ñ", authority)

    assert isinstance(outcome, Passed)
    assert server.paths() == ["/a%C3%B1o?n=%C3%B1"]


@pytest.mark.parametrize(
    "path", ["/status/403", "/status/429", "/status/503", "/status/401", "/cut", "/bomb", "/silent", "/away", "/to-act"]
)
def test_what_could_not_be_told(server: WebServer, authority: Authority, path: str) -> None:
    started = time.perf_counter()

    assert isinstance(link(server, path, authority), Unknown)
    assert time.perf_counter() - started < 6
    assert not [p for p in server.paths() if "baja" in p]


@pytest.mark.parametrize("path", ["/endless", "/drip"])
def test_a_body_that_never_ends_is_left(server: WebServer, authority: Authority, path: str) -> None:
    started = time.perf_counter()
    outcome = outcomes("UNS004", mail(), authority, unsubscribe=f"https://web.empresa.example:{server.port}{path}")[0]

    assert isinstance(outcome, Passed if path == "/endless" else Unknown)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://gone.empresa.example/", Finding),
        ("https://intranet.empresa.example/", Unknown),
        ("https://sick.empresa.example/", Unknown),
        ("https://localhost/", Unknown),
        ("https://web.empresa.example:25/", Unknown),
    ],
)
def test_hosts_that_are_not_connected_to(server: WebServer, authority: Authority, url: str, kind: type) -> None:
    assert isinstance(link(server, url, authority), kind)
    assert server.requests == []


@pytest.mark.parametrize("host", ["web", "intranet", "inside"])
def test_without_a_permission_only_public_addresses(authority: Authority, server: WebServer, host: str) -> None:
    """What the command uses: a name that leads inside, even in disguise, is not connected to."""
    url = f"https://{host}.empresa.example:{server.port}/"
    report = audit_message(
        mail(url),
        source=TableSource(ANSWERS),
        probes=Probes(links=True, unsubscribe=url),
        domain=False,
        limits=LIMITS,
    )

    assert {type(o) for rule, o in report.checked if rule.code in ("BODY009", "UNS004")} == {Unknown}
    assert server.requests == []


def test_a_certificate_of_another_name_is_a_finding(server: WebServer, authority: Authority) -> None:
    outcome = link(server, f"https://other.empresa.example:{server.port}/", authority)

    assert isinstance(outcome, Finding)
    assert "certificate" in outcome.text("en")
    assert server.requests == []


def test_names_at_one_address_do_not_share_a_connection(server: WebServer, authority: Authority) -> None:
    """The certificate of the first name says nothing about the second."""
    hosts = ("web", "other", "web")
    links = [f"https://{host}.empresa.example:{server.port}/{n}" for n, host in enumerate(hosts)]
    found = outcomes("BODY009", mail(*links), authority, links=True)

    assert [type(outcome) for outcome in found] == [Passed, Finding, Passed]
    assert sorted(server.paths()) == ["/0", "/2"]


def test_a_certificate_nobody_vouches_for(authority: Authority, tmp_path: Path) -> None:
    with WebServer(Authority(tmp_path).server("web.empresa.example")) as server:
        assert isinstance(link(server, "/", authority), Finding)
        assert server.requests == []


def test_links_that_might_act_are_left_alone(server: WebServer, authority: Authority) -> None:
    base = f"https://web.empresa.example:{server.port}"
    own = f"{base}/lista/salir?c=7"
    links = [
        f"{base}/baja",
        f"{base}/u/unsubscribe?id=1",
        f"{base}/lista/salir?c=8",
        f'<p><a href="{base}/p">Darse de baja</a></p>',
        f"{base}/confirmar/8f3a91bc77d04e5f",
        f"{base}/pagar?email=ana@cliente.example",
    ]
    found = outcomes("BODY009", mail(*links, unsubscribe=own), authority, links=True)

    assert [type(outcome) for outcome in found] == [NotApplicable] * 6
    assert server.requests == []


def test_the_home_page_is_not_the_unsubscribe_address(server: WebServer, authority: Authority) -> None:
    base = f"https://web.empresa.example:{server.port}"
    found = outcomes("BODY009", mail(f"{base}/", unsubscribe=f"{base}/?c=7"), authority, links=True)

    assert [type(outcome) for outcome in found] == [Passed]


def test_a_link_with_a_token_is_asked_with_head_only(server: WebServer, authority: Authority) -> None:
    outcome = link(server, "/status/404?t=8f3a91bc77d04e5f", authority)

    assert isinstance(outcome, Unknown)
    assert [method for method, *_ in server.requests] == ["HEAD"]


def test_each_link_once_and_not_more_than_the_limit(server: WebServer, authority: Authority) -> None:
    base = f"https://web.empresa.example:{server.port}"
    links = [f"{base}/{n % 10}#parte{n}" for n in range(40)]
    limits = replace(LIMITS, probe_links=6)
    found = outcomes("BODY009", mail(*links), authority, limits, links=True)

    assert [type(outcome) for outcome in found] == [Passed] * 6 + [Unknown] * 4
    assert sorted(server.paths()) == [f"/{n}" for n in range(6)]


def test_all_of_it_has_one_deadline(server: WebServer, authority: Authority) -> None:
    base = f"https://web.empresa.example:{server.port}"
    limits = Limits(probe_timeout=1, probe_seconds=1.2)
    started = time.perf_counter()
    found = outcomes("BODY009", mail(*(f"{base}/silent?n={n}" for n in range(30))), authority, limits, links=True)

    assert {type(outcome) for outcome in found} == {Unknown}
    assert time.perf_counter() - started < 4


# --- the unsubscribe address ----------------------------------------------------------------------------------------

CONFIRM = b"<form method=post><p>\xc2\xbfEst\xc3\xa1 seguro de que quiere darse de baja?</p><button>Si</button></form>"
LOGIN = b'<form><input name="u"><input name="p" type="password"></form>'
DONE = b"<p>Ya no recibira mas correos.</p><form><button>Volver a suscribirme</button></form>"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/done", ""),
        ("/status/404", "404"),
        ("/status/405", "405"),
        ("/hop/1", "redirects"),
        ("/confirm", "log in or to confirm"),
        ("/login", "log in or to confirm"),
    ],
)
def test_the_unsubscribe_address(authority: Authority, path: str, says: str) -> None:
    pages = {"/done": DONE, "/confirm": CONFIRM, "/login": LOGIN}
    with WebServer(authority.server("web.empresa.example"), pages) as server:
        url = f"https://web.empresa.example:{server.port}{path}?t=prueba"
        (outcome,) = outcomes("UNS004", mail(), authority, unsubscribe=url)
        ((method, asked, headers, body),) = server.requests

    assert (method, asked, body) == ("POST", f"{path}?t=prueba", b"List-Unsubscribe=One-Click")
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert "cookie" not in headers
    if says:
        assert isinstance(outcome, Finding)
        assert says in outcome.text("en")
    else:
        assert isinstance(outcome, Passed)


def test_an_unsubscribe_address_that_cannot_be_reached(authority: Authority) -> None:
    for url in ("https://sick.empresa.example/", "https://gone.empresa.example/", "http://web.empresa.example/"):
        (outcome,) = outcomes("UNS004", mail(), authority, unsubscribe=url)

        assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--unsubscribe-test", "http://web.empresa.example/t"], "https://"),
        (["--unsubscribe-test", "web.empresa.example"], "https://"),
        (["--check-links", "--offline"], "--offline"),
        (["--unsubscribe-test", "https://web.empresa.example/t", "--replay", "a.json"], "--replay"),
    ],
)
def test_what_the_command_does_not_take(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(mail())

    assert main(["message", str(path), *options]) == 2
    assert says in capsys.readouterr().err


def test_the_command_opens_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name server that is not there: the web is not reached either."""
    path = tmp_path / "a.eml"
    path.write_bytes(mail("https://www.empresa.example/42"))
    main(
        [
            "message",
            str(path),
            "--message-only",
            "--check-links",
            "--nameserver",
            "127.0.0.1:9",
            "--timeout",
            "0.3",
            "-v",
        ]
    )

    assert "BODY009" in capsys.readouterr().out


def test_links_that_do_not_say_where_they_lead(server: WebServer, authority: Authority) -> None:
    links = ["https://2130706433/", f"https://web.empresa.example@127.0.0.1:{server.port}/", "https://0x7f.1/"]
    found = outcomes("BODY009", mail(*links), authority, links=True)

    assert [type(outcome) for outcome in found] == [NotApplicable] * 3
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "text", "care"),
    [
        ("https://www.empresa.example/facturas/42", "Ver", Care.OPEN),
        ("https://www.empresa.example/facturas/factura-2026-0042-empresa-sl.pdf", "Descargar", Care.OPEN),
        ("https://www.empresa.example/pagar", "Pagar", Care.OPEN),
        ("https://www.empresa.example/f/8f3a91bc-77d0-4e5f-9a1b-0c2d3e4f5a6b", "Ver", Care.HEAD_ONLY),
        ("https://www.empresa.example/f?c=ana%40cliente.example", "Ver", Care.HEAD_ONLY),
        ("https://www.empresa.example/i/acct_1Ab2Cd3Ef4Gh5/live_YWNjdF8x", "Pagar ahora", Care.LEAVE),
        ("https://www.empresa.example/BAJA/", "Aquí", Care.LEAVE),
        ("https://www.empresa.example/x?accion=cancelar-pedido", "Aquí", Care.LEAVE),
        ("https://clics.plataforma.example/c/17", "Cancelar la suscripción", Care.LEAVE),
        ("https://[", "Aquí", Care.LEAVE),
    ],
)
def test_how_an_address_may_be_asked(url: str, text: str, care: Care) -> None:
    assert care_of(url, text) is care


def test_pages_that_ask() -> None:
    assert asks_something(CONFIRM)
    assert asks_something(LOGIN)
    assert not asks_something(DONE)
    assert not asks_something(b"\xff" * 70_000)
