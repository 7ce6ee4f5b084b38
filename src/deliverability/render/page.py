"""A page of terminal text: the console, the language, and the few shapes that reports are made of.

Every line is wrapped to the width but one kind: records to paste are printed as one logical line from the first column,
so that copying them from a narrow terminal gives the whole record and a zone file accepts it (a line that begins with a
blank would belong to the owner above, RFC 1035 §5.1).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text as Styled

from deliverability.core.finding import Severity
from deliverability.core.rule_pages import RulePages
from deliverability.core.text import ArgValue, Lang, Text
from deliverability.render import words
from deliverability.render.safe import sentence

MARKS: Mapping[Severity, tuple[str, str]] = {
    Severity.ERROR: ("✗", "bold red"),
    Severity.WARNING: ("!", "bold yellow"),
    Severity.INFO: ("i", "bold blue"),
}
PASS_MARK = ("✓", "green")
UNKNOWN_MARK = ("?", "bold magenta")
NARROWEST = 40
NO_PAGES = RulePages()
_CODE = re.compile(r"`([^`]*)`")
#: rich gives each link a random name, for links over several lines; ours are words.
_LINK_ID = re.compile(r"\x1b\]8;id=[0-9-]+;")


def text_console(width: int, *, color: bool) -> Console:
    """A console that collects text of that width; reads no environment, so that only its arguments count."""
    return Console(
        file=io.StringIO(),
        width=max(width, NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Where a report is written. All `str` given to it is escaped already."""

    console: Console
    lang: Lang
    verbose: bool = False
    #: Wrap even the records to paste: for pictures, from which nobody copies.
    fold: bool = False
    #: Where the pages of the rules are.
    pages: RulePages = NO_PAGES
    #: Whether the codes of rules are links (OSC 8), for terminals that know them.
    hyperlinks: bool = False

    def words(self, text: Text, **args: ArgValue) -> str:
        """A text of ours in the reader's language, its arguments escaped."""
        return sentence(text, self.lang, args)

    def prose(self, text: str, style: str = "") -> Styled:
        """Escaped text whose `code` is coloured instead of quoted, where there is colour."""
        styled = Styled(style=style)
        for index, piece in enumerate(_CODE.split(text) if self.console.color_system else [text]):
            styled.append(piece, style="cyan" if index % 2 else "")
        return styled

    def code(self, code: str, style: str, after: str = "  ") -> Styled:
        """The code of a rule, a link to its page where there is one and the terminal takes it."""
        styled = Styled(code, style=style)
        address = self.pages.of(code, self.lang) if self.hyperlinks and self.console.color_system else ""
        if address:
            styled.stylize(Style(link=address))
        return styled.append(after)

    def some(self, labels: Sequence[str], most: int) -> str:
        """Escaped labels in a list, cut after `most` of them unless everything was asked for."""
        if self.verbose or len(labels) <= most + 1:
            return ", ".join(labels)
        return self.words(words.LABELS_MORE, labels=tuple(labels[:most]), n=len(labels) - most)

    def line(self, *parts: str | tuple[str, str] | Styled, indent: int = 0) -> None:
        """A paragraph of styled parts, wrapped at the width with this indent."""
        self.console.print(Padding(_kept(Styled.assemble(*parts)), (0, 0, 0, indent)))

    def blank(self) -> None:
        """An empty line."""
        self.console.print()

    def heading(self, text: str) -> None:
        """The name of a section."""
        self.blank()
        self.console.print(Styled(text.upper(), style="bold"))

    def marked(self, mark: tuple[str, str], *parts: str | tuple[str, str] | Styled, indent: int = 0) -> None:
        """A paragraph behind a mark, hanging."""
        self._grid([(mark, Styled.assemble(*parts))], indent, label_width=len(mark[0]), gap=1)

    def labelled(self, rows: Iterable[tuple[str, Styled]], indent: int) -> None:
        """Paragraphs with labels in front, all labels equally wide."""
        listed = [((label, "dim"), text) for label, text in rows]
        self._grid(listed, indent, label_width=max((len(label) for (label, _), _ in listed), default=0), gap=2)

    def _grid(self, rows: list[tuple[tuple[str, str], Styled]], indent: int, label_width: int, gap: int) -> None:
        grid = Table.grid(padding=(0, gap, 0, 0), expand=False)
        grid.add_column(width=label_width, no_wrap=True)
        grid.add_column(overflow="fold")
        for label, text in rows:
            grid.add_row(Styled(*label), _kept(text))
        self.console.print(Padding(grid, (0, 0, 0, indent), expand=False))

    def paste(self, lines: Iterable[str], style: str) -> None:
        """Lines to copy: each as one logical line from the first column, however long."""
        for line in lines:
            self.console.print(Styled(line, style=style), soft_wrap=not self.fold)

    def between(self, left: Styled, right: Styled, indent: int = 3) -> None:
        """Two texts at both ends of a line, or the second below the first with this indent where they do not fit."""
        room = self.console.width - left.cell_len - right.cell_len
        if room >= 2 and right.plain:
            self.console.print(Styled.assemble(left, " " * room, right))
            return
        self.console.print(left)
        if right.plain:
            self.console.print(Padding(right, (0, 0, 0, indent)))

    def result(self) -> str:
        """What was written, without blanks at line ends."""
        stream = self.console.file
        assert isinstance(stream, io.StringIO)  # noqa: S101 - made by text_console
        written = _LINK_ID.sub("\x1b]8;;", stream.getvalue()).replace(_JOINT, _HARD_BLANK)
        return "".join(line.rstrip(" ") + "\n" for line in written.split("\n")[:-1])


#: rich breaks lines at hard blanks too; a character of private use stands for them until the page is done.
_HARD_BLANK, _JOINT = "\u00a0", "\ue0a0"


def _kept(text: Styled) -> Styled:
    """Text whose hard blanks do not end a line."""
    if _HARD_BLANK in text.plain:
        text.plain = text.plain.replace(_HARD_BLANK, _JOINT)
    return text
