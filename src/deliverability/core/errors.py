"""What this library raises. The world's trouble is data; only a caller's mistake is an exception.

    DeliverabilityError
    ├── InvalidDomainName     a domain argument that cannot be a DNS name
    ├── InvalidAddress        an IP address argument that is not one
    ├── UnreadableFile        a zone file, snapshot or configuration that cannot be read
    ├── InvalidConfiguration  a setting with a wrong name, type or value
    ├── UnknownRule           a rule code that does not exist
    └── MissingExtra          a feature whose optional dependency is not installed

Every message is one line and says what to do next.
"""

from __future__ import annotations


class DeliverabilityError(Exception):
    """Base of every exception that leaves the public API."""


class InvalidDomainName(DeliverabilityError, ValueError):  # noqa: N818 - the names read as the thing that is wrong
    """A domain argument that cannot be a DNS name (RFC 1035 §2.3.4, RFC 5890)."""


class InvalidAddress(DeliverabilityError, ValueError):  # noqa: N818
    """An argument that is not an IPv4 or IPv6 address."""


class UnreadableFile(DeliverabilityError):  # noqa: N818
    """A file that cannot be opened or understood; the message names the file and the line."""


class InvalidConfiguration(DeliverabilityError, ValueError):  # noqa: N818
    """A configuration key that does not exist or has a value of the wrong form."""


class UnknownRule(DeliverabilityError, KeyError):  # noqa: N818
    """A rule code that is not in the registry."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class MissingExtra(DeliverabilityError, ImportError):  # noqa: N818
    """A feature that needs an optional dependency; the message says which to install."""
