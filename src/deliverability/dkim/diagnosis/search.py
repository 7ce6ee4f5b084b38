"""The work of a search: how much of it is allowed, and the hash that says when the signed body has been found.

Theory of operation. A signature names the hash of the body as it was signed (`bh=`). A guess about what happened to
the body is undone, the result is put in canonical form and hashed, and if the hash is the one in `bh=`, then what
we hold is what was signed: SHA-256 has no second reading. What cannot be undone cannot be proved.

Most changes are insertions: a footer, a banner. To undo an insertion is to leave out one run of octets, and the
number of runs grows with the square of the body. Three things keep it cheap. A prefix is hashed once, and the state of
the hash is copied at each place where something may have been inserted. Places are only those where software inserts:
ends and beginnings of lines, of MIME parts, of HTML elements. And every hash is paid for out of an `Effort`, which
ends the search when it is spent; for a small body it pays for every run of lines there is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from deliverability.dkim.canonical import Canonicalization, canonicalize_body

if TYPE_CHECKING:
    from hashlib import _Hash

CRLF = b"\r\n"
#: Lines at the end of a body at which a footer may begin, and octets of its last line at which it may.
TAIL_LINES = 20_000
TAIL_OCTETS = 4_096
#: What a body costs that has to be put in canonical form, in hashes of as many octets.
BODY_COST = 3
#: Lines of a body for which every run of lines is tried.
SMALL_LINES = 20_000


class Effort:
    """What a search may still cost: octets hashed and hypotheses tried."""

    __slots__ = ("octets", "spent", "tries")

    def __init__(self, octets: int, tries: int) -> None:
        self.octets = octets
        self.tries = tries
        #: Something was not tried because of the limits.
        self.spent = False

    def take(self, octets: int, tries: int = 1) -> bool:
        """Pay for one hypothesis; False when there is not enough left."""
        if octets > self.octets or tries > self.tries:
            self.spent = True
            return False
        self.octets -= octets
        self.tries -= tries
        return True

    def allows(self, octets: int) -> bool:
        """Whether another body of that size can be paid for: before it is written out."""
        allowed = octets * BODY_COST <= self.octets and self.tries > 0
        self.spent = self.spent or not allowed
        return allowed

    @contextmanager
    def share(self, part: float) -> Iterator[None]:
        """Within this only that part of the octets may be spent, so that later steps have some too."""
        kept = self.octets - int(self.octets * part)
        self.octets -= kept
        try:
            yield
        finally:
            self.octets += kept


class Cut(NamedTuple):
    """A run `[start:end]` of the canonical body that would have been inserted."""

    start: int
    end: int


class SignedBody:
    """What a signature says of its body, and whether a candidate is it."""

    __slots__ = ("effort", "length", "method", "wanted")

    def __init__(self, method: Canonicalization, wanted: bytes, length: int | None, effort: Effort) -> None:
        self.method: Canonicalization = method
        self.wanted = wanted
        self.length = length
        self.effort = effort

    def canonical(self, body: bytes) -> bytes:
        """The body in canonical form, whole (`l=` is applied when it is hashed)."""
        return canonicalize_body(body, self.method)

    def is_body(self, body: bytes) -> bool:
        """Whether this body, in canonical form, is the one that was signed."""
        return self.effort.take(len(body) * BODY_COST) and self._hash(self.canonical(body)) == self.wanted

    def is_canonical(self, octets: bytes) -> bool:
        """Whether these octets, as they are, were hashed."""
        return self.effort.take(len(octets)) and self._hash(octets) == self.wanted

    def _hash(self, octets: bytes) -> bytes:
        if self.length is not None:
            if len(octets) < self.length:
                return b""
            octets = octets[: self.length]
        return hashlib.sha256(octets).digest()

    # --- one run left out -------------------------------------------------------------------------------------------

    def end_of_signed(self, body: bytes) -> int | None:
        """Where the signed body ends when something was appended to it: an offset in the canonical `body`."""
        if self.length is not None or not self.effort.take(len(body)):
            return None
        ends = list(_line_ends_from_below(body))
        if not ends:
            return None
        ends.reverse()
        state = hashlib.sha256(body[: ends[0]])
        before = ends[0]
        for end in ends:
            state.update(body[before:end])
            before = end
            if state.copy().digest() == self.wanted:
                return end
        return self._inside_a_line(body)

    def _inside_a_line(self, body: bytes) -> int | None:
        """The same, when what was appended begins in the middle of a line."""
        start = max(0, len(body) - TAIL_OCTETS)
        if not self.effort.take(TAIL_OCTETS, TAIL_OCTETS):
            return None
        state = hashlib.sha256(body[:start])
        for at in range(start, len(body) - 2):
            octet = body[at : at + 1]
            state.update(octet)
            if octet not in b" \t\r\n":
                ended = state.copy()
                ended.update(CRLF)
                if ended.digest() == self.wanted:
                    return at + 1
        return None

    def without(self, body: bytes, cuts: Iterable[Cut]) -> Cut | None:
        """The cut that leaves the signed body, of those given, tried in their order."""
        wanted = dict.fromkeys(cuts)
        starts = (Cut(start, start) for start in sorted({cut.start for cut in wanted}))
        states = {cut.start: state.copy() for cut, state in _with_states(body, starts)}
        return next((cut for cut in wanted if self._rest_matches(states[cut.start], body, cut)), None)

    def without_two(
        self, body: bytes, first: Iterable[Cut], second: Iterable[Cut], plausible: Callable[[Cut, Cut], bool]
    ) -> tuple[Cut, Cut] | None:
        """The two cuts that together leave the signed body; `second` lie behind `first`."""
        later = sorted(set(second))
        for one, state in _with_states(body, sorted(set(first))):
            pairs = [cut for cut in later if cut.start >= one.end and plausible(one, cut)]
            if not pairs or not self.effort.take(len(body) - one.end):
                continue
            for two, both in _with_states(body, pairs, state.copy(), one.end):
                if self._rest_matches(both, body, two, one.end - one.start):
                    return one, two
        return None

    def without_lines(self, body: bytes) -> Cut | None:
        """The run of whole lines that leaves the signed body: every run where the effort allows, else the short ones."""
        count = body.count(CRLF)
        if count < 2 or count > SMALL_LINES:
            return None
        starts = _line_starts(body)
        # Each line of width costs one hash of half the body for each place.
        affordable = min(self.effort.octets // max(1, count * len(body) // 2), self.effort.tries // count)
        self.effort.spent = self.effort.spent or affordable < count
        for width in range(1, min(affordable, count - 1) + 1):
            cuts = (Cut(starts[i], starts[i + width]) for i in range(count - width))
            for cut, state in _with_states(body, cuts):
                if self._rest_matches(state, body, cut):
                    return cut
        return None

    def with_octets(self, body: bytes, places: Iterable[int], lost: bytes) -> int | None:
        """The place where `lost` has to be put in to get the signed body."""
        for cut, state in _with_states(body, (Cut(at, at) for at in places)):
            if not self.effort.take(len(body) - cut.end):
                return None
            copy = state.copy()
            copy.update(lost)
            if self._finish(copy, body, cut.end, cut.start + len(lost)):
                return cut.start
        return None

    def _rest_matches(self, state: _Hash, body: bytes, cut: Cut, left_out: int = 0) -> bool:
        return self.effort.take(len(body) - cut.end) and self._finish(state.copy(), body, cut.end, cut.start - left_out)

    def _finish(self, state: _Hash, body: bytes, end: int, hashed: int) -> bool:
        """Hash what follows `end`, or as much of it as `l=` leaves after the `hashed` octets before it."""
        stop = len(body) if self.length is None else end + self.length - hashed
        if not end <= stop <= len(body):
            return False
        state.update(memoryview(body)[end:stop])
        return state.digest() == self.wanted


def _with_states(
    body: bytes, cuts: Iterable[Cut], state: _Hash | None = None, hashed: int = 0
) -> Iterator[tuple[Cut, _Hash]]:
    """Each cut with the state of the hash at its start. Cuts come in the order of their starts."""
    if state is None:
        state = hashlib.sha256()
    view = memoryview(body)
    for cut in cuts:
        if cut.start > hashed:
            state.update(view[hashed : cut.start])
            hashed = cut.start
        yield cut, state


def _line_ends_from_below(body: bytes) -> Iterator[int]:
    """Ends of the lines that have content, from the end; the last line itself is left out."""
    at = len(body)
    for _ in range(TAIL_LINES):
        at = body.rfind(CRLF, 0, max(0, at - 2)) + 2
        if at <= 2:
            return
        if body[at - 4 : at - 2] != CRLF and at > 2:
            yield at


def _line_starts(body: bytes) -> list[int]:
    starts = [0]
    at = body.find(CRLF)
    while at >= 0:
        starts.append(at + 2)
        at = body.find(CRLF, at + 2)
    return starts
