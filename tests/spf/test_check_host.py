"""check_host: results, what they rest on, and what is told about the way there."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.errors import InvalidAddress
from deliverability.core.plan import solve
from deliverability.core.questions import DnsQuestion
from deliverability.sources.table import TableSource
from deliverability.spf import RecordCache, SpfFailureKind, SpfResult, check_host, check_host_plan

_IP = "192.0.2.1"


def check(zone: dict[str, Any], ip: str = _IP, domain: str = "d.example", sender: str = "", **more: Any) -> SpfResult:
    return check_host(ip, domain, sender or f"a@{domain}", source=TableSource(zone), **more)


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", "pass"),
        ("v=spf1 -ip4:192.0.2.1 +all", "fail"),
        ("v=spf1 ~ip4:192.0.2.0/24 +all", "softfail"),
        ("v=spf1 ?ip4:192.0.2.0/24 +all", "neutral"),
        ("v=spf1 ip4:192.0.2.77/24 -all", "pass"),
        ("v=spf1 ip4:192.0.2.2 -all", "fail"),
        ("v=spf1 ip6:::ffff:192.0.2.1 -all", "fail"),
        ("v=spf1", "neutral"),
        ("v=spf1 ip4:0.0.0.0/0", "pass"),
        ("v=spf1 all ip4:1.2.3.4", "pass"),
        ("v=spf1 foo= ip4:192.0.2.1", "pass"),
        ("v=spf1 foo=%{i}.bar ip4:192.0.2.1", "pass"),
        ("V=SPF1 IP4:192.0.2.1 -ALL", "pass"),
        (" v=spf1 ip4:192.0.2.1 -all", "none"),
        ("v=spf10 ip4:192.0.2.1 -all", "none"),
        ("v=spf1 ip4:192.0.2.1 ip4:999.1.1.1 -all", "permerror"),
        ("v=spf1 -all ip4:999.1.1.1", "permerror"),
        ("v=spf1 exp=a.example exp=b.example ip4:192.0.2.1", "permerror"),
        ("v=spf1 a/24//64 -all", "fail"),
    ],
)
def test_results(record: str, result: str) -> None:
    assert check({"d.example/TXT": [record], "d.example/A": ["198.51.100.1"]}).result == result


def test_ipv4_mapped_clients_are_ipv4_clients() -> None:
    """RFC 7208 §5."""
    zone = {"d.example/TXT": ["v=spf1 a -all"], "d.example/A": [_IP]}
    assert check(zone, "::ffff:192.0.2.1").result == "pass"
    assert check_host(ip_address("::ffff:192.0.2.1"), "d.example", "", source=TableSource(zone)).result == "pass"


def test_ipv6_clients() -> None:
    zone = {
        "d.example/TXT": ["v=spf1 ip4:0.0.0.0/0 a//64 mx:m.example -all"],
        "d.example/A": ["198.51.100.1"],
        "d.example/AAAA": ["2001:db8:1::1"],
        "m.example/MX": ["10 x.m.example"],
        "x.m.example/AAAA": ["2001:db8:2::1"],
    }
    assert check(zone, "2001:db8:1::77").result == "pass"
    assert check(zone, "2001:db8:2::1").result == "pass"
    assert check(zone, "2001:db8:2::2").result == "fail"
    assert check(zone, "fe80::1%eth0").result == "fail"


@pytest.mark.parametrize("ip", ["", "1.2.3", "192.0.2.01", "x", "192.0.2.1/32", 5, None])
def test_a_wrong_address_is_the_callers_mistake(ip: Any) -> None:
    with pytest.raises(InvalidAddress):
        check_host_plan(ip, "d.example", "a@d.example")


@pytest.mark.parametrize(
    "domain",
    ["", ".", "localhost", "a..example", "." + "d.example", "x" * 64 + ".example", "[192.0.2.1]", "192.0.2.1", "ñ.example", "d.example..",
     ".".join(["x" * 60] * 5)],
)  # fmt: skip
def test_malformed_domains_give_none_without_a_question(domain: str) -> None:
    """RFC 7208 §4.3."""

    class Nothing:
        def answer(self, question: DnsQuestion) -> Any:
            raise AssertionError(question)

    result = check_host(_IP, domain, "a@d.example", source=Nothing())
    assert result.result == "none"
    assert result.problem is not None
    assert result.problem.kind is SpfFailureKind.MALFORMED_DOMAIN


def test_final_dot_and_case_of_the_domain() -> None:
    assert check({"d.example/TXT": ["v=spf1 all"]}, domain="D.Example.").result == "pass"


@pytest.mark.parametrize(
    ("inner", "result"),
    [
        ("v=spf1 all", "fail"),
        ("v=spf1 -all", "pass"),
        ("v=spf1 ~all", "pass"),
        ("v=spf1", "pass"),
        ("v=spf1 redirect=none.example", "permerror"),
        ("v=spf1 bad!", "permerror"),
        ("not spf", "permerror"),
    ],
)
def test_an_include_matches_when_the_other_record_passes(inner: str, result: str) -> None:
    """RFC 7208 §5.2; the qualifier before include decides what its match means."""
    assert check({"d.example/TXT": ["v=spf1 -include:b.example +all"], "b.example/TXT": [inner]}).result == result


def test_include_of_nothing_and_of_several_records() -> None:
    result = check({"d.example/TXT": ["v=spf1 include:b.example all"]})
    assert result.result == "permerror"
    assert result.problem is not None
    assert (result.problem.kind, result.problem.term) == (SpfFailureKind.INCLUDE_WITHOUT_RECORD, "include:b.example")
    result = check({"d.example/TXT": ["v=spf1 include:b.example all"], "b.example/TXT": ["v=spf1 a", "v=spf1 mx"]})
    assert result.problem is not None
    assert result.problem.kind is SpfFailureKind.SEVERAL_RECORDS


def test_redirect() -> None:
    """RFC 7208 §6.1: the other record's result stands; no record there is a permerror; `all` silences it."""
    zone = {
        "d.example/TXT": ["v=spf1 redirect=b.example ip4:198.51.100.1"],
        "b.example/TXT": [f"v=spf1 ip4:{_IP} -all"],
    }
    assert check(zone).result == "pass"
    assert check(zone, "192.0.2.9").result == "fail"
    assert check(zone).decided_by == "b.example"
    result = check({"d.example/TXT": ["v=spf1 redirect=b.example"]})
    assert result.result == "permerror"
    assert result.problem is not None
    assert result.problem.kind is SpfFailureKind.REDIRECT_WITHOUT_RECORD
    assert check({"d.example/TXT": ["v=spf1 redirect=b.example ?all"]}).result == "neutral"
    assert check({"d.example/TXT": ["v=spf1 redirect=a..example"]}).result == "permerror"


