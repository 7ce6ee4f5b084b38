"""The adversarial set's DNS faults at `_dmarc`, and the same faults where a policy is inherited."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from deliverability.dmarc import PolicyState, discover
from deliverability.sources.table import TableSource
from tests.support.shared import SHARED, needs_shared

#: Kinds of the set that leave a resolver without an answer, and what it then reports.
_FAULTS = {
    "timeout": "timeout",
    "servfail": "servfail",
    "refused": "refused",
    "notimp": "notimp",
    "lame": "lame",
    "truncate-tcp-refused": "truncated",
    "truncate-partial": "truncated",
    "drip": "timeout",
    "wrongid": "timeout",
    "wrongq": "timeout",
    "garbage-long": "malformed",
}
#: Kinds that a resolver gets over, by a retry, over TCP or without EDNS: the real answer comes.
_OVERCOME = ("truncate", "formerr", "no-edns", "drop-edns", "fail-first", "slow", "wrongid-then-good")


def _cases() -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = json.loads(path.read_text("utf-8"))
    wanted = [c for c in cases if c["kind"] == "dns-fault" and c["input"].get("check") == "dmarc-policy"]
    return [pytest.param(case, id=case["id"]) for case in wanted]


def answer_for(value: Any) -> Any:
    """An answer of the set in the form of the table."""
    if not isinstance(value, dict) or "fault" not in value:
        return value
    fault = value["fault"]
    if fault in ("nxdomain", "nodata"):
        return {"fault": fault}
    if fault in _FAULTS:
        return {"fault": _FAULTS[fault]}
    assert fault in _OVERCOME, fault
    return value["answer"]


def _zone(parts: list[Any], root: Path) -> dict[str, Any]:
    zone: dict[str, Any] = {}
    for part in parts:
        zone.update(json.loads((root / part).read_text("utf-8")) if isinstance(part, str) else part)
    return {key: answer_for(value) for key, value in zone.items() if value is not None}


@needs_shared("adversarial", "cases.json")
def test_the_set_has_cases_for_dmarc() -> None:
    assert _cases()


@needs_shared("adversarial", "cases.json")
@pytest.mark.parametrize("case", _cases())
def test_adversarial_dmarc(case: dict[str, Any]) -> None:
    assert SHARED is not None
    source = TableSource(_zone(case["input"]["zone"], SHARED / "adversarial"))
    start = time.monotonic()
    policy = discover(case["input"]["domain"], source=source)

    assert policy.state.value == case["expectation"]["state"]
    assert time.monotonic() - start < case["expectation"].get("max_seconds", 5)


@pytest.mark.parametrize("fault", sorted(_FAULTS))
def test_no_fault_is_ever_told_as_absent(fault: str) -> None:
    failing = answer_for({"fault": fault, "answer": ["v=DMARC1; p=none"]})
    parent = {"_dmarc.mail.example/TXT": ["v=DMARC1; p=reject"]}

    assert discover("mail.example", source=TableSource({"_dmarc.mail.example/TXT": failing})).state is (
        PolicyState.TEMPERROR
    )
    inherited = discover("a.mail.example", source=TableSource({**parent, "_dmarc.a.mail.example/TXT": failing}))
    assert (inherited.state, inherited.policy) == (PolicyState.TEMPERROR, None)


@pytest.mark.parametrize("fault", _OVERCOME)
def test_a_fault_that_is_overcome_gives_the_real_answer(fault: str) -> None:
    answer = answer_for({"fault": fault, "answer": ["v=DMARC1; p=reject"]})

    assert discover("mail.example", source=TableSource({"_dmarc.mail.example/TXT": answer})).policy == "reject"
