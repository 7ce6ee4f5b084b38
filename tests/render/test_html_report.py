"""The HTML report: one sound file that loads nothing, and says what the other formats say, in both languages."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import deliverability as dv
from deliverability.audits.blocklists import blocklist_reports_plan
from deliverability.cli import main
from deliverability.core.facts import BlocklistSettings, Receiving
from deliverability.core.finding import Actor, Severity
from deliverability.core.plan import solve
from deliverability.core.profile import Profile
from deliverability.core.report import Action, Report, as_html, score_of
from deliverability.core.score import DISCLAIMER
from deliverability.core.text import LANGS, Lang, Text
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, ToolRun
from deliverability.dnsbl.facts import BlocklistFacts
from deliverability.dnsbl.settings import choose
from deliverability.render import (
    FORMATS,
    html,
    html_blocklists,
    html_checked,
    html_domain,
    html_message,
    html_parts,
    html_reputation,
    html_todo,
    html_verdict,
    render,
    words,
)
from deliverability.render.html_markup import Markup, el, join, raw, text
from deliverability.render.html_pictures import branches, meter
from deliverability.render.todo import ROLL_UPS
from tests.render.test_words import texts as texts_of
from tests.support.demo_report import demo_report
from tests.support.html_inert import Read, html_inert

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MODULES = (html, html_blocklists, html_checked, html_domain, html_message, html_parts, html_reputation, html_todo)
MAILS = {"factura": "after", "recordatorio": "after", "factura-con-diez-errores": "before"}


def _source(state: str) -> Any:
    return dv.ZoneSource.from_file(*sorted((ROOT / "examples" / state).glob("*.zone")))


@cache
def report_of(name: str) -> Report:
    """The examples: a domain before and after, three mails, an address on a list."""
    if name == "blocklist":
        return blocklist_report()
    state = MAILS.get(name, name)
    profile = Profile.load(ROOT / "examples" / state / "deliverability.toml")
    if name in MAILS:
        raw_mail = (ROOT / "examples/messages" / f"{name}.eml").read_bytes()
        receiving = Receiving(boundary_hosts=("mx.cliente.example",))
        return dv.audit_message(
            raw_mail, source=_source(state), receiving=receiving, profile=profile, now=NOW, name=f"{name}.eml"
        )
    return dv.audit_domain(profile.domains[0], source=_source(state), profile=profile, now=NOW)


def blocklist_report(reason: str = "spam was seen") -> Report:
    """192.0.2.9: on the first list, refused by the second, not on the others."""
    chosen = choose(BlocklistSettings())
    lists = [one for one in chosen.lists if one.zone and one.holds.value == "ip" and one.test_listed]
    table: dict[str, Any] = {}
    for number, one in enumerate(lists):
        test = ".".join(reversed(one.test_listed.split(".")))
        table[f"{test}.{one.zone}/A"] = ["127.255.255.254" if number == 1 else "127.0.0.2"]
    first = lists[0]
    listed = next(code for code in first.codes if code.state.value == "listed")
    table[f"9.2.0.192.{first.zone}/A"] = [str(ip_address(listed.first))]
    table[f"9.2.0.192.{first.zone}/TXT"] = [reason]
    plan = blocklist_reports_plan([ip_address("192.0.2.9")], chosen, now=NOW, profile=Profile())
    return solve(plan, dv.TableSource(table))[0]


NAMES = ("before", "after", *MAILS, "blocklist")
each_report = pytest.mark.parametrize("name", NAMES)
each_lang = pytest.mark.parametrize("lang", LANGS)


@each_report
@each_lang
def test_it_is_well_nested_and_only_ours(name: str, lang: Lang) -> None:
    assert html_inert(render(report_of(name), "html", lang=lang)) == []


@each_report
def test_the_policy_names_the_one_style_sheet_and_forbids_all_else(name: str) -> None:
    read = Read(render(report_of(name), "html"))

    (policy,) = [meta["content"] for meta in read.metas if meta.get("http-equiv") == "Content-Security-Policy"]
    (style,) = read.styles
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ")[:3] == ["default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:"]
    assert "unsafe" not in policy


@each_report
def test_it_loads_nothing_and_runs_nothing(name: str) -> None:
    document = render(report_of(name), "html")

    assert not re.search(r"<(?:script|img|link|iframe|object|embed|form|image|use|foreignObject)\b", document)
    assert not re.search(r"\s(?:src|srcset|style|on\w+|action|xlink:href)=", document)
    assert "url(" not in document
    assert "@import" not in document
    assert set(re.findall(r"https?://[^/\"<> ]+", document)) <= {"https://www.rfc-editor.org"} | _hosts_told(document)


def _hosts_told(document: str) -> set[str]:
    """Hosts that stand in texts or lead to the pages of lists; `html_inert` has looked at every link."""
    read = Read(document)
    return set(re.findall(r"https?://[^/\"<> ]+", read.text + " ".join(read.links)))


@each_report
def test_a_rich_report_is_below_250_kb(name: str) -> None:
    assert len(render(report_of(name), "html", lang="es").encode()) < 250_000


@each_report
def test_the_same_report_gives_the_same_octets(name: str) -> None:
    first = render(report_of(name), "html")
    report_of.cache_clear()

    assert render(report_of(name), "html") == first


@each_report
@each_lang
def test_what_the_verdict_rests_on_is_told(name: str, lang: Lang) -> None:
    report = report_of(name)
    shown = Read(render(report, "html", lang=lang)).text

    assert DISCLAIMER.format(lang) in shown
    assert str(report.score.value) in shown
    for finding in report.findings:
        # What follows from another is told by code and title below its cause, roll-ups in the table of providers.
        assert finding.code in shown or finding.code.startswith(ROLL_UPS)
    for rule, _ in report.checked:
        assert report.kind == "blocklist" or rule.code in shown


@each_lang
def test_records_to_copy_are_whole_and_alone(lang: Lang) -> None:
    document = render(report_of("before"), "html", lang=lang)
    records = [match.replace("&quot;", '"') for match in re.findall(r'<pre class="new"[^>]*>([^<]*)</pre>', document)]

    spf = next(change for action in report_of("before").actions for change in action.changes if change.type == "TXT")
    assert any(record == f'{spf.name}. 3600 IN TXT "{spf.add[0]}"' for record in records)  # for a zone file
    assert spf.add[0] in records  # for a panel, without quotes
    assert "user-select:all" in document


def test_the_actions_say_what_the_score_is_then() -> None:
    report = report_of("after")
    action = Action(report_of("before").actions[0].changes, ("SPF004",), (), 80)
    shown = Read(render(replace(report, actions=(action, action._replace(score_after=95))), "html")).text

    assert f"score {report.score.value} → 80" in shown
    assert "score 80 → 95" in shown


def test_spf_is_drawn_with_its_meter_and_its_tree() -> None:
    read = Read(render(report_of("before"), "html"))
    tree = report_of("before").details["spf_tree"]

    assert "DNS lookups: 11 of 10" in read.values
    assert read.values.count("over") == 2  # the eleventh box of the meter and its number in the tree
    assert read.values.count("branch") == len(html_domain.pictures.folded_rows(html.View.of("en").page, tree.rows()))
    assert "include:_spf.boletines-sol.example" in read.text


def test_a_message_is_drawn_with_alignment_providers_and_route() -> None:
    good, bad = (Read(render(report_of(name), "html")) for name in ("factura", "factura-con-diez-errores"))

    assert good.values.count("connector good") == 2
    assert bad.values.count("connector bad") == 2
    assert "Gmail: 9 of 9 met" in good.values
    assert any(re.fullmatch(r"Gmail: [0-8] of 9 met", value) for value in bad.values)
    assert "stop good" in good.values
    assert good.values.count("provider good") == 9


def test_an_unsigned_mail_that_was_not_sent_yet() -> None:
    raw_mail = b"From: a@empresa.example\r\nTo: b@cliente.example\r\nSubject: =?utf-8?q?<b>?=\r\n\r\nHola.\r\n"
    report = dv.audit_message(raw_mail, source=dv.OFFLINE, now=NOW)
    document = render(report, "html", lang="es")

    assert html_inert(document) == []
    assert "connector open" in Read(document).values
    assert "Aún no se ha enviado" in document


def test_a_listing_leads_to_the_page_of_the_list() -> None:
    report = report_of("blocklist")
    facts = report.details["blocklists"]
    assert isinstance(facts, BlocklistFacts)
    read = Read(render(report, "html"))

    listed = next(one for one in facts.listings if one.state.value == "listed")
    assert listed.list.delist in read.links
    assert "spam was seen" in read.text
    for one in facts.listings:
        assert one.list.name in read.text


def test_the_page_of_a_list_of_the_users_own_is_no_link() -> None:
    report = report_of("blocklist")
    facts = report.details["blocklists"]
    own = tuple(replace(one, list=replace(one.list, delist="https://evil.example/")) for one in facts.listings)
    changed = replace(report, details={"blocklists": replace(facts, listings=own)})
    read = Read(render(changed, "html"))

    assert "https://evil.example/" in read.text
    assert not [link for link in read.links if "evil" in link]


def test_several_reports_are_one_page_with_a_list() -> None:
    reports = [report_of("before"), report_of("factura"), report_of("blocklist")]
    document = render(reports, "html", lang="es")
    read = Read(document)

    assert html_inert(document) == []
    assert [link for link in read.links if link.startswith("#")].count("#dv-2") == 1
    assert len(re.findall(r'id="dv-(\d|top)"', document)) == 4
    assert read.tags.count("article") == 3
    assert read.tags.count("main") == read.tags.count("h1") == 1
    assert "3 informes" in document


def test_quiet_leaves_the_verdict() -> None:
    document = render(report_of("before"), "html", quiet=True)

    assert html_inert(document) == []
    assert "Not as it stands." in document
    assert "What to do" not in document


def test_no_report_at_all_is_a_page_too() -> None:
    assert html_inert(render([], "html")) == []


def test_a_report_without_anything() -> None:
    report = replace(demo_report(), checked=(), actions=(), ignored=(), notes=(), details={}, score=score_of(()))

    assert html_inert(render(report, "html")) == []
    assert "Nothing was checked." in render(report, "html")


def test_second_opinions_are_a_table() -> None:
    topic, why = Text("SPF result", "Resultado SPF"), Text("Terms, not queries.", "Términos, no consultas.")
    rows = tuple(
        CrosscheckRow("pyspf", topic, "empresa.example", "pass", "<b>evil</b>", right, why, "RFC 7208 §4.6.4")
        for right in Right
    )
    result = CrosscheckResult("empresa.example", rows, (ToolRun("pyspf", "2.0.14"),))
    document = render(replace(demo_report(), details={"crosscheck": result}), "html", lang="es")

    assert html_inert(document) == []
    assert "Segundas opiniones" in document
    assert "&lt;b&gt;evil&lt;/b&gt;" in document


@each_lang
def test_landmarks_languages_and_labels(lang: Lang) -> None:
    document = render(report_of("factura-con-diez-errores"), "html", lang=lang)

    assert document.startswith(f'<!DOCTYPE html>\n<html lang="{lang}">')
    read = Read(document)
    for landmark in ("main", "header", "footer", "article", "section"):
        assert landmark in read.tags
    assert all('scope="col"' in head or 'scope="row"' in head for head in re.findall(r"<th\b[^>]*>", document))
    assert all(
        'role="img" aria-label="' in picture or 'aria-hidden="true"' in picture
        for picture in re.findall(r"<svg\b[^>]*>", document)
    )
    headings = [int(level) for level in re.findall(r"<h([1-6])\b", document)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


@pytest.mark.parametrize("name", ["before", "factura-con-diez-errores", "blocklist"])
def test_nothing_of_the_frame_stays_in_the_other_language(name: str) -> None:
    """Headings, labels and column titles of the Spanish report are those of no English text."""
    english = {
        own.en
        for module in (*MODULES, html_verdict)
        for _, own in texts_of(module)
        if own.en.casefold() != own.es.casefold()
    } | {own.en for _, own in texts_of(words) if own.en != own.es}
    told = {piece.strip() for piece in Read(render(report_of(name), "html", lang="es")).texts}

    assert told & english == set()


@pytest.mark.parametrize("module", [*MODULES, html_verdict], ids=lambda module: module.__name__.rpartition(".")[2])
def test_both_languages_with_the_same_placeholders(module: Any) -> None:
    for name, own in texts_of(module):
        assert own.en, name
        assert own.es, name
        assert set(re.findall(r"{\w+}", own.en)) == set(re.findall(r"{\w+}", own.es)), name


def test_every_rule_of_the_style_sheet_is_of_the_report() -> None:
    """An embedded report changes nothing around it: each selector begins with `.dv`."""
    sheet = re.sub(r"@media[^{]*\{", "", html.style_sheet())
    selectors = [part for head in re.findall(r"([^{}]+)\{", sheet) for part in head.split(",")]

    assert len(selectors) > 150
    assert [part for part in selectors if not re.match(r"\.dv(?![\w-])", part.strip())] == []


def test_the_style_sheet_knows_the_phone_the_dark_and_the_paper() -> None:
    sheet = html.style_sheet()

    assert "@media (max-width:" in sheet
    assert "prefers-color-scheme:dark" in sheet
    paper = sheet.partition("@media print{")[2]
    assert "::details-content" in paper  # what is folded is printed
    assert "break-inside" in paper
    assert len(sheet) < 25_000


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):\s*(#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_texts_stand_out_from_every_ground() -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, in light, in dark and on paper."""
    themes = [_colours(block) for block in re.findall(r"\{([^{}]*--ground:[^{}]*)\}", html.style_sheet())]

    assert len(themes) == 3
    for theme in themes:
        for ink in ("ink", "soft", "good", "warn", "bad", "note", "open"):
            for ground in ("ground", "surface", "sunken"):
                assert _contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground, theme)
        for ground in ("new", "gone"):
            assert _contrast(theme["ink"], theme[ground]) >= 4.5


