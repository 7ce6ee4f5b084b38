"""The rules of `<style>` that say whether text can be seen.

Only selectors of one compound (`td`, `.note`, `td.note`, `#top`) outside of media queries are applied. Of a selector with
combinators only its last compound is looked at: it makes the colours that it sets unknown for what it may select. Rules
for states (`:hover`) are none for a mail at rest. A media query tells which classes are shown in another layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deliverability.content.css import Declarations, declarations
from deliverability.core.patterns import pattern

#: Rules of one document, and selectors of one rule, that are read.
_RULES = 2_000
_SELECTORS = 50
_MARK = pattern(r"([{};])")
_COMMENT = pattern(r"/\*.*?(?:\*/|\Z)|<!--|-->", 16)
_SIMPLE = pattern(r"([a-z][a-z0-9]*+|)([.#][\w-]++|)")
_RESTING = pattern(r":(?:link|visited)\b")
_NAMES = pattern(r"[.#]([\w-]++)|\[(?:class|id)[~*^|$]?=[\"']?([\w-]++)")
_IMPORT = pattern(r"@import\s++(?:url\(\s*+)?[\"']?([^\"')\s;]++)", 2)
_BACKGROUNDS = ("background", "background-color", "background-image")


class StyleSheet:
    """The style elements of one document."""

    __slots__ = ("_cache", "_rules", "_uncertain", "count", "imports", "shown")

    def __init__(self) -> None:
        self._rules: dict[str, dict[str, str]] = {}
        #: Last compound of a selector with combinators: the properties it sets somewhere.
        self._uncertain: dict[str, set[str]] = {}
        self._cache: dict[tuple[str, str, str], tuple[Declarations, frozenset[str]]] = {}
        #: Classes and ids that a media query shows.
        self.shown: set[str] = set()
        #: What `@import` names.
        self.imports: list[str] = []
        self.count = 0

    def add(self, source: str) -> None:
        """Read the content of one `<style>`."""
        self._cache.clear()
        text = _COMMENT.sub(" ", source)
        self.imports += [found[1] for found in _IMPORT.finditer(text)]
        media = 0
        selector: str | None = None
        body: list[str] = []
        pieces = _MARK.split(text)
        for piece, mark in zip(pieces[::2], pieces[1::2], strict=False):
            if selector is not None and mark != "{":
                body.append(piece)
                if mark == "}":
                    self._rule(selector, declarations(";".join(body)), in_media=media > 0)
                    selector, body = None, []
                if self.count > _RULES:
                    return
            elif mark == "{" and piece.lstrip().startswith("@"):
                selector, media = None, media + 1
            elif mark == "{":
                selector, body = piece, []
            elif mark == "}":
                media = max(media - 1, 0)

    def _rule(self, selectors: str, style: Declarations, *, in_media: bool) -> None:
        self.count += 1
        if in_media:
            if _shows(style):
                self.shown.update(first or second for first, second in _NAMES.findall(selectors.lower()))
            return
        for written in selectors.split(",", _SELECTORS)[:_SELECTORS]:
            selector = _RESTING.sub("", written.strip().lower())
            simple = _SIMPLE.fullmatch(selector)
            if simple and selector:
                self._rules.setdefault(selector, {}).update(style)
            elif ":" not in selector and selector:
                last = _SIMPLE.match(selector.replace(">", " ").split()[-1] if selector.split() else "")
                if last and last[0]:
                    self._uncertain.setdefault(last[2] or last[1], set()).update(style)

    def of(self, name: str, classes: str, identity: str) -> tuple[Declarations, frozenset[str]]:
        """What the rules declare for an element, and the properties that some rule may set besides."""
        key = (name, classes, identity)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._find(name, tuple(classes.lower().split()[:20]), identity.lower())
        return found

    def _find(self, name: str, classes: Iterable[str], identity: str) -> tuple[Declarations, frozenset[str]]:
        keys = [name, *("." + word for word in classes), *(f"{name}.{word}" for word in classes)]
        if identity:
            keys += ["#" + identity, f"{name}#{identity}"]
        merged: dict[str, str] = {}
        uncertain: set[str] = set()
        for key in keys:
            merged.update(self._rules.get(key, _NOTHING))
            uncertain |= self._uncertain.get(key, set())
        return merged, frozenset(uncertain)

    def names(self, element: str) -> bool:
        """Whether some rule is for elements of that name whatever their class."""
        return element in self._rules or element in self._uncertain

    def shows_elsewhere(self, classes: str, identity: str) -> bool:
        """Whether a media query shows an element with these classes."""
        if not self.shown:
            return False
        return identity.lower() in self.shown or any(word in self.shown for word in classes.lower().split()[:20])


_NOTHING: Mapping[str, str] = {}


def _shows(style: Declarations) -> bool:
    if style.get("display", "none") != "none" or style.get("visibility") == "visible":
        return True
    return any(style.get(name, "0")[:1] not in "0." for name in ("max-height", "height", "font-size", "opacity"))


def sets_background(properties: frozenset[str]) -> bool:
    """Whether one of the properties changes what is behind the text."""
    return any(name in properties for name in _BACKGROUNDS)
