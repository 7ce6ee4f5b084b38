"""HTML as values: text is escaped when it is put into an element, and only what was built here is markup.

There is no way to write a tag but `el`, so nothing that came from outside can become an element, an attribute or a link.
Control, invisible and direction-changing characters are shown as escapes, like in every other format.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from deliverability.core.names import escape_controls


class Markup(str):
    """Finished markup. Made by the functions of this module alone."""

    __slots__ = ()


#: What may stand in an element. None and "" leave nothing.
Child: TypeAlias = str | None
#: None and False leave the attribute out; True writes it without a value.
Value: TypeAlias = str | int | float | bool | None

#: Elements without an end tag (HTML §13.1.2).
_VOID = frozenset({"br", "meta", "wbr"})


#: Between pieces of the source, for who reads it.
NEW_LINE = Markup("\n")


def text(outside: str) -> Markup:
    """Text, escaped; markup stays as it is."""
    return outside if isinstance(outside, Markup) else Markup(escape(escape_controls(outside), quote=True))


def join(children: Iterable[Child], between: str = "") -> Markup:
    """Texts and markup one after another."""
    return Markup(text(between).join(text(child) for child in children if child))


def el(tag: str, /, *children: Child, **attributes: Value) -> Markup:
    """An element. `class_` is `class`; `_` in a name is `-`. Values are always quoted."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{join(children)}</{tag}>")


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {name}="{text(shown)}"'


def raw(ours: str) -> Markup:
    """Text of this package that stands as it is where HTML knows no escapes: the style sheet."""
    if "<" in ours:
        raise ValueError("a style sheet holds no <")
    return Markup(ours)
