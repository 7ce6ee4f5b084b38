"""The pieces that sections of the HTML report are made of: prose, records to copy, evidence, tables, folds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deliverability.core.finding import Evidence, Severity
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.questions import FailureKind
from deliverability.core.rule_pages import RulePages
from deliverability.core.text import ArgValue, Lang, Text, present
from deliverability.render import words
from deliverability.render.html_markup import Child, Markup, el, join, text
from deliverability.render.html_pictures import mark
from deliverability.render.page import NO_PAGES, Page, text_console
from deliverability.render.safe import safe
from deliverability.render.todo import place

#: Characters of an argument within a sentence, of a name, and of one piece of evidence.
ARGUMENT = 200
NAME = 300
EVIDENCE = 400
MOST_EVIDENCE = 3
_MOST_OF_A_LIST = 12
#: Types of evidence that are places in a message (headers/evidence.py).
_PLACES = ("header", "part")
_CODE = re.compile(r"`([^`]*)`")
_RFC = re.compile(r"RFC ([0-9]{1,5})(?: §([0-9]+(?:\.[0-9]+)*))?")
#: Stands for a backtick of an argument, which makes no code: a private-use character.
_TICK = "\ue000"

SEVERITY_MARKS: Mapping[Severity, str] = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "note"}
EVIDENCE_MORE = Text("{n} more", "{n} más")
TOO_LONG = Text(
    "This record has {n} characters, too many to show here; `deliverability fix {domain}` writes it whole.",
    "Este registro tiene {n} caracteres, demasiados para mostrarlo aquí; `deliverability fix {domain}` lo escribe entero.",
)


@dataclass(frozen=True, slots=True)
class View:
    """The reader's language, and the words in it."""

    lang: Lang
    #: Words of the terminal report; nothing is printed on it.
    page: Page

    @classmethod
    def of(cls, lang: Lang, pages: RulePages = NO_PAGES) -> View:
        """A view in that language, for links to these pages of rules."""
        return cls(lang, Page(text_console(80, color=False), lang, pages=pages))

    def code(self, code: str) -> Markup:
        """The code of a rule, a link to its page where there is one."""
        address = self.page.pages.of(code, self.lang)
        shown = el("code", code)
        return el("a", shown, href=address, rel="noopener noreferrer") if address else shown

    def words(self, own: Text, **args: ArgValue) -> str:
        """A text of ours with its arguments, as plain text."""
        return own.format(self.lang, {key: _short(value) for key, value in args.items()})

    def prose(self, own: Text, args: Mapping[str, ArgValue] | None = None) -> Markup:
        """A text of ours whose `code` stands in code elements; arguments make none."""
        filled = own.format(self.lang, {key: _argument(value) for key, value in (args or {}).items()})
        return join((_line(line) for line in filled.split("\n")), el("br"))

    def number(self, value: float, *, sign: bool = False) -> str:
        """A number with the decimal sign of the language."""
        return ("+" if sign and value >= 0 else "") + present(float(value), self.lang)

    def place(self, name: str) -> str:
        """A place in a message, or any other name, in the reader's language and not too long."""
        return place(self.page, name[:NAME])


def _line(line: str) -> Markup:
    pieces = (piece.replace(_TICK, "`") for piece in _CODE.split(line))
    return join(el("code", piece) if index % 2 else piece for index, piece in enumerate(pieces))


def _short(value: ArgValue) -> ArgValue:
    if isinstance(value, str):
        return safe(value, ARGUMENT)
    if isinstance(value, tuple):
        more = (f"… (+{len(value) - _MOST_OF_A_LIST})",) if len(value) > _MOST_OF_A_LIST else ()
        return (*(safe(str(item), ARGUMENT) for item in value[:_MOST_OF_A_LIST]), *more)
    return value


def _argument(value: ArgValue) -> ArgValue:
    short = _short(value)
    if isinstance(short, str):
        return short.replace("`", _TICK)
    return tuple(item.replace("`", _TICK) for item in short) if isinstance(short, tuple) else short


def section(title: str, *children: Child, class_: str | None = None) -> Markup:
    """A section with its heading."""
    return el("section", el("h2", title), *children, class_=class_)


def fold(summary: Child, *children: Child, opened: bool = False, class_: str | None = None) -> Markup:
    """What is shown when asked for; in print it stands open."""
    return el("details", el("summary", summary), *children, open=opened, class_=class_)


def labelled(rows: Iterable[tuple[str, Child]]) -> Markup:
    """Terms and what they say."""
    return el("dl", *(join((el("dt", label), el("dd", said))) for label, said in rows))


def items(children: Iterable[Child], class_: str | None = None) -> Markup:
    """A list."""
    return el("ul", *(el("li", child) for child in children), class_=class_)


