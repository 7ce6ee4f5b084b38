"""A record as the evaluator runs it, and the memory that keeps records read.

Evaluation asks one thing of most terms, "is the address in this network?", and asks it of the same records for every
message. So a record becomes a list of steps once: neighbouring ip4 and ip6 mechanisms are one step of integer tests,
static names are ready for their question, macros are taken apart. The steps differ for IPv4 and IPv6 clients and are
made when the first client of a kind comes.

The words of the grammar decide here as in spf/record.py: a record has steps exactly when `parse` finds nothing fatal.
"""

from __future__ import annotations

import functools
import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple, TypeAlias, cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.questions import DnsQuestion, Record, TxtStrings
from deliverability.spf.grammar import IP6_TERM, Macro, MacroParts, Scanned, scan
from deliverability.spf.macro import fit
from deliverability.spf.record import parse
from deliverability.spf.terms import SpfRecord


class Op:
    """What a step does; plain numbers, compared for every step of every evaluation."""

    NETWORKS: Final = 0
    ALL: Final = 1
    INCLUDE: Final = 2
    A: Final = 3
    MX: Final = 4
    PTR: Final = 5
    EXISTS: Final = 6
    REDIRECT: Final = 7
    END: Final = 8


#: (mask, value, result, index of the term): the address matches where `address & mask == value`.
NetworkTest: TypeAlias = tuple[int, int, str, int]


class Template(NamedTuple):
    """A target-name with macros, and what its expansion needs."""

    parts: MacroParts
    #: `%{p}`: the validated name of the client, which costs questions.
    validated_name: bool
    #: `%{s}` or `%{l}`: the local-part, which may be outside ASCII (RFC 8616 §4).
    local_part: bool


#: Where a step asks: a name ready for its question ("" is none that DNS has), macros to expand, or None: the domain.
Target: TypeAlias = "DomainName | Template | None"


class Step(NamedTuple):
    """One step; a tuple because evaluation runs through millions of them."""

    op: int
    at: int  # which term of the record
    result: str  # what a match means
    target: Target = None
    #: The question, ready to be asked, of a step whose target is the same for every message.
    question: DnsQuestion | None = None
    mask: int = 0  # for a and mx
    tests: tuple[NetworkTest, ...] = ()


