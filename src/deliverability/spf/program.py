"""A record as the evaluator runs it, and the memory that keeps records read.

Evaluation asks one thing of most terms, "is the address in this network?", and asks it of the same records for every
message. So a record becomes a list of steps once: neighbouring ip4 and ip6 mechanisms are one step of integer tests,
static names are ready for their question, macros are taken apart. The steps differ for IPv4 and IPv6 clients and are
made when the first client of a kind comes.

The words of the grammar decide here as in spf/record.py: a record has steps exactly when `parse` finds nothing fatal.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias, cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.questions import Record, TxtStrings
from deliverability.spf.grammar import MacroParts, Scanned, match_ip4, scan
from deliverability.spf.macro import fit
from deliverability.spf.record import parse
from deliverability.spf.terms import SpfRecord


class Op(IntEnum):
    """What a step does."""

    NETWORKS = 0
    ALL = 1
    INCLUDE = 2
    A = 3
    MX = 4
    PTR = 5
    EXISTS = 6
    REDIRECT = 7
    END = 8


#: (mask, value, result, index of the term): the address matches where `address & mask == value`.
NetworkTest: TypeAlias = tuple[int, int, str, int]
#: Where a step asks: a name ready for its question ("" is none that DNS has), macros to expand, or None: the domain.
Target: TypeAlias = "DomainName | MacroParts | None"


class Step(NamedTuple):
    """One step; a plain tuple because evaluation runs through millions of them."""

    op: int
    index: int  # of the term in the record
    result: str  # what a match means
    target: Target = None
    mask: int = 0  # for a and mx
    tests: tuple[NetworkTest, ...] = ()


_RESULTS: Final = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}  # RFC 7208 §4.6.2
_OPS: Final = {
    "all": int(Op.ALL),
    "include": int(Op.INCLUDE),
    "a": int(Op.A),
    "mx": int(Op.MX),
    "ptr": int(Op.PTR),
    "exists": int(Op.EXISTS),
}
_QUIET: Final = (Op.NETWORKS, Op.ALL, Op.END)
_NETWORKS: Final = int(Op.NETWORKS)
_MASKS4: Final = tuple((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF for length in range(33))
_MASKS6: Final = tuple(((1 << 128) - 1) ^ ((1 << (128 - length)) - 1) for length in range(129))


class Program:
    """One record, ready to run. `steps4` and `steps6` are None where the record is a permerror (RFC 7208 §4.6)."""

    __slots__ = ("_limits", "_record", "_steps", "asks", "exp", "text")

    def __init__(self, text: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self.text = text
        # Both are known once the steps are made: the `exp=` in force, and whether any step asks.
        self.exp: MacroParts | None = None
        self.asks = False
        self._limits = limits
        self._steps: dict[int, tuple[Step, ...] | None] = {}
        self._record: SpfRecord | None = None

    @property
    def record(self) -> SpfRecord:
        """The record with its terms and problems."""
        if self._record is None:
            self._record = parse(self.text, limits=self._limits)
        return self._record

    def steps(self, version: int) -> tuple[Step, ...] | None:
        """The steps for a client of IP version 4 or 6; None: the record has a syntax error."""
        try:
            return self._steps[version]
        except KeyError:
            steps = self._steps[version] = self._compile(version)
            return steps

    def _compile(self, version: int) -> tuple[Step, ...] | None:
        text, limits = self.text, self._limits
        words = [word for word in text[6:].split(" ") if word]
        if len(words) > limits.spf_terms or len(text) > limits.txt_octets:
            return None
        builder = _Builder(version)
        for index, word in enumerate(words):
            match = match_ip4(word)
            if match is not None:
                if version == 4:
                    qualifier, address, length = match.groups()
                    builder.add_network4(qualifier, address, length, index)
            else:
                scanned = scan(word)
                if scanned is None:
                    return None
                builder.add(scanned, index)
        self.exp = builder.exp
        steps = builder.finish()
        self.asks = steps is not None and any(step.op not in _QUIET for step in steps)
        return steps


class _Builder:
    """Collects steps in the order of the terms."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.exp: MacroParts | None = None
        self._steps: list[Step] = []
        self._run: list[NetworkTest] = []
        self._redirect: Step | None = None
        self._once: Counter[str] = Counter()
        self._ended = False

    def add_network4(self, qualifier: str, address: str, length: str | None, index: int) -> None:
        a, b, c, d = address.split(".")
        mask = _MASKS4[int(length)] if length is not None else 0xFFFFFFFF
        value = (int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)) & mask
        self._run.append((mask, value, _RESULTS[qualifier], index))

    def add(self, scanned: Scanned, index: int) -> None:
        name, qualifier, value, _, parts, length4, length6 = scanned
        if name == "ip6":
            if self.version == 6:
                mask = _MASKS6[128 if length6 is None else length6]
                test = (mask, int(ipaddress.IPv6Address(value or "")) & mask, _RESULTS[qualifier or ""], index)
                self._run.append(test)
        elif qualifier is None:
            self._add_modifier(name, parts, index)
        else:
            self._end_run()
            if self.version == 4:
                mask = _MASKS4[32 if length4 is None else length4]
            else:
                mask = _MASKS6[128 if length6 is None else length6]
            self._append(Step(_OPS[name], index, _RESULTS[qualifier], target_of(parts), mask))

    def _append(self, step: Step) -> None:
        if not self._ended:  # RFC 7208 §5.1: mechanisms after "all" are never tested
            self._steps.append(step)
            self._ended = step.op == Op.ALL

    def _add_modifier(self, name: str, parts: MacroParts | None, index: int) -> None:
        if name == "redirect":
            self._redirect = Step(Op.REDIRECT, index, "", target_of(parts))
        elif name == "exp":
            self.exp = parts
        else:
            return
        self._once[name] += 1

    def _end_run(self) -> None:
        if self._run:
            self._append(Step(_NETWORKS, self._run[0][3], "", None, 0, tuple(self._run)))
            self._run = []

    def finish(self) -> tuple[Step, ...] | None:
        """All steps, the last of which always ends; None where a modifier is repeated (RFC 7208 §6)."""
        if self._once and max(self._once.values()) > 1:
            return None
        self._end_run()
        if not self._ended:
            self._steps.append(self._redirect or Step(Op.END, -1, "neutral"))  # RFC 7208 §4.7
        return tuple(self._steps)


def target_of(parts: MacroParts | None) -> Target:
    """The name of a domain-spec without macros, its parts otherwise."""
    if parts is None:
        return None
    if len(parts) == 1 and isinstance(parts[0], str):
        return query_name(fit(parts[0])) or DomainName("")
    return parts


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
