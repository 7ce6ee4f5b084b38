"""What rules about letters and invoices do where limits were passed, where text and HTML differ, and without names."""

from __future__ import annotations

from typing import Any

import pytest

from deliverability.audits.message import read_facts
from deliverability.content.letter.facts import LetterFacts
from deliverability.core.facts import Envelope, MailClass, RawMessage, Receiving
from deliverability.core.finding import Finding, NotApplicable, Outcome, Passed, Unknown
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.registry import rule

HEAD = (
    "From: Soler <{sender}>\nTo: marta@cliente.example\nSubject: {subject}\n"
    "Date: Sun, 22 Nov 2026 10:00:00 +0100\nMessage-ID: <1@talleres-soler.example>\nMIME-Version: 1.0\n"
)
PDF = "--b\nContent-Type: application/pdf\nContent-Disposition: attachment{name}\n\n%PDF-1.4\n%%EOF\n"
RULES_OF_LETTERS = ("BODY016", "BODY017", "BODY018", "BODY019")
RULES_OF_INVOICES = ("INV001", "INV003", "INV004", "INV005", "INV006", "INV007", "INV012")


def _facts(
    body: str,
    *,
    subject: str = "Factura",
    sender: str = "facturas@talleres-soler.example",
    limits: Limits = DEFAULT_LIMITS,
    receiving: Receiving | None = None,
) -> dict[type, object]:
    text = HEAD.format(subject=subject, sender=sender) + body
    raw = text.replace("\n", "\r\n").encode()
    return read_facts(RawMessage(raw, len(raw)), Envelope(), receiving or Receiving(), limits)


def _run(code: str, facts: dict[type, object]) -> list[Outcome]:
    return rule(code).run(facts)


def _one(code: str, facts: dict[type, object]) -> Outcome:
    (outcome,) = _run(code, facts)
    return outcome


def _plain(text: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"


def _mixed(text: str, *, name: str = '; filename="F-17.pdf"', subtype: str = "plain") -> str:
    return (
        f'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/{subtype}; charset=utf-8\n\n{text}\n'
        f"{PDF.format(name=name)}--b--\n"
    )


SHORT = Limits(letter_characters=40)


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("INV003", _mixed("Adjunto factura 17. Total 20,00 €. Gracias por su confianza en nosotros.")),
        ("BODY017", _mixed("Adjunto factura 17. Total 20,00 €. Gracias por su confianza en nosotros.")),
        ("BODY016", _plain("Adjunto factura 17. Total 20,00 €. Gracias por su confianza en nosotros.")),
        ("BODY019", _plain("Adjunto factura 17. Total 20,00 €. Gracias por su confianza en nosotros.")),
    ],
)
def test_what_was_not_read_is_unknown_and_never_missing(code: str, body: str) -> None:
    assert isinstance(_one(code, _facts(body, limits=SHORT)), Unknown)
    assert not isinstance(_one(code, _facts(body)), Unknown)


def test_of_text_and_html_the_one_that_says_more_is_read() -> None:
    body = (
        'Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\nVea la version HTML de esta '
        "factura en su programa.\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>Adjuntamos la factura 17 de fecha "
        "20/11/2026.</p><p>Total: 20,00 €</p><p>Vencimiento: 20/12/2026</p><p>Pago por transferencia bancaria a nuestra cuenta "
        "habitual de siempre.</p>\n--b--\n"
    )
    letter = _facts(body)[LetterFacts]

    assert isinstance(letter, LetterFacts)
    assert letter.numbers == ("17",)
    assert letter.due is not None


@pytest.mark.parametrize("code", [*RULES_OF_LETTERS, *RULES_OF_INVOICES])
def test_a_private_letter_concerns_no_rule_about_invoices(code: str) -> None:
    outcomes = _run(code, _facts(_plain("Quedamos el lunes a las diez.\n\nMarta"), subject="Hola"))

    assert outcomes
    assert all(isinstance(outcome, NotApplicable) for outcome in outcomes)


@pytest.mark.parametrize(
    "body", ["", "Content-Type: text/plain\n\n", "Content-Type: image/png\n\nx", "Content-Type: multipart/mixed\n\n"]
)
def test_mail_without_text_is_judged_without_failing(body: str) -> None:
    for code in (*RULES_OF_LETTERS, *RULES_OF_INVOICES):
        assert _run(code, _facts(body))


def test_the_user_may_say_that_it_is_a_company_s_mail() -> None:
    told: dict[str, Any] = {"receiving": Receiving(mail_class=MailClass.MARKETING)}

    assert isinstance(_one("BODY017", _facts(_plain("Quedamos el lunes."), subject="Hola", **told)), Finding)


def test_a_file_without_a_name_is_told_in_words() -> None:
    outcome = _one("INV005", _facts(_mixed("Adjunto factura 17. Total 20,00 €.", name="")))

    assert isinstance(outcome, Finding)
    assert outcome.text("es") == "El nombre del archivo del PDF falta"
    assert outcome.text("en") == "The file name of the PDF is missing"


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("Adjunto la factura 17. Total 20,00 €.", "facturas@talleres-soler.example"),
        ("Please find attached the invoice 17 for the total of £20.00.", "billing@talleres-soler.example"),
    ],
)
def test_the_address_that_is_proposed_speaks_the_language_of_the_mail(text: str, proposal: str) -> None:
    outcome = _one("INV001", _facts(_mixed(text), sender="javier@talleres-soler.example"))

    assert isinstance(outcome, Finding)
    assert outcome.args["proposal"] == proposal


def test_the_file_name_that_is_proposed_passes() -> None:
    """Applying the advice makes the finding go away."""
    text = "Adjunto factura F-2026/17. Total 20,00 €.\n\nTalleres Soler, S. L."
    bad = _one("INV005", _facts(_mixed(text, name='; filename="scan.pdf"')))
    assert isinstance(bad, Finding)
    assert bad.args["name"] == "Factura_F-2026-17_Talleres-Soler.pdf"

    good = _one("INV005", _facts(_mixed(text, name=f'; filename="{bad.args["name"]}"')))
    assert isinstance(good, Passed)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_lines_that_are_proposed_make_the_facts_complete(lang: str) -> None:
    """The template lines that INV003 proposes are understood by what reads invoices."""
    bad = _one("INV003", _facts(_mixed("Adjunto factura.\n")))
    assert isinstance(bad, Finding)
    lines = bad.advice("es" if lang == "es" else "en").partition(":")[2].replace("…", "ES91 2100 0418 4502 0005 1332")
    text = "\n".join(part.strip("«»“” ") for part in lines.replace("”, ", "»\n").replace("», ", "»\n").split("\n"))

    assert isinstance(_one("INV003", _facts(_mixed(f"Adjunto factura.\n\n{text}"))), Passed)


def test_account_numbers_are_shown_by_their_ends() -> None:
    outcomes = _run("BODY019", _facts(_plain("IBAN ES91 2100 0418 4502 0005 1323 y ES91 2100 0418 4502 0005 1332")))

    assert [outcome.subject for outcome in outcomes] == ["ES91 … 1323", "ES91 … 1332"]
    assert [type(outcome) for outcome in outcomes] == [Finding, Passed]


def test_two_wrong_accounts_are_two_findings() -> None:
    outcomes = _run("BODY019", _facts(_plain("IBAN ES91 2100 0418 4502 0005 1323, IBAN ES92 2100 0418 4502 0005 1323")))

    assert len({outcome.fingerprint for outcome in outcomes if isinstance(outcome, Finding)}) == 2
