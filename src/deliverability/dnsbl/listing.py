"""What a list says about a target, and what its answer is worth.

Theory of operation. An answer counts only when the list has shown that it works from here (RFC 5782 §5): it has to hold
its test entry and must not hold the other one. The truth table, for the test and for the target alike:

    answer                                         of the test entry "listed"   of "not listed"        of the target
    a refusal code of the list                     refused                      refused                refused
    an address outside 127.0.0.0/8                 dead (somebody rewrites)     dead                   dead
    an address in 127.0.0.0/8, code known          works                        dead (lists the world) listed, or as the code says
    an address in 127.0.0.0/8, code not known      works                        dead (lists the world) unknown
    no such name, no such record                   unknown (silently refused)   works                  clear
    no answer                                      unknown                      unknown                unknown

A list that is `refused`, `dead` or `unknown` by its test says nothing about any target, and is not asked about them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address
from typing import Any, NamedTuple

from deliverability.core.names import escape_controls
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, IPAddress
from deliverability.core.report import as_html
from deliverability.core.text import NO_TEXT, Lang, Text
from deliverability.dnsbl.lists import Blocklist, Code, CodeState

_LOOPBACK = 127


class State(StrEnum):
    """What is known about a target on a list."""

    LISTED = "listed"
    CLEAR = "clear"
    REFUSED = "refused"  # the list does not answer this resolver
    DEAD = "dead"  # it answers for everything, or somebody else answers for it
    UNKNOWN = "unknown"


class Reading(NamedTuple):
    """An answer by the table of its list."""

    state: State
    codes: tuple[Code, ...] = ()
    because: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class Listing:
    """One target on one list."""

    list: Blocklist
    #: The address or the domain, as text.
    target: str
    state: State
    codes: tuple[Code, ...] = ()
    #: The addresses that came back.
    answers: tuple[str, ...] = ()
    #: The list's own words (TXT), for a listing; outside text.
    reason: str = ""
    #: Why nothing can be said; empty for listed and clear.
    because: Text = NO_TEXT
    #: What was asked; None where the test ended it. Its name may hold the user's key.
    question: DnsQuestion | None = None
    answer: Answer | None = None

    @property
    def meaning(self) -> Text:
        """What the codes mean, in both languages."""
        return Text(
            "; ".join(code.meaning.en for code in self.codes), "; ".join(code.meaning.es for code in self.codes)
        )

    def to_row(self, lang: Lang = "en") -> dict[str, Any]:
        """The listing as one flat dictionary, with the columns `core.columns.LISTINGS`, ready for a data frame."""
        return {
            "target": self.target,
            "list": self.list.name,
            "state": self.state.value,
            "meaning": self.meaning.format(lang) or None,
            "reason": self.reason or None,
            "because": self.because.format(lang) or None,
        }

    def __repr__(self) -> str:
        # Not the question, whose name may hold the user's key: what is printed stays in notebooks and logs.
        return f"<Listing of {escape_controls(self.target)} on {self.list.id}: {self.state.value}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return as_html(self)


REFUSES = Text("the list refuses this resolver: {why}", "la lista rechaza este servidor DNS: {why}")
OUTSIDE = Text(
    "{answer} came back, which no list answers: somebody answers in its place",
    "llegó {answer}, que ninguna lista responde: alguien contesta en su lugar",
)
NO_CODE = Text("it answered {answer}, whose meaning is not known", "respondió {answer}, cuyo significado no se conoce")
NOT_ASKED = Text("it gave no answer", "no respondió")
TEST_MISSING = Text(
    "its test entry is not found from here: it refuses this resolver without saying so, or is gone",
    "su entrada de prueba no se encuentra desde aquí: rechaza este servidor DNS sin decirlo, o ya no existe",
)
LISTS_THE_WORLD = Text(
    "it also lists the entry that must never be listed: it lists the world",
    "también incluye la entrada que nunca debe estar: lo incluye todo",
)


def read_answer(blocklist: Blocklist, answer: Answer) -> Reading:
    """The answer about a target."""
    if isinstance(answer, Failed):
        return Reading(State.UNKNOWN, (), NOT_ASKED)
    if not isinstance(answer, Found):
        return Reading(State.CLEAR)
    addresses = answers_of(answer)
    early = _no_list_answer(blocklist, addresses)
    if early is not None:
        return early
    codes = tuple(code for code in blocklist.codes if any(code.holds(a, mask=blocklist.mask) for a in addresses))
    if not codes:
        shown = ", ".join(map(str, addresses[:5]))
        return Reading(State.UNKNOWN, (), _with(NO_CODE, answer=shown))
    if all(code.state is CodeState.NEUTRAL for code in codes):
        return Reading(State.CLEAR, codes)
    return Reading(State.LISTED, tuple(code for code in codes if code.state is not CodeState.NEUTRAL))


def read_test(blocklist: Blocklist, listed: Answer | None, clear: Answer | None) -> Reading:
    """Whether the list works from here: `LISTED` when it does, else what it is and why. None: it has no such entry."""
    for answer in (listed, clear):
        if isinstance(answer, Found):
            early = _no_list_answer(blocklist, answers_of(answer))
            if early is not None:
                return early
    if isinstance(clear, Found):
        return Reading(State.DEAD, (), LISTS_THE_WORLD)
    if isinstance(listed, Failed) or isinstance(clear, Failed):
        return Reading(State.UNKNOWN, (), NOT_ASKED)
    if listed is not None and not isinstance(listed, Found):
        return Reading(State.UNKNOWN, (), TEST_MISSING)
    return Reading(State.LISTED)


def _no_list_answer(blocklist: Blocklist, addresses: tuple[IPv4Address, ...]) -> Reading | None:
    """A refusal, or an answer that no list gives; None for what can be read."""
    for address in addresses:
        if address.packed[0] != _LOOPBACK:  # RFC 5782 §2.1: listings are in 127.0.0.0/8
            return Reading(State.DEAD, (), _with(OUTSIDE, answer=str(address)))
    for refusal in blocklist.refusals:
        # Refusals are whole answers, also where listings are bits.
        if any(refusal.holds(address, mask=False) for address in addresses):
            return Reading(State.REFUSED, (refusal,), _refused(refusal))
    if not addresses:
        return Reading(State.UNKNOWN, (), NOT_ASKED)
    return None


def _refused(refusal: Code) -> Text:
    return Text(REFUSES.en.format(why=refusal.meaning.en), REFUSES.es.format(why=refusal.meaning.es))


def _with(text: Text, **fields: str) -> Text:
    return Text(text.en.format(**fields), text.es.format(**fields))


def answers_of(answer: Found) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses of an answer."""
    return tuple(record for record in answer.records if isinstance(record, IPv4Address))


def worst(listings: Iterable[Listing]) -> Listing | None:
    """The listing that weighs most; None without one."""
    listed = [one for one in listings if one.state is State.LISTED]
    return max(listed, key=lambda one: one.list.weight, default=None)


def target_text(target: IPAddress | str) -> str:
    """A target as text."""
    return str(target)
