"""Whether time grows with the size of the input, and not with its square, on a machine that others use too.

Seconds of the processor, the best of several runs, without the garbage collector: in a process that has run thousands
of tests, collecting costs more with everything that is alive, and a linear reader would look quadratic. What is slow by
its nature is slow every time; noise is not. So a comparison that fails is made again, and only one that fails every
time counts.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ATTEMPTS = 5


@contextmanager
def without_collector() -> Iterator[None]:
    """No garbage collection meanwhile, and none before: one of all that a whole run keeps alive costs half a second."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """The least of the processor's seconds over some runs."""
    best = float("inf")
    with without_collector():
        for _ in range(runs):
            began = time.process_time()
            work()
            best = min(best, time.process_time() - began)
    return best


def grows_at_most(
    factor: float, short: Callable[[], object], long: Callable[[], object], *, slack: float = 0.05
) -> bool:
    """Whether `long` takes at most `factor` times as long as `short`, in at least one of some attempts.

    Leave room on both sides: for input four times as long, 8 lies in the middle between linear (4) and quadratic (16).
    """
    return any(seconds(long) <= factor * seconds(short) + slack for _ in range(ATTEMPTS))


def takes_less_than(bound: float, work: Callable[[], object]) -> bool:
    """Whether `work` takes less than so many seconds of the processor, in at least one of some attempts."""
    return any(seconds(work, 1) < bound for _ in range(ATTEMPTS))
