"""The arguments of every command. Only argparse is loaded here, so that `--help` answers at once."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from deliverability.cli import words

#: Kept beside `render.FORMATS` by a test; importing that module here would cost the help its speed.
FORMATS = ("terminal", "json", "jsonl", "sarif", "junit", "github", "markdown", "csv", "html")
COMMANDS = (
    "audit",
    "message",
    "listen",
    "blocklist",
    "subject",
    "spf",
    "fix",
    "check",
    "diff",
    "explain",
    "init",
    "completion",
)
EXPLAIN_FORMATS = ("terminal", "markdown", "json", "csv")
USAGE = 2


class UsageError(Exception):
    """Wrong arguments: one line for standard error."""


class Parser(argparse.ArgumentParser):
    """argparse in two languages, whose errors are one line."""

    lang = "en"

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raise `UsageError`; the message may echo an argument, so `main` escapes it."""
        if self.lang == "es":
            for pattern, spanish in words.ARGPARSE_ES:
                if re.fullmatch(pattern, message, re.DOTALL):
                    message = re.sub(pattern, spanish, message, count=1, flags=re.DOTALL)
                    break
            # Only this one holds no word of the caller's.
            message = in_spanish(message) if message.startswith("faltan argumentos: ") else message
        raise UsageError(message)


