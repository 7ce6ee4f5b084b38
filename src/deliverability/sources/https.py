"""HTTPS with every bound set: no redirects, no proxy settings from the environment, a capped body, one deadline.

DNS over HTTPS (RFC 8484) is the one user so far; `fetch` knows nothing of DNS.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import escape_controls
from deliverability.core.questions import FailureKind
from deliverability.sources.messages import Query
from deliverability.sources.transport import NoReply, Patience

if TYPE_CHECKING:
    import httpx

_DNS_MESSAGE = "application/dns-message"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response that was read whole."""

    status: int
    #: The media type alone, lower case, without parameters.
    content_type: str
    body: bytes


class FetchError(Exception):
    """An HTTPS exchange that gave no whole response."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def new_client(tls: ssl.SSLContext, *, timeout: float) -> httpx.AsyncClient:
    """A client that goes only where it is told: HTTP/1.1, no redirects, nothing read from the environment."""
    import httpx  # noqa: PLC0415 - 80 ms that only HTTPS needs

    return httpx.AsyncClient(
        verify=tls,
        trust_env=False,
        follow_redirects=False,
        http1=True,
        http2=False,
        timeout=timeout,
        headers={"accept-encoding": "identity", "user-agent": "deliverability"},
    )


async def fetch(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    max_octets: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Fetched:
    """One exchange, whatever its status. Raises `FetchError` when it fails, or exceeds octets or seconds in all."""
    import httpx  # noqa: PLC0415

    try:
        async with (
            asyncio.timeout(max(seconds, 0)),
            client.stream(method, url, headers=dict(headers or {}), content=content) as response,
        ):
            body = await _capped_body(response, max_octets)
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Fetched(response.status_code, escape_controls(media_type), body)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise FetchError(FailureKind.TIMEOUT, "no whole response in time") from error
    except httpx.RemoteProtocolError as error:
        raise FetchError(FailureKind.MALFORMED, f"no HTTP response: {_one_line(error)}") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise FetchError(FailureKind.UNREACHABLE, _one_line(error)) from error


async def _capped_body(response: httpx.Response, max_octets: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_octets:
            raise FetchError(FailureKind.MALFORMED, f"the response is larger than {max_octets} octets")
    return bytes(body)


def _one_line(error: Exception) -> str:
    return escape_controls(" ".join(str(error).split()))[:200] or type(error).__name__


class HttpsServer:
    """A resolver over HTTPS; connections are kept and shared."""

    def __init__(self, url: str, tls: ssl.SSLContext, limits: Limits = DEFAULT_LIMITS) -> None:
        self.label = url
        self._limits = limits
        self._client = new_client(tls, timeout=limits.https_timeout)

    async def exchange(self, query: Query, patience: Patience) -> bytes:
        """The answer to a POST of the query (RFC 8484 §4.1)."""
        # RFC 8484 §4.1: an ID of 0, since HTTP itself tells which answer is whose.
        numbered = Query(query.question, 0)
        try:
            fetched = await fetch(
                self._client,
                "POST",
                self.label,
                max_octets=self._limits.https_body,
                seconds=min(patience.left(), self._limits.https_timeout),
                headers={"content-type": _DNS_MESSAGE, "accept": _DNS_MESSAGE},
                content=numbered.wire(edns=True),
            )
        except FetchError as error:
            raise NoReply(error.kind, f"{self.label}: {error.detail}") from error
        return self._checked(numbered, fetched)

    def _checked(self, query: Query, fetched: Fetched) -> bytes:
        if fetched.status != 200:
            # RFC 8484 §4.2.1: any other status carries no DNS answer; a client error is a refusal.
            kind = FailureKind.REFUSED if 400 <= fetched.status < 500 else FailureKind.UNREACHABLE
            raise NoReply(kind, f"{self.label}: HTTP status {fetched.status}")
        if fetched.content_type != _DNS_MESSAGE:
            raise NoReply(FailureKind.MALFORMED, f"{self.label}: {fetched.content_type or 'no'} content type")
        if not query.matches(fetched.body):
            raise NoReply(FailureKind.MALFORMED, f"{self.label}: not an answer to the question")
        return fetched.body

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
