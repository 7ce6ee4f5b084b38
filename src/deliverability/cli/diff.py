"""`deliverability diff OLD NEW`: two reports or two recordings beside each other, and a gate over what is new."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from deliverability import api
from deliverability.audits.differences import with_differences
from deliverability.cli.output import write
from deliverability.cli.settings import load_profile, settings
from deliverability.core.comparison import compare_states
from deliverability.core.errors import UnreadableFile
from deliverability.core.names import DomainName, parse_domain, shown
from deliverability.core.profile import Profile
from deliverability.core.report import worst
from deliverability.core.report_file import read_documents, read_states
from deliverability.core.state import State
from deliverability.render import COMPARISON_FORMATS, render_comparisons
from deliverability.render.comparison_json import DIFF_FORMAT
from deliverability.sources import snapshot_file
from deliverability.sources.clock import now
from deliverability.sources.snapshot import Snapshot


def run(options: argparse.Namespace, lang: str) -> int:
    """Compare. 1: something is new at or above --fail-on; 3: something decisive can no longer be told; else 0."""
    profile = load_profile(options)
    chosen = settings(options, profile, tuple(COMPARISON_FORMATS))
    domains = tuple(dict.fromkeys(parse_domain(domain) for domain in options.domains))
    old, new = _read(options.old), _read(options.new)
    moment = now()  # one for both, so that no date makes a difference
    names = domains or _recorded(profile, old, new)
    before, after = (_states(side, names, domains, profile, moment) for side in (old, new))
    comparisons = [with_differences(compare_states(one, other)) for one, other in matched(before, after)]
    gate = {"fail_on": profile.fail_on, "incomplete_fails": profile.incomplete == "fail"}
    text = render_comparisons(
        comparisons, chosen.format, lang=chosen.lang, width=chosen.width, color=chosen.color, quiet=chosen.quiet, **gate
    )
    write(text, chosen)
    return worst(c.exit_code(profile.fail_on, incomplete_fails=profile.incomplete == "fail") for c in comparisons)


class _Side(NamedTuple):
    """One of the two files."""

    path: str
    states: tuple[State, ...] = ()
    snapshot: Snapshot | None = None


def _read(path: str) -> _Side:
    """A recording, or the reports of a file. Raises `UnreadableFile`."""
    text = snapshot_file.load(path)
    if len(text) > snapshot_file.MAX_OCTETS:
        raise UnreadableFile(f"{shown(path)}: larger than {snapshot_file.MAX_OCTETS // 2**20} MiB")
    documents = read_documents(text, path)
    first = documents[0]
    form = first.get("format") if isinstance(first, dict) else None
    if form == snapshot_file.FORMAT:
        return _Side(path, snapshot=Snapshot.from_json(text, path))
    if form == DIFF_FORMAT:
        raise UnreadableFile(
            f"{shown(path)}: this is what `diff` wrote; give it the two reports or recordings themselves"
        )
    return _Side(path, tuple(read_states(documents, path)))


def _recorded(profile: Profile, *sides: _Side) -> tuple[DomainName, ...]:
    """The domains that recordings are about: those of the profile, else those that an audit left its marks on.

    Only the audited domain is asked for the obsolete type SPF and for its policy.
    """
    snapshots = [side.snapshot for side in sides if side.snapshot is not None]
    asked = {(q.name, q.type) for snapshot in snapshots for q in snapshot.answers}
    known = tuple(name for name in profile.domains if (name, "TXT") in asked)
    if known:
        return known
    return tuple(sorted(name for name, kind in asked if kind == "SPF" and (f"_dmarc.{name}", "TXT") in asked))


def _states(
    side: _Side, names: tuple[DomainName, ...], wanted: tuple[DomainName, ...], profile: Profile, moment: datetime
) -> list[State]:
    """The reports of a side: those of the file, or a recording audited again."""
    if side.snapshot is None:
        return [state for state in side.states if not wanted or state.subject in wanted]
    answered = {(q.name, q.type) for q in side.snapshot.answers}
    audited = [name for name in names if (name, "TXT") in answered]
    if not audited:
        raise UnreadableFile(
            f"{shown(side.path)}: it is not clear which domain was recorded; give it: `deliverability diff OLD NEW DOMAIN`"
        )
    return [
        State.of(api.audit_domain(name, source=side.snapshot, profile=profile, now=moment, try_fixes=False))
        for name in audited
    ]


def matched(before: Iterable[State], after: Iterable[State]) -> list[tuple[State | None, State | None]]:
    """The reports of both sides on the same thing, in the order of the new side; what only one side has comes alone."""
    old, new = _numbered(before), _numbered(after)
    pairs: list[tuple[State | None, State | None]] = [(old.pop(key, None), state) for key, state in new.items()]
    # A mail may lie in another file than before: the only one left of its domain on both sides is taken for the same.
    left = {(state.kind, state.subject): key for key, state in old.items()}
    alone = Counter((state.kind, state.subject) for state in old.values())
    alone_new = Counter((other.kind, other.subject) for one, other in pairs if one is None and other is not None)
    for index, (one, other) in enumerate(pairs):
        about = (other.kind, other.subject) if other is not None else ("", "")
        if one is None and alone[about] == 1 and alone_new[about] == 1:
            pairs[index] = (old.pop(left[about]), other)
    return [*pairs, *((state, None) for state in old.values())]


def _numbered(states: Iterable[State]) -> dict[tuple[str, str, str, int], State]:
    """States by what they are about; those about the same by their order."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found: dict[tuple[str, str, str, int], State] = {}
    for state in states:
        about = (state.kind, state.subject, state.name)
        found[*about, seen[about]] = state
        seen[about] += 1
    return found
