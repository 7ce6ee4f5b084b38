"""What pyspf makes of a domain's SPF, asked inside the child process."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from deliverability.crosscheck.observe import Counted
from deliverability.crosscheck.wire import Json

if TYPE_CHECKING:
    from deliverability.crosscheck.child import Parent


def opinion(job: Json, parent: Parent) -> Json:
    """One result for each address of the job: the RFC's word, counts, and pyspf's own message."""
    import spf  # noqa: PLC0415 - the extra; only the child loads it

    def lookup(name: str, qtype: str, *_: Any) -> list[tuple[tuple[str, str], Any]]:
        answer = parent.ask(name, qtype)
        if answer["status"] == "failed":
            raise spf.TempError(f"DNS {answer['kind']}")
        return [((name, qtype), _value(qtype, record)) for record in answer.get("records", ())]

    spf.DNSLookup = lookup
    counted = Counted()
    count = spf.query.check_lookups

    def check_lookups(query: Any) -> None:
        counted.in_pyspf()
        count(query)

    spf.query.check_lookups = check_lookups
    return {"version": version("pyspf"), "results": {ip: _evaluate(spf, job, parent, ip, counted) for ip in job["ips"]}}


def _evaluate(spf: Any, job: Json, parent: Parent, ip: str, counted: Counted) -> Json:
    counted.events = []
    before = len(parent.unanswered)
    try:
        query = spf.query(i=ip, s=job["sender"], h=job["helo"] or job["domain"])
        result, _, problem = query.check()
    except Exception as error:  # noqa: BLE001 - another project's code on hostile input: its crash is its opinion
        return {"crash": f"{type(error).__name__}: {error}"[:500]}
    return {
        "result": result,
        "problem": str(problem) if result.endswith("error") else "",
        "lookups": query.lookups,
        "voids": query.void_lookups,
        "terms": counted.events,
        "unanswered": parent.unanswered[before:],
    }


def _value(qtype: str, record: Any) -> Any:
    if qtype in ("TXT", "SPF"):
        return tuple(part.encode("latin-1") for part in record)
    return tuple(record) if qtype == "MX" else record
