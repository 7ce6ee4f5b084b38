"""HTML of mail read in a second, beside html.parser and selectolax (lexbor): `python benchmarks/html_reading.py [FOLDER]`.

FOLDER holds messages (`*.txt` or `*.eml`); without one a built-in invoice is read. The three take turns, so that a busy
machine slows all; the best turn of each counts. What each does: html.parser only calls back with tags, attributes and
text; selectolax builds the tree and every node's tag, attributes and text are fetched; ours is everything `HtmlFacts`
holds: visible and hidden text, links, images, active elements. Then hostile input of growing size, each in a child that
is stopped after ten seconds.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from deliverability.content.html import read_html
from deliverability.content.mime import read_tree
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.headers.fields import parse

INVOICE = (
    "<!DOCTYPE html><html lang='es'><head><title>Factura</title><style>.pie{font-size:12px}</style></head><body "
    "style='margin:0'><div style='display:none;max-height:0'>Su factura vence el 22 de diciembre</div>"
    + "<table width='600' bgcolor='#ffffff'><tr><td style='font-size:16px;color:#333333'><p>Hola, Ana:</p><p>Le enviamos la "
    "factura <b>2026-0042</b> por 1.210,00 EUR.</p><a href='https://www.empresa.example/f/42?a=1&amp;b=2' style='color:#fff;"
    "background:#005a9c'>Pagar</a><img src='https://www.empresa.example/l.png' width='100' height='40' alt='Empresa'>"
    "</td></tr></table>" * 8 + "<p class='pie'>Empresa, S.L.</p></body></html>"
)
HOSTILE = ("<div>", '<a href="', "<!--", "<", "<a ", "a1=b ", "<a><div>", "<![CDATA[", "</", "&#1")
SIZES = (50_000, 200_000, 800_000)
SECONDS = 10.0


class _Events(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs), self.getpos()))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def standard(html: str) -> object:
    parser = _Events()
    parser.feed(html)
    parser.close()
    return parser.seen


def lexbor(html: str) -> object:
    tree = LexborHTMLParser(html)
    if tree.root is None:
        return []
    nodes = tree.root.traverse(include_text=True)
    return [node.text_content if node.tag == "-text" else (node.tag, node.attributes) for node in nodes]


READERS: dict[str, Callable[[str], object]] = {
    "html.parser": standard,
    "selectolax": lexbor,
    "ours, all facts": read_html,
}


def documents() -> list[str]:
    if len(sys.argv) < 2:
        return [INVOICE]
    found: list[str] = []
    for path in sorted(Path(sys.argv[1]).rglob("*.*")):
        if path.suffix in (".txt", ".eml"):
            raw = path.read_bytes()
            parts = read_tree(raw, parse(raw), limits=DEFAULT_LIMITS).texts
            found += [part.text().text for part in parts if part.content_type == "text/html"]
    return found[::4] if len(found) > 400 else found


def turns(found: list[str]) -> None:
    best = dict.fromkeys(READERS, float("inf"))
    for _ in range(12 if len(found) < 400 else 5):
        for name, read in READERS.items():
            began = time.process_time()
            for html in found:
                read(html)
            best[name] = min(best[name], time.process_time() - began)
    octets = sum(map(len, found)) / len(found)
    print(f"{len(found)} documents of {octets:,.0f} characters")
    for name, seconds in best.items():
        print(
            f"  {name:<16} {seconds / len(found) * 1e6:>8,.0f} us each {octets * len(found) / seconds / 1e6:>6.1f} MB/s"
        )


def _timed(read: Callable[[str], object], html: str, out: multiprocessing.Queue[str]) -> None:
    began = time.process_time()
    try:
        read(html)
    except ValueError as error:
        out.put(type(error).__name__)
        return
    out.put(f"{time.process_time() - began:.2f}")


def hostile(read: Callable[[str], object], html: str) -> str:
    out: multiprocessing.Queue[str] = multiprocessing.Queue()
    child = multiprocessing.Process(target=_timed, args=(read, html, out))
    child.start()
    child.join(SECONDS)
    if child.is_alive():
        child.terminate()
        child.join()
        return f"> {SECONDS:.0f}"
    return out.get()


def main() -> None:
    turns(documents())
    print(f"\nseconds for {', '.join(f'{size:,}' for size in SIZES)} characters of")
    for token in HOSTILE:
        for name, read in READERS.items():
            start = "<a " if token == "a1=b " else ""
            unit = "a{}=b " if token == "a1=b " else token
            made = [start + "".join(unit.format(n) for n in range(size // len(token))) for size in SIZES]
            if token == "&#1":
                made = ["&#" + "1" * size for size in SIZES]
            print(f"  {token:<10} {name:<16} " + " ".join(f"{hostile(read, html):>10}" for html in made))


if __name__ == "__main__":
    main()
