"""What the domain audit asks about DMARC, and the policy of subdomains under both specifications."""

from __future__ import annotations

from typing import Any

import pytest

from deliverability.core.facts import AuditedDomain, DmarcPresence, Presence, Sending
from deliverability.core.limits import Limits
from deliverability.core.names import DomainName, registrable_domain
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Question
from deliverability.dmarc.collect import collect
from deliverability.dmarc.destinations import Authorization
from deliverability.dmarc.effective import acted
from deliverability.dmarc.facts import DmarcFacts
from deliverability.sources.table import TableSource


class Watching:
    def __init__(self, table: dict[str, Any]) -> None:
        self._below = TableSource(table)
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return self._below.answer(question)


def gathered(
    table: dict[str, Any], name: str = "empresa.example", limits: Limits | None = None
) -> tuple[DmarcFacts, DmarcPresence, list[Question]]:
    source = Watching(table)
    domain = AuditedDomain(DomainName(name), registrable_domain(DomainName(name)) or DomainName(name))
    facts = solve(collect(domain, Sending(), limits or Limits()), source)
    found, presence = facts[DmarcFacts], facts[DmarcPresence]
    assert isinstance(found, DmarcFacts)
    assert isinstance(presence, DmarcPresence)
    return found, presence, source.asked


def record(text: str) -> dict[str, Any]:
    return {"_dmarc.empresa.example/TXT": [text]}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("v=DMARC1; p=reject", [("reject", "reject")] * 3),
        ("v=DMARC1; p=reject; sp=none", [("reject", "reject"), ("none", "none"), ("none", "none")]),
        ("v=DMARC1; p=reject; sp=none; np=reject", [("reject", "reject"), ("none", "none"), ("reject", "none")]),
        ("v=DMARC1; p=reject; t=y", [("quarantine", "reject")] * 3),
        ("v=DMARC1; p=reject; pct=20", [("reject", "reject pct=20")] * 3),
        ("v=DMARC1", [("none", "")] * 3),
        ("v=DMARC1; p=reject; np=x", [("", "reject")] * 3),
        ("v=DMARC1; p=reject; psd=y", [("reject", "reject"), ("reject", "reject"), ("reject", "reject")]),
    ],
)
def test_effective_policies_of_domain_subdomain_and_made_up_name(text: str, rows: list[tuple[str, str]]) -> None:
    facts, _, asked = gathered(record(text))

    assert [(acted(row.rfc9989), acted(row.rfc7489)) for row in facts.effective] == rows
    assert [row.differs for row in facts.effective] == [new != old for new, old in rows]
    assert not any(question.name.startswith(("_dmarc._.", "_.")) for question in asked)


def test_a_subdomains_own_record_does_not_speak_for_names_below_it() -> None:
    table = {**record("v=DMARC1; p=reject; sp=quarantine"), "_dmarc.a.empresa.example/TXT": ["v=DMARC1; p=none"]}
    facts, _, _ = gathered(table, "a.empresa.example")

    assert [acted(row.rfc9989) for row in facts.effective] == ["none", "quarantine", "quarantine"]


@pytest.mark.parametrize(
    ("table", "state"),
    [
        (record("v=DMARC1; p=reject"), Presence.FOUND),
        (record("v=DMARC1; p=x"), Presence.ABSENT),
        ({}, Presence.ABSENT),
        ({"_dmarc.empresa.example/TXT": {"fault": "timeout"}}, Presence.UNKNOWN),
    ],
)
def test_other_topics_learn_whether_a_policy_applies(table: dict[str, Any], state: Presence) -> None:
    assert gathered(table)[1].state is state


def test_wrong_names_are_asked_only_when_nothing_was_found() -> None:
    def odd(asked: list[Question]) -> set[str]:
        return {q.name for q in asked if q.type == "TXT" and q.name not in ("_dmarc.empresa.example", "_dmarc.example")}

    assert odd(gathered(record("v=DMARC1; p=none"))[2]) == set()
    assert odd(gathered({"_dmarc.empresa.example/TXT": {"fault": "servfail"}})[2]) == set()
    assert odd(gathered({})[2]) == {
        "empresa.example",
        "dmarc.empresa.example",
        "_dmarc.www.empresa.example",
        "_dmarc.empresa.example.empresa.example",
    }


def test_destinations_beyond_the_limit_are_named_and_not_asked() -> None:
    text = "v=DMARC1; p=none; rua=" + ",".join(f"mailto:r@d{i}.test" for i in range(3000))
    facts, _, asked = gathered(record(text[:15000]))

    states = [destination.authorization for destination in facts.destinations]
    assert states[:10] == [Authorization.UNAUTHORIZED] * 10
    assert len(states) > 500
    assert set(states[10:]) == {Authorization.NOT_CHECKED}
    assert len(set(asked)) <= 2 + 2 + 10 * 5 + 1


def test_a_destination_is_asked_about_once_however_often_it_is_named() -> None:
    text = "v=DMARC1; p=none; rua=mailto:a@informes.test,mailto:b@Informes.TEST; ruf=mailto:c@informes.test"
    facts, _, asked = gathered(record(text))
    (destination,) = facts.destinations

    assert destination.tags == ("rua", "ruf")
    assert len(destination.uris) == 3
    names = [q.name for q in asked if "_report" in q.name]
    assert names == ["empresa.example._report._dmarc.informes.test"]


def test_consent_is_asked_for_the_domain_that_holds_the_record() -> None:
    facts, _, asked = gathered(record("v=DMARC1; p=none; rua=mailto:a@informes.test"), "facturas.empresa.example")

    assert [d.domain for d in facts.destinations] == ["empresa.example"]
    assert "empresa.example._report._dmarc.informes.test" in {q.name for q in asked}


def test_an_authorization_name_that_cannot_exist_is_told() -> None:
    host = ".".join(["h" * 60] * 3) + ".test"
    name = ".".join(["d" * 40] * 2) + ".example"
    table = {f"_dmarc.{name}/TXT": [f"v=DMARC1; p=none; rua=mailto:a@{host}"]}
    facts, _, _ = gathered(table, name)

    assert [d.authorization for d in facts.destinations] == [Authorization.NAME_TOO_LONG]


def test_a_common_organization_above_the_public_suffix_needs_no_consent() -> None:
    """A record at the public suffix itself, without psd, makes one organization of what lies below it."""
    table = {
        **record("v=DMARC1; p=none; rua=mailto:a@otra.example"),
        "_dmarc.example/TXT": ["v=DMARC1; p=none"],
    }
    facts, _, _ = gathered(table)

    assert [d.authorization for d in facts.destinations] == [Authorization.INTERNAL]


def test_a_department_of_its_own_has_to_agree() -> None:
    """`psd=n` below the domain makes another organization, though the registrable domain is the same."""
    table = {
        **record("v=DMARC1; p=none; rua=mailto:a@dpto.empresa.example"),
        "_dmarc.dpto.empresa.example/TXT": ["v=DMARC1; p=none; psd=n"],
    }
    facts, _, _ = gathered(table)

    assert [d.authorization for d in facts.destinations] == [Authorization.UNAUTHORIZED]
