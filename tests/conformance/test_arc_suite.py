"""The validation cases of the ARC test suite (RFC 8617), all 171 of them.

dkimpy passes 170. The one it misses is `as_fields_b_512`, a chain sealed with an RSA key of 512 bits: RFC 8301 §3.2
forbids to accept keys below 1024 bits, and dkimpy's check of ARC has no lower bound unless the caller sets one.

Three cases leave the status open: the newest seal says cv=fail. RFC 8617 §5.2 step 2 makes that `fail`.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from deliverability.arc import verify
from deliverability.sources.table import TableSource
from tests.support.shared import SHARED, needs_shared

_STATUS = {"None": "none", "Pass": "pass", "Fail": "fail", "": "fail"}


def _cases() -> list[Any]:
    path = SHARED / "conformance" / "arc-valimail" / "arc-draft-validation-tests.yml" if SHARED else None
    if path is None or not path.exists():
        return []
    return [
        pytest.param(test, scenario["txt-records"], id=name)
        for scenario in yaml.safe_load_all(path.read_text("utf-8"))
        for name, test in scenario["tests"].items()
    ]


CASES = _cases()


@needs_shared("conformance", "arc-valimail")
def test_the_suite_is_whole() -> None:
    assert len(CASES) == 171


@needs_shared("conformance", "arc-valimail")
@pytest.mark.parametrize(("case", "records"), CASES)
def test_validation(case: dict[str, Any], records: dict[str, str]) -> None:
    source = TableSource({f"{name}/TXT": [record] for name, record in records.items()})

    result = verify(case["message"].encode().replace(b"\n", b"\r\n"), source=source)

    assert result.result == _STATUS[str(case["cv"] or "")]
