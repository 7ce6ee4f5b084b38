"""Web pages asked for an audit, where the user allowed it: only the public Internet, with every bound set.

Theory of operation. The addresses come out of a mail, so anybody may have written them, and the machine that runs an
audit often stands where others cannot reach: each request goes to an address that was looked up first and judged by
core.addresses. The connection is made to that very address (the name stands only in Host and in TLS), so a name that
changes between the look-up and the connection leads nowhere else. Redirects are never followed by the client: each hop
is a new request, looked up and judged like the first. No cookies, no credentials, no proxy of the environment, one
deadline for an exchange and one for all of them, capped bodies.

This module knows HTTP and nothing of mail: what may be asked, and what an answer means, is decided in audits/probes.py.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from deliverability.core.addresses import is_public
from deliverability.core.errors import InvalidDomainName
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import escape_controls, parse_domain, query_name
from deliverability.core.plan import Source, ask_addresses
from deliverability.core.questions import Found, IPAddress, NoData, NoName
from deliverability.sources.drive import solve_async
from deliverability.sources.guard import GUARD
from deliverability.sources.https import new_client

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
#: Characters that stay as they are in a path or a query (RFC 3986 §3.3, §3.4); the rest is percent-encoded.
_KEPT = "/%:@!$&'()*+,;=~-._?"
#: Ports below 1024 of other services than the web are not for requests that a stranger's mail names.
_WEB_PORTS = frozenset({80, 443})
_SIDE_BY_SIDE = 6
#: Whether an address may be connected to.
_Judge = Callable[[IPAddress], bool]


class PageProblem(StrEnum):
    """Why an address gave no HTTP response."""

    NO_HOST = "no-host"  # DNS says that the name, or an address for it, does not exist
    CERTIFICATE = "certificate"
    FORBIDDEN = "forbidden"  # not the public web: a private address, another scheme or port
    UNREACHABLE = "unreachable"  # no answer of DNS or of the host, or none that is HTTP


class Page(NamedTuple):
    """One exchange. `status` is None where there was no response, and then `problem` says why."""

    url: str
    status: int | None = None
    #: Where a redirection leads, absolute; "" without one.
    location: str = ""
    #: At most `Limits.probe_octets` of the body.
    body: bytes = b""
    problem: PageProblem | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """An address in its parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


