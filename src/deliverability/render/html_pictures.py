"""What the HTML report draws: small SVG pictures without a script, a style attribute or a text from outside.

Colours come from the style sheet by class, so that one picture serves light, dark and print. Pictures that stand beside
text which may wrap (branches, connectors) are as high as that text: their lines end at percentages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from deliverability.render.html_markup import Markup, el

#: Strokes of the marks in a square of 16.
_STROKES: Mapping[str, str] = {
    "good": "M3 8.5l3.5 3.5L13 4.5",
    "bad": "M4 4l8 8M12 4l-8 8",
    "warn": "M8 3v6M8 12.5v.5",
    "note": "M8 3.5V4M8 7v6",
    "open": "M5.5 6a2.5 2.5 0 1 1 3.6 2.2Q8 8.8 8 10M8 12.8v.4",
    "none": "M4.5 8h7",
}
_STEP = 16  # width of one level of a tree
#: The level at which deeper ones stand as well.
DEEPEST = 7
_FIRST_LINE = 12  # middle of the first line of text beside a picture, pixels
_RADIUS = 42
_AROUND = 2 * math.pi * _RADIUS


def mark(kind: str, label: str = "") -> Markup:
    """A mark: good, bad, warn, note, open (not known) or none. Without a label it is an ornament."""
    told = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return el("svg", el("path", d=_STROKES[kind]), class_=f"mark {kind}", viewBox="0 0 16 16", **told)


def ring(value: int | None, grade: str | None, kind: str, label: str) -> Markup:
    """The score as a ring, its number and letter within."""
    track = {"cx": 50, "cy": 50, "r": _RADIUS}
    drawn = f"{_AROUND * (value or 0) / 100:.1f} {_AROUND:.1f}"
    arc = el("circle", class_="arc", stroke_dasharray=drawn, transform="rotate(-90 50 50)", **track)
    number = el("text", "–" if value is None else str(value), x=50, y=50 if grade is None else 47, class_="number")
    letter = el("text", grade, x=50, y=74, class_="letter") if grade else None
    return el(
        "svg",
        el("circle", class_="track", **track),
        arc if value else None,
        number,
        letter,
        class_=f"ring {kind}",
        viewBox="0 0 100 100",
        role="img",
        aria_label=label,
    )


def bar(value: int | None, kind: str, label: str) -> Markup:
    """A number of 0..100 as a bar."""
    filled = el("rect", class_="fill", width=f"{value}%", height=10, rx=3) if value else None
    track = el("rect", class_="track" if value is not None else "track unknown", width="100%", height=10, rx=3)
    return el("svg", track, filled, class_=f"bar {kind}", role="img", aria_label=label)


def meter(count: int, *, exact: bool, limit: int, label: str) -> Markup:
    """A count against its limit: one box each, those past the limit in another colour, at most twice the limit."""
    boxes = max(limit, min(count, 2 * limit))
    wide = 100 / boxes
    drawn = [
        el(
            "rect",
            class_="over" if index >= limit else "used" if index < count else "free",
            x=f"{index * wide:.2f}%",
            width=f"{wide * 0.86:.2f}%",
            y=3,
            height=18,
            rx=2,
        )
        for index in range(boxes)
    ]
    edge = f"{limit * wide - wide * 0.07:.2f}%"
    line = el("line", class_="edge", x1=edge, x2=edge, y1=0, y2=24) if boxes > limit else None
    return el("svg", *drawn, line, class_="meter" if exact else "meter least", role="img", aria_label=label)


def branches(levels: Sequence[bool], *, last: bool) -> Markup:
    """The lines in front of a term: `levels` says for each level above whether it goes on; `last` makes a corner."""
    shown = levels[-DEEPEST:]
    lines = [_down(index) for index, goes_on in enumerate(shown) if goes_on]
    x = len(shown) * _STEP + _STEP // 2
    lines.append(el("line", x1=x, x2=x, y1=0, y2=_FIRST_LINE if last else "100%"))
    lines.append(el("line", x1=x, x2=x + _STEP // 2, y1=_FIRST_LINE, y2=_FIRST_LINE))
    return el("svg", *lines, class_="branch", width=(len(shown) + 1) * _STEP, aria_hidden="true")


def _down(level: int) -> Markup:
    x = level * _STEP + _STEP // 2
    return el("line", x1=x, x2=x, y1=0, y2="100%")


def connector(kind: str, label: str, *, last: bool) -> Markup:
    """From the trunk below From to one identifier: joined (good), broken (bad), or not known (open)."""
    y = 22
    trunk = el("line", class_="trunk", x1=12, x2=12, y1=0, y2=y if last else "100%")
    ways = {"good": [(12, 62)]}.get(kind, [(12, 26), (46, 62)])
    lines = [el("line", class_="way", x1=start, x2=end, y1=y, y2=y) for start, end in ways]
    sign = el(
        "g",
        el("circle", cx=36, cy=y, r=10),
        el("path", d=_STROKES[kind], transform=f"translate(28 {y - 8})"),
        class_="sign",
    )
    return el("svg", trunk, *lines, sign, class_=f"connector {kind}", role="img", aria_label=label)


def pips(kinds: Sequence[str], label: str) -> Markup:
    """One dot for each requirement, coloured by how it stands."""
    dots = [el("circle", class_=kind, cx=7 + 16 * index, cy=7, r=5) for index, kind in enumerate(kinds)]
    width = max(14, 16 * len(kinds) - 2)
    return el(
        "svg", *dots, class_="pips", viewBox=f"0 0 {width} 14", width=width, height=14, role="img", aria_label=label
    )


def stop(kind: str, *, first: bool, last: bool) -> Markup:
    """One stop of a route: its dot on the line that comes from the stop before and leads to the next."""
    before = None if first else el("line", x1=10, x2=10, y1=0, y2=_FIRST_LINE)
    after = None if last else el("line", x1=10, x2=10, y1=_FIRST_LINE, y2="100%")
    dot = el("circle", cx=10, cy=_FIRST_LINE, r=5)
    return el("svg", before, after, dot, class_=f"stop {kind}", aria_hidden="true")
