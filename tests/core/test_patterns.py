"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from deliverability.core.patterns import pattern


@pytest.mark.parametrize("of", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
@pytest.mark.parametrize("used", [False, True])
def test_copies_are_patterns(of: Callable[[Any], Any], used: bool) -> None:
    one = pattern(r"a+")
    assert not used or one.match("a")

    assert of(one).findall("aa b a") == ["aa", "a"]
    assert of(one).pattern == r"a+"


def test_what_no_pattern_has_is_told_as_of_any_object() -> None:
    assert not hasattr(pattern("a"), "__array__")
    with pytest.raises(AttributeError):
        _ = pattern("a").nothing  # type: ignore[attr-defined]
