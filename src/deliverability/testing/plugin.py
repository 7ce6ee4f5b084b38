"""The plug-in for pytest: fixtures, a marker, and no question to the world unless the test run allows it.

Theory of operation. pytest loads this module in every run in an environment where this package is installed, so it
imports nothing of the package but three modules that import nothing themselves; what a fixture needs is imported by the
fixture. Around each phase of each test a guard (sources/guard.py) stands before live DNS and the web: a question that
is not allowed is not put, is answered "could not ask", and fails the phase with the list of what would have been asked.
It does so at the end, so that the list is whole and code that catches every exception cannot hide it.

A recording (`--deliverability-record`) is a snapshot in a file of its own for each test, beside the test's file, so that
tests that run side by side (pytest-xdist) never write to the same one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from deliverability.sources.guard import GUARD
from deliverability.testing.current import CURRENT

if TYPE_CHECKING:
    from deliverability.core.questions import Failed
    from deliverability.testing.auditing import Auditor
    from deliverability.testing.sink import SmtpSink
    from deliverability.testing.zones import DnsZone

MARKER = "deliverability"
#: What the marker takes, and what each must be.
MARKER_OPTIONS = {"live": bool, "lang": str, "fail_on": str, "incomplete": str, "starttls": bool}
_MARKER_HELP = (
    "deliverability(live=None, lang=None, fail_on=None, incomplete=None, starttls=False): "
    "live: whether this test may ask live DNS; lang: en or es; fail_on, incomplete: the gate, as in the configuration; "
    "starttls: whether smtp_sink offers STARTTLS"
)
#: The source of a run that asks live DNS, and what a test records, where one does.
LIVE = pytest.StashKey[Any]()
RECORDING = pytest.StashKey[Any]()
_TOLD = pytest.StashKey[dict[str, Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options and two settings."""
    group = parser.getgroup("deliverability", "deliverability: mail that will be believed")
    group.addoption(
        "--deliverability-live",
        action="store_true",
        default=None,
        help="let tests ask live DNS; without it such a question fails its test",
    )
    group.addoption(
        "--deliverability-record",
        action="store_true",
        help="ask live DNS, and write the answers of each audit beside its test; later runs replay them",
    )
    parser.addini("deliverability_live", "let tests ask live DNS (default: false)", type="bool", default=False)
    parser.addini(
        "deliverability_config",
        "configuration file of the audits, from the root folder on; `none` for none (default: the nearest)",
        default="",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line("markers", _MARKER_HELP)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the connections to name servers, where there were some."""
    if LIVE in config.stash:
        config.stash[LIVE].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Guard what fixtures ask."""
    return (yield from _guarded(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Guard what the test asks."""
    return (yield from _guarded(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Guard what is asked at the end, and write what was recorded."""
    try:
        return (yield from _guarded(item))
    finally:
        recording = item.stash.get(RECORDING, None)
        if recording is not None:
            recording.save()


def _guarded(item: pytest.Item) -> Generator[None, Any, Any]:
    before = GUARD.refuse, CURRENT.item, CURRENT.refused
    CURRENT.item, CURRENT.refused = item, []
    try:
        GUARD.refuse = None if may_ask(item) else _refuse
        result = yield
        if CURRENT.refused:
            pytest.fail(_complaint(), pytrace=False)
    except Exception as error:
        if CURRENT.refused:
            error.add_note(_complaint())
        raise
    finally:
        GUARD.refuse, CURRENT.item, CURRENT.refused = before
    return result


def may_ask(item: pytest.Item) -> bool:
    """Whether this test may ask the world: by its marker, the command line, or the ini file, the nearest first."""
    told = marked(item).get("live")
    if told is not None:
        return bool(told)
    option = item.config.getoption("--deliverability-live", None)
    return bool(option or item.config.getoption("--deliverability-record", False)) or bool(
        item.config.getini("deliverability_live")
    )


def marked(item: pytest.Item) -> dict[str, Any]:
    """What the markers of this test say, the nearest first. Fails the test for what the marker does not take."""
    told = item.stash.get(_TOLD, None)
    if told is None:
        told = item.stash[_TOLD] = {}  # read once, so that one mistake is told once
        for mark in item.iter_markers(MARKER):
            _check(mark)
            for key, value in mark.kwargs.items():
                if value is not None:
                    told.setdefault(key, value)
    return told


def _check(mark: pytest.Mark) -> None:
    known = ", ".join(MARKER_OPTIONS)
    if mark.args:
        pytest.fail(f"@pytest.mark.{MARKER} takes keywords only: {known}", pytrace=False)
    for key, value in mark.kwargs.items():
        kind = MARKER_OPTIONS.get(key)
        if kind is None:
            pytest.fail(f"@pytest.mark.{MARKER} takes no {key!r}; it takes {known}", pytrace=False)
        if value is not None and type(value) is not kind:
            pytest.fail(f"@pytest.mark.{MARKER}({key}={value!r}): expected {kind.__name__}", pytrace=False)


def _refuse(asked: object) -> Failed:
    from deliverability.testing.refusal import refusal  # noqa: PLC0415 - only where something is asked

    return refusal(asked)


def _complaint() -> str:
    from deliverability.testing.refusal import complaint  # noqa: PLC0415 - as above

    return complaint(CURRENT.refused)


@pytest.fixture
def dns_zone() -> DnsZone:
    """The DNS of this test: call it with zone text, a file or a table, as often as needed; `fails(name)` breaks a name."""
    from deliverability.testing.zones import DnsZone  # noqa: PLC0415 - every fixture loads what it is made of

    return DnsZone()


@pytest.fixture
def deliverability_audit(request: pytest.FixtureRequest) -> Auditor:
    """Audits a domain or a mail on this test's `dns_zone`, on its recording, or live where that is allowed."""
    from deliverability.testing.auditing import Auditor  # noqa: PLC0415

    return Auditor(request.node)


@pytest.fixture
def smtp_sink(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpSink]:
    """An SMTP server on a free port of this machine that takes every mail and delivers none."""
    try:
        from deliverability.testing.sink import SmtpSink  # noqa: PLC0415
    except ImportError:
        pytest.fail("smtp_sink needs aiosmtpd: install deliverability[testing]", pytrace=False)
    certificate = None
    if marked(request.node).get("starttls"):
        from deliverability.testing.certificates import write_certificate  # noqa: PLC0415

        certificate = str(write_certificate(tmp_path_factory.mktemp("smtp_sink")))
    with SmtpSink(certificate=certificate) as running:
        yield running
