"""Subjects of the adversarial set: a score in time, and nothing harmful in any format."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from deliverability.cli import main
from deliverability.subjects import score
from tests.support.inert import harmful
from tests.support.shared import SHARED, needs_shared


def _cases() -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == "subject"]
    return [pytest.param(case["input"]["subject"], case["expectation"], id=case["id"]) for case in cases]


def _text(subject: Any) -> str:
    return subject if isinstance(subject, str) else bytes(subject).decode("utf-8", "surrogatepass")


@needs_shared("adversarial")
@pytest.mark.parametrize(("subject", "expectation"), _cases())
def test_the_shared_cases(subject: Any, expectation: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    text = _text(subject)
    assert 0 <= score(text).risk <= 1
    for form in ("terminal", "json", "csv"):
        assert main(["subject", "--no-config", "-f", form, "--", text]) in (0, 1)
        out, err = capsys.readouterr()
        assert harmful(out) == []
        assert err == ""
        assert out.encode("utf-8")
    assert time.perf_counter() - start < expectation.get("max_seconds", 5)


@pytest.mark.parametrize(
    "text", ["\x1b[31mrojo\x1b[0m", "a\u202eb", "[red]x[/red]", "\ud800", "=cmd|' /C calc'!A0", "a\nb\tc", "\x9b31m"]
)
def test_the_command_shows_nothing_raw(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("terminal", "json", "csv"):
        assert main(["subject", "--no-config", "-f", form, "--", text]) in (0, 1)
        out, _ = capsys.readouterr()
        assert harmful(out) == []
        if form == "csv":
            assert not [line for line in out.splitlines()[1:] if line.split(",", 1)[1].startswith(("=", "+", "-", "@"))]
