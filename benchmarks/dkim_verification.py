"""Messages verified in a second, beside dkimpy and OpenSSL: `python benchmarks/dkim_verification.py [SECONDS]`.

`limit` is what no verifier can beat: SHA-256 of the message and one verification by OpenSSL. The three take turns in
one process, so that a busy machine slows all of them; the best turn of each counts. `peak` is the most memory that is
held while one message is verified, in sizes of that message. The last table is about growth: bodies that are made to
be slow, once and four times as large; four times the seconds is linear.
"""

from __future__ import annotations

import base64
import hashlib
import random
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dkim as dkimpy
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from deliverability.dkim import Verifier
from deliverability.sources.table import TableSource

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.support.signing import public_key, published, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
HEADER = (
    b"Received: from out.empresa.example (out.empresa.example [192.0.2.1])\r\n"
    b"\tby mx.cliente.example (Postfix) with ESMTPS id 4Xy1; Sun, 22 Nov 2026 11:00:00 +0000\r\n"
    b"Received: from erp.empresa.example (erp [192.0.2.2])\r\n\tby out.empresa.example; Sun, 22 Nov 2026 10:59:59 +0000\r\n"
    b"From: Facturas Empresa <facturas@empresa.example>\r\nTo: Cuentas <cuentas@cliente.example>\r\n"
    b"Subject: =?utf-8?q?Factura_2026-0042_de_noviembre?=\r\nDate: Sun, 22 Nov 2026 10:59:58 +0000\r\n"
    b"Message-ID: <2026-0042@empresa.example>\r\nReply-To: facturas@empresa.example\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n'
    b"List-Unsubscribe: <https://empresa.example/baja/42>\r\nX-Mailer: erp\r\n\r\n"
)


