"""DKIM (RFC 6376, RFC 8301, RFC 8463): key records, the selectors of a domain, and the signatures of a message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from deliverability.core.run import run
from deliverability.dkim.collect import keys_plan
from deliverability.dkim.facts import Selector
from deliverability.dkim.record import DkimKey, KeyProblem, KeyProblemKind, parse_key

if TYPE_CHECKING:
    from deliverability.core.plan import Source
    from deliverability.dkim.signature import DkimSignature, SignatureDefect, SignatureDefectKind, parse_signature
    from deliverability.dkim.verification import DkimReason, DkimResult, DkimVerification, Verifier, verify, verify_plan

#: What is about the signatures of messages is loaded when it is used: the audit of a domain has none.
_HOMES = {
    **dict.fromkeys(("DkimSignature", "SignatureDefect", "SignatureDefectKind", "parse_signature"), "signature"),
    **dict.fromkeys(
        ("DkimReason", "DkimResult", "DkimVerification", "Verifier", "verify", "verify_plan"), "verification"
    ),
}

__all__ = [
    "DkimKey",
    "DkimReason",
    "DkimResult",
    "DkimSignature",
    "DkimVerification",
    "KeyProblem",
    "KeyProblemKind",
    "Selector",
    "SignatureDefect",
    "SignatureDefectKind",
    "Verifier",
    "keys",
    "keys_plan",
    "parse_key",
    "parse_signature",
    "verify",
    "verify_plan",
]


def __getattr__(name: str) -> Any:
    """The names of `_HOMES`, from their modules."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def keys(domain: str, *, selectors: Iterable[str] = (), source: Source | None = None) -> tuple[Selector, ...]:
    """The DKIM selectors of a domain that have records, with their keys.

    Asks for the given selectors, or without any for every name that is known to be used, about 150: a selector that is
    not among them is not found, for DNS does not list them (RFC 6376 §3.1). Raises `InvalidDomainName`.
    """
    return run(keys_plan(domain, selectors), source)
