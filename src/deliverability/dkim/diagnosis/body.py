"""The search for what happened to a body.

The order is that of likelihood, and of cost: what the signer itself may have got wrong, something appended, one change
of the whole body, something put into a part, parts encoded anew, links rewritten, and at last every run of lines that the
effort still pays for. The first hypothesis whose hash is that of `bh=` ends the search: it is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, pairwise

from deliverability.core.text import ArgValue, Text
from deliverability.dkim.canonical import Canonicalization
from deliverability.dkim.diagnosis.causes import Cause, Certainty, Diagnosis
from deliverability.dkim.diagnosis.message import (
    AT_END,
    AT_START,
    INSIDE,
    Body,
    excerpt,
    filled,
    kind_of_text,
    lines_in,
    place_of,
    size_of,
)
from deliverability.dkim.diagnosis.parts import Leaf, Structure, cuts_at_end, cuts_at_start, letters
from deliverability.dkim.diagnosis.rewritten import RewrittenParts
from deliverability.dkim.diagnosis.search import CRLF, Cut, SignedBody
from deliverability.dkim.diagnosis.whole import ADDED, LOST, preambles, undone

_WHOLE = Text("the message", "el mensaje")


class BodySearch:
    """One search: the body as it is, and the hash of the body as it was signed."""

    __slots__ = ("body", "canonical", "structure", "wanted")

    def __init__(self, body: Body, wanted: SignedBody) -> None:
        self.body = body
        self.wanted = wanted
        self.canonical = wanted.canonical(body.octets)
        self.structure: Structure = body.structure(self.canonical)

    def run(self) -> Diagnosis | None:
        """The proved cause; None when no hypothesis held."""
        steps: tuple[tuple[Callable[[], Diagnosis | None], float], ...] = (
            (self._of_signer, 1),
            (self._appended, 1),
            (self._in_parts, 0.5),
            (self._whole, 0.6),
            (self._written_anew, 0.6),
            (self._lost, 0.5),
            (self._any_lines, 1),
        )
        for step, part in steps:
            with self.wanted.effort.share(part):
                found = step()
            if found is not None:
                return found
        return None

    # --- the signer -------------------------------------------------------------------------------------------------

    def _of_signer(self) -> Diagnosis | None:
        """What signers get wrong: they hashed something else than the message they sent (RFC 6376 §3.4)."""
        wanted, body = self.wanted, self.body.octets
        if self.canonical not in (b"", CRLF) and any(wanted.is_canonical(empty) for empty in (b"", CRLF, b"\n")):
            return _proved(Cause.EMPTY_BODY_SIGNED, {"octets": len(body)})
        other: Canonicalization = "relaxed" if wanted.method == "simple" else "simple"
        if SignedBody(other, wanted.wanted, wanted.length, wanted.effort).is_body(body):
            # Under "simple" the blanks may as well have been changed on the way; that the text is the same is certain.
            cause = Cause.WHITE_SPACE if other == "relaxed" else Cause.SIGNER_BODY_CANONICALIZATION
            return _proved(cause, {"used": other, "declared": wanted.method, "detail": _BLANKS})
        if wanted.is_canonical(self.canonical.replace(CRLF, b"\n")):
            return _proved(Cause.LINE_ENDS, {"detail": Text("LF alone", "solo LF"), "signer": "1"})
        if wanted.is_canonical(self.canonical[:-2]):
            return _proved(Cause.SIGNER_FINAL_LINE_END, {})
        blank = (len(body) - len(body.rstrip(CRLF))) // 2
        if blank > 1 and wanted.is_canonical(self.canonical + CRLF * (blank - 1)):
            return _proved(Cause.SIGNER_FINAL_LINE_END, {})
        return None

    def _written_anew(self) -> Diagnosis | None:
        return RewrittenParts(self.body, self.wanted).run()

    # --- something was put in ---------------------------------------------------------------------------------------

    def _appended(self) -> Diagnosis | None:
        """The signed body is the beginning of this one."""
        end = self.wanted.end_of_signed(self.canonical)
        if end is None:
            return None
        return self._put_in(Cause.FOOTER_APPENDED, Cut(end, len(self.canonical)), AT_END, None)

    def _in_parts(self) -> Diagnosis | None:
        """Something was put in at an edge of a text part, of two of them when the text stands there twice."""
        texts = [leaf for leaf in self.structure.leaves if leaf.type.startswith("text/") and not leaf.filename]
        edges: tuple[tuple[Cause, Text, Callable[[bytes, Leaf], list[Cut]]], ...] = (
            (Cause.FOOTER_APPENDED, AT_END, cuts_at_end),
            (Cause.TEXT_PREPENDED, AT_START, cuts_at_start),
        )
        each = [(leaf, *edge) for leaf in texts for edge in edges]
        for number, (leaf, cause, where, cuts_of) in enumerate(each):
            with self.wanted.effort.share(1 / (len(each) + 1 - number)):
                cut = self.wanted.without(self.canonical, cuts_of(self.canonical, leaf))
            if cut is not None:
                return self._put_in(cause, cut, where, leaf)
        for cause, where, cuts_of in edges:
            for one, two in pairwise(texts):
                both = self._in_two(one, two, cuts_of)
                if both is not None:
                    return self._put_in(cause, both[0], where, one, also=two)
        return None

    def _in_two(self, one: Leaf, two: Leaf, cuts_of: Callable[[bytes, Leaf], list[Cut]]) -> tuple[Cut, Cut] | None:
        first, second = cuts_of(self.canonical, one), cuts_of(self.canonical, two)
        begin = {cut: letters(self.canonical[cut.start : min(cut.end, cut.start + 1_000)])[:16] for cut in first}
        whole = {cut: letters(self.canonical[cut.start : min(cut.end, cut.start + 4_000)]) for cut in second}
        # A notice says the same in both; where it does not, there are more pairs than a large body can pay for.
        return self.wanted.without_two(
            self.canonical, first, second, lambda a, b: bool(begin[a]) and begin[a] in whole[b]
        ) or self.wanted.without_two(self.canonical, first, second, lambda a, b: True)

    def _any_lines(self) -> Diagnosis | None:
        """Any run of lines."""
        cut = self.wanted.without_lines(self.canonical)
        if cut is None:
            return None
        leaf = next((leaf for leaf in self.structure.leaves if leaf.header <= cut.start < leaf.end), None)
        if leaf is not None and 0 <= leaf.header <= cut.start < leaf.start:
            args: dict[str, ArgValue] = {
                "place": place_of(leaf),
                "detail": excerpt(self.canonical[cut.start : cut.end]),
            }
            return self._at(Cause.PART_HEADERS, args, cut)
        first = (leaf is not None and cut.start == leaf.start) or cut.start == 0
        return self._put_in(
            Cause.TEXT_PREPENDED if first else Cause.TEXT_INSERTED, cut, AT_START if first else INSIDE, leaf
        )

    def _put_in(self, cause: Cause, cut: Cut, where: Text, leaf: Leaf | None, also: Leaf | None = None) -> Diagnosis:
        text = self.canonical[cut.start : cut.end]
        if not cut.start and not text.strip(CRLF):
            return self._at(Cause.LEADING_BLANK_LINES, {"detail": ADDED}, cut)
        place = place_of(leaf)
        if also is not None:
            more = place_of(also)
            place = Text(f"{place.en} and {more.en}", f"{place.es} y {more.es}")
        args: dict[str, ArgValue] = {
            "octets": cut.end - cut.start,
            "size": size_of(cut.end - cut.start),
            "lines": lines_in(self.canonical, cut),
            "kind": kind_of_text(text),
            "where": filled(where, place),
            "excerpt": excerpt(text),
        }
        return self._at(cause, args, cut)

    def _at(self, cause: Cause, args: dict[str, ArgValue], cut: Cut) -> Diagnosis:
        start = cut.start
        while self.canonical[start : start + 2] == CRLF and start < cut.end - 2:
            start += 2  # a footer begins with its text, not with the empty line before it
        line = self.body.line(self.canonical, start)
        shown = excerpt(self.canonical[cut.start : cut.end])
        return Diagnosis(cause, Certainty.PROVED, args, line=line, excerpt=shown)

    # --- the whole body ---------------------------------------------------------------------------------------------

    def _whole(self) -> Diagnosis | None:
        """One change of the whole body is undone; then also what was appended after it."""
        for change in undone(self.body.octets, self.wanted.method):
            if self.wanted.is_body(change.body):
                return self._changed(change.cause, change.body, change.detail)
        for change in preambles(self.body.octets, self.body.structure(self.body.octets).first_delimiter):
            if self.wanted.is_body(change.body):
                return self._changed(change.cause, change.body, change.detail)
        renamed = self._other_boundary()
        if renamed and self.wanted.is_body(renamed):
            return self._changed(Cause.BOUNDARY_CHANGED, renamed, Text("", ""))
        if not self.structure.closed:
            closing = b"--" + self.structure.boundary + b"--" + CRLF
            for before in (self.canonical + closing, self.canonical[:-2] + closing, self.canonical + CRLF + closing):
                if self.wanted.is_canonical(before):
                    return _proved(Cause.TRUNCATED, {"detail": _CLOSING})
        return None

    def _other_boundary(self) -> bytes:
        """The body with the boundary that Content-Type names in place of the one it has; b"" when it has that one."""
        body, boundary = self.body.octets, self.structure.boundary
        if not boundary or self.structure.first_delimiter >= 0:
            return b""
        at = 0 if body.startswith(b"--") else body.find(b"\n--") + 1
        token = body[at : body.find(CRLF, at)] if body.startswith(b"--", at) else b""
        return body.replace(token, b"--" + boundary) if len(token) > 3 else b""

    def _changed(self, cause: Cause, before: bytes, detail: Text) -> Diagnosis:
        now = self.body.octets
        at = _first_difference(now, before)
        args: dict[str, ArgValue] = {"detail": detail or _WHOLE}
        return Diagnosis(cause, Certainty.PROVED, args, line=self.body.line(now, at), excerpt=_line_at(now, at))

    def _lost(self) -> Diagnosis | None:
        """One dot at the beginning of a line, or one empty line, is missing."""
        affordable = self.wanted.effort.octets // max(1, len(self.canonical))
        places = [0, *islice(_line_starts(self.canonical), affordable)]
        for lost, cause in ((b".", Cause.DOT_STUFFING), (CRLF, Cause.BLANK_LINE_LOST)):
            at = self.wanted.with_octets(self.canonical, places, lost)
            if at is not None:
                line = self.body.line(self.canonical, at)
                args: dict[str, ArgValue] = {"detail": LOST}
                return Diagnosis(cause, Certainty.PROVED, args, line=line, excerpt=_line_at(self.canonical, at))
        return None


_BLANKS = Text("blanks within or at the end of lines", "espacios dentro o al final de las líneas")
_CLOSING = Text("the closing boundary is missing", "falta el separador final")


def _proved(cause: Cause, args: dict[str, ArgValue]) -> Diagnosis:
    return Diagnosis(cause, Certainty.PROVED, args)


def _first_difference(one: bytes, two: bytes) -> int:
    """The first offset at which two octet strings differ."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _line_at(octets: bytes, at: int) -> str:
    start = octets.rfind(b"\n", 0, at) + 1
    end = octets.find(CRLF, at)
    return excerpt(octets[start : end if end >= 0 else len(octets)])


def _line_starts(body: bytes) -> Iterator[int]:
    at = body.find(CRLF)
    while 0 <= at < len(body) - 2:
        yield at + 2
        at = body.find(CRLF, at + 2)
