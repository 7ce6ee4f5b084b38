"""Macro expansion, with the examples of RFC 7208 §7.4."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from deliverability.core.names import MAX_NAME
from deliverability.spf.grammar import ALL_LETTERS, read_domain_spec, read_explain_string, read_macros
from deliverability.spf.macro import Sender, expand, fit

_SENDER = Sender(
    ip_address("192.0.2.3"), "strong-bad", "email.example.com", "mx.example.org", "receiver.example", 1_700_000_000
)
_SIX = Sender(ip_address("2001:db8::cb01"), "strong-bad", "email.example.com")


def _expand(
    text: str, sender: Sender = _SENDER, domain: str = "email.example.com", validated: str = "mx.example.org"
) -> str:
    parts = read_macros(text, ALL_LETTERS)
    assert parts is not None
    return expand(parts, sender, domain, validated)


@pytest.mark.parametrize(
    ("macro", "expansion"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{h}", "mx.example.org"),
        ("%{p}", "mx.example.org"),
        ("%{c}", "192.0.2.3"),
        ("%{r}", "receiver.example"),
        ("%{t}", "1700000000"),
        ("%%%_%-", "% %20"),
        ("%{D2R}", "example.email"),
        ("%{d200}", "email.example.com"),
        ("%{d0000000000000000000000000000002}", "example.com"),
        ("%{d99999999999999999999999999999999}", "email.example.com"),
    ],
)
def test_examples(macro: str, expansion: str) -> None:
    assert _expand(macro) == expansion


def test_ipv6() -> None:
    nibbles = "1.0.b.c." + "0." * 20 + "8.b.d.0.1.0.0.2"
    assert _expand("%{ir}.%{v}._spf.%{d2}", _SIX).lower() == f"{nibbles}.ip6._spf.example.com"
    assert _expand("%{c}", _SIX) == "2001:db8::cb01"
    assert _expand("%{t}", _SIX) == "unknown"


@pytest.mark.parametrize(
    ("local_part", "macro", "expansion"),
    [
        ("a+b", "%{L}", "a%2Bb"),
        ("a+b", "%{l}", "a+b"),
        ("a.b_c~d-e", "%{L-}", "a.b_c~d.e"),
        ("x=y/z", "%{S}", "x%3Dy%2Fz%40email.example.com"),
        ("a..b", "%{lr}", "b..a"),
        ("jack,jill=up-a_b3.c", "%{l=,}", "jack.jill.up-a_b3.c"),
        ("a-b_c", "%{l2r-_}", "b.a"),
    ],
)
def test_local_parts(local_part: str, macro: str, expansion: str) -> None:
    """Upper case escapes for URLs; each delimiter splits, and pieces are joined with dots (RFC 7208 §7.3)."""
    assert _expand(macro, Sender(ip_address("192.0.2.3"), local_part, "email.example.com")) == expansion


@pytest.mark.parametrize(
    "text", ["%", "%x", "%{", "%{}", "%{d", "%{d}%", "%{x}", "%{d0}", "%{dq}", "%{d*}", "%(d)", "a b", "é", "\x00"]
)
def test_no_macro_strings(text: str) -> None:
    assert read_macros(text) is None


@pytest.mark.parametrize("text", ["%{c}.example", "%{r}", "x.%{t}"])
def test_letters_for_explanations_only(text: str) -> None:
    """RFC 7208 §7.2."""
    assert read_domain_spec(text) is None
    assert read_macros(text) is not None


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("a.example", True),
        ("a.example.", True),
        ("%{d}", True),
        ("a%{d}", True),
        ("a.%%", True),
        ("%{i}.%{s1}.100/86400.rate.%{d}", True),
        (".example", True),
        ("a-b.x-1", True),
        ("x.1-1", True),
        ("museum", False),
        ("museum.", False),
        ("x.111", False),
        ("x.-example", False),
        ("x.example-", False),
        ("x.e_x", False),
        ("%{d}.", False),
        ("%{d}x", False),
        ("x.example:8080", False),
        ("", False),
    ],
)
def test_domain_end(text: str, legal: bool) -> None:
    """RFC 7208 §7.1: a domain-spec ends in a top label, with a dot perhaps, or in a macro."""
    assert (read_domain_spec(text) is not None) == legal


def test_explanations_keep_their_spaces() -> None:
    parts = read_explain_string("See  %{d}, it's %{i} ")
    assert parts is not None
    assert expand(parts, _SENDER, "d.example") == "See  d.example, it's 192.0.2.3 "
    assert read_explain_string("caf\xe9") is None
    assert read_explain_string("tab\there") is None


def test_long_names_lose_labels_on_the_left() -> None:
    """RFC 7208 §7.3."""
    name = ".".join(["x" * 60] * 5) + ".example"
    assert fit(name) == ".".join(["x" * 60] * 4) + ".example"
    assert len(fit(name)) <= MAX_NAME
    exact = "a." + "b" * (MAX_NAME - 2)
    assert fit(exact) == exact
    assert fit("x" + exact) == exact[2:]
    assert fit("a.example.") == "a.example"
    assert fit("x" * 300) == "x" * 300  # one label: nothing to take away, and no name
