"""One source over another: a proposed zone over the live or the recorded DNS.

Theory of operation. The upper source answers what it knows; what it calls `Failed(OFFLINE)` is asked below. So a whole
zone (with SOA) hides everything published under its apex, and a name it does not hold is NXDOMAIN even if it exists
today; a pasted list without SOA replaces exactly the names and types it lists, and the rest stays as published.

Aliases cross the border in both directions. One that leads out of the upper source is followed below, and an answer
from below that passed through a name of the upper source is asked again from there: what counts is where the name
would lead once the proposal is published.
"""

from __future__ import annotations

from typing import cast, overload

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName
from deliverability.core.plan import KnownSource, LiveSourceLike, Plan, Source, solve
from deliverability.core.questions import Answer, Failed, FailureKind, Found, NoData, NoName, Question


class _Offline:
    """Nobody is asked."""

    def answer(self, _question: Question, /) -> Answer:
        """Always `Failed(OFFLINE)`."""
        return _NOT_ASKED

    def __repr__(self) -> str:
        return "OFFLINE"


_NOT_ASKED = Failed(FailureKind.OFFLINE, "nobody may be asked")
#: The source that knows nothing and asks nobody.
OFFLINE = _Offline()


class KnownOverlay:
    """A source over another, both with their answers at hand."""

    def __init__(self, top: KnownSource, below: KnownSource) -> None:
        self._top = top
        self._below = below

    def answer(self, question: Question) -> Answer:
        """The answer of the upper source, or else of the lower one."""
        return solve(_overlaid(self._top, question, ()), self._below)


class LiveOverlay:
    """A source whose answers are at hand over one that has to wait."""

    def __init__(self, top: KnownSource, below: LiveSourceLike) -> None:
        self._top = top
        self._below = below

    async def ask(self, question: Question) -> Answer:
        """The answer of the upper source, or else of the lower one."""
        plan = _overlaid(self._top, question, ())
        try:
            request = next(plan)
            while True:
                request = plan.send(await self._below.ask(cast(Question, request)))
        except StopIteration as stop:
            return cast(Answer, stop.value)


@overload
def Overlay(top: KnownSource, below: KnownSource) -> KnownOverlay: ...
@overload
def Overlay(top: KnownSource, below: LiveSourceLike) -> LiveOverlay: ...
def Overlay(top: KnownSource, below: Source) -> KnownOverlay | LiveOverlay:  # noqa: N802 - to its users it is a class
    """`top` over `below`. It waits for answers if `below` does."""
    if isinstance(below, KnownSource):
        return KnownOverlay(top, below)
    return LiveOverlay(top, below)


def _overlaid(top: KnownSource, question: Question, passed: tuple[DomainName, ...]) -> Plan[Answer]:
    """The answer to `question`; yields what has to be asked below. `passed` are the aliases on the way here."""
    held = top.answer(question)
    if not _is_offline(held):
        return held
    link: Found | None = _alias_at(top, question)
    if link is None:
        answer: Answer = yield question
        if _is_offline(answer) and question.type != "CNAME":
            below: Answer = yield question._replace(type="CNAME")
            link = _as_way(below)
        elif not isinstance(answer, Failed):
            link = _back_into(top, question, answer)
        if link is None:
            return answer
    way = link.aliases
    if set(way) & {*passed, question.name} or len(passed) + len(way) > DEFAULT_LIMITS.cname_chain:
        return Failed(FailureKind.LOOP, "the aliases do not end")
    rest = yield from _overlaid(top, question._replace(name=way[-1]), (*passed, question.name, *way[:-1]))
    return _after(link, rest)


def _is_offline(answer: Answer) -> bool:
    return isinstance(answer, Failed) and answer.kind is FailureKind.OFFLINE


def _alias_at(source: KnownSource, question: Question) -> Found | None:
    """What the source has as CNAME at the asked name, told as a way of one step."""
    if question.type == "CNAME":
        return None
    return _as_way(source.answer(question._replace(type="CNAME")))


def _as_way(answer: Answer) -> Found | None:
    if not isinstance(answer, Found) or answer.aliases or not isinstance(answer.records[0], str):
        return None
    return Found((), answer.ttl, (DomainName(answer.records[0]),), answer.authenticated)


def _back_into(top: KnownSource, question: Question, answer: Found | NoData | NoName) -> Found | None:
    """The way below up to the first alias for which the upper source speaks."""
    for index, alias in enumerate(answer.aliases):
        there = question._replace(name=alias)
        if not _is_offline(top.answer(there)) or _alias_at(top, there) is not None:
            return Found((), answer.ttl, answer.aliases[: index + 1], answer.authenticated)
    return None


def _after(link: Found, rest: Answer) -> Answer:
    """The answer at the end of a way, told as the answer at its beginning."""
    if isinstance(rest, Failed):
        return rest
    ttl, aliases = min(link.ttl, rest.ttl), link.aliases + rest.aliases
    authenticated = link.authenticated and rest.authenticated
    if isinstance(rest, Found):
        return Found(rest.records, ttl, aliases, authenticated)
    return type(rest)(ttl, aliases, authenticated)
