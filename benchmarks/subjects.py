"""How fast subjects are scored, and how long the lexicon takes to load: `python benchmarks/subjects.py`.

Targets for one core: 15,000 subjects a second for the risk alone, 8,000 with every contribution and its place, 30 ms to
load the lexicon (it is loaded at the first score).
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deliverability.subjects import risk, score

SUBJECTS = Path(__file__).resolve().parents[1] / "tests" / "subjects"
_LOAD = (
    "import time; from deliverability.subjects import lexicon; "
    "start = time.perf_counter(); lexicon.lexicon(); print(time.perf_counter() - start)"
)


def subjects() -> list[str]:
    """The subjects of the tests."""
    rows = []
    for name in ("legitimate", "risky"):
        with (SUBJECTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows += [row["subject"] for row in csv.DictReader(file)]
    return rows


def rate(function: Callable[[str], object], texts: list[str], rounds: int = 5) -> float:
    """Subjects a second: the best of several rounds, in processor time."""
    best = 0.0
    for _ in range(rounds):
        start = time.process_time()
        for text in texts:
            function(text)
        best = max(best, len(texts) / (time.process_time() - start))
    return best


def main() -> None:
    texts = subjects() * 4
    score(texts[0])
    loads = [
        float(subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, check=True).stdout) for _ in range(5)
    ]
    result = {
        "lexicon_ms": round(min(loads) * 1000, 1),
        "risk_per_second": round(rate(risk, texts)),
        "with_spans_per_second": round(rate(lambda text: score(text, suggestions=False), texts)),
        "with_suggestions_per_second": round(rate(score, texts)),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
