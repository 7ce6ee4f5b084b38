"""DMARC for one message: do its authenticated identifiers belong to the author domain? (RFC 9989 §4.4, §5.3)

The caller brings what SPF said about the MAIL FROM domain and what DKIM said about each signature; nothing here reads
an Authentication-Results field. Identifiers are compared as names, never as text: in strict mode they have to be equal,
in relaxed mode to have one organizational domain, found by a walk for each (§4.10.2). Walks are made only for
identifiers that could decide, all of them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeAlias

from deliverability.core.names import DomainName
from deliverability.core.plan import Plan, Source
from deliverability.core.run import run
from deliverability.dmarc.discovery import (
    DmarcPolicy,
    PolicyState,
    discover_plan,
    organizational_domain,
    walk,
)
from deliverability.dmarc.record import Policy, Spec
from deliverability.dmarc.walk import as_domain, ask_policies, organizational_by_list, walk_names

#: The result of a check and the domain it is about: ("pass", "empresa.example").
Authenticated: TypeAlias = tuple[str, str | None]
DmarcWord: TypeAlias = Literal["pass", "fail", "none", "temperror", "permerror"]

#: Signatures of one message that are compared; more is an attack, and the first ones decide (reliability: 10 verified).
MAX_IDENTIFIERS = 50


class Reason(StrEnum):
    """Why the result is what it is."""

    SPF_ALIGNED = "spf-aligned"
    DKIM_ALIGNED = "dkim-aligned"
    NO_POLICY = "no-policy"
    POLICY_TEMPERROR = "policy-temperror"
    POLICY_UNUSABLE = "policy-unusable"
    NO_AUTHENTICATED_IDENTIFIER = "no-authenticated-identifier"
    NOT_ALIGNED = "not-aligned"
    IDENTIFIER_TEMPERROR = "identifier-temperror"  # an identifier that could align could not be verified
    ALIGNMENT_UNKNOWN = "alignment-unknown"  # the walk of an identifier failed
    AUTHOR_DOMAIN_INVALID = "author-domain-invalid"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier that SPF or DKIM speaks for, and how it stands to the author domain."""

    mechanism: Literal["spf", "dkim"]
    #: The result of SPF or of the signature.
    result: str
    domain: DomainName
    strict: bool = False
    organizational_domain: DomainName | None = None
    #: None: a question that decides it failed, or its mechanism had an aligned pass without it.
    aligned: bool | None = False


