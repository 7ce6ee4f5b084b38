"""Defects that other SPF tools have shown; each must not be ours.

What is tested elsewhere is not repeated: syntax errors behind `all`, prefix lengths, ptr and mx void look-ups, counting
of terms (test_record.py, test_check_host*.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from deliverability.core.plan import solve
from deliverability.sources.table import TableSource
from deliverability.spf import SpfResult, check_host, check_host_plan, parse

_IP = "192.0.2.1"
_FAULT = {"fault": "servfail"}


def check(zone: dict[str, Any], ip: str = _IP, sender: str = "a@d.example") -> SpfResult:
    return check_host(ip, "d.example", sender, source=TableSource(zone))


@pytest.mark.parametrize(
    "bad",
    [
        "-all ip4:999.1.1.1",
        "-all fooo:bar",
        "-all include:%{z}.x",
        f"ip4:{_IP} ip4:999.1.1.1 -all",
        f"ip4:{_IP} a:%{{d}}/99",
    ],
)
@pytest.mark.parametrize("zone", ["d.example", "include", "redirect"])
def test_a_late_syntax_error_is_a_permerror_also_in_another_record(bad: str, zone: str) -> None:
    """RFC 7208 §4.6: the syntax of the whole record is checked before anything in it counts."""
    records: dict[str, Any] = {"d.example/TXT": [f"v=spf1 {bad}"]}
    if zone != "d.example":
        term = "include:b.example" if zone == "include" else "redirect=b.example"
        records = {"d.example/TXT": [f"v=spf1 {term}"], "b.example/TXT": records["d.example/TXT"]}
    assert check(records).result == "permerror"


@pytest.mark.parametrize("fault", ["timeout", "servfail", "refused", "malformed", "unreachable"])
def test_a_record_that_could_not_be_asked_for_is_temperror_and_never_missing(fault: str) -> None:
    for zone in (
        {"d.example/TXT": {"fault": fault}},
        {"d.example/TXT": ["v=spf1 include:b.example ip4:192.0.2.1 -all"], "b.example/TXT": {"fault": fault}},
        {"d.example/TXT": ["v=spf1 redirect=b.example"], "b.example/TXT": {"fault": fault}},
        {"d.example/TXT": ["v=spf1 a:h.example all"], "h.example/A": {"fault": fault}},
    ):
        result = check(zone)
        assert result.result == "temperror"
        assert result.problem is not None
        assert result.problem.kind == "dns-failure"


def test_answers_come_from_the_source_that_is_given_and_from_no_memory() -> None:
    """Two sources, one after the other, with different answers; exp is looked up there too."""
    one = {"d.example/TXT": ["v=spf1 -all exp=e.example"], "e.example/TXT": ["one"]}
    two = {"d.example/TXT": ["v=spf1 -all exp=e.example"], "e.example/TXT": ["two"]}
    assert [check(zone).explanation for zone in (one, two, one)] == ["one", "two", "one"]


def test_redirect_is_followed() -> None:
    for target, result in (("v=spf1 +all", "pass"), ("v=spf1 -all", "fail")):
        zone = {"d.example/TXT": ["v=spf1 redirect=_spf.example.net"], "_spf.example.net/TXT": [target]}
        assert check(zone).result == result


def test_the_qualifier_of_an_include_counts() -> None:
    assert (
        check({"d.example/TXT": ["v=spf1 -include:b.example ?all"], "b.example/TXT": ["v=spf1 all"]}).result == "fail"
    )


def test_no_spf_record_and_a_bare_one() -> None:
    assert check({"d.example/TXT": ["x=y"]}).result == "none"
    assert check({"d.example/A": [_IP]}).result == "none"
    assert check({}).result == "none"
    assert check({"d.example/TXT": ["v=spf1"]}).result == "neutral"


@pytest.mark.parametrize(
    "term", ["exists:%{i}.x.example", "include:%{l1r+}.x.example", "a:%{h}.x.example", "exists:%{p}.x.example"]
)
def test_any_macro_can_be_expanded(term: str) -> None:
    zone = {
        "d.example/TXT": [f"v=spf1 {term} ip4:{_IP}"],
        "*.x.example/TXT": ["v=spf1 -all"],
        "*.x.example/A": ["198.51.100.1"],
    }
    result = check_host(_IP, "d.example", "a+b@d.example", helo="mail.example", source=TableSource(zone))
    assert result.result == "pass"


def test_ten_includes_are_allowed_and_ten_mail_hosts() -> None:
    zone: dict[str, Any] = {f"i{n}.example/TXT": ["v=spf1 -all"] for n in range(10)}
    zone["d.example/TXT"] = ["v=spf1 " + " ".join(f"include:i{n}.example" for n in range(10)) + f" ip4:{_IP}"]
    assert check(zone).result == "pass"
    zone = {f"h{n}.example/A": ["198.51.100.1"] for n in range(10)}
    zone |= {"d.example/TXT": [f"v=spf1 mx ip4:{_IP}"], "d.example/MX": [f"{n} h{n}.example" for n in range(10)]}
    assert check(zone).result == "pass"


def test_three_void_terms_before_a_match_are_a_permerror() -> None:
    assert check({"d.example/TXT": [f"v=spf1 a:x.example a:y.example a:z.example ip4:{_IP}"]}).result == "permerror"


@pytest.mark.parametrize(
    "record",
    ["v=spf1 ip4:192.0.2.10/24", "v=spf1 a/24//64", "v=spf1 foo=%{i}.bar ip4:192.0.2.1", "v=spf1 foo= ip4:192.0.2.1"],
)
def test_valid_records_that_others_reject(record: str) -> None:
    assert check({"d.example/TXT": [record], "d.example/A": ["192.0.2.200"]}).result == "pass"


def test_explanations_are_expanded() -> None:
    zone = {"d.example/TXT": ["v=spf1 -all exp=e.%{d}"], "e.d.example/TXT": ["%{i} is not ours"]}
    assert check(zone).explanation == "192.0.2.1 is not ours"


def test_servfail_at_redirect_and_include_is_temperror() -> None:
    assert check({"d.example/TXT": ["v=spf1 redirect=b.example"], "b.example/TXT": _FAULT}).result == "temperror"
    assert (
        check({"d.example/TXT": [f"v=spf1 include:b.example ip4:{_IP}"], "b.example/TXT": _FAULT}).result == "temperror"
    )


def test_a_leading_blank_makes_it_no_spf_record() -> None:
    assert check({"d.example/TXT": [f" v=spf1 ip4:{_IP} -all"]}).result == "none"


def test_two_explanations_are_a_permerror() -> None:
    assert check({"d.example/TXT": ["v=spf1 -all exp=a.example exp=b.example"]}).result == "permerror"


def test_a_negative_network_is_no_permission() -> None:
    assert check({"d.example/TXT": [f"v=spf1 -ip4:{_IP} ~all"]}).result == "fail"


def test_names_at_other_types_do_not_count_as_lookups() -> None:
    """`exp=mx.example.com` holds no mx; redirect beside all is none; bare `all` costs nothing; `+a` and `a/24` cost one."""
    zone = {"d.example/A": ["198.51.100.1"]}
    for record, lookups in (
        ("v=spf1 -all exp=mx.example.com", 0),
        ("v=spf1 redirect=x.example -all", 0),
        ("v=spf1 all", 0),
        ("v=spf1 +a a/24 -all", 2),
    ):
        assert check({**zone, "d.example/TXT": [record]}).lookups == lookups, record


def test_a_record_need_not_end_in_all() -> None:
    record = parse("v=spf1 -all exp=e.example.com x-custom=1")
    assert record.is_valid
    assert record.problems == ()


def test_the_plan_can_be_driven_by_anybody() -> None:
    plan = check_host_plan(_IP, "d.example", "a@d.example")
    assert solve(plan, TableSource({"d.example/TXT": ["v=spf1 all"]})).result == "pass"