def test_mx_takes_no_host_without_mx() -> None:
    """RFC 7208 §5.4: the implicit MX rule MUST NOT be applied."""
    assert check({"d.example/TXT": ["v=spf1 mx -all"], "d.example/A": [_IP]}).result == "fail"


def test_null_mx_matches_nothing_and_is_not_void() -> None:
    result = check({"d.example/TXT": ["v=spf1 mx -all"], "d.example/MX": ["0 ."]})
    assert (result.result, result.voids) == ("fail", 0)


@pytest.mark.parametrize(
    ("name", "target", "result"),
    [
        ("mail.evil-example.com", "example.com", "fail"),
        ("mail.example.com", "example.com", "pass"),
        ("example.com", "example.com", "pass"),
        ("com", "mail.example.com", "fail"),
        ("mail.example.com", "mail.example.com", "pass"),
        ("x.mail.example.com", "mail.example.com", "pass"),
    ],
)
def test_ptr_takes_names_at_or_below_the_target(name: str, target: str, result: str) -> None:
    """RFC 7208 §5.5, by whole labels."""
    zone = {"d.example/TXT": [f"v=spf1 ptr:{target} -all"], "1.2.0.192.in-addr.arpa/PTR": [name], f"{name}/A": [_IP]}
    assert check(zone).result == result


def test_ptr_without_a_name_does_not_match_and_errors_are_skipped() -> None:
    assert check({"d.example/TXT": ["v=spf1 ptr -all"]}).result == "fail"
    fault = {"fault": "servfail"}
    assert check({"d.example/TXT": ["v=spf1 ptr -all"], "1.2.0.192.in-addr.arpa/PTR": fault}).result == "fail"
    zone = {
        "d.example/TXT": ["v=spf1 ptr -all"],
        "1.2.0.192.in-addr.arpa/PTR": ["a.d.example", "b.d.example"],
        "a.d.example/A": fault,
        "b.d.example/A": [_IP],
    }
    assert check(zone).result == "pass"


