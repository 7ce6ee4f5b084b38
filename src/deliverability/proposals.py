"""A change of DNS before it is published: the domain as it is and as it would be, and what becomes of each source of mail.

proposed = dv.ZoneSource.from_file("empresa.example.zone")
report = dv.audit_proposal("empresa.example", proposed)        # over the live DNS
report.stops                                                   # who is believed today and would no longer be
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deliverability.api import audit_domain_async, recording_of, solve_async
from deliverability.audits import effects, senders
from deliverability.audits.differences import compare
from deliverability.core.facts import Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import parse_domain
from deliverability.core.plan import KnownSource, Source
from deliverability.core.profile import Profile
from deliverability.core.report import Report
from deliverability.sources.clock import now as clock_now
from deliverability.sources.drive import loop_thread
from deliverability.sources.overlay import Overlay
from deliverability.sources.snapshot import Snapshot

if TYPE_CHECKING:
    from deliverability.feedback.facts import ReputationFile
    from deliverability.feedback.read import Given

__all__ = ["audit_proposal", "audit_proposal_async", "compare"]


def audit_proposal(  # noqa: PLR0913 - the caller's options, all by keyword
    domain: str,
    proposed: KnownSource,
    *,
    source: Source | None = None,
    profile: Profile | None = None,
    sending: Sending | None = None,
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    try_fixes: bool = True,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
) -> Report:
    """The report on a domain as it will be once `proposed` is published, a `ZoneSource` mostly, over `source`.

    `Report.details["before_after"]` (`audits.effects.BeforeAfter`) holds the comparison with the domain as it is and what
    becomes of each source of mail; `Report.stops` names those that are believed today and would no longer be. Each
    question is asked once for both. The rest is as in `audit_domain`.
    """
    told = {"profile": profile, "sending": sending, "now": now, "limits": limits, "blocklists": blocklists}
    plan = audit_proposal_async(
        domain,
        proposed,
        source=source,
        try_fixes=try_fixes,
        reputation=tuple(reputation),
        **told,  # type: ignore[arg-type]
    )
    return loop_thread().run(plan)


async def audit_proposal_async(  # noqa: PLR0913 - as above
    domain: str,
    proposed: KnownSource,
    *,
    source: Source | None = None,
    profile: Profile | None = None,
    sending: Sending | None = None,
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    try_fixes: bool = True,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
) -> Report:
    """`audit_proposal` for callers that await."""
    name = parse_domain(domain)
    known = profile if profile is not None else Profile()
    told: dict[str, Any] = {
        "profile": known,
        "sending": sending if sending is not None else known.sending_for(name),
        "now": now or clock_now(),
        "limits": limits,
        "blocklists": blocklists,
        "reputation": tuple(reputation),
    }
    # The proposed world asks below what it does not hold, and finds there what today's world was told.
    below = recording_of(source, limits)
    above = Snapshot.recording(Overlay(proposed, below))
    today = await audit_domain_async(name, source=below, try_fixes=False, **told)
    after = await audit_domain_async(name, source=above, try_fixes=try_fixes, **told)
    found = await _effects(name, told["sending"], below, above, limits)
    change = effects.BeforeAfter(compare(today, after), found)
    stops = tuple(effect.sender.label for effect in found.stops)
    return replace(after, stops=stops, details={**after.details, "before_after": change})


async def _effects(name: Any, sending: Sending, below: Source, above: Source, limits: Limits) -> effects.Effects:
    """What becomes of each source of mail."""
    worlds = [await solve_async(senders.world_plan(name, sending, limits), w, limits=limits) for w in (below, above)]
    others = await solve_async(senders.provider_networks_plan(worlds[0], worlds[1], limits), below, limits=limits)
    everybody = senders.with_others(senders.senders(worlds[0], worlds[1]), others)
    outcomes = [
        await solve_async(senders.outcomes_plan(world, everybody, limits), answers, limits=limits)
        for world, answers in zip(worlds, (below, above), strict=True)
    ]
    return effects.effects(worlds[0], worlds[1], zip(everybody, *outcomes, strict=True))
