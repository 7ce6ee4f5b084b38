"""What the blocklists said about everything of the user's that they can list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.core.finding import Evidence
from deliverability.core.questions import Failed, Found, IPAddress, NoData, NoName
from deliverability.core.text import Text
from deliverability.dnsbl.listing import Listing, State
from deliverability.dnsbl.lists import Blocklist, DeadZone


class Role(StrEnum):
    """Where a target stands: what a listing of it would hit."""

    SENDING = "sending"
    MX = "mx"
    FROM = "from"
    DKIM = "dkim"
    RETURN_PATH = "return-path"
    HELO = "helo"
    LINK = "link"
    ASKED = "asked"


ROLES = {
    Role.SENDING: Text("sends your mail", "envía su correo"),
    Role.MX: Text("receives your mail", "recibe su correo"),
    Role.FROM: Text("the domain in From", "el dominio del From"),
    Role.DKIM: Text("signs your mail", "firma su correo"),
    Role.RETURN_PATH: Text("takes your bounces", "recibe sus rebotes"),
    Role.HELO: Text("the server's name", "el nombre del servidor"),
    Role.LINK: Text("linked in the message", "enlazado en el mensaje"),
    Role.ASKED: Text("you asked about it", "consulta suya"),
}


@dataclass(frozen=True, slots=True)
class BlocklistFacts:
    """Fact: every list about every target, and what is known of the targets."""

    listings: tuple[Listing, ...]
    roles: Mapping[str, tuple[Role, ...]]
    #: Addresses that belong to a platform with many customers, with the platform's name.
    platforms: Mapping[str, str]
    #: The mail leaves through a smarthost: the user's own address does not deliver it.
    relayed: bool = False
    #: Zones in the user's configuration that are gone.
    dead_zones: tuple[DeadZone, ...] = ()

    def of(self, state: State) -> Iterator[Listing]:
        """The listings in that state."""
        return (listing for listing in self.listings if listing.state is state)

    def by_rule(self, code: str) -> Iterator[Listing]:
        """The listings that lead to a rule."""
        return (one for one in self.of(State.LISTED) if any(c.rule == code for c in one.codes))

    def lists_for(self, code: str) -> tuple[Blocklist, ...]:
        """The lists asked that could lead to a rule."""
        asked = dict.fromkeys(listing.list.id for listing in self.listings)
        found = {listing.list.id: listing.list for listing in self.listings}
        return tuple(found[i] for i in asked if any(c.rule == code for c in found[i].codes))

    def where(self, target: str) -> Text:
        """Where a target stands, in words."""
        texts = [ROLES[role] for role in self.roles.get(target, (Role.ASKED,))]
        return Text(", ".join(t.en for t in texts), ", ".join(t.es for t in texts))

    def has_role(self, target: str, roles: Iterable[Role]) -> bool:
        """Whether a target stands in one of these places."""
        return any(role in self.roles.get(target, ()) for role in roles)


class ReceiverBlock(NamedTuple):
    """One big receiver treats an address or a range worse than others, without any list that could be asked."""

    receiver: str
    #: The addresses, or the receiver's name where it named none.
    target: str
    #: What it does with the mail.
    degree: BlockDegree
    #: What it says, in its own words or ours.
    said: Text
    #: Where to ask it for help; "" without one.
    page: str
    #: The file that tells of it, and the line in it.
    file: str
    line: int | None = None
    #: What stands there.
    seen: str = ""
    first: IPAddress | None = None
    last: IPAddress | None = None

    def holds(self, address: IPAddress) -> bool:
        """Whether the address is concerned; every address where the receiver named none."""
        if self.first is None or self.last is None:
            return True
        return address.version == self.first.version and int(self.first) <= int(address) <= int(self.last)


class BlockDegree(StrEnum):
    """What a receiver does with mail from there, the worst first."""

    BLOCKED = "blocked"
    JUNKED = "junked"
    DOUBTED = "doubted"


@dataclass(frozen=True, slots=True)
class ReceiverBlocks:
    """Fact: what reputation files tell of blocks by single receivers."""

    blocks: tuple[ReceiverBlock, ...]
    #: Addresses of which a file says that nothing is held against them.
    clear: tuple[str, ...] = ()
    #: Files whose newest day is too long ago, with that day.
    stale: tuple[tuple[str, str], ...] = ()


def file_evidence(name: str, line: int | None, text: str) -> Evidence:
    """A place in a file beside what is audited. Its line is no line of a mail, so it stands in the name."""
    return Evidence(f"{name}:{line}" if line else name, "part", "", text[:500])


def listing_evidence(listing: Listing) -> Evidence:
    """A listing as evidence; a user's key never stands in it."""
    name = f"{listing.target} @ {listing.list.shown_zone}"
    answer = listing.answer
    if isinstance(answer, Found):
        said = f" {listing.reason}" if listing.reason else ""
        return Evidence(name, "A", "found", ", ".join(listing.answers) + said, answer.ttl, note=listing.meaning)
    if isinstance(answer, Failed):
        return Evidence(name, "A", "failed", answer.kind.value, note=listing.because)
    status = "noname" if isinstance(answer, NoName) else "nodata" if isinstance(answer, NoData) else ""
    return Evidence(name, "A", status, "", note=listing.because)
