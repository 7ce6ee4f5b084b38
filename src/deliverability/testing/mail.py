"""A mail as it came over SMTP."""

from __future__ import annotations

from typing import NamedTuple

from deliverability.core.questions import IPAddress


class SentMail(NamedTuple):
    """One mail as it came over SMTP."""

    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]
    client_ip: IPAddress | None
    helo: str
    tls: bool
