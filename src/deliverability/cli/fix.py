"""`deliverability fix`: only the records to change, ready to paste."""

from __future__ import annotations

import argparse

from deliverability import api
from deliverability.cli import words
from deliverability.cli.output import Progress, write
from deliverability.cli.parser import UsageError, say
from deliverability.cli.settings import load_profile, settings
from deliverability.cli.worlds import World
from deliverability.core.changes import merge
from deliverability.core.names import parse_domain, shown
from deliverability.core.profile import did_you_mean
from deliverability.render.changes import render_changes
from deliverability.render.zone_text import SYNTAXES

CLEAN, COULD_NOT_TELL = 0, 3


def run(options: argparse.Namespace, lang: str) -> int:
    """Print the changes. 0: printed, or nothing to change; 3: something that decides could not be told."""
    if options.syntax not in SYNTAXES:
        hint = did_you_mean(options.syntax, SYNTAXES)
        raise UsageError(f"--syntax: {shown(options.syntax)} is none of {', '.join(SYNTAXES)}{hint}")
    profile = load_profile(options)
    chosen = settings(options, profile, ("terminal",))
    domain = parse_domain(options.domain)
    world = World(options, profile)
    with Progress(world.source, chosen) as progress:
        progress.start(domain)
        report = api.audit_domain(domain, source=progress.source, profile=profile)
    world.close()
    changes = merge(change for action in report.actions for change in action.changes)
    text = render_changes(changes, options.syntax, domain=domain, lang=chosen.lang)
    incomplete = report.incomplete_fails and any(rule.severity.value == "error" for rule, _ in report.unknowns)
    nothing = words.NOTHING_TO_PROPOSE if incomplete else words.NOTHING_TO_CHANGE
    write(text or say(nothing, chosen.lang) + "\n", chosen)
    return COULD_NOT_TELL if incomplete else CLEAN
