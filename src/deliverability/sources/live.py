"""The live DNS as a source: every question once, answers kept for their TTL, never more at a time than allowed.

Theory of operation. `LiveSource.ask` looks into the cache, then for the same question under way, and only then sends.
What is under way is a task of its own that all askers wait for; it is cancelled when the last of them has gone.
Answers live in one bounded cache for as long as their TTL says, absences as RFC 2308 §5 says, and failures for a few
seconds, so that a dead server does not cost every domain of a list its full wait (RFC 9520 §3.2).

The cache belongs to the source and outlives event loops; sockets, connections and waiting belong to the loop in which
they came up. So one source may serve a notebook's loop and the private loop of the plain functions at once.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Self

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.questions import Answer, Failed, Question
from deliverability.sources.dns import Nameserver, Resolver, parse_nameserver, system_nameservers
from deliverability.sources.drive import loop_thread
from deliverability.sources.guard import GUARD

if TYPE_CHECKING:
    import ssl

#: Seconds a failure is remembered: at least one, at most five minutes (RFC 9520 §3.2).
FAILURE_SECONDS = 5.0
#: The longest that an answer is kept, seconds, whatever its TTL: a mended record should be seen the same day.
LONGEST_SECONDS = 3600.0
CACHED_ANSWERS = 10_000
#: Questions under way at a time; each may hold a socket.
CONCURRENT_QUESTIONS = 200


class LiveSource:
    """Answers from DNS servers.

    `nameservers` are those of `sources.dns.parse_nameserver` (plain, `tls://`, `https://`), asked in their order; none
    given means those of the system, read when first needed. `timeout` is seconds for one question in all, `retries`
    the tries after the first (over UDP each try may send its datagram twice); both default to `limits`, which say 5 and
    2. `tcp_only` asks plain servers over one lasting TCP connection. `tls` replaces the system's trust for encrypted
    DNS. `direct_port` is where a name server listens that a question wants to ask itself.
    Raises `InvalidConfiguration` for settings that make no sense; the world's trouble comes back as `Failed`.
    """

    def __init__(  # noqa: PLR0913 - settings, given by keyword
        self,
        nameservers: Sequence[str] | str = (),
        *,
        timeout: float | None = None,
        retries: int | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tcp_only: bool = False,
        tls: ssl.SSLContext | None = None,
        concurrency: int = CONCURRENT_QUESTIONS,
        cache_size: int = CACHED_ANSWERS,
        clock: Callable[[], float] = time.monotonic,
        direct_port: int = 53,
    ) -> None:
        names = (nameservers,) if isinstance(nameservers, str) else tuple(nameservers)
        self._nameservers: tuple[Nameserver, ...] = tuple(parse_nameserver(name) for name in names)
        self._on_loopback = bool(names) and all(_is_loopback(server.host) for server in self._nameservers)
        self.limits = _limits_with(limits, timeout, retries)
        if concurrency < 1 or cache_size < 0:
            raise InvalidConfiguration("concurrency must be at least 1 and cache_size at least 0")
        self._tcp_only = tcp_only
        self._tls = tls
        self._concurrency = concurrency
        self._direct_port = direct_port
        self._cache = AnswerCache(cache_size, clock)
        self._bucket = TokenBucket(self.limits.questions_per_second, clock)
        self._lock = threading.Lock()
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopState] = weakref.WeakKeyDictionary()

    async def ask(self, question: Question) -> Answer:
        """The answer, from the cache where it is fresh. Trouble of any kind is a `Failed`."""
        if GUARD.refuse is not None and not self._stays_here(question):
            return GUARD.refuse(question)
        cached = self._cache.get(question)
        if cached is not None:
            return cached
        state = self._state()
        flight = state.flights.get(question)
        if flight is None:
            flight = state.flights[question] = _Flight(asyncio.create_task(self._resolve(question, state)))
            flight.task.add_done_callback(lambda _: state.landed(question, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                state.landed(question, flight)
                flight.task.cancel()

    def _stays_here(self, question: Question) -> bool:
        """Whether it goes to a server on loopback that the caller named; the system's own may be a way out."""
        return self._on_loopback if question.server is None else question.server.is_loopback

    async def _resolve(self, question: Question, state: _LoopState) -> Answer:
        async with state.places:
            await self._bucket.take()
            answer = await state.resolver.resolve(question)
        self._cache.put(question, answer)
        return answer

    def _state(self) -> _LoopState:
        loop = asyncio.get_running_loop()
        state = self._loops.get(loop)
        if state is None:
            with self._lock:
                self._nameservers = self._nameservers or system_nameservers()
                resolver = Resolver(
                    self._nameservers,
                    limits=self.limits,
                    tcp_only=self._tcp_only,
                    tls=self._tls,
                    direct_port=self._direct_port,
                )
                state = self._loops[loop] = _LoopState(resolver, asyncio.Semaphore(self._concurrency))
        return state

    @property
    def nameservers(self) -> tuple[str, ...]:
        """The name servers as they were configured, or as the system has them."""
        with self._lock:
            self._nameservers = self._nameservers or system_nameservers()
        return tuple(nameserver.text for nameserver in self._nameservers)

    def clear(self) -> None:
        """Forget every answer."""
        self._cache.clear()

    async def aclose(self) -> None:
        """Close the connections opened in the running loop. The source can be used again."""
        state = self._loops.pop(asyncio.get_running_loop(), None)
        if state is not None:
            flights = [flight.task for flight in state.flights.values()]
            for task in flights:
                task.cancel()
            await asyncio.gather(*flights, return_exceptions=True)
            await state.resolver.aclose()

    def close(self) -> None:
        """Close the connections that plain (not awaited) calls opened. The source can be used again."""
        loop_thread().run(self.aclose())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"LiveSource({[nameserver.text for nameserver in self._nameservers]})"


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _limits_with(limits: Limits, timeout: float | None, retries: int | None) -> Limits:
    if timeout is not None:
        if not 0 < timeout < 3600:
            raise InvalidConfiguration(f"timeout must lie between 0 and 3600 seconds, not {timeout}")
        limits = replace(limits, dns_question_timeout=float(timeout))
    if retries is not None:
        if not 0 <= retries <= 100:
            raise InvalidConfiguration(f"retries must lie between 0 and 100, not {retries}")
        limits = replace(limits, dns_tries=retries + 1)
    return limits


