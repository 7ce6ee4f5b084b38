"""Faults that have been seen in published checkers, each as the behaviour this library has in its place.

Everything goes through the public package. Where a fault concerns a record, the record is in the test; where it
concerns a missing answer, the answer is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

import deliverability as dv
from deliverability.core.finding import Finding, Passed
from deliverability.core.questions import Answer, DnsQuestion
from tests.support.signing import published, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
IP = "192.0.2.1"
REPORTS = "rua=mailto:d@empresa.example"
FAULTS = ("timeout", "servfail", "refused", "truncated")
Table = Mapping[str, Any]

#: A domain in which nothing but the tested record is wrong.
COMPANY: Table = {
    f"{DOMAIN}/TXT": ["v=spf1 mx -all"],
    f"{DOMAIN}/MX": [f"10 mx.{DOMAIN}"],
    f"mx.{DOMAIN}/A": [IP],
    f"_dmarc.{DOMAIN}/TXT": [f"v=DMARC1; p=reject; {REPORTS}"],
}


class Counting:
    """A table that keeps what it was asked."""

    def __init__(self, table: Table) -> None:
        self._below = dv.TableSource(table)
        self.asked: list[DnsQuestion] = []

    def answer(self, question: DnsQuestion) -> Answer:
        self.asked.append(question)
        return self._below.answer(question)


def audit(table: Table, domain: str = DOMAIN, **told: Any) -> dv.Report:
    sending = dv.Sending(**told)
    return dv.audit_domain(domain, source=dv.TableSource({**COMPANY, **table}), sending=sending, now=NOW)


def audit_spf(terms: str, more: Table | None = None) -> dv.Report:
    return audit({f"{DOMAIN}/TXT": [f"v=spf1 {terms}"], **(more or {})})


def audit_dmarc(record: str | list[str], more: Table | None = None) -> dv.Report:
    texts = [record] if isinstance(record, str) else record
    return audit({f"_dmarc.{DOMAIN}/TXT": texts, **(more or {})})


def finding(report: dv.Report, code: str) -> Finding:
    found = [item for item in report.findings if item.code == code]
    assert found, f"{code} is not among {sorted(report.codes())}"
    return found[0]


def unknown(report: dv.Report) -> set[str]:
    return {rule.code for rule, _ in report.unknowns}


def check(
    table: Table, ip: str = IP, sender: str = f"a@{DOMAIN}", helo: str = "mx.empresa.example"
) -> dv.spf.SpfResult:
    return dv.spf.check_host(ip, DOMAIN, sender, helo=helo, source=dv.TableSource(table))


def check_record(terms: str, more: Table | None = None, **given: str) -> dv.spf.SpfResult:
    return check({f"{DOMAIN}/TXT": [f"v=spf1 {terms}"], **(more or {})}, **given)


def tree(table: Table, domain: str = DOMAIN) -> dv.spf.SpfTree:
    return dv.spf.tree(domain, source=dv.TableSource(table))


def tree_of(terms: str, more: Table | None = None) -> dv.spf.SpfTree:
    return tree({f"{DOMAIN}/TXT": [f"v=spf1 {terms}"], **(more or {})})


def policy(name: str, records: Mapping[str, Any], more: Table | None = None) -> dv.dmarc.DmarcPolicy:
    table = {f"_dmarc.{owner}/TXT": value if isinstance(value, list) else [value] for owner, value in records.items()}
    return dv.dmarc.discover(name, source=dv.TableSource({**table, **(more or {})}))


# --- SPF: syntax -------------------------------------------------------------------------------------------------

BROKEN = [
    "-all ip4:999.1.1.1",
    "-all fooo:bar",
    "-all redirect=a.example redirect=b.example",
    "-all include:%{z}.x",
    "-all exp=a.example exp=b.example",
    f"ip4:{IP} ip4:999.1.1.1 -all",
    f"ip4:{IP} a:%{{d}}/99 -all",
    f"ip4:{IP} mx:%{{d}}/024 -all",
    f"ip4:{IP} mx:x.example/33 -all",
    f"ip4:{IP} ip4:banana -all",
    f"ip4:{IP} include: -all",
    f"ip4:{IP} inclde:_spf.example.net -all",
]


@pytest.mark.parametrize("terms", BROKEN)
@pytest.mark.parametrize("place", ["own", "include", "redirect"])
def test_one_bad_term_anywhere_is_a_permerror(terms: str, place: str) -> None:
    """The whole record is checked before any of it counts, behind `all` and in other records as well (RFC 7208 §4.6).

    Modifiers that may stand once are part of it (RFC 7208 §6), and so are the lengths of prefixes (§5.6).
    """
    table: dict[str, Any] = {"a.example/TXT": ["v=spf1 -all"], "b.example/TXT": ["v=spf1 -all"]}
    table[f"{DOMAIN}/TXT"] = {
        "own": [f"v=spf1 {terms}"],
        "include": ["v=spf1 include:other.example -all"],
        "redirect": ["v=spf1 redirect=other.example"],
    }[place]
    table["other.example/TXT"] = [f"v=spf1 {terms}"]

    assert not dv.spf.parse(f"v=spf1 {terms}").is_valid
    assert check(table).result == "permerror"
    report = audit(table)
    code = {"SPF003", "SPF016", "SPF017"} if place == "own" else {"SPF008"}
    assert {item.code for item in report.findings if item.severity is dv.Severity.ERROR} & code


def test_a_netmask_is_named_and_written_as_a_prefix() -> None:
    """`/255.255.255.0` is no prefix length (RFC 7208 §5.6), and the fault is not one of leading zeros."""
    (problem,) = dv.spf.parse("v=spf1 ip4:192.0.2.0/255.255.255.0 -all").problems

    assert (problem.kind, problem.suggestion) == ("netmask", "ip4:192.0.2.0/24")
    assert finding(audit_spf("ip4:192.0.2.0/255.255.255.0 -all"), "SPF017").fix is not None


@pytest.mark.parametrize(
    ("terms", "ip"),
    [
        ("ip4:192.0.2.10/24 -all", "192.0.2.77"),
        ("a/24//64 -all", "192.0.2.77"),
        ("a/24//64 -all", "2001:db8::77"),
        ("foo=%{i}.bar ip4:192.0.2.77 -all", "192.0.2.77"),
        ("foo= ip4:192.0.2.77 -all", "192.0.2.77"),
    ],
)
def test_valid_terms_that_look_wrong(terms: str, ip: str) -> None:
    """Host bits below a prefix (RFC 7208 §5.6), two prefixes, an unknown modifier with a macro-string or with an empty
    one (§6, §12): all of them are legal, and the network is matched as written.
    """
    addresses = {f"{DOMAIN}/A": ["192.0.2.200"], f"{DOMAIN}/AAAA": ["2001:db8::1"]}
    assert dv.spf.parse(f"v=spf1 {terms}").is_valid
    assert check_record(terms, addresses, ip=ip).result == "pass"


@pytest.mark.parametrize("terms", ["-all exp=e.example.com", "-all x-custom=1", "x-custom=%{d} -all"])
def test_all_need_not_be_the_last_term_and_modifiers_may_be_unknown(terms: str) -> None:
    """Modifiers may stand anywhere, and one that is not known is ignored (RFC 7208 §6)."""
    assert dv.spf.parse(f"v=spf1 {terms}").problems == ()
    assert check_record(terms).result == "fail"


@pytest.mark.parametrize("name", ["installer.example.com", "_spf.smallco.example", "spf.mall.example"])
def test_names_that_hold_the_word_all_are_names(name: str) -> None:
    """`all` is a mechanism and not a piece of text (RFC 7208 §5.1)."""
    record = dv.spf.parse(f"v=spf1 include:{name} a mx")

    assert [term.text for term in record.terms] == [f"include:{name}", "a", "mx"]
    assert record.all is None
    assert "SPF012" in audit_spf(f"include:{name}", {f"{name}/TXT": ["v=spf1 -all"]}).codes()


def test_terms_without_a_value_are_read() -> None:
    """`a mx`, `redirect=` and `exp=` are terms like others; the prefix of a bare `mx/24` is kept (RFC 7208 §5.4)."""
    mx = dv.spf.parse("v=spf1 mx/24 -all").directives[0]
    assert (mx.domain_spec, mx.ip4_cidr_length) == (None, 24)
    hosts = {f"{DOMAIN}/MX": ["10 mx.empresa.example"], f"mx.{DOMAIN}/A": ["192.0.2.200"]}
    assert check_record("mx/24 -all", hosts).result == "pass"
    assert dv.spf.parse("v=spf1 a mx redirect=x.example exp=y.example").is_valid


def test_a_leading_blank_makes_it_no_spf_record() -> None:
    """The record begins with exactly `v=spf1` (RFC 7208 §4.5); what was meant is told."""
    assert check({f"{DOMAIN}/TXT": [f" v=spf1 ip4:{IP} -all"]}).result == "none"
    assert {"SPF001", "SPF022"} & audit({f"{DOMAIN}/TXT": [f" v=spf1 ip4:{IP} -all"]}).codes()


def test_strings_are_joined_with_nothing_between() -> None:
    """The strings of one TXT record are one text, without a blank where they meet (RFC 7208 §3.3, RFC 6376 §3.6.2.2)."""
    key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    table = {
        f"{DOMAIN}/TXT": [["v=spf1 ip4:192.0", ".2.1 -all"]],
        f"_dmarc.{DOMAIN}/TXT": [["v=DMARC1; p=rej", "ect"]],
        f"s1._domainkey.{DOMAIN}/TXT": [[key[:40], key[40:]]],
    }
    source = dv.TableSource(table)
    (selector,) = dv.dkim.keys(DOMAIN, selectors=["s1"], source=source)

    assert check(table).result == "pass"
    assert dv.dmarc.discover(DOMAIN, source=source).policy == "reject"
    assert selector.key is not None
    assert (selector.key.text, selector.key.usable) == (key, True)


# --- SPF: evaluation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_no_answer_is_not_an_answer(fault: str) -> None:
    """A question without an answer is a temperror wherever it stands (RFC 7208 §4.4, §5), never a missing record.

    In the audit the rules that depend on it are unknown: neither found nor passed.
    """
    broken = {"fault": fault}
    for table in (
        {f"{DOMAIN}/TXT": broken},
        {f"{DOMAIN}/TXT": [f"v=spf1 include:b.example ip4:{IP} -all"], "b.example/TXT": broken},
        {f"{DOMAIN}/TXT": ["v=spf1 redirect=b.example"], "b.example/TXT": broken},
        {f"{DOMAIN}/TXT": [f"v=spf1 a:h.example ip4:{IP} -all"], "h.example/A": broken},
    ):
        report = audit(table, ips=())
        passed = {rule.code for rule, _ in report.passed}

        assert check(table).result == "temperror"
        assert not {"SPF001", "SPF003", "SPF008"} & report.codes()
        assert unknown(report) & {"SPF001", "SPF004", "SPF006", "SPF008"}
        assert "SPF006" not in passed
        assert len(tree(table).failures) == 1


def test_a_redirect_is_followed() -> None:
    """Its result is the result (RFC 7208 §6.1)."""
    for target, result in (("v=spf1 +all", "pass"), ("v=spf1 -all", "fail"), ("v=spf1 ?all", "neutral")):
        assert check_record("redirect=_spf.example.net", {"_spf.example.net/TXT": [target]}).result == result


@pytest.mark.parametrize(("sign", "result"), [("-", "fail"), ("~", "softfail"), ("?", "neutral"), ("", "pass")])
def test_the_sign_of_a_mechanism_is_its_result(sign: str, result: str) -> None:
    """An include that passes gives the result of its own qualifier, and so does an address (RFC 7208 §4.6.2, §5.2)."""
    assert check_record(f"{sign}include:b.example", {"b.example/TXT": ["v=spf1 all"]}).result == result
    assert check_record(f"{sign}ip4:{IP}").result == result


def test_no_record_and_an_empty_one() -> None:
    """Other texts are no SPF record: none (RFC 7208 §4.5); a record without terms is neutral (§4.7)."""
    assert check({f"{DOMAIN}/TXT": ["other=text"]}).result == "none"
    assert check({}).result == "none"
    assert check({f"{DOMAIN}/TXT": ["v=spf1"]}).result == "neutral"


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("exists:%{i}.x.example", "192.0.2.1.x.example"),
        ("exists:%{ir}.%{v}.x.example", "1.2.0.192.in-addr.x.example"),
        ("exists:%{l1r+}.x.example", "ana.x.example"),
        ("exists:%{h}.x.example", "mx.empresa.example.x.example"),
        ("exists:%{L}.x.example", "ana%2bfacturas.x.example"),
        ("exists:%{d2}.x.example", "empresa.example.x.example"),
    ],
)
def test_macros_are_expanded(term: str, name: str) -> None:
    """Every letter, with its transformers (RFC 7208 §7.2, §7.3); an upper-case letter escapes as in a URL."""
    result = check_record(f"{term} -all", {f"{name}/A": ["127.0.0.2"]}, sender=f"ana+facturas@{DOMAIN}")
    assert result.result == "pass"


def test_an_explanation_is_expanded_and_comes_from_the_given_source() -> None:
    """RFC 7208 §6.2; the source that was given answers for it too, and for DNSSEC, so nothing leaves the machine."""
    source = Counting({f"{DOMAIN}/TXT": ["v=spf1 -all exp=e.%{d}"], f"e.{DOMAIN}/TXT": ["%{i} is not ours"]})
    result = dv.spf.check_host(IP, DOMAIN, f"a@{DOMAIN}", source=source)
    assert result.explanation == "192.0.2.1 is not ours"
    assert [str(question) for question in source.asked] == [f"{DOMAIN} TXT", f"e.{DOMAIN} TXT"]

    watched = Counting(COMPANY)
    dv.audit_domain(DOMAIN, source=watched, now=NOW)
    assert any(question.type in ("DS", "DNSKEY") for question in watched.asked)


def test_answers_are_not_kept_from_one_source_to_another() -> None:
    """The same question to two sources has two answers, in turn and again."""
    yes = dv.TableSource({f"{DOMAIN}/TXT": ["v=spf1 +all"]})
    no = dv.TableSource({f"{DOMAIN}/TXT": ["v=spf1 -all"]})
    results = [dv.spf.check_host(IP, DOMAIN, f"a@{DOMAIN}", source=source).result for source in (yes, no, yes)]

    assert results == ["pass", "fail", "pass"]


@pytest.mark.parametrize(
    ("pointer", "target", "result"),
    [
        ("mail.example.com", "example.com", "pass"),
        ("example.com", "example.com", "pass"),
        ("mail.evil-example.com", "example.com", "fail"),
        ("com", "mail.example.com", "fail"),
        ("example.com", "mail.example.com", "fail"),
    ],
)
def test_reverse_names_match_from_the_right_and_by_whole_labels(pointer: str, target: str, result: str) -> None:
    """A validated name counts at the target or below it, and nowhere else (RFC 7208 §5.5)."""
    more = {"1.2.0.192.in-addr.arpa/PTR": [pointer], f"{pointer}/A": [IP]}
    assert check_record(f"ptr:{target} -all", more).result == result


def test_a_client_without_a_reverse_name_matches_no_ptr() -> None:
    """It is a term that does not match, not an error (RFC 7208 §5.5)."""
    assert check_record("ptr:example.com -all").result == "fail"


# --- SPF: counting -----------------------------------------------------------------------------------------------


def test_counting_goes_on_behind_the_limit() -> None:
    """An include of 14 lookups and two `a` cost 17, and the audit says so (RFC 7208 §4.6.4)."""
    hosts = {f"h{n}.example/A": ["198.51.100.1"] for n in range(14)} | {f"{DOMAIN}/A": ["198.51.100.1"]}
    inner = "v=spf1 " + " ".join(f"a:h{n}.example" for n in range(14)) + " -all"
    terms, more = "include:b.example a a:h1.example -all", {"b.example/TXT": [inner], **hosts}

    assert tree_of(terms, more).lookups == 17
    assert finding(audit_spf(terms, more), "SPF004").args["lookups"] == 17


@pytest.mark.parametrize(
    ("terms", "lookups"),
    [
        (" ".join(f"a:h{n}.example" for n in range(12)), 12),
        (" ".join(f"+include:i{n}.example" for n in range(12)), 12),
        ("+a a/24 -all", 2),
        ("-all exp=mx.example.com", 0),
        ("redirect=i1.example -all", 0),
        ("redirect=i1.example", 1),
        ("all", 0),
        ("a mx ptr exists:x.example ip4:192.0.2.9 ip6:2001:db8::9 -all", 4),
    ],
)
def test_what_counts_as_a_lookup(terms: str, lookups: int) -> None:
    """include, a, mx, ptr, exists and redirect, in whatever spelling, as far as they are reached (RFC 7208 §4.6.4)."""
    more = {f"i{n}.example/TXT": ["v=spf1 -all"] for n in range(12)}
    more |= {f"h{n}.example/A": ["198.51.100.1"] for n in range(12)}
    assert tree_of(terms, more).lookups == lookups
    assert ("SPF004" in audit_spf(terms, more).codes()) == (lookups > 10)


@pytest.mark.parametrize("what", ["includes", "hosts"])
def test_ten_are_allowed_and_the_first_question_is_none_of_them(what: str) -> None:
    """Ten terms that ask, and ten hosts of an mx, whose addresses are not counted (RFC 7208 §4.6.4)."""
    more: dict[str, Any] = {f"i{n}.example/TXT": ["v=spf1 -all"] for n in range(10)}
    more |= {f"h{n}.example/A": ["198.51.100.1"] for n in range(10)}
    more[f"{DOMAIN}/MX"] = [f"{n} h{n}.example" for n in range(10)]
    asking = "mx" if what == "hosts" else " ".join(f"include:i{n}.example" for n in range(10))

    assert check_record(f"{asking} ip4:{IP} -all", more).result == "pass"
    assert not {"SPF004", "SPF007"} & audit_spf(f"{asking} ip4:{IP} -all", more).codes()


def test_three_void_terms_before_the_match_are_a_permerror() -> None:
    """RFC 7208 §4.6.4 asks for a limit of two."""
    terms = f"a:x.example a:y.example a:z.example ip4:{IP} -all"
    assert check_record(terms).result == "permerror"
    assert finding(audit_spf(terms), "SPF006").args["voids"] == 3


def test_ptr_is_never_void_beforehand() -> None:
    """It asks for the client's name, which the record cannot tell (RFC 7208 §5.5)."""
    terms = "ptr:a.example.org ptr:b.example.org ptr:c.example.org -all"
    assert tree_of(terms).voids == 0
    assert "SPF006" not in audit_spf(terms).codes()


