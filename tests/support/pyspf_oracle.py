"""pyspf on answers that are already there: its one method that asks the DNS is replaced."""

from __future__ import annotations

import warnings
from typing import Any

from deliverability.core.names import query_name
from deliverability.core.plan import KnownSource
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import spf


def to_pyspf(record_type: str, answer: Answer) -> list[Any]:
    """The records of an answer as pyspf's DNS drivers give them."""
    if not isinstance(answer, Found):
        return []
    if record_type == "MX":
        return [(record.preference, str(record.exchange)) for record in answer.records]  # type: ignore[union-attr]
    if record_type in ("TXT", "SPF"):
        return [tuple(record) for record in answer.records]  # type: ignore[arg-type]
    return [str(record) for record in answer.records]


class Query(spf.query):  # type: ignore[misc]
    """A pyspf query that asks `source`."""

    def __init__(self, source: KnownSource, ip: str, mail_from: str, helo: str) -> None:
        self._source = source
        super().__init__(ip, mail_from, helo, strict=True, querytime=0)

    def dns(self, name: Any, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """As pyspf's own: invalid names give nothing, nothing counts as a void look-up, failures are TempError."""
        asked = query_name(str(name))
        if not asked or any(not 0 < len(label) < 64 for label in asked.split(".")):
            return []
        answer = self._source.answer(DnsQuestion(asked, qtype))  # type: ignore[arg-type]
        if isinstance(answer, Failed):
            raise spf.TempError(f"DNS {answer.kind}")
        records = to_pyspf(qtype, answer)
        if not records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return records


def check(source: KnownSource, ip: str, mail_from: str, helo: str) -> tuple[str, str]:
    """pyspf's result and what it says about it."""
    result, _, explanation = Query(source, ip, mail_from, helo).check()
    return str(result), str(explanation)
