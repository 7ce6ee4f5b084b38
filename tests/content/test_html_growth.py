"""Reading HTML, addresses and texts takes time in proportion to them, whatever a stranger writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deliverability.content.hidden_text import hidden_runs
from deliverability.content.html import read_html
from deliverability.content.links import addresses_in, read_target, shown_host
from deliverability.content.placeholders import placeholders
from tests.support.growth import grows_at_most

HTML = (
    *("<", "</", "<!", "<!--", "<?", "<![CDATA[", "&", "&#1", "&amp", "<a", '<a href="', "<a b='", '<a ="', "<a x=1 "),
    *("<div>", "<b>", "<p><div>", "<b><i></b>", "<table><tr><td>", "<ul><li>", "<a href=x>", "<div></span>", "<pre>\n"),
    *("<a><table><tr><td></a>", "<style>", "<script>", "<title>", "<style>.a{color:red}</style>", "<!---->", "\0", " "),
    *("<p style='display:none'>x</p>y", "<z style='font-size:0'>q</z>a", "<img src=x>", "<form action=x>"),
)
CSS = ("{", "}", ";", "a", "a{", "a b{x:y}", "@media{", "@import ", "/*", ".a,", ".a{display:none}")
TEXT = (
    "{{",
    "{{a",
    "[cliente ",
    "%A",
    "{nombre ",
    "<su nombre ",
    "$",
    "null ",
    "*|A",
    "NaN ",
    "http://",
    "www.a",
    "(",
    ".",
)


def _grows_evenly(work: Callable[[str], object], start: str, token: str, size: int) -> bool:
    short, long = (start + (token * (length // len(token) + 1))[:length] for length in (size, 4 * size))

    return grows_at_most(8, lambda: work(short), lambda: work(long))


@pytest.mark.parametrize("token", HTML)
def test_html(token: str) -> None:
    assert _grows_evenly(lambda text: hidden_runs(read_html(text)), "", token, 30_000)


@pytest.mark.parametrize("token", CSS)
def test_style_sheets(token: str) -> None:
    assert _grows_evenly(read_html, "<style>", token, 30_000)
    assert _grows_evenly(read_html, "<p style='", token, 30_000)


def test_attributes_of_one_tag() -> None:
    assert _grows_evenly(read_html, "<p ", "a1=b ", 30_000)


@pytest.mark.parametrize("token", TEXT)
def test_texts(token: str) -> None:
    assert _grows_evenly(placeholders, "", token, 40_000)
    assert _grows_evenly(lambda text: addresses_in(text, 1_000), "", token, 40_000)


@pytest.mark.parametrize("token", ["%41", "@", ".", "/", "1", "0x", "[", ":", "\\", "ñ", "xn--"])
def test_addresses(token: str) -> None:
    assert _grows_evenly(read_target, "http://", token, 40_000)
    assert _grows_evenly(shown_host, "http://", token, 40_000)
