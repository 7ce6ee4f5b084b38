"""What a real spam filter said about the message, or why it could not be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from deliverability.core.facts import Envelope


class FilterSymbol(NamedTuple):
    """One rule of a filter that fired, with the points it gave."""

    name: str
    score: float
    #: What the filter says about it; outside text.
    description: str = ""
    #: The code of our check that is about the same thing; "" where there is none.
    code: str = ""


@dataclass(frozen=True, slots=True)
class FilterVerdict:
    """One filter's judgement. `problem` says why there is none; then nothing else counts."""

    system: str
    score: float | None = None
    #: From this score on the filter calls it spam.
    threshold: float | None = None
    #: What it would do, in its own word: `spam`, `ham`, `no action`, `add header`, `reject`, …
    action: str = ""
    symbols: tuple[FilterSymbol, ...] = ()
    problem: str = ""

    @property
    def is_spam(self) -> bool | None:
        """Whether it would be tagged or worse; None without an answer."""
        if self.score is None or self.threshold is None:
            return None
        return self.score >= self.threshold


class MailFilter(Protocol):
    """A filter that can be asked."""

    def judge(self, raw: bytes, envelope: Envelope) -> FilterVerdict:
        """The verdict; never raises for what the other side does."""
        ...
