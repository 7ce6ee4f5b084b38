"""`deliverability spf`: the record as a tree with its count, or the result for an address."""

from __future__ import annotations

import argparse

from deliverability.cli.output import Progress, write
from deliverability.cli.parser import UsageError
from deliverability.cli.settings import Settings, addresses, load_profile, settings
from deliverability.cli.worlds import World
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName, parse_domain
from deliverability.core.plan import Source
from deliverability.core.run import run as drive
from deliverability.render.details import spf_tree_document
from deliverability.render.json import dumps
from deliverability.render.page import Page, text_console
from deliverability.render.pictures import print_spf_tree
from deliverability.render.spf_result import Evaluated, print_result, results_document
from deliverability.spf.evaluate import check_host_plan
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.tree_model import SpfTree, State

CLEAN, NOT_PASS, COULD_NOT_TELL = 0, 1, 3


def run(options: argparse.Namespace, lang: str) -> int:
    """The tree, or one evaluation an address. 0: usable, or all pass; 1: not; 3: DNS gave no answer."""
    profile = load_profile(options)
    chosen = settings(options, profile, ("terminal", "json"))
    domain = parse_domain(options.domain)
    ips = addresses(options.ip)
    if (options.sender or options.helo) and not ips:
        raise UsageError("--sender and --helo need --ip: without an address there is nothing to evaluate")
    world = World(options, profile)
    with Progress(world.source, chosen) as progress:
        progress.start(domain)
        if not ips:
            tree = drive(tree_plan(domain), progress.source)
        else:
            items = _evaluate(domain, ips, options, progress.source)
    world.close()
    return _say_tree(tree, chosen) if not ips else _say_results(items, chosen)


def _evaluate(
    domain: DomainName, ips: tuple[object, ...], options: argparse.Namespace, source: Source
) -> list[Evaluated]:
    sender = options.sender or f"postmaster@{domain}"
    items = []
    for ip in ips:
        result = drive(check_host_plan(ip, domain, sender, helo=options.helo or domain), source)  # type: ignore[arg-type]
        items.append(Evaluated(ip, sender, result))  # type: ignore[arg-type]
    return items


def _page(chosen: Settings) -> Page:
    return Page(text_console(chosen.width, color=chosen.color), chosen.lang, chosen.verbose)


def _say_tree(tree: SpfTree, chosen: Settings) -> int:
    if chosen.format == "json":
        write(dumps(spf_tree_document(tree), indent=2) + "\n", chosen)
    else:
        page = _page(chosen)
        print_spf_tree(page, tree)
        write(page.result(), chosen)
    if tree.failures or tree.root.state is State.TEMPERROR:
        return COULD_NOT_TELL
    usable = tree.root.state is State.FOUND and not tree.problems
    within = tree.lookups <= DEFAULT_LIMITS.spf_lookups and tree.voids <= DEFAULT_LIMITS.spf_void_lookups
    return CLEAN if usable and within else NOT_PASS


def _say_results(items: list[Evaluated], chosen: Settings) -> int:
    if chosen.format == "json":
        documents = results_document(items)
        write(dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n", chosen)
    else:
        page = _page(chosen)
        for index, item in enumerate(items):
            if index:
                page.blank()
            print_result(page, item)
        write(page.result(), chosen)
    results = {item.result.result for item in items}
    if results == {"pass"}:
        return CLEAN
    return COULD_NOT_TELL if results <= {"pass", "temperror"} else NOT_PASS