_RESULTS: Final = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}  # RFC 7208 §4.6.2
_OPS: Final = {
    "all": Op.ALL,
    "include": Op.INCLUDE,
    "a": Op.A,
    "mx": Op.MX,
    "ptr": Op.PTR,
    "exists": Op.EXISTS,
    "redirect": Op.REDIRECT,
}
_END: Final = Step(Op.END, -2, "neutral")  # RFC 7208 §4.7
_LEADING: Final = (Op.INCLUDE, Op.MX, Op.REDIRECT)
#: Terms that mean the same wherever they stand; half of all terms that are no network.
_BARE: Final = {"a": (Op.A, "pass"), "mx": (Op.MX, "pass")} | {f"{q}all": (Op.ALL, r) for q, r in _RESULTS.items()}
_MASKS4: Final = tuple((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF for length in range(33))
_MASKS6: Final = tuple(((1 << 128) - 1) ^ ((1 << (128 - length)) - 1) for length in range(129))
_FULL: Final = {4: _MASKS4[32], 6: _MASKS6[128]}
# The decimal words of the grammar as numbers, each octet at its place: a word that is not here is not of the grammar.
_MASK_WORDS: Final = {str(length): mask for length, mask in enumerate(_MASKS4)}
_OCTET1, _OCTET2, _OCTET3, _OCTET4 = ({str(n): n << shift for n in range(256)} for shift in (24, 16, 8, 0))
#: A domain-spec that is a name ready for its question as it stands; most are.
_is_ready = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?").fullmatch


class Program:
    """One record, ready to run. Steps are None where the record is a permerror (RFC 7208 §4.6)."""

    __slots__ = ("_limits", "_record", "_steps4", "_steps6", "exp", "foresees", "text")

    def __init__(self, text: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self.text = text
        # Both are known once the steps are made: the `exp=` in force, and whether it is worth to look ahead.
        self.exp: Template | None = None
        self.foresees = False
        self._limits = limits
        # An empty tuple: not made yet.
        self._steps4: tuple[Step, ...] | None = ()
        self._steps6: tuple[Step, ...] | None = ()
        self._record: SpfRecord | None = None

    @property
    def record(self) -> SpfRecord:
        """The record with its terms and problems."""
        if self._record is None:
            self._record = parse(self.text, limits=self._limits)
        return self._record

    def steps(self, version: int) -> tuple[Step, ...] | None:
        """The steps for a client of IP version 4 or 6, the last of which always ends; None: a syntax error."""
        if version == 4:
            if self._steps4 == ():
                self._steps4 = self._compile(4)
            return self._steps4
        if self._steps6 == ():
            self._steps6 = self._compile(6)
        return self._steps6

    def _compile(self, version: int) -> tuple[Step, ...] | None:  # noqa: PLR0912 - the common forms one by one
        limits = self._limits
        if len(self.text) > limits.txt_octets:
            return None
        words = self.text[7:].split(" ")
        if "" in words:
            words = [word for word in words if word]
        if len(words) > limits.spf_terms:
            return None
        builder = _Builder(version)
        for index, word in enumerate(words):
            head = word[:4]
            if head == "ip4:":
                test = _network4(word, index)
                if test is None:
                    return None
                if version == 4:
                    builder.run.append(test)
            elif head == "ip6:" and version == 4:
                if IP6_TERM.fullmatch(word) is None:
                    return None
            elif word in _BARE:
                builder.append_bare(_bare_step(word, index, version))
            elif head == "incl" and word[:8] == "include:" and _is_ready(word[8:]):
                name = DomainName(word[8:])
                builder.append(Step(Op.INCLUDE, index, "pass", name, DnsQuestion(name, "TXT")))
                builder.leads = True
            else:
                scanned = scan(word)
                if scanned is None or not builder.add(scanned, index):
                    return None
        steps = builder.finish()
        self.exp = None if builder.exp is None else template_of(builder.exp)
        # A lone a, exists or ptr is asked at once; anything else leads to more than one question.
        self.foresees = builder.asking > 1 or builder.leads
        return steps


@functools.cache
def _bare_step(word: str, index: int, version: int) -> Step:
    """The step of a term without a value; made once, as words and places are few."""
    op, result = _BARE[word]
    return Step(op, index, result, None, None, 0 if op == Op.ALL else _FULL[version])


def ip4_number(text: str) -> int | None:
    """A dotted quad (RFC 7208 §12, `ip4-network`) as a number; None for all else. `IPv4Address` takes five times as long."""
    try:
        a, b, c, d = text.split(".")
        return _OCTET1[a] | _OCTET2[b] | _OCTET3[c] | _OCTET4[d]
    except (KeyError, ValueError):
        return None


def _network4(word: str, index: int) -> NetworkTest | None:
    """An `ip4:` term without qualifier, read without patterns because nine terms of ten are of this form."""
    address, slash, length = word[4:].partition("/")
    number = ip4_number(address)
    mask = _MASK_WORDS.get(length) if slash else 0xFFFFFFFF
    return None if number is None or mask is None else (mask, number & mask, "pass", index)


class _Builder:
    """Collects steps in the order of the terms."""

    __slots__ = ("_ended", "_redirect", "_steps", "asking", "exp", "leads", "run", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        #: The networks since the last mechanism that is none.
        self.run: list[NetworkTest] = []
        self.exp: MacroParts | None = None
        #: Steps that ask, and whether one of them leads to more questions.
        self.asking = 0
        self.leads = False
        self._steps: list[Step] = []
        self._redirect: Step | None = None
        self._ended = False

    def add(self, scanned: Scanned, index: int) -> bool:
        """Add a term; whether it may stand where it does."""
        name, qualifier, value, _, parts, length4, length6 = scanned
        if qualifier is None:
            return self._add_modifier(name, parts, index)
        result = _RESULTS[qualifier]
        if name == "ip4":
            if self.version == 4:
                mask = _MASKS4[32 if length4 is None else length4]
                self.run.append((mask, int(IPv4Address(value or "")) & mask, result, index))
        elif name == "ip6":
            if self.version == 6:
                mask = _MASKS6[128 if length6 is None else length6]
                self.run.append((mask, int(IPv6Address(value or "")) & mask, result, index))
        else:
            if self.version == 4:
                mask = _MASKS4[32 if length4 is None else length4]
            else:
                mask = _MASKS6[128 if length6 is None else length6]
            self.append(self._asking_step(_OPS[name], index, result, parts, mask))
        return True

    def _asking_step(self, op: int, index: int, result: str, parts: MacroParts | None, mask: int = 0) -> Step:
        if op != Op.ALL and not self._ended:
            self.asking += 1
            self.leads = self.leads or op in _LEADING
        target = target_of(parts)
        question = None
        if isinstance(target, str) and target:
            question = question_of(op, DomainName(target), self.version)
        return Step(op, index, result, target, question, mask)

    def append_bare(self, step: Step) -> None:
        """Add `all`, or an `a` or `mx` of the domain itself."""
        if step[0] != Op.ALL and not self._ended:
            self.asking += 1
            self.leads = self.leads or step[0] == Op.MX
        self.append(step)

    def append(self, step: Step) -> None:
        """Add a step after the networks that stand before it."""
        if self._ended:  # RFC 7208 §5.1: mechanisms after "all" are never tested
            return
        if self.run:
            self._end_run()
        self._steps.append(step)
        self._ended = step[0] == Op.ALL

    def _end_run(self) -> None:
        self._steps.append(Step(Op.NETWORKS, self.run[0][3], "", None, None, 0, tuple(self.run)))
        self.run = []

    def _add_modifier(self, name: str, parts: MacroParts | None, index: int) -> bool:
        """RFC 7208 §6: redirect and exp MUST NOT appear more than once; others are ignored."""
        if name == "redirect":
            if self._redirect is not None:
                return False
            self._redirect = self._asking_step(Op.REDIRECT, index, "", parts)
        elif name == "exp":
            if self.exp is not None:
                return False
            self.exp = parts
        return True

    def finish(self) -> tuple[Step, ...]:
        """All steps; without `all` a redirect ends them (RFC 7208 §6.1), or the default."""
        if not self._ended:
            if self.run:
                self._end_run()
            self._steps.append(self._redirect or _END)
        return tuple(self._steps)


def target_of(parts: MacroParts | None) -> Target:
    """The name of a domain-spec without macros, what to expand otherwise."""
    if parts is None:
        return None
    if len(parts) == 1 and isinstance(parts[0], str):
        return query_name(fit(parts[0])) or DomainName("")
    return template_of(parts)


def template_of(parts: MacroParts) -> Template:
    """The parts, and what their expansion needs."""
    letters = [part[0] for part in parts if type(part) is Macro]
    return Template(parts, "p" in letters, "l" in letters or "s" in letters)


def question_of(op: int, name: DomainName, version: int) -> DnsQuestion | None:
    """The first question of a step about `name`; None where it may not be asked (RFC 7208 §4.3).

    For ptr it only carries the name: the question is about the client.
    """
    if op == Op.A:
        return DnsQuestion(name, "A" if version == 4 else "AAAA")
    if op == Op.MX:
        return DnsQuestion(name, "MX")
    if op == Op.EXISTS:  # RFC 7208 §5.7: A whatever the client is
        return DnsQuestion(name, "A")
    if op == Op.PTR:
        return DnsQuestion(name, "PTR")
    return DnsQuestion(name, "TXT") if well_formed(name) else None


def well_formed(domain: str) -> DomainName | None:
    """The name to ask for, or None: malformed, not multi-label, not in A-labels (RFC 7208 §4.3), or an address."""
    if _is_ready(domain):
        return DomainName(domain)
    if not domain.isascii():
        return None
    name = query_name(domain)
    if name is None or "." not in name or name[0] == "[" or name.rpartition(".")[2].isdigit():
        return None
    return name


#: The SPF record of a TXT answer, or how many there were instead of one.
Selected: TypeAlias = "Program | int"


def select(records: tuple[Record, ...], limits: Limits = DEFAULT_LIMITS) -> Selected:
    """The one SPF record among TXT records (RFC 7208 §4.5), ready to run; else how many there are: 0, or 2 and more."""
    found = []
    for record in records:
        strings = cast(TxtStrings, record)
        octets = strings[0] if len(strings) == 1 else b"".join(strings)
        if octets[:7].lower() in (b"v=spf1", b"v=spf1 "):
            found.append(octets)
    return Program(found[0].decode("latin-1"), limits) if len(found) == 1 else len(found)


class RecordCache:
    """Records already read, for callers that evaluate many messages: pass the same one to every `check_host`.

    It is keyed by the octets of the TXT answer, so a changed record is read anew and nothing ever grows stale; it keeps
    no answers. When `size` answers are kept it starts anew. Safe to share between threads.
    """

    __slots__ = ("_kept", "_limits", "_size")

    def __init__(self, size: int = 10_000, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._kept: dict[tuple[Record, ...], Selected] = {}
        self._size = size
        self._limits = limits

    def select(self, records: tuple[Record, ...]) -> Selected:
        """As the function `select`, reading each answer once."""
        try:
            return self._kept[records]
        except KeyError:
            selected = select(records, self._limits)
            if len(self._kept) >= self._size:
                self._kept.clear()
            self._kept[records] = selected
            return selected

    def __len__(self) -> int:
        return len(self._kept)
