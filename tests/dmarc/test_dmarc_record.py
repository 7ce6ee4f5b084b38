"""Reading DMARC records: every tag, every defect with its place, and what each specification makes of it."""

from __future__ import annotations

import pytest

from deliverability.dmarc import DmarcProblemKind, parse
from deliverability.dmarc.record import looks_like_dmarc

K = DmarcProblemKind


def kinds(text: str | bytes) -> set[DmarcProblemKind]:
    return {problem.kind for problem in parse(text).problems}


def test_every_tag_is_read() -> None:
    record = parse(
        "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; fo=1:d:s; psd=n; t=y;"
        " rua=mailto:a@x.example; ruf=mailto:b@x.example"
    )

    assert record.is_dmarc
    assert record.problems == ()
    assert (record.p, record.sp, record.np) == ("reject", "quarantine", "none")
    assert (record.adkim, record.aspf, record.psd, record.t) == ("s", "s", "n", "y")
    assert record.fo == ("1", "d", "s")
    assert [uri.address for uri in (*record.rua, *record.ruf)] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    "text",
    ["v=DMARC1", "v=DMARC1;", "v = DMARC1 ; p=none", "v\t=\tDMARC1;p=none", "V=DMARC1; p=none", "v=DMARC1 "],
)
def test_these_are_dmarc_records(text: str) -> None:
    """White space may stand around the equals sign and before the semicolon; the name of the tag matches in any case."""
    assert parse(text).is_dmarc


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (" v=DMARC1; p=none", K.VERSION_LEADING_SPACE),
        ("\nv=DMARC1; p=none", K.VERSION_LEADING_SPACE),
        ("v=dmarc1; p=none", K.VERSION_CASE),
        ("v=DMARC2; p=none", K.VERSION_VALUE),
        ("v=DMARC10; p=none", K.VERSION_VALUE),
        ("p=none; v=DMARC1", K.VERSION_NOT_FIRST),
        ("DMARC1; p=none", K.VERSION_MISSING),
        ("v=DMARC1 p=none", K.VERSION_SEPARATOR),
        ("v=DMARC1, p=none", K.VERSION_SEPARATOR),
    ],
)
def test_a_wrong_version_hides_the_record(text: str, kind: DmarcProblemKind) -> None:
    record = parse(text)

    assert not record.is_dmarc
    assert kind in kinds(text)
    assert not record.reading("9989").usable
    assert not record.reading("7489").usable
    assert looks_like_dmarc(text)


@pytest.mark.parametrize("text", ["", "some-verification=abc", "v=spf1 -all", "dmarc-check=1", "v=BIMI1; l=;"])
def test_other_texts_were_never_meant_as_dmarc(text: str) -> None:
    assert not parse(text).is_dmarc
    assert not looks_like_dmarc(text)


@pytest.mark.parametrize("value", ["Reject", "REJECT", "reject", "rEjEcT"])
def test_values_match_in_any_case(value: str) -> None:
    """`p=Reject` is valid: ABNF strings match in any case (RFC 5234 §2.3)."""
    assert parse(f"v=DMARC1; p={value}").p == "reject"
    assert kinds(f"v=DMARC1; p={value}") == set()


@pytest.mark.parametrize(
    ("text", "attribute", "value", "default"),
    [
        ("t=x", "t", "n", "n"),
        ("psd=q", "psd", "u", "u"),
        ("adkim=x", "adkim", "r", "r"),
        ("aspf=relaxed", "aspf", "r", "r"),
        ("adkim=", "adkim", "r", "r"),
        ("fo=z; ruf=mailto:f@x.example", "fo", ("0",), "0"),
        ("fo=0:1; ruf=mailto:f@x.example", "fo", ("0",), "0"),
        ("fo=d:d; ruf=mailto:f@x.example", "fo", ("0",), "0"),
    ],
)
def test_a_bad_optional_value_gives_way_to_its_default(text: str, attribute: str, value: object, default: str) -> None:
    """Each is told, with what is used in its place; the record and its policy stay in force (RFC 9989 §4.8)."""
    record = parse(f"v=DMARC1; p=reject; {text}")

    assert getattr(record, attribute) == value
    assert [problem.used for problem in record.problems] == [default]
    assert record.reading().usable
    assert record.reading().p == "reject"


