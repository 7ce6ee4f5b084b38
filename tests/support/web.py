"""A web server on loopback whose pages are what their paths say, faults included."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or refuses the certificate, is part of the tests."""


class WebServer:
    """`pages` maps a path to a body; the other paths are below. `requests` holds method, path, headers and body."""

    def __init__(self, tls: ssl.SSLContext, pages: dict[str, bytes] | None = None) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.pages = pages or {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.serve(self)

            def do_HEAD(self) -> None:
                outer.serve(self)

            def do_POST(self) -> None:
                outer.serve(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        self._http = _Server(("127.0.0.1", 0), Handler)
        self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True, kwargs={"poll_interval": 0.05})

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def paths(self, method: str = "") -> list[str]:
        """The paths that were asked for, in order."""
        return [path for verb, path, _, _ in self.requests if not method or verb == method]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {key.lower(): value for key, value in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", "0")))
        self.requests.append((handler.command, handler.path, headers, body))
        with contextlib.suppress(OSError):
            self._respond(handler, handler.path.partition("?")[0])

    def _respond(self, handler: BaseHTTPRequestHandler, path: str) -> None:  # noqa: PLR0912 - one branch a fault
        head = handler.command == "HEAD"
        status, extra, body = 200, {"set-cookie": "id=1; Path=/"}, self.pages.get(path, b"<p>Hola</p>")
        if path.startswith("/status/"):
            status = int(path.removeprefix("/status/"))
        elif path == "/no-head":
            status = 405 if head else 200
        elif path.startswith("/hop/"):
            left = int(path.removeprefix("/hop/"))
            status, extra["location"] = (302, f"/hop/{left - 1}") if left else (200, "")
        elif path == "/loop":
            status, extra["location"] = 301, "/loop"
        elif path == "/away":
            status, extra["location"] = 302, "https://intranet.empresa.example/"
        elif path == "/to-act":
            status, extra["location"] = 302, "/baja?c=1"
        elif path == "/cut":
            handler.wfile.write(b"HTTP/1.1 200")
            handler.close_connection = True
            return
        elif path == "/bomb":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"a" * 400_000 + b"\r\n\r\n")
            return
        elif path == "/silent":
            time.sleep(2)
            return
        handler.send_response(status)
        for key, value in extra.items():
            handler.send_header(key, value)
        endless = path in ("/endless", "/drip")
        handler.send_header("content-length", str(10**9 if endless else len(body)))
        handler.end_headers()
        if head:
            return
        if not endless:
            handler.wfile.write(body)
            return
        for _ in range(200):
            handler.wfile.write(b"x" if path == "/drip" else b"x" * 65_536)
            time.sleep(0.1 if path == "/drip" else 0)
