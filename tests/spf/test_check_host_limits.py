"""The limits of RFC 7208 §4.6.4, counted in the order of evaluation, and this library's own."""

from __future__ import annotations

from typing import Any

import pytest

from deliverability.core.limits import Limits
from deliverability.core.questions import Answer, Question
from deliverability.sources.table import TableSource
from deliverability.spf import SpfFailureKind, SpfResult, check_host

_IP = "192.0.2.1"
K = SpfFailureKind


def check(zone: dict[str, Any], ip: str = _IP, **more: Any) -> SpfResult:
    return check_host(ip, "d.example", "a@d.example", source=TableSource(zone), **more)


def _kind(result: SpfResult) -> SpfFailureKind | None:
    return result.problem.kind if result.problem else None


def _leaves(count: int, record: str = "v=spf1 ip4:198.51.100.1") -> dict[str, Any]:
    return {f"i{n}.example/TXT": [record] for n in range(count)}


@pytest.mark.parametrize(("count", "result"), [(10, "pass"), (11, "permerror")])
@pytest.mark.parametrize(
    "term",
    [
        "include:i{}.example",
        "+include:i{}.example",
        "a:h{}.example",
        "a:h{}.example/24",
        "mx:m{}.example",
        "exists:h{}.example",
    ],
)
def test_ten_terms_may_ask(term: str, count: int, result: str) -> None:
    zone: dict[str, Any] = _leaves(count)
    for n in range(count):
        zone[f"h{n}.example/A"] = ["198.51.100.1"] if "exists" not in term else ["127.0.0.2"]
        zone[f"m{n}.example/MX"] = [f"1 h{n}.example"]
    terms = " ".join(("?" if "exists" in term else "") + term.format(n) for n in range(count))
    if "exists" in term:  # an exists that has an address matches: use names that have none, and count past the voids
        for n in range(count):
            del zone[f"h{n}.example/A"]
    limits = Limits(spf_void_lookups=99)
    seen = check({**zone, "d.example/TXT": [f"v=spf1 {terms} ip4:{_IP} -all"]}, limits=limits)
    assert seen.result == result
    assert seen.lookups == count
    if result == "permerror":
        assert _kind(seen) is K.TOO_MANY_LOOKUPS
        assert seen.problem is not None
        assert seen.problem.term == terms.split()[-1]


def test_a_match_before_the_eleventh_term_passes() -> None:
    zone = {
        **_leaves(11),
        "d.example/TXT": [f"v=spf1 ip4:{_IP} " + " ".join(f"include:i{n}.example" for n in range(11))],
    }
    assert check(zone).result == "pass"
    assert check(zone).lookups == 0


def test_one_counter_for_the_whole_evaluation() -> None:
    """Five includes of which each asks once more make ten; nothing is forgotten when an include returns."""
    zone = _leaves(6, "v=spf1 a:h.example")
    zone["h.example/A"] = ["198.51.100.1"]
    zone["d.example/TXT"] = ["v=spf1 " + " ".join(f"include:i{n}.example" for n in range(5)) + " -all"]
    assert (check(zone).result, check(zone).lookups) == ("fail", 10)
    zone["d.example/TXT"] = ["v=spf1 " + " ".join(f"include:i{n}.example" for n in range(6)) + " -all"]
    result = check(zone)
    assert (result.result, result.lookups) == ("permerror", 11)
    assert result.problem is not None
    assert (result.problem.domain, result.problem.term) == ("d.example", "include:i5.example")


def test_the_first_record_mx_hosts_all_ip4_and_exp_are_not_counted() -> None:
    zone: dict[str, Any] = {
        "d.example/TXT": ["v=spf1 mx ip4:198.51.100.1 ip6:2001:db8::1 exp=e.example -all"],
        "d.example/MX": [f"{n} h{n}.example" for n in range(10)],
        **{f"h{n}.example/A": ["198.51.100.9"] for n in range(10)},
    }
    result = check(zone)
    assert (result.result, result.lookups) == ("fail", 1)


def test_terms_after_all_and_redirect_beside_all_are_not_counted() -> None:
    result = check({"d.example/TXT": ["v=spf1 -all a mx redirect=x.example"]})
    assert (result.result, result.lookups) == ("fail", 0)


@pytest.mark.parametrize(("count", "result"), [(10, "fail"), (11, "permerror")])
def test_ten_mx_records(count: int, result: str) -> None:
    """RFC 7208 §4.6.4: more than ten is a permerror, whether one of them would match or not."""
    zone: dict[str, Any] = {
        "d.example/TXT": ["v=spf1 mx -all"],
        "d.example/MX": [f"{n} h{n}.example" for n in range(count)],
    }
    for n in range(count):
        zone[f"h{n}.example/A"] = ["198.51.100.9"]
    assert check(zone).result == result
    zone["h0.example/A"] = [_IP]
    assert check(zone).result == ("pass" if result == "fail" else "permerror")


