"""Rules for readers: one in full, or all of them by family."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text as Styled

from deliverability.core.rule import Rule
from deliverability.core.rule_pages import RulePages
from deliverability.core.text import Lang
from deliverability.render import words
from deliverability.render.checked import family_of
from deliverability.render.json import dumps, rule_document
from deliverability.render.page import MARKS, NO_PAGES, Page, text_console
from deliverability.render.safe import safe


def render_rules(
    rules: Sequence[Rule],
    form: str = "terminal",
    *,
    lang: Lang = "en",
    width: int = 80,
    color: bool = False,
    pages: RulePages = NO_PAGES,
) -> str:
    """The rules in full: what each checks, why it matters, how to mend it, on what it rests, and where its page is."""
    if form == "json":
        documents = [rule_document(rule, pages) for rule in rules]
        return dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"
    page = Page(text_console(width, color=color), lang, pages=pages)
    for index, rule in enumerate(rules):
        if index:
            page.blank()
        _print_rule(page, rule)
    return page.result()


def render_rule_list(
    rules: Sequence[Rule], form: str = "terminal", *, lang: Lang = "en", width: int = 80, color: bool = False
) -> str:
    """One line a rule, by family."""
    page = Page(text_console(width, color=color), lang)
    page.line(page.words(words.EXPLAIN_LIST, n=len(rules)))
    family = ""
    for rule in sorted(rules, key=_place):
        if family_of(rule) != family:
            family = family_of(rule)
            page.blank()
            page.line((page.words(words.FAMILIES[family]) if family in words.FAMILIES else family, "bold"))
        page.marked(
            MARKS[rule.severity], (f"{rule.code}  ", MARKS[rule.severity][1]), safe(rule.label.format(lang)), indent=1
        )
    return page.result()


def _place(rule: Rule) -> tuple[int, str]:
    order = list(words.FAMILIES)
    family = family_of(rule)
    return (order.index(family) if family in order else len(order), rule.code)


def _print_rule(page: Page, rule: Rule) -> None:
    mark = MARKS[rule.severity]
    page.marked(
        mark, (f"{rule.code}  ", mark[1]), (safe(rule.label.format(page.lang)), "bold"), (f"  {rule.name}", "dim")
    )
    severity = page.words(words.SEVERITIES[rule.severity])
    rows = [
        (page.words(words.SAYS), Styled(_template(rule.title.format(page.lang)))),
        (page.words(words.WHY), Styled(_template(rule.why.format(page.lang)))),
        (page.words(words.DO), Styled(_template(rule.fix.format(page.lang)))),
        (page.words(words.WHO), Styled(page.words(words.ACTORS[rule.actor]))),
        (page.words(words.EXPLAIN_SEVERITY), Styled(severity)),
        (page.words(words.EXPLAIN_BASIS), Styled(page.words(words.BASES[rule.basis]))),
        (page.words(words.EXPLAIN_AREA), Styled(page.words(words.AREAS[rule.area]))),
        (page.words(words.EXPLAIN_REFERENCES), Styled("; ".join(rule.references))),
    ]
    address = page.pages.of(rule.code, page.lang)
    page.labelled([*rows, *([(page.words(words.MORE), Styled(address))] if address else [])], 2)


def _template(text: str) -> str:
    """A rule's text with its `{placeholders}` shown as `…`-marked words."""
    return safe(text.replace("{", "‹").replace("}", "›"), 10**6)
