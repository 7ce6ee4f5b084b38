"""SpamAssassin's spamd, asked over its own protocol (SPAMC/1.5): REPORT gives the score and every rule that fired.

The answer is one header and one body, both capped in octets and seconds. Names, points and descriptions are text from
outside; renderers escape them.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from deliverability.core.errors import InvalidAddress
from deliverability.core.facts import Envelope
from deliverability.core.names import escape_controls, shown
from deliverability.core.patterns import pattern
from deliverability.filters.verdict import FilterSymbol, FilterVerdict
from deliverability.headers.symbols import code_of
from deliverability.sources.guard import GUARD

NAME = "SpamAssassin"
DEFAULT_PORT = 783
MOST_OCTETS = 256 * 1024
MOST_SYMBOLS = 500
#: ` 1.2 RULE_NAME   description`, as the report's table has it.
_ROW = pattern(r"^ {0,4}(-?[0-9]{1,4}(?:\.[0-9]{1,4})?) ([A-Z0-9_]{2,80})(?: +(.*))?$")
_SPAM = pattern(r"(?i)^Spam: *(True|False|Yes|No) *; *(-?[0-9.]{1,12}) */ *(-?[0-9.]{1,12})")


@dataclass(frozen=True, slots=True)
class SpamAssassin:
    """A spamd at an address."""

    host: str
    port: int = DEFAULT_PORT
    timeout: float = 60.0

    @classmethod
    def at(cls, text: str) -> SpamAssassin:
        """From `HOST:PORT` or `HOST`. Raises `InvalidAddress`."""
        host, colon, port = text.strip().rpartition(":")
        if not colon or text.endswith("]"):
            host, port = text.strip(), str(DEFAULT_PORT)
        if not host or not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
            raise InvalidAddress(f"{shown(text)} is no spamd; write HOST:PORT such as 127.0.0.1:783")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))

    def judge(self, raw: bytes, envelope: Envelope) -> FilterVerdict:
        """What spamd says. Everything that can go wrong on its side is a `problem`."""
        refused = GUARD.refuses(self.host, f"spamd at {self.host}:{self.port}")
        if refused:
            return FilterVerdict(NAME, problem=refused)
        try:
            answer = self._exchange(b"REPORT SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(raw) + raw)
        except OSError as error:
            return FilterVerdict(NAME, problem=error.strerror or type(error).__name__)
        return read_answer(answer)

    def _exchange(self, request: bytes) -> bytes:
        """Send, and read until it closes, within the bounds."""
        deadline = time.monotonic() + self.timeout
        chunks, octets = [], 0
        with socket.create_connection((self.host, self.port), timeout=min(10.0, self.timeout)) as connection:
            connection.settimeout(self.timeout)
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while octets < MOST_OCTETS:
                connection.settimeout(max(0.01, deadline - time.monotonic()))
                chunk = connection.recv(65536)
                if not chunk:
                    break
                chunks.append(chunk)
                octets += len(chunk)
        return b"".join(chunks)[:MOST_OCTETS]


def read_answer(answer: bytes) -> FilterVerdict:
    """An answer of spamd as a verdict."""
    head, _, body = answer.decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")
    lines = head.split("\n")
    said = next((match for line in lines if (match := _SPAM.match(line))), None)
    if not lines[0].startswith("SPAMD/") or " 0 " not in f"{lines[0]} ":
        return FilterVerdict(
            NAME, problem=escape_controls(lines[0])[:200] or "it closed the connection without an answer"
        )
    if said is None:
        return FilterVerdict(NAME, problem="its answer has no score")
    word, score, threshold = said.groups()
    try:
        points, limit = float(score), float(threshold)
    except ValueError:
        return FilterVerdict(NAME, problem="its answer has no readable score")
    action = "spam" if word.lower() in ("true", "yes") else "ham"
    return FilterVerdict(NAME, points, limit, action, _symbols(body))


def _symbols(body: str) -> tuple[FilterSymbol, ...]:
    found: list[FilterSymbol] = []
    for line in body.split("\n"):
        row = _ROW.match(line[:300])
        if row and len(found) < MOST_SYMBOLS:
            score, name, description = row.groups()
            found.append(FilterSymbol(name, float(score), (description or "").strip(), code_of("spamassassin", name)))
    return tuple(sorted(found, key=lambda symbol: (-abs(symbol.score), symbol.name)))
