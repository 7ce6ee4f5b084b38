"""An SMTP server on loopback that takes every mail and delivers none: what your own software sends, to be audited.

Credentials are accepted unread, so that software which insists on logging in can be tested; they are not kept.
"""

from __future__ import annotations

import ssl
import threading
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from deliverability.core.errors import UnreadableFile
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import shown_path
from deliverability.core.questions import IPAddress
from deliverability.testing.mail import SentMail as SentMail  # noqa: PLC0414 - what the server gives

#: Seconds without a word after which a client is let go, and mails that wait to be taken.
IDLE_SECONDS = 60
MOST_WAITING = 1000


class _AnyPort(Controller):
    """aiosmtpd's controller, which for port 0 asks itself whether it is up at the port it was given."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class SmtpSink:
    """The server. Use as a context manager. `messages` are the mails that wait, in the order they came; `take` takes one."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, certificate: str | None = None, key: str | None = None
    ) -> None:
        self._mails: deque[SentMail] = deque()
        self._came = threading.Condition()
        #: The PEM file with its certificate, which a client has to trust; None without STARTTLS.
        self.certificate = certificate
        self.host = host
        self._controller = _AnyPort(
            _Handler(self._keep),
            hostname=host,
            port=port,
            data_size_limit=DEFAULT_LIMITS.message_octets,
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
            ident="deliverability",
            authenticator=_accept,
            auth_require_tls=False,
            tls_context=_tls(certificate, key) if certificate else None,
        )

    @property
    def port(self) -> int:
        """The port it listens on, also when 0 was asked for."""
        return int(self._controller.port)

    def start(self) -> None:
        """Listen. Raises `OSError` when the port is taken or not allowed."""
        self._controller.start()

    def stop(self) -> None:
        """Close the port; mails that came stay to be taken."""
        self._controller.stop(no_assert=True)

    @property
    def messages(self) -> tuple[SentMail, ...]:
        """The mails that came and were not taken."""
        with self._came:
            return tuple(self._mails)

    def wait_for(self, count: int = 1, timeout: float = 10) -> tuple[SentMail, ...]:
        """The mails, once there are `count`. Raises `TimeoutError` when they are not there within `timeout` seconds.

        It blocks: in async code that has not sent its mail yet, `await asyncio.to_thread(sink.wait_for, 1)`.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self._mails) >= count, timeout):
                raise TimeoutError(
                    f"{len(self._mails)} of {count} mails came within {timeout:g} s; "
                    f"does the program send to {self.host}, port {self.port}?"
                )
            return tuple(self._mails)

    def take(self, timeout: float | None = None) -> SentMail | None:
        """The next mail, which then no longer waits; None when none came within `timeout` seconds."""
        with self._came:
            return self._mails.popleft() if self._came.wait_for(self._mails.__len__, timeout) else None

    def _keep(self, mail: SentMail) -> bool:
        """Whether there was room for it."""
        with self._came:
            if len(self._mails) >= MOST_WAITING:
                return False
            self._mails.append(mail)
            self._came.notify_all()
            return True

    def __enter__(self) -> SmtpSink:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler:
    """What aiosmtpd calls."""

    def __init__(self, keep: Callable[[SentMail], bool]) -> None:
        self._keep = keep

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail; refuse when nobody takes what waits."""
        peer = session.peer[0] if session.peer else ""
        mail = SentMail(
            raw=bytes(envelope.original_content or b""),
            mail_from=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            client_ip=_address(peer),
            helo=session.host_name or "",
            tls=session.ssl is not None,
        )
        if not self._keep(mail):
            return "452 4.3.1 Too many mails wait to be audited"
        return "250 2.0.0 Taken for the audit; it is not delivered"


def _accept(*_: Any) -> AuthResult:
    """Every login is right: the password is not looked at and not kept."""
    return AuthResult(success=True)


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _tls(certificate: str, key: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(Path(certificate), Path(key) if key else None)
    except (OSError, ssl.SSLError) as error:
        raise UnreadableFile(
            f"{shown_path(certificate)} cannot be read: {error.strerror or 'no certificate and key'}"
        ) from None
    return context
