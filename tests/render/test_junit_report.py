"""JUnit XML: read by junitparser, red exactly where the gate is, and well-formed whatever the records hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.finding import Passed, Severity, Unknown
from deliverability.core.report import Checked, Report
from deliverability.core.text import LANGS, Lang, Text
from deliverability.render import render
from deliverability.render.junit import xml
from deliverability.render.places import Place
from tests.support.demo_report import DOMAIN, HOSTILE, demo_report, rule
from tests.support.inert import LIVELY, xml_inert


def read(text: str) -> Any:
    return junitparser.JUnitXml.fromstring(text.encode("utf-8"))


def cases(text: str) -> dict[str, list[Any]]:
    """What each case came to, by the code that its name begins with."""
    found: dict[str, list[Any]] = {}
    for suite in read(text):
        for case in suite:
            found.setdefault(case.name.split(" ")[0], []).extend(case.result or [None])
    return found


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("hostile", [*HOSTILE, *LIVELY], ids=range(len(HOSTILE) + len(LIVELY)))
def test_outside_text_is_inert(hostile: str, lang: Lang) -> None:
    text = render(demo_report(hostile), "junit", lang=lang, places=[Place(hostile, 3)])

    assert xml_inert(text) == []
    assert read(text).tests == 10


def test_the_check_sees_what_it_looks_for() -> None:
    for broken in ("<a>", "<a>\ufffe</a>", "<a><![CDATA[x]]></a>", "<a>]]></a>", "<a>\x1b</a>"):
        assert xml_inert(broken)


@given(st.text(max_size=60))
def test_any_text_comes_back_but_for_what_xml_cannot_hold(text: str) -> None:
    # A carriage return and other controls never get here: `safe` has made escapes of them.
    kept = "".join(c for c in text if c in "\n\t" or c >= " ")
    document = f'<?xml version="1.0"?><testsuites><testsuite name="{xml(kept)}"/></testsuites>'

    name = next(iter(read(document))).name
    assert name == "".join("\ufffd" if c in "\ufffe\uffff" or "\ud800" <= c <= "\udfff" else c for c in kept)


def test_what_xml_cannot_hold_is_replaced_and_the_end_of_a_section_is_written_out() -> None:
    assert xml("a\ufffe\uffff\ud800\x0b\x00\r") == "a" + "\ufffd" * 6
    assert xml("]]>\n", attribute=False) == "]]&gt;\n"
    assert xml("\n\t'\"<&") == "&#10;&#9;&apos;&quot;&lt;&amp;"


def test_each_outcome_is_a_case() -> None:
    found = cases(render(demo_report(), "junit", lang="en"))

    failure = found["SPF004"][0]
    assert isinstance(failure, junitparser.Failure)
    assert (failure.type, failure.message) == ("error", "The record holds include:mail.example too much")
    assert "Do: Whoever manages your DNS replaces" in failure.text
    assert f'+ {DOMAIN}. 3600 IN TXT "v=spf1 ip4:192.0.2.0' in failure.text
    assert f"Seen:\n{DOMAIN} TXT found v=spf1 include:mail.example" in failure.text
    assert found["DKIM012"] == [None, None]  # warnings, below the gate
    assert found["SPF002"] == [None]
    error = found["MX001"][0]
    assert isinstance(error, junitparser.Error)
    assert error.message == "no answer in time"
    assert isinstance(found["MX002"][0], junitparser.Skipped)
    assert found["MX002"][0].message == "no own mail server"
    aside = [result for result in found["DNS013"] if result is not None]
    assert [result.message for result in aside] == ["Set aside: known, include:mail.example"]


def test_a_finding_below_the_gate_passes_with_its_words() -> None:
    text = render(demo_report(), "junit", lang="es")
    case = next(c for s in read(text) for c in s if c.name.startswith("DKIM012"))

    assert case.system_out == "aviso: Al registro le sobra include:mail.example, b"


@pytest.mark.parametrize("fail_on", ["error", "warning", "info", "never"])
@pytest.mark.parametrize("incomplete", [True, False])
@pytest.mark.parametrize("found", [None, *Severity])
@pytest.mark.parametrize("unknown", [None, *Severity])
def test_red_exactly_where_the_gate_is(
    fail_on: str, incomplete: bool, found: Severity | None, unknown: Severity | None
) -> None:
    own, other = rule("SPF001", found or Severity.INFO), rule("SPF002", unknown or Severity.INFO)
    checked = (
        Checked(own, own.found(DOMAIN, what="x") if found else Passed(DOMAIN)),
        Checked(other, Unknown(Text("x", "x"), DOMAIN) if unknown else Passed(DOMAIN)),
    )
    report: Report = replace(demo_report(), checked=checked, fail_on=fail_on, incomplete_fails=incomplete, ignored=())
    suites = read(render(report, "junit"))

    red = 1 if suites.failures else 3 if suites.errors else 0
    assert red == report.exit_code()
    if unknown:  # never told as passed
        assert suites.errors + sum(suite.skipped for suite in suites) == 1


def test_the_counts_are_those_of_the_cases() -> None:
    reports = [demo_report(), replace(demo_report(), subject="otra.example")]
    suites = read(render(reports, "junit"))
    counted = read(render(reports, "junit"))
    counted.update_statistics()

    keys = ("tests", "failures", "errors")
    assert [getattr(suites, key) for key in keys] == [getattr(counted, key) for key in keys]
    assert [suite.skipped for suite in suites] == [suite.skipped for suite in counted]
    assert " skipped=" not in render(reports, "junit").splitlines()[1]  # the schema of Jenkins forbids it there
    assert [suite.name for suite in suites] == [DOMAIN, "otra.example"]
    assert [suite.timestamp for suite in suites] == ["2026-11-22T12:00:00"] * 2
    properties = {p.name: p.value for p in next(iter(suites)).properties()}
    assert properties == {"exit-code": "1", "rules-version": "2026.11", "score": "59"}


def test_no_two_cases_of_a_suite_share_a_name() -> None:
    report = demo_report()
    names = [
        case.name for suite in read(render(replace(report, checked=report.checked * 3), "junit")) for case in suite
    ]

    assert len(set(names)) == len(names)
    assert any(name.endswith(" (3)") for name in names)


def test_the_file_and_line_of_a_case() -> None:
    text = render(demo_report(), "junit", places=[Place("mail/deliverability.toml", 7)])

    assert '<testsuite name="empresa.example" timestamp="2026-11-22T12:00:00" file="mail/deliverability.toml"' in text
    assert 'time="0" file="mail/deliverability.toml" line="7"' in text
    assert "file=" not in render(demo_report(), "junit")


def test_nothing_to_report_is_a_document_too() -> None:
    assert read(render([], "junit")).tests == 0


def test_width_and_colour_change_nothing() -> None:
    assert render(demo_report(), "junit", width=40) == render(demo_report(), "junit", width=200, color=True)
