"""Annotations for GitHub: read back as the runner reads them, ten of a kind, the worst first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.finding import Evidence, Severity, Unknown
from deliverability.core.report import Checked, Report, score_of
from deliverability.core.text import LANGS, Lang, Text
from deliverability.render import render
from deliverability.render.github import Annotation, command
from deliverability.render.places import Place
from tests.support.demo_report import DOMAIN, HOSTILE, NOW, demo_report, rule
from tests.support.inert import LIVELY, github_inert


class Read(NamedTuple):
    """A command as the runner understands it."""

    kind: str
    properties: dict[str, str]
    message: str


def runner(line: str) -> Read | None:
    """A line as the runner of GitHub Actions reads it: cut at the second `::`, at commas, at the first `=`; unescaped."""
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    head, _, data = line[2:].partition("::")
    kind, _, written = head.partition(" ")
    pairs = (item.partition("=") for item in written.split(",") if item)
    properties = {key: _unescaped(value, ("%0D", "%0A", "%3A", "%2C")) for key, _, value in pairs}
    return Read(kind, properties, _unescaped(data, ("%0D", "%0A")))


def _unescaped(text: str, codes: tuple[str, ...]) -> str:
    for written in codes:
        text = text.replace(written, chr(int(written[1:], 16)))
    return text.replace("%25", "%")


def of(*checked: Checked) -> Report:
    return Report(DOMAIN, "domain", NOW, checked, score_of(checked), "2026.11")


def annotations(text: str) -> list[Read]:
    return [read for line in text.splitlines() if (read := runner(line)) is not None]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("hostile", [*HOSTILE, *LIVELY], ids=range(len(HOSTILE) + len(LIVELY)))
def test_outside_text_is_inert(hostile: str, lang: Lang) -> None:
    text = render(demo_report(hostile), "github", lang=lang, places=[Place(f"a,b:{hostile}", 3)])

    assert github_inert(text) == []
    assert [read.kind for read in annotations(text)] == ["error", "warning", "warning", "warning", "warning", "notice"]
    assert all(set(read.properties) == {"file", "line", "title"} for read in annotations(text))
    assert {read.properties["line"] for read in annotations(text)} == {"3"}


def test_the_check_sees_what_it_looks_for() -> None:
    assert github_inert("x ##[error]y\n")
    assert github_inert("::add-mask::x\n")
    assert github_inert("evil\n")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n%"), max_size=40), st.sampled_from("%\r\n:,="))
def test_what_the_runner_reads_is_what_was_written(text: str, special: str) -> None:
    told = text + special + text + "%0A%3A"
    line = command(Annotation(Severity.ERROR, None, told, told))
    read = runner(line)

    assert read is not None
    assert read.message == told
    assert read.properties == {"title": told}
    assert "\n" not in line
    assert "\r" not in line


def test_file_line_title_and_message() -> None:
    text = render(demo_report(), "github", lang="en", places=[Place("mail/deliverability.toml", 7)])
    first = annotations(text)[0]

    assert first.kind == "error"
    assert first.properties == {
        "file": "mail/deliverability.toml",
        "line": "7",
        "title": f"SPF004 Demo SPF004: {DOMAIN}",
    }
    said, advice, *records = first.message.split("\n")
    assert said == "The record holds include:mail.example too much"
    assert advice.startswith("Whoever manages your DNS")
    assert records[0] == f'- {DOMAIN}. IN TXT "v=spf1 include:mail.example"'
    assert records[1].startswith(f"+ {DOMAIN}. 3600 IN TXT")


def test_without_a_file_there_is_only_a_title() -> None:
    assert [set(read.properties) for read in annotations(render(demo_report(), "github"))] == [{"title"}] * 6


def test_ten_of_a_kind_the_worst_first_and_the_rest_counted() -> None:
    plain = [rule(f"DKIM{n:03d}") for n in range(1, 15)]
    notes = [rule(f"DNS{n:03d}", Severity.INFO) for n in range(1, 12)]
    checked = [Checked(r, r.found(DOMAIN, what="x")) for r in (*plain, *notes)]
    capped = rule("SPF001")
    object.__setattr__(capped, "cap", 20)
    text = render(of(*checked, Checked(capped, capped.found(DOMAIN, what="x"))), "github", lang="en")

    lines = text.splitlines()
    assert [sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning", "notice")] == [
        10,
        0,
        10,
    ]
    assert "SPF001" in lines[0]
    assert lines[-1] == (
        "GitHub shows ten annotations of a kind; not shown: 5 errors, 1 note. The job summary has all."
    )


def test_what_could_not_be_told_is_one_annotation_before_the_warnings() -> None:
    why = Text("no answer", "sin respuesta")
    unknown = [Checked(rule(f"MX{n:03d}"), Unknown(why)) for n in range(1, 20)]
    warnings = [
        Checked(r, r.found(DOMAIN, what="x")) for r in (rule(f"SPF{n:03d}", Severity.WARNING) for n in range(12))
    ]
    read = annotations(render(of(*unknown, *warnings), "github", lang="en"))

    assert len(read) == 10
    assert read[0].properties["title"] == f"{DOMAIN}: could not be told"
    assert read[0].message.startswith("no answer (MX001, MX002,")


def test_what_only_could_have_been_a_note_is_a_notice() -> None:
    report = of(Checked(rule("MX001", Severity.INFO), Unknown(Text("x", "x"))))

    assert [read.kind for read in annotations(render(report, "github"))] == ["notice"]


def test_what_providers_ask_for_is_not_told_twice() -> None:
    rolled = rule("PROV001")
    report = of(Checked(rolled, rolled.found(DOMAIN, what="x")), Checked(rule("PROV002"), Unknown(Text("x", "x"))))

    assert render(report, "github", lang="es") == "Nada que anotar.\n"


def test_a_finding_in_a_mail_stands_at_the_line_of_its_evidence() -> None:
    own = rule("HDR018", Severity.WARNING)
    seen = (Evidence("x", "part", "", "x"), Evidence("From", "header", "", "x", line=6))
    found = Checked(own, own.found("From", what="x", evidence=seen))
    mail = Report(DOMAIN, "message", NOW, (found,), score_of((found,)), "2026.11")

    assert "file=mails/a.eml,line=6," in render(mail, "github", places=[Place("mails/a.eml")])
    assert re.search(r"^::warning file=a.toml,line=2,", render(of(found), "github", places=[Place("a.toml", 2)]))


def test_the_same_words_about_several_mails_are_one_annotation() -> None:
    """A fault of the domain stands in the report of each of its mails."""
    own, mine = rule("HDR018"), rule("SPF004")
    reports = [
        of(Checked(own, own.found(DOMAIN, what="x")), Checked(mine, mine.found(DOMAIN, what=name))) for name in "abc"
    ]
    read = annotations(render(reports, "github", lang="en", places=[Place(f"{n}.eml", 1) for n in "abc"]))

    assert [one.properties["file"] for one in read] == ["a.eml", "a.eml", "b.eml", "c.eml"]
    assert read[0].properties["title"] == f"HDR018 Demo HDR018: {DOMAIN} (×3)"
    assert read[0].message.endswith(f"Also: {DOMAIN}")


def test_notices_are_one_for_each_rule() -> None:
    note = rule("DNS013", Severity.INFO)
    report = of(*(Checked(note, note.found(f"s{n:02d}", what=str(n))) for n in range(14)))
    (read,) = annotations(render(report, "github", lang="es"))

    assert read.properties["title"].endswith("(×14)")
    assert read.message.endswith("También: s01, s02, s03, s04, s05, s06, s07, s08, s09, s10 y 3 más")


def test_only_the_rules_with_most_findings_are_put_together_and_only_where_there_is_need() -> None:
    often, twice, once = rule("BODY015"), rule("BODY019"), [rule(f"SPF{n:03d}") for n in range(7)]
    found = [
        Checked(r, r.found(f"{r.code} {n}", what=str(n)))
        for r, count in ((often, 12), (twice, 2))
        for n in range(count)
    ]
    found += [Checked(r, r.found(DOMAIN, what="x")) for r in once]
    read = annotations(render(of(*found), "github", lang="en"))

    assert len(read) == 10
    assert [one.properties["title"].endswith("(×12)") for one in read].count(True) == 1
    assert sum("BODY019" in one.properties["title"] for one in read) == 2


def test_what_the_advice_tells_apart_stays_apart() -> None:
    """A wrong account number and news of another account are one rule with two kinds of advice."""
    own = replace(rule("BODY019", Severity.INFO), fix=Text("Do {what}.", "Haga {what}."))
    kinds = [Text("this", "esto"), Text("that", "eso")]
    report = of(*(Checked(own, own.found(str(n), what=kinds[n % 2])) for n in range(4)))

    assert len(annotations(render(report, "github"))) == 2
