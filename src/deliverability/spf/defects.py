"""What is wrong with a term that RFC 7208 §12 does not know.

Each `_…` function below looks for one mistake people make and returns the problem, or None. The first that answers
decides, so the ones that see a cause (a quote, a missing space) come before those that only see its effect (a domain
that is none). A suggestion is given only where the corrected text is itself well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from deliverability.core.names import is_host_name
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.spf import grammar
from deliverability.spf.terms import SpfProblem, SpfProblemKind

_FLAGS = re.IGNORECASE | re.ASCII
_Kind = SpfProblemKind


class Word(NamedTuple):
    """A piece of the record between spaces."""

    text: str
    start: int

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.start + len(self.text))

    def problem(self, kind: SpfProblemKind, suggestion: str = "") -> SpfProblem:
        """A fatal problem with this word; the suggestion is dropped where it would be none, or would let everybody send."""
        opens = "all" not in self.text.lower() and not {"all", "+all"}.isdisjoint(suggestion.split())
        return SpfProblem(kind, self.span, self.text, True, suggestion if _are_terms(suggestion) and not opens else "")


def _are_terms(text: str) -> bool:
    words = text.split()
    return bool(words) and len(words) <= _MOST_PIECES and all(is_term(word) for word in words)


def is_term(text: str) -> bool:
    """Whether the grammar knows it."""
    return grammar.scan(text) is not None


#: Pieces into which one word is taken apart for a suggestion; a longer run of slips gets none.
_MOST_PIECES = 50
MECHANISMS = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
_MODIFIERS = ("redirect", "exp")
_QUALIFIERS = "+-~?"


def explain(words: list[Word], index: int) -> tuple[list[SpfProblem], int]:
    """The problem with a word that is no term, and how many of the words after it belong to it."""
    word = words[index]
    split = _split(words, index)
    if split is not None:
        return [split[0]], split[1]
    for look in (_foreign, _quoted, _separated, _joined, _bare_address, _qualified, _named):
        problem = look(word)
        if problem is not None:
            return [problem], 0
    return [word.problem(_Kind.SYNTAX)], 0


def _split(words: list[Word], index: int) -> tuple[SpfProblem, int] | None:
    """A space inside a term: `ip4: 192.0.2.1`, `- all`, `redirect= x.example`, `ip4:192.0.2.0 /24`."""
    word = words[index]
    if index + 1 < len(words) and (word.text in _QUALIFIERS or word.text[-1] in ":=/"):
        after = words[index + 1]
        whole = word.text + after.text
        if is_term(whole):
            span = Span(word.start, after.span.end)
            return SpfProblem(_Kind.SPLIT_TERM, span, f"{word.text} {after.text}", True, whole), 1
    if index and word.text[0] in "/:":
        before = words[index - 1]
        whole = before.text + word.text
        if is_term(whole):
            span = Span(before.start, word.span.end)
            return SpfProblem(_Kind.SPLIT_TERM, span, f"{before.text} {word.text}", True, whole), 0
    return None


#: Typographic characters as people paste them: as text, and as the octets of their UTF-8 form read one by one.
_TYPOGRAPHIC = {
    **dict.fromkeys("“”„‟«»‘’‚‛′″`´", ""),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("\u00a0\u202f\u2007\u3000\t\r\n", " "),
    "：": ":",
    "＝": "=",
    "／": "/",
    "．": ".",
    "～": "~",
    "˜": "~",
}
_AS_OCTETS = {key.encode().decode("latin-1"): value for key, value in _TYPOGRAPHIC.items() if not key.isascii()}
_TYPOGRAPHIC_RUN = pattern("|".join(re.escape(key) for key in [*_AS_OCTETS, *_TYPOGRAPHIC]))
_QUOTES = frozenset("“”„‟«»‘’‚‛′″`´")
_FOREIGN = pattern(r"[^!-~]+")


def _plain(text: str) -> str:
    """The text with typographic characters as the plain ones they stand for."""
    return _TYPOGRAPHIC_RUN.sub(lambda m: _AS_OCTETS.get(m[0], _TYPOGRAPHIC.get(m[0], "")), text)


def _foreign(word: Word) -> SpfProblem | None:
    found = _FOREIGN.search(word.text)
    if found is None:
        return None
    plain = _plain(word.text).replace('"', "").replace("'", "").strip()
    seen = [m[0] for m in _TYPOGRAPHIC_RUN.finditer(word.text)]
    quotes = any(s in _QUOTES or s.encode("latin-1", "ignore").decode("utf-8", "ignore") in _QUOTES for s in seen)
    return word.problem(_Kind.QUOTE if quotes else _Kind.FOREIGN_CHARACTER, plain)


def _quoted(word: Word) -> SpfProblem | None:
    if '"' not in word.text and "'" not in word.text and "\\" not in word.text:
        return None
    bare = re.sub(r"""\\?["'\\]""", "", word.text)
    if not bare:  # a quote on its own: the correction is to take it away, which is no term
        return SpfProblem(_Kind.QUOTE, word.span, word.text)
    return word.problem(_Kind.QUOTE, bare)


