"""Every rule on answers that make it fire and answers that do not: tests/cases/<CODE>.toml.

    [[case]]
    name = "eleven includes"            # unique in the file
    domain = "empresa.example"          # default
    now = 2026-11-22T12:00:00Z          # default
    must = ["SPF004"]                   # codes that have to be found
    must_not = ["SPF005"]               # codes that may not be found
    passed = ["SPF002"]                 # codes with a Passed outcome
    unknown = ["SPF035"]                # codes with an Unknown outcome
    not_applicable = []
    severity = { SPF004 = "error" }     # the severity a finding has to have
    fix = { SPF004 = ["v=spf1 …"] }     # values the finding's fix has to add, exactly
    message = "From: …"                 # then the case audits this message, its lines ended with CRLF
    client_ip = "192.0.2.1"             # with `message`: the envelope; also mail_from, helo
    sign = [{ domain = "empresa.example", selector = "s1" }]   # with `message`: DKIM signatures, support/signing.py;
                                        # their keys stand in the answers unless `publish = false` or given there
    append = "footer"                   # text put at the end of the message once it is signed
    append_times = 100000               # so many times
    replace = [["Subject: a", "Subject: b"]]                   # and text that is then changed
    header_fix = { HDR011 = ["…"] }     # header values the finding's fix has to propose, exactly
    others = ["From: …"]                # with `message`: other mails that it is held against, called #1, #2 …
    link_probe = [{ url = "…", host = "…", problem = "status", detail = "404" }]   # fields of content.probe.LinkCheck
    reputation = ["…"]                  # the texts of reputation files: exports of SNDS or Postmaster Tools, bounces
    [case.blocklists]                   # then the blocklists are asked: lists, keys, list (one's own); their test entries
                                        # answer as they have to, unless `working = false`
    [case.receiving]                    # fields of core.facts.Receiving
    [case.unsubscribe_probe]            # fields of headers.unsubscribe.UnsubscribeProbe
    [case.sending]                      # fields of core.facts.Sending
    selectors = ["s1"]
    [case.answers]                      # the form of sources/table.py
    "empresa.example/TXT" = ["v=spf1 …"]

A file `<CODE>.toml` has at least one case with the code in `must` and one with it in `must_not`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.finding import NotApplicable, Passed, Unknown
from deliverability.core.report import Report
from tests.support.cases import run_case

FILES = sorted(Path(__file__).parent.glob("cases/*.toml"))


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}-{case['name']}")
        for path in FILES
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


def _codes(report: Report, kind: type) -> set[str]:
    return {rule.code for rule, outcome in report.checked if isinstance(outcome, kind)}


@pytest.mark.parametrize("case", _cases())
def test_case(case: dict[str, Any]) -> None:
    report = run_case(case)
    found = report.codes()

    assert set(case.get("must", ())) <= found
    assert not set(case.get("must_not", ())) & found
    assert set(case.get("passed", ())) <= _codes(report, Passed)
    assert set(case.get("unknown", ())) <= _codes(report, Unknown)
    assert set(case.get("not_applicable", ())) <= _codes(report, NotApplicable)
    for code, severity in case.get("severity", {}).items():
        assert {f.severity.value for f in report.findings if f.code == code} == {severity}
    for code, values in case.get("fix", {}).items():
        fixes = [f.fix for f in report.findings if f.code == code and f.fix]
        assert [value for fix in fixes for change in fix.changes for value in change.add] == values
    for code, values in case.get("header_fix", {}).items():
        fixes = [f.fix for f in report.findings if f.code == code and f.fix]
        assert [change.value for fix in fixes for change in fix.headers] == values


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_has_a_firing_and_a_silent_case(path: Path) -> None:
    cases = tomllib.loads(path.read_text("utf-8"))["case"]

    assert any(path.stem in case.get("must", ()) for case in cases)
    assert any(path.stem in case.get("must_not", ()) for case in cases)
    assert len({case["name"] for case in cases}) == len(cases)
