"""`check_host`: what a domain's SPF record says about one message (RFC 7208 §4).

Theory of operation. One generator, `_Evaluation.run`, walks the steps of a record (spf/program.py). An include puts
the record it stands in on a stack and goes on with the one it names; when that one comes to a verdict the stack says
what the verdict means there: pass is a match, any other is none (§5.2). A redirect goes on with the other record and
puts nothing on the stack, because its verdict stands (§6.1). Everything that ends the whole evaluation at once,
whatever the depth, is an `SpfFailure`: RFC 7208 lets temperror and permerror through every include and redirect.

The limits of §4.6.4 are counted by one object through the whole evaluation, in the order in which terms are
evaluated, and a term is counted before it asks. A void look-up is counted by term, as the RFC words it
(docs/decisions/0005).

Over the wire one question after the other would cost a round trip each. So the plan says at the start what it will
probably ask, all terms of a level side by side (spf/lookahead.py), and a live source has the answers under way or at hand
when evaluation comes to them. Nothing is decided there: a source that knows its answers skips it.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias, cast

from deliverability.core.addresses import plain
from deliverability.core.errors import InvalidAddress
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, shown
from deliverability.core.plan import Foresee, Plan, Source
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    Found,
    IPAddress,
    TxtStrings,
    join_strings,
)
from deliverability.core.run import run
from deliverability.spf import macro
from deliverability.spf.grammar import read_explain_string
from deliverability.spf.lookahead import foreseen
from deliverability.spf.program import (
    Op,
    Program,
    RecordCache,
    Step,
    Template,
    ip4_number,
    select,
    template_of,
    well_formed,
)
from deliverability.spf.result import SpfFailure, SpfFailureKind, SpfResult
from deliverability.spf.session import Session

__all__ = ["check_host", "check_host_plan"]

_NETWORKS: Final = Op.NETWORKS
_INCLUDE: Final = Op.INCLUDE
_REDIRECT: Final = Op.REDIRECT
_RECORDS: Final = (_INCLUDE, _REDIRECT)
_ALL: Final = Op.ALL
_END: Final = Op.END
_Kind = SpfFailureKind


def check_host(
    ip: str | IPAddress,
    domain: str,
    sender: str,
    *,
    helo: str = "",
    source: Source | None = None,
    records: RecordCache | None = None,
    receiver: str = "unknown",
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SpfResult:
    """What `domain` says about mail that `sender` sends from `ip` (RFC 7208 §4).

    `domain` is the domain of MAIL FROM, or the HELO name where MAIL FROM is empty; a malformed one gives `none`.
    `source=None` asks the live DNS. `records` keeps parsed records between calls. `receiver` and `now` are `%{r}` and
    `%{t}` of explanations. Raises `InvalidAddress` for an `ip` that is none.
    """
    plan = check_host_plan(ip, domain, sender, helo=helo, records=records, receiver=receiver, now=now, limits=limits)
    return run(plan, source)


def check_host_plan(
    ip: str | IPAddress,
    domain: str,
    sender: str,
    *,
    helo: str = "",
    records: RecordCache | None = None,
    receiver: str = "unknown",
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Plan[SpfResult]:
    """As `check_host`, as a plan. `InvalidAddress` is raised here and not when the plan runs."""
    return _Evaluation(_address(ip), domain, (sender, helo, receiver, now), records, limits).run()


def _address(ip: str | IPAddress) -> IPAddress:
    if isinstance(ip, str):
        try:
            text = ip.strip()
            number = ip4_number(text)
            address: IPAddress = IPv6Address(text) if ":" in text else IPv4Address(text if number is None else number)
        except ValueError:
            raise InvalidAddress(f"{shown(ip)} is not an IPv4 or IPv6 address") from None
    elif isinstance(ip, (IPv4Address, IPv6Address)):
        address = ip
    else:
        raise InvalidAddress(f"{type(ip).__name__} is not an IPv4 or IPv6 address; give a str or an ipaddress object")
    return plain(address)  # RFC 7208 §5: clients on IPv4-mapped IPv6 addresses are IPv4 clients


#: A record that waits for what its include comes to: its steps, how far it has come, its domain, the record, its depth,
#: where the include is noted down, and what the include means if it passes.
_Waiting: TypeAlias = "tuple[tuple[Step, ...], int, DomainName, Program, int, int, str]"


class _Evaluation(Session):
    """The walk through the records."""

    __slots__ = ()

    def run(self) -> Plan[SpfResult]:  # noqa: PLR0912 - the hot loop; calls would cost a third of it
        """Walk the records, the topmost first."""
        top = well_formed(self.given)
        if top is None:
            self.failure = SpfFailure(_Kind.MALFORMED_DOMAIN, self.given)
            return self._failed()
        number, events, question = self.number, self.events, DnsQuestion(top, "TXT")
        waiting: list[_Waiting] = []
        step: Step | None = None
        while True:
            steps = self._read(question, (yield question), step)
            if steps is None or self.program is None:
                return self._failed()
            if step is None and self.program.foresees:
                yield Foresee((foreseen(self, steps, top, [self.limits.spf_lookups]),))
            position = 0
            while True:
                step, verdict = steps[position], ""
                position += 1
                op = step[0]
                if op == _NETWORKS:
                    for mask, value, result, index in step[6]:
                        if number & mask == value:
                            verdict = result
                            self.note(index, (), "match")
                            break
                    else:
                        continue
                elif op == _ALL or op == _END:  # noqa: PLR1714, SIM109 - faster than `in`
                    verdict = step[2]
                    self.note(step[1], (), "match" if op == _ALL else verdict)
                elif not self._count(step):
                    return self._failed()
                elif op == _INCLUDE or op == _REDIRECT:  # noqa: PLR1714, SIM109
                    asked = step[4] or self.question(step) or (yield from self.question_by_client(step))
                    if asked is None:  # the nested check_host gives "none" (RFC 7208 §4.3)
                        self.failure = self.failed_at(_without(step), step)
                        return self._failed()
                    if op == _INCLUDE:
                        waiting.append((steps, position, self.domain, self.program, self.depth, len(events), step[2]))
                    self.note(step[1], (), "" if op == _INCLUDE else "followed")
                    question = asked
                    break
                else:
                    matched = yield from self.hosts(step)
                    if self.failure is not None:
                        return self._failed()
                    if not matched:
                        continue
                    verdict = step[2]
                self.decided_at = len(events) - 1 if op != _END else -1
                while waiting:
                    steps, position, self.domain, self.program, self.depth, noted, result = waiting.pop()
                    note = events[noted]
                    events[noted] = (*note[:5], verdict, *note[6:])
                    if verdict != "pass":  # RFC 7208 §5.2: fail, softfail and neutral are no match
                        break
                    verdict, self.decided_at = result, noted
                else:
                    return (yield from self._finished(verdict)) if verdict == "fail" else self._result(verdict)

    def _read(self, question: DnsQuestion, answer: Answer, step: Step | None) -> tuple[Step, ...] | None:
        """The steps of the record that an answer holds; None, and `failure` set, where it holds none.

        `step` is the include or redirect that led there, None for the first record.
        """
        self.questions += 1
        selected: Program | int = 0
        if type(answer) is Found:
            records = self.records
            selected = select(answer.records, self.limits) if records is None else records.select(answer.records)
            if type(selected) is Program:
                self.depth += step is not None
                self.domain, self.program = question[0], selected
                self.note(-1, ((question, answer),), "found")
                steps = selected.steps(self.version)
                if steps is None:  # RFC 7208 §4.6: syntax errors anywhere in the record
                    fatal = tuple(problem for problem in selected.record.problems if problem.fatal)
                    self.failure = SpfFailure(_Kind.SYNTAX, self.domain, "", question, answer, fatal)
                return steps
        self.failure = self._no_record(question, answer, step, cast(int, selected))
        self.depth += step is not None
        self.domain, self.program = question.name, None
        self.note(-1, ((question, answer),), self.failure.result)
        return None

    def _no_record(self, question: DnsQuestion, answer: Answer, step: Step | None, found: int) -> SpfFailure:
        if isinstance(answer, Failed):  # RFC 7208 §4.4
            return SpfFailure(_Kind.DNS_FAILURE, question.name, "", question, answer)
        if found > 1:  # RFC 7208 §4.5
            return SpfFailure(_Kind.SEVERAL_RECORDS, question.name, "", question, answer)
        if step is None:
            return SpfFailure(_Kind.NO_RECORD, question.name, "", question, answer)
        self.voids += not isinstance(answer, Found)
        return self.failed_at(_without(step), step, question, answer)

    def _count(self, step: Step) -> bool:
        """Count a term that asks, before it does (RFC 7208 §4.6.4)."""
        self.lookups += 1
        limits = self.limits
        if self.lookups > limits.spf_lookups:
            kind = _Kind.TOO_MANY_LOOKUPS
        elif self.questions > limits.spf_questions:
            kind = _Kind.TOO_MANY_QUESTIONS
        elif self.depth >= limits.spf_depth and step.op in _RECORDS:
            kind = _Kind.TOO_DEEP
        else:
            return True
        self.failure = self.failed_at(kind, step)
        return False

    # --- the end -------------------------------------------------------------------------------------------------

    def _failed(self) -> SpfResult:
        problem = self.failure
        result = problem.result if problem else "permerror"
        return SpfResult(result, self.given, self.lookups, self.voids, "", problem, self.events)

    def _result(self, verdict: str, explanation: str = "") -> SpfResult:
        return SpfResult(verdict, self.given, self.lookups, self.voids, explanation, None, self.events, self.decided_at)

    def _finished(self, verdict: str) -> Plan[SpfResult]:
        explanation = ""
        if self.program is not None and self.program.exp is not None:
            explanation = yield from self._explanation(self.program.exp)
        return self._result(verdict, explanation)

    def _explanation(self, template: Template) -> Plan[str]:
        """The text that `exp=` names, or "": whatever is wrong with it, it is as if there was none (RFC 7208 §6.2)."""
        validated = (yield from self.validated_name()) if template.validated_name else "unknown"
        name = self.expanded_name(template, self.domain, validated)
        if not name:
            return ""
        answer = yield DnsQuestion(name, "TXT")
        if not isinstance(answer, Found) or len(answer.records) != 1:
            return ""
        octets = join_strings(cast(TxtStrings, answer.records[0]))
        read = read_explain_string(octets.decode("latin-1")[: self.limits.txt_octets])
        if read is None:
            return ""
        validated = (yield from self.validated_name()) if template_of(read).validated_name else "unknown"
        text = macro.expand(read, self.sender, self.domain, validated)
        # RFC 7208 §6.2: an explanation MUST be US-ASCII; its length MAY be limited.
        return text[: self.limits.shown_characters] if text.isascii() else ""


def _without(step: Step) -> SpfFailureKind:
    """RFC 7208 §5.2, §6.1: nothing to include, nothing to redirect to."""
    return _Kind.INCLUDE_WITHOUT_RECORD if step.op == _INCLUDE else _Kind.REDIRECT_WITHOUT_RECORD