def test_one_mx_of_hosts_without_ipv6_is_one_void_term_and_told_as_a_matter_of_the_receiver() -> None:
    """RFC 7208 §4.6.4 counts terms; receivers that count questions find four, and the audit says who they are."""
    hosts = {f"m{n}.empresa.example/A": [f"8.8.8.{n}"] for n in range(4)}
    more = {f"{DOMAIN}/MX": [f"10 m{n}.empresa.example" for n in range(4)], **hosts}
    terms = "mx ip6:2606:4700::1 -all"
    result = check_record(terms, more, ip="2606:4700::1")

    assert (result.result, result.voids) == ("pass", 1)
    assert tree_of(terms, more).cost.void_queries_ipv6 == 4
    assert finding(audit_spf(terms, more), "SPF006").severity is dv.Severity.INFO


def test_a_target_with_macros_is_kept_and_followed_as_far_as_it_is_known() -> None:
    """`%{d2}` is known from the domain (RFC 7208 §7.2); `%{i}` differs from message to message, and is told so."""
    redirect = dv.spf.parse("v=spf1 redirect=%{d2}.spf.example.net").redirect
    assert redirect is not None
    assert redirect.domain_spec is not None
    assert (redirect.domain_spec.text, redirect.domain_spec.is_static) == ("%{d2}.spf.example.net", False)

    known, open_ = tree_of("redirect=%{d2}.spf.example.net"), tree_of("include:%{i}.spf.example.net -all")
    assert known.root.terms[0].target == "empresa.example.spf.example.net"
    assert (open_.root.terms[0].target, open_.root.terms[0].state) == (None, "dynamic")


