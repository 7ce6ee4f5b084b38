"""What changed in the DNS between two states, by what it means for mail: whose include changed, which key was replaced.

Theory of operation. The answers of two recordings differ in many places that mean nothing: TTLs, the order of records,
addresses behind a web site. What matters is told by topic, each difference once:

- the domain's own SPF record, by the terms that came and went;
- every include of it that belongs to somebody else, as a whole: the networks that all records below it authorise, and
  what it costs in lookups, before and after. A provider whose nested record grew is named, and so is that record;
- DKIM keys (replaced, revoked, gone, new), the MX, the DMARC policy in force;
- any other record at a name of the domain's own, and the reverse names of its addresses.

SPF and the policy are also in the details of a JSON report; keys, MX and other records are told only from answers, so
from recordings, and from reports that were written with `--answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any, NamedTuple

from deliverability.core.comparison import Comparison, Difference, RecordDifference, compare_states
from deliverability.core.names import DomainName, is_subdomain, query_name, registrable_domain
from deliverability.core.report import Report
from deliverability.core.state import State
from deliverability.core.text import ArgValue, Text
from deliverability.dkim.record import parse_key
from deliverability.dmarc.effective import Subject, acted
from deliverability.dmarc.facts import DmarcFacts
from deliverability.providers.registry import (
    provider_of_dkim_target,
    provider_of_mx,
    provider_of_selector,
    provider_of_spf_include,
)
from deliverability.spf.record import is_spf
from deliverability.spf.tree_model import SpfTree
from deliverability.spf.tree_model import State as TermState

#: Rows of one tree that are looked at; differences of one comparison that are told.
_MOST_ROWS = 5_000
MOST_DIFFERENCES = 500
#: In the order in which they are told.
TOPICS = ("spf", "spf-include", "dkim", "dmarc", "mx", "record")
_UNREAD = (TermState.TEMPERROR.value, TermState.NOT_READ.value)

_TERMS = Text("The SPF record of {name} changed", "Ha cambiado el registro SPF de {name}")
_TERMS_LOOKUPS = Text(
    "The SPF record of {name} changed; lookups in all {before} → {after}",
    "Ha cambiado el registro SPF de {name}; consultas en total {before} → {after}",
)
_LOOKUPS = Text("SPF lookups in all: {before} → {after}", "Consultas SPF en total: {before} → {after}")
_INCLUDE = Text("{what}: {counts}{lookups}{where}", "{what}: {counts}{lookups}{where}")
_UNREADABLE_NOW = Text(
    "{what}: could be read before and could not now, so nothing is said of its networks",
    "{what}: antes se pudo leer y ahora no, así que no se afirma nada de sus redes",
)
_UNREADABLE_BEFORE = Text(
    "{what}: can be read now and could not before, so nothing is said of what changed in it",
    "{what}: ahora se puede leer y antes no, así que no se afirma nada de lo que cambió en él",
)
_ADDED_ONE = Text("1 network added", "1 red añadida")
_ADDED_MANY = Text("{n} networks added", "{n} redes añadidas")
_REMOVED_ONE = Text("1 network removed", "1 red quitada")
_REMOVED_MANY = Text("{n} networks removed", "{n} redes quitadas")
_OTHER_TERMS = Text("other terms, the same networks", "otros términos, las mismas redes")
_ITS_LOOKUPS = Text("; its lookups {before} → {after}", "; sus consultas {before} → {after}")
_IN_RECORDS = Text(" (in {records})", " (en {records})")
_KEY_REPLACED = Text("DKIM key {selector} was replaced", "La clave DKIM {selector} se ha cambiado por otra")
_KEY_REVOKED = Text(
    "DKIM key {selector} was revoked (empty `p=`)", "La clave DKIM {selector} se ha revocado (`p=` vacío)"
)
_KEY_GONE = Text("DKIM key {selector} is gone", "La clave DKIM {selector} ya no está")
_KEY_NEW = Text("DKIM key {selector} is new", "La clave DKIM {selector} es nueva")
_KEY_CHANGED = Text(
    "The record of DKIM key {selector} changed, the key is the same",
    "Ha cambiado el registro de la clave DKIM {selector}; la clave es la misma",
)
_KEY_ALIAS = Text("DKIM key {selector} now comes from {target}", "La clave DKIM {selector} ahora viene de {target}")
_POLICY = Text("DMARC policy in force: {before} → {after}", "Política DMARC en vigor: {before} → {after}")
_DMARC_RECORD = Text("The DMARC record changed", "Ha cambiado el registro DMARC")
_MX = Text("The MX of {name} changed", "Ha cambiado el MX de {name}")
_MX_PROVIDER = Text("The MX of {name} changed: {before} → {after}", "Ha cambiado el MX de {name}: {before} → {after}")
_RECORD = Text("{type} of {name} changed", "Han cambiado los registros {type} de {name}")
_RECORD_GONE = Text("{name} has no {type} any more", "{name} ya no tiene {type}")
_RECORD_NEW = Text("{name} has a {type} now", "{name} tiene ahora {type}")
NO_POLICY = Text("no policy", "sin política")


class SpfRow(NamedTuple):
    """One term of an SPF tree, as far as both a report in memory and one in a file hold it."""

    depth: int
    domain: str
    text: str
    target: str
    cost: int
    state: str
    #: `a`, `mx`: the addresses found; a file does not hold them.
    addresses: tuple[str, ...] = ()


class SpfView(NamedTuple):
    """The SPF of one state."""

    lookups: int
    rows: tuple[SpfRow, ...]
    #: The rows hold the addresses behind `a` and `mx`.
    resolved: bool


def compare(before: Report, after: Report) -> Comparison:
    """Two reports on one subject beside each other, with what changed in the DNS in words."""
    return with_differences(compare_states(State.of(before), State.of(after)))


def with_differences(comparison: Comparison) -> Comparison:
    """The comparison with what changed in the DNS in words."""
    before, after = comparison.before, comparison.after
    if before is None or after is None:
        return comparison
    found = sorted(_differences(before, after, comparison.records), key=lambda item: TOPICS.index(item.topic))
    return replace(comparison, differences=tuple(found[:MOST_DIFFERENCES]))


def _differences(before: State, after: State, records: Iterable[RecordDifference]) -> Iterator[Difference]:
    kept = list(records)
    old, new = spf_view(before.details), spf_view(after.details)
    told: set[tuple[str, str]] = set()
    if old is not None and new is not None:
        yield from _spf(after.subject, old, new)
        told |= {(row.domain, "TXT") for view in (old, new) for row in view.rows}
        told |= {(row.target, "TXT") for view in (old, new) for row in view.rows}
    yield from _policy(before, after, kept)
    for difference in kept:
        yield from _record(after.subject, difference, told)


# --- SPF ------------------------------------------------------------------------------------------------------------


def spf_view(details: Mapping[str, Any]) -> SpfView | None:
    """The SPF tree of a report's details, or of their JSON form; None without one, and where it could not be asked."""
    tree = details.get("spf_tree")
    if isinstance(tree, SpfTree):
        if tree.root.state.value in _UNREAD:
            return None
        rows = tuple(
            SpfRow(
                p.depth,
                p.record.domain,
                p.term.term.text,
                p.term.target or "",
                p.term.cost.lookups,
                p.term.state.value,
                tuple(map(str, p.term.addresses)),
            )
            for p in tree.walk()
        )
        return SpfView(tree.lookups, rows, True)
    if not isinstance(tree, dict) or not isinstance(tree.get("rows"), list):
        return None
    if not tree["rows"] and tree.get("lookups_exact") is False:
        return None
    lookups = tree.get("lookups")
    rows = tuple(row for entry in tree["rows"][:_MOST_ROWS] if (row := _row(entry)) is not None)
    return SpfView(int(lookups or 0) if _is_count(lookups) else 0, rows, False)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _row(entry: Any) -> SpfRow | None:
    """A row of the JSON form; what is no row is passed over."""
    if not isinstance(entry, dict):
        return None
    depth, cost, target = entry.get("depth"), entry.get("cost"), entry.get("target") or ""
    texts = (entry.get("domain"), entry.get("term"), target, entry.get("state"))
    if not _is_count(depth) or not _is_count(cost) or not all(isinstance(text, str) for text in texts):
        return None
    domain, term, target, state = (str(text) for text in texts)
    return SpfRow(int(depth or 0), domain, term, target, int(cost or 0), state)


