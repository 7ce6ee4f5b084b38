"""Drive a plan on whatever source the caller has; none given is the live DNS.

This is one of the two places where `core` reaches upwards (docs/decisions/0002): a function such as
`spf.check_host(…, source=None)` has to live in its topic and still work without a source, and `dkim.verify(…, now=None)`
without a clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar, cast

from deliverability.core.plan import KnownSource, Plan, Source, solve

T = TypeVar("T")


def run(plan: Plan[T], source: Source | None = None) -> T:
    """The result of `plan`: at once on a source that knows, else by waiting; works inside a running event loop too."""
    # What isinstance(source, KnownSource) asks; on a protocol that costs as much as a small SPF evaluation.
    if hasattr(source, "answer"):
        return solve(plan, cast(KnownSource, source))
    from deliverability.sources.drive import solve_live  # noqa: PLC0415 - live sources load asyncio and dnspython

    return solve_live(plan, source)


def present() -> datetime:
    """The present moment in UTC, for callers who gave none."""
    from deliverability.sources.clock import now  # noqa: PLC0415 - as above

    return now()