class Visitor:
    """Asks for pages. `source` looks names up; `tls` replaces the system's trust; `allowed` the judgement of addresses.

    Use it as an async context manager: the deadline of `Limits.probe_seconds` runs from its start.
    """

    def __init__(
        self,
        source: Source | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        allowed: _Judge = is_public,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._source = source
        self._allowed = allowed
        self._limits = limits
        self._client = new_client(tls or ssl.create_default_context(), timeout=limits.probe_timeout)
        self._addresses: dict[str, asyncio.Task[tuple[IPAddress | None, Page | None]]] = {}
        self._free = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._ends = 0.0

    async def __aenter__(self) -> Visitor:
        self._ends = asyncio.get_running_loop().time() + self._limits.probe_seconds
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._addresses.values():
            task.cancel()
        await asyncio.gather(*self._addresses.values(), return_exceptions=True)
        await self._client.aclose()

    async def each(self, work: Callable[[str], Awaitable[T]], urls: tuple[str, ...]) -> tuple[T, ...]:
        """`work` on every address, a few side by side."""

        async def one(url: str) -> T:
            async with self._free:
                return await work(url)

        return tuple(await asyncio.gather(*(one(url) for url in urls)))

    async def ask(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Page:
        """One exchange, redirects not followed. Never raises for what the world does."""
        place = _place(url)
        if place is None:
            return Page(url, problem=PageProblem.FORBIDDEN, detail="not a web address that is opened")
        left = min(self._limits.probe_timeout, self._ends - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(max(left, 0)):
                address, none = await self._address(place.host)
                if address is None:
                    return none._replace(url=url) if none else Page(url, problem=PageProblem.UNREACHABLE)
                if GUARD.refuse is not None and not address.is_loopback:
                    return Page(url, problem=PageProblem.UNREACHABLE, detail=GUARD.refuse(url).detail)
                return await self._exchange(method, url, place, address, content, headers or {})
        except TimeoutError:
            return Page(url, problem=PageProblem.UNREACHABLE, detail="no whole response in time")

    async def _exchange(
        self,
        method: str,
        url: str,
        place: _Place,
        address: IPAddress,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Page:
        import httpx  # noqa: PLC0415 - 80 ms that only HTTP needs

        host = f"[{address}]" if address.version == 6 else str(address)
        pinned = f"{place.scheme}://{host}:{place.port}{place.path}"
        try:
            async with self._client.stream(
                method,
                pinned,
                # One connection for one request: kept ones are known by their address, and a page of another name at
                # the same address would be read over a connection whose certificate was checked for the first name.
                headers={"host": place.authority, "connection": "close", **headers},
                content=content,
                extensions={"sni_hostname": place.host},
            ) as response:
                body = await _beginning(response, self._limits.probe_octets) if method != "HEAD" else b""
                location = response.headers.get("location", "") if 300 <= response.status_code < 400 else ""
                return Page(url, response.status_code, _joined(url, location), body)
        except httpx.TimeoutException:
            return Page(url, problem=PageProblem.UNREACHABLE, detail="no whole response in time")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            return _failed(url, error)
        finally:
            # What a server sets is for nobody: the next request is as bare as the first.
            self._client.cookies.clear()

    async def _address(self, host: str) -> tuple[IPAddress | None, Page | None]:
        """The address to connect to, each host looked up once; or why there is none."""
        task = self._addresses.get(host)
        if task is None:
            task = self._addresses[host] = asyncio.create_task(self._look_up(host))
        return await asyncio.shield(task)

    async def _look_up(self, host: str) -> tuple[IPAddress | None, Page | None]:
        literal = _literal(host)
        if literal is not None:
            found: tuple[IPAddress, ...] = (literal,)
        else:
            name = query_name(host)
            if name is None or "." not in name:
                return None, Page("", problem=PageProblem.FORBIDDEN, detail="not a public host name")
            answers = await solve_async(ask_addresses(name), self._source, limits=self._limits)
            records = (record for answer in answers if isinstance(answer, Found) for record in answer.records)
            found = tuple(r for r in records if isinstance(r, IPv4Address | IPv6Address))
            if not found:
                gone = all(isinstance(answer, NoName | NoData) for answer in answers)
                problem = PageProblem.NO_HOST if gone else PageProblem.UNREACHABLE
                return None, Page("", problem=problem, detail="" if gone else "no answer of DNS")
        # One private address among public ones is a trap or a mistake: only what is public is connected to.
        usable = [address for address in found if self._allowed(address)]
        if not usable:
            return None, Page("", problem=PageProblem.FORBIDDEN, detail="it has no public address")
        return min(usable, key=lambda address: address.version), None


async def _beginning(response: httpx.Response, most: int) -> bytes:
    """What the body begins with; a page that never ends is left there."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _place(url: str) -> _Place | None:
    """The parts of an address of the public web; None for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    # A user name is never sent, and an address that carries one is not the place that it seems to be.
    if scheme not in ("http", "https") or not host or "@" in parts.netloc or "%" in host:
        return None
    port = port or (443 if scheme == "https" else 80)
    if port < 1024 and port not in _WEB_PORTS:
        return None
    if not host.isascii():
        try:
            host = parse_domain(host)
        except InvalidDomainName:
            return None
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return _Place(scheme, host, port, path + query)


def _joined(url: str, location: str) -> str:
    """Where a redirection leads; "" where that cannot be read."""
    if not location:
        return ""
    try:
        return urljoin(url, escape_controls(location.strip())[:4000])
    except ValueError:
        return ""


def _literal(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _failed(url: str, error: Exception) -> Page:
    """Why an exchange gave nothing: a certificate that does not fit, or no HTTP at all."""
    cause: BaseException | None = error
    for _ in range(10):
        if cause is None:
            break
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Page(url, problem=PageProblem.CERTIFICATE, detail=_one_line(cause.verify_message))
        cause = cause.__cause__ or cause.__context__
    return Page(url, problem=PageProblem.UNREACHABLE, detail=_one_line(str(error)) or type(error).__name__)


def _one_line(text: str) -> str:
    return escape_controls(" ".join(text.split()))[:200]
