"""What the parts of a message are, read once for all rules."""

from __future__ import annotations

from deliverability.content.mime import read_tree
from deliverability.core.facts import RawMessage
from deliverability.core.limits import Limits
from deliverability.core.rule import Facts
from deliverability.headers.fields import Headers


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing."""
    message, headers = facts[RawMessage], facts.get(Headers)
    assert isinstance(message, RawMessage)  # noqa: S101 - the first fact of every message audit
    assert headers is None or isinstance(headers, Headers)  # noqa: S101 - kept under its own type
    tree = read_tree(message.raw, headers, limits=limits)
    return {type(tree): tree}
