"""Faults of published blocklist checkers, each as the behaviour this library has in its place; and the shared set."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deliverability.dnsbl import Blocklist, State, check, lists
from deliverability.dnsbl.lists import dead_zone, read_list
from deliverability.dnsbl.lookup import default_lists
from deliverability.sources.table import TableSource
from tests.support.shared import SHARED, needs_shared

ALL = [one for one in lists() if one.usable]


def _working(blocklist: Blocklist) -> dict[str, Any]:
    entry = blocklist.test_listed
    if not entry:
        return {}
    owner = ".".join(reversed(entry.split("."))) if blocklist.holds.value == "ip" else entry
    return {f"{owner}.{blocklist.zone}/A": ["127.0.0.2"]}


def _state(blocklist: Blocklist, answer: Any) -> State:
    target = "192.0.2.99" if blocklist.holds.value == "ip" else "empresa.example"
    owner = "99.2.0.192" if blocklist.holds.value == "ip" else target
    table = {**_working(blocklist), f"{owner}.{blocklist.zone}/A": answer}
    (listing,) = check(target, lists=[blocklist], source=TableSource(table))
    return listing.state


@pytest.mark.parametrize("blocklist", ALL, ids=lambda one: one.id)
@pytest.mark.parametrize("code", ["127.255.255.252", "127.255.255.254", "127.255.255.255"])
def test_error_codes_are_no_listing(blocklist: Blocklist, code: str) -> None:
    """That a resolver is blocked says nothing about the sender."""
    assert _state(blocklist, [code]) in (State.REFUSED, State.UNKNOWN)


@pytest.mark.parametrize("blocklist", ALL, ids=lambda one: one.id)
def test_not_any_answer_is_a_listing(blocklist: Blocklist) -> None:
    """127.0.0.254 stands in no table: it is an answer whose meaning nobody knows. Bits are bits."""
    state = _state(blocklist, ["127.0.0.254"])
    assert state is State.UNKNOWN or blocklist.mask or any(code.last >= 0x7F0000FE for code in blocklist.codes)


@pytest.mark.parametrize("blocklist", ALL, ids=lambda one: one.id)
@pytest.mark.parametrize("answer", ["198.51.100.1", "10.0.0.1", "0.0.0.0", "128.0.0.2"])
def test_an_answer_outside_127_is_no_listing(blocklist: Blocklist, answer: str) -> None:
    """A resolver that answers for names that do not exist would else list everybody (RFC 5782 §2.1)."""
    assert _state(blocklist, [answer]) is State.DEAD


@pytest.mark.parametrize("fault", ["timeout", "servfail", "refused", "truncated", "lame"])
def test_no_answer_is_not_clear(fault: str) -> None:
    """Neither is it a listing."""
    for blocklist in ALL:
        assert _state(blocklist, {"fault": fault}) is State.UNKNOWN


def test_lists_that_are_gone_are_not_asked() -> None:
    """SORBS closed in 2024; zones carry no blanks."""
    for blocklist in lists():
        assert dead_zone(blocklist.zone) is None or blocklist.zone == ""
        assert blocklist.zone == blocklist.zone.strip()
    assert read_list({"id": "x", "zone": "rhsbl.list.example ", "code": []}).zone == "rhsbl.list.example"
    assert dead_zone("rhsbl.sorbs.net") is not None


def test_an_ipv6_address_is_asked_for_by_its_nibbles() -> None:
    """Thirty-two digits, the last one first (RFC 5782 §2.4)."""
    asked: list[str] = []

    class Watched(TableSource):
        def answer(self, question: Any, /) -> Any:
            asked.append(question.name)
            return super().answer(question)

    check("2001:db8::1", source=Watched({k: v for one in default_lists() for k, v in _working(one).items()}))

    nibbles = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
    wanted = [one for one in default_lists() if one.ipv6]
    assert {name for name in asked if name.startswith("1.0.0.0.0")} == {
        f"{nibbles}.{o.zone6 or o.zone}" for o in wanted
    }


def _shared() -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == "dnsbl"]
    return [pytest.param(case["input"], case["expectation"], id=case["id"]) for case in cases]


_LISTED = {State.LISTED: True, State.CLEAR: False}


@needs_shared("adversarial")
@pytest.mark.parametrize(("given", "expected"), _shared())
@pytest.mark.parametrize("tested", [True, False])
def test_the_shared_set(given: dict[str, Any], expected: dict[str, Any], *, tested: bool) -> None:
    """The set's list knows only its refusals; asked with and without test entries of its own."""
    zone: dict[str, Any] = {}
    for part in given["zone"]:
        zone.update(part)
    row = {
        "id": "bl",
        "zone": given["list"],
        "refusal": [{"answer": "127.255.255.0-127.255.255.255", "en": "refused", "es": "rechazado"}],
        "code": [{"answer": "127.0.0.2-127.0.0.254", "en": "listed", "es": "incluida"}],
    }
    if tested:
        zone[f"2.0.0.127.{given['list']}/A"] = ["127.0.0.2"]
    else:
        row |= {"test_listed": "", "test_clear": ""}
    (listing,) = check(given["ip"], lists=[read_list(row)], source=TableSource(zone))
    seen = {"listed": _LISTED.get(listing.state), "state": listing.state.value}

    assert {key: seen[key] for key in expected if key in seen} == {k: v for k, v in expected.items() if k in seen}
