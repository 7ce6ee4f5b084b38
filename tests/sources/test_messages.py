"""Octets as answers: hostile messages never raise, and what is read is what dnspython reads."""

from __future__ import annotations

import struct
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rrset
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverability.core.names import DomainName, from_labels
from deliverability.core.questions import DnsQuestion, Failed, FailureKind, Found, NoData, NoName
from deliverability.sources.messages import TYPE_CODES, Onward, Query, read_reply, renamed

QUESTION = DnsQuestion(DomainName("www.empresa.example"), "TXT")


def reply(
    *answer: str, authority: tuple[str, ...] = (), rcode: int = 0, flags: int = 0, question: DnsQuestion = QUESTION
) -> Any:
    query = dns.message.from_wire(Query(question).wire(edns=True))
    response = dns.message.make_response(query)
    response.set_rcode(rcode)  # type: ignore[arg-type]
    response.flags |= flags
    for section, lines in ((response.answer, answer), (response.authority, authority)):
        for line in lines:
            owner, record_type, data = line.split(" ", 2)
            section.append(dns.rrset.from_text(owner, 300, "IN", record_type, data))
    return read_reply(response.to_wire(), question, "192.0.2.53")


SOA = "empresa.example. SOA ns. host. 1 2 3 4 60"


def test_absence_needs_no_referral() -> None:
    assert reply(authority=(SOA,)) == NoData(60)
    assert reply() == NoData(0)
    assert reply(authority=(SOA,), rcode=3) == NoName(60)
    assert reply(authority=("empresa.example. NS ns.",), flags=dns.flags.AA) == NoData(0)
    lame = reply(authority=("empresa.example. NS ns.",))
    assert isinstance(lame, Failed)
    assert lame.kind is FailureKind.LAME


def test_nxdomain_with_the_records_is_believed_in_neither_way() -> None:
    both = reply('www.empresa.example. TXT "x"', rcode=3)

    assert isinstance(both, Failed)
    assert both.kind is FailureKind.MALFORMED


def test_aliases_in_any_order_and_with_dname() -> None:
    got = reply('c.example. TXT "x"', "b.example. CNAME c.example.", "www.empresa.example. CNAME b.example.")
    assert got == Found(((b"x",),), 300, ("b.example", "c.example"))
    dname = reply("empresa.example. DNAME nueva.example.", 'www.nueva.example. TXT "x"')
    assert dname == Found(((b"x",),), 300, ("www.nueva.example",))
    assert reply("www.empresa.example. CNAME b.example.") == Onward("b.example", ("b.example",), 300, False)
    assert reply("www.empresa.example. CNAME b.example.", authority=(SOA,)) == NoData(60, ("b.example",))
    assert reply("www.empresa.example. CNAME b.example.", authority=(SOA,), rcode=3) == NoName(60, ("b.example",))


def test_foreign_names_and_types_do_not_count() -> None:
    assert reply('other.example. TXT "v=spf1 +all"', authority=(SOA,)) == NoData(60)
    assert reply("www.empresa.example. MX 10 a.example.", authority=(SOA,)) == NoData(60)


def test_the_ttl_is_the_lowest_of_the_way() -> None:
    query = dns.message.from_wire(Query(QUESTION).wire(edns=False))
    response = dns.message.make_response(query)
    response.answer.append(dns.rrset.from_text("www.empresa.example.", 30, "IN", "CNAME", "b.example."))
    response.answer.append(dns.rrset.from_text("b.example.", 900, "IN", "TXT", '"x"'))

    assert read_reply(response.to_wire(), QUESTION, "").ttl == 30  # type: ignore[union-attr]


def test_the_ad_bit_is_told() -> None:
    assert reply('www.empresa.example. TXT "x"', flags=dns.flags.AD) == Found(((b"x",),), 300, (), True)


@pytest.mark.parametrize(
    ("rcode", "kind"), [(2, "servfail"), (5, "refused"), (4, "notimp"), (1, "notimp"), (9, "notimp")]
)
def test_other_rcodes_are_failures(rcode: int, kind: str) -> None:
    got = reply(rcode=rcode)

    assert isinstance(got, Failed)
    assert got.kind == kind
    assert got.detail.startswith("192.0.2.53: ")


