"""Which questions the static tree of an SPF record puts, and the round trips it takes to put them.

Theory of operation. The tree is read by levels. A round asks side by side

- TXT of every record of the level,
- for the terms of the level above: A and AAAA of `a`, MX of `mx`, A of a static `exists`,
- A and AAAA of the MX hosts that the round before found,

so the number of rounds is the depth of the tree plus at most two. A name that several terms point to is asked once;
it is counted at every term, elsewhere (`lookup_tree`). Nothing is asked for what no evaluation reaches (terms after
`all`, a redirect beside it, `exp`), for `ptr` (it asks about the client), or for names that macros make out of the
message.

Both address families are asked because evaluation differs: a client with an IPv6 address sees only AAAA, and an `a`
that is fine for one family may be a void lookup for the other. An `a` or `mx` in a record costs two questions for each
host, which the audit of MX hosts puts anyway; the big providers list ip4 and ip6 only.

Levels, rather than a fork for each record: the limits on names and questions are spent in one order that does not
depend on which answer came first, so the same answers always give the same tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from deliverability.core.limits import Limits
from deliverability.core.names import MAX_NAME, DomainName, query_name
from deliverability.core.plan import Plan, gather
from deliverability.core.questions import Answer, DnsQuestion, Found, MxRecord, RecordType, TxtStrings, join_strings
from deliverability.spf.record import Directive, DomainSpec, Macro, Modifier, SpfRecord, is_spf, parse
from deliverability.spf.tree_model import TreeTerm

Key: TypeAlias = tuple[DomainName, RecordType]


@dataclass(slots=True)
class World:
    """The answers one tree rests on, and the records read from them. Local to one plan."""

    #: The domain of the sender, for `%{o}`: the one whose tree this is.
    domain: DomainName
    answers: dict[Key, Answer] = field(default_factory=dict)
    texts: dict[DomainName, tuple[str, ...]] = field(default_factory=dict)
    records: dict[DomainName, SpfRecord | None] = field(default_factory=dict)

    def answer(self, name: DomainName, record_type: RecordType) -> Answer | None:
        """What came back, or None where it was not asked."""
        return self.answers.get((name, record_type))

    def keep(self, key: Key, answer: Answer) -> None:
        """Remember an answer, and read the record out of a TXT answer."""
        self.answers[key] = answer
        name, record_type = key
        if record_type == "TXT":
            texts = spf_texts(answer)
            self.texts[name] = texts
            # RFC 7208 §4.5: more than one record is a permerror, so there is none to read.
            self.records[name] = parse(texts[0]) if len(texts) == 1 else None


def spf_texts(answer: Answer) -> tuple[str, ...]:
    """The SPF records of a TXT answer, by RFC 7208 §4.5, sorted: the order of a DNS answer means nothing."""
    if not isinstance(answer, Found):
        return ()
    texts = (join_strings(cast(TxtStrings, record)).decode("latin-1") for record in answer.records)
    return tuple(sorted(text for text in texts if is_spf(text)))


def live_terms(record: SpfRecord) -> Iterator[tuple[TreeTerm, bool]]:
    """The mechanisms in order and then the redirect, each with whether evaluation can come to it.

    Mechanisms after `all` are never tested (RFC 7208 §5.1), a redirect beside `all` is ignored (§6.1), and of two
    redirects, which are a permerror anyway (§6), only the first counts.
    """
    ended = False
    for directive in record.directives:
        yield directive, not ended
        ended = ended or directive.mechanism == "all"
    for term in record.terms:
        if isinstance(term, Modifier) and term.name == "redirect":
            yield term, not ended
            ended = True


def static_name(spec: DomainSpec | None, domain: DomainName, sender_domain: DomainName) -> str | None:
    """The text of a target, or None where it differs from message to message.

    `%{d}` is the domain of the record (RFC 7208 §7.2), `%{o}` that of the sender: both are known beforehand.
    """
    if spec is None:
        return domain
    values = {"d": domain, "o": sender_domain}
    text = ""
    for part in spec.parts:
        if isinstance(part, str):
            text += part
        elif part.letter in values:
            text += _expand(part, values[part.letter])
        else:
            return None
    return _truncated(text)


def _expand(macro: Macro, value: str) -> str:
    # RFC 7208 §7.3: split at the delimiters, reverse, keep the right-hand parts, join with dots.
    for delimiter in macro.delimiters or ".":
        value = value.replace(delimiter, "\0")
    labels = value.split("\0")
    if macro.reverse:
        labels.reverse()
    return ".".join(labels[-macro.digits :] if macro.digits else labels)


def _truncated(text: str) -> str:
    """RFC 7208 §7.3: labels go from the left until at most 253 characters are left."""
    body = text.removesuffix(".")
    while len(body) > MAX_NAME and "." in body:
        body = body.partition(".")[2]
    return body


def mx_hosts(answer: Answer | None) -> tuple[DomainName, ...]:
    """The hosts of an MX answer by preference and name; a null MX (RFC 7505) has none."""
    if not isinstance(answer, Found):
        return ()
    records = sorted(set(cast(tuple[MxRecord, ...], answer.records)))
    return tuple(dict.fromkeys(record.exchange for record in records if record.exchange))


def ask_world(domain: DomainName, limits: Limits) -> Plan[World]:
    """Every answer that the static tree of `domain` needs, within the limits on records and on questions."""
    world = World(domain)
    round_: list[Key] = [(domain, "TXT")]
    seen: set[Key] = set(round_)
    budget = _Budget(limits.spf_tree_nodes - 1, limits.spf_questions)
    for _ in range(limits.spf_depth + 3):
        if not round_:
            break
        answers = yield from gather(*(_ask(key) for key in round_))
        for key, answer in zip(round_, answers, strict=True):
            world.keep(key, answer)
        wanted = [key for done in round_ for key in _next(world, done, limits)]
        round_ = [key for key in dict.fromkeys(wanted) if key not in seen and budget.spend(key)]
        seen.update(round_)
    return world


@dataclass(slots=True)
class _Budget:
    """What may still be asked: records, and questions about hosts."""

    records: int
    hosts: int

    def spend(self, key: Key) -> bool:
        """Take one from the right purse; False where it is empty."""
        if key[1] == "TXT":
            self.records -= 1
            return self.records >= 0
        self.hosts -= 1
        return self.hosts >= 0


def _ask(key: Key) -> Plan[Answer]:
    answer: Answer = yield DnsQuestion(*key)
    return answer


def _next(world: World, key: Key, limits: Limits) -> Iterable[Key]:
    """The questions that one answer leads to."""
    name, record_type = key
    if record_type == "MX":
        # RFC 7208 §4.6.4: more than ten hosts is a permerror, so the rest is never asked by a receiver.
        hosts = mx_hosts(world.answers[key])[: limits.spf_mx_names]
        return [(host, family) for host in hosts for family in _FAMILIES]
    record = world.records.get(name) if record_type == "TXT" else None
    if record is None:
        return ()
    return [key for term, live in live_terms(record) if live for key in _questions(world, term, name)]


_FAMILIES: tuple[RecordType, ...] = ("A", "AAAA")
_TYPES: dict[str, tuple[RecordType, ...]] = {
    "include": ("TXT",),
    "redirect": ("TXT",),
    "a": _FAMILIES,
    "mx": ("MX",),
    "exists": ("A",),  # RFC 7208 §5.7: A even when the client has an IPv6 address
}


def question_types(term: TreeTerm) -> tuple[RecordType, ...]:
    """The types a term asks at its target; none for `all`, `ip4`, `ip6` and `ptr`."""
    return _TYPES.get(term.mechanism if isinstance(term, Directive) else term.name, ())


def _questions(world: World, term: TreeTerm, domain: DomainName) -> list[Key]:
    types = question_types(term)
    if not types:
        return []
    text = static_name(term.domain_spec, domain, world.domain)
    target = query_name(text) if text else None
    return [(target, record_type) for record_type in types] if target else []
