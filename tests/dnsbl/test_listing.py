"""The truth table: the state of a target on a list, by the answers for the list's test entries and for the target."""

from __future__ import annotations

import itertools
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, Failed, FailureKind, Found, NoData, NoName
from deliverability.dnsbl import State, check, lists
from deliverability.dnsbl.listing import read_answer, read_test
from deliverability.dnsbl.lists import Blocklist, dead_zone, read_list
from deliverability.dnsbl.lookup import question_for
from deliverability.sources.table import TableSource

LIST = read_list(
    {
        "id": "bl",
        "zone": "bl.example",
        "ipv6": True,
        "refusal": [{"answer": "127.255.255.254", "en": "refused", "es": "rechazado"}],
        "code": [
            {"answer": "127.0.0.2", "en": "spam", "es": "spam"},
            {"answer": "127.0.0.9", "state": "neutral", "en": "known", "es": "conocida"},
        ],
    }
)
MASKED = replace(LIST, mask=True)


def found(*addresses: str) -> Found:
    return Found(tuple(ip_address(a) for a in addresses), 60)


KINDS: dict[str, Answer] = {
    "listed": found("127.0.0.2"),
    "neutral": found("127.0.0.9"),
    "unknown-code": found("127.0.0.77"),
    "refused": found("127.255.255.254"),
    "outside": found("198.51.100.1"),
    "noname": NoName(60),
    "nodata": NoData(60),
    **{kind.value: Failed(kind) for kind in FailureKind},
}
FAILURES = [kind.value for kind in FailureKind]

TARGET = {
    "listed": State.LISTED,
    "neutral": State.CLEAR,
    "unknown-code": State.UNKNOWN,
    "refused": State.REFUSED,
    "outside": State.DEAD,
    "noname": State.CLEAR,
    "nodata": State.CLEAR,
    **dict.fromkeys(FAILURES, State.UNKNOWN),
}
#: `LISTED` means: the list works.
TEST_LISTED = {
    "listed": State.LISTED,
    "neutral": State.LISTED,
    "unknown-code": State.LISTED,
    "refused": State.REFUSED,
    "outside": State.DEAD,
    "noname": State.UNKNOWN,
    "nodata": State.UNKNOWN,
    **dict.fromkeys(FAILURES, State.UNKNOWN),
}
TEST_CLEAR = {
    "listed": State.DEAD,
    "neutral": State.DEAD,
    "unknown-code": State.DEAD,
    "refused": State.REFUSED,
    "outside": State.DEAD,
    "noname": State.LISTED,
    "nodata": State.LISTED,
    **dict.fromkeys(FAILURES, State.UNKNOWN),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_answer_about_a_target(kind: str) -> None:
    reading = read_answer(LIST, KINDS[kind])

    assert reading.state is TARGET[kind]
    assert bool(reading.because) == (reading.state not in (State.LISTED, State.CLEAR))


@pytest.mark.parametrize("kind", KINDS)
def test_each_answer_of_the_entry_that_has_to_be_listed(kind: str) -> None:
    assert read_test(LIST, KINDS[kind], NoName(60)).state is TEST_LISTED[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_each_answer_of_the_entry_that_must_not_be_listed(kind: str) -> None:
    assert read_test(LIST, KINDS["listed"], KINDS[kind]).state is TEST_CLEAR[kind]


#: Every failure is read alike, which the tests above show; here one stands for all.
ONE_OF_EACH = [kind for kind in KINDS if kind not in FAILURES[1:]]


@pytest.mark.parametrize(("test", "clear", "target"), list(itertools.product(ONE_OF_EACH, repeat=3)))
def test_never_listed_or_clear_unless_the_list_works(test: str, clear: str, target: str) -> None:
    table = {}
    for key, kind in (("2.0.0.127", test), ("1.0.0.127", clear), ("99.2.0.192", target)):
        answer = KINDS[kind]
        if isinstance(answer, Found):
            table[f"{key}.bl.example/A"] = [str(record) for record in answer.records]
        elif isinstance(answer, Failed):
            table[f"{key}.bl.example/A"] = {"fault": answer.kind.value}
        elif isinstance(answer, NoData):
            table[f"{key}.bl.example/TXT"] = ["only a text"]
    (listing,) = check("192.0.2.99", lists=[LIST], source=TableSource(table))
    works = TEST_LISTED[test] is State.LISTED and TEST_CLEAR[clear] is State.LISTED

    assert listing.state is TARGET[target] if works else listing.state in (State.REFUSED, State.DEAD, State.UNKNOWN)


def test_bits_are_read_one_by_one() -> None:
    surbl = next(one for one in lists() if one.id == "surbl")

    assert {c.rule for c in read_answer(surbl, found("127.0.0.200")).codes} == {"BL006", "BL007"}
    assert read_answer(surbl, found("127.0.0.1")).state is State.REFUSED
    assert read_answer(surbl, found("127.0.0.36")).state is State.CLEAR
    assert read_answer(MASKED, found("127.0.0.4")).state is State.UNKNOWN


def test_one_code_means_different_things_at_different_lists() -> None:
    by_id = {one.id: one for one in lists()}

    assert read_answer(by_id["uribl"], found("127.0.0.1")).state is State.REFUSED
    assert read_answer(by_id["validity-rpbl"], found("127.0.0.1")).state is State.LISTED
    assert read_answer(by_id["hostkarma"], found("127.0.0.1")).codes[0].rule == "BL017"
    assert read_answer(by_id["spamhaus-dbl"], found("127.0.1.255")).state is State.REFUSED
    for one in lists():
        assert read_answer(one, found("127.255.255.255")).state is not State.LISTED, one.id


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (IPv4Address("192.0.2.99"), "99.2.0.192.bl.example"),
        (
            IPv6Address("2001:db8:1:2:3:4:567:89ab"),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example",
        ),
        (DomainName("empresa.example"), "empresa.example.bl.example"),
    ],
)
def test_questions_are_those_of_rfc_5782(target: object, name: str) -> None:
    question = question_for(LIST, target, "A")  # type: ignore[arg-type]

    assert question is not None
    assert question.name == name


