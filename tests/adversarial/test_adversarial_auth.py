"""The adversarial set's messages: what SPF, DKIM, DMARC and ARC make of forgeries, faults and bodies made to be slow.

Each runs the whole audit of a message and looks at its facts; the memory that it takes is held too.
"""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from deliverability.arc import ArcResult
from deliverability.audits.message import audit_message_plan
from deliverability.core.facts import Author, Envelope, EnvelopeOrigin, RawMessage
from deliverability.core.plan import solve
from deliverability.core.report import Report
from deliverability.dkim import DkimVerification
from deliverability.dmarc.message import MessageAuthentication
from deliverability.headers.fields import HeaderDefectKind, Headers
from deliverability.sources.table import TableSource
from tests.support.shared import SHARED, needs_shared

_FAULTS = {
    "servfail": "servfail",
    "timeout": "timeout",
    "refused": "refused",
    "nxdomain": "nxdomain",
    "nodata": "nodata",
}


def _cases() -> list[dict[str, Any]]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    return [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == "auth"]


def _octets(node: dict[str, Any], root: Path) -> bytes:
    """A byte source of the set, as its README says."""
    if "file" in node:
        return (root / node["file"]).read_bytes()
    if "text" in node:
        return str(node["text"]).encode("utf-8", "surrogatepass")
    if "b64" in node:
        return base64.b64decode(node["b64"])
    return b"".join(_parts(node["gen"]))


def _parts(parts: list[Any]) -> Iterator[bytes]:
    for kind, first, *rest in parts:
        if kind == "lit":
            yield first.encode("utf-8", "surrogatepass")
        elif kind == "rep":
            yield first.encode() * rest[0]
        elif kind == "seq":
            yield from (first.replace("%d", str(number)).encode() for number in range(*rest))
        else:
            raise ValueError(kind)


def _zone(parts: list[Any], root: Path) -> dict[str, Any]:
    zone: dict[str, Any] = {}
    for part in parts:
        zone.update(json.loads((root / part).read_text("utf-8")) if isinstance(part, str) else part)
    return {key: _answer(value) for key, value in zone.items() if value is not None}


def _answer(value: Any) -> Any:
    return {"fault": _FAULTS[value["fault"]]} if isinstance(value, dict) and "fault" in value else value


def _audit(given: dict[str, Any], root: Path) -> tuple[Report, bytes]:
    raw = _octets(given["message"], root)
    envelope = Envelope(
        ip_address(given["ip"]), given["mail_from"], given["helo"], EnvelopeOrigin.GIVEN, EnvelopeOrigin.GIVEN
    )
    plan = audit_message_plan(
        RawMessage(raw, len(raw)), now=datetime.fromtimestamp(given["now"], UTC), envelope=envelope, domain=False
    )
    return solve(plan, TableSource(_zone(given["zone"], root))), raw


def observe(report: Report) -> dict[str, Any]:
    """What the set wants to see: a word for each method, the author's domain, and slugs for what was found."""
    facts = report.details["facts"]
    auth: MessageAuthentication = facts[MessageAuthentication]
    dkim: DkimVerification = facts[DkimVerification]
    headers: Headers = facts[Headers]
    flags = {
        "from-duplicate": len(headers.all("From")) > 1 and "HDR001" in report.codes(),
        "header-name-space": any(d.kind is HeaderDefectKind.BLANK_IN_NAME for d in headers.defects),
        "dkim-l": any(result.unsigned_octets for result in dkim.results),
        "dkim-weak-key": any(result.reason == "key-too-short" for result in dkim.results),
    }
    return {
        "spf": auth.spf.mail_from.result.result if auth.spf.mail_from else "none",
        "dkim_any": dkim.best,
        "dmarc": auth.dmarc.result if auth.dmarc else "none",
        "arc": facts[ArcResult].result,
        "author_domain": facts[Author].domain,
        "findings": {slug for slug, found in flags.items() if found},
    }


def _matches(seen: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return seen not in wanted["not"]
    return seen in wanted if isinstance(wanted, list) else bool(seen == wanted)


@needs_shared("adversarial")
@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_adversarial_message(case: dict[str, Any]) -> None:
    assert SHARED is not None
    wanted = dict(case["expectation"])
    began = time.perf_counter()
    report, _ = _audit(case["input"], SHARED / "adversarial")
    seen = observe(report)

    assert time.perf_counter() - began < wanted.pop("max_seconds", 5)
    assert set(wanted.pop("must_flag", ())) <= seen["findings"], case["why"]
    wanted.pop("max_rss_mb", None)
    assert {key: seen[key] for key, value in wanted.items() if not _matches(seen[key], value)} == {}, case["why"]


@needs_shared("adversarial")
def test_a_body_made_to_be_slow_takes_little_memory() -> None:
    assert SHARED is not None
    case = next(case for case in _cases() if case["class"] == "quadratic")
    tracemalloc.start()
    _, raw = _audit(case["input"], SHARED / "adversarial")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < (case["expectation"].get("max_rss_mb", 50) << 20)
    assert len(raw) > 300_000
