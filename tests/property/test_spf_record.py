"""Properties of reading SPF records."""

from __future__ import annotations

import ipaddress
import re
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st

from deliverability.spf import Directive, parse
from deliverability.spf.grammar import IP6_ADDRESS, compiled, scan
from deliverability.spf.program import Op, Program
from tests.support.growth import takes_less_than
from tests.support.spf_strategies import record_texts, terms

_ip6 = compiled(IP6_ADDRESS).fullmatch


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300),
        record_texts(),
        st.binary(max_size=60).map(lambda b: b"v=spf1 " + b),
    )
)
def test_reading_never_raises_and_spans_lie_inside(text: str | bytes) -> None:
    record = parse(text)
    for problem in record.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for term in record.terms:
        assert record.text[slice(*term.span)] == term.text
    assert isinstance(record.corrected(), str)
    assert isinstance(str(record), str)


@given(st.lists(terms, max_size=12).map(lambda parts: " ".join(["v=spf1", *parts])))
def test_valid_terms_print_back(text: str) -> None:
    record = parse(text)
    assert str(record) == text
    assert [p for p in record.problems if p.fatal and p.kind != "repeated-modifier"] == []
    assert parse(str(record)) == record


@given(terms)
def test_the_canonical_spelling_means_the_same(text: str) -> None:
    (term,) = parse(f"v=spf1 {text}").terms
    if not isinstance(term, Directive):
        return
    (again,) = parse(f"v=spf1 {term.canonical}").terms
    assert isinstance(again, Directive)
    assert (again.mechanism, again.qualifier, again.network) == (term.mechanism, term.qualifier, term.network)
    assert again.canonical == term.canonical


@given(record_texts(), st.sampled_from([4, 6]))
@example("v=spf1 ip4:1.2.3.4/ -all", 4)
@example("v=spf1 ip4:1.2.3.4/032", 4)
@example("v=spf1 ip4:01.2.3.4", 6)
@example("v=spf1 IP4:1.2.3.4 iP6:::1 include:X.example", 4)
@example("v=spf1 ip4:١.2.3.4", 4)
@example("v=spf1 exp=a.b exp=c.d", 4)
@example("v=spf1 ip4:1.2.3.4\tall", 4)
def test_what_runs_is_what_is_read(text: str, version: int) -> None:
    """Steps exist exactly when reading finds nothing fatal, and are the same terms."""
    record = parse(text)
    steps = Program(text).steps(version)
    assert (steps is not None) == record.is_valid
    if steps is None:
        return
    end = next((i for i, t in enumerate(record.terms) if isinstance(t, Directive) and t.mechanism == "all"), None)
    live = range(len(record.terms) if end is None else end + 1)
    wanted, networks = [], []
    for index in live:
        term = record.terms[index]
        if not isinstance(term, Directive):
            continue
        if term.network is None:
            wanted.append((index, term.mechanism))
        elif term.network.version == version:
            networks.append((int(term.network.netmask), int(term.network.network_address), index))
    seen = [(step.at, "") for step in steps if step.op not in (Op.NETWORKS, Op.REDIRECT, Op.END)]
    assert [index for index, _ in seen] == [index for index, _ in wanted]
    assert [(m, v, i) for step in steps for m, v, _, i in step.tests] == networks


@given(st.one_of(st.text(alphabet="0123456789abcdefF:.", max_size=40), st.ip_addresses(v=6).map(str)))
@example("1:2:3:4:5:6:7::")
@example("::1:2:3:4:5:6:7")
@example("1:2:3:4:5:6:7:8::")
@example("::192.0.2.1")
@example("1:2:3:4:5:6:192.0.2.1")
@example("::ffff:192.0.2.01")
@example("1::2::3")
@example(":1:2:3:4:5:6:7")
def test_ipv6_addresses_are_those_of_ipaddress(text: str) -> None:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        assert not _ip6(text)
    else:
        assert _ip6(text)


@given(st.integers(0, 32) | st.integers(33, 999), st.integers(0, 128) | st.integers(129, 999))
def test_prefix_lengths(four: int, six: int) -> None:
    assert (scan(f"ip4:192.0.2.1/{four}") is not None) == (four <= 32)
    assert (scan(f"ip6:::/{six}") is not None) == (six <= 128)
    assert (scan(f"a/{four}//{six}") is not None) == (four <= 32 and six <= 128)
    assert scan(f"ip4:192.0.2.1/0{four}") is None


def test_reading_is_linear() -> None:
    """Texts made to send patterns back and forth cost no more than others of their length."""
    hard = [
        "a" * 16_000,
        "a." * 8_000,
        "%{" * 8_000,
        "include:" * 2_000,
        "a:" + "1" * 15_000 + "!",
        "include:" + "a-" * 7_000,
        "-" * 16_000,
        "ip4:" * 4_000,
        "\"'" * 8_000,
        "a:" * 8_000,
        "x=" + "%%" * 8_000 + "%",
        "ip6:" + ":1" * 7_000,
        "," * 16_000,
        "a," * 8_000,
        "v=spf1 " * 2_000,
        "1" * 16_000,
        "spf" * 5_000,
        "include " * 2_000,
        "- " * 8_000,
        "a/ " * 5_000,
        "é" * 16_000,
    ]
    for text in hard:
        for whole in (f"v=spf1 {text}", text):
            assert takes_less_than(1, partial(parse, whole)), whole[:40]


def test_patterns_are_ascii_only() -> None:
    assert scan("ıp4:192.0.2.1") is None
    assert scan("incluſe:x.example") is None
    assert re.compile("k", re.IGNORECASE).fullmatch("\u212a")  # what the ASCII flag protects from
    assert scan("exists:\u212a.example") is None
