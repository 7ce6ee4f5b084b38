"""Second opinions: the other tools see the audit's answers and nothing else, cannot hurt, and differences are explained."""

from __future__ import annotations

import importlib.util
import re
import sys
from typing import Any

import pytest

from deliverability.core.errors import InvalidAddress, InvalidDomainName, MissingExtra
from deliverability.core.questions import DnsQuestion, Found, split_strings
from deliverability.crosscheck import CrosscheckResult, CrosscheckRow, Right, crosscheck, process
from deliverability.crosscheck.table import Case, differences, explain
from deliverability.sources.table import TableSource

SOUND = {
    "empresa.example/TXT": ["v=spf1 ip4:198.51.100.0/24 a mx include:_spf.esp.example -all"],
    "empresa.example/A": ["192.0.2.10"],
    "empresa.example/AAAA": ["2001:db8::10"],
    "empresa.example/MX": ["10 mx.empresa.example"],
    "mx.empresa.example/A": ["192.0.2.25"],
    "mx.empresa.example/AAAA": ["2001:db8::25"],
    "_spf.esp.example/TXT": ["v=spf1 ip4:192.0.2.128/25 ~all"],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=reject; rua=mailto:dmarc@empresa.example"],
}


def _with(**changes: Any) -> TableSource:
    names = {"spf": "empresa.example/TXT", "dmarc": "_dmarc.empresa.example/TXT"}
    return TableSource({**SOUND, **{names[key]: value for key, value in changes.items()}})


def _row(result: CrosscheckResult, topic: str, subject: str = "") -> CrosscheckRow:
    rows = [row for row in result.rows if row.topic.en == topic and subject in row.subject]
    rows = [row for row in rows if row.tool == "checkdmarc"] or rows  # of a count that two tools give
    assert len(rows) == 1
    return rows[0]


def test_a_sound_domain_is_sound_for_all() -> None:
    result = crosscheck("empresa.example", _with(), ips=["198.51.100.7", "192.0.2.200", "2001:db8::25"])

    assert not result.differences
    assert [run.tool for run in result.tools] == ["pyspf", "checkdmarc"]
    assert all(re.match(r"\d+\.\d+", run.version) and not run.failure for run in result.tools)
    assert _row(result, "SPF result", "198.51.100.7").theirs == "pass"
    assert _row(result, "SPF result", "203.0.113.250").theirs == "fail"
    assert _row(result, "DNS lookups of SPF").theirs == "3"
    assert _row(result, "DMARC policy").ours == "reject"


def test_an_error_after_all_is_ours_to_find() -> None:
    result = crosscheck("empresa.example", _with(spf=["v=spf1 -all ip4:999.1.1.1"]))

    row = _row(result, "SPF record")
    assert (row.ours, row.theirs, row.right, row.section) == ("permerror", "valid", Right.OURS, "RFC 7208 §4.6")
    assert _row(result, "SPF result").agrees  # pyspf reads the whole record


def test_a_doubled_separator_does_not_void_the_policy() -> None:
    result = crosscheck("empresa.example", _with(dmarc=["v=DMARC1; p=reject;; rua=mailto:d@empresa.example"]))

    row = _row(result, "DMARC record")
    assert (row.ours, row.theirs, row.right) == ("valid", "invalid", Right.OURS)
    assert "separator" in row.why.en


def test_a_timeout_is_no_bad_record() -> None:
    result = crosscheck("empresa.example", _with(spf={"fault": "timeout"}))

    row = _row(result, "SPF record")
    assert (row.ours, row.theirs, row.right) == ("temperror", "invalid", Right.OURS)
    assert _row(result, "SPF result").theirs == "temperror"


def test_a_missing_record_is_the_same_to_all() -> None:
    result = crosscheck("empresa.example", _with(spf=[], dmarc=[]))

    assert not result.differences


def test_the_report_beside_recorded_answers_says_what_was_not_asked() -> None:
    """A mapping knows what the audit asked and no more: a tool that wants more has no verdict."""
    answers = {DnsQuestion(_name("empresa.example"), "TXT"): Found((split_strings(b"v=spf1 a -all"),), 300)}
    result = crosscheck("empresa.example", answers, tools=("pyspf",))

    row = _row(result, "SPF result")
    assert row.theirs == "temperror"
    assert row.right in (Right.SAME, Right.NO_ANSWER)


def _name(text: str) -> Any:
    return text


@pytest.mark.parametrize(
    "record", ["v=spf1 " + "a:x.example " * 200, "v=spf1 " + "%" * 5000, "v=spf1 exists:%{l}.\x00é"]
)
def test_hostile_records_end_in_rows(record: str) -> None:
    result = crosscheck("empresa.example", _with(spf=[record]))

    assert len(result.rows) >= 3
    assert all(isinstance(row.right, Right) for row in result.rows)


