"""Snapshots: written and read back without loss, replayed with the same result, strict about what they read."""

from __future__ import annotations

import asyncio
import gzip
import json
import lzma
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverability.core.errors import UnreadableFile
from deliverability.core.limits import Limits
from deliverability.core.names import DomainName, escape_controls, from_labels
from deliverability.core.plan import Plan, ask_txt, gather, solve
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    NoName,
    Question,
    RawRecord,
    SoaRecord,
    TlsaRecord,
)
from deliverability.sources import snapshot_file
from deliverability.sources.drive import solve_async
from deliverability.sources.snapshot import Snapshot
from deliverability.sources.table import TableSource

LABELS = st.binary(min_size=1, max_size=12) | st.sampled_from([b"empresa", b"_dmarc", b"mail", b"*", b"a.b", b"\\"])
NAMES = st.lists(LABELS, max_size=4).map(from_labels)
TTLS = st.integers(0, 2**31 - 1)
U32 = st.integers(0, 2**32 - 1)
STRINGS = st.lists(st.binary(max_size=255), min_size=1, max_size=3).map(tuple)
RECORDS: dict[str, st.SearchStrategy[Any]] = {
    "A": st.ip_addresses(v=4),
    "AAAA": st.ip_addresses(v=6),
    "CNAME": NAMES,
    "NS": NAMES,
    "PTR": NAMES,
    "TXT": STRINGS,
    "SPF": STRINGS,
    "MX": st.builds(MxRecord, st.integers(0, 65535), NAMES),
    "SOA": st.builds(SoaRecord, NAMES, NAMES, U32, U32, U32, U32, U32),
    "TLSA": st.builds(
        TlsaRecord, st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=64)
    ),
    "DS": st.builds(RawRecord, st.text(max_size=30)),
    "DNSKEY": st.builds(RawRecord, st.text(max_size=30)),
}
ALIASES = st.lists(NAMES, max_size=3).map(tuple)
FAILURES = st.builds(Failed, st.sampled_from(FailureKind), st.text(max_size=30).map(escape_controls))


@st.composite
def entries(draw: st.DrawFn) -> tuple[Question, Answer]:
    record_type = draw(st.sampled_from(sorted(RECORDS)))
    server = draw(st.none() | st.ip_addresses())
    question = DnsQuestion(draw(NAMES), record_type, draw(st.booleans()), server)  # type: ignore[arg-type]
    records = st.lists(RECORDS[record_type], min_size=1, max_size=3).map(tuple)
    absent = st.one_of(st.builds(kind, TTLS, ALIASES, st.booleans()) for kind in (NoData, NoName))
    return question, draw(st.builds(Found, records, TTLS, ALIASES, st.booleans()) | absent | FAILURES)


SNAPSHOTS = st.lists(entries(), max_size=8).map(lambda pairs: Snapshot(dict(pairs)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SNAPSHOTS)
def test_nothing_is_lost_on_the_way_through_json(snapshot: Snapshot) -> None:
    text = snapshot.to_json()

    assert Snapshot.from_json(text) == snapshot
    assert Snapshot.from_json(text).to_json() == text
    assert text.isascii()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(entries(), max_size=6, unique_by=lambda pair: pair[0]), st.randoms(use_true_random=False))
def test_the_order_of_asking_leaves_no_trace(pairs: list[tuple[Question, Answer]], random: Any) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)

    assert Snapshot(dict(shuffled)).to_json() == Snapshot(dict(pairs)).to_json()


WORLD = TableSource(
    {f"n{number}.example/TXT": [f"text {number}", "b", "a"] for number in range(5)}
    | {"n5.example/TXT": {"fault": "servfail"}, "n6.example/CNAME": ["n1.example."]}
)
_TREES = st.recursive(st.integers(0, 8), lambda inner: st.lists(inner, max_size=3), max_leaves=10)


def _plan(tree: Any) -> Plan[Any]:
    if isinstance(tree, int):
        return (yield from ask_txt(DomainName(f"n{tree}.example")))
    return (yield from gather(*(_plan(part) for part in tree)))


class Waiting:
    async def ask(self, question: Question) -> Answer:
        await asyncio.sleep(0)
        return WORLD.answer(question)


