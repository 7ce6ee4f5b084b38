"""Scores of subjects: what is told, what it sums to, and the cases that the scorer was made for."""

from __future__ import annotations

import dataclasses
import json

import pytest

import deliverability as dv
from deliverability.core.errors import InvalidConfiguration
from deliverability.core.facts import SubjectWords
from deliverability.subjects import Band, DefectKind, score, score_many
from deliverability.subjects.lexicon import LANGUAGES
from deliverability.subjects.normalize import fold
from deliverability.subjects.rewrite import SHORT
from tests.support.growth import takes_less_than


def features(subject: str) -> set[str]:
    return {part.feature for part in score(subject, suggestions=False).contributions if part.points}


def band(subject: str) -> Band:
    return score(subject, suggestions=False).band


def test_the_public_module_is_the_package() -> None:
    assert dv.subjects.score("Factura 2026-0042 de Ferrer e Hijos").band is Band.LOW


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Factura 2026-0042 de Ferrer e Hijos", Band.LOW),
        ("Factura del mes de marzo para Hotel Sol", Band.LOW),
        ("Factura", Band.LOW),
        ("Factura vencida", Band.MEDIUM),
        ("Factura vencida — 2026/12 — Talleres Ruiz", Band.LOW),
        ("Factura 2026-0042 vencida – Ferrer e Hijos", Band.LOW),
        ("Minuta de honorarios", Band.LOW),
        ("Don José: factura 12", Band.LOW),
        ("Factura nº 12 – Lluís Pàmies", Band.LOW),
        ("URGENTE!!! Factura pendiente", Band.HIGH),
        ("Su cuenta ha sido bloqueada", Band.MEDIUM),
        ("Facturα pendiente", Band.HIGH),
        ("F4ctur4 pendiente", Band.HIGH),
        ("𝐅𝐚𝐜𝐭𝐮𝐫𝐚", Band.HIGH),
    ],
)
def test_golden_subjects(subject: str, expected: Band) -> None:
    assert band(subject) is expected


def test_the_word_invoice_is_no_fault() -> None:
    """The finding is what is missing; the word adds nothing."""
    told = score("Factura").contributions

    assert not [part for part in told if part.points > 0 and part.feature != "unidentified"]


def test_each_disguise_is_told() -> None:
    assert "foreign-letters" in features("Facturα pendiente")
    assert "styled-letters" in features("𝐅𝐚𝐜𝐭𝐮𝐫𝐚 pendiente")
    assert "hidden-characters" in features("gra\u200btis")
    assert "spaced-letters" in features("G R A T I S para todos")
    assert "leet" in features("v1agra gr4tis")
    assert "leet" in features("gr@tis")
    assert "direction-controls" in features("Factura \u202e2026")


def test_a_sign_of_order_is_not_the_word_no() -> None:
    assert fold("nº 12 n.º 3 2ª").text == "nº 12 n.º 3 2ª"
    assert fold("n° 12").text == "nº 12"


def test_repeating_a_word_saturates() -> None:
    once = score("Oferta gratis").logit
    often = score("Oferta gratis gratis gratis gratis gratis gratis gratis").logit

    assert once <= often < once + 1500


@pytest.mark.parametrize(
    ("subject", "language"),
    [
        ("Su factura de noviembre ya está disponible", "es"),
        ("La seva factura de novembre", "ca"),
        ("A súa factura de novembro xa está dispoñible", "gl"),
        ("Azaroko faktura prest dago", "eu"),
        ("A sua fatura de novembro já está disponível", "pt"),
        ("Votre facture du mois de novembre", "fr"),
        ("La sua fattura del mese di novembre", "it"),
        ("Ihre Rechnung für November", "de"),
        ("Your invoice for November", "en"),
        ("2026-0042", ""),
    ],
)
def test_the_language_is_recognised(subject: str, language: str) -> None:
    assert score(subject, suggestions=False).language == language


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(InvalidConfiguration, match="expected one of es"):
        score("Factura", language="xx")


def test_words_of_another_language_do_not_count_alone() -> None:
    """«don» is a gift in French; in Spanish it says nothing."""
    assert not {p.feature for p in score("Don Pedro: le envío la factura 12", suggestions=False).contributions} & {
        "money"
    }


def test_own_words_are_added_and_muted_and_told() -> None:
    words = SubjectWords(add=(("quincena dorada", 2.0),), mute=("casino",))
    told = {
        part.phrase: part for part in score("Quincena dorada en el casino", words=words).contributions if part.phrase
    }

    assert told["quincena dorada"].points == 2000
    assert told["quincena dorada"].source == "profile"
    assert told["casino"].points == 0
    assert told["casino"].source == "profile"
    assert "perfil" in told["casino"].reason.es


def test_a_company_may_be_called_as_it_is() -> None:
    plain = score("Factura 12 de Casino Gran Vía")
    named = score("Factura 12 de Casino Gran Vía", company="Casino Gran Vía")

    assert named.logit < plain.logit
    assert named.identified_by == ("number", "company")


def test_raw_octets_are_decoded_and_judged() -> None:
    good = score(b"=?utf-8?Q?Factura_del_a=C3=B1o?=")
    needless = score(b"=?utf-8?B?RmFjdHVyYQ==?=")
    raw = score("Factura del año".encode("latin-1"))
    broken = score(b"=?utf-8?B?RmF!!!jdHVyYQ==?= =?nope?Q?a?=")

    assert good.subject == "Factura del año"
    assert not good.engine_effects
    assert {e.rule for e in needless.engine_effects} == {"SUBJ_EXCESS_BASE64"}
    assert DefectKind.NEEDLESS in {d.kind for d in needless.defects}
    assert {e.rule for e in raw.engine_effects} == {"SUBJECT_NEEDS_ENCODING"}
    assert DefectKind.ENCODING in {d.kind for d in broken.defects}


