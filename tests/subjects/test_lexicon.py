"""The lexicon: no doubles, no conflicts, the compiled file fresh, provenance on every row, and the figures it reaches."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from deliverability.core.data import read_table
from deliverability.subjects import compile as tables
from deliverability.subjects import risk
from deliverability.subjects.lexicon import LANGUAGES, lexicon
from deliverability.subjects.model import HIGH_FROM, MEDIUM_FROM
from deliverability.subjects.texts import FEATURES
from deliverability.subjects.weights import weights
from scripts.train_lexicon import Sample, area, fit, is_fitted, solve

HERE = Path(__file__).parent
DATA = Path(tables.__file__).parent / "data"


def rows(language: str) -> list[list[str]]:
    return list(tables.rows_of(f"{language}.csv"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_twice_or_in_two_categories(language: str) -> None:
    assert tables.conflicts((language, row[0], row[1]) for row in rows(language)) == []


def test_conflicts_are_found() -> None:
    wrong = tables.conflicts(
        [("es", "Último aviso", "urgency"), ("es", "ultimo  aviso", "pressure"), ("es", "¡!", "hype")]
    )

    assert len(wrong) == 2
    assert "as urgency and as pressure" in wrong[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_has_a_category_a_weight_and_a_source(language: str) -> None:
    for text, category, weight, source, *_ in rows(language):
        assert category in weights(), text
        assert category in FEATURES, text
        assert -3 <= float(weight) <= 3, text
        assert source in ("draft", "knowledge"), text
        assert text.count("{") == text.count("}"), text


def test_the_compiled_lexicon_is_fresh() -> None:
    assert (DATA / "lexicon.json").read_text("utf-8") == tables.build(), "run make lexicon"


def test_every_feature_has_texts_a_prior_and_a_weight() -> None:
    priors = {row[0] for row in tables.rows_of("features.csv")}

    assert priors == set(weights()) == set(FEATURES)


def test_weights_name_what_they_were_fitted_on() -> None:
    table = read_table("deliverability.subjects", "data/weights.toml")["provenance"]

    assert table["lexicon_version"] == lexicon().version, "run make lexicon"
    assert "CC0" in table["corpus"]
    assert table["rows"] > 2000
    assert table["synthetic_rows"] > 300


def test_what_is_measured_on_was_not_fitted() -> None:
    synthetic = (HERE.parents[1] / "scripts" / "synthetic_subjects.toml").read_text("utf-8")

    assert not [s for name in ("legitimate", "risky") for _, _, s in held_out(name) if f'"{s}"' in synthetic]


def test_the_training_rule_is_by_hash() -> None:
    share = sum(is_fitted(f"subject {number}") for number in range(2000)) / 2000

    assert 0.65 < share < 0.75


def test_equations_are_solved() -> None:
    assert solve([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0]) == pytest.approx([0.8, 1.4])


def test_fitting_moves_from_the_prior_towards_the_rows() -> None:
    data = [Sample(((0, 1.0), (1, 1.0)), 1, 50.0), Sample(((0, 1.0),), 0, 50.0)]
    _, word = fit(data, [-1.0, 1.0], free=0)

    assert word > 1.0


def held_out(name: str) -> list[tuple[str, str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["language"], row["kind"], row["subject"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("languages", "target"), [(("es",), 0.95), (("en",), 0.90), (("es", "pt", "fr", "de", "it"), 0.93)]
)
def test_risky_subjects_rank_above_legitimate_ones(languages: tuple[str, ...], target: float) -> None:
    risky = [risk(s) for language, _, s in held_out("risky") if language in languages]
    legitimate = [risk(s) for language, _, s in held_out("legitimate") if language in languages]

    assert area(risky, legitimate) >= target


def test_legitimate_invoices_are_low() -> None:
    risks = [risk(s) for _, kind, s in held_out("legitimate") if kind == "invoice"]

    assert sum(value >= MEDIUM_FROM for value in risks) <= 0.01 * len(risks)
    assert max(risks) < HIGH_FROM


@pytest.mark.parametrize(("language", "target"), [("es", 0.65), ("en", 0.60)])
def test_most_risky_subjects_are_seen(language: str, target: float) -> None:
    risks = [risk(s) for own, _, s in held_out("risky") if own == language]

    assert sum(value >= MEDIUM_FROM for value in risks) >= target * len(risks)


def test_the_lexicon_is_loaded_when_first_used() -> None:
    code = "import sys, deliverability; from deliverability import subjects; assert subjects; " \
           "from deliverability.subjects.lexicon import lexicon; print(lexicon.cache_info().currsize)"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "0"