@settings(deadline=None)
@given(_TREES, st.sampled_from(["x.json", "x.json.gz", "x.json.xz"]))
def test_a_replay_gives_the_same_result(tmp_path_factory: pytest.TempPathFactory, tree: Any, name: str) -> None:
    path = tmp_path_factory.mktemp("replay") / name
    known, live = Snapshot.recording(WORLD), Snapshot.recording(Waiting())
    result = solve(_plan(tree), known)

    assert asyncio.run(solve_async(_plan(tree), live)) == result
    assert known.snapshot == live.snapshot
    live.snapshot.save(path)
    assert solve(_plan(tree), Snapshot.load(path)) == result


def test_what_a_spent_budget_told_is_recorded() -> None:
    recorder = Snapshot.recording(Waiting())
    plan = gather(*(ask_txt(DomainName(f"n{number}.example")) for number in range(5)))
    result = asyncio.run(solve_async(plan, recorder, limits=Limits(audit_questions=3)))

    again = solve(gather(*(ask_txt(DomainName(f"n{number}.example")) for number in range(5))), recorder.snapshot)
    assert again == result
    assert [answer.kind for answer in result if isinstance(answer, Failed)] == [FailureKind.BUDGET] * 2


def test_what_was_not_recorded_is_offline() -> None:
    answer = Snapshot().answer(DnsQuestion(DomainName("empresa.example"), "TXT"))

    assert answer == Failed(FailureKind.OFFLINE, "not in the snapshot")


def test_a_question_has_one_answer_in_a_recording() -> None:
    class Moody:
        def __init__(self) -> None:
            self.count = 0

        def answer(self, question: Question) -> Answer:
            self.count += 1
            return NoData(self.count)

    moody = Moody()
    recorder = Snapshot.recording(moody)
    question = DnsQuestion(DomainName("empresa.example"), "TXT")

    assert recorder.answer(question) == recorder.answer(question) == recorder.snapshot.answer(question) == NoData(1)
    assert Snapshot.recording(moody, recorder.snapshot).answer(question) == NoData(1)
    assert len(recorder.snapshot) == 1
    assert question in recorder.snapshot


def test_the_form_of_the_file(tmp_path: Path) -> None:
    question = DnsQuestion(DomainName("empresa.example"), "TXT")
    snapshot = Snapshot(
        {
            question: Found(((b"v=spf1 ", b"-all"), (b"\xff",)), 300),
            question._replace(type="MX", server=ip_address("192.0.2.53")): Failed(FailureKind.TIMEOUT, "no answer"),
        }
    )
    path = tmp_path / "empresa.json"
    snapshot.save(path)

    assert path.read_text() == (
        '{"format": "deliverability-snapshot", "version": 1, "answers": [\n'
        '{"detail": "no answer", "kind": "timeout", "name": "empresa.example", "server": "192.0.2.53", "status": "failed", '
        '"type": "MX"},\n'
        '{"name": "empresa.example", "records": [["v=spf1 ", "-all"], [{"b64": "/w=="}]], "status": "found", "ttl": 300, '
        '"type": "TXT"}\n]}\n'
    )
    assert [file.name for file in tmp_path.iterdir()] == ["empresa.json"]


def test_equal_snapshots_make_equal_files(tmp_path: Path) -> None:
    snapshot = Snapshot({DnsQuestion(DomainName("empresa.example"), "TXT"): NoName(60)})
    for suffix in ("json", "json.gz", "json.xz"):
        first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
        snapshot.save(first)
        snapshot.save(second)
        assert first.read_bytes() == second.read_bytes()
        assert Snapshot.load(first) == snapshot


def _document(*answers: Any, **changes: Any) -> str:
    return json.dumps({"format": "deliverability-snapshot", "version": 1, "answers": list(answers)} | changes)