def marked(kind: str, label: str, *children: Child) -> Markup:
    """A paragraph behind its mark, for a list item or a cell."""
    return join((mark(kind, label), el("div", *children)))


def marked_items(children: Iterable[Markup]) -> Markup:
    """A list of `marked` paragraphs."""
    return items(children, "marks")


def table(
    head: Sequence[str], rows: Iterable[Sequence[Child]], *, caption: str = "", class_: str | None = None
) -> Markup:
    """A table whose first column names its rows. On a narrow screen each cell says its own column."""
    titles = el("thead", el("tr", *(el("th", title, scope="col") for title in head)))
    body = el("tbody", *(_row(head, row) for row in rows))
    return el("table", el("caption", caption) if caption else None, titles, body, class_=class_)


def _row(head: Sequence[str], row: Sequence[Child]) -> Markup:
    first = el("th", row[0], scope="row")
    return el("tr", first, *(el("td", cell, data_label=title) for title, cell in zip(head[1:], row[1:], strict=True)))


def chip(kind: str, *children: Child) -> Markup:
    """A word in a frame."""
    return el("span", *children, class_=f"chip {kind}")


def codes(found: Iterable[str]) -> Markup:
    """Codes of rules."""
    return join((el("code", code) for code in found), " ")


def references(cited: Iterable[str]) -> Markup:
    """What a rule rests on; an RFC is a link to its section."""
    return join((_reference(one) for one in cited), "; ")


def _reference(cited: str) -> Markup:
    found = _RFC.fullmatch(cited)
    if not found:
        return text(cited)
    number, part = found.groups()
    anchor = f"#section-{part}" if part else ""
    return el("a", cited, href=f"https://www.rfc-editor.org/rfc/rfc{number}{anchor}", rel="noopener noreferrer")


def record(view: View, lines: Iterable[str], kind: str, domain: str) -> Markup:
    """Lines to copy, each selected by one click; a line break within one is shown, never made."""
    shown: list[Markup] = []
    for line in lines:
        if len(line) <= DEFAULT_LIMITS.shown_characters:
            shown.append(el("pre", line, class_=kind, tabindex=0))
        elif kind == "gone":
            shown.append(el("pre", safe(line, EVIDENCE), class_=kind, tabindex=0))
        else:
            shown.append(el("p", view.prose(TOO_LONG, {"n": len(line), "domain": domain}), class_="quiet"))
    return join(shown)


def evidence_list(view: View, evidence: Sequence[Evidence]) -> Markup:
    """What was seen, the places that matter marked."""
    shown: list[Child] = [evidence_line(view, item) for item in evidence[:MOST_EVIDENCE]]
    if len(evidence) > MOST_EVIDENCE:
        shown.append(el("span", view.words(EVIDENCE_MORE, n=len(evidence) - MOST_EVIDENCE), class_="quiet"))
    return items(shown, "seen")


def evidence_line(view: View, item: Evidence) -> Markup:
    """One thing seen: where, and what."""
    parts: list[Child] = [el("span", _where(view, item), class_="where"), " "]
    if item.status in words.STATUS:
        parts.append(view.words(words.STATUS[item.status]))
    if item.status == "failed":
        parts.append(f" ({_failure(view, item.text)})")
    elif item.text:
        parts.append(el("span", _with_spans(item), class_="record"))
    if item.note:
        parts += [" ", el("span", "(", view.prose(item.note), ")", class_="quiet")]
    return join(parts)


def _where(view: View, item: Evidence) -> str:
    if item.type not in _PLACES:
        return f"{safe(item.name, NAME)} {item.type}"
    name = view.place(item.name)
    if item.line is None:
        return name
    return words.AT_LINE.format(view.lang, {"line": item.line, "name": name})


def _failure(view: View, said: str) -> str:
    kind, colon, detail = said.partition(": ")
    if kind not in words.FAILURES:
        return safe(said, EVIDENCE)
    told = view.words(words.FAILURES[kind])
    return told if kind == FailureKind.OFFLINE else told + colon + safe(detail, EVIDENCE)


def _with_spans(item: Evidence) -> Markup:
    end = min(len(item.text), EVIDENCE)
    position = 0
    parts: list[Child] = []
    for span in sorted(item.spans):
        start, stop = max(span.start, position), min(span.end, end)
        if start >= stop:
            continue
        parts += [_lines(item.text[position:start]), el("mark", _lines(item.text[start:stop]))]
        position = stop
    parts.append(_lines(item.text[position:end]))
    if end < len(item.text):
        parts.append(el("span", f"… (+{len(item.text) - end})", class_="quiet"))
    return join(parts)


def _lines(outside: str) -> Markup:
    """Records of one answer, a bar between them, for a line break could be the record's own."""
    return join((text(line) for line in outside.split("\n")), el("span", " | ", class_="quiet"))
