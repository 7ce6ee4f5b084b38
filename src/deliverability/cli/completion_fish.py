"""The completion script for fish; help stands beside each option."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deliverability.cli.completion import Command, Option, Takes

_HEAD = """# Load with: deliverability completion fish | source
function __deliverability_rules
  printf '%s\\n' {codes}
end
complete -c deliverability -f
complete -c deliverability -n __fish_use_subcommand -l help
complete -c deliverability -n __fish_use_subcommand -l version
complete -c deliverability -n __fish_use_subcommand -l lang -x -a 'es en'
"""


def fish(commands: Sequence[Command], codes: Sequence[str]) -> str:
    """The script."""
    lines = [line for command in commands for line in _command(command)]
    return _HEAD.format(codes=" ".join(codes)) + "".join(f"complete -c deliverability {line}\n" for line in lines)


def _command(command: Command) -> Iterator[str]:
    yield f"-n __fish_use_subcommand -a {command.name} -d {_quoted(command.help)}"
    inside = f"-n {_quoted(f'__fish_seen_subcommand_from {command.name}')}"
    for option in command.options:
        yield f"{inside} {_flags(option)} -d {_quoted(option.help)}{_value(option.takes)}"
    for argument in command.arguments:
        if argument.takes is not None and argument.takes != type(argument.takes)():
            yield f"{inside}{_value(argument.takes, option=False)}"


def _flags(option: Option) -> str:
    return " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)


def _value(takes: Takes | None, *, option: bool = True) -> str:
    """What the option needs behind it; `-x` is a value that is no file."""
    if takes is None:
        return ""
    if takes.files or takes.folders:
        folders = " -a '(__fish_complete_directories)'"
        return (" -r" if option else "") + (" -F" if takes.files else folders)
    exclusive = " -x" if option else ""
    if takes.codes:
        each = "(__fish_complete_list , __deliverability_rules)" if takes.several else "(__deliverability_rules)"
        return f"{exclusive} -a {_quoted(each)}"
    return f"{exclusive} -a {_quoted(' '.join(takes.words))}" if takes.words else exclusive


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
