"""What evaluation costs over the wire: the levels of the tree and one round trip, whatever the number of terms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deliverability.core.plan import Foresee, Fork, Plan
from deliverability.core.questions import DnsQuestion
from deliverability.sources.table import TableSource
from deliverability.spf import SpfResult, check_host, check_host_plan


class Wire:
    """Runs a plan as a live driver does, in turns that stand for round trips; each question travels once."""

    def __init__(self, zone: dict[str, Any]) -> None:
        self._source = TableSource(zone)
        self._known: dict[DnsQuestion, Any] = {}
        self.round_trips = 0
        self._beside: list[Any] = []

    @property
    def questions(self) -> int:
        return len(self._known)

    def run(self, plan: Plan[SpfResult]) -> SpfResult:
        main = self._task(plan)
        tasks = [main]
        while True:
            wanted: set[DnsQuestion] = set()
            alive = []
            for task in self._all(tasks):
                try:
                    wanted |= next(task)
                    alive.append(task)
                except StopIteration as stop:
                    if task is main:
                        result: SpfResult = stop.value
                        return result
            tasks = alive
            assert wanted
            self.round_trips += 1
            for question in wanted:
                self._known[question] = self._source.answer(question)

    def _all(self, tasks: list[Any]) -> Iterator[Any]:
        """The tasks, and those that they start while they are run."""
        yield from tasks
        while self._beside:
            started = self._beside.pop(0)
            yield started

    def _task(self, plan: Plan[Any]) -> Iterator[set[DnsQuestion]]:
        """Yields the questions it waits for."""
        send: Any = None
        while True:
            try:
                request = plan.send(send)
            except StopIteration as stop:
                return stop.value
            if isinstance(request, DnsQuestion):
                while request not in self._known:
                    yield {request}
                send = self._known[request]
            elif isinstance(request, Fork):
                send = yield from self._fork([self._task(branch) for branch in request.plans])
            else:
                assert isinstance(request, Foresee)
                self._beside += [self._task(branch) for branch in request.plans]
                send = None

    def _fork(self, branches: list[Iterator[set[DnsQuestion]]]) -> Iterator[set[DnsQuestion]]:
        results: dict[int, Any] = {}
        while len(results) < len(branches):
            wanted: set[DnsQuestion] = set()
            for index, branch in enumerate(branches):
                if index in results:
                    continue
                try:
                    wanted |= next(branch)
                except StopIteration as stop:
                    results[index] = stop.value
            if wanted:
                yield wanted
        return tuple(results[index] for index in range(len(branches)))  # type: ignore[return-value]


def _both(zone: dict[str, Any], ip: str = "192.0.2.1") -> tuple[SpfResult, Wire]:
    wire = Wire(zone)
    result = wire.run(check_host_plan(ip, "d.example", "a@d.example"))
    assert result == check_host(ip, "d.example", "a@d.example", source=TableSource(zone))
    return result, wire


_DEEP = {
    "d.example/TXT": ["v=spf1 include:a.example include:b.example include:c.example mx -all"],
    "d.example/MX": ["1 h1.example", "2 h2.example"],
    "h1.example/A": ["198.51.100.1"],
    "h2.example/A": ["198.51.100.2"],
    "a.example/TXT": ["v=spf1 include:a1.example include:a2.example ~all"],
    "b.example/TXT": ["v=spf1 ip4:198.51.100.3 ~all"],
    "c.example/TXT": ["v=spf1 include:c1.example ~all"],
    "a1.example/TXT": ["v=spf1 a:h1.example ~all"],
    "a2.example/TXT": ["v=spf1 ~all"],
    "c1.example/TXT": ["v=spf1 include:c2.example ~all"],
    "c2.example/TXT": ["v=spf1 ip4:198.51.100.4 ~all"],
}


def test_a_level_costs_one_round_trip() -> None:
    result, wire = _both(_DEEP)
    assert (result.result, result.lookups) == ("fail", 9)
    assert wire.round_trips == 4  # d, its includes, theirs, c2: four levels


def test_only_what_evaluation_may_ask_is_asked() -> None:
    _, wire = _both({**_DEEP, "d.example/TXT": ["v=spf1 ip4:192.0.2.1 include:a.example include:b.example -all"]})
    assert wire.questions == 1
    _, wire = _both({**_DEEP, "d.example/TXT": ["v=spf1 ~all include:a.example redirect=b.example"]})
    assert wire.questions == 1


def test_too_many_terms_are_not_all_asked_for() -> None:
    zone = {f"i{n}.example/TXT": ["v=spf1 a:h.example include:deep.example"] for n in range(60)}
    zone["d.example/TXT"] = ["v=spf1 " + " ".join(f"include:i{n}.example" for n in range(60))]
    zone["deep.example/TXT"] = ["v=spf1 include:i1.example include:i2.example"]
    result, wire = _both(zone)
    assert result.result == "permerror"
    assert wire.questions <= 22


def test_ptr_and_macros_are_foreseen() -> None:
    zone = {
        "d.example/TXT": ["v=spf1 exists:%{ir}.list.example ptr exists:%{p}.x.example redirect=%{d2}.spf.test"],
        "1.2.0.192.in-addr.arpa/PTR": ["m.d.example", "n.d.example"],
        "m.d.example/A": ["198.51.100.1"],
        "n.d.example/A": ["198.51.100.2"],
        "d.example.spf.test/TXT": ["v=spf1 -all"],
    }
    result, wire = _both(zone)
    assert result.result == "fail"
    assert wire.round_trips == 4  # the record; all its terms; the hosts of ptr; the name that %{p} made