def test_a_target_that_does_not_exist_is_told_and_raises_nothing() -> None:
    """No record there is a permerror (RFC 7208 §5.2)."""
    assert tree_of("include:gone.example -all").root.terms[0].state == "void"
    assert "SPF008" in audit_spf("include:gone.example -all").codes()
    assert "SPF008" in audit_spf("include:x.example -all", {"x.example/A": ["192.0.2.9"]}).codes()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ("+all", "SPF010"),
        ("mx all", "SPF010"),
        ("mx ?all", "SPF011"),
        ("mx", "SPF012"),
        ("ip4:0.0.0.0/0 -all", "SPF010"),
        ("ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "SPF010"),
        ("ip4:8.0.0.0/8 -all", "SPF018"),
        ("ip4:10.0.0.0/8 -all", "SPF019"),
    ],
)
def test_a_record_that_lets_anybody_in_is_not_clean(terms: str, code: str) -> None:
    """RFC 7208 §4.7, §5.1 and §11.4: valid syntax can still authorise everybody, or nobody that exists."""
    assert dv.spf.parse(f"v=spf1 {terms}").is_valid
    assert finding(audit_spf(terms), code).severity is not dv.Severity.INFO


# --- DMARC: the record -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tags",
    [
        "p=reject; t=x",
        "p=reject; fo=z",
        "p=reject; psd=q",
        "p=reject; adkim=x",
        "p=reject; pct=1000",
        "p=reject; unknown=1",
        "p=reject; np=reject",
        "p=Reject",
        "rua=mailto:d@empresa.example; p=reject",
        "p=reject; rua=mailto:d@empresa.example,",
        "p=reject; rua=d@empresa.example",
        "p=reject; ruf=banana",
        "p=reject;; rua=mailto:d@empresa.example",
        "p=reject; ; rua=mailto:d@empresa.example;",
        "p=reject; adkim",
    ],
)
def test_a_blemish_costs_no_policy(tags: str) -> None:
    """What cannot be used is ignored, or its default is used (RFC 9989 §4.7, §4.8); the policy stays in force."""
    record = dv.dmarc.parse(f"v=DMARC1; {tags}")
    found = policy(DOMAIN, {DOMAIN: f"v=DMARC1; {tags}"})

    assert (record.reading().usable, record.p, record.t, record.psd, record.adkim) == (True, "reject", "n", "u", "r")
    assert (found.state, found.policy) == ("found", "reject")
    assert not {"DMARC001", "DMARC003"} & audit_dmarc(f"v=DMARC1; {tags}").codes()


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (f"p=reject; t=x; {REPORTS}", "DMARC022"),
        (f"p=reject; psd=q; {REPORTS}", "DMARC022"),
        (f"p=reject; fo=z; {REPORTS}", "DMARC026"),
        (f"p=reject;; {REPORTS}", "DMARC024"),
        ("p=reject; rua=mailto:d@empresa.example,", "DMARC009"),
        ("p=reject; rua=d@empresa.example", "DMARC009"),
        ("p=reject; rua=mailto:a@empresa.example mailto:b@empresa.example", "DMARC009"),
        (f"p=reject; t=y; {REPORTS}", "DMARC016"),
        (f"p=rejct; {REPORTS}", "DMARC006"),
    ],
)
def test_each_blemish_is_told(tags: str, code: str) -> None:
    """Whatever receivers pass over in silence (RFC 9989 §4.8), the owner hears about it."""
    assert code in audit_dmarc(f"v=DMARC1; {tags}").codes()


