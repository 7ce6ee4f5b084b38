"""Domains a second from recorded answers: the records of 7,115 Spanish public bodies, one core, full judgement.

python benchmarks/bulk.py [COUNT]

No network and no loop: what is left is reading, evaluating and judging.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deliverability.audits.domain import audit_domain_plan
from deliverability.core.plan import solve
from deliverability.sources.snapshot import Snapshot
from scripts.spain_snapshot import default_folder, read_answers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def main(arguments: list[str]) -> None:
    """Print the rate."""
    folder = default_folder()
    if not folder.is_dir():
        print("benchmarks/bulk.py: skipped, the shared evidence is not here")
        return
    domains, answers = read_answers(folder)
    count = int(arguments[0]) if arguments else 2_000
    source = Snapshot(answers)
    for name in domains[:50]:
        solve(audit_domain_plan(name, now=NOW), source)
    step = max(1, len(domains) // count)
    chosen = domains[::step][:count]
    started = time.process_time()
    for name in chosen:
        solve(audit_domain_plan(name, now=NOW), source)
    spent = time.process_time() - started
    print(
        f"{len(chosen)} domains: {len(chosen) / spent:.0f} domains/s, {spent / len(chosen) * 1000:.2f} ms CPU a domain"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
