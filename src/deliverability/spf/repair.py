"""The owner's record, changed as little as possible: what a finding proposes to publish in its place.

Every function takes what was read and returns a whole record as text, or None where nothing can honestly be proposed.
Words that are not touched stay as they were, in their order. Three rules hold throughout: a sender that may be in use
is never taken out to save look-ups, a policy is never made weaker in passing, and nothing is proposed for a record that
other people publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.patterns import pattern
from deliverability.core.questions import Found, IPAddress
from deliverability.spf.networks import Authorised, networks
from deliverability.spf.record import Directive, Modifier, Qualifier, SpfProblemKind, SpfRecord, Term, parse
from deliverability.spf.tree_model import RecordNode, SpfTree, State, TermNode

VERSION = "v=spf1"
#: More addresses than this are not written out in place of a name.
MAX_WRITTEN_OUT = 4

_WORD = pattern(r"[^ ]+")
_GLUED_ALL = pattern(r"((?:include|a|mx|exists|ip4|ip6):.*[a-z0-9])([-~?]all)", re.IGNORECASE)
#: Qualifiers of `all`, the strictest first.
_STRICTEST = ("-", "~", "?", "+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as words, each with the place it had; -1 for a word that was put in."""

    words: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, record: SpfRecord) -> Draft:
        """The record without its version section."""
        found = [(match.start(), match[0]) for match in _WORD.finditer(record.text)]
        return cls(tuple(found[1:]))

    def __str__(self) -> str:
        return " ".join([VERSION, *(word for _, word in self.words)])

    def without(self, terms: Iterable[Term]) -> Draft:
        """The draft without these terms of its record."""
        gone = {term.span.start for term in terms}
        return Draft(tuple(item for item in self.words if item[0] not in gone))

    def replaced(self, words: Mapping[int, Sequence[str]]) -> Draft:
        """The draft with other words in the place of terms, which are named by where they start."""
        changed: list[tuple[int, str]] = []
        for item in self.words:
            changed.extend([(-1, word) for word in words[item[0]]] if item[0] in words else [item])
        return Draft(tuple(changed))

    def before_end(self, record: SpfRecord, words: Iterable[str]) -> Draft:
        """The draft with words put in before its `all` or redirect, or else at its end."""
        end = record.all or record.redirect
        place = next((i for i, item in enumerate(self.words) if end and item[0] == end.span.start), len(self.words))
        new = tuple((-1, word) for word in words)
        return Draft(self.words[:place] + new + self.words[place:])


def publish(node: RecordNode, record: str | None) -> Fix | None:
    """The change that puts `record` in the place of what stands at the node; None where that changes nothing.

    Also None where the name is an alias: the record then belongs to whoever runs the target. And None for a record that
    would still be no valid one: what breaks it has to go first (RFC 7208 §4.6).
    """
    answer = node.asked.answer if node.asked else None
    if record is None or node.texts == (record,) or (isinstance(answer, Found) and answer.aliases):
        return None
    if not parse(record).is_valid:
        return None
    return Fix((RecordChange(node.domain, "TXT", add=(record,), remove=node.texts),))


# --- one defect at a time --------------------------------------------------------------------------------------------


def merged(texts: Sequence[str]) -> str | None:
    """Several records as one: every sender once, the strictest `all`; None where one of them has a syntax error."""
    records = [parse(text) for text in texts]
    if any(not record.is_valid for record in records):
        return None
    senders: dict[str, str] = {}
    modifiers: dict[str, str] = {}
    for record in records:
        for term in record.terms:
            if isinstance(term, Directive) and term.mechanism != "all":
                senders.setdefault(_key(term), term.text)
            elif isinstance(term, Modifier) and term.name != "redirect":
                modifiers.setdefault(term.name, term.text)
        redirect = record.redirect
        if redirect is not None:
            senders.setdefault(f"include:{redirect.value.lower()}", f"include:{redirect.value}")
    found = {record.all.qualifier.value for record in records if record.all}
    # A redirect brings its own `all`, which an include does not (RFC 7208 §5.2): then softfail, as nobody said more.
    end = next((q for q in _STRICTEST if q in found), Qualifier.SOFTFAIL.value)
    return " ".join([VERSION, *senders.values(), f"{end}all", *modifiers.values()])


def _key(directive: Directive) -> str:
    """What a directive matches, whatever its qualifier."""
    return directive.canonical.lstrip("-~?")


def corrected(record: SpfRecord) -> str | None:
    """The record with every suggestion taken; None where that still is no valid record."""
    text = record.corrected()
    return text if text != record.text and parse(text).is_valid else None


