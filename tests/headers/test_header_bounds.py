"""Whatever a message's headers hold, reading, judging and repairing them is bounded in time and in what is told."""

from __future__ import annotations

import time

import pytest

from deliverability.headers.repair import apply_header_changes
from tests.headers.test_header_fixes import lint

HEAD = "From: a@good.example\r\nTo: b@rcpt.example\r\nDate: Tue, 7 Oct 2025 10:00:00 +0000\r\nMessage-ID: <1@good.example>\r\n"
FAMILIES = {
    "fields": HEAD + "X: 1\r\n" * 100_000,
    "from fields": "From: a@good.example\r\n" * 1_900 + HEAD,
    "raw subjects": "Subject: ñ\r\n" * 1_900 + HEAD,
    "one field": "X: " + "1" * 1_000_000 + "\r\n" + HEAD,
    "a folded field": HEAD + "Subject: a" + "\r\n b" * 30_000 + "\r\n",
    "folds of blanks": HEAD + "Subject: a" + "\r\n  " * 30_000 + "\r\n",
    "commas": HEAD + "Cc: " + "," * 100_000 + "\r\n",
    "addresses": HEAD + "Cc: " + "a@b.example, " * 9_000 + "\r\n",
    "addresses beyond ASCII": HEAD + "Cc: " + "ñ@b.example, " * 8_000 + "\r\n",
    "domains beyond ASCII": HEAD + "Reply-To: " + "".join(f"a@ñ{n}.example, " for n in range(4_000)) + "\r\n",
    "quotes": HEAD + "Cc: " + '"' * 100_001 + "\r\n",
    "comments": HEAD + "Cc: " + "(" * 100_000 + "\r\n",
    "words": HEAD + "Subject: " + "=?utf-8?q?=C3?= " * 7_000 + "\r\n",
    "unclosed words": HEAD + "Subject: " + "=?utf-8?q?" * 12_000 + "\r\n",
    "references": HEAD + "References: " + "<a@b.example> " * 9_000 + "\r\n",
    "a domain": HEAD.replace("good.example", "a." * 60_000 + "example"),
    "controls": HEAD + "Subject: " + "\0" * 100_000 + "\r\n",
    "slips": HEAD + "".join(f"X{n}:1\r\n" for n in range(1_900)),
    "dates": HEAD.replace("7 Oct", "(" * 50_000),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_headers_are_judged_in_bounded_time(family: str) -> None:
    raw = (FAMILIES[family] + "\r\nbody\r\n").encode()
    start = time.process_time()
    findings = lint(raw, {})

    assert time.process_time() - start < 3.0
    assert len(findings) < 150
    for finding in findings:
        if finding.fix is not None:
            apply_header_changes(raw, finding.fix.headers)
    assert time.process_time() - start < 5.0


def test_many_changes_of_a_large_message_cost_one_copy() -> None:
    raw = (FAMILIES["from fields"] + "\r\n").encode() + b"x" * 20_000_000
    found = next(finding for finding in lint(raw, {}) if finding.code == "HDR001" and finding.subject == "From")
    assert found.fix is not None
    start = time.process_time()
    changed = apply_header_changes(raw, found.fix.headers)

    assert changed.count(b"From: ") == 1
    assert time.process_time() - start < 5.0


def test_a_list_with_more_addresses_than_are_read_says_so() -> None:
    raw = (HEAD + "Cc: " + "a@b.example, " * 2_100 + "\r\n\r\n").encode()

    told = [(finding.subject, finding.args["kind"]) for finding in lint(raw, {}) if finding.code == "HDR022"]
    assert told == [("Cc", "line-too-long"), ("Cc", "too-many-addresses")]
