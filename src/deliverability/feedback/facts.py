"""What reputation files hold, whatever their form: days of an address, days of a domain, blocks, refusals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.names import is_subdomain
from deliverability.core.questions import IPAddress
from deliverability.core.text import Text

#: Data of a day longer ago than this says nothing about the present.
STALE_DAYS = 30


class FileKind(StrEnum):
    """What a file is, found out by what it holds."""

    SNDS_DATA = "snds-data"
    SNDS_STATUS = "snds-status"
    POSTMASTER_TRAFFIC = "postmaster-traffic"
    POSTMASTER_COMPLIANCE = "postmaster-compliance"
    BOUNCES = "bounces"


class Rate(NamedTuple):
    """A share of messages, 0 to 1. `text` says it to people; with `below` the true one is less than `value`."""

    value: float
    text: Text
    below: bool = False

    def reaches(self, threshold: float) -> bool:
        """Whether it is certainly at or above the threshold."""
        return not self.below and self.value >= threshold - 1e-9


class Verdict(StrEnum):
    """What a receiver makes of an address or a domain, the best first."""

    GOOD = "good"  # SNDS green; Postmaster Tools high and medium
    DOUBTED = "doubted"  # SNDS yellow; Postmaster Tools low
    BAD = "bad"  # SNDS red; Postmaster Tools bad


class Day(NamedTuple):
    """One day of an address or a domain at one receiver."""

    receiver: str
    #: An IP address, or a domain; "" where the file does not say whose day it is.
    subject: str
    day: date | None
    complaints: Rate | None = None
    verdict: Verdict | None = None
    #: The verdict in the receiver's own word, such as `RED`.
    word: str = ""
    recipients: int | None = None
    trap_hits: int | None = None
    line: int | None = None


class AddressBlock(NamedTuple):
    """A range of addresses that a receiver treats worse than others."""

    receiver: str
    first: IPAddress
    last: IPAddress
    #: False: its mail goes to the junk folder.
    blocked: bool
    reason: str
    line: int | None = None

    @property
    def shown(self) -> str:
        """The range in short."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def holds(self, address: IPAddress) -> bool:
        """Whether the address lies in the range."""
        return address.version == self.first.version and int(self.first) <= int(address) <= int(self.last)


class Requirement(NamedTuple):
    """One of a receiver's requirements for senders, as it sees them met."""

    receiver: str
    domain: str
    #: The receiver's own name for it, such as `DMARC_ALIGNMENT`.
    name: str
    met: bool
    reason: str = ""


class Refusal(NamedTuple):
    """A reply in which a receiver refused or delayed mail."""

    receiver: str
    #: The rule that it belongs to, `BL018`, `BNC004` or `BNC005`.
    rule: str
    #: What of the reply it was known by, such as `S3150`.
    code: str
    meaning: Text
    #: Where to ask the receiver for help; "" without one.
    page: str
    text: str
    address: IPAddress | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ReputationFile:
    """One file that was read."""

    name: str
    kinds: tuple[FileKind, ...] = ()
    days: tuple[Day, ...] = ()
    blocks: tuple[AddressBlock, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    #: Lines that could not be understood, the first of them, counted from 1.
    not_understood: tuple[int, ...] = ()
    #: Rows beyond `Limits.reputation_rows`, which were not read.
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Reputation:
    """Fact: the reputation files that were given, as far as they are about what is audited."""

    files: tuple[ReputationFile, ...]

    @property
    def days(self) -> Iterator[tuple[str, Day]]:
        """Every day, with the name of its file."""
        return ((file.name, day) for file in self.files for day in file.days)

    @property
    def blocks(self) -> Iterator[tuple[str, AddressBlock]]:
        """Every block, with the name of its file."""
        return ((file.name, block) for file in self.files for block in file.blocks)

    @property
    def requirements(self) -> Iterator[tuple[str, Requirement]]:
        """Every requirement, with the name of its file."""
        return ((file.name, one) for file in self.files for one in file.requirements)

    def refusals(self, rule: str) -> Iterator[tuple[str, Refusal]]:
        """The refusals that belong to a rule, with the name of their file."""
        return ((file.name, one) for file in self.files for one in file.refusals if one.rule == rule)

    def has(self, *kinds: FileKind) -> bool:
        """Whether a file of one of these kinds was given."""
        return any(kind in file.kinds for file in self.files for kind in kinds)

    def about(self, *, domain: str = "", address: IPAddress | None = None) -> Reputation:
        """What of it is about this domain, or this address; rows that name nobody are kept."""
        return Reputation(tuple(_only(file, domain, address) for file in self.files))


def _only(file: ReputationFile, domain: str, address: IPAddress | None) -> ReputationFile:
    def fits(subject: str) -> bool:
        if not subject:
            return True
        if address is not None:
            return subject == str(address)
        return is_subdomain(subject, domain) or is_subdomain(domain, subject) or _is_address(subject)

    return replace(
        file,
        days=tuple(day for day in file.days if fits(day.subject)),
        blocks=tuple(block for block in file.blocks if address is None or block.holds(address)),
        requirements=tuple(one for one in file.requirements if address is None and fits(one.domain)),
        refusals=tuple(one for one in file.refusals if address is None or one.address in (None, address)),
    )


def _is_address(subject: str) -> bool:
    return subject[-1:].isdigit() or ":" in subject


class Window(NamedTuple):
    """The days of one subject at one receiver, the newest first, none older than `STALE_DAYS` before the newest."""

    receiver: str
    subject: str
    file: str
    days: tuple[Day, ...]

    @property
    def newest(self) -> date | None:
        """The newest day; None where the file has no dates."""
        return self.days[0].day

    def worst(self, days: int) -> Day | None:
        """The day with the highest rate of complaints among those of the last `days` days that have one."""
        rated = [one for one in self.days if one.complaints is not None and self._within(one, days)]
        return max(
            rated,
            key=lambda one: (not one.complaints.below, one.complaints.value) if one.complaints else (False, 0.0),
            default=None,
        )

    def _within(self, one: Day, days: int) -> bool:
        newest = self.newest
        return newest is None or (one.day is not None and newest - one.day < timedelta(days=days))

    def is_stale(self, today: date) -> bool:
        """Whether even the newest day is too long ago to tell of the present."""
        return self.newest is not None and today - self.newest > timedelta(days=STALE_DAYS)


def windows(days: Iterable[tuple[str, Day]]) -> tuple[Window, ...]:
    """The days by receiver and subject, in the order in which the files tell of them."""
    grouped: dict[tuple[str, str], tuple[str, list[Day]]] = {}
    for file, day in days:
        grouped.setdefault((day.receiver, day.subject), (file, []))[1].append(day)
    found: list[Window] = []
    for (receiver, subject), (file, all_days) in grouped.items():
        ordered = sorted(all_days, key=lambda one: one.day or date.min, reverse=True)
        window = Window(receiver, subject, file, tuple(ordered))
        kept = tuple(one for one in ordered if window._within(one, STALE_DAYS))
        found.append(window._replace(days=kept))
    return tuple(found)
