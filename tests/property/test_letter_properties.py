"""Reading a letter never fails, points into the text, and costs time linear in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.content.letter.amounts import MAX_AMOUNTS
from deliverability.content.letter.bank import MAX_ACCOUNTS
from deliverability.content.letter.facts import LetterFacts, read_letter
from deliverability.content.letter.kind import LetterKind
from deliverability.content.letter.passages import fold, split_passages
from deliverability.content.letter.structured import invoice_format
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.invoices.documents import is_generic, personal_number, proposed_name
from tests.support.growth import grows_at_most

WORDS = (
    "factura", "Factura nº", "invoice no.", "total", "IVA", "1.234,56 €", "$1,234.56", "22/11/2026", "a 30 días", "vence", "IBAN", "ES91",
    "2100", "ES91 2100 0418 4502 0005 1332", "adjuntamos", "attached", "no", "si", "hemos cambiado de cuenta", "S.L.", "Talleres", "NIF",
    "B12345674", "Tel.", "960 123 456", "calle", "\n", "\n\n", "> ", "De: a\nEnviado: b\nPara: c\n", "este mensaje y sus adjuntos",
    "confidencial", "CLABE", "CBU", "recordatorio", "pagada", "Hola", "***", "\u00a0", "İ", "ß", "ﬁ", "٣", "𝟎", "\x00",
)  # fmt: skip
texts = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))


def _read(text: str, subject: str = "Factura 17") -> LetterFacts:
    facts = read_letter(subject, text, file_names=("factura.pdf",))
    assert facts.identity is not None
    assert isinstance(facts.addressee, str)
    return facts


@given(texts, texts)
def test_any_text_is_read(subject: str, text: str) -> None:
    facts = _read(text, subject)

    assert facts.kind in LetterKind
    own = facts.passages.own
    for amount in facts.amounts:
        assert own[amount.start].isdigit()
    for account in facts.accounts:
        assert own[account.start : account.start + len(account.text)] == account.text
    for reference in facts.references:
        assert own.startswith(reference.number, reference.start)


@given(st.text(max_size=300))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(texts)
def test_every_line_goes_somewhere(text: str) -> None:
    passages = split_passages(text)
    kept = passages.own + passages.quoted + passages.notice

    for word in text.replace("\r", "\n").split():
        assert word in kept


@given(st.binary(max_size=300))
def test_any_octets_are_a_format_or_none(octets: bytes) -> None:
    for text in (octets, b"<" + octets):
        found = invoice_format(text)
        assert found is None or found.name


@given(st.text(max_size=100), st.text(max_size=30))
def test_any_file_name_is_judged(name: str, number: str) -> None:
    is_generic(name, (number,))
    personal_number(name)
    proposed = proposed_name(number, name)
    assert proposed.isascii()
    assert proposed.startswith("Factura_")
    assert len(proposed) < 100


HOSTILE = {
    "digits": "1",
    "groups of digits": "1.",
    "thousands": "1 111 ",
    "letters": "a",
    "accents": "á",
    "capitals": "Ab ",
    "legal forms": "Ab S.L. ",
    "accounts": "ES91 2100 ",
    "masks": "ES12****",
    "blanks": " ",
    "empty lines": " \n",
    "paragraphs": "a\n\n",
    "quotations": "> a\n",
    "attributions": "el on " * 8 + "\n",
    "heads of mails": "de: a\nenviado: b\n",
    "notices": "este mensaje y sus adjuntos ",
    "conditions": "si ",
    "claims": "adjuntamos la ",
    "changes": "hemos cambiado de ",
    "dates": "1/1/2026 ",
    "half dates": "1/",
    "months": "mar 1 ",
    "terms": "a 30 dias ",
    "papers": "factura n. ",
    "numbers": "a1-",
    "telephones": "+34 ",
    "streets": "calle ",
    "tax numbers": "b1234567 ",
    "totals": "total 1,00 € ",
    "taxes": "con iva ",
    "salutations": "hola ",
    "paid": "factura pagada ",
}


def _of_length(unit: str, length: int) -> str:
    return "factura cuenta iban vat clabe cbu tel " + unit * (length // len(unit))


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_linear_time(unit: str) -> None:
    """Eight times the text may not cost thirty times the time; quadratic would be sixty-four times."""
    short, long = _of_length(unit, 5_000), _of_length(unit, 40_000)

    assert grows_at_most(30, lambda: _read(short), lambda: _read(long), slack=0.5)


def test_a_megabyte_of_digits_is_cut_and_said_so() -> None:
    facts = _read("factura " + "1" * 1_000_000)

    assert facts.cut
    assert len(facts.passages.own) <= DEFAULT_LIMITS.letter_characters


def test_lists_have_an_end() -> None:
    facts = _read("factura " + "1,00 € " * 5_000 + "IBAN ES91 2100 0418 4502 0005 1332 " * 10)

    assert len(facts.amounts) == MAX_AMOUNTS
    assert len(facts.accounts) <= MAX_ACCOUNTS