def text(size: int) -> bytes:
    words = [
        "la",
        "factura",
        "de",
        "este",
        "mes",
        "vence",
        "el",
        "treinta",
        "y",
        "puede",
        "pagarse",
        "por",
        "transferencia",
        "a",
        "la",
        "cuenta",
        "de",
        "siempre",
    ]
    dice = random.Random(1)
    lines = (" ".join(dice.choice(words) for _ in range(12)) for _ in range(size // 60))
    return "\r\n".join(lines).encode()[:size] + b"\r\n"


def html(size: int) -> bytes:
    row = b'    <tr>\r\n\t<td class="c"><a href="https://empresa.example/f/42">Factura  42</a></td>\r\n    </tr>\r\n'
    return (row * (size // len(row) + 1))[:size] + b"\r\n"


def attachment(size: int) -> bytes:
    return base64.encodebytes(random.Random(1).randbytes(size * 3 // 4)).replace(b"\n", b"\r\n")


def spaced(size: int) -> bytes:
    line = b"a  b \t c   d    e\t\tf  \r\n"
    return line * (size // len(line))


MESSAGES: dict[str, tuple[bytes, str]] = {
    "5 kB text, RSA": (text(5_000), "rsa2048"),
    "5 kB text, Ed25519": (text(5_000), "ed25519"),
    "100 kB HTML, RSA": (html(100_000), "rsa2048"),
    "100 kB text, RSA": (text(100_000), "rsa2048"),
    "5 MB base64, RSA": (attachment(5_000_000), "rsa2048"),
    "5 MB spaced text, RSA": (spaced(5_000_000), "rsa2048"),
}


def limit(raw: bytes, key: str) -> Callable[[], object]:
    """The hash of all octets and one verification."""
    public = base64.b64decode(public_key(key))
    value = raw.partition(b"b=")[2].partition(b"b=")[2].partition(b"\r\n")[0]
    signature = base64.b64decode(value + b"=" * (-len(value) % 4))

    def run() -> None:
        digest = hashlib.sha256(raw).digest()
        try:
            if isinstance(loaded, RSAPublicKey):
                loaded.verify(signature, digest, PKCS1v15(), SHA256())
            else:
                loaded.verify(signature, digest)
        except InvalidSignature:  # it is not the signature of this hash; the work is the same
            return

    loaded = Ed25519PublicKey.from_public_bytes(public) if key == "ed25519" else load_der_public_key(public)
    size = 64 if key == "ed25519" else 256
    signature = (signature + b"\1" * size)[:size]
    return run


def best(functions: dict[str, Callable[[], object]], seconds: float, turns: int = 5) -> dict[str, float]:
    """Calls per second of each, the best of its turns."""
    rates = dict.fromkeys(functions, 0.0)
    for _ in range(turns):
        for name, function in functions.items():
            count, started = 0, time.perf_counter()
            while (elapsed := time.perf_counter() - started) < seconds or not count:
                function()
                count += 1
            rates[name] = max(rates[name], count / elapsed)
    return rates


def peak(function: Callable[[], object]) -> int:
    tracemalloc.start()
    function()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


def throughput(seconds: float) -> None:
    print(f"{'message':<23} {'ours/s':>8} {'dkimpy/s':>9} {'ratio':>6} {'limit/s':>8} {'of it':>6} {'peak':>6}")
    for name, (body, key) in MESSAGES.items():
        raw = sign(HEADER + body, domain=DOMAIN, key=key)
        answers = published(domain=DOMAIN, key=key)
        record = next(iter(answers.values()))[0].encode()
        source, verifier = TableSource(answers), Verifier()

        def ours(raw: bytes = raw, source: TableSource = source, verifier: Verifier = verifier) -> None:
            assert verifier.verify(raw, now=NOW, source=source)[0].result == "pass"

        def theirs(raw: bytes = raw, record: bytes = record) -> None:
            assert dkimpy.verify(raw, dnsfunc=lambda *_, **__: record)

        rates = best({"ours": ours, "dkimpy": theirs, "limit": limit(raw, key)}, seconds)
        print(
            f"{name:<23} {rates['ours']:>8,.1f} {rates['dkimpy']:>9,.1f} {rates['ours'] / rates['dkimpy']:>6.1f} "
            f"{rates['limit']:>8,.0f} {rates['ours'] / rates['limit']:>6.0%} {1 + peak(ours) / len(raw):>6.2f}"
        )


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "blanks": lambda size: b" " * size,
    "blanks in lines": lambda size: (b" " * 900 + b"\r\n") * (size // 902),
    "empty lines": lambda size: b"\r\n" * (size // 2),
    "empty lines, then text": lambda size: b"\r\n" * (size // 2) + b"x",
    "CR": lambda size: b"\r" * size,
    "CR and blanks": lambda size: b" \r" * (size // 2),
    "LF": lambda size: b"x\n" * (size // 2),
    "one line": lambda size: b"x" * size,
    "two blanks": lambda size: b"x  " * (size // 3),
    "growing runs": lambda size: b"".join(b" " * (n % 500) + b"x" for n in range(size // 250)),
}


def growth() -> None:
    print(f"\n{'hostile body':<23} {'4 MB, s':>8} {'16 MB, s':>9} {'growth':>7}")
    for name, make in HOSTILE.items():
        taken = []
        for size in (4_000_000, 16_000_000):
            raw = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=empresa.example; s=s1; h=from; bh=AAAA; b=AAAA\r\n"
            raw += HEADER + make(size)
            source = TableSource(published(domain=DOMAIN))
            started = time.perf_counter()
            assert Verifier().verify(raw, now=NOW, source=source)[0].body_hash_matches is False
            taken.append(time.perf_counter() - started)
        print(f"{name:<23} {taken[0]:>8.3f} {taken[1]:>9.3f} {taken[1] / taken[0]:>7.1f}")


def main() -> None:
    throughput(float(sys.argv[1]) if len(sys.argv) > 1 else 0.3)
    growth()


if __name__ == "__main__":
    main()