class Choice(argparse._StoreAction):
    """An option whose words completion knows; what is none of them is answered later, with the nearest."""

    def __init__(self, *args: Any, words: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.words = words


class _English(argparse.HelpFormatter):
    lang = "en"

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        """The usage line with its prefix in the reader's language."""
        super().add_usage(usage, actions, groups, say(words.USAGE, self.lang) if prefix is None else prefix)


class _Spanish(_English):
    lang = "es"

    def _metavar_formatter(self, action, default_metavar):  # type: ignore[no-untyped-def]
        shown = super()._metavar_formatter(action, default_metavar)
        return lambda size: tuple(word and in_spanish(word) for word in shown(size))


def in_spanish(places: str) -> str:
    """`FILE` and the like, which stand for what the reader gives."""
    return re.sub(r"[A-Z]+", lambda word: words.PLACES_ES.get(word[0], word[0]), places)


def say(pair: tuple[str, str], lang: str) -> str:
    """One of the two."""
    return pair[1] if lang == "es" else pair[0]


class Builder:
    """Builds the parsers in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.formatter = _Spanish if lang == "es" else _English

    def say(self, pair: tuple[str, str], **fields: str) -> str:
        """The help text, as argparse wants it: % doubled."""
        text = say(pair, self.lang)
        return (text.format(**fields) if fields else text).replace("%", "%%")

    def finish(self, parser: Parser) -> Parser:
        """Titles and `--help` in the reader's language."""
        parser.lang = self.lang
        parser._positionals.title = self.say(words.ARGUMENTS)
        parser._optionals.title = self.say(words.OPTIONS)
        parser.add_argument("-h", "--help", action="help", help=self.say(words.HELP))
        return parser

    def command(
        self,
        into: argparse._SubParsersAction[Parser],
        name: str,
        usage: str,
        short: tuple[str, str],
        long: tuple[str, str],
    ) -> Parser:
        """A command's parser."""
        usage = in_spanish(usage) if self.lang == "es" else usage
        about = self.say(long)  # where the list of commands says it all, the same as a sentence
        parser = into.add_parser(
            name,
            usage=" ".join(f"deliverability {name} {usage}{self.say(words.MORE)}".split()),
            help=self.say(short),
            description=f"{about[:1].upper()}{about[1:]}." if long is short else about,
            epilog=self.say(words.EPILOG),
            formatter_class=self.formatter,
            add_help=False,
            allow_abbrev=False,
        )
        return self.finish(parser)


def build_parser(lang: str, only: str = "") -> Parser:
    """The whole command line; where `only` is a command, without the others: they take time and are not called."""
    build = Builder(lang)
    parser = Parser(
        prog="deliverability",
        usage=build.say(words.WHOLE),
        description=build.say(words.ABOUT),
        epilog=build.say(words.EPILOG),
        formatter_class=build.formatter,
        add_help=False,
        allow_abbrev=False,
    )
    build.finish(parser)
    parser.add_argument("--version", action="store_true", help=build.say(words.VERSION))
    parser.add_argument("--lang", metavar="es|en", help=build.say(words.LANG), dest="top_lang")
    into = parser.add_subparsers(
        dest="command", metavar=build.say(words.COMMAND), title=build.say(words.COMMANDS), parser_class=Parser
    )
    for add in [_COMMANDS[only]] if only in _COMMANDS else _COMMANDS.values():
        add(build, into)
    return parser


def _audit(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    parser = build.command(into, "audit", "[DOMAIN …]", words.AUDIT, words.AUDIT_LONG)
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help=build.say(words.DOMAINS))
    _input(build, parser)
    parser.add_argument("--after-only", action="store_true", help=build.say(words.AFTER_ONLY))
    parser.add_argument("--crosscheck", action="store_true", help=build.say(words.CROSSCHECK))
    parser.add_argument("--blocklists", action="store_true", default=None, help=build.say(words.BLOCKLISTS))
    parser.add_argument("--reputation", metavar="FILE", action="append", default=[], help=build.say(words.REPUTATION))
    _sending(build, parser)
    _output(build, parser, FORMATS)
    _gate(build, parser)


def _message(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_message import add_message

    parser = add_message(build, into)
    _input(build, parser)
    _output(build, parser, FORMATS)
    _gate(build, parser)


def _listen(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_message import add_listen

    parser = add_listen(build, into)
    _input(build, parser)
    _output(build, parser, FORMATS)
    _gate(build, parser)


def _blocklist(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_message import add_blocklist

    parser = add_blocklist(build, into)
    _input(build, parser)
    _output(build, parser, FORMATS)
    _gate(build, parser)


def _gate(build: Builder, parser: Parser) -> None:
    gate = parser.add_argument_group(build.say(words.GROUP_GATE))
    gate.add_argument("--fail-on", metavar="LEVEL", help=build.say(words.FAIL_ON))
    gate.add_argument("--incomplete", metavar="fail|pass", help=build.say(words.INCOMPLETE))
    gate.add_argument("--select", metavar="CODES", action="append", default=[], help=build.say(words.SELECT))
    gate.add_argument("--ignore", metavar="CODES", action="append", default=[], help=build.say(words.IGNORE))
    gate.add_argument("--severity", metavar="CODE=LEVEL", action="append", default=[], help=build.say(words.SEVERITY))
    gate.add_argument("--baseline", metavar="FILE", help=build.say(words.BASELINE))
    gate.add_argument("--write-baseline", metavar="FILE", help=build.say(words.WRITE_BASELINE))


def _subject(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_subject import FORMATS as SUBJECT_FORMATS
    from deliverability.cli.parser_subject import add_subject

    _output(build, add_subject(build, into), SUBJECT_FORMATS)


def _spf(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    parser = build.command(into, "spf", "DOMAIN [--ip IP …]", words.SPF, words.SPF_LONG)
    parser.add_argument("domain", metavar="DOMAIN", help=build.say(words.DOMAIN))
    parser.add_argument("--ip", action="append", default=[], metavar="IP", help=build.say(words.IP))
    parser.add_argument("--helo", metavar="NAME", default="", help=build.say(words.HELO))
    parser.add_argument("--sender", metavar="ADDRESS", default="", help=build.say(words.SENDER))
    _input(build, parser)
    parser.add_argument("--crosscheck", action="store_true", help=build.say(words.CROSSCHECK))
    _output(build, parser, ("terminal", "json"))


def _fix(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    parser = build.command(into, "fix", "DOMAIN [--syntax bind|table|diff]", words.FIX, words.FIX_LONG)
    parser.add_argument("domain", metavar="DOMAIN", help=build.say(words.DOMAIN))
    parser.add_argument("--syntax", metavar="bind|table|diff", default="bind", help=build.say(words.SYNTAX))
    _input(build, parser)
    _sending(build, parser)
    group = _output(build, parser, ())
    group.add_argument("--select", metavar="CODES", action="append", default=[], help=build.say(words.SELECT))
    group.add_argument("--ignore", metavar="CODES", action="append", default=[], help=build.say(words.IGNORE))


def _check(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_check import add_check

    add_check(build, into, _output, _gate)


def _diff(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_diff import add_diff

    add_diff(build, into, _sending, _output)


def _explain(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    parser = build.command(into, "explain", "[CODE …]", words.EXPLAIN, words.EXPLAIN)
    parser.add_argument("codes", nargs="*", metavar="CODE", help=build.say(words.CODE))
    parser.add_argument("--all", action="store_true", help=build.say(words.EXPLAIN_ALL))
    group = _output(build, parser, EXPLAIN_FORMATS)
    group.add_argument("--rule-pages", metavar="URL", help=build.say(words.RULE_PAGES))


def _init(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    from deliverability.cli.parser_init import add_init

    _input(build, add_init(build, into), config=False)


def _input(build: Builder, parser: Parser, *, config: bool = True) -> None:
    group = parser.add_argument_group(build.say(words.GROUP_INPUT))
    if config:
        file = group.add_mutually_exclusive_group()
        file.add_argument("--config", metavar="FILE", help=build.say(words.CONFIG))
        file.add_argument("--no-config", action="store_true", help=build.say(words.NO_CONFIG))
    group.add_argument("--zone", metavar="FILE", action="append", default=[], help=build.say(words.ZONE))
    group.add_argument("--replay", metavar="FILE", help=build.say(words.REPLAY))
    group.add_argument("--record", metavar="FILE", help=build.say(words.RECORD))
    group.add_argument("--offline", action="store_true", help=build.say(words.OFFLINE))
    group.add_argument("--nameserver", metavar="SERVER", action="append", default=[], help=build.say(words.NAMESERVER))
    group.add_argument("--timeout", metavar="SECONDS", type=float, help=build.say(words.TIMEOUT))
    group.add_argument("--retries", metavar="N", type=int, help=build.say(words.RETRIES))


def _sending(build: Builder, parser: Parser) -> None:
    group = parser.add_argument_group(build.say(words.GROUP_SENDING))
    group.add_argument("--ip", action="append", default=[], metavar="IP", help=build.say(words.IP))
    group.add_argument("--helo", metavar="NAME", help=build.say(words.HELO))
    group.add_argument("--envelope", metavar="DOMAIN", help=build.say(words.ENVELOPE))
    group.add_argument("--selector", action="append", default=[], metavar="NAME", help=build.say(words.SELECTOR))
    group.add_argument("--provider", action="append", default=[], metavar="ID", help=build.say(words.PROVIDER))
    group.add_argument("--smtp-host", metavar="HOST", help=build.say(words.SMTP_HOST))
    group.add_argument("--daily-volume", metavar="N", type=int, help=build.say(words.VOLUME))
    group.add_argument("--ask-name-servers", action="store_true", default=None, help=build.say(words.ASK_NAME_SERVERS))
    either = group.add_mutually_exclusive_group()
    either.add_argument("--parked", action="store_const", const=False, dest="sends", help=build.say(words.PARKED))
    either.add_argument("--sends", action="store_const", const=True, dest="sends", help=build.say(words.SENDS))


def _output(build: Builder, parser: Parser, formats: tuple[str, ...]) -> argparse._ArgumentGroup:
    group = parser.add_argument_group(build.say(words.GROUP_OUTPUT))
    if formats:
        shown = ", ".join(formats)
        said = build.say(words.FORMAT, formats=shown)
        group.add_argument("-f", "--format", metavar="FORMAT", help=said, action=Choice, words=formats)
    group.add_argument("-o", "--output", metavar="FILE", help=build.say(words.OUTPUT))
    group.add_argument("--lang", metavar="es|en", help=build.say(words.LANG))
    group.add_argument("--color", metavar="WHEN", help=build.say(words.COLOR))
    group.add_argument("--width", metavar="N", type=int, help=build.say(words.WIDTH))
    group.add_argument("--no-progress", action="store_true", help=build.say(words.NO_PROGRESS))
    group.add_argument("-q", "--quiet", action="store_true", help=build.say(words.QUIET))
    group.add_argument("-v", "--verbose", action="store_true", help=build.say(words.VERBOSE))
    if "jsonl" in formats:
        group.add_argument("--rule-pages", metavar="URL", help=build.say(words.RULE_PAGES))
        group.add_argument("--answers", action="store_true", help=build.say(words.ANSWERS_OPTION))
    return group


def _completion(build: Builder, into: argparse._SubParsersAction[Parser]) -> None:
    parser = build.command(into, "completion", "bash|zsh|fish", words.COMPLETION, words.COMPLETION)
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="bash|zsh|fish", help=build.say(words.SHELL))
    parser.add_argument("--lang", help=argparse.SUPPRESS)


#: In the order of the help.
_COMMANDS: Mapping[str, Callable[[Builder, argparse._SubParsersAction[Parser]], None]] = {
    "audit": _audit,
    "message": _message,
    "listen": _listen,
    "blocklist": _blocklist,
    "subject": _subject,
    "spf": _spf,
    "fix": _fix,
    "check": _check,
    "diff": _diff,
    "explain": _explain,
    "init": _init,
    "completion": _completion,
}


def print_help(parser: argparse.ArgumentParser) -> None:
    """Help on standard output."""
    parser.print_help(sys.stdout)
