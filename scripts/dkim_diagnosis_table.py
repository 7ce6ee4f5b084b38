"""Prints, for each way to break a signed message that the tests know, the diagnosis that is given.

python scripts/dkim_diagnosis_table.py [--lang es]
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deliverability.core.plan import solve
from deliverability.dkim.diagnose import diagnose_all
from deliverability.dkim.diagnosis.texts import what_happened
from deliverability.dkim.verification import verify_plan
from deliverability.headers.fields import parse
from deliverability.sources.table import TableSource
from tests.support.dkim_breaks import BREAKS, Break

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def row(broken: Break, lang: str) -> tuple[bool, str]:
    """Whether the diagnosis names the cause, and one line of the table."""
    raw = broken.arrived()
    verification = solve(verify_plan(raw, now=NOW), TableSource(broken.answers()))
    start = time.perf_counter()
    found = diagnose_all(verification, raw, parse(raw)).signatures
    spent = (time.perf_counter() - start) * 1000
    if not found:
        return False, f"| {broken.name} | {verification.best} | – | – | {spent:.1f} |"
    main = found[-1].main
    right = any(d.cause is broken.cause for d in found[-1].diagnoses)
    told = what_happened(main).format("es" if lang == "es" else "en")
    mark = "yes" if right else "NO"
    return right, f"| {broken.name} | {main.cause.value} | {main.certainty.value} | {mark} | {spent:.1f} | {told} |"


def main() -> int:
    """Print the table; 1 when a diagnosis does not name the cause."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lang", choices=("en", "es"), default="en")
    lang = parser.parse_args().lang
    rows = [row(broken, lang) for broken in BREAKS]
    print("| what happened to the message | diagnosis | certainty | right | ms | in words |")
    print("| --- | --- | --- | --- | ---: | --- |")
    print("\n".join(text for _, text in rows))
    right = sum(ok for ok, _ in rows)
    print(f"\n{right} of {len(rows)} name the true cause.")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
