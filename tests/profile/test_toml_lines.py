"""Lines of keys in TOML: every key that tomllib reads has one, whatever stands around it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.toml_lines import Keys, key_lines

WHOLE = '''# "a" = 1
domains = [
  "a.example", # ]
  'b',
]
x."y \\" z".w = """a
[b] = 2
"""
raw = \'\'\'
c = 3
\'\'\'
ignore = [{ code = "S", until = 2027-01-01 },
  { code = "T" }]
[tool.deliverability]
a=1
[[tool.list]]
k=2
[[tool.list]]
k=3
[tool.list.sub]
z=1.5
'''


def test_lines_of_everything() -> None:
    lines = key_lines(WHOLE)

    assert lines[("domains", 1)] == 4
    assert lines[("x", 'y " z', "w")] == 6
    assert lines[("ignore", 1, "code")] == 13
    assert lines[("tool",)] == 14
    assert lines[("tool", "list", 1, "k")] == 19
    assert lines[("tool", "list", 1, "sub", "z")] == 21
    assert ("b",) not in lines
    assert ("c",) not in lines


def keys_of(value: Any, path: Keys = ()) -> Iterator[Keys]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from keys_of(inner, (*path, key))


def test_nothing_is_forgotten() -> None:
    assert set(keys_of(tomllib.loads(WHOLE))) <= set(key_lines(WHOLE))


@given(st.text(alphabet="ab.=[]{}'\"\\#,\n 1", max_size=60))
def test_what_tomllib_reads_has_lines_and_nothing_raises(text: str) -> None:
    lines = key_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
    try:
        document = tomllib.loads(text)
    except ValueError:
        return
    assert set(keys_of(document)) <= set(lines)


@pytest.mark.parametrize(
    "text",
    [
        *("a = " + "[" * 5000, "a" * 100_000, '"' * 50_000, "[" * 50_000, "a = [" + "1," * 50_000),
        *("[a" + ".a" * 50_000 + "]", "a" + ".a" * 50_000 + " = 1", "a = {a" + ".a" * 50_000 + " = 1}"),
    ],
)
def test_hostile_texts_end(text: str) -> None:
    assert isinstance(key_lines(text), dict)


def test_keys_that_no_configuration_has_cost_nothing() -> None:
    """Each key costs its way from the root; a hundred thousand keys in each other would fill the memory."""
    assert sum(map(len, key_lines("first = 1\na" + ".a" * 100_000 + " = 1"))) < 10
    assert sum(map(len, key_lines("[a" + ".a" * 100_000 + "]\nb = 1"))) < 10
