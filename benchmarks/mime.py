"""MIME trees of real mail: ours beside the standard library's email package, in the same run.

python benchmarks/mime.py FOLDER [MESSAGES] [RUNS]

FOLDER holds messages, one a file, in folders of any depth. Microseconds a message, the best of the runs: header section
and MIME tree; the same with every text decoded and every attachment looked at; the standard library's tree (compat32 and
SMTP policy), and the same with every text decoded.
"""

from __future__ import annotations

import email
import email.policy
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deliverability.content.facts import read_message
from deliverability.content.mime import read_tree
from deliverability.core.facts import RawMessage
from deliverability.core.limits import DEFAULT_LIMITS


def ours(raw: bytes) -> None:
    read_tree(raw)


def ours_with_contents(raw: bytes) -> None:
    read_message({RawMessage: RawMessage(raw, len(raw))}, DEFAULT_LIMITS)


def compat32(raw: bytes) -> None:
    email.message_from_bytes(raw)


def compat32_with_contents(raw: bytes) -> None:
    for part in email.message_from_bytes(raw).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_maintype() == "text":
            payload.decode("utf-8", "replace")


def smtp(raw: bytes) -> None:
    email.message_from_bytes(raw, policy=email.policy.SMTP)  # type: ignore[arg-type]


def smtp_with_contents(raw: bytes) -> None:
    for part in email.message_from_bytes(raw, policy=email.policy.SMTP).walk():  # type: ignore[arg-type]
        part.get_content_type()
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_maintype() == "text":
            payload.decode("utf-8", "replace")


def measure(work: Callable[[bytes], None], messages: list[bytes], runs: int) -> tuple[float, int]:
    """The best microseconds a message, and how many raised."""
    best, failures = float("inf"), 0
    for _ in range(runs):
        failures = 0
        began = time.perf_counter()
        for raw in messages:
            try:
                work(raw)
            except Exception:  # noqa: BLE001 - that it raises is what is counted
                failures += 1
        best = min(best, time.perf_counter() - began)
    return best / len(messages) * 1e6, failures


def main(arguments: list[str]) -> None:
    """Print the table."""
    folder = Path(arguments[0])
    count = int(arguments[1]) if len(arguments) > 1 else 600
    runs = int(arguments[2]) if len(arguments) > 2 else 5
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    messages = [path.read_bytes() for path in files[:: max(len(files) // count, 1)]][:count]
    octets = sum(map(len, messages))
    print(f"{len(messages)} messages, {octets / len(messages) / 1000:.1f} kB each")
    floor = None
    for work in (ours, ours_with_contents, compat32, compat32_with_contents, smtp, smtp_with_contents):
        each, failures = measure(work, messages, runs)
        floor = floor or each
        rate = octets / len(messages) / each
        print(f"{work.__name__:24} {each:8.0f} us  {rate:6.0f} MB/s  {each / floor:5.1f} x  {failures} raised")


if __name__ == "__main__":
    main(sys.argv[1:])
