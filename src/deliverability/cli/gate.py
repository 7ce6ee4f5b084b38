"""The gate of every command that gives reports: what is known, what is over, and the exit code."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deliverability.cli.places import in_project
from deliverability.cli.precedence import value_of
from deliverability.core.baseline import Baseline
from deliverability.core.expiry import ExpiredIgnore, Expiry
from deliverability.core.report import Report, worst

if TYPE_CHECKING:
    from deliverability.core.profile import Profile


class Gate:
    """Takes the reports of a run, at once or one after another, and ends in its exit code.

    The files are read before anything is asked, so that a wrong path does not cost an audit.
    """

    def __init__(self, options: argparse.Namespace, profile: Profile) -> None:
        self._path = options.write_baseline
        self._profile = profile
        known = value_of("baseline", options, profile)
        # Whoever writes a baseline wants today's findings in it, those of an older one included.
        self._baseline = Baseline() if self._path or not known else Baseline.load(known)
        self._codes: list[int] = []

    def apply(self, reports: Iterable[Report], names: Sequence[str] = ()) -> list[Report]:
        """The reports as they count. `names` are those under which a baseline knows them, where not by their subject."""
        found = [self._placed(report) for report in reports]
        if self._path:
            self._baseline += Baseline.of(found, names=names)
        padded = [*names, *[""] * (len(found) - len(names))]
        judged = [self._baseline.apply(report, name=name) for report, name in zip(found, padded, strict=True)]
        judged = _told_once(judged)
        self._codes += [report.exit_code() for report in judged]
        return judged

    def finish(self) -> int:
        """Write the baseline where one was asked for, and give the exit code of the run."""
        if self._path:
            self._baseline.save(self._path)
        return worst(self._codes)

    def _placed(self, report: Report) -> Report:
        """The report with the path of the configuration as the project has it."""
        path = self._profile.path
        if path is None or not report.expired_ignores:
            return report
        file = in_project(path, os.environ)
        return replace(report, expired_ignores=tuple(replace(entry, file=file) for entry in report.expired_ignores))


def _told_once(reports: list[Report]) -> list[Report]:
    """An entry whose problem is gone for one domain may stand for another: then, and after once, it is not told."""
    everywhere = [entry for report in reports for entry in report.expired_ignores]
    told = {_key(entry) for entry in everywhere if entry.state is not Expiry.GONE}
    ready: list[Report] = []
    for report in reports:
        kept: list[ExpiredIgnore] = []
        for entry in report.expired_ignores:
            if entry.state is Expiry.GONE and _key(entry) in told:
                continue
            told.add(_key(entry))
            kept.append(entry)
        ready.append(
            report if len(kept) == len(report.expired_ignores) else replace(report, expired_ignores=tuple(kept))
        )
    return ready


def _key(entry: ExpiredIgnore) -> tuple[object, ...]:
    return entry.code, entry.subject, entry.until, entry.line
