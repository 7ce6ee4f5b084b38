"""What has to hold for every subject."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from deliverability.render.json import dumps
from deliverability.render.page import Page, text_console
from deliverability.render.subject import batch_csv, print_score
from deliverability.subjects import Band, SubjectBatch, score
from deliverability.subjects.normalize import fold
from tests.support.inert import harmful

WORDS = st.sampled_from(
    [
        "factura",
        "pendiente",
        "vencida",
        "urgente",
        "gratis",
        "oferta",
        "su",
        "cuenta",
        "bloqueada",
        "invoice",
        "overdue",
        "Ferrer",
        "de",
        "para",
        "2026-0042",
        "noviembre",
        "premio",
        "rechnung",
        "konto",
        "gesperrt",
        "¡",
        "!",
        "?",
        "€",
        "Re:",
        "nº",
        "12",
        "último",
        "aviso",
        "verify",
        "your",
        "account",
        "Müller",
        "GmbH",
        "último",
        "día",
        "📦",
        "F4ctur4",
        "gr@tis",
    ]
)
SENTENCES = st.lists(WORDS, max_size=14).map(" ".join)
ANY = st.one_of(
    st.text(max_size=200),
    SENTENCES,
    st.text(st.characters(categories=("Cs", "Cc", "Cf", "Mn", "Lu", "So")), max_size=60),
)


@given(ANY)
def test_points_add_up_and_places_are_in_the_subject(subject: str) -> None:
    result = score(subject, suggestions=False)

    assert sum(part.points for part in result.contributions) == result.logit
    assert 0 <= result.risk <= 1
    for part in result.contributions:
        assert len(part.spans) == len(part.matched)
        for span, text in zip(part.spans, part.matched, strict=True):
            assert 0 <= span.start <= span.end <= len(subject)
            assert subject[span.start : span.end] == text


@given(st.binary(max_size=300))
def test_any_octets_have_a_score(octets: bytes) -> None:
    result = score(octets)

    assert isinstance(result.subject, str)
    result.subject.encode("utf-8")


@given(ANY)
def test_nothing_harmful_reaches_the_terminal_or_a_file(subject: str) -> None:
    result = score(subject)
    page = Page(text_console(80, color=False), "es", verbose=True)
    print_score(page, result)

    assert harmful(page.result()) == []
    assert harmful(batch_csv(SubjectBatch((result,), ()))) == []
    document = dumps(result.to_dict())
    assert harmful(document) == []
    json.loads(document)


@given(SENTENCES)
def test_forms_of_unicode_and_case_find_the_same_words(subject: str) -> None:
    def found(text: str) -> list[tuple[str, str]]:
        return sorted((p.feature, p.phrase) for p in score(text, suggestions=False).contributions if p.phrase)

    composed = found(unicodedata.normalize("NFC", subject))
    assert found(unicodedata.normalize("NFD", subject)) == composed
    assert found(subject.lower()) == found(subject.lower().title().lower())


@given(SENTENCES)
def test_folding_keeps_places(subject: str) -> None:
    folded = fold(unicodedata.normalize("NFD", subject))

    if folded.starts is not None and folded.ends is not None:
        assert len(folded.starts) == len(folded.ends) == len(folded.text)
        assert list(folded.starts) == sorted(folded.starts)


@given(SENTENCES)
def test_suggestions_are_never_worse_and_settle(subject: str) -> None:
    result = score(subject, company="Ferrer e Hijos", number="2026-0042")
    points = sum(effect.points for effect in result.engine_effects if effect.points > 0)
    for suggestion in result.suggestions:
        again = score(suggestion.text, company="Ferrer e Hijos", number="2026-0042")
        assert suggestion.band is Band.LOW
        assert suggestion.risk <= result.risk
        assert suggestion.engine_points <= points
        assert not again.suggestions or suggestion.placeholders


@given(
    st.sampled_from(
        [
            "Factura",
            "Factura vencida",
            "Recordatorio de pago de la factura",
            "Invoice",
            "Invoice overdue",
            "Rechnung",
            "Fattura scaduta",
            "Facture impayée",
        ]
    )
)
def test_number_and_company_never_raise_the_risk(subject: str) -> None:
    assert score(f"{subject} 2026-0042 – Talleres Ruiz SL").logit <= score(subject).logit


@given(SENTENCES, st.sampled_from(["!!!", " 🎉", " será bloqueada hoy mismo"]))
def test_shouting_pictograms_and_threats_never_lower_it(subject: str, added: str) -> None:
    assert score(subject + added, language="es").logit >= score(subject, language="es").logit
