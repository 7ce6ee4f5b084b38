"""The live source without a network: what it keeps, what it joins, what it holds back, and how it is configured."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.limits import Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import LiveSourceLike, ask_txt, gather
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, NoData, NoName
from deliverability.sources.dns import Resolver, parse_nameserver, system_nameservers
from deliverability.sources.drive import solve_live
from deliverability.sources.live import AnswerCache, LiveSource, TokenBucket

QUESTION = DnsQuestion(DomainName("empresa.example"), "TXT")
FOUND = Found(((b"v=spf1 -all",),), 300)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Upstream:
    """In place of the resolver: counts, waits, answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Answer = FOUND, delay: float = 0.01) -> None:
        self.asked: list[DnsQuestion] = []
        self.answer = answer
        self.delay = delay
        self.running = self.most = self.cancelled = 0

        async def resolve(_: Resolver, question: DnsQuestion) -> Answer:
            self.asked.append(question)
            self.running += 1
            self.most = max(self.most, self.running)
            try:
                await asyncio.sleep(self.delay)
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            finally:
                self.running -= 1
            return self.answer

        monkeypatch.setattr(Resolver, "resolve", resolve)


def question(number: int) -> DnsQuestion:
    return DnsQuestion(DomainName(f"n{number}.example"), "TXT")


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (FOUND, 300),
        (NoData(60), 60),
        (NoName(60), 60),
        (Found(FOUND.records, 10**6), 3600),
        (Failed(FailureKind.SERVFAIL), 5),
    ],
)
def test_answers_are_kept_for_their_time(monkeypatch: pytest.MonkeyPatch, answer: Answer, seconds: float) -> None:
    clock, upstream = Clock(), Upstream(monkeypatch, answer)
    source = LiveSource("127.0.0.1", clock=clock)

    async def ask_at(seconds_later: float) -> Answer:
        clock.now = 1000 + seconds_later
        return await source.ask(QUESTION)

    assert asyncio.run(ask_at(0)) == asyncio.run(ask_at(seconds - 0.1)) == answer
    assert len(upstream.asked) == 1
    asyncio.run(ask_at(seconds))
    assert len(upstream.asked) == 2
    source.clear()
    asyncio.run(ask_at(seconds))
    assert len(upstream.asked) == 3


def test_a_ttl_of_zero_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(monkeypatch, Found(FOUND.records, 0))
    source = LiveSource("127.0.0.1")
    asyncio.run(source.ask(QUESTION))
    asyncio.run(source.ask(QUESTION))

    assert len(upstream.asked) == 2


def test_the_cache_is_bounded_and_forgets_the_least_used() -> None:
    cache = AnswerCache(3, Clock())
    for number in range(3):
        cache.put(question(number), FOUND)
    assert cache.get(question(0)) == FOUND
    cache.put(question(3), FOUND)

    assert len(cache) == 3
    assert cache.get(question(1)) is None
    assert cache.get(question(0)) == cache.get(question(3)) == FOUND


def test_two_sources_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache without the servers in its key would give the second source the first one's answer."""
    upstream = Upstream(monkeypatch)
    asyncio.run(LiveSource("127.0.0.1").ask(QUESTION))
    upstream.answer = NoName(60)

    assert asyncio.run(LiveSource("127.0.0.2").ask(QUESTION)) == NoName(60)


def test_a_question_under_way_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(monkeypatch)
    source = LiveSource("127.0.0.1")

    async def scene() -> list[Answer]:
        return await asyncio.gather(*(source.ask(QUESTION) for _ in range(20)))

    assert asyncio.run(scene()) == [FOUND] * 20
    assert len(upstream.asked) == 1


