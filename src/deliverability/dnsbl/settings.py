"""Which lists to ask: those of the table, with the user's keys, choice and own lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.facts import BlocklistSettings
from deliverability.core.names import shown
from deliverability.dnsbl.lists import Blocklist, DeadZone, dead_zone, lists, read_list


@dataclass(frozen=True, slots=True)
class Chosen:
    """The lists to ask, and the zones of the user's that are gone and are not asked."""

    lists: tuple[Blocklist, ...]
    dead: tuple[DeadZone, ...] = ()


def choose(settings: BlocklistSettings) -> Chosen:
    """The lists to ask. Raises `InvalidConfiguration` for a list that does not exist or cannot be read."""
    known = {one.id: _with_key(one, settings.keys) for one in (*lists(), *map(_own, settings.own))}
    for name in (*settings.ids, *settings.keys):
        if name not in known and not any(one.startswith(f"{name}-") for one in known):
            raise InvalidConfiguration(f"blocklists: there is no list {shown(name)}; known: {', '.join(sorted(known))}")
    own = {str(row.get("id")) for row in settings.own}
    wanted = [one for one in known.values() if one.default or one.id in own or one.key]
    if settings.ids:
        wanted = [one for one in known.values() if one.id in settings.ids or one.id.partition("-")[0] in settings.ids]
    dead = {one.id: gone for one in wanted if (gone := dead_zone(one.zone)) is not None}
    return Chosen(tuple(one for one in wanted if one.usable and one.id not in dead), tuple(dead.values()))


def _with_key(one: Blocklist, keys: Mapping[str, str]) -> Blocklist:
    """The list with the key for it: under its id, or under the name of its operator (`spamhaus` for all of Spamhaus)."""
    key = keys.get(one.id) or keys.get(one.id.partition("-")[0])
    return replace(one, key=key) if key and one.keyed else one


def _own(row: Mapping[str, Any]) -> Blocklist:
    try:
        return read_list(row)
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidConfiguration(
            f"blocklists: the list {shown(str(row.get('id', '?')))} cannot be read ({type(error).__name__}: {error}); "
            "it needs id, zone and code, as in docs/reference/blocklists.md"
        ) from None
