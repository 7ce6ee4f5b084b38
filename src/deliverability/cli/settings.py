"""What a command works with, once flag, environment and file have been weighed: the first of them that speaks, decides."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TextIO, cast

from deliverability.cli import locale_language
from deliverability.cli.parser import UsageError
from deliverability.cli.precedence import Given, given
from deliverability.core.errors import InvalidAddress, UnknownRule
from deliverability.core.facts import Sending
from deliverability.core.finding import Severity
from deliverability.core.names import parse_domain, shown
from deliverability.core.profile import FAIL_ON, INCOMPLETE, Ignore, Profile, check_code, did_you_mean
from deliverability.core.questions import IPAddress
from deliverability.core.rule_pages import checked_template
from deliverability.core.text import LANGS, Lang

COLORS = ("auto", "always", "never")
PIPED_WIDTH = 80
#: Lines of text longer than this are tiring to read; `--width` is obeyed beyond it.
WIDEST_AUTO = 120


@dataclass(frozen=True, slots=True)
class Settings:
    """How to speak and where to."""

    lang: Lang
    format: str
    color: bool
    width: int
    quiet: bool
    verbose: bool
    progress: bool
    output: Path | None
    #: Whether the terminal may be given links (OSC 8).
    hyperlinks: bool = False


def settings(options: argparse.Namespace, profile: Profile, formats: Iterable[str]) -> Settings:
    """The settings of a command. Raises `UsageError` with the flag or variable that has a wrong value."""
    output = Path(options.output) if options.output and options.output != "-" else None
    color = _color(_choice(options, "color", COLORS, "auto"), to_file=output is not None)
    lang = cast(Lang, _choice(options, "lang", LANGS, profile.lang or locale_language(os.environ)))
    return Settings(
        lang=lang,
        format=_choice(options, "format", tuple(formats), "terminal"),
        color=color,
        width=_width(options, to_file=output is not None),
        quiet=options.quiet,
        verbose=options.verbose,
        progress=not (options.no_progress or options.quiet) and _is_terminal(sys.stderr),
        output=output,
        hyperlinks=color and output is None and _takes_links(),
    )


def _choice(options: argparse.Namespace, name: str, allowed: tuple[str, ...], default: str) -> str:
    """A word from flag, environment or default."""
    told = given(name, options)
    if told is None:
        return default
    value, where = str(told.value), told.where
    if value not in allowed:
        raise UsageError(f"{where}: {shown(value)} is none of {', '.join(allowed)}{did_you_mean(value, allowed)}")
    return value


def _color(when: str, *, to_file: bool) -> bool:
    """Whether to colour: NO_COLOR (no-color.org) wins over FORCE_COLOR, a flag over both."""
    if when != "auto":
        return when == "always"
    if to_file or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return _is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb"


def _takes_links() -> bool:
    """Whether somebody looks at a terminal that takes links, or at least passes over them; a log may show them raw."""
    return _is_terminal(sys.stdout) and os.environ.get("TERM", "dumb") not in ("dumb", "linux")


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at it; a stream that the caller closed is None."""
    return stream is not None and stream.isatty()


def _width(options: argparse.Namespace, *, to_file: bool) -> int:
    told = given("width", options)
    if told is not None:
        text = str(told.value)
        if not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) >= 40):
            raise UsageError(f"{told.where}: {shown(text)} is not a number of columns from 40 on")
        return int(text)
    if to_file or not (_is_terminal(sys.stdout) or os.environ.get("COLUMNS")):
        return PIPED_WIDTH
    return max(40, min(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, WIDEST_AUTO))


def load_profile(options: argparse.Namespace) -> Profile:
    """The profile of the file with the flags of the command over it; every rule code in it exists."""
    if options.no_config:
        profile = Profile()
    else:
        path = given("config", options)
        profile = Profile.load(path.value) if path else Profile.find()
    profile = _with_gate(options, profile)
    if profile.select or profile.ignore or profile.severity:
        from deliverability.registry import RULES

        profile.check_codes((rule.code, rule.name) for rule in RULES)
    return _with_sending(options, profile)


