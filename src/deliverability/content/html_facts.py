"""What the HTML of a message holds, as facts: `html.py` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverability.content.css import Hiding

#: Characters of a place that are kept as its excerpt.
EXCERPT = 200


class Active(StrEnum):
    """Elements that do something: mail programs remove them or refuse the mail."""

    SCRIPT = "script"
    FORM = "form"
    FRAME = "iframe"
    OBJECT = "object"
    REFRESH = "meta refresh"
    HANDLER = "event handler"
    SCRIPT_LINK = "javascript:"


class ImageSource(StrEnum):
    """Where the octets of an image come from."""

    REMOTE = "remote"
    PART = "cid"  # another part of the message (RFC 2392)
    DATA = "data"  # within the HTML itself (RFC 2397)
    OTHER = "other"


class Anchor(NamedTuple):
    """A link of the HTML: `<a>`, `<area>` or the target of a form."""

    #: As written, references decoded, blanks around it removed, `<base href>` applied.
    url: str
    #: What is shown to be clicked; for an image its `alt`.
    text: str
    #: "a", "area" or "form".
    element: str
    #: The line of the HTML, counted from 1.
    line: int
    #: Whether it stands in text that cannot be seen.
    hidden: bool = False


class Image(NamedTuple):
    """An image of the HTML, also one behind a table or a cell."""

    source: ImageSource
    url: str
    #: None: there is no `alt`.
    alt: str | None
    #: Pixels, as far as they are told.
    width: float | None
    height: float | None
    line: int
    #: The place of the link around it in `HtmlFacts.anchors`; None: it is not linked.
    anchor: int | None = None
    hidden: bool = False

    @property
    def is_pixel(self) -> bool:
        """Whether nobody is meant to see it: at most 1 by 1, or a remote image that is hidden."""
        width, height = self.width, self.height
        if self.hidden:
            return (width or 0) <= 3 and (height or 0) <= 3
        if width is None or height is None:
            return (width is not None and width == 0) or (height is not None and height == 0)
        return width <= 1 and height <= 1


class Hidden(NamedTuple):
    """A run of text that a reader does not see."""

    how: Hiding
    text: str
    line: int
    #: Whether visible text came before it. The first run without is the preview line ("preheader").
    after_text: bool
    #: Whether it stands between two letters of visible text, as zero-size letters do that break up words.
    within_word: bool = False


class Element(NamedTuple):
    """An element that is kept for what it is."""

    kind: str
    #: The tag, or what of it matters.
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class HtmlFacts:
    """One HTML text, read."""

    #: What a reader sees: blanks collapsed, one line for each block.
    text: str
    title: str
    lang: str
    #: Octets of the HTML in the charset it was sent in.
    octets: int
    anchors: tuple[Anchor, ...]
    images: tuple[Image, ...]
    hidden: tuple[Hidden, ...]
    active: tuple[Element, ...]
    #: Style sheets that lie elsewhere: `<link rel=stylesheet>` and `@import`.
    stylesheets: tuple[Element, ...]
    #: Comments but the conditional ones of Outlook.
    comments: tuple[Element, ...]
    #: The target of `<base href>`.
    base: str = ""
    elements: int = 0
    #: Links beyond `Limits.links`, which were not kept.
    links_left_out: int = 0
    #: Whether the HTML was longer than `Limits.text_octets`: the rest was not read.
    cut: bool = False

    @property
    def preheader(self) -> str:
        """The text that is hidden for the preview in the list of messages; "" without."""
        for run in self.hidden:
            if run.how is not Hiding.RESPONSIVE:
                return "" if run.after_text else run.text
        return ""