@pytest.mark.parametrize("tags", ["p=foo", "p=reject; sp=foo", "p=reject; np=foo"])
def test_a_policy_that_is_none_with_reports_acts_as_none(tags: str) -> None:
    """RFC 9989 §4.10.1: with a usable `rua` the record acts as `p=none`, without one DMARC does not apply."""
    with_reports = policy(DOMAIN, {DOMAIN: f"v=DMARC1; {tags}; {REPORTS}"})
    without = policy(DOMAIN, {DOMAIN: f"v=DMARC1; {tags}"})

    assert (with_reports.state, with_reports.policy) == ("found", "none")
    assert without.state != "found"
    assert finding(audit_dmarc(f"v=DMARC1; {tags}; {REPORTS}"), "DMARC006").severity is dv.Severity.ERROR


def test_a_record_without_p_is_p_none() -> None:
    """RFC 9989 §4.7: `p` is recommended, not required; its absence is told."""
    assert policy(DOMAIN, {DOMAIN: "v=DMARC1"}).policy == "none"
    assert policy(DOMAIN, {DOMAIN: f"v=DMARC1; {REPORTS}"}).policy == "none"
    assert "DMARC005" in audit_dmarc("v=DMARC1").codes()


def test_report_addresses_keep_every_letter() -> None:
    """Case, a query with two equals signs and the second of two addresses are all kept (RFC 9989 §4.6)."""
    record = dv.dmarc.parse("v=DMARC1; p=none; rua=mailto:DMARC@X.Example?subject=a=B, mailto:z@y.example")
    assert [uri.text for uri in record.rua] == ["mailto:DMARC@X.Example?subject=a=B", "mailto:z@y.example"]
    parted = dv.dmarc.parse("v=DMARC1; p=none; rua=mailto:a@x.example mailto:b@x.example")
    assert [uri.text for uri in parted.rua] == ["mailto:a@x.example", "mailto:b@x.example"]


