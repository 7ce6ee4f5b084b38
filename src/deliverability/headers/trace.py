"""The way a message came: its Received fields, hop by hop (RFC 5321 §4.4).

Each server puts its field on top. Only what the receiver's own servers wrote can be believed: everything below was in
the message when it arrived and may be invented. `headers.session` decides where that line is.
"""

from __future__ import annotations

from dataclasses import dataclass

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.headers.fields import Headers
from deliverability.headers.received import Hop, read_received

__all__ = ["CLOCK_SKEW", "Hop", "Trace", "read_trace"]

#: Seconds that a hop may seem to take backwards before a clock is called wrong.
CLOCK_SKEW = 60


@dataclass(frozen=True, slots=True)
class Trace:
    """The hops of a message, the last one (the receiver's) first, as the fields stand."""

    hops: tuple[Hop, ...] = ()
    #: Received fields past `Limits.received_fields`, which were not read.
    not_read: int = 0

    @property
    def first(self) -> Hop | None:
        """The hop that the message began with, as far as the fields tell."""
        return self.hops[-1] if self.hops and not self.not_read else None

    @property
    def last(self) -> Hop | None:
        """The hop that ended in the mailbox."""
        return self.hops[0] if self.hops else None

    @property
    def seconds(self) -> float | None:
        """From the first dated hop to the last dated one; None with fewer than two dates."""
        dates = [hop.date for hop in self.hops if hop.date is not None]
        return (dates[0] - dates[-1]).total_seconds() if len(dates) > 1 else None

    @property
    def skewed(self) -> tuple[Hop, ...]:
        """Hops that seem to lie more than `CLOCK_SKEW` before the hop that handed them the message."""
        return tuple(hop for hop in self.hops if hop.delay is not None and hop.delay < -CLOCK_SKEW)


def read_trace(headers: Headers, *, limits: Limits = DEFAULT_LIMITS) -> Trace:
    """Every Received field, from the top, with the seconds between each and the one before it."""
    fields = headers.all("Received")
    hops: list[Hop] = []
    earlier = None
    for field in reversed(fields[: limits.received_fields]):
        hop = read_received(field, earlier)
        earlier = hop.date or earlier
        hops.append(hop)
    return Trace(tuple(reversed(hops)), max(0, len(fields) - limits.received_fields))
