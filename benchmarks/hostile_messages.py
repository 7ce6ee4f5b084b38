"""How the audit of messages made to hurt grows: each family at half and at full size, in processes of their own.

    python benchmarks/hostile_messages.py [WORD…]     only families whose name holds one of the words

Prints the seconds of the processor, how they grew (2.0 is linear) and the memory added. Exit 1 where a family takes
more than two seconds and grows by more than 2.7. Not part of the tests: ratios of short times are noise on a busy machine.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import deliverability as dv
from tests.support.hostile_messages import FAMILIES, HEAD

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: Seconds below which growth is not judged, and the growth that is still called linear.
SLOW, LINEAR = 2.0, 2.7


def measured(part: tuple[str, int]) -> tuple[int, float, int]:
    """Octets of the message, seconds and MiB that its audit took."""
    name, size = part
    dv.audit_message(HEAD, source=dv.OFFLINE, now=NOW)
    raw = FAMILIES[name][0](size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    dv.audit_message(raw, source=dv.OFFLINE, now=NOW)
    seconds = time.process_time() - began
    return len(raw), seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


def main(words: list[str]) -> int:
    """Measure and print a line for each family."""
    failed = 0
    print(f"{'family':46} {'MB':>7} {'half s':>7} {'full s':>7} {'growth':>7} {'MiB':>6}")
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name, (_, size) in FAMILIES.items():
            if words and not any(word in name for word in words):
                continue
            (_, half, _), (octets, full, memory) = pool.map(measured, [(name, size // 2), (name, size)], chunksize=1)
            failed += full > SLOW and full > LINEAR * half
            print(f"{name:46} {octets / 1e6:7.2f} {half:7.2f} {full:7.2f} {full / half:7.1f} {memory:6}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
