"""`deliverability completion`: a script that completes commands, options and their values, made from the parser itself.

What an option takes is read from the parser: the name of its value (FILE, CODES, es|en) or the words it was given. So a
new option is completed without a word here, and help stands beside it where the shell shows help.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deliverability.cli.parser import Choice, Parser, build_parser
from deliverability.cli.settings import COLORS
from deliverability.core.facts import MailClass
from deliverability.core.profile import FAIL_ON

#: Values that are paths, by their name in the help.
_FILES = frozenset(["FILE", "CSV", "OLD", "NEW"])
_FOLDERS = frozenset(["FOLDER"])
#: Options and arguments that name rules.
_CODES = frozenset(["codes", "select", "ignore", "severity"])


class Takes(NamedTuple):
    """What completes a value: words, paths, or nothing."""

    words: tuple[str, ...] = ()
    files: bool = False
    folders: bool = False
    #: Several words in one value, parted by commas.
    several: bool = False
    #: The words are the codes of the rules, which every script holds once.
    codes: bool = False


class Option(NamedTuple):
    """An option of a command, or an argument (without flags)."""

    flags: tuple[str, ...]
    metavar: str
    help: str
    #: None: a switch.
    takes: Takes | None
    repeated: bool


class Command(NamedTuple):
    """A command with its help, options and arguments."""

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Option, ...]


def run(options: argparse.Namespace, lang: str) -> int:
    """Print the script for one shell."""
    sys.stdout.write(script(options.shell, build_parser(lang)))
    return 0


def script(shell: str, parser: Parser) -> str:
    """The completion script for bash, zsh or fish."""
    if shell == "bash":
        from deliverability.cli.completion_bash import bash

        return bash(commands_of(parser), codes())
    if shell == "zsh":
        from deliverability.cli.completion_zsh import zsh

        return zsh(commands_of(parser), codes())
    from deliverability.cli.completion_fish import fish

    return fish(commands_of(parser), codes())


def commands_of(parser: Parser) -> tuple[Command, ...]:
    """Every command as the shells complete it."""
    found = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    said = {choice.dest: choice.help or "" for choice in found._choices_actions}
    return tuple(
        Command(
            name,
            _help(said[name]),
            tuple(_option(name, action) for action in _visible(command) if action.option_strings),
            tuple(_option(name, action) for action in _visible(command) if not action.option_strings),
        )
        for name, command in found.choices.items()
    )


def _visible(command: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    return (action for action in command._actions if action.help != argparse.SUPPRESS)


def _option(command: str, action: argparse.Action) -> Option:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    switch = bool(action.option_strings) and action.nargs == 0
    repeated = isinstance(action, argparse._AppendAction) or action.nargs in ("*", "+")
    takes = None if switch else _takes(command, action, metavar)
    return Option(tuple(action.option_strings), metavar, _help(action.help or ""), takes, repeated)


def _help(text: str) -> str:
    return text.replace("%%", "%")


def _takes(command: str, action: argparse.Action, metavar: str) -> Takes:
    if isinstance(action, Choice):
        return Takes(action.words)
    if action.dest in _CODES:
        return Takes(codes=True, several=metavar == "CODES")
    if metavar in _FILES | _FOLDERS:
        return Takes(files=metavar in _FILES, folders=metavar in _FOLDERS)
    if "|" in metavar and metavar.replace("|", "").isalpha():
        return Takes(tuple(metavar.split("|")))
    return Takes(_words(command, action.dest))


def _words(command: str, dest: str) -> tuple[str, ...]:
    """Words that no name of a value tells."""
    if dest == "provider":
        from deliverability.providers.registry import providers

        return tuple(one.id for one in providers())
    if dest == "list":
        from deliverability.dnsbl.lists import lists

        return tuple(one.id for one in lists())
    if dest == "ci":
        from deliverability.cli.init import CI_FILES

        return tuple(CI_FILES)
    if dest == "language" and command == "subject":
        from deliverability.subjects.lexicon import LANGUAGES

        return tuple(LANGUAGES)
    return _BY_DEST.get(dest, ())


_BY_DEST: Mapping[str, tuple[str, ...]] = {
    "fail_on": FAIL_ON,
    "color": COLORS,
    "mail_class": tuple(kind.value for kind in MailClass),
}


def codes() -> tuple[str, ...]:
    """Families, then codes: what `--select`, `--ignore` and `explain` take, but for the names."""
    from deliverability.registry import RULES

    return (*dict.fromkeys(rule.family for rule in RULES), *(rule.code for rule in RULES))