def test_only_ten_pointers_are_looked_at() -> None:
    """RFC 7208 §4.6.4: the others MUST be ignored."""
    names = [f"h{number:02}.d.example" for number in range(12)]
    zone: dict[str, Any] = {"d.example/TXT": ["v=spf1 ptr -all"], "1.2.0.192.in-addr.arpa/PTR": names}
    assert check({**zone, f"{names[9]}/A": [_IP]}).result == "pass"
    assert check({**zone, f"{names[10]}/A": [_IP]}).result == "fail"


def test_validated_name_macro() -> None:
    """RFC 7208 §7.3: the domain itself, else a name below it, else any; without one "unknown"."""
    zone = {
        "d.example/TXT": ["v=spf1 exists:%{p}.list.example -all"],
        "1.2.0.192.in-addr.arpa/PTR": ["other.test", "mail.d.example"],
        "other.test/A": [_IP],
        "mail.d.example/A": [_IP],
        "mail.d.example.list.example/A": ["127.0.0.2"],
    }
    assert check(zone).result == "pass"
    assert check({"d.example/TXT": zone["d.example/TXT"], "unknown.list.example/A": ["127.0.0.2"]}).result == "pass"


def test_senders() -> None:
    """RFC 7208 §4.3: postmaster stands in for a missing local-part."""
    zone = {
        "d.example/TXT": ["v=spf1 exists:%{l}.%{o}.%{h}.l.example -all"],
        "postmaster.d.example.helo.example.l.example/A": ["127.0.0.2"],
        "ana.s.example.helo.example.l.example/A": ["127.0.0.2"],
    }
    for sender in ("@d.example", "d.example"):
        assert check(zone, sender=sender, helo="helo.example").result == "pass"
    assert check_host(_IP, "d.example", "", helo="helo.example", source=TableSource(zone)).result == "pass"
    assert check(zone, sender="ana@s.example", helo="helo.example").result == "pass"
    assert check(zone, sender="eva@s.example", helo="helo.example").result == "fail"


def test_upper_case_macros_are_escaped_in_names() -> None:
    zone = {"d.example/TXT": ["v=spf1 exists:%{L}.x.example -all"], "a%2bb.x.example/A": ["127.0.0.2"]}
    assert check(zone, sender="a+b@d.example").result == "pass"


def test_local_parts_outside_ascii_match_nothing() -> None:
    """RFC 8616 §4."""
    zone = {"d.example/TXT": ["v=spf1 exists:%{l}.x.example ip4:192.0.2.1 -all"], "*.x.example/A": ["127.0.0.2"]}
    result = check(zone, sender="josé@d.example")
    assert result.result == "pass"
    assert result.directive is not None
    assert result.directive.mechanism == "ip4"
    assert check({"d.example/TXT": ["v=spf1 redirect=%{l}.x.example"]}, sender="josé@d.example").result == "permerror"


def test_names_that_dns_cannot_have_match_nothing() -> None:
    """RFC 7208 §4.8 leaves this open; nothing is asked, nothing is void."""
    result = check(
        {"d.example/TXT": ["v=spf1 a:a..x.example mx:a..x.example exists:%{l}.x.example ptr:a..x.example -all"]},
        sender="a..b@d.example",
    )
    assert (result.result, result.lookups, result.voids) == ("fail", 4, 0)


