"""A hostile text in every place of a mail, through every format: nothing of it acts, and the JSON follows its schema."""

from __future__ import annotations

import functools
import json
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

import deliverability as dv
from deliverability.core.text import LANGS, Lang
from deliverability.render import FORMATS
from deliverability.render.terminal import svg
from tests.support.demo_report import HOSTILE
from tests.support.hostile_everywhere import hostile_report
from tests.support.inert import LIVELY, SGR, csv_inert, github_inert, harmful, markdown_inert, xml_inert

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).resolve().parents[2] / "docs/schema/report-1.json").read_text("utf-8"))
)
TEXTS = (
    *HOSTILE,
    *LIVELY,
    '","evil":1,"x":"',
    "\\u001b[31m\\",
    "\u2028evil\u2029",
    "\U000e0041\ufeff\u200b",
    "%s%n{}${x}`x`",
)


@functools.cache
def report_on(text: str) -> dv.Report:
    return hostile_report(text)


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_text_is_met_and_told(text: str) -> None:
    """The mail is as bad as it is meant to be: otherwise the others would show nothing."""
    report = report_on(text)

    assert len(report.findings) > 25
    assert {"DKIM004", "DMARC003"} & report.codes()


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_json_is_strict_inert_and_follows_the_schema(text: str) -> None:
    report = report_on(text)
    for lang in LANGS:
        document = report.render("json", lang=lang, answers=True)
        assert harmful(document) == []
        SCHEMA.validate(json.loads(document, parse_constant=_refuse))
    lines = report.render("jsonl").splitlines()
    assert len(lines) == 1
    SCHEMA.validate(json.loads(lines[0], parse_constant=_refuse))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize(("lang", "width", "color"), [("en", 60, False), ("es", 120, True)])
def test_the_terminal_shows_it_and_obeys_none_of_it(text: str, lang: Lang, width: int, color: bool) -> None:
    shown = report_on(text).render("terminal", lang=lang, width=width, color=color, verbose=True)

    assert harmful(shown, color=color) == []
    if not color:
        assert "\x1b" not in shown
    if "[red]" in text:
        assert "[red]markup[/red]" in SGR.sub("", shown)


@pytest.mark.parametrize("text", [text for text in TEXTS if "\n" in text])
def test_no_line_of_the_terminal_begins_with_the_text_of_another(text: str) -> None:
    """A line break from outside never starts a line of the report."""
    rest = text.split("\n")[1].strip()
    shown = report_on(text).render("terminal", width=4000, verbose=True)

    assert not [line for line in shown.splitlines() if line.startswith(rest)]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_picture_is_xml_and_holds_nothing_of_it(text: str) -> None:
    picture = svg([report_on(text)], width=100)

    assert "<script" not in picture
    assert [found for found in xml_inert(picture) if "declaration" not in found] == []


class _Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.values += [f"{name}={value}" for name, value in attrs]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_html_has_no_element_attribute_or_link_of_it(text: str) -> None:
    document = report_on(text).render("html")
    page = _Page()
    page.feed(document)

    assert harmful(document) == []
    assert not page.tags & {"script", "iframe", "form", "input", "base", "object", "embed", "img"}
    assert [v for v in page.values if "evil" in v or "octocat" in v or v.startswith("on") or "javascript:" in v] == []


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_formats_for_other_programs_are_inert(text: str) -> None:
    report = report_on(text)
    checks = {
        "junit": xml_inert,
        "github": github_inert,
        "csv": csv_inert,
        "markdown": lambda shown: markdown_inert(shown, outside="\0"),
        "sarif": harmful,
    }

    found = {form: [bad for bad in check(report.render(form)) if bad != "@;"] for form, check in checks.items()}
    assert {form: bad for form, bad in found.items() if bad} == {}  # "before the @;" is a text of ours


def test_every_format_is_tried_here() -> None:
    assert set(FORMATS) == {"json", "jsonl", "terminal", "html", "junit", "github", "csv", "markdown", "sarif"}
