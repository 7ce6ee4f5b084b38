"""Both drivers give the same result on the same answers, and the live one keeps its limits."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverability.core.limits import Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import Fork, Plan, ask, ask_txt, done, foresee, gather, solve
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, Question
from deliverability.sources.drive import LoopThread, Session, loop_thread, solve_async, solve_live
from deliverability.sources.table import TableSource
from tests.support.virtual_clock import run_virtually

NAMES = [DomainName(f"n{number}.example") for number in range(12)]
TABLE = TableSource({f"{name}/TXT": [f"text of {name}"] for name in NAMES[:8]})


class Delayed:
    """A known source behind a wait, with a count of what it was asked."""

    def __init__(self, below: TableSource, delay: Callable[[Question], float] = lambda _: 0.0) -> None:
        self.below = below
        self.delay = delay
        self.asked: Counter[Question] = Counter()
        self.cancelled = 0

    async def ask(self, question: Question) -> Answer:
        self.asked[question] += 1
        try:
            await asyncio.sleep(self.delay(question))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.below.answer(question)


# A random plan: a tree whose leaves ask, and whose branches run in order, side by side, or after a forecast.
TREES = st.recursive(
    st.sampled_from(range(12)),
    lambda inner: st.tuples(st.sampled_from(["then", "fork", "foresee", "choose"]), st.lists(inner, max_size=4)),
    max_leaves=25,
)


def plan_of(tree: Any) -> Plan[Any]:
    if isinstance(tree, int):
        return (yield from ask_txt(NAMES[tree]))
    how, parts = tree
    if how == "fork":
        return (yield from gather(*(plan_of(part) for part in parts)))
    if how == "foresee":
        yield from foresee(*(plan_of(part) for part in parts))
        return how
    results = []
    for part in parts:
        results.append((yield from plan_of(part)))
        if how == "choose" and isinstance(results[-1], Found):
            break
    return tuple(results)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES, st.randoms(use_true_random=False))
def test_both_drivers_give_the_same_result(tree: Any, random: Any) -> None:
    known = solve(plan_of(tree), TABLE)

    live = Delayed(TABLE, lambda _: random.choice([0.0, 0.0, 0.001]))

    assert asyncio.run(solve_async(plan_of(tree), live)) == known
    assert asyncio.run(solve_async(plan_of(tree), TABLE)) == known
    assert solve_live(plan_of(tree), live) == known
    assert solve_live(plan_of(tree), TABLE) == known


def test_a_fork_waits_for_the_slowest_branch_only() -> None:
    live = Delayed(TABLE, lambda question: 2.0 if question.name == NAMES[0] else 1.0)

    _, seconds = run_virtually(solve_async(gather(*(ask_txt(name) for name in NAMES)), live))

    assert seconds == pytest.approx(2)  # one after another it would be 13


def test_what_was_foreseen_is_ready_when_it_is_asked() -> None:
    live = Delayed(TABLE, lambda _: 1.0)

    def plan() -> Plan[Answer]:
        yield from foresee(ask_txt(NAMES[1]))
        yield from ask_txt(NAMES[0])
        return (yield from ask_txt(NAMES[1]))

    answer, seconds = run_virtually(solve_async(plan(), live))

    assert seconds == pytest.approx(1)  # not 2
    assert answer == TABLE.answer(DnsQuestion(NAMES[1], "TXT"))
    assert live.asked == {DnsQuestion(NAMES[0], "TXT"): 1, DnsQuestion(NAMES[1], "TXT"): 1}


def test_what_was_foreseen_in_vain_is_cancelled_and_its_trouble_ignored() -> None:
    live = Delayed(TABLE, lambda question: 60.0 if question.name == NAMES[1] else 0.01)

    def broken() -> Plan[Answer]:
        yield from ask_txt(NAMES[2])
        raise ValueError("nobody hears this")

    def plan() -> Plan[Answer]:
        yield from foresee(ask_txt(NAMES[1]), broken())
        yield from ask_txt(NAMES[0])
        return (yield from ask_txt(NAMES[3]))

    answer, seconds = run_virtually(solve_async(plan(), live))

    assert isinstance(answer, Found)
    assert live.cancelled == 1
    assert seconds < 1


def test_a_question_is_put_once_in_an_audit() -> None:
    live = Delayed(TABLE, lambda _: 0.01)

    def plan() -> Plan[Any]:
        both = yield from gather(*(ask_txt(NAMES[0]) for _ in range(5)))
        again = yield from ask_txt(NAMES[0])
        return (*both, again)

    answers = asyncio.run(solve_async(plan(), live))

    assert len(set(answers)) == 1
    assert live.asked == {DnsQuestion(NAMES[0], "TXT"): 1}


def test_exceptions_of_a_branch_come_out_and_end_its_siblings() -> None:
    live = Delayed(TABLE, lambda question: 60.0 if question.name == NAMES[1] else 0.0)

    def broken() -> Plan[Answer]:
        yield from ask_txt(NAMES[0])
        raise ValueError("a defect of the plan")

    with pytest.raises(ValueError, match="a defect of the plan"):
        asyncio.run(solve_async(gather(ask_txt(NAMES[1]), broken()), live))
    assert live.cancelled == 1


def test_a_yield_that_is_no_question_is_an_error_in_both_drivers() -> None:
    def plan() -> Plan[None]:
        yield "_dmarc.empresa.example"  # type: ignore[misc]

    with pytest.raises(TypeError, match="no question"):
        solve(plan(), TABLE)
    with pytest.raises(TypeError, match="no question"):
        asyncio.run(solve_async(plan(), Delayed(TABLE)))


def test_past_the_limit_of_questions_the_answer_is_budget() -> None:
    live = Delayed(TABLE)
    plan = gather(*(ask_txt(name) for name in [*NAMES[:8], NAMES[0]]))

    answers = asyncio.run(solve_async(plan, live, limits=Limits(audit_questions=5)))

    assert [isinstance(answer, Found) for answer in answers] == [True] * 5 + [False] * 3 + [True]
    assert {answer.kind for answer in answers if isinstance(answer, Failed)} == {FailureKind.BUDGET}
    assert len(live.asked) == 5


def test_when_the_seconds_are_over_the_answers_are_budget() -> None:
    live = Delayed(TABLE, lambda question: 0.0 if question.name == NAMES[0] else 60.0)

    def plan() -> Plan[Any]:
        first = yield from gather(ask_txt(NAMES[0]), ask_txt(NAMES[1]))
        late = yield from ask_txt(NAMES[2])
        known = yield from ask_txt(NAMES[0])
        return (*first, late, known)

    (first, cut, late, known), seconds = run_virtually(solve_async(plan(), live, limits=Limits(audit_seconds=0.2)))

    assert seconds < 1
    assert isinstance(first, Found)
    assert first == known
    assert cut == late == Failed(FailureKind.BUDGET, "the audit's 0.2 seconds are over")


def test_a_plain_call_works_while_a_loop_is_running() -> None:
    async def notebook() -> Any:
        return solve_live(ask_txt(NAMES[0]), Delayed(TABLE, lambda _: 0.01))

    assert asyncio.run(notebook()) == TABLE.answer(DnsQuestion(NAMES[0], "TXT"))


def test_all_plain_calls_share_one_thread() -> None:
    threads: set[int] = set()

    class Where(Delayed):
        async def ask(self, question: Question) -> Answer:
            threads.add(threading.get_ident())
            return await super().ask(question)

    callers = [threading.Thread(target=solve_live, args=(ask_txt(name), Where(TABLE))) for name in NAMES[:4]]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_an_interrupt_cancels_the_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Delayed(TABLE, lambda _: 60.0)

    def interrupted(*_: Any, **__: Any) -> None:
        while not live.asked:
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr("concurrent.futures.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        solve_live(ask_txt(NAMES[0]), live)

    deadline = time.perf_counter() + 5
    while not live.cancelled and time.perf_counter() < deadline:
        time.sleep(0.01)
    assert live.cancelled == 1


def test_control_c_reaches_the_waiting_thread() -> None:
    live = Delayed(TABLE, lambda _: 60.0)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        solve_live(ask_txt(NAMES[0]), live)

    assert time.perf_counter() - started < 5


def test_waiting_inside_a_plan_is_refused_instead_of_hanging() -> None:
    def plan() -> Plan[Any]:
        yield from ask_txt(NAMES[0])
        return solve_live(ask_txt(NAMES[1]), Delayed(TABLE))

    with pytest.raises(RuntimeError, match="may not wait"):
        solve_live(plan(), Delayed(TABLE))


def test_a_stopped_loop_thread_starts_again() -> None:
    own = LoopThread()

    async def ident() -> int:
        return threading.get_ident()

    first = own.run(ident())
    own.stop()
    own.stop()

    assert isinstance(own.run(ident()), int)
    assert isinstance(first, int)
    assert loop_thread() is loop_thread()
    own.stop()


def test_a_cancelled_branch_leaves_the_answer_to_the_others() -> None:
    async def scene() -> Answer:
        session = Session(Delayed(TABLE, lambda _: 0.05))
        first = asyncio.create_task(session.ask(DnsQuestion(NAMES[0], "TXT")))
        second = asyncio.create_task(session.ask(DnsQuestion(NAMES[0], "TXT")))
        await asyncio.sleep(0.01)
        first.cancel()
        answer = await second
        await session.aclose()
        return answer

    assert isinstance(asyncio.run(scene()), Found)


def test_a_fork_of_one_and_of_none() -> None:
    def plan() -> Plan[Any]:
        one = yield Fork((done(1),))
        none = yield Fork(())
        return one, none

    assert asyncio.run(solve_async(plan(), Delayed(TABLE))) == solve(plan(), TABLE) == ((1,), ())


def test_questions_that_differ_in_their_flags_are_different() -> None:
    live = Delayed(TABLE)
    plan = gather(ask_txt(NAMES[0]), ask(NAMES[0], "TXT", checking_disabled=True))

    asyncio.run(solve_async(plan, live))

    assert len(live.asked) == 2
