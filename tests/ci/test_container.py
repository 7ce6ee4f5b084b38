"""The image: linted by hadolint, and its lines held against the project. There is no engine to build it with in the tests."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HADOLINT = Path(sys.executable).parent / "hadolint"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([str(HADOLINT), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_base_is_pinned_and_the_same_in_both_stages() -> None:
    """The environment refers to the interpreter of the stage it was made in."""
    (arguments,) = [rest for word, rest in instructions() if word == "ARG"]
    assert re.fullmatch(r"PYTHON=3\.\d+\.\d+-slim-\w+", arguments)
    assert [rest.split()[0] for stage in stages() for word, rest in stage if word == "FROM"] == ["python:${PYTHON}"] * 2


def test_what_is_copied_is_there_and_not_left_out_by_dockerignore() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    copied = [
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in shlex.split(rest)[:-1]
    ]
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / source).exists() for source in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {project["readme"], *project["license-files"], "src", "pyproject.toml"}
    assert all(any(fnmatch(name, pattern) for pattern in allowed) for name in needed)


def test_the_image_runs_the_command_as_nobody_in_particular() -> None:
    final = dict(stages()[-1])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert json.loads(final["ENTRYPOINT"])[0] in project["scripts"]
    user = final["USER"].split(":")
    assert all(part.isdigit() and int(part) >= 1000 for part in user)
    assert not {"RUN", "ADD"} & {word for word, _ in stages()[-1]}
    (built,) = [rest for word, rest in stages()[0] if word == "RUN" and "pip install" in rest]
    (extras,) = re.findall(r"\.\[([\w,]+)\]", built)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
