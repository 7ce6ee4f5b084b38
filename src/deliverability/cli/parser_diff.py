"""The arguments of `diff`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from deliverability.cli import words, words_diff
from deliverability.cli.parser import Builder, Parser

#: Kept beside `render.COMPARISON_FORMATS` by a test, as the formats of reports are.
FORMATS = ("terminal", "json", "markdown", "html")


def add_diff(
    build: Builder,
    into: argparse._SubParsersAction[Parser],
    sending: Callable[[Builder, Parser], None],
    output: Callable[[Builder, Parser, tuple[str, ...]], argparse._ArgumentGroup],
) -> None:
    """`diff OLD NEW [DOMAIN …]`; `sending` and `output` add the options that commands share."""
    parser = build.command(into, "diff", "OLD NEW [DOMAIN …]", words_diff.DIFF, words_diff.DIFF_LONG)
    parser.add_argument("old", metavar="OLD", help=build.say(words_diff.OLD))
    parser.add_argument("new", metavar="NEW", help=build.say(words_diff.NEW))
    parser.add_argument("domains", nargs="*", default=[], metavar="DOMAIN", help=build.say(words_diff.DOMAINS))
    group = parser.add_argument_group(build.say(words.GROUP_INPUT))
    file = group.add_mutually_exclusive_group()
    file.add_argument("--config", metavar="FILE", help=build.say(words.CONFIG))
    file.add_argument("--no-config", action="store_true", help=build.say(words.NO_CONFIG))
    sending(build, parser)
    output(build, parser, FORMATS)
    gate = parser.add_argument_group(build.say(words.GROUP_GATE))
    gate.add_argument("--fail-on", metavar="LEVEL", help=build.say(words_diff.FAIL_ON))
    gate.add_argument("--incomplete", metavar="fail|pass", help=build.say(words_diff.INCOMPLETE))
