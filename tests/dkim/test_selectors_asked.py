"""Which selectors are asked for, how many questions that takes, and what the answers come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from deliverability import dkim
from deliverability.core.errors import InvalidDomainName
from deliverability.core.facts import AuditedDomain, DkimPresence, Presence, Sending
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, DnsQuestion
from deliverability.dkim.collect import MAX_QUESTIONS, collect
from deliverability.dkim.facts import DkimFacts, Origin
from deliverability.providers import registry
from deliverability.providers.registry import DetectedProvider, DetectedProviders, detect
from deliverability.sources.table import TableSource

NAME = DomainName("empresa.example")
DOMAIN = AuditedDomain(NAME, NAME)
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


class Asked:
    """A table that remembers what was asked."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._below = TableSource(table)
        self.questions: list[DnsQuestion] = []

    def answer(self, question: DnsQuestion) -> Answer:
        self.questions.append(question)
        return self._below.answer(question)


def look(
    table: Mapping[str, Any],
    sending: Sending | None = None,
    providers: tuple[DetectedProvider, ...] = (),
    domain: AuditedDomain = DOMAIN,
) -> tuple[dict[type, Any], list[DnsQuestion]]:
    source = Asked(table)
    return solve(collect(domain, sending or Sending(), providers), source), source.questions


def presence(table: Mapping[str, Any], sending: Sending | None = None) -> DkimPresence:
    return look(table, sending)[0][DkimPresence]


def test_only_txt_is_asked_and_nothing_twice() -> None:
    _, questions = look({}, Sending(selectors=("s1", "S1", "s1._domainkey.empresa.example", "other")))

    assert {question.type for question in questions} == {"TXT"}
    assert len(questions) == len(set(questions))


def test_without_any_hint_the_short_list_is_asked() -> None:
    facts, questions = look({})

    assert [s.selector for s in facts[DkimFacts].selectors] == list(registry.common_selectors())
    assert len(questions) == len(registry.common_selectors()) + 2


def test_a_domain_with_many_providers_stays_within_the_budget() -> None:
    providers = detect(
        mx_hosts=["smtp.google.com"],
        spf_domains=[
            "spf.protection.outlook.com",
            "mailgun.org",
            "send.klaviyo.com",
            "spf.mandrillapp.com",
            "mailbox.org",
        ],
    )
    facts, questions = look({}, providers=providers)
    first = [question for question in questions if not question.name.endswith("empresa.example.empresa.example")]

    assert len(first) == MAX_QUESTIONS
    assert facts[DkimFacts].untried
    assert {found.provider.id for found in providers} <= {
        s.provider.id for s in facts[DkimFacts].selectors if s.provider
    }


def test_every_given_selector_is_asked_whatever_the_budget() -> None:
    given = tuple(f"sel{number}" for number in range(40))
    facts, _ = look({}, Sending(selectors=given))

    assert [s.selector for s in facts[DkimFacts].selectors if s.origin is Origin.GIVEN] == list(given)


def test_the_whole_table_is_asked_when_wanted() -> None:
    facts, _ = look({}, Sending(all_selectors=True))

    assert len(facts[DkimFacts].selectors) == len(registry.common_selectors(thorough=True)) > 140
    assert facts[DkimFacts].untried == ()


def test_a_domain_that_sends_nothing_is_not_searched_for_keys() -> None:
    _, questions = look({}, domain=AuditedDomain(NAME, NAME, sends=False))

    assert len(questions) == 2


def test_the_same_domain_gets_the_same_questions_each_time() -> None:
    assert look({})[1] == look({})[1]
    other = AuditedDomain(DomainName("otra.example"), DomainName("otra.example"))
    assert look({}, domain=other)[0][DkimFacts].probe.split(".")[0] != look({})[0][DkimFacts].probe.split(".")[0]


def test_a_provider_told_in_the_profile_is_asked_for() -> None:
    facts, _ = look({}, Sending(providers=("proton",)))

    assert [s.selector for s in facts[DkimFacts].selectors][:3] == ["protonmail", "protonmail2", "protonmail3"]
    assert facts[DetectedProviders].ids == ("proton",)


def test_a_cname_shows_its_provider_and_its_key_is_read() -> None:
    facts, _ = look(
        {
            "s1._domainkey.empresa.example/CNAME": ["s1.domainkey.u1.wl.sendgrid.net."],
            "s1.domainkey.u1.wl.sendgrid.net/TXT": [KEY],
        }
    )
    found = facts[DetectedProviders].get("sendgrid")

    assert found is not None
    assert found.seen_in == ("dkim-cname", "selector")
    assert facts[DkimPresence] == DkimPresence(Presence.FOUND, ("s1",))


