"""Where the shared evidence lies: RFC texts, conformance suites, real records. It is no part of the project.

from tests.support.shared import SHARED, needs_shared

@needs_shared("rfc")
def test_…: (SHARED / "rfc" / "rfc7208.txt").read_text()
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared"


def _find() -> Path | None:
    told = os.environ.get("DELIVERABILITY_SHARED")
    folder = Path(told) if told else _BESIDE
    return folder if folder.is_dir() else None


#: The folder, or None: then tests that need it skip.
SHARED: Path | None = _find()


def shared(*parts: str) -> Path:
    """A path in the shared folder. Skips the running test (or module, at import) when it is not there."""
    path = SHARED.joinpath(*parts) if SHARED else None
    if path is None or not path.exists():
        pytest.skip(_reason(*parts), allow_module_level=True)
    return path


def needs_shared(*parts: str) -> pytest.MarkDecorator:
    """A mark that skips a test when this part of the shared folder is not there."""
    present = SHARED is not None and SHARED.joinpath(*parts).exists()
    return pytest.mark.skipif(not present, reason=_reason(*parts))


def _reason(*parts: str) -> str:
    what = "/".join(parts) or "the folder"
    return f"{what} of the shared evidence is not here (../shared beside the checkout, or DELIVERABILITY_SHARED)"
