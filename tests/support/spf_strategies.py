"""SPF records for hypothesis: well-formed terms, and texts made of pieces that are often wrong."""

from __future__ import annotations

from hypothesis import strategies as st

_labels = st.from_regex(r"[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
_tops = st.sampled_from(["example", "Test", "x1", "a-b", "es", "xn--p1ai"])
names = st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(_labels, min_size=1, max_size=3), _tops)
_macros = st.builds(
    lambda letter, digits, reverse, delimiters: f"%{{{letter}{digits}{reverse}{delimiters}}}",
    st.sampled_from("slodiphvSLODIPHV"),
    st.sampled_from(["", "1", "2", "12", "127"]),
    st.sampled_from(["", "r", "R"]),
    st.text(alphabet=".-+,/_=", max_size=3),
)
specs = st.one_of(
    names,
    names.map(lambda name: name + "."),
    _macros,
    st.builds(lambda macro, name: f"{macro}.{name}", _macros, names),
    st.builds(lambda name, macro: f"{name}.%%%_%-{macro}", names, _macros),
)
_qualifiers = st.sampled_from(["", "+", "-", "~", "?"])
_four = st.one_of(st.just(""), st.integers(0, 32).map(lambda n: f"/{n}"))
_six = st.one_of(st.just(""), st.integers(0, 128).map(lambda n: f"/{n}"))
_dual = st.builds(lambda four, six: four + (f"/{six}" if six else ""), _four, _six)
_mechanisms = st.one_of(
    st.just("all"),
    st.builds(lambda name, spec: f"{name}:{spec}", st.sampled_from(["include", "exists", "Include"]), specs),
    st.builds(
        lambda name, spec, dual: name + spec + dual,
        st.sampled_from(["a", "mx", "MX"]),
        st.one_of(st.just(""), specs.map(lambda s: ":" + s)),
        _dual,
    ),
    st.builds(lambda spec: "ptr" + spec, st.one_of(st.just(""), specs.map(lambda s: ":" + s))),
    st.builds(lambda address, length: f"ip4:{address}{length}", st.ip_addresses(v=4), _four),
    st.builds(lambda address, length: f"ip6:{address}{length}", st.ip_addresses(v=6), _six),
)
_modifiers = st.one_of(
    specs.map(lambda spec: f"redirect={spec}"),
    specs.map(lambda spec: f"exp={spec}"),
    st.sampled_from(["foo=", "x.y-z=%{c}", "ra=postmaster", "rp=50", "rr=e:f"]),
)
#: Terms that RFC 7208 §12 knows.
terms = st.one_of(st.builds(lambda qualifier, rest: qualifier + rest, _qualifiers, _mechanisms), _modifiers)

_pieces = st.sampled_from(
    [
        "ip4:",
        "ip6:",
        "include:",
        "a",
        "mx",
        "a:",
        "mx:",
        "exists:",
        "ptr",
        "all",
        "-all",
        "redirect=",
        "exp=",
        "=",
        ":",
        "/",
        "//",
        "/24",
        "/033",
        "1.2.3.4",
        "192.0.2.0",
        "999",
        "::1",
        "2001:db8::",
        "x.example",
        "x",
        "%{i}",
        "%{d2r}",
        "%{z}",
        "%",
        "%%",
        ",",
        ";",
        '"',
        "'",
        "-",
        "+",
        "~",
        "?",
        "!",
        "é",
        "“",
        "\t",
        ".",
        "..",
        "v=spf1",
        "foo=",
        "\\",
    ]
)
_wrong = st.lists(_pieces, min_size=1, max_size=5).map("".join)


def record_texts() -> st.SearchStrategy[str]:
    """Records: good and bad terms mixed."""
    return st.lists(st.one_of(terms, _wrong, terms), max_size=8).map(lambda parts: " ".join(["v=spf1", *parts]))