def _separated(word: Word) -> SpfProblem | None:
    if "," not in word.text and ";" not in word.text:
        return None
    pieces = [piece for piece in re.split(r"[,;]+", word.text) if piece]
    return word.problem(_Kind.SEPARATOR, " ".join(_with_prefix(pieces)))


def _with_prefix(pieces: list[str]) -> Iterator[str]:
    """`ip4:192.0.2.1,192.0.2.2` as two terms: a piece without a mechanism takes the one before it."""
    head = ""
    for piece in pieces[: _MOST_PIECES + 1]:
        match = re.match(r"[-+?~]?[a-z][a-z0-9]*:", piece, _FLAGS)
        if match and (grammar.IP6_TERM.fullmatch(head + piece) is None or not head):
            head = match[0]
        yield piece if is_term(piece) else head + piece


_START = pattern(
    r"(?:[-+?~](?=(?:all|a|mx|ptr)\b|include:|ip[46]:|a:|mx:|exists:|ptr:)"
    r"|(?:include|ip[46]|exists|mx|ptr|a):|redirect=|exp=|v=spf1)",
    _FLAGS,
)


def _joined(word: Word) -> SpfProblem | None:
    """Two terms without the space between them: `include:a.exampleinclude:b.example`, `ip4:192.0.2.1-all`."""
    pieces = split_joined(word.text)
    return word.problem(_Kind.JOINED_TERMS, " ".join(pieces)) if pieces else None


def split_joined(text: str) -> list[str]:
    """The terms that a word was run together from; empty where it was not."""
    pieces: list[str] = []
    rest = text
    while len(pieces) < _MOST_PIECES:
        cut = next((m.start() for m in _starts(rest) if is_term(rest[: m.start()])), None)
        if cut is None:
            break
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest] if pieces and is_term(rest) else []


def _starts(text: str) -> Iterator[re.Match[str]]:
    found = 0
    for match in _START.finditer(text, 1, 2_000):
        if match.start() and (found := found + 1) <= _MOST_PIECES:
            yield match


_IP4_LIKE = pattern(r"[0-9]{1,3}(?:\.[0-9*x]{1,3}){1,3}(?:/[0-9.]*)?", _FLAGS)
_IP6_LIKE = pattern(r"(?=[^:]*:[^:]*:)[0-9a-f:.]{2,45}(?:/[0-9]*)?", _FLAGS)


def _bare_address(word: Word) -> SpfProblem | None:
    """An address or a host without its mechanism."""
    qualifier = word.text[:1] if word.text[0] in _QUALIFIERS else ""
    rest = word.text[len(qualifier) :]
    if _IP4_LIKE.fullmatch(rest):
        return word.problem(_Kind.MISSING_MECHANISM, f"{qualifier}ip4:{rest}")
    if _IP6_LIKE.fullmatch(rest):
        return word.problem(_Kind.MISSING_MECHANISM, f"{qualifier}ip6:{rest}")
    if "." in rest and ":" not in rest and "=" not in rest and grammar.read_domain_spec(rest):
        return word.problem(_Kind.MISSING_MECHANISM)
    return None


_HEAD = pattern(r"([^a-z0-9]*)([a-z][a-z0-9._-]*|)([:=/]?)(.*)", _FLAGS | re.DOTALL)


def _qualified(word: Word) -> SpfProblem | None:
    """A qualifier that is doubled, unknown, or before a modifier."""
    match = _HEAD.fullmatch(word.text)
    if match is None or not match[1]:
        return None
    marks, rest = match[1], word.text[len(match[1]) :]
    if not rest:
        return word.problem(_Kind.QUALIFIER)
    if match[3] == "=" and match[2].lower() not in MECHANISMS:
        return word.problem(_Kind.QUALIFIER, rest) if is_term(rest) or match[2].lower() in _MODIFIERS else None
    if len(marks) == 1 and marks in _QUALIFIERS:
        return None
    known = [mark for mark in marks if mark in _QUALIFIERS]
    wanted = known[-1] if len(set(known)) == 1 else ("" if known else "-" if rest.lower() == "all" else "")
    return word.problem(_Kind.QUALIFIER, wanted + rest if len(set(known)) <= 1 else "")


