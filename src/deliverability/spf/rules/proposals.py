"""Which senders can honestly be put into a record: those the user named, and those that DNS shows."""

from __future__ import annotations

from deliverability.core.facts import Sending
from deliverability.core.names import MAX_NAME
from deliverability.providers.registry import (
    DetectedProviders,
    Provider,
    ProviderKind,
    Seen,
    provider,
    provider_of_smtp_host,
)
from deliverability.spf import repair

#: Evidence strong enough to propose a provider: a verification record or a stray selector alone is not.
_STRONG = frozenset({Seen.PROFILE.value, Seen.DKIM_CNAME.value, Seen.MX.value})


def told_providers(sending: Sending) -> tuple[Provider, ...]:
    """The providers the user named, by id or by the host mail is submitted to."""
    named = [provider(provider_id) for provider_id in sending.providers]
    named.append(provider_of_smtp_host(sending.smtp_host) if sending.smtp_host else None)
    return tuple({owner.id: owner for owner in named if owner is not None}.values())


def include_of(owner: Provider) -> str | None:
    """`include:…` for a provider whose customers need it; None where they do not, or where the name is personal."""
    if not owner.sends:
        return None
    usable = (i.domain for i in owner.spf_includes if i.needed and len(i.domain) <= MAX_NAME and "<" not in i.domain)
    name = next((domain for domain in usable if "{" not in domain), None)
    return f"include:{name}" if name else None


def known_senders(sending: Sending, detected: DetectedProviders | None) -> list[str]:
    """Mechanisms for a first record; empty where nothing is known of how the domain sends."""
    strong = (seen for seen in (detected.detected if detected else ()) if _STRONG.intersection(seen.seen_in))
    shown = (seen.provider for seen in strong if seen.provider.kind is not ProviderKind.GATEWAY)
    words = [include_of(owner) for owner in (*told_providers(sending), *shown)]
    words += [repair.address_word(ip) for ip in sending.ips]
    return list(dict.fromkeys(word for word in words if word))
