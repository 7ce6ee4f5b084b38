"""MX, reverse names and the zone on any answers at all."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverability.core.changes import Changed
from deliverability.core.facts import AuditedDomain, Moment, Sending
from deliverability.core.finding import Finding, Outcome, Unknown
from deliverability.core.names import DomainName, registrable_domain
from deliverability.core.plan import solve
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    NoName,
    Question,
    RawRecord,
    Record,
    SoaRecord,
)
from deliverability.core.report import judge
from deliverability.hosts.collect import collect
from deliverability.hosts.naming import generic_name, is_public_name
from deliverability.hosts.rules import RULES

NAMES = [
    DomainName(name)
    for name in (
        "", "empresa.example", "mail.empresa.example", "mx.otra.example.empresa.example", "mx.otra.example", "192.0.2.1",
        "a192-0-2-10.smtp-out.amazonses.com", "smtp.google.com", "mx00.ionos.es", "dsl.operador.example", "[192.0.2.1]",
        "\\000\\255.example", "{host}.example", "x" * 63 + ".example", "localhost", "2001:db8::1",
    )
]  # fmt: skip
ADDRESSES = ["192.0.2.1", "192.0.2.10", "10.0.0.1", "127.0.0.1", "255.255.255.255"]
ADDRESSES_6 = ["2001:db8::1", "::1", "64:ff9b::7f00:1", "fe80::1", "2001:db8::10"]
TEXTS = [b"v=spf1 -all", b"v=spf1 ip4:192.0.2.1 -all", b"v=spf1", b"\xff\x00", b"", b"v=DMARC1; p=none"]


class AnyAnswers:
    """A world made of a seed: each question has one answer, of any kind."""

    def __init__(
        self, seed: int, *, broken: frozenset[Question] = frozenset(), kind: FailureKind | None = None
    ) -> None:
        self.seed, self.broken, self.kind = seed, broken, kind
        self.asked: dict[Question, Answer] = {}

    def answer(self, question: Question) -> Answer:
        draw = random.Random(f"{self.seed}/{question}/{question.checking_disabled}/{question.server}")
        answer = self._draw(draw, question)
        if self.kind is not None and (question in self.broken or not self.broken):
            answer = Failed(self.kind)
        self.asked[question] = answer
        return answer

    def _draw(self, draw: random.Random, question: DnsQuestion) -> Answer:
        aliases = tuple(draw.sample(NAMES, draw.randint(1, 2))) if draw.random() < 0.2 else ()
        match draw.choice(("found", "found", "found", "nodata", "noname", "failed")):
            case "found":
                records = tuple(dict.fromkeys(_record(draw, question.type) for _ in range(draw.randint(1, 30))))
                return Found(records, draw.choice((0, 60, 86400)), aliases, draw.random() < 0.5)
            case "nodata":
                return NoData(0, aliases)
            case "noname":
                return NoName(0, aliases)
            case _:
                return Failed(draw.choice(list(FailureKind)), "detail {with} braces")


def _record(draw: random.Random, record_type: str) -> Record:
    match record_type:
        case "A":
            return ip_address(draw.choice(ADDRESSES))
        case "AAAA":
            return ip_address(draw.choice(ADDRESSES_6))
        case "MX":
            return MxRecord(draw.choice((0, 10, 65535)), draw.choice(NAMES))
        case "TXT":
            return (draw.choice(TEXTS),)
        case "SOA":
            return SoaRecord(draw.choice(NAMES), draw.choice(NAMES), draw.randint(0, 3), 1, 2, 3, 4)
        case "DS":
            return RawRecord("12345 13 2 00ff")
        case _:
            return draw.choice(NAMES)


DOMAINS = st.sampled_from(
    ["empresa.example", "facturas.empresa.example", "a.b.c.d.e.f.empresa.example", "example", "empresa.xyz"]
)
SENDINGS = st.builds(
    Sending,
    ips=st.sampled_from([(), (ip_address("192.0.2.10"),), (ip_address("2001:db8::10"), ip_address("192.0.2.10"))]),
    helo=st.one_of(st.none(), st.sampled_from(["localhost", "mail.empresa.example", "[192.0.2.1]", "{0}", " ", "\x00"]), st.text()),
    envelope_domain=st.sampled_from([None, DomainName("empresa.example"), DomainName("rebotes.empresa.example")]),
    sends=st.sampled_from([None, True, False]),
    smtp_host=st.sampled_from([None, "smtp.empresa.example"]),
    registered=st.one_of(st.none(), st.dates()),
    expires=st.one_of(st.none(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    brand_domain=st.sampled_from([None, DomainName("empresa.example"), DomainName("otra.example"), DomainName("example")]),
    ask_name_servers=st.booleans(),
)  # fmt: skip


def outcomes(domain: str, sending: Sending, source: AnyAnswers | Changed) -> list[tuple[str, Outcome]]:
    name = DomainName(domain)
    audited = AuditedDomain(name, registrable_domain(name) or name, sending.sends)
    facts = solve(collect(audited, sending), source)
    now = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC))
    checked = judge(RULES, {AuditedDomain: audited, Sending: sending, Moment: now, **facts})
    return [(rule.code, outcome) for rule, outcome in checked]


def findings(items: list[tuple[str, Outcome]]) -> dict[str, Finding]:
    return {outcome.fingerprint: outcome for _, outcome in items if isinstance(outcome, Finding)}


@settings(max_examples=300, deadline=None)
@given(DOMAINS, SENDINGS, st.integers(0, 10**9))
def test_any_answers_are_judged_and_told_in_both_languages(domain: str, sending: Sending, seed: int) -> None:
    first = outcomes(domain, sending, AnyAnswers(seed))

    for finding in findings(first).values():
        for lang in ("en", "es"):
            text = " ".join((finding.text(lang), finding.why(lang), finding.advice(lang)))  # type: ignore[arg-type]
            assert text
        assert "Text(" not in finding.text("en")
    assert first == outcomes(domain, sending, AnyAnswers(seed))
    assert any(code == "MX001" for code, _ in first)


@settings(max_examples=150, deadline=None)
@given(DOMAINS, SENDINGS, st.integers(0, 10**9))
def test_any_fix_can_be_applied(domain: str, sending: Sending, seed: int) -> None:
    source = AnyAnswers(seed)

    for finding in findings(outcomes(domain, sending, source)).values():
        if finding.fix is not None:
            after = findings(outcomes(domain, sending, Changed(source, finding.fix.changes)))
            assert all(change.add or change.remove for change in finding.fix.changes)
            assert isinstance(after, dict)


#: What these rules say rests on the words of the user, or on a failure that says where the fault lies.
TOLD = {"DNS005", "DNS006", "DNS018", "DNS019", "DNS020", "DNS022"}
FAULTS = {"DNS010", "DNS011", "DNS012"}


@pytest.mark.parametrize("kind", list(FailureKind))
@settings(max_examples=20, deadline=None)
@given(DOMAINS, SENDINGS)
def test_when_nothing_can_be_asked_nothing_is_found(kind: FailureKind, domain: str, sending: Sending) -> None:
    items = outcomes(domain, sending, AnyAnswers(0, kind=kind))

    assert {f.code for f in findings(items).values()} <= TOLD
    unknowns = {code for code, outcome in items if isinstance(outcome, Unknown)}
    assert {"DNS010", "DNS013", "DNS014", "DNS015", "DNS016", "MX004"} <= unknowns


@settings(max_examples=300, deadline=None)
@given(DOMAINS, SENDINGS, st.integers(0, 10**9), st.sampled_from(list(FailureKind)), st.data())
def test_one_more_failure_never_brings_a_finding(
    domain: str, sending: Sending, seed: int, kind: FailureKind, data: st.DataObject
) -> None:
    source = AnyAnswers(seed)
    before = findings(outcomes(domain, sending, source))
    question = data.draw(st.sampled_from(sorted(source.asked, key=str)))
    after = findings(outcomes(domain, sending, AnyAnswers(seed, broken=frozenset({question}), kind=kind)))

    new = {after[fingerprint].code for fingerprint in after.keys() - before.keys()}
    assert new <= FAULTS, question


@given(st.text(max_size=80), st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_any_name_can_be_looked_at(text: str, ip: object) -> None:
    generic = generic_name(DomainName(text), ip)  # type: ignore[arg-type]

    assert generic is None or generic.part
    assert not is_public_name(text) or "." in text


@given(st.ip_addresses(v=4).filter(lambda ip: sum(part > 9 for part in cast("bytes", ip.packed)) >= 1))
def test_an_address_is_seen_in_a_name_that_spells_it(ip: object) -> None:
    dashed = str(ip).replace(".", "-")
    reverse = ".".join(reversed(str(ip).split(".")))
    padded = "".join(f"{int(part):03}" for part in str(ip).split("."))
    hexadecimal = "".join(f"{int(part):02x}" for part in str(ip).split("."))

    for name in (
        f"{dashed}.operador.example",
        f"{reverse}.operador.example",
        f"h{padded}.operador.example",
        f"h-{hexadecimal}.operador.example",
    ):
        assert generic_name(DomainName(name), ip_address(str(ip))) is not None, name


@given(st.ip_addresses(v=4), st.sampled_from(["mail", "smtp", "mx", "correo", "out", "relay"]), st.integers(0, 99))
def test_a_chosen_name_with_one_number_is_not_generic(ip: object, word: str, number: int) -> None:
    assert generic_name(DomainName(f"{word}{number}.empresa.example"), ip_address(str(ip))) is None
    assert generic_name(DomainName(f"{word}-{number}.empresa.example"), ip_address(str(ip))) is None
