"""Amounts, dates, tax numbers and salutations, one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from deliverability.content.letter.amounts import AmountRole, find_amounts, main_amount, parse_number
from deliverability.content.letter.dates import find_dates, find_terms
from deliverability.content.letter.greeting import addressee
from deliverability.content.letter.identity import find_company, names_company, read_identity
from deliverability.content.letter.passages import fold
from deliverability.content.letter.tax_ids import find_tax_ids
from deliverability.content.letter.words import flat


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1234,5", "1234.50"),
        ("1.234", "1234"),
        ("1,234", "1234"),
        ("1.200.000", "1200000"),
        ("1,200,000.00", "1200000.00"),
        ("0,50", "0.50"),
        ("0.123", "0.12"),
        ("85", "85"),
        ("100.000,00", "100000.00"),
    ],
)
def test_separators(written: str, value: str) -> None:
    assert parse_number(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", "1,a", "٣", "𝟎", ",", "."])
def test_no_numbers(written: str) -> None:
    assert parse_number(written) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.234,56 €", "1234.56 EUR"),
        ("€ 1.234,56", "1234.56 EUR"),
        ("€1,234.56", "1234.56 EUR"),
        ("EUR 1,234.56", "1234.56 EUR"),
        ("1.234,56 EUR", "1234.56 EUR"),
        ("12 euros", "12 EUR"),
        ("$1,234.56", "1234.56 $"),
        ("$ 1,234.56 MXN", "1234.56 MXN"),
        ("$1,234.56 M.N.", "1234.56 MXN"),
        ("US$ 20.00", "20.00 USD"),
        ("S/ 120.00", "120.00 PEN"),
        ("S/. 120.00", "120.00 PEN"),
        ("COP 1.200.000", "1200000 COP"),
        ("R$ 59,90", "59.90 BRL"),
        ("£20", "20 GBP"),
        ("CLP 24.990", "24990 CLP"),
        ("1\u202f234,56\u00a0€", "1234.56 EUR"),
        ("-121,00 €", "-121.00 EUR"),
    ],
)
def test_currencies(text: str, shown: str) -> None:
    (amount,) = find_amounts(text, fold(text))

    assert f"{amount.value} {amount.currency}" == shown


@pytest.mark.parametrize(
    "text",
    [
        "21 %",
        "22/11/2026",
        "960 123 456",
        "F-2026/0123",
        "46001 Valencia",
        "versión 2.10",
        "16:30",
        "IVA 21%",
        "art. 34.5",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert find_amounts(text, fold(text)) == ()


def test_the_label_nearest_to_an_amount_says_what_it_is() -> None:
    text = "Base imponible 100,00 € IVA (21 %) 21,00 € Total IVA incluido 121,00 €"

    assert [amount.role for amount in find_amounts(text, fold(text))] == [
        AmountRole.BASE,
        AmountRole.TAX,
        AmountRole.TOTAL,
    ]


def test_a_total_goes_before_what_is_larger() -> None:
    text = "Crédito disponible: 9.000,00 €\nTotal: 121,00 €"
    amount = main_amount(find_amounts(text, fold(text)))

    assert amount is not None
    assert amount.value == 121


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("22/11/2026", "2026-11-22"),
        ("22-11-26", "2026-11-22"),
        ("22.11.2026", "2026-11-22"),
        ("2026-11-22", "2026-11-22"),
        ("22 de noviembre de 2026", "2026-11-22"),
        ("22 de noviembre del 2026", "2026-11-22"),
        ("22 nov. 2026", "2026-11-22"),
        ("22-nov-2026", "2026-11-22"),
        ("November 22, 2026", "2026-11-22"),
        ("22nd of November 2026", "2026-11-22"),
        ("22 November 2026", "2026-11-22"),
        ("Nov 22, 2026", "2026-11-22"),
        ("11/22/2026", "2026-11-22"),
        ("3 de novembre de 2026", "2026-11-03"),
    ],
)
def test_dates(text: str, shown: str) -> None:
    (day,) = find_dates(fold(text))

    assert day.date is not None
    assert day.date.isoformat() == shown


@pytest.mark.parametrize(
    "text",
    ["32/11/2026", "30/02/2026", "1/2", "192.0.2.25", "2026/0123", "12.345.678", "00/00/2026", "3 mar", "99/99/9999"],
)
def test_what_is_no_date(text: str) -> None:
    assert find_dates(fold(text)) == ()


def test_an_english_text_in_dollars_puts_the_month_first() -> None:
    (day,) = find_dates("due date: 12/05/2026", month_first=True)

    assert (day.month, day.day, day.role) == (12, 5, "due")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("a pagar a 30 días", 30),
        ("vencimiento a 60 días fecha factura", 60),
        ("payment terms: net 30", 30),
        ("payable within 14 days", 14),
        ("pago al contado", 0),
        ("due on receipt", 0),
    ],
)
def test_terms(text: str, days: int) -> None:
    terms = find_terms(fold(text), flat(fold(text)))

    assert terms is not None
    assert terms.days == days


@pytest.mark.parametrize("text", ["venció hace 15 días", "entrega en 3 días", "Quedan 30 días", "garantía de 24 meses"])
def test_what_are_no_terms(text: str) -> None:
    assert find_terms(fold(text), flat(fold(text))) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("NIF B12345674", ("NIF", "B12345674", True)),
        ("CIF: B-12.345.674", ("NIF", "B12345674", True)),
        ("CIF B12345678", ("NIF", "B12345678", False)),
        ("12345678Z", ("NIF", "12345678Z", True)),
        ("12.345.678-Z", ("NIF", "12345678Z", True)),
        ("X1234567L", ("NIF", "X1234567L", True)),
        ("ESB12345674", ("NIF", "B12345674", True)),
        ("RFC: XAXX010101000", ("RFC", "XAXX010101000", None)),
        ("CUIT 30-50001091-2", ("CUIT", "30500010912", True)),
        ("RUT 76.086.428-5", ("RUT", "760864285", True)),
        ("NIT 900.373.913-4", ("NIT", "9003739134", True)),
        ("RUC 20100070970", ("RUC", "20100070970", True)),
        ("CNPJ 11.222.333/0001-81", ("CNPJ", "11222333000181", True)),
        ("VAT no. GB 123 4567 89", ("VAT", "GB123456789", None)),
        ("NIF 501 442 600", ("NIF", "501442600", None)),
    ],
)
def test_tax_numbers(text: str, shown: tuple[str, str, bool | None]) -> None:
    found = find_tax_ids(fold(text))

    assert [(tax_id.kind, tax_id.number, tax_id.valid) for tax_id in found] == [shown]


@pytest.mark.parametrize("text", ["12345678A", "pedido 20100070970", "tel. 960123456", "A12 34", "2026-11-22"])
def test_what_is_no_tax_number(text: str) -> None:
    assert find_tax_ids(fold(text)) == ()


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Atentamente, Talleres Soler, S. L.", "Talleres Soler, S. L."),
        ("Responsable: Peluquería Sol SLU, con domicilio", "Peluquería Sol SLU"),
        ("Aceites de la Sierra, S.Coop.And.", "Aceites de la Sierra, S.Coop.And."),
        ("© 2026 Harrow & Finch Ltd. All rights", "2026 Harrow & Finch Ltd."),
        ("Grupo Norte S.A. de C.V.", "Grupo Norte S.A. de C.V."),
        ("sa va", ""),
        ("OK SL", "OK SL"),
        ("esto no es una sl", ""),
    ],
)
def test_company_names(text: str, company: str) -> None:
    assert find_company(text) == company


def test_the_company_that_the_user_told_is_found_without_its_legal_form() -> None:
    assert names_company("Un saludo,\nTALLERES  SOLER", "Talleres Soler, S. L.")
    assert not names_company("Un saludo", "Talleres Soler, S. L.")
    assert not names_company("Un saludo", "")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("C/ Colón, 5, 46004 Valencia", ("address",)),
        ("Av. Corrientes 1234, CABA", ("address",)),
        ("4 Mill Lane, Leeds LS1 4AP", ("address",)),
        ("Tel. 960 123 456", ("phone",)),
        ("+34 960 12 34 56", ("phone",)),
        ("www.talleres-soler.example", ("website",)),
        ("Un saludo", ()),
    ],
)
def test_other_signs_of_identity(text: str, kinds: tuple[str, ...]) -> None:
    assert read_identity(text, fold(text)).kinds == kinds


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Estimada Sra. Ruiz:\n\nLe adjuntamos", "Sra. Ruiz"),
        ("Hola, Marta:", "Marta"),
        ("Hola Sol, te enviamos", "Sol"),
        ("Buenos días, Carmen:", "Carmen"),
        ("Dear Ms. Carter,", "Ms. Carter"),
        ("Estimado cliente:", ""),
        ("Estimado/a cliente/a:", ""),
        ("Dear valued customer,", ""),
        ("Hi there,", ""),
        ("Hola:", ""),
        ("Le adjuntamos la factura", ""),
    ],
)
def test_salutations(text: str, name: str) -> None:
    assert addressee(text) == name
