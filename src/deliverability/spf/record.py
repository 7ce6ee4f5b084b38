"""SPF records: the terms of RFC 7208 §4.6.1 and §12, with the place of each in the text.

`parse` is total. A term that follows the ABNF becomes a `Directive` or a `Modifier`; one that does not becomes a fatal
problem (spf/defects.py finds the words for it), and so does whatever makes the record as a whole a permerror. What the
grammar lets pass although nobody can have meant it is reported too, as not fatal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from itertools import islice
from typing import cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern
from deliverability.core.span import Span, record_text
from deliverability.spf import grammar
from deliverability.spf.defects import Word, explain
from deliverability.spf.doubts import doubts, near_miss
from deliverability.spf.grammar import Macro
from deliverability.spf.terms import (
    Directive,
    DomainSpec,
    MechanismName,
    Modifier,
    Qualifier,
    SpfProblem,
    SpfProblemKind,
    SpfRecord,
    Term,
)

__all__ = [
    "Directive",
    "DomainSpec",
    "Macro",
    "MechanismName",
    "Modifier",
    "Qualifier",
    "SpfProblem",
    "SpfProblemKind",
    "SpfRecord",
    "Term",
    "is_spf",
    "near_miss",
    "parse",
    "read_term",
    "targets",
]

_VERSION = pattern(r"v=spf1(?= |\Z)", re.IGNORECASE | re.ASCII)
_WORD = pattern(r"[^ ]+")


def is_spf(text: str | bytes) -> bool:
    """Whether a TXT record is an SPF record at all: exactly `v=spf1`, then a space or the end (RFC 7208 §4.5)."""
    return _VERSION.match(record_text(text[:7])) is not None


def parse(record: str | bytes, *, limits: Limits = DEFAULT_LIMITS) -> SpfRecord:
    """Every term and every problem of a record. Never raises; spans count octets of bytes, characters of text.

    >>> record = parse("v=spf1 include:_spf.example.net -al")
    >>> [term.text for term in record.terms]
    ['include:_spf.example.net']
    >>> [(problem.text, problem.suggestion) for problem in record.problems]
    [('-al', '-all')]
    """
    text = record_text(record)
    problems: list[SpfProblem] = []
    words = _words(text, _skip_version(text, problems), problems, limits)
    terms: list[Term] = []
    index = 0
    while index < len(words):
        word = words[index]
        term = read_term(word.text, word.start)
        index += 1
        if term is not None:
            terms.append(term)
            problems.extend(doubts(term))
            continue
        found, taken = explain(words, index - 1)
        problems.extend(found)
        index += taken
    problems.extend(_repeated(terms))
    problems.extend(_ignored(terms))
    return SpfRecord(text, tuple(terms), tuple(sorted(problems, key=lambda problem: problem.span)))


def targets(record: str, *, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """The names that the include and redirect terms of a record lead to, without a word on the rest of it."""
    words = (match[0] for match in islice(_WORD.finditer(record, 0, limits.txt_octets), limits.spf_terms))
    terms = (grammar.scan(word) for word in words)
    return tuple(t.value for t in terms if t is not None and t.name in ("include", "redirect") and t.value)


def _skip_version(text: str, problems: list[SpfProblem]) -> int:
    """Where the terms begin."""
    if _VERSION.match(text):
        return 6
    problem = near_miss(text)
    if problem is None:
        first = _WORD.search(text)
        span = Span(*first.span()) if first and "=" in first[0][:3] else Span(0, 0)
        problem = SpfProblem(SpfProblemKind.VERSION, span, text[span.start : span.end])
    problems.append(problem)
    return problem.span.end


def _words(text: str, start: int, problems: list[SpfProblem], limits: Limits) -> list[Word]:
    """The pieces between spaces, up to the limits of one record."""
    end = len(text)
    if end > limits.txt_octets:
        end = limits.txt_octets
        problems.append(SpfProblem(SpfProblemKind.TOO_LONG, Span(end, len(text)), str(len(text))))
    words = [Word(m[0], m.start()) for m in islice(_WORD.finditer(text, start, end), limits.spf_terms + 1)]
    if len(words) > limits.spf_terms:
        rest = words.pop()
        problems.append(SpfProblem(SpfProblemKind.TOO_MANY_TERMS, Span(rest.start, end), str(limits.spf_terms)))
    return words


def read_term(text: str, start: int = 0) -> Term | None:
    """The well-formed term that `text` is (RFC 7208 §12), its spans counted from `start`; None where it is none."""
    scanned = grammar.scan(text)
    if scanned is None:
        return None
    name, qualifier, value, at, parts, length4, length6 = scanned
    span = Span(start, start + len(text))
    spec = None
    if parts is not None and value is not None and (qualifier is not None or name in ("redirect", "exp")):
        spec = DomainSpec(value, Span(start + at, start + at + len(value)), parts)
    if qualifier is None:
        return Modifier(name, value or "", span, text, spec)
    mechanism = cast(MechanismName, name)
    network: IPv4Network | IPv6Network | None = None
    if name == "ip4":
        network, length4 = IPv4Network((value, length4), strict=False), None
    elif name == "ip6":
        network, length6 = IPv6Network((value, length6), strict=False), None
    return Directive(mechanism, Qualifier(qualifier or "+"), span, text, spec, network, length4, length6)


def _repeated(terms: list[Term]) -> Iterator[SpfProblem]:
    """RFC 7208 §6: redirect and exp MUST NOT appear more than once; RFC 6652 §3 gives its modifiers one meaning each."""
    seen: set[str] = set()
    for term in terms:
        if not isinstance(term, Modifier) or term.name not in ("redirect", "exp", "ra", "rp", "rr"):
            continue
        if term.name in seen:
            fatal = term.name in ("redirect", "exp")
            yield SpfProblem(SpfProblemKind.REPEATED_MODIFIER, term.span, term.text, fatal)
        seen.add(term.name)


def _ignored(terms: list[Term]) -> Iterator[SpfProblem]:
    """What an `all` silences: mechanisms after it (RFC 7208 §5.1) and redirect wherever it stands (§6.1)."""
    end = next((t for t in terms if isinstance(t, Directive) and t.mechanism == "all"), None)
    if end is None:
        return
    for term in terms:
        if isinstance(term, Directive) and term.span.start > end.span.start:
            yield SpfProblem(SpfProblemKind.AFTER_ALL, term.span, term.text, fatal=False)
        elif isinstance(term, Modifier) and term.name == "redirect":
            yield SpfProblem(SpfProblemKind.REDIRECT_WITH_ALL, term.span, term.text, fatal=False)
