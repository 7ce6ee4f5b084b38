"""The resolver's part: which server to ask, how long to wait, whom to ask next, and when to give up.

Theory of operation. The servers are asked in their order. Silence for the length of a try starts the next one beside
those that are still awaited; a failure (SERVFAIL, REFUSED, a referral, an unreadable message, no connection) starts it
at once. The first answer wins, from whomever it comes. A server that failed is not asked again: a failure repeated is
the same failure, and hammering a server in trouble makes it worse. When nobody is left, the first failure that somebody
stated is the result, and silence only if there was nothing else.

A resolver may end its answer at an alias (RFC 1034 §4.3.2 lets it); then the target is asked for, within
`Limits.cname_chain`.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, escape_controls, is_host_name, shown
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, IPAddress, NoData, NoName
from deliverability.sources.messages import Onward, Query, Reply, is_truncated, read_reply
from deliverability.sources.transport import NoReply, Patience, Server, StreamServer, UdpServer

if TYPE_CHECKING:
    import ssl

#: Name servers asked directly whose state is remembered.
_DIRECT_SERVERS = 256
_RESOLV_CONF = Path("/etc/resolv.conf")
_RESOLV_CONF_OCTETS = 64 * 1024
# resolv.conf(5): no more than three are used.
_RESOLV_CONF_SERVERS = 3


@dataclass(frozen=True, slots=True)
class Nameserver:
    """Where to ask: one `--nameserver`, read. `host` is an address for plain DNS, a name or address for TLS."""

    text: str
    scheme: str
    host: str
    port: int
    tls_name: str | None = None


def parse_nameserver(text: str) -> Nameserver:
    """A name server as a person writes it.

    `192.0.2.53`, `192.0.2.53#5353`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`: plain DNS.
    `tls://host[:port][#name]`: DNS over TLS (RFC 7858), `name` being the one its certificate has to carry.
    `https://host/path`: DNS over HTTPS (RFC 8484). Raises `InvalidConfiguration` with one line.
    """
    stripped = text.strip()
    try:
        if stripped.startswith("https://"):
            return _parse_https(stripped)
        if stripped.startswith("tls://"):
            rest, _, name = stripped.removeprefix("tls://").partition("#")
            host, port = _host_and_port(rest, 853)
            if not _is_host(host) or (name and not is_host_name(name.lower())):
                raise ValueError
            return Nameserver(stripped, "tls", host, port, name.lower() or None)
        host, port = _host_and_port(stripped, 53)
        return Nameserver(stripped, "dns", str(ip_address(host)), port)
    except ValueError:
        raise InvalidConfiguration(
            f"{shown(stripped)} is no name server; write 192.0.2.53, 192.0.2.53#5353, [2001:db8::53]:5353, "
            "tls://dns.example or https://dns.example/dns-query"
        ) from None


def _parse_https(text: str) -> Nameserver:
    parts = urlsplit(text)
    if not parts.hostname or not _is_host(parts.hostname) or parts.username or parts.fragment or not text.isprintable():
        raise ValueError
    return Nameserver(text, "https", parts.hostname, parts.port or 443)


_PORT = re.compile(r"[0-9]{1,5}")


def _host_and_port(text: str, default: int) -> tuple[str, int]:
    """Split `host`, `host:port`, `host#port`, `[v6]:port`; a bare v6 address has no port."""
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and rest[0] not in ":#"):
            raise ValueError
        port = rest[1:] if rest else None
    elif "#" in text or text.count(":") == 1:
        host, _, port = text.partition("#" if "#" in text else ":")
    else:
        host, port = text, None
    if port is None:
        return host, default
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        raise ValueError
    return host, int(port)


def _is_host(host: str) -> bool:
    if is_host_name(host.lower()) and not host.replace(".", "").isdigit():
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def system_nameservers(path: Path = _RESOLV_CONF) -> tuple[Nameserver, ...]:
    """The name servers this system uses; loopback where it names none, as resolv.conf(5) says."""
    if os.name == "nt":
        import dns.resolver  # noqa: PLC0415 - knows the registry; elsewhere it would cost 130 ms for six lines of text

        return tuple(parse_nameserver(str(server)) for server in dns.resolver.Resolver().nameservers)
    try:
        with path.open("rb") as file:
            text = file.read(_RESOLV_CONF_OCTETS).decode("latin-1")
    except OSError:
        text = ""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            host = words[1].partition("%")[0]
            if _is_address(host):
                found.append(Nameserver(words[1], "dns", words[1], 53))
    return tuple(found[:_RESOLV_CONF_SERVERS]) or (parse_nameserver("127.0.0.1"),)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class Resolver:
    """Puts questions to servers and settles on one answer. Belongs to one event loop."""

    def __init__(
        self,
        nameservers: Sequence[Nameserver],
        *,
        limits: Limits = DEFAULT_LIMITS,
        tcp_only: bool = False,
        tls: ssl.SSLContext | None = None,
        direct_port: int = 53,
    ) -> None:
        self._limits = limits
        self._tcp_only = tcp_only
        self._tls = tls
        self._direct_port = direct_port
        self._servers = tuple(self._server(nameserver) for nameserver in nameservers)
        self._direct: OrderedDict[IPAddress, Server] = OrderedDict()

    def _server(self, nameserver: Nameserver) -> Server:
        label = escape_controls(nameserver.text)
        if nameserver.scheme == "dns" and not self._tcp_only:
            return UdpServer(nameserver.host, nameserver.port, label)
        if nameserver.scheme == "dns":
            return StreamServer(nameserver.host, nameserver.port, label=label)
        if self._tls is None:
            import ssl  # noqa: PLC0415 - only for encrypted DNS

            self._tls = ssl.create_default_context()
        if nameserver.scheme == "https":
            from deliverability.sources.https import HttpsServer  # noqa: PLC0415 - httpx only when it is used

            return HttpsServer(nameserver.text, self._tls, self._limits)
        return StreamServer(nameserver.host, nameserver.port, label=label, tls=self._tls, tls_name=nameserver.tls_name)

    async def resolve(self, question: DnsQuestion) -> Answer:
        """The answer, aliases followed to their end."""
        deadline = time.monotonic() + self._limits.dns_question_timeout
        servers = self._servers if question.server is None else (await self._direct_server(question.server),)
        reply = await self._settle(question, servers, deadline)
        while isinstance(reply, Onward):
            if reply.target == question.name or len(reply.aliases) >= self._limits.cname_chain:
                return Failed(FailureKind.LOOP, "the aliases do not end")
            further = await self._settle(question._replace(name=reply.target), servers, deadline)
            reply = _joined(question.name, reply, further, self._limits.cname_chain)
        return reply

    async def _direct_server(self, address: IPv4Address | IPv6Address) -> Server:
        server = self._direct.get(address)
        if server is None:
            server = self._direct[address] = self._server(
                Nameserver(str(address), "dns", str(address), self._direct_port)
            )
            if len(self._direct) > _DIRECT_SERVERS:
                _, oldest = self._direct.popitem(last=False)
                await oldest.aclose()
        return server

    async def _settle(self, question: DnsQuestion, servers: Sequence[Server], deadline: float) -> Reply:
        try:
            query = Query(question)
        except ValueError as error:
            return Failed(FailureKind.MALFORMED, str(error))
        patience = Patience(self._limits.dns_tries, self._limits.dns_try_timeout, deadline)
        if len(servers) == 1:
            return await self._consult(servers[0], query, patience)
        return await self._race(query, servers, patience)

    async def _consult(self, server: Server, query: Query, patience: Patience) -> Reply:
        """What one server says."""
        try:
            data = await server.exchange(query, patience)
        except NoReply as failure:
            return Failed(failure.kind, failure.detail)
        if is_truncated(data):  # RFC 2181 §9: no answer, not even in part
            return Failed(FailureKind.TRUNCATED, f"{server.label}: truncated even over a stream")
        return read_reply(data, query.question, server.label, self._limits)

    async def _race(self, query: Query, servers: Sequence[Server], patience: Patience) -> Reply:
        """The first answer of several servers, each started when those before it are silent or have failed."""
        # Every server gets its share of the tries, and the others' tries lie between its own.
        share = replace(
            patience,
            tries=max(1, -(-patience.tries // len(servers))),
            try_seconds=patience.try_seconds * len(servers),
        )
        waiting = list(servers)
        running: set[asyncio.Task[Reply]] = set()
        failures: list[Failed] = []
        try:
            while (running or waiting) and patience.left() > 0:
                if waiting:
                    running.add(asyncio.create_task(self._consult(waiting.pop(0), query.renewed(), share)))
                pause = min(patience.try_seconds, patience.left()) if waiting else patience.left() + 1
                ended, running = await asyncio.wait(running, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                replies = [task.result() for task in ended]
                for reply in replies:
                    if not isinstance(reply, Failed):
                        return reply
                    failures.append(reply)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return _weightiest(failures)

    async def aclose(self) -> None:
        """Close every connection."""
        for server in (*self._servers, *self._direct.values()):
            await server.aclose()


def _weightiest(failures: Sequence[Failed]) -> Failed:
    """The first failure that somebody stated, or else the first silence."""
    quiet = (FailureKind.TIMEOUT, FailureKind.UNREACHABLE)
    stated = [failure for failure in failures if failure.kind not in quiet]
    return (stated or list(failures) or [Failed(FailureKind.TIMEOUT, "no answer in time")])[0]


def _joined(asked: DomainName, first: Onward, further: Reply, longest: int) -> Reply:
    """The answer for the target of an alias, told as the answer for the alias."""
    if isinstance(further, Failed):
        return further
    aliases = first.aliases + further.aliases
    if len(set(aliases)) != len(aliases) or asked in aliases or len(aliases) > longest:  # RFC 1034 §3.6.2
        return Failed(FailureKind.LOOP, "the aliases do not end")
    ttl = min(first.ttl, further.ttl)
    authenticated = first.authenticated and further.authenticated
    if isinstance(further, Onward):
        return Onward(further.target, aliases, ttl, authenticated)
    if isinstance(further, Found):
        return Found(further.records, ttl, aliases, authenticated)
    kind: type[NoData | NoName] = type(further)
    return kind(ttl, aliases, authenticated)