@pytest.mark.parametrize(
    ("tags", "new", "old"),
    [
        # tags: (usable, p, sp, np) under RFC 9989, (usable, p, sp) under RFC 7489
        ("p=reject", (True, "reject", "reject", "reject"), (True, "reject", "reject")),
        ("p=reject; sp=none", (True, "reject", "none", "none"), (True, "reject", "none")),
        ("p=reject; sp=none; np=reject", (True, "reject", "none", "reject"), (True, "reject", "none")),
        ("", (True, "none", "none", "none"), (False, "none", "none")),
        ("rua=mailto:d@x.example", (True, "none", "none", "none"), (True, "none", "none")),
        ("sp=reject", (True, "none", "reject", "reject"), (False, "none", "none")),
        ("p=foo", (False, "none", "none", "none"), (False, "none", "none")),
        ("p=foo; rua=mailto:d@x.example", (True, "none", "none", "none"), (True, "none", "none")),
        ("p=foo; rua=https://x.example/r", (True, "none", "none", "none"), (True, "none", "none")),
        ("p=foo; rua=d@x.example", (False, "none", "none", "none"), (False, "none", "none")),
        ("p=reject; sp=foo; rua=mailto:d@x.example", (True, "none", "none", "none"), (True, "none", "none")),
        ("p=reject; sp=foo", (False, "none", "none", "none"), (False, "none", "none")),
        ("p=reject; np=foo; rua=mailto:d@x.example", (True, "none", "none", "none"), (True, "reject", "reject")),
        ("p=reject; np=foo", (False, "none", "none", "none"), (True, "reject", "reject")),
        ("rua=mailto:d@x.example; p=quarantine", (True, *("quarantine",) * 3), (True, "quarantine", "quarantine")),
    ],
)
def test_what_each_specification_makes_of_the_policies(
    tags: str, new: tuple[object, ...], old: tuple[object, ...]
) -> None:
    record = parse(f"v=DMARC1; {tags}")
    now, before = record.reading("9989"), record.reading("7489")

    assert (now.usable, now.p, now.sp, now.np) == new
    assert (before.usable, before.p, before.sp) == old


@pytest.mark.parametrize(("policy", "applied"), [("reject", "quarantine"), ("quarantine", "none"), ("none", "none")])
def test_test_mode_lowers_by_one_level_for_new_receivers_only(policy: str, applied: str) -> None:
    record = parse(f"v=DMARC1; p={policy}; t=y")

    assert record.reading("9989").applied("p") == applied
    assert record.reading("7489").applied("p") == policy


@pytest.mark.parametrize(("pct", "read"), [("0", 0), ("50", 50), ("100", 100), ("1000", 100), ("-1", 100), ("5٠", 100)])
def test_pct_is_for_old_receivers_only(pct: str, read: int) -> None:
    record = parse(f"v=DMARC1; p=reject; pct={pct}")

    assert record.reading("7489").pct == read
    assert record.reading("9989").pct == 100
    assert record.reading("9989").usable


def test_digits_beyond_any_number_do_not_raise() -> None:
    record = parse("v=DMARC1; p=none; pct=" + "9" * 5000 + "; rua=mailto:a@x.example!" + "9" * 5000)

    assert (record.p, record.pct) == ("none", 100)
    assert record.valid_rua == ()
    assert K.URI_CHARACTER in kinds(record.text)


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1; rua=mailto:d@x.example; p=reject",
        "v=DMARC1; p=reject; unknown=1",
        "v=DMARC1; p=reject; adkim=x",
        "v=DMARC1; p=reject; rua=mailto:d@x.example,",
        "v=DMARC1; p=reject;; rua=mailto:d@x.example",
        "v=DMARC1; p=reject; pct=1000",
        "v=DMARC1; p=reject; np=reject; t=n",
        "v=DMARC1; p=reject; rua=d@x.example",
        "v=DMARC1; p=reject; ruf=!",
        "v=DMARC1; p=reject; rua=https://x.example/r",
    ],
)
def test_a_blemish_does_not_cost_the_policy(text: str) -> None:
    """Order, unknown tags, bad options, stray commas and semicolons, bad addresses: the policy applies all the same."""
    assert parse(text).reading("9989").p == "reject"
    assert parse(text).reading("9989").usable


def test_spaces_between_addresses_lose_no_address_silently() -> None:
    """`rua=mailto:a mailto:b`: both are shown, and neither counts as a URI, since the list has no comma."""
    record = parse("v=DMARC1; p=none; rua=mailto:a@x.example mailto:b@x.example")
    (problem,) = record.problems

    assert [uri.text for uri in record.rua] == ["mailto:a@x.example", "mailto:b@x.example"]
    assert record.valid_rua == ()
    assert (problem.kind, problem.suggestion) == (K.URI_SPACE, "mailto:a@x.example,mailto:b@x.example")
    assert record.text[slice(*problem.span)] == "mailto:a@x.example mailto:b@x.example"


def test_a_uri_is_kept_as_it_stands() -> None:
    """Case, percent-encoding and a query with two equals signs survive."""
    record = parse("v=DMARC1; p=none; rua=mailto:DMARC%2Bx@X.Example?subject=x=y")
    (uri,) = record.rua

    assert uri.text == "mailto:DMARC%2Bx@X.Example?subject=x=y"
    assert uri.address == "DMARC+x@X.Example"
    assert uri.host == "x.example"
    assert uri.valid


