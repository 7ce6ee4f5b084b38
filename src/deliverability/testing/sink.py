"""An SMTP server on loopback that takes every mail and delivers none: what your own software sends, to be audited.

Credentials are accepted unread, so that software which insists on logging in can be tested; they are not kept.
"""

from __future__ import annotations

import queue
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from deliverability.core.errors import UnreadableFile
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import shown
from deliverability.core.questions import IPAddress

#: Seconds without a word after which a client is let go, and mails that wait to be taken.
IDLE_SECONDS = 60
MOST_WAITING = 1000


class SentMail(NamedTuple):
    """One mail as it came over SMTP."""

    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]
    client_ip: IPAddress | None
    helo: str
    tls: bool


class _AnyPort(Controller):
    """aiosmtpd's controller, which for port 0 asks itself whether it is up at the port it was given."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class SmtpSink:
    """The server. Use as a context manager; `take` gives the mails in the order they came."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, certificate: str | None = None, key: str | None = None
    ) -> None:
        self._mails: queue.Queue[SentMail] = queue.Queue(MOST_WAITING)
        self._controller = _AnyPort(
            _Handler(self._mails),
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

    def take(self, timeout: float | None = None) -> SentMail | None:
        """The next mail; None when none came within `timeout` seconds."""
        try:
            return self._mails.get(timeout=timeout)
        except queue.Empty:
            return None

    def __enter__(self) -> SmtpSink:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler:
    """What aiosmtpd calls."""

    def __init__(self, mails: queue.Queue[SentMail]) -> None:
        self._mails = mails

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
        try:
            self._mails.put_nowait(mail)
        except queue.Full:
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
            f"{shown(certificate, 200)} cannot be read: {error.strerror or 'no certificate and key'}"
        ) from None
    return context
