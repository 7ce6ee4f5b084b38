"""A DNS server on loopback that answers from a table, and badly where the table says so.

    with FaultServer({"mail.example/TXT": ["v=spf1 -all"], "_dmarc.mail.example/TXT": {"fault": "servfail"}}) as server:
        source = LiveSource([server.address])

The table is that of the adversarial set: `{"name/TYPE": answer}`. A name without a key is NXDOMAIN; one that has
another type, or lies above a key, has no data; `*.x` is a wildcard; aliases are followed as a resolver does. TXT items
are a string, a list of character-strings, or `{"b64": …}`. `{"fault": kind, "answer": …}` is one of:

    timeout servfail refused notimp formerr nxdomain nodata lame        no answer, or that one
    truncate truncate-tcp-refused truncate-partial drip                  TC, and how TCP goes on
    wrongid wrongid-then-good wrongq garbage-long malformed              octets that are no answer
    no-edns drop-edns fail-first mixed slow                              FORMERR, silence, `n` failures, `rr`, `seconds`

UDP and TCP share a port; the server runs on a thread of its own and logs every query.
"""

from __future__ import annotations

import asyncio
import base64
import random
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

_TTL = 300
_RCODES = {
    "servfail": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED,
    "notimp": dns.rcode.NOTIMP,
    "formerr": dns.rcode.FORMERR,
}
_TRUNCATING = {"truncate", "truncate-tcp-refused", "truncate-partial", "drip"}


@dataclass(frozen=True)
class Asked:
    """One query as it arrived."""

    transport: str
    name: str  # as spelled, without the final dot
    type: str
    edns: bool
    flags: int
    port: int
    id: int
    payload: int


