"""A company and its providers, to lay proposals over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import deliverability as dv
from deliverability.audits.effects import BeforeAfter, Effect, Verdict
from deliverability.core.report import Report

DOMAIN = "empresa.example"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
SERVER, UNLISTED = "192.0.2.10", "198.51.100.9"
SPF = f"v=spf1 ip4:{SERVER} include:spf.protection.outlook.com include:_spf.facturas.example ~all"
TODAY: Mapping[str, Any] = {
    "empresa.example/SOA": ["ns1.empresa.example. hostmaster.empresa.example. 1 7200 900 1209600 3600"],
    "empresa.example/NS": ["ns1.empresa.example.", "ns2.proveedor.example."],
    "ns1.empresa.example/A": ["192.0.2.53"],
    "ns2.proveedor.example/A": ["198.51.100.53"],
    "empresa.example/TXT": [SPF],
    "empresa.example/MX": ["0 empresa-example.mail.protection.outlook.com."],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=none; rua=mailto:dmarc@empresa.example"],
    "s1._domainkey.empresa.example/TXT": [KEY],
    "empresa-example.mail.protection.outlook.com/A": ["52.101.68.0"],
    "spf.protection.outlook.com/TXT": ["v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 -all"],
    "_spf.facturas.example/TXT": ["v=spf1 ip4:203.0.113.0/24 -all"],
    "mx.nuevo.example/A": ["203.0.113.25"],
    "10.2.0.192.in-addr.arpa/PTR": ["mail.empresa.example."],
    "mail.empresa.example/A": [SERVER],
}


def table(changes: Mapping[str, Any]) -> dv.TableSource:
    """Today's answers with some changed."""
    return dv.TableSource({key: value for key, value in {**TODAY, **changes}.items() if value is not None})


def profile(*ips: str, selectors: tuple[str, ...] = ("s1",), **more: Any) -> dv.Profile:
    """How the company sends."""
    told = dv.Sending(ips=tuple(map(ip_address, ips or (SERVER,))), selectors=selectors, **more)
    return dv.Profile(sending=told)


def propose(zone: str, *ips: str, over: Mapping[str, Any] | None = None, **more: Any) -> Report:
    """The audit of a proposal in zone-file form."""
    proposed = dv.ZoneSource.from_text(zone, DOMAIN)
    return dv.audit_proposal(DOMAIN, proposed, source=table(over or {}), profile=profile(*ips, **more), now=NOW)


def change_of(report: Report) -> BeforeAfter:
    """What the report says of the change."""
    change = report.details["before_after"]
    assert isinstance(change, BeforeAfter)
    return change


def effect(report: Report, label: str) -> Effect:
    """The effect on one source."""
    found = [e for e in change_of(report).effects.effects if e.sender.label == label]
    assert len(found) == 1, [e.sender.label for e in change_of(report).effects.effects]
    return found[0]


def verdicts(report: Report) -> dict[str, Verdict]:
    """What becomes of each source, by its label."""
    return {e.sender.label: e.verdict for e in change_of(report).effects.effects}
