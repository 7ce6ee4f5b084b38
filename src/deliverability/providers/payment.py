"""Payment processors by domain: providers/payment.toml, read once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from deliverability.core.data import read_table


@dataclass(frozen=True, slots=True)
class PaymentProcessor:
    """One who takes payments for others."""

    id: str
    name: str
    #: ISO 3166 codes of where it is at home; empty: many countries.
    countries: tuple[str, ...]
    domains: tuple[str, ...]


@functools.cache
def payment_processors() -> tuple[PaymentProcessor, ...]:
    """Every processor of the table, in its order."""
    return tuple(
        PaymentProcessor(row["id"], row["name"], tuple(row.get("countries", ())), tuple(row["domains"]))
        for row in read_table("deliverability.providers", "payment.toml")["processor"]
    )


@functools.cache
def _by_domain() -> Mapping[str, PaymentProcessor]:
    return {domain: processor for processor in payment_processors() for domain in processor.domains}


def payment_processor(host: str) -> PaymentProcessor | None:
    """The processor whose domain the host is or lies below; None: it is none that is known."""
    table = _by_domain()
    labels = host.lower().rstrip(".").split(".")[-6:]
    for start in range(len(labels)):
        found = table.get(".".join(labels[start:]))
        if found is not None:
            return found
    return None
