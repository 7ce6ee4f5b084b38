"""The arguments of `deliverability init`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from deliverability.cli import words
from deliverability.cli import words_init as own

if TYPE_CHECKING:
    from deliverability.cli.parser import Builder, Parser


def add_init(build: Builder, into: argparse._SubParsersAction[Parser]) -> Parser:
    """The command's parser without its input options."""
    parser = build.command(into, "init", "[DOMAIN …]", own.INIT, own.INIT_LONG)
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help=build.say(own.DOMAINS))
    parser.add_argument("--pyproject", action="store_true", help=build.say(own.PYPROJECT))
    parser.add_argument("--ci", metavar="KIND", action="append", default=[], help=build.say(own.CI))
    parser.add_argument("--force", action="store_true", help=build.say(own.FORCE))
    group = parser.add_argument_group(build.say(words.GROUP_OUTPUT))
    group.add_argument("-o", "--output", metavar="FILE", help=build.say(own.OUTPUT))
    group.add_argument("--lang", metavar="es|en", help=build.say(words.LANG))
    group.add_argument("--no-progress", action="store_true", help=build.say(words.NO_PROGRESS))
    group.add_argument("-q", "--quiet", action="store_true", help=build.say(words.QUIET))
    parser.set_defaults(verbose=False)
    return parser
