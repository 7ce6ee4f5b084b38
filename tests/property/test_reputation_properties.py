"""Whatever a reputation file holds: it is read, judged and shown, and nothing harmful comes out of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import deliverability as dv
from deliverability.core.limits import Limits
from deliverability.feedback.read import read_file
from tests.support.inert import harmful

SAMPLES = sorted((Path(__file__).parents[1] / "feedback" / "samples").iterdir())
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = dv.TableSource({})

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["192.0.2.1", "RED", "0.4%"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            [
                "name", "metric", "value", "date", "doubleValue", "year", "month", "day", "rowData", "requirement", "status",
                "domainId", "trafficStats", "userReportedSpamRatio", "domainReputation", "ipReputations", "sampleIps",
                "reputation", "ipAddress", "filterResult", "complaintRate", "beginningIpAddress", "endingIpAddress", "blocked",
                "reason", "oneClickUnsubscribeVerdict",
            ]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip
cells = st.sampled_from(
    ["192.0.2.1", "2001:db8::1", "10.0.0.0/8", "RED", "green", "< 0.1%", "0,5 %", "11/20/2026", "Date", "spam", "Yes", "", '"', "9"]
) | st.text(max_size=12)  # fmt: skip


def shown(octets: bytes) -> None:
    """A file that is understood goes through the whole audit and out in every form."""
    if not read_file(octets).kinds:
        return
    report = dv.audit_domain("empresa.example", source=SOURCE, reputation=[octets], now=NOW, try_fixes=False)
    for lang in ("en", "es"):
        assert harmful(report.render("terminal", lang=lang)) == []
    json.loads(report.render("json"))


@given(st.binary(max_size=2_000) | st.text(max_size=2_000).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_octets(octets: bytes) -> None:
    assert read_file(octets) == read_file(octets)


@settings(max_examples=60, deadline=None)
@given(values)
def test_any_document(document: object) -> None:
    shown(json.dumps([document]).encode())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, max_size=14), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_any_table(rows: list[list[str]], delimiter: str) -> None:
    shown("\n".join(delimiter.join(row) for row in rows).encode("utf-8", "surrogatepass"))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 3_000), st.binary(max_size=8), st.integers(0, 30))
def test_samples_with_a_piece_exchanged(path: Path, at: int, piece: bytes, gone: int) -> None:
    octets = path.read_bytes()
    at %= len(octets)
    shown(octets[:at] + piece + octets[at + gone :])


@given(st.sampled_from(SAMPLES), st.integers(1, 6))
def test_nothing_is_lost_in_silence(path: Path, most: int) -> None:
    whole, part = read_file(path.read_bytes()), read_file(path.read_bytes(), limits=Limits(reputation_rows=most))
    count = [
        len(f.days) + len(f.blocks) + len(f.requirements) + len(f.refusals) + len(f.not_understood)
        for f in (whole, part)
    ]

    assert count[1] + part.left_out == count[0] or part.left_out == 0
