"""Who may ask the world: everybody, until a test run says that questions need leave (testing/plugin.py).

Imports nothing, because every run of pytest in an environment with this package loads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deliverability.core.questions import Failed


class Guard:
    """Stands in front of whatever leaves the machine. Servers that a test runs on loopback are no part of the world."""

    __slots__ = ("refuse",)

    def __init__(self) -> None:
        #: Takes what was going to be asked (a question, an address on the web), and gives the answer instead; None: ask.
        self.refuse: Callable[[object], Failed] | None = None


GUARD = Guard()
