"""Which policy applies: the tree walk of RFC 9989 §4.10, RFC 7489's two names, and what a failed question does."""

from __future__ import annotations

import pytest

from deliverability.core.errors import InvalidDomainName
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Answer, Question
from deliverability.dmarc import DmarcPolicy, PolicyState, discover, discover_plan
from deliverability.dmarc.walk import walk_names
from deliverability.sources.table import TableSource

DEEP = "a.b.c.d.e.f.g.h.i.j.mail.example.com"


class Counting:
    """A table that keeps what it was asked."""

    def __init__(self, table: dict[str, object]) -> None:
        self._below = TableSource(table)
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return self._below.answer(question)


def zone(**records: str | list[str]) -> dict[str, object]:
    """`_dmarc` records by domain, dots written as they are."""
    return {f"_dmarc.{name}/TXT": [value] if isinstance(value, str) else value for name, value in records.items()}


def found(name: str, table: dict[str, object], spec: str = "9989") -> DmarcPolicy:
    return discover(name, spec=spec, source=TableSource(table))  # type: ignore[arg-type]


def test_the_walk_of_a_deep_name_makes_the_eight_queries_of_the_standard() -> None:
    assert walk_names(DomainName(DEEP)) == (
        DEEP,
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("com", 1),
        ("example.com", 2),
        ("c.d.e.f.g.example.com", 7),
        ("b.c.d.e.f.g.example.com", 8),
        ("a.b.c.d.e.f.g.example.com", 8),
        ("mail.a.b.c.d.e.f.g.example.com", 8),
    ],
)
def test_the_walk_never_makes_more_than_eight_queries(name: str, queries: int) -> None:
    names = walk_names(DomainName(name))

    assert len(names) == queries
    assert names[0] == name
    assert names[-1] == "com"


def test_the_walk_asks_each_name_once_and_all_from_the_start() -> None:
    source = Counting({})
    discover(DEEP, source=source)

    assert sorted(q.name for q in source.asked) == sorted(f"_dmarc.{name}" for name in walk_names(DomainName(DEEP)))


def test_simple_example_of_the_standard() -> None:
    """RFC 9989 Appendix B.4.1: both names have records, the one with fewer labels is the organizational domain."""
    table = zone(**{"example.com": "v=DMARC1; p=reject", "signing.example.com": "v=DMARC1; p=none"})

    author, signer = found("example.com", table), found("signing.example.com", table)
    assert (author.organizational_domain, author.found_at, author.applies_as) == ("example.com", "example.com", "p")
    assert (signer.organizational_domain, signer.found_at, signer.policy) == (
        "example.com",
        "signing.example.com",
        "none",
    )


def test_deep_example_of_the_standard() -> None:
    """RFC 9989 Appendix B.4.2"""
    table = zone(**{"example.com": "v=DMARC1; p=reject", "signing.example.com": "v=DMARC1; p=none"})
    policy = found("a.b.c.d.e.f.g.h.i.j.k.example.com", {**table, "a.b.c.d.e.f.g.h.i.j.k.example.com/A": ["192.0.2.1"]})

    assert (policy.organizational_domain, policy.found_at, policy.applies_as) == ("example.com", "example.com", "sp")
    assert [step.name for step in policy.walk][1] == "g.h.i.j.k.example.com"


BANK = zone(**{"bank.example": "v=DMARC1; p=reject; psd=y; np=reject", "giant.bank.example": "v=DMARC1; p=quarantine"})


@pytest.mark.parametrize(
    ("name", "organization", "found_at"),
    [
        ("giant.bank.example", "giant.bank.example", "giant.bank.example"),
        ("mail.giant.bank.example", "giant.bank.example", "giant.bank.example"),
        ("mail.mega.bank.example", "mega.bank.example", "bank.example"),
        ("mega.bank.example", "mega.bank.example", "bank.example"),
        ("bank.example", "bank.example", "bank.example"),
    ],
)
def test_public_suffix_example_of_the_standard(name: str, organization: str, found_at: str) -> None:
    """RFC 9989 Appendix B.4.3: psd=y puts the organizational domain one label below, and its policy comes last."""
    policy = found(name, BANK)

    assert (policy.organizational_domain, policy.found_at) == (organization, found_at)


