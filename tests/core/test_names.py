from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core import names
from deliverability.core.errors import InvalidDomainName


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Empresa.Example", "empresa.example"),
        ("empresa.example.", "empresa.example"),
        (" empresa.example ", "empresa.example"),
        ("facturación.example", "xn--facturacin-obb.example"),
        ("españa。example", "xn--espaa-rta.example"),
        ("_dmarc.empresa.example", "_dmarc.empresa.example"),
    ],
)
def test_what_people_type_becomes_a_name(text: str, name: str) -> None:
    assert names.parse_domain(text) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "foo..bar", "localhost", "a@b.example", "https://a.example", "192.0.2.1", "x" * 64 + ".example", "a b.example",
     "-a.example", "a-.example", "a.example\n.b", "\x1b[31m.example", "a\x00.example", ".".join(["abcdefgh"] * 30), "x" * 5000,
     "\ud800.example", "[192.0.2.1].x", "*.example"],
)  # fmt: skip
def test_what_is_no_domain_gets_one_clear_line(text: str) -> None:
    with pytest.raises(InvalidDomainName) as error:
        names.parse_domain(text)

    assert "\n" not in str(error.value)
    assert names.escape_controls(str(error.value)) == str(error.value)
    assert len(str(error.value)) < 300


@given(st.text(max_size=300))
def test_parse_domain_raises_nothing_else(text: str) -> None:
    try:
        name = names.parse_domain(text)
    except InvalidDomainName:
        return

    assert names.query_name(name) == name


@given(
    st.lists(st.binary(min_size=1, max_size=63), min_size=1, max_size=4).filter(
        lambda ls: sum(map(len, ls)) + len(ls) <= 254
    )
)
def test_labels_survive_the_presentation_form(labels: list[bytes]) -> None:
    """Any octets go through `from_labels` and `to_labels` unchanged, but for the case of ASCII letters."""
    name = names.from_labels(labels)

    assert name.isascii()
    assert names.to_labels(name) == tuple(label.lower() for label in labels)
    assert names.query_name(name) == name


@pytest.mark.parametrize("text", ["", "a..b", "x" * 64, ".a", "a." * 128, "é" * 40])
def test_names_that_dns_cannot_hold(text: str) -> None:
    assert names.query_name(text) is None


def test_query_names_keep_odd_octets_escaped() -> None:
    assert names.query_name("A b.example.") == r"a\032b.example"
    assert names.query_name("ü.example") == r"\195\188.example"


def test_relations_go_by_whole_labels() -> None:
    assert names.is_subdomain("mail.empresa.example", "empresa.example")
    assert names.is_subdomain("empresa.example", "empresa.example")
    assert not names.is_subdomain("otraempresa.example", "empresa.example")
    assert names.parent(names.DomainName("a.b")) == "b"
    assert names.parent(names.DomainName("b")) == ""
    assert names.child("_dmarc", names.DomainName("a.b")) == "_dmarc.a.b"


@pytest.mark.parametrize(
    ("name", "registrable"),
    [
        ("www.empresa.es", "empresa.es"),
        ("a.b.empresa.com.mx", "empresa.com.mx"),
        ("com.mx", None),
        ("empresa.com.es", "empresa.com.es"),
        ("x.github.io", "x.github.io"),
        ("a.empresa.xn--fiqs8s", "empresa.xn--fiqs8s"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("www.xn--espaa-rta.es", "xn--espaa-rta.es"),
    ],
)
def test_registrable_domain(name: str, registrable: str | None) -> None:
    assert names.registrable_domain(names.DomainName(name)) == registrable


def test_reverse_names() -> None:
    assert names.reverse_name(ip_address("192.0.2.10")) == "10.2.0.192.in-addr.arpa"
    assert names.reverse_name(ip_address("2001:db8::1")).endswith(".8.b.d.0.1.0.0.2.ip6.arpa")
    mapped = names.reverse_name(ip_address("::ffff:192.0.2.10"))
    assert mapped == "a.0.2.0.0.0.0.c.f.f.f.f." + "0." * 20 + "ip6.arpa"


def test_controls_bidi_and_surrogates_are_escaped() -> None:
    assert names.escape_controls("a\x1b[2J\u202eb\ud800\U000e0001") == r"a\x1b[2J\u202eb\ud800\U000e0001"
    assert names.escape_controls("Año ñandú €") == "Año ñandú €"