@dataclass(frozen=True, slots=True)
class DmarcResult:
    """The DMARC result of a message, in the words of RFC 8601 (RFC 9989 §9.2)."""

    result: DmarcWord
    author_domain: str
    policy: DmarcPolicy | None
    #: SPF passed for an aligned MAIL FROM domain.
    aligned_spf: bool = False
    #: At least one signature that verified is of an aligned domain.
    aligned_dkim: bool = False
    identifiers: tuple[Identifier, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def disposition(self) -> Policy | None:
        """What the domain asks to be done with this message; None unless it failed."""
        return self.policy.policy if self.result == "fail" and self.policy else None


def evaluate(
    author_domain: str,
    *,
    spf: Authenticated | None = None,
    dkim: Sequence[Authenticated] = (),
    spec: Spec = "9989",
    source: Source | None = None,
) -> DmarcResult:
    """The DMARC result for mail of `author_domain`, the domain of its one From address.

    `spf` is the result for the MAIL FROM domain (HELO only for a null sender, RFC 9989 §4.4.2); `dkim` has a pair for
    each signature: its result and its `d=`. A text that is no domain gives permerror.
    """
    return run(evaluate_plan(author_domain, spf=spf, dkim=dkim, spec=spec), source)


def evaluate_plan(
    author_domain: str,
    *,
    spf: Authenticated | None = None,
    dkim: Sequence[Authenticated] = (),
    spec: Spec = "9989",
) -> Plan[DmarcResult]:
    """`evaluate` as a plan."""
    author = as_domain(author_domain)
    if author is None:
        return DmarcResult("permerror", author_domain, None, reasons=(Reason.AUTHOR_DOMAIN_INVALID,))
    policy = yield from discover_plan(author, spec=spec)
    early = _without_policy(author, policy)
    if early is not None:
        return early
    identifiers = yield from _align(author, policy, _identifiers(policy, spf, dkim))
    return _judge(author, policy, identifiers)


def _without_policy(author: DomainName, policy: DmarcPolicy) -> DmarcResult | None:
    """RFC 9989 §5.3.2: without a policy there is nothing to evaluate; §5.3.6: with a failed question neither."""
    match policy.state:
        case PolicyState.ABSENT:
            return DmarcResult("none", author, policy, reasons=(Reason.NO_POLICY,))
        case PolicyState.TEMPERROR:
            return DmarcResult("temperror", author, policy, reasons=(Reason.POLICY_TEMPERROR,))
        case PolicyState.PERMERROR:
            return DmarcResult("permerror", author, policy, reasons=(Reason.POLICY_UNUSABLE,))
        case PolicyState.FOUND:
            return None


def _identifiers(policy: DmarcPolicy, spf: Authenticated | None, dkim: Sequence[Authenticated]) -> list[Identifier]:
    """What could decide: passes, and checks that could not be made. A failure authenticates nothing."""
    found: dict[tuple[str, str, DomainName], Identifier] = {}
    offers: list[tuple[Literal["spf", "dkim"], Authenticated, bool]] = []
    if spf is not None:
        offers.append(("spf", spf, policy.strict_spf))
    offers.extend(("dkim", pair, policy.strict_dkim) for pair in dkim[:MAX_IDENTIFIERS])
    for mechanism, (result, text), strict in offers:
        domain = as_domain(text) if text else None
        if domain is not None and result in ("pass", "temperror"):
            found.setdefault((mechanism, result, domain), Identifier(mechanism, result, domain, strict))
    return list(found.values())


def _align(author: DomainName, policy: DmarcPolicy, identifiers: Iterable[Identifier]) -> Plan[tuple[Identifier, ...]]:
    items = list(identifiers)
    # RFC 9989 §4.10.2: equal names need no walk, and in strict mode nothing but equality counts.
    settled = {item.mechanism for item in items if item.domain == author and item.result == "pass"}
    unclear = [i for i in items if i.domain != author and not i.strict and i.mechanism not in settled]
    organizations = yield from _organizations({item.domain for item in unclear}, policy.spec)
    return tuple(_aligned(item, author, policy, organizations) for item in items)


def _organizations(domains: set[DomainName], spec: Spec) -> Plan[dict[DomainName, DomainName | None]]:
    ordered = sorted(domains)
    if spec == "7489":
        return {domain: organizational_by_list(domain) for domain in ordered}
    steps = yield from ask_policies(name for domain in ordered for name in walk_names(domain))
    return {domain: organizational_domain(walk(domain, steps)) for domain in ordered}


def _aligned(
    item: Identifier,
    author: DomainName,
    policy: DmarcPolicy,
    organizations: dict[DomainName, DomainName | None],
) -> Identifier:
    """Strict alignment is equality (RFC 9989 §3.2.10.2), relaxed one organizational domain (§3.2.10.1)."""
    if item.domain == author:
        return replace(item, organizational_domain=policy.organizational_domain, aligned=True)
    if item.strict:
        return replace(item, aligned=False)
    if item.domain not in organizations:  # not looked up: its mechanism has an aligned pass already
        return replace(item, aligned=None)
    theirs, ours = organizations[item.domain], policy.organizational_domain
    if theirs is None or ours is None:  # RFC 9989 §5.3.6: a question of a walk failed
        return replace(item, organizational_domain=theirs, aligned=None)
    return replace(item, organizational_domain=theirs, aligned=theirs == ours)


def _judge(author: DomainName, policy: DmarcPolicy, identifiers: tuple[Identifier, ...]) -> DmarcResult:
    passed = [item for item in identifiers if item.result == "pass" and item.aligned]
    spf = any(item.mechanism == "spf" for item in passed)
    dkim = any(item.mechanism == "dkim" for item in passed)
    if passed:  # RFC 9989 §5.3.5
        reasons = [Reason.SPF_ALIGNED] * spf + [Reason.DKIM_ALIGNED] * dkim
        return DmarcResult("pass", author, policy, spf, dkim, identifiers, tuple(reasons))
    if any(item.aligned is None for item in identifiers):  # RFC 9989 §5.3.6: neither pass nor fail
        return DmarcResult("temperror", author, policy, False, False, identifiers, (Reason.ALIGNMENT_UNKNOWN,))
    if any(item.result == "temperror" and item.aligned for item in identifiers):
        return DmarcResult("temperror", author, policy, False, False, identifiers, (Reason.IDENTIFIER_TEMPERROR,))
    authenticated = any(item.result == "pass" for item in identifiers)
    reason = Reason.NOT_ALIGNED if authenticated else Reason.NO_AUTHENTICATED_IDENTIFIER
    return DmarcResult("fail", author, policy, False, False, identifiers, (reason,))
