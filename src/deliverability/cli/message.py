"""`deliverability message`: one mail or several, and the gate over them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from deliverability import api
from deliverability.cli import words_message as words
from deliverability.cli.gate import Gate
from deliverability.cli.output import Progress, write_reports
from deliverability.cli.parser import UsageError, say
from deliverability.cli.places import mail_place
from deliverability.cli.settings import addresses, load_profile, reputation_files, settings
from deliverability.cli.worlds import World
from deliverability.core.errors import UnreadableFile
from deliverability.core.facts import MailClass, Receiving, Sample
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import shown, shown_path
from deliverability.core.profile import Profile, did_you_mean
from deliverability.core.report import Report
from deliverability.render import FORMATS


class Mail(NamedTuple):
    """A mail, the name it goes by, and where it was read from."""

    name: str
    path: str
    raw: bytes


def run(options: argparse.Namespace, lang: str) -> int:
    """Audit the mails, write the reports, and return the exit code of the gate."""
    profile = with_volume(load_profile(options), options)
    chosen = settings(options, profile, FORMATS)
    given = receiving(options, profile)
    wanted = probes(options, lang)
    files = reputation_files(options.reputation)
    if options.crosscheck:
        from deliverability.crosscheck.process import MODULES, require

        require(tuple(MODULES))
    gate = Gate(options, profile)
    world = World(options, profile)
    samples = _samples(options.files)
    reports: list[Report] = []
    with Progress(world.source, chosen) as progress:
        for mail in _mails(options.files):
            progress.start(mail.name)
            report = api.audit_message(
                mail.raw,
                name=mail.name,
                client_ip=addresses([options.ip])[0] if options.ip else None,
                mail_from=_bare(options.mail_from),
                helo=options.helo,
                source=progress.source,
                profile=profile,
                receiving=given,
                filters=filters(options),
                domain=not options.message_only,
                blocklists=options.blocklists,
                probes=wanted,
                reputation=files,
                others=[sample for path, sample in samples.items() if path != mail.path],
            )
            reports.append(_crosschecked(report, mail) if options.crosscheck else report)
    world.close()
    paths = list(dict.fromkeys(options.files))
    judged = gate.apply(reports, [_known_as(path) for path in paths])
    code = gate.finish()
    write_reports(judged, options, chosen, [mail_place(path) for path in paths])
    return code


def _known_as(path: str) -> str:
    """The name under which a baseline knows a mail: its file's in the project; by what it is from where there is none."""
    place = mail_place(path)
    return place.path if place else ""


def _mails(paths: list[str]) -> Iterator[Mail]:
    for path in dict.fromkeys(paths):
        yield Mail(Path(path).name if path != "-" else "stdin", path, read_mail(path))


def _samples(paths: list[str]) -> dict[str, Sample]:
    """What each of several mails is for the others. Standard input can be read only once, and is none."""
    files = [path for path in dict.fromkeys(paths) if path != "-"]
    if len(set(paths)) == 1:
        return {}
    return {path: api.read_sample(read_mail(path), name=Path(path).name) for path in files}


def read_mail(path: str) -> bytes:
    """The octets of a mail, at most one more than is audited, so that the audit can tell that there is more."""
    most = DEFAULT_LIMITS.message_octets + 1
    if path == "-":
        return sys.stdin.buffer.read(most)
    try:
        with Path(path).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise UnreadableFile(f"{shown_path(path)} cannot be read: {error.strerror}") from None


def _bare(address: str | None) -> str | None:
    return None if address is None else address.strip().removeprefix("<").removesuffix(">")


def with_volume(profile: Profile, options: argparse.Namespace) -> Profile:
    """The profile with `--daily-volume` over it."""
    if options.daily_volume is None:
        return profile
    told = {name: replace(s, daily_volume=options.daily_volume) for name, s in profile.domain_sending.items()}
    return replace(profile, sending=replace(profile.sending, daily_volume=options.daily_volume), domain_sending=told)


def receiving(options: argparse.Namespace, profile: Profile) -> Receiving:
    """What the flags say about the receiver of the sample, over the profile."""
    given = profile.receiving
    if options.mail_class is not None:
        words = [kind.value for kind in MailClass]
        if options.mail_class not in words:
            hint = did_you_mean(options.mail_class, words)
            raise UsageError(f"--class: {shown(options.mail_class)} is none of {', '.join(words)}{hint}")
        given = replace(given, mail_class=MailClass(options.mail_class))
    hosts, ids = getattr(options, "boundary", None), getattr(options, "authserv_id", None)
    if hosts:
        given = replace(given, boundary_hosts=tuple(hosts))
    return replace(given, authserv_ids=tuple(ids)) if ids else given


def probes(options: argparse.Namespace, lang: str) -> Any:
    """What may be asked on the web, of the flags; None where they allow nothing."""
    if not options.check_links and not options.unsubscribe_test:
        return None
    if options.offline or options.replay:
        raise UsageError(say(words.WEB_OFFLINE, lang))
    from deliverability.audits.probes import Probes, web_scheme

    if options.unsubscribe_test and web_scheme(options.unsubscribe_test) != "https":
        raise UsageError(say(words.NOT_HTTPS, lang))
    return Probes(links=options.check_links, unsubscribe=options.unsubscribe_test)


def filters(options: argparse.Namespace) -> tuple[Any, ...]:
    """The filters to ask, of the flags."""
    asked: list[Any] = []
    if options.spamassassin:
        from deliverability.filters.spamassassin import SpamAssassin

        asked.append(SpamAssassin.at(options.spamassassin))
    if options.rspamd:
        from deliverability.filters.rspamd import Rspamd

        asked.append(Rspamd.at(options.rspamd))
    return tuple(asked)


def _crosschecked(report: Report, mail: Mail) -> Report:
    """The report with second opinions on it: of dkimpy on the message, of the others on its domain."""
    from deliverability.crosscheck import crosscheck
    from deliverability.crosscheck.message import crosscheck_message

    opinions = crosscheck_message(mail.raw, report.answers, now=report.now)
    if "spf_tree" in report.details:
        domain = crosscheck(report, report.answers)
        rows, tools = (*opinions.rows, *domain.rows), (*opinions.tools, *domain.tools)
        opinions = replace(opinions, rows=rows, tools=tools, ways=domain.ways)
    return replace(report, details={**report.details, "crosscheck": opinions})
