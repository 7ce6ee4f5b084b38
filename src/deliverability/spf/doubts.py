"""What is odd about a record although the grammar may let it pass: terms that are surely slips, near-miss versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverability.core.names import query_name
from deliverability.core.patterns import pattern
from deliverability.core.span import Span, record_text
from deliverability.spf import grammar
from deliverability.spf.defects import MECHANISMS, is_term, meant, split_joined
from deliverability.spf.terms import Directive, DomainSpec, Modifier, SpfProblem, SpfProblemKind, Term

_FLAGS = re.IGNORECASE | re.ASCII
_Kind = SpfProblemKind


# --- the version section -----------------------------------------------------------------------------------------

_NEAR_VERSION = pattern(
    r"[^a-z0-9]{0,16}"
    r"(?P<v>v[^a-z0-9]{1,6})?(?:spf|sfp|psf|spff|sp)[^a-z0-9+?~/-]{0,2}(?P<one>[1l]0?|1\.0)?(?![0-9.]*[0-9])"
    r"[^a-z0-9+?~-]*",
    _FLAGS,
)
_TERM_HINT = pattern(
    r"(?:^|[^a-z0-9])[-+?~]?(?:(?:include|ip4|ip6|exists|a|mx|ptr)[:/]|(?:a|mx|all)(?![a-z0-9])|redirect=)", _FLAGS
)


def near_miss(record: str | bytes) -> SpfProblem | None:
    """The problem with the beginning of a text that was surely meant as an SPF record and is none (RFC 7208 §4.5).

    None where it is one, or where it is something else. The suggestion is the version section as it must be.
    """
    text = record_text(record)
    if re.match(r"v=spf1(?: |\Z)", text, _FLAGS):
        return None
    match = _NEAR_VERSION.match(text)
    if match is None or match.end() == 0:
        return None
    sure = match["v"] is not None and match["one"] is not None
    if not sure and (
        not (match["v"] or match["one"]) or not _TERM_HINT.search(text, match.end() - 1, match.end() + 500)
    ):
        return None
    return SpfProblem(_Kind.VERSION, Span(0, match.end()), match[0], True, "v=spf1 ")


# --- terms that the grammar knows, and nobody can have meant -----------------------------------------------------


def doubts(term: Term) -> Iterator[SpfProblem]:
    """What is legal but surely a slip; none of it is fatal."""
    if isinstance(term, Modifier):
        yield from _odd_modifier(term)
    if isinstance(term, Directive) and term.network is not None:
        address = term.text.partition(":")[2].partition("/")[0]
        if str(term.network.network_address) != address and _has_host_bits(term, address):
            span, text = term.span, term.text
            head = text.partition(":")[0]
            yield SpfProblem(_Kind.HOST_BITS, span, text, False, f"{head}:{term.network}")
    if term.domain_spec is not None:
        yield from _odd_name(term, term.domain_spec)


def _has_host_bits(term: Directive, address: str) -> bool:
    # The network was read with its host bits dropped; they were there if the address alone is another one.
    if term.network is None or term.network.prefixlen == term.network.max_prefixlen:
        return False
    return type(term.network.network_address)(address) != term.network.network_address


def _odd_modifier(term: Modifier) -> Iterator[SpfProblem]:
    if term.name == "v":
        yield SpfProblem(_Kind.REPEATED_VERSION, term.span, term.text, fatal=False)
    elif term.name in MECHANISMS:
        candidate = term.text.replace("=", ":", 1)
        suggestion = candidate if is_term(candidate) else ""
        yield SpfProblem(_Kind.EQUALS_FOR_COLON, term.span, term.text, False, suggestion)
    elif term.name not in ("redirect", "exp", "ra", "rp", "rr"):
        name = next((n for n in meant(term.name) if n in ("redirect", "include")), "")
        candidate = f"{name}{'=' if name == 'redirect' else ':'}{term.value}"
        if name and is_term(candidate):
            yield SpfProblem(_Kind.EQUALS_FOR_COLON, term.span, term.text, False, candidate)


_HOSTLIKE = pattern(r"[a-z0-9._-]*", _FLAGS)


def _odd_name(term: Term, spec: DomainSpec) -> Iterator[SpfProblem]:
    text = "".join(part for part in spec.parts if isinstance(part, str))
    pieces = split_joined(term.text)
    if pieces:
        yield SpfProblem(_Kind.JOINED_TERMS, term.span, term.text, False, " ".join(pieces))
    elif spec.is_static and query_name(text) is None:
        fixed = re.sub(r"\.{2,}", ".", spec.text).lstrip(".")
        candidate = term.text.replace(spec.text, fixed, 1)
        usable = fixed != spec.text and query_name(fixed) is not None and is_term(candidate)
        yield SpfProblem(_Kind.IMPOSSIBLE_NAME, spec.span, spec.text, False, fixed if usable else "")
    elif not _HOSTLIKE.fullmatch(text) and spec.is_static:
        fixed = re.sub(r"^[a-z]+://|^.*@|[\"'\[\]<>()]", "", spec.text, flags=_FLAGS)
        usable = fixed != spec.text and bool(_HOSTLIKE.fullmatch(fixed)) and grammar.read_domain_spec(fixed) is not None
        yield SpfProblem(_Kind.ODD_NAME, spec.span, spec.text, False, fixed if usable else "")
