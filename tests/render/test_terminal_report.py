"""The terminal report: what it says and in which order, and that it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from deliverability.core.changes import RecordChange
from deliverability.core.finding import Finding, Passed, Severity, Unknown, evidence_of
from deliverability.core.names import DomainName
from deliverability.core.questions import DnsQuestion, Failed, FailureKind
from deliverability.core.report import Action, Checked, Ignored, Report, score_of
from deliverability.core.rule import Area
from deliverability.core.text import Lang, Text
from deliverability.render import render
from deliverability.render.terminal import in_a_sentence
from deliverability.render.verdict import Verdict, verdict_of
from tests.support.demo_report import DOMAIN, HOSTILE, NOW, demo_report, rule
from tests.support.inert import HARMFUL, SGR, harmful


def of(*checked: Checked) -> Report:
    return Report(DOMAIN, "domain", NOW, checked, score_of(checked), "2026.11")


def found(code: str, severity: Severity = Severity.ERROR, area: Area = Area.AUTH) -> Checked:
    own = rule(code, severity, area)
    return Checked(own, own.found(DOMAIN, what="x"))


def is_paste(line: str) -> bool:
    return line.startswith(f"{DOMAIN}. ")


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_but_a_record_to_paste_is_wider_than_asked(lang: Lang, width: int, verbose: bool) -> None:
    text = render(demo_report(), "terminal", lang=lang, width=width, verbose=verbose)

    too_wide = [line for line in text.splitlines() if cell_len(line) > width and not is_paste(line)]
    assert too_wide == []
    assert any(is_paste(line) for line in text.splitlines())


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("color", [False, True])
def test_outside_text_is_inert(hostile: str, color: bool) -> None:
    for width in (60, 200):
        text = render(demo_report(hostile), "terminal", lang="es", width=width, color=color, verbose=True)

        assert harmful(text, color=color) == []
        assert text.encode("utf-8")
        too_wide = [line for line in SGR.sub("", text).splitlines() if cell_len(line) > width and not is_paste(line)]
        assert too_wide == []


def test_the_harmful_set_is_not_empty() -> None:
    assert all(HARMFUL.search(text) for text in HOSTILE[:3])


def test_console_markup_stays_text() -> None:
    assert "[red]markup[/red]" in render(demo_report("[red]markup[/red]"), "terminal", width=200, color=True)


def test_a_line_break_in_a_record_starts_no_line() -> None:
    text = render(demo_report("a\nFORGED LINE"), "terminal", width=200)

    assert not any(line.strip().startswith("FORGED") for line in text.splitlines())


def test_no_colour_means_no_escape() -> None:
    assert "\x1b" not in render(demo_report(), "terminal")
    assert SGR.search(render(demo_report(), "terminal", color=True))


def test_the_environment_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = render(demo_report(), "terminal", width=80)
    for key, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("COLUMNS", "33"), ("TERM", "dumb")):
        monkeypatch.setenv(key, value)

    assert render(demo_report(), "terminal", width=80) == before


def test_the_record_to_paste_is_one_line_from_the_first_column_in_strings_of_255() -> None:
    lines = render(demo_report(), "terminal", width=60).splitlines()

    record = next(line for line in lines if is_paste(line) and "3600" in line)
    strings = record.split('"')[1::2]
    assert record.startswith(f'{DOMAIN}. 3600 IN TXT "v=spf1 ip4:192.0.2.0 ')
    assert [len(s) <= 255 for s in strings] == [True] * len(strings)
    assert len(strings) > 1
    assert "".join(strings).endswith("ip4:192.0.2.39 -all")


def test_first_the_verdict_then_what_to_do_then_what_was_checked() -> None:
    text = render(demo_report(), "terminal", lang="en", width=100)

    places = [
        text.index(words)
        for words in ("Not as it stands", "Score ", "WHAT TO DO", "1. Change TXT", "WHAT WAS CHECKED", "Set aside")
    ]
    assert places == sorted(places)
    assert "score 59 → 79" in text
    assert "not how likely the inbox is" in text


def test_every_outcome_is_shown() -> None:
    text = render(demo_report(), "terminal", lang="en", width=100)

    for code in ("SPF004", "DKIM012", "DNS013", "DMARC007", "MX001", "SPF002"):
        assert code in text
    assert "no answer in time" in text
    assert "does not apply" in text
    assert "no own mail server" not in text
    assert "no own mail server" in render(demo_report(), "terminal", lang="en", width=100, verbose=True)


def test_a_rule_that_fails_for_one_subject_is_not_listed_as_passed() -> None:
    own = rule("DKIM012")
    text = render(of(Checked(own, own.found("s1", what="x")), Checked(own, Passed("s2"))), "terminal")

    assert "✓" not in text


def test_quiet_leaves_the_verdict() -> None:
    text = render(demo_report(), "terminal", quiet=True)

    assert "Not as it stands" in text
    assert "WHAT TO DO" not in text


@pytest.mark.parametrize(
    ("checked", "verdict"),
    [
        ((), Verdict.NOTHING),
        ((Checked(rule("SPF001"), Passed()),), Verdict.YES),
        ((found("DNS001", Severity.INFO), Checked(rule("SPF001"), Passed())), Verdict.YES),
        ((found("SPF001", Severity.WARNING),), Verdict.MOSTLY),
        ((found("SPF001"),), Verdict.NO),
        ((found("DMARC007", Severity.ERROR, Area.BRAND),), Verdict.MOSTLY),
        ((Checked(rule("SPF001"), Unknown(Text("x", "x"))), found("SPF002", Severity.WARNING)), Verdict.CANNOT_TELL),
        (
            (Checked(rule("SPF001", Severity.INFO), Unknown(Text("x", "x"))), Checked(rule("SPF002"), Passed())),
            Verdict.YES,
        ),
        ((Checked(rule("SPF001"), Unknown(Text("x", "x"))), found("SPF002")), Verdict.NO),
    ],
)
def test_the_verdict(checked: tuple[Checked, ...], verdict: Verdict) -> None:
    report = of(*checked)

    assert verdict_of(report) is verdict
    assert render(report, "terminal", lang="en")


def test_no_score_below_the_least_coverage() -> None:
    text = render(of(Checked(rule("SPF001"), Unknown(Text("x", "x")))), "terminal", lang="en")

    assert "No score: only 0% of what counts" in text
    assert "Yes" not in text


def test_several_reports_end_in_a_summary() -> None:
    other = replace(demo_report(), subject="otra.example")
    text = render((demo_report(), other), "terminal", lang="es", width=70)

    assert "2 DOMINIOS" in text
    assert text.count("otra.example") >= 2
    assert all(cell_len(line) <= 70 or is_paste(line) for line in text.splitlines())


def test_an_international_name_is_shown_in_both_forms() -> None:
    text = render(replace(demo_report(), subject="xn--espaa-rta.example"), "terminal", quiet=True)

    assert "xn--espaa-rta.example (españa.example)" in text


def test_a_consequence_stands_with_its_cause() -> None:
    finding = found("SPF010").outcome
    assert isinstance(finding, Finding)
    text = render(of(Checked(finding.rule, replace(finding, consequence_of="SPF001"))), "terminal", lang="en")

    assert "follows from SPF001" in text


def test_a_parked_domain_is_asked_about_forgery() -> None:
    report = replace(of(found("DMARC007", Severity.ERROR, Area.BRAND)), details={"sends": False})
    text = render(report, "terminal", lang="en")

    assert "sends no mail. Is it safe from forgery? Not as it stands." in text


def test_what_could_not_be_told_is_told_once_for_each_reason() -> None:
    why = Text("DNS gave no answer.", "El DNS no respondió.")
    report = of(*(Checked(rule(f"DMARC{n:03d}"), Unknown(why)) for n in range(1, 31)))
    text = render(report, "terminal", lang="en")

    assert text.count("DNS gave no answer.") == 1
    assert "and 25 more" in text
    assert "DMARC030" not in text
    assert "DMARC030" in render(report, "terminal", lang="en", verbose=True)


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.INFO])
def test_many_subjects_of_one_rule_are_cut_with_their_number(severity: Severity) -> None:
    own = rule("MX006", severity)
    report = of(*(Checked(own, own.found(f"mx{n:03d}.example", what=f"mx{n:03d}.example")) for n in range(200)))
    text = render(report, "terminal", lang="en")

    assert text.count("\n") < 60
    assert " more" in text
    assert "mx199.example" in render(report, "terminal", lang="en", verbose=True)


def test_an_error_that_was_set_aside_is_not_told_as_good_news() -> None:
    report = of(Checked(rule("SPF001"), Passed()))
    aside = found("SPF004").outcome
    assert isinstance(aside, Finding)
    report = replace(report, ignored=(Ignored(aside, "known"),))

    text = render(report, "terminal", lang="en", width=120)

    assert verdict_of(report) is Verdict.SET_ASIDE
    assert "Not as it stands, but nothing is new." in text
    assert "still there: SPF004" in text
    assert "Nothing has to be changed" not in text


def test_what_is_new_beside_what_was_set_aside_is_not_called_nothing() -> None:
    """An error that does not decide about delivery fails the gate all the same, so it is new to whoever reads."""
    aside = found("SPF004").outcome
    assert isinstance(aside, Finding)
    report = replace(of(found("DMARC010", area=Area.MONITORING)), ignored=(Ignored(aside, "known"),))

    text = render(report, "terminal", lang="en", width=120)

    assert report.exit_code() == 1
    assert verdict_of(report) is Verdict.SET_ASIDE
    assert "Not as it stands; what hinders it is set aside." in text
    assert "nothing is new" not in text


@pytest.mark.parametrize("area", [Area.BRAND, Area.MONITORING])
def test_what_does_not_touch_delivery_does_not_decide(area: Area) -> None:
    unknown = Checked(rule("DMARC010", Severity.ERROR, area), Unknown(Text("x", "x")))

    assert verdict_of(of(found("DMARC010", Severity.ERROR, area))) is Verdict.MOSTLY
    assert verdict_of(of(unknown, Checked(rule("SPF001"), Passed()))) is Verdict.YES


def test_a_parked_domain_that_leaves_forgeries_a_door_is_not_safe() -> None:
    report = replace(of(found("DMARC039", Severity.INFO, Area.BRAND)), details={"sends": False})

    assert verdict_of(report) is Verdict.NO
    assert verdict_of(replace(report, details={"sends": True})) is Verdict.YES


def test_a_record_in_another_zone_is_asked_for() -> None:
    change = RecordChange(DomainName(f"{DOMAIN}._report._dmarc.other.example"), "TXT", add=("v=DMARC1",))
    report = of(found("DMARC010"))
    mended = frozenset(finding.fingerprint for finding in report.findings)
    report = replace(report, actions=(Action((change,), ("DMARC010",), (), None, mended),))

    text = render(report, "terminal", lang="es", width=120)

    assert "Pedir que se publique TXT en" in text
    assert "Pida a quien gestione ese nombre que publique esto:" in text
    assert "Publique este registro" not in text


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Ningún registro DMARC", "ningún registro DMARC"),
        ("There is none", "there is none"),
        ("A record of x.example", "a record of x.example"),
        ("SPF of x.example", "SPF of x.example"),
        ("Gmail refuses it", "Gmail refuses it"),
        ("x.example has none", "x.example has none"),
        ("`ptr` is there", "`ptr` is there"),
    ],
)
def test_a_title_after_a_colon(title: str, inside: str) -> None:
    assert in_a_sentence(title) == inside


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_who_asked_nobody_is_not_told_to_ask_again(form: str) -> None:
    """Where the name server was silent, asking again may help; where nobody was asked, it gives the same."""
    question = DnsQuestion(DOMAIN, "TXT")

    def told(*kinds: FailureKind) -> str:
        own = rule("SPF001", Severity.ERROR, Area.AUTH)
        because = Text("no answer", "sin respuesta")
        unknowns = [Unknown(because, DOMAIN, (evidence_of(question, Failed(kind)),)) for kind in kinds]
        return " ".join(render(of(*(Checked(own, unknown) for unknown in unknowns)), form, width=200).split())

    assert "The DNS was not asked" in told(FailureKind.OFFLINE)
    assert "Repeat the audit" not in told(FailureKind.OFFLINE)
    for kinds in ((FailureKind.TIMEOUT,), (FailureKind.OFFLINE, FailureKind.SERVFAIL)):
        assert "Repeat the audit" in told(*kinds)
        assert "The DNS was not asked" not in told(*kinds)


def test_what_stands_below_the_last_step_stands_apart() -> None:
    for report in (of(found("SPF001")), demo_report()):
        lines = render(report, "terminal").splitlines()
        hint = next(index for index, line in enumerate(lines) if line.startswith("More about a code"))
        assert "" in lines[hint - 3 : hint]


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_one_check_is_not_enough_for_a_yes(form: str) -> None:
    """As with `--select SPF013`: what was checked holds, and nobody has looked at the rest."""
    light, heavy = rule("SPF013", Severity.INFO, Area.AUTH), rule("SPF001", Severity.ERROR, Area.AUTH)

    few = " ".join(render(of(Checked(light, Passed(DOMAIN))), form, width=200).split())
    assert "Nothing that was checked speaks against it." in few
    assert "Yes, as far as" not in few
    assert "Yes, as far as" in " ".join(render(of(Checked(heavy, Passed(DOMAIN))), form, width=200).split())