@pytest.mark.parametrize("text", ["; ;", "v=DMARC1; p", "v", "=", "v=DMARC1;=;p=;", "", ";"])
def test_no_text_is_too_broken_to_be_read(text: str) -> None:
    """Empty tags, tags without a value and no tags at all are defects with a place, not exceptions."""
    record = dv.dmarc.parse(text)
    assert record.problems
    assert all(0 <= problem.span.start <= problem.span.end <= len(text) for problem in record.problems)


def test_relaxed_alignment_is_no_defect() -> None:
    """It is the default (RFC 9989 §4.7), so writing it down changes nothing."""
    plain = audit_dmarc(f"v=DMARC1; p=quarantine; {REPORTS}")
    assert audit_dmarc(f"v=DMARC1; p=quarantine; adkim=r; aspf=r; {REPORTS}").codes() == plain.codes()


# --- DMARC: discovery --------------------------------------------------------------------------------------------


def test_other_texts_are_discarded_and_every_text_is_looked_at() -> None:
    """What is no DMARC record is passed over (RFC 9989 §4.10): alone it is none, beside a record it changes nothing."""
    assert policy(DOMAIN, {DOMAIN: "some-verification=abc"}).state == "absent"
    assert "DMARC001" in audit_dmarc("some-verification=abc").codes()
    assert policy(DOMAIN, {DOMAIN: ["some-verification=abc", "v=DMARC1; p=reject"]}).policy == "reject"


