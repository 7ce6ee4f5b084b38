"""The completion script for zsh, for its `_arguments`; help stands beside each option."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deliverability.cli.completion import Command, Option, Takes

_SCRIPT = """#compdef deliverability
# Load with: source <(deliverability completion zsh)
_deliverability_rule() {{
  compadd "$@" - {codes}
}}
_deliverability_rules() {{
  _sequence _deliverability_rule
}}
_deliverability() {{
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands=(
{commands}
  )
  _arguments -C '--help' '--version' '--lang:LANG:(es en)' '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
{cases}
      esac ;;
  esac
}}
compdef _deliverability deliverability
"""


def zsh(commands: Sequence[Command], codes: Sequence[str]) -> str:
    """The script."""
    listed = (f"    {_quoted(f'{command.name}:{command.help}')}" for command in commands)
    return _SCRIPT.format(codes=" ".join(codes), commands="\n".join(listed), cases="\n".join(map(_case, commands)))


def _case(command: Command) -> str:
    specs = [spec for option in command.options for spec in _option(option)]
    specs += [
        _quoted(f"{'*' if argument.repeated else ''}:{_plain(argument.metavar)}:{_action(argument.takes)}")
        for argument in command.arguments
    ]
    lines = " \\\n            ".join(specs)
    return f"        {command.name}) _arguments -S \\\n            {lines} ;;"


def _option(option: Option) -> Iterator[str]:
    """One specification for each way to write the option; each excludes the other unless it may be repeated."""
    value = f":{_plain(option.metavar)}:{_action(option.takes)}" if option.takes is not None else ""
    others = "" if option.repeated or len(option.flags) == 1 else f"({' '.join(option.flags)})"
    for flag in option.flags:
        sign = "=" if option.takes is not None and flag.startswith("--") else ""
        yield _quoted(f"{others}{'*' if option.repeated else ''}{flag}{sign}[{_plain(option.help)}]{value}")


def _action(takes: Takes | None) -> str:
    if takes is None:
        return ""
    if takes.files or takes.folders:
        return "_files" if takes.files else "_files -/"
    if takes.codes:
        return "_deliverability_rules" if takes.several else "_deliverability_rule"
    return f"({' '.join(takes.words)})" if takes.words else "( )"


def _plain(text: str) -> str:
    """Without what `_arguments` reads as its own signs."""
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
