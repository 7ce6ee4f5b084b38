"""What may never be in output, whatever went in: used by every renderer's safety test."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from markdown_it import MarkdownIt
from markdown_it.token import Token

from deliverability.registry import RULES

#: C0 but line feed, DEL, C1, direction and invisible format characters, lone surrogates.
HARMFUL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
#: The styles that rich writes when asked for colour.
SGR = re.compile(r"\x1b\[[0-9;]*m")


def harmful(text: str, *, color: bool = False) -> list[str]:
    """The harmful characters in a text; the styles of a coloured report are none."""
    return HARMFUL.findall(SGR.sub("", text) if color else text)


#: What means something to Markdown, to GitHub, to spreadsheets, to XML or to a build server's log.
LIVELY = (
    "[x](https://evil.example) ![x](https://evil.example/p.png) <https://evil.example> www.evil.example a@evil.example",
    "@octocat #1 GH-1 :tada: [evil]: https://evil.example `[x](//evil.example)` ~~~ ``` | evil | b",
    "`" * 100 + " [x](https://evil.example) " + "`" * 100,
    "`www.evil.example` \\`@octocat\\` \\| \\",
    "# evil\n- evil\n1. evil\n> evil\n```\n[x](https://evil.example)\n```",
    '=HYPERLINK("https://evil.example";"x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    " \t-1+1",
    "\uff1d1+1",
    ']]> <![CDATA[ \ufffe\uffff &amp; &#x0; <a href="https://evil.example">evil</a>',
    "evil\n::error::evil\r\n##[error]evil %0A::error::evil ::add-mask::evil",
    "{0} {{x}} {evil}",
)
#: Places that GitHub makes a link, a mention or a reference of, in text that is not code.
_ALIVE = re.compile(r"\S*(?:@|://|www\.|#[0-9]|GH-[0-9]|:[\w+-]+:)\S*", re.IGNORECASE)
_OWN_TAGS = re.compile(r"<details><summary>[^<>]*</summary>|</details>")
#: Hosts that our own Markdown links to.
_OWN_LINKS = re.compile(r"https://www\.rfc-editor\.org/rfc/rfc[0-9]+(?:#section-[0-9.]+)?")
_COMMAND = re.compile(r"::(error|warning|notice) ([^:\n]*)::([^\n]*)")
_CELL = re.compile(r'"(?:[^"]|"")*"')


@functools.cache
def _own_words() -> frozenset[str]:
    """Every word of the rules' texts that looks alive: those are ours."""
    texts = (t for rule in RULES for t in (rule.label, rule.title, rule.why, rule.fix))
    return frozenset(word for text in texts for part in (text.en, text.es) for word in _ALIVE.findall(part))


def _tokens(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or ())


def markdown_inert(text: str, outside: str = "evil|octocat") -> list[str]:
    """What in a Markdown text came from outside and is more than code: links, pictures, tags, or words GitHub looks at."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    bad = [f"harmful {character!r}" for character in harmful(text)]
    for token in _tokens(parser.parse(text)):
        if token.type in ("image", "reference"):
            bad.append(f"{token.type}: {token.attrs}")
        if token.type == "link_open" and not _OWN_LINKS.fullmatch(str(token.attrs.get("href"))):
            bad.append(f"link: {token.attrs}")
        if token.type in ("html_block", "html_inline") and _OWN_TAGS.sub("", token.content).strip():
            bad.append(f"tag: {token.content}")
        if token.type == "text":
            bad += [word for word in _ALIVE.findall(token.content) if not _is_own(word)]
            bad += [f"text: {token.content}"] if re.search(outside, token.content) else []
    return bad


def _is_own(word: str) -> bool:
    return any(word in own for own in _own_words())


def csv_inert(text: str) -> list[str]:
    """Lines of CSV that are not whole rows of quoted cells, and cells that a spreadsheet would run."""
    bad = [f"harmful {character!r}" for character in harmful(text)]
    for line in text.removesuffix("\n").split("\n"):
        cells = _CELL.findall(line)
        if ",".join(cells) != line:
            bad.append(f"row: {line}")
        bad += [
            cell
            for cell in cells
            if cell[1:].lstrip(" \t\"'")[:1] in "=+-@\uff1d\uff0b\uff0d\uff20" and cell[1:2] != "'"
        ]
    return [item for item in bad if item != '""']


def xml_inert(text: str) -> list[str]:
    """Why a text is no XML 1.0, or what it holds that may not be shown."""
    bad = [f"harmful {character!r}" for character in harmful(text)]
    bad += [f"outside of XML: {c!r}" for c in text if c in "\ufffe\uffff"]
    try:
        ElementTree.fromstring(text.encode("utf-8"))
    except ElementTree.ParseError as error:
        bad.append(str(error))
    return bad + (["a section or a declaration"] if "<![" in text or "<!DOCTYPE" in text else [])


def github_inert(text: str) -> list[str]:
    """Lines that are no annotation, but for the one of ours that counts the rest and holds nothing from outside."""
    bad = [f"harmful {character!r}" for character in harmful(text)]
    for line in text.splitlines():
        found = _COMMAND.fullmatch(line)
        if found is None and (re.search("evil|octocat", line) or "::" in line or "##[" in line):
            bad.append(line)
        if found and any(part.count("=") == 0 for part in found[2].split(",")):
            bad.append(f"property: {line}")
    return bad