class FaultServer:
    """The server; a context manager. `loss` is the chance that a datagram is lost, each way, by a seeded dice."""

    def __init__(
        self,
        zone: Mapping[str, Any],
        *,
        loss: float = 0.0,
        delay: float = 0.0,
        seed: int = 1,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        authenticated: bool = False,
    ) -> None:
        self.zone = {_key(key): value for key, value in zone.items() if value is not None}
        self.names = _names(self.zone)
        self.loss, self.delay = loss, delay
        self.log: list[Asked] = []
        self.connections = 0
        self.troubles: list[BaseException] = []  # defects of this server itself
        self.authenticated = authenticated
        self._dice = random.Random(seed)
        self._failed: Counter[str] = Counter()
        self._tls, self._host, self.port = tls, host, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()

    @property
    def address(self) -> str:
        """As a `LiveSource` name server."""
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}#{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert not self.troubles

    def queries(self, name: str | None = None) -> int:
        """How many queries came for a name, or in all."""
        return sum(name is None or asked.name.lower() == name for asked in self.log)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0.01))
            self._loop.close()

    async def _serve(self) -> None:
        tcp, udp = await self._bound()
        self._ready.set()
        await self._stop.wait()
        udp.close()
        tcp.close()

    async def _bound(self) -> tuple[asyncio.Server, asyncio.BaseTransport]:
        """One port for TCP and UDP. The one that the system gives for TCP may be somebody's UDP port: then another."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        for _ in range(50):
            tcp = await asyncio.start_server(self._on_connection, self._host, 0, ssl=self._tls)
            self.port = tcp.sockets[0].getsockname()[1]
            try:
                udp, _protocol = await self._loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), (self._host, self.port), family=family
                )
            except OSError:
                tcp.close()
                continue
            return tcp, udp
        raise OSError("no port is free for both TCP and UDP")

    def is_lost(self) -> bool:
        return self._dice.random() < self.loss

    # What to send back -------------------------------------------------------------------------------------------

    async def on_datagram(self, data: bytes, port: int, send: Any) -> None:
        try:
            if self.is_lost():
                return
            query = self._read(data, "udp", port)
            for wire in await self._datagrams(query):
                if not self.is_lost():
                    send(wire)
        except Exception as trouble:  # noqa: BLE001 - told when the test ends
            self.troubles.append(trouble)

    def _read(self, data: bytes, transport: str, port: int) -> dns.message.Message:
        query = dns.message.from_wire(data)
        question = query.question[0]
        self.log.append(
            Asked(
                transport,
                question.name.to_text(omit_final_dot=True),
                dns.rdatatype.to_text(question.rdtype),
                query.edns >= 0,
                int(query.flags),
                port,
                query.id,
                query.payload,
            )
        )
        return query

    async def _datagrams(self, query: dns.message.Message) -> list[bytes]:
        key, fault = self._fault(query)
        kind = str(fault.get("fault", ""))
        if kind == "timeout" or (kind == "drop-edns" and query.edns >= 0):
            return []
        if kind == "fail-first":
            self._failed[key] += 1
            if self._failed[key] <= int(fault.get("n", 1)):
                return [] if fault.get("how", "timeout") == "timeout" else [self._error(query, str(fault["how"]))]
        if kind == "no-edns" and query.edns >= 0:
            return [self._error(query, "formerr")]
        await asyncio.sleep(float(fault.get("seconds", 1.0)) if kind == "slow" else self.delay)
        if kind in _RCODES:
            return [self._error(query, kind)]
        good = self._answer(query)
        if kind in _TRUNCATING:
            return [self._truncated(good, partial=kind == "truncate-partial")]
        wire = good.to_wire(max_size=65535)
        if kind == "wrongid":
            return [_with_other_id(wire)]
        if kind == "wrongid-then-good":
            bad = self._answer(query, items=fault.get("bad", ["v=bad"]))
            return [_with_other_id(bad.to_wire()), wire]
        if kind == "wrongq":
            return [self._other_question(good)]
        if kind == "garbage-long":
            return [self._dice.randbytes(4000)]
        if kind == "malformed":
            good.use_edns(False)
            return [good.to_wire()[:-3]]
        size = query.payload if query.edns >= 0 else 512
        return [wire] if len(wire) <= size else [self._truncated(good, partial=False)]

    def _fault(self, query: dns.message.Message) -> tuple[str, Mapping[str, Any]]:
        question = query.question[0]
        owner = self._owner(_text(question.name)) or _text(question.name)
        key = f"{owner}/{dns.rdatatype.to_text(question.rdtype)}"
        held = self.zone.get(key)
        return key, held if isinstance(held, Mapping) else {}

    def _error(self, query: dns.message.Message, kind: str) -> bytes:
        response = dns.message.make_response(query, recursion_available=True)
        response.set_rcode(_RCODES[kind])
        response.use_edns(False)
        return response.to_wire()

    def _truncated(self, good: dns.message.Message, *, partial: bool) -> bytes:
        good.flags |= dns.flags.TC
        if partial:
            for rrset in good.answer:
                for rdata in list(rrset)[1:]:
                    rrset.remove(rdata)
        else:
            good.answer.clear()
        good.authority.clear()
        return good.to_wire(max_size=65535)

    def _other_question(self, good: dns.message.Message) -> bytes:
        other = dns.name.from_text("wrong.example.")
        question = good.question[0]
        good.question[0] = dns.rrset.RRset(other, question.rdclass, question.rdtype)
        return good.to_wire()

    def _answer(self, query: dns.message.Message, items: Any = None) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        if self.authenticated:
            response.flags |= dns.flags.AD
        question = query.question[0]
        record_type = dns.rdatatype.to_text(question.rdtype)
        if items is not None:
            response.answer.append(_rrset(question.name, record_type, items))
            return response
        name, seen = question.name, 0
        while seen < 20:
            owner = self._owner(_text(name))
            held = self.zone.get(f"{owner}/{record_type}")
            alias = self.zone.get(f"{owner}/CNAME")
            if held is None and alias is not None and record_type != "CNAME":
                response.answer.append(_rrset(name, "CNAME", alias))
                name, seen = response.answer[-1][0].target, seen + 1
                continue
            self._finish(response, name, record_type, owner, held)
            break
        return response

    def _finish(
        self, response: dns.message.Message, name: dns.name.Name, record_type: str, owner: str | None, held: Any
    ) -> None:
        fault = held if isinstance(held, Mapping) else {}
        kind = fault.get("fault")
        if kind == "lame":
            response.flags &= ~(dns.flags.AA | dns.flags.RA)
            response.authority.append(_rrset(name, "NS", ["ns1.elsewhere.example", "ns2.elsewhere.example"]))
            return
        if kind == "mixed":
            for mixed_type, items in fault["rr"]:
                response.answer.append(_rrset(name, mixed_type, items))
            return
        items = fault.get("answer") if fault else held
        if items and kind not in ("nxdomain", "nodata"):
            response.answer.append(_rrset(name, record_type, items))
            return
        if kind == "nxdomain" or owner is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.SOA, "ns. hostmaster. 1 7200 3600 1209600 60")
        response.authority.append(dns.rrset.from_rdata(name.parent() if len(name) > 1 else name, _TTL, soa))

    def _owner(self, name: str) -> str | None:
        if name in self.names:
            return name
        labels = name.split(".")
        for start in range(1, len(labels) + 1):
            above = ".".join(labels[start:])
            wildcard = f"*.{above}" if above else "*"
            if wildcard in self.names:
                return wildcard
            if above in self.names:
                return None
        return None

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                data = await reader.readexactly(length)
                query = self._read(data, "tcp", writer.get_extra_info("peername")[1])
                if not await self._on_stream(query, writer):
                    return
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        except Exception as trouble:  # noqa: BLE001 - told when the test ends
            self.troubles.append(trouble)
        finally:
            writer.transport.abort()

    async def _on_stream(self, query: dns.message.Message, writer: asyncio.StreamWriter) -> bool:
        """Answer one query over TCP; False closes the connection."""
        _, fault = self._fault(query)
        kind = str(fault.get("fault", ""))
        wire = self._answer(query).to_wire(max_size=65535)
        framed = len(wire).to_bytes(2, "big") + wire
        await asyncio.sleep(self.delay)
        if kind == "truncate-tcp-refused":
            return False
        if kind == "truncate-partial":
            writer.write(framed[: len(framed) // 2])
            await writer.drain()
            writer.close()
            await asyncio.sleep(0.2)
            return False
        if kind in _RCODES:
            wire = self._error(query, kind)
            framed = len(wire).to_bytes(2, "big") + wire
        if kind == "drip":
            for octet in framed:
                writer.write(bytes((octet,)))
                await asyncio.sleep(1)
        elif kind != "timeout":
            writer.write(framed)
        await writer.drain()
        return True


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: FaultServer) -> None:
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        def send(wire: bytes) -> None:
            self._transport.sendto(wire, addr)

        task = asyncio.get_running_loop().create_task(self._server.on_datagram(data, addr[1], send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _with_other_id(wire: bytes) -> bytes:
    return bytes((wire[0] ^ 0x55,)) + wire[1:]


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _key(key: str) -> str:
    name, _, record_type = key.rpartition("/")
    return f"{name.lower().removesuffix('.')}/{record_type}"


def _names(zone: Mapping[str, Any]) -> set[str]:
    names = {""}
    for key in zone:
        name = key.rpartition("/")[0]
        while name:
            names.add(name)
            name = name.partition(".")[2]
    return names


def _rrset(name: dns.name.Name, record_type: str, items: Any) -> dns.rrset.RRset:
    rdatas = [_rdata(record_type, item) for item in items]
    rrset = dns.rrset.RRset(name, dns.rdataclass.IN, rdatas[0].rdtype)
    rrset.update_ttl(_TTL)
    rrset.items = dict.fromkeys(rdatas)
    return rrset


def _rdata(record_type: str, item: Any) -> dns.rdata.Rdata:
    code = dns.rdatatype.from_text(record_type)
    if record_type in ("TXT", "SPF"):
        strings = _strings(item)
        wire = b"".join(bytes((len(part),)) + part for part in strings)
        return dns.rdata.from_wire(dns.rdataclass.IN, code, wire, 0, len(wire))
    return dns.rdata.from_text(dns.rdataclass.IN, code, str(item), origin=dns.name.root, relativize=False)


def _strings(item: Any) -> list[bytes]:
    if isinstance(item, list):
        return [part.encode() if isinstance(part, str) else base64.b64decode(part["b64"]) for part in item]
    octets = item.encode() if isinstance(item, str) else base64.b64decode(item["b64"])
    return [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
