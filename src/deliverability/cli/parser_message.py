"""The arguments of `message`, `listen` and `blocklist`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from deliverability.cli import words_message as words
from deliverability.cli.words import BLOCKLISTS, REPUTATION

if TYPE_CHECKING:
    from deliverability.cli.parser import Builder, Parser


def add_message(build: Builder, into: argparse._SubParsersAction[Parser]) -> Parser:
    """`deliverability message`, its own arguments."""
    parser = build.command(into, "message", "FILE|- …", words.MESSAGE, words.MESSAGE_LONG)
    parser.add_argument("files", nargs="+", metavar="FILE", help=build.say(words.FILES))
    session = parser.add_argument_group(build.say(words.GROUP_SESSION))
    session.add_argument("--ip", metavar="IP", help=build.say(words.CLIENT_IP))
    session.add_argument("--mail-from", metavar="ADDRESS", help=build.say(words.MAIL_FROM))
    session.add_argument("--helo", metavar="NAME", help=build.say(words.HELO))
    session.add_argument("--boundary", metavar="HOST", action="append", default=[], help=build.say(words.BOUNDARY))
    session.add_argument("--authserv-id", metavar="ID", action="append", default=[], help=build.say(words.AUTHSERV))
    _judging(build, parser)
    parser.add_argument("--crosscheck", action="store_true", help=build.say(words.CROSSCHECK))
    parser.add_argument("--reputation", metavar="FILE", action="append", default=[], help=build.say(REPUTATION))
    web = parser.add_argument_group(build.say(words.GROUP_WEB))
    web.add_argument("--check-links", action="store_true", help=build.say(words.CHECK_LINKS))
    web.add_argument("--unsubscribe-test", metavar="URL", default="", help=build.say(words.UNSUBSCRIBE_TEST))
    return parser


def add_listen(build: Builder, into: argparse._SubParsersAction[Parser]) -> Parser:
    """`deliverability listen`, its own arguments."""
    parser = build.command(into, "listen", "", words.LISTEN, words.LISTEN_LONG)
    parser.add_argument("--host", default="127.0.0.1", metavar="IP", help=build.say(words.HOST))
    parser.add_argument("--port", type=int, default=2525, metavar="N", help=build.say(words.PORT))
    parser.add_argument("--once", action="store_true", help=build.say(words.ONCE))
    parser.add_argument("--count", type=int, metavar="N", help=build.say(words.COUNT))
    parser.add_argument("--wait", type=float, metavar="SECONDS", help=build.say(words.WAIT))
    parser.add_argument("--tls-certificate", metavar="FILE", help=build.say(words.TLS_CERTIFICATE))
    parser.add_argument("--tls-key", metavar="FILE", help=build.say(words.TLS_KEY))
    parser.add_argument("--keep", metavar="FOLDER", help=build.say(words.KEEP))
    _judging(build, parser)
    return parser


def add_blocklist(build: Builder, into: argparse._SubParsersAction[Parser]) -> Parser:
    """`deliverability blocklist`, its own arguments."""
    parser = build.command(into, "blocklist", "IP|DOMAIN …", words.BLOCKLIST, words.BLOCKLIST_LONG)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=build.say(words.TARGETS))
    parser.add_argument("--list", metavar="ID", action="append", default=[], help=build.say(words.LIST))
    parser.add_argument("--known", action="store_true", help=build.say(words.KNOWN))
    parser.add_argument("--reputation", metavar="FILE", action="append", default=[], help=build.say(REPUTATION))
    return parser


def _judging(build: Builder, parser: Parser) -> None:
    parser.add_argument("--class", metavar="KIND", dest="mail_class", help=build.say(words.CLASS))
    parser.add_argument("--daily-volume", type=int, metavar="N", help=build.say(words.VOLUME))
    parser.add_argument("--blocklists", action="store_true", default=None, help=build.say(BLOCKLISTS))
    parser.add_argument("--message-only", action="store_true", help=build.say(words.MESSAGE_ONLY))
    group = parser.add_argument_group(build.say(words.GROUP_FILTERS))
    group.add_argument("--spamassassin", metavar="HOST:PORT", help=build.say(words.SPAMASSASSIN))
    group.add_argument("--rspamd", metavar="URL", help=build.say(words.RSPAMD))
