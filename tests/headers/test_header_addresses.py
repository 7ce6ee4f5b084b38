"""Address lists: which domain counts, who is in the list, and what is wrong with it."""

from __future__ import annotations

import pytest

from deliverability.core.limits import Limits
from deliverability.headers.addresses import parse_addresses, quote_local_part
from tests.support.growth import takes_less_than


def seen(value: str) -> list[tuple[str, str, str]]:
    return [(box.display_name, box.local_part, box.domain) for box in parse_addresses(value).mailboxes]


@pytest.mark.parametrize(
    ("value", "boxes"),
    [
        ("a@empresa.example", [("", "a", "empresa.example")]),
        ("Ana <a@EMPRESA.example>", [("Ana", "a", "empresa.example")]),
        ('"x@evil.example" <a@good.example>', [("x@evil.example", "a", "good.example")]),
        ("factura@mi-empresa.example", [("", "factura", "mi-empresa.example")]),
        ('"Empresa, S.L." <a@b.example>', [("Empresa, S.L.", "a", "b.example")]),
        ("Empresa S.L. <a@b.example>", [("Empresa S.L.", "a", "b.example")]),
        ("=?UTF-8?Q?Mu=C3=B1oz?= <a@b.example>", [("Muñoz", "a", "b.example")]),
        ('"=?UTF-8?Q?Mu=C3=B1oz?=" <a@b.example>', [("Muñoz", "a", "b.example")]),
        ("a@b.example (Ana (la de antes))", [("Ana (la de antes)", "a", "b.example")]),
        ("(x@evil.example) a@b.example", [("", "a", "b.example")]),
        ('"a b"@c.example', [("", "a b", "c.example")]),
        ('"a\\"b"@c.example', [("", 'a"b', "c.example")]),
        ("john . doe @ example . com", [("", "john.doe", "example.com")]),
        ("a@[192.0.2.1]", [("", "a", "[192.0.2.1]")]),
        ("<@x.example,@y.example:a@b.example>", [("", "a", "b.example")]),
        ("a@facturación.example", [("", "a", "xn--facturacin-obb.example")]),
        ("a@b.example, Luis <l@c.example>", [("", "a", "b.example"), ("Luis", "l", "c.example")]),
        ("Clientes: a@b.example, l@c.example;, x@d.example", [("", "a", "b.example"), ("", "l", "c.example"), ("", "x", "d.example")]),
        ("undisclosed-recipients:;", []),
        ('Ana "la de" García <a@b.example>', [("Ana la de García", "a", "b.example")]),
        ('"unclosed <a@b.example>', [("unclosed", "a", "b.example")]),
        ("Ana <a@b.example", [("Ana", "a", "b.example")]),
        ("Ana <<a@b.example>>", [("Ana", "a", "b.example")]),
        ("Ana a@b.example", [("Ana", "a", "b.example")]),
        ("a@b.example; c@d.example", [("", "a", "b.example"), ("", "c", "d.example")]),
    ],
)  # fmt: skip
def test_who_is_in_the_list(value: str, boxes: list[tuple[str, str, str]]) -> None:
    assert seen(value) == boxes


@pytest.mark.parametrize(
    ("value", "defects"),
    [
        ("", ["empty"]),
        ("(nobody)", ["empty"]),
        ("Ana", ["no-at"]),
        ("<>", ["no-at"]),
        ("a@", ["no-domain"]),
        ("@b.example", ["no-local-part"]),
        ("a@b@c.example", ["several-at", "bad-local-part"]),
        ("a..b@c.example", ["bad-local-part"]),
        ("a@-b.example", ["bad-domain"]),
        ("a@b..example", ["bad-domain"]),
        ("x@evil.example <a@b.example>", ["unquoted-name"]),
        ('"unclosed <a@b.example>', ["unclosed-quote"]),
        ("Ana <a@b.example", ["unclosed-bracket"]),
        ("a@b.example (x", ["unclosed-comment", "text-after-address"]),
        ("a@b.example,,c@d.example", ["empty-element"]),
        ("Ana a@b.example", ["no-brackets"]),
        ("a@b.example Ana", ["text-after-address"]),
        ("<a b@c.example>", ["blank-in-address"]),
        ("Grupo: a@b.example", ["group-unclosed"]),
        ("a@b.example; c@d.example", ["semicolon"]),
        ("<@x.example:a@b.example>", ["route"]),
        ("a@b.example>", ["stray-bracket"]),
    ],
)
def test_what_is_wrong_is_told(value: str, defects: list[str]) -> None:
    assert [defect.kind.value for defect in parse_addresses(value).defects] == defects


def test_a_blank_inside_an_address_is_kept_where_it_is_shown() -> None:
    box = parse_addresses("<Undisclosed Recipients@b.example>").mailboxes[0]

    assert box.address == "Undisclosed Recipients@b.example"
    assert not box.usable


def test_groups_and_places() -> None:
    read = parse_addresses("Clientes: a@b.example;")

    assert [(g.display_name, len(g.mailboxes), tuple(g.span)) for g in read.groups] == [("Clientes", 1, (0, 22))]
    assert read.mailboxes[0].group == "Clientes"
    assert tuple(read.mailboxes[0].span) == (10, 21)


def test_the_list_has_a_bound_that_is_named() -> None:
    read = parse_addresses("a@b.example," * 30, limits=Limits(addresses=10))

    assert len(read.mailboxes) == 10
    assert [defect.kind.value for defect in read.defects] == ["too-many-addresses"]


@pytest.mark.parametrize("local", ["a", "a.b", "a b", 'a"b', "a..b", "a@b", "ñ", "a\\b", ""])
def test_a_local_part_is_quoted_where_it_must(local: str) -> None:
    box = parse_addresses(f"Ana <{quote_local_part(local)}@b.example>").mailboxes[0]

    assert (box.local_part, box.domain) == (local, "b.example")


@pytest.mark.parametrize(
    "piece",
    [",", '"', "(", ")", "<", ">", '\\"', "(a", "@", "a@b.example,", "a ", "a:", ";", "[a", '"a', "()", "a@b(c),", "<a@b", "(\\", ".", "a.", "<@a,", "<@", "é", "=?a?q?"],
)  # fmt: skip
def test_hostile_lists_cost_linear_time(piece: str) -> None:
    value = piece * (120_000 // len(piece))

    assert takes_less_than(2, lambda: (parse_addresses(value), parse_addresses("<@" + value)))
