"""Every `>>>` of a docstring is run; the functions that read one record or one line show one."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import deliverability as dv

PACKAGE = Path(dv.__file__).parent
MODULES = sorted(
    ".".join(("deliverability", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name.removesuffix(".__init__"))
    result = doctest.testmod(module, verbose=False, report=True)

    assert result.attempted, "a >>> that is in no docstring"
    assert not result.failed


@pytest.mark.parametrize(
    "function", [dv.spf.parse, dv.dmarc.parse, dv.dkim.parse_key, dv.headers.parse, dv.subjects.risk]
)
def test_readers_show_an_example(function: object) -> None:
    assert ">>> " in (function.__doc__ or "")
