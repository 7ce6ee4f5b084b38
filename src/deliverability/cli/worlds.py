"""The source a command asks: live DNS, a recording or nobody, with zone files over it, recorded where asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from deliverability.cli.parser import UsageError
from deliverability.cli.precedence import given, value_of
from deliverability.core.names import shown_path
from deliverability.core.plan import KnownSource, Source
from deliverability.core.profile import LONGEST_TIMEOUT, MOST_RETRIES, Profile
from deliverability.core.report import Report


def open_world(options: argparse.Namespace, profile: Profile) -> Source:
    """The source that the input options describe."""
    return _overlaid(options, _below(options, profile))


def _overlaid(options: argparse.Namespace, source: Source) -> Source:
    """The zones of `--zone` over a source, the last one first."""
    for path in options.zone:
        from deliverability.sources.overlay import Overlay
        from deliverability.sources.zone import ZoneSource

        source = Overlay(ZoneSource.from_file(*_zone_files(path)), source)
    return source


def is_proposal(options: argparse.Namespace) -> bool:
    """Whether zones are laid over a world that can be looked at without them, and before and after are wanted."""
    if not options.zone or getattr(options, "after_only", True):
        return False
    return bool(options.replay) or not options.offline


def _zone_files(path: str) -> list[Path]:
    from deliverability.sources.record_files import files_of

    files = files_of(Path(path))
    if not files:
        raise UsageError(f"--zone: there is no *.zone file in {shown_path(path)}")
    return files


def _below(options: argparse.Namespace, profile: Profile) -> Source:
    if options.replay:
        from deliverability.sources.snapshot import Snapshot

        return Snapshot.load(options.replay)
    if options.offline:
        from deliverability.sources.overlay import OFFLINE

        return OFFLINE
    from deliverability.sources.live import LiveSource

    nameservers = tuple(value_of("nameserver", options, profile))
    timeout, retries = _timeout(options, profile), _retries(options, profile)
    return LiveSource(nameservers, timeout=timeout, retries=retries)


def _timeout(options: argparse.Namespace, profile: Profile) -> float | None:
    told = given("timeout", options)
    if told is None:
        return profile.timeout
    try:
        seconds = float(told.value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise UsageError(f"{told.where}: give seconds, more than 0 and at most {LONGEST_TIMEOUT}")
    return seconds


def _retries(options: argparse.Namespace, profile: Profile) -> int | None:
    told = given("retries", options)
    if told is None:
        return profile.retries
    text = str(told.value)
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_RETRIES):
        raise UsageError(f"{told.where}: give a number from 0 to {MOST_RETRIES}")
    return int(text)


class World:
    """The source with a recorder over it when `--record` was given; `close` writes the recording."""

    def __init__(self, options: argparse.Namespace, profile: Profile) -> None:
        self._path = options.record
        self._recorder: Any = None
        #: What is proposed; then `source` is the world without it, and the caller says what to record.
        self.proposed: KnownSource | None = None
        if is_proposal(options):
            from deliverability.sources.overlay import OFFLINE

            self.proposed = cast(KnownSource, _overlaid(options, OFFLINE))
            self.source: Source = _below(options, profile)
            return
        self.source = open_world(options, profile)
        if self._path:
            from deliverability.sources.snapshot import Snapshot

            self._recorder = Snapshot.recording(self.source)
            self.source = self._recorder

    def record(self, reports: Iterable[Report]) -> None:
        """Record the answers of reports on a proposal: those of the world as it would be."""
        if self._path and self.proposed is not None:
            from deliverability.sources.snapshot import Snapshot

            merged = {question: answer for report in reports for question, answer in report.answers.items()}
            self._recorder = Snapshot.recording(self.source, Snapshot(merged))

    def close(self) -> None:
        """Write what was recorded."""
        if self._recorder is not None:
            self._recorder.snapshot.save(self._path)
