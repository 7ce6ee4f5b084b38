"""The ceiling of a message that nothing authenticates."""

from __future__ import annotations

from deliverability.core.finding import Actor, Basis, Passed, Severity
from deliverability.core.rule import Area, Rule
from deliverability.core.score import score, scoring
from deliverability.core.text import Text

WORDS = Text("a", "a")


def rule(code: str, area: Area, *causes: str) -> Rule:
    return Rule(
        code, code.lower(), Severity.ERROR, Basis.STANDARD, area, Actor.DNS, WORDS, WORDS, WORDS, WORDS, (),
        consequence_of=causes,
    )  # fmt: skip


GOOD = [(rule(f"{area}{n}", area), Passed()) for area in (Area.AUTH, Area.MESSAGE) for n in range(50)]
SIGNATURE, HEADER = rule("DKIM001", Area.AUTH), rule("HDR001", Area.MESSAGE)


def test_a_message_that_nothing_authenticates_is_held_down_under_the_names_of_what_failed() -> None:
    results = [*GOOD, (SIGNATURE, SIGNATURE.found("a")), (HEADER, HEADER.found("a"))]

    held = score(results, authenticated=False)

    assert held.value == scoring()["caps"]["unauthenticated"] == 40
    assert held.capped_by == ("DKIM001",)
    assert score(results).value == scoring()["caps"]["error"]


def test_without_an_error_about_authentication_the_others_are_named() -> None:
    held = score([*GOOD, (HEADER, HEADER.found("From"))], authenticated=False)

    assert (held.value, held.capped_by) == (40, ("HDR001",))


def test_without_any_error_nothing_is_held_down() -> None:
    assert score(GOOD, authenticated=False).value == 100
