"""Mail providers: how each is recognised in DNS, where its DKIM keys live, how it takes submitted mail.

The data is providers/esp.toml. Names are compared by whole labels, without regard to case, and the longest suffix
wins: `empresa-es.olc.protection.outlook.com` is Outlook.com although `protection.outlook.com` would be Microsoft 365.
A look-up walks the labels of the name once, whatever the number of providers.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from deliverability.core.data import read_table
from deliverability.core.finding import Evidence
from deliverability.core.names import MAX_NAME
from deliverability.core.text import NO_TEXT, Text


class ProviderKind(StrEnum):
    """What a provider is to the domain that uses it."""

    MAILBOX = "mailbox"  # people have their mailboxes there
    HOSTING = "hosting"  # web hosting with mailboxes, or a panel on the customer's own server
    ESP = "esp"  # takes mail from software: transactional mail
    MARKETING = "marketing"  # campaigns and newsletters
    HELPDESK = "helpdesk"  # support tickets and chat
    CRM = "crm"  # customer management and marketing automation
    SAAS = "saas"  # another product that mails in the customer's name
    GATEWAY = "gateway"  # filters mail on its way in or out
    FORWARDING = "forwarding"  # receives and forwards, does not send for the domain


class KeyForm(StrEnum):
    """What the customer publishes at the selector."""

    CNAME = "cname"  # an alias; the key stays with the provider, who can rotate it
    TXT = "txt"  # the key itself
    EITHER = "either"
    UNKNOWN = ""


class Seen(StrEnum):
    """What gave a provider away, the strongest first."""

    PROFILE = "profile"  # the user said so
    DKIM_CNAME = "dkim-cname"  # the zone that a selector's CNAME points into
    MX = "mx"
    SPF = "spf"
    SELECTOR = "selector"  # a key under a selector name that only this provider uses
    TXT = "txt"  # a verification record


_STRENGTH = {seen: rank for rank, seen in enumerate(Seen)}


class SpfInclude(NamedTuple):
    """A name that the provider's customers put into `include:` (or `redirect=`)."""

    domain: str
    #: The day on which that name was seen to publish `v=spf1`; None: from memory or from public configurations.
    confirmed: date | None = None
    #: False: the provider uses its own MAIL FROM domain, so the customer's SPF does not need it.
    needed: bool = True


