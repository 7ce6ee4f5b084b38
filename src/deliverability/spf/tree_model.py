"""The static tree of an SPF record: what every term costs, what came back for it, what lies below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from deliverability.core.finding import Evidence, evidence_of
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, IPAddress
from deliverability.core.report import as_html
from deliverability.spf.record import Directive, Modifier, SpfRecord

#: A term that evaluation can reach: a mechanism, or `redirect`.
TreeTerm = Directive | Modifier


class State(StrEnum):
    """What stands at a term, or at the name of a record, before any message is seen."""

    FOUND = "found"
    VOID = "void"  # the DNS says that there is nothing (RFC 7208 §4.6.4)
    NONE = "none"  # no SPF record at the target
    PERMERROR = "permerror"  # several records there, or one that cannot be read
    TEMPERROR = "temperror"  # could not be asked
    LOOP = "loop"  # the name is already being evaluated
    DYNAMIC = "dynamic"  # macros: the name differs from message to message
    BAD_NAME = "bad-name"  # not a name that DNS can hold
    TOO_MANY_MX = "too-many-mx"  # more than ten MX hosts (RFC 7208 §4.6.4)
    NOT_READ = "not-read"  # past the limits of this library
    IGNORED = "ignored"  # after `all`, or a redirect beside it (RFC 7208 §5.1, §6.1)


#: States of an include or redirect that end every evaluation which gets there.
BROKEN = frozenset({State.VOID, State.NONE, State.PERMERROR, State.LOOP, State.BAD_NAME})


class Cost(NamedTuple):
    """What evaluation spends if nothing matches before: the worst case for any message.

    Void lookups depend on the family of the client address, since `a` and `mx` ask A or AAAA (RFC 7208 §5).
    RFC 7208 §4.6.4 counts *terms* whose queries return nothing; pyspf and others count the queries, so an `mx` of four
    hosts without AAAA is one void term and four void queries.
    """

    lookups: int = 0
    #: Void whatever the client.
    voids: int = 0
    voids_ipv4: int = 0
    voids_ipv6: int = 0
    void_queries_ipv4: int = 0
    void_queries_ipv6: int = 0

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        if not any(other):
            return self
        return Cost(*map(int.__add__, self, other))

    @property
    def worst_voids(self) -> int:
        """Void terms for the client family that fares worse."""
        return max(self.voids_ipv4, self.voids_ipv6)

    @property
    def worst_void_queries(self) -> int:
        """Void queries for the client family that fares worse."""
        return max(self.void_queries_ipv4, self.void_queries_ipv6)


NO_COST = Cost()


class Asked(NamedTuple):
    """A question and what came back."""

    question: DnsQuestion
    answer: Answer

    def as_evidence(self) -> Evidence:
        """For a finding."""
        return evidence_of(self.question, self.answer)


@dataclass(frozen=True, slots=True)
class TermNode:
    """One mechanism or redirect of one record, as evaluation meets it."""

    term: TreeTerm
    state: State
    #: The target name, macros of `%{d}` and `%{o}` put in; None where it differs from message to message.
    target: DomainName | None
    #: What this term and everything below it cost.
    cost: Cost
    #: DNS-querying terms of the whole tree up to and with this one, in evaluation order.
    lookups_so_far: int
    asked: tuple[Asked, ...] = ()
    #: `a`, `mx`: the addresses found.
    addresses: tuple[IPAddress, ...] = ()
    #: `mx`: the hosts, in order of preference and name.
    hosts: tuple[DomainName, ...] = ()
    child: RecordNode | None = None

    @property
    def own_lookups(self) -> int:
        """1 for a term that RFC 7208 §4.6.4 counts, else 0."""
        return self.cost.lookups - (self.child.cost.lookups if self.child else 0)

    @property
    def mechanism(self) -> str:
        """`include`, `a`, …, or `redirect`."""
        return self.term.mechanism if isinstance(self.term, Directive) else self.term.name

    @property
    def mx_records(self) -> int:
        """`mx`: the records of the answer; a host that stands in two of them counts twice (RFC 7208 §4.6.4)."""
        return next(
            (len(a.answer.records) for a in self.asked if a.question.type == "MX" and isinstance(a.answer, Found)), 0
        )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every question of this term with its answer."""
        return tuple(asked.as_evidence() for asked in self.asked)


