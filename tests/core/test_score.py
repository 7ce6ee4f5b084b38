from __future__ import annotations

from dataclasses import replace

import pytest

from deliverability.core.finding import Actor, Basis, Finding, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.score import score
from deliverability.core.text import Text

WORD = Text("x", "x")


def make(
    code: str,
    severity: Severity = Severity.ERROR,
    basis: Basis = Basis.STANDARD,
    area: Area = Area.AUTH,
    **more: object,
) -> Rule:
    return Rule(code, code.lower(), severity, basis, area, Actor.DNS, WORD, WORD, WORD, WORD, ("RFC 7208 §4",), **more)  # type: ignore[arg-type]


def passed(*rules: Rule) -> list[tuple[Rule, Outcome]]:
    return [(rule, Passed()) for rule in rules]


ERROR, WARNING = make("SPF001"), make("SPF005", Severity.WARNING)


def test_everything_passed_is_100_and_an_a() -> None:
    result = score(passed(ERROR, WARNING))

    assert (result.value, result.grade, result.coverage) == (100, "A", 1.0)


def test_what_could_not_be_told_costs_nothing_but_coverage() -> None:
    result = score([*passed(ERROR), (WARNING, Unknown(WORD))])

    assert result.value == 100
    assert result.coverage == pytest.approx(10 / 14)


def test_too_little_coverage_gives_no_number_and_no_letter() -> None:
    result = score([*passed(WARNING), (ERROR, Unknown(WORD))])

    assert (result.value, result.grade) == (None, None)


def test_nothing_evaluated_gives_no_number() -> None:
    assert score([]).value is None
    assert score([(ERROR, Unknown(WORD))]).value is None


def test_any_error_keeps_the_whole_below_a_b() -> None:
    many = [make(f"SPF1{n:02}") for n in range(20)]
    result = score([*passed(*many), (ERROR, ERROR.found("x"))])

    assert result.value == 79
    assert result.grade == "C"
    assert result.capped_by == ("SPF001",)


def test_a_rule_s_own_cap_is_lower() -> None:
    capped = make("MX001", area=Area.IDENT, cap=50)
    many = [make(f"SPF1{n:02}") for n in range(20)]

    assert (
        score(
            [
                *passed(*many),
                *passed(*[make(f"MX1{n:02}", area=Area.IDENT) for n in range(20)]),
                (capped, capped.found("x")),
            ]
        ).value
        == 50
    )


def test_info_never_caps_and_never_costs() -> None:
    capped = make("MX001", area=Area.IDENT, cap=50)

    assert score([*passed(ERROR), (capped, capped.found("x", severity=Severity.INFO))]).value == 100


def test_the_worst_of_several_subjects_counts_once() -> None:
    rule = make("DNS001", area=Area.IDENT)
    one = score([*passed(ERROR, rule), (rule, rule.found("192.0.2.1"))])
    two = score([*passed(ERROR, rule), (rule, rule.found("192.0.2.1")), (rule, rule.found("192.0.2.2"))])

    assert one.value == two.value
    assert one.areas[-1].deductions == two.areas[-1].deductions


def test_a_consequence_costs_nothing() -> None:
    finding = WARNING.found("x")
    assert isinstance(finding, Finding)
    alone = score([*passed(ERROR), (WARNING, finding)])
    caused = score([*passed(ERROR), (WARNING, replace(finding, consequence_of="SPF001"))])

    assert alone.value is not None
    assert alone.value < 100
    assert caused.value == 100


def test_a_filter_s_weight_is_its_points() -> None:
    light = make("DNS007", Severity.ERROR, Basis.FILTER, Area.IDENT, filter_points=0.5)
    heavy = make("DNS006", Severity.ERROR, Basis.FILTER, Area.IDENT, filter_points=9.0)

    assert [
        d.points for rule in (light, heavy) for a in score([(rule, rule.found("x"))]).areas for d in a.deductions
    ] == [1.0, 10.0]


def test_opinion_is_never_scored() -> None:
    rule = make("DNS022", Severity.WARNING, Basis.OPINION, Area.IDENT)

    assert score([*passed(ERROR), (rule, rule.found("x"))]).value == 100


def test_brand_protection_is_shown_and_weighs_nothing() -> None:
    rule = make("DMARC007", Severity.WARNING, area=Area.BRAND)
    result = score([*passed(ERROR), (rule, rule.found("x"))])

    assert result.value == 100
    assert {area.area: area.value for area in result.areas}[Area.BRAND] == 0


def test_an_area_whose_errors_follow_from_another_area_has_no_number() -> None:
    gone = make("DNS010", area=Area.IDENT)
    follows = replace(ERROR.found("x"), consequence_of="DNS010")
    result = score([*passed(WARNING), (ERROR, follows), (gone, gone.found("x"))])

    assert {area.area: area.value for area in result.areas} == {Area.AUTH: None, Area.IDENT: 0}
    assert result.value == 0


def test_a_consequence_within_its_area_leaves_the_number_to_the_cause() -> None:
    cause = make("SPF022")
    result = score(
        [*passed(WARNING), (ERROR, replace(ERROR.found("x"), consequence_of="SPF022")), (cause, cause.found("x"))]
    )

    assert result.areas[0].value == round(100 * 4 / 14)


def test_an_area_without_weight_shows_what_is_however_mild_the_finding() -> None:
    """A domain with `p=none` and reports once had 100 for protection against forgery."""
    brand = make("DMARC007", Severity.WARNING, area=Area.BRAND)
    auth = make("SPF005", Severity.WARNING)
    mild = [(brand, brand.found("x", severity=Severity.INFO)), (auth, auth.found("x", severity=Severity.INFO))]
    values = {area.area: area.value for area in score([*mild, *passed(ERROR)]).areas}

    assert values == {Area.BRAND: 0, Area.AUTH: 100}