def test_a_child_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child limits itself; here with the limit turned down and a checker that never ends."""
    _replace_child(monkeypatch, "child.WALL_SECONDS = 1", "time.sleep(60)")
    result = crosscheck("empresa.example", _with())

    assert {row.right for row in result.rows} == {Right.NO_ANSWER}
    assert all("time" in run.failure for run in result.tools)


def test_a_child_that_eats_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    _replace_child(monkeypatch, "child.MEMORY_OCTETS = 200 << 20", "b'x' * (400 << 20)")
    result = crosscheck("empresa.example", _with())

    assert all(run.failure for run in result.tools)


def test_the_child_cannot_reach_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    _replace_child(
        monkeypatch,
        "import socket",
        "s = socket.socket()\n"
        "    try: s.connect(('127.0.0.1', 9))\n"
        "    except OSError as error: assert 'blocked' in str(error); raise SystemExit(7)",
    )
    result = crosscheck("empresa.example", _with())

    assert all("7" in run.failure for run in result.tools)


def _replace_child(monkeypatch: pytest.MonkeyPatch, before: str, instead: str) -> None:
    code = (
        "import time\nfrom deliverability.crosscheck import child\n"
        f"{before}\ndef run(job, parent):\n    {instead}\nchild._run = run\nchild.main()"
    )
    real = process.subprocess.Popen

    def popen(_command: list[str], **options: Any) -> Any:
        return real([sys.executable, "-I", "-c", code], **options)

    monkeypatch.setattr(process.subprocess, "Popen", popen)


def test_a_missing_tool_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(MissingExtra, match=r"pip install 'deliverability\[crosscheck\]'"):
        crosscheck("empresa.example", _with())


def test_wrong_arguments_raise() -> None:
    with pytest.raises(InvalidDomainName):
        crosscheck("not a domain", _with())
    with pytest.raises(InvalidAddress):
        crosscheck("empresa.example", _with(), ips=["192.0.2.300"])


@pytest.mark.parametrize("entry", differences(), ids=lambda entry: entry.id)
def test_each_known_difference_is_complete(entry: Any) -> None:
    assert re.fullmatch(r"RFC \d{4} §[\d.]+", entry.section)
    assert entry.right in (Right.OURS, Right.THEIRS, Right.EITHER)
    assert entry.why.en != entry.why.es
    assert entry.topics


def test_an_unknown_difference_is_told_as_unknown() -> None:
    assert explain(Case("checkdmarc", "dmarc-policy", "reject", "none")) is None


def test_ptr_and_a_made_up_client_are_no_reason_to_differ() -> None:
    """The client nobody sends from has no reverse name; recorded answers need not say so."""
    result = crosscheck("empresa.example", _with(spf=["v=spf1 ptr -all"]), tools=("pyspf",))

    assert _row(result, "SPF result").agrees


@pytest.mark.parametrize(
    ("spf", "tool", "id_"),
    [
        ("v=spf1 x=1 x=2 ip4:203.0.113.0/24 -all", "pyspf", "repeated-unknown-modifier"),
        (
            "v=spf1 exists:a.esp.example exists:b.esp.example exists:c.esp.example -all",
            "checkdmarc",
            "exists-is-not-asked",
        ),
        ("v=spf1 a:%{d}/99 -all", "checkdmarc", "cidr-length"),
    ],
)
def test_differences_are_explained_by_their_class(spf: str, tool: str, id_: str) -> None:
    result = crosscheck("empresa.example", _with(spf=[spf]))

    wanted = next(entry.why for entry in differences() if entry.id == id_)
    assert wanted in [row.why for row in result.differences if row.tool == tool]


@pytest.mark.parametrize(
    ("dmarc", "id_"),
    [
        ("v=DMARC1; p=reject; fo=z; ruf=mailto:a@empresa.example", "dmarc-bad-tag-value"),
        ("v=DMARC1; p=reject; t=x", "dmarc-bad-tag-value"),
        ("v=DMARC1; p=reject; rua=mailto:d@empresa.example,", "dmarc-bad-uri"),
        ("v=DMARC1; p=none; p=reject", "dmarc-repeated-tag"),
        ("v=DMARC1; p=quarantine; t=y", "dmarc-test-mode"),
    ],
)
def test_dmarc_differences_are_explained_by_their_class(dmarc: str, id_: str) -> None:
    result = crosscheck("empresa.example", _with(dmarc=[dmarc]), tools=("checkdmarc",))

    wanted = next(entry.why for entry in differences() if entry.id == id_)
    assert wanted in [row.why for row in result.differences]
