"""The network is blocked in tests but for loopback."""

from __future__ import annotations

import socket

import pytest

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
