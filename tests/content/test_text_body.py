"""The text of a message from its parts, and which line of the message a place is on."""

from __future__ import annotations

import pytest

from deliverability.content.mime import read_tree
from deliverability.content.placeholders import placeholder_in_address, placeholders
from deliverability.content.text import BodyText, message_line, read_links, read_text
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.headers.fields import parse


def body(message: str, limits: Limits = DEFAULT_LIMITS) -> BodyText:
    raw = message.replace("\n", "\r\n").encode()
    return read_text(read_tree(raw, parse(raw), limits=limits), limits)


def alternative(plain: str, html: str, encoding: str = "8bit") -> str:
    return (
        "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{plain}\n--b\nContent-Type: text/html; charset=utf-8\n"
        f"Content-Transfer-Encoding: {encoding}\n\n{html}\n--b--\n"
    )


def test_the_plain_text_is_what_is_read() -> None:
    read = body(alternative("Hola, Ana:\nsu factura 42.", "<p>Hola, <b>Ana</b>: su factura 42."))

    assert read.text == read.plain == "Hola, Ana:\nsu factura 42."
    assert read.html_text == "Hola, Ana: su factura 42."


def test_a_stub_gives_way_to_the_html() -> None:
    read = body(alternative("Use un visor HTML.", "<p>" + "Su factura 42 vence el día 22. " * 9))

    assert read.text.startswith("Su factura 42")
    assert read.plain == "Use un visor HTML."


def test_a_message_of_html_alone_and_one_of_nothing() -> None:
    assert body("Content-Type: text/html\n\n<p>Hola").text == "Hola"
    assert body("Subject: x\n\n").text == ""
    assert body("").html is None


@pytest.mark.parametrize(
    ("encoding", "html", "line"),
    [
        ("8bit", "<p>Hola\n<a href='https://a.example/'>x</a>", 14),
        ("quoted-printable", "<p>Ho=\nla\n<a href=3D'https://a.example/'>x</a>", 15),
        ("quoted-printable", "<p>Ho=0Ala\n<a href=3D'https://a.example/'>x</a>", None),
        ("base64", "PHA+SG9sYQo8YSBocmVmPSdodHRwczovL2EuZXhhbXBsZS8nPng8L2E+", None),
    ],
)
def test_lines_of_the_message(encoding: str, html: str, line: int | None) -> None:
    message = alternative("Hola", html, encoding)
    links = read_links(body(message), DEFAULT_LIMITS).links

    assert [link.line for link in links] == [line]
    if line is not None:
        assert "a.example" in message.split("\n")[line - 1]


def test_a_line_beyond_the_part_is_none() -> None:
    read = body(alternative("Hola", "<p>x=\ny", "quoted-printable"))

    assert read.html_part is not None
    assert message_line(read.html_part, 99) is None
    assert message_line(read.html_part, 0) is None


def test_links_of_both_parts_each_address_once() -> None:
    read = body(
        alternative(
            "Vea https://a.example/1 y\nhttps://b.example/2.", "<a href='https://a.example/1'>www.a.example</a>"
        )
    )
    links = read_links(read, DEFAULT_LIMITS)

    assert [(link.origin, link.target.url, link.shows, link.line) for link in links.links] == [
        ("a", "https://a.example/1", "www.a.example", 14),
        ("text", "https://b.example/2", "", 9),
    ]


def test_links_beyond_the_limit_are_counted() -> None:
    limits = Limits(links=2)
    html = "".join(f"<a href='https://a.example/{n}'>x</a>" for n in range(5))
    links = read_links(body(alternative("https://b.example/", html), limits), limits)

    assert len(links.links) == 2
    assert links.left_out == 4


def test_a_text_beyond_the_limit_is_told() -> None:
    assert body("Content-Type: text/plain\n\n" + "a" * 50, Limits(text_octets=20)).cut
    assert not body("Content-Type: text/plain\n\n" + "a" * 20).cut


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hola {{ cliente.nombre }}:", ["{{ cliente.nombre }}"]),
        ("{% if x %}", ["{% if x %}"]),
        ("${importe_total} #{nombre}", ["${importe_total}", "#{nombre}"]),
        ("[Fecha de vencimiento] [Nombre]", ["[Fecha de vencimiento]", "[Nombre]"]),
        ("<Nombre del cliente>", ["<Nombre del cliente>"]),
        ("[[campo]] %%campo%% *|FNAME|* %NUM_FACTURA%", ["[[campo]]", "%%campo%%", "*|FNAME|*", "%NUM_FACTURA%"]),
        ("Total: NaN € y [object Object]", ["Total: NaN", "[object Object]"]),
        ("Estimado undefined:", ["Estimado undefined"]),
        ("Dear null,", ["Dear null"]),
        ("Importe: None", ["Importe: None"]),
        ("Lorem ipsum dolor", ["Lorem ipsum"]),
    ],
)
def test_merge_fields_left_in(text: str, found: list[str]) -> None:
    assert [mark.text for mark in placeholders(text)] == sorted(found, key=text.find)


@pytest.mark.parametrize(
    "text",
    [
        "IVA 21% y 5%-10% de descuento, 100%NATURAL%",
        "[1] véase [sic] [nota]; [cliente](https://a.example)",
        "body { color: red } {a} { }",
        "the value is undefined or null, total: none of them, NaN is not a number",
        "%{name}-%{version} ${kernel} $_{$_}",
        "https://a.example/%C3%B1%20x",
        "Undefined behaviour; null and void",
        "<ana@empresa.example> <b>",
        "",
    ],
)
def test_honest_text_that_looks_like_a_merge_field(text: str) -> None:
    assert placeholders(text) == ()


def test_merge_fields_in_addresses() -> None:
    assert placeholder_in_address("https://a.example/{{ruta}}") == "{{ruta}}"
    assert placeholder_in_address("*|UNSUB|*") == "*|UNSUB|*"
    assert placeholder_in_address("https://a.example/%7B%7Bx%7D%7D") == "%7B%7B"
    assert placeholder_in_address("https://a.example/?q=[1]|{x}") == ""
