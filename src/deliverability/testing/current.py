"""The test that runs now, for what it calls. Imports nothing: every run of pytest loads it."""

from __future__ import annotations

from typing import Any


class Current:
    """What the plug-in knows of the running test; None outside of pytest."""

    __slots__ = ("item", "refused")

    def __init__(self) -> None:
        #: The `pytest.Item`.
        self.item: Any = None
        #: What it would have asked of the world, as words, and was not allowed to.
        self.refused: list[str] = []


CURRENT = Current()
