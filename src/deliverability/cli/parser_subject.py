"""The arguments of `deliverability subject`."""

from __future__ import annotations

import argparse

from deliverability.cli import words
from deliverability.cli import words_subject as own
from deliverability.cli.parser import Builder, Parser

FORMATS = ("terminal", "json", "csv")


def add_subject(build: Builder, into: argparse._SubParsersAction[Parser]) -> Parser:
    """The command's parser without its output options."""
    parser = build.command(into, "subject", "TEXT …|-", own.SUBJECT, own.SUBJECT_LONG)
    parser.add_argument("texts", nargs="*", metavar="TEXT", help=build.say(own.TEXT))
    parser.add_argument("--file", metavar="CSV", help=build.say(own.FILE))
    group = parser.add_argument_group(build.say(own.GROUP_ABOUT))
    group.add_argument("--company", metavar="NAME", help=build.say(own.COMPANY))
    group.add_argument("--customer", metavar="NAME", help=build.say(own.CUSTOMER))
    group.add_argument("--number", metavar="NUMBER", help=build.say(own.NUMBER))
    group.add_argument("--period", metavar="MONTH", help=build.say(own.PERIOD))
    group.add_argument("--language", metavar="CODE", help=build.say(own.LANGUAGE))
    group.add_argument("--reply", action="store_true", help=build.say(own.REPLY))
    file = parser.add_mutually_exclusive_group()
    file.add_argument("--config", metavar="FILE", help=build.say(words.CONFIG))
    file.add_argument("--no-config", action="store_true", help=build.say(words.NO_CONFIG))
    return parser