def test_psd_n_ends_the_walk() -> None:
    """`psd=n` at b.example.com is the organization of a.b.example.com, whatever example.com says; its np counts."""
    table = zone(
        **{"b.example.com": "v=DMARC1; p=reject; sp=none; np=quarantine; psd=n", "example.com": "v=DMARC1; p=none"}
    )
    policy = found("a.b.example.com", table)

    assert policy.organizational_domain == "b.example.com"
    assert (policy.found_at, policy.applies_as, policy.policy) == ("b.example.com", "np", "quarantine")


def test_the_record_with_the_fewest_labels_is_the_organizations() -> None:
    table = zone(**{"mail.example.com": "v=DMARC1; p=none", "example.com": "v=DMARC1; p=reject"})

    assert found("a.mail.example.com", table).found_at == "example.com"


def test_a_record_of_a_top_level_domain_without_psd_takes_all_below_as_one_organization() -> None:
    table = zone(com="v=DMARC1; p=none", **{"example.com": "v=DMARC1; p=reject"})

    assert found("example.com", table).organizational_domain == "com"


@pytest.mark.parametrize(
    "middle",
    [["some-verification=abc"], ["v=DMARC1; p=none", "v=DMARC1; p=reject"], ["v=spf1 -all"], ["v=dmarc1; p=none"]],
)
def test_what_cannot_be_used_on_the_way_is_passed_over(middle: list[str]) -> None:
    """Unrelated texts and several records at a name between are discarded, and the walk goes on."""
    table = {
        **zone(**{"b.example.com": middle, "example.com": "v=DMARC1; p=reject"}),
        "a.b.example.com/A": ["192.0.2.1"],
    }

    assert found("a.b.example.com", table).policy == "reject"


def test_every_text_at_the_name_is_looked_at() -> None:
    table = zone(**{"example.com": ["some-verification=abc", "other=1", "v=DMARC1; p=reject"]})

    assert found("example.com", table).policy == "reject"


def test_strings_are_joined_with_nothing_between() -> None:
    table = {"_dmarc.example.com/TXT": [["v=DMARC1; p=rej", "ect"]]}

    assert found("example.com", table).policy == "reject"


def test_a_record_at_the_domain_itself_is_not_one() -> None:
    assert found("example.com", {"example.com/TXT": ["v=DMARC1; p=reject"]}).state is PolicyState.ABSENT


INHERITED = zone(**{"example.com": "v=DMARC1; p=quarantine; sp=none; np=reject"})


@pytest.mark.parametrize(
    ("extra", "applies_as", "policy"),
    [
        ({}, "np", "reject"),
        ({"nope.example.com/A": ["192.0.2.1"]}, "sp", "none"),
        ({"nope.example.com/TXT": ["anything"]}, "sp", "none"),
        ({"below.nope.example.com/A": ["192.0.2.1"]}, "sp", "none"),
        ({"nope.example.com/CNAME": ["gone.example.net"]}, "sp", "none"),
        ({"_dmarc.nope.example.com/TXT": ["x=y"]}, "sp", "none"),
    ],
)
def test_np_is_for_names_that_do_not_exist(extra: dict[str, object], applies_as: str, policy: str) -> None:
    """Only NXDOMAIN says that a name does not exist; an empty answer, an alias or a name below say that it does."""
    result = found("nope.example.com", {**INHERITED, **extra})

    assert (result.state, result.applies_as, result.policy) == (PolicyState.FOUND, applies_as, policy)


def test_existence_is_asked_only_where_it_matters() -> None:
    source = Counting(zone(**{"example.com": "v=DMARC1; p=reject"}))
    policy = solve(discover_plan("nope.example.com"), source)

    assert policy.policy == "reject"
    assert {question.type for question in source.asked} == {"TXT"}


def test_test_mode_lowers_an_inherited_policy() -> None:
    table = {**zone(**{"example.com": "v=DMARC1; p=none; sp=reject; t=y"}), "a.example.com/A": ["192.0.2.1"]}

    assert found("a.example.com", table).policy == "quarantine"


