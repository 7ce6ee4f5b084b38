"""Every example in the documents is run: Python blocks, console blocks, configuration; commands that need a network are parsed.

A console block holds `$ deliverability …` lines, each with lines of its output. A shown line has to be in the output, in this
order, as the beginning of a line or anywhere in one; `…` stands for any number of lines.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

from deliverability.cli import main
from deliverability.cli.parser import build_parser
from deliverability.core.profile import Profile

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for path in sorted([ROOT / "README.md", ROOT / "README.es.md", *(ROOT / "docs").rglob("*.md")])
    if "rules" not in path.parts and "decisions" not in path.parts
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[object]:
    found: list[object] = []
    for page in PAGES:
        if language == "python" and page.name == "pytest.md":
            continue  # tests with fixtures: tests/plugin runs them
        for number, match in enumerate(BLOCK.finditer(page.read_text("utf-8"))):
            if match[1] == language:
                found.append(pytest.param(page, match[2], id=f"{page.relative_to(ROOT)}-{number}"))
    return found


@pytest.fixture(scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples, in which examples may write; shared, since the steps of a page build on each other."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


@pytest.fixture(autouse=True)
def _there(_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_project)
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")] + ["NO_COLOR", "FORCE_COLOR", "COLUMNS"]:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.mark.parametrize(("page", "code"), blocks("python"))
def test_python(page: Path, code: str) -> None:
    """It runs to its end; what its own `assert` lines say holds."""
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(code, str(page), "exec"), names)

    imported = [getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in names.values()]
    assert any(str(home).startswith("deliverability") for home in imported), "it uses nothing of this library"


def test_there_are_examples_to_run() -> None:
    assert len(blocks("python")) >= 5
    assert len(blocks("console")) >= 5
    assert len(blocks("toml")) >= 2


@pytest.mark.parametrize(("page", "block"), blocks("console"))
def test_console(page: Path, block: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command, shown in _commands(block):
        if command.split()[0] == "make":
            continue
        arguments = shlex.split(command)
        assert arguments[0] == "deliverability", command
        code = main(arguments[1:])
        out, err = capsys.readouterr()
        assert (code, err) in ((0, ""), (1, ""), (3, "")), err
        rest = out
        for line in shown:
            assert line in rest, f"{command}: not shown, or not in this order: {line}\n{out}"
            rest = rest[rest.index(line) + len(line) :]


def _commands(block: str) -> list[tuple[str, list[str]]]:
    commands: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:].partition("  #")[0], []))
        elif line not in ("…", ""):
            commands[-1][1].append(line)
    return commands


@pytest.mark.parametrize(("page", "block"), blocks("sh"))
def test_commands_that_need_a_network_are_well_formed(page: Path, block: str) -> None:
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["deliverability"]:
            build_parser("en").parse_args(words[1:])
        elif words[:2] == ["pip", "install"]:
            assert _requirements_are_ours(words[2:]), line
        else:
            assert not words or words[0] in ("make", "printf"), line


def _requirements_are_ours(words: list[str]) -> bool:
    """Whether each is this package, by name or as the folder one is in, with extras that it has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].keys()
    names = [re.fullmatch(r"(?:deliverability|\.)(?:\[([\w,]+)\])?", word) for word in words]
    return all(name is not None and set((name[1] or "").split(",")) - {""} <= extras for name in names)


@pytest.mark.parametrize(("page", "block"), blocks("toml"))
def test_configuration(page: Path, block: str, tmp_path: Path) -> None:
    name = "pyproject.toml" if "[tool.deliverability]" in block else "deliverability.toml"
    (tmp_path / name).write_text(block, "utf-8")

    profile = Profile.load(tmp_path / name)
    assert profile != Profile()


def test_every_option_is_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/command.md").read_text("utf-8")
    parser = build_parser("en")
    commands = next(action.choices for action in parser._actions if isinstance(action.choices, dict))
    for name, command in commands.items():
        assert f"## deliverability {name}" in reference
        for action in command._actions:
            for flag in action.option_strings:
                assert flag in reference or flag in ("-h", "--help"), f"{flag} of {name} is not in the reference"


def test_every_setting_is_in_the_reference() -> None:
    from deliverability.core.profile_file import _PROFILE, _SENDING  # noqa: PLC0415

    for page in ("docs/reference/configuration.md", "docs/es/reference/configuration.md"):
        text = (ROOT / page).read_text("utf-8")
        assert all(f"`{key}" in text for key in (*_PROFILE, *_SENDING)), page
