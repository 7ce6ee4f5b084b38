"""Reading records: what a term becomes, and what is said about one that is wrong."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from deliverability import spf
from deliverability.core.limits import Limits
from deliverability.spf import Directive, Macro, Modifier, Qualifier, SpfProblemKind, parse

K = SpfProblemKind


def test_directives_hold_what_their_text_says() -> None:
    record = parse("v=spf1 ?mx:mail.example/24//64 -IP4:192.0.2.0/24 ip6:2001:db8::/32 ~all")
    mx, ip4, ip6, end = record.terms
    assert isinstance(mx, Directive)
    assert (mx.mechanism, mx.qualifier, mx.ip4_cidr_length, mx.ip6_cidr_length) == ("mx", Qualifier.NEUTRAL, 24, 64)
    assert mx.domain_spec is not None
    assert mx.domain_spec.text == "mail.example"
    assert record.text[slice(*mx.domain_spec.span)] == "mail.example"
    assert isinstance(ip4, Directive)
    assert (ip4.mechanism, ip4.qualifier, ip4.network) == ("ip4", Qualifier.FAIL, ip_network("192.0.2.0/24"))
    assert isinstance(ip6, Directive)
    assert ip6.network == ip_network("2001:db8::/32")
    assert record.all is end
    assert not record.problems
    assert record.is_valid


def test_a_prefix_length_without_domain_is_kept() -> None:
    (term,) = parse("v=spf1 mx/24").terms
    assert isinstance(term, Directive)
    assert (term.domain_spec, term.ip4_cidr_length, term.ip6_cidr_length) == (None, 24, None)
    (term,) = parse("v=spf1 a//64").terms
    assert isinstance(term, Directive)
    assert (term.ip4_cidr_length, term.ip6_cidr_length) == (None, 64)


def test_macros_are_taken_apart() -> None:
    (term,) = parse("v=spf1 exists:%{L2r+-}.%%x%_%-.%{ir}._spf.%{d}").terms
    assert isinstance(term, Directive)
    assert term.domain_spec is not None
    assert term.domain_spec.parts == (
        Macro("l", 2, True, "+-", True),
        ".%x %20.",
        Macro("i", None, True),
        "._spf.",
        Macro("d"),
    )
    assert not term.domain_spec.is_static


def test_a_redirect_with_macros_keeps_its_target() -> None:
    """A target built by macros is kept as it stands and marked as not static, never replaced by another name."""
    record = parse("v=spf1 redirect=%{d2}.spf.example.net")
    assert record.redirect is not None
    assert record.redirect.domain_spec is not None
    assert record.redirect.domain_spec.text == "%{d2}.spf.example.net"
    assert not record.redirect.domain_spec.is_static


@pytest.mark.parametrize(
    "record",
    ["v=spf1 foo=", "v=spf1 foo=%{i}.bar", "v=spf1 x-1.y_z=%{c}%{r}%{t} a", "v=spf1 ra=postmaster rp=100 rr=e:f:s"],
)
def test_unknown_modifiers_with_a_macro_string_are_legal(record: str) -> None:
    """RFC 7208 §6: unrecognized modifiers MUST be ignored; their value may be empty."""
    read = parse(record)
    assert read.is_valid
    assert not read.problems
    assert isinstance(read.terms[0], Modifier)


@pytest.mark.parametrize(
    "term", ["include:installer.example.com", "include:_spf.smallco.es", "include:spf.mall.example"]
)
def test_names_that_contain_all_are_includes(term: str) -> None:
    record = parse(f"v=spf1 {term} -all")
    assert [d.mechanism for d in record.directives] == ["include", "all"]
    assert record.directives[0].text == term


def test_modifiers_after_all_are_no_defect() -> None:
    assert parse("v=spf1 -all exp=e.example.com").problems == ()


#: record → (kind, the text it points at, fatal, suggestion)
DEFECTS: dict[str, list[tuple[SpfProblemKind, str, bool, str]]] = {
    "inclde:_spf.google.example": [
        (K.UNKNOWN_MECHANISM, "inclde:_spf.google.example", True, "include:_spf.google.example")
    ],
    "-ipv4:192.0.2.1": [(K.UNKNOWN_MECHANISM, "-ipv4:192.0.2.1", True, "-ip4:192.0.2.1")],
    "ip:2001:db8::1": [(K.UNKNOWN_MECHANISM, "ip:2001:db8::1", True, "ip6:2001:db8::1")],
    "al": [(K.UNKNOWN_MECHANISM, "al", True, "")],
    "-al": [(K.UNKNOWN_MECHANISM, "-al", True, "-all")],
    "fooo:bar": [(K.UNKNOWN_MECHANISM, "fooo:bar", True, "")],
    "redirct=x.example": [(K.EQUALS_FOR_COLON, "redirct=x.example", False, "redirect=x.example")],
    "include=x.example": [(K.EQUALS_FOR_COLON, "include=x.example", False, "include:x.example")],
    "-ip4=192.0.2.1": [(K.EQUALS_FOR_COLON, "-ip4=192.0.2.1", True, "-ip4:192.0.2.1")],
    "redirect:x.example": [(K.COLON_FOR_EQUALS, "redirect:x.example", True, "redirect=x.example")],
    "a,mx;ip4:192.0.2.1,": [(K.SEPARATOR, "a,mx;ip4:192.0.2.1,", True, "a mx ip4:192.0.2.1")],
    "ip4:192.0.2.1,192.0.2.2": [(K.SEPARATOR, "ip4:192.0.2.1,192.0.2.2", True, "ip4:192.0.2.1 ip4:192.0.2.2")],
    '"include:x.example"': [(K.QUOTE, '"include:x.example"', True, "include:x.example")],
    "include:“x.example”": [(K.QUOTE, "include:“x.example”", True, "include:x.example")],
    'include:"x.example': [(K.ODD_NAME, '"x.example', False, "x.example")],
    "–all": [(K.FOREIGN_CHARACTER, "–all", True, "-all")],
    "a\u00a0mx": [(K.FOREIGN_CHARACTER, "a\u00a0mx", True, "a mx")],
    "a\x00": [(K.FOREIGN_CHARACTER, "a\x00", True, "")],
    "include:correo.españa.example": [(K.FOREIGN_CHARACTER, "include:correo.españa.example", True, "")],
    "ip4:192.0.2.0/255.255.255.0": [(K.NETMASK, "ip4:192.0.2.0/255.255.255.0", True, "ip4:192.0.2.0/24")],
    "a/255.255.255.128": [(K.NETMASK, "a/255.255.255.128", True, "a/25")],
    "ip4:192.0.2.10/24": [(K.HOST_BITS, "ip4:192.0.2.10/24", False, "ip4:192.0.2.0/24")],
    "~ip6:2001:db8::1/32": [(K.HOST_BITS, "~ip6:2001:db8::1/32", False, "~ip6:2001:db8::/32")],
    "ip4:999.1.1.1": [(K.ADDRESS, "ip4:999.1.1.1", True, "")],
    "ip4:banana": [(K.ADDRESS, "ip4:banana", True, "")],
    "ip4:192.0.2": [(K.ADDRESS, "ip4:192.0.2", True, "ip4:192.0.2.0/24")],
    "ip4:192.0.2.*": [(K.ADDRESS, "ip4:192.0.2.*", True, "ip4:192.0.2.0/24")],
    "ip4:mail.example.com": [(K.ADDRESS, "ip4:mail.example.com", True, "a:mail.example.com")],
    "a:192.0.2.1": [(K.ADDRESS, "a:192.0.2.1", True, "ip4:192.0.2.1")],
    "ip4:2001:db8::/32": [(K.ADDRESS_FAMILY, "ip4:2001:db8::/32", True, "ip6:2001:db8::/32")],
    "-ip6:192.0.2.1": [(K.ADDRESS_FAMILY, "-ip6:192.0.2.1", True, "-ip4:192.0.2.1")],
    "ip4:192.0.2.0/33": [(K.PREFIX_LENGTH, "ip4:192.0.2.0/33", True, "")],
    "ip6:2001:db8::/129": [(K.PREFIX_LENGTH, "ip6:2001:db8::/129", True, "")],
    "a:%{d}/99": [(K.PREFIX_LENGTH, "a:%{d}/99", True, "")],
    "mx:x.example/33": [(K.PREFIX_LENGTH, "mx:x.example/33", True, "")],
    "a/24/64": [(K.PREFIX_LENGTH, "a/24/64", True, "a/24//64")],
    "a/": [(K.PREFIX_LENGTH, "a/", True, "a")],
    "ip4:192.0.2.0//24": [(K.PREFIX_LENGTH, "ip4:192.0.2.0//24", True, "ip4:192.0.2.0/24")],
    "mx:%{d}/024": [(K.LEADING_ZERO, "mx:%{d}/024", True, "mx:%{d}/24")],
    "ip4:192.0.2.0/08": [(K.LEADING_ZERO, "ip4:192.0.2.0/08", True, "ip4:192.0.2.0/8")],
    "ip4:192.0.2.010": [(K.LEADING_ZERO, "ip4:192.0.2.010", True, "ip4:192.0.2.10")],
    "include:": [(K.EMPTY_VALUE, "include:", True, "")],
    "exists": [(K.EMPTY_VALUE, "exists", True, "")],
    "a:": [(K.EMPTY_VALUE, "a:", True, "a")],
    "mx:/24": [(K.EMPTY_VALUE, "mx:/24", True, "mx/24")],
    "redirect=": [(K.EMPTY_VALUE, "redirect=", True, "")],
    "all:x": [(K.UNEXPECTED_VALUE, "all:x", True, "all")],
    "~all.": [(K.UNKNOWN_MECHANISM, "~all.", True, "~all")],
    "include:x.example/24": [(K.UNEXPECTED_PREFIX, "include:x.example/24", True, "include:x.example")],
    "ptr/24": [(K.UNEXPECTED_PREFIX, "ptr/24", True, "ptr")],
    "a:localhost": [(K.DOMAIN, "a:localhost", True, "")],
    "include:x.example:8080": [(K.DOMAIN, "include:x.example:8080", True, "include:x.example")],
    "include:a..b.example": [(K.IMPOSSIBLE_NAME, "a..b.example", False, "a.b.example")],
    f"a:{'x' * 64}.example": [(K.IMPOSSIBLE_NAME, f"{'x' * 64}.example", False, "")],
    "include:https://x.example": [(K.ODD_NAME, "https://x.example", False, "x.example")],
    "include:user@x.example": [(K.ODD_NAME, "user@x.example", False, "x.example")],
    "include:%{z}.x.example": [(K.MACRO, "include:%{z}.x.example", True, "")],
    "exists:%{c}.x.example": [(K.MACRO, "exists:%{c}.x.example", True, "")],
    "exists:%{d0}.x.example": [(K.MACRO, "exists:%{d0}.x.example", True, "")],
    "exists:%(ir).x.example": [(K.MACRO, "exists:%(ir).x.example", True, "exists:%{ir}.x.example")],
    "foo=%x": [(K.MACRO, "foo=%x", True, "")],
    "--all": [(K.QUALIFIER, "--all", True, "-all")],
    "!all": [(K.QUALIFIER, "!all", True, "-all")],
    "-redirect=x.example": [(K.QUALIFIER, "-redirect=x.example", True, "redirect=x.example")],
    "192.0.2.1": [(K.MISSING_MECHANISM, "192.0.2.1", True, "ip4:192.0.2.1")],
    "2001:db8::/32": [(K.MISSING_MECHANISM, "2001:db8::/32", True, "ip6:2001:db8::/32")],
    "mail.example.com": [(K.MISSING_MECHANISM, "mail.example.com", True, "")],
    "ip4: 192.0.2.1": [(K.SPLIT_TERM, "ip4: 192.0.2.1", True, "ip4:192.0.2.1")],
    "- all": [(K.SPLIT_TERM, "- all", True, "-all")],
    "ip4:192.0.2.0 /24": [(K.SPLIT_TERM, "ip4:192.0.2.0 /24", True, "ip4:192.0.2.0/24")],
    "ip4:192.0.2.1-all": [(K.JOINED_TERMS, "ip4:192.0.2.1-all", True, "ip4:192.0.2.1 -all")],
    "include:x.example-all": [(K.JOINED_TERMS, "include:x.example-all", False, "include:x.example -all")],
    "include:spf.outlook.exampleinclude:_spf.google.example": [
        (
            K.JOINED_TERMS,
            "include:spf.outlook.exampleinclude:_spf.google.example",
            False,
            "include:spf.outlook.example include:_spf.google.example",
        )
    ],
    "mxip4:192.0.2.1": [(K.JOINED_TERMS, "mxip4:192.0.2.1", True, "mx ip4:192.0.2.1")],
    "redirect=a.example redirect=b.example": [(K.REPEATED_MODIFIER, "redirect=b.example", True, "")],
    "exp=a.example exp=b.example": [(K.REPEATED_MODIFIER, "exp=b.example", True, "")],
    "a v=spf1 mx": [(K.REPEATED_VERSION, "v=spf1", False, "")],
    "-all a": [(K.AFTER_ALL, "a", False, "")],
    "redirect=x.example -all": [(K.REDIRECT_WITH_ALL, "redirect=x.example", False, "")],
    "!": [(K.QUALIFIER, "!", True, "")],
    "=": [(K.QUALIFIER, "=", True, "")],
}


@pytest.mark.parametrize("terms", DEFECTS)
def test_defects(terms: str) -> None:
    text = f"v=spf1 {terms}"
    record = parse(text)
    seen = [(p.kind, text[slice(*p.span)], p.fatal, p.suggestion) for p in record.problems]
    assert seen == DEFECTS[terms]
    assert record.is_valid == (not any(fatal for _, _, fatal, _ in DEFECTS[terms]))


@pytest.mark.parametrize("terms", [terms for terms, found in DEFECTS.items() if any(s for *_, s in found)])
def test_a_corrected_record_has_that_defect_no_more(terms: str) -> None:
    before = parse(f"v=spf1 {terms}")
    kinds = {problem.kind for problem in before.problems}
    assert not kinds & {problem.kind for problem in parse(before.corrected()).problems}


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 -all ip4:999.1.1.1",
        "v=spf1 -all fooo:bar",
        "v=spf1 -all redirect=a.example redirect=b.example",
        "v=spf1 -all include:%{z}.x",
        "v=spf1 a:%{d}/99",
        "v=spf1 mx:%{d}/024",
        "v=spf1 inclde:_spf.google.example -all",
        "v=spf1 include: -all",
        "v=spf1 mx:x.example/33",
    ],
)
def test_a_syntax_error_anywhere_is_fatal(record: str) -> None:
    """RFC 7208 §4.6: syntax is checked over the whole record, also behind an `all`."""
    assert not parse(record).is_valid


def test_spans_count_octets_of_bytes() -> None:
    record = parse("v=spf1 include:ñ.example -all".encode())
    (problem,) = record.problems
    assert "v=spf1 include:ñ.example -all".encode()[slice(*problem.span)] == "include:ñ.example".encode()


def test_more_spaces_than_one_are_no_defect() -> None:
    record = parse("v=spf1  a   -all  ")
    assert not record.problems
    assert str(record) == "v=spf1 a -all"


def test_a_record_over_the_limits_says_so() -> None:
    kinds = [p.kind for p in parse("v=spf1" + " a" * 3000).problems]
    assert kinds == [K.TOO_MANY_TERMS]
    long = parse("v=spf1 " + "a" * 20_000 + " -all")
    assert K.TOO_LONG in [p.kind for p in long.problems]
    assert not long.is_valid
    assert len(parse("v=spf1 a a a", limits=Limits(spf_terms=2)).terms) == 2


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("+A:Mail.Example./32//128", "a:mail.example"),
        ("-MX/24//64", "-mx/24//64"),
        ("ip4:192.0.2.9/24", "ip4:192.0.2.0/24"),
        ("ip4:192.0.2.9/32", "ip4:192.0.2.9"),
        ("ip6:2001:DB8:0::1", "ip6:2001:db8::1"),
        ("exists:%{I}.X.example", "exists:%{I}.X.example"),
        ("ALL", "all"),
    ],
)
def test_canonical_spelling(text: str, canonical: str) -> None:
    (term,) = parse(f"v=spf1 {text}").directives
    assert term.canonical == canonical


def test_only_asking_terms_count() -> None:
    """RFC 7208 §4.6.4; a qualifier or a prefix length does not hide a term, exp and ip4 are none."""
    record = parse(
        "v=spf1 +a a/24 ?mx -ptr include:x.example exists:%{i}.x ip4:192.0.2.1 ip6:2001:db8::1 exp=mx.example all"
    )
    assert [term.text for term in record.terms if term.asks] == [
        "+a", "a/24", "?mx", "-ptr", "include:x.example", "exists:%{i}.x",
    ]  # fmt: skip


def test_bare_record() -> None:
    record = parse("v=spf1")
    assert record.terms == ()
    assert record.problems == ()
    assert spf.is_spf("v=spf1")
