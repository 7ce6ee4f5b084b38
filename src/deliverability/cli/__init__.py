"""The command. `main` reads the arguments; each command lives in a module of its name and is loaded when it is called."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from deliverability.cli import words
from deliverability.cli.parser import USAGE, UsageError, build_parser, say

INTERRUPTED = 130
#: New objects, less those that went again, after which the garbage collector looks for cycles.
_COLLECT_AFTER = 200_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises for what a user or the world does."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    lang = language(arguments, os.environ)
    try:
        with _rare_collections():
            return _run(arguments, lang)
    except UsageError as error:
        return complain(str(error), lang)
    except KeyboardInterrupt:
        print(f"deliverability: {say(words.INTERRUPTED, lang)}", file=sys.stderr)  # noqa: T201
        return INTERRUPTED


@contextmanager
def _rare_collections() -> Iterator[None]:
    """The garbage collector set for a command: it loads much that stays, makes few cycles, and ends soon.

    By its own settings it goes through everything loaded two hundred times for one message, a seventh of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _run(arguments: list[str], lang: str) -> int:
    parser = build_parser(lang, arguments[0] if arguments else "")
    try:
        options = parser.parse_args(arguments)
    except SystemExit:  # --help has been printed
        return 0
    if options.version:
        from deliverability import __version__

        print(f"deliverability {__version__}")  # noqa: T201
        return 0
    if not options.command:
        raise UsageError(say(words.NO_COMMAND, lang).format(commands=", ".join(sorted(_COMMANDS))))
    return _command(options, lang)


#: Command -> the module whose `run(options, lang)` does it.
_COMMANDS = {
    "audit": "deliverability.cli.audit",
    "blocklist": "deliverability.cli.blocklist",
    "check": "deliverability.cli.check",
    "completion": "deliverability.cli.completion",
    "diff": "deliverability.cli.diff",
    "explain": "deliverability.cli.explain",
    "fix": "deliverability.cli.fix",
    "init": "deliverability.cli.init",
    "listen": "deliverability.cli.listen",
    "message": "deliverability.cli.message",
    "spf": "deliverability.cli.spf",
    "subject": "deliverability.cli.subject",
}


def _command(options: object, lang: str) -> int:
    from importlib import import_module

    from deliverability.core.errors import DeliverabilityError

    command: str = options.command  # type: ignore[attr-defined]
    try:
        code: int = import_module(_COMMANDS[command]).run(options, lang)
        return code
    except DeliverabilityError as error:
        raise UsageError(str(error)) from None


def complain(message: str, lang: str) -> int:
    """Say on standard error, in one line, what a user did wrong; the exit code for it."""
    from deliverability.core.names import escape_controls

    if lang == "es":
        from deliverability.cli.spanish import in_spanish

        message = in_spanish(message)
    line = escape_controls(" ".join(message.split()))[:1000]
    print(f"deliverability: {say(words.ERROR, lang)}: {line}", file=sys.stderr)  # noqa: T201
    return USAGE


def language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language of the help and of error messages: `--lang`, DELIVERABILITY_LANG, then the locale."""
    for index, argument in enumerate(arguments):
        value = argument[len("--lang=") :] if argument.startswith("--lang=") else ""
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in ("es", "en"):
            return value
    chosen = environment.get("DELIVERABILITY_LANG", "")
    return chosen if chosen in ("es", "en") else locale_language(environment)


def locale_language(environment: Mapping[str, str]) -> str:
    """es where the locale is Spanish or another language of Spain's, else en."""
    locale = next((v for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(key))), "")
    return "es" if locale.lower().startswith(("es", "ca", "gl", "eu")) else "en"
