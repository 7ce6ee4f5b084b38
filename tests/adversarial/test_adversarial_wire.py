"""The adversarial set's DNS cases over real sockets: faults are made by a server, not told by a table."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deliverability import dmarc, spf
from deliverability.core.limits import Limits
from deliverability.core.names import DomainName, parse_domain
from deliverability.core.plan import ask_mx, ask_txt, gather
from deliverability.core.questions import Failed, Found
from deliverability.sources.drive import solve_live
from deliverability.sources.live import LiveSource
from tests.support.faultdns import FaultServer
from tests.support.shared import SHARED, needs_shared

pytestmark = pytest.mark.wire


def _cases(kind: str) -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == kind]
    return [pytest.param(case, id=case["id"]) for case in cases]


def _zone(parts: list[Any], root: Path) -> dict[str, Any]:
    zone: dict[str, Any] = {}
    for part in parts:
        zone.update(json.loads((root / part).read_text("utf-8")) if isinstance(part, str) else part)
    return {key: value for key, value in zone.items() if value is not None}


def observe(check: str, domain: str, source: LiveSource) -> dict[str, Any]:
    """What the library makes of one check of a domain, in the set's words."""
    name = parse_domain(domain)
    if check == "dmarc-policy":
        found = dmarc.discover(name, source=source)
        valid = found.record is not None and found.state == "found"
        return {"state": str(found.state), "policy": found.policy and str(found.policy), "valid": valid}
    if check == "spf":
        result = spf.check_host("192.0.2.10", name, f"a@{name}", source=source).result
        return {"state": {"none": "absent", "temperror": "temperror", "permerror": "permerror"}.get(result, "found")}
    answer = solve_live(ask_mx(name) if check == "mx" else ask_txt(name), source)
    if isinstance(answer, Failed):
        return {"state": "temperror"}
    if not isinstance(answer, Found):
        return {"state": "absent"}
    is_null = check == "mx" and [tuple(record) for record in answer.records] == [(0, "")]  # type: ignore[arg-type]
    return {"state": "null-mx" if is_null else "found"}


def compare(seen: Any, wanted: Any, why: str) -> None:
    if isinstance(wanted, dict):
        assert seen not in wanted["not"], why
    else:
        assert seen in (wanted if isinstance(wanted, list) else [wanted]), why


@needs_shared("adversarial")
@pytest.mark.parametrize("case", _cases("dns-fault"))
def test_dns_fault(case: dict[str, Any]) -> None:
    assert SHARED is not None
    given, wanted = case["input"], case["expectation"]
    with FaultServer(_zone(given["zone"], SHARED / "adversarial")) as server:
        began = time.perf_counter()
        seen = observe(given["check"], given["domain"], LiveSource([server.address]))
        assert time.perf_counter() - began < wanted.get("max_seconds", 5)
        assert len(server.log) <= wanted.get("max_dns_queries", 50)
    for key in ("state", "policy", "valid"):
        if key in wanted:
            compare(seen.get(key), wanted[key], case["why"])


@needs_shared("adversarial")
@pytest.mark.parametrize("case", _cases("spf"))
def test_spf_over_the_wire(case: dict[str, Any]) -> None:
    assert SHARED is not None
    given, wanted = case["input"], case["expectation"]
    mail_from, helo = given.get("mail_from", ""), given.get("helo", "")
    domain = mail_from.rpartition("@")[2] or helo
    with FaultServer(_zone(given["zone"], SHARED / "adversarial")) as server:
        began = time.perf_counter()
        result = spf.check_host(given["ip"], domain, mail_from, helo=helo, source=LiveSource([server.address]))
        assert time.perf_counter() - began < wanted.get("max_seconds", 5)
        assert len(server.log) <= wanted.get("max_dns_queries", 130)
    compare(result.result, wanted["spf"], case["why"])


#: Every fault of the set at the DMARC record, and what discovery may come to.
_DMARC_FAULTS = {
    "timeout": "temperror",
    "servfail": "temperror",
    "refused": "temperror",
    "notimp": "temperror",
    "formerr": "temperror",
    "lame": "temperror",
    "truncate-tcp-refused": "temperror",
    "truncate-partial": "temperror",
    "drip": "temperror",
    "wrongid": "temperror",
    "wrongq": "temperror",
    "garbage-long": "temperror",
    "malformed": "temperror",
    "nxdomain": "absent",
    "nodata": "absent",
    "truncate": "found",
    "wrongid-then-good": "found",
    "no-edns": "found",
    "drop-edns": "found",
    "fail-first": "found",
    "slow": "found",
}


@pytest.mark.parametrize(("fault", "state"), _DMARC_FAULTS.items())
def test_each_fault_at_a_dmarc_record(fault: str, state: str) -> None:
    answer = {"fault": fault, "answer": ["v=DMARC1; p=reject"], "bad": ["v=DMARC1; p=none"], "seconds": 0.5}
    limits = Limits(dns_try_timeout=0.3, dns_question_timeout=1.2)
    with FaultServer({"_dmarc.mail.example/TXT": answer, "mail.example/TXT": ["x"]}) as server:
        seen = observe("dmarc-policy", "mail.example", LiveSource([server.address], limits=limits))

    assert seen["state"] == state
    assert seen["policy"] == ("reject" if state == "found" else None)


def test_loss_of_datagrams_never_makes_a_policy_absent() -> None:
    """Thirty per cent of datagrams lost each way, 1000 domains: the policy is found, or temperror, but never absent."""
    names = [DomainName(f"d{number}.example") for number in range(1000)]
    zone = {f"_dmarc.{name}/TXT": ["v=DMARC1; p=reject"] for name in names}
    limits = Limits(dns_try_timeout=0.6, dns_question_timeout=4, audit_questions=5000)
    with FaultServer(zone, loss=0.3, seed=7) as server:
        plan = gather(*(dmarc.discover_plan(name) for name in names))
        found = solve_live(plan, LiveSource([server.address], limits=limits), limits=limits)
        assert len(server.log) > 1000  # those that arrived

    states = Counter(str(policy.state) for policy in found)
    assert set(states) <= {"found", "temperror"}
    assert states["found"] > 900