@pytest.mark.parametrize(
    ("uri", "kind", "suggestion"),
    [
        ("d@x.example", K.URI_NO_SCHEME, "mailto:d@x.example"),
        ("mailto:", K.URI_ADDRESS, ""),
        ("mailto:d", K.URI_ADDRESS, ""),
        ("mailto:d@", K.URI_ADDRESS, ""),
        ("mailto:@x.example", K.URI_ADDRESS, ""),
        ("mailto:d@192.0.2.1", K.URI_ADDRESS, ""),
        ("mailto:a@b@x.example", K.URI_ADDRESS, ""),
        ("mailto:d.@x.example", K.URI_ADDRESS, ""),
        ("mailto://d@x.example", K.URI_ADDRESS, "mailto:d@x.example"),
        ("mailto:d%2@x.example", K.URI_CHARACTER, ""),
        ("mailto:a!b@x.example", K.URI_CHARACTER, "mailto:b@x.example"),
        ("mailto: d@x.example", K.URI_SPACE, "mailto:d@x.example"),
        ("ftp://x.example/", K.URI_SCHEME, ""),
    ],
)
def test_a_bad_address_is_told_with_what_was_meant(uri: str, kind: DmarcProblemKind, suggestion: str) -> None:
    record = parse(f"v=DMARC1; p=none; rua={uri}")

    assert [problem.kind for problem in record.problems] == [kind]
    assert record.valid_rua == ()
    assert record.problems[0].suggestion == suggestion


def test_obsolete_size_limits_are_ignored_and_told() -> None:
    record = parse("v=DMARC1; p=none; rua=mailto:a@x.example!10m, mailto:b@x.example!5")

    assert [(uri.host, uri.size, uri.valid) for uri in record.rua] == [
        ("x.example", "10m", True),
        ("x.example", "5", True),
    ]
    assert kinds(record.text) == {K.URI_SIZE}


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("rau", "rua"), ("policy", "p"), ("ruaa", "rua"), ("afsp", ""), ("adkm", "adkim"), ("ps", ""), ("zzz", "")],
)
def test_unknown_tags_name_the_one_that_was_meant(name: str, suggestion: str) -> None:
    (problem,) = parse(f"v=DMARC1; p=none; {name}=x").of_kind(K.UNKNOWN_TAG)

    assert (problem.text, problem.suggestion) == (name, suggestion)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("v=DMARC1; p=none rua=mailto:a@x.example", K.MISSING_SEPARATOR),
        ("v=DMARC1; p=none, rua=mailto:a@x.example", K.MISSING_SEPARATOR),
        ("v=DMARC1; p:none", K.COLON),
        ("v=DMARC1; p=none; rua:mailto:a@x.example?subject=b", K.COLON),
        ("v=DMARC1; p=none; nonsense", K.NO_EQUALS),
        ("v=DMARC1; p=none; 1a=2", K.BAD_NAME),
        ("v=DMARC1; p=“none”", K.QUOTES),
        ("v=DMARC1; p=“none”".encode(), K.QUOTES),
        ('v=DMARC1; p="none"', K.QUOTES),
        ("v=DMARC1; p=none<br>", K.HTML),
        ("v=DMARC1; p=&quot;none&quot;", K.HTML),
        ("v=DMARC1\\; p=none\\;", K.BACKSLASH),
        ("v=DMARC1; p=none; rua=mailto:ñ@x.example".encode(), K.NON_ASCII),
        ("v=DMARC1; p=none; p=reject", K.DUPLICATE),
        ("v=DMARC1; p=none; " + "a=b;" * 300, K.TOO_MANY_TAGS),
        ("v=DMARC1; p=none; x=" + "a" * 20_000, K.TOO_LONG),
    ],
)
def test_broken_syntax_is_told_with_its_place(text: str | bytes, kind: DmarcProblemKind) -> None:
    record = parse(text)
    problems = record.of_kind(kind)

    assert problems
    assert all(0 <= p.span.start <= p.span.end <= len(record.text) for p in problems)


def test_the_first_of_two_equal_tags_is_used() -> None:
    assert parse("v=DMARC1; p=none; p=reject").p == "none"


def test_a_record_beyond_the_limit_is_not_used() -> None:
    record = parse("v=DMARC1; p=reject; x=" + "a" * 20_000)

    assert record.is_dmarc
    assert not record.reading().usable


def test_tag_names_are_case_sensitive() -> None:
    record = parse("v=DMARC1; P=reject; p=none")

    assert record.p == "none"
    assert [p.suggestion for p in record.of_kind(K.TAG_CASE)] == ["p"]
