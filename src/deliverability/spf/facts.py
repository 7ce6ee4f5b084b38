"""What is known about the SPF of a domain, once the questions have been answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from deliverability.core.facts import AuditedDomain, Presence, Sending, SpfPresence
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, Found, IPAddress, MxRecord, TxtStrings
from deliverability.spf.networks import SpfNetworks
from deliverability.spf.record import Directive
from deliverability.spf.result import SpfResult
from deliverability.spf.tree_model import Asked, RecordNode, SpfTree, State


class IpCheck(NamedTuple):
    """What one message from an address of the user's would get."""

    ip: IPAddress
    domain: DomainName
    result: SpfResult


class Misplaced(NamedTuple):
    """A name beside the domain, and its TXT answer."""

    name: DomainName
    asked: Asked
    #: The SPF records that stand there.
    texts: tuple[str, ...]


class PlaceOfRecord(NamedTuple):
    """A name that should have an SPF record of its own (a HELO name, an envelope domain), and what stands there."""

    name: DomainName
    asked: Asked
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpfFacts:
    """Fact: everything the audit asked about SPF."""

    domain: DomainName
    tree: SpfTree
    networks: SpfNetworks
    #: TXT at the domain: records as character-strings.
    strings: tuple[TxtStrings, ...]
    #: TXT records that were surely meant as SPF and are none.
    near_misses: tuple[str, ...]
    #: Sender ID records (`spf2.0/…`).
    sender_id: tuple[str, ...]
    #: The obsolete type 99.
    type99: Asked
    mx: Asked
    #: Names asked because the domain itself has no record; empty where it has one.
    misplaced: tuple[Misplaced, ...] = ()
    checks: tuple[IpCheck, ...] = ()
    helo: tuple[PlaceOfRecord, ...] = ()
    #: The MAIL FROM domain, where the user named another one.
    envelope: PlaceOfRecord | None = None
    #: Whether the organizational domain above has an SPF record, where the domain is a subdomain without one.
    parent: PlaceOfRecord | None = None

    @property
    def root(self) -> RecordNode:
        """The record of the domain itself."""
        return self.tree.root

    @property
    def has_no_record(self) -> bool:
        """Whether it is certain that the domain publishes no SPF record."""
        return self.root.state in (State.VOID, State.NONE)

    @property
    def authorises_nobody(self) -> bool:
        """Whether no address at all can pass: `v=spf1 -all` and the like."""
        asking = any(p.term.state is not State.IGNORED and p.term.own_lookups for p in self.tree.walk())
        return not asking and not self.networks.authorised

    @property
    def has_null_mx(self) -> bool:
        """Whether the domain says that it takes no mail (RFC 7505)."""
        return is_null_mx(self.mx.answer)

    def presence(self) -> SpfPresence:
        """The short form for other topics."""
        if self.root.state in (State.TEMPERROR, State.NOT_READ):
            return SpfPresence(Presence.UNKNOWN)
        if self.root.state is not State.FOUND:
            return SpfPresence(Presence.ABSENT)
        end = last_word(self.tree).directive
        return SpfPresence(Presence.FOUND, end.qualifier.value if end else "")


class LastWord(NamedTuple):
    """The record that decides about everybody else, and its `all`."""

    node: RecordNode
    directive: Directive | None


def last_word(tree: SpfTree) -> LastWord:
    """The `all` in force: that of the record, or of the one it redirects to (RFC 7208 §5.1, §6.1)."""
    node = tree.root
    while node.record is not None and node.record.all is None:
        target = next((t.child for t in node.terms if t.mechanism == "redirect" and t.child is not None), None)
        if target is None:
            break
        node = target
    return LastWord(node, node.record.all if node.record else None)


def is_null_mx(answer: Answer) -> bool:
    """Whether an MX answer is the single "." of RFC 7505 §3."""
    return isinstance(answer, Found) and all(isinstance(r, MxRecord) and not r.exchange for r in answer.records)


def is_parked(facts: SpfFacts, audited: AuditedDomain) -> bool:
    """Whether the domain sends no mail: somebody said so, or it takes none and authorises nobody to send."""
    if audited.sends is not None:
        return not audited.sends
    return facts.has_null_mx and (facts.has_no_record or facts.authorises_nobody)


def is_known_to_send(audited: AuditedDomain, sending: Sending) -> bool:
    """Whether the user said that mail leaves under this domain, in one way or another."""
    told = sending.ips or sending.selectors or sending.providers or sending.smtp_host or sending.envelope_domain
    return bool(audited.sends or sending.sends or told)
