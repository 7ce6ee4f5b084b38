"""Drive plans live: one task for each fork, and a bridge for callers that cannot await.

Theory of operation. A plan (core/plan.py) yields requests and does not care how long an answer takes. `solve_async`
walks it: a question is awaited, a fork becomes one task for each branch, and a forecast becomes tasks whose results
nobody reads (the session keeps the answers, so that the plan finds them ready when it asks). When the plan has ended,
what was only foreseen is cancelled.

A `Session` stands between the plan and a live source for the length of one audit. It puts every different question
once, so an audit never sees two answers to one question, and it ends the audit's spending: past
`Limits.audit_questions` different questions, or `Limits.audit_seconds` seconds, the answer is `Failed(BUDGET)`.

`solve_live` is for plain functions. It hands the plan to one private loop on a daemon thread and waits, so it works
the same in a script, in a thread and in a notebook whose own loop is running.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeAlias, TypeVar, cast, runtime_checkable

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import Foresee, Fork, KnownSource, LiveSourceLike, Plan, Source, solve
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Question

T = TypeVar("T")
_Ask: TypeAlias = Callable[[Question], Awaitable[Answer]]
_Tasks: TypeAlias = "set[asyncio.Task[Any]]"

#: Seconds between two looks at the keyboard while `solve_live` waits (a lock's wait is deaf on some systems).
_ATTENTION = 1.0


async def solve_async(plan: Plan[T], source: Source | None = None, *, limits: Limits = DEFAULT_LIMITS) -> T:
    """The result of `plan`, driven on `source`; forks run side by side. None is a new `LiveSource()`.

    Raises what the plan raises. On answers that are the same, the result is that of `core.plan.solve`.
    """
    if isinstance(source, KnownSource):
        return solve(plan, source)
    if source is not None:
        return await _solve_session(plan, source, limits)
    from deliverability.sources.live import LiveSource  # noqa: PLC0415 - dnspython only where DNS is really asked

    default = LiveSource(limits=limits)
    try:
        return await _solve_session(plan, default, limits)
    finally:
        await default.aclose()


async def _solve_session(plan: Plan[T], source: LiveSourceLike, limits: Limits) -> T:
    session = Session(source, limits)
    foreseen: _Tasks = set()
    try:
        return await _drive(plan, session.ask, foreseen)
    finally:
        await _end(foreseen)
        await session.aclose()


async def _drive(plan: Plan[T], ask: _Ask, foreseen: _Tasks) -> T:
    """Walk one plan; whatever its end, the generator is closed."""
    send = plan.send
    try:
        request: Any = next(plan)
        while True:
            if isinstance(request, DnsQuestion):
                request = send(await ask(request))
            elif isinstance(request, Fork):
                request = send(await _side_by_side(request, ask, foreseen))
            elif isinstance(request, Foresee):
                foreseen.update(asyncio.create_task(_drive(branch, ask, foreseen)) for branch in request.plans)
                request = send(None)
            else:
                raise TypeError(f"a plan yielded {type(request).__name__}, which is no question")
    except StopIteration as stop:
        return cast(T, stop.value)
    finally:
        plan.close()


async def _side_by_side(fork: Fork, ask: _Ask, foreseen: _Tasks) -> tuple[Any, ...]:
    """The results of a fork's plans in their order; the first exception ends the others and is raised."""
    if len(fork.plans) == 1:
        return (await _drive(fork.plans[0], ask, foreseen),)
    tasks = [asyncio.create_task(_drive(branch, ask, foreseen)) for branch in fork.plans]
    try:
        return tuple(await asyncio.gather(*tasks))
    except BaseException:
        await _end(set(tasks))
        raise


async def _end(tasks: _Tasks) -> None:
    """Cancel tasks and see them out; what they raise is dropped. Ended tasks may have started others meanwhile."""
    while tasks:
        ending = list(tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        tasks.difference_update(ending)


@runtime_checkable
class Remembers(Protocol):
    """A source that keeps what an audit was told."""

    def remember(self, question: Question, answer: Answer, /) -> None:
        """Keep an answer that did not come from the source."""
        ...


class Session:
    """One audit's view of a live source: each different question once, within the audit's limits."""

    def __init__(self, source: LiveSourceLike, limits: Limits = DEFAULT_LIMITS) -> None:
        self._source = source
        self._limits = limits
        self._tasks: dict[Question, asyncio.Task[Answer]] = {}
        self._expired = False
        self._alarm: asyncio.TimerHandle | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer, the same one each time in this session."""
        task = self._tasks.get(question)
        if task is None:
            refusal = self._refusal()
            if refusal is not None:
                return self._remembered(question, refusal)
            task = self._tasks[question] = asyncio.create_task(self._ask(question))
        # A branch that is cancelled must not take the answer away from another that waits for it.
        return await asyncio.shield(task)

    def _refusal(self) -> Failed | None:
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(self._limits.audit_seconds, self._expire)
        if self._expired:
            return self._out_of_time()
        if len(self._tasks) >= self._limits.audit_questions:
            return Failed(FailureKind.BUDGET, f"the audit's {self._limits.audit_questions} questions are spent")
        return None

    def _out_of_time(self) -> Failed:
        return Failed(FailureKind.BUDGET, f"the audit's {self._limits.audit_seconds:g} seconds are over")

    async def _ask(self, question: Question) -> Answer:
        try:
            return await self._source.ask(question)
        except asyncio.CancelledError:
            if self._expired:
                return self._remembered(question, self._out_of_time())
            raise

    def _remembered(self, question: Question, answer: Failed) -> Failed:
        """An answer that the source never saw; a recorder has to know it, or the audit could not be repeated."""
        if isinstance(self._source, Remembers):
            self._source.remember(question, answer)
        return answer

    def _expire(self) -> None:
        self._expired = True
        for task in self._tasks.values():
            task.cancel()

    async def aclose(self) -> None:
        """Stop the clock and the questions nobody waits for any more."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._expired = False
        await _end(set(self._tasks.values()))


def solve_live(plan: Plan[T], source: Source | None = None, *, limits: Limits = DEFAULT_LIMITS) -> T:
    """The result of `plan` on a source that has to wait, for callers that cannot await; blocks until it is there.

    Works while an event loop runs in the calling thread. Interrupting it (Ctrl-C) cancels the questions under way.
    """
    if isinstance(source, KnownSource):
        return solve(plan, source)
    return loop_thread().run(solve_async(plan, source, limits=limits))


class LoopThread:
    """An event loop on a daemon thread of its own, started when first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the loop and wait for its result."""
        loop = self._started()
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("a plan may not wait for another plan; yield from it instead")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        with _cancelled_on_interrupt(future):
            while not future.done():
                concurrent.futures.wait((future,), timeout=_ATTENTION)
            return future.result()

    def start(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `work` on the loop; the future is for the calling thread."""
        return asyncio.run_coroutine_threadsafe(work, self._started())

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="deliverability-questions", daemon=True
                )
                self._thread.start()
            return self._loop

    def stop(self) -> None:
        """Stop the loop and its thread; a later `run` starts new ones."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


@contextlib.contextmanager
def _cancelled_on_interrupt(future: concurrent.futures.Future[Any]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        future.cancel()
        raise


def loop_thread() -> LoopThread:
    """The loop thread of this process. It holds no answers and no settings, only a place to wait."""
    return _loop_thread_of(os.getpid())


@functools.cache
def _loop_thread_of(_process: int) -> LoopThread:
    # A thread does not survive a fork, so a child process gets its own.
    return LoopThread()