def test_a_distinctive_selector_shows_its_provider_only_if_it_holds_a_key() -> None:
    table = {"resend._domainkey.empresa.example/TXT": [KEY]}

    assert look(table, Sending(selectors=("resend",)))[0][DetectedProviders].ids == ("resend",)
    table = {"resend._domainkey.empresa.example/TXT": ["hello"]}
    assert look(table, Sending(selectors=("resend",)))[0][DetectedProviders].ids == ()


def test_strings_of_a_record_are_joined_with_nothing_between() -> None:
    """RFC 6376 §3.6.2.2; a space would break a key whose strings end anywhere."""
    facts, _ = look({"s1._domainkey.empresa.example/TXT": [[KEY[:30], KEY[30:]]]})

    assert next(s for s in facts[DkimFacts].selectors if s.selector == "s1").keys == (dkim.parse_key(KEY),)


def test_nothing_below_a_name_that_does_not_exist() -> None:
    """RFC 8020 §2: NXDOMAIN at `_domainkey` proves that no selector exists."""
    assert presence({"empresa.example/TXT": ["x"]}).state is Presence.ABSENT


@pytest.mark.parametrize(
    "table",
    [
        {"unknown._domainkey.empresa.example/TXT": [KEY]},  # `_domainkey` exists: something is there
        {"_domainkey.empresa.example/TXT": ["o=-"]},
        {"_domainkey.empresa.example/TXT": {"fault": "servfail"}},
        {
            "default._domainkey.empresa.example/TXT": {"fault": "timeout"},
            "_domainkey.empresa.example/TXT": {"fault": "nxdomain"},
        },
        {"default._domainkey.empresa.example/TXT": ["v=DKIM1; p="]},
        {"*._domainkey.empresa.example/TXT": [KEY]},
        {
            "k1._domainkey.empresa.example/CNAME": ["gone.example"],
            "_domainkey.empresa.example/TXT": {"fault": "nxdomain"},
        },
    ],
)
def test_absence_is_not_claimed_without_proof(table: dict[str, Any]) -> None:
    assert presence(table).state is Presence.UNKNOWN


def test_a_server_that_denies_a_name_above_existing_ones_is_not_believed() -> None:
    table = {"_domainkey.empresa.example/TXT": {"fault": "nxdomain"}, "s1._domainkey.empresa.example/TXT": [KEY]}
    facts, _ = look(table)

    assert facts[DkimFacts].lies
    assert facts[DkimPresence].state is Presence.FOUND


def test_a_wildcard_is_not_taken_for_selectors() -> None:
    facts, _ = look(
        {"*._domainkey.empresa.example/TXT": [KEY], "s1._domainkey.empresa.example/TXT": [KEY + "; n=mine"]}
    )

    assert [s.selector for s in facts[DkimFacts].existing] == ["s1"]


def test_a_wildcard_alias_that_leads_nowhere_is_not_a_hundred_dangling_selectors() -> None:
    facts, _ = look({"*._domainkey.empresa.example/CNAME": ["gone.example"]})

    assert not any(s.dangling for s in facts[DkimFacts].selectors)


def test_the_doubled_name_is_asked_only_for_selectors_that_are_expected_and_missing() -> None:
    google = detect(mx_hosts=["smtp.google.com"])

    def doubled(table: dict[str, Any], **told: Any) -> list[str]:
        _, questions = look(table, Sending(**told), google)
        return [q.name.split(".")[0] for q in questions if q.name.endswith(".empresa.example.empresa.example")]

    assert doubled({}, selectors=("s1",)) == ["s1", "google"]
    assert doubled({"google._domainkey.empresa.example/TXT": [KEY]}) == []
    assert doubled({"google._domainkey.empresa.example/TXT": {"fault": "timeout"}}) == []
    assert len(doubled({}, selectors=tuple(f"s{n}x" for n in range(30)))) == 4


def test_a_domain_too_long_for_a_selector_raises_nothing() -> None:
    long = DomainName(".".join(["a" * 60] * 4))
    facts, _ = look({}, Sending(selectors=("s1", "x" * 70, "")), domain=AuditedDomain(long, long))

    assert "x" * 70 in facts[DkimFacts].invalid


def test_keys_finds_the_given_selectors() -> None:
    source = TableSource(
        {
            "s1._domainkey.empresa.example/TXT": [KEY],
            "fd._domainkey.empresa.example/TXT": ["v=DKIM1; p="],
        }
    )
    found = dkim.keys("Empresa.example.", selectors=["s1", "s2"], source=source)

    assert [(s.selector, s.usable) for s in found] == [("s1", True)]


def test_keys_tries_every_known_name_when_none_is_given() -> None:
    source = TableSource({"aweber_key_b._domainkey.empresa.example/TXT": [KEY]})

    assert [s.selector for s in dkim.keys("empresa.example", source=source)] == ["aweber_key_b"]


def test_keys_wants_a_domain() -> None:
    with pytest.raises(InvalidDomainName):
        dkim.keys("empresa example", source=TableSource({}))
