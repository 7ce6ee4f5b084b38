"""The chain of an audited message."""

from __future__ import annotations

from typing import cast

from deliverability.arc.verify import ArcResult, verify_plan
from deliverability.core.facts import RawMessage
from deliverability.core.limits import Limits
from deliverability.core.plan import Plan
from deliverability.core.rule import Facts
from deliverability.headers.fields import Headers


def collect_message(facts: Facts, limits: Limits) -> Plan[dict[type, object]]:
    """The status of the message's chain: `ArcResult`."""
    message = cast(RawMessage, facts[RawMessage])
    headers = cast(Headers, facts[Headers])
    result = yield from verify_plan(message.raw, headers=headers, cut=message.cut, limits=limits)
    return {ArcResult: result}
