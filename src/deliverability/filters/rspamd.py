"""rspamd, asked over HTTP (`/checkv2`): score, action and every symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deliverability.core.errors import InvalidAddress
from deliverability.core.facts import Envelope
from deliverability.core.names import escape_controls, shown
from deliverability.filters.verdict import FilterSymbol, FilterVerdict
from deliverability.headers.symbols import code_of
from deliverability.sources.guard import GUARD

NAME = "rspamd"
MOST_OCTETS = 1024 * 1024
MOST_SYMBOLS = 500


@dataclass(frozen=True, slots=True)
class Rspamd:
    """An rspamd worker at a URL."""

    url: str
    timeout: float = 60.0

    @classmethod
    def at(cls, text: str) -> Rspamd:
        """From a URL such as `http://127.0.0.1:11333`. Raises `InvalidAddress`."""
        url = text.strip().rstrip("/")
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.username is not None or parts.query or parts.fragment:
            raise InvalidAddress(f"{shown(text)} is no rspamd; write a URL such as http://127.0.0.1:11333")
        return cls(url if parts.path else f"{url}/checkv2")

    def judge(self, raw: bytes, envelope: Envelope) -> FilterVerdict:
        """What rspamd says. Everything that can go wrong on its side is a `problem`."""
        refused = GUARD.refuses(urlsplit(self.url).hostname or "", self.url)
        if refused:
            return FilterVerdict(NAME, problem=refused)
        import httpx  # noqa: PLC0415 - only where rspamd is asked

        try:
            with (
                httpx.Client(trust_env=False, follow_redirects=False, timeout=self.timeout) as client,
                client.stream("POST", self.url, content=raw, headers=_session(envelope)) as response,
            ):
                if response.status_code != 200:
                    return FilterVerdict(NAME, problem=f"HTTP {response.status_code}")
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MOST_OCTETS:
                        return FilterVerdict(NAME, problem=f"its answer has more than {MOST_OCTETS} octets")
        except httpx.HTTPError as error:
            return FilterVerdict(NAME, problem=escape_controls(str(error))[:200] or type(error).__name__)
        return read_answer(bytes(body))


def _session(envelope: Envelope) -> dict[str, str]:
    """The headers that tell rspamd about the SMTP session; only what a header may hold."""
    told = {
        "IP": str(envelope.client_ip) if envelope.client_ip else "",
        "Helo": envelope.helo or "",
        "From": envelope.mail_from or "",
    }
    return {key: value for key, value in told.items() if value and value.isascii() and value.isprintable()}


def read_answer(body: bytes) -> FilterVerdict:
    """An answer of rspamd as a verdict."""
    import json  # noqa: PLC0415

    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return FilterVerdict(NAME, problem="its answer is no JSON")
    if not isinstance(document, dict) or "error" in document or not _is_number(document.get("score")):
        said = document.get("error") if isinstance(document, dict) else None
        return FilterVerdict(NAME, problem=escape_controls(str(said or "its answer has no score"))[:200])
    threshold = document.get("required_score")
    symbols = document.get("symbols")
    return FilterVerdict(
        NAME,
        float(document["score"]),
        float(threshold) if _is_number(threshold) and threshold is not None else None,
        str(document.get("action", ""))[:80],
        _symbols(symbols if isinstance(symbols, dict) else {}),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _symbols(symbols: dict[str, Any]) -> tuple[FilterSymbol, ...]:
    found: list[FilterSymbol] = []
    for name, row in list(symbols.items())[:MOST_SYMBOLS]:
        if isinstance(row, dict) and _is_number(row.get("score")):
            said = str(row.get("description") or "")[:300]
            found.append(FilterSymbol(name[:100], float(row["score"]), said, code_of("rspamd", name)))
    return tuple(sorted(found, key=lambda symbol: (-abs(symbol.score), symbol.name)))