def _with_gate(options: argparse.Namespace, profile: Profile) -> Profile:
    changes: dict[str, Any] = {}
    if hasattr(options, "fail_on"):
        changes["fail_on"] = _choice(options, "fail_on", FAIL_ON, profile.fail_on)
        changes["incomplete"] = _choice(options, "incomplete", INCOMPLETE, profile.incomplete)
    if selected := given("select", options):
        changes["select"] = _codes(selected)
    if ignored := given("ignore", options):  # beside those of the file, whose reasons stay
        changes["ignore"] = (*profile.ignore, *(Ignore(code, ignored.where) for code in _codes(ignored)))
    if pages := given("rule_pages", options):
        changes["rule_pages"] = checked_template(str(pages.value), pages.where)
    if told := given("severity", options):  # code by code over those of the file
        changes["severity"] = {**profile.severity, **_severities(told)}
    return replace(profile, **changes)


def _codes(told: Given) -> tuple[str, ...]:
    from deliverability.registry import RULES

    for code in told.value:
        try:
            check_code(code, [(rule.code, rule.name) for rule in RULES])
        except UnknownRule as error:
            raise UsageError(f"{told.where}: {error}") from None
    return tuple(told.value)


def _severities(told: Given) -> dict[str, Severity]:
    """Severities as `SPF004=warning`."""
    from deliverability.registry import RULES

    levels, codes = [severity.value for severity in Severity], {rule.code for rule in RULES}
    found: dict[str, Severity] = {}
    for pair in told.value:
        code, equals, level = (part.strip() for part in pair.partition("="))
        if not equals:
            raise UsageError(f"{told.where}: {shown(pair)} has no severity; write one such as SPF004=warning")
        if code.upper() not in codes:
            raise UsageError(f"{told.where}: {shown(code)} is not the code of one rule{did_you_mean(code, codes)}")
        if level not in levels:
            hint = did_you_mean(level, levels)
            raise UsageError(f"{told.where}: {shown(level)} is none of {', '.join(levels)}{hint}")
        found[code.upper()] = Severity(level)
    return found


def _with_sending(options: argparse.Namespace, profile: Profile) -> Profile:
    """The profile with what the flags say about sending, for every domain."""
    changes = _sending_changes(options)
    if not changes:
        return profile
    domains = {name: replace(sending, **changes) for name, sending in profile.domain_sending.items()}
    return replace(profile, sending=replace(profile.sending, **changes), domain_sending=domains)


def _sending_changes(options: argparse.Namespace) -> dict[str, Any]:
    if not hasattr(options, "selector"):  # a command that does not ask how the domain sends
        return {}
    given = {
        "ips": addresses(options.ip),
        "helo": parse_domain(options.helo) if options.helo else None,
        "envelope_domain": parse_domain(options.envelope) if options.envelope else None,
        "selectors": tuple(options.selector),
        "providers": tuple(_provider(word) for word in options.provider),
        "smtp_host": options.smtp_host,
        "sends": options.sends,
        "daily_volume": options.daily_volume,
        "ask_name_servers": options.ask_name_servers,
    }
    empty = Sending()
    return {key: value for key, value in given.items() if value is not None and value != getattr(empty, key)}


def _provider(word: str) -> str:
    from deliverability.providers.registry import provider, providers

    found = provider(word)
    if found is None:
        known = [p.id for p in providers()]
        raise UsageError(f"--provider: there is no provider {shown(word)}{did_you_mean(word, known)}")
    return found.id


def addresses(texts: Iterable[str]) -> tuple[IPAddress, ...]:
    """IP addresses from arguments. Raises `InvalidAddress`."""
    found: list[IPAddress] = []
    for text in texts:
        try:
            found.append(ip_address(text.strip()))
        except ValueError:
            raise InvalidAddress(
                f"{shown(text)} is not an IP address; give one such as 192.0.2.1 or 2001:db8::1"
            ) from None
    return tuple(found)


def reputation_files(paths: list[str]) -> tuple[Any, ...]:
    """The files of `--reputation`, read before anything is asked."""
    if not paths:
        return ()
    from deliverability.feedback.read import load

    return load(tuple(dict.fromkeys(paths)))
