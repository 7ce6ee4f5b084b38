"""Completion in the shells themselves; one that is not installed is skipped, and bash is everywhere."""

from __future__ import annotations

import functools
import os
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from deliverability.cli.completion import Command, codes, commands_of, script
from deliverability.cli.parser import COMMANDS, FORMATS, build_parser
from deliverability.registry import RULES

SHELLS = ("bash", "zsh", "fish")
#: A code that is the only one with its beginning.
ALL = codes()
ALONE = next(code for code in ALL if sum(other.startswith(code[:-1]) for other in ALL) == 1)


def need(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    return path


@functools.cache
def spanish(shell: str) -> str:
    return script(shell, build_parser("es"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "carta uno.eml").write_text("x")
    (tmp_path / "zona.zone").write_text("x")
    (tmp_path / "carpeta").mkdir()
    for shell in SHELLS:
        (tmp_path / f"c.{shell}").write_text(spanish(shell), "utf-8")
    return tmp_path


def bash(place: Path, *words: str) -> list[str]:
    """What bash offers for the last word; it parts a word at `=`."""
    ask = f'source c.bash; COMP_WORDS=("$@"); COMP_CWORD={len(words) - 1}; _deliverability; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        [need("bash"), "--noprofile", "--norc", "-c", ask, "bash", *words],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.split("\n") if line]


def fish(place: Path, line: str) -> list[str]:
    """What fish offers for the end of the line, without its help."""
    ask = [need("fish"), "--no-config", "-c", "source c.fish; complete -C $argv[1]", line]
    done = subprocess.run(
        ask, cwd=place, capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(place)}
    )
    assert done.stderr == ""
    return [found.partition("\t")[0] for found in done.stdout.splitlines()]


def zsh(place: Path, line: str) -> str:
    """The line after a tab, as zsh prints it when told to."""
    path = need("zsh")
    import pty  # noqa: PLC0415 - absent where there is no terminal to pretend

    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place)
        os.environ.update(TERM="dumb", COLUMNS="300", LINES="50", LANG="C.UTF-8", HOME=str(place))
        os.execv(path, ["zsh", "-f", "-i"])
    try:
        start = "autoload -Uz compinit; compinit -u -D; source c.zsh; unsetopt automenu; print -r -- LOAD''ED\n"
        os.write(terminal, start.encode())
        _read(terminal, "LOADED")
        # The beginning and the end of the line: `print` shows the words as they stand there.
        os.write(terminal, line.encode() + b"\t\x01print -r -- SAID''=\x05 END''ED\n")
        return _read(terminal, "ENDED").rpartition("SAID=")[2].partition("ENDED")[0].strip()
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def _read(terminal: int, until: str) -> str:
    """What comes until a word stands on a line of output; half a minute of silence is a failure."""
    said = ""
    while until not in said:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, said
        said += os.read(terminal, 65536).decode("utf-8", "replace")
    return said


def every() -> tuple[Command, ...]:
    return commands_of(build_parser("en"))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_for_its_shell(shell: str, place: Path) -> None:
    subprocess.run([need(shell), "-n", str(place / f"c.{shell}")], check=True)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_command_option_and_code_is_in_it(shell: str, lang: str) -> None:
    text = script(shell, build_parser(lang))
    assert all(command in text for command in COMMANDS)
    for command in every():
        for option in command.options:
            for flag in option.flags:
                shown = flag if shell != "fish" else f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                assert shown in text, f"{flag} of {command.name}"
    assert all(rule.code in text for rule in RULES)


def test_the_parser_tells_what_a_value_is() -> None:
    found = {(c.name, flag): o for c in every() for o in c.options for flag in o.flags}
    takes = {key: option.takes for key, option in found.items() if option.takes is not None}
    assert takes["audit", "--format"].words == FORMATS
    assert takes["subject", "--format"].words == ("terminal", "json", "csv")
    assert takes["audit", "--zone"].files
    assert takes["listen", "--keep"].folders
    assert takes["audit", "--select"].codes
    assert takes["audit", "--select"].several
    assert takes["init", "--ci"].words == ("github", "gitlab", "pre-commit")
    assert takes["message", "--class"].words[:2] == ("transactional", "marketing")
    assert "google" in takes["audit", "--provider"].words
    assert "es" in takes["subject", "--language"].words
    assert found["audit", "--offline"].takes is None


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["in"], ["init"]),
        (["audit", "--fai"], ["--fail-on"]),
        (["audit", "--fail-on", "w"], ["warning"]),
        (["audit", "--fail-on", "=", "w"], ["warning"]),
        (["audit", "--format", "="], list(FORMATS)),
        (["--lang", "es", "spf", "-f", ""], ["terminal", "json"]),
        (["--lang", ""], ["es", "en"]),
        (["explain", ALONE[:-1]], [ALONE]),
        (["audit", "--select", f"SPF,{ALONE[:-1]}"], [f"SPF,{ALONE}"]),
        (["fix", "--syntax", "t"], ["table"]),
        (["message", "ca"], ["carpeta", "carta uno.eml"]),
        (["listen", "--keep", "c"], ["carpeta"]),
        (["audit", "--helo", "z"], []),
        (["audit", "z"], []),
        (["completion", ""], list(SHELLS)),
    ],
)
def test_bash(words: list[str], offered: list[str], place: Path) -> None:
    found = bash(place, "deliverability", *words)
    assert sorted(found) == sorted(offered)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("in", ["init"]),
        ("audit --fai", ["--fail-on"]),
        ("audit --fail-on w", ["warning"]),
        (f"explain {ALONE[:-1]}", [ALONE]),
        (f"audit --select SPF,{ALONE[:-1]}", [f"SPF,{ALONE}"]),
        ("audit --zone zo", ["zona.zone"]),
        ("init --ci gitl", ["gitlab"]),
        ("audit z", []),
    ],
)
def test_fish(line: str, offered: list[str], place: Path) -> None:
    assert fish(place, f"deliverability {line}") == offered


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("in", "init"),
        ("audit --fai", "audit --fail-on"),
        ("audit --fail-on=w", "audit --fail-on=warning"),
        (f"explain {ALONE[:-1]}", f"explain {ALONE}"),
        (f"audit --select SPF,{ALONE[:-1]}", f"audit --select SPF,{ALONE}"),
        ("audit --zone zo", "audit --zone zona.zone"),
        ("--lang es init --ci gitl", "--lang es init --ci gitlab"),
        ("audit zo", "audit zo"),
    ],
)
def test_zsh(line: str, completed: str, place: Path) -> None:
    assert zsh(place, f"deliverability {line}").rstrip(",") == f"deliverability {completed}"