def with_all(record: SpfRecord, qualifier: Qualifier) -> str | None:
    """The record ending in `all` with that qualifier; None where a redirect decides instead.

    An `all` glued to the last word (`include:x.example-all`) is taken off it: no public name ends so.
    """
    word = f"{qualifier.value}all"
    if record.all is not None:
        return str(Draft.of(record).replaced({record.all.span.start: [word]}))
    if record.redirect is not None:
        return None
    draft = Draft.of(record)
    glued = _GLUED_ALL.fullmatch(draft.words[-1][1]) if draft.words else None
    if glued is not None:
        return str(Draft((*draft.words[:-1], (-1, glued[1]), (-1, glued[2]))))
    return str(draft.before_end(record, [word]))


def without(record: SpfRecord, terms: Iterable[Term]) -> str | None:
    """The record without these terms; None where no sender would be left in it."""
    gone = frozenset(terms)
    left = [d for d in record.directives if d not in gone and d.mechanism != "all"]
    if not gone or (not left and record.redirect is None):
        return None
    return str(Draft.of(record).without(gone))


def with_senders(record: SpfRecord, words: Sequence[str]) -> str | None:
    """The record with more senders before its `all`; None where there is nothing to add."""
    present = {word.lower() for _, word in Draft.of(record).words}
    new = [word for word in dict.fromkeys(words) if word.lower() not in present]
    return str(Draft.of(record).before_end(record, new)) if new else None


def new_record(words: Sequence[str]) -> str:
    """A first record for these senders, ending in softfail."""
    return " ".join([VERSION, *dict.fromkeys(words), "~all"])


def address_word(address: IPAddress) -> str:
    """The mechanism that authorises one address."""
    return f"ip4:{address}" if isinstance(address, IPv4Address) else f"ip6:{address}"


def senders_before_all(record: SpfRecord, *, room: int = DEFAULT_LIMITS.spf_lookups) -> str | None:
    """Mechanisms after `all` moved before it, what is ignored or there already dropped (RFC 7208 §5.1, §6.1).

    Where there is no `room` for their look-ups, those that ask the DNS are dropped, which leaves things as they are.
    """
    end = record.all
    if end is None:
        return None
    late = [d for d in record.directives if d.span.start > end.span.start]
    ignored = [m for m in record.terms if isinstance(m, Modifier) and m.name == "redirect"]
    known = {_key(d) for d in record.directives if d.span.start < end.span.start}
    moved: dict[str, Directive] = {}
    for directive in late:
        if directive.mechanism != "all" and _key(directive) not in known:
            moved.setdefault(_key(directive), directive)
    if sum(d.asks for d in moved.values()) > room:
        moved = {key: d for key, d in moved.items() if not d.asks}
    draft = Draft.of(record).without([*late, *ignored])
    return str(draft.before_end(record, [d.text for d in moved.values()])) if late or ignored else None


def one_of_each_modifier(record: SpfRecord) -> str | None:
    """Repeated `redirect` and `exp` reduced to one (RFC 7208 §6); None where two redirects name different domains."""
    gone: list[Term] = []
    for name in ("redirect", "exp"):
        same = [t for t in record.terms if isinstance(t, Modifier) and t.name == name]
        if name == "redirect" and record.all is not None:
            gone.extend(same[1:])  # ignored anyway (RFC 7208 §6.1)
        elif name == "redirect" and len({t.value.lower() for t in same}) > 1:
            return None
        else:
            gone.extend(same[1:])
    text = str(Draft.of(record).without(gone))
    return text if gone and parse(text).is_valid else None


def repeated_terms(record: SpfRecord) -> tuple[Directive, ...]:
    """Directives that match only what an earlier one matches too: they can never decide (RFC 7208 §4.6.2)."""
    seen: set[str] = set()
    repeated: list[Directive] = []
    end = record.all
    for directive in record.directives:
        if directive is end:
            break
        key = _key(directive)
        if key in seen:
            repeated.append(directive)
        seen.add(key)
    return tuple(repeated)


# --- fewer look-ups --------------------------------------------------------------------------------------------------


def dead_terms(tree: SpfTree) -> tuple[TermNode, ...]:
    """Terms of the audited record at whose target there is nothing: no name, no address, no SPF record."""
    gone = (State.VOID, State.NONE, State.BAD_NAME)
    return tuple(t for t in tree.root.terms if t.state in gone and t.mechanism in ("include", "a", "mx", "exists"))


def fewer_lookups(tree: SpfTree, *, limit: int = DEFAULT_LIMITS.spf_lookups, drop_covered: bool = True) -> str | None:
    """The record within the limit of DNS look-ups (RFC 7208 §4.6.4), every sender kept; None where that takes more.

    In this order, as far as needed: what is repeated, what leads nowhere, ptr (§5.5), hosts with few addresses written
    out as ip4 and ip6, and, with `drop_covered`, includes whose addresses other terms authorise already.
    """
    record = tree.root.record
    if record is None or not tree.lookups_exact or not record.is_valid:
        return None
    changed: dict[int, Sequence[str]] = {}
    left = tree.lookups
    for term, words in _savings(tree, record, drop_covered=drop_covered):
        if left <= limit:
            break
        changed[term.term.span.start] = words
        left -= term.cost.lookups
    return str(Draft.of(record).replaced(changed)) if left <= limit < tree.lookups else None