class SubmissionTls(StrEnum):
    """How the connection becomes encrypted (RFC 8314 §3)."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"


class Submission(NamedTuple):
    """A place that takes submitted mail. `{region}` in `host` stands for one label."""

    host: str
    port: int
    tls: SubmissionTls
    #: The day on which the provider's own help said so; None: from memory or from public configurations.
    confirmed: date | None = None


class Provider(NamedTuple):
    """One provider of providers/esp.toml."""

    id: str
    name: str
    kind: ProviderKind
    #: It sends mail for its customers.
    sends: bool = True
    #: Its sending addresses serve many customers: PTR, HELO and blocklists of them are the provider's business.
    shared: bool = True
    spf_includes: tuple[SpfInclude, ...] = ()
    #: Selector names that do not differ between customers, in the order in which they are worth asking.
    dkim_selectors: tuple[str, ...] = ()
    #: Regular expressions of selector names that differ between customers or with time.
    selector_patterns: tuple[str, ...] = ()
    #: The zones that the CNAME of a selector points into.
    dkim_zones: tuple[str, ...] = ()
    key_form: KeyForm = KeyForm.UNKNOWN
    mx_suffixes: tuple[str, ...] = ()
    #: Zones that a custom MAIL FROM name points into (CNAME).
    return_path_zones: tuple[str, ...] = ()
    #: How its verification TXT records at the domain begin.
    txt_verification: tuple[str, ...] = ()
    submission: tuple[Submission, ...] = ()
    #: Domains of its own with which it signs (`d=`) for customers who have not set up DKIM for theirs.
    signing_domains: tuple[str, ...] = ()
    notes: Text = NO_TEXT


class DetectedProvider(NamedTuple):
    """A provider seen in the domain's DNS, and what gave it away."""

    provider: Provider
    #: `Seen` values, strongest first.
    seen_in: tuple[str, ...]
    #: The names or texts that did, in the order of `seen_in`.
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectedProviders:
    """Fact: the providers behind the domain, strongest evidence first."""

    detected: tuple[DetectedProvider, ...] = ()
    #: The questions without an answer that could have given another one away: MX, TXT, DKIM selectors.
    unanswered: tuple[Evidence, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The provider ids, in the same order."""
        return tuple(found.provider.id for found in self.detected)

    def __contains__(self, provider_id: object) -> bool:
        return any(found.provider.id == provider_id for found in self.detected)

    def get(self, provider_id: str) -> DetectedProvider | None:
        """The detected provider with that id."""
        return next((found for found in self.detected if found.provider.id == provider_id), None)


def providers() -> tuple[Provider, ...]:
    """Every provider, in the order of providers/esp.toml."""
    return _data().providers


def provider(provider_id: str) -> Provider | None:
    """The provider with that id, in any case; None where there is none."""
    return _data().by_id.get(provider_id.lower())


def provider_of_mx(name: str) -> Provider | None:
    """The provider that runs an MX host."""
    return _longest(_data().mx, name)


def provider_of_spf_include(name: str) -> Provider | None:
    """The provider behind a domain that SPF includes or redirects to; macros in the left-most labels do no harm."""
    return _longest(_data().spf, name)


def provider_of_dkim_target(name: str) -> Provider | None:
    """The provider into whose zone the CNAME of a DKIM selector points."""
    return _longest(_data().dkim, name)


def provider_of_return_path(name: str) -> Provider | None:
    """The provider into whose zone the CNAME of a custom MAIL FROM name points."""
    return _longest(_data().return_path, name)


def provider_of_signing_domain(name: str) -> Provider | None:
    """The provider that signs with this `d=` of its own for customers without DKIM of theirs."""
    return _longest(_data().signing, name)


def provider_of_selector(name: str) -> Provider | None:
    """The provider that alone uses this selector name; None for generic names, which prove nothing."""
    data, selector = _data(), name.lower()
    if len(selector) > MAX_NAME or selector in data.generic:
        return None
    exact = data.selectors.get(selector)
    if exact is not None:
        return exact
    return next((owner for pattern, owner in data.selector_patterns if pattern.fullmatch(selector)), None)


def provider_of_smtp_host(host: str) -> Provider | None:
    """The provider that takes submitted mail at this host, or whose MX it is."""
    name = _normal(host)
    if name is None:
        return None
    exact = _data().smtp.get(name)
    if exact is not None:
        return exact
    return next((owner for pattern, owner in _data().smtp_patterns if pattern.fullmatch(name)), None) or provider_of_mx(
        name
    )


def provider_of_txt(text: str) -> Provider | None:
    """The provider that asked for this verification record at the domain."""
    start = text[:_TXT_START].strip().lower()
    return next((owner for prefix, owner in _data().txt if start.startswith(prefix)), None)


def selectors_for(owner: Provider) -> tuple[str, ...]:
    """The selector names worth asking for a customer of this provider, in order; empty where each customer has its own."""
    return owner.dkim_selectors


def common_selectors(*, thorough: bool = False) -> tuple[str, ...]:
    """Selector names to try when nothing is known: the most common ones, or (`thorough`) every name of the table."""
    return _data().all_selectors if thorough else _data().common


def generic_selectors() -> frozenset[str]:
    """Selector names that many systems use: a key there confirms a provider already seen, and shows none."""
    return _data().generic


def detect(
    *,
    mx_hosts: Iterable[str] = (),
    spf_domains: Iterable[str] = (),
    dkim_targets: Iterable[str] = (),
    txt_records: Iterable[str] = (),
    selectors: Iterable[str] = (),
    told: Iterable[str] = (),
    before: Iterable[DetectedProvider] = (),
) -> tuple[DetectedProvider, ...]:
    """The providers that these names and texts give away, strongest evidence first.

    `selectors` are names under which a key answered, `told` are provider ids from the user's profile; an id that does
    not exist is ignored here. A generic selector name (`default`, `s1`) only confirms a provider already seen.
    `before` are providers detected earlier, to which this evidence is added.
    """
    found: dict[str, list[tuple[Seen, str]]] = {
        earlier.provider.id: [(Seen(seen), name) for seen, name in zip(earlier.seen_in, earlier.names, strict=False)]
        for earlier in before
    }
    selectors = tuple(selectors)
    for seen, name, owner in _evidence(told, dkim_targets, mx_hosts, spf_domains, selectors, txt_records):
        if owner is not None:
            found.setdefault(owner.id, []).append((seen, name))
    for owner_id, names in found.items():
        used = _fixed_selectors(_data().by_id[owner_id])
        names.extend((Seen.SELECTOR, s) for s in selectors if s.lower() in used and (Seen.SELECTOR, s) not in names)
    order = {owner.id: place for place, owner in enumerate(providers())}
    ranked = sorted(found, key=lambda key: (min(_STRENGTH[seen] for seen, _ in found[key]), order[key]))
    return tuple(_detected(_data().by_id[key], found[key]) for key in ranked)


def _fixed_selectors(owner: Provider) -> frozenset[str]:
    return frozenset(selector.lower() for selector in owner.dkim_selectors)


def _evidence(
    told: Iterable[str],
    dkim_targets: Iterable[str],
    mx_hosts: Iterable[str],
    spf_domains: Iterable[str],
    selectors: Iterable[str],
    txt_records: Iterable[str],
) -> Iterator[tuple[Seen, str, Provider | None]]:
    yield from ((Seen.PROFILE, name, provider(name)) for name in told)
    yield from ((Seen.DKIM_CNAME, name, provider_of_dkim_target(name)) for name in dkim_targets)
    yield from ((Seen.MX, name, provider_of_mx(name)) for name in mx_hosts)
    yield from ((Seen.SPF, name, provider_of_spf_include(name)) for name in spf_domains)
    yield from ((Seen.SELECTOR, name, provider_of_selector(name)) for name in selectors)
    yield from ((Seen.TXT, text, provider_of_txt(text)) for text in txt_records)


def _detected(owner: Provider, evidence: list[tuple[Seen, str]]) -> DetectedProvider:
    first: dict[Seen, str] = {}
    for seen, name in sorted(evidence, key=lambda item: _STRENGTH[item[0]]):
        first.setdefault(seen, name)
    return DetectedProvider(owner, tuple(seen.value for seen in first), tuple(first.values()))


# --- the data -------------------------------------------------------------------------------------------------------

#: Characters of a TXT record that are compared with the verification prefixes.
_TXT_START = 80


class _Data(NamedTuple):
    """providers/esp.toml, with one table for each way to look a provider up."""

    providers: tuple[Provider, ...]
    by_id: Mapping[str, Provider]
    mx: Mapping[str, Provider]
    spf: Mapping[str, Provider]
    dkim: Mapping[str, Provider]
    return_path: Mapping[str, Provider]
    signing: Mapping[str, Provider]
    smtp: Mapping[str, Provider]
    smtp_patterns: tuple[tuple[re.Pattern[str], Provider], ...]
    txt: tuple[tuple[str, Provider], ...]
    selectors: Mapping[str, Provider]
    selector_patterns: tuple[tuple[re.Pattern[str], Provider], ...]
    generic: frozenset[str]
    common: tuple[str, ...]
    all_selectors: tuple[str, ...]


@functools.cache
def _data() -> _Data:
    # Read-only data of this package: a cache, not state.
    table = read_table("deliverability.providers", "esp.toml")
    known = tuple(_provider(entry) for entry in table["provider"])
    hosts = [(place.host, owner) for owner in known for place in owner.submission]
    common, generic = tuple(table["common_selectors"]), tuple(table["generic_selectors"])
    of_providers = (selector for owner in known for selector in owner.dkim_selectors)
    return _Data(
        providers=known,
        by_id={owner.id: owner for owner in known},
        mx={suffix: owner for owner in known for suffix in owner.mx_suffixes},
        spf={include.domain: owner for owner in known for include in owner.spf_includes},
        dkim={zone: owner for owner in known for zone in owner.dkim_zones},
        return_path={zone: owner for owner in known for zone in owner.return_path_zones},
        signing={zone: owner for owner in known for zone in owner.signing_domains},
        # Google Workspace and Gmail share a host; the first in the file stands for it.
        smtp={host: owner for host, owner in reversed(hosts) if "{" not in host},
        smtp_patterns=tuple((_template(host), owner) for host, owner in hosts if "{" in host),
        txt=tuple((prefix.lower(), owner) for owner in known for prefix in owner.txt_verification),
        selectors={selector.lower(): owner for owner in known for selector in owner.dkim_selectors},
        selector_patterns=tuple((re.compile(p), owner) for owner in known for p in owner.selector_patterns),
        generic=frozenset(selector.lower() for selector in generic),
        common=common,
        all_selectors=tuple(dict.fromkeys((*common, *of_providers, *generic))),
    )


def _provider(entry: Mapping[str, Any]) -> Provider:
    return Provider(
        id=entry["id"],
        name=entry["name"],
        kind=ProviderKind(entry["kind"]),
        sends=entry.get("sends", True),
        shared=entry.get("shared", True),
        spf_includes=tuple(SpfInclude(**include) for include in entry.get("spf_includes", ())),
        dkim_selectors=tuple(entry.get("dkim_selectors", ())),
        selector_patterns=tuple(entry.get("selector_patterns", ())),
        dkim_zones=tuple(entry.get("dkim_zones", ())),
        key_form=KeyForm(entry.get("key_form", "")),
        mx_suffixes=tuple(entry.get("mx_suffixes", ())),
        return_path_zones=tuple(entry.get("return_path_zones", ())),
        txt_verification=tuple(entry.get("txt_verification", ())),
        submission=tuple(_submissions(entry.get("submission", ()))),
        signing_domains=tuple(entry.get("signing_domains", ())),
        notes=Text(**entry["notes"]) if "notes" in entry else NO_TEXT,
    )


def _submissions(entries: Iterable[Mapping[str, Any]]) -> Iterator[Submission]:
    for entry in entries:
        for port in entry["ports"]:
            # RFC 8314 §3.3: 465 is TLS from the first octet; every other port starts in the clear.
            tls = SubmissionTls.IMPLICIT if port == 465 else SubmissionTls.STARTTLS
            yield Submission(entry["host"], port, tls, entry.get("confirmed"))


def _template(host: str) -> re.Pattern[str]:
    """`email-smtp.{region}.amazonaws.com` as an expression in which the braces stand for one label."""
    return re.compile(r"\.".join("[a-z0-9-]+" if "{" in label else re.escape(label) for label in host.split(".")))


def _normal(name: str) -> str | None:
    """Lower case without the final dot; None where no DNS name is that long."""
    if len(name) > MAX_NAME + 1:
        return None
    return name.lower().removesuffix(".")


def _longest(table: Mapping[str, Provider], name: str) -> Provider | None:
    """The owner of the longest suffix of `name`, by whole labels."""
    suffix = _normal(name)
    while suffix:
        owner = table.get(suffix)
        if owner is not None:
            return owner
        suffix = suffix.partition(".")[2]
    return None
