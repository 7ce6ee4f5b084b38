"""What one evaluation knows and counts, the names it makes, and the mechanisms that ask for hosts."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

from deliverability.core.limits import Limits
from deliverability.core.names import ROOT, DomainName, is_subdomain, query_name, reverse_name
from deliverability.core.plan import Plan
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    Found,
    IPAddress,
    MxRecord,
    RecordType,
)
from deliverability.spf import macro
from deliverability.spf.program import Op, Program, RecordCache, Step, Template, question_of
from deliverability.spf.result import Asked, Event, SpfFailure, SpfFailureKind

_MX: Final = Op.MX
_PTR: Final = Op.PTR
_EXISTS: Final = Op.EXISTS
_Kind = SpfFailureKind


class Session:
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

    def note(self, index: int, asked: tuple[Asked, ...], outcome: str) -> None:
        """Note a step down for the trace."""
        self.events.append((self.depth, self.domain, self.program, index, asked, outcome, self.lookups, self.voids))

    def failed_at(
        self, kind: SpfFailureKind, step: Step, question: DnsQuestion | None = None, answer: Answer | None = None
    ) -> SpfFailure:
        """What ends the evaluation at a step of the current record."""
        text = self.program.record.terms[step.at].text if self.program else ""
        return SpfFailure(kind, self.domain, text, question, answer)

    # --- names ---------------------------------------------------------------------------------------------------

    def question(self, step: Step) -> DnsQuestion | None:
        """The first question of a step whose target-name depends on the domain or the message (RFC 7208 §4.8).

        None where the name is none that DNS has, or needs `%{p}`.
        """
        name: DomainName | None
        target = step[3]
        if target is None:
            name = self.domain
        elif type(target) is Template:
            name = None if target.validated_name else self.expanded_name(target, self.domain, "unknown")
        else:
            name = cast(DomainName, target)
        return question_of(step[0], name, self.version) if name else None

    def question_by_client(self, step: Step) -> Plan[DnsQuestion | None]:
        """As `question`, for a target-name with `%{p}`; None for all others."""
        target = step.target
        if type(target) is not Template or not target.validated_name:
            return None
        name = self.expanded_name(target, self.domain, (yield from self.validated_name()))
        return question_of(step.op, name, self.version) if name else None

    def expanded_name(self, template: Template, domain: DomainName, validated: str) -> DomainName | None:
        """The name that a target with macros becomes; None where DNS has no such name."""
        if template.local_part and not self.sender.local_part.isascii():
            return None  # RFC 8616 §4: such terms do not match anything
        return query_name(macro.fit(macro.expand(template.parts, self.sender, domain, validated)))

    def validated_name(self) -> Plan[str]:
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

    def hosts(self, step: Step) -> Plan[bool]:
        """Whether an a, mx, ptr or exists matches; `failure` is set where it ends the evaluation."""
        asked: list[Asked] = []
        question = step[4] or self.question(step) or (yield from self.question_by_client(step))
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
                self.failure = self.failed_at(_Kind.DNS_FAILURE, step, question, answer)
            matched, void = self._holds(answer, step), not isinstance(answer, (Found, Failed))
        self.voids += void
        self.note(step.at, tuple(asked), "match" if matched else "no match")
        if self.voids > self.limits.spf_void_lookups and self.failure is None:
            self.failure = self.failed_at(_Kind.TOO_MANY_VOIDS, step, *asked[-1])
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
            self.failure = self.failed_at(_Kind.DNS_FAILURE, step, question, answer)
        if not isinstance(answer, Found):
            return False, not isinstance(answer, Failed)
        # RFC 7208 §4.6.4 limits the records, not the different names in them.
        if len(answer.records) > self.limits.spf_mx_names:
            self.failure = self.failed_at(_Kind.TOO_MANY_MX, step, question, answer)
            return False, False
        hosts = mx_names(answer)
        found = not hosts  # a null MX (RFC 7505) is an answer
        for host in hosts:
            question = DnsQuestion(host, self.address_type)
            self.questions += 1
            answer = yield question
            asked.append((question, answer))
            if isinstance(answer, Failed):
                self.failure = self.failed_at(_Kind.DNS_FAILURE, step, question, answer)
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


def mx_names(answer: Found) -> tuple[DomainName, ...]:
    """The hosts of an MX answer by preference and name, each once; a null MX (RFC 7505) has none."""
    records = cast("tuple[MxRecord, ...]", answer.records)
    if len(records) == 1:
        return (records[0].exchange,) if records[0].exchange else ()
    records = tuple(sorted(records))
    return tuple(dict.fromkeys(record.exchange for record in records if record.exchange))
