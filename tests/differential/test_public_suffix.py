"""The Public Suffix List, beside the package whose data are read."""

from __future__ import annotations

import publicsuffixlist
import pytest

from deliverability.core.names import DomainName, public_suffix, registrable_domain
from deliverability.core.suffixes import _rules, suffix_size


def test_every_rule_of_the_list_is_applied_as_its_own_reader_applies_it() -> None:
    """For each rule: the name it stands for (x for its `*`), and the names one and two labels below it."""
    theirs = publicsuffixlist.PublicSuffixList()
    others = []
    for rule in _rules():
        name = rule.removeprefix("!").replace("*", "x").encode("idna").decode()
        for asked in (name, f"a.{name}", f"b.a.{name}"):
            ours = (public_suffix(DomainName(asked)), registrable_domain(DomainName(asked)))
            if ours != (theirs.publicsuffix(asked) or asked, theirs.privatesuffix(asked)):
                others.append(asked)

    assert not others
    assert len(_rules()) > 9000


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("empresa.example", 1),  # no rule: the last label
        ("www.empresa.com.es", 2),
        ("com.es", 2),
        ("a.b.ck", 2),  # *.ck
        ("a.www.ck", 1),  # !www.ck
        ("ck", 1),
        ("empresa.公司.cn", 2),
    ],
)
def test_the_forms_of_a_rule(name: str, size: int) -> None:
    assert suffix_size(name.split(".")) == size


def test_the_root_has_no_suffix_and_is_registered_by_nobody() -> None:
    assert public_suffix(DomainName("")) == ""
    assert registrable_domain(DomainName("")) is None