GOOD: dict[str, Any] = {"name": "a.example", "type": "TXT", "status": "found", "ttl": 1, "records": [["x"]]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: no JSON"),
        ("[\n1\n2\n]", "line 3: no JSON"),
        ("[" * 200_000, "no snapshot"),
        ("[]", "format"),
        ('{"format": NaN}', "NaN"),
        ('{"format": ' + "9" * 5000 + "}", "no snapshot"),
        (_document(version=2), "version"),
        (_document(answers={}), "exactly"),
        (_document(more=1), "exactly"),
        (_document(1), "answer 1: not an object"),
        (_document(GOOD, GOOD), "answer 2.*twice"),
        (_document(GOOD | {"type": "HINFO"}), "record type"),
        (_document(GOOD | {"name": "a..b"}), "domain name"),
        (_document(GOOD | {"name": "A.example"}), "domain name"),
        (_document(GOOD | {"name": 1}), "domain name"),
        (_document(GOOD | {"cd": 1}), "true or false"),
        (_document(GOOD | {"server": "localhost"}), "no address"),
        (_document({"name": "a.example", "type": "A", "status": "fine", "ttl": 1}), "kind of answer"),
        (_document(GOOD | {"ttl": -1}), "number"),
        (_document(GOOD | {"ttl": True}), "number"),
        (_document(GOOD | {"ttl": 1e3}), "number"),
        (_document(GOOD | {"records": []}), "without records"),
        (_document(GOOD | {"records": ["x"]}), "list"),
        (_document(GOOD | {"records": [["x" * 256]]}), "255"),
        (_document(GOOD | {"records": [["é"]]}), "plain text"),
        (_document(GOOD | {"records": [[{"b64": "!"}]]}), "base64"),
        (_document(GOOD | {"records": [[{"b64": 1}]]}), "plain text"),
        (_document(GOOD | {"surprise": 1}), "surprise"),
        (_document(GOOD | {"status": "nodata"}), "records"),
        (_document(GOOD | {"type": "MX", "records": [[10]]}), "list of 2"),
        (_document(GOOD | {"type": "MX", "records": [[70000, "a"]]}), "number"),
        (_document(GOOD | {"type": "A", "records": [1]}), "no address"),
        (_document(GOOD | {"type": "TLSA", "records": [[3, 1, 1, "zz"]]}), "hexadecimal"),
        (_document(GOOD | {"type": "DS", "records": [1]}), "text"),
        (_document({"name": "a.example", "type": "A", "status": "failed", "kind": "tired", "detail": ""}), "failure"),
        (_document({"name": "a.example", "type": "A", "status": "failed", "kind": "timeout"}), "exactly"),
    ],
)
def test_garbage_is_refused_with_one_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)

    with pytest.raises(UnreadableFile, match=says) as caught:
        Snapshot.load(path)
    assert "\n" not in str(caught.value)
    assert "x.json" in str(caught.value)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "aliases", "authenticated", "kind", "detail", "cd", "server", "b64"]), inner, max_size=6), max_leaves=12))  # fmt: skip
def test_any_json_is_a_snapshot_or_an_unreadable_file(value: Any) -> None:
    for entry in (value, GOOD | (value if isinstance(value, dict) else {})):
        try:
            snapshot = Snapshot.from_json(_document(entry))
        except UnreadableFile:
            continue
        assert Snapshot.from_json(snapshot.to_json()) == snapshot


def test_files_that_unpack_badly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, octets in (
        ("a.json.gz", b"no gzip"),
        ("b.json.gz", gzip.compress(b"{}")[:-9]),
        ("c.json.xz", b"no xz"),
        ("d.json.xz", lzma.compress(b"{}" * 100)[:-20]),
        ("e.json", b"\xff"),
        ("f.json.gz", gzip.compress(b"x")[:-6] + b"\0\0\0\0\0\0"),
    ):
        (tmp_path / name).write_bytes(octets)
        with pytest.raises(UnreadableFile):
            Snapshot.load(tmp_path / name)
    monkeypatch.setattr(snapshot_file, "MAX_OCTETS", 1000)
    for name, packed in (("g.json.gz", gzip.compress(b" " * 10**6)), ("h.json.xz", lzma.compress(b" " * 10**6))):
        (tmp_path / name).write_bytes(packed)
        with pytest.raises(UnreadableFile, match="larger"):
            Snapshot.load(tmp_path / name)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        Snapshot.load(tmp_path / "absent.json")
    with pytest.raises(UnreadableFile, match="cannot be written"):
        Snapshot().save(tmp_path / "no" / "folder.json")
