"""For tests of software that sends mail: DNS written down, an SMTP server that delivers nothing, and a verdict to assert.

pytest loads `deliverability.testing.plugin` by itself, and with it the fixtures `dns_zone`, `deliverability_audit` and
`smtp_sink`. What is named here, but for `Auditor`, works without pytest too; each is loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deliverability.testing.auditing import Auditor
    from deliverability.testing.mail import SentMail
    from deliverability.testing.sink import SmtpSink
    from deliverability.testing.verdict import assert_deliverable
    from deliverability.testing.zones import DnsZone

_HOMES = {
    "Auditor": "deliverability.testing.auditing",
    "DnsZone": "deliverability.testing.zones",
    "SentMail": "deliverability.testing.mail",
    "SmtpSink": "deliverability.testing.sink",
    "assert_deliverable": "deliverability.testing.verdict",
}

__all__ = ["Auditor", "DnsZone", "SentMail", "SmtpSink", "assert_deliverable"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - pytest loads this package in every run of anybody

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
