from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass

from deliverability.core.facts import Moment
from deliverability.core.finding import Actor, Basis, Finding, Outcome, Passed, Severity
from deliverability.core.report import judge
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text


@dataclass(frozen=True, slots=True)
class Hosts:
    names: tuple[str, ...]


def make(code: str, **more: object) -> Rule:
    title = Text("{host} is slow ({reason})", "{host} es lento ({reason})")
    word = Text("x", "x")
    return Rule(
        code, code.lower(), Severity.WARNING, Basis.STANDARD, Area.IDENT, Actor.HOST, word, title, word, word, ("RFC 5321 §5.1",), **more  # type: ignore[arg-type]
    )  # fmt: skip


SLOW = make("MX901", identity=("host",))
CAUSED = make("MX902", consequence_of=("MX901",))


@SLOW.check
def slow(hosts: Hosts, moment: Moment | None) -> Iterator[Outcome]:
    for name in hosts.names:
        yield SLOW.found("empresa.example", host=name, reason=Text("no answer", "sin respuesta")) if name else Passed()


@CAUSED.check
def caused(hosts: Hosts) -> Outcome:
    return CAUSED.found("empresa.example", host="a", reason="b")


def test_a_rule_without_its_fact_is_not_reached() -> None:
    assert SLOW.run({}) == []


def test_one_outcome_for_each_subject_and_optional_facts_may_be_absent() -> None:
    assert [type(outcome) for outcome in SLOW.run({Hosts: Hosts(("a", "", "b"))})] == [Finding, Passed, Finding]


def test_a_finding_speaks_both_languages() -> None:
    finding = SLOW.run({Hosts: Hosts(("a",))})[0]

    assert isinstance(finding, Finding)
    assert finding.text("en") == "a is slow (no answer)"
    assert finding.text("es") == "a es lento (sin respuesta)"


def test_fingerprints_tell_the_named_arguments_apart_and_nothing_else() -> None:
    one, two = SLOW.run({Hosts: Hosts(("a", "b"))})
    assert isinstance(one, Finding)
    assert isinstance(two, Finding)
    again = SLOW.found("empresa.example", host="a", reason="another")

    assert one.fingerprint != two.fingerprint
    assert one.fingerprint == again.fingerprint


def test_a_consequence_is_linked_to_its_cause_only_when_that_fired() -> None:
    both = {item.rule.code: item.outcome for item in judge([SLOW, CAUSED], {Hosts: Hosts(("a",))})}
    alone = {item.rule.code: item.outcome for item in judge([SLOW, CAUSED], {Hosts: Hosts(("",))})}

    assert both["MX902"].consequence_of == "MX901"  # type: ignore[union-attr]
    assert alone["MX902"].consequence_of == ""  # type: ignore[union-attr]


def test_a_cause_counts_for_the_subject_it_was_judged_on() -> None:
    cause, effect = make("DNS901"), make("DNS902", consequence_of=("DNS901",))

    @cause.check
    def no_ptr(hosts: Hosts) -> Iterator[Outcome]:
        yield cause.found("192.0.2.1", host="a", reason="b")
        yield Passed("192.0.2.2")

    @effect.check
    def not_confirmed(hosts: Hosts) -> Iterator[Outcome]:
        for subject in ("192.0.2.1", "192.0.2.2", "empresa.example"):
            yield effect.found(subject, host="a", reason="b")

    checked = judge([cause, effect], {Hosts: Hosts(())})
    causes = {o.subject: o.consequence_of for rule, o in checked if rule is effect and isinstance(o, Finding)}

    assert causes == {"192.0.2.1": "DNS901", "192.0.2.2": "", "empresa.example": "DNS901"}


def test_findings_can_be_pickled() -> None:
    finding = SLOW.found("empresa.example", host="a", reason="b")

    assert pickle.loads(pickle.dumps(finding)) == finding
