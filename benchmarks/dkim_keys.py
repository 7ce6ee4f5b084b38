"""Key records read in a second, beside dkimpy: `python benchmarks/dkim_keys.py [SECONDS]`.

The two take turns in one process, so that a busy machine slows both; the best turn of each counts.
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Callable

import dkim as dkimpy
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deliverability.dkim import parse_key


def records() -> dict[str, bytes]:
    made = {}
    for bits in (1024, 2048, 4096):
        der = rsa.RSAPublicNumbers(65537, (3 << bits - 2) | 1).public_key()
        text = base64.b64encode(der.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        made[f"rsa {bits}"] = b"v=DKIM1; k=rsa; p=" + text
    made["ed25519"] = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    return made


def per_second(function: Callable[[], object], seconds: float) -> float:
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for _ in range(200):
            function()
        count += 200
    return count / elapsed


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.4
    print(f"{'record':<10} {'ours/s':>9} {'dkimpy/s':>9} {'ratio':>6}")
    for name, record in records().items():
        ours = theirs = 0.0
        for _ in range(5):
            ours = max(ours, per_second(lambda: parse_key(record), seconds))  # noqa: B023
            theirs = max(theirs, per_second(lambda: dkimpy.evaluate_pk("name", record), seconds))  # noqa: B023
        print(f"{name:<10} {ours:>9,.0f} {theirs:>9,.0f} {ours / theirs:>6.2f}")


if __name__ == "__main__":
    main()
