"""Reading reputation files, as the services export them and as spreadsheets leave them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

import deliverability as dv
from deliverability.core.errors import UnreadableFile
from deliverability.core.finding import Passed, Unknown
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.feedback.facts import FileKind, Rate, Verdict, windows
from deliverability.feedback.read import load, read_file
from deliverability.feedback.values import read_count, read_day, read_rate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "kinds", "rows"),
    [
        ("snds-data.csv", {FileKind.SNDS_DATA}, 3),
        ("snds-data-2026.csv", {FileKind.SNDS_DATA}, 2),
        ("snds-data-2026.json", {FileKind.SNDS_DATA}, 2),
        ("snds-status.csv", {FileKind.SNDS_STATUS}, 2),
        ("postmaster-v1.json", {FileKind.POSTMASTER_TRAFFIC}, 3),
        ("postmaster-v2.json", {FileKind.POSTMASTER_TRAFFIC}, 2),
        ("postmaster-compliance.json", {FileKind.POSTMASTER_COMPLIANCE}, 5),
        ("postmaster.csv", {FileKind.POSTMASTER_TRAFFIC}, 2),
        ("bounce.eml", {FileKind.BOUNCES}, 1),
        ("mail.log", {FileKind.BOUNCES}, 2),
    ],
)
def test_a_file_shows_what_it_is(name: str, kinds: set[FileKind], rows: int) -> None:
    read = read_file(sample(name), name)

    assert set(read.kinds) == kinds
    assert len(read.days) + len(read.blocks) + len(read.requirements) + len(read.refusals) == rows
    assert load([SAMPLES / name])[0] == read


def test_snds_of_before() -> None:
    first, second, third = read_file(sample("snds-data.csv")).days

    assert (first.subject, first.day, first.recipients) == ("192.0.2.10", date(2026, 11, 18), 1398)
    assert first.complaints is not None
    assert first.complaints.below
    assert not first.complaints.reaches(0.001)
    assert (second.verdict, second.word, second.trap_hits) == (Verdict.DOUBTED, "YELLOW", 2)
    assert third.complaints == read_rate("1.3%")
    assert third.trap_hits == 14
    assert third.line == 3


def test_snds_of_now_says_the_same_in_both_forms() -> None:
    (table, _), (document, other) = (
        read_file(sample(name)).days for name in ("snds-data-2026.csv", "snds-data-2026.json")
    )

    assert replace_line(table) == replace_line(document)
    assert (other.subject, other.day, other.verdict) == ("2001:db8::25", date(2026, 11, 19), Verdict.BAD)


def replace_line(day: object) -> object:
    return day._replace(line=None)  # type: ignore[attr-defined]


def test_blocks() -> None:
    blocked, junked = read_file(sample("snds-status.csv")).blocks

    assert blocked.holds(ip_address("192.0.2.10"))
    assert not blocked.holds(ip_address("192.0.2.16"))
    assert (blocked.blocked, junked.blocked) == (True, False)
    assert junked.shown == "192.0.2.64"


def test_postmaster_tools_version_1_is_held_to_what_is_certain() -> None:
    day, address, _ = read_file(sample("postmaster-v1.json")).days

    assert day.complaints is not None
    assert day.complaints.value == pytest.approx(0.0008)
    assert (address.subject, address.verdict) == ("192.0.2.11", Verdict.BAD)


def test_postmaster_tools_version_2_counts_only_what_users_reported() -> None:
    days = read_file(sample("postmaster-v2.json")).days

    assert [(day.subject, day.complaints.value if day.complaints else None) for day in days] == [
        ("empresa.example", 0.0031),
        ("", 0.0),
    ]


def test_compliance() -> None:
    needs = read_file(sample("postmaster-compliance.json")).requirements

    assert [one.name for one in needs if not one.met] == ["DMARC_ALIGNMENT", "ONE_CLICK_UNSUBSCRIBE"]
    assert needs[2].reason == "NO_UNSUB_GENERAL"
    assert needs[-1].domain == "facturas.empresa.example"
    assert not [one for one in needs if one.name == "USER_REPORTED_SPAM_RATE"]


def test_a_table_of_days_tells_of_lines_without_a_number() -> None:
    read = read_file(sample("postmaster.csv"))

    assert [(day.day, day.line) for day in read.days] == [(date(2026, 11, 20), 2), (date(2026, 11, 18), 4)]
    assert read.not_understood == (3,)


def test_a_folded_diagnostic_code_is_one_reply() -> None:
    (refusal,) = read_file(sample("bounce.eml")).refusals

    assert (refusal.receiver, refusal.code, refusal.rule) == ("Outlook.com", "S3150", "BL018")
    assert refusal.address == ip_address("192.0.2.10")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_do_to_a_file(encoding: str, end: str) -> None:
    text = sample("snds-data.csv").decode("utf-8")
    changed = text.replace("\n", end).encode(encoding)
    semicolons = sample("snds-status.csv").decode().replace(",", ";").replace("\n", end).encode(encoding)

    assert [day.subject for day in read_file(changed).days] == ["192.0.2.10", "192.0.2.10", "192.0.2.11"]
    assert len(read_file(semicolons).blocks) == 2


@pytest.mark.parametrize(
    "octets", [b"", b"\n\n", b"[]", b"{}", b"hola, ana", b"\x00\xff" * 500, b"%PDF-1.7\n", b"1,2,3"]
)
def test_what_is_no_reputation_file_is_a_documented_error(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(octets)

    with pytest.raises(UnreadableFile, match="SNDS"):
        load([octets])
    with pytest.raises(UnreadableFile, match=r"export\.csv"):
        load([path])


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, reputation_octets=2**20)
    for given in (tmp_path / "none.csv", tmp_path, "a\0b"):
        with pytest.raises(UnreadableFile, match="cannot be read"):
            load([given])
    with pytest.raises(UnreadableFile, match="larger than 1 MiB"):
        load([sample("snds-data.csv") * 5_000], limits)


def test_rows_past_the_limit_are_counted() -> None:
    read = read_file(sample("snds-status.csv") * 10, limits=replace(DEFAULT_LIMITS, reputation_rows=15))

    assert len(read.blocks) == 15
    assert read.left_out == 5


@pytest.mark.parametrize(
    "octets",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'"' + b"a," * 500_000,
        b'192.0.2.10,"' + b"x" * 1_000_000,
        b"550 5.7.1 " + b"(" * 1_000_000,
        b"\n".join(b"550 5.7.1 [" + b"9" * 400 for _ in range(2_000)),
        b'[{"metric":"spam","value":{"doubleValue":1e999}},{"metric":"spam","value":{"doubleValue":'
        + b"9" * 5_000
        + b"}}]",
    ],
)
def test_hostile_files_cost_little(octets: bytes) -> None:
    started = time.perf_counter()
    read = read_file(octets)

    assert time.perf_counter() - started < 4
    assert not read.days


@pytest.mark.parametrize(
    ("text", "value", "below"),
    [
        ("< 0.1%", 0.001, True),
        ("<0.1%", 0.001, True),
        ("0,12 %", 0.0012, False),
        ("0.003", 0.003, False),
        (0.25, 0.25, False),
        ("100%", 1.0, False),
    ],
)
def test_rates(text: object, value: float, below: bool) -> None:
    rate = read_rate(text)

    assert rate is not None
    assert rate.value == pytest.approx(value)
    assert rate.below is below


@pytest.mark.parametrize(
    "text", ["", "-1%", "101%", "1e3", "NaN", float("nan"), float("inf"), True, None, "٣%", [], "9" * 400]
)
def test_what_is_no_rate(text: object) -> None:
    assert read_rate(text) is None


def test_a_rate_at_the_threshold_reaches_it() -> None:
    rate = read_rate("0.3%")

    assert isinstance(rate, Rate)
    assert rate.reaches(0.003)
    assert (rate.text.en, rate.text.es) == ("0.3 %", "0,3 %")


def test_dates_and_counts() -> None:
    assert read_day("11/20/2026 1:00 AM") == read_day("20/11/2026") == read_day("20261120") == date(2026, 11, 20)
    assert read_day("2026-11-20T10:00:00Z") == read_day("Nov 20, 2026") == date(2026, 11, 20)
    assert read_day("2026-13-40") is read_day("31/31/2026") is read_day({"year": 2026, "month": 0, "day": 1}) is None
    assert read_day({"year": 10**30, "month": 1, "day": 1}) is None
    assert read_count("1,234") == read_count("1.234") == read_count(1234) == 1234
    assert read_count("12x") is read_count(-1) is read_count(True) is None


def test_windows_look_at_the_newest_days() -> None:
    rows = "\n".join(f"192.0.2.10,11/{day}/2026 1:00 AM,1,1,1,GREEN,{day}.0%,,0" for day in range(10, 21))
    (window,) = windows(("f", day) for day in read_file(rows.encode()).days)

    assert window.newest == date(2026, 11, 20)
    assert [window.worst(days).day for days in (1, 30)] == [date(2026, 11, 20)] * 2  # type: ignore[union-attr]
    assert len(window.days) == 11


# --- in audits ------------------------------------------------------------------------------------------------------

SOURCE = dv.TableSource({})
MAIL = b"From: Empresa <facturas@empresa.example>\r\nTo: ana@cliente.example\r\nSubject: Factura 1\r\n\r\nHola\r\n"


def test_in_the_audit_of_a_domain_and_of_a_message() -> None:
    files = [SAMPLES / "postmaster-v2.json", sample("snds-status.csv"), str(SAMPLES / "mail.log")]
    domain = dv.audit_domain("empresa.example", source=SOURCE, reputation=files, now=NOW)
    message = dv.audit_message(MAIL, source=SOURCE, reputation=files, now=NOW)
    (several,) = dv.audit_domains(["empresa.example"], source=SOURCE, reputation=files, now=NOW)

    for report in (domain, message, several):
        assert {"BNC003", "BNC004", "BNC005", "BL018"} <= report.codes()
        assert len(json.loads(report.render("json"))["details"]["reputation"]) == 3
        assert "S3150" not in report.render("terminal")
        assert "TSS04" in report.render("terminal")


def test_without_files_nothing_is_judged() -> None:
    report = dv.audit_domain("empresa.example", source=SOURCE)

    assert not {rule.code for rule, _ in report.checked} & {"BNC003", "BNC004", "BNC005", "BL018"}
    assert "reputation" not in report.details


def test_a_fix_tried_again_sees_the_same_files() -> None:
    zone = dv.TableSource({"empresa.example/TXT": ["v=spf1 +all"], "_dmarc.empresa.example/TXT": ["v=DMARC1; p=none"]})
    report = dv.audit_domain("empresa.example", source=zone, reputation=[sample("snds-data.csv")], now=NOW)

    assert "BNC003" in report.codes()
    assert not [action for action in report.actions if "BNC003" in action.solves]


def test_old_data_is_unknown_not_passed() -> None:
    rows = b"192.0.2.10,1/5/2026 1:00 AM,1,1,1,RED,5%,,0"
    report = dv.audit_domain("empresa.example", source=SOURCE, reputation=[rows], now=NOW)
    outcomes = {rule.code: outcome for rule, outcome in report.checked if rule.code in ("BNC003", "BL018")}

    assert {type(outcome) for outcome in outcomes.values()} == {Unknown}


def test_an_address_without_a_fault_passes() -> None:
    rows = b"192.0.2.10,11/19/2026 1:00 AM,1,1,1,GREEN,< 0.1%,,0"
    report = dv.audit_domain("empresa.example", source=SOURCE, reputation=[rows], now=NOW)
    outcomes = {rule.code: outcome for rule, outcome in report.checked if rule.code in ("BNC003", "BL018")}

    assert {type(outcome) for outcome in outcomes.values()} == {Passed}


@pytest.mark.parametrize(("name", "state"), [("postmaster-v2.json", "not-met"), ("snds-data.csv", "unknown")])
def test_what_gmail_reports_counts_in_what_gmail_asks_for(name: str, state: str) -> None:
    report = dv.audit_message(MAIL, source=SOURCE, reputation=[SAMPLES / name], now=NOW)
    held = {item.requirement.key: item.state.value for one in report.details["checklists"].lists for item in one.items}

    assert "BNC003" in report.codes()
    assert held["gmail.spam_rate"] == state
    assert held["yahoo.spam"] == "unknown"
