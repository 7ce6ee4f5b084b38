"""What the HTML of a message shows, hides and does.

Theory of operation. One pass over the tokens keeps the stack of open elements as a mail program would: void elements
never open, `<p>`, `<li>`, `<td>` and the like end where HTML says they do although nobody closed them, an end tag closes
its element only within its own table cell. For every name the places where it is open are kept beside the stack, so
that no tag searches it: time is linear however deep or crossed the elements are.

Each open element carries a `Look` (css.py). Text that can be seen goes to `text`, with a line break where a block begins
or ends; text that cannot goes to a `Hidden` run with the reason. What a reader of findings needs to find the place, the
line of the HTML and an excerpt, is kept with every link, image, hidden run and active element. Comments, those of Outlook
included, are never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deliverability.content.css import (
    FIRST_LOOK,
    LINK_BLUE,
    Hiding,
    Look,
    declarations,
    look_of,
    looks_the_same,
)
from deliverability.content.elements import (
    BREAKS,
    CELLS,
    ENDERS,
    ENDS_P,
    IMPLIED,
    TABLE_PARTS,
    VOID,
    has_common_attribute,
    image_source,
    resolve,
    side,
)
from deliverability.content.html_facts import EXCERPT, Active, Anchor, Element, Hidden, HtmlFacts, Image, ImageSource
from deliverability.content.sheets import StyleSheet, sets_background
from deliverability.content.tokens import TokenKind, attributes_of, tokens
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern

__all__ = ["Active", "Anchor", "Element", "Hidden", "Hiding", "HtmlFacts", "Image", "ImageSource", "read_html"]

#: Hidden runs, images, active elements and comments that are kept, each.
_KEPT = 1_000


_PLAIN_SCRIPTS = frozenset({"application/ld+json", "application/json"})
#: Characters of one hidden run that are kept.
_LONGEST = 2_000
#: Stands for a line break until the text is whole; no text has it, since NUL is taken out first.
_BREAK = "\0"
_BLANKS = pattern(r"[ \t\r\n\f\xa0]+")
_BREAKS_AND_BLANKS = pattern(r" ?\0[ \0]*")
_NO_ATTRIBUTES: Mapping[str, str] = {}
_CONDITION = pattern(r"\s*(?:\[(?:if|endif)\b|<!\[(?:if|endif)|doctype\b)", 2)
_BACKGROUND_URL = pattern(r"url\(\s*[\"']?([^\"')]{1,2000})")
_OUTER_BLANKS = "\x00\t\n\f\r \x0b"
#: Letters of visible text that may stand before the preview line ("view in browser").
_BEFORE_PREVIEW = 150


def read_html(source: str, *, octets: int | None = None, limits: Limits = DEFAULT_LIMITS) -> HtmlFacts:
    """What an HTML text shows, hides and does. `octets` is its size as sent, where that is known. Never raises."""
    return _Reader(source[: limits.text_octets].replace("\0", ""), limits).read(
        octets if octets is not None else len(source.encode("utf-8", "replace")), len(source) > limits.text_octets
    )


class _Reader:
    """Where reading stands, for one call of `read_html`."""

    def __init__(self, source: str, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.sheet = StyleSheet()
        self.look = FIRST_LOOK
        self.stack: list[tuple[str, Look]] = []
        #: For each name the places in `stack` where it is open.
        self.places: dict[str, list[int]] = {}
        #: The places of open table cells, which end tags do not reach beyond.
        self.cells: list[int] = [-1]
        self.looks: dict[tuple[str, str, int], Look] = {}
        self.out: list[str] = []
        self.letters = 0
        self.anchors: list[Anchor] = []
        #: The open link: its place in `anchors`, and what was seen of its text.
        self.anchor: int | None = None
        self.anchor_text: list[str] = []
        self.images: list[Image] = []
        self.hidden: list[Hidden] = []
        self.run: _Run | None = None
        self.active: list[Element] = []
        self.sheets: list[Element] = []
        self.comments: list[Element] = []
        self.title = self.lang = self.base = ""
        self.elements = self.left_out = 0
        self._line, self._line_at = 1, 0

    def read(self, octets: int, cut: bool) -> HtmlFacts:
        raw_of = ""
        text, start_tag, end_tag, raw = TokenKind.TEXT, TokenKind.START, TokenKind.END, TokenKind.RAW
        for kind, value, start, attributes in tokens(self.source):
            if kind is text:
                self._text(value, start)
            elif kind is start_tag:
                raw_of = value
                self._start(value, attributes, start)
            elif kind is end_tag:
                self._end(value)
            elif kind is raw:
                self._raw(raw_of, value, start)
            elif not _CONDITION.match(value):
                self._keep(self.comments, "comment", value, start)
        self._pop_to(0)
        self._close_run("")
        return HtmlFacts(
            _BREAKS_AND_BLANKS.sub("\n", _BLANKS.sub(" ", "".join(self.out))).strip(),
            self.title,
            self.lang,
            octets,
            tuple(self.anchors),
            tuple(self.images),
            tuple(self.hidden),
            tuple(self.active),
            tuple(self.sheets),
            tuple(self.comments),
            self.base,
            self.elements,
            self.left_out,
            cut,
        )

    def line(self, offset: int) -> int:
        """The line of a place; places are asked for in order."""
        self._line += self.source.count("\n", self._line_at, offset)
        self._line_at = offset
        return self._line

    def _keep(self, where: list[Element], kind: str, text: str, start: int) -> None:
        if len(where) < _KEPT:
            where.append(Element(kind, text[:EXCERPT], self.line(start)))

    # --- text -------------------------------------------------------------------------------------------------------

    def _text(self, text: str, start: int) -> None:
        look = self.look
        if look.hiding is not None or look.blends:
            if not text.isspace():
                self._hide(text, look.hiding or Hiding.COLOUR, start)
            return
        if not text.isspace():
            self.letters += len(text)
            if self.run is not None:
                self._close_run(text)
            if self.places.get("pre"):
                text = text.replace("\n", _BREAK)
        self.out.append(text)
        if self.anchor is not None:
            self.anchor_text.append(text)

    def _hide(self, text: str, how: Hiding, start: int) -> None:
        if self.run is not None and self.run.how is how:
            self.run.texts.append(text)
            return
        self._close_run("")
        before = self.out[-1][-1:] if self.out else ""
        self.run = _Run(how, [text], self.line(start), self.letters > _BEFORE_PREVIEW, before.isalpha())

    def _close_run(self, after: str) -> None:
        run = self.run
        if run is None:
            return
        self.run = None
        text = " ".join("".join(run.texts).split())
        if len(self.hidden) < _KEPT and text:
            within = run.in_word and after[:1].isalpha()
            self.hidden.append(Hidden(run.how, text[:_LONGEST], run.line, run.after_text, within))

    def _raw(self, name: str, text: str, start: int) -> None:
        if name == "title":
            self.title = self.title or " ".join(text.split())
        elif name == "style":
            imports = len(self.sheet.imports)
            self.sheet.add(text)
            self.looks.clear()
            for named in self.sheet.imports[imports:]:
                self._keep(self.sheets, "@import", named, start)
        elif name == "textarea":
            self._text(text, start)

    # --- the stack --------------------------------------------------------------------------------------------------

    def _push(self, name: str, look: Look) -> None:
        place = len(self.stack)
        places = self.places.get(name)
        if places is None:
            self.places[name] = [place]
        else:
            places.append(place)
        if name in CELLS:
            self.cells.append(place)
        self.stack.append((name, self.look))
        self.look = look

    def _pop(self) -> None:
        name, self.look = self.stack.pop()
        self.places[name].pop()
        if name in BREAKS:
            if name in CELLS:
                self.cells.pop()
            self._break(name)
        elif name == "a":
            self._close_anchor()

    def _pop_to(self, depth: int) -> None:
        """Close every element from `depth` on."""
        while len(self.stack) > depth:
            self._pop()

    def _place(self, name: str) -> int:
        """Where the innermost open element of that name is; -1 when none is."""
        places = self.places.get(name)
        return places[-1] if places else -1

    def _end(self, name: str) -> None:
        if self.stack and self.stack[-1][0] == name:
            self._pop()
            return
        place = self._place(name)
        if place < 0:
            if name in ("br", "p"):
                self._break(name)
            return
        if name not in TABLE_PARTS and place < self.cells[-1]:
            return
        if name in TABLE_PARTS and name != "table" and place < self._place("table"):
            return
        self._pop_to(place)

    def _imply_ends(self, name: str) -> None:
        if name in ENDS_P and self.places.get("p"):
            place = self._place("p")
            if place > self.cells[-1]:
                self._pop_to(place)
        rule = IMPLIED.get(name)
        if rule is None:
            return
        ended, within = rule
        border = max(map(self._place, within)) if within else self.cells[-1]
        place = min((place for place in map(self._place, ended) if place > border), default=-1)
        if place >= 0:
            self._pop_to(place)

    def _break(self, name: str) -> None:
        if self.look.hiding is None:
            self.out.append(" " if name in ("td", "th") else _BREAK)
        if self.anchor is not None:
            self.anchor_text.append(" ")

    # --- elements ---------------------------------------------------------------------------------------------------

    def _start(self, name: str, written: str, start: int) -> None:
        self.elements += 1
        if name in ENDERS:
            self._imply_ends(name)
        handle = _ELEMENTS.get(name)
        has_look = bool(written) and has_common_attribute(written)
        attributes = attributes_of(written) if has_look or (written and handle is not None) else _NO_ATTRIBUTES
        look = self.look
        if has_look or name == "a" or (self.sheet.count and self.sheet.names(name)):
            key = (name, written if has_look else "", id(look))
            look = self.looks.get(key) or self.looks.setdefault(key, self._look(name, attributes))
        if name in BREAKS:
            self._break(name)
        if has_look:
            self._attributes(name, attributes, start, look)
        if handle is not None:
            handle(self, name, attributes, start, look)
        if name not in VOID:
            self._push(name, look)

    def _look(self, name: str, attributes: Mapping[str, str]) -> Look:
        """How the content of an element looks: its style, its old attributes, the rules of style sheets."""
        above = self.look
        style: dict[str, str] = {}
        uncertain: frozenset[str] = frozenset()
        classes, identity = attributes.get("class", ""), attributes.get("id", "")
        if self.sheet.count:
            declared, uncertain = self.sheet.of(name, classes, identity)
            style.update(declared)
        if "bgcolor" in attributes:
            style.setdefault("background-color", attributes["bgcolor"])
        old = attributes.get("color" if name == "font" else "text" if name == "body" else "")
        if old:
            style.setdefault("color", old)
        if "hidden" in attributes:
            style.setdefault("display", "none")
        own = attributes.get("style")
        if own:
            inline = declarations(own)
            style.update(inline)
            uncertain -= inline.keys()
        look = look_of(style, above) if style else above
        if name == "a" and "color" not in style:
            look = look._replace(colour=LINK_BLUE)
        if attributes.get("background") or sets_background(uncertain) or name[:2] == "v:":
            look = look._replace(background=None)
        if "color" in uncertain:
            look = look._replace(colour=None)
        if look.hiding is not None and above.hiding is None and self.sheet.shows_elsewhere(classes, identity):
            look = look._replace(hiding=Hiding.RESPONSIVE)
        blends = looks_the_same(look.colour, look.background)
        return look if blends == look.blends else look._replace(blends=blends)

    def _attributes(self, name: str, attributes: Mapping[str, str], start: int, look: Look) -> None:
        """What any element may carry: a language, handlers of events, an image behind it."""
        if name in ("html", "body") and not self.lang:
            self.lang = attributes.get("lang", attributes.get("xml:lang", "")).strip()[:EXCERPT]
        for key in attributes:
            if key[:2] == "on" and len(key) > 5 and key.isalpha():
                self._keep(self.active, Active.HANDLER, f"<{name} {key}>", start)
                break
        behind = attributes.get("background", "")
        style = attributes.get("style", "")
        if "url(" in style:
            found = _BACKGROUND_URL.search(style)
            behind = found[1] if found else behind
        if behind:
            self._image(behind, attributes, start, look, behind=True)

    def _image(self, url: str, attributes: Mapping[str, str], start: int, look: Look, *, behind: bool = False) -> None:
        if len(self.images) >= _KEPT:
            return
        address = url.strip(_OUTER_BLANKS)
        style = declarations(attributes["style"]) if "style" in attributes else {}
        self.images.append(
            Image(
                image_source(address),
                address,
                "" if behind else attributes.get("alt"),
                None if behind else side("width", attributes, style),
                None if behind else side("height", attributes, style),
                self.line(start),
                self.anchor,
                look.hiding is not None and look.hiding not in (Hiding.RESPONSIVE, Hiding.FONT_SIZE),
            )
        )
        if self.anchor is not None and attributes.get("alt"):
            self.anchor_text.append(f" {attributes['alt']} ")

    def _on_image(self, _name: str, attributes: Mapping[str, str], start: int, look: Look) -> None:
        self._image(attributes.get("src", ""), attributes, start, look)

    def _on_anchor(self, name: str, attributes: Mapping[str, str], start: int, look: Look) -> None:
        self._link(name, attributes.get("href"), attributes.get("alt", ""), start, look)
        if name == "a" and "href" in attributes and self.left_out == 0:
            self.anchor, self.anchor_text = len(self.anchors) - 1, []

    def _link(self, element: str, url: str | None, text: str, start: int, look: Look) -> None:
        if url is None:
            return
        if len(self.anchors) >= self.limits.links:
            self.left_out += 1
            return
        address = resolve(url.strip(_OUTER_BLANKS), self.base)
        self.anchors.append(Anchor(address, text, element, self.line(start), look.hiding is not None))
        if address[:11].lower() == "javascript:":
            self._keep(self.active, Active.SCRIPT_LINK, address, start)

    def _close_anchor(self) -> None:
        if self.anchor is None:
            return
        text = " ".join("".join(self.anchor_text).replace(_BREAK, " ").split())
        self.anchors[self.anchor] = self.anchors[self.anchor]._replace(text=text)
        self.anchor = None

    def _on_form(self, _name: str, attributes: Mapping[str, str], start: int, look: Look) -> None:
        self._keep(self.active, Active.FORM, self._tag(start), start)
        self._link("form", attributes.get("action"), "", start, look)

    def _on_script(self, _name: str, attributes: Mapping[str, str], start: int, _look: Look) -> None:
        # Structured data that Gmail reads (schema.org) is a script by its tag only.
        if attributes.get("type", "").strip().lower() not in _PLAIN_SCRIPTS:
            self._keep(self.active, Active.SCRIPT, self._tag(start), start)

    def _on_frame(self, _name: str, _attributes: Mapping[str, str], start: int, _look: Look) -> None:
        self._keep(self.active, Active.FRAME, self._tag(start), start)

    def _on_object(self, _name: str, _attributes: Mapping[str, str], start: int, _look: Look) -> None:
        self._keep(self.active, Active.OBJECT, self._tag(start), start)

    def _on_meta(self, _name: str, attributes: Mapping[str, str], start: int, _look: Look) -> None:
        if attributes.get("http-equiv", "").strip().lower() == "refresh":
            self._keep(self.active, Active.REFRESH, self._tag(start), start)

    def _on_head_link(self, _name: str, attributes: Mapping[str, str], start: int, _look: Look) -> None:
        if "stylesheet" in attributes.get("rel", "").lower():
            self._keep(self.sheets, "link", attributes.get("href", ""), start)

    def _on_base(self, _name: str, attributes: Mapping[str, str], _start: int, _look: Look) -> None:
        self.base = self.base or attributes.get("href", "").strip(_OUTER_BLANKS)

    def _tag(self, start: int) -> str:
        """A tag as it stands in the source."""
        end = self.source.find(">", start, start + EXCERPT)
        return self.source[start : end + 1 if end >= 0 else start + EXCERPT]


@dataclass(slots=True)
class _Run:
    """Hidden text while it goes on."""

    how: Hiding
    texts: list[str]
    line: int
    after_text: bool
    in_word: bool


_ELEMENTS: Mapping[str, Callable[[_Reader, str, Mapping[str, str], int, Look], None]] = {
    "a": _Reader._on_anchor,
    "area": _Reader._on_anchor,
    "img": _Reader._on_image,
    "image": _Reader._on_image,
    "form": _Reader._on_form,
    "script": _Reader._on_script,
    "iframe": _Reader._on_frame,
    "frame": _Reader._on_frame,
    "frameset": _Reader._on_frame,
    "object": _Reader._on_object,
    "embed": _Reader._on_object,
    "applet": _Reader._on_object,
    "meta": _Reader._on_meta,
    "link": _Reader._on_head_link,
    "base": _Reader._on_base,
}
