"""`deliverability listen`: an SMTP server that audits what comes and delivers nothing."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverability import api
from deliverability.cli import words_message as words
from deliverability.cli.audit import NOTHING_TO_AUDIT
from deliverability.cli.gate import Gate
from deliverability.cli.message import filters, receiving, with_volume
from deliverability.cli.output import Progress, write_reports
from deliverability.cli.parser import UsageError, say
from deliverability.cli.places import mail_place
from deliverability.cli.settings import Settings, load_profile, settings
from deliverability.cli.worlds import World
from deliverability.core.errors import UnreadableFile
from deliverability.core.facts import Sample
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import shown, shown_path
from deliverability.core.report import Report
from deliverability.render import FORMATS
from deliverability.render.places import Place

if TYPE_CHECKING:
    from deliverability.testing.sink import SentMail, SmtpSink

#: Seconds between two looks at whether somebody pressed Ctrl-C.
_PATIENCE = 0.5


def run(options: argparse.Namespace, lang: str) -> int:
    """Take mails until told to stop; the exit code is the worst of their gates, 4 when none came."""
    profile = with_volume(load_profile(options), options)
    chosen = settings(options, profile, FORMATS)
    gate = Gate(options, profile)
    sink = _sink(options)
    world = World(options, profile)
    given, asked = receiving(options, profile), filters(options)
    number, samples = 0, deque[Sample](maxlen=DEFAULT_LIMITS.samples)
    try:
        sink.start()
    except OSError as error:
        raise UsageError(f"--port: {shown(options.host)} {options.port}: {error.strerror or error}") from None
    try:
        _say(words.LISTENING, lang, host=options.host, port=sink.port)
        for number, mail in enumerate(_mails(sink, options), 1):
            name = _kept(options.keep, number, mail)
            with Progress(world.source, chosen) as progress:
                progress.start(name)
                report = api.audit_message(
                    mail.raw,
                    name=name,
                    client_ip=mail.client_ip,
                    mail_from=mail.mail_from,
                    helo=mail.helo,
                    source=progress.source,
                    profile=profile,
                    receiving=given,
                    filters=asked,
                    domain=not options.message_only,
                    blocklists=options.blocklists,
                    others=samples,
                )
            samples.append(api.read_sample(mail.raw, name=name))
            place = mail_place(str(Path(options.keep) / name)) if options.keep else None
            [judged] = gate.apply([report])
            _write(judged, options, chosen, number, place)
    except KeyboardInterrupt:
        pass  # the way to end it: the exit code tells what was found until then
    finally:
        sink.stop()
        world.close()
    if not number:
        _say(words.NO_MAIL, lang)
        return NOTHING_TO_AUDIT
    return gate.finish()


def _sink(options: argparse.Namespace) -> SmtpSink:
    if not 0 <= options.port < 65536:
        raise UsageError("--port: give a number from 0 to 65535")
    if options.count is not None and options.count < 1:
        raise UsageError("--count: give a whole number, at least 1")
    if options.wait is not None and not options.wait > 0:
        raise UsageError("--wait: give seconds, more than 0")
    try:
        from deliverability.testing.sink import SmtpSink
    except ImportError:
        raise UsageError("`listen` needs aiosmtpd: install deliverability[testing]") from None
    return SmtpSink(options.host, options.port, certificate=options.tls_certificate, key=options.tls_key)


def _mails(sink: SmtpSink, options: argparse.Namespace) -> Any:
    """The mails as they come, as many as were asked for, until none comes for `--wait` seconds."""
    most = 1 if options.once else options.count
    taken, waited = 0, 0.0
    while most is None or taken < most:
        mail = sink.take(_PATIENCE)
        if mail is not None:
            taken, waited = taken + 1, 0.0
            yield mail
            continue
        waited += _PATIENCE
        if options.wait is not None and waited >= options.wait:
            return


def _kept(folder: str | None, number: int, mail: SentMail) -> str:
    """The mail's name; written into the folder where one was given. No file name comes from the mail."""
    name = f"mail-{number:04}.eml"
    if folder is None:
        return name
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_bytes(mail.raw)
    except OSError as error:
        raise UnreadableFile(f"{shown_path(folder)} cannot be written: {error.strerror}") from None
    return name


def _write(report: Report, options: argparse.Namespace, chosen: Settings, number: int, place: Place | None) -> None:
    """One report a mail: to standard output, or to files numbered beside `--output`."""
    target = chosen
    if chosen.output is not None and number > 1:
        path = chosen.output
        target = replace(chosen, output=path.with_name(f"{path.stem}-{number}{path.suffix}"))
    write_reports([report], options, target, [place])


def _say(text: tuple[str, str], lang: str, **fields: object) -> None:
    print(say(text, lang).format(**fields), file=sys.stderr, flush=True)  # noqa: T201
