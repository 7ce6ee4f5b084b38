"""As much of CSS as tells whether text can be seen: declarations, colours, and the rules of style elements.

Theory of operation. `Look` is what an element passes on to what stands in it: why it cannot be seen (or None), its text
and background colour, its font size. `Look` is computed from the declarations of the element, which come from its
`style` attribute and from rules of `<style>` with one simple selector (`td`, `.preheader`, `#top`, `td.note`), from its
old attributes (`bgcolor`, `color`) and from its parent. Whatever cannot be computed with certainty (images and gradients
behind text, selectors with combinators, `var()`) makes a colour unknown, and text of an unknown colour is never called
hidden: a false alarm on honest mail is worse than a missed trick. What a media query shows again (the version for phones)
is told apart as `Hiding.RESPONSIVE`. `mso-hide` hides from Outlook for Windows alone, for which such mail has another
version in a conditional comment: it hides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from deliverability.core.patterns import pattern

Colour: TypeAlias = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
#: What browsers give the text of a link.
LINK_BLUE: Colour = (0, 0, 238)
#: The font size that mail programs begin with, in pixels.
BASE_SIZE = 16.0
#: Pixels at and below which text cannot be read.
TINY = 1.0
#: Greatest difference of one channel at which text is not seen against its background.
SAME = 10
#: Pixels beyond which a position is off the screen.
FAR = 500.0


class Hiding(StrEnum):
    """How text is kept from being seen."""

    DISPLAY = "display:none"
    HIDDEN = "visibility:hidden"
    FONT_SIZE = "font-size"
    OPACITY = "opacity:0"
    HEIGHT = "max-height:0"
    OFF_SCREEN = "off-screen"
    COLOUR = "colour"
    #: Hidden in this layout and shown in another by a media query: not a trick.
    RESPONSIVE = "responsive"


class Look(NamedTuple):
    """What an element passes on to its content. A colour that is None is not known."""

    hiding: Hiding | None = None
    colour: Colour | None = BLACK
    background: Colour | None = WHITE
    size: float = BASE_SIZE
    #: The text has the colour of what is behind it.
    blends: bool = False


FIRST_LOOK = Look()
Declarations: TypeAlias = Mapping[str, str]

_COMMENT = pattern(r"/\*.*?(?:\*/|\Z)", 16)
_LENGTH = pattern(r"(-?(?:\d{1,7}(?:\.\d{0,7})?|\.\d{1,7}))\s*(px|pt|em|rem|ex|ch|%|vw|vh|pc|cm|mm|in|)(?![\w.%])")
_HEX = pattern(r"#?([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{4}|[0-9a-f]{8})")
_RGB = pattern(r"rgba?\(\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]{1,8}%?)\s*)?\)")
_UNITS = {"px": 1.0, "": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": BASE_SIZE}
_RELATIVE = {"em": 1.0, "%": 0.01, "ex": 0.5, "ch": 0.5}
_NAMED: Mapping[str, Colour] = {
    "white": WHITE,
    "black": BLACK,
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "maroon": (128, 0, 0),
    "navy": (0, 0, 128),
    "olive": (128, 128, 0),
    "lime": (0, 255, 0),
    "aqua": (0, 255, 255),
    "cyan": (0, 255, 255),
    "teal": (0, 128, 128),
    "fuchsia": (255, 0, 255),
    "magenta": (255, 0, 255),
    "purple": (128, 0, 128),
    "orange": (255, 165, 0),
    "whitesmoke": (245, 245, 245),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211),
    "darkgray": (169, 169, 169),
    "darkgrey": (169, 169, 169),
    "gainsboro": (220, 220, 220),
}
_SIZE_WORDS = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}
#: Values that take a declaration back to what the parent has, or to nothing.
_NO_COLOUR = frozenset({"inherit", "currentcolor", "unset", "revert"})
_CLEAR = frozenset({"transparent", "none", "initial", "inherit", "unset", "0", ""})


def declarations(style: str) -> Declarations:
    """The declarations of a `style` attribute: property in lower case, value in lower case without `!important`.

    The last of a property wins, unless an earlier one is important.
    """
    if "/*" in style:
        style = _COMMENT.sub("", style)
    read: dict[str, str] = {}
    important: set[str] = set()
    for declaration in style.lower().split(";"):
        name, colon, value = declaration.partition(":")
        if not colon:
            continue
        name, value = name.strip(), value.strip()
        if "!" in value:
            value, _, mark = value.partition("!")
            value = value.rstrip()
            if mark.strip() == "important":
                important.add(name)
        elif name in important:
            continue
        read[name] = value
    return read


def pixels(value: str, relative_to: float = BASE_SIZE) -> float | None:
    """A length in pixels; None when it cannot be told. `%` and `em` count from `relative_to`."""
    found = _LENGTH.match(value)
    if found is None:
        return _SIZE_WORDS.get(value)
    number, unit = float(found[1]), found[2]
    if unit in _RELATIVE:
        return number * _RELATIVE[unit] * relative_to
    factor = _UNITS.get(unit)
    return None if factor is None else number * factor


def colour_of(value: str) -> Colour | None:
    """A colour by name, `#rgb`, `#rrggbb` (the `#` may be missing, as in old attributes) or `rgb()`; None: not known."""
    value = value.strip().lower()
    named = _NAMED.get(value)
    if named is not None:
        return named
    found = _HEX.fullmatch(value)
    if found:
        digits = found[1]
        if len(digits) in (3, 4):
            return (int(digits[0] * 2, 16), int(digits[1] * 2, 16), int(digits[2] * 2, 16))
        return (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))
    found = _RGB.fullmatch(value)
    if found is None or (found[4] or "1") not in ("1", "1.0", "100%"):
        return None
    return (min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255))


def looks_the_same(one: Colour | None, other: Colour | None) -> bool:
    """Whether text of one colour cannot be seen on the other; False where either is unknown."""
    if one is None or other is None:
        return False
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2])) <= SAME


def look_of(style: Declarations, above: Look) -> Look:
    """How the content of an element with these declarations looks, within what looks like `above`."""
    size = above.size
    written = style.get("font-size")
    if written is None and "font" in style:
        written = _size_in_shorthand(style["font"])
    if written is not None:
        size = _font_size(written, above.size)
    background = above.background
    for name in ("background", "background-color"):
        if name in style:
            background = _background(style[name], background, above.background)
    if "url(" in style.get("background-image", "") or "gradient" in style.get("background-image", ""):
        background = None
    colour = above.colour
    if "color" in style and style["color"] not in _NO_COLOUR:
        colour = background if style["color"] == "transparent" else colour_of(style["color"])
    return Look(_hiding(style, above, size), colour, background, size)


def _font_size(value: str, above: float) -> float:
    found = pixels(value, above)
    return above if found is None or found < 0 else found


def _size_in_shorthand(value: str) -> str | None:
    """The size in `font: bold 12px/20px Arial`: the first length."""
    for word in value.split():
        size = word.partition("/")[0]
        # A weight (`700`) is a number too, but a length other than 0 has a unit.
        if size and (size[0].isdigit() or size[0] == ".") and (not size.isdigit() or size == "0"):
            return size
    return None


def _background(value: str, current: Colour | None, above: Colour | None) -> Colour | None:
    if value in _CLEAR:
        return above
    if "url(" in value or "gradient" in value or "var(" in value:
        return None
    whole = colour_of(value)
    if whole is not None:
        return whole
    for word in value.split():
        if word[:1] == "#" or word in _NAMED:
            return colour_of(word)
    return current if value in ("no-repeat", "repeat", "scroll") else None


def _hiding(style: Declarations, above: Look, size: float) -> Hiding | None:
    """The reason why the content is not seen."""
    before = above.hiding
    if before is Hiding.HIDDEN and style.get("visibility") == "visible":
        before = None
    if before is Hiding.FONT_SIZE and size > TINY:
        before = None
    if before is not None:
        return before
    get = style.get
    if get("display") == "none":
        return Hiding.DISPLAY
    if get("visibility") in ("hidden", "collapse"):
        return Hiding.HIDDEN
    if size <= TINY:
        return Hiding.FONT_SIZE
    if "opacity" in style and _is_nothing(style["opacity"], 0.05):
        return Hiding.OPACITY
    if _is_clipped(style):
        return Hiding.HEIGHT
    return Hiding.OFF_SCREEN if _is_off_screen(style) else None


def _is_nothing(value: str, most: float) -> bool:
    found = _LENGTH.match(value)
    return found is not None and abs(float(found[1])) <= most


def _is_clipped(style: Declarations) -> bool:
    """No height or no width, and what flows over is cut off."""
    if not style.get("overflow", "").startswith("hidden"):
        return False
    return any(name in style and _is_nothing(style[name], TINY) for name in ("max-height", "height", "max-width"))


def _is_off_screen(style: Declarations) -> bool:
    indent = pixels(style.get("text-indent", ""))
    if indent is not None and indent <= -FAR:
        return True
    clip = style.get("clip", "")
    if style.get("position") in ("absolute", "fixed"):
        if clip.startswith("rect(") and not any(digit in clip for digit in "23456789"):
            return True
        names: tuple[str, ...] = ("left", "top", "right", "bottom", "margin-left", "margin-top")
    else:
        names = ("margin-left", "margin-top")
    return any((pixels(style[name]) or 0.0) <= -FAR for name in names if name in style)
