"""Proposed header lines: put into the message, each makes its own finding go away and brings none of its family."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.changes import HeaderChange
from deliverability.core.facts import Envelope, MailClass, Moment, RawMessage, Receiving, Sending, Stage
from deliverability.core.finding import Finding
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.headers.facts import read_message
from deliverability.headers.fields import parse
from deliverability.headers.repair import apply_header_changes
from deliverability.headers.rules import RULES
from tests.support.cases import sending_of

CASES = Path(__file__).parents[1] / "cases"
#: Rules that need more than the header section (the way it came, what filters said, other mails).
_OTHERS = {"HDR010", "HDR013", "HDR019", "HDR020", "HDR027", "HDR030", "HDR031", "HDR035"}
OURS = [entry for entry in RULES if entry.code not in _OTHERS]


def _receiving(mail_class: str | None = None, company: str = "") -> Receiving:
    return Receiving(mail_class=MailClass(mail_class) if mail_class else None, company=company)


def lint(raw: bytes, case: dict[str, Any]) -> list[Finding]:
    facts: dict[type, object] = {
        RawMessage: RawMessage(raw, len(raw)),
        Envelope: Envelope(),
        Receiving: _receiving(**case.get("receiving", {})),
        Sending: sending_of(case.get("sending", {})),
        Moment: Moment(datetime(2026, 11, 22, tzinfo=UTC)),
        Stage: Stage.RECEIVED,
    }
    facts.update(read_message(facts, DEFAULT_LIMITS))
    return [o for entry in OURS for o in entry.run(facts) if isinstance(o, Finding)]


def _firing() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}-{case['name']}")
        for path in sorted(CASES.glob("HDR0*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
        if path.stem not in _OTHERS and path.stem in case.get("must", ())
    ]


@pytest.mark.parametrize(("code", "case"), _firing())
def test_a_proposed_line_makes_its_finding_go_away(code: str, case: dict[str, Any]) -> None:
    raw = case["message"].replace("\n", "\r\n").encode(case.get("charset", "utf-8"))
    before = lint(raw, case)
    ours = [finding for finding in before if finding.code == code]
    assert ours

    for finding in ours:
        if finding.fix is None:
            continue
        assert finding.fix.headers
        after = lint(apply_header_changes(raw, finding.fix.headers), case)

        assert finding.fingerprint not in {other.fingerprint for other in after}
        assert {other.code for other in after} <= {other.code for other in before}


def test_there_are_lines_to_try() -> None:
    assert len(_firing()) > 80


SAMPLE = b"From: a@b.example\r\nSubject: uno\r\n dos\r\nBcc: x@y.example\r\nBcc: z@y.example\r\n\r\ncuerpo\r\n"


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        ((HeaderChange("Subject", "tres", 0),), b"From: a@b.example\r\nSubject: tres\r\nBcc: x@y.example\r\nBcc: z@y.example\r\n"),
        ((HeaderChange("bcc", "", 0, drop=True), HeaderChange("Bcc", "", 1, drop=True)), b"From: a@b.example\r\nSubject: uno\r\n dos\r\n"),
        ((HeaderChange("Auto-Submitted", "auto-generated"),), b"Auto-Submitted: auto-generated\r\n" + SAMPLE.partition(b"\r\n\r\n")[0] + b"\r\n"),
        ((HeaderChange("Subject", "x", 5),), SAMPLE.partition(b"\r\n\r\n")[0] + b"\r\n"),
    ],
)  # fmt: skip
def test_changes_are_made_where_they_are_meant(changes: tuple[HeaderChange, ...], section: bytes) -> None:
    assert apply_header_changes(SAMPLE, changes) == section + b"\r\ncuerpo\r\n"


def test_new_lines_end_as_the_others_do_and_hold_no_second_line() -> None:
    raw = SAMPLE.replace(b"\r\n", b"\n")
    changed = apply_header_changes(raw, [HeaderChange("Subject", "uno\r\nX-Evil: 1 " + "palabra " * 20, 0)])

    assert b"\r" not in changed
    assert not parse(changed).has("X-Evil")
    assert max(len(line) for line in changed.split(b"\n")) <= 90