def test_every_class_that_is_drawn_has_a_rule() -> None:
    drawn = {
        name
        for report in map(report_of, NAMES)
        for classes in re.findall(r'class="([^"]+)"', render(report, "html"))
        for name in classes.split()
    }
    styled = set(re.findall(r"\.([a-z][\w-]*)", html.style_sheet()))

    assert drawn - styled == {"d0"}


def test_a_notebook_shows_reports_and_their_parts() -> None:
    report = report_of("before")
    shown = report._repr_html_()

    assert shown.startswith('<div class="dv embedded" lang="en"><style>')
    assert html_inert(shown) == []
    assert "<html" not in shown
    assert "<main" not in shown
    assert "@page" not in shown
    tree = report.details["spf_tree"]._repr_html_()
    assert html_inert(tree) == []
    assert "11 of 10" in tree
    listing = report_of("blocklist").details["blocklists"].listings[0]._repr_html_()
    assert html_inert(listing) == []
    assert "Spamhaus" in listing
    with pytest.raises(TypeError, match="no part of a report"):
        as_html(3)


def test_a_notebook_shows_a_scored_subject() -> None:
    from deliverability import subjects  # noqa: PLC0415

    shown = subjects.score("¡¡FACTURA URGENTE!! <b>evil</b>")._repr_html_()

    assert html_inert(shown) == []
    assert "&lt;b&gt;evil&lt;/b&gt;" in shown
    assert "Words alone rarely decide" in shown


