"""What checkdmarc makes of a domain's SPF and DMARC, asked inside the child process.

checkdmarc takes a resolver object but does not hand it to all of its own lookups, and keeps a cache that does not know
which resolver an answer came from. So the class itself is replaced, and the cache emptied.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from deliverability.crosscheck.observe import Counted
from deliverability.crosscheck.wire import Json

if TYPE_CHECKING:
    from deliverability.crosscheck.child import Parent


def opinion(job: Json, parent: Parent) -> Json:
    """Its verdicts on the SPF and DMARC records: valid or not, counts, policy, and its own messages."""
    resolver = resolver_class(parent.ask)
    import checkdmarc.dmarc  # noqa: PLC0415 - the extra; only the child loads it
    import checkdmarc.spf  # noqa: PLC0415
    import checkdmarc.utils  # noqa: PLC0415

    checkdmarc.utils.DNS_CACHE.clear()
    ask = {"resolver": resolver(), "timeout": 5.0, "retries": 0}
    counted = Counted()

    def spf() -> Json:
        with counted.of_checkdmarc():
            return _spf(checkdmarc.spf.check_spf(job["domain"], **ask))

    return {
        "version": version("checkdmarc"),
        "spf": {**_guarded(parent, spf), "terms": counted.events},
        "dmarc": _guarded(parent, lambda: _dmarc(checkdmarc.dmarc.check_dmarc(job["domain"], **ask))),
    }


def _guarded(parent: Parent, check: Any) -> Json:
    before = len(parent.unanswered)
    try:
        result: Json = check()
    except Exception as error:  # noqa: BLE001 - another project's code on hostile input: its crash is its opinion
        return {"crash": f"{type(error).__name__}: {error}"[:500]}
    return {**result, "unanswered": parent.unanswered[before:]}


def _spf(result: Json) -> Json:
    return {
        "valid": bool(result.get("valid")),
        "record": result.get("record"),
        "problem": str(result.get("error", ""))[:500],
        "lookups": result.get("dns_lookups"),
        "voids": result.get("void_dns_lookups"),
        "warnings": [str(warning)[:300] for warning in result.get("warnings", ())][:20],
    }


def _dmarc(result: Json) -> Json:
    tags = result.get("tags", {})
    return {
        "valid": bool(result.get("valid")),
        "record": result.get("record"),
        "location": result.get("location"),
        "problem": str(result.get("error", ""))[:500],
        "policy": tags.get("p", {}).get("value"),
        "subdomain_policy": tags.get("sp", {}).get("value"),
        "warnings": [str(warning)[:300] for warning in result.get("warnings", ())][:20],
    }


def _dnspython() -> Any:
    """dnspython with the modules used here; `Any`, since its exceptions are not typed."""
    for module in ("message", "name", "rcode", "rdataclass", "rdatatype", "resolver", "rrset"):
        importlib.import_module(f"dns.{module}")
    return importlib.import_module("dns")


def resolver_class(ask: Callable[[str, str], Json]) -> Any:
    """Put a class in the place of dnspython's `Resolver` whose every answer comes from `ask(name, type)`."""
    dns = _dnspython()
    base: Any = dns.resolver.Resolver

    class AnsweringResolver(base):  # type: ignore[misc]
        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__(configure=False)

        def resolve(self, qname: Any, rdtype: Any = "A", *_: Any, **__: Any) -> Any:
            name = dns.name.from_text(qname) if isinstance(qname, str) else qname
            record_type = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(rdtype))
            return _answer(dns, name, record_type, ask(str(name), record_type))

    dns.resolver.Resolver = AnsweringResolver
    dns.resolver.default_resolver = AnsweringResolver()
    return AnsweringResolver


def _answer(dns: Any, name: Any, record_type: str, answer: Json) -> Any:
    """The answer as dnspython would give it, its exceptions included."""
    query = dns.message.make_query(name, record_type)
    if answer["status"] == "failed":
        raise _failure(dns, answer["kind"], query)
    response = dns.message.make_response(query)
    response.index = None  # records are put into the section by hand
    owner = name
    for alias in answer.get("aliases", ()):
        response.answer.append(dns.rrset.from_text(owner, 3600, "IN", "CNAME", f"{alias}."))
        owner = dns.name.from_text(alias)
    records = [_presentation(record_type, record) for record in answer.get("records", ())]
    if records:
        response.answer.append(dns.rrset.from_text_list(owner, 3600, "IN", record_type, records))
    if answer["status"] == "noname":
        response.set_rcode(dns.rcode.NXDOMAIN)
        raise dns.resolver.NXDOMAIN(qnames=[name], responses={name: response})
    whole = dns.resolver.Answer(name, dns.rdatatype.from_text(record_type), dns.rdataclass.IN, response)
    if whole.rrset is None:
        raise dns.resolver.NoAnswer(response=response)
    return whole


def _failure(dns: Any, kind: str, query: Any) -> Exception:
    failure: Exception
    if kind == "timeout":
        failure = dns.resolver.LifetimeTimeout(timeout=5.0, errors=[])
    else:
        failure = dns.resolver.NoNameservers(request=query, errors=[])
    return failure


def _presentation(record_type: str, record: Any) -> str:
    if record_type in ("TXT", "SPF"):
        return " ".join(_quoted(part) for part in record)
    if record_type == "MX":
        return f"{record[0]} {record[1]}."
    if record_type in ("CNAME", "NS", "PTR"):
        return f"{record}."
    return " ".join(str(part) for part in record) if isinstance(record, list) else str(record)


def _quoted(text: str) -> str:
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\{ord(c):03d}" for c in text) + '"'
