"""What the other tools count, term by term, seen while they count it. Runs inside the child process.

Neither tool says for which term it counted a lookup. Their counting itself is observed: checkdmarc's two counters are
functions inside its parser, which Python's profiler sees being called; pyspf's are methods. Where a later version counts in
another way, nothing is seen, and the report has their total without terms.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from deliverability.crosscheck.wire import Json

#: Terms that are told of one evaluation.
MOST = 400
_COUNTERS = {"_count_dns_lookups": "lookups", "_count_void_dns_lookups": "voids"}


class Counted:
    """The events of one evaluation, in their order."""

    def __init__(self) -> None:
        self.events: list[Json] = []

    def add(self, kind: str, path: list[str], term: str, count: int, *, sum_of_below: bool = False) -> None:
        """Something was counted for a term of the last record in `path`."""
        if count and len(self.events) < MOST:
            self.events.append({"kind": kind, "path": path, "term": term[:300], "count": count, "sum": sum_of_below})

    @contextmanager
    def of_checkdmarc(self) -> Iterator[None]:
        """While checkdmarc parses: its counters are closures, which only a profiler can see."""
        summed: list[int] = []

        def seen(frame: FrameType, event: str, _: Any) -> None:
            kind = _COUNTERS.get(frame.f_code.co_name) if event == "call" else None
            parser = frame.f_back
            if kind is None or parser is None:
                return
            told = parser.f_locals
            mechanism, value = str(told.get("mechanism", "")), str(told.get("value", ""))
            path = [str(name) for name in told.get("recursion") or [told.get("domain", "")]]
            count = int(frame.f_locals.get("count", 1))
            if kind == "lookups":
                # What stands below an include or redirect is added in one sum once that was parsed.
                below = bool(told.get("mechanism_dns_lookups")) and mechanism in ("include", "redirect")
                summed[:] = [id(parser)] if below else []
            else:
                below = summed == [id(parser)]
                summed.clear()
            self.add(kind, path, f"{mechanism}:{value}" if value else mechanism, count, sum_of_below=below)

        sys.setprofile(seen)
        try:
            yield
        finally:
            sys.setprofile(None)

    def in_pyspf(self) -> None:
        """A lookup that pyspf counts just now: called by its own counter."""
        frame: FrameType | None = sys._getframe(2)
        term = str(frame.f_locals.get("mech", "")) if frame else ""
        path: list[str] = []
        while frame is not None:
            if frame.f_code.co_name == "check1":
                path.append(str(frame.f_locals.get("domain", "")))
            frame = frame.f_back
        self.add("lookups", path[::-1], term, 1)
