"""How a query travels to one server and an answer comes back: UDP, TCP, and TLS (RFC 7858).

A server's `exchange` returns the octets of a whole message that matches the query, or raises `NoReply`. It knows
nothing of what the message says, except TC (ask over TCP) and the two RCODEs by which old servers refuse EDNS.

Over UDP every exchange has a socket of its own, so that the system picks a new source port for each (RFC 5452 §9.2),
and the socket is connected, so that only the server's datagrams arrive. Datagrams get lost: one that stays
unanswered is sent again within the try, and every second try goes without EDNS, which some firewalls drop. What comes
back and does not match is dropped, and the wait goes on; a late answer to an earlier try is as good as any.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Protocol

from deliverability.core.questions import FailureKind
from deliverability.sources.messages import Query, dislikes_edns, is_truncated

_MAX_DATAGRAM = 65_535
#: The part of a try after which its datagram is sent once more.
_REPEAT_AFTER = 0.4
#: Wrong datagrams that are read once the time is over.
_LAST_LOOKS = 16
#: Seconds between two looks at a socket that the event loop cannot watch.
_BLIND_WAIT = 0.005
#: Answers without EDNS, after silence with it, that make us stop trying EDNS with a server that never answered it.
_SILENT_ON_EDNS = 2


class NoReply(Exception):  # noqa: N818 - not an error of the program: it becomes a `Failed` answer
    """A server gave no message that could be read as an answer."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for one question: tries, seconds for each, and the end on the clock `time.monotonic`."""

    tries: int
    try_seconds: float
    deadline: float

    def left(self) -> float:
        """Seconds to the end."""
        return self.deadline - time.monotonic()


@dataclass(slots=True)
class EdnsMemory:
    """What a server has shown about EDNS."""

    refused: bool = False
    answered: bool = False
    only_without: int = 0

    def use(self, attempt: int) -> bool:
        """Whether to send EDNS in the given try (from 0)."""
        return not self.refused and attempt % 2 == 0

    def saw_answer(self, *, edns: bool) -> None:
        """Learn from an answer that came when the last datagram sent had EDNS or not."""
        if edns:
            self.answered = True
            self.only_without = 0
        elif not self.answered and not self.refused:
            self.only_without += 1
            self.refused = self.only_without >= _SILENT_ON_EDNS


class Server(Protocol):
    """One place to ask."""

    #: For people: the address as it was configured.
    label: str

    async def exchange(self, query: Query, patience: Patience) -> bytes:
        """The octets of the answer; raises `NoReply`."""
        ...

    async def aclose(self) -> None:
        """End open connections."""
        ...


@dataclass(slots=True)
class UdpServer:
    """A name server over UDP, and over TCP for answers that do not fit."""

    host: str
    port: int = 53
    label: str = ""
    _edns: EdnsMemory = field(default_factory=EdnsMemory)

    def __post_init__(self) -> None:
        self.label = self.label or self.host

    async def exchange(self, query: Query, patience: Patience) -> bytes:
        """The answer over UDP, or over TCP where it was truncated."""
        try:
            data = await self._over_udp(query, patience)
        except OSError as error:
            raise NoReply(FailureKind.UNREACHABLE, f"{self.label}: {_reason(error)}") from error
        if not is_truncated(data):
            return data
        # RFC 2181 §9: a truncated answer is no answer, not even in part.
        return await _over_tcp(self, query, patience)

    async def _over_udp(self, query: Query, patience: Patience) -> bytes:
        with socket.socket(_family(self.host), socket.SOCK_DGRAM) as udp:
            udp.setblocking(False)
            udp.connect((self.host, self.port))
            edns = self._edns.use(0)
            for attempt in range(patience.tries):
                edns = self._edns.use(attempt)
                data = await self._one_try(udp, query, edns, patience)
                if data is not None:
                    return await self._without_edns(udp, query, data, edns, patience)
            data = await _receive(udp, query, patience.deadline)
            if data is None:
                raise NoReply(FailureKind.TIMEOUT, f"{self.label}: no answer")
            self._edns.saw_answer(edns=edns)
            return data

    async def _one_try(self, udp: socket.socket, query: Query, edns: bool, patience: Patience) -> bytes | None:
        """Send, repeat once on silence, and wait for the length of a try."""
        start = time.monotonic()
        for wait in (patience.try_seconds * _REPEAT_AFTER, patience.try_seconds):
            if patience.left() <= 0:
                return None
            with contextlib.suppress(BlockingIOError):  # a full buffer is one more way to lose a datagram
                udp.send(query.wire(edns=edns))
            data = await _receive(udp, query, min(start + wait, patience.deadline))
            if data is not None:
                return data
        return None

    async def _without_edns(
        self, udp: socket.socket, query: Query, data: bytes, edns: bool, patience: Patience
    ) -> bytes:
        """`data`, or the answer to the query without EDNS where the server seems not to know it (RFC 6891 §7)."""
        if not (edns and dislikes_edns(data)):
            self._edns.saw_answer(edns=edns)
            return data
        again = query.renewed()
        plain = await self._one_try(udp, again, False, patience)
        if plain is None:
            return data
        self._edns.refused = not dislikes_edns(plain)
        return plain

    async def aclose(self) -> None:
        """Nothing stays open."""


async def _receive(udp: socket.socket, query: Query, until: float) -> bytes | None:
    """The next datagram that matches, or None when the time has come and nothing is there.

    The socket is looked at before the clock: a busy loop may come back long after the datagram arrived.
    """
    wrong = 0
    while True:
        left = until - time.monotonic()
        try:
            data = udp.recv(_MAX_DATAGRAM)
        except BlockingIOError:
            if left <= 0:
                return None
            await _readable(udp, left)
            continue
        if query.matches(data):
            return data
        # A flood of wrong datagrams may not hold up everybody else, nor go on past the time.
        wrong += 1
        if left <= 0 and wrong > _LAST_LOOKS:
            return None
        await asyncio.sleep(0)


