"""DMARC for one message: alignment by name, never by text, and what could not be asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Question
from deliverability.dmarc import DmarcResult, Reason, evaluate, evaluate_plan
from deliverability.sources.drive import solve_async
from deliverability.sources.table import TableSource

REJECT = {"_dmarc.example.com/TXT": ["v=DMARC1; p=reject"]}
STRICT = {"_dmarc.example.com/TXT": ["v=DMARC1; p=reject; adkim=s; aspf=s"]}


def result(table: dict[str, Any], author: str = "example.com", **given: Any) -> DmarcResult:
    return evaluate(author, source=TableSource(table), **given)


@pytest.mark.parametrize(
    ("table", "given", "word", "spf", "dkim"),
    [
        (REJECT, {"spf": ("pass", "example.com")}, "pass", True, False),
        (REJECT, {"spf": ("pass", "Example.COM.")}, "pass", True, False),
        (REJECT, {"spf": ("pass", "bounce.example.com")}, "pass", True, False),
        (REJECT, {"dkim": [("pass", "mail.example.com")]}, "pass", False, True),
        (REJECT, {"dkim": [("fail", "example.com"), ("pass", "example.com")]}, "pass", False, True),
        (REJECT, {"spf": ("pass", "esp.example.net"), "dkim": [("pass", "example.com")]}, "pass", False, True),
        (REJECT, {"spf": ("pass", "bounce.example.com"), "dkim": [("pass", "example.com")]}, "pass", True, True),
        (REJECT, {"spf": ("pass", "example.net")}, "fail", False, False),
        (REJECT, {"spf": ("softfail", "example.com"), "dkim": [("fail", "example.com")]}, "fail", False, False),
        (REJECT, {"spf": ("pass", None)}, "fail", False, False),
        (REJECT, {"spf": ("pass", "")}, "fail", False, False),
        (REJECT, {}, "fail", False, False),
        (REJECT, {"dkim": [("pass", "com")]}, "fail", False, False),
        (REJECT, {"dkim": [("pass", "notexample.com")]}, "fail", False, False),
        (REJECT, {"dkim": [("pass", "example.com-evil.com")]}, "fail", False, False),
        (REJECT, {"dkim": [("pass", "evil.com@example.com")]}, "fail", False, False),
        (STRICT, {"spf": ("pass", "bounce.example.com")}, "fail", False, False),
        (STRICT, {"dkim": [("pass", "mail.example.com")]}, "fail", False, False),
        (STRICT, {"dkim": [("pass", "example.com")]}, "pass", False, True),
        ({}, {"spf": ("pass", "example.com"), "dkim": [("pass", "example.com")]}, "none", False, False),
    ],
)
@pytest.mark.parametrize("spec", ["9989", "7489"])
def test_alignment(table: dict[str, Any], given: dict[str, Any], word: str, spf: bool, dkim: bool, spec: str) -> None:
    outcome = result(table, spec=spec, **given)

    assert (outcome.result, outcome.aligned_spf, outcome.aligned_dkim) == (word, spf, dkim)
    assert outcome.disposition == ("reject" if word == "fail" else None)


def test_names_of_different_organizations_under_a_public_suffix_do_not_align() -> None:
    """RFC 9989 Appendix B.4.3: SPF aligns within giant.bank.example, the signature of mega.bank.example does not."""
    bank = {
        "_dmarc.bank.example/TXT": ["v=DMARC1; p=none; psd=y"],
        "_dmarc.giant.bank.example/TXT": ["v=DMARC1; p=reject"],
    }
    outcome = result(
        bank, "giant.bank.example", spf=("pass", "mail.giant.bank.example"), dkim=[("pass", "mail.mega.bank.example")]
    )

    assert (outcome.result, outcome.aligned_spf, outcome.aligned_dkim) == ("pass", True, False)
    assert [item.organizational_domain for item in outcome.identifiers] == ["giant.bank.example", "mega.bank.example"]


def test_a_record_on_a_subdomain_alone_aligns_for_old_receivers_only() -> None:
    table = {"_dmarc.facturas.example.com/TXT": ["v=DMARC1; p=reject"]}
    given: dict[str, Any] = {"dkim": [("pass", "example.com")]}

    assert result(table, "facturas.example.com", spec="7489", **given).result == "pass"
    assert result(table, "facturas.example.com", spec="9989", **given).result == "fail"


FAULT = {"fault": "servfail"}


@pytest.mark.parametrize(
    ("table", "given", "word", "reason"),
    [
        ({"_dmarc.example.com/TXT": FAULT}, {"spf": ("pass", "example.com")}, "temperror", Reason.POLICY_TEMPERROR),
        (
            {**REJECT, "_dmarc.bounce.example.com/TXT": FAULT},
            {"spf": ("pass", "bounce.example.com")},
            "temperror",
            Reason.ALIGNMENT_UNKNOWN,
        ),
        (
            {**REJECT, "_dmarc.bounce.example.com/TXT": FAULT},
            {"spf": ("pass", "bounce.example.com"), "dkim": [("pass", "example.com")]},
            "pass",
            Reason.DKIM_ALIGNED,
        ),
        (
            {**REJECT, "_dmarc.com/TXT": FAULT},
            {"spf": ("pass", "bounce.example.com")},
            "temperror",
            Reason.ALIGNMENT_UNKNOWN,
        ),
        ({**REJECT, "_dmarc.com/TXT": FAULT}, {"spf": ("pass", "example.com")}, "pass", Reason.SPF_ALIGNED),
        (REJECT, {"dkim": [("temperror", "example.com")]}, "temperror", Reason.IDENTIFIER_TEMPERROR),
        (REJECT, {"dkim": [("temperror", "mail.example.com")]}, "temperror", Reason.IDENTIFIER_TEMPERROR),
        (REJECT, {"spf": ("temperror", "example.com")}, "temperror", Reason.IDENTIFIER_TEMPERROR),
        (REJECT, {"dkim": [("temperror", "example.net")]}, "fail", Reason.NO_AUTHENTICATED_IDENTIFIER),
        (
            REJECT,
            {"spf": ("pass", "example.com"), "dkim": [("temperror", "example.com")]},
            "pass",
            Reason.SPF_ALIGNED,
        ),
        (STRICT, {"dkim": [("temperror", "mail.example.com")]}, "fail", Reason.NO_AUTHENTICATED_IDENTIFIER),
        ({"_dmarc.example.com/TXT": ["v=DMARC1; p=x"]}, {}, "permerror", Reason.POLICY_UNUSABLE),
    ],
)
def test_what_could_not_be_asked_is_neither_pass_nor_fail_nor_none(
    table: dict[str, Any], given: dict[str, Any], word: str, reason: Reason
) -> None:
    outcome = result(table, **given)

    assert outcome.result == word
    assert reason in outcome.reasons


@pytest.mark.parametrize("author", ["", "..", "a" * 70 + ".example", "x@y", "a" * 3000])
def test_an_author_domain_that_is_none_is_a_permerror(author: str) -> None:
    outcome = result({}, author, spf=("pass", author))

    assert outcome.result in ("permerror", "none")
    assert not outcome.aligned_spf


def test_no_walk_is_made_where_names_are_equal_or_alignment_is_strict() -> None:
    asked: list[Question] = []

    class Watching:
        def __init__(self, table: dict[str, Any]) -> None:
            self._below = TableSource(table)

        def answer(self, question: Question) -> Answer:
            asked.append(question)
            return self._below.answer(question)

    for table, given in ((REJECT, "example.com"), (STRICT, "mail.example.com"), (STRICT, "example.net")):
        asked.clear()
        solve(evaluate_plan("example.com", spf=("pass", given), dkim=[("pass", given)]), Watching(table))

        assert [question.name for question in asked] == ["_dmarc.example.com", "_dmarc.com"]


def test_the_identifiers_walks_are_made_side_by_side() -> None:
    """Two rounds: the author domain's walk, then the walks of all identifiers at once."""
    together: list[int] = []

    class Rounds:
        def __init__(self) -> None:
            self._below = TableSource(REJECT)
            self._open = 0

        async def ask(self, question: Question) -> Answer:
            self._open += 1
            together.append(self._open)
            await asyncio.sleep(0.01)
            self._open -= 1
            return self._below.answer(question)

    dkim = [("pass", f"d{number}.example.net") for number in range(5)]
    plan = evaluate_plan("example.com", spf=("pass", "bounce.example.org"), dkim=dkim)
    outcome = asyncio.run(solve_async(plan, Rounds()))

    assert outcome.result == "fail"
    assert max(together) >= 10


def test_a_flood_of_signatures_asks_for_no_flood_of_questions() -> None:
    asked: list[Question] = []

    class Watching:
        def answer(self, question: Question) -> Answer:
            asked.append(question)
            return TableSource(REJECT).answer(question)

    dkim = [("pass", f"d{number}.example{number}.net") for number in range(2000)]
    solve(evaluate_plan("example.com", dkim=dkim), Watching())

    assert len(asked) <= 2 + 50 * 3
