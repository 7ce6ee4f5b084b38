"""Questions a second and CPU a question: LiveSource beside dnspython's resolver, against nsd on loopback.

python benchmarks/dns_source.py [QUESTIONS]        default 4000; half of them have an answer, half are NXDOMAIN

CPU is that of this process alone; nsd has the other core.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import dns.asyncquery
import dns.asyncresolver
import dns.message
import dns.resolver

from deliverability.core.names import DomainName
from deliverability.core.questions import DnsQuestion
from deliverability.sources.live import LiveSource
from tests.support.nameservers import nsd

IN_FLIGHT = (1, 64, 512)
RUNS = 3
Ask = Callable[[str], Awaitable[object]]


def zone(names: int) -> str:
    records = "".join(
        f'h{n} TXT "v=spf1 include:_spf.h{n}.provider.test ip4:192.0.2.{n % 250} -all"\n' for n in range(names)
    )
    return f"$ORIGIN bench.example.\n$TTL 3600\n@ SOA ns1 hostmaster 1 2 3 4 60\n@ NS ns1\nns1 A 127.0.0.1\n{records}"


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def drive(ask: Ask, names: list[str], in_flight: int) -> None:
    pending = iter(names)

    async def worker() -> None:
        for name in pending:
            await ask(name)

    await asyncio.gather(*(worker() for _ in range(in_flight)))


async def live_source(port: int, names: list[str], in_flight: int) -> None:
    async with LiveSource([f"127.0.0.1#{port}"], concurrency=in_flight) as source:
        await drive(lambda name: source.ask(DnsQuestion(DomainName(name), "TXT")), names, in_flight)


async def async_resolver(port: int, names: list[str], in_flight: int) -> None:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port

    async def ask(name: str) -> object:
        try:
            return await resolver.resolve(name, "TXT")
        except dns.resolver.NXDOMAIN:
            return None

    await drive(ask, names, in_flight)


async def async_query(port: int, names: list[str], in_flight: int) -> None:
    async def ask(name: str) -> object:
        return await dns.asyncquery.udp(
            dns.message.make_query(name, "TXT", use_edns=0), "127.0.0.1", port=port, timeout=5
        )

    await drive(ask, names, in_flight)


def main() -> None:
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    names = [f"{'h' if n % 2 else 'x'}{n}.bench.example" for n in range(questions)]
    clients = {
        "LiveSource": live_source,
        "dnspython asyncresolver": async_resolver,
        "dnspython asyncquery.udp": async_query,
    }
    with tempfile.TemporaryDirectory() as folder, nsd(Path(folder), {"bench.example": zone(questions)}) as port:
        print(f"{'client':26}{'in flight':>10}{'questions/s':>13}{'us CPU a question':>19}")
        for in_flight in IN_FLIGHT:
            for name, client in clients.items():
                best_wall = best_cpu = float("inf")
                for _ in range(RUNS):
                    wall, used = time.perf_counter(), cpu()
                    asyncio.run(client(port, names, in_flight))
                    best_wall = min(best_wall, time.perf_counter() - wall)
                    best_cpu = min(best_cpu, cpu() - used)
                print(f"{name:26}{in_flight:>10}{questions / best_wall:>13,.0f}{best_cpu / questions * 1e6:>19.0f}")


if __name__ == "__main__":
    main()
