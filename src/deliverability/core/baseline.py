"""The findings that were there when somebody drew the line: a later audit then fails on new ones only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from deliverability.core.errors import UnreadableFile
from deliverability.core.finding import Finding
from deliverability.core.names import shown_path
from deliverability.core.report import Ignored, Report

BASELINE_VERSION = 1
#: The reason that stands beside what a baseline sets aside.
REASON = "baseline"


class KnownFinding(NamedTuple):
    """One finding of a baseline. Domain and fingerprint decide; code and subject are for the reader of the file."""

    #: The domain or address that was audited; of a mail in a file, the name of the file.
    domain: str
    code: str
    subject: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """Fingerprints of known findings. The file is sorted JSON without dates, so that it diffs well in version control."""

    known: tuple[KnownFinding, ...] = ()

    @classmethod
    def of(cls, reports: Iterable[Report], *, names: Iterable[str] = ()) -> Baseline:
        """The findings of these reports, each under its own of `names`, else under what was audited."""
        named = zip_longest(tuple(reports), names, fillvalue="")
        known = {
            KnownFinding(name or report.subject, f.code, f.subject, f.fingerprint)
            for report, name in named
            if isinstance(report, Report)
            for f in report.findings
        }
        return cls(tuple(sorted(known)))

    def __add__(self, other: Baseline) -> Baseline:
        """What either of them knows."""
        return Baseline(tuple(sorted({*self.known, *other.known})))

    @classmethod
    def load(cls, path: str | Path) -> Baseline:
        """Read a baseline file. Raises `UnreadableFile` with the path and what is wrong."""
        try:
            document = json.loads(Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise UnreadableFile(f"baseline {shown_path(path)} cannot be read: {_reason(error)}") from None
        try:
            return cls(_known(document))
        except (KeyError, TypeError, ValueError):
            raise UnreadableFile(
                f"baseline {shown_path(path)} is not a baseline of this version; write it again with --write-baseline"
            ) from None

    def save(self, path: str | Path) -> None:
        """Write the baseline. Raises `UnreadableFile` where the path cannot be written."""
        findings = [
            {"code": k.code, "domain": k.domain, "fingerprint": k.fingerprint, "subject": k.subject}
            for k in sorted(self.known)
        ]
        text = json.dumps({"findings": findings, "version": BASELINE_VERSION}, indent=2, sort_keys=True)
        try:
            Path(path).write_text(text + "\n", "utf-8")
        except OSError as error:
            raise UnreadableFile(f"baseline {shown_path(path)} cannot be written: {_reason(error)}") from None

    def fingerprints(self, domain: str = "") -> frozenset[str]:
        """The known fingerprints: of one domain, or of all for ""."""
        return frozenset(k.fingerprint for k in self.known if not domain or k.domain == domain)

    def apply(self, report: Report, *, name: str = "") -> Report:
        """The report with what is known set aside, so that only new findings count for the gate; the score stays.

        What to do is then what mends something new. `name` is that under which it was written down, "" what was audited.
        """
        known = self.fingerprints(name or report.subject)
        kept = tuple(item for item in report.checked if not _is_known(item.outcome, known))
        old = tuple(Ignored(f, REASON) for f in report.findings if f.fingerprint in known)
        over = tuple(e for e in report.expired_ignores if not e.fails or not e.fingerprints <= known)
        aside = replace(report, checked=kept, ignored=(*report.ignored, *old), expired_ignores=over)
        new = aside.findings
        return replace(aside, actions=tuple(action for action in report.actions if any(map(action.mends, new))))


def _is_known(outcome: object, known: frozenset[str]) -> bool:
    return isinstance(outcome, Finding) and outcome.fingerprint in known


def _known(document: Any) -> tuple[KnownFinding, ...]:
    if document["version"] != BASELINE_VERSION:
        raise ValueError("another version")
    return tuple(
        sorted(
            KnownFinding(str(f["domain"]), str(f["code"]), str(f["subject"]), str(f["fingerprint"]))
            for f in document["findings"]
        )
    )


def _reason(error: Exception) -> str:
    """Why a file could not be used, in the operating system's or the decoder's words, on one line."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else " ".join(str(error).split())