def test_the_reason_of_a_failure_is_told_and_harmless() -> None:
    query = dns.message.from_wire(Query(QUESTION).wire(edns=True))
    response = dns.message.make_response(query)
    response.set_rcode(2)
    text = b"signature expired\x1b[2J"
    response.use_edns(0, options=[dns.edns.GenericOption(15, b"\x00\x06" + text)])
    got = read_reply(response.to_wire(), QUESTION, "192.0.2.53")

    assert isinstance(got, Failed)
    assert got.detail == "192.0.2.53: SERVFAIL (extended error 6: signature expired\\x1b[2J)"


def test_only_the_answer_to_the_query_matches() -> None:
    query = Query(QUESTION, 0x1234)
    good = bytearray(query.wire(edns=False))
    good[2] |= 0x80

    assert query.matches(bytes(good))
    assert query.matches(bytes(good).replace(b"empresa", b"EmPresa"))  # 0x20
    assert not query.matches(query.wire(edns=False))  # a query is no answer
    assert not query.matches(bytes(good)[:-2])
    assert not query.matches(b"\x12\x35" + bytes(good)[2:])
    assert not query.matches(bytes(good).replace(b"empresa", b"empresb"))
    assert not Query(QUESTION._replace(type="A"), 0x1234).matches(bytes(good))
    assert query.matches(struct.pack("!HHHHHH", 0x1234, 0x8001, 0, 0, 0, 0))  # the bare header of a FORMERR
    assert not query.matches(struct.pack("!HHHHHH", 0x1234, 0x8000, 0, 0, 0, 0))
    assert not query.matches(b"")


_NAMES = st.lists(st.binary(min_size=1, max_size=20), max_size=6).map(from_labels)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_NAMES, st.sampled_from(sorted(TYPE_CODES)), st.booleans(), st.booleans())
def test_queries_are_what_dnspython_reads(
    name: DomainName, record_type: str, edns: bool, checking_disabled: bool
) -> None:
    question = DnsQuestion(name, record_type, checking_disabled)  # type: ignore[arg-type]
    query = Query(question)
    read = dns.message.from_wire(query.wire(edns=edns))

    assert read.id == query.id
    assert from_labels(read.question[0].name.labels[:-1]) == name
    assert int(read.question[0].rdtype) == TYPE_CODES[record_type]
    assert bool(read.flags & dns.flags.CD) == checking_disabled
    assert read.flags & dns.flags.RD
    assert (read.edns, read.payload if edns else 0) == ((0, 1232) if edns else (-1, 0))
    assert not read.ednsflags


_GOOD = Query(QUESTION, 7)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200), st.integers(0, 0xFFFF), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_hostile_octets_never_raise(tail: bytes, flags: int, counts: list[int]) -> None:
    data = struct.pack("!HHHHHH", 7, flags | 0x8000, 1, *counts) + _GOOD._question + tail

    assert _GOOD.matches(data)
    assert isinstance(read_reply(data, QUESTION, "s"), (Found, NoData, NoName, Failed, Onward))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_answers_never_raise(data: st.DataObject) -> None:
    response = dns.message.make_response(dns.message.from_wire(_GOOD.wire(edns=True)))
    response.answer.append(dns.rrset.from_text("www.empresa.example.", 30, "IN", "CNAME", "b.example."))
    response.answer.append(dns.rrset.from_text("b.example.", 900, "IN", "TXT", '"x"', '"y" "z"'))
    response.authority.append(dns.rrset.from_text("example.", 900, "IN", "SOA", "a. b. 1 2 3 4 5"))
    wire = bytearray(response.to_wire())
    for _ in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(3, len(wire) - 1))] = data.draw(st.integers(0, 255))
    for record_type in ("TXT", "A", "MX"):
        got = read_reply(bytes(wire), QUESTION._replace(type=record_type), "s")  # type: ignore[arg-type]
        assert isinstance(got, (Found, NoData, NoName, Failed, Onward))


def test_a_renaming_that_gets_too_long_has_no_target() -> None:
    long = DomainName(".".join(["a" * 60] * 4))

    assert renamed(DomainName("x.a.example"), DomainName("a.example"), DomainName("b.example")) == "x.b.example"
    assert renamed(DomainName("xxxxxxxxxxxx.a.example"), DomainName("a.example"), long) is None
