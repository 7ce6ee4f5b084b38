"""What a change of DNS does to each source of mail (audits/senders.py), from what it gets before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from deliverability.audits.senders import (
    KeyState,
    Open,
    Outcome,
    Sender,
    SenderKind,
    World,
    key_state,
    left_open,
    own_terms,
    selector_of,
    spelled,
)
from deliverability.core.comparison import Comparison
from deliverability.core.finding import Actor
from deliverability.dkim.facts import Origin
from deliverability.spf.tree_model import State


class Verdict(StrEnum):
    """What the change does to a source, the worst first."""

    STOPS = "stops"  # what passes or is taken today would no longer be
    WORSE = "worse"
    UNTOLD = "untold"
    CHANGES = "changes"
    BETTER = "better"
    SAME = "same"
    FAILS = "fails"  # it passes neither before nor after


@dataclass(frozen=True, slots=True)
class Effect:
    """One source before and after."""

    sender: Sender
    before: Outcome
    after: Outcome
    verdict: Verdict
    #: The term that let it send before and is in the record no more.
    removed: str = ""
    #: Who can do something about it.
    actor: Actor = Actor.DNS
    #: Why nothing can be told of a term without an address.
    open: Open | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change does to every source of mail of a domain."""

    effects: tuple[Effect, ...]
    #: DNS lookups of SPF; None: the record could not be asked.
    lookups: tuple[int | None, int | None]
    policy: tuple[str, str]

    @property
    def stops(self) -> tuple[Effect, ...]:
        """The sources that pass or are taken today and would no longer be."""
        return tuple(effect for effect in self.effects if effect.verdict is Verdict.STOPS)


def effects(before: World, after: World, told: Iterable[tuple[Sender, Outcome, Outcome]]) -> Effects:
    """What the change does to each source: the worst first, else in the order given."""
    found = [_effect(before, after, *one) for one in told]
    order = list(Verdict)
    found.sort(key=lambda effect: min(order.index(effect.verdict), order.index(Verdict.SAME)))
    return Effects(tuple(found), (_lookups(before), _lookups(after)), (before.policy, after.policy))


def _lookups(world: World) -> int | None:
    return None if world.tree.root.state is State.TEMPERROR else world.tree.lookups


def _effect(before: World, after: World, sender: Sender, old: Outcome, new: Outcome) -> Effect:
    open_: Open | None = None
    if sender.kind is SenderKind.KEY:
        verdict = _key_verdict(after, sender, old, new)
    elif sender.kind is SenderKind.RECEIVING:
        verdict = _mx_verdict(old, new)
    else:
        verdict = _mail_verdict(sender, old, new)
        if verdict is Verdict.SAME and _loses_keys(after, old, new):
            verdict = Verdict.WORSE
        if verdict is Verdict.SAME and sender.ip is None and sender.kind in (SenderKind.INCLUDE, SenderKind.TERM):
            verdict, open_ = _verdict_without_address(before, after, sender, old)
    return Effect(sender, old, new, verdict, _removed_term(before, after, sender, old), _actor(sender, old), open_)


def _verdict_without_address(before: World, after: World, sender: Sender, old: Outcome) -> tuple[Verdict, Open | None]:
    """A term by which nobody is known to pass, in one of the two records: nobody does, or nobody knows who."""
    there = [[term for term in own_terms(world) if spelled(term) == sender.label] for world in (before, after)]
    open_ = next((reason for terms in there for term in terms if (reason := left_open(term))), None)
    if all(there):
        return Verdict.SAME, None
    if open_ is not None:
        return Verdict.UNTOLD, open_
    return (Verdict.SAME if old.dmarc == "pass" else Verdict.FAILS), None


