"""The static tree: what each term costs in evaluation order, what is void, what breaks, and what is asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from deliverability.core.errors import InvalidDomainName
from deliverability.core.limits import Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import Foresee, Fork, KnownSource, Plan, solve
from deliverability.core.questions import Answer, DnsQuestion, Question
from deliverability.sources.table import TableSource
from deliverability.spf import SpfTree, tree
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.tree_model import State

NAME = "empresa.example"


def read(record: str, **more: Any) -> SpfTree:
    """The tree of a record; further answers as `name__TYPE` are awkward, so they come as a dictionary."""
    return tree(NAME, source=TableSource({f"{NAME}/TXT": [record], **more.get("answers", {})}))


def hosts(count: int) -> dict[str, Any]:
    return {f"h{k}.example.net/A": [f"198.51.100.{k}"] for k in range(count)}


def states(found: SpfTree) -> dict[str, State]:
    return {placed.term.term.text: placed.term.state for placed in found.walk()}


# --- counting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "count"),
    [
        ("v=spf1 -all", 0),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all", 0),
        ("v=spf1 all", 0),
        ("v=spf1 a -all", 1),
        ("v=spf1 +a ?mx -ptr ~exists:x.example.net -all", 4),
        ("v=spf1 a/24 mx//64 a:h0.example.net/28//64 -all", 3),
        ("v=spf1 A MX:h0.example.net Include:h0.example.net -all", 3),
        ("v=spf1 -all exp=mx.example.net", 0),
        ("v=spf1 a exp=mx.example.net", 1),
        ("v=spf1 redirect=x.example.net", 1),
        ("v=spf1 redirect=x.example.net -all", 0),
        ("v=spf1 -all redirect=x.example.net", 0),
        ("v=spf1 -all a mx include:x.example.net", 0),
        ("v=spf1 unknown=a:b include:x.example.net", 1),
        ("v=spf1 exists:%{ir}.x.example.net include:%{d}.x.example.net -all", 2),
    ],
)
def test_the_terms_of_rfc_7208_4_6_4_count_and_no_others(record: str, count: int) -> None:
    assert read(record).lookups == count


def test_counting_goes_on_past_ten() -> None:
    """An include of fourteen and two hosts beside it cost seventeen, not eleven and not three."""
    includes = {f"i{k}.example.net/TXT": [f"v=spf1 ip4:192.0.2.{k} -all"] for k in range(14)}
    big = "v=spf1 " + " ".join(f"include:i{k}.example.net" for k in range(14)) + " -all"
    found = read(
        "v=spf1 include:big.example.net a:h0.example.net a:h1.example.net -all",
        answers={"big.example.net/TXT": [big], **includes, **hosts(2)},
    )

    assert found.lookups == 17
    assert found.lookups_exact
    assert [term.cost.lookups for term in found.root.terms] == [15, 1, 1, 0]


def test_twelve_hosts_count_twelve() -> None:
    record = "v=spf1 " + " ".join(f"a:h{k}.example.net" for k in range(12)) + " -all"

    assert read(record, answers=hosts(12)).lookups == 12


def test_the_running_count_follows_evaluation_order() -> None:
    found = read(
        "v=spf1 a:h0.example.net include:i.example.net mx -all",
        answers={"i.example.net/TXT": ["v=spf1 a:h0.example.net a:h1.example.net -all"], **hosts(2)},
    )
    rows = [(row.depth, row.text, row.counts, row.so_far) for row in found.rows()]

    assert rows == [
        (0, "a:h0.example.net", 1, 1),
        (0, "include:i.example.net", 1, 2),
        (1, "a:h0.example.net", 1, 3),
        (1, "a:h1.example.net", 1, 4),
        (1, "-all", 0, 4),
        (0, "mx", 1, 5),
        (0, "-all", 0, 5),
    ]


def test_a_record_two_terms_lead_to_is_counted_twice_and_asked_once() -> None:
    source = Counting(
        TableSource(
            {
                f"{NAME}/TXT": ["v=spf1 include:b.example.net include:c.example.net -all"],
                "b.example.net/TXT": ["v=spf1 include:c.example.net -all"],
                "c.example.net/TXT": ["v=spf1 include:d.example.net -all"],
                "d.example.net/TXT": ["v=spf1 ip4:192.0.2.1 -all"],
            }
        )
    )
    found = tree(NAME, source=source)

    assert found.lookups == 5
    assert len(source.asked) == len(set(source.asked)) == 4


def test_the_prefix_of_a_bare_mx_is_kept() -> None:
    found = read("v=spf1 mx/24 -all", answers={f"{NAME}/MX": ["10 h0.example.net"], **hosts(1)})

    assert found.root.terms[0].term.text == "mx/24"
    assert found.root.terms[0].hosts == ("h0.example.net",)


# --- void lookups -----------------------------------------------------------------------------------------------------


def test_ptr_asks_about_the_client_and_is_never_void_beforehand() -> None:
    found = read("v=spf1 ptr:a.example.org ptr:b.example.org ptr:c.example.org -all")

    assert (found.lookups, found.voids) == (3, 0)
    assert found.voids_exact


def test_hosts_without_an_address_are_void() -> None:
    found = read("v=spf1 a:x.example.net mx exists:y.example.net a:h0.example.net -all", answers=hosts(1))

    assert found.voids == 3
    assert [row.void for row in found.rows()] == [True, True, True, False, False]


def test_voids_depend_on_the_family_of_the_client() -> None:
    """An `mx` of four hosts without AAAA: nothing for IPv4, one void term or four void queries for IPv6."""
    answers = {f"{NAME}/MX": [f"10 h{k}.example.net" for k in range(4)], **hosts(4)}
    cost = read("v=spf1 mx -all", answers=answers).cost

    assert (cost.voids, cost.voids_ipv4, cost.voids_ipv6) == (0, 0, 1)
    assert (cost.void_queries_ipv4, cost.void_queries_ipv6) == (0, 4)


def test_exists_asks_for_a_whatever_the_client() -> None:
    cost = read("v=spf1 exists:h0.example.net -all", answers=hosts(1)).cost

    assert (cost.voids_ipv4, cost.voids_ipv6) == (0, 0)


def test_an_include_without_txt_is_void_and_one_without_spf_is_not() -> None:
    found = read(
        "v=spf1 include:gone.example.net include:other.example.net -all",
        answers={"other.example.net/TXT": ["something else"]},
    )

    assert found.voids == 1
    assert [term.state for term in found.root.terms[:2]] == [State.VOID, State.NONE]


def test_a_null_mx_is_an_answer() -> None:
    found = read("v=spf1 mx -all", answers={f"{NAME}/MX": ["0 ."]})

    assert found.voids == 0
    assert found.root.terms[0].state is State.FOUND


# --- what breaks ------------------------------------------------------------------------------------------------------


def test_a_failure_is_not_absence() -> None:
    found = read(
        "v=spf1 include:slow.example.net a:dead.example.net -all",
        answers={"slow.example.net/TXT": {"fault": "timeout"}, "dead.example.net/A": {"fault": "servfail"}},
    )

    assert [term.state for term in found.root.terms[:2]] == [State.TEMPERROR, State.TEMPERROR]
    assert (found.lookups, found.lookups_exact, found.voids_exact) == (2, False, False)
    assert [str(asked.question) for asked in found.failures] == ["slow.example.net TXT", "dead.example.net A"]


def test_the_record_itself_could_not_be_asked() -> None:
    found = tree(NAME, source=TableSource({f"{NAME}/TXT": {"fault": "servfail"}}))

    assert found.root.state is State.TEMPERROR
    assert not found.lookups_exact
    assert len(found.failures) == 1


@pytest.mark.parametrize(
    "record",
    ["v=spf1 -all ip4:999.1.1.1", "v=spf1 -all fooo:bar", "v=spf1 -all include:%{z}.x", "v=spf1 mx:x.example/33"],
)
def test_a_syntax_error_anywhere_in_an_include_is_a_permerror(record: str) -> None:
    found = read("v=spf1 include:b.example.net -all", answers={"b.example.net/TXT": [record]})

    assert found.root.terms[0].state is State.PERMERROR
    assert [placed.term.term.text for placed in found.problems] == ["include:b.example.net"]


def test_several_records_at_an_include_are_a_permerror() -> None:
    found = read("v=spf1 include:b.example.net -all", answers={"b.example.net/TXT": ["v=spf1 -all", "v=spf1 a -all"]})

    assert found.root.terms[0].state is State.PERMERROR


def test_loops_are_cut_where_a_name_comes_back_on_its_own_path() -> None:
    found = read("v=spf1 include:b.example.net -all", answers={"b.example.net/TXT": [f"v=spf1 include:{NAME} a -all"]})

    assert found.lookups == 3
    assert states(found)[f"include:{NAME}"] is State.LOOP
    assert next(p for p in found.problems).path == (NAME, "b.example.net")


def test_a_target_that_macros_make_of_the_domain_is_followed() -> None:
    found = read(
        "v=spf1 redirect=%{d2}.spf.example.net", answers={f"{NAME}.spf.example.net/TXT": ["v=spf1 ip4:192.0.2.1 -all"]}
    )

    assert found.root.terms[0].target == f"{NAME}.spf.example.net"
    assert found.root.terms[0].state is State.FOUND


def test_d_in_an_include_is_the_included_domain_and_o_the_senders() -> None:
    answers = {
        "b.example.net/TXT": ["v=spf1 a:%{d} a:x.%{o} a:y.%{dr} -all"],
        "b.example.net/A": ["192.0.2.1"],
        f"x.{NAME}/A": ["192.0.2.2"],
        "y.net.example.b/A": ["192.0.2.3"],
    }
    found = read("v=spf1 include:b.example.net -all", answers=answers)

    assert found.voids == 0
    assert [p.term.target for p in found.walk() if p.depth][:3] == ["b.example.net", f"x.{NAME}", "y.net.example.b"]


def test_a_target_that_differs_by_message_is_counted_and_marked() -> None:
    found = read("v=spf1 include:%{i}.example.net exists:%{l}.example.net -all")

    assert found.lookups == 2
    assert [term.state for term in found.root.terms[:2]] == [State.DYNAMIC, State.DYNAMIC]
    assert not found.lookups_exact
    assert found.root.terms[0].target is None


def test_a_target_that_is_no_name_is_not_asked() -> None:
    source = Counting(TableSource({f"{NAME}/TXT": ["v=spf1 a:double..dot.example include:%{d}..x.example -all"]}))
    found = tree(NAME, source=source)

    assert [term.state for term in found.root.terms[:2]] == [State.BAD_NAME, State.BAD_NAME]
    assert source.asked == [DnsQuestion(DomainName(NAME), "TXT")]


def test_more_than_ten_mx_hosts() -> None:
    answers = {f"{NAME}/MX": [f"10 h{k}.example.net" for k in range(11)], **hosts(11)}
    source = Counting(TableSource({f"{NAME}/TXT": ["v=spf1 mx -all"], **answers}))
    found = tree(NAME, source=source)

    assert found.root.terms[0].state is State.TOO_MANY_MX
    assert len(found.root.terms[0].hosts) == 11
    assert len(source.asked) == 2 + 2 * 10


def test_a_domain_that_is_none_is_the_callers_mistake() -> None:
    with pytest.raises(InvalidDomainName):
        tree("not a domain", source=TableSource({}))


# --- what is asked, and in how many round trips -----------------------------------------------------------------------


class Counting:
    """A source that writes down what it is asked."""

    def __init__(self, below: KnownSource) -> None:
        self._below = below
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return self._below.answer(question)


def rounds(plan: Plan[Any], source: KnownSource) -> int:
    """How many round trips a live driver needs: a fork takes as many as its longest branch."""
    total, request = 0, next(plan)
    while True:
        try:
            if isinstance(request, Fork):
                results = [_drive(branch, source) for branch in request.plans]
                total += max(trips for _, trips in results)
                request = plan.send(tuple(result for result, _ in results))
            elif isinstance(request, Foresee):
                request = plan.send(None)
            else:
                total += 1
                request = plan.send(source.answer(request))
        except StopIteration:
            return total


def _drive(plan: Plan[Any], source: KnownSource) -> tuple[Any, int]:
    request = next(plan)
    assert isinstance(request, DnsQuestion)
    with pytest.raises(StopIteration) as stop:
        plan.send(source.answer(request))
    return stop.value.value, 1


def test_hosts_are_asked_in_the_round_trip_of_the_next_level() -> None:
    table = {
        f"{NAME}/TXT": ["v=spf1 a mx include:b.example.net -all"],
        f"{NAME}/A": ["192.0.2.1"],
        f"{NAME}/MX": ["10 h0.example.net"],
        "b.example.net/TXT": ["v=spf1 include:c.example.net -all"],
        "c.example.net/TXT": ["v=spf1 ip4:192.0.2.1 -all"],
        **hosts(1),
    }
    source = TableSource(table)

    assert rounds(tree_plan(DomainName(NAME)), source) == 3


def test_nothing_is_asked_for_what_no_evaluation_reaches() -> None:
    record = (
        "v=spf1 ptr exists:%{i}.x.example.net -all a mx include:b.example.net redirect=c.example.net exp=e.example.net"
    )
    source = Counting(TableSource({f"{NAME}/TXT": [record]}))
    tree(NAME, source=source)

    assert [str(question) for question in source.asked] == [f"{NAME} TXT"]


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_record_that_doubles_at_each_level_is_cut_and_says_so() -> None:
    table = {
        f"n{k}.example.net/TXT": [f"v=spf1 include:n{k + 1}.example.net include:n{k + 1}.example.net -all"]
        for k in range(30)
    }
    source = Counting(TableSource({f"{NAME}/TXT": ["v=spf1 include:n0.example.net -all"], **table}))
    found = tree(NAME, source=source)

    assert found.lookups > 10
    assert not found.lookups_exact
    assert len(source.asked) <= 40
    assert State.NOT_READ in states(found).values()


def test_questions_about_hosts_are_bounded() -> None:
    record = "v=spf1 " + " ".join(f"a:h{k}.example.net" for k in range(500)) + " -all"
    source = Counting(TableSource({f"{NAME}/TXT": [record]}))
    found = tree(NAME, source=source)

    assert found.lookups == 500
    assert found.lookups_exact
    assert not found.voids_exact
    assert len(source.asked) <= 1 + Limits().spf_questions


def test_a_record_too_long_to_be_read_whole_says_so() -> None:
    record = "v=spf1 " + " ".join(f"a:h{k}.example.net" for k in range(2000)) + " -all"
    found = read(record)

    assert found.root.state is State.PERMERROR
    assert not found.lookups_exact


def test_a_chain_longer_than_the_depth_limit_is_cut() -> None:
    table = {f"n{k}.example.net/TXT": [f"v=spf1 redirect=n{k + 1}.example.net"] for k in range(60)}
    source = TableSource({f"{NAME}/TXT": ["v=spf1 redirect=n0.example.net"], **table})
    found = solve(tree_plan(DomainName(NAME), limits=Limits(spf_depth=5)), source)

    assert not found.lookups_exact
    assert found.lookups <= 8
