"""The signatures of an audited message."""

from __future__ import annotations

from typing import cast

from deliverability.core.facts import Moment, RawMessage
from deliverability.core.limits import Limits
from deliverability.core.plan import Plan
from deliverability.core.rule import Facts
from deliverability.dkim.verify import DkimVerification, Verifier
from deliverability.headers.fields import Headers


def collect_message(facts: Facts, limits: Limits) -> Plan[dict[type, object]]:
    """What came of each signature of the message: `DkimVerification`."""
    message = cast(RawMessage, facts[RawMessage])
    verified = yield from Verifier(limits).verify_plan(
        message.raw,
        now=cast(Moment, facts[Moment]).now,
        headers=cast(Headers, facts[Headers]),
        cut=message.cut,
    )
    return {DkimVerification: verified}
