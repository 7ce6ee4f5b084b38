"""The network is blocked in tests but for loopback; properties are tried on the same examples in every run.

`make fuzz` looks for new examples instead: what it finds becomes an `@example` or a test of its own.
"""

from __future__ import annotations

import gc
import os
import socket

import pytest
from hypothesis import HealthCheck, settings

# Neither a slow machine nor a lucky draw decides about a gate.
settings.register_profile(
    "gate", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fuzz", parent=settings.get_profile("gate"), derandomize=False, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay alive to the end: the garbage collector need not look at them ever again."""
    gc.collect()
    gc.freeze()


_connect = socket.socket.connect
_sendto = socket.socket.sendto


def _is_loopback(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    return host.startswith("127.") or host in ("::1", "localhost")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: object) -> None:
        if not _is_loopback(address):
            raise AssertionError(f"a test tried to reach {address}")
        _connect(self, address)

    def sendto(self: socket.socket, data: bytes, *rest: object) -> int:
        if not _is_loopback(rest[-1]):
            raise AssertionError(f"a test tried to reach {rest[-1]}")
        return _sendto(self, data, *rest)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "sendto", sendto)
