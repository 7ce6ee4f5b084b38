"""The OpenSPF suites, through the public check_host.

RFC 7208: every case. RFC 4408: every case too; where RFC 7208 changed something (TXT only, permerror for more than ten
MX) the older suite allows both results.
"""

from __future__ import annotations

import pytest

from deliverability import spf
from tests.support.openspf import SuiteCase, cases
from tests.support.shared import SHARED, needs_shared

_FOLDER = SHARED / "conformance" / "spf-openspf" if SHARED else None
_CURRENT = cases(_FOLDER / "rfc7208-tests.yml" if _FOLDER else None)
_OLD = cases(_FOLDER / "rfc4408-tests.yml" if _FOLDER else None)


def _check(case: SuiteCase) -> spf.SpfResult:
    return spf.check_host(case.ip, case.domain, case.mail_from, helo=case.helo, source=case.source)


def _assert_sound(case: SuiteCase, result: spf.SpfResult) -> None:
    """The explanation is the suite's, the same comes again with records kept, and the trace tells how."""
    if case.explanation is not None:
        # The suite's default explanation stands for "the domain gave none" (RFC 7208 §6.2).
        assert result.explanation == ("" if case.explanation == "DEFAULT" else case.explanation)
    kept = spf.RecordCache()
    for _ in range(2):
        again = spf.check_host(case.ip, case.domain, case.mail_from, helo=case.helo, source=case.source, records=kept)
        assert again == result
    assert (result.problem is None) == (result.result in ("pass", "fail", "softfail", "neutral"))
    assert len(result.trace) >= (result.result != "none")


@needs_shared("conformance", "spf-openspf")
@pytest.mark.parametrize("case", _CURRENT, ids=lambda case: case.name)
def test_rfc7208_suite(case: SuiteCase) -> None:
    result = _check(case)

    assert result.result in case.results, case.comment
    _assert_sound(case, result)


@needs_shared("conformance", "spf-openspf")
@pytest.mark.parametrize("case", _OLD, ids=lambda case: case.name)
def test_rfc4408_suite(case: SuiteCase) -> None:
    result = _check(case)

    assert result.result in case.results, case.comment
    _assert_sound(case, result)


@needs_shared("conformance", "spf-openspf")
def test_the_suites_are_whole() -> None:
    assert len(_CURRENT) == 203
    assert len(_OLD) == 191
