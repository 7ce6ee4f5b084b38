"""Our reading of HTML beside lexbor's, a complete parser of the HTML standard, on real mail and on odd pieces.

Real mail: the HTML parts of the public SpamAssassin corpus, where `DELIVERABILITY_MAIL` names a folder of messages; it is
not part of the project. What is compared are the letters of all text and the addresses of all links.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.content.html import read_html
from deliverability.content.mime import read_tree
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.headers.fields import parse

lexbor = pytest.importorskip("selectolax.lexbor", reason="selectolax is not installed")

MAIL = os.environ.get("DELIVERABILITY_MAIL")
_NOT_TEXT = "script,style,title,iframe,noembed,noframes,xmp"


def _letters(text: str) -> Counter[str]:
    return Counter(char for char in text if char.isalnum())


def _theirs(html: str) -> tuple[Counter[str], set[str]]:
    tree = lexbor.LexborHTMLParser(html)
    links = {_stripped(node.attributes.get("href") or "") for node in tree.css("a[href],area[href]")}
    for node in tree.css(_NOT_TEXT):
        node.decompose()
    return _letters(tree.root.text() if tree.root else ""), links


def _ours(html: str) -> tuple[Counter[str], set[str], str]:
    facts = read_html(html)
    text = facts.text + "".join(run.text for run in facts.hidden)
    return _letters(text), {anchor.url for anchor in facts.anchors if anchor.element != "form"}, facts.base


def _stripped(url: str) -> str:
    return url.strip("\x00\t\n\f\r \x0b")


TAGS = (
    *(
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<br>",
        "<ul>",
        "<li>",
        "</li>",
        "</ul>",
        "<span style='x'>",
        "</span>",
    ),
    *(
        "<a href=u>",
        "</a>",
        "<i title='a>b'>",
        "</i>",
        "<!-- c -->",
        "<![if x]>",
        "&amp;",
        "&eacute;",
        "&lt;",
        "&#65;",
        "<h1>",
    ),
    *(
        "</h1>",
        "uno",
        "dos ",
        " tres",
        "<style>z</style>",
        "<script>if(a<b)</script>",
        "<title>t</title>",
        "<img src=x>",
        "<",
    ),
)


@given(st.lists(st.sampled_from(TAGS), max_size=40))
def test_odd_pieces(pieces: list[str]) -> None:
    html = "<body>" + "".join(pieces) + "<p>."
    letters, links, _ = _ours(html)

    assert (letters, links) == _theirs(html)


def _parts() -> list[str]:
    found: list[str] = []
    for path in sorted(Path(MAIL or "").rglob("*.txt")):
        raw = path.read_bytes()
        tree = read_tree(raw, parse(raw), limits=DEFAULT_LIMITS)
        found += [part.text().text for part in tree.texts if part.content_type == "text/html"]
    return found


@pytest.mark.slow
@pytest.mark.skipif(MAIL is None, reason="DELIVERABILITY_MAIL names no folder of messages")
def test_real_mail() -> None:
    """Of some 1,200 parts a handful may differ: frames, and links with control characters within."""
    different, total = 0, 0
    for written in _parts():
        html = written.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
        theirs, their_links = _theirs(html)
        ours, our_links, base = _ours(html)
        apart = sum(((theirs - ours) + (ours - theirs)).values())
        total += 1
        different += apart > 10 or (not base and their_links != our_links)
    assert total > 100
    assert different <= total * 0.01