def test_a_joined_question_ends_with_its_last_asker(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(monkeypatch, delay=30)
    source = LiveSource("127.0.0.1")

    async def scene() -> None:
        first, second = (asyncio.create_task(source.ask(QUESTION)) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0.01)
        assert upstream.running == 1
        second.cancel()
        await asyncio.sleep(0.01)
        assert upstream.running == 0
        upstream.delay = 0
        assert await source.ask(QUESTION) == FOUND

    asyncio.run(scene())
    assert upstream.cancelled == 1


def test_only_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(monkeypatch)
    source = LiveSource("127.0.0.1", concurrency=4)
    solve_live(gather(*(ask_txt(question(number).name) for number in range(30))), source)

    assert upstream.most == 4
    assert len(upstream.asked) == 30


def test_only_so_many_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = Clock()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    bucket = TokenBucket(10, clock)
    monkeypatch.setattr("deliverability.sources.live.asyncio.sleep", sleep)
    for _ in range(15):
        asyncio.run(bucket.take())
    assert [round(seconds, 3) for seconds in slept] == [0.1, 0.2, 0.3, 0.4, 0.5]
    clock.now += 2
    assert bucket.delay() == 0
    assert TokenBucket(0).delay() == 0


def test_one_source_serves_several_loops_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(monkeypatch)
    source = LiveSource("127.0.0.1")
    got: list[Answer] = []
    threads = [
        threading.Thread(target=lambda n=number: got.append(asyncio.run(source.ask(question(n % 3)))))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got.append(solve_live(ask_txt(QUESTION.name), source))

    assert got == [FOUND] * 13
    assert len(upstream.asked) <= 13
    source.close()
    gc.collect()


def test_questions_under_way_end_when_the_source_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = Upstream(monkeypatch, delay=30)

    async def scene() -> None:
        async with LiveSource("127.0.0.1") as source:
            waiting = asyncio.create_task(source.ask(QUESTION))
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(scene())
    assert upstream.cancelled == 1


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "tls_name"),
    [
        ("192.0.2.53", "dns", "192.0.2.53", 53, None),
        (" 192.0.2.53#5353 ", "dns", "192.0.2.53", 5353, None),
        ("192.0.2.53:5353", "dns", "192.0.2.53", 5353, None),
        ("2001:db8::53", "dns", "2001:db8::53", 53, None),
        ("2001:db8::53#5353", "dns", "2001:db8::53", 5353, None),
        ("[2001:db8::53]", "dns", "2001:db8::53", 53, None),
        ("[2001:db8::53]:5353", "dns", "2001:db8::53", 5353, None),
        ("tls://dns.example", "tls", "dns.example", 853, None),
        ("tls://192.0.2.53:8853#DNS.example", "tls", "192.0.2.53", 8853, "dns.example"),
        ("tls://[2001:db8::53]#dns.example", "tls", "2001:db8::53", 853, "dns.example"),
        ("https://dns.example/dns-query", "https", "dns.example", 443, None),
        ("https://192.0.2.53:8443/q?x=1", "https", "192.0.2.53", 8443, None),
    ],
)
def test_name_servers_as_people_write_them(text: str, scheme: str, host: str, port: int, tls_name: str | None) -> None:
    read = parse_nameserver(text)

    assert (read.scheme, read.host, read.port, read.tls_name) == (scheme, host, port, tls_name)


@pytest.mark.parametrize(
    "text",
    [
        "", "dns.example", "192.0.2", "192.0.2.53#", "192.0.2.53#0", "192.0.2.53#65536", "192.0.2.53#5x", "192.0.2.53:99999999999",
        "[2001:db8::53", "[2001:db8::53]5353", "tls://", "tls://a b", "tls://dns.example#no name", "https://", "https:///q",
        "https://user:pw@dns.example/", "https://dns.example/\x1b", "http://dns.example/q", "192.0.2.53 192.0.2.54", "tls://1.2.3",
        "https://[::1/q", "https://dns.example:x/q",
    ],
)  # fmt: skip
def test_what_is_no_name_server(text: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        LiveSource([text])

    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"timeout": 0}, {"timeout": -1}, {"timeout": 10**9}, {"retries": -1}, {"concurrency": 0}, {"cache_size": -1}],
)
def test_settings_without_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfiguration):
        LiveSource("127.0.0.1", **options)


def test_timeout_and_retries_are_limits() -> None:
    source = LiveSource("127.0.0.1", timeout=2, retries=0, limits=Limits(audit_questions=7))

    assert (source.limits.dns_question_timeout, source.limits.dns_tries, source.limits.audit_questions) == (2.0, 1, 7)
    assert LiveSource("127.0.0.1").limits == Limits()
    assert isinstance(source, LiveSourceLike)


def test_the_servers_of_the_system(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(
        "# made by hand\nsearch empresa.example\nnameserver 192.0.2.1\nnameserver\tnonsense\nnameserver fe80::1%eth0\n"
        "options edns0\nnameserver 192.0.2.3 ; x\nnameserver 192.0.2.4\n"
    )

    assert [server.host for server in system_nameservers(file)] == ["192.0.2.1", "fe80::1%eth0", "192.0.2.3"]
    assert [server.host for server in system_nameservers(tmp_path / "absent")] == ["127.0.0.1"]
    assert LiveSource("127.0.0.1#5353").nameservers == ("127.0.0.1#5353",)


def test_importing_the_sources_loads_neither_dnspython_nor_httpx() -> None:
    code = (
        "import sys, deliverability.sources.live, deliverability.sources.zone, deliverability.sources.snapshot, "
        "deliverability.sources.overlay, deliverability.sources.https; "
        "print([m for m in ('dns', 'httpx', 'ssl') if m in sys.modules and m != 'ssl'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
