"""`deliverability audit`: one domain or several, and the gate over them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from deliverability import api
from deliverability.cli import words
from deliverability.cli.gate import Gate
from deliverability.cli.output import Progress, write_reports
from deliverability.cli.parser import say
from deliverability.cli.places import config_places
from deliverability.cli.settings import load_profile, reputation_files, settings
from deliverability.cli.worlds import World
from deliverability.core.facts import Sending
from deliverability.core.names import DomainName, parse_domain
from deliverability.core.plan import KnownSource, Source
from deliverability.core.report import Report
from deliverability.render import FORMATS

NOTHING_TO_AUDIT = 4


def run(options: argparse.Namespace, lang: str) -> int:
    """Audit, write the report, and return the exit code of the gate."""
    profile = load_profile(options)
    chosen = settings(options, profile, FORMATS)
    names = tuple(dict.fromkeys(parse_domain(domain) for domain in options.domains)) or profile.domains
    if not names:
        print(f"deliverability: {say(words.NOTHING, lang)}", file=sys.stderr)  # noqa: T201
        return NOTHING_TO_AUDIT
    gate = Gate(options, profile)
    if options.crosscheck:
        from deliverability.crosscheck.process import MODULES, require

        require(tuple(MODULES))  # before the audit rather than after it
    files = reputation_files(options.reputation)
    world = World(options, profile)
    with Progress(world.source, chosen) as progress:
        told: dict[str, Any] = {"profile": profile, "blocklists": options.blocklists, "reputation": files}
        if world.proposed is not None:
            reports = list(_proposals(names, progress, world.proposed, told))
            world.record(reports)
        else:
            reports = list(_audits(names, progress, told))
        if options.crosscheck:
            reports = [_crosschecked(report, profile.sending_for(report.subject)) for report in reports]
    world.close()
    reports = gate.apply(reports)
    code = gate.finish()
    write_reports(reports, options, chosen, config_places(profile, [report.subject for report in reports]))
    return code


def _proposals(
    names: tuple[DomainName, ...], progress: Progress, proposed: KnownSource, told: dict[str, Any]
) -> Iterator[Report]:
    """Each domain as it would be, with what that does to its mail."""
    from deliverability.proposals import audit_proposal

    for name in names:
        progress.start(name)
        yield audit_proposal(name, proposed, source=progress.source, **told)


def _audits(names: tuple[DomainName, ...], progress: Progress, told: dict[str, Any]) -> Iterator[Report]:
    source: Source = progress.source
    if len(names) == 1:
        progress.start(names[0])
        yield api.audit_domain(names[0], source=source, **told)
        return
    progress.start(f"{names[0]} (1/{len(names)})")
    audits = api.audit_domains(names, source=source, try_fixes=True, **told)
    for number, report in enumerate(audits, 2):
        yield report
        if number <= len(names):
            progress.start(f"{names[number - 1]} ({number}/{len(names)})")


def _crosschecked(report: Report, sending: Sending) -> Report:
    """The report with second opinions on it; pyspf also judges a message from each address that is known to send."""
    from deliverability.crosscheck import crosscheck

    opinions = crosscheck(report, report.answers, ips=sending.ips, helo=sending.helo or "")
    return replace(report, details={**report.details, "crosscheck": opinions})
