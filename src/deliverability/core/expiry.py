"""Ignores whose last day is over: what became of the problem, and what to do with the entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from deliverability.core.text import Text


class Expiry(StrEnum):
    """What became of a problem that was ignored until a day."""

    #: It is still there. That is an error of its own, however small the finding: a promise with a date was not kept.
    STANDING = "standing"
    #: It is gone: the entry can be removed, and nothing fails.
    GONE = "gone"
    #: It could not be told; the rule itself decides whether that fails.
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class ExpiredIgnore:
    """An ignore of the profile whose last day is over."""

    code: str
    reason: str
    until: date
    state: Expiry
    #: The one subject it was about; "" is every subject.
    subject: str = ""
    #: Of the findings that stand.
    fingerprints: frozenset[str] = frozenset()
    #: The configuration file and the line of the entry in it; "" and None where there is no file.
    file: str = ""
    line: int | None = None

    @property
    def fails(self) -> bool:
        """Whether the gate fails for it."""
        return self.state is Expiry.STANDING

    @property
    def title(self) -> Text:
        """What is wrong, in one sentence. Code, subject and reason are outside text."""
        return _TITLES[self.state]

    @property
    def advice(self) -> Text:
        """What to do next."""
        return _ADVICE[self.state]

    @property
    def args(self) -> dict[str, str]:
        """The arguments of both texts."""
        about = f"{self.code} ({self.subject})" if self.subject else self.code
        return {"about": about, "until": self.until.isoformat(), "reason": self.reason}


_TITLES = {
    Expiry.STANDING: Text(
        "{about} was ignored until {until}, and the problem is still there",
        "{about} se descartaba hasta el {until} y el problema sigue ahí",
    ),
    Expiry.GONE: Text(
        "{about} was ignored until {until}, and the problem is gone",
        "{about} se descartaba hasta el {until} y el problema ya no existe",
    ),
    Expiry.UNTOLD: Text(
        "{about} was ignored until {until}, and whether the problem is still there could not be told",
        "{about} se descartaba hasta el {until} y no se ha podido saber si el problema sigue ahí",
    ),
}
_ADVICE = {
    Expiry.STANDING: Text(
        "Correct it, or set a new day. The reason given was: {reason}",
        "Corríjalo o ponga otra fecha. El motivo anotado era: {reason}",
    ),
    Expiry.GONE: Text(
        "Remove this entry from the configuration.",
        "Borre esta entrada de la configuración.",
    ),
    Expiry.UNTOLD: Text(
        "Run the audit again; then remove the entry or set a new day.",
        "Repita la auditoría; después borre la entrada o ponga otra fecha.",
    ),
}
#: The name of this error in the formats for machines.
EXPIRED_IGNORE = "expired-ignore"
LABEL = Text("Ignore whose day is over", "Excepción caducada")
