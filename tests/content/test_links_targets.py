"""Where links lead, read as browsers read them, and who stands between."""

from __future__ import annotations

import pytest

from deliverability.content.links import (
    Hazard,
    addresses_in,
    is_profile,
    is_shortener,
    read_target,
    redirector,
    same_organization,
    shown_host,
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.empresa.example/a?b#c", "www.empresa.example"),
        ("HTTPS://WWW.Empresa.Example:8443", "www.empresa.example"),
        ("https:\\\\www.empresa.example\\x", "www.empresa.example"),
        ("https:/www.empresa.example/x", "www.empresa.example"),
        ("//www.empresa.example/x", "www.empresa.example"),
        ("ht\ntps://www.em\tpresa.example", ""),
        ("https://www.em\tpresa.example", "www.empresa.example"),
        ("https://%77ww.empresa.example", "www.empresa.example"),
        ("https://a@b@www.empresa.example/", "www.empresa.example"),
        ("https://www。empresa。example", "www.empresa.example"),
        ("https://facturación.example", "xn--facturacin-obb.example"),
        ("https://127.0.0.1", "127.0.0.1"),
        ("http://0x7f.1", "127.0.0.1"),
        ("http://2130706433", "127.0.0.1"),
        ("http://0177.0.0.01", "127.0.0.1"),
        ("http://127.1", "127.0.0.1"),
        ("http://256.1.1.1", "256.1.1.1"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("http://[x]/", ""),
        ("http://" + "9" * 300, ""),
        ("mailto:a@empresa.example", ""),
        ("/relative", ""),
        ("", ""),
    ],
)
def test_the_host_that_a_browser_visits(url: str, host: str) -> None:
    assert read_target(url).host == host


@pytest.mark.parametrize(
    ("url", "hazards"),
    [
        ("https://banco.example@203.0.113.5/", (Hazard.USERINFO, Hazard.IP_ADDRESS)),
        ("http://0xcb007105/", (Hazard.DISGUISED_IP,)),
        ("https://pаypal.com/", (Hazard.MIXED_SCRIPTS,)),
        ("https://xn--pypal-4ve.com/", (Hazard.MIXED_SCRIPTS,)),
        ("https://аррӏе.com/", (Hazard.LOOK_ALIKE,)),
        ("https://españa.example/", ()),
        ("https://mañana-façade.example/", ()),
        ("https://пример.рф/", ()),
        ("https://例え.jp/", ()),
        ("https://xn--99999999999.example/", ()),
    ],
)
def test_addresses_that_deceive(url: str, hazards: tuple[Hazard, ...]) -> None:
    assert read_target(url).hazards == hazards


@pytest.mark.parametrize(
    ("url", "host", "gateway"),
    [
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.empresa.example%2Fp&data=05",
            "www.empresa.example",
            "Microsoft Safe Links",
        ),
        (
            "https://urldefense.com/v3/__https://www.empresa.example/p__;!!a$",
            "www.empresa.example",
            "Proofpoint URL Defense",
        ),
        (
            "https://urldefense.proofpoint.com/v2/url?u=http-3A__www.empresa.example_p&d=x",
            "www.empresa.example",
            "Proofpoint URL Defense",
        ),
        (
            "https://secure-web.cisco.com/1a/https%3A%2F%2Fwww.empresa.example%2Fp",
            "www.empresa.example",
            "Cisco Secure Email",
        ),
        ("https://eur01.safelinks.protection.outlook.com/?x=1", "eur01.safelinks.protection.outlook.com", ""),
    ],
)
def test_a_gateway_of_the_receiver_is_looked_through(url: str, host: str, gateway: str) -> None:
    target = read_target(url)

    assert (target.host, target.gateway) == (host, gateway)


def test_who_stands_between() -> None:
    assert is_shortener("bit.ly")
    assert is_shortener("es.bit.ly")
    assert not is_shortener("notbit.ly")
    assert not is_shortener("maps.app.goo.gl")
    assert redirector("u1.ct.sendgrid.net") == "SendGrid"
    assert redirector("sendgrid.net.atacante.example") == ""
    assert is_profile("www.linkedin.com")
    assert same_organization("google.com", "goo.gl")
    assert not same_organization("google.com", "microsoft.com")
    assert not same_organization("a.example", "b.example")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.banco.example/pagar", "www.banco.example"),
        ("Pague en www.banco.example.", "www.banco.example"),
        ("caixabank.es", "caixabank.es"),
        ("«Banco.com»", "banco.com"),
        ("factura.pdf", ""),
        ("ver factura", ""),
        ("Empresa, S.L.", ""),
        ("1.210,00", ""),
        ("a@banco.es", ""),
        ("Node.js", ""),
        ("http://localhost", ""),
        ("", ""),
    ],
)
def test_the_host_that_a_text_shows(text: str, host: str) -> None:
    assert shown_host(text) == host


def test_addresses_in_plain_text() -> None:
    text = "Ver (https://a.example/x_(1)). O www.b.example, «http://c.example/?q=1». No: x@www.d.example, ahttp://e.example"

    assert addresses_in(text, 9) == [
        ("https://a.example/x_(1)", 5),
        ("https://www.b.example", 33),
        ("http://c.example/?q=1", 49),
    ]
    assert len(addresses_in(text, 1)) == 1
