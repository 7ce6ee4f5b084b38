"""What the pages behind the links of a message answered. Opening them is for somebody else, and only on request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkProblem(StrEnum):
    """Why a link does not work."""

    STATUS = "status"  # 4xx or 5xx
    CERTIFICATE = "certificate"
    LOOP = "loop"  # more than three redirections
    NO_HOST = "no-host"


class LeftAlone(StrEnum):
    """Why a link was not opened at all."""

    ACTS = "acts"  # a mere request might unsubscribe, confirm or pay for somebody
    UNCLEAR = (
        "unclear"  # it does not say plainly where it leads: a disguised host, or a gateway of the receiver before it
    )
    LIMIT = "limit"  # `Limits.probe_links`


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """One link that was opened, or left alone."""

    url: str
    host: str
    #: None: it works, or nothing can be said (`failed`, `left_alone`).
    problem: LinkProblem | None = None
    #: The status, the error of the certificate, the last target of a loop; for a failure what went wrong.
    detail: str = ""
    #: It could not be asked: a timeout, or no network. Says nothing about the link.
    failed: bool = False
    left_alone: LeftAlone | None = None


@dataclass(frozen=True, slots=True)
class LinkProbe:
    """The fact: links that were opened, each once."""

    checks: tuple[LinkCheck, ...]
