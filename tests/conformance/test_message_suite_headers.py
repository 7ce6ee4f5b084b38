"""The header sections of the suites of real and test messages are read whole, with the values that stand in them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.facts import Envelope, Moment, RawMessage, Receiving, Sending
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.headers.facts import HeaderFacts, read_message
from deliverability.headers.rules import RULES
from tests.support.shared import SHARED, needs_shared

SUITES = {"mime-cpython": ("*.txt", 48), "dsn-others": ("**/*.eml", 14)}


def _messages() -> list[Any]:
    if SHARED is None:
        return []
    return [
        pytest.param(path, id=f"{suite}-{path.stem}")
        for suite, (pattern, _) in SUITES.items()
        for path in sorted((SHARED / "conformance" / suite).glob(pattern))
    ]


def read(path: Path) -> tuple[bytes, HeaderFacts, dict[type, object]]:
    raw = path.read_bytes()
    facts: dict[type, object] = {
        RawMessage: RawMessage(raw, len(raw)),
        Envelope: Envelope(),
        Receiving: Receiving(),
        Sending: Sending(),
        Moment: Moment(datetime(2026, 11, 22, tzinfo=UTC)),
    }
    facts.update(read_message(facts, DEFAULT_LIMITS))
    headers = facts[HeaderFacts]
    assert isinstance(headers, HeaderFacts)
    return raw, headers, facts


@needs_shared("conformance", "mime-cpython")
@pytest.mark.parametrize("suite", SUITES)
def test_the_suite_is_whole(suite: str) -> None:
    assert SHARED is not None
    pattern, count = SUITES[suite]

    assert len(list((SHARED / "conformance" / suite).glob(pattern))) == count


@needs_shared("conformance", "mime-cpython")
@pytest.mark.parametrize("path", _messages())
def test_each_message_is_read_and_judged(path: Path) -> None:
    raw, headers, facts = read(path)

    assert headers.headers.cut is None
    assert b"".join(f.raw for f in headers.headers) in raw
    for entry in RULES:
        entry.run(facts)


@needs_shared("conformance", "mime-cpython")
@pytest.mark.parametrize(
    ("name", "author", "display_name", "subject"),
    [
        ("msg_01", "bbb@ddd.com", "John X. Doe", "This is a test message"),
        ("msg_02", "ppp-request@zzz.org", "", "Ppp digest, Vol 1 #2 - 5 msgs"),
        ("msg_05", "foo", "", "bar"),
        ("msg_07", "barry@digicool.com", "Barry", "Here is your dingus fish"),
        ("msg_35", "aperson@dom.ain", "", "here's something interesting"),
        ("msg_41", "xxx@example.com", "Allison Dunlap", "64423"),
    ],
)
def test_values(name: str, author: str, display_name: str, subject: str) -> None:
    assert SHARED is not None
    _, headers, _ = read(SHARED / "conformance" / "mime-cpython" / f"{name}.txt")

    assert [(box.address, box.display_name) for box in headers.authors] == [(author, display_name)]
    assert headers.subject == subject


@needs_shared("conformance", "mime-cpython")
def test_a_line_that_is_no_header_ends_the_section() -> None:
    assert SHARED is not None
    raw, headers, _ = read(SHARED / "conformance" / "mime-cpython" / "msg_35.txt")

    assert [defect.kind.value for defect in headers.headers.defects] == ["no-separator", "bare-lf"][::-1]
    assert raw[headers.headers.body_start :].startswith(b"counter to RFC 2822")