async def _readable(udp: socket.socket, seconds: float) -> None:
    """Wait until there may be something to read, at most `seconds`."""
    loop = asyncio.get_running_loop()
    woken = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    alarm = loop.call_later(seconds, wake)
    try:
        loop.add_reader(udp, wake)
    except NotImplementedError:  # the Windows loop cannot watch sockets
        alarm.cancel()
        await asyncio.sleep(min(seconds, _BLIND_WAIT))
        return
    try:
        await woken
    finally:
        loop.remove_reader(udp)
        alarm.cancel()


async def _over_tcp(server: UdpServer, query: Query, patience: Patience) -> bytes:
    """The answer over a TCP connection of its own (RFC 7766); the whole of it within the question's time."""
    query = query.renewed()
    try:
        async with asyncio.timeout(max(patience.left(), 0)):
            reader, writer = await asyncio.open_connection(server.host, server.port)
            try:
                writer.write(framed(query.wire(edns=not server._edns.refused)))
                while True:
                    data = await read_frame(reader)
                    if query.matches(data):
                        return data
            finally:
                writer.transport.abort()
    except TimeoutError as error:
        raise NoReply(FailureKind.TIMEOUT, f"{server.label}: truncated, and no answer over TCP in time") from error
    except (OSError, EOFError) as error:
        detail = f"{server.label}: truncated, and TCP failed: {_reason(error)}"
        raise NoReply(FailureKind.TRUNCATED, detail) from error


class StreamServer:
    """A name server over one lasting TCP or TLS connection, on which queries need not wait for each other."""

    def __init__(
        self, host: str, port: int, *, label: str, tls: ssl.SSLContext | None = None, tls_name: str | None = None
    ) -> None:
        self.label = label
        self._host, self._port = host, port
        self._tls, self._tls_name = tls, (tls_name or host) if tls else None
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._edns = EdnsMemory()

    async def exchange(self, query: Query, patience: Patience) -> bytes:
        """The answer over the connection; it is opened when needed and once more when the server had closed it."""
        try:
            async with asyncio.timeout(max(patience.left(), 0)):
                data = await self._ask(query, edns=not self._edns.refused)
                if dislikes_edns(data) and not self._edns.refused:
                    data = await self._ask(query, edns=False)
                    self._edns.refused = not dislikes_edns(data)
                return data
        except TimeoutError as error:
            raise NoReply(FailureKind.TIMEOUT, f"{self.label}: no answer") from error
        except ssl.SSLError as error:
            raise NoReply(FailureKind.UNREACHABLE, f"{self.label}: TLS failed: {_reason(error)}") from error
        except (OSError, EOFError) as error:
            raise NoReply(FailureKind.UNREACHABLE, f"{self.label}: {_reason(error)}") from error

    async def _ask(self, query: Query, *, edns: bool) -> bytes:
        while True:
            connection, is_new = await self._connected()
            try:
                return await connection.ask(query, edns=edns)
            except ConnectionError:
                # A server may close an idle connection at any time (RFC 7766 §6.2.3), or after some answers.
                if is_new and not connection.has_answered:
                    raise

    async def _connected(self) -> tuple[_Connection, bool]:
        async with self._connecting:
            if self._connection is not None and not self._connection.is_closed:
                return self._connection, False
            reader, writer = await asyncio.open_connection(
                self._host, self._port, ssl=self._tls, server_hostname=self._tls_name
            )
            self._connection = _Connection(reader, writer)
            return self._connection, True

    async def aclose(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.aclose()


class _Connection:
    """One connection, a task that reads it, and the queries that wait for an answer on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: dict[int, tuple[Query, asyncio.Future[bytes]]] = {}
        self._task = asyncio.create_task(self._read())
        self.is_closed = False
        self.has_answered = False

    async def ask(self, query: Query, *, edns: bool) -> bytes:
        """The answer to one query. Raises ConnectionError when the connection ends first."""
        if self.is_closed:
            raise ConnectionResetError("the server closed the connection")
        identity = secrets.randbits(16)
        while identity in self._waiting:
            identity = secrets.randbits(16)
        numbered = Query(query.question, identity)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[identity] = (numbered, answer)
        try:
            self._writer.write(framed(numbered.wire(edns=edns)))
            return await answer
        finally:
            self._waiting.pop(identity, None)

    async def _read(self) -> None:
        try:
            while True:
                data = await read_frame(self._reader)
                query, answer = self._waiting.get(int.from_bytes(data[:2], "big"), (None, None))
                if query is not None and answer is not None and query.matches(data) and not answer.done():
                    self.has_answered = True
                    answer.set_result(data)
        except (OSError, EOFError):
            pass  # those who wait are told below
        finally:
            self.is_closed = True
            self._writer.transport.abort()
            for _, answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the server closed the connection"))

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def framed(data: bytes) -> bytes:
    """A message with the length that stands before it on a stream (RFC 1035 §4.2.2)."""
    return len(data).to_bytes(2, "big") + data


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next message of a stream."""
    length = int.from_bytes(await reader.readexactly(2), "big")
    return await reader.readexactly(length)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _reason(error: Exception) -> str:
    """One line on why a connection failed, without the numbers that differ between systems."""
    if isinstance(error, EOFError):
        return "the server closed the connection"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