@pytest.mark.parametrize("term", ["a:v{}.example", "mx:v{}.example", "exists:v{}.example"])
def test_two_void_lookups(term: str) -> None:
    two = " ".join(term.format(n) for n in range(2))
    assert check({"d.example/TXT": [f"v=spf1 {two} ip4:{_IP} -all"]}).result == "pass"
    result = check({"d.example/TXT": [f"v=spf1 {two} {term.format(2)} ip4:{_IP} -all"]})
    assert (result.result, result.voids, _kind(result)) == ("permerror", 3, K.TOO_MANY_VOIDS)
    assert (
        check({"d.example/TXT": [f"v=spf1 {two} {term.format(2)} ip4:{_IP}"]}, limits=Limits(spf_void_lookups=3)).result
        == "pass"
    )


def test_names_without_that_type_are_void_too() -> None:
    """RFC 7208 §4.6.4: an answer without records counts as a name that does not exist."""
    zone = {f"v{n}.example/TXT": ["x"] for n in range(3)}
    assert check({**zone, "d.example/TXT": ["v=spf1 a:v0.example a:v1.example a:v2.example all"]}).result == "permerror"


def test_an_mx_term_is_void_once_however_many_hosts_lack_the_address() -> None:
    """RFC 7208 §4.6.4 limits terms: an IPv6 client and four IPv4-only mail hosts are one void term."""
    zone: dict[str, Any] = {
        "d.example/TXT": ["v=spf1 mx -all"],
        "d.example/MX": [f"{n} h{n}.example" for n in range(4)],
        **{f"h{n}.example/A": ["198.51.100.9"] for n in range(4)},
    }
    result = check(zone, "2001:db8::1")
    assert (result.result, result.voids) == ("fail", 1)
    result = check({**zone, "h3.example/AAAA": ["2001:db8::2"]}, "2001:db8::1")
    assert (result.result, result.voids) == ("fail", 0)


def test_ptr_terms_are_judged_by_the_clients_names() -> None:
    """Hosts named in ptr are never asked for: three of them are one name that the client lacks."""
    zone = {"1.2.0.192.in-addr.arpa/PTR": ["x.test"], "x.test/A": [_IP]}
    zone["d.example/TXT"] = ["v=spf1 ptr:a.example.org ptr:b.example.org ptr:c.example.org -all"]
    result = check(zone)
    assert (result.result, result.voids, result.lookups) == ("fail", 0, 3)


def test_loops_end_at_the_limit_and_ask_few_questions() -> None:
    asked: list[Question] = []

    class Watched(TableSource):
        def answer(self, question: Question) -> Answer:
            asked.append(question)
            return super().answer(question)

    for record in ("v=spf1 include:d.example -all", "v=spf1 redirect=d.example", "v=spf1 include:e.example a -all"):
        zone = {
            "d.example/TXT": [record],
            "e.example/TXT": ["v=spf1 include:d.example"],
            "d.example/A": ["198.51.100.1"],
        }
        asked.clear()
        result = check_host(_IP, "d.example", "a@d.example", source=Watched(zone))
        assert (result.result, _kind(result)) == ("permerror", K.TOO_MANY_LOOKUPS)
        assert len(asked) <= 12


def test_own_limits_are_named_results() -> None:
    zone = {f"i{n}.example/TXT": [f"v=spf1 include:i{n + 1}.example"] for n in range(40)}
    zone["d.example/TXT"] = ["v=spf1 include:i0.example -all"]
    assert _kind(check(zone, limits=Limits(spf_lookups=1000, spf_depth=5))) is K.TOO_DEEP
    assert _kind(check(zone, limits=Limits(spf_lookups=1000, spf_depth=100, spf_questions=9))) is K.TOO_MANY_QUESTIONS
    assert _kind(check({"d.example/TXT": ["v=spf1" + " a" * 3000]})) is K.SYNTAX
    assert _kind(check({"d.example/TXT": ["v=spf1 x=" + "y" * 20_000]})) is K.SYNTAX


def test_temperror_wherever_a_question_fails() -> None:
    fault = {"fault": "servfail"}
    for record, name in (
        ("v=spf1 include:x.example ip4:192.0.2.1", "x.example/TXT"),
        ("v=spf1 redirect=x.example", "x.example/TXT"),
        ("v=spf1 a:x.example ip4:192.0.2.1", "x.example/A"),
        ("v=spf1 mx:x.example ip4:192.0.2.1", "x.example/MX"),
        ("v=spf1 exists:x.example ip4:192.0.2.1", "x.example/A"),
    ):
        result = check({"d.example/TXT": [record], name: fault})
        assert (result.result, _kind(result)) == ("temperror", K.DNS_FAILURE), record
    assert check({"d.example/TXT": fault}).result == "temperror"
    mx = {"d.example/TXT": ["v=spf1 mx all"], "d.example/MX": ["1 a.example", "2 b.example"], "a.example/A": fault}
    assert check(mx).result == "temperror"
    nested = {
        "d.example/TXT": ["v=spf1 include:b.example all"],
        "b.example/TXT": ["v=spf1 a:x.example"],
        "x.example/A": fault,
    }
    assert check(nested).result == "temperror"


def test_a_failure_after_a_match_is_never_seen() -> None:
    zone = {"d.example/TXT": [f"v=spf1 ip4:{_IP} include:x.example -all"], "x.example/TXT": {"fault": "timeout"}}
    assert check(zone).result == "pass"