def _mail_verdict(sender: Sender, old: Outcome, new: Outcome) -> Verdict:
    stops = old.spf == "pass" and new.spf not in ("pass", "temperror")
    if stops and sender.mail_from is not None:
        return Verdict.STOPS
    if stops:  # this record is not looked at for its mail: what counts is its key
        if old.by_dkim:
            return Verdict.CHANGES if new.by_dkim else Verdict.STOPS
        return Verdict.WORSE
    if new.refused and not old.refused and old.dmarc not in ("temperror", ""):
        return Verdict.STOPS
    if "temperror" in (new.spf, new.dmarc, old.spf, old.dmarc):
        return Verdict.UNTOLD
    if _rank(new) > _rank(old):
        return Verdict.WORSE
    if _rank(new) < _rank(old):
        return Verdict.BETTER
    return Verdict.SAME if old.spf in ("pass", "") or old.dmarc == "pass" else Verdict.FAILS


def _loses_keys(after: World, old: Outcome, new: Outcome) -> bool:
    """Whether DMARC would rest on SPF alone, which a forwarder breaks, where a key holds it today."""
    gone = (key_state(selector_of(after, selector)) for selector in old.selectors)
    return old.by_dkim and not new.by_dkim and KeyState.UNTOLD not in gone


_SPF_RANKS: Mapping[str, int] = {
    "pass": 0,
    "": 0,
    "neutral": 1,
    "none": 1,
    "temperror": 1,
    "softfail": 2,
    "permerror": 3,
    "fail": 3,
}
_DISPOSITIONS = ("", "none", "quarantine", "reject")


def _rank(outcome: Outcome) -> tuple[int, int]:
    """How badly a receiver takes it: by DMARC, then by SPF."""
    refusal = _DISPOSITIONS.index(outcome.disposition) if outcome.disposition in _DISPOSITIONS else 0
    return refusal, _SPF_RANKS.get(outcome.spf, 0)


def _key_verdict(after: World, sender: Sender, old: Outcome, new: Outcome) -> Verdict:
    """A key that nobody is known to sign with may go where another one is left: keys are replaced that way."""
    if old.key is new.key:
        return Verdict.SAME if old.key is KeyState.USABLE else Verdict.FAILS
    if KeyState.UNTOLD in (old.key, new.key):
        return Verdict.UNTOLD if new.key is KeyState.UNTOLD else Verdict.CHANGES
    if new.key is KeyState.USABLE:
        return Verdict.BETTER
    if old.key is not KeyState.USABLE:
        return Verdict.FAILS
    selector = selector_of(after, sender.label)
    others = any(s.usable for s in after.dkim.selectors)
    given = selector is not None and selector.origin is Origin.GIVEN
    return Verdict.STOPS if given or not others else Verdict.WORSE


def _mx_verdict(old: Outcome, new: Outcome) -> Verdict:
    if old.hosts == new.hosts:
        return Verdict.SAME
    if old.hosts is None or new.hosts is None:
        return Verdict.UNTOLD
    return Verdict.STOPS if not new.hosts else Verdict.CHANGES if old.hosts else Verdict.BETTER


def _removed_term(before: World, after: World, sender: Sender, old: Outcome) -> str:
    """The own term by which it could send and which the new record does not have."""
    if sender.kind in (SenderKind.INCLUDE, SenderKind.TERM):
        wanted = sender.label
    else:
        wanted = old.term.lower().removeprefix("+")
    there = [{spelled(term) for term in own_terms(world)} for world in (before, after)]
    return wanted if wanted in there[0] and wanted not in there[1] else ""


def _actor(sender: Sender, old: Outcome) -> Actor:
    """What never passed has to be set up where it sends; the rest is a matter of the record."""
    passes = old.spf == "pass" or old.dmarc == "pass" or old.key is KeyState.USABLE
    if sender.kind in (SenderKind.RECEIVING, SenderKind.KEY) or passes:
        return Actor.DNS
    return Actor.PLATFORM


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """What a proposed change of DNS does: the reports beside each other, and each source of mail."""

    comparison: Comparison
    effects: Effects