def _spf(subject: str, old: SpfView, new: SpfView) -> Iterator[Difference]:
    resolved = old.resolved and new.resolved
    total = {"before": old.lookups, "after": new.lookups}
    own = list(_own_records(subject, old, new))
    for name, removed, added in own:
        text = _TERMS_LOOKUPS if old.lookups != new.lookups else _TERMS
        yield Difference("spf", name, "", text, {"name": name, **total}, removed, added)
    if not own and old.lookups != new.lookups:
        yield Difference("spf", subject, "", _LOOKUPS, total)
    before, after = _branches(subject, old, resolved=resolved), _branches(subject, new, resolved=resolved)
    for target in dict.fromkeys((*before, *after)):
        if target in before and target in after:
            yield from _branch(target, before[target], after[target])


def _own_records(subject: str, old: SpfView, new: SpfView) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The records of the domain's own whose terms differ: name, terms gone, terms come."""
    before, after = _terms(old), _terms(new)
    for name in dict.fromkeys((*after, *before)):
        one, other = before.get(name, ()), after.get(name, ())
        if one != other and is_own(subject, name):
            before_set, after_set = set(one), set(other)
            gone = tuple(term for term in one if term not in after_set)
            come = tuple(term for term in other if term not in before_set)
            yield name, gone or () if come or gone else one, come or (() if gone else other)


