"""The validation cases of the ARC test suite (RFC 8617), all 171 of them.

dkimpy passes 170 of them when it is not told the smallest key to accept. The one it misses then is `as_fields_b_512`, a
chain sealed with an RSA key of 512 bits, which RFC 8301 §3.2 forbids to accept; see the last test.

Three cases leave the status open: the newest seal says cv=fail. RFC 8617 §5.2 step 2 makes that `fail`.
"""

from __future__ import annotations

from typing import Any

import dkim as dkimpy
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


@needs_shared("conformance", "arc-valimail")
def test_dkimpy_accepts_short_keys_when_no_least_is_given() -> None:
    case, records = next(param.values for param in CASES if param.id == "as_fields_b_512")
    raw = case["message"].encode().replace(b"\n", b"\r\n")

    def lookup(name: bytes, **_: Any) -> bytes:
        return str(records[name.decode().rstrip(".")]).encode()

    assert dkimpy.arc_verify(raw, dnsfunc=lookup, minkey=0)[0] == b"pass"
    assert dkimpy.arc_verify(raw, dnsfunc=lookup)[0] == b"fail"
