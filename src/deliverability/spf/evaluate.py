"""`check_host`: what a domain's SPF record says about one message (RFC 7208 §4).

Theory of operation. One generator, `_Evaluation.run`, walks the steps of a record (spf/program.py). An include puts
the record it stands in on a stack and goes on with the one it names; when that one comes to a verdict the stack says
what the verdict means there: pass is a match, any other is none (§5.2). A redirect goes on with the other record and
puts nothing on the stack, because its verdict stands (§6.1). Everything that ends the whole evaluation at once,
whatever the depth, is an `SpfFailure`: RFC 7208 lets temperror and permerror through every include and redirect.

The limits of §4.6.4 are counted by one object through the whole evaluation, in the order in which terms are
evaluated, and a term is counted before it asks. A void look-up is counted by term, as the RFC words it
(docs/decisions/0010).

Over the wire one question after the other would cost a round trip each. So the plan says at the start what it will
probably ask, all terms of a level side by side (`_foreseen`), and a live source has the answers under way or at hand
when evaluation comes to them. Nothing is decided there: a source that knows its answers skips it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, cast

from deliverability.core.errors import InvalidAddress
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, is_subdomain, query_name, reverse_name, shown
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
from deliverability.spf.grammar import MacroParts, read_explain_string
from deliverability.spf.program import Op, Program, RecordCache, Step, select
from deliverability.spf.result import Asked, Event, SpfFailure, SpfFailureKind, SpfResult

__all__ = ["check_host", "check_host_plan"]

_NETWORKS: Final = int(Op.NETWORKS)
_INCLUDE: Final = int(Op.INCLUDE)
_REDIRECT: Final = int(Op.REDIRECT)
_RECORDS: Final = (_INCLUDE, _REDIRECT)
_ALL: Final = int(Op.ALL)
_END: Final = int(Op.END)
_MX: Final = int(Op.MX)
_PTR: Final = int(Op.PTR)
_EXISTS: Final = int(Op.EXISTS)
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
    address = _address(ip)
    local_part, at, sender_domain = sender.rpartition("@")
    if not at:
        sender_domain = sender or domain
    # RFC 7208 §4.3: a sender without local-part has "postmaster".
    timestamp = int(now.timestamp()) if now else None
    message = macro.Sender(address, local_part or "postmaster", sender_domain, helo, receiver, timestamp)
    return _Evaluation(message, domain, records, limits).run()


def _address(ip: str | IPAddress) -> IPAddress:
    if isinstance(ip, str):
        try:
            address: IPAddress = ip_address(ip.strip())
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


def well_formed(domain: str) -> DomainName | None:
    """The name to ask for, or None: malformed, not multi-label, not in A-labels (RFC 7208 §4.3), or an address."""
    if not domain.isascii():
        return None
    name = query_name(domain)
    if name is None or "." not in name or name[0] == "[" or name.rpartition(".")[2].isdigit():
        return None
    return name


class _Frame:
    """A record under evaluation, and how far it has come."""

    __slots__ = ("depth", "domain", "event", "position", "program", "result", "steps")

    def __init__(self, program: Program, steps: tuple[Step, ...], domain: DomainName, depth: int) -> None:
        self.program = program
        self.steps = steps
        self.domain = domain
        self.depth = depth
        self.position = 0
        # While it waits for an include: where that is noted down, and what it means if it passes.
        self.event = -1
        self.result = ""


class _Evaluation:
    """One evaluation: the message, the counters of RFC 7208 §4.6.4, and the notes for the trace."""

    def __init__(self, sender: macro.Sender, domain: str, records: RecordCache | None, limits: Limits) -> None:
        self.sender = sender
        self.asked_domain = domain
        self.records = records
        self.limits = limits
        self.number = int(sender.address)
        self.version = sender.address.version
        self.address_type: RecordType = "A" if self.version == 4 else "AAAA"
        self.lookups = self.voids = self.questions = 0
        self.verdict = ""
        self.decided_at = -1
        self.events: list[Event] = []
        self.failure: SpfFailure | None = None
        self.validated: dict[DomainName, bool] = {}

    # --- the walk ------------------------------------------------------------------------------------------------

    def run(self) -> Plan[SpfResult]:
        """Walk the records, the topmost first."""
        top = well_formed(self.asked_domain)
        if top is None:
            return self._failed(SpfFailure(_Kind.MALFORMED_DOMAIN, self.asked_domain))
        question = DnsQuestion(top, "TXT")
        frame = self._open(question, (yield question), None, None)
        if frame is None:
            return self._failed()
        if frame.program.asks:
            yield Foresee((self._foreseen(frame.steps, top, [self.limits.spf_lookups]),))
        waiting: list[_Frame] = []
        while True:
            step = self._advance(frame)
            if step is None:
                resumed, frame = self._return(frame, waiting)
                if not resumed:
                    return (yield from self._finished(frame))
            elif not self._count(frame, step):
                return self._failed()
            elif step.op in _RECORDS:
                opened = yield from self._enter(frame, step)
                if opened is None:
                    return self._failed()
                if step.op == _INCLUDE:
                    waiting.append(frame)
                frame = opened
            else:
                yield from self._hosts(frame, step)
                if self.failure is not None:
                    return self._failed()

    def _enter(self, frame: _Frame, step: Step) -> Plan[_Frame | None]:
        """The record that an include or a redirect names."""
        domain = well_formed((yield from self._target(step, frame.domain)))
        if domain is None:  # the nested check_host gives "none" (RFC 7208 §4.3)
            self.failure = self._without_record(frame, step)
            return None
        question = DnsQuestion(domain, "TXT")
        return self._open(question, (yield question), frame, step)

    def _advance(self, frame: _Frame) -> Step | None:
        """The next step that has to ask; None where the record comes to its verdict before."""
        if self.verdict:
            return None
        number, steps, position = self.number, frame.steps, frame.position
        while True:
            step = steps[position]
            position += 1
            op = step[0]
            if op == _NETWORKS:
                for mask, value, result, index in step[5]:
                    if number & mask == value:
                        self._decide(frame, result, index)
                        return None
            elif op == _ALL:
                self._decide(frame, step[2], step[1])
                return None
            elif op == _END:  # RFC 7208 §4.7
                self.events.append(
                    (frame.depth, frame.domain, frame.program, -2, (), "neutral", self.lookups, self.voids)
                )
                self.verdict = "neutral"
                return None
            else:
                frame.position = position
                return step

    def _decide(self, frame: _Frame, result: str, index: int) -> None:
        self.decided_at = len(self.events)
        self.events.append((frame.depth, frame.domain, frame.program, index, (), "match", self.lookups, self.voids))
        self.verdict = result

    def _return(self, frame: _Frame, waiting: list[_Frame]) -> tuple[bool, _Frame]:
        """Take the verdict to the records that wait for it; whether one of them goes on, and which is the current one."""
        while waiting:
            frame = waiting.pop()
            note = self.events[frame.event]
            self.events[frame.event] = (*note[:5], self.verdict, *note[6:])
            if self.verdict != "pass":  # RFC 7208 §5.2: fail, softfail and neutral are no match
                self.verdict, self.decided_at = "", -1
                return True, frame
            self.verdict, self.decided_at = frame.result, frame.event
        return False, frame

    def _open(self, question: DnsQuestion, answer: Answer, parent: _Frame | None, step: Step | None) -> _Frame | None:
        """The record that an answer holds, ready to be walked; None, and `failure` set, where it holds none."""
        self.questions += 1
        domain = question.name
        depth = 0
        if parent is not None and step is not None:
            depth = parent.depth + 1
            parent.event, parent.result = len(self.events), step.result
            self._note(parent, step, (), "" if step.op == _INCLUDE else "followed")
        selected: Program | int = 0
        if type(answer) is Found:
            selected = (
                select(answer.records, self.limits) if self.records is None else self.records.select(answer.records)
            )
            if type(selected) is Program:
                steps = selected.steps(self.version)
                self.events.append(
                    (depth, domain, selected, -1, ((question, answer),), "found", self.lookups, self.voids)
                )
                if steps is not None:
                    return _Frame(selected, steps, domain, depth)
                fatal = tuple(problem for problem in selected.record.problems if problem.fatal)
                self.failure = SpfFailure(_Kind.SYNTAX, domain, "", question, answer, fatal)
                return None
        self.failure = self._no_record(question, answer, parent, step, cast(int, selected))
        self.events.append(
            (depth, domain, None, -1, ((question, answer),), self.failure.result, self.lookups, self.voids)
        )
        return None

    def _no_record(
        self, question: DnsQuestion, answer: Answer, parent: _Frame | None, step: Step | None, found: int
    ) -> SpfFailure:
        if isinstance(answer, Failed):  # RFC 7208 §4.4
            return SpfFailure(_Kind.DNS_FAILURE, question.name, "", question, answer)
        if found > 1:  # RFC 7208 §4.5
            return SpfFailure(_Kind.SEVERAL_RECORDS, question.name, "", question, answer)
        if parent is None or step is None:
            return SpfFailure(_Kind.NO_RECORD, question.name, "", question, answer)
        if not isinstance(answer, Found):
            self.voids += 1
        return self._without_record(parent, step, question, answer)

    def _without_record(
        self, frame: _Frame, step: Step, question: DnsQuestion | None = None, answer: Answer | None = None
    ) -> SpfFailure:
        kind = _Kind.INCLUDE_WITHOUT_RECORD if step.op == _INCLUDE else _Kind.REDIRECT_WITHOUT_RECORD
        return SpfFailure(kind, frame.domain, _text(frame, step), question, answer)

    def _note(self, frame: _Frame, step: Step, asked: tuple[Asked, ...], outcome: str) -> None:
        self.events.append(
            (frame.depth, frame.domain, frame.program, step.index, asked, outcome, self.lookups, self.voids)
        )

    def _count(self, frame: _Frame, step: Step) -> bool:
        """Count a term that asks, before it does (RFC 7208 §4.6.4)."""
        self.lookups += 1
        limits = self.limits
        if self.lookups > limits.spf_lookups:
            kind = _Kind.TOO_MANY_LOOKUPS
        elif self.questions > limits.spf_questions:
            kind = _Kind.TOO_MANY_QUESTIONS
        elif frame.depth >= limits.spf_depth and step.op in _RECORDS:
            kind = _Kind.TOO_DEEP
        else:
            return True
        self.failure = SpfFailure(kind, frame.domain, _text(frame, step))
        return False

    # --- the end -------------------------------------------------------------------------------------------------

    def _failed(self, failure: SpfFailure | None = None) -> SpfResult:
        problem = failure or self.failure
        result = problem.result if problem else "permerror"
        return SpfResult(result, self.asked_domain, self.lookups, self.voids, "", problem, self.events)

    def _finished(self, frame: _Frame) -> Plan[SpfResult]:
        explanation = ""
        if self.verdict == "fail" and self.decided_at >= 0 and frame.program.exp is not None:
            explanation = yield from self._explanation(frame.program.exp, frame.domain)
        return SpfResult(
            self.verdict,
            self.asked_domain,
            self.lookups,
            self.voids,
            explanation,
            None,
            self.events,
            self.decided_at,
        )

    def _explanation(self, parts: MacroParts, domain: DomainName) -> Plan[str]:
        """The text that `exp=` names, or "": whatever is wrong with it, it is as if there was none (RFC 7208 §6.2)."""
        name = query_name((yield from self._expanded(parts, domain)))
        if not name:
            return ""
        answer = yield DnsQuestion(name, "TXT")
        if not isinstance(answer, Found) or len(answer.records) != 1:
            return ""
        octets = join_strings(cast(TxtStrings, answer.records[0]))
        read = read_explain_string(octets.decode("latin-1")[: self.limits.txt_octets])
        if read is None:
            return ""
        text = macro.expand(read, self.sender, domain, (yield from self._validated_name(read, domain)))
        # RFC 7208 §6.2: an explanation MUST be US-ASCII; its length MAY be limited.
        return text[: self.limits.shown_characters] if text.isascii() else ""

    # --- names ---------------------------------------------------------------------------------------------------

    def _target(self, step: Step, domain: DomainName) -> Plan[str]:
        """The target-name of a step (RFC 7208 §4.8); "" where there is none that the DNS has."""
        target = step.target
        if target is None:
            return domain
        if isinstance(target, str):
            return target
        if not macro.is_expressible(target, self.sender):
            return ""
        return query_name((yield from self._expanded(target, domain))) or ""

    def _expanded(self, parts: MacroParts, domain: DomainName) -> Plan[str]:
        validated = yield from self._validated_name(parts, domain)
        return macro.fit(macro.expand(parts, self.sender, domain, validated))

    def _validated_name(self, parts: MacroParts, domain: DomainName) -> Plan[str]:
        """`%{p}`: the domain itself if the client's names have it, then one below it, then any (RFC 7208 §7.3)."""
        if not macro.needs_validated_name(parts):
            return "unknown"
        names, _ = yield from self._pointers()
        ranked = sorted(names, key=lambda name: 0 if name == domain else 1 if is_subdomain(name, domain) else 2)
        for name in ranked:
            if (yield from self._validates(name, [])):
                return name
        return "unknown"

    def _pointers(self) -> Plan[tuple[tuple[DomainName, ...], Asked]]:
        """The names of the client's address, at most ten: the others MUST be ignored (RFC 7208 §4.6.4)."""
        question = DnsQuestion(reverse_name(self.sender.address), "PTR")
        self.questions += 1
        answer = yield question
        names = cast("tuple[DomainName, ...]", answer.records) if isinstance(answer, Found) else ()
        return names[: self.limits.spf_ptr_names], (question, answer)

    def _validates(self, name: DomainName, asked: list[Asked]) -> Plan[bool]:
        """Whether a name of the client's address leads back to it (RFC 7208 §5.5); a DNS error skips the name."""
        known = self.validated.get(name)
        if known is None:
            question = DnsQuestion(name, self.address_type)
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            known = self.validated[name] = isinstance(answer, Found) and self.sender.address in answer.records
        return known

    # --- mechanisms that ask for hosts ---------------------------------------------------------------------------

    def _hosts(self, frame: _Frame, step: Step) -> Plan[None]:
        """Evaluate an a, mx, ptr or exists: a match sets `verdict`, what ends the evaluation sets `failure`."""
        target = step.target
        name = target if isinstance(target, str) else (yield from self._target(step, frame.domain))
        asked: list[Asked] = []
        if not name:
            # RFC 7208 §4.8 leaves a name that DNS cannot have to the implementation: it does not match.
            matched, void = False, False
        elif step.op == _MX:
            matched, void = yield from self._mx(frame, step, DomainName(name), asked)
        elif step.op == _PTR:
            matched, void = yield from self._ptr(name, asked)
        else:
            question = DnsQuestion(DomainName(name), "A" if step.op == _EXISTS else self.address_type)
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            if isinstance(answer, Failed):
                self._dns_failure(frame, step, question, answer)
            matched, void = self._holds(answer, step), not isinstance(answer, (Found, Failed))
        self.voids += void
        if matched:
            self.verdict, self.decided_at = step.result, len(self.events)
        self._note(frame, step, tuple(asked), "match" if matched else "no match")
        if self.voids > self.limits.spf_void_lookups and self.failure is None:
            question, answer = asked[-1]
            self.failure = SpfFailure(_Kind.TOO_MANY_VOIDS, frame.domain, _text(frame, step), question, answer)

    def _dns_failure(self, frame: _Frame, step: Step, question: DnsQuestion, answer: Answer) -> None:
        self.failure = SpfFailure(_Kind.DNS_FAILURE, frame.domain, _text(frame, step), question, answer)

    def _holds(self, answer: Answer, step: Step) -> bool:
        """Whether the client is among the addresses, as far as the prefix goes; for exists, whether there is any."""
        if not isinstance(answer, Found):
            return False
        if step.op == _EXISTS:
            return True  # RFC 7208 §5.7: if any A record is returned
        mask = step.mask
        number = self.number & mask
        return any(int(cast(IPAddress, record)) & mask == number for record in answer.records)

    def _mx(self, frame: _Frame, step: Step, name: DomainName, asked: list[Asked]) -> Plan[tuple[bool, bool]]:
        """Whether an MX host has the address, and whether the term is void (RFC 7208 §5.4)."""
        question = DnsQuestion(name, "MX")
        self.questions += 1
        answer = yield question
        asked.append((question, answer))
        if isinstance(answer, Failed):
            self._dns_failure(frame, step, question, answer)
        if not isinstance(answer, Found):
            return False, not isinstance(answer, Failed)
        # RFC 7208 §4.6.4 limits the records, not the different names in them.
        if len(answer.records) > self.limits.spf_mx_names:
            self.failure = SpfFailure(_Kind.TOO_MANY_MX, frame.domain, _text(frame, step), question, answer)
            return False, False
        hosts = mx_names(answer)
        found = not hosts  # a null MX (RFC 7505) is an answer
        for host in hosts:
            question = DnsQuestion(host, self.address_type)
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            if isinstance(answer, Failed):
                self._dns_failure(frame, step, question, answer)
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
        if target is None or isinstance(target, str):
            return domain if target is None else target
        if macro.needs_validated_name(target) or not macro.is_expressible(target, self.sender):
            return None
        return query_name(macro.fit(macro.expand(target, self.sender, domain)))

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
            answer = yield DnsQuestion(reverse_name(self.sender.address), "PTR")
            names = cast("tuple[DomainName, ...]", answer.records) if isinstance(answer, Found) else ()
            near = [found for found in names[: self.limits.spf_ptr_names] if is_subdomain(found, name)]
            yield from gather(*(ask(found, self.address_type) for found in near))
        else:
            yield DnsQuestion(name, "A" if op == _EXISTS else self.address_type)


def mx_names(answer: Found) -> tuple[DomainName, ...]:
    """The hosts of an MX answer by preference and name, each once; a null MX (RFC 7505) has none."""
    records = sorted(cast("tuple[MxRecord, ...]", answer.records))
    return tuple(dict.fromkeys(record.exchange for record in records if record.exchange))


def _text(frame: _Frame, step: Step) -> str:
    return frame.program.record.terms[step.index].text
