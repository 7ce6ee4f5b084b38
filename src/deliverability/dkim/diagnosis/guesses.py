"""What a changed body shows when nothing could be proved: marks that software leaves. A guess is told as one."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.patterns import pattern
from deliverability.core.text import ArgValue, Text
from deliverability.dkim.diagnosis.causes import Cause, Certainty, Diagnosis
from deliverability.dkim.diagnosis.encodings import decoded
from deliverability.dkim.diagnosis.message import (
    AT_END,
    AT_START,
    Body,
    excerpt,
    filled,
    is_notice,
    kind_of_text,
    place_of,
)
from deliverability.dkim.diagnosis.parts import Leaf, Structure
from deliverability.dkim.diagnosis.rewritten import links_diagnosis

_AUTOCONVERTED = pattern(r"from\s{1,5}(\S{1,40})\s{1,5}to\s{1,5}(\S{1,40})", 2)
_TAKEN_OUT = pattern(
    rb"(?:attachment|adjunto|fichero|archivo|anexo).{0,120}(?:removed|deleted|stripped|eliminad|quarantin|cuarentena|"
    rb"bloquead|blocked|retirad)|(?:removed|deleted|stripped|eliminad|retirad).{0,80}(?:attachment|adjunto|fichero|archivo)",
    2,
)
#: What is left of accented letters in UTF-8 without its eighth bit, or with each octet it had as a question mark.
_WITHOUT_ACCENTS = pattern(rb"[a-z](?:C[!-?]|\?\??)[a-z]")
_LINK = pattern(rb"https?://[^\s<>\"]{1,2000}")
_EDGE = 2_000
_LOOKED_AT = 128 * 1024


def guess(body: Body) -> Diagnosis:
    """The best supported cause, or that there is none."""
    found = next(_guesses(body), None)
    return found or Diagnosis(Cause.BODY_CHANGED, Certainty.UNKNOWN)


def _guesses(body: Body) -> Iterator[Diagnosis]:
    structure = body.structure(body.octets)
    yield from _of_structure(body, structure)
    converted = body.headers.first("X-MIME-Autoconverted")
    found = _AUTOCONVERTED.search(converted.text) if converted is not None else None
    if found is not None and converted is not None:
        how = Text(f"from {found[1]} to {found[2]}", f"de {found[1]} a {found[2]}")
        args: dict[str, ArgValue] = {"place": place_of(None), "before": found[1], "now": found[2], "how": how}
        yield Diagnosis(Cause.REENCODED, Certainty.LIKELY, args, field=converted, line=converted.line)
    for leaf in structure.leaves:
        yield from _of_leaf(body, leaf)


def _of_structure(body: Body, structure: Structure) -> Iterator[Diagnosis]:
    if not structure.boundary:
        return
    if structure.first_delimiter < 0:
        yield Diagnosis(Cause.BOUNDARY_CHANGED, Certainty.LIKELY, {}, line=body.first_line)
    elif not structure.closed:
        detail = Text("the closing boundary is missing", "falta el separador final")
        last = body.line(body.octets, len(body.octets.rstrip(b"\r\n")))
        yield Diagnosis(Cause.TRUNCATED, Certainty.LIKELY, {"detail": detail}, line=last)


def _of_leaf(body: Body, leaf: Leaf) -> Iterator[Diagnosis]:
    """Marks in one text."""
    if not leaf.type.startswith("text/"):
        return
    octets = body.octets[leaf.start : leaf.end][:_LOOKED_AT]
    content = decoded(octets, leaf.encoding) or b""
    links = links_diagnosis(body, leaf, content, Certainty.LIKELY)
    if links is not None:
        yield links
    line = body.line(body.octets, leaf.start)
    removed = _TAKEN_OUT.search(content[:_EDGE])
    if removed is not None:
        args: dict[str, ArgValue] = {"detail": excerpt(removed[0])}
        yield Diagnosis(Cause.ATTACHMENT_REMOVED, Certainty.LIKELY, args, line=line, excerpt=excerpt(removed[0]))
    if content.isascii() and len(_WITHOUT_ACCENTS.findall(_LINK.sub(b"", content[:_LOOKED_AT]))) > 1:
        yield Diagnosis(Cause.HIGH_BIT_STRIPPED, Certainty.LIKELY, {}, line=line)
    end, start = content[-_EDGE:], content[:_EDGE]
    edges = (
        (Cause.FOOTER_APPENDED, end, AT_END),
        (Cause.TEXT_PREPENDED, start, AT_START),
    )
    for cause, text, where in edges:
        if is_notice(text, at_end=cause is Cause.FOOTER_APPENDED):
            told: dict[str, ArgValue] = {"kind": kind_of_text(text), "where": filled(where, place_of(leaf))}
            yield Diagnosis(cause, Certainty.LIKELY, told, line=line)
