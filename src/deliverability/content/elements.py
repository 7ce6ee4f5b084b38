"""Which elements of HTML stand alone, break lines, and end others; and how values of their attributes are read."""

from __future__ import annotations

from collections.abc import Mapping

from deliverability.content.css import pixels
from deliverability.content.html_facts import ImageSource
from deliverability.core.patterns import pattern

_SPACES = pattern(r"[ \t]{2,}")
_LINE_ENDS = pattern(r" *\n[ \n]*")
_SCHEME = pattern(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_NUMBER = pattern(r"\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(?:px|)\s*")
#: Attributes that any element may have and that change how it looks or what it does.
_MATTERING = ("style", "class", "color", "id=", "hidden", "background", "lang", "text")
_HANDLER = pattern(r"(?<![a-z])on[a-z]{4}")
VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "image",
    ]
)
#: A line break in the text before and after.
BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
#: Start tags that end an open `<p>`.
BREAKS = BLOCK | {"td", "th"}
ENDS_P = BLOCK - {
    "br",
    "caption",
    "option",
    "select",
    "tr",
    "tbody",
    "thead",
    "tfoot",
    "body",
    "html",
    "head",
    "title",
}
#: name: (what its start tag ends, within the nearest of these).
IMPLIED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "li": (("li",), ("ul", "ol", "menu")),
    "dt": (("dt", "dd"), ("dl",)),
    "dd": (("dt", "dd"), ("dl",)),
    "option": (("option",), ("select",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
    "tr": (("tr",), ("table",)),
    "tbody": (("tbody", "thead", "tfoot"), ("table",)),
    "thead": (("tbody", "thead", "tfoot"), ("table",)),
    "tfoot": (("tbody", "thead", "tfoot"), ("table",)),
    "a": (("a",), ()),
}
ENDERS = ENDS_P | IMPLIED.keys()
#: An end tag of something else does not reach beyond these.
CELLS = frozenset({"td", "th", "caption", "table"})
TABLE_PARTS = frozenset({"td", "th", "tr", "tbody", "thead", "tfoot", "table", "caption", "body", "html"})


def tidied(text: str) -> str:
    """Blanks collapsed, blank lines and blanks around lines gone."""
    return _LINE_ENDS.sub("\n", _SPACES.sub(" ", text.replace("\xa0", " "))).strip()


def resolve(url: str, base: str) -> str:
    """A link of the HTML with `<base href>` applied."""
    if not base or _SCHEME.match(url):
        return url
    from urllib.parse import urljoin  # noqa: PLC0415 - few mails have a base

    try:
        return urljoin(base, url)
    except ValueError:
        return url


def image_source(url: str) -> ImageSource:
    """Where the octets of an image come from."""
    scheme = url[:8].lower()
    if scheme.startswith(("http:", "https:", "//")):
        return ImageSource.REMOTE
    if scheme.startswith("cid:"):
        return ImageSource.PART
    return ImageSource.DATA if scheme.startswith("data:") else ImageSource.OTHER


def side(name: str, attributes: Mapping[str, str], style: Mapping[str, str]) -> float | None:
    """A width or height in pixels."""
    if name in style:
        found = pixels(style[name])
        if found is not None and "%" not in style[name]:
            return found
    written = _NUMBER.fullmatch(attributes.get(name, "")[:40])
    return float(written[1]) if written else None


def has_common_attribute(written: str) -> bool:
    """Whether a start tag may have an attribute that any element may have."""
    lowered = written.lower()
    for name in _MATTERING:
        if name in lowered:
            return True
    return "on" in lowered and _HANDLER.search(lowered) is not None