def test_explanations() -> None:
    zone = {
        "d.example/TXT": ["v=spf1 -all exp=why.%{d}"],
        "why.d.example/TXT": [["%{i} may not send ", "for %{d}: see %{S} at %{t}, %{r}"]],
    }
    result = check(zone, sender="a+b@d.example", receiver="mx.receiver.example", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert result.result == "fail"
    wanted = "192.0.2.1 may not send for d.example: see a%2Bb%40d.example at 1767225600, mx.receiver.example"
    assert result.explanation == wanted


@pytest.mark.parametrize(
    "why",
    [["a", "b"], ["%{x}"], ["\x1b[2J"], ["caf\xe9"], {"fault": "timeout"}, []],
)
def test_whatever_is_wrong_with_an_explanation_it_is_none(why: Any) -> None:
    """RFC 7208 §6.2."""
    result = check({"d.example/TXT": ["v=spf1 -all exp=why.d.example"], "why.d.example/TXT": why})
    assert (result.result, result.explanation, result.voids) == ("fail", "", 0)


def test_explanations_are_asked_for_only_on_fail_of_a_directive_and_only_where_they_count() -> None:
    """RFC 7208 §6.2: an include's exp is never used, a redirect's is used in place of one's own."""
    why = {"why.d.example/TXT": ["mine"], "why.b.example/TXT": ["theirs"]}
    include = {
        "d.example/TXT": ["v=spf1 include:b.example -all exp=why.d.example"],
        "b.example/TXT": ["v=spf1 -all exp=why.b.example"],
    }
    assert check({**include, **why}).explanation == "mine"
    redirect = {
        "d.example/TXT": ["v=spf1 redirect=b.example exp=why.d.example"],
        "b.example/TXT": include["b.example/TXT"],
    }
    assert check({**redirect, **why}).explanation == "theirs"
    assert check({"d.example/TXT": ["v=spf1 ~all exp=why.d.example"], **why}).explanation == ""


def test_explanations_are_capped() -> None:
    long = check({"d.example/TXT": ["v=spf1 -all exp=why.d.example"], "why.d.example/TXT": ["x" * 9000]})
    assert len(long.explanation) == 4096


def test_strings_are_joined_with_nothing_between() -> None:
    assert check({"d.example/TXT": [["v=spf1 ip4:192.0.2", ".1 -all"]]}).result == "pass"
    assert check({"d.example/TXT": [["v=s", "pf1 -all"]]}).result == "fail"


def test_the_trace_tells_every_step() -> None:
    zone = {
        "d.example/TXT": ["v=spf1 ip4:198.51.100.1 a include:b.example ip4:198.51.100.2 redirect=c.example"],
        "b.example/TXT": ["v=spf1 ip4:198.51.100.3 ~all"],
        "c.example/TXT": ["v=spf1 ip4:192.0.2.0/24 -all"],
    }
    result = check(zone)
    told = [(s.domain, s.depth, s.term.text if s.term else "", s.outcome, s.lookups, s.voids) for s in result.trace]
    assert told == [
        ("d.example", 0, "", "found", 0, 0),
        ("d.example", 0, "ip4:198.51.100.1", "no match", 0, 0),
        ("d.example", 0, "a", "no match", 1, 1),
        ("d.example", 0, "include:b.example", "softfail", 2, 1),
        ("b.example", 1, "", "found", 2, 1),
        ("b.example", 1, "ip4:198.51.100.3", "no match", 2, 1),
        ("b.example", 1, "~all", "match", 2, 1),
        ("d.example", 0, "ip4:198.51.100.2", "no match", 2, 1),
        ("d.example", 0, "redirect=c.example", "followed", 3, 1),
        ("c.example", 1, "", "found", 3, 1),
        ("c.example", 1, "ip4:192.0.2.0/24", "match", 3, 1),
    ]
    assert result.trace[2].asked[0][0] == DnsQuestion("d.example", "A")  # type: ignore[arg-type]
    assert (result.lookups, result.voids, result.result) == (3, 1, "pass")
    assert result.directive is not None
    assert result.directive.text == "ip4:192.0.2.0/24"


def test_the_directive_is_the_one_of_the_deciding_record() -> None:
    zone = {
        "d.example/TXT": ["v=spf1 include:b.example -all"],
        "b.example/TXT": ["v=spf1 include:c.example"],
        "c.example/TXT": ["v=spf1 all"],
    }
    result = check(zone)
    assert result.directive is not None
    assert (result.directive.text, result.decided_by) == ("include:b.example", "d.example")
    neutral = check({"d.example/TXT": ["v=spf1 ip4:198.51.100.1"]})
    assert (neutral.directive, neutral.decided_by) == (None, None)
    assert neutral.trace[-1].outcome == "neutral"


def test_a_plan_gives_the_same_twice_and_with_records_kept() -> None:
    source = TableSource(
        {"d.example/TXT": ["v=spf1 a mx include:b.example -all"], "b.example/TXT": ["v=spf1 ip4:192.0.2.1"]}
    )
    kept = RecordCache(size=1)
    results = [
        solve(check_host_plan(_IP, "d.example", "a@d.example", records=r), source) for r in (None, None, kept, kept)
    ]
    assert len({r.result for r in results}) == 1
    assert all(r == results[0] and r.trace == results[0].trace for r in results)
    assert len(kept) == 1


def test_a_changed_record_is_read_anew() -> None:
    kept = RecordCache()
    assert check({"d.example/TXT": ["v=spf1 -all"]}, records=kept).result == "fail"
    assert check({"d.example/TXT": ["v=spf1 +all"]}, records=kept).result == "pass"
