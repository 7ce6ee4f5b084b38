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
probably ask, all terms of a level side by side (`_foreseen`), and a live source has the answers under way or at hand
when evaluation comes to them. Nothing is decided there: a source that knows its answers skips it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias, cast

from deliverability.core.errors import InvalidAddress
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import ROOT, DomainName, is_subdomain, query_name, reverse_name, shown
from deliverability.core.plan import Foresee, Plan, Source, ask, gather
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    Found,
    IPAddress,
    MxRecord,
    RecordType,
    TxtStrings,
    join_strings,
)
from deliverability.core.run import run
from deliverability.spf import macro
from deliverability.spf.grammar import read_explain_string
from deliverability.spf.program import (
    Op,
    Program,
    RecordCache,
    Step,
    Template,
    question_of,
    select,
    template_of,
    well_formed,
)
from deliverability.spf.result import Asked, Event, SpfFailure, SpfFailureKind, SpfResult

__all__ = ["check_host", "check_host_plan"]

_NETWORKS: Final = Op.NETWORKS
_INCLUDE: Final = Op.INCLUDE
_REDIRECT: Final = Op.REDIRECT
_RECORDS: Final = (_INCLUDE, _REDIRECT)
_ALL: Final = Op.ALL
_END: Final = Op.END
_MX: Final = Op.MX
_PTR: Final = Op.PTR
_EXISTS: Final = Op.EXISTS
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
            address: IPAddress = IPv6Address(text) if ":" in text else IPv4Address(text)
        except ValueError:
            raise InvalidAddress(f"{shown(ip)} is not an IPv4 or IPv6 address") from None
    elif isinstance(ip, (IPv4Address, IPv6Address)):
        address = ip
    else:
        raise InvalidAddress(f"{type(ip).__name__} is not an IPv4 or IPv6 address; give a str or an ipaddress object")
    if isinstance(address, IPv6Address):
        # RFC 7208 §5: clients on IPv4-mapped IPv6 addresses are IPv4 clients. A zone id is no part of the address.
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


#: A record that waits for what its include comes to: its steps, how far it has come, its domain, the record, its depth,
#: where the include is noted down, and what the include means if it passes.
_Waiting: TypeAlias = "tuple[tuple[Step, ...], int, DomainName, Program, int, int, str]"


