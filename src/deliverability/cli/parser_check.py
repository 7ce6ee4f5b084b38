"""The arguments of `deliverability check`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from deliverability.cli import words, words_check
from deliverability.cli.parser import FORMATS, Builder, Parser


def add_check(
    build: Builder,
    into: argparse._SubParsersAction[Parser],
    output: Callable[[Builder, Parser, tuple[str, ...]], object],
    gate: Callable[[Builder, Parser], None],
) -> None:
    """`check FILE …`; `output` and `gate` add the options that commands share."""
    parser = build.command(into, "check", "FILE …", words_check.CHECK, words_check.CHECK_LONG)
    parser.add_argument("files", nargs="+", metavar="FILE", help=build.say(words_check.FILES))
    file = parser.add_mutually_exclusive_group()
    file.add_argument("--config", metavar="FILE", help=build.say(words.CONFIG))
    file.add_argument("--no-config", action="store_true", help=build.say(words.NO_CONFIG))
    output(build, parser, FORMATS)
    gate(build, parser)
    for action in parser._actions:
        if action.dest == "incomplete":
            action.help = build.say(words_check.INCOMPLETE)
