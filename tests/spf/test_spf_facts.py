"""What other topics are told about SPF, and what the audit asks for it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.facts import AuditedDomain, Presence, Sending, SpfPresence
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Question
from deliverability.sources.table import TableSource
from deliverability.spf.collect import collect
from deliverability.spf.facts import SpfFacts, is_parked
from deliverability.spf.rules.syntax import answer_octets, bad_seams

NAME = DomainName("empresa.example")
DOMAIN = AuditedDomain(NAME, NAME)
NOTHING_TOLD = Sending()


class Asked:
    def __init__(self, table: dict[str, Any]) -> None:
        self._source = TableSource(table)
        self.questions: set[str] = set()

    def answer(self, question: Question) -> Answer:
        self.questions.add(str(question))
        return self._source.answer(question)


def facts(table: dict[str, Any], sending: Sending = NOTHING_TOLD) -> SpfFacts:
    found = solve(collect(DOMAIN, sending), TableSource(table))[SpfFacts]
    assert isinstance(found, SpfFacts)
    return found


@pytest.mark.parametrize(
    ("txt", "presence"),
    [
        (["v=spf1 a -all"], SpfPresence(Presence.FOUND, "-")),
        (["v=spf1 a"], SpfPresence(Presence.FOUND, "")),
        (["v=spf1 redirect=b.example.net"], SpfPresence(Presence.FOUND, "~")),
        (["v=spf1 ip4:999.1.1.1 -all"], SpfPresence(Presence.ABSENT)),
        (["v=spf1 a -all", "v=spf1 mx -all"], SpfPresence(Presence.ABSENT)),
        (["other"], SpfPresence(Presence.ABSENT)),
        ({"fault": "timeout"}, SpfPresence(Presence.UNKNOWN)),
    ],
)
def test_presence(txt: Any, presence: SpfPresence) -> None:
    table = {f"{NAME}/TXT": txt, "b.example.net/TXT": ["v=spf1 ip4:192.0.2.1 ~all"]}

    assert solve(collect(DOMAIN, NOTHING_TOLD), TableSource(table))[SpfPresence] == presence


def test_a_domain_with_a_record_takes_three_questions_beside_its_tree() -> None:
    source = Asked({f"{NAME}/TXT": ["v=spf1 ip4:192.0.2.1 -all"]})
    solve(collect(DOMAIN, NOTHING_TOLD), source)

    assert source.questions == {f"{NAME} TXT", f"{NAME} SPF", f"{NAME} MX"}


def test_checking_an_address_asks_nothing_that_the_tree_does_not() -> None:
    table = {
        f"{NAME}/TXT": ["v=spf1 include:b.example.net a -all"],
        f"{NAME}/A": ["192.0.2.9"],
        "b.example.net/TXT": ["v=spf1 ip4:192.0.2.1 ~all"],
    }
    plain, checked = Asked(table), Asked(table)
    solve(collect(DOMAIN, NOTHING_TOLD), plain)
    solve(collect(DOMAIN, Sending(ips=(ip_address("192.0.2.9"),), helo="mail.empresa.example")), checked)

    assert checked.questions - plain.questions == {"mail.empresa.example TXT"}


def test_wrong_places_are_asked_only_where_there_certainly_is_no_record() -> None:
    without, failing = Asked({f"{NAME}/A": ["192.0.2.1"]}), Asked({f"{NAME}/TXT": {"fault": "servfail"}})
    solve(collect(DOMAIN, NOTHING_TOLD), without)
    solve(collect(DOMAIN, NOTHING_TOLD), failing)

    assert f"www.{NAME} TXT" in without.questions
    assert f"www.{NAME} TXT" not in failing.questions


def test_parked_by_word_or_by_null_mx_and_nobody_authorised() -> None:
    silent = facts({f"{NAME}/MX": ["0 ."]})
    sends = facts({f"{NAME}/MX": ["0 ."], f"{NAME}/TXT": ["v=spf1 ip4:192.0.2.1 -all"]})

    assert is_parked(silent, DOMAIN)
    assert not is_parked(sends, DOMAIN)
    assert is_parked(sends, AuditedDomain(NAME, NAME, sends=False))
    assert not is_parked(silent, AuditedDomain(NAME, NAME, sends=True))


@pytest.mark.parametrize(
    ("strings", "seams"),
    [
        ((b"v=spf1 include:a.example", b"include:b.example -all"), (24,)),
        ((b"v=spf1 ip4:192.0.2.1", b"-all"), (20,)),
        ((b"v=spf1 ip4:192.0.2.1", b" -all"), ()),
        ((b"v=spf1 ip4:192.0.2.1 ", b"-all"), ()),
        ((b"v=spf1 ip4:192.0.2.1 -", b"all"), ()),
        ((b"v=spf1 include:al", b"l.example -all"), ()),
        ((b"v=spf1 a", b"mx -all"), ()),  # "amx" may be the middle of a name: not sure enough
        ((b"v=spf1 a", b":mail.example -all"), ()),
        ((b"v=spf1 -all",), ()),
    ],
)
def test_seams(strings: tuple[bytes, ...], seams: tuple[int, ...]) -> None:
    assert bad_seams(strings) == seams


def test_the_size_of_an_answer_is_that_of_its_message() -> None:
    import dns.message  # noqa: PLC0415 - only this test needs the library
    import dns.rrset  # noqa: PLC0415

    texts = ["v=spf1 " + "ip4:192.0.2.1 " * 15 + "-all", "ms=1"]
    message = dns.message.make_response(dns.message.make_query(f"{NAME}.", "TXT", use_edns=False))
    message.answer.append(dns.rrset.from_text(f"{NAME}.", 3600, "IN", "TXT", *(f'"{text}"' for text in texts)))

    assert answer_octets(NAME, [(text.encode(),) for text in texts]) == len(message.to_wire())
