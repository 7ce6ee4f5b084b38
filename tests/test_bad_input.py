"""What a caller or a file may get wrong: one exception of ours with a line that says it, never another, never a wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

import deliverability as dv


@pytest.mark.parametrize("load", [dv.Profile.load, dv.Snapshot.load, dv.Baseline.load, dv.ZoneSource.from_file])
@pytest.mark.parametrize("path", ["a\0b", "\ud800", "", "x" * 5000, "/dev/null/x", "."])
def test_a_path_that_holds_no_file_is_told_as_such(load: Callable[[str], object], path: str) -> None:
    with pytest.raises(dv.DeliverabilityError) as caught:
        load(path)
    assert str(caught.value)
    assert "\0" not in str(caught.value)


@pytest.mark.parametrize("start", ["a\0b", "\ud800"])
def test_no_profile_is_found_from_a_path_that_is_none(start: str) -> None:
    assert dv.Profile.find(start) == dv.Profile()


def test_a_snapshot_is_not_written_to_a_path_that_is_none() -> None:
    with pytest.raises(dv.DeliverabilityError):
        dv.Snapshot.recording(dv.TableSource({})).snapshot.save("a\0b")


@pytest.mark.parametrize(
    "text",
    [
        "lang = 0x" + "f" * 5000,
        "fail-on = " + "1" * 5000,
        "lang = [0x" + "f" * 5000 + "]",
        "[sending]\ndaily_volume = 0x" + "f" * 6000,
        "a = " + "[" * 5000,
        "lang = nan",
    ],
)
def test_a_profile_of_nonsense_is_told_as_such(tmp_path: Path, text: str) -> None:
    """Python writes out no number of thousands of digits, and follows no list into every depth."""
    (tmp_path / "deliverability.toml").write_text(text, "utf-8")
    with pytest.raises(dv.DeliverabilityError) as caught:
        dv.Profile.load(tmp_path / "deliverability.toml")
    assert len(str(caught.value)) < 1000


def test_a_profile_of_thousands_of_domains_is_read_at_once(tmp_path: Path) -> None:
    """4,000 domains once took 18 seconds, most of them to find the line of each."""
    path = tmp_path / "deliverability.toml"
    path.write_text("domains = [\n" + "".join(f'"d{n}.example", # d\n' for n in range(4000)) + "]\n", "utf-8")
    began = time.process_time()
    profile = dv.Profile.load(path)

    assert time.process_time() - began < 2
    assert (profile.line_of("d0.example"), profile.line_of("d3999.example")) == (2, 4001)


@pytest.mark.parametrize(
    ("given", "plain"),
    [("2001:db8::1%eth0", "2001:db8::1"), ("fe80::1%1", "fe80::1"), ("::ffff:192.0.2.1", "192.0.2.1")],
)
def test_a_sending_address_is_taken_as_the_internet_knows_it(given: str, plain: str) -> None:
    """A zone id has no meaning outside the machine, and a mapped address is an IPv4 one (RFC 7208 §5)."""
    table = {
        "empresa.example/TXT": ["v=spf1 ip6:2001:db8::/32 ip6:fe80::/10 ip4:192.0.2.0/24 -all"],
        f"{ip_address(plain).reverse_pointer}/PTR": ["mx.empresa.example"],
        "mx.empresa.example/A": ["192.0.2.1"],
        "mx.empresa.example/AAAA": ["2001:db8::1", "fe80::1"],
    }
    source, now = dv.TableSource(table), datetime(2026, 11, 22, tzinfo=UTC)
    told = [dv.Sending(ips=(ip_address(ip),)) for ip in (given, plain)]
    reports = [dv.audit_domain("empresa.example", source=source, sending=sending, now=now) for sending in told]
    assert reports[0].codes() == reports[1].codes()
    assert not {"DNS001", "DNS002", "SPF024"} & reports[0].codes()
    assert reports[0].render("json") == reports[1].render("json")


def test_a_sending_address_may_be_given_as_text() -> None:
    """It once failed with "Expected 4 octets"."""
    report = dv.audit_domain("empresa.example", source=dv.OFFLINE, sending=dv.Sending(ips=("192.0.2.25",)))

    assert "192.0.2.25" in {outcome.subject for outcome in report.outcomes}
    with pytest.raises(dv.DeliverabilityError, match="is not an IP address; give one such as"):
        dv.audit_domain("empresa.example", source=dv.OFFLINE, sending=dv.Sending(ips=("nope",)))