@given(st.binary(min_size=4, max_size=4).map(IPv4Address))
def test_no_address_outside_127_is_ever_a_listing(address: IPv4Address) -> None:
    for one in lists():
        state = read_answer(one, Found((address,), 60)).state
        assert state is State.DEAD if address.packed[0] != 127 else state is not State.DEAD


def test_a_reason_is_asked_for_only_where_there_is_a_listing() -> None:
    asked: list[str] = []

    class Watched(TableSource):
        def answer(self, question: object, /) -> Answer:  # type: ignore[override]
            asked.append(str(question))
            return super().answer(question)  # type: ignore[arg-type]

    table = {"2.0.0.127.bl.example/A": ["127.0.0.2"], "99.2.0.192.bl.example/A": ["127.0.0.2"]}
    table["99.2.0.192.bl.example/TXT"] = ["because \x1b[31m"]
    (listing,) = check("192.0.2.99", lists=[LIST], source=Watched(table))
    check("192.0.2.98", lists=[LIST], source=Watched(table))

    assert listing.reason == "because \x1b[31m"
    assert [name for name in asked if name.endswith("TXT")] == ["99.2.0.192.bl.example TXT"]


def test_a_key_stands_in_the_question_and_nowhere_else() -> None:
    keyed = replace(LIST, keyed="{key}.dq.example", key="geheim123")
    table = {
        "2.0.0.127.geheim123.dq.example/A": ["127.0.0.2"],
        "99.2.0.192.geheim123.dq.example/A": ["127.0.0.2"],
        "99.2.0.192.geheim123.dq.example/TXT": ["see https://list.example/?key=geheim123"],
    }
    (listing,) = check("192.0.2.99", lists=[keyed], source=TableSource(table))

    assert listing.state is State.LISTED
    assert listing.question is not None
    assert listing.question.private
    assert "geheim123" not in listing.reason
    assert "geheim123" not in f"{keyed!r}{keyed.shown_zone}{listing.question}"


def test_lists_are_consistent() -> None:
    ids = [one.id for one in lists()]

    assert len(ids) == len(set(ids))
    for one in lists():
        assert dead_zone(one.zone) is None or not one.zone, one.id
        assert one.usage.en
        assert one.usage.es
        assert one.delist.startswith("https://")
        for code in (*one.codes, *one.refusals):
            assert code.first <= code.last
            assert code.meaning.en
            assert code.meaning.es
        for code in one.codes:
            assert code.rule or code.state.value == "neutral"


def test_zones_that_are_gone_are_known_with_all_below_them() -> None:
    assert dead_zone("dnsbl.sorbs.net") is not None
    assert dead_zone("rhsbl.SORBS.net.") is not None
    assert dead_zone("notsorbs.net") is None


def _usable() -> list[Blocklist]:
    return [one for one in lists() if one.usable and one.default]


def test_lists_asked_by_default_can_be_asked_without_a_key() -> None:
    assert len(_usable()) >= 12
    assert "abusix" not in {one.id for one in _usable()}