def _savings(tree: SpfTree, record: SpfRecord, *, drop_covered: bool) -> list[tuple[TermNode, list[str]]]:
    """Terms that can go or be written out without loss, each once, the harmless ones first."""
    own = [t for t in tree.root.terms if t.state is not State.IGNORED and t.own_lookups]
    repeated = set(repeated_terms(record))
    found: dict[int, tuple[TermNode, list[str]]] = {}
    steps: list[tuple[TermNode, list[str]]] = [(t, []) for t in own if t.term in repeated]
    steps += [(t, []) for t in dead_terms(tree) if t.state is not State.IGNORED and t.own_lookups]
    steps += [(t, []) for t in own if t.mechanism == "ptr"]
    hosts = [t for t in own if t.mechanism in ("a", "mx") and t.state is State.FOUND and t.addresses]
    written = [(t, addresses_as_words(t)) for t in hosts if len(t.addresses) <= MAX_WRITTEN_OUT]
    steps += sorted(written, key=lambda step: len(step[1]))
    if drop_covered:
        steps += [(t, []) for t in _covered_includes(tree, own)]
    for term, words in steps:
        found.setdefault(term.term.span.start, (term, words))
    return list(found.values())


def addresses_as_words(term: TermNode) -> list[str]:
    """An `a` or `mx` written out: its addresses as ip4 and ip6, with its qualifier and prefix lengths."""
    directive = term.term
    if not isinstance(directive, Directive):
        return []
    sign = "" if directive.qualifier is Qualifier.PASS else directive.qualifier.value
    words = []
    for address in term.addresses:
        length = directive.ip4_cidr_length if isinstance(address, IPv4Address) else directive.ip6_cidr_length
        words.append(sign + address_word(address) + ("" if length is None else f"/{length}"))
    return words


def _covered_includes(tree: SpfTree, own: Sequence[TermNode]) -> list[TermNode]:
    """Includes all of whose networks other own terms hold; nothing in them may be unknown or depend on the message."""
    held = _Holders()
    mine: dict[int, list[Authorised]] = {}
    for item in networks(tree).authorised:
        held.add(item)
        mine.setdefault(id(item.owner), []).append(item)
    unsure = {id(placed.owner) for placed in tree.reached() if not _is_static(placed.term)}
    found: list[TermNode] = []
    for term in own:
        items = mine.get(id(term), [])
        if term.mechanism != "include" or id(term) in unsure or not items:
            continue
        held.leave_out(term)
        if all(held.holds(item) for item in items):
            found.append(term)
        else:
            held.take_back(term)
    return found


class _Holders:
    """Which terms of the audited record hold a network: a look-up for each shorter prefix, however many there are."""

    def __init__(self) -> None:
        self._owners: dict[tuple[int, int, int], set[int]] = {}
        self._out: set[int] = set()

    def add(self, item: Authorised) -> None:
        network = item.network
        key = (network.version, network.prefixlen, int(network.network_address))
        self._owners.setdefault(key, set()).add(id(item.owner))

    def leave_out(self, term: TermNode) -> None:
        self._out.add(id(term))

    def take_back(self, term: TermNode) -> None:
        self._out.discard(id(term))

    def holds(self, item: Authorised) -> bool:
        network, address = item.network, int(item.network.network_address)
        for length in range(network.prefixlen, -1, -1):
            spare = network.max_prefixlen - length
            owners = self._owners.get((network.version, length, address >> spare << spare))
            if owners and not owners <= self._out:
                return True
        return False


def _is_static(term: TermNode) -> bool:
    """Whether what a term authorises is known beforehand to the last address."""
    known = term.state in (State.FOUND, State.VOID)
    return known and term.mechanism not in ("exists", "ptr") and _passes(term)


def _passes(term: TermNode) -> bool:
    directive = term.term
    return not isinstance(directive, Directive) or directive.mechanism == "all" or directive.qualifier is Qualifier.PASS


def fewer_voids(tree: SpfTree) -> str | None:
    """The record without its own terms that find nothing; None where none of the voids is the owner's."""
    record = tree.root.record
    if record is None:
        return None
    return without(record, [t.term for t in dead_terms(tree) if t.cost.worst_voids])


#: Defects with a rule of their own; the rest is SPF003.
ADDRESS_KINDS = frozenset(
    {
        SpfProblemKind.ADDRESS,
        SpfProblemKind.ADDRESS_FAMILY,
        SpfProblemKind.NETMASK,
        SpfProblemKind.PREFIX_LENGTH,
        SpfProblemKind.LEADING_ZERO,
    }
)
