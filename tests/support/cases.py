"""Running the cases of tests/cases: from the table of a case to the report on it. The form is told in tests/test_cases.py.

The pages of the rules take their examples from the same cases (scripts/rule_pages.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from deliverability.audits.domain import audit_domain_plan
from deliverability.audits.message import read_audit, read_sample
from deliverability.content.probe import LinkCheck, LinkProbe, LinkProblem
from deliverability.core.facts import (
    BlocklistSettings,
    Envelope,
    EnvelopeOrigin,
    MailClass,
    RawMessage,
    Receiving,
    Sample,
    Sending,
)
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import parse_domain
from deliverability.core.plan import Plan, solve
from deliverability.core.report import Report
from deliverability.dnsbl.lists import Holds
from deliverability.dnsbl.settings import Chosen, choose
from deliverability.feedback.facts import ReputationFile
from deliverability.feedback.read import load
from deliverability.headers.unsubscribe import UnsubscribeProbe
from deliverability.sources.table import TableSource
from tests.support.signing import sign_case

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sending_of(fields: dict[str, Any]) -> Sending:
    read = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    if "ips" in read:
        read["ips"] = tuple(ip_address(ip) for ip in read["ips"])
    return Sending(**read)


def message_plan(case: dict[str, Any]) -> Plan[Report]:
    """`message` stands as people write it: LF for CRLF, and beyond ASCII as UTF-8 unless `charset` says otherwise."""
    raw = signed_message(case)[0]
    address = ip_address(case["client_ip"]) if "client_ip" in case else None
    given = {"client_ip", "helo", "mail_from"} & case.keys()
    envelope = Envelope(
        address,
        case.get("mail_from"),
        case.get("helo"),
        EnvelopeOrigin.GIVEN if given - {"mail_from"} else EnvelopeOrigin.NOTHING,
        EnvelopeOrigin.GIVEN if "mail_from" in given else EnvelopeOrigin.NOTHING,
    )
    receiving = {key: tuple(v) if isinstance(v, list) else v for key, v in case.get("receiving", {}).items()}
    if "mail_class" in receiving:
        receiving["mail_class"] = MailClass(receiving["mail_class"])
    audit = read_audit(
        RawMessage(raw, len(raw)),
        now=case.get("now", NOW),
        envelope=envelope,
        sending=sending_of(case.get("sending", {})),
        receiving=Receiving(**receiving),
        blocklists=chosen_lists(case)[0],
        reputation=reputation_of(case),
        others=tuple(sample(_octets(text, "utf-8"), f"#{n}") for n, text in enumerate(case.get("others", ()), 1)),
    )
    if "unsubscribe_probe" in case:
        audit = replace(audit, facts={**audit.facts, UnsubscribeProbe: UnsubscribeProbe(**case["unsubscribe_probe"])})
    if "link_probe" in case:
        checks = tuple(
            LinkCheck(**{**row, "problem": LinkProblem(row["problem"]) if "problem" in row else None})
            for row in case["link_probe"]
        )
        audit = replace(audit, facts={**audit.facts, LinkProbe: LinkProbe(checks)})
    return audit.plan()


def sample(raw: bytes, name: str) -> Sample:
    return read_sample(RawMessage(raw, len(raw)), name, DEFAULT_LIMITS)


def signed_message(case: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """The octets of the message with its signatures, and the answers with their keys."""
    charset = case.get("charset", "utf-8")
    raw, keys = sign_case(_octets(case["message"], charset), case.get("sign", []))
    for old, new in case.get("replace", []):
        assert _octets(old, charset) in raw
        raw = raw.replace(_octets(old, charset), _octets(new, charset))
    return raw + _octets(case.get("append", ""), charset) * case.get("append_times", 1), {
        **keys,
        **case.get("answers", {}),
    }


def reputation_of(case: dict[str, Any]) -> tuple[ReputationFile, ...]:
    return load([text.encode("utf-8") for text in case.get("reputation", ())])


def _octets(text: str, charset: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset)


def chosen_lists(case: dict[str, Any]) -> tuple[Chosen | None, dict[str, Any]]:
    """The blocklists that a case wants asked, and their test entries as answers; those the case has itself win."""
    if "blocklists" not in case:
        return None, {}
    settings = dict(case["blocklists"])
    chosen = choose(
        BlocklistSettings(
            True, tuple(settings.get("lists", ())), settings.get("keys", {}), tuple(settings.get("list", ()))
        )
    )
    working: dict[str, Any] = {}
    for one in chosen.lists if settings.get("working", True) else ():
        entry = one.test_listed
        if entry:
            owner = ".".join(reversed(entry.split("."))) if one.holds is Holds.IP else entry
            working[f"{owner}.{one.zone_for()}/A"] = ["127.0.0.2"]
    return chosen, working


def run_case(case: dict[str, Any]) -> Report:
    chosen, working = chosen_lists(case)
    if working:
        case = {**case, "answers": {**working, **case.get("answers", {})}}
    if "message" in case:
        return solve(message_plan(case), TableSource(signed_message(case)[1]))
    plan = audit_domain_plan(
        parse_domain(case.get("domain", "empresa.example")),
        now=case.get("now", NOW),
        sending=sending_of(case.get("sending", {})),
        blocklists=chosen,
        reputation=reputation_of(case),
    )
    return solve(plan, TableSource(case.get("answers", {})))