@pytest.mark.parametrize("middle", [["some-verification=abc"], ["v=DMARC1; p=none", "v=DMARC1; p=quarantine"]])
def test_the_walk_goes_on_past_what_it_discards(middle: list[str]) -> None:
    """A foreign text, and several records at one name, count as no record at that name (RFC 9989 §4.10)."""
    found = policy("a.b.empresa.example", {"b.empresa.example": middle, DOMAIN: "v=DMARC1; p=reject; sp=quarantine"})
    assert (found.found_at, found.organizational_domain) == (DOMAIN, DOMAIN)
    found = policy(
        f"a.b.{DOMAIN}", {f"b.{DOMAIN}": middle, DOMAIN: "v=DMARC1; p=reject"}, {f"a.b.{DOMAIN}/A": ["192.0.2.9"]}
    )
    assert (found.state, found.policy) == ("found", "reject")


def test_a_record_at_the_domain_itself_is_not_one() -> None:
    """It stands at `_dmarc` (RFC 9989 §4.5); elsewhere nobody reads it, and the audit says so."""
    table = {f"{DOMAIN}/TXT": ["v=spf1 mx -all", f"v=DMARC1; p=reject; {REPORTS}"]}
    assert dv.dmarc.discover(DOMAIN, source=dv.TableSource(table)).state == "absent"
    assert {"DMARC001", "DMARC004"} <= audit({**table, f"_dmarc.{DOMAIN}/TXT": {"fault": "nxdomain"}}).codes()


def test_a_name_that_does_not_exist_has_the_policy_of_np() -> None:
    """RFC 9989 §4.7, "np": not an error for the name, but the policy for forgeries of it."""
    found = policy(f"nope.{DOMAIN}", {DOMAIN: "v=DMARC1; p=none; sp=none; np=reject"})
    assert (found.applies_as, found.policy) == ("np", "reject")


