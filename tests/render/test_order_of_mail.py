"""What a report on a mail names first, what it explains once, and what it counts."""

from __future__ import annotations

import re
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.rule import Area
from deliverability.render import render
from deliverability.render.todo import told_by_their_cause
from deliverability.render.verdict import weight
from tests.test_message_scenarios import SCENARIOS, audit

BY_NAME: dict[str, dict[str, Any]] = {param.values[0]["name"]: param.values[0] for param in SCENARIOS}
OTHERS_SIGNATURE = "billing service that signs with its own domain only, in the company's name"
PHISHING = "phishing: an invoice as an HTML page with a login form"


def told(name: str, lang: str = "en") -> str:
    return audit(BY_NAME[name]).render("terminal", lang=lang, width=120)


def steps(text: str) -> list[str]:
    """The codes of the numbered findings, in their order."""
    return re.findall(r"^\d+\. . ([A-Z]+\d{3})", text, re.MULTILINE)


def test_what_fails_dmarc_is_one_step_and_the_rest_follows() -> None:
    text = told(OTHERS_SIGNATURE)

    assert steps(text) == ["DMARC031"]
    assert "Hence" in text
    for code in ("DKIM016", "DMARC028", "SPF026"):
        assert re.search(rf"^ +(Hence +)?. {code}  ", text, re.MULTILINE)


def test_a_free_mailbox_is_told_to_use_a_domain_and_not_to_sign_for_the_provider() -> None:
    text = told("From at gmail.com through PHP mail() of a host")

    assert steps(text)[0] == "DMARC036"
    assert "d=gmail.com" not in text


def test_authentication_comes_before_headers_and_headers_before_texts_that_weigh_the_same() -> None:
    report = audit(BY_NAME[PHISHING])
    errors = [f for f in sorted(report.findings, key=weight) if f.severity is dv.Severity.ERROR]
    uncapped = [f for f in errors if f.rule.cap is None and f.rule.area is not Area.BRAND and not f.consequence_of]

    areas = [f.rule.area for f in uncapped]
    assert areas == [area for area in (Area.AUTH, Area.MESSAGE) for one in areas if one is area]
    assert {Area.AUTH, Area.MESSAGE} <= set(areas)


def test_a_fault_in_the_text_is_not_the_main_problem_of_a_mail_that_is_refused() -> None:
    text = told("malware: a script in a ZIP called invoice")

    assert text.index("The main problem: this message fails DMARC") < text.index("MIME009")


def test_a_consequence_that_is_worse_than_its_cause_is_told_in_full() -> None:
    cause, consequence = (
        next(f for f in audit(BY_NAME[OTHERS_SIGNATURE]).findings if f.code == code) for code in ("DKIM016", "SPF026")
    )
    mild = dv.Finding(cause.rule, dv.Severity.WARNING, "a")
    worse = dv.Finding(consequence.rule, dv.Severity.ERROR, "a", consequence_of="DKIM016")

    assert told_by_their_cause([worse, mild]) == ([worse, mild], {})


def test_a_cause_that_was_set_aside_hides_nothing() -> None:
    finding = next(f for f in audit(BY_NAME[OTHERS_SIGNATURE]).findings if f.code == "DKIM016")

    assert told_by_their_cause([finding]) == ([finding], {})


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_roll_ups_are_not_counted_again(lang: str) -> None:
    report = audit(BY_NAME[OTHERS_SIGNATURE])
    own = [f for f in report.findings if f.severity is dv.Severity.ERROR and not f.code.startswith("PROV")]

    counted = re.search(r"^ +(\d+) error", report.render("terminal", lang=lang, width=120), re.MULTILINE)
    assert counted
    assert int(counted[1]) == len(own) < sum(f.severity is dv.Severity.ERROR for f in report.findings)


def test_one_that_passed_stands_in_the_singular() -> None:
    assert not re.search(r"(?<!\d)1 correctas", told(OTHERS_SIGNATURE, "es"))


@pytest.mark.parametrize(("lang", "words"), [("en", "2 MAILS"), ("es", "2 CORREOS")])
def test_several_mails_are_counted_as_mails_under_their_names(lang: str, words: str) -> None:
    reports = [audit({**BY_NAME[name], "file": f"{n}.eml"}) for n, name in enumerate((OTHERS_SIGNATURE, PHISHING))]
    text = render(reports, "terminal", lang=lang, width=120)

    assert words in text
    assert re.search(r"^✗ +1\.eml · ", text, re.MULTILINE)


def test_numbers_are_written_as_in_the_rest_of_the_text() -> None:
    assert "from 5,000 messages a day" in told(OTHERS_SIGNATURE)
    assert "desde 5.000 mensajes al día" in told(OTHERS_SIGNATURE, "es")


def test_the_line_ends_of_a_mail_are_not_shown_as_characters() -> None:
    text = told("through a Mailman list: tag in the subject, footer in the body, sealed")

    assert "Lista Socios --" in text
    assert r"\x0d" not in text


def test_the_name_of_a_header_keeps_its_capital() -> None:
    assert "The main problem: Date is" in told("handed over by Python: no Message-ID, no Date, LF")


def test_of_a_long_signature_only_the_place_that_matters_is_shown() -> None:
    text = told("Microsoft 365 signs with onmicrosoft.com only; SPF holds DMARC up")

    assert "d=empresa.onmicrosoft.com" in text
    assert "bh=" not in text
