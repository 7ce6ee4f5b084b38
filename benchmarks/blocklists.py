"""Ten addresses on 25 lists at 20 ms an answer: this library, pydnsbl, and a plain loop, on the same server.

python benchmarks/blocklists.py [SILENT …]          default 0 3: how many of the lists never answer

The server is one UDP socket on loopback that answers 20 ms after each question, in a process of its own. pydnsbl makes no
test of a list and says "listed" or nothing; the loop asks one question after the other, as most scripts do.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import aiodns
import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
from pydnsbl import DNSBLIpChecker
from pydnsbl.providers import Provider

from deliverability.dnsbl.lists import read_list
from deliverability.dnsbl.lookup import check_plan
from deliverability.sources.drive import solve_live
from deliverability.sources.live import LiveSource

DELAY = 0.020
LISTS = 25
ADDRESSES = [f"192.0.2.{n}" for n in range(1, 11)]
TIMEOUT = 5.0


class _Server(asyncio.DatagramProtocol):
    def __init__(self, silent: int, asked: Synchronized[int]) -> None:
        self._silent = tuple(f"bl{n}.example." for n in range(silent))
        self._asked = asked

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        with self._asked.get_lock():
            self._asked.value += 1
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text()
        if self._silent and name.endswith(self._silent):
            return
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name.startswith("2.0.0.127."):
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "127.0.0.2"))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        asyncio.get_running_loop().call_later(DELAY, self._transport.sendto, reply.to_wire(), addr)


def _serve(listener: socket.socket, silent: int, asked: Synchronized[int]) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: _Server(silent, asked), sock=listener)
        await asyncio.Event().wait()

    asyncio.run(run())


def ours(port: int) -> int:
    rows = [
        read_list({"id": f"bl{n}", "zone": f"bl{n}.example", "code": [{"answer": "127.0.0.2", "en": "x", "es": "x"}]})
        for n in range(LISTS)
    ]
    source = LiveSource([f"127.0.0.1#{port}"], timeout=TIMEOUT)
    listings = solve_live(check_plan([IPv4Address(a) for a in ADDRESSES], rows), source)
    return sum(one.state.value == "clear" for one in listings)


def pydnsbl(port: int) -> int:
    loop = asyncio.new_event_loop()
    checker = DNSBLIpChecker([Provider(f"bl{n}.example") for n in range(LISTS)], loop=loop)

    async def resolver() -> aiodns.DNSResolver:
        return aiodns.DNSResolver(nameservers=["127.0.0.1"], udp_port=port, timeout=TIMEOUT, tries=2)

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(checker.check_async(address) for address in ADDRESSES))

    checker._resolver = loop.run_until_complete(resolver())
    results = loop.run_until_complete(all_of_them())  # its bulk_check fails on a loop that is not the default one
    return sum(len(result.providers) - len(result.failed_providers) for result in results)


def plain_loop(port: int) -> int:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], port, TIMEOUT
    clear = 0
    for address in ADDRESSES:
        owner = ".".join(reversed(address.split(".")))
        for n in range(LISTS):
            try:
                resolver.resolve(f"{owner}.bl{n}.example", "A")
            except dns.resolver.NXDOMAIN:
                clear += 1
            except (dns.resolver.LifetimeTimeout, dns.resolver.NoNameservers):
                pass
    return clear


def measure(name: str, check: Callable[[int], int], silent: int) -> float:
    asked = multiprocessing.Value("i", 0)
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = multiprocessing.Process(target=_serve, args=(listener, silent, asked), daemon=True)
        server.start()
        time.sleep(0.5)
        started = time.perf_counter()
        clear = check(port)
        seconds = time.perf_counter() - started
        server.terminate()
        server.join()
    print(
        f"  {name:16} {seconds * 1000:9.0f} ms  {asked.value:5} questions  {clear:4} of {LISTS * len(ADDRESSES)} clear"
    )
    return seconds


def main() -> None:
    for silent in [int(word) for word in sys.argv[1:]] or [0, 3]:
        print(f"{len(ADDRESSES)} addresses, {LISTS} lists, {silent} of them silent, {DELAY * 1000:.0f} ms an answer")
        mine = measure("deliverability", ours, silent)
        theirs = measure("pydnsbl", pydnsbl, silent)
        loop = measure("plain loop", plain_loop, silent)
        print(f"  ratio: {theirs / mine:.1f} (pydnsbl), {loop / mine:.1f} (loop)")


if __name__ == "__main__":
    main()