def test_a_subdomain_has_the_policy_of_sp() -> None:
    """RFC 9989 §4.7, "sp": `p=reject; sp=none` protects the domain and not what lies below it."""
    below = {f"sub.{DOMAIN}/A": ["192.0.2.9"]}
    found = policy(f"sub.{DOMAIN}", {DOMAIN: "v=DMARC1; p=reject; sp=none"}, below)
    report = audit({**below, f"_dmarc.{DOMAIN}/TXT": [f"v=DMARC1; p=reject; sp=none; {REPORTS}"]}, f"sub.{DOMAIN}")

    assert (found.applies_as, found.policy) == ("sp", "none")
    assert "DMARC007" in report.codes()


@pytest.mark.parametrize(("published", "applied"), [("reject", "quarantine"), ("quarantine", "none")])
def test_test_mode_is_one_level_lower(published: str, applied: str) -> None:
    """RFC 9989 §4.7, "t"."""
    assert policy(DOMAIN, {DOMAIN: f"v=DMARC1; p={published}; t=y"}).policy == applied


def test_psd_n_ends_the_walk_and_np_counts_there() -> None:
    """The organization of a.b is b, where `psd=n` says so (RFC 9989 §4.10.2)."""
    records = {f"b.{DOMAIN}": "v=DMARC1; p=reject; np=quarantine; psd=n", DOMAIN: "v=DMARC1; p=none"}
    found = policy(f"a.b.{DOMAIN}", records)
    assert (found.organizational_domain, found.applies_as, found.policy) == (f"b.{DOMAIN}", "np", "quarantine")


def test_a_deep_name_is_walked_to_the_top() -> None:
    """Eight questions, with a jump behind the first where the name is longer (RFC 9989 §4.10)."""
    deep = f"a.b.c.d.e.f.g.h.i.{DOMAIN}"
    found = policy(deep, {DOMAIN: "v=DMARC1; p=reject"}, {f"{deep}/A": ["192.0.2.9"]})
    assert (found.found_at, found.policy, len(found.walk)) == (DOMAIN, "reject", 8)


def test_an_unauthorised_destination_leaves_dmarc_in_force() -> None:
    """Only the reports are not sent (RFC 9990 §4); the record is as valid as before."""
    record = "v=DMARC1; p=reject; rua=mailto:d@otro.example"
    report = audit_dmarc(record, {"otro.example/MX": ["10 mx.otro.example"], "mx.otro.example/A": ["192.0.2.9"]})
    assert "DMARC010" in report.codes()
    assert not {"DMARC001", "DMARC003", "DMARC006"} & report.codes()


def test_a_wildcard_beside_the_exact_authorisation_does_not_matter() -> None:
    """The exact name answers, so `*._report._dmarc` is never looked at (RFC 9990 §4)."""
    table = {
        f"{DOMAIN}._report._dmarc.otro.example/TXT": ["v=DMARC1;"],
        "*._report._dmarc.otro.example/TXT": ["unrelated=text"],
        "otro.example/MX": ["10 mx.otro.example"],
        "mx.otro.example/A": ["192.0.2.9"],
    }
    report = audit_dmarc("v=DMARC1; p=reject; rua=mailto:d@otro.example", table)
    outcomes = [outcome for rule, outcome in report.checked if rule.code == "DMARC010"]
    assert outcomes
    assert all(isinstance(outcome, Passed) for outcome in outcomes)


# --- DKIM keys ---------------------------------------------------------------------------------------------------

_KEY = "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.mark.parametrize(
    ("record", "usable"),
    [
        (f"v=DKIM1; k=ed25519; {_KEY}", True),
        (f"v=DKIM1; k=ed25519; t=s; {_KEY}", True),
        (f"k=ed25519; {_KEY}", True),
        (f"v=DKIM1; k=ed25519; h=sha1; {_KEY}", False),
        (f"v=DKIM1; k=ed25519; s=tlsrpt; {_KEY}", False),
        (f"k=ed25519; {_KEY}; v=DKIM1", False),
        (f"v=DKIM2; k=ed25519; {_KEY}", False),
    ],
)
def test_restrictions_of_a_key_are_read(record: str, usable: bool) -> None:
    """`h`, `s` and the place of `v` decide whether mail can be verified with it (RFC 6376 §3.6.1, RFC 8301 §3.1)."""
    assert dv.dkim.parse_key(record).usable is usable


def test_the_flag_for_the_very_domain_is_read() -> None:
    """`t=s` forbids signing for a subdomain (RFC 6376 §3.6.1)."""
    assert "s" in dv.dkim.parse_key(f"v=DKIM1; k=ed25519; t=y:s; {_KEY}").flags


# --- messages ----------------------------------------------------------------------------------------------------

_HEADER = (
    "To: ana@cliente.example\r\nSubject: Factura 2026/114\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
    "Message-ID: <114@empresa.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
)
_BODY = "Los datos de la factura 2026/114.\r\n"


def mail(author: str = f"Empresa <facturas@{DOMAIN}>", body: str = _BODY) -> bytes:
    return f"From: {author}\r\n{_HEADER}{body}".encode()


def audit_mail(raw: bytes, table: Table | None = None) -> dv.Report:
    return dv.audit_message(raw, source=dv.TableSource({**COMPANY, **(table or {})}), now=NOW)