def _named(word: Word) -> SpfProblem | None:
    match = _HEAD.fullmatch(word.text)
    if match is None or not match[2]:
        return None
    qualifier, name, mark, value = match[1], match[2].lower(), match[3], match[4]
    if mark == "=" and name in MECHANISMS:
        return word.problem(_Kind.EQUALS_FOR_COLON, f"{qualifier}{name}:{value}")
    if name in _MODIFIERS:
        return _of_modifier(word, qualifier, name, mark, value)
    if name == "all":
        return word.problem(_Kind.UNEXPECTED_VALUE, f"{qualifier}all")
    if name in ("ip4", "ip6"):
        return _of_network(word, f"{qualifier}{name}", mark, value)
    if name in MECHANISMS:
        return _of_domain(word, f"{qualifier}{name}", mark, value)
    if mark == "=":
        kind = _Kind.MACRO if "%" in value else _Kind.MODIFIER_VALUE
        return SpfProblem(kind, word.span, word.text, True, _close_modifier(name, value))
    return _unknown(word, qualifier, name, word.text[len(qualifier) + len(name) :])


def _of_modifier(word: Word, qualifier: str, name: str, mark: str, value: str) -> SpfProblem:
    if mark != "=":
        return word.problem(_Kind.COLON_FOR_EQUALS, f"{name}={value}") if value else word.problem(_Kind.EMPTY_VALUE)
    return _of_spec(word, f"{name}=", value)


def _of_domain(word: Word, head: str, mark: str, value: str) -> SpfProblem:
    """include, a, mx, ptr or exists with something after it that is no domain-spec and no prefix length."""
    if mark != ":":
        return _of_prefix(word, head, mark + value)
    domain, slash, lengths = value.partition("/")
    if slash and not domain and not head.lower().endswith(("a", "mx")):
        return word.problem(_Kind.EMPTY_VALUE)
    if slash and domain and grammar.read_domain_spec(domain):
        return _of_prefix(word, f"{head}:{domain}", slash + lengths)
    if not domain:
        return word.problem(_Kind.EMPTY_VALUE, head + slash + lengths)
    return _of_spec(word, f"{head}:", value)


def _of_prefix(word: Word, head: str, lengths: str) -> SpfProblem:
    """What follows a mechanism and its domain from the first slash on."""
    if not lengths:
        return word.problem(_Kind.EMPTY_VALUE)
    if lengths[0] != "/":
        return _unknown(word, "", head, lengths)
    if not re.fullmatch(r"[-+?~]?(?:a|mx)(?::.*)?", head, _FLAGS):
        kind = _Kind.UNEXPECTED_PREFIX if ":" in head or head.lower().endswith("ptr") else _Kind.EMPTY_VALUE
        return word.problem(kind, head)
    parts = lengths.split("/")
    if len(parts) == 3 and parts[1] and parts[2] and is_term(f"{head}/{parts[1]}//{parts[2]}"):
        return word.problem(_Kind.PREFIX_LENGTH, f"{head}/{parts[1]}//{parts[2]}")
    stripped = re.sub(r"/0+(?=[0-9])", "/", lengths)
    if stripped != lengths and is_term(head + stripped):
        return word.problem(_Kind.LEADING_ZERO, head + stripped)
    mask = _mask_length(lengths[1:])
    if mask is not None:
        return word.problem(_Kind.NETMASK, f"{head}/{mask}")
    return word.problem(_Kind.PREFIX_LENGTH, head if lengths.strip("/") == "" else "")


def _of_spec(word: Word, head: str, value: str) -> SpfProblem:
    """A domain-spec that is none."""
    if not value:
        return word.problem(_Kind.EMPTY_VALUE)
    address = grammar.compiled(grammar.IP4_ADDRESS).fullmatch(value)
    if address or grammar.compiled(grammar.IP6_ADDRESS).fullmatch(value):
        network = f"{'ip4' if address else 'ip6'}:{value}"
        qualifier = head[0] if head[0] in _QUALIFIERS else ""
        return word.problem(_Kind.ADDRESS, "" if head.endswith("=") else qualifier + network)
    if "%" in value and grammar.read_macros(value, grammar.DOMAIN_LETTERS) is None:
        fixed = re.sub(r"%(?![{%_-])\(?([slodiphv][0-9]*r?)\)?", r"%{\1}", value)
        return word.problem(_Kind.MACRO, head + fixed)
    trimmed = re.sub(r"^[a-z]+://|^.*@|[/:].*$", "", value, flags=_FLAGS).strip(".")
    return word.problem(_Kind.DOMAIN, head + trimmed)


