"""Comparisons and proposals in every form: their schemas, and hostile values that stay what they are."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

import deliverability as dv
from deliverability.cli.parser_diff import FORMATS
from deliverability.core.report import Report
from deliverability.render import COMPARISON_FORMATS
from tests.support.inert import harmful
from tests.support.proposals import DOMAIN, NOW, SPF, profile, propose, table

SCHEMAS = Path(__file__).parents[2] / "docs/schema"
HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\u202eevil",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`@everyone` #1 https://evil.example |",
    "\r\n## heading\n::error::x",
    "]](javascript:alert(1))",
    "=HYPERLINK(1)",
    "\x00\x07\x9b2J",
    "{title} {0} {who.__class__}",
    "[bold]x[/bold]",
)


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def audit(changes: dict[str, Any]) -> Report:
    return dv.audit_domain(DOMAIN, source=table(changes), profile=profile(), now=NOW, try_fixes=False)


def hostile_comparison(value: str) -> dv.Comparison:
    octets = value.encode().replace(b"\x00", b"")
    text = {"b64": b64encode(octets).decode()}
    spf = {"b64": b64encode(SPF.encode() + b" include:" + octets).decode()}
    changed = {
        f"{DOMAIN}/TXT": [spf, text],
        f"s1._domainkey.{DOMAIN}/TXT": [text],
        f"_dmarc.{DOMAIN}/TXT": [text],
        "spf.protection.outlook.com/TXT": [{"b64": b64encode(b"v=spf1 " + octets).decode()}],
    }
    return dv.compare(audit({}), audit(changed))


def test_the_command_knows_the_formats() -> None:
    assert sorted(FORMATS) == sorted(COMPARISON_FORMATS)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_inert_in_every_form(value: str) -> None:
    comparison = hostile_comparison(value)
    assert comparison.differences
    for lang in ("en", "es"):
        for width in (40, 80):
            text = comparison.render("terminal", lang=lang, width=width)  # type: ignore[arg-type]
            assert not harmful(text)
        page = comparison.render("html", lang=lang)  # type: ignore[arg-type]
        assert "<script" not in page
        assert "<img" not in page
        assert not harmful(page)
        markdown = comparison.render("markdown", lang=lang)  # type: ignore[arg-type]
        assert not harmful(markdown)
        assert "\n## heading" not in markdown
        assert "<a " not in MarkdownIt("commonmark").render(markdown), "no link"
    assert not harmful(comparison.render("json"))


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_reports_from_files_are_inert(value: str) -> None:
    """A JSON report comes from outside: its titles and labels may be anything."""
    from deliverability.audits.differences import with_differences  # noqa: PLC0415
    from deliverability.core.comparison import compare_states  # noqa: PLC0415
    from deliverability.core.report_file import read_state  # noqa: PLC0415

    both = {"en": value, "es": value}
    entry = {
        "code": "SPF001",
        "name": value,
        "label": both,
        "subject": value,
        "severity": "error",
        "fingerprint": value,
    }
    document = {
        "version": 1,
        "subject": value,
        "kind": value,
        "rules_version": value,
        "findings": [{**entry, "title": both, "fix": both, "actor": value}],
        "unknowns": [{**entry, "code": "MX001", "because": both}],
        "ignored": [{**entry, "code": "MX002"}],
        "answers": [{"name": value, "type": "MX", "status": "found", "records": [value], "aliases": []}],
        "details": {"message": {"name": value}, "spf_tree": {"rows": [{"depth": 0, "domain": value}]}},
    }
    clean = {**document, "findings": [], "unknowns": [], "answers": [], "rules_version": "1"}
    comparison = with_differences(compare_states(read_state(clean), read_state(document)))
    for form in COMPARISON_FORMATS:
        for lang in ("en", "es"):
            text = comparison.render(form, lang=lang)  # type: ignore[arg-type]
            assert not harmful(text), form
            assert "<script" not in text.replace("\\u003c", "") or form in ("terminal", "json", "markdown")
    assert "\n## heading" not in comparison.render("markdown")
    jsonschema.Draft202012Validator(schema("diff-1.json")).validate(json.loads(comparison.render("json")))


def test_the_schemas_are_some() -> None:
    for name in ("diff-1.json", "report-1.json"):
        jsonschema.Draft202012Validator.check_schema(schema(name))
    diff, report = schema("diff-1.json")["$defs"], schema("report-1.json")["$defs"]
    assert all(diff[name] == report[name] for name in ("held", "entry", "difference", "comparison")), (
        "a proposal's report holds a comparison in the same form"
    )


def test_a_comparison_follows_its_schema() -> None:
    document = json.loads(dv.compare(audit({}), audit({f"{DOMAIN}/TXT": ["v=spf1 +all"]})).render("json"))

    jsonschema.Draft202012Validator(schema("diff-1.json")).validate(document)
    assert document["exit_code"] == 1
    assert document["comparisons"][0]["new"]


ZONE = f'{DOMAIN}. TXT "v=spf1 ip4:192.0.2.10 -all"\n{DOMAIN}. MX 10 mx.nuevo.example.\n'


def test_the_report_on_a_proposal_follows_its_schema() -> None:
    report = propose(ZONE, "192.0.2.10", "198.51.100.9")
    document = json.loads(report.render("json"))

    jsonschema.Draft202012Validator(schema("report-1.json")).validate(document)
    change = document["details"]["before_after"]
    assert document["exit_code"] == 1
    assert change["stops"] == 2
    told = {sender["label"]: sender for sender in change["senders"]}
    assert told["include:_spf.facturas.example"]["verdict"] == "stops"
    assert told["include:_spf.facturas.example"]["before"]["spf"] == "pass"
    assert "se ha quitado" in told["include:_spf.facturas.example"]["text"]["es"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_proposal_comes_before_its_report(lang: Any) -> None:
    report = propose(ZONE)
    first = {"en": "This change would stop 2 sources", "es": "Este cambio dejaría fuera 2 orígenes"}[lang]
    table_head = {"en": "| | Source | SPF | DKIM | DMARC |", "es": "| | Origen | SPF | DKIM | DMARC |"}[lang]

    terminal = report.render("terminal", lang=lang, width=60)
    assert first in " ".join(terminal.split())
    assert all(len(line) <= 60 for line in terminal.splitlines() if not line.startswith(DOMAIN))
    markdown = report.render("markdown", lang=lang)
    assert first in markdown
    assert table_head in markdown
    assert markdown.index(table_head) < markdown.rindex("## ")
    page = report.render("html", lang=lang)
    assert first in page


def test_what_a_proposal_names_is_inert() -> None:
    """A term of the proposed record may hold anything that DNS can."""
    hostile = "v=spf1 include:<img/onerror=1>.x.example include:`@all`.example ~all"
    report = propose("\n", over={f"{DOMAIN}/TXT": [hostile + " ip4:198.51.100.9"]})
    for form in ("terminal", "markdown", "html", "json", "jsonl", "csv", "sarif", "junit", "github"):
        assert not harmful(report.render(form)), form
    assert "<img" not in report.render("html")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_formats_without_a_table_say_what_fails_the_gate(lang: Any) -> None:
    report = propose(ZONE)
    assert len(report.stops) == 2
    said = {"en": "would stop passing SPF (fail)", "es": "dejaría de pasar SPF (fail)"}[lang]

    assert report.render("github", lang=lang).count("::error") >= 2
    assert said in report.render("github", lang=lang)
    junit = report.render("junit", lang=lang)
    assert len(re.findall(r'<failure type="stops"|type="stops"', junit)) == 2
    assert said in junit
    sarif = json.loads(report.render("sarif", lang=lang))
    told = [n for n in sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"] if n["level"] == "error"]
    assert len(told) == 2
    assert report.render("csv", lang=lang).count('"stops"') == 2
