"""Domain names that look like others: letters of several scripts in one label, or of one that imitates Latin (UTS 39)."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.names import to_unicode


class Imitation(NamedTuple):
    """A label that can be taken for another."""

    #: The label as letters, and the scripts in it.
    label: str
    scripts: tuple[str, ...]
    #: The Latin name it looks like; "" when its letters are only mixed.
    looks_like: str


@functools.cache
def _lookalikes() -> Mapping[int, str]:
    table: Mapping[str, str] = read_table("deliverability.headers", "scripts.toml")["lookalikes"]
    return {ord(other): latin for latin, others in table.items() for other in others}


@functools.cache
def _together() -> tuple[frozenset[str], ...]:
    table: Mapping[str, list[str]] = read_table("deliverability.headers", "scripts.toml")["together"]
    return tuple(frozenset(scripts) for scripts in table.values())


def imitation(domain: str) -> Imitation | None:
    """The first label of a domain (in A-labels or letters) that could pass for another name; None for an honest one."""
    if domain.isascii() and "xn--" not in domain:
        return None
    for label in to_unicode(domain).split("."):
        if label.isascii():
            continue
        scripts = _scripts(label)
        latin = label.translate(_lookalikes())
        whole = latin if latin.isascii() else ""
        mixed = len(scripts) > 1 and not any(allowed.issuperset(scripts) for allowed in _together())
        if mixed or whole:
            return Imitation(label, tuple(sorted(scripts)), whole)
    return None


def _scripts(label: str) -> frozenset[str]:
    """The scripts of its letters, by the first word of their Unicode names; digits and hyphens belong to all."""
    return frozenset(
        unicodedata.name(character, "UNKNOWN").partition(" ")[0] for character in label[:300] if character.isalpha()
    )
