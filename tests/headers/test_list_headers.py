"""List-Unsubscribe, List-Unsubscribe-Post, List-Id and Precedence, with every deviation and its place."""

from __future__ import annotations

import pytest

from deliverability.headers.fields import parse
from deliverability.headers.unsubscribe import ListDefectKind, ListHeaders, read_list_headers

K = ListDefectKind
ONE = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def lists(section: str) -> ListHeaders:
    return read_list_headers(parse(f"{section}\r\n".encode()))


def kinds(section: str) -> set[ListDefectKind]:
    return {defect.kind for defect in lists(section).defects}


def test_as_the_standards_want_it() -> None:
    read = lists(
        "List-Unsubscribe: (use this) <https://u.empresa.example/t/abc>,\r\n <mailto:baja@empresa.example?subject=abc>\r\n"
        + ONE
        + "List-Id: Avisos de la tienda <Avisos.Empresa.Example>\r\nPrecedence: Bulk\r\n"
    )

    assert [(uri.scheme, uri.host) for uri in read.uris] == [("https", "u.empresa.example"), ("mailto", "")]
    assert read.one_click
    assert read.list_id == "avisos.empresa.example"
    assert read.precedence == "bulk"
    assert not read.defects
    assert len(read.usable) == 2


@pytest.mark.parametrize(
    ("value", "kind", "where"),
    [
        ("https://u.example/x", K.NO_BRACKETS, "https://u.example/x"),
        ("baja@u.example", K.NO_BRACKETS, "baja@u.example"),
        ("<>", K.EMPTY, ""),
        ("", K.EMPTY, ""),
        ("<www.u.example/x>", K.NO_SCHEME, "www.u.example/x"),
        ("<ftp://u.example/x>", K.UNKNOWN_SCHEME, "ftp://u.example/x"),
        ("<http://u.example/x>", K.PLAIN_HTTP, "http://u.example/x"),
        ("<https://a.example/1>, <https://b.example/2>", K.SEVERAL_HTTPS, "https://b.example/2"),
        ("<https:///x>", K.NO_HOST, "https:///x"),
        ("<mailto:baja>", K.BAD_MAILTO, "mailto:baja"),
        ("<https://u.example/{{token}}>", K.PLACEHOLDER, "https://u.example/{{token}}"),
        ("<https://u.example/*|ID|*>", K.PLACEHOLDER, "https://u.example/*|ID|*"),
        ("<https://u.example/a b>", K.BLANK, "https://u.example/a b"),
    ],
)
def test_defects_and_their_places(value: str, kind: ListDefectKind, where: str) -> None:
    read = lists(f"List-Unsubscribe: {value}\r\n")
    (defect, *_) = read.has(kind)

    assert defect.field.text[slice(*defect.span)] == where


@pytest.mark.parametrize(
    "value", ["List-Unsubscribe=One-click", "One-Click", "List-Unsubscribe = One-Click", "yes", ""]
)
def test_one_click_is_exact_or_it_is_none(value: str) -> None:
    section = f"List-Unsubscribe: <https://u.example/x>\r\nList-Unsubscribe-Post: {value}\r\n"

    assert not lists(section).one_click
    assert K.POST_INEXACT in kinds(section)


def test_one_click_needs_https() -> None:
    assert K.NO_HTTPS in kinds("List-Unsubscribe: <mailto:a@b.example>\r\n" + ONE)
    assert K.NO_HTTPS not in kinds("List-Unsubscribe: <mailto:a@b.example>\r\n")
    assert K.POST_ALONE in kinds(ONE)


def test_each_field_stands_once() -> None:
    assert K.SEVERAL_FIELDS in kinds(
        "List-Unsubscribe: <https://a.example/1>\r\nList-Unsubscribe: <https://a.example/1>\r\n"
    )


@pytest.mark.parametrize("value", ["Boletín", "<boletin>", "<a b.example>", ""])
def test_an_identifier_has_a_dot_and_brackets(value: str) -> None:
    assert K.BAD_ID in kinds(f"List-Id: {value}\r\n")


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("https://u.example/b?e=ana@cliente.example", "ana@cliente.example"),
        ("https://u.example/b?e=ana%40cliente.example&x=1", "ana%40cliente.example"),
        ("https://ana@u.example/b", "ana@u.example"),
        ("https://u.example/b?t=abc", ""),
        ("mailto:baja@u.example", ""),
    ],
)
def test_an_address_in_clear(uri: str, address: str) -> None:
    assert lists(f"List-Unsubscribe: <{uri}>\r\n").uris[0].address == address


def test_a_field_of_a_thousand_links_is_cut_and_said() -> None:
    read = lists("List-Unsubscribe: " + ", ".join(f"<https://u.example/{n}>" for n in range(1000)) + "\r\n")

    assert len(read.uris) == 20
    assert K.TOO_MANY in {defect.kind for defect in read.defects}
