"""The audit of a sending domain.

Theory of operation. Round one asks everything that the name alone tells: SPF, MX, the zone, DMARC along the whole
tree walk. DKIM waits one round for MX and SPF, since the providers seen there say which selectors to ask. Topics run
side by side and know nothing of each other; what one may know of another passes through `core.facts`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from deliverability.core.facts import AuditedDomain, Moment, Sending
from deliverability.core.finding import evidence_of
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, registrable_domain
from deliverability.core.plan import Plan, ask, gather
from deliverability.core.profile import Profile
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, MxRecord, TxtStrings, join_strings
from deliverability.core.report import Report, judge, score_of
from deliverability.core.rule import Facts, RuleSet
from deliverability.dkim.collect import collect as collect_dkim
from deliverability.dmarc.collect import collect as collect_dmarc
from deliverability.dmarc.facts import DmarcFacts
from deliverability.hosts.collect import collect as collect_hosts
from deliverability.providers.registry import DetectedProviders, detect
from deliverability.registry import RULES_VERSION
from deliverability.registry.domain import DOMAIN_RULES
from deliverability.spf.collect import collect as collect_spf
from deliverability.spf.facts import SpfFacts
from deliverability.spf.record import is_spf, targets

if TYPE_CHECKING:
    from deliverability.dnsbl.settings import Chosen
    from deliverability.feedback.facts import ReputationFile

#: Nobody told how the domain sends, or what to set aside.
NOTHING_TOLD = Sending()
NO_PROFILE = Profile()
_RULES = RuleSet(DOMAIN_RULES)


def audit_domain_plan(
    name: DomainName,
    *,
    now: datetime,
    sending: Sending = NOTHING_TOLD,
    profile: Profile = NO_PROFILE,
    limits: Limits = DEFAULT_LIMITS,
    blocklists: Chosen | None = None,
    reputation: tuple[ReputationFile, ...] = (),
) -> Plan[Report]:
    """The report on a sending domain; `blocklists` None: they are not asked."""
    facts = yield from domain_facts_plan(name, sending, limits)
    facts[Moment] = Moment(now)
    if blocklists is None and not reputation:
        return _report(name, now, facts, profile, _RULES)
    # Loaded only where somebody wants them: they bring the readers of mail with them.
    from deliverability.audits.blocklists import blocklist_facts_plan  # noqa: PLC0415
    from deliverability.feedback.collect import reputation_facts  # noqa: PLC0415
    from deliverability.registry.every import RULES  # noqa: PLC0415

    facts |= yield from blocklist_facts_plan(facts, blocklists, limits)
    facts |= reputation_facts(reputation, now.date(), domain=name)
    return _report(name, now, facts, profile, RuleSet(RULES))


def domain_facts_plan(name: DomainName, sending: Sending, limits: Limits) -> Plan[dict[type, object]]:
    """Everything the rules about a domain need but the clock."""
    domain = AuditedDomain(name, registrable_domain(name) or name, sending.sends)
    spf, hosts, dmarc, dkim = yield from gather(
        collect_spf(domain, sending, limits),
        collect_hosts(domain, sending, limits),
        collect_dmarc(domain, sending, limits),
        _dkim_by_provider(domain, sending, limits),
    )
    return {AuditedDomain: domain, Sending: sending, **spf, **hosts, **dmarc, **dkim}


def _report(name: DomainName, now: datetime, facts: Facts, profile: Profile, rules: RuleSet) -> Report:
    checked, ignored, expired = profile.apply(judge(rules, facts), now)
    return Report(
        subject=name,
        kind="domain",
        now=now,
        checked=checked,
        score=score_of(checked),
        rules_version=RULES_VERSION,
        ignored=ignored,
        expired_ignores=expired,
        details=domain_details(facts),
        fail_on=profile.fail_on,
        incomplete_fails=profile.incomplete == "fail",
        rule_pages=profile.rule_pages,
    )


def domain_details(facts: Facts) -> dict[str, Any]:
    """What renderers draw in full."""
    details: dict[str, Any] = {}
    domain = facts.get(AuditedDomain)
    if isinstance(domain, AuditedDomain):
        details["sends"] = domain.sends
    spf, dmarc, providers = facts.get(SpfFacts), facts.get(DmarcFacts), facts.get(DetectedProviders)
    if isinstance(spf, SpfFacts):
        details["spf_tree"] = spf.tree
    if isinstance(dmarc, DmarcFacts):
        details["dmarc"] = dmarc
    if isinstance(providers, DetectedProviders):
        details["providers"] = providers
    for kind, fact in facts.items():  # by name, so that the types need not be loaded where there are none
        if kind.__name__ in _MORE_DETAILS:
            details[_MORE_DETAILS[kind.__name__]] = fact
    return details


_MORE_DETAILS = {"BlocklistFacts": "blocklists", "Reputation": "reputation"}


def _dkim_by_provider(domain: AuditedDomain, sending: Sending, limits: Limits) -> Plan[dict[type, object]]:
    """DKIM keys under the selectors of the providers that MX and SPF give away."""
    mx, txt = yield from gather(ask(domain.name, "MX"), ask(domain.name, "TXT"))
    texts = _texts(txt)
    providers = detect(mx_hosts=_exchanges(mx), spf_domains=_spf_domains(texts), txt_records=texts)
    facts = yield from collect_dkim(domain, sending, providers, limits)
    found = cast(DetectedProviders, facts[DetectedProviders])
    asked = ((DnsQuestion(domain.name, "MX"), mx), (DnsQuestion(domain.name, "TXT"), txt))
    unanswered = tuple(evidence_of(question, answer) for question, answer in asked if isinstance(answer, Failed))
    return {**facts, DetectedProviders: replace(found, unanswered=(*unanswered, *found.unanswered))}


def _exchanges(answer: Answer) -> list[str]:
    return [cast(MxRecord, record).exchange for record in answer.records] if isinstance(answer, Found) else []


def _texts(answer: Answer) -> list[str]:
    records: tuple[Any, ...] = answer.records if isinstance(answer, Found) else ()
    return [join_strings(cast(TxtStrings, record)).decode("latin-1") for record in records]


def _spf_domains(texts: list[str]) -> list[str]:
    """The names that the domain's own SPF records include or redirect to."""
    return [name for text in texts if is_spf(text) for name in targets(text)]
