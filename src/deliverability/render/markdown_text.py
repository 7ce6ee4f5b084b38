"""Outside text in Markdown: always inside a code span or a fenced block, where nothing in it means anything.

Escaping with backslashes would not do. GitHub looks for addresses (`www.`, `https://`, `name@host`), for people
(`@name`) and for issues (`#1`) in the text that is left once backslashes are gone, so a record could still mention
somebody or become a link; in code it looks for none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from string import Formatter

from deliverability.core.patterns import pattern
from deliverability.core.text import ArgValue, Lang, Text, present
from deliverability.render.safe import safe

#: Words that GitHub makes a link, a mention, a reference or a picture of, wherever they stand in text.
_ALIVE = pattern(r"@|://|www\.|#[0-9]|GH-[0-9]|:[\w+-]+:", re.IGNORECASE)
_BLANK = pattern(r"(\s+)")
_MEANT = pattern(r"[\\`*_\[\]<>#~&$!]")
_CODE = pattern(r"`([^`]*)`")
_TICKS = pattern("`+")
#: cmark, which GitHub uses, reads no code span that opens with more than 80 backticks; far fewer occur in earnest.
_MOST_TICKS = 9


class Markdown(str):
    """Text that is Markdown already, and is put in as it is."""

    __slots__ = ()


def escape(text: str) -> str:
    """Text of ours as Markdown that says just that."""
    return _MEANT.sub(lambda match: "\\" + match[0], text).replace("|", "&#124;")


def escape_outside(text: str) -> str:
    """Text that may hold words from outside: those that GitHub would look at become code."""
    return "".join(code(word) if _ALIVE.search(word) else escape(word) for word in _BLANK.split(text))


def code(text: str, limit: int = 400) -> Markdown:
    """Outside text as a code span; "" stays empty."""
    shown = safe(text, limit)
    if not shown:
        return Markdown("")
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    if longest > _MOST_TICKS:
        shown, longest = shown.replace("`", "\\x60"), 0
    ticks = "`" * (longest + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return Markdown(f"{ticks}{pad}{shown}{pad}{ticks}")


def fence(lines: Iterable[str]) -> list[str]:
    """Escaped lines as a fenced block, its fence longer than any run of backticks inside."""
    block = list(lines)
    longest = max((len(run) for line in block for run in _TICKS.findall(line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}text", *block, ticks]


def prose(text: Text, lang: Lang, args: Mapping[str, ArgValue] | None = None, *, outside: bool = False) -> Markdown:
    """A text of ours on one line: its `code` stays code, its arguments become code, all else is escaped.

    `outside` is for texts that rules write when they run, which may hold names that they saw.
    """
    template = text.es if lang == "es" else text.en
    if outside:
        template = " ".join(safe(line) for line in template.split("\n"))
    pieces = [
        code(_filled(piece, lang, args, str), 4096)
        if index % 2
        else _filled(piece, lang, args, escape_outside if outside else escape)
        for index, piece in enumerate(_CODE.split(template))
    ]
    return Markdown(" ".join("".join(pieces).split("\n")))


def _filled(template: str, lang: Lang, args: Mapping[str, ArgValue] | None, literal: Callable[[str], str]) -> str:
    """A piece with its arguments put in: bare where the whole will be code, else each as code of its own."""
    if not args:  # then braces are meant as such, as in `Text.format`
        return literal(template)
    filled: list[str] = []
    for before, name, _, _ in Formatter().parse(template):
        filled.append(literal(before))
        if name is not None:
            filled.append(present(args[name], lang) if literal is str else _argument(args[name], lang))
    return "".join(filled)


def _argument(value: ArgValue, lang: Lang) -> str:
    if isinstance(value, Markdown):
        return value
    if isinstance(value, Text):
        return prose(value, lang, outside=True)
    if isinstance(value, tuple):
        return ", ".join(code(item) for item in value)
    return code(value) if isinstance(value, str) else present(value, lang)


def cell(markdown: str) -> str:
    """Markdown as it may stand in a table. Only code spans still hold bars; parsers differ in how to escape those."""
    return markdown.replace("|", "\\x7c")
