"""The details of a report on a message as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deliverability.core.facts import MessageOverview
from deliverability.core.report import Report
from deliverability.dmarc.message import MessageAuthentication
from deliverability.filters.verdict import FilterVerdict
from deliverability.headers.claims import Claim, Claims
from deliverability.headers.trace import Hop, Trace
from deliverability.headers.verdicts import Verdict, Verdicts
from deliverability.providers.receivers import Checklists, Held
from deliverability.render.documents import text_document


def message_documents(report: Report) -> dict[str, Any]:
    """The details that only a report on a message has, each under its name."""
    details, facts = report.details, report.details.get("facts")
    document: dict[str, Any] = {}
    overview, auth, lists = details.get("message"), details.get("authentication"), details.get("checklists")
    if isinstance(overview, MessageOverview):
        document["message"] = _overview(overview)
    if isinstance(auth, MessageAuthentication):
        document["authentication"] = _authentication(auth)
    if isinstance(lists, Checklists):
        document["receivers"] = _receivers(lists)
    if isinstance(facts, dict):
        trace, claims = facts.get(Trace), facts.get(Claims)
        if isinstance(trace, Trace):
            document["route"] = [_hop(hop) for hop in reversed(trace.hops)]
        if isinstance(claims, Claims):
            document["claims"] = [_claim(c, believed=True) for c in claims.trusted]
            document["claims"] += [_claim(c, believed=False) for c in claims.untrusted]
        said = facts.get(Verdicts)
        if isinstance(said, Verdicts):
            document["verdicts"] = [_verdict(verdict) for verdict in said.verdicts]
    verdicts = details.get("filters")
    if verdicts:
        document["filters"] = _filters(verdicts)
    return document


def _overview(overview: MessageOverview) -> dict[str, Any]:
    return {
        "author": overview.author,
        "date": overview.date.isoformat() if overview.date else None,
        "name": overview.name,
        "octets": overview.octets,
        "stage": overview.stage.value,
        "subject": overview.subject,
        "to": list(overview.to),
    }


def _authentication(auth: MessageAuthentication) -> dict[str, Any]:
    """Results in the words of RFC 8601; `spf` is null where it could not be evaluated."""
    spf, helo, envelope = auth.spf.mail_from, auth.spf.helo, auth.spf.envelope
    return {
        "author_domain": auth.author.domain,
        "client_ip": str(envelope.client_ip) if envelope.client_ip else None,
        "dkim": [
            {"domain": r.domain, "reason": r.reason.value, "result": r.result, "selector": r.selector}
            for r in auth.dkim.results
        ],
        "dkim_not_evaluated": auth.dkim.not_evaluated,
        "dmarc": auth.dmarc.result if auth.dmarc else None,
        "dmarc_7489": auth.dmarc_7489.result if auth.dmarc_7489 else None,
        "helo": envelope.helo,
        "identifiers": [
            {
                "aligned": i.aligned,
                "domain": i.domain,
                "mechanism": i.mechanism,
                "organizational_domain": i.organizational_domain,
                "result": i.result,
            }
            for i in (auth.dmarc.identifiers if auth.dmarc else ())
        ],
        "mail_from": envelope.mail_from,
        "policy": auth.dmarc.policy.policy if auth.dmarc and auth.dmarc.policy else None,
        "spf": {"domain": spf.domain, "result": spf.result.result} if spf else None,
        "spf_helo": {"domain": helo.domain, "result": helo.result.result} if helo else None,
    }


def _receivers(lists: Checklists) -> list[dict[str, Any]]:
    return [
        {
            "id": one.receiver.id,
            "name": text_document(one.receiver.name),
            "requirements": [_held(item) for item in one.items],
            "source": one.receiver.source,
        }
        for one in lists.lists
    ]


def _held(item: Held) -> dict[str, Any]:
    requirement = item.requirement
    return {
        "applies": requirement.applies.value,
        "because": list(item.because),
        "confidence": requirement.confidence,
        "key": requirement.key,
        "label": text_document(requirement.label),
        "reply": requirement.reply,
        "state": item.state.value,
        "threshold": requirement.threshold,
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "by": hop.by,
        "client": str(hop.client) if hop.client else None,
        "date": hop.date.isoformat() if hop.date else None,
        "delay": hop.delay,
        "helo": hop.helo,
        "line": hop.field.line,
        "protocol": hop.protocol,
        "reverse_name": hop.reverse_name,
        "tls": hop.tls,
        "tls_version": hop.tls_version,
    }


def _claim(claim: Claim, *, believed: bool) -> dict[str, Any]:
    return {
        "authserv_id": claim.said.authserv_id,
        "believed": believed,
        "line": claim.field.line,
        "results": [
            {
                "method": result.method,
                "properties": {f"{p.type}.{p.name}": p.value for p in result.properties},
                "reason": result.reason,
                "result": result.result,
            }
            for result in claim.said.results
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "believed": verdict.trusted,
        "details": dict(verdict.details),
        "line": verdict.field.line,
        "score": verdict.score,
        "spam": verdict.spam,
        "symbols": [{"code": s.meaning_code or None, "name": s.name, "score": s.score} for s in verdict.symbols],
        "system": verdict.system,
        "threshold": verdict.threshold,
        "verdict": verdict.verdict,
    }


def _filters(verdicts: Iterable[FilterVerdict]) -> list[dict[str, Any]]:
    return [
        {
            "action": verdict.action,
            "problem": verdict.problem or None,
            "score": verdict.score,
            "symbols": [
                {"code": s.code or None, "description": s.description, "name": s.name, "score": s.score}
                for s in verdict.symbols
            ],
            "system": verdict.system,
            "threshold": verdict.threshold,
        }
        for verdict in verdicts
    ]
