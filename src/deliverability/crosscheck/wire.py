"""Questions and answers as lines of JSON, between an audit and the child process of the second opinions.

The child needs nothing but the standard library to read them, so that what it measures is the other tool.
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from deliverability.core.questions import Answer, Failed, Found, MxRecord, NoData, Record, SoaRecord

Json: TypeAlias = dict[str, Any]


def answer_to_json(answer: Answer) -> Json:
    """An answer as the child reads it. TXT strings are latin-1 text, an octet a character."""
    if isinstance(answer, Failed):
        return {"status": "failed", "kind": answer.kind.value}
    if isinstance(answer, Found):
        return {
            "status": "found",
            "records": [_record_to_json(record) for record in answer.records],
            "aliases": list(answer.aliases),
        }
    return {"status": "nodata" if isinstance(answer, NoData) else "noname", "aliases": list(answer.aliases)}


def _record_to_json(record: Record) -> Any:
    if isinstance(record, MxRecord):
        return [record.preference, record.exchange]
    if isinstance(record, SoaRecord):
        return [f"{record.mname}.", f"{record.rname}.", *record[2:]]
    if isinstance(record, tuple):
        return [part.decode("latin-1") if isinstance(part, bytes) else part for part in cast(tuple[Any, ...], record)]
    return str(record)
