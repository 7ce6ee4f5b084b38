"""Audits for a test: what is audited, on which answers, by which profile.

The answers come from the test's `dns_zone`. What it does not know is asked of live DNS where the test may ask, else of the
test's recording, else of nobody. A test with neither zone nor recording, and without leave to ask, fails: it would say
nothing about its domain.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deliverability.core.baseline import Baseline
from deliverability.core.errors import DeliverabilityError
from deliverability.core.plan import Source
from deliverability.core.profile import FAIL_ON, INCOMPLETE, Profile, did_you_mean
from deliverability.core.report import Report
from deliverability.core.text import LANGS, Lang
from deliverability.sources.snapshot import LiveRecorder, Snapshot
from deliverability.testing.forms import audit
from deliverability.testing.plugin import LIVE, RECORDING, marked, may_ask
from deliverability.testing.refusal import Refused
from deliverability.testing.zones import DnsZone

#: The folder beside a test's file that holds its recordings.
FOLDER = "snapshots"
_UNFIT = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100
#: The setting `deliverability_config` of a project that wants no file read.
_NO_FILE = "none"


class Recording:
    """What one test asks of live DNS, for its file."""

    def __init__(self, source: LiveRecorder, path: Path) -> None:
        self.source = source
        self._path = path

    def save(self) -> None:
        """Write the file, where something was asked."""
        if len(self.source.snapshot):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.source.snapshot.save(self._path)


class Auditor:
    """The fixture `deliverability_audit`: call it with a domain or a mail."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def __call__(self, what: object, *, source: Source | str | Path | None = None, **options: Any) -> Report:
        """The report on a domain or a mail.

        A mail may be octets, an `email.message.Message`, the path of an .eml file, a text that has line ends, or what
        `smtp_sink` took. `source` replaces where answers come from: a source, or the file of a recording beside the
        test's file. `options` are those of `audit_domain` and `audit_message`. It blocks only where live DNS is asked,
        and works inside a running event loop. Raises as those do, and `TypeError` for what is neither domain nor mail.
        """
        if isinstance(source, str | Path):
            source = Snapshot.load(self._item.path.parent / source)
        profile = options.setdefault("profile", profile_of(self._item))
        report = audit(what, source=source if source is not None else source_of(self._item), **options)
        known = getattr(profile, "baseline", None)
        return Baseline.load(known).apply(report) if known else report


def source_of(item: pytest.Item) -> Source:
    """Where a test's answers come from."""
    zone = getattr(item, "funcargs", {}).get("dns_zone")
    below = _below(item)
    if isinstance(zone, DnsZone) and zone:
        return zone if below is None else zone.over(below)
    return Refused() if below is None else below


def _below(item: pytest.Item) -> Source | None:
    if may_ask(item):
        return _recorder(item) if item.config.getoption("--deliverability-record") else _live(item)
    path = recording_path(item)
    return Snapshot.load(path) if path.is_file() else None


def _recorder(item: pytest.Item) -> Source:
    if RECORDING not in item.stash:
        item.stash[RECORDING] = Recording(Snapshot.recording(_live(item)), recording_path(item))
    recording: Recording = item.stash[RECORDING]
    return recording.source


def _live(item: pytest.Item) -> Any:
    """One source for the whole run, so that what tests share is asked once."""
    from deliverability.sources.live import LiveSource  # noqa: PLC0415 - dnspython only where DNS is asked

    if LIVE not in item.config.stash:
        profile = profile_of(item)
        item.config.stash[LIVE] = LiveSource(profile.nameservers, timeout=profile.timeout, retries=profile.retries)
    return item.config.stash[LIVE]


def recording_path(item: pytest.Item) -> Path:
    """The file of a test's recording: `snapshots/<file>/<test>.json` beside the test's file."""
    test = item.nodeid.partition("::")[2].replace("::", ".") or item.name
    name = _UNFIT.sub("-", test)[:_LONGEST_NAME]
    if name != test:  # two parameters must not share a file
        name = f"{name}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
    return item.path.parent / FOLDER / item.path.stem / f"{name}.json"


def language_of(item: pytest.Item) -> Lang:
    """The language of what is said about a test: its marker's, else the configuration's, else English."""
    told: Lang | None = marked(item).get("lang")
    try:
        return told or _configured(item).lang or "en"
    except DeliverabilityError:  # an audit says what is wrong with the configuration
        return "en"


def _configured(item: pytest.Item) -> Profile:
    root, told = item.config.rootpath, str(item.config.getini("deliverability_config"))
    profile = Profile.load(root / told) if told not in ("", _NO_FILE) else Profile()
    if not told:
        profile = Profile.find(root)
    if profile.select or profile.ignore or profile.severity:
        from deliverability.registry import RULES  # noqa: PLC0415 - every rule of the library

        profile.check_codes((rule.code, rule.name) for rule in RULES)
    return profile


def profile_of(item: pytest.Item) -> Profile:
    """The project's configuration, with what the test's marker says over it; a mistake in either fails the test."""
    try:
        profile = _configured(item)
    except DeliverabilityError as error:
        pytest.fail(str(error), pytrace=False)
    changes = {key: value for key, value in marked(item).items() if key in _WORDS}
    for key, value in changes.items():
        if value not in _WORDS[key]:
            words = ", ".join(_WORDS[key])
            hint = did_you_mean(value, _WORDS[key])
            pytest.fail(f"@pytest.mark.deliverability({key}={value!r}): none of {words}{hint}", pytrace=False)
    return replace(profile, **changes)


_WORDS = {"lang": LANGS, "fail_on": FAIL_ON, "incomplete": INCOMPLETE}
