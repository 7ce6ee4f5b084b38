"""What a reader of the source may count on: small functions, documented names, no leftovers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "deliverability"
FILES = sorted(SRC.rglob("*.py"))

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 450


def _name(path: Path) -> str:
    return str(path.relative_to(SRC))


#: All tests of a file come one after the other, so that it is parsed once.
each_file = pytest.mark.parametrize("path", FILES, ids=_name, scope="module")


@lru_cache(maxsize=1)
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


@each_file
def test_functions_are_small(path: Path) -> None:
    for node in _functions(_tree(path)):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", [path for path in FILES if "rules" not in path.stem + path.parent.name], ids=_name)
def test_files_are_small(path: Path) -> None:
    """Rules are long because each carries its texts in two languages; everything else is cut by theme."""
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE_LINES


@each_file
def test_public_functions_are_typed_and_described(path: Path) -> None:
    tree = _tree(path)
    classes: list[ast.Module | ast.ClassDef] = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    for owner in [tree, *classes]:
        for node in owner.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
                _assert_described(node)


def _assert_described(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    overload = any("overload" in ast.unparse(mark) for mark in node.decorator_list)
    assert overload or ast.get_docstring(node), f"{node.name} has no docstring"
    assert node.returns is not None, f"{node.name} has no return type"
    for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
        assert argument.annotation is not None or argument.arg in ("self", "cls"), f"{node.name}({argument.arg})"


@each_file
def test_module_says_what_it_is(path: Path) -> None:
    described = ast.get_docstring(_tree(path))
    assert described
    assert len(described) > 20 or path.name == "__init__.py"


@each_file
def test_nothing_is_left_over(path: Path) -> None:
    assert re.findall(r"\b(?:TODO|FIXME|HACK)\b|\bbreakpoint\(|\bpdb\b", path.read_text("utf-8")) == []


@each_file
def test_no_handler_catches_everything(path: Path) -> None:
    """A handler names what it expects. The child that runs other people's checkers is the one place that cannot."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ExceptHandler) and path.parent.name != "crosscheck":
            caught = ast.unparse(node.type) if node.type else ""
            reraised = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            assert caught not in ("", "Exception", "BaseException") or reraised, f"line {node.lineno}"


@each_file
def test_modules_keep_no_state(path: Path) -> None:
    """No module-level list, set or dict that is written to later, and no `global`."""
    tree = _tree(path)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)]
    for name, node in _module_level_containers(tree):
        assert not _is_mutated(tree, name), f"{name} (line {node.lineno}) is changed after it is made"


def _module_level_containers(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        container = isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            container = value.func.id in ("list", "dict", "set", "defaultdict", "Counter", "deque")
        for target in targets:
            if container and isinstance(target, ast.Name):
                yield target.id, node


_CHANGES = frozenset(
    {"append", "add", "update", "extend", "pop", "popitem", "clear", "setdefault", "insert", "remove", "discard"}
)


def _is_mutated(tree: ast.Module, name: str) -> bool:
    return any(_changes(node, name) for node in ast.walk(tree))


def _changes(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _CHANGES and ast.unparse(node.func.value) == name
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        return ast.unparse(node.value) == name
    return False