def test_markup_is_only_what_was_built() -> None:
    assert text('<b x="\'">&') == "&lt;b x=&quot;&#x27;&quot;&gt;&amp;"
    assert text(Markup("<b>")) == "<b>"
    assert text("\x1b\u202e") == "\\x1b\\u202e"
    assert join(["<", None, "", el("br")], "&") == "&lt;&amp;<br>"
    assert el("a", "x", href='">', hidden=True, title=None, data_label=1.50, class_="c") == (
        '<a href="&quot;&gt;" hidden data-label="1.5" class="c">x</a>'
    )
    with pytest.raises(ValueError, match="no <"):
        raw("</style>")


def test_pictures_have_as_many_boxes_and_lines_as_there_are() -> None:
    assert meter(4, exact=True, limit=10, label="").count("used") == 4
    assert meter(4, exact=True, limit=10, label="").count("free") == 6
    assert meter(500, exact=False, limit=10, label="").count("over") == 10
    assert branches([True, False, True], last=False).count("<line") == 4
    assert branches([True] * 30, last=True).count("<line") == 9


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "+0 s"),
        (119, "+119 s"),
        (120, "+2 min"),
        (-90, "-90 s"),
        (7200, "+2 h"),
        (172_800, "+2 d"),
        (-1e9, "-11574 d"),
    ],
)
def test_times_are_told_in_units_of_people(seconds: float, told: str) -> None:
    assert html_message._duration(seconds) == told.replace(" ", "\u00a0")


