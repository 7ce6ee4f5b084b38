"""The text of a message as a reader sees it, from its text and HTML parts.

Of the alternatives of one content (RFC 2046 §5.1.4) a mail program shows one; here both are kept, `plain` and
`html_text`, and `text` is the one that says more to a checker: the plain text, or where that is missing or only a stub
("use an HTML viewer") what the HTML shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from deliverability.content.decode import decode_text
from deliverability.content.elements import tidied
from deliverability.content.html import Anchor, HtmlFacts, read_html
from deliverability.content.links import Link, Links, addresses_in, read_target, shown_host
from deliverability.content.mime import MimeTree
from deliverability.content.part import Part
from deliverability.core.facts import RawMessage
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.rule import Facts

#: A plain text with fewer letters than this beside an HTML text with many more is a stub.
STUB = 120
_MUCH_MORE = 4


@dataclass(frozen=True, slots=True)
class BodyText:
    """The text of a message. Attachments are not part of it."""

    #: What a reader sees: from text/plain, else from the HTML.
    text: str
    #: The text/plain parts, joined; "" where there is none.
    plain: str
    #: The visible text of the HTML parts, joined; "" where there is none.
    html_text: str
    #: The first HTML part that shows something; None: there is none.
    html: HtmlFacts | None
    plain_part: Part | None = None
    html_part: Part | None = None
    #: Every text/plain part that is not empty, and every HTML part.
    plains: tuple[tuple[Part, str], ...] = ()
    htmls: tuple[tuple[Part, HtmlFacts], ...] = ()
    #: Whether there is text that was not read: beyond `Limits.text_octets`, or in parts or octets beyond another limit.
    cut: bool = False
    #: Whether whole parts, or octets at the end of the message, were not read.
    unread: bool = False


def read_text(tree: MimeTree, limits: Limits) -> BodyText:
    """The text of the parts that are shown as the message. Never fails."""
    plains: list[tuple[Part, str]] = []
    htmls: list[tuple[Part, HtmlFacts]] = []
    cut = unread = any(defect.kind.is_limit for defect in tree.defects)
    left = limits.message_text_octets
    for part in tree.texts:
        room = min(limits.text_octets, left)
        if not room:
            cut = unread = True
            break
        decoded = part.decode(room + 1)
        left -= min(room, len(decoded.octets))
        text = decode_text(decoded, part.charset, is_html=part.content_type == "text/html").text
        too_long = len(decoded.octets) > room
        cut = cut or too_long
        if part.content_type == "text/html":
            htmls.append((part, read_html(text, octets=_size(part, len(decoded.octets), too_long), limits=limits)))
        elif text.strip():
            plains.append((part, text.replace("\r\n", "\n").rstrip("\n")))
    plain = "\n".join(text for _, text in plains)
    html_text = "\n".join(html.text for _, html in htmls if html.text)
    shown = next((pair for pair in htmls if pair[1].text), htmls[0] if htmls else None)
    return BodyText(
        tidied(html_text) if _is_stub(plain, html_text) else plain,
        plain,
        html_text,
        shown[1] if shown else None,
        plains[0][0] if plains else next((part for part in tree.texts if part.content_type == "text/plain"), None),
        shown[0] if shown else None,
        tuple(plains),
        tuple(htmls),
        cut or any(html.cut for _, html in htmls),
        unread,
    )


def _size(part: Part, read: int, too_long: bool) -> int:
    """Octets of the decoded part; where it was not decoded whole, of the part as sent."""
    return part.size if too_long else read


def _is_stub(plain: str, html_text: str) -> bool:
    letters = len(plain.strip())
    return not letters or (letters < STUB and len(html_text) > _MUCH_MORE * letters)


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing. Needs the MIME tree."""
    tree = facts.get(MimeTree)
    if not isinstance(tree, MimeTree):
        return {}
    body = read_text(tree, limits)
    message = facts.get(RawMessage)
    if isinstance(message, RawMessage) and message.cut:
        body = replace(body, cut=True, unread=True)
    return {BodyText: body, Links: read_links(body, limits)}


def read_links(body: BodyText, limits: Limits) -> Links:
    """The links of a message, those of the HTML first. Never fails."""
    found: list[Link] = []
    left_out = 0
    for part, html in body.htmls:
        left_out += html.links_left_out
        room = limits.links - len(found)
        left_out += max(len(html.anchors) - room, 0)
        places = LineMap(part) if html.anchors else None
        found += [_link(part, anchor, places) for anchor in html.anchors[:room]]
    in_html = {link.target.url for link in found}
    for plain_part, text in body.plains:
        room = limits.links - len(found)
        lines = _Lines(text)
        addresses = addresses_in(text, room + 1)
        places = LineMap(plain_part) if addresses else None
        left_out += max(len(addresses) - room, 0)
        for url, offset in addresses[:room]:
            if url not in in_html:
                line = places.line(lines.line(offset)) if places else None
                found.append(Link(read_target(url), url, "text", plain_part.path, line, text_line=plain_part.body_line))
    return Links(tuple(found), left_out, body.cut)


def _link(part: Part, anchor: Anchor, places: LineMap | None) -> Link:
    return Link(
        read_target(anchor.url),
        anchor.text,
        anchor.element,
        part.path,
        places.line(anchor.line) if places else None,
        anchor.hidden,
        shown_host(anchor.text),
        part.body_line,
    )


def line_in_html(part: Part, words: str, limits: Limits = DEFAULT_LIMITS) -> int | None:
    """The line of the message where these words stand in the source of an HTML part.

    None where they stand there more than once or not as they are read, or where the encoding does not tell the line.
    """
    source = decode_text(part.decode(limits.text_octets), part.charset, is_html=True).text
    at = source.find(words)
    if at < 0 or source.find(words, at + 1) >= 0:
        return None
    return message_line(part, source.count("\n", 0, at) + 1)


class _Lines:
    """Line numbers of places that are asked for in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at, self.number = 0, 1

    def line(self, offset: int) -> int:
        self.number += self.text.count("\n", self.at, offset)
        self.at = offset
        return self.number


def message_line(part: Part, line: int) -> int | None:
    """The line of the message for a line of a part's decoded text; None where the encoding does not tell."""
    return LineMap(part).line(line)


class LineMap:
    """Which line of the message a line of a part's decoded text is.

    Quoted-printable keeps lines but for its soft breaks (RFC 2045 §6.7 rule 5); base64 does not keep them.
    """

    __slots__ = ("_first", "_hard", "_known")

    def __init__(self, part: Part) -> None:
        self._first = part.body_line
        #: For quoted-printable: the lines of the body at which a line of the text begins.
        self._hard: list[int] | None = None
        self._known = part.encoding in ("7bit", "8bit", "binary")
        if part.encoding == "quoted-printable":
            body = part.raw[part.start : part.end]
            if b"=0A" in body or b"=0a" in body:
                return
            soft = [number for number, written in enumerate(body.split(b"\n")) if written.rstrip(b" \t\r")[-1:] == b"="]
            continued = {number + 1 for number in soft}
            self._hard = [number for number in range(body.count(b"\n") + 1) if number not in continued]

    def line(self, line: int) -> int | None:
        """The line of the message, counted from 1; None where the encoding does not tell."""
        if self._known and line >= 1:
            return self._first + line - 1
        if self._hard is None or not 1 <= line <= len(self._hard):
            return None
        return self._first + self._hard[line - 1]
