"""Domain arguments from the adversarial set and beyond: a documented error of one clean line, by the API and the command."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import deliverability as dv
from deliverability.cli import main
from deliverability.core.names import parse_domain
from tests.support.inert import harmful
from tests.support.shared import SHARED, needs_shared

_OURS = [
    "\x1b[31mred\x1b[0m.example",
    "empresa\u202e.example",
    "a\x00b.example",
    "empresa.example\nSet-Cookie: x",
    "[red]x[/red].example",
    "<script>.example",
    "-rf",
    "..",
    ".",
    " ",
    "\ud800.example",
    "é" * 2000 + ".example",
    "xn--\x80.example",
    "a" * 64 + ".example",
    ".".join(["a" * 60] * 5),
    "١٢٣.١",
    "127.0.0.1",
    "[::1]",
    "empresa。。example",
    "user@empresa.example",
    "file:///etc/passwd",
    "*.empresa.example",
    "a b.example",
    "%s%n.example",
    "\\032.example",
]


def _shared() -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = [case for case in json.loads(path.read_text("utf-8")) if case["kind"] == "domain-input"]
    return [pytest.param(_text(case["input"]["domain"]), case["expectation"], id=case["id"]) for case in cases]


def _text(domain: Any) -> str:
    return domain if isinstance(domain, str) else bytes(domain).decode("utf-8", "surrogatepass")


def _accepted(domain: str) -> bool:
    """Whether the API takes the domain; whatever it raises is documented, printable and of one line."""
    try:
        dv.audit_domain(domain, source=dv.OFFLINE)
    except dv.DeliverabilityError as error:
        message = str(error)
        documented = isinstance(error, ValueError)
    else:
        return True
    assert documented
    assert harmful(message) == []
    assert "\n" not in message
    assert message.encode("utf-8")
    return False


@needs_shared("adversarial")
@pytest.mark.parametrize(("domain", "expectation"), _shared())
def test_the_shared_cases(domain: str, expectation: dict[str, Any]) -> None:
    start = time.perf_counter()
    accepted = _accepted(domain)

    assert time.perf_counter() - start < expectation.get("max_seconds", 5)
    wanted = expectation.get("accepted", [True, False])
    assert accepted in (wanted if isinstance(wanted, list) else [wanted])


@pytest.mark.parametrize("domain", _OURS, ids=range(len(_OURS)))
def test_the_command_answers_with_one_line(domain: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--no-config", "--offline", "--", domain]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert harmful(err) == []
    assert len(err) < 700
    assert not _accepted(domain)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_a_documented_error(text: str) -> None:
    try:
        name = parse_domain(text)
    except dv.DeliverabilityError as error:
        assert harmful(str(error)) == []  # noqa: PT017 - either outcome is right
    else:
        assert name.isascii()
        assert name == parse_domain(name)
        assert len(name) <= 253
