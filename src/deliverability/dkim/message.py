"""The signatures of an audited message."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from deliverability.core.facts import Moment, RawMessage
from deliverability.core.limits import Limits
from deliverability.core.plan import Plan
from deliverability.core.rule import Facts
from deliverability.dkim.diagnose import diagnose_all
from deliverability.dkim.diagnosis import DkimDiagnoses
from deliverability.dkim.verification import DkimVerification, Verifier
from deliverability.headers.fields import Headers
from deliverability.headers.trace import Trace


def collect_message(facts: Facts, limits: Limits) -> Plan[dict[type, object]]:
    """What came of each signature of the message, and why those failed that did: `DkimVerification`, `DkimDiagnoses`."""
    message, headers = cast(RawMessage, facts[RawMessage]), cast(Headers, facts[Headers])
    verified = yield from Verifier(limits).verify_plan(
        message.raw, now=received_at(facts), headers=headers, cut=message.cut
    )
    diagnoses = diagnose_all(verified, message.raw, headers, limits=limits)
    return {DkimVerification: verified, DkimDiagnoses: diagnoses}


def received_at(facts: Facts) -> datetime:
    """When the message reached its receiver, which is the time that counts for `t=` and `x=` (RFC 6376 §3.5, x=).

    A sample is audited days after it came: by the date of the uppermost Received field, or now where there is none.
    """
    now = cast(Moment, facts[Moment]).now
    trace = facts.get(Trace)
    last = trace.last if isinstance(trace, Trace) else None
    if last is None or last.date is None or last.date > now:
        return now
    return last.date