def test_a_score_is_frozen_and_stable_as_json() -> None:
    result = score("URGENTE!!! Factura pendiente")
    document = result.to_dict()

    assert json.loads(json.dumps(document)) == document
    assert score("URGENTE!!! Factura pendiente") == result
    assert hash(result.contributions) == hash(score("URGENTE!!! Factura pendiente").contributions)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.risk = 0.0  # type: ignore[misc]


def test_many_are_counted_and_repetitions_told() -> None:
    batch = score_many(["Factura", "factura", "FACTURA", "Factura 12 de Ruiz", "Gratis viagra"])

    assert len(batch) == 5
    assert sum(batch.counts.values()) == 5
    assert [(same.subject, same.times) for same in batch.repeated] == [("Factura", 3)]


# --- Suggestions ------------------------------------------------------------------------------------------------------


def test_suggestions_are_filled_from_the_arguments() -> None:
    texts = [s.text for s in score("URGENTE!!! Factura", company="Ferrer e Hijos", number="2026-0042").suggestions]

    assert "Factura 2026-0042 de Ferrer e Hijos" in texts


def test_suggestions_are_filled_from_the_subject() -> None:
    texts = [s.text for s in score("URGENTE!!! Factura 2026-0042 de Talleres Ruiz").suggestions]

    assert texts[0] == "Factura 2026-0042 de Talleres Ruiz"


def test_a_month_and_a_customer_make_the_other_form() -> None:
    texts = [s.text for s in score("FACTURA!!", period="marzo", customer="Hotel Sol").suggestions]

    assert "Factura del mes de marzo para Hotel Sol" in texts


def test_what_is_overdue_stays_overdue() -> None:
    for subject, word in (
        ("FACTURA VENCIDA!!!", "vencida"),
        ("INVOICE OVERDUE!!!", "overdue"),
        ("FATTURA SCADUTA!!!", "scaduta"),
    ):
        for suggestion in score(subject, company="Ferrer", number="12").suggestions:
            assert word in suggestion.text.lower()


def test_no_invoice_is_made_of_what_is_none() -> None:
    for subject in ("Gratis viagra", "Su cuenta ha sido bloqueada", "You won a prize"):
        assert not [s for s in score(subject).suggestions if "actura" in s.text or "nvoice" in s.text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_good(language: str) -> None:
    """Low, without effect on any filter, short, and left alone when it comes back."""
    words = {"number": "2026-0042", "company": "Ferrer e Hijos", "customer": "Hotel Sol", "period": "2026-11"}
    seeds = {"es": "FACTURA!!", "ca": "FACTURA!!", "gl": "FACTURA!!", "eu": "FAKTURA!!", "pt": "FATURA!!", "fr": "FACTURE!!",
             "it": "FATTURA!!", "de": "RECHNUNG!!", "en": "INVOICE!!"}  # fmt: skip
    suggestions = score(seeds[language], language=language, **words).suggestions

    assert suggestions
    for suggestion in suggestions:
        again = score(suggestion.text, language=language, **words)
        assert suggestion.band is Band.LOW
        assert suggestion.engine_points == 0
        assert len(suggestion.text) <= SHORT
        assert not again.suggestions


def test_a_placeholder_is_named() -> None:
    first = score("Factura vencida").suggestions[0]

    assert first.text == "Factura [número] vencida – [empresa]"
    assert first.placeholders == ("número", "empresa")


# --- Bad input --------------------------------------------------------------------------------------------------------

HOSTILE = [
    "a" * 998,
    "a " * 499,
    "lelevivitra" * 90,
    "?" * 998,
    "!?" * 499,
    "((((((((" * 124,
    "re: " * 249,
    "verify your account " * 49,
    "1-" * 499,
    "{{" * 499,
    "e\u0301" * 499,
    "\u0301" * 998,
    "\u200b" * 998,
    "𝐅" * 998,
    "Аа" * 499,
    "🎉" * 998,
    "\ud800" * 998,
    "a@" * 499,
    "www." * 249,
    "http://" * 142,
    "$€" * 499,
    "A1" * 499,
    " " * 998,
    "x" + " " * 996 + "x",
    "urgent " * 142,
    "you're " * 142,
    "=?utf-8?q?" * 99,
]


@pytest.mark.parametrize("subject", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_subjects_take_no_time(subject: str) -> None:
    score(subject)

    # Below 5 ms on an idle machine; what is quadratic takes seconds.
    assert takes_less_than(0.5, lambda: score(subject, suggestions=False))


def test_defects_of_text_are_told() -> None:
    kinds = {d.kind for d in score("a\x00b \u202e c\ud800 d\u200be f\u0301\u0301\u0301\u0301").defects}

    assert kinds >= {
        DefectKind.CONTROL,
        DefectKind.DIRECTION,
        DefectKind.SURROGATE,
        DefectKind.HIDDEN,
        DefectKind.STACKED,
    }
    assert DefectKind.CUT in {d.kind for d in score("x" * 1200).defects}
    assert DefectKind.EMPTY in {d.kind for d in score("  ").defects}
