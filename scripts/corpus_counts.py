"""Count what each rule says about the records of 7,115 Spanish public bodies (tests/corpus/spain.json).

    python scripts/corpus_counts.py            compare with the frozen counts; exit 1 where they differ
    python scripts/corpus_counts.py --write    freeze them

A change of behaviour shows as a number, and whoever changed it says in the commit whether that was meant.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.finding import Finding
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Question
from deliverability.core.report import outcome_word
from deliverability.sources.snapshot import Snapshot
from scripts.spain_snapshot import default_folder, read_answers

FROZEN = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "spain.json"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: finding words are severities; the rest are the other outcomes.
Counts = dict[str, dict[str, int]]


def count(names: Sequence[DomainName], answers: dict[Question, Answer]) -> Counter[tuple[str, str]]:
    """How often each rule came to each outcome."""
    source = Snapshot(answers)
    counts: Counter[tuple[str, str]] = Counter()
    for name in names:
        report = solve(audit_domain_plan(name, now=NOW), source)
        for rule, outcome in report.checked:
            word = outcome.severity.value if isinstance(outcome, Finding) else outcome_word(outcome)
            counts[rule.code, word] += 1
    return counts


def _count_part(part: tuple[Path, int, int]) -> Counter[tuple[str, str]]:
    folder, first, step = part
    names, answers = read_answers(folder)
    return count(names[first::step], answers)


def count_all(folder: Path, processes: int = 0) -> Counts:
    """The counts of the whole corpus, by rule; on all cores unless told otherwise."""
    workers = processes or os.cpu_count() or 1
    with get_context("spawn").Pool(workers) as pool:
        parts = pool.map(_count_part, [(folder, first, workers) for first in range(workers)])
    total: Counter[tuple[str, str]] = sum(parts, Counter())
    counts: Counts = {}
    for (code, word), number in sorted(total.items()):
        counts.setdefault(code, {})[word] = number
    return counts


def differences(frozen: Counts, now: Counts) -> list[str]:
    """One line for each number that changed."""
    lines: list[str] = []
    for code in sorted(set(frozen) | set(now)):
        before, after = frozen.get(code, {}), now.get(code, {})
        for word in sorted(set(before) | set(after)):
            if before.get(word, 0) != after.get(word, 0):
                lines.append(f"{code} {word}: {before.get(word, 0)} -> {after.get(word, 0)}")  # noqa: PERF401 - reads better
    return lines


def main(arguments: list[str]) -> int:
    """Compare or freeze."""
    started = time.perf_counter()
    counts = count_all(default_folder())
    print(f"counted in {time.perf_counter() - started:.0f} s")
    if "--write" in arguments:
        lines = (f"  {json.dumps(code)}: {json.dumps(words)}" for code, words in counts.items())
        FROZEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
        return 0
    changed = differences(json.loads(FROZEN.read_text("utf-8")), counts)
    print("\n".join(changed) or "as frozen")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