def _terms(view: SpfView) -> dict[str, tuple[str, ...]]:
    """The terms of each record, each once, in their order."""
    found: dict[str, dict[str, None]] = {}
    for row in view.rows:
        found.setdefault(row.domain, {})[row.text] = None
    return {name: tuple(terms) for name, terms in found.items()}


def is_own(subject: str, name: str) -> bool:
    """Whether a name belongs to the organization that is audited."""
    domain = DomainName(subject)
    return is_subdomain(name, registrable_domain(domain) or domain)


class _Branch(NamedTuple):
    """Everything below one include of somebody else's."""

    #: Networks in text form -> the record that names them first.
    networks: dict[str, str]
    terms: frozenset[tuple[str, str]]
    lookups: int
    unread: bool


def _branches(subject: str, view: SpfView, *, resolved: bool) -> dict[str, _Branch]:
    """The outermost includes and redirects that lead out of the organization, by their target."""
    found: dict[str, _Branch] = {}
    rows = view.rows
    end = 0
    for start, row in enumerate(rows):
        leads_out = bool(row.target) and is_own(subject, row.domain) and not is_own(subject, row.target)
        if start < end or not leads_out or row.target in found or not _leads_on(row):
            continue
        end = start + 1
        while end < len(rows) and rows[end].depth > row.depth:
            end += 1
        found[row.target] = _read_branch(row, rows[start + 1 : end], resolved=resolved)
    return found


def _leads_on(row: SpfRow) -> bool:
    term = row.text.lower().lstrip("+-~?")
    return term.startswith(("include:", "redirect="))


def _read_branch(top: SpfRow, rows: Iterable[SpfRow], *, resolved: bool) -> _Branch:
    networks: dict[str, str] = {}
    terms: set[tuple[str, str]] = set()
    unread = top.state in _UNREAD
    for row in rows:
        unread |= row.state in _UNREAD
        terms.add((row.domain, row.text))
        for network in _networks(row, resolved=resolved):
            networks.setdefault(network, row.domain)
    return _Branch(networks, frozenset(terms), top.cost, unread)


def _networks(row: SpfRow, *, resolved: bool) -> Iterator[str]:
    kind, _, value = row.text.lower().lstrip("+").partition(":")
    if kind in ("ip4", "ip6"):
        try:
            yield str(ip_network(value, strict=False))
        except ValueError:
            return
    elif resolved and row.state != TermState.IGNORED.value:
        yield from (str(ip_network(address)) for address in row.addresses)


def _branch(target: str, old: _Branch, new: _Branch) -> Iterator[Difference]:
    owner = provider_of_spf_include(target)
    provider = owner.name if owner else ""
    what = f"{target} ({provider})" if provider else target
    if old.unread != new.unread:
        yield Difference(
            "spf-include", target, provider, _UNREADABLE_NOW if new.unread else _UNREADABLE_BEFORE, {"what": what}
        )
        return
    if old.unread:
        return
    removed = tuple(network for network in old.networks if network not in new.networks)
    added = tuple(network for network in new.networks if network not in old.networks)
    if not (removed or added) and old.lookups == new.lookups and old.terms == new.terms:
        return
    if not (removed or added or old.lookups != new.lookups) and _only_names(old, new):
        return
    touched = sorted({domain for domain, _ in old.terms ^ new.terms} - {target})
    args: dict[str, ArgValue] = {
        "what": what,
        "counts": _counts(removed, added),
        "lookups": Text("", ""),
        "where": Text("", ""),
    }
    if old.lookups != new.lookups:
        args["lookups"] = _put(_ITS_LOOKUPS, before=old.lookups, after=new.lookups)
    if touched and (target, "") not in old.terms:
        args["where"] = _put(_IN_RECORDS, records=", ".join(touched[:3]) + (", …" if len(touched) > 3 else ""))
    yield Difference("spf-include", target, provider, _INCLUDE, args, removed, added)


def _only_names(old: _Branch, new: _Branch) -> bool:
    """Whether nothing but `all` and modifiers differ, which inside an include decide nothing."""
    return all(text.lower().lstrip("+-~?") == "all" for _, text in old.terms ^ new.terms)


