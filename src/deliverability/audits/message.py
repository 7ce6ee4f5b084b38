"""The audit of one message.

Theory of operation. First everything that the octets alone tell is read, topic by topic, in the order of `READERS`: a
reader may use the facts of those before it and asks nothing. Then the questions: signatures, SPF and the ARC chain
side by side, then DMARC, which needs their results; and beside all that the audit of the domain in From, told what
the message shows about how it is sent. The rules see all of it at once; the roll-ups by mailbox provider see what the
rules found.

A fix that proposes a header line is tried before it is shown: the line is put in, the message is read again, and if
the rule still finds the fault the line is dropped.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from deliverability.arc.message import collect_message as collect_arc
from deliverability.audits.blocklists import blocklist_facts_plan
from deliverability.audits.domain import domain_details, domain_facts_plan
from deliverability.audits.samples import beside, sample_of
from deliverability.content.attachments import Attachments
from deliverability.content.classify import Classification
from deliverability.content.classify import read_message as read_class
from deliverability.content.facts import TextParts
from deliverability.content.facts import read_message as read_content
from deliverability.content.letter.facts import LetterFacts
from deliverability.content.letter.facts import read_message as read_letter
from deliverability.content.links import Links
from deliverability.content.mime import MimeTree
from deliverability.content.smime import SignedMail
from deliverability.content.text import BodyText
from deliverability.content.text import read_message as read_text
from deliverability.core.addresses import is_public
from deliverability.core.facts import (
    AlignedSignatures,
    AuditedDomain,
    AuthenticationSummary,
    Author,
    Envelope,
    MailClass,
    MessageOverview,
    Moment,
    RawMessage,
    Receiving,
    Sample,
    Sending,
    Stage,
    SubjectWords,
)
from deliverability.core.finding import Finding
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, registrable_domain
from deliverability.core.plan import Plan, done, gather
from deliverability.core.profile import Profile
from deliverability.core.report import Checked, Judged, Report, judge, score_of
from deliverability.core.rule import Facts, RuleSet
from deliverability.dkim.message import collect_message as collect_dkim
from deliverability.dkim.signature import parse_signature
from deliverability.dmarc.message import MessageAuthentication, aligned_signatures
from deliverability.dmarc.message import collect_message as collect_dmarc
from deliverability.dmarc.tables import mailbox_provider
from deliverability.dnsbl.settings import Chosen
from deliverability.feedback.collect import reputation_facts
from deliverability.feedback.facts import ReputationFile
from deliverability.headers.author import read_author
from deliverability.headers.claims import Claims
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.facts import read_message as read_headers
from deliverability.headers.fields import Headers
from deliverability.headers.lines import Lines
from deliverability.headers.repair import apply_header_changes
from deliverability.headers.session import Session
from deliverability.headers.session import read_message as read_session
from deliverability.headers.trace import Trace
from deliverability.headers.unsubscribe import ListHeaders
from deliverability.headers.unsubscribe import read_message as read_lists
from deliverability.headers.verdicts import Verdicts
from deliverability.hosts.collect import collect_session
from deliverability.invoices.facts import InvoiceFacts
from deliverability.invoices.facts import read_message as read_invoice
from deliverability.providers.receivers import Checklists, Context, checklists
from deliverability.providers.rules import RULES as ROLL_UPS
from deliverability.registry import RULES, RULES_VERSION
from deliverability.spf.message import collect_message as collect_spf
from deliverability.spf.message import mail_from_domain
from deliverability.subjects.facts import SubjectFacts
from deliverability.subjects.facts import read_message as read_subject

T = TypeVar("T")

NOTHING_TOLD = Sending()
NO_ENVELOPE = Envelope()
NO_PROFILE = Profile()
NO_RECEIVER = Receiving()
NO_WORDS = SubjectWords()
#: The subject of a report on a message without an author domain.
NO_DOMAIN = "message"

#: Asked side by side once everything is read.
COLLECTORS: tuple[Callable[[Facts, Limits], Plan[dict[type, object]]], ...] = (collect_dkim, collect_spf, collect_arc)

_ROLL_UP_CODES = frozenset(rule.code for rule in ROLL_UPS)
_RULES = RuleSet(rule for rule in RULES if rule.code not in _ROLL_UP_CODES)
_ROLLED_UP = RuleSet(ROLL_UPS)
_CODE = attrgetter("rule.code")


@dataclass(frozen=True, slots=True)
class MessageAudit:
    """A message that has been read; its plan may be driven on several sources."""

    facts: Mapping[type, object]
    profile: Profile
    limits: Limits
    #: Audit the domain in From as well.
    domain: bool
    name: str
    try_fixes: bool = True
    blocklists: Chosen | None = None
    reputation: tuple[ReputationFile, ...] = ()

    def plan(self) -> Plan[Report]:
        """Ask what has to be asked, and judge."""
        facts: dict[type, object] = dict(self.facts)
        author = fact(facts, Author)
        asked, domain = yield from gather(
            _authentication(facts, self.limits), _domain(facts, author, self.limits, audit=self.domain)
        )
        facts = {**domain, **facts, **asked}
        told = domain.get(Sending)
        if told is not None:
            facts[Sending] = told
        facts.update((yield from blocklist_facts_plan(facts, self.blocklists, self.limits)))
        today = fact(facts, Moment).today
        facts.update(reputation_facts(self.reputation, today, domain=author.domain or ""))
        return self._report(facts)

    def _report(self, facts: dict[type, object]) -> Report:
        now = fact(facts, Moment).now
        judged = judge(_RULES, facts)
        if self.try_fixes:
            judged = tuple([_tried(item, facts, self.facts.keys(), self.limits) for item in judged])
        outcomes = Judged.of(judged)
        lists = checklists(_context(facts, outcomes), _recipient_domains(facts))
        rolled = judge(_ROLLED_UP, {**facts, Judged: outcomes, Checklists: lists})
        together = tuple(sorted((*judged, *rolled), key=_CODE))
        checked, ignored, expired = self.profile.apply(together, now)
        author = fact(facts, Author)
        return Report(
            subject=author.domain or NO_DOMAIN,
            kind="message",
            now=now,
            checked=checked,
            score=score_of(checked, authenticated=_may_be_authenticated(facts)),
            rules_version=RULES_VERSION,
            ignored=ignored,
            expired_ignores=expired,
            details=_details(facts, lists, self.name),
            fail_on=self.profile.fail_on,
            incomplete_fails=self.profile.incomplete == "fail",
            rule_pages=self.profile.rule_pages,
        )


def read_audit(  # noqa: PLR0913 - the caller's options, all by keyword
    message: RawMessage,
    *,
    now: datetime,
    envelope: Envelope = NO_ENVELOPE,
    sending: Sending = NOTHING_TOLD,
    receiving: Receiving = NO_RECEIVER,
    profile: Profile = NO_PROFILE,
    limits: Limits = DEFAULT_LIMITS,
    domain: bool = True,
    name: str = "",
    try_fixes: bool = True,
    blocklists: Chosen | None = None,
    reputation: tuple[ReputationFile, ...] = (),
    others: tuple[Sample, ...] = (),
) -> MessageAudit:
    """Read the message, ready to be judged."""
    facts = read_facts(message, envelope, receiving, limits, profile.subjects)
    facts.update(beside(facts, name, others, limits))
    facts[Sending] = sending
    facts[Moment] = Moment(now)
    return MessageAudit(facts, profile, limits, domain, name, try_fixes, blocklists, reputation)


def audit_message_plan(message: RawMessage, *, now: datetime, **options: Any) -> Plan[Report]:
    """The report on one message; the options are those of `read_audit`."""
    return (yield from read_audit(message, now=now, **options).plan())


def read_facts(
    message: RawMessage, envelope: Envelope, receiving: Receiving, limits: Limits, words: SubjectWords = NO_WORDS
) -> dict[type, object]:
    """Everything that the octets and the caller tell: asks nothing."""
    facts = _told(message, envelope, receiving, words)
    for reader in READERS:
        facts.update(reader.read(facts, limits))
    return facts


def read_sample(message: RawMessage, name: str, limits: Limits) -> Sample:
    """What the message is compared by when others are audited."""
    return sample_of(read_facts(message, NO_ENVELOPE, NO_RECEIVER, limits), name)


def _told(message: RawMessage, envelope: Envelope, receiving: Receiving, words: SubjectWords) -> dict[type, object]:
    return {RawMessage: message, Envelope: envelope, Receiving: receiving, SubjectWords: words}


def _read_author(facts: Facts, limits: Limits) -> dict[type, object]:
    """The author domain, from the mailboxes of From as they were read."""
    return {Author: read_author(fact(facts, Headers), listed=fact(facts, HeaderFacts).author_list, limits=limits)}


def _read_way(facts: Facts, limits: Limits) -> dict[type, object]:
    """The session that brought the message, as it looks from outside."""
    read = read_session(facts, limits)
    envelope, stage = _seen_from_outside(fact(read, Envelope), fact(facts, Headers))
    return {**read, Envelope: envelope, Stage: stage}


class Reader(NamedTuple):
    """A function that reads some facts, which those are, and which facts of other readers it looks at."""

    read: Callable[[Facts, Limits], dict[type, object]]
    gives: Set[type]
    uses: Set[type] = frozenset()


#: Read in this order; each sees the facts of those before it.
READERS: tuple[Reader, ...] = (
    Reader(read_headers, {Headers, HeaderFacts, Lines}),
    Reader(_read_author, {Author}, {Headers, HeaderFacts}),
    Reader(read_subject, {SubjectFacts}, {Headers}),
    Reader(_read_way, {Trace, Claims, Session, Verdicts, Envelope, Stage}, {Headers}),
    Reader(read_lists, {ListHeaders}, {Headers}),
    Reader(read_content, {MimeTree, Attachments, TextParts, SignedMail}, {Headers}),
    Reader(read_text, {BodyText, Links}, {MimeTree}),
    Reader(read_letter, {LetterFacts}, {HeaderFacts, MimeTree, BodyText}),
    Reader(read_invoice, {InvoiceFacts}, {LetterFacts, Links}),
    # Last: it looks at what the others read.
    Reader(read_class, {Classification, MailClass}, {HeaderFacts, ListHeaders, MimeTree, BodyText, LetterFacts}),
)


def fact(facts: Facts, kind: type[T]) -> T:
    """The fact of that type, which is there."""
    found = facts[kind]
    if not isinstance(found, kind):
        raise TypeError(f"the fact {kind.__name__} is of another type")
    return found


def _seen_from_outside(envelope: Envelope, headers: Headers) -> tuple[Envelope, Stage]:
    """A client in a private network says nothing to SPF, and a message that only such a client brought was not sent yet."""
    client = envelope.client_ip
    if client is not None and not is_public(client, documentation=True):
        envelope = envelope._replace(client_ip=None)
    public = envelope.client_ip is not None
    return envelope, Stage.RECEIVED if public or headers.has("Received") else Stage.SUBMITTED


def _authentication(facts: Mapping[type, object], limits: Limits) -> Plan[dict[type, object]]:
    """Signatures, SPF and the ARC chain side by side, then DMARC."""
    asked: dict[type, object] = {}
    for more in (yield from gather(*(collect(facts, limits) for collect in COLLECTORS))):
        asked.update(more)
    asked.update((yield from collect_dmarc({**facts, **asked})))
    auth = asked[MessageAuthentication]
    if isinstance(auth, MessageAuthentication):
        asked[AuthenticationSummary] = _summary(auth)
        asked[AlignedSignatures] = aligned_signatures(auth)
    return asked


#: The best of several signatures.
_DKIM_ORDER = ("pass", "temperror", "policy", "neutral", "fail", "permerror")


def _summary(auth: MessageAuthentication) -> AuthenticationSummary:
    results = {result.result for result in auth.dkim.results}
    return AuthenticationSummary(
        auth.spf.mail_from.result.result if auth.spf.mail_from else None,
        next((word for word in _DKIM_ORDER if word in results), "none"),
        auth.dmarc.result if auth.dmarc else None,
    )


#: Results of SPF and DKIM after which a receiver has nothing to hold a message to (RFC 8601 §2.7).
_NOT_PASSED = frozenset({"fail", "softfail", "neutral", "none", "policy", "permerror"})


def _may_be_authenticated(facts: Mapping[type, object]) -> bool:
    """Whether there is an author domain that DMARC does not fail for, and SPF or DKIM passes, as far as could be told."""
    if fact(facts, Stage) is Stage.SUBMITTED:
        return True
    if fact(facts, Author).problem is not None:
        return False
    summary = fact(facts, AuthenticationSummary)
    if summary.dmarc == "fail":
        return summary.spf in (None, "temperror")
    return summary.spf not in _NOT_PASSED or summary.dkim not in _NOT_PASSED


def _domain(facts: Mapping[type, object], author: Author, limits: Limits, *, audit: bool) -> Plan[dict[type, object]]:
    """The facts of the domain in From; a mailbox provider's own domain is nobody's to mend and is not audited."""
    if author.domain is None:
        return (yield from done({}))
    sending = _sending(facts, author.domain)
    if not audit or mailbox_provider(author.domain) is not None:
        name = author.domain
        hosts = yield from collect_session(sending, limits)
        return {AuditedDomain: AuditedDomain(name, registrable_domain(name) or name, True), Sending: sending, **hosts}
    return (yield from domain_facts_plan(author.domain, sending, limits))


def _sending(facts: Mapping[type, object], domain: DomainName) -> Sending:
    """What was told about how the domain sends, and what this message shows of it."""
    told, envelope = fact(facts, Sending), fact(facts, Envelope)
    ips = (*told.ips, envelope.client_ip) if envelope.client_ip is not None else told.ips
    signatures = [parse_signature(field) for field in fact(facts, Headers).all("DKIM-Signature")[:10]]
    selectors = (*told.selectors, *(s.selector for s in signatures if s.domain == domain and s.selector))
    return replace(
        told,
        ips=tuple(dict.fromkeys(ips)),
        helo=envelope.helo or told.helo,
        envelope_domain=mail_from_domain(envelope) or told.envelope_domain,
        selectors=tuple(dict.fromkeys(selectors)),
        sends=True,
    )


def _tried(item: Checked, facts: dict[type, object], read: Set[type], limits: Limits) -> Checked:
    """The outcome, its header lines dropped if the rule would still find the fault with them; `read` are the types of
    the facts that come from the message."""
    outcome = item.outcome
    if not isinstance(outcome, Finding) or outcome.fix is None or not outcome.fix.headers:
        return item
    changed = apply_header_changes(fact(facts, RawMessage).raw, outcome.fix.headers)
    after = item.rule.run({**facts, **_read_again(changed, facts, read & item.rule.needs, limits)})
    if not any(isinstance(o, Finding) and o.fingerprint == outcome.fingerprint for o in after):
        return item
    kept = replace(outcome.fix, headers=())
    return Checked(item.rule, replace(outcome, fix=kept if kept.changes else None))


def _read_again(raw: bytes, facts: Facts, wanted: Set[type], limits: Limits) -> dict[type, object]:
    """The message read again, as far as the wanted facts take: most rules with a header line to propose look at the
    header alone."""
    again = _told(RawMessage(raw, len(raw)), fact(facts, Envelope), fact(facts, Receiving), fact(facts, SubjectWords))
    for reader in _readers_of(frozenset(wanted)):
        again.update(reader.read(again, limits))
    return again


@functools.cache
def _readers_of(wanted: frozenset[type]) -> tuple[Reader, ...]:
    """The readers that these facts take, in their order. As many different ones are asked for as there are rules."""
    needed, readers = set(wanted), []
    for reader in reversed(READERS):
        if not needed.isdisjoint(reader.gives):
            needed |= reader.uses
            readers.append(reader)
    return tuple(reversed(readers))


def _context(facts: Mapping[type, object], outcomes: Judged) -> Context:
    return Context(
        fact(facts, AuthenticationSummary),
        outcomes,
        fact(facts, Classification).mail_class,
        fact(facts, Sending).daily_volume,
        fact(facts, Stage),
    )


def _recipient_domains(facts: Mapping[type, object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(box.domain.lower() for box in fact(facts, HeaderFacts).to[:20] if box.domain))


def _details(facts: Mapping[type, object], lists: Checklists, name: str) -> dict[str, Any]:
    headers = fact(facts, HeaderFacts)
    message = fact(facts, RawMessage)
    overview = MessageOverview(
        name=name,
        author=fact(facts, Author).address,
        to=tuple(box.address for box in headers.to[:20]),
        subject=headers.subject,
        date=headers.date.moment if headers.date else None,
        octets=message.size,
        stage=fact(facts, Stage),
    )
    return {
        **domain_details(facts),
        "message": overview,
        "authentication": fact(facts, MessageAuthentication),
        "checklists": lists,
        "facts": facts,
    }
