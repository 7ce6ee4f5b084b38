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

    def refuses(self, host: str, asked: str) -> str:
        """Why a host that is not this machine may not be asked now; "" where it may. A name may be anywhere but for
        `localhost` (RFC 6761 §6.3)."""
        if self.refuse is None or host.lower().rstrip(".") == "localhost":
            return ""
        from ipaddress import ip_address  # noqa: PLC0415 - nothing is imported where nothing is asked

        try:
            here = ip_address(host.strip("[]")).is_loopback
        except ValueError:
            here = False
        return "" if here else self.refuse(asked).detail


GUARD = Guard()
