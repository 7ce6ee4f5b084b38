"""The search for what happened to a body.

The order is that of likelihood, and of cost: what the signer itself may have got wrong, something appended, one change
of the whole body, something put into a part, parts encoded anew, links rewritten, and at last every run of lines that the
effort still pays for. The first hypothesis whose hash is that of `bh=` ends the search: it is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from deliverability.core.text import ArgValue, Text
from deliverability.dkim.canonical import Canonicalization
from deliverability.dkim.diagnosis.causes import Cause, Certainty, Diagnosis
from deliverability.dkim.diagnosis.encodings import (
    MAX_PART,
    Form,
    decoded,
    encoded,
    forms_before,
    headers_before,
    refolded,
)
from deliverability.dkim.diagnosis.links import restored, rewritten_links
from deliverability.dkim.diagnosis.message import Body, excerpt, kind_of_text, lines_in, place_of, size_of
from deliverability.dkim.diagnosis.parts import Leaf, Structure, cuts_at_end, cuts_at_start, say_the_same
from deliverability.dkim.diagnosis.search import CRLF, Cut, SignedBody
from deliverability.dkim.diagnosis.whole import LOST, preambles, undone

_AT_END = Text("at the end of {place}", "al final de {place}")
_AT_START = Text("at the beginning of {place}", "al principio de {place}")
_IN = Text("in {place}", "en {place}")
_WHOLE = Text("the message", "el mensaje")
#: Runs tried in parts that are base64 or quoted-printable, each of which is written anew.
MAX_REWRITTEN = 400


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
        for step in (
            self._of_signer,
            self._appended,
            self._whole,
            self._in_parts,
            self._encoded_anew,
            self._links,
            self._in_encoded_parts,
            self._lost,
            self._any_lines,
        ):
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

    # --- something was put in ---------------------------------------------------------------------------------------

    def _appended(self) -> Diagnosis | None:
        """The signed body is the beginning of this one."""
        end = self.wanted.end_of_signed(self.canonical)
        if end is None:
            return None
        return self._put_in(Cause.FOOTER_APPENDED, Cut(end, len(self.canonical)), _AT_END, None)

    def _in_parts(self) -> Diagnosis | None:
        """Something was put in at an edge of a text part, of two of them when the text stands there twice."""
        texts = [leaf for leaf in self.structure.leaves if leaf.type.startswith("text/") and not leaf.filename]
        edges: tuple[tuple[Cause, Text, Callable[[bytes, Leaf], list[Cut]]], ...] = (
            (Cause.FOOTER_APPENDED, _AT_END, cuts_at_end),
            (Cause.TEXT_PREPENDED, _AT_START, cuts_at_start),
        )
        for cause, where, cuts_of in edges:
            for leaf in texts:
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
        return self.wanted.without_two(
            self.canonical, first, second, lambda a, b: say_the_same(self.canonical, a, b)
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
            Cause.TEXT_PREPENDED if first else Cause.TEXT_INSERTED, cut, _AT_START if first else _IN, leaf
        )

    def _put_in(self, cause: Cause, cut: Cut, where: Text, leaf: Leaf | None, also: Leaf | None = None) -> Diagnosis:
        text = self.canonical[cut.start : cut.end]
        place = place_of(leaf)
        if also is not None:
            more = place_of(also)
            place = Text(f"{place.en} and {more.en}", f"{place.es} y {more.es}")
        args: dict[str, ArgValue] = {
            "octets": cut.end - cut.start,
            "size": size_of(cut.end - cut.start),
            "lines": lines_in(self.canonical, cut),
            "kind": kind_of_text(text),
            "where": _filled(where, place),
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
        if not self.structure.closed:
            closing = b"--" + self.structure.boundary + b"--" + CRLF
            for before in (self.canonical + closing, self.canonical[:-2] + closing, self.canonical + CRLF + closing):
                if self.wanted.is_canonical(before):
                    return _proved(Cause.TRUNCATED, {"detail": _CLOSING})
        return None

    def _changed(self, cause: Cause, before: bytes, detail: Text) -> Diagnosis:
        now = self.body.octets
        at = _first_difference(now, before)
        args: dict[str, ArgValue] = {"detail": detail or _WHOLE}
        return Diagnosis(cause, Certainty.PROVED, args, line=self.body.line(now, at), excerpt=_line_at(now, at))

    def _lost(self) -> Diagnosis | None:
        """One dot at the beginning of a line, or one empty line, is missing."""
        starts = [0, *_line_starts(self.canonical)]
        effort = self.wanted.effort
        affordable = effort.octets // max(1, len(self.canonical)) // 2
        places = starts[: max(0, affordable)]
        for lost, cause in ((b".", Cause.DOT_STUFFING), (CRLF, Cause.BLANK_LINE_LOST)):
            at = self.wanted.with_octets(self.canonical, places, lost)
            if at is not None:
                line = self.body.line(self.canonical, at)
                args: dict[str, ArgValue] = {"detail": LOST}
                return Diagnosis(cause, Certainty.PROVED, args, line=line, excerpt=_line_at(self.canonical, at))
        return None

    # --- parts written anew -----------------------------------------------------------------------------------------

    def _encoded_anew(self) -> Diagnosis | None:
        """One text part, then all of them, in another encoding or character set; base64 with lines of another length."""
        octets = self.body.octets
        leaves = self.body.structure(octets).leaves
        texts = [leaf for leaf in leaves if leaf.type.startswith("text/")]
        choices = {leaf.path: _choices(octets, leaf) for leaf in texts}
        for leaf in texts:
            for choice in choices[leaf.path].values():
                if self.wanted.is_body(choice.apply(octets, leaf)):
                    return self._reencoded(leaf, choice.form)
        if len(texts) > 1:
            common = [key for key in choices[texts[0].path] if all(key in choices[leaf.path] for leaf in texts[1:])]
            for key in common:
                if self.wanted.is_body(_apply_all(octets, texts, choices, key)):
                    return self._reencoded(texts[0], choices[texts[0].path][key].form)
        return self._refolded(octets, leaves)

    def _refolded(self, octets: bytes, leaves: tuple[Leaf, ...]) -> Diagnosis | None:
        coded = [leaf for leaf in leaves if leaf.encoding == "base64"]
        for columns in (76, 72, 64, 60, 57, 0) if coded else ():
            before = octets
            for leaf in reversed(coded):
                before = before[: leaf.start] + refolded(octets[leaf.start : leaf.end], columns) + before[leaf.end :]
            if before != octets and self.wanted.is_body(before):
                return self._reencoded(coded[0], Form("base64", coded[0].charset, b""))
        return None

    def _reencoded(self, leaf: Leaf, before: Form) -> Diagnosis:
        charset = before.charset != leaf.charset and before.encoding in (leaf.encoding, leaf.encoding or "7bit")
        args: dict[str, ArgValue] = {
            "place": place_of(leaf),
            "before": before.charset if charset else before.encoding,
            "now": (leaf.charset if charset else leaf.encoding) or "7bit",
            "detail": Text(f"from {before.charset} to {leaf.charset}", f"de {before.charset} a {leaf.charset}"),
        }
        cause = Cause.CHARSET_CONVERTED if charset else Cause.REENCODED
        line = self.body.line(self.body.octets, max(leaf.header, 0))
        return Diagnosis(cause, Certainty.PROVED, args, line=line)

    def _in_encoded_parts(self) -> Diagnosis | None:
        """Something was put into a part that is base64 or quoted-printable, and the part written anew."""
        octets = self.body.octets
        leaves = self.body.structure(octets).leaves
        for leaf in leaves:
            if not leaf.type.startswith("text/") or leaf.encoding not in ("base64", "quoted-printable"):
                continue
            for cause, where, cut, content, before in _shortened(octets, leaf):
                if self.wanted.is_body(octets[: leaf.start] + before + octets[leaf.end :]):
                    text = content[cut.start : cut.end]
                    args: dict[str, ArgValue] = {
                        "octets": len(text),
                        "size": size_of(len(text)),
                        "lines": lines_in(content, cut),
                        "kind": kind_of_text(text),
                        "where": _filled(where, place_of(leaf)),
                        "excerpt": excerpt(text),
                    }
                    line = self.body.line(octets, leaf.start)
                    return Diagnosis(cause, Certainty.PROVED, args, line=line, excerpt=excerpt(text))
        return None

    def _links(self) -> Diagnosis | None:
        """The links of the text parts as they were."""
        octets = self.body.octets
        leaves = [leaf for leaf in self.body.structure(octets).leaves if leaf.type.startswith("text/")]
        variants = {leaf.path: _with_links(octets, leaf) for leaf in leaves}
        changed = [leaf for leaf in leaves if variants[leaf.path]]
        ways = max((len(found) for found in variants.values()), default=0)
        for way in range(ways):
            before = octets
            for leaf in reversed(changed):
                forms = variants[leaf.path]
                before = before[: leaf.start] + forms[min(way, len(forms) - 1)] + before[leaf.end :]
            if self.wanted.is_body(before):
                content = decoded(octets[changed[0].start : changed[0].end], changed[0].encoding) or b""
                return links_diagnosis(self.body, changed[0], content, Certainty.PROVED)
        return None


def links_diagnosis(body: Body, leaf: Leaf, content: bytes, certainty: Certainty) -> Diagnosis | None:
    """That links were rewritten, with the service that did it."""
    found = rewritten_links(content)
    if found is None:
        return None
    args: dict[str, ArgValue] = {"service": found.name, "count": found.links, "place": place_of(leaf)}
    line = body.line(body.octets, leaf.start)
    return Diagnosis(Cause.LINKS_REWRITTEN, certainty, args, line=line, excerpt=excerpt(found.first))


class _Choice(NamedTuple):
    """A part as it may have been: its header section and its octets."""

    form: Form
    section: bytes

    def apply(self, octets: bytes, leaf: Leaf) -> bytes:
        """The body with the part in this form."""
        head = leaf.start if leaf.header < 0 else leaf.header
        return octets[:head] + self.section + self.form.octets + octets[leaf.end :]


_Key = tuple[str, str, int, int]


def _choices(octets: bytes, leaf: Leaf) -> dict[_Key, _Choice]:
    """The forms of a part, named so that the same choice can be made for several parts."""
    if leaf.end - leaf.start > MAX_PART:
        return {}
    section = octets[leaf.header : leaf.start] if leaf.header >= 0 else b""
    choices: dict[_Key, _Choice] = {}
    style: dict[tuple[str, str], int] = {}
    for form in forms_before(octets[leaf.start : leaf.end], leaf):
        name = "plain" if form.encoding in ("7bit", "8bit") else form.encoding
        style[name, form.charset] = style.get((name, form.charset), -1) + 1
        spellings = headers_before(section, form, leaf) if section else (b"",)
        for number, spelled in enumerate(spellings):
            key = (name, form.charset, style[name, form.charset], number)
            choices[key] = _Choice(form, spelled)
    return choices


def _apply_all(octets: bytes, leaves: list[Leaf], choices: dict[str, dict[_Key, _Choice]], key: _Key) -> bytes:
    before = octets
    for leaf in reversed(leaves):
        before = choices[leaf.path][key].apply(before, leaf)
    return before


def _shortened(octets: bytes, leaf: Leaf) -> Iterator[tuple[Cause, Text, Cut, bytes, bytes]]:
    """An encoded part without a run at one of its edges, written as it may have been."""
    present = octets[leaf.start : leaf.end]
    content = decoded(present, leaf.encoding)
    if not content:
        return
    crlf = content if CRLF in content else content.replace(b"\n", CRLF)
    inner = leaf._replace(start=0, end=len(crlf))
    edges = ((Cause.FOOTER_APPENDED, _AT_END, cuts_at_end), (Cause.TEXT_PREPENDED, _AT_START, cuts_at_start))
    for cause, where, cuts_of in edges:
        for cut in _to_the_end(cuts_of(crlf + CRLF, inner), inner)[:MAX_REWRITTEN]:
            for text in _spellings(crlf[: cut.start] + crlf[cut.end :], content):
                for before in encoded(text, leaf.encoding, present):
                    yield cause, where, cut, crlf, before


def _to_the_end(cuts: Iterable[Cut], leaf: Leaf) -> list[Cut]:
    return list(dict.fromkeys(Cut(cut.start, min(cut.end, leaf.end)) for cut in cuts))


def _spellings(text: bytes, content: bytes) -> Iterator[bytes]:
    """With the line ends that the content has, with and without one at the end."""
    spelled = text if CRLF in content else text.replace(CRLF, b"\n")
    yield spelled
    bare = spelled.rstrip(CRLF)
    if bare != spelled:
        yield bare


def _with_links(octets: bytes, leaf: Leaf) -> list[bytes]:
    present = octets[leaf.start : leaf.end]
    content = decoded(present, leaf.encoding)
    if content is None or b"http" not in content:
        return []
    return [form for text in restored(content) for form in encoded(text, leaf.encoding, present)]


_BLANKS = Text("blanks within or at the end of lines", "espacios dentro o al final de las líneas")
_CLOSING = Text("the closing boundary is missing", "falta el separador final")


def _proved(cause: Cause, args: dict[str, ArgValue]) -> Diagnosis:
    return Diagnosis(cause, Certainty.PROVED, args)


def _filled(where: Text, place: Text) -> Text:
    return Text(where.en.format(place=place.en), where.es.format(place=place.es).replace("de el ", "del "))


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
