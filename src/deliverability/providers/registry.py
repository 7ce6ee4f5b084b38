"""Mail providers: how each is recognised in DNS, where its DKIM keys live, how it takes submitted mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of providers/esp.toml."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class DetectedProvider:
    """A provider seen in the domain's DNS, and what gave it away."""

    provider: Provider
    #: "dkim-cname", "mx", "spf", "txt", "selector" or "profile"
    seen_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetectedProviders:
    """Fact: the providers behind the domain, strongest evidence first."""

    detected: tuple[DetectedProvider, ...] = ()


def detect(
    *,
    mx_hosts: Iterable[str] = (),
    spf_domains: Iterable[str] = (),
    dkim_targets: Iterable[str] = (),
    txt_records: Iterable[str] = (),
) -> tuple[DetectedProvider, ...]:
    """The providers that these names and texts give away (rules.md §4: label boundaries, longest suffix wins)."""
    return ()
