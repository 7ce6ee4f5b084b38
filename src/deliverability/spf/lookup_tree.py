"""The static tree of SPF: every record a domain's SPF reaches, what each term costs, and where evaluation breaks.

Theory of operation. `check_host` (evaluate.py) says what one message gets. This module says what *any* message may
cost, which is what an owner can act on: the count of RFC 7208 §4.6.4 in the order of evaluation, taken as if nothing
matched before. It is done in two steps: `tree_questions.ask_world` puts all questions, level by level; `_Walk` then
walks the records as `check_host` would, with the answers at hand, and puts down for each term

- its own count: 1 for include, a, mx, ptr, exists and redirect; 0 for all, ip4, ip6 and exp (§4.6.4);
- the running count, which goes on past ten: an owner at 17 has to know that seven have to go, not one;
- its void lookups. §4.6.4 counts "terms" for which a query finds nothing: `a` and a static `exists` without address,
  `mx` without MX or with hosts that have no address at all, include and redirect without TXT. `ptr` asks about the
  client, and a name with macros about the message, so neither is void beforehand. `a` and `mx` are void by client
  family, since a client with an IPv4 address asks only A. Receivers that count queries instead of terms (pyspf) see
  more voids in an `mx`; `Cost.void_queries` has their number;
- what broke, if something did: no record, several, a syntax error, a loop, more than ten MX hosts, no answer.

A record that two terms point to is read once and counted twice. A loop is cut where a name comes back on its own path;
receivers run into the limit of ten there. Depth and size are bounded by `Limits`; a part that was not read is told as
such (`State.NOT_READ`, `lookups_exact` False), and so is a part that could not be asked: the count is then a minimum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, parse_domain, query_name
from deliverability.core.plan import Plan, Source
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, IPAddress, NoData, NoName, RecordType
from deliverability.core.run import run
from deliverability.spf.record import Directive, SpfProblemKind
from deliverability.spf.tree_model import (
    NO_COST,
    Asked,
    Cost,
    RecordNode,
    SpfTree,
    State,
    TermNode,
    TreeTerm,
)
from deliverability.spf.tree_questions import World, ask_world, live_terms, mx_hosts, question_types, static_name


def tree(domain: str, *, source: Source | None = None) -> SpfTree:
    """The static SPF tree of a domain. Raises `InvalidDomainName` for what cannot be a domain; None is live DNS."""
    return run(tree_plan(parse_domain(domain)), source)


def tree_plan(domain: DomainName, *, limits: Limits = DEFAULT_LIMITS) -> Plan[SpfTree]:
    """The static SPF tree of a domain (RFC 7208 §4.6.4); what went wrong in the DNS is part of it."""
    world = yield from ask_world(domain, limits)
    return _Walk(world, limits).tree()


@dataclass(slots=True)
class _Walk:
    """One walk over the answers, in evaluation order."""

    world: World
    limits: Limits
    lookups: int = 0
    nodes: int = 0
    lookups_exact: bool = True
    voids_exact: bool = True

    def tree(self) -> SpfTree:
        root = self._record(self.world.domain, ())
        return SpfTree(root, self.lookups_exact, self.lookups_exact and self.voids_exact)

    def _record(self, domain: DomainName, path: tuple[DomainName, ...]) -> RecordNode:
        self.nodes += 1
        answer = self.world.answer(domain, "TXT")
        if answer is None or isinstance(answer, Failed):
            self.lookups_exact = False
        asked = Asked(DnsQuestion(domain, "TXT"), answer) if answer is not None else None
        record = self.world.records.get(domain)
        state = self._record_state(domain, answer)
        node = RecordNode(domain, state, self.world.texts.get(domain, ()), record, asked)
        if record is None:
            return node
        if any(problem.kind in _CUT for problem in record.problems):
            self.lookups_exact = False
        terms = tuple(self._term(term, live, domain, (*path, domain)) for term, live in live_terms(record))
        cost = NO_COST
        for term in terms:
            cost = cost.plus(term.cost)
        return replace(node, terms=terms, cost=cost)

    def _record_state(self, domain: DomainName, answer: Answer | None) -> State:
        if answer is None:
            return State.NOT_READ
        if isinstance(answer, Failed):
            return State.TEMPERROR
        if isinstance(answer, (NoData, NoName)):
            return State.VOID
        if not self.world.texts[domain]:
            return State.NONE  # RFC 7208 §4.5
        record = self.world.records[domain]
        return State.FOUND if record is not None and record.is_valid else State.PERMERROR

    def _term(self, term: TreeTerm, live: bool, domain: DomainName, path: tuple[DomainName, ...]) -> TermNode:
        if not live:
            return TermNode(term, State.IGNORED, None, NO_COST, self.lookups)
        if not term.asks:
            return TermNode(term, State.FOUND, None, NO_COST, self.lookups)
        self.lookups += 1
        text = static_name(term.domain_spec, domain, self.world.domain)
        node = TermNode(term, State.DYNAMIC, None, Cost(1), self.lookups)
        kind = term.mechanism if isinstance(term, Directive) else term.name
        if text is None:
            # What a dynamic include leads to is unknown; a dynamic host term costs one look-up and perhaps a void.
            self.lookups_exact = self.lookups_exact and kind not in ("include", "redirect")
            self.voids_exact = self.voids_exact and kind == "ptr"
            return node
        target = query_name(text)
        if target is None:
            return replace(node, state=State.BAD_NAME)
        node = replace(node, target=target)
        if kind in ("include", "redirect"):
            return self._reference(node, target, path)
        if kind == "ptr":
            return replace(node, state=State.FOUND)
        return self._mx(node, target) if kind == "mx" else self._hosts(node, (target,))

    def _reference(self, node: TermNode, target: DomainName, path: tuple[DomainName, ...]) -> TermNode:
        if target in path:
            return replace(node, state=State.LOOP)
        full = self.nodes >= self.limits.spf_tree_nodes or self.lookups >= self.limits.spf_terms
        if full or len(path) > self.limits.spf_depth:
            self.lookups_exact = False
            return replace(node, state=State.NOT_READ)
        child = self._record(target, path)
        void = _VOID if child.state is State.VOID else NO_COST
        asked = (child.asked,) if child.asked else ()
        cost = node.cost.plus(void).plus(child.cost)
        return replace(node, state=child.state, child=child, cost=cost, asked=asked)

    def _mx(self, node: TermNode, target: DomainName) -> TermNode:
        answer = self.world.answer(target, "MX")
        if answer is None:
            return self._unread(node)
        asked = (Asked(DnsQuestion(target, "MX"), answer),)
        hosts = mx_hosts(answer)
        node = replace(node, asked=asked, hosts=hosts)
        if isinstance(answer, Failed):
            self.voids_exact = False
            return replace(node, state=State.TEMPERROR)
        if isinstance(answer, (NoData, NoName)):
            return replace(node, state=State.VOID, cost=node.cost.plus(_VOID))
        if not hosts:
            return replace(node, state=State.FOUND)  # a null MX: an answer, and no host to ask about
        read = self._hosts(node, hosts[: self.limits.spf_mx_names])
        # RFC 7208 §4.6.4: more than ten address look-ups for one mx is a permerror. Receivers count the records, so a
        # host that stands there twice counts twice.
        return replace(read, state=State.TOO_MANY_MX) if read.mx_records > self.limits.spf_mx_names else read

    def _hosts(self, node: TermNode, hosts: tuple[DomainName, ...]) -> TermNode:
        """The addresses of the hosts of a term, and the voids by family."""
        types: tuple[RecordType, ...] = question_types(node.term) if node.mechanism != "mx" else ("A", "AAAA")
        asked: list[Asked] = []
        for host in hosts:
            for record_type in types:
                answer = self.world.answer(host, record_type)
                if answer is None:
                    return self._unread(node)
                asked.append(Asked(DnsQuestion(host, record_type), answer))
        addresses = _addresses(asked)
        failed = any(isinstance(item.answer, Failed) for item in asked)
        self.voids_exact = self.voids_exact and not failed
        cost = node.cost.plus(_void_cost(asked, types))
        state = State.TEMPERROR if failed else State.FOUND if addresses else State.VOID
        return replace(node, state=state, cost=cost, asked=(*node.asked, *asked), addresses=addresses)

    def _unread(self, node: TermNode) -> TermNode:
        self.voids_exact = False
        return replace(node, state=State.NOT_READ)


def _addresses(asked: list[Asked]) -> tuple[IPAddress, ...]:
    found = (cast(tuple[IPAddress, ...], item.answer.records) for item in asked if isinstance(item.answer, Found))
    return tuple(dict.fromkeys(address for records in found for address in records))


def _void_cost(asked: list[Asked], types: tuple[RecordType, ...]) -> Cost:
    """The voids of one term: a term is void for a family when none of its queries found an address."""
    counts = {
        record_type: [isinstance(i.answer, (NoData, NoName)) for i in asked if i.question.type == record_type]
        for record_type in ("A", "AAAA")
    }
    ipv4 = counts["A"]
    ipv6 = counts["AAAA"] if "AAAA" in types else ipv4  # RFC 7208 §5.7: exists asks A for every client
    return Cost(0, int(all(ipv4) and all(ipv6)), int(all(ipv4)), int(all(ipv6)), sum(ipv4), sum(ipv6))


#: Problems of a record that was not read to its end.
_CUT = frozenset({SpfProblemKind.TOO_LONG, SpfProblemKind.TOO_MANY_TERMS})
#: One void lookup, whatever the client.
_VOID = Cost(0, 1, 1, 1, 1, 1)