def test_numbers_have_the_decimal_sign_of_the_language() -> None:
    assert html_parts.View.of("es").number(1.5, sign=True) == "+1,5"
    assert html_parts.View.of("en").number(-0.1, sign=True) == "-0.1"


def test_the_command_writes_the_same_file(tmp_path: Path) -> None:
    folder = ROOT / "examples/before"
    zones = [word for path in sorted(folder.glob("*.zone")) for word in ("--zone", str(path))]
    written = tmp_path / "informe.html"
    where = ["--config", str(folder / "deliverability.toml"), "-o", str(written)]

    assert main(["audit", "--offline", *where, *zones, "-f", "html", "--lang", "es"]) == 1
    assert html_inert(written.read_text("utf-8")) == []
    assert '<html lang="es">' in written.read_text("utf-8")


def test_html_is_a_format() -> None:
    assert FORMATS["html"] == "deliverability.render.html"
    assert Severity.ERROR in html_parts.SEVERITY_MARKS


@each_lang
def test_the_first_thing_to_do_and_whose_it_is_stand_beside_the_verdict(lang: Lang) -> None:
    """On a phone the cards are a screen away; where the first card is the main problem only its owner is added."""
    domain, mail = (render(report_of(name), "html", lang=lang) for name in ("before", "factura-con-diez-errores"))
    verdicts = [Read(document.partition('class="ways')[0]).text for document in (domain, mail)]

    assert html_verdict.START.format(lang) in verdicts[0]
    assert words.ACTORS[Actor.DNS].format(lang) in verdicts[0]
    assert html_verdict.WHO_MENDS.format(lang) in verdicts[1]
    assert words.ACTORS[Actor.PLATFORM].format(lang) in verdicts[1]


@each_lang
def test_a_domain_of_which_nothing_could_be_told(lang: Lang) -> None:
    report = dv.audit_domain("empresa.example", source=dv.OFFLINE, now=NOW)
    read = Read(render(report, "html", lang=lang))

    assert words.NOBODY_ASKED.format(lang) in read.text
    assert html_verdict.AREAS.format(lang) not in read.text  # no bar is better than four empty ones
    assert html_domain.DMARC.format(lang) not in read.text
    assert html_checked.NOT_TOLD.format(lang) in read.text


def test_each_part_can_be_reached_from_the_top() -> None:
    """`html_inert` has seen that every link leads somewhere."""
    read = Read(render(report_of("factura-con-diez-errores"), "html"))

    assert {"dv-todo", "dv-proven", "dv-records", "dv-checks"} <= read.ids
    assert not any(name.startswith("dv") for name in Read(render(report_of("before"), "html", embed=True)).ids)
