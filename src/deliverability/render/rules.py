"""Rules for readers: one in full, or all of them by family; as text, Markdown, JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from rich.text import Text as Styled

from deliverability.core.finding import Severity
from deliverability.core.rule import Rule
from deliverability.core.rule_pages import RulePages
from deliverability.core.text import LANGS, Lang, Text
from deliverability.render import words
from deliverability.render.csv import cell
from deliverability.render.json import dumps, page_of, rule_document
from deliverability.render.markdown_text import code, escape, prose
from deliverability.render.page import MARKS, NO_PAGES, Page, text_console
from deliverability.render.safe import safe

FORMATS = ("terminal", "markdown", "json", "csv")
#: Columns of the CSV. Texts stand in both languages, so the table does not depend on who asked for it.
COLUMNS = (
    "code",
    "family",
    "name",
    "severity",
    "basis",
    "area",
    "actor",
    "references",
    "since",
    *(f"{text}_{lang}" for text in ("label", "title", "why", "fix", "page") for lang in LANGS),
)


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
    if form == "csv":
        return _csv(rules, pages)
    if form == "markdown":
        return "\n".join(line for rule in rules for line in _markdown_rule(rule, lang, pages))
    page = Page(text_console(width, color=color), lang, pages=pages)
    for index, rule in enumerate(rules):
        if index:
            page.blank()
        _print_rule(page, rule)
    return page.result()


def render_rule_list(
    rules: Sequence[Rule],
    form: str = "terminal",
    *,
    lang: Lang = "en",
    width: int = 80,
    color: bool = False,
    pages: RulePages = NO_PAGES,
) -> str:
    """One line a rule, by family: code, severity, what it checks, and its name. As data: the rules in full."""
    if form in ("json", "csv"):
        return render_rules(rules, form, lang=lang, pages=pages)
    if form == "markdown":
        return "\n".join(_markdown_list(rules, lang))
    page = Page(text_console(width, color=color), lang)
    page.line(page.words(words.EXPLAIN_LIST, n=len(rules)))
    page.line((_legend(page), "dim"))
    for family, several in _by_family(rules):
        page.blank()
        page.line((_family(family, lang), "bold"))
        for rule in several:
            _print_line(page, rule)
    return page.result()


def _legend(page: Page) -> str:
    return "  ".join(f"{MARKS[severity][0]} {page.words(words.SEVERITIES[severity])}" for severity in Severity)


def _print_line(page: Page, rule: Rule) -> None:
    """A rule in one line; its name goes to the right where there is room, else below."""
    mark, style = MARKS[rule.severity]
    label = Styled.assemble((f" {mark} {rule.code:<8} ", style), safe(rule.label.format(page.lang)))
    if label.cell_len > page.console.width:  # no label is, on eighty columns
        page.marked((mark, style), (f"{rule.code}  ", style), safe(rule.label.format(page.lang)), indent=1)
        page.line((rule.name, "dim"), indent=12)
        return
    page.between(label, Styled(rule.name, style="dim"), indent=12)


def _by_family(rules: Sequence[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    """The families in the order of a report, each with its rules."""
    order = list(words.FAMILIES)
    families = sorted({rule.family for rule in rules}, key=lambda f: (order.index(f) if f in order else len(order), f))
    for family in families:
        yield family, sorted((rule for rule in rules if rule.family == family), key=lambda rule: rule.code)


def _family(family: str, lang: Lang) -> str:
    return words.FAMILIES[family].format(lang) if family in words.FAMILIES else family


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
        *_hidden_by(page, rule),
        (page.words(words.EXPLAIN_SINCE), Styled(rule.since)),
        (page.words(words.EXPLAIN_PAGE), Styled(_page(rule, page.pages, page.lang))),
    ]
    page.labelled(rows, 2)


def _hidden_by(page: Page, rule: Rule) -> list[tuple[str, Styled]]:
    """The rules whose finding explains this one, which is then shown with it."""
    causes = ", ".join(rule.consequence_of)
    return [(page.words(words.EXPLAIN_CAUSES), Styled(causes))] if causes else []


def _page(rule: Rule, pages: RulePages, lang: Lang) -> str:
    """The rule's page on the web where somebody told where that is, else in the project's documents."""
    return pages.of(rule.code, lang) or page_of(rule, lang)


def _template(text: str) -> str:
    """A rule's text with its `{placeholders}` shown as `…`-marked words."""
    return safe(text.replace("{", "‹").replace("}", "›"), 10**6)


def _markdown_list(rules: Sequence[Rule], lang: Lang) -> Iterator[str]:
    heads = [words.EXPLAIN_CODE, words.EXPLAIN_SEVERITY, words.EXPLAIN_LABEL, words.EXPLAIN_NAME]
    for family, several in _by_family(rules):
        yield from (f"## {escape(_family(family, lang))}", "")
        yield from ("| " + " | ".join(escape(head.format(lang)) for head in heads) + " |", "|" + " --- |" * len(heads))
        for rule in several:
            severity = words.SEVERITIES[rule.severity].format(lang)
            yield f"| {rule.code} | {escape(severity)} | {prose(rule.label, lang)} | {code(rule.name)} |"
        yield ""


def _markdown_rule(rule: Rule, lang: Lang, pages: RulePages) -> Iterator[str]:
    def said(text: Text) -> str:
        return prose(Text(_template(text.en), _template(text.es)), lang)

    yield from (f"## {rule.code}: {prose(rule.label, lang)}", "")
    yield from (f"> {said(rule.title)}", "")
    yield from (f"**{words.WHY.format(lang)}:** {said(rule.why)}", "")
    yield from (f"**{words.DO.format(lang)}:** {said(rule.fix)}", "")
    facts = [
        (words.EXPLAIN_NAME, str(code(rule.name))),
        (words.EXPLAIN_SEVERITY, escape(words.SEVERITIES[rule.severity].format(lang))),
        (words.EXPLAIN_BASIS, escape(words.BASES[rule.basis].format(lang))),
        (words.WHO, escape(words.ACTORS[rule.actor].format(lang))),
        (words.EXPLAIN_REFERENCES, escape("; ".join(rule.references))),
        (words.EXPLAIN_SINCE, escape(rule.since)),
        (words.EXPLAIN_PAGE, str(code(_page(rule, pages, lang)))),
    ]
    yield from (f"- {label.format(lang)}: {value}" for label, value in facts)
    yield ""


def _csv(rules: Sequence[Rule], pages: RulePages) -> str:
    """A line with the names of the columns, then one a rule; texts keep their `{placeholders}`."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    for rule in rules:
        row = {
            "code": rule.code,
            "family": rule.family,
            "name": rule.name,
            "severity": rule.severity.value,
            "basis": rule.basis.value,
            "area": rule.area.value,
            "actor": rule.actor.value,
            "references": "; ".join(rule.references),
            "since": rule.since,
        }
        for lang in LANGS:
            texts = {"label": rule.label, "title": rule.title, "why": rule.why, "fix": rule.fix}
            row |= {f"{name}_{lang}": text.format(lang) for name, text in texts.items()}
            row[f"page_{lang}"] = _page(rule, pages, lang)
        writer.writerow({key: cell(value) for key, value in row.items()})
    return stream.getvalue()
