"""Account numbers: check digits, lengths, masks, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.content.letter.bank import (
    AccountState,
    cbu_state,
    clabe_state,
    find_accounts,
    iban_length,
    iban_state,
)
from deliverability.content.letter.passages import fold

#: The examples of the registry of ISO 13616.
EXAMPLES = """
AD1200012030200359100100 AT611904300234573201 BE68539007547034 BR1800360305000010009795493C1 CH9300762011623852957
CR05015202001026284066 CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000 DK5000400440116243
DO28BAGR00000001212453611324 EE382200221020145685 ES9121000418450200051332 FI2112345600000785 FR1420041010050500013M02606
GB29NWBK60161331926819 GR1601101250000000012300695 GT82TRAJ01020000001210029690 HR1210010051863000160 HU42117730161111101800000000
IE29AIBK93115212345678 IS140159260076545510730339 IT60X0542811101000000123456 LI21088100002324013AA LT121000011101001000
LU280019400644750000 LV80BANK0000435195001 MC5811222000010123456789030 MT84MALT011000012345MTLCAST001S NL91ABNA0417164300
NO9386011117947 PL61109010140000071219812874 PT50000201231234567890154 RO49AAAA1B31007593840000 SE4550000000058398257466
SI56263300012039086 SK3112000000198742637541 SM86U0322509800000000270100 SV62CENR00000000000000700025 XK051212012345678906
""".split()  # noqa: SIM905 - as the registry prints them


def _find(text: str) -> list[tuple[str, str]]:
    return [(account.number, account.state.value) for account in find_accounts(text, fold(text))]


@pytest.mark.parametrize("number", EXAMPLES)
def test_examples_of_the_registry_are_valid(number: str) -> None:
    assert iban_state(number) is AccountState.VALID
    assert len(number) == iban_length(number[:2])


@pytest.mark.parametrize("number", EXAMPLES)
def test_written_in_fours_it_is_found(number: str) -> None:
    fours = " ".join(number[at : at + 4] for at in range(0, len(number), 4))

    assert _find(f"Cuenta: {fours} Banco de Levante") == [(number, "valid")]
    assert _find(f"IBAN {number.lower()}.") == [(number, "valid")]


@given(st.sampled_from(EXAMPLES), st.integers(2, 33), st.integers(1, 9))
def test_one_wrong_digit_always_shows(number: str, place: int, more: int) -> None:
    """Modulo 97 finds every single wrong digit."""
    place = 2 + (place - 2) % (len(number) - 2)
    if not number[place].isdigit():
        return
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert iban_state(wrong) is AccountState.CHECK_DIGITS


@given(st.integers(4, 22))
def test_two_swapped_digits_always_show(place: int) -> None:
    number = "ES9121000418450200051332"
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or iban_state(swapped) is AccountState.CHECK_DIGITS


@pytest.mark.parametrize(
    "text",
    [
        "ES12 **** **** **** **** 4521",
        "cuenta terminada en ES12 XXXX XXXX XXXX XXXX 4521",
        "IBAN: ES12********************4521",
        "su cuenta ES•• •••• •••• •••• •••• 4521",
    ],
)
def test_a_masked_number_is_never_wrong(text: str) -> None:
    assert {state for _, state in _find(f"Se cargará en la cuenta {text}.")} <= {"masked"}


@pytest.mark.parametrize(
    "text",
    [
        "Pedido ES12 3456 7890",
        "Seguimiento ES2026112200001234567890AB",
        "NIF ESB12345674",
        "Matrícula ES 4521 KLM",
        "referencia DE12",
        "El 22 de noviembre de 2026 es domingo",
        "version es91 2100 y otras cosas",
    ],
)
def test_not_every_country_code_with_digits_is_an_account(text: str) -> None:
    assert _find(text) == []


def test_the_country_decides_the_length() -> None:
    assert _find("IBAN ES91 2100 0418 4502 0005 133") == [("ES912100041845020005133", "length")]
    assert _find("IBAN ES91 2100 0418 4502 0005 1332 9") == [("ES9121000418450200051332", "valid")]


def test_a_letter_among_digits_is_told_as_such() -> None:
    assert _find("IBAN ES91 21OO 0418 4502 0005 1332") == [("ES9121OO0418450200051332", "letters")]


def test_what_follows_the_number_is_not_part_of_it() -> None:
    assert _find("IBAN ES91 2100 0418 4502 0005 1332 BIC CAIXESBBXXX") == [("ES9121000418450200051332", "valid")]
    assert _find("IBAN: NL91 ABNA 0417 1643 00 a nombre de Bakkerij BV") == [("NL91ABNA0417164300", "valid")]


@pytest.mark.parametrize("number", ["032180000118359719", "002010077777777771"])
def test_clabe(number: str) -> None:
    assert clabe_state(number) is AccountState.VALID
    assert clabe_state(number[:-1] + str((int(number[-1]) + 1) % 10)) is AccountState.CHECK_DIGITS
    assert _find(f"CLABE interbancaria: {number[:3]} {number[3:6]} {number[6:]}") == [(number, "valid")]
    assert _find(f"Folio {number}") == []


def test_cbu() -> None:
    number = "2850590940090418135201"

    assert cbu_state(number) is AccountState.VALID
    assert cbu_state("2850590840090418135201") is AccountState.CHECK_DIGITS
    assert _find(f"CBU {number[:8]} {number[8:]}") == [(number, "valid")]
    assert _find(f"Comprobante {number}") == []


def test_each_number_is_told_once() -> None:
    assert len(_find("IBAN ES91 2100 0418 4502 0005 1332 y de nuevo IBAN ES9121000418450200051332")) == 1


def test_reports_show_the_ends_only() -> None:
    (account,) = find_accounts("IBAN ES9121000418450200051332", "iban es9121000418450200051332")

    assert account.masked == "ES91 … 1332"
