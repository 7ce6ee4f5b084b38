"""Hostile text from wherever a report takes text, through every format in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.facts import MessageOverview, Stage
from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.feedback.facts import (
    AddressBlock,
    Day,
    Rate,
    Refusal,
    Reputation,
    ReputationFile,
    Requirement,
    Verdict,
)
from deliverability.filters.verdict import FilterSymbol, FilterVerdict
from deliverability.render import render
from tests.render.test_html_hostile import audit
from tests.render.test_html_report import blocklist_report, report_of
from tests.support.demo_report import HOSTILE, demo_report, rule
from tests.support.every_format import faults_of
from tests.support.hostile_everywhere import hostile_report
from tests.support.inert import LIVELY

TEXTS = (
    *HOSTILE,
    *LIVELY,
    '"><a href="https://evil.example" onclick="evil()">evil</a>',
    "</script></style><b>evil</b>",
)
each_text = pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))


def _reputation(text: str) -> Reputation:
    """Files in which every text is the hostile one."""
    day = Day(text, text, date(2026, 11, 20), Rate(0.004, Text("0.4%", "0,4 %")), Verdict.BAD, text, 10, 3)
    silent = Day(text, "", None)
    block = AddressBlock(text, ip_address("192.0.2.1"), ip_address("192.0.2.9"), True, text)
    need = Requirement(text, text, text, False, text)
    refusal = Refusal(text, "BL018", text, Text("refused", "rechazado"), text, text, ip_address("192.0.2.1"))
    return Reputation((ReputationFile(text, (), (day, silent), (block,), (need,), (refusal,), (1, 2), 7),))


def hostile_details(text: str) -> Report:
    """A good mail's report whose every detail says the hostile text."""
    mail = report_of("factura")
    lists = blocklist_report(text.encode("latin-1", "replace").decode("latin-1")).details["blocklists"]
    filters = (
        FilterVerdict(text, 5.0, 4.0, text, (FilterSymbol(text, 1.5, text, "SPF004"),)),
        FilterVerdict(text, problem=text),
    )
    details: dict[str, Any] = {
        **mail.details,
        "message": MessageOverview(text, text, (text, text, text), text, None, 10, Stage.SUBMITTED),
        "filters": filters,
        "blocklists": lists,
        "reputation": _reputation(text),
        "spf_tree": _tree(text),
    }
    return replace(mail, details=details)


def _tree(text: str) -> object:
    record = b"v=spf1 include:" + text.encode("utf-8", "replace") + b" exists:%{i}.x.example -all"
    return audit({"empresa.example/TXT": [record]}).details["spf_tree"]


@each_text
def test_findings_records_and_reasons(text: str) -> None:
    assert faults_of(demo_report(text), replace(demo_report(text), subject=text)) == {}


@each_text
def test_a_mail_and_its_dns(text: str) -> None:
    assert faults_of(hostile_report(text), langs=("es",)) == {}  # test_hostile_mails does it in English


@each_text
def test_details(text: str) -> None:
    assert faults_of(hostile_details(text), langs=("es",)) == {}


@pytest.mark.parametrize("text", LIVELY, ids=range(len(LIVELY)))
def test_what_github_puts_together(text: str) -> None:
    """Many findings of one rule, so that their names stand in one annotation."""
    own = rule("BODY015")
    checked = tuple(
        demo_report().checked[0]._replace(rule=own, outcome=own.found(f"{text} {n}", what=f"{text} {n}"))
        for n in range(14)
    )
    report = replace(demo_report(), checked=checked, actions=())
    other = replace(report, subject=text)

    assert "(×" in render(report, "github")
    assert faults_of(report, other, langs=("es",)) == {}


def test_the_details_are_shown_at_all() -> None:
    """Otherwise nothing above would have been tried."""
    shown = render(hostile_details("evil"), "markdown", lang="en")

    for title in (
        "What the receivers report",
        "What the blocklists say",
        "Your spam filters",
        "SPF and DMARC of the domain",
    ):
        assert title in shown
    assert shown.count("evil") > 15