@pytest.mark.parametrize(
    "kind", ["timeout", "servfail", "refused", "malformed", "truncated", "lame", "loop", "budget", "offline"]
)
@pytest.mark.parametrize("spec", ["9989", "7489"])
def test_a_failed_answer_is_never_replaced_by_the_parents_policy(kind: str, spec: str) -> None:
    table = {**zone(**{"example.com": "v=DMARC1; p=reject"}), "_dmarc.a.example.com/TXT": {"fault": kind}}
    policy = found("a.example.com", table, spec)

    assert policy.state is PolicyState.TEMPERROR
    assert policy.policy is None
    assert policy.failure is not None
    assert policy.failure.name == "a.example.com"


def test_a_failure_on_the_way_leaves_the_inherited_policy_unknown() -> None:
    table = {**zone(**{"example.com": "v=DMARC1; p=reject"}), "_dmarc.b.example.com/TXT": {"fault": "servfail"}}

    assert found("a.b.example.com", table).state is PolicyState.TEMPERROR
    assert found("a.b.example.com", table, "7489").state is PolicyState.FOUND  # it asks two names only


def test_a_failure_above_leaves_the_own_policy_and_makes_the_organization_unknown() -> None:
    table = {**zone(**{"example.com": "v=DMARC1; p=reject"}), "_dmarc.com/TXT": {"fault": "timeout"}}
    policy = found("example.com", table)

    assert (policy.state, policy.policy) == (PolicyState.FOUND, "reject")
    assert policy.organizational_domain is None


def test_a_failure_beyond_the_end_of_the_walk_does_not_matter() -> None:
    table = {
        **zone(**{"b.example.com": "v=DMARC1; p=reject; psd=n"}),
        "_dmarc.example.com/TXT": {"fault": "servfail"},
        "_dmarc.com/TXT": {"fault": "timeout"},
    }
    policy = found("a.b.example.com", table)

    assert (policy.state, policy.organizational_domain, policy.policy) == (PolicyState.FOUND, "b.example.com", "reject")


def test_an_unknown_existence_is_a_temperror_only_where_it_matters() -> None:
    fault = {"a.example.com/A": {"fault": "timeout"}}

    assert found("a.example.com", {**INHERITED, **fault}).state is PolicyState.TEMPERROR
    assert found("a.example.com", {**zone(**{"example.com": "v=DMARC1; p=reject"}), **fault}).policy == "reject"


@pytest.mark.parametrize("spec", ["9989", "7489"])
def test_a_record_with_a_bad_policy_and_no_reports_is_no_dmarc(spec: str) -> None:
    policy = found("example.com", zone(**{"example.com": "v=DMARC1; p=foo"}), spec)

    assert (policy.state, policy.policy, policy.found_at) == (PolicyState.PERMERROR, None, "example.com")


def test_the_old_standard_asks_two_names_by_the_public_suffix_list() -> None:
    table = {**zone(**{"empresa.co.uk": "v=DMARC1; p=reject; sp=none", "b.empresa.co.uk": "v=DMARC1; p=quarantine"})}
    policy = found("a.b.empresa.co.uk", table, "7489")

    assert [step.name for step in policy.walk] == ["a.b.empresa.co.uk", "empresa.co.uk"]
    assert (policy.organizational_domain, policy.applies_as, policy.policy) == ("empresa.co.uk", "sp", "none")


def test_several_records_end_the_search_of_the_old_standard_and_not_of_the_new() -> None:
    """RFC 7489 §6.6.3 step 5 against RFC 9989 §4.10 step 6."""
    table = {
        **zone(**{"a.example.com": ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "example.com": "v=DMARC1; p=reject"}),
    }

    assert found("a.example.com", table, "7489").state is PolicyState.ABSENT
    assert found("a.example.com", table).policy == "reject"


def test_names_are_taken_as_people_write_them() -> None:
    table = zone(**{"xn--facturacin-obb.example": "v=DMARC1; p=reject"})

    assert found("Facturación.example.", table).policy == "reject"


def test_a_text_that_is_no_name_is_the_callers_mistake() -> None:
    with pytest.raises(InvalidDomainName):
        discover("a..b", source=TableSource({}))


def test_a_name_too_long_for_an_underscore_label_simply_has_no_record() -> None:
    long = ".".join(["a" * 60] * 4) + ".example"
    assert discover(long, source=TableSource({})).state is PolicyState.ABSENT
