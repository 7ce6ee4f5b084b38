"""`deliverability blocklist`: addresses and domains on every list that fits."""

from __future__ import annotations

import argparse
from dataclasses import replace

from deliverability.audits.blocklists import blocklist_reports_plan
from deliverability.cli import words_message as words
from deliverability.cli.gate import Gate
from deliverability.cli.output import Progress, write, write_reports
from deliverability.cli.parser import UsageError, say
from deliverability.cli.places import config_places
from deliverability.cli.settings import load_profile, reputation_files, settings
from deliverability.cli.worlds import World
from deliverability.core.run import run as drive
from deliverability.core.text import Lang
from deliverability.dnsbl.lists import lists
from deliverability.dnsbl.lookup import as_target
from deliverability.dnsbl.settings import choose
from deliverability.render import FORMATS
from deliverability.sources.clock import now


def run(options: argparse.Namespace, lang: str) -> int:
    """Ask, write one report a target, and return the exit code of the gate."""
    profile = load_profile(options)
    chosen = settings(options, profile, FORMATS)
    if options.known:
        write(_known(chosen.lang), chosen)
        return 0
    if not options.targets:
        raise UsageError(say(words.NO_TARGET, lang))
    asked = profile.blocklists
    if options.list:
        names = tuple(name.strip() for value in options.list for name in value.split(",") if name.strip())
        asked = replace(asked, ids=names)
    targets = [as_target(text) for text in dict.fromkeys(options.targets)]
    files = reputation_files(options.reputation)
    gate = Gate(options, profile)
    world = World(options, profile)
    with Progress(world.source, chosen) as progress:
        progress.start(", ".join(options.targets)[:60])
        plan = blocklist_reports_plan(targets, choose(asked), now=now(), profile=profile, reputation=files)
        reports = drive(plan, progress.source)
    world.close()
    judged = gate.apply(reports)
    code = gate.finish()
    write_reports(judged, options, chosen, config_places(profile, [report.subject for report in judged]))
    return code


def _known(lang: Lang) -> str:
    """The lists that are known, one a line: id, what it holds, whether it is asked by default, how it may be used."""
    lines = []
    for one in lists():
        mark = " " if not one.default else "*" if one.usable else "k"
        lines.append(
            f"{mark} {one.id:14} {one.holds.value:6} {one.shown_zone or one.keyed:34} {one.usage.format(lang)}"
        )
    return "\n".join(lines) + "\n"
