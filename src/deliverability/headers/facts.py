"""What the header section of a message says, read once for all rules."""

from __future__ import annotations

from deliverability.core.facts import RawMessage
from deliverability.core.limits import Limits
from deliverability.core.rule import Facts
from deliverability.headers.fields import Headers, parse


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing."""
    message = facts[RawMessage]
    assert isinstance(message, RawMessage)  # noqa: S101 - the first fact of every message audit
    return {Headers: parse(message.raw, limits=limits)}
