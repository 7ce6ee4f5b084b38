"""`deliverability spf`: the record as a tree with its count, or the result for an address."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from deliverability.cli.output import Progress, write
from deliverability.cli.parser import UsageError
from deliverability.cli.settings import Settings, addresses, load_profile, settings
from deliverability.cli.worlds import World
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName, parse_domain
from deliverability.core.plan import Source
from deliverability.core.questions import IPAddress
from deliverability.core.run import run as drive
from deliverability.crosscheck.rows import CrosscheckResult
from deliverability.render.details import spf_tree_document
from deliverability.render.json import dumps
from deliverability.render.page import Page, text_console
from deliverability.render.pictures import print_spf_root, print_spf_tree
from deliverability.render.second_opinions import print_second_opinions, second_opinions_document
from deliverability.render.spf_result import Evaluated, print_result, results_document
from deliverability.sources.snapshot import Snapshot
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
    if options.crosscheck:
        from deliverability.crosscheck.process import MODULES, require

        require(tuple(MODULES))  # before the audit rather than after it
    world = World(options, profile)
    with Progress(world.source, chosen) as progress:
        progress.start(domain)
        recorder = Snapshot.recording(progress.source)
        items = _evaluate(domain, ips, options, recorder)
        tree = drive(tree_plan(domain), recorder) if options.crosscheck or not ips else None
    world.close()
    opinions = _opinions(domain, recorder.snapshot, options) if options.crosscheck else None
    if tree is not None and not ips:
        return _say_tree(tree, opinions, chosen)
    return _say_results(items, opinions, chosen)


def _opinions(domain: DomainName, answers: Snapshot, options: argparse.Namespace) -> CrosscheckResult:
    """What the other tools say about SPF on the same answers; DMARC was not asked here."""
    from deliverability.crosscheck import crosscheck
    from deliverability.crosscheck.compare import TOPICS

    result = crosscheck(domain, answers, ips=options.ip, helo=options.helo)
    dmarc = {topic for key, topic in TOPICS.items() if key.startswith("dmarc")}
    return replace(result, rows=tuple(row for row in result.rows if row.topic not in dmarc))


def _evaluate(
    domain: DomainName, ips: tuple[IPAddress, ...], options: argparse.Namespace, source: Source
) -> list[Evaluated]:
    sender = options.sender or f"postmaster@{domain}"
    items = []
    for ip in ips:
        result = drive(check_host_plan(ip, domain, sender, helo=options.helo or domain), source)
        items.append(Evaluated(ip, sender, result))
    return items


def _page(chosen: Settings) -> Page:
    return Page(text_console(chosen.width, color=chosen.color), chosen.lang, chosen.verbose)


def _json(document: Any, opinions: CrosscheckResult | None) -> str:
    """The result as it is, or with what the other tools say beside it."""
    if opinions is not None:
        document = {"crosscheck": second_opinions_document(opinions), "result": document}
    return dumps(document, indent=2) + "\n"


def _say_tree(tree: SpfTree, opinions: CrosscheckResult | None, chosen: Settings) -> int:
    if chosen.format == "json":
        write(_json(spf_tree_document(tree), opinions), chosen)
    else:
        page = _page(chosen)
        print_spf_root(page, tree)
        print_spf_tree(page, tree)
        if opinions is not None:
            print_second_opinions(page, opinions)
        write(page.result(), chosen)
    if tree.failures or tree.root.state is State.TEMPERROR:
        return COULD_NOT_TELL
    usable = tree.root.state is State.FOUND and not tree.problems
    within = tree.lookups <= DEFAULT_LIMITS.spf_lookups and tree.voids <= DEFAULT_LIMITS.spf_void_lookups
    return CLEAN if usable and within else NOT_PASS


def _say_results(items: list[Evaluated], opinions: CrosscheckResult | None, chosen: Settings) -> int:
    if chosen.format == "json":
        documents = results_document(items)
        write(_json(documents[0] if len(documents) == 1 else documents, opinions), chosen)
    else:
        page = _page(chosen)
        for index, item in enumerate(items):
            if index:
                page.blank()
            print_result(page, item)
        if opinions is not None:
            print_second_opinions(page, opinions)
        write(page.result(), chosen)
    results = {item.result.result for item in items}
    if results == {"pass"}:
        return CLEAN
    return COULD_NOT_TELL if results <= {"pass", "temperror"} else NOT_PASS
