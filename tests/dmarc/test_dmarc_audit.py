"""What the domain audit says about DMARC where other tools are known to go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.finding import Finding, NotApplicable, Passed, Unknown
from deliverability.core.names import parse_domain
from deliverability.core.plan import solve
from deliverability.core.questions import FailureKind
from deliverability.core.report import Report
from deliverability.core.text import LANGS
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.tables import default_policy_host, mailbox_provider
from deliverability.registry import RULES
from deliverability.sources.table import TableSource
from tests.support.cases import NOW

MX = {"empresa.example/MX": ["10 mx.empresa.example."]}


def audit(answers: dict[str, Any], name: str = "empresa.example") -> Report:
    return solve(audit_domain_plan(parse_domain(name), now=NOW), TableSource({**MX, **answers}))


def record(text: str) -> dict[str, Any]:
    return {"_dmarc.empresa.example/TXT": [text]}


def dmarc_codes(report: Report, kind: type) -> set[str]:
    return {
        rule.code for rule, outcome in report.checked if rule.code.startswith("DMARC") and isinstance(outcome, kind)
    }


def test_an_unauthorised_destination_leaves_the_policy_in_force() -> None:
    report = audit(record("v=DMARC1; p=reject; rua=mailto:r@informes.test"))

    assert "DMARC010" in report.codes()
    assert {"DMARC001", "DMARC007"} <= dmarc_codes(report, Passed)


def test_new_tags_are_known() -> None:
    report = audit(record("v=DMARC1; p=reject; np=reject; t=n; psd=u; rua=mailto:d@empresa.example"))

    assert {"DMARC022", "DMARC024", "DMARC001"} <= dmarc_codes(report, Passed)


def test_a_version_alone_is_a_record_without_a_policy() -> None:
    report = audit(record("v=DMARC1"))

    assert {"DMARC005", "DMARC007", "DMARC008"} <= dmarc_codes(report, Finding)
    assert "DMARC001" in dmarc_codes(report, Passed)


def test_a_name_that_does_not_exist_has_the_policy_of_np() -> None:
    answers = record("v=DMARC1; p=none; np=reject; rua=mailto:d@empresa.example")
    facts = audit(answers, "nope.empresa.example").details["dmarc"]

    assert isinstance(facts, DmarcFacts)
    assert (facts.policy.applies_as, facts.policy.policy) == ("np", "reject")


def test_a_subdomain_shows_the_policy_it_inherits_and_not_the_domains() -> None:
    answers = {**record("v=DMARC1; p=reject; sp=none"), "facturas.empresa.example/A": ["192.0.2.1"]}

    assert "DMARC007" in audit(answers, "facturas.empresa.example").codes()
    assert "DMARC007" not in audit(answers).codes()


@pytest.mark.parametrize("kind", list(FailureKind))
def test_what_could_not_be_asked_is_told_as_unknown_and_nothing_else(kind: FailureKind) -> None:
    report = audit({"_dmarc.empresa.example/TXT": {"fault": kind.value}})
    found, passed = dmarc_codes(report, Finding), dmarc_codes(report, Passed)

    assert found == set()
    assert passed == {"DMARC036"}  # this one asks nothing
    unknown = [o for rule, o in report.checked if rule.code == "DMARC001" and isinstance(o, Unknown)]
    assert kind.value in unknown[0].evidence[0].text
    assert report.exit_code() in (1, 3)


def test_a_failed_destination_is_unknown_and_the_policy_stays_known() -> None:
    answers = {
        **record("v=DMARC1; p=reject; rua=mailto:r@informes.test"),
        "empresa.example._report._dmarc.informes.test/TXT": {"fault": "servfail"},
        "informes.test/MX": {"fault": "timeout"},
    }
    report = audit(answers)

    assert {"DMARC010", "DMARC011"} <= dmarc_codes(report, Unknown)
    assert "DMARC001" in dmarc_codes(report, Passed)


def test_every_rule_of_the_domain_audit_is_reached() -> None:
    report = audit(record("v=DMARC1; p=reject; rua=mailto:d@empresa.example"))
    outcomes = (Passed, Finding, NotApplicable, Unknown)

    assert set().union(*(dmarc_codes(report, kind) for kind in outcomes)) == {
        rule.code for rule in RULES if rule.code.startswith("DMARC")
    } - {"DMARC030", "DMARC031", "DMARC032", "DMARC037"}


@pytest.mark.parametrize(
    "text", ["v=DMARC1; p=“{x}” {0}", "v=DMARC1; {p}=none; rua={mailto}:x", "v=DMARC1; %s{}=1; p=\x1b[31m"]
)
def test_texts_of_outside_records_do_not_upset_the_sentences(text: str) -> None:
    for finding in audit(record(text)).findings:
        for lang in LANGS:
            assert finding.text(lang)
            assert finding.why(lang)
            assert finding.advice(lang)


def test_a_hostile_record_gives_a_report_of_bounded_size() -> None:
    text = "v=DMARC1; " + ";".join(f"t{chr(97 + i % 26)}{'x' * (i // 26)}=1" for i in range(1500)) + "; p=reject p=none"
    report = audit(record(text))

    assert len([f for f in report.findings if f.code.startswith("DMARC")]) < 60


def test_the_tables_are_read() -> None:
    gmail = mailbox_provider("gmail.com")

    assert gmail is not None
    assert "smtp.gmail.com" in gmail.hosts
    assert mailbox_provider("empresa.example") is None
    assert mailbox_provider("notgmail.com") is None
    assert default_policy_host("dmarc.ionos.es") == "IONOS"
    assert default_policy_host("dmarc.example") == ""
