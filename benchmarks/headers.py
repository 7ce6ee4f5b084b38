"""Headers split and judged, beside the standard library: `python benchmarks/headers.py [FOLDER_OF_MAIL]`.

All take turns in one process, so that a busy machine slows all; the best turn of each counts. Without a folder the
messages are made up: 25 fields, 1.6 kB of headers. The lint is everything of the HDR family that the octets decide:
parsing, the facts and the rules.
"""

from __future__ import annotations

import email.policy
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path

from deliverability.core.facts import Envelope, Moment, RawMessage, Receiving, Sending, Stage
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.rule import RuleSet
from deliverability.headers.facts import read_headers
from deliverability.headers.fields import Headers, parse
from deliverability.headers.rules import RULES

_OF_THE_WAY = {"HDR010", "HDR019", "HDR020", "HDR027", "HDR030", "HDR031", "HDR035"}
LINT = RuleSet(entry for entry in RULES if entry.code.startswith("HDR") and entry.code not in _OF_THE_WAY)
COMPAT32 = BytesHeaderParser(policy=email.policy.compat32)
SMTP = BytesHeaderParser(policy=email.policy.SMTP)


def made_up(number: int, body: int = 1000) -> bytes:
    received = "".join(
        f"Received: from mail{hop}.empresa.example (mail{hop}.empresa.example [192.0.2.{hop}])\r\n"
        f"\tby mx{hop}.cliente.example (Postfix) with ESMTPS id {number}{hop}\r\n"
        f"\tfor <ana@cliente.example>; Sun, 22 Nov 2026 10:00:0{hop} +0100 (CET)\r\n"
        for hop in range(3)
    )
    own = (
        f"From: =?UTF-8?Q?Mu=C3=B1oz_e_Hijos?= <facturas@empresa.example>\r\nTo: Ana <ana@cliente.example>\r\n"
        f"Subject: Factura 2026/{number}\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
        f"Message-ID: <{number}.2026@empresa.example>\r\nReply-To: cobros@empresa.example\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n"
        "Return-Path: <rebotes@empresa.example>\r\n"
    )
    more = "".join(f"X-Empresa-{field}: valor {field} de la factura {number}\r\n" for field in range(11))
    return (received + own + more + "\r\n" + "Texto de la factura.\r\n" * (body // 22)).encode()


def lint(raw: bytes) -> int:
    headers = parse(raw)
    facts: dict[type, object] = {
        Headers: headers,
        type(read := read_headers(headers, DEFAULT_LIMITS)): read,
        RawMessage: RawMessage(raw, len(raw)),
        Envelope: Envelope(),
        Receiving: Receiving(),
        Sending: Sending(),
        Stage: Stage.RECEIVED,
        Moment: Moment(datetime(2026, 11, 22, tzinfo=UTC)),
    }
    return len(LINT.run(facts))


def texts(parser: BytesHeaderParser, raw: bytes) -> int:
    return sum(len(str(value)) for value in parser.parsebytes(raw).values())


def each(function: Callable[[bytes], object], messages: list[bytes], turns: int) -> float:
    """Microseconds a message, of CPU."""
    best = float("inf")
    for _ in range(turns):
        started = time.process_time()
        for raw in messages:
            function(raw)
        best = min(best, time.process_time() - started)
    return best / len(messages) * 1e6


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    messages = [path.read_bytes() for path in sorted(folder.rglob("*.txt"))[::10]] if folder else []
    messages = messages or [made_up(number) for number in range(300)]
    print(f"{len(messages)} messages, {sum(map(len, messages)) // len(messages)} octets each")
    rows: list[tuple[str, Callable[[bytes], object]]] = [
        ("split, exact places", parse),
        ("BytesHeaderParser compat32", COMPAT32.parsebytes),
        ("whole header lint", lint),
        ("BytesHeaderParser policy.SMTP, as text", lambda raw: texts(SMTP, raw)),
    ]
    best = {name: float("inf") for name, _ in rows}
    for _ in range(4):
        for name, function in rows:
            best[name] = min(best[name], each(function, messages, 2))
    for name, _ in rows:
        print(f"{name:<40} {best[name]:>8.1f} us {1e6 / best[name]:>9,.0f}/s")
    split, compat, whole, smtp = best.values()
    print(
        f"split {compat / split:.1f} times compat32, {smtp / split:.0f} times policy.SMTP; lint {smtp / whole:.1f} times policy.SMTP"
    )
    small, large = [made_up(1, 1000)] * 200, [made_up(1, 5_000_000)] * 200
    print(f"lint with a body of 1 kB {each(lint, small, 5):.1f} us, of 5 MB {each(lint, large, 5):.1f} us")


if __name__ == "__main__":
    main()
