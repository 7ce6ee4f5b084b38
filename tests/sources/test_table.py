from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.names import DomainName
from deliverability.core.questions import DnsQuestion, Failed, FailureKind, Found, MxRecord, NoData, NoName, RecordType
from deliverability.sources.table import TableSource


def ask(table: dict[str, Any], name: str, record_type: RecordType = "TXT", **options: bool) -> Any:
    return TableSource(table, **options).answer(DnsQuestion(DomainName(name), record_type))


def test_other_types_and_names_above_are_no_data_and_the_rest_does_not_exist() -> None:
    table = {"a.b.example/A": ["192.0.2.1"]}

    assert isinstance(ask(table, "a.b.example"), NoData)
    assert isinstance(ask(table, "b.example"), NoData)
    assert isinstance(ask(table, "c.example"), NoName)


def test_a_part_of_the_world_does_not_know_the_rest() -> None:
    assert ask({"a.example/A": ["192.0.2.1"]}, "c.example", open=True) == Failed(
        FailureKind.OFFLINE, "not in the table"
    )


def test_aliases_are_followed_and_named() -> None:
    table = {"a.example/CNAME": ["b.example"], "b.example/TXT": ["x"]}

    assert ask(table, "a.example") == Found(((b"x",),), 3600, (DomainName("b.example"),))
    assert ask({"a.example/CNAME": ["b.example"]}, "a.example").aliases == ("b.example",)


@pytest.mark.parametrize(
    "table", [{"a.example/CNAME": ["a.example"]}, {"a.example/CNAME": ["b.example"], "b.example/CNAME": ["a.example"]}]
)
def test_circling_aliases_fail(table: dict[str, Any]) -> None:
    assert ask(table, "a.example").kind is FailureKind.LOOP


def test_faults() -> None:
    assert ask({"a.example/TXT": {"fault": "servfail"}}, "a.example") == Failed(FailureKind.SERVFAIL)
    assert isinstance(ask({"a.example/TXT": {"fault": "nxdomain"}}, "a.example"), NoName)


def test_wildcards_answer_below_the_closest_encloser_only() -> None:
    table = {"*.b.example/TXT": ["wild"], "a.b.example/A": ["192.0.2.1"]}

    assert isinstance(ask(table, "x.y.b.example"), Found)
    assert isinstance(ask(table, "a.b.example"), NoData)
    assert isinstance(ask(table, "c.a.b.example"), NoName)


def test_records_of_every_type_are_read() -> None:
    table = {
        "e.example/MX": ["10 mx.e.example.", "0 ."],
        "e.example/TXT": ["x" * 300, ["a", "b"]],
        "e.example/TLSA": ["3 1 1 00ff"],
        "e.example/SOA": ["ns.e.example. root.e.example. 1 2 3 4 5"],
    }

    assert ask(table, "e.example", "MX").records == (
        MxRecord(10, DomainName("mx.e.example")),
        MxRecord(0, DomainName("")),
    )
    assert [len(part) for part in ask(table, "e.example").records[0]] == [255, 45]
    assert ask(table, "e.example").records[1] == (b"a", b"b")
    assert ask(table, "e.example", "TLSA").records[0].data == b"\x00\xff"
    assert ask(table, "e.example", "SOA").records[0].minimum == 5


def test_a_line_for_a_server_or_for_the_cd_bit_goes_before_the_plain_one() -> None:
    table = {
        "a.example/A": {"fault": "servfail"},
        "a.example/A+cd": ["192.0.2.1"],
        "a.example/A@192.0.2.53": ["192.0.2.2"],
    }
    source = TableSource(table)
    question = DnsQuestion(DomainName("a.example"), "A")

    assert isinstance(source.answer(question), Failed)
    assert source.answer(question._replace(checking_disabled=True)) == Found((ip_address("192.0.2.1"),), 3600)
    assert source.answer(question._replace(server=ip_address("192.0.2.53"))) == Found((ip_address("192.0.2.2"),), 3600)
    assert isinstance(source.answer(question._replace(server=ip_address("192.0.2.54"))), Failed)


def test_ttl_and_ad_bit_can_be_written_down() -> None:
    table = {"a.example/A": {"records": ["192.0.2.1"], "ttl": 60, "authenticated": True}}

    assert ask(table, "a.example", "A") == Found((ip_address("192.0.2.1"),), 60, authenticated=True)
    assert ask({"a.example/A": {"records": [], "ttl": 5}}, "a.example", "A") == NoData(5)


def test_names_may_be_written_with_their_accents() -> None:
    assert isinstance(ask({"ariño.example/TXT": ["x"]}, "xn--ario-iqa.example"), Found)