def _of_network(word: Word, head: str, mark: str, value: str) -> SpfProblem:
    """ip4 or ip6 with something that is no network."""
    if mark != ":" or not value:
        rest = mark + value
        if rest and rest[0] not in ":/":
            return _unknown(word, "", head, rest)
        return word.problem(_Kind.EMPTY_VALUE)
    address, slash, length = value.replace("\\", "/").partition("/")
    family, other = (head[-1], "6" if head[-1] == "4" else "4")
    if is_term(f"ip{other}:{value}") or is_term(f"ip{other}:{address}"):
        return word.problem(_Kind.ADDRESS_FAMILY, f"{head[:-1]}{other}:{value}")
    if is_term(f"ip{family}:{address}"):
        return _of_network_length(word, head, address, length)
    stripped = re.sub(r"(?<![0-9])0+(?=[0-9])", "", address)
    if family == "4" and stripped != address and is_term(f"ip4:{stripped}{slash}{length}"):
        return word.problem(_Kind.LEADING_ZERO, f"{head}:{stripped}{slash}{length}")
    if is_host_name(address.lower()) and not re.fullmatch(r"[0-9./x*-]+", address):
        qualifier = head[0] if head[0] in _QUALIFIERS else ""
        return word.problem(_Kind.ADDRESS, f"{qualifier}a:{address}")
    return word.problem(_Kind.ADDRESS, _completed(head, address, length) if family == "4" else "")


def _of_network_length(word: Word, head: str, address: str, length: str) -> SpfProblem:
    mask = _mask_length(length)
    if mask is not None:
        return word.problem(_Kind.NETMASK, f"{head}:{address}/{mask}")
    if re.fullmatch(r"0+[0-9]{1,3}", length):
        return word.problem(_Kind.LEADING_ZERO, f"{head}:{address}/{length.lstrip('0') or '0'}")
    bare = length.strip("/ .")
    return word.problem(_Kind.PREFIX_LENGTH, f"{head}:{address}" + (f"/{bare}" if bare else ""))


def _completed(head: str, address: str, length: str) -> str:
    """`192.0.2.*` as `192.0.2.0/24`, `192.0.2` and `192.0.2/24` likewise: the network that was surely meant."""
    labels = [label for label in address.rstrip(".").split(".") if label not in ("*", "x", "X")]
    if not 1 <= len(labels) <= 3 or any(not re.fullmatch(grammar.QNUM, label) for label in labels):
        return ""
    return f"{head}:{'.'.join(labels + ['0'] * (4 - len(labels)))}/{length or 8 * len(labels)}"


_MASKS = {
    ".".join(str(((2**32 - 2 ** (32 - length)) >> shift) & 255) for shift in (24, 16, 8, 0)): length
    for length in range(33)
}


def _mask_length(mask: str) -> int | None:
    """The prefix length that a dotted netmask stands for."""
    return _MASKS.get(mask)


_ALIASES = {
    "ip": "ip4",
    "ipv4": "ip4",
    "ipv6": "ip6",
    "ip-4": "ip4",
    "ip-6": "ip6",
    "ip4v": "ip4",
    "inc": "include",
    "incl": "include",
    "includes": "include",
    "included": "include",
    "host": "a",
    "aaaa": "a",
    "mail": "mx",
}


def _unknown(word: Word, qualifier: str, name: str, rest: str) -> SpfProblem:
    """A mechanism that RFC 7208 §5 does not have; the one that was meant, where that can be told."""
    for wanted in meant(name):
        for candidate in (f"{qualifier}{wanted}{rest}", f"{wanted}{rest.replace(':', '=', 1)}"):
            if is_term(candidate) and (wanted in _MODIFIERS) == ("=" in candidate):
                return word.problem(_Kind.UNKNOWN_MECHANISM, candidate)
    return word.problem(_Kind.UNKNOWN_MECHANISM)


def meant(name: str) -> list[str]:
    """The names that a misspelt one may stand for, the nearest first."""
    if name in _ALIASES:
        return [_ALIASES[name]] + (["ip6"] if name == "ip" else [])
    if len(name) > 12:
        return []
    allowed = 2 if len(name) >= 5 else 1
    near = sorted((_distance(name, known), known) for known in (*MECHANISMS, *_MODIFIERS) if len(known) > 1)
    return [known for distance, known in near if distance <= allowed]


def _close_modifier(name: str, value: str) -> str:
    return next((f"{n}={value}" for n in meant(name) if n in _MODIFIERS and is_term(f"{n}={value}")), "")


def _distance(a: str, b: str) -> int:
    """Edits between two short words; two letters the wrong way round are one edit."""
    rows = [list(range(len(b) + 1))]
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
