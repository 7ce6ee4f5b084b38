"""Plans: logic that needs answers, written as a generator that yields questions and is sent answers.

Theory of operation. A plan never waits and never knows how answers come about. It yields one of

- a `Question`, and is sent its `Answer`;
- a `Fork`, and is sent the tuple of the results of its plans, which a live driver runs side by side;
- a `Foresee`, and is sent None at once: the plans in it will probably ask what this plan is going to ask
  soon, so a live driver starts them beside it. Their results are dropped and nothing depends on them;
  a driver that knows all answers skips them.

`solve` drives a plan on answers that are known (a zone, a snapshot, a dictionary): no loop, no thread.
`deliverability.sources.drive.solve_async` drives the same plan live, one task per fork. Nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from deliverability.core.names import DomainName, reverse_name
from deliverability.core.questions import Answer, DnsQuestion, IPAddress, Question, RecordType

T = TypeVar("T")


class Fork(NamedTuple):
    """Plans to run side by side; sent back: the tuple of their results, in this order."""

    plans: tuple[Plan[Any], ...]


class Foresee(NamedTuple):
    """Plans to start beside this one because their questions will be needed; sent back: None, at once."""

    plans: tuple[Plan[Any], ...]


Plan: TypeAlias = Generator[Question | Fork | Foresee, Any, T]


@runtime_checkable
class KnownSource(Protocol):
    """A source that has its answers at hand and gives each without waiting."""

    def answer(self, question: Question, /) -> Answer:
        """The answer; never raises. A question it knows nothing about is `Failed(OFFLINE)`."""
        ...


@runtime_checkable
class LiveSourceLike(Protocol):
    """A source that has to wait for its answers."""

    async def ask(self, question: Question, /) -> Answer:
        """The answer; never raises for what the world does."""
        ...


Source: TypeAlias = KnownSource | LiveSourceLike


def solve(plan: Plan[T], source: KnownSource) -> T:
    """Drive `plan` with answers that are known, in order, and return its result."""
    answer = source.answer
    send = plan.send
    try:
        request = next(plan)
        while True:
            if type(request) is DnsQuestion:
                request = send(answer(request))
            elif type(request) is Fork:
                request = send(tuple([solve(branch, source) for branch in request.plans]))
            elif type(request) is Foresee:
                close(request.plans)
                request = send(None)
            else:
                raise TypeError(f"a plan yielded {type(request).__name__}, which is no question")
    except StopIteration as stop:
        result: T = stop.value
        return result


def close(plans: Iterable[Plan[Any]]) -> None:
    """End plans that will not be run."""
    for plan in plans:
        plan.close()


def gather(*plans: Plan[T]) -> Plan[tuple[T, ...]]:
    """The results of all plans, run side by side where the source can."""
    if not plans:
        return ()
    results: tuple[T, ...] = yield Fork(plans)
    return results


def foresee(*plans: Plan[Any]) -> Plan[None]:
    """Let the driver start `plans` now because what they ask will be needed soon; goes on at once."""
    if plans:
        yield Foresee(plans)


def done(value: T) -> Plan[T]:
    """A plan that asks nothing and returns `value`, for the branch of a `gather` that needs no question."""
    yield from ()
    return value


def ask(
    name: DomainName, record_type: RecordType, *, checking_disabled: bool = False, server: IPAddress | None = None
) -> Plan[Answer]:
    """The answer to one DNS question."""
    answer: Answer = yield DnsQuestion(name, record_type, checking_disabled, server)
    return answer


def ask_txt(name: DomainName) -> Plan[Answer]:
    """TXT records: `Found.records` are tuples of character-strings."""
    return ask(name, "TXT")


def ask_mx(name: DomainName) -> Plan[Answer]:
    """MX records: `Found.records` are `MxRecord`s."""
    return ask(name, "MX")


def ask_addresses(name: DomainName) -> Plan[tuple[Answer, Answer]]:
    """The answers for A and for AAAA, asked side by side."""
    both = yield from gather(ask(name, "A"), ask(name, "AAAA"))
    return both[0], both[1]


def ask_ptr(address: IPAddress) -> Plan[Answer]:
    """PTR records of an address: `Found.records` are names."""
    return ask(reverse_name(address), "PTR")
