"""What can be told of a record without reading all of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.spf.record import parse, targets


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (
            "v=spf1 include:_spf.a.example ?INCLUDE:b.example redirect=c.example",
            ("_spf.a.example", "b.example", "c.example"),
        ),
        ("v=spf1 a mx ip4:192.0.2.1 exists:%{i}.a.example -all", ()),
        ("v=spf1 include: inclde:a.example include:a..b/24", ()),
        ("", ()),
    ],
)
def test_the_names_that_a_record_leads_to(record: str, names: tuple[str, ...]) -> None:
    assert targets(record) == names


@given(
    st.lists(
        st.sampled_from(["include:a.example", "redirect=b.example", "mx", "-all", "x", "include:%{d}.c.example"]),
        max_size=8,
    )
)
def test_they_are_those_of_the_terms_that_are_read(words: list[str]) -> None:
    record = " ".join(["v=spf1", *words])
    terms = [
        t for t in parse(record).terms if getattr(t, "mechanism", getattr(t, "name", "")) in ("include", "redirect")
    ]

    assert targets(record) == tuple(t.domain_spec.text for t in terms if t.domain_spec)


def test_what_holds_no_host_name_is_not_taken_for_one() -> None:
    """Two terms that ran into each other: no single term was meant, so none is suggested."""
    problems = parse("v=spf1 ip4:82.include:_spf.a.example ip4:mail.a.example -all").problems

    assert [problem.suggestion for problem in problems] == ["", "a:mail.a.example"]