def _counts(removed: tuple[str, ...], added: tuple[str, ...]) -> Text:
    parts = []
    if added:
        parts.append(_put(_ADDED_ONE if len(added) == 1 else _ADDED_MANY, n=len(added)))
    if removed:
        parts.append(_put(_REMOVED_ONE if len(removed) == 1 else _REMOVED_MANY, n=len(removed)))
    if not parts:
        return _OTHER_TERMS
    return Text(", ".join(part.en for part in parts), ", ".join(part.es for part in parts))


def _put(text: Text, **args: ArgValue) -> Text:
    return Text(text.format("en", args), text.format("es", args))


# --- the policy -----------------------------------------------------------------------------------------------------


def policy_of(details: Mapping[str, Any]) -> str | None:
    """The DMARC policy in force for the domain, "" without one; None where the report does not say."""
    facts = details.get("dmarc")
    if isinstance(facts, DmarcFacts):
        row = next((row for row in facts.effective if row.subject is Subject.DOMAIN), None)
        return acted(row.rfc9989) if row is not None else None
    rows = facts.get("effective") if isinstance(facts, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("subject") == Subject.DOMAIN.value:
            word = row.get("rfc9989")
            return word if isinstance(word, str) else ""
    return None


def _policy(before: State, after: State, records: list[RecordDifference]) -> Iterator[Difference]:
    """The policy, and the record that it stands in where that changed."""
    old, new = policy_of(before.details), policy_of(after.details)
    known = old is not None and new is not None and "temperror" not in (old, new)
    changed = [d for d in records if d.type == "TXT" and d.name.startswith("_dmarc.") and is_own(after.subject, d.name)]
    told = {difference.name for difference in changed}
    records[:] = [difference for difference in records if difference.type != "TXT" or difference.name not in told]
    first = changed[0] if changed else None
    name = first.name if first else f"_dmarc.{after.subject}"
    removed, added = (first.removed, first.added) if first else ((), ())
    if known and old != new:
        args: dict[str, ArgValue] = {"before": old or NO_POLICY, "after": new or NO_POLICY}
        yield Difference("dmarc", name, "", _POLICY, args, removed, added)
    elif first is not None:
        yield Difference("dmarc", name, "", _DMARC_RECORD, {}, removed, added)


# --- single records -------------------------------------------------------------------------------------------------


def _record(subject: str, difference: RecordDifference, told: set[tuple[str, str]]) -> Iterator[Difference]:
    name, record_type = difference.name, difference.type
    removed, added = difference.removed, difference.added
    if (name, record_type) in told:
        removed, added = _without_spf(removed), _without_spf(added)
        if not (removed or added) or not is_own(subject, name):
            return
    if record_type == "TXT" and "._domainkey." in name:
        yield from _key(difference)
    elif record_type == "MX" and name == subject:
        yield _mx(difference)
    elif is_own(subject, name) or name.endswith((".in-addr.arpa", ".ip6.arpa")):
        there = (bool(difference.before.values), bool(difference.after.values))
        text = _RECORD if all(there) or not any(there) else _RECORD_NEW if there[1] else _RECORD_GONE
        yield Difference("record", name, "", text, {"name": name, "type": record_type}, removed, added)


def _without_spf(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if not is_spf(value))


def _key(difference: RecordDifference) -> Iterator[Difference]:
    name = difference.name
    selector = name.partition("._domainkey.")[0]
    old, new = difference.before, difference.after
    owner = provider_of_dkim_target(new.alias or old.alias) or provider_of_selector(selector)
    keys = [frozenset(parse_key(value).public_key for value in side.values or ()) for side in (old, new)]
    args: dict[str, ArgValue] = {"selector": selector}
    if old.alias and new.alias and old.alias != new.alias:
        text, args["target"] = _KEY_ALIAS, new.alias
    elif not old.values:
        text = _KEY_NEW
    elif not new.values:
        text = _KEY_GONE
    elif keys[0] == keys[1]:
        text = _KEY_CHANGED
    else:
        text = _KEY_REPLACED if any(keys[1]) else _KEY_REVOKED
    provider = owner.name if owner else ""
    yield Difference("dkim", name, provider, text, args, difference.removed, difference.added)


def _mx(difference: RecordDifference) -> Difference:
    old, new = (mx_providers(side.values or ()) for side in (difference.before, difference.after))
    if old and new and old != new:
        text, args = _MX_PROVIDER, {"name": difference.name, "before": old, "after": new}
    else:
        text, args = _MX, {"name": difference.name}
    return Difference("mx", difference.name, "", text, args, difference.removed, difference.added)


def mx_providers(values: Iterable[str]) -> str:
    """The names of the providers behind MX records, as one text; "" where none is known."""
    hosts = [query_name(value.partition(" ")[2]) for value in values]
    found = [owner.name for host in hosts if host and (owner := provider_of_mx(host)) is not None]
    return ", ".join(dict.fromkeys(found))
