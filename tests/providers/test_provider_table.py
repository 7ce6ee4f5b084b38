"""Lint of providers/esp.toml: a name that two providers claim, or that DNS cannot hold, is a mistake."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from importlib import resources
from typing import Any

from deliverability.core.names import is_host_name, query_name
from deliverability.providers import registry
from deliverability.providers.registry import KeyForm, Provider, Submission

TABLE: dict[str, Any] = tomllib.loads(
    resources.files("deliverability.providers").joinpath("esp.toml").read_text("utf-8")
)
PROVIDERS = registry.providers()

# A key that is not among these would be read by nobody.
KEYS = {
    "id", "name", "kind", "sends", "shared", "spf_includes", "dkim_selectors", "selector_patterns", "dkim_zones",
    "key_form", "mx_suffixes", "return_path_zones", "txt_verification", "submission", "signing_domains", "notes",
}  # fmt: skip


def claimed_twice(names: list[str]) -> set[str]:
    return {name for name, count in Counter(name.lower() for name in names).items() if count > 1}


def test_the_table_has_no_key_that_nobody_reads() -> None:
    assert {key for entry in TABLE["provider"] for key in entry} <= KEYS
    assert set(TABLE) == {"updated", "common_selectors", "generic_selectors", "provider"}


def test_ids_and_names_are_unique() -> None:
    assert claimed_twice([p.id for p in PROVIDERS]) == set()
    assert claimed_twice([p.name for p in PROVIDERS]) == set()
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", p.id) for p in PROVIDERS)


def test_no_suffix_belongs_to_two_providers() -> None:
    for names in (
        [suffix for p in PROVIDERS for suffix in p.mx_suffixes],
        [include.domain for p in PROVIDERS for include in p.spf_includes],
        [zone for p in PROVIDERS for zone in p.dkim_zones],
        [zone for p in PROVIDERS for zone in p.return_path_zones],
        [zone for p in PROVIDERS for zone in p.signing_domains],
        [prefix for p in PROVIDERS for prefix in p.txt_verification],
    ):
        assert claimed_twice(names) == set()


def test_only_gmail_and_google_workspace_share_a_submission_host() -> None:
    hosts = {(p.id, place.host) for p in PROVIDERS for place in p.submission}

    assert claimed_twice([host for _, host in hosts]) == {"smtp.gmail.com"}


def test_a_selector_of_two_providers_is_listed_as_generic() -> None:
    shared = claimed_twice([selector for p in PROVIDERS for selector in p.dkim_selectors])

    assert shared <= registry.generic_selectors()


def test_every_name_is_a_name_in_lower_case_without_final_dot() -> None:
    for p in PROVIDERS:
        names = [*p.mx_suffixes, *p.dkim_zones, *p.return_path_zones, *p.signing_domains]
        names += [include.domain for include in p.spf_includes]
        assert [query_name(name) for name in names] == names, p.id
        assert all("." in name for name in names), p.id


def test_every_selector_makes_a_name() -> None:
    for selector in registry.common_selectors(thorough=True):
        assert query_name(f"{selector}._domainkey.empresa.example") is not None
        assert selector.strip() == selector != ""


def test_submission_hosts_are_hosts_and_ports_are_submission_ports() -> None:
    for place in (place for p in PROVIDERS for place in p.submission):
        assert is_host_name(place.host.replace("{region}", "region")), place
        assert place.port in (465, 587, 2525), place
        assert (place.tls == "implicit") == (place.port == 465), place


def test_dates_are_days_not_after_the_table() -> None:
    confirmed = [include.confirmed for p in PROVIDERS for include in p.spf_includes]
    confirmed += [place.confirmed for p in PROVIDERS for place in p.submission]

    assert all(day is None or date(2026, 1, 1) <= day <= TABLE["updated"] for day in confirmed)


def test_notes_speak_both_languages() -> None:
    for p in PROVIDERS:
        assert bool(p.notes.en) == bool(p.notes.es), p.id
        assert not p.notes.en or p.notes.en != p.notes.es, p.id


def test_selector_patterns_are_bounded_and_match_no_generic_name() -> None:
    for p in PROVIDERS:
        for pattern in p.selector_patterns:
            assert not re.search(r"[*+]", pattern), f"{p.id}: {pattern} has no upper bound"
            assert not any(re.fullmatch(pattern, name) for name in registry.generic_selectors()), p.id


def test_a_key_form_is_told_only_where_there_is_something_to_publish() -> None:
    for p in PROVIDERS:
        if p.dkim_zones:
            assert p.key_form in (KeyForm.CNAME, KeyForm.EITHER), p.id
        if p.key_form is KeyForm.TXT:
            assert not p.dkim_zones, p.id


def test_every_provider_can_be_found_by_each_of_its_own_names() -> None:
    def own(p: Provider) -> list[Provider | None]:
        return [
            *(registry.provider_of_mx("host." + suffix) for suffix in p.mx_suffixes),
            *(registry.provider_of_spf_include(include.domain) for include in p.spf_includes),
            *(registry.provider_of_dkim_target("a.b." + zone) for zone in p.dkim_zones),
            *(registry.provider_of_return_path(zone) for zone in p.return_path_zones),
            *(registry.provider_of_signing_domain("empresa." + zone) for zone in p.signing_domains),
            *(registry.provider_of_txt(prefix + "x") for prefix in p.txt_verification),
            *(registry.provider_of_smtp_host(_host(place)) for place in p.submission if place.host != "smtp.gmail.com"),
            registry.provider(p.id.upper()),
        ]

    for p in PROVIDERS:
        assert all(found is p for found in own(p)), p.id


def _host(place: Submission) -> str:
    return place.host.replace("{region}", "eu-west-1")


def test_the_short_list_is_short_and_part_of_the_long_one() -> None:
    short, long = registry.common_selectors(), registry.common_selectors(thorough=True)

    assert len(short) == 14
    assert set(short) <= set(long)
    assert len(long) == len(set(long)) == len({name.lower() for name in long})
    assert all(set(p.dkim_selectors) <= set(long) for p in PROVIDERS)
