"""The reference of the library: every public name has its place, and every place names something."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import deliverability

PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api"
WRITTEN = "\n".join(page.read_text("utf-8") for page in sorted(PAGES.glob("*.md")))
TARGETS = re.findall(r"^\.\. auto(module|class|function|data):: (\S+)$", WRITTEN, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in deliverability.__all__ if name != "__version__"])
def test_every_public_name_is_in_the_reference(name: str) -> None:
    public = getattr(deliverability, name)
    if isinstance(public, ModuleType):
        assert ("module", public.__name__) in TARGETS
    else:
        assert any(target == f"deliverability.{name}" for kind, target in TARGETS if kind != "module")


@pytest.mark.parametrize(("kind", "target"), TARGETS, ids=[target for _, target in TARGETS])
def test_every_entry_exists_and_says_what_it_is(kind: str, target: str) -> None:
    if kind == "module":
        module = importlib.import_module(target)
        assert module.__doc__
        parts = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    else:
        home, _, name = target.rpartition(".")
        parts = {name: getattr(importlib.import_module(home), name)}
    for name, part in parts.items():
        if inspect.isclass(part) or inspect.isfunction(part):
            assert inspect.getdoc(part), f"{name} has no docstring"


def test_there_is_no_page_that_the_index_does_not_know() -> None:
    index = (PAGES / "index.md").read_text("utf-8")
    assert all(f"({page.name})" in index for page in PAGES.glob("*.md") if page.name != "index.md")
