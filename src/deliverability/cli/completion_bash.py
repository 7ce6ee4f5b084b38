"""The completion script for bash 3.2 and later, without the package bash-completion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deliverability.cli.completion import Command, Takes

_SCRIPT = """# Load with: source <(deliverability completion bash)
_deliverability_codes="{codes}"
_deliverability() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" index word
  # bash parts --option=value at the sign.
  if [[ $current == "=" ]]; then current=""
  elif [[ $previous == "=" ]]; then previous="${{COMP_WORDS[COMP_CWORD-2]}}"; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="${{COMP_WORDS[index]}}"
    if [[ $word == --lang ]]; then
      ((index++))
      if [[ ${{COMP_WORDS[index]}} == "=" ]]; then ((index++)); fi
    elif [[ $word != -* && $word != "=" ]]; then command="$word"; break; fi
  done
  local options="--help --version --lang" arguments="{commands}" kind="words" values=""
  case "$command" in
{commands_cases}
  esac
  case "$command $previous" in
{value_cases}
    *) values="$arguments"; if [[ $current == -* ]]; then values="$options" kind="words"; fi ;;
  esac
  COMPREPLY=()
  local IFS=$' \t\n'
  if [[ $kind == f* ]]; then IFS=$'\n'; fi  # names of files may hold blanks
  case "$kind" in
    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
    list)
      local before=""
      if [[ $current == *,* ]]; then before="${{current%,*}},"; fi
      compopt -o nospace 2>/dev/null
      COMPREPLY=($(compgen -P "$before" -W "$values" -- "${{current##*,}}")) ;;
    words) COMPREPLY=($(compgen -W "$values" -- "$current")) ;;
  esac
}}
complete -F _deliverability deliverability
"""


def bash(commands: Sequence[Command], codes: Sequence[str]) -> str:
    """The script."""
    return _SCRIPT.format(
        codes=" ".join(codes),
        commands=" ".join(command.name for command in commands),
        commands_cases="\n".join(_command(command) for command in commands),
        value_cases="\n".join(_values(commands)),
    )


def _command(command: Command) -> str:
    """The options of a command, and what its arguments are."""
    flags = " ".join(flag for option in command.options for flag in option.flags)
    takes = command.arguments[0].takes if command.arguments else None
    kind, values = _kind(takes) if takes else ("words", "")
    return f'    {command.name}) options="{flags}" arguments="{values}" kind="{"words" if kind == "list" else kind}" ;;'


def _values(commands: Sequence[Command]) -> Iterator[str]:
    """What each option takes; options of several commands that take the same share a line."""
    places: dict[tuple[str, str], list[str]] = {}
    for command in commands:
        for option in command.options:
            if option.takes is not None:
                where = (f'"{command.name} {flag}"' for flag in option.flags)
                places.setdefault(_kind(option.takes), []).extend(where)
    for (kind, values), written in places.items():
        yield f'    {"|".join(written)}) kind="{kind}" values="{values}" ;;'
    yield '    " --lang") kind="words" values="es en" ;;'


def _kind(takes: Takes) -> tuple[str, str]:
    if takes.files or takes.folders:
        return ("files" if takes.files else "folders"), ""
    if takes.codes:
        return ("list" if takes.several else "words"), "$_deliverability_codes"
    return ("words", " ".join(takes.words)) if takes.words else ("nothing", "")
