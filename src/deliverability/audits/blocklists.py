"""The blocklist part of an audit: what of a domain or a message can be listed, and what the lists say about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

from deliverability.content.links import Links
from deliverability.core.addresses import is_public
from deliverability.core.facts import AuditedDomain, Moment, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import query_name
from deliverability.core.plan import Plan, done
from deliverability.core.profile import Profile
from deliverability.core.questions import IPAddress
from deliverability.core.report import Report, judge, score_of
from deliverability.dkim.verification import DkimVerification
from deliverability.dnsbl.collect import Targets, collect
from deliverability.dnsbl.facts import BlocklistFacts, Role
from deliverability.dnsbl.lookup import Target
from deliverability.dnsbl.rules import RULES as BLOCKLIST_RULES
from deliverability.dnsbl.settings import Chosen
from deliverability.feedback.collect import reputation_facts
from deliverability.feedback.facts import Reputation, ReputationFile
from deliverability.feedback.rules import RULES as FEEDBACK_RULES
from deliverability.hosts.facts import MailHosts
from deliverability.registry import RULES_VERSION

#: What a report on one address or domain is judged by.
_RULES = (*BLOCKLIST_RULES, *FEEDBACK_RULES)
#: MX hosts whose addresses are asked about.
_MX_HOSTS = 5


def blocklist_facts_plan(
    facts: Mapping[type, object], chosen: Chosen | None, limits: Limits
) -> Plan[dict[type, object]]:
    """The fact `BlocklistFacts` from the facts of an audit; nothing where nobody wants the lists asked."""
    if chosen is None:
        return (yield from done({}))
    sending = facts.get(Sending)
    told = sending if isinstance(sending, Sending) else Sending()
    return (
        yield from collect(
            _targets(facts, told).found, chosen.lists, sending=told, dead_zones=chosen.dead, limits=limits
        )
    )


def _targets(facts: Mapping[type, object], sending: Sending) -> Targets:
    targets = Targets()
    for address in sending.ips:
        _add_address(targets, address, Role.SENDING)
    domain, mail = facts.get(AuditedDomain), facts.get(MailHosts)
    if isinstance(domain, AuditedDomain):
        targets.add(domain.name, Role.FROM)
    targets.add(sending.envelope_domain, Role.RETURN_PATH)
    if sending.helo:
        targets.add(query_name(sending.helo) if "." in sending.helo else None, Role.HELO)
    if isinstance(mail, MailHosts):
        for host in mail.hosts[:_MX_HOSTS]:
            for address in host.addresses.addresses if host.addresses is not None else ():
                _add_address(targets, address, Role.MX)
    _add_message(targets, facts)
    return targets


def _add_message(targets: Targets, facts: Mapping[type, object]) -> None:
    """What only a message shows: who signed it, and where its links lead."""
    dkim, links = facts.get(DkimVerification), facts.get(Links)
    if isinstance(dkim, DkimVerification):
        for result in dkim.results:
            targets.add(query_name(result.domain) if result.domain else None, Role.DKIM)
    if isinstance(links, Links):
        for link in links.links:
            host = link.target.host
            targets.add(query_name(host) if host and "." in host else None, Role.LINK)


def _add_address(targets: Targets, address: IPAddress, role: Role) -> None:
    """A list of the public Internet knows nothing about private addresses."""
    if is_public(address, documentation=True):
        targets.add(address, role)


def blocklist_reports_plan(
    targets: Sequence[Target],
    chosen: Chosen,
    *,
    now: datetime,
    profile: Profile,
    limits: Limits = DEFAULT_LIMITS,
    reputation: tuple[ReputationFile, ...] = (),
) -> Plan[tuple[Report, ...]]:
    """One report for each address or domain that somebody asks about; all lists are asked about all of them at once."""
    asked = dict.fromkeys(targets, (Role.ASKED,))
    found = yield from collect(asked, chosen.lists, sending=profile.sending, dead_zones=chosen.dead, limits=limits)
    facts = found[BlocklistFacts]
    if not isinstance(facts, BlocklistFacts):
        raise TypeError("collect gives the facts of blocklists")
    return tuple(_report(target, facts, now, profile, reputation) for target in asked)


def _report(
    asked: Target, facts: BlocklistFacts, now: datetime, profile: Profile, reputation: tuple[ReputationFile, ...]
) -> Report:
    target = str(asked)
    own = replace(facts, listings=tuple(one for one in facts.listings if one.target == target))
    own = replace(own, platforms={a: p for a, p in own.platforms.items() if a == target})
    address = asked if isinstance(asked, IPv4Address | IPv6Address) else None
    told = reputation_facts(reputation, now.date(), domain="" if address else target, address=address)
    checked, ignored, expired = profile.apply(judge(_RULES, {BlocklistFacts: own, Moment: Moment(now), **told}), now)
    return Report(
        subject=target,
        kind="blocklist",
        now=now,
        checked=checked,
        score=score_of(checked),
        rules_version=RULES_VERSION,
        ignored=ignored,
        expired_ignores=expired,
        details={"blocklists": own} | ({"reputation": told[Reputation]} if told else {}),
        fail_on=profile.fail_on,
        incomplete_fails=profile.incomplete == "fail",
        rule_pages=profile.rule_pages,
    )
