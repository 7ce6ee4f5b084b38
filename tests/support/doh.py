"""A DNS-over-HTTPS server on loopback that answers TXT questions, or misbehaves as its path says."""

from __future__ import annotations

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import dns.message
import dns.rrset


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or refuses the certificate, is part of the tests."""


class DohServer:
    """Answers POSTs at /dns-query; the other paths are faults."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_GET(self) -> None:
                self.send_error(405)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
                outer.bodies.append(body)
                outer.respond(self, body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        self._http = _Server(("127.0.0.1", 0), Handler)
        self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True, kwargs={"poll_interval": 0.05})

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def respond(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        path = handler.path
        headers = {"content-type": "application/dns-message"}
        status, wire = 200, _answer(body)
        if path.startswith("/status/"):
            status = int(path.removeprefix("/status/"))
            headers["location"] = "https://127.0.0.1:1/"
        elif path == "/html":
            headers["content-type"] = "text/html\x0b; charset=utf-8"
        elif path == "/big":
            wire = b"\0" * 200_000
        elif path == "/other":
            wire = wire[:13] + b"x" + wire[14:]
        elif path == "/cut":
            headers["content-length"] = str(len(wire) + 50)
            handler.close_connection = True
        elif path == "/drip":
            headers["content-length"] = str(len(wire))
        handler.send_response(status)
        headers.setdefault("content-length", str(len(wire)))
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.end_headers()
        if path == "/drip":
            for octet in wire:
                handler.wfile.write(bytes((octet,)))
                time.sleep(0.3)
        else:
            handler.wfile.write(wire)


def _answer(body: bytes) -> bytes:
    query = dns.message.from_wire(body)
    response = dns.message.make_response(query, recursion_available=True)
    response.answer.append(dns.rrset.from_text(query.question[0].name, 300, "IN", "TXT", '"v=spf1 -all"'))
    return response.to_wire()
