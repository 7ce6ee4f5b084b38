"""CONTRIBUTING.md shows how a rule is added: what it says is done in a copy of the project, whose tests then decide."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CODE = "DNS099"


def _block(language: str) -> tuple[Path, str]:
    """The only block in that language, and the file that the sentence before it names."""
    found = re.findall(rf"`([\w/.]+)`:\n\n```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1
    return Path(found[0][0]), found[0][1]


def _copy(to: Path) -> Path:
    for folder in ("src", "tests/meta", "tests/support", "tests/cases"):
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py", "tests/test_cases.py"):
        shutil.copy(ROOT / file, to / file)
    return to


def _tests(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
    chosen = ["tests/meta/test_rules.py", "tests/test_cases.py", "-k", f"{CODE} or unique or case_file"]
    # The inventory of planned codes, beside a checkout, does not know the rule of an example.
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "DELIVERABILITY_SHARED": str(project / "none")}
    return subprocess.run(
        [*command, *chosen], cwd=project, capture_output=True, text=True, check=False, env=environment, timeout=120
    )


def test_the_rule_of_the_example_is_a_rule_after_three_steps(tmp_path: Path) -> None:
    project = _copy(tmp_path)
    rule, cases, line = _block("python"), _block("toml"), _block("diff")
    for path, text in (rule, cases):
        (project / path).write_text(text, "utf-8")

    without_the_line = _tests(project)
    collected = (project / line[0]).read_text("utf-8")
    for old, new in re.findall(r"^-(.*)\n\+(.*)$", line[1], re.MULTILINE):
        assert old in collected
        collected = collected.replace(old, new)
    (project / line[0]).write_text(collected, "utf-8")
    done = _tests(project)

    assert without_the_line.returncode == 1, without_the_line.stdout
    assert "test_no_case_file_without_its_rule" in without_the_line.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 20  # type: ignore[index]


def test_the_code_of_the_example_is_nobodys() -> None:
    assert not (ROOT / "tests" / "cases" / f"{CODE}.toml").exists()
