"""What topics show in full, as plain data: the SPF tree, the DMARC policies, the providers seen."""

from __future__ import annotations

from typing import Any

from deliverability.core.report import Report
from deliverability.crosscheck.rows import CrosscheckResult
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dnsbl.facts import BlocklistFacts
from deliverability.feedback.facts import Reputation
from deliverability.providers.registry import DetectedProviders
from deliverability.render.blocklists import blocklists_document
from deliverability.render.dmarc_table import dmarc_document
from deliverability.render.message_document import message_documents
from deliverability.render.reputation import reputation_document
from deliverability.render.second_opinions import second_opinions_document
from deliverability.spf.tree_model import SpfTree


def details_document(report: Report) -> dict[str, Any]:
    """The details that this report has, each under its name."""
    document: dict[str, Any] = {}
    if "sends" in report.details:
        document["sends"] = report.details["sends"]
    tree = report.details.get("spf_tree")
    if isinstance(tree, SpfTree):
        document["spf_tree"] = spf_tree_document(tree)
    dmarc = report.details.get("dmarc")
    if isinstance(dmarc, DmarcFacts):
        document["dmarc"] = dmarc_document(dmarc)
    providers = report.details.get("providers")
    if isinstance(providers, DetectedProviders):
        document["providers"] = providers_document(providers)
    crosscheck = report.details.get("crosscheck")
    if isinstance(crosscheck, CrosscheckResult):
        document["crosscheck"] = second_opinions_document(crosscheck)
    listings = report.details.get("blocklists")
    if isinstance(listings, BlocklistFacts):
        document["blocklists"] = blocklists_document(listings)
    reputation = report.details.get("reputation")
    if isinstance(reputation, Reputation):
        document["reputation"] = reputation_document(reputation)
    if "before_after" in report.details:
        from deliverability.render.comparison_json import change_document  # noqa: PLC0415 - only where there is one

        document["before_after"] = change_document(report.details["before_after"])
    return document | message_documents(report)


#: Rows of a tree that are written down; the counts are those of the whole.
MOST_ROWS = 2000


def spf_tree_document(tree: SpfTree) -> dict[str, Any]:
    """The tree as rows in evaluation order, with what each term costs and the count up to it."""
    rows = tree.rows()
    return {
        "domain": tree.domain,
        "lookups": tree.lookups,
        "lookups_exact": tree.lookups_exact,
        "rows": [
            {
                "cost": row.total,
                "counts": row.counts,
                "depth": row.depth,
                "domain": row.domain,
                "lookups_so_far": row.so_far,
                "state": str(row.state),
                "target": row.target or None,
                "term": row.text,
                "void": row.void,
            }
            for row in rows[:MOST_ROWS]
        ],
        "rows_omitted": max(0, len(rows) - MOST_ROWS),
        "voids": tree.voids,
        "voids_exact": tree.voids_exact,
    }


def providers_document(providers: DetectedProviders) -> list[dict[str, Any]]:
    """Each provider with what gave it away."""
    return [
        {"id": found.provider.id, "name": found.provider.name, "seen_in": [str(word) for word in found.seen_in]}
        for found in providers.detected
    ]
