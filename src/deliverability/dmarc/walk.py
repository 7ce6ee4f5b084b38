"""The names that a policy may stand at, and what was found at each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from deliverability.core.errors import InvalidDomainName
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName, parent, parse_domain, query_name, registrable_domain
from deliverability.core.plan import Plan, ask_txt, gather
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    NoName,
    TxtStrings,
    join_strings,
)
from deliverability.dmarc.record import DmarcRecord, Spec, parse


class WalkStep(NamedTuple):
    """One name of a walk and what its `_dmarc` name holds."""

    #: The domain, without `_dmarc`.
    name: DomainName
    question: DnsQuestion
    answer: Answer
    #: TXT records that start with `v=DMARC1`. More than one: all are discarded (RFC 9989 §4.10).
    records: tuple[DmarcRecord, ...] = ()
    #: The other TXT records there; receivers discard them.
    foreign: tuple[str, ...] = ()

    @property
    def record(self) -> DmarcRecord | None:
        """The record, where there is exactly one."""
        return self.records[0] if len(self.records) == 1 else None

    @property
    def failed(self) -> bool:
        """Whether the question could not be answered: neither a record nor its absence is known."""
        return isinstance(self.answer, Failed)

    @property
    def aliases(self) -> tuple[DomainName, ...]:
        """CNAME targets passed on the way to the answer, in order."""
        return () if isinstance(self.answer, Failed) else self.answer.aliases


def as_domain(text: str) -> DomainName | None:
    """A domain from a caller or from a message as a name, or None where DNS has no such name."""
    try:
        return parse_domain(text)
    except InvalidDomainName:
        name = query_name(text) if text and len(text) <= DEFAULT_LIMITS.domain_characters else None
        return name or None


def walk_names(name: DomainName) -> tuple[DomainName, ...]:
    """The targets of a DNS Tree Walk from `name`, in order; at most eight (RFC 9989 §4.10)."""
    labels = name.split(".")
    names = [name]
    # Step 4: below eight labels one is removed; from eight on, as many as leave seven.
    target = parent(name) if len(labels) < 8 else DomainName(".".join(labels[-7:]))
    while target:
        names.append(target)
        target = parent(target)
    return tuple(names[: DEFAULT_LIMITS.tree_walk_queries])


def organizational_by_list(name: DomainName) -> DomainName:
    """The organizational domain by the Public Suffix List; a public suffix is its own (RFC 7489 §3.2)."""
    return registrable_domain(name) or name


#: What stands at `_dmarc.<name>`, by that name; read once for every walk that passes it.
Steps: TypeAlias = Mapping[DomainName, WalkStep]


def names_for(name: DomainName, spec: Spec) -> tuple[DomainName, ...]:
    """The names whose records the specification may look at, in its order."""
    if spec == "9989":
        return walk_names(name)
    return tuple(dict.fromkeys((name, organizational_by_list(name))))  # RFC 7489 §6.6.3 steps 1 and 3


def ask_policies(names: Iterable[DomainName]) -> Plan[dict[DomainName, WalkStep]]:
    """What stands at `_dmarc` of all `names`, asked side by side: the whole walk is known before it starts."""
    wanted = tuple(dict.fromkeys(names))
    answers = yield from gather(*(_ask_policy(name) for name in wanted))
    return {name: read_step(name, answer) for name, answer in zip(wanted, answers, strict=True)}


def _ask_policy(name: DomainName) -> Plan[Answer]:
    target = query_name(f"_dmarc.{name}")
    if target is None:  # longer than a name can be: nothing can be published there
        return NoName()
    answer = yield from ask_txt(target)
    return answer


def step_at(name: DomainName, steps: Steps) -> WalkStep:
    """The step of a name; a question that nobody asked counts as one that could not be answered."""
    return steps.get(name) or read_step(name, Failed(FailureKind.OFFLINE, "not asked"))


def read_step(name: DomainName, answer: Answer) -> WalkStep:
    """What the answer at a name's `_dmarc` means."""
    question = DnsQuestion(DomainName(f"_dmarc.{name}"), "TXT")
    texts = txt_texts(answer)
    # RFC 9989 §4.10 steps 2 and 6: what does not start with the version is discarded.
    parsed = [parse(text) for text in texts]
    records = tuple(record for record in parsed if record.is_dmarc)
    foreign = tuple(record.text for record in parsed if not record.is_dmarc)
    return WalkStep(name, question, answer, records, foreign)


def txt_texts(answer: Answer) -> tuple[str, ...]:
    """The texts of a TXT answer: strings joined with nothing between (RFC 9989 §4.5), one octet a character."""
    if not isinstance(answer, Found):
        return ()
    records: list[str] = []
    for record in answer.records[: DEFAULT_LIMITS.answer_records]:
        if isinstance(record, tuple) and all(isinstance(part, bytes) for part in record):
            strings: TxtStrings = record  # type: ignore[assignment]
            records.append(join_strings(strings).decode("latin-1"))
    return tuple(records)
