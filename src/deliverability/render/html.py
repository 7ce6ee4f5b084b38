"""Reports as one HTML file: readable on a phone and on paper, in light and dark, without a script and without the network.

Everything is in the file. A content security policy forbids whatever is not the style sheet below, named by its hash, so
even a fault in the escaping could load and run nothing. Text from outside passes `html_markup`, which escapes it;
nothing from outside is ever an element, an attribute or a link. The style sheet is report.css, all of whose rules begin
with `.dv`, so that the same report can stand in a notebook (`embed=True`) and leave the page around it alone. A notebook
does not leave the report alone, though: see `embedded_style_sheet`.
"""

from __future__ import annotations

import functools
import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from deliverability.core.report import Report
from deliverability.core.text import Lang, Text
from deliverability.render import words
from deliverability.render.html_blocklists import blocklists
from deliverability.render.html_checked import checked, ignored, not_told, second_opinions
from deliverability.render.html_domain import domain_details, folded_domain_details
from deliverability.render.html_markup import NEW_LINE, Child, Markup, el, join, raw
from deliverability.render.html_message import message_details
from deliverability.render.html_parts import View, table
from deliverability.render.html_pictures import mark
from deliverability.render.html_reputation import reputation
from deliverability.render.html_todo import notes, todo
from deliverability.render.html_verdict import KINDS, areas, head, title
from deliverability.render.page import NO_PAGES
from deliverability.render.terminal import answer_of, counts
from deliverability.render.verdict import verdict_of

TITLE = Text("Deliverability of {subject}", "Entregabilidad de {subject}")
TITLE_MANY = Text("Deliverability: {n} reports", "Entregabilidad: {n} informes")
REPORTS = Text("Reports", "Informes")
SUBJECT, ANSWER, SCORE = Text("Report on", "Informe de"), Text("Answer", "Respuesta"), Text("Score", "Nota")
MADE = Text("Made {day}, rules {version}.", "Hecho el {day}, reglas {version}.")
DOMAIN_OF_IT = Text("The domain in From, in full", "El dominio del From, por completo")
TOP = Text("Back to the list", "Volver a la lista")
ON_THIS_PAGE = Text("In this report", "En este informe")
#: Names of the parts in the line of ways to them.
DO = Text("What to do", "Qué hacer")
OPEN = Text("Not known", "Sin respuesta")
PROVEN = Text("Authentication and providers", "Autenticación y proveedores")
LISTS = Text("Blocklists", "Listas de bloqueo")
RECORDS = Text("SPF and DMARC", "SPF y DMARC")
CHECKS = Text("All checks", "Todas las comprobaciones")
#: Rules for the page itself, which an embedded report has not.
_PAGE_CSS = "@page{margin:14mm}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}body{margin:0}"
#: With no more parts than these a line of links is not worth its room.
_FEW_PARTS = 2
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s*([{};,])\s*|(:)\s+|\s+")


def render_reports(
    reports: Sequence[Report], *, lang: Lang = "en", embed: bool = False, quiet: bool = False, **_: Any
) -> str:
    """The reports as one document; `embed` gives a fragment with its style sheet, `quiet` leaves only the verdicts."""
    view = View.of(lang, next((report.pages for report in reports), NO_PAGES))
    if embed:
        return fragment(_body(view, reports, "div", quiet=quiet, ways=False), lang)
    style = raw(_PAGE_CSS + style_sheet())
    meta = join(
        (
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=policy_for(style)),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="light dark"),
            el("meta", name="referrer", content="no-referrer"),
            el("title", _title(view, reports)),
            el("style", style),
        ),
        NEW_LINE,
    )
    return (
        "<!DOCTYPE html>\n"
        + el(
            "html",
            el("head", meta),
            NEW_LINE,
            el("body", _body(view, reports, "main", quiet=quiet, ways=True), class_="dv"),
            lang=lang,
        )
        + "\n"
    )


def fragment(body: Markup, lang: Lang) -> str:
    """Markup with the style sheet, to stand in a page of somebody else's."""
    return el("div", el("style", raw(embedded_style_sheet())), body, class_="dv embedded", lang=lang) + "\n"


def policy_for(style: str) -> str:
    """The content security policy of a document with that one style sheet."""
    digest = b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@functools.cache
def style_sheet() -> str:
    """report.css without comments and needless blanks. Data of this package: a cache, not state."""
    source = files("deliverability.render").joinpath("report.css").read_text("utf-8")
    return _SPACE.sub(lambda found: found[1] or found[2] or " ", _COMMENT.sub("", source)).strip()


#: How notebooks and sites of documents say which theme their reader chose: Jupyter, VS Code, Furo.
_LIGHT_HOSTS = ("[data-jp-theme-light=true]", ".vscode-light", "[data-theme=light]")
_DARK_HOSTS = ("[data-jp-theme-light=false]", ".vscode-dark", "[data-theme=dark]")
_COLOURS = re.compile(r"\.dv\{((?:--[a-z]+:[^;{}]*;)+)")