def signatures(report: dv.Report) -> list[tuple[str, str]]:
    """Domain and result of each signature, the topmost first."""
    return [(one.domain, one.result) for one in report.details["authentication"].dkim.results]


@pytest.mark.parametrize(
    ("author", "domain"),
    [
        ("factura@mi-empresa.example", "mi-empresa.example"),
        ('"x@evil.example" <a@good.example>', "good.example"),
        ("x@evil.example <a@good.example>", "good.example"),
        ('"Facturas, S.L." <a@good.example>', "good.example"),
        ('"a@b"@good.example', "good.example"),
        ("(x@evil.example) a@good.example", "good.example"),
        ("=?utf-8?Q?x=40evil.example?= <a@good.example>", "good.example"),
        ("a@good.example (x@evil.example)", "good.example"),
    ],
)
def test_the_domain_of_an_author_is_that_of_the_address(author: str, domain: str) -> None:
    """Neither a hyphen nor an address in the display name or a comment changes whose mail it is (RFC 5322 §3.4)."""
    assert audit_mail(mail(author)).subject == domain


def test_one_good_signature_is_enough() -> None:
    """Each signature stands for itself; a broken one above or below does no harm (RFC 6376 §4.2, §6.1)."""
    inner = sign(mail(), domain=DOMAIN, selector="s1")
    for broken in ({"bh": "AAAA"}, {"x": 1, "t": 0}, {"a": "rsa-md5"}):
        raw = sign(inner, domain=DOMAIN, selector="s2", tags=broken)
        table = {**published(domain=DOMAIN, selector="s1"), **published(domain=DOMAIN, selector="s2")}
        report = audit_mail(raw, table)

        assert len(signatures(report)) == 2
        assert [result for _, result in signatures(report)].count("pass") == 1
        assert report.details["authentication"].dmarc.result == "pass"


@pytest.mark.parametrize(
    ("key_tags", "identity", "passes"),
    [
        ("h=sha256", None, True),
        ("h=sha1", None, False),
        ("s=email", None, True),
        ("s=tlsrpt", None, False),
        ("t=s", f"@{DOMAIN}", True),
        ("t=s", f"@facturas.{DOMAIN}", False),
        ("t=y", f"@facturas.{DOMAIN}", True),
    ],
)
def test_what_a_key_forbids_is_forbidden_to_signatures(key_tags: str, identity: str | None, passes: bool) -> None:
    """Hash, service and the very domain bind the one who signs (RFC 6376 §3.6.1)."""
    raw = sign(mail(), domain=DOMAIN, tags={"i": identity} if identity else None)
    [(_, result)] = signatures(audit_mail(raw, published(domain=DOMAIN, key_tags=key_tags)))

    assert (result == "pass") is passes


def test_a_key_with_the_version_at_another_place_verifies_nothing() -> None:
    """`v=` comes first where it is there (RFC 6376 §3.6.1)."""
    first = published(domain=DOMAIN)[f"s1._domainkey.{DOMAIN}/TXT"][0]
    moved = f"{first.removeprefix('v=DKIM1; ')}; v=DKIM1"
    [(_, result)] = signatures(audit_mail(sign(mail(), domain=DOMAIN), {f"s1._domainkey.{DOMAIN}/TXT": [moved]}))

    assert result != "pass"


def test_text_beyond_the_signed_length_is_told() -> None:
    """The signature holds, and says nothing of what follows (RFC 6376 §8.2)."""
    signed = sign(mail(), domain=DOMAIN, length=len(_BODY))
    for raw, told in ((signed, False), (signed + b"Pague en otra cuenta.\r\n", True)):
        report = audit_mail(raw, published(domain=DOMAIN))

        assert signatures(report) == [(DOMAIN, "pass")]
        (found,) = (f for f in report.findings if f.code == "DKIM018")
        assert (found.args["unsigned"] > 0, len(found.evidence) > 1) == (told, told)


# --- reports -----------------------------------------------------------------------------------------------------


def test_every_result_can_be_exported() -> None:
    """Faults, defects and all tags together: JSON and rows hold every outcome, in both languages."""
    table = {
        f"{DOMAIN}/TXT": ["v=spf1 include:b.example a:%{i}.x mx:x/33 -all", "v=spf1 +all"],
        f"{DOMAIN}/MX": {"fault": "timeout"},
        f"_dmarc.{DOMAIN}/TXT": ["v=DMARC1; p=foo; sp=none; np=reject; t=y; psd=q; fo=z; pct=7; rua=x, mailto:a@b"],
        "_dmarc.example/TXT": {"fault": "servfail"},
        f"s1._domainkey.{DOMAIN}/TXT": ["v=DKIM1; p=!"],
    }
    report = audit(table, selectors=("s1",))
    for lang in ("en", "es"):
        told = json.loads(report.render("json", lang=lang))
        assert told["subject"] == DOMAIN
        assert len(report.to_rows(lang)) == len(report.checked)
    assert report.findings
    assert report.unknowns
