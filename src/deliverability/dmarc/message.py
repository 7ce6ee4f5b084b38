"""DMARC for a message that was read: its author domain against what SPF and DKIM authenticated (RFC 9989 §5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from deliverability.core.facts import AlignedSignatures, Author
from deliverability.core.plan import Plan, gather
from deliverability.core.rule import Facts
from deliverability.dkim.verification import DkimVerification
from deliverability.dmarc.alignment import DmarcResult, evaluate_plan
from deliverability.spf.message import SpfMessage


@dataclass(frozen=True, slots=True)
class MessageAuthentication:
    """Fact: how a receiver that knows what we know would authenticate the message."""

    author: Author
    spf: SpfMessage
    dkim: DkimVerification
    #: By RFC 9989 and by RFC 7489; None where there is no one author domain (RFC 9989 §5.3.1).
    dmarc: DmarcResult | None = None
    dmarc_7489: DmarcResult | None = None

    @property
    def spf_unknown(self) -> bool:
        """SPF could not be evaluated: nobody knows the client's address or the reverse-path, or DNS did not answer."""
        return self.spf.mail_from is None or self.spf.mail_from.result.result == "temperror"

    @property
    def dkim_unknown(self) -> bool:
        """A signature could not be verified because DNS did not answer."""
        return any(result.result == "temperror" for result in self.dkim.results)

    @property
    def spf_passes(self) -> bool:
        """SPF of MAIL FROM passed, aligned or not."""
        return self.spf.mail_from is not None and self.spf.mail_from.result.result == "pass"

    @property
    def dkim_passes(self) -> bool:
        """At least one signature verified, aligned or not."""
        return any(result.result == "pass" for result in self.dkim.results)


def collect_message(facts: Facts) -> Plan[dict[type, object]]:
    """The fact `MessageAuthentication`, from the author, SPF and DKIM of the message."""
    author, spf, dkim = facts.get(Author), facts.get(SpfMessage), facts.get(DkimVerification)
    assert isinstance(author, Author)  # noqa: S101 - the readers and collectors of every message audit give these
    assert isinstance(spf, SpfMessage)  # noqa: S101
    assert isinstance(dkim, DkimVerification)  # noqa: S101
    if author.domain is None:
        return {MessageAuthentication: MessageAuthentication(author, spf, dkim)}
    signed = tuple((result.result, result.domain) for result in dkim.results)
    now, before = yield from gather(
        evaluate_plan(author.domain, spf=spf.pair, dkim=signed),
        evaluate_plan(author.domain, spf=spf.pair, dkim=signed, spec="7489"),
    )
    return {MessageAuthentication: MessageAuthentication(author, spf, dkim, now, before)}


def aligned_signatures(auth: MessageAuthentication) -> AlignedSignatures:
    """How the `d=` of each signature that was compared stands to the author domain, for rules that know no DMARC."""
    result = auth.dmarc
    if result is None:
        return AlignedSignatures(auth.author.domain)
    signed = [item for item in result.identifiers if item.mechanism == "dkim"]
    known = {word: frozenset(i.domain for i in signed if i.aligned is word) for word in (True, False, None)}
    spf = None if auth.spf_unknown or not result.identifiers else result.aligned_spf
    # With an aligned pass the others are not looked at: that is not a question without an answer.
    unknown = frozenset[str]() if result.aligned_dkim else known[None]
    return AlignedSignatures(auth.author.domain, known[True], known[False], unknown, spf)
