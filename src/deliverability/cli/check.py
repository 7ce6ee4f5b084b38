"""`deliverability check`: configuration files, mails and zone files of a project, each by what is in it; asks nobody."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from deliverability import api
from deliverability.cli import complain, words_check
from deliverability.cli.gate import Gate
from deliverability.cli.message import read_mail
from deliverability.cli.output import write_reports
from deliverability.cli.parser import USAGE, say
from deliverability.cli.places import mail_place
from deliverability.cli.settings import load_profile, settings
from deliverability.core.errors import DeliverabilityError
from deliverability.core.names import DomainName, is_subdomain, registrable_domain
from deliverability.core.profile import Profile
from deliverability.core.report import Report
from deliverability.render import FORMATS
from deliverability.sources.zone import ZoneSource
from deliverability.sources.zonefile import domain_of_file

_REVERSE = "arpa"


def run(options: argparse.Namespace, lang: str) -> int:
    """Check every file, write the reports, and return the exit code: 2 for a file that cannot be read, else the gate's."""
    paths = list(dict.fromkeys(options.files))
    faults = [error for path in paths if _is_config(path) for error in _faults_of_config(Path(path))]
    zones: dict[str, ZoneSource] = {}
    for path in paths:
        if not _is_config(path) and not _is_mail(path):
            try:
                zones[path] = ZoneSource.from_file(path)
            except DeliverabilityError as error:
                faults.append(error)
    for fault in faults:
        complain(str(fault), lang)
    if faults:
        return USAGE
    options.incomplete = options.incomplete or "pass"
    profile = load_profile(options)
    chosen = settings(options, profile, FORMATS)
    gate = Gate(options, profile)
    told = _reports(paths, zones, profile)
    places = [mail_place(path) for _, path in told]
    names = [
        place.path if place and report.kind == "message" else ""
        for (report, _), place in zip(told, places, strict=True)
    ]
    judged = gate.apply([report for report, _ in told], names)
    code = gate.finish()
    if judged or chosen.format != "terminal":
        write_reports(judged, options, chosen, places)
    if not chosen.quiet:
        print(f"deliverability: {say(words_check.IN_ORDER, lang).format(n=len(paths))}", file=sys.stderr)  # noqa: T201
    return code


def _is_config(path: str) -> bool:
    return path.lower().endswith(".toml")


def _is_mail(path: str) -> bool:
    return path.lower().endswith(".eml")


def _faults_of_config(path: Path) -> list[DeliverabilityError]:
    """What is wrong with a configuration file; a pyproject.toml without a table for us is none of ours."""
    try:
        if path.name != "pyproject.toml" or _has_table(path):
            _check_codes(Profile.load(path))
    except DeliverabilityError as error:
        return [error]
    return []


def _has_table(path: Path) -> bool:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):  # whoever reads the profile says what is wrong
        return True
    tool = tables.get("tool")
    return isinstance(tool, dict) and "deliverability" in tool


def _check_codes(profile: Profile) -> None:
    if profile.select or profile.ignore or profile.severity:
        from deliverability.registry import RULES

        profile.check_codes((rule.code, rule.name) for rule in RULES)


def _reports(paths: Sequence[str], zones: dict[str, ZoneSource], profile: Profile) -> list[tuple[Report, str]]:
    """The report on each mail and on each domain whose zone is there, with the file it is about."""
    source = ZoneSource.from_file(*zones)
    reports: list[tuple[Report, str]] = []
    for path in paths:
        if _is_mail(path):
            mail = api.audit_message(
                read_mail(path), name=Path(path).name, source=source, profile=profile, domain=False, blocklists=False
            )
            reports.append((mail, path))
        elif path in zones:
            domains = [domain for domain in _domains(path, zones[path]) if _sends(domain)]
            told = api.audit_domains(domains, source=source, profile=profile, try_fixes=True, blocklists=False)
            reports += [(report, path) for report in told]
    return reports


def _domains(path: str, zone: ZoneSource) -> tuple[DomainName, ...]:
    """The zones in a file; of records without an SOA, the domain that the file is named after."""
    named = domain_of_file(Path(path).name)
    if zone.apexes or named is None or not any(is_subdomain(name, named) for name in zone.names):
        return zone.apexes
    return (named,)


def _sends(apex: DomainName) -> bool:
    """Whether mail may come from there: not from reverse zones and public suffixes."""
    return not is_subdomain(apex, _REVERSE) and registrable_domain(apex) is not None
