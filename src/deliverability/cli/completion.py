"""`deliverability completion`: a script that completes commands and options, made from the parser itself."""

from __future__ import annotations

import argparse
import sys

from deliverability.cli.parser import Parser, build_parser

_BASH = """# Load with: source <(deliverability completion bash)
_deliverability() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words="{commands} --help --version --lang"
  case "${{COMP_WORDS[1]}}" in
{cases}
  esac
  if [[ $COMP_CWORD -eq 1 || "$current" == -* ]]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
  else COMPREPLY=($(compgen -f -- "$current")); fi
}}
complete -o filenames -F _deliverability deliverability
"""
_ZSH = """#compdef deliverability
# Load with: source <(deliverability completion zsh)
_deliverability() {{
  local -a options
  if (( CURRENT == 2 )); then compadd -- {commands} --help --version --lang; return; fi
  case $words[2] in
{cases}
  esac
  if [[ $PREFIX == -* ]]; then compadd -- $options; else _files; fi
}}
compdef _deliverability deliverability
"""


def run(options: argparse.Namespace, lang: str) -> int:
    """Print the script for one shell."""
    sys.stdout.write(script(options.shell, build_parser(lang)))
    return 0


def script(shell: str, parser: Parser) -> str:
    """The completion script for bash, zsh or fish."""
    commands = {name: _flags(command) for name, command in _commands(parser).items()}
    if shell == "fish":
        lines = [_FISH.format(name=name) for name in commands]
        lines += [
            _FISH_FLAG.format(name=n, flag=f[2:]) for n, flags in commands.items() for f in flags if f[:2] == "--"
        ]
        return "# Load with: deliverability completion fish | source\n" + "".join(lines)
    template, case = (_BASH, '    {}) words="{}" ;;') if shell == "bash" else (_ZSH, "    {}) options=({}) ;;")
    cases = "\n".join(case.format(name, " ".join(flags)) for name, flags in commands.items())
    return template.format(commands=" ".join(commands), cases=cases)


_FISH = "complete -c deliverability -n __fish_use_subcommand -a {name}\n"
_FISH_FLAG = 'complete -c deliverability -n "__fish_seen_subcommand_from {name}" -l {flag}\n'


def _commands(parser: Parser) -> dict[str, argparse.ArgumentParser]:
    found = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def _flags(parser: argparse.ArgumentParser) -> list[str]:
    visible = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    return [flag for action in visible for flag in action.option_strings]
