"""The search for parts that were written anew: in another encoding, with other links, or with something put in.

Each of these is one replacement of whole parts, so the body is only put together when the effort pays for its hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from deliverability.core.text import ArgValue, Text
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
from deliverability.dkim.diagnosis.message import (
    AT_END,
    AT_START,
    Body,
    excerpt,
    filled,
    kind_of_text,
    lines_in,
    place_of,
    size_of,
)
from deliverability.dkim.diagnosis.parts import Leaf, cuts_at_end, cuts_at_start
from deliverability.dkim.diagnosis.search import CRLF, Cut, SignedBody

#: Runs tried in parts that are base64 or quoted-printable, each of which is written anew.
MAX_REWRITTEN = 400
#: Text parts that are looked at.
MAX_TEXTS = 8


class Splice(NamedTuple):
    """Octets in place of those at `[start:end]`."""

    start: int
    end: int
    octets: bytes


class RewrittenParts:
    """One search over the parts of a body as it arrived."""

    __slots__ = ("body", "leaves", "octets", "texts", "wanted")

    def __init__(self, body: Body, wanted: SignedBody) -> None:
        self.body = body
        self.wanted = wanted
        self.octets = body.octets
        self.leaves = body.structure(body.octets).leaves
        self.texts = [leaf for leaf in self.leaves if leaf.type.startswith("text/")][:MAX_TEXTS]

    def run(self) -> Diagnosis | None:
        """The proved cause; None when no hypothesis held."""
        return self._encoded_anew() or self._refolded() or self._links() or self._put_in()

    def _holds(self, splices: Iterable[Splice]) -> bool:
        """Whether the body with these replacements is the signed one."""
        if not self.wanted.effort.allows(len(self.octets)):
            return False
        pieces: list[bytes] = []
        at = 0
        for splice in splices:
            pieces += (self.octets[at : splice.start], splice.octets)
            at = splice.end
        return self.wanted.is_body(b"".join(pieces) + self.octets[at:])

    # --- another encoding -------------------------------------------------------------------------------------------

    def _encoded_anew(self) -> Diagnosis | None:
        """One text part, then all of them, in another encoding or character set."""
        choices: list[dict[_Key, _Choice]] = []
        for leaf in self.texts:
            choices.append(self._choices(leaf))
            for choice in choices[-1].values():
                if self._holds((choice.splice,)):
                    return self._reencoded(leaf, choice.form)
        if len(self.texts) > 1:
            for key in choices[0]:
                if all(key in others for others in choices) and self._holds(found[key].splice for found in choices):
                    return self._reencoded(self.texts[0], choices[0][key].form)
        return None

    def _choices(self, leaf: Leaf) -> dict[_Key, _Choice]:
        """The forms that a part may have had, named so that the same choice can be made for several parts."""
        choices: dict[_Key, _Choice] = {}
        if leaf.end - leaf.start > MAX_PART or not self.wanted.effort.allows(len(self.octets)):
            return choices
        section = self.octets[leaf.header : leaf.start] if leaf.header >= 0 else b""
        head = leaf.header if leaf.header >= 0 else leaf.start
        style: dict[tuple[str, str], int] = {}
        for form in forms_before(self.octets[leaf.start : leaf.end], leaf):
            name = "plain" if form.encoding in ("7bit", "8bit") else form.encoding
            style[name, form.charset] = style.get((name, form.charset), -1) + 1
            spellings = headers_before(section, form, leaf) if section else (b"",)
            for number, spelled in enumerate(spellings):
                splice = Splice(head, leaf.end, spelled + form.octets)
                choices[name, form.charset, style[name, form.charset], number] = _Choice(form, splice)
        return choices

    def _refolded(self) -> Diagnosis | None:
        """Every base64 part with lines of another length."""
        coded = [leaf for leaf in self.leaves if leaf.encoding == "base64"]
        for columns in (76, 72, 64, 60, 57, 0) if coded else ():
            if not self.wanted.effort.allows(len(self.octets)):
                return None
            pieces = [
                Splice(leaf.start, leaf.end, refolded(self.octets[leaf.start : leaf.end], columns)) for leaf in coded
            ]
            if self._holds(pieces):
                return self._reencoded(coded[0], Form("base64", coded[0].charset, b""))
        return None

    def _reencoded(self, leaf: Leaf, before: Form) -> Diagnosis:
        now = leaf.encoding or "7bit"
        charset = before.charset != leaf.charset and before.encoding == now
        args: dict[str, ArgValue] = {
            "place": place_of(leaf),
            "before": before.encoding,
            "now": now,
            "how": Text(f"from {before.encoding} to {now}", f"de {before.encoding} a {now}")
            if before.encoding != now
            else Text(f"{now} with other line breaks", f"{now} con otros saltos de línea"),
            "detail": Text(f"from {before.charset} to {leaf.charset}", f"de {before.charset} a {leaf.charset}"),
        }
        cause = Cause.CHARSET_CONVERTED if charset else Cause.REENCODED
        line = self.body.line(self.octets, max(leaf.header, 0))
        return Diagnosis(cause, Certainty.PROVED, args, line=line)

    # --- links ------------------------------------------------------------------------------------------------------

    def _links(self) -> Diagnosis | None:
        """The links of the text parts as they were."""
        forms = [(leaf, found) for leaf in self.texts if (found := self._with_links(leaf))]
        for way in range(max((len(found) for _, found in forms), default=0)):
            if self._holds(Splice(leaf.start, leaf.end, found[min(way, len(found) - 1)]) for leaf, found in forms):
                leaf = forms[0][0]
                content = decoded(self.octets[leaf.start : leaf.end], leaf.encoding) or b""
                return links_diagnosis(self.body, leaf, content, Certainty.PROVED)
        return None

    def _with_links(self, leaf: Leaf) -> list[bytes]:
        present = self.octets[leaf.start : leaf.end]
        content = decoded(present, leaf.encoding)
        if content is None or b"http" not in content or not self.wanted.effort.allows(len(self.octets)):
            return []
        return [form for text in restored(content) for form in encoded(text, leaf.encoding, present)]

    # --- something put in -------------------------------------------------------------------------------------------

    def _put_in(self) -> Diagnosis | None:
        """Something was put into a part that is base64 or quoted-printable, and the part written anew."""
        for leaf in self.texts:
            if leaf.encoding not in ("base64", "quoted-printable"):
                continue
            present = self.octets[leaf.start : leaf.end]
            for shorter in _shortened(present, leaf):
                for before in encoded(shorter.text, leaf.encoding, present):
                    if self._holds((Splice(leaf.start, leaf.end, before),)):
                        return self._shortened(leaf, shorter)
                if self.wanted.effort.spent:
                    return None
        return None

    def _shortened(self, leaf: Leaf, shorter: _Shorter) -> Diagnosis:
        text = shorter.content[shorter.cut.start : shorter.cut.end]
        args: dict[str, ArgValue] = {
            "octets": len(text),
            "size": size_of(len(text)),
            "lines": lines_in(shorter.content, shorter.cut),
            "kind": kind_of_text(text),
            "where": filled(shorter.where, place_of(leaf)),
            "excerpt": excerpt(text),
        }
        line = self.body.line(self.octets, leaf.start)
        return Diagnosis(shorter.cause, Certainty.PROVED, args, line=line, excerpt=excerpt(text))


#: Encoding, character set, style of writing, spelling of the part's header.
_Key = tuple[str, str, int, int]


class _Choice(NamedTuple):
    """A part as it may have been."""

    form: Form
    splice: Splice


class _Shorter(NamedTuple):
    """The content of a part without a run at one of its edges."""

    cause: Cause
    where: Text
    cut: Cut
    content: bytes
    text: bytes


def _shortened(present: bytes, leaf: Leaf) -> Iterator[_Shorter]:
    content = decoded(present, leaf.encoding)
    if not content:
        return
    crlf = content if CRLF in content else content.replace(b"\n", CRLF)
    inner = leaf._replace(start=0, end=len(crlf))
    edges = ((Cause.FOOTER_APPENDED, AT_END, cuts_at_end), (Cause.TEXT_PREPENDED, AT_START, cuts_at_start))
    for cause, where, cuts_of in edges:
        cuts = dict.fromkeys(Cut(cut.start, min(cut.end, len(crlf))) for cut in cuts_of(crlf + CRLF, inner))
        for cut in list(cuts)[:MAX_REWRITTEN]:
            for text in _spellings(crlf[: cut.start] + crlf[cut.end :], content):
                yield _Shorter(cause, where, cut, crlf, text)


def _spellings(text: bytes, content: bytes) -> Iterator[bytes]:
    """With the line ends that the content has, with and without one at the end."""
    spelled = text if CRLF in content else text.replace(CRLF, b"\n")
    yield spelled
    bare = spelled.rstrip(CRLF)
    if bare != spelled:
        yield bare


def links_diagnosis(body: Body, leaf: Leaf, content: bytes, certainty: Certainty) -> Diagnosis | None:
    """That links were rewritten, with the service that did it."""
    found = rewritten_links(content)
    if found is None:
        return None
    args: dict[str, ArgValue] = {"service": found.name, "count": found.links, "place": place_of(leaf)}
    line = body.line(body.octets, leaf.start)
    return Diagnosis(Cause.LINKS_REWRITTEN, certainty, args, line=line, excerpt=excerpt(found.first))
