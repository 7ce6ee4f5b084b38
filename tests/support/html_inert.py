"""An HTML report read back: what of it is not well nested, and what in it did not come from us."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from deliverability.dnsbl.lists import lists
from tests.support.inert import harmful

VOID = frozenset({"br", "meta"})
_PHRASING = frozenset(
    {"a", "br", "code", "em", "mark", "small", "span", "strong", "svg", "circle", "g", "line", "path", "rect", "text"}
)
_SECTIONS = frozenset({"article", "details", "div", "figure", "footer", "header", "main", "nav", "section"})
_BLOCKS = frozenset({"dl", "h1", "h2", "h3", "ol", "p", "pre", "table", "ul"})
_PARTS = frozenset(
    {"caption", "dd", "dt", "figcaption", "li", "summary", "tbody", "td", "th", "thead", "tr", "body", "head", "html"}
)
TAGS = _PHRASING | _SECTIONS | _BLOCKS | _PARTS | {"meta", "style", "title"}
#: Elements whose content is phrasing content: a browser would end them before a block.
_NO_BLOCKS = frozenset({"a", "code", "em", "h1", "h2", "h3", "mark", "p", "pre", "small", "span", "strong", "summary"})
#: What may stand around an element.
_WITHIN = {
    "li": {"ol", "ul"},
    "dt": {"dl"},
    "dd": {"dl"},
    "tr": {"tbody", "thead"},
    "td": {"tr"},
    "th": {"tr"},
    "tbody": {"table"},
    "thead": {"table"},
    "caption": {"table"},
    "summary": {"details"},
    "figcaption": {"figure"},
}
_DRAWN = frozenset(
    [
        "cx",
        "cy",
        "d",
        "height",
        "r",
        "rx",
        "stroke-dasharray",
        "transform",
        "viewbox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    ]
)
ATTRIBUTES = _DRAWN | {"aria-hidden", "aria-label", "class", "content", "charset", "data-label", "href", "http-equiv"}
ATTRIBUTES |= {"id", "lang", "name", "open", "rel", "role", "scope", "tabindex", "title"}
_LINK = re.compile(r"#dv-(?:[0-9]+|(?:[0-9]+-)?[a-z]+)|https://www\.rfc-editor\.org/rfc/rfc[0-9]+(?:#section-[0-9.]+)?")
_OUR_PAGES = frozenset(one.delist for one in lists() if one.delist)


class Read(HTMLParser):
    """The document as a browser would read it; `faults` says what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults = [f"harmful {character!r}" for character in harmful(text)]
        self.texts: list[str] = []
        self.links: list[str] = []
        self.values: list[str] = []
        self.tags: list[str] = []
        self.styles: list[str] = []
        self.metas: list[dict[str, str]] = []
        self.ids: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"not ended: {tag}" for tag in self._open]
        self.faults += [f"leads nowhere: {link}" for link in self.links if link[:1] == "#" and link[1:] not in self.ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in TAGS:
            self.faults.append(f"element {tag}")
        around = self._open[-1] if self._open else ""
        if tag in _WITHIN and around not in _WITHIN[tag]:
            self.faults.append(f"{tag} in {around}")
        heading = around == "summary" and tag in ("h2", "h3")  # which a summary may hold
        if around in _NO_BLOCKS and tag not in _PHRASING and not heading:
            self.faults.append(f"block {tag} in {around}")
        if around in ("ol", "ul") and tag != "li":
            self.faults.append(f"{tag} in {around}")
        self._attributes(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"an attribute twice: {attrs}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"attribute {name} of {tag}")
            if name == "href":
                self.links.append(value or "")
                if not (_LINK.fullmatch(value or "") or value in _OUR_PAGES):
                    self.faults.append(f"link {value}")
            elif value:
                self.values.append(value)
            if name == "id":
                self.faults += [f"id {value} twice"] if value in self.ids else []
                self.ids.add(value or "")
        if tag == "meta":
            self.metas.append({name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"end of {tag} in {self._open[-3:]}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        (self.styles if self._open[-1:] == ["style"] else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"section {data}")

    def handle_decl(self, decl: str) -> None:
        if decl != "DOCTYPE html":
            self.faults.append(f"declaration {decl}")

    @property
    def text(self) -> str:
        """What a reader sees, and what is folded."""
        return " ".join(self.texts)


def html_inert(text: str, outside: str = "evil|octocat|onerror|javascript:") -> list[str]:
    """What in an HTML text is not ours: elements, attributes, links, or attribute values with a word from outside."""
    read = Read(text)
    return read.faults + [f"value {value}" for value in read.values if re.search(outside, value)]