@dataclass(slots=True)
class _Flight:
    """A question under way and how many wait for it."""

    task: asyncio.Task[Answer]
    waiting: int = 0


@dataclass(slots=True, weakref_slot=True)
class _LoopState:
    """What belongs to one event loop."""

    resolver: Resolver
    places: asyncio.Semaphore
    flights: dict[Question, _Flight] = field(default_factory=dict)

    def landed(self, question: Question, flight: _Flight) -> None:
        """Nobody may join this flight any more."""
        if self.flights.get(question) is flight:
            del self.flights[question]


class AnswerCache:
    """Answers for as long as they may be kept; the least recently used goes first. Safe for threads."""

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._clock = clock
        self._held: OrderedDict[Question, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Question) -> Answer | None:
        """The answer while it is fresh, with the TTL it came with."""
        with self._lock:
            held = self._held.get(question)
            if held is None:
                return None
            until, answer = held
            if self._clock() >= until:
                del self._held[question]
                return None
            self._held.move_to_end(question)
            return answer

    def put(self, question: Question, answer: Answer) -> None:
        """Keep an answer; one with a TTL of 0 is not kept (RFC 1035 §3.2.1)."""
        seconds = FAILURE_SECONDS if isinstance(answer, Failed) else min(float(answer.ttl), LONGEST_SECONDS)
        if seconds <= 0:
            return
        with self._lock:
            self._held[question] = (self._clock() + seconds, answer)
            self._held.move_to_end(question)
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()

    def __len__(self) -> int:
        return len(self._held)


class TokenBucket:
    """No more than `rate` in a second, after a first burst of one second's worth; a rate of 0 is no bound."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._tokens = max(rate, 1.0)
        self._at = clock()
        self._lock = threading.Lock()

    def delay(self) -> float:
        """Take one token; the seconds to wait until it is there."""
        if self._rate <= 0:
            return 0.0
        with self._lock:
            now = self._clock()
            self._tokens = min(self._tokens + (now - self._at) * self._rate, max(self._rate, 1.0)) - 1
            self._at = now
            return max(-self._tokens / self._rate, 0.0)

    async def take(self) -> None:
        """Wait for a token."""
        delay = self.delay()
        if delay > 0:
            await asyncio.sleep(delay)
