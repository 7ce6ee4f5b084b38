"""Links from every format to the page of a rule: to the address that was told, and to none that was not."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

import deliverability as dv
from deliverability.core import rule_pages
from deliverability.core.errors import InvalidConfiguration
from deliverability.core.report import Report
from deliverability.core.rule_pages import RulePages, checked_template
from deliverability.render import FORMATS, render
from deliverability.render.rules import render_rules
from tests.support.demo_report import demo_report

TEMPLATE = "https://docs.empresa.example/{lang}/rules/{code}.html?a=1&b=2"


def page(code: str, lang: str = "en") -> str:
    return f"https://docs.empresa.example/{lang}/rules/{code}.html?a=1&b=2"


@pytest.fixture
def report() -> Report:
    return replace(demo_report(), rule_pages=TEMPLATE)


@pytest.fixture(autouse=True)
def _nothing_in_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_pages, "of_the_package", lambda: "")


@pytest.mark.parametrize("form", FORMATS)
def test_without_an_address_no_format_has_a_page_and_people_are_told_the_command(form: str) -> None:
    text = render(demo_report(), form)

    assert "empresa.example/en" not in text
    if form not in ("json", "jsonl", "csv"):
        assert re.search(r"deliverability explain [A-Z]+[0-9]+", text)


def test_terminal_links_the_codes_where_links_are_taken(report: Report) -> None:
    text = render(report, "terminal", color=True, hyperlinks=True, lang="es")

    links = re.findall(r"\x1b\]8;([^;]*);([^\x1b]*)\x1b\\", text)
    opened = [address for _, address in links if address]
    assert page(report.findings[0].code, "es") in opened
    assert all(name == "" for name, _ in links), "a name that differs from run to run"
    assert len(links) == 2 * len(opened), "each is closed"
    assert "deliverability explain" not in text


@pytest.mark.parametrize("options", [{"color": True}, {"hyperlinks": True}])
def test_terminal_says_the_address_where_links_are_not_taken(report: Report, options: dict[str, bool]) -> None:
    text = render(report, "terminal", width=120, **options)

    assert "\x1b]8" not in text
    if "hyperlinks" not in options:
        assert re.search(r"https://docs\.empresa\.example/en/rules/[A-Z]+[0-9]+\.html", text)


def test_html_links_the_codes_and_its_policy_stays(report: Report) -> None:
    text = render(report, "html")
    code = report.findings[0].code

    assert f'<a href="{page(code)}" rel="noopener noreferrer"><code>{code}</code></a>'.replace("&", "&amp;") in text
    policy = re.compile(r'Content-Security-Policy" content="([^"]*)"')
    assert policy.findall(text) == policy.findall(render(demo_report(), "html"))


def test_markdown_links_the_codes(report: Report) -> None:
    code = report.findings[0].code
    assert f"**[{code}](<{page(code).replace('&', '&amp;')}>)**" in render(report, "markdown")


def test_json_has_both_languages(report: Report) -> None:
    for finding in json.loads(render(report, "json"))["findings"]:
        assert finding["rule_page"] == {"en": page(finding["code"]), "es": page(finding["code"], "es")}
    assert {f["rule_page"] for f in json.loads(render(demo_report(), "json"))["findings"]} == {None}


def test_sarif_has_the_address_of_each_language(report: Report) -> None:
    run = json.loads(render(report, "sarif", lang="es"))["runs"][0]
    for component, lang in ((run["tool"]["driver"], "es"), (run["translations"][0], "en")):
        told = [rule for rule in component["rules"] if re.fullmatch("[A-Z]+[0-9]+", rule["id"])]
        assert told
        assert all(rule["helpUri"] == page(rule["id"], lang) for rule in told)


def test_junit_and_github_end_with_it(report: Report) -> None:
    for failure in ElementTree.fromstring(render(report, "junit")).iter("failure"):
        assert re.search(
            r"More: https://docs\.empresa\.example/en/rules/[A-Z]+[0-9]+\.html\?a=1&b=2\Z", failure.text or ""
        )
    assert re.search(
        r"%0AMore: https://docs\.empresa\.example/en/rules/[A-Z]+[0-9]+\.html\?a=1&b=2$", render(report, "github"), re.M
    )


def test_csv_has_a_column(report: Report) -> None:
    for row in csv.DictReader(io.StringIO(render(report, "csv", lang="es"))):
        assert row["rule_page"] == page(row["code"], "es")


def test_explain_shows_it() -> None:
    rule = dv.explain("SPF004")
    assert page("SPF004") in render_rules([rule], width=120, pages=RulePages(TEMPLATE))
    assert json.loads(render_rules([rule], "json", pages=RulePages(TEMPLATE)))["rule_page"]["es"] == page(
        "SPF004", "es"
    )
    assert json.loads(render_rules([rule], "json"))["rule_page"] is None


@pytest.mark.parametrize(
    "template",
    [
        "https://docs.empresa.example/{lang}/{code}.html",
        "http://127.0.0.1:8000/rules#{code}",
        "https://[2001:db8::1]/{code}",
        "https://{lang}.docs.empresa.example/?rule={code}",
    ],
)
def test_addresses_that_are_taken(template: str) -> None:
    assert checked_template(template, "here") == template


@pytest.mark.parametrize(
    "template",
    [
        "",
        "https://docs.empresa.example/rules.html",
        "javascript:alert('{code}')",
        "data:text/html,{code}",
        "file:///{code}",
        "//docs.empresa.example/{code}",
        "https:///{code}",
        "https://usuario:clave@docs.empresa.example/{code}",
        "https://docs.empresa.example\\@evil.example/{code}",
        "https://docs.empresa.example/{code}/{page}",
        "https://docs.empresa.example/{code}{",
        "https://docs.empresa.example/{code} x",
        'https://docs.empresa.example/{code}"><script>',
        "https://docs.empresa.example/{code})|<x>",
        "https://docs.empresa.example/{code}\x1b\\",
        "https://docs.empresa.example/{code}\n",
        "https://docs.empresa.example/página/{code}",
        "https://docs.empresa.example/{code}" + "a" * 500,
    ],
)
def test_addresses_that_are_not(template: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"^here: expected an http or https address"):
        checked_template(template, "here")


def test_none_takes_the_links_away() -> None:
    assert checked_template("none", "here") == ""


def test_the_package_may_say_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    rule_pages.of_the_package.cache_clear()
    monkeypatch.setattr(rule_pages, "project_urls", lambda: (("Homepage", "x"), ("Rules", TEMPLATE)))
    try:
        assert rule_pages.rule_pages(None) == RulePages(TEMPLATE)
        assert rule_pages.rule_pages("") == RulePages("")
        rule_pages.of_the_package.cache_clear()
        monkeypatch.setattr(rule_pages, "project_urls", lambda: (("Rules", "ftp://evil.example/{code}"),))
        assert rule_pages.rule_pages(None) == RulePages("")
    finally:
        rule_pages.of_the_package.cache_clear()


def test_this_project_invents_no_address() -> None:
    assert not [address for _, address in rule_pages.project_urls() if "{code}" in address]


def test_flag_variable_and_file(tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from deliverability.cli import main  # noqa: PLC0415

    (tmp_path / "deliverability.toml").write_text('rule-pages = "https://file.example/{code}"\n', "utf-8")
    (tmp_path / "empresa.zone").write_text('$ORIGIN empresa.example.\n@ 3600 IN TXT "v=spf1 +all"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    command = ["audit", "empresa.example", "--offline", "--zone", "empresa.zone", "-f", "json"]

    def host(*more: str) -> str:
        main([*command, *more])
        finding = json.loads(capsys.readouterr().out)["findings"][0]
        return str(finding["rule_page"] and finding["rule_page"]["en"].split("/")[2])

    assert host() == "file.example"
    monkeypatch.setenv("DELIVERABILITY_RULE_PAGES", "https://variable.example/{code}")
    assert host() == "variable.example"
    assert host("--rule-pages", "https://flag.example/{code}") == "flag.example"
    assert host("--rule-pages", "none") == "None"
    assert main([*command, "--rule-pages", "ftp://x/{code}"]) == 2
    assert capsys.readouterr().err.startswith("deliverability: error: --rule-pages: expected an http or https address")
