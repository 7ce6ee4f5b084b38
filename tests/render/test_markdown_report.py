"""The Markdown report: what a reader sees of it, and that nothing from outside is more than code."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import deliverability as dv
from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.finding import Severity
from deliverability.core.report import Checked, Report, score_of
from deliverability.core.text import LANGS, Lang, Text
from deliverability.render import render
from deliverability.render.markdown_details import NOT_TOLD
from deliverability.render.markdown_text import Markdown, cell, code, escape, escape_outside, fence, prose
from tests.support.demo_report import DOMAIN, HOSTILE, NOW, demo_report, rule
from tests.support.inert import LIVELY, markdown_inert

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ROOT = Path(__file__).resolve().parents[2]


def of(*checked: Checked) -> Report:
    return Report(DOMAIN, "domain", NOW, checked, score_of(checked), "2026.11")


def code_of(markdown: str) -> list[str]:
    """The code spans of one paragraph as a reader sees them."""
    inline = PARSER.parse(markdown)[1]
    return [token.content for token in inline.children or [] if token.type == "code_inline"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("hostile", [*HOSTILE, *LIVELY], ids=range(len(HOSTILE) + len(LIVELY)))
def test_outside_text_is_code_and_nothing_else(hostile: str, lang: Lang) -> None:
    text = render(demo_report(hostile), "markdown", lang=lang)

    assert markdown_inert(text) == []


def test_the_check_sees_what_it_looks_for() -> None:
    for alive in ("[a](https://evil.example)", "![a](x)", "<b>a</b>", "see @octocat", "www.evil.example", "# evil"):
        assert markdown_inert(alive)


@given(st.text(max_size=60))
def test_any_text_is_one_code_span_that_says_it(text: str) -> None:
    markdown = code(text, 1000)

    assert markdown_inert(markdown, outside="\0") == []
    if markdown.strip("` "):
        assert len(code_of(markdown)) == 1


@pytest.mark.parametrize("text", ["a", "`", "``a`", " a ", "a`b``c", "` `", "|", "a\\", "\\`", "&amp;", "<b>"])
def test_a_code_span_says_exactly_what_came(text: str) -> None:
    assert code_of(code(text)) == [text]


def test_more_backticks_than_github_reads_are_shown_as_escapes() -> None:
    assert "`" not in code_of(code("`" * 100 + "x"))[0]


@pytest.mark.parametrize("value", ["```", "````\nx", "~~~", "`" * 300])
def test_the_fence_is_longer_than_what_it_holds(value: str) -> None:
    tokens = PARSER.parse("\n".join(fence([f"a {value}".replace("\n", " "), value.split("\n", maxsplit=1)[0]])))

    assert [token.type for token in tokens] == ["fence"]


def test_arguments_become_code_inside_and_outside_of_code() -> None:
    text = Text("Use `include:{what}` for {what}, {n} of {list}", "x")
    said = prose(text, "en", {"what": "a`b", "n": 3, "list": ("x", "@y")})

    assert said == "Use ``include:a`b`` for ``a`b``, 3 of `x`, `@y`"


def test_texts_that_rules_write_may_hold_names_and_are_looked_at() -> None:
    assert escape_outside("by www.evil.example and a@b.example, not a_b") == (
        "by `www.evil.example` and `a@b.example,` not a\\_b"
    )
    assert prose(Text("{t}", "{t}"), "en", {"t": Text("see https://evil.example", "x")}) == "see `https://evil.example`"
    assert escape("a|b *c* [d] <e>") == "a&#124;b \\*c\\* \\[d\\] \\<e\\>"
    assert prose(Text("{t}", "{t}"), "en", {"t": Markdown("**b**")}) == "**b**"


def test_a_cell_holds_no_bar() -> None:
    table = f"| a | b |\n| --- | --- |\n| {cell(code('x|y'))} | {cell(code(chr(92) + '|z'))} |\n"

    cells = [t.content for t in PARSER.parse(table) if t.type == "inline"]
    assert cells == ["a", "b", "`x\\x7cy`", "`\\\\x7cz`"]


def test_verdict_then_what_to_do_then_the_checks_folded_away() -> None:
    text = render(demo_report(), "markdown", lang="en")

    places = [
        text.index(part)
        for part in (
            f"## ❌ `{DOMAIN}`",
            "**Not as it stands.**",
            "The main problem:",
            "**Score ",
            "### What to do, most effective first",
            f"1. **Change TXT at `{DOMAIN}`** (score 59 → 79)",
            "   ```text",
            "### Worth knowing",
            "<details><summary>What was checked</summary>",
            "| ✅ | **SPF002** Demo SPF002 | 4 of 10 |",
            "| ❔ | **MX001** Demo MX001 | no answer in time |",
            "| ➖ | **DNS013**",
            "Checks that do not apply: 1.",
            "</details>",
        )
    ]
    assert places == sorted(places)
    assert "> ❔ The profile ignored DNS020" in text


def test_records_stand_in_blocks_inside_of_their_item() -> None:
    tokens = PARSER.parse(render(demo_report(), "markdown", lang="en"))
    blocks = [token for token in tokens if token.type == "fence"]

    assert [block.info for block in blocks] == ["text", "text"]
    assert all(block.level == 2 for block in blocks)  # in the item of the list
    assert blocks[1].content.startswith(f'{DOMAIN}. 3600 IN TXT "v=spf1 ip4:192.0.2.0')
    assert blocks[1].content.count("\n") == 1


def test_a_list_of_more_than_nine_stays_one_list() -> None:
    change = HeaderChange("Auto-Submitted", "auto-generated")
    items = [rule(f"HDR{n:03d}", Severity.WARNING) for n in range(1, 13)]
    report = of(*(Checked(r, r.found(DOMAIN, what="x", fix=Fix(headers=(change,)))) for r in items))
    tokens = PARSER.parse(render(report, "markdown"))

    assert sum(token.type == "ordered_list_open" for token in tokens) == 1
    assert [token.content for token in tokens if token.type == "fence"] == ["Auto-Submitted: auto-generated\n"] * 12
    assert {token.level for token in tokens if token.type == "fence"} == {2}


def test_quiet_leaves_the_verdicts() -> None:
    text = render([demo_report(), demo_report()], "markdown", quiet=True)

    assert text.count("## ❌") == 2
    assert "###" not in text
    assert "<details>" not in text


@pytest.mark.parametrize("limit", [600, 3000, 8000, 20_000])
def test_what_does_not_fit_is_left_out_with_a_word(limit: int) -> None:
    reports = [replace(demo_report(), subject=f"d{n}.example") for n in range(30)]
    text = render(reports, "markdown", limit=limit)

    assert len(text.encode()) <= limit
    assert markdown_inert(text) == []
    assert text.count("## ❌") < 30
    assert f"*Reports that do not fit here: {30 - text.count('## ❌')}." in text


def test_a_limit_that_suffices_changes_nothing() -> None:
    whole = render(demo_report(), "markdown")

    assert render(demo_report(), "markdown", limit=10**6) == whole
    assert "does not fit here" in render(demo_report(), "markdown", limit=len(whole.encode()) - 1)


def test_many_subjects_are_cut_with_their_number() -> None:
    own = rule("MX006", Severity.WARNING)
    report = of(*(Checked(own, own.found(f"mx{n:03d}.example", what=f"mx{n:03d}.example")) for n in range(200)))
    text = render(report, "markdown")

    assert len(text) < 6000
    assert "and 189 more" in text
    assert "and 195 more" in text


@pytest.mark.parametrize("lang", LANGS)
def test_reports_on_mails_and_addresses_have_their_tables(lang: Any) -> None:
    raw = (ROOT / "examples/messages/factura-con-diez-errores.eml").read_bytes()
    mail = dv.audit_message(raw, name="factura.eml", source=dv.OFFLINE)
    text = mail.render("markdown", lang=lang)

    assert markdown_inert(text, outside="\0") == []
    assert "| SPF | `temperror` |" in text or "| SPF | " in text
    assert "`factura.eml · talleres-soler.example`" in text
    assert "| DKIM | `none` |" in text


def _mail(lang: Any) -> str:
    raw = (ROOT / "examples/messages/factura-con-diez-errores.eml").read_bytes()
    source = dv.ZoneSource.from_file(*sorted((ROOT / "examples/before").glob("*.zone")))
    return dv.audit_message(raw, name="factura.eml", source=source).render("markdown", lang=lang)


def test_a_mail_has_its_alignment_its_providers_and_the_tree() -> None:
    text = _mail("en")

    assert "| SPF | ❌ `permerror` | `talleres-soler.example` | ❌ does not count for DMARC |" in text
    assert re.search(r"^\| Gmail \| ❌ \d of 9 met \| .*❌ .*SPF", text, re.MULTILINE)
    assert "<details><summary>SPF and DMARC of the domain</summary>\n\n" in text
    assert "11 of 10 DNS lookups" in text
    assert "| names that do not exist | `none` | `none` |" in text
    assert "\\_dmarc.talleres-soler.example: `v=DMARC1; p=none;" in text
    assert markdown_inert(text, outside="\0") == []


@pytest.mark.parametrize("lang", LANGS)
def test_what_could_not_be_told_stands_before_the_tables(lang: Any) -> None:
    text = dv.audit_domain(DOMAIN, source=dv.OFFLINE).render("markdown", lang=lang)

    assert f"### {NOT_TOLD.format(lang)}\n\n- ❔ " in text
    assert "DMARC001, DMARC002" in text
    assert "RFC 7489" not in text  # six cells without an answer would say nothing


def test_what_follows_from_a_fault_is_told_with_it() -> None:
    """One fault is explained once, as on the terminal."""
    cause, consequence = rule("SPF003"), rule("SPF004")
    text = render(
        of(
            Checked(cause, cause.found(DOMAIN, what="a")),
            Checked(consequence, replace(consequence.found(DOMAIN, what="b"), consequence_of="SPF003")),
        ),
        "markdown",
    )

    assert "1. ❌ **SPF003**" in text
    assert "*Hence:* ❌ **SPF004**" in text
    assert "2. " not in text
