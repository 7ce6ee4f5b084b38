"""The audit of one message.

Theory of operation. First everything that the octets alone tell is read, topic by topic, in the order of `READERS`: a
reader may use the facts of those before it and asks nothing. Then the questions: signatures, SPF and the ARC chain
side by side, then DMARC, which needs their results, and beside all that the audit of the domain in From, told what
the message shows about how it is sent. The rules see all of it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from deliverability.content.facts import read_message as read_content
from deliverability.core.facts import Envelope, Moment, RawMessage, Receiving, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import Plan, gather
from deliverability.core.profile import Profile
from deliverability.core.report import Report, judge, score_of
from deliverability.core.rule import Facts
from deliverability.dkim.message import collect_message as collect_dkim
from deliverability.headers.facts import read_message as read_headers
from deliverability.headers.session import read_message as read_session
from deliverability.registry import RULES, RULES_VERSION

NOTHING_TOLD = Sending()
NO_ENVELOPE = Envelope()
NO_PROFILE = Profile()
NO_RECEIVER = Receiving()

#: Read in this order; each sees the facts of those before it.
READERS: tuple[Callable[[Facts, Limits], dict[type, object]], ...] = (read_headers, read_session, read_content)
#: Asked side by side once everything is read.
COLLECTORS: tuple[Callable[[Facts, Limits], Plan[dict[type, object]]], ...] = (collect_dkim,)


def audit_message_plan(
    message: RawMessage,
    *,
    now: datetime,
    envelope: Envelope = NO_ENVELOPE,
    sending: Sending = NOTHING_TOLD,
    receiving: Receiving = NO_RECEIVER,
    profile: Profile = NO_PROFILE,
    limits: Limits = DEFAULT_LIMITS,
) -> Plan[Report]:
    """The report on one message."""
    facts: dict[type, object] = {
        RawMessage: message,
        Envelope: envelope,
        Sending: sending,
        Receiving: receiving,
        Moment: Moment(now),
    }
    for read in READERS:
        facts.update(read(facts, limits))
    for more in (yield from gather(*(collect(facts, limits) for collect in COLLECTORS))):
        facts.update(more)
    checked, ignored, _ = profile.apply(judge(RULES, facts), now)
    return Report(
        subject="message",
        kind="message",
        now=now,
        checked=checked,
        score=score_of(checked),
        rules_version=RULES_VERSION,
        ignored=ignored,
        fail_on=profile.fail_on,
        incomplete_fails=profile.incomplete == "fail",
    )
