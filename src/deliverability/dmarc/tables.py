"""The tables of tables.toml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from deliverability.core.data import read_table


class MailboxProvider(NamedTuple):
    """A provider of free mailboxes: its name and its submission hosts."""

    name: str
    hosts: tuple[str, ...]


@functools.cache
def _table() -> Mapping[str, Any]:
    return read_table("deliverability.dmarc", "tables.toml")


@functools.cache
def _providers() -> Mapping[str, MailboxProvider]:
    return {
        domain: MailboxProvider(entry["name"], tuple(entry["hosts"]))
        for entry in _table()["provider"]
        for domain in entry["domains"]
    }


def mailbox_provider(domain: str) -> MailboxProvider | None:
    """Who gives free mailboxes under exactly this domain, or None."""
    return _providers().get(domain)


def default_policy_host(target: str) -> str:
    """The hosting company that puts this CNAME target at `_dmarc` by default, or ""."""
    return next((e["name"] for e in _table()["default_policy"] if target in e["targets"]), "")