@functools.cache
def embedded_style_sheet() -> str:
    """The style sheet for a page of somebody else's, whose own style sheet says how lists, tables and code look in it.

    What the page says about elements is taken back, and our rules are nested in a selector that outweighs it: the weight
    of `.dv` counts once for each time it is written. Drawings keep their attributes, which `all` would take back too.
    The page's theme decides over light and dark, whatever the system prefers; on paper neither does.
    """
    sheet = style_sheet()
    light, dark, *_ = _COLOURS.findall(sheet)
    themes = "".join(
        f"&:is({','.join(f'{host} *' for host in hosts)}){{{colours}color-scheme:{word}}}"
        for word, colours, hosts in (("light", light, _LIGHT_HOSTS), ("dark", dark, _DARK_HOSTS))
    )
    reset = ".dv.dv.dv :not(svg,svg *){all:revert}"
    return f"{reset}.dv.dv.dv.dv{{{sheet.replace('.dv', '&')}@media screen{{{themes}}}}}"


def _title(view: View, reports: Sequence[Report]) -> str:
    if len(reports) == 1:
        return view.words(TITLE, subject=title(reports[0]))
    return view.words(TITLE_MANY, n=len(reports))


def _body(view: View, reports: Sequence[Report], landmark: str, *, quiet: bool, ways: bool) -> Markup:
    """What stands in the page; `landmark` is the element around the reports, which a page has once."""
    if len(reports) == 1:
        return join(
            (
                el(landmark, _report(view, reports[0], 0, quiet=quiet, ways=ways), class_="reports"),
                _footer(view, reports),
            ),
            NEW_LINE,
        )
    top = el("header", el("h1", _title(view, reports)), _list(view, reports), class_="head", id="dv-top")
    articles = join((_report(view, report, n, quiet=quiet, ways=ways) for n, report in enumerate(reports, 1)), NEW_LINE)
    return join((top, el(landmark, articles, class_="reports"), _footer(view, reports)), NEW_LINE)


def _list(view: View, reports: Sequence[Report]) -> Markup | None:
    """Every report in one line, with a way to it."""
    if not reports:
        return None
    rows: list[list[Child]] = []
    for number, report in enumerate(reports, 1):
        verdict = verdict_of(report)
        score = report.score
        value = "–" if score.value is None else f"{score.value} {score.grade}"
        answer = join(
            (mark(KINDS[verdict]), " ", answer_of(view.page, report, verdict), " ", _small(counts(view.page, report)))
        )
        rows.append([el("a", title(report), href=f"#dv-{number}"), answer, value])
    made = table([view.words(SUBJECT), view.words(ANSWER), view.words(SCORE)], rows)
    return el("nav", made, aria_label=view.words(REPORTS))


def _small(told: str) -> Markup:
    return el("span", told, class_="quiet")


def _report(view: View, report: Report, number: int, *, quiet: bool, ways: bool) -> Markup:
    """One report; `number` 0 is the only one. `ways` gives its parts names to go to, which a page has once."""
    many = number > 0
    parts = [] if quiet else [(name, key, part) for name, key, part in _parts(view, report) if part]
    back = el("p", el("a", view.words(TOP), href="#dv-top"), class_="screen") if many else None
    prefix = f"dv-{number}" if many else "dv"
    named = [(name, f"{prefix}-{key}") for name, key, _ in parts if name] if ways else []
    sections: list[Markup | None] = [part for _, _, part in parts]
    if len(named) > _FEW_PARTS:
        sections = [el("div", part, id=f"{prefix}-{key}") if name else part for name, key, part in parts]
        sections.insert(0, _ways(view, number, named))
    if "before_after" in report.details:
        from deliverability.render.comparison_html import change_markup  # noqa: PLC0415 - it needs this module

        sections.insert(0, change_markup(view, report, quiet=quiet))
    return el(
        "article",
        join((head(view, report, "h2" if many else "h1"), *sections, back), NEW_LINE),
        id=prefix if many else None,
    )


def _ways(view: View, number: int, named: Sequence[tuple[Text, str]]) -> Markup:
    """A line of links to the parts of a report, for the phone on which they are far apart; `number` tells several apart."""
    links = (el("li", el("a", view.words(name), href=f"#{key}")) for name, key in named)
    label = f"{view.words(ON_THIS_PAGE)} ({number})" if number else view.words(ON_THIS_PAGE)
    return el("nav", el("ul", *links), class_="ways screen", aria_label=label)


def _parts(view: View, report: Report) -> list[tuple[Text | None, str, Markup | None]]:
    """The parts of a report in reading order: the decision, what to do, what it rests on, everything else.

    Each with the name and the key by which it is reached; None where it is near enough.
    """
    lists = [(LISTS, "lists", blocklists(view, report)), (None, "reputation", reputation(view, report))]
    to_do, not_known = (DO, "todo", todo(view, report)), (OPEN, "open", not_told(view, report))
    also, aside = (words.ALSO, "notes", notes(view, report)), (None, "aside", ignored(view, report))
    if report.kind == "blocklist":
        return [*lists, to_do, also, not_known, aside]
    message = report.kind == "message"
    details = folded_domain_details(view, report, DOMAIN_OF_IT) if message else domain_details(view, report)
    return [
        (None, "areas", areas(view, report)),
        to_do,
        not_known,
        (PROVEN, "proven", message_details(view, report)),
        *lists,
        (RECORDS, "records", details),
        also,
        (None, "opinions", second_opinions(view, report)),
        aside,
        (CHECKS, "checks", checked(view, report)),
    ]


def _footer(view: View, reports: Sequence[Report]) -> Markup:
    days = sorted({report.now.strftime("%Y-%m-%d %H:%M %Z").strip() for report in reports})
    versions = sorted({report.rules_version for report in reports})
    made = view.words(MADE, day=", ".join(days[:3]), version=", ".join(versions[:3])) if reports else ""
    return el("footer", el("p", made), el("p", "deliverability"))
