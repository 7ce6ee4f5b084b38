"""Count what each rule says about the records of 7,115 Spanish public bodies and about 6,046 mails of the SpamAssassin
corpus (tests/corpus/spain.json, tests/corpus/spam_assassin.json).

    python scripts/corpus_counts.py [spain] [mails]            compare with the frozen counts; exit 1 where they differ
    python scripts/corpus_counts.py [spain] [mails] --write    freeze them

A change of behaviour shows as a number, and whoever changed it says in the commit whether that was meant.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import deliverability as dv
from deliverability.audits.domain import audit_domain_plan
from deliverability.core.finding import Finding
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Question
from deliverability.core.report import outcome_word
from deliverability.sources.snapshot import Snapshot
from scripts import spam_assassin
from scripts.spain_snapshot import default_folder, read_answers

_CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
FROZEN = _CORPUS / "spain.json"
FROZEN_MAILS = _CORPUS / "spam_assassin.json"
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
    return _side_by_side(_count_part, folder, processes)


def count_mails(chosen: Sequence[spam_assassin.Mail]) -> Counter[tuple[str, str]]:
    """On how many mails of each kind a rule found something, by severity: "ham error", "spam info"; nothing is asked."""
    counts: Counter[tuple[str, str]] = Counter()
    for mail in chosen:
        report = dv.audit_message(
            mail.raw, source=dv.OFFLINE, now=spam_assassin.NOW, domain=False, try_fixes=False, name=mail.path.name
        )
        counts["mails", mail.kind] += 1
        counts.update({(found.code, f"{mail.kind} {found.severity.value}") for found in report.findings})
    return counts


def _count_mails_part(part: tuple[Path, int, int]) -> Counter[tuple[str, str]]:
    folder, first, step = part
    return count_mails(spam_assassin.mails(folder)[first::step])


def count_all_mails(folder: Path, processes: int = 0) -> Counts:
    """The counts of every mail of the SpamAssassin corpus, by rule; on all cores unless told otherwise."""
    return _side_by_side(_count_mails_part, folder, processes)


def _side_by_side(
    work: Callable[[tuple[Path, int, int]], Counter[tuple[str, str]]], folder: Path, processes: int
) -> Counts:
    workers = processes or os.cpu_count() or 1
    with get_context("spawn").Pool(workers) as pool:
        parts = pool.map(work, [(folder, first, workers) for first in range(workers)])
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
    chosen = [word for word in arguments if not word.startswith("-")] or ["spain", "mails"]
    changed: list[str] = []
    for word in chosen:
        started = time.perf_counter()
        if word == "mails":
            frozen, counts = FROZEN_MAILS, count_all_mails(spam_assassin.default_folder())
        else:
            frozen, counts = FROZEN, count_all(default_folder())
        print(f"{word}: counted in {time.perf_counter() - started:.0f} s")
        if "--write" in arguments:
            _freeze(frozen, counts)
        else:
            changed += differences(json.loads(frozen.read_text("utf-8")), counts)
    if "--write" not in arguments:
        print("\n".join(changed) or "as frozen")
    return 1 if changed else 0


def _freeze(path: Path, counts: Counts) -> None:
    lines = (f"  {json.dumps(code)}: {json.dumps(words)}" for code, words in counts.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
