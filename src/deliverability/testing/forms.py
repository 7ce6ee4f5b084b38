"""What may be given to be audited: a domain, or a mail in any of the forms that tests have it in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deliverability import api
from deliverability.core.errors import UnreadableFile
from deliverability.core.names import shown_path
from deliverability.core.report import Report
from deliverability.testing.mail import SentMail


def audit(what: object, **options: Any) -> Report:
    """The report on a domain, or on a mail in any of the forms that `deliverability_audit` takes."""
    if isinstance(what, str) and "\n" not in what:
        return api.audit_domain(what, **options)
    if isinstance(what, SentMail):
        session = {"client_ip": what.client_ip, "mail_from": what.mail_from, "helo": what.helo}
        options = {**session, **options}
    if isinstance(what, Path):
        options.setdefault("name", what.name)
    return api.audit_message(_octets(what), **options)


def _octets(what: object) -> bytes:
    if isinstance(what, bytes | bytearray | memoryview):
        return bytes(what)
    if isinstance(what, str):
        return what.encode("utf-8", "surrogateescape")
    if isinstance(what, SentMail):
        return what.raw
    if isinstance(what, Path):
        try:
            return what.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{shown_path(what)} cannot be read: {error.strerror}") from None
    written = getattr(what, "as_bytes", None)  # email.message.Message, as smtplib sends it
    if written is None:
        raise TypeError(f"expected a domain or a mail, got {type(what).__name__}")
    return bytes(written(policy=what.policy.clone(linesep="\r\n")))  # type: ignore[attr-defined]
