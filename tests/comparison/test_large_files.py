"""Files from outside that are large in the worst way: comparing them grows with their size, not with its square."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deliverability.audits.differences import with_differences
from deliverability.core.comparison import compare_states
from deliverability.core.report_file import read_state
from tests.support.growth import grows_at_most


def report(size: int, shift: int) -> dict[str, Any]:
    """Findings, nested includes and records, `size` of each; `shift` makes two of them differ everywhere."""
    text = {"en": "x", "es": "x"}
    numbers = range(shift, size + shift)
    finding = {"code": "SPF001", "label": text, "title": text, "severity": "error"}
    rows = [
        {
            "depth": n,
            "domain": "e.example",
            "term": f"include:i{n}.org",
            "target": f"i{n}.org",
            "cost": 1,
            "state": "found",
        }
        for n in numbers
    ]
    values = [f"{n} mx.example" for n in numbers]
    texts = [
        {"name": f"{label}{n}.e.example", "type": "TXT", "status": "found", "records": [f"{shift}"]}
        for label in ("-", "_dmarc.")
        for n in range(size)
    ]
    return {
        "version": 1,
        "subject": "e.example",
        "kind": "domain",
        "findings": [{**finding, "subject": f"s{n}", "fingerprint": f"f{n}"} for n in numbers],
        "unknowns": [{**finding, "because": text, "subject": f"u{n}"} for n in numbers],
        "details": {"spf_tree": {"lookups": size, "rows": rows}},
        "answers": [{"name": "e.example", "type": "MX", "status": "found", "records": values}, *texts],
    }


def test_comparing_is_linear() -> None:
    def work(size: int) -> Callable[[], object]:
        one, other = (read_state(report(size, shift)) for shift in (0, size))
        return lambda: with_differences(compare_states(one, other)).render("terminal")

    assert grows_at_most(8, work(250), work(1000), slack=0.3)
