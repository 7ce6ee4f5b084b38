"""The generated page of every rule: an example of the same finding in both languages, and nothing in it that came alive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from deliverability.core.rule import Rule
from deliverability.registry import RULES

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDERS = {"en": DOCS / "reference" / "rules", "es": DOCS / "es" / "reference" / "rules"}
#: More than this no page needs; an example from a huge record has to be cut.
LONGEST = 8000

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
each_language = pytest.mark.parametrize("lang", list(FOLDERS))


@each_language
@each_rule
def test_it_has_an_example_in_its_language(rule: Rule, lang: str) -> None:
    page = (FOLDERS[lang] / f"{rule.code}.md").read_text("utf-8")
    example = page.partition('<a id="example"></a>')[2].partition("<a id=")[0]

    title = rule.title.en if lang == "en" else rule.title.es
    assert f"**{rule.code}**" in example
    pieces = re.split(r"\{\w+\}|`[^`]*`|[^\w\s]", title)
    told = [piece.strip() for piece in pieces if len(piece.strip()) > 3]
    assert all(piece in example for piece in told), "it is not told in the words of the rule"
    assert len(page.encode()) < LONGEST


@each_language
@each_rule
def test_its_links_are_ours_and_its_only_tags_are_anchors(rule: Rule, lang: str) -> None:
    page = (FOLDERS[lang] / f"{rule.code}.md").read_text("utf-8")
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(page):
        for part in [token, *(token.children or ())]:
            if part.type == "link_open":
                href = str(part.attrs["href"])
                assert re.fullmatch(r"(\.\./)*[\w/]+\.md|https://www\.rfc-editor\.org/rfc/rfc[0-9]+(#[\w.-]+)?", href)
            assert part.type != "image"
            if part.type in ("html_block", "html_inline"):
                assert re.fullmatch(r'<a id="[a-z]+">|</a>|<!-- [\w ./;]+ -->', part.content.strip()), part.content


@each_language
def test_every_rule_is_in_the_index_and_on_the_page_of_its_family(lang: str) -> None:
    index = (FOLDERS[lang] / "index.md").read_text("utf-8")
    for rule in RULES:
        family = rule.code.rstrip("0123456789")
        assert f"[{rule.code}]({rule.code}.md)" in index
        assert f"[{rule.code}]({rule.code}.md)" in (FOLDERS[lang] / f"{family}.md").read_text("utf-8")
        assert f'<a id="{family.lower()}"></a>' in index
