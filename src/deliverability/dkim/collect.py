"""What the domain audit asks about DKIM keys.

Theory of operation. The selectors of a domain cannot be listed from DNS (RFC 6376 §3.1), so the audit asks for names
that are likely: those the user gave, those of the providers that MX and SPF show, and a few that many systems use.
All go out at once, with two more questions beside them. One, at `_domainkey` itself, can prove that there is nothing
below (RFC 8020 §2). The other, at a name that nobody would make up, shows a wildcard: whatever answers there says
nothing about a selector. That name is computed from the domain, so the same audit asks the same questions again.

A second round follows only where an expected selector is missing: many panels add the domain to a name that already
ends in it, and the key then lies at `selector._domainkey.empresa.example.empresa.example`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, NamedTuple, cast

from deliverability.core.facts import AuditedDomain, DkimPresence, Presence, Sending
from deliverability.core.finding import evidence_of
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, child, parse_domain, query_name, registrable_domain
from deliverability.core.patterns import pattern
from deliverability.core.plan import Plan, ask_txt, gather
from deliverability.core.questions import Answer, Failed, Found, NoData, NoName, TxtStrings, join_strings
from deliverability.dkim.facts import DkimFacts, Origin, Selector, missing_sibling
from deliverability.dkim.record import DkimKey, parse_key
from deliverability.providers.registry import (
    DetectedProvider,
    DetectedProviders,
    Provider,
    common_selectors,
    detect,
    generic_selectors,
    provider_of_dkim_target,
    selectors_for,
)

#: Questions of one domain in the first round, unless the user gave more selectors or wants all of them.
MAX_QUESTIONS = 25
_PROBES = 2
#: Questions of the second round.
_MAX_DOUBLED = 4

_LABEL = "_domainkey"  # RFC 6376 §3.6.2.1
_WHOLE_NAME = pattern(r"\._domainkey(?:\..*)?", re.IGNORECASE | re.DOTALL)


class _Candidate(NamedTuple):
    selector: str
    name: DomainName
    origin: Origin
    provider: Provider | None


def collect(
    domain: AuditedDomain, sending: Sending, providers: Sequence[DetectedProvider] = (), limits: Limits = DEFAULT_LIMITS
) -> Plan[dict[type, object]]:
    """The DKIM facts of a domain, by their types: `DkimFacts`, `DkimPresence`, and `DetectedProviders` with what the keys add."""
    seen = detect(told=sending.providers, before=providers)
    facts = yield from _look(domain, sending, seen, limits)
    providers_after = detect(
        before=seen,
        dkim_targets=[alias for s in facts.selectors if not s.synthesised for alias in s.aliases],
        selectors=[s.selector for s in facts.existing if any(key.is_key_record for key in s.keys)],
    )
    unanswered = [evidence_of(s.question, s.answer) for s in facts.selectors if isinstance(s.answer, Failed)]
    detected = DetectedProviders(providers_after, tuple(unanswered))
    return {DkimFacts: facts, DkimPresence: _presence(facts), DetectedProviders: detected}


def keys_plan(
    domain: str, selectors: Iterable[str] = (), *, limits: Limits = DEFAULT_LIMITS
) -> Plan[tuple[Selector, ...]]:
    """The selectors of a domain that have records: of those given, or else of every name that is known to be used.

    Raises `InvalidDomainName` for a domain that cannot be one.
    """
    name = parse_domain(domain)
    given = tuple(selectors)
    audited = AuditedDomain(name, registrable_domain(name) or name, False if given else None)
    facts = yield from _look(audited, Sending(selectors=given, all_selectors=not given), (), limits)
    return tuple(facts.existing)


def _look(
    domain: AuditedDomain, sending: Sending, providers: Sequence[DetectedProvider], limits: Limits
) -> Plan[DkimFacts]:
    above = child(_LABEL, domain.name)
    probe = child(_probe_label(domain.name), above)
    wanted, untried, invalid = _candidates(domain, sending, providers)
    answers = yield from gather(ask_txt(above), ask_txt(probe), *(ask_txt(candidate.name) for candidate in wanted))
    wildcard = answers[1]
    detected = {found.provider.id for found in providers}
    selectors = [
        _selector(candidate, answer, wildcard, detected, limits)
        for candidate, answer in zip(wanted, answers[2:], strict=True)
    ]
    second: tuple[Any, ...] = yield from gather(_look_at_doubled(domain.name, selectors), _look_at_sibling(selectors))
    selectors = second[0]
    return DkimFacts(
        domain.name,
        tuple(selectors),
        answers[0],
        probe,
        wildcard,
        _keys(wildcard, limits),
        untried,
        invalid,
    )


def _probe_label(domain: DomainName) -> str:
    """A label that nobody uses, the same each time for the same domain."""
    return "no-selector-" + hashlib.sha256(domain.encode("ascii")).hexdigest()[:16]


def _selector(candidate: _Candidate, answer: Answer, wildcard: Answer, detected: set[str], limits: Limits) -> Selector:
    aliases = () if isinstance(answer, Failed) else answer.aliases
    target = next((owner for alias in reversed(aliases) if (owner := provider_of_dkim_target(alias))), None)
    provider = target or candidate.provider
    return Selector(
        selector=candidate.selector,
        name=candidate.name,
        origin=candidate.origin,
        answer=answer,
        keys=_keys(answer, limits),
        provider=provider,
        in_use=candidate.origin is Origin.GIVEN or (provider is not None and provider.id in detected),
        synthesised=_same(answer, wildcard),
    )


def _same(answer: Answer, wildcard: Answer) -> bool:
    """Whether `answer` is what the wildcard gives for any name (RFC 4592 §2.1.1)."""
    if isinstance(answer, Found) and isinstance(wildcard, Found):
        return set(answer.records) == set(wildcard.records) and answer.aliases == wildcard.aliases
    if isinstance(answer, (NoData, NoName)) and isinstance(wildcard, (NoData, NoName)):
        return bool(answer.aliases) and answer.aliases == wildcard.aliases
    return False


def _keys(answer: Answer, limits: Limits) -> tuple[DkimKey, ...]:
    """RFC 6376 §3.6.2.2: the strings of a record are joined with nothing between."""
    records = answer.records[: limits.answer_records] if isinstance(answer, Found) else ()
    return tuple(parse_key(join_strings(cast(TxtStrings, record)), limits=limits) for record in records)


# --- which selectors ------------------------------------------------------------------------------------------------


def _candidates(
    domain: AuditedDomain, sending: Sending, providers: Sequence[DetectedProvider]
) -> tuple[list[_Candidate], tuple[str, ...], tuple[str, ...]]:
    """What to ask for, what is left out, and what cannot be asked for."""
    wanted: dict[str, _Candidate] = {}
    invalid: list[str] = []
    for text in sending.selectors:
        candidate = _candidate(given_selector(text), domain.name, Origin.GIVEN, None)
        if candidate is None:
            invalid.append(text)
        else:
            wanted.setdefault(candidate.name, candidate)
    room = max(MAX_QUESTIONS - _PROBES, len(wanted))
    untried: list[str] = []
    for selector, owner in _guesses(domain, sending, providers):
        candidate = _candidate(selector, domain.name, Origin.PROVIDER if owner else Origin.COMMON, owner)
        if candidate is None or candidate.name in wanted:
            continue
        if len(wanted) < room or sending.all_selectors:
            wanted[candidate.name] = candidate
        else:
            untried.append(selector)
    return list(wanted.values()), tuple(untried), tuple(invalid)


def given_selector(text: str) -> str:
    """The selector in what a user gave: `s1`, or the whole name `s1._domainkey.empresa.example`."""
    return _WHOLE_NAME.sub("", text.strip()).lower()


def _candidate(selector: str, domain: DomainName, origin: Origin, owner: Provider | None) -> _Candidate | None:
    name = query_name(f"{selector}.{_LABEL}.{domain}") if selector else None
    return _Candidate(selector, name, origin, owner) if name is not None else None


def _guesses(
    domain: AuditedDomain, sending: Sending, providers: Sequence[DetectedProvider]
) -> Iterator[tuple[str, Provider | None]]:
    """Selectors likely to exist: one after another of each provider seen, then those that many systems use."""
    if domain.sends is False or sending.sends is False:
        return  # a domain that sends nothing needs no key; its `_domainkey` is still looked at
    each = [[(selector, found.provider) for selector in selectors_for(found.provider)] for found in providers]
    for row in zip_longest(*each):
        yield from (guess for guess in row if guess is not None)
    yield from ((selector, None) for selector in common_selectors(thorough=sending.all_selectors))


# --- names doubled by a panel ---------------------------------------------------------------------------------------


def _look_at_doubled(domain: DomainName, selectors: list[Selector]) -> Plan[list[Selector]]:
    """Ask for expected selectors that are missing once more, with the domain twice at the end of the name."""
    names = {s.name: doubled for s in _missing(selectors) if (doubled := query_name(f"{s.name}.{domain}")) is not None}
    chosen = dict(list(names.items())[:_MAX_DOUBLED])
    answers = yield from gather(*(ask_txt(name) for name in chosen.values()))
    found = dict(zip(chosen, answers, strict=True))
    return [replace(s, doubled=found[s.name]) if s.name in found else s for s in selectors]


def _missing(selectors: list[Selector]) -> Iterator[Selector]:
    """The given selectors that are absent, and the first one of each provider of which none is there."""
    yield from (s for s in selectors if s.origin is Origin.GIVEN and s.absent)
    there = {s.provider.id for s in selectors if s.provider and (not s.absent)}
    for s in selectors:
        if s.origin is Origin.PROVIDER and s.absent and s.provider and s.provider.id not in there:
            there.add(s.provider.id)
            # A generic name may belong to anybody; only names that show their provider are worth a question.
            if s.selector.lower() not in generic_selectors() or s.provider.id == "microsoft365":
                yield s


def _look_at_sibling(selectors: list[Selector]) -> Plan[None]:
    """Ask where the missing one of Microsoft's two selectors should lead: a CNAME that is proposed is tried first."""
    missing = missing_sibling(selectors)
    if missing is not None:
        yield from ask_txt(missing[1])


# --- what it comes to -----------------------------------------------------------------------------------------------


def _presence(facts: DkimFacts) -> DkimPresence:
    usable = tuple(s.selector for s in facts.selectors if s.usable)
    if usable:
        return DkimPresence(Presence.FOUND, usable)
    return DkimPresence(Presence.ABSENT if facts.proven_absent else Presence.UNKNOWN)