class _Evaluation:
    """One evaluation: the message, the counters of RFC 7208 §4.6.4, and the notes for the trace."""

    __slots__ = (
        "_sender",
        "address",
        "decided_at",
        "depth",
        "domain",
        "events",
        "failure",
        "given",
        "limits",
        "lookups",
        "message",
        "number",
        "program",
        "questions",
        "records",
        "validated",
        "version",
        "voids",
    )

    def __init__(
        self,
        address: IPAddress,
        domain: str,
        message: tuple[str, str, str, datetime | None],
        records: RecordCache | None,
        limits: Limits,
    ) -> None:
        self.address = address
        self.number = int(address)
        self.version = address.version
        self.given = domain
        self.message = message
        self.records = records
        self.limits = limits
        self.lookups = self.voids = self.questions = 0
        self.decided_at = -1
        self.events: list[Event] = []
        self.failure: SpfFailure | None = None
        # The record under evaluation: its domain, itself, and how many includes and redirects lead there.
        self.domain = ROOT
        self.program: Program | None = None
        self.depth = 0
        # Made when first needed: most evaluations have no macros.
        self._sender: macro.Sender | None = None
        self.validated: dict[DomainName, bool] | None = None

    @property
    def sender(self) -> macro.Sender:
        """The message as macros see it."""
        if self._sender is None:
            sender, helo, receiver, now = self.message
            local_part, at, domain = sender.rpartition("@")
            if not at:
                domain = sender or self.given
            # RFC 7208 §4.3: a sender without local-part has "postmaster".
            timestamp = int(now.timestamp()) if now else None
            self._sender = macro.Sender(self.address, local_part or "postmaster", domain, helo, receiver, timestamp)
        return self._sender

    @property
    def address_type(self) -> RecordType:
        """What is asked for hosts (RFC 7208 §5)."""
        return "A" if self.version == 4 else "AAAA"

    # --- the walk ------------------------------------------------------------------------------------------------

    def run(self) -> Plan[SpfResult]:  # noqa: PLR0912, PLR0915 - the hot loop, where a call less a step is a third of the time
        """Walk the records, the topmost first."""
        top = well_formed(self.given)
        if top is None:
            self.failure = SpfFailure(_Kind.MALFORMED_DOMAIN, self.given)
            return self._failed()
        number, events = self.number, self.events
        waiting: list[_Waiting] = []
        question = DnsQuestion(top, "TXT")
        step: Step | None = None
        while True:
            steps = self._read(question, (yield question), step)
            if steps is None or self.program is None:
                return self._failed()
            if step is None and self.program.foresees:
                yield Foresee((self._foreseen(steps, top, [self.limits.spf_lookups]),))
            position = 0
            while True:
                step = steps[position]
                position += 1
                op = step[0]
                verdict = ""
                if op == _NETWORKS:
                    for mask, value, result, index in step[6]:
                        if number & mask == value:
                            verdict = result
                            self._note(index, (), "match")
                            break
                    else:
                        continue
                elif op == _ALL or op == _END:  # noqa: PLR1714, SIM109 - faster than `in`
                    verdict = step[2]
                    self._note(step[1], (), "match" if op == _ALL else verdict)
                elif not self._count(step):
                    return self._failed()
                elif op == _INCLUDE or op == _REDIRECT:  # noqa: PLR1714, SIM109
                    asked = step[4] or (yield from self._question(step))
                    if asked is None:  # the nested check_host gives "none" (RFC 7208 §4.3)
                        self.failure = self._failure(_without(step), step)
                        return self._failed()
                    if op == _INCLUDE:
                        waiting.append((steps, position, self.domain, self.program, self.depth, len(events), step[2]))
                    self._note(step[1], (), "" if op == _INCLUDE else "followed")
                    question = asked
                    break
                else:
                    matched = yield from self._hosts(step)
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
                self._note(-1, ((question, answer),), "found")
                steps = selected.steps(self.version)
                if steps is None:  # RFC 7208 §4.6: syntax errors anywhere in the record
                    fatal = tuple(problem for problem in selected.record.problems if problem.fatal)
                    self.failure = SpfFailure(_Kind.SYNTAX, self.domain, "", question, answer, fatal)
                return steps
        self.failure = self._no_record(question, answer, step, cast(int, selected))
        self.depth += step is not None
        self.domain, self.program = question.name, None
        self._note(-1, ((question, answer),), self.failure.result)
        return None

    def _no_record(self, question: DnsQuestion, answer: Answer, step: Step | None, found: int) -> SpfFailure:
        if isinstance(answer, Failed):  # RFC 7208 §4.4
            return SpfFailure(_Kind.DNS_FAILURE, question.name, "", question, answer)
        if found > 1:  # RFC 7208 §4.5
            return SpfFailure(_Kind.SEVERAL_RECORDS, question.name, "", question, answer)
        if step is None:
            return SpfFailure(_Kind.NO_RECORD, question.name, "", question, answer)
        self.voids += not isinstance(answer, Found)
        return self._failure(_without(step), step, question, answer)

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
        self.failure = self._failure(kind, step)
        return False

    def _note(self, index: int, asked: tuple[Asked, ...], outcome: str) -> None:
        self.events.append((self.depth, self.domain, self.program, index, asked, outcome, self.lookups, self.voids))

    def _failure(
        self, kind: SpfFailureKind, step: Step, question: DnsQuestion | None = None, answer: Answer | None = None
    ) -> SpfFailure:
        text = self.program.record.terms[step.at].text if self.program else ""
        return SpfFailure(kind, self.domain, text, question, answer)

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
        validated = (yield from self._validated_name()) if template.validated_name else "unknown"
        name = self._expanded_name(template, self.domain, validated)
        if not name:
            return ""
        answer = yield DnsQuestion(name, "TXT")
        if not isinstance(answer, Found) or len(answer.records) != 1:
            return ""
        octets = join_strings(cast(TxtStrings, answer.records[0]))
        read = read_explain_string(octets.decode("latin-1")[: self.limits.txt_octets])
        if read is None:
            return ""
        validated = (yield from self._validated_name()) if template_of(read).validated_name else "unknown"
        text = macro.expand(read, self.sender, self.domain, validated)
        # RFC 7208 §6.2: an explanation MUST be US-ASCII; its length MAY be limited.
        return text[: self.limits.shown_characters] if text.isascii() else ""

    # --- names ---------------------------------------------------------------------------------------------------

    def _question(self, step: Step) -> Plan[DnsQuestion | None]:
        """The first question of a step whose target-name depends on the domain or the message (RFC 7208 §4.8).

        None where the name is none that DNS has.
        """
        target = step.target
        if isinstance(target, Template):
            validated = (yield from self._validated_name()) if target.validated_name else "unknown"
            name = self._expanded_name(target, self.domain, validated)
        else:
            name = self.domain if target is None else target
        return question_of(step.op, name, self.version) if name else None

    def _expanded_name(self, template: Template, domain: DomainName, validated: str) -> DomainName | None:
        if template.local_part and not self.sender.local_part.isascii():
            return None  # RFC 8616 §4: such terms do not match anything
        return query_name(macro.fit(macro.expand(template.parts, self.sender, domain, validated)))

    def _validated_name(self) -> Plan[str]:
        """`%{p}`: the domain itself if the client's names have it, then one below it, then any (RFC 7208 §7.3)."""
        names, _ = yield from self._pointers()
        domain = self.domain
        ranked = sorted(names, key=lambda name: 0 if name == domain else 1 if is_subdomain(name, domain) else 2)
        for name in ranked:
            if (yield from self._validates(name, [])):
                return name
        return "unknown"

    def _pointers(self) -> Plan[tuple[tuple[DomainName, ...], Asked]]:
        """The names of the client's address, at most ten: the others MUST be ignored (RFC 7208 §4.6.4)."""
        question = DnsQuestion(reverse_name(self.address), "PTR")
        self.questions += 1
        answer = yield question
        names = cast("tuple[DomainName, ...]", answer.records) if isinstance(answer, Found) else ()
        return names[: self.limits.spf_ptr_names], (question, answer)

    def _validates(self, name: DomainName, asked: list[Asked]) -> Plan[bool]:
        """Whether a name of the client's address leads back to it (RFC 7208 §5.5); a DNS error skips the name."""
        if self.validated is None:
            self.validated = {}
        known = self.validated.get(name)
        if known is None:
            question = DnsQuestion(name, self.address_type)
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            known = self.validated[name] = isinstance(answer, Found) and self.address in answer.records
        return known

    # --- mechanisms that ask for hosts ---------------------------------------------------------------------------

    def _hosts(self, step: Step) -> Plan[bool]:
        """Whether an a, mx, ptr or exists matches; `failure` is set where it ends the evaluation."""
        asked: list[Asked] = []
        question = step.question or (yield from self._question(step))
        if question is None:
            # RFC 7208 §4.8 leaves a name that DNS cannot have to the implementation: it does not match.
            matched, void = False, False
        elif step.op == _MX:
            matched, void = yield from self._mx(step, question, asked)
        elif step.op == _PTR:
            matched, void = yield from self._ptr(question.name, asked)
        else:
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            if isinstance(answer, Failed):
                self.failure = self._failure(_Kind.DNS_FAILURE, step, question, answer)
            matched, void = self._holds(answer, step), not isinstance(answer, (Found, Failed))
        self.voids += void
        self._note(step.at, tuple(asked), "match" if matched else "no match")
        if self.voids > self.limits.spf_void_lookups and self.failure is None:
            self.failure = self._failure(_Kind.TOO_MANY_VOIDS, step, *asked[-1])
        return matched

    def _holds(self, answer: Answer, step: Step) -> bool:
        """Whether the client is among the addresses, as far as the prefix goes; for exists, whether there is any."""
        if not isinstance(answer, Found):
            return False
        if step.op == _EXISTS:
            return True  # RFC 7208 §5.7: if any A record is returned
        mask = step.mask
        number = self.number & mask
        for record in answer.records:  # noqa: SIM110 - twice as fast as any()
            if int(cast(IPAddress, record)) & mask == number:
                return True
        return False

    def _mx(self, step: Step, question: DnsQuestion, asked: list[Asked]) -> Plan[tuple[bool, bool]]:
        """Whether an MX host has the address, and whether the term is void (RFC 7208 §5.4)."""
        self.questions += 1
        answer = yield question
        asked.append((question, answer))
        if isinstance(answer, Failed):
            self.failure = self._failure(_Kind.DNS_FAILURE, step, question, answer)
        if not isinstance(answer, Found):
            return False, not isinstance(answer, Failed)
        # RFC 7208 §4.6.4 limits the records, not the different names in them.
        if len(answer.records) > self.limits.spf_mx_names:
            self.failure = self._failure(_Kind.TOO_MANY_MX, step, question, answer)
            return False, False
        hosts = mx_names(answer)
        found = not hosts  # a null MX (RFC 7505) is an answer
        for host in hosts:
            question = DnsQuestion(host, self.address_type)
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            if isinstance(answer, Failed):
                self.failure = self._failure(_Kind.DNS_FAILURE, step, question, answer)
                return False, False
            if self._holds(answer, step):
                return True, False
            found = found or isinstance(answer, Found)
        return False, not found

    def _ptr(self, target: str, asked: list[Asked]) -> Plan[tuple[bool, bool]]:
        """Whether a validated name of the client is the target or below it, and whether it has no name (RFC 7208 §5.5).

        Only names under the target are validated: the others cannot match, and an error there would be skipped.
        """
        names, pair = yield from self._pointers()
        asked.append(pair)
        for name in names:
            if is_subdomain(name, target) and (yield from self._validates(name, asked)):
                return True, False
        return False, not isinstance(pair[1], (Found, Failed))

    # --- what will be asked --------------------------------------------------------------------------------------

    def _foreseen(self, steps: Iterable[Step], domain: DomainName, left: list[int]) -> Plan[None]:
        """Ask what the steps will ask, side by side; `left` is how many terms more may be asked for in all."""
        plans: list[Plan[None]] = []
        for step in steps:
            if step.op == _NETWORKS:
                if any(self.number & mask == value for mask, value, _, _ in step.tests):
                    break
                continue
            if step.op in (_ALL, _END) or left[0] <= 0:
                break
            left[0] -= 1
            name = self._foreseen_name(step, domain)
            if name:
                plans.append(self._foreseen_term(step.op, name, left))
        yield from gather(*plans)

    def _foreseen_name(self, step: Step, domain: DomainName) -> DomainName | None:
        target = step.target
        if not isinstance(target, Template):
            return domain if target is None else target
        return None if target.validated_name else self._expanded_name(target, domain, "unknown")

    def _foreseen_term(self, op: int, name: DomainName, left: list[int]) -> Plan[None]:
        if op in _RECORDS:
            answer = yield DnsQuestion(name, "TXT")
            program = select(answer.records, self.limits) if isinstance(answer, Found) else 0
            steps = program.steps(self.version) if isinstance(program, Program) else None
            yield from self._foreseen(steps or (), name, left)
        elif op == _MX:
            answer = yield DnsQuestion(name, "MX")
            if isinstance(answer, Found) and len(answer.records) <= self.limits.spf_mx_names:
                yield from gather(*(ask(host, self.address_type) for host in mx_names(answer)))
        elif op == _PTR:
            answer = yield DnsQuestion(reverse_name(self.address), "PTR")
            names = cast("tuple[DomainName, ...]", answer.records) if isinstance(answer, Found) else ()
            near = [found for found in names[: self.limits.spf_ptr_names] if is_subdomain(found, name)]
            yield from gather(*(ask(found, self.address_type) for found in near))
        else:
            yield DnsQuestion(name, "A" if op == _EXISTS else self.address_type)


def mx_names(answer: Found) -> tuple[DomainName, ...]:
    """The hosts of an MX answer by preference and name, each once; a null MX (RFC 7505) has none."""
    records = cast("tuple[MxRecord, ...]", answer.records)
    if len(records) > 1:
        records = tuple(sorted(records))
    return tuple(dict.fromkeys(record.exchange for record in records if record.exchange))


def _without(step: Step) -> SpfFailureKind:
    """RFC 7208 §5.2, §6.1: nothing to include, nothing to redirect to."""
    return _Kind.INCLUDE_WITHOUT_RECORD if step.op == _INCLUDE else _Kind.REDIRECT_WITHOUT_RECORD