@dataclass(frozen=True, slots=True)
class RecordNode:
    """The SPF record of one name, or what stands in its place."""

    domain: DomainName
    state: State
    #: Every SPF record at the name, in order; several are a permerror (RFC 7208 §4.5).
    texts: tuple[str, ...]
    #: None where there is none or more than one.
    record: SpfRecord | None
    asked: Asked | None
    cost: Cost = NO_COST
    #: Mechanisms in order, then the redirect.
    terms: tuple[TermNode, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The TXT question with its answer."""
        return (self.asked.as_evidence(),) if self.asked else ()


class Placed(NamedTuple):
    """A term and where it stands: the record that holds it, and the term of the audited record it is reached by."""

    depth: int
    record: RecordNode
    term: TermNode
    owner: TermNode
    #: The domains from the audited one to the one whose record holds the term.
    path: tuple[DomainName, ...]

    @property
    def is_own(self) -> bool:
        """Whether the owner of the domain wrote this term."""
        return self.depth == 0


class TreeRow(NamedTuple):
    """One line of a drawn tree."""

    depth: int
    text: str
    #: The domain whose record holds the term.
    domain: DomainName
    target: str
    #: 1 where the term counts, else 0; what it costs with everything below; the count up to here.
    counts: int
    total: int
    so_far: int
    state: str
    void: bool
    #: The term of the audited record that leads here; of its own terms, the term itself.
    owner: str


@dataclass(frozen=True, slots=True)
class SpfTree:
    """Everything that SPF of a domain reaches without knowing a message."""

    root: RecordNode
    #: False: a part could not be read, so `lookups` is the least it can be.
    lookups_exact: bool
    #: False: a part could not be asked or differs by message, so `voids` is the least it can be.
    voids_exact: bool

    @property
    def domain(self) -> DomainName:
        """The domain whose record this is."""
        return self.root.domain

    @property
    def cost(self) -> Cost:
        """What evaluation spends on a message that nothing matches."""
        return self.root.cost

    @property
    def lookups(self) -> int:
        """DNS-querying terms of the whole tree, counted past ten as well (RFC 7208 §4.6.4)."""
        return self.root.cost.lookups

    @property
    def voids(self) -> int:
        """Terms that find nothing for any client (RFC 7208 §4.6.4); `cost` has the figures by address family."""
        return self.root.cost.voids

    @property
    def problems(self) -> tuple[Placed, ...]:
        """The terms at which evaluation ends in an error, in evaluation order."""
        wrong = BROKEN | {State.TEMPERROR, State.TOO_MANY_MX}
        return tuple(p for p in self.walk() if p.term.state in wrong and not _harmless(p.term))

    @property
    def failures(self) -> tuple[Asked, ...]:
        """Every question that has no answer, once."""
        seen = {a.question: a for p in self.walk() for a in p.term.asked if isinstance(a.answer, Failed)}
        root = self.root.asked
        return ((root,) if root and isinstance(root.answer, Failed) else ()) + tuple(seen.values())

    def walk(self) -> Iterator[Placed]:
        """Every term in evaluation order, ignored ones included."""
        start = (self.root.domain,)
        stack = [Placed(0, self.root, term, term, start) for term in reversed(self.root.terms)]
        while stack:
            placed = stack.pop()
            yield placed
            child = placed.term.child
            if child is not None:
                path = (*placed.path, child.domain)
                stack.extend(Placed(placed.depth + 1, child, t, placed.owner, path) for t in reversed(child.terms))

    def reached(self) -> Iterator[Placed]:
        """Every term that evaluation can come to."""
        return (placed for placed in self.walk() if placed.term.state is not State.IGNORED)

    def domains(self) -> tuple[DomainName, ...]:
        """The targets of include and redirect, each once, in evaluation order."""
        names = (p.term.target for p in self.reached() if p.term.mechanism in ("include", "redirect"))
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def rows(self) -> tuple[TreeRow, ...]:
        """The tree as lines with the running count, for renderers."""
        return tuple(_row(placed) for placed in self.walk())

    def to_rows(self) -> list[dict[str, Any]]:
        """One flat dictionary for each term, with the columns `core.columns.SPF_TERMS`, ready for a data frame."""
        return [_flat(row) for row in self.rows()]

    def __repr__(self) -> str:
        return f"<SpfTree of {self.domain}: {self.lookups} lookups, {self.voids} void>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return as_html(self)

    def as_evidence(self) -> tuple[Evidence, ...]:
        """The TXT answer of every record of the tree, each name once."""
        nodes = [self.root, *(p.term.child for p in self.reached() if p.term.child is not None)]
        return tuple({node.domain: item for node in nodes for item in node.evidence}.values())


def _harmless(term: TermNode) -> bool:
    """A void `a` or `mx` is no error in itself, and a target that is no name matches nothing (RFC 7208 §4.8)."""
    return term.mechanism not in ("include", "redirect") and term.state in (State.VOID, State.BAD_NAME)


def _flat(row: TreeRow) -> dict[str, Any]:
    return {
        "depth": row.depth,
        "domain": str(row.domain),
        "term": row.text,
        "target": str(row.target) or None,
        "owner": row.owner,
        "counts": row.counts,
        "total": row.total,
        "so_far": row.so_far,
        "state": str(row.state),
        "void": row.void,
    }


def _row(placed: Placed) -> TreeRow:
    depth, record, term = placed.depth, placed.record, placed.term
    void = term.state is State.VOID or term.cost.voids > (term.child.cost.voids if term.child else 0)
    target = term.target or ""
    counts = term.own_lookups
    return TreeRow(
        depth,
        term.term.text,
        record.domain,
        target,
        counts,
        term.cost.lookups,
        term.lookups_so_far,
        term.state,
        void,
        placed.owner.term.text,
    )
