"""Whatever is written, reading it as HTML gives facts, and never an exception."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deliverability.content.css import FIRST_LOOK, declarations, look_of, pixels
from deliverability.content.hidden_text import hidden_runs
from deliverability.content.html import read_html
from deliverability.content.links import addresses_in, read_target, shown_host
from deliverability.content.placeholders import placeholders
from deliverability.content.tokens import TokenKind, tokens

PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<a",
        "href='",
        "<b>",
        "</b>",
        "<table>",
        "<td>",
        "</td>",
        "<tr>",
        "</table>",
        "<style>",
        "</style>",
        ".a{",
        "display:none",
        "}",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<![",
        "]>",
        "&",
        "&amp;",
        "&#",
        "&#x",
        "&copy",
        ";",
        '"',
        "'",
        "=",
        ">",
        "<",
        "/",
        "\x00",
        "\n",
        "<br/>",
        "<title>",
        "</title>",
        "<pre>",
        "<li>",
        "<ul>",
        "class=a",
        "style=",
        "hidden",
        "<img",
        "src=",
        "cid:1",
        "data:",
        "http://a.example",
        "javascript:",
        "font-size:0",
        "color:#fff",
        "bgcolor=white",
        "<form>",
        "{{x}}",
        "%",
        "@",
        "ñ",
        "�",
    ]
)
HTML = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join), st.lists(PIECES, max_size=60).map(" ".join))


@given(HTML)
def test_html_is_always_read(html: str) -> None:
    facts = read_html(html)
    hidden_runs(facts)

    assert "\0" not in facts.text
    assert facts.text == facts.text.strip()
    lines = html.count("\n") + 1
    assert all(1 <= place.line <= lines for place in (*facts.anchors, *facts.images, *facts.active, *facts.hidden))


@given(HTML)
def test_tokens_come_in_order_and_lie_in_the_source(html: str) -> None:
    starts = [start for _, _, start, _ in tokens(html)]

    assert starts == sorted(starts)
    assert all(0 <= start < len(html) for start in starts)


@given(st.text(alphabet=st.characters(exclude_characters="<&", exclude_categories=["Cs"])))
def test_text_without_markup_is_one_token(text: str) -> None:
    assert [(kind, value) for kind, value, _, _ in tokens(text)] == ([(TokenKind.TEXT, text)] if text else [])


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_addresses_are_always_read(text: str) -> None:
    for url in (text, "http://" + text, "https://www." + text):
        target = read_target(url)
        assert target.host == target.host.lower()
    shown_host(text)
    placeholders(text)
    assert all(text[offset : offset + 3].lower() in ("htt", "www") for _, offset in addresses_in(text, 50))


@given(st.text())
def test_styles_are_always_read(style: str) -> None:
    look = look_of(declarations(style), FIRST_LOOK)

    assert look == look_of(declarations(style), FIRST_LOOK)
    assert look.size >= 0
    assert pixels(style) is None or isinstance(pixels(style), float)
